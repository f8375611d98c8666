"""Words that mean the same: what a claim in a summary and an entry of a record are compared by.

The tables are assets/lexicon/*.tsv, one concept a line, several values in a cell parted by `|`;
its README.md says what each column holds. Two rules hold for every name in them:

- a name in lower case matches whatever the case of the text; one with a capital only as it stands
  ("RA" is rheumatoid arthritis, "ra" is nothing);
- the longest name wins, over all kinds: "stress test" is no stress, "head lice" no head.

Regular plurals in -s are not in the tables, others are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

TABLES = {
    "drug": "drugs.tsv",
    "drug class": "drug_classes.tsv",
    "combination": "combinations.tsv",
    "condition": "conditions.tsv",
    "vaccine": "vaccines.tsv",
    "allergen": "allergens.tsv",
    "reaction": "reactions.tsv",
    "lab": "labs.tsv",
    "procedure": "procedures.tsv",
    "care plan": "care_plans.tsv",
}
"""Kinds of concepts and their tables."""

PHRASES = {
    "negation": "negation.tsv",
    "reassurance": "reassurance.tsv",
    "frequency": "frequencies.tsv",
    "laterality": "laterality.tsv",
    "status": "status.tsv",
}
"""Kinds of phrases and their tables."""

FOLDER = Path(__file__).parents[1] / "assets" / "lexicon"

CODES = ("snomed", "loinc", "cvx", "codes")
BROADER = ("broader", "generics")
TAGS = ("class", "panel", "kind", "against", "tags")
"""Which columns become which field of a concept."""

CLASS = "class:"
"""Before a member of an allergen that is not one substance but all drugs of a class."""


@dataclass(frozen=True, slots=True)
class Concept:
    """Something a record and a summary can both speak of."""

    name: str
    kind: str
    names: tuple[str, ...]
    """Every name that means just this, its own first."""
    codes: tuple[str, ...]
    """SNOMED CT, LOINC, CVX or RxNorm, as the kind has it; empty where none is sure."""
    broader: tuple[str, ...]
    """Names of all concepts of its kind that this one implies, the nearest first; of a
    combination, the drugs in it; of an allergen, the classes that it belongs to."""
    tags: tuple[str, ...]
    """Classes of a drug (with the classes above them), panels of a lab, what a vaccine protects
    from, the kind of an allergen; "social" on findings that are no disease."""
    forms: tuple[str, ...] = ()
    """Words that stand for it only in their place: "diabetic", "flu" of a vaccine."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words with a fixed sense: `twice daily` is `2/d`."""

    words: str
    sense: str


Row = Mapping[str, tuple[str, ...]]


@cache
def concepts(kind: str) -> tuple[Concept, ...]:
    """All concepts of a kind (a key of TABLES), by name."""
    rows = list(_rows(TABLES[kind]))
    if kind == "allergen":
        return _allergens(rows)
    above = _closure({row["name"][0]: _cells(row, BROADER) for row in rows})
    return tuple(
        Concept(
            name=row["name"][0],
            kind=kind,
            names=row["name"] + row["others"],
            codes=_cells(row, CODES),
            broader=above[row["name"][0]],
            tags=_classes(row) if "class" in row else _cells(row, TAGS),
            forms=row.get("forms", ()),
        )
        for row in rows
    )


@cache
def by_name(kind: str) -> Mapping[str, Concept]:
    """Concepts of a kind by each of their names, as the table writes them; without forms."""
    return MappingProxyType({name: each for each in concepts(kind) for name in each.names})


@cache
def by_code(kind: str) -> Mapping[str, Concept]:
    """Concepts of a kind by each of their codes."""
    return MappingProxyType({code: each for each in concepts(kind) for code in each.codes})


@cache
def phrases(kind: str) -> tuple[Phrase, ...]:
    """All phrases of a kind (a key of PHRASES), the longest first, so that the first match counts.

    Senses: of a negation `pre` (it comes before what it denies), `post`, `pseudo` (it denies
    nothing that follows) and `terminator` (what it denies ends here); of a reassurance what it is
    said of (lab, vital, condition, medicine, allergy, vaccine, exam, survey, any); of a frequency
    the canonical one (`2/d`, `1/wk`, `as needed`); of laterality the side; of a status active,
    resolved, stopped, started, suspected, planned or family (said of a relative).
    """
    found: list[Phrase] = []
    for row in _rows(PHRASES[kind]):
        if "phrase" in row:
            sense = _cells(row, ("kind", "scope"))[0]
            found.append(Phrase(row["phrase"][0], sense))
        else:
            found += [Phrase(words, row["name"][0]) for words in row["forms"]]
    return tuple(sorted(found, key=lambda each: (-len(each.words), each.words, each.sense)))


def _rows(file: str) -> Iterator[Row]:
    """The lines of a table by their column; an empty cell is an empty tuple."""
    head, *lines = (FOLDER / file).read_text("utf-8").splitlines()
    columns = head.split("\t")
    for line in lines:
        cells = (tuple(cell.split("|")) if cell else () for cell in line.split("\t"))
        yield dict(zip(columns, cells, strict=True))


def _cells(row: Row, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The first of these columns that the table has."""
    return next((row[column] for column in columns if column in row), ())


def _closure(direct: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """For each name all that it implies, the nearest first."""

    def above(name: str) -> tuple[str, ...]:
        if not direct[name]:
            return ()
        found = dict.fromkeys(direct[name])
        for step in list(found):
            found |= dict.fromkeys(above(step) if step in direct else ())
        return tuple(found)

    return {name: above(name) for name in direct}


def _classes(row: Row) -> tuple[str, ...]:
    """The classes of a drug, and those above them."""
    wider = by_name("drug class")
    found = dict.fromkeys(row["class"])
    for name in row["class"]:
        found |= dict.fromkeys(wider[name].broader)
    return tuple(found)


def _allergens(rows: list[Row]) -> tuple[Concept, ...]:
    """The allergens of the table, and the drugs that its classes name as members.

    A drug has the names that it has among the drugs.
    """
    drugs = {**by_name("combination"), **by_name("drug")}
    direct: dict[str, tuple[str, ...]] = {row["name"][0]: () for row in rows}
    for row in rows:
        for member in row["members"]:
            for name in _members(member):
                direct[name] = (*direct.get(name, ()), row["name"][0])
    table = {row["name"][0]: row for row in rows}
    above = _closure(direct)
    found: list[Concept] = []
    for name in sorted(direct):
        row = table.get(name, {})
        names = row.get("name", (name,)) + row.get("others", ())
        if name in drugs:
            names = tuple(dict.fromkeys(names + drugs[name].names))
        codes, tags = row.get("codes", ()), row.get("kind", ("drug",))
        forms = row.get("forms", ())
        found.append(Concept(name, "allergen", names, codes, above[name], tags, forms))
    return tuple(found)


def _members(member: str) -> list[str]:
    """One substance, or the drugs and combinations of a class."""
    if not member.startswith(CLASS):
        return [member]
    name = member.removeprefix(CLASS)
    drugs = (*concepts("drug"), *concepts("combination"))
    return [drug.name for drug in drugs if name in drug.tags]
