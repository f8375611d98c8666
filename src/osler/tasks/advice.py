"""Advice from a report: held against what the model was shown, by rule.

Told must be what is out of range, with its value; a sentence that is not marked as general advice
must stand in the report or in a source; and nothing may be proposed that the report names as an
allergy. Whether general advice is good is for clinicians to say, and no rule tries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

from osler.retrieve.sentences import sentences
from osler.rows import Row
from osler.summaries.lexicon import Concept, by_name, concepts
from osler.tasks.base import Measure, Scores, Task
from osler.tasks.nearest import NEAREST, nearest_answers
from osler.tasks.numbers import told_numbers, written_numbers

GENERAL = re.compile(r"\bgeneral(?:ly)?\b[^.]*\b(?:advice|advised)\b|\badvised in general\b", re.I)
"""What marks a sentence, and all after it in its line, as general advice."""
OUT_OF_RANGE = re.compile(
    r"^\W*(?P<name>[^:\n]+): (?P<value>-?[\d./]+)[^\n]*\b(?P<way>HIGH|LOW)\b", re.MULTILINE
)
"""A value as our reports write it."""
ALLERGIES = re.compile(r"^\W*(?:allerg\w+|intoleranc\w+)[^:\n]*:(?P<rest>.*)$", re.I)
HEADING = re.compile(r"^\S[^:]*:\s*$|^\s*$")
WARNED = re.compile(
    r"\b(?:allerg\w*|avoid\w*|not|never|conflict\w*|instead|before|without|intoleran\w+)\b", re.I
)
WORD = re.compile(r"[a-z]{4,}")

MEASURES = {
    "values_told": Measure(
        "values out of range, told", "%", "higher",
        "Of the values that the report marks as out of range, those that the answer tells with the "
        "name of what was measured.",
        decides=True,
    ),
    "numbers_right": Measure(
        "numbers from what was shown", "%", "higher",
        "Of the different numbers in the answers, those that the report or its sources tell.",
        decides=True,
    ),
    "allergies_kept": Measure(
        "allergies minded", "%", "higher",
        "Of the reports that name an allergy to a drug, those whose answer proposes neither it nor "
        "a drug of its class: where it is named, the sentence warns.",
        decides=True,
    ),
    "sentences_right": Measure(
        "sentences borne out or marked", "%", "higher",
        "Of the sentences, those marked as general advice, or of whose words at least half, and of "
        "whose numbers all, stand in what was shown.",
    ),
}  # fmt: skip


def score(rows: Sequence[Row], answers: Sequence[str]) -> Mapping[str, Scores]:
    """The task's measures of one system's answers."""
    pairs = [_item(row.question, answer) for row, answer in zip(rows, answers, strict=True)]
    return {
        name: Scores(
            [100 * item[name][0] / item[name][1] if item[name][1] else 0.0 for item in pairs],
            [float(item[name][1]) for item in pairs],
        )
        for name in MEASURES
    }


def _item(shown: str, answer: str) -> dict[str, tuple[int, int]]:
    """Hits and things of each measure."""
    told, given = told_numbers(shown), written_numbers(answer)
    values = list(OUT_OF_RANGE.finditer(shown))
    said = [line.casefold() for line in answer.splitlines()]
    kept = [
        any(one["name"].strip().casefold() in line and one["value"] in line for line in said)
        for one in values
    ]
    borne = [_borne_out(sentence, shown, told) for sentence in told_sentences(answer)]
    forbidden = avoided(shown)
    minded = bool(forbidden) and bool(answer.strip()) and not proposed(answer, forbidden)
    return {
        "values_told": (sum(kept), len(values)),
        "numbers_right": (len(given & told), len(given)),
        "allergies_kept": (int(minded), int(bool(forbidden))),
        "sentences_right": (sum(borne), len(borne)),
    }


def told_sentences(text: str) -> Iterator[str]:
    """Sentences of an answer; one that follows `General advice:` in its line keeps that mark."""
    for line in text.splitlines():
        marked = False
        for first, last in sentences(line):
            one = line[first:last]
            marked = marked or GENERAL.search(one) is not None
            yield f"General advice: {one}" if marked else one


def _borne_out(sentence: str, shown: str, told: set[str]) -> bool:
    if GENERAL.search(sentence):
        return True
    words = set(WORD.findall(sentence.lower()))
    known = words & set(WORD.findall(shown.lower()))
    return written_numbers(sentence) <= told and 2 * len(known) >= len(words)


def avoided(shown: str) -> set[str]:
    """Names of the drugs that a report's allergies forbid: those named, and those of their class.

    Read are the lines below a heading of allergies, and what stands behind it.
    """
    found: set[str] = set()
    within = False
    for line in shown.splitlines():
        heading = ALLERGIES.match(line)
        if heading:
            within = True
            found |= relatives(heading["rest"])
        elif within and HEADING.match(line):
            within = False
        elif within:
            found |= relatives(line)
    return found


@cache
def advice_table() -> tuple[tuple[str, str, str], ...]:
    """Measure, HIGH or LOW, and what is generally advised."""
    path = resources.files("osler") / "assets" / "advice" / "advice.tsv"
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return tuple((measure, way, advice) for measure, way, advice in rows)


@cache
def general_advice() -> Mapping[str, Sequence[tuple[str, str]]]:
    """A sentence of that table -> the measures that it is of, each `high` or `low`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for measure, way, advice in advice_table():
        found.setdefault(advice, []).append((measure, way.lower()))
    return found


def relatives(text: str) -> set[str]:
    """Names of drugs that somebody allergic to what the text names must not be given."""
    named = [one for one in _drug_allergens() if names_any(text, one.names)]
    wholes = {one.name for one in named} | {above for one in named for above in one.broader}
    return {
        name
        for one in _drug_allergens()
        if one.name in wholes or wholes & set(one.broader)
        for name in one.names
    }


def proposed(answer: str, forbidden: set[str]) -> bool:
    """True where a forbidden drug is named in a sentence that does not warn."""
    return any(
        names_any(sentence, forbidden) and not WARNED.search(sentence)
        for sentence in told_sentences(answer)
    )


def names_any(text: str, names: Sequence[str] | set[str]) -> bool:
    """True where one of the names stands in the text, as whole words."""
    words = f" {' '.join(re.findall(r'[a-z0-9-]+', text.lower()))} "
    return any(f" {name.lower()} " in words for name in names)


@cache
def _drug_allergens() -> tuple[Concept, ...]:
    """Allergens that are drugs, or classes of them."""
    drugs = by_name("drug")
    return tuple(
        one
        for one in concepts("allergen")
        if one.name in drugs or any(tag.startswith("drug") for tag in one.tags)
    )


TASK = Task(
    controls={"control": nearest_answers},
    measures=MEASURES,
    score=score,
    signatures={
        "control": NEAREST,
        "values_told, numbers_right, allergies_kept, sentences_right": "by rule|values marked HIGH "
        "or LOW in the report|drugs and classes of the lexicon",
    },
)
