"""Drugs and allergens that a text names, each with its place and the classes that it is of."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources

from osler.serve.assistant.cite import rarity
from osler.summaries.audit import lookup
from osler.summaries.audit.words import norms, tokens

UNKNOWN = "?:"
"""Before a name that is none of the lexicon."""
KINDS = ("allergen", "drug", "combination", "drug class")
NEAR = 160
"""Characters before a substance that are looked at."""
GLUE = re.compile(
    r"(?i)(?:\s*[,/&]\s*(?:and|or|nor)?|\s+(?:and|or|nor))(?:\s+(?:to|the|any|other))*\s*"
)
CONTRAST = "contrast media"
WITH_CONTRAST = re.compile(
    r"(?i)\b(?:CT|computed tomography)\b(?:(?!\bMR|without|unenhanced)[^.;]){0,40}?"
    r"\b(?:with (?:IV |intravenous |oral )?contrast|(?:post[- ])?contrast[- ]?(?:enhanced)?|"
    r"angiogra\w+|pulmonary angiogra\w+)\b(?! is not| was not)"
    r"|(?<!non-)(?<!non )\bcontrast(?:[- ]enhanced)? CT\b|\bCT(?:PA|A|CA)\b"
    r"|\b(?:coronary|cardiac|cerebral|femoral|renal) angiogra\w+"
    r"|\b(?:intravenous|IV) (?:pyelo|uro)gra\w+"
)
"""Procedures with which iodinated contrast is given."""
REACTIONS = {
    "angioedema": re.compile(
        r"(?i)\bangio-?\s?o?edema|\b(?:swell\w*|swollen)\b|\bo?edema of the (?:face|tongue|lips)"
    ),
    "malignant hyperthermia": re.compile(r"(?i)\bmalignant hyper(?:thermia|pyrexia)\b|\bMH\b"),
}
"""How the reactions are written after which substances cross."""
PARTS = re.compile(r"(?i)[,;/&+]|\band\b|\bor\b")
ENDS = re.compile(r"(?i)\s[-–—→]+\s?|[:→]|\b(?:caus|gave|giv|reaction|lead|led|with|since|in)\w*\b")
"""What parts names, and what stands behind one."""
RARE, LONGEST = 5.0, 3
"""How rare the first word is that names something, and how many words do."""
DOSE = re.compile(r"\s*\d")


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters [start, end) that name something, and what they may stand for."""

    start: int
    end: int
    keys: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """What it is, with the classes that it is of."""
        known = [key for key in self.keys if not key.startswith(UNKNOWN)]
        wider = {_plain(wider) for key in known for wider in lookup.implied(key)}
        return frozenset(wider | {key.removeprefix(UNKNOWN) for key in self.keys})


def mentions(text: str, also: Collection[str] = ()) -> list[Mention]:
    """Every place at which a substance, or one of the names `also`, is named; of names within one
    another the longest."""
    words = tokens(text)
    found: dict[tuple[int, int], set[str]] = {}
    for a in range(len(words)) if also else ():
        for b in range(a + 1, min(a + LONGEST, len(words)) + 1):
            name = " ".join(word.norm for word in words[a:b])
            if name in also:
                found[words[a].start, words[b - 1].end] = {f"{UNKNOWN}{name}"}
    for procedure in WITH_CONTRAST.finditer(text) if CONTRAST in also else ():
        found[procedure.span()] = {f"{UNKNOWN}{CONTRAST}"}
    for kind in KINDS:
        for a, b, keys in lookup.names_as(kind).found(words, text):
            found.setdefault((words[a].start, words[b - 1].end), set()).update(keys)
    widest = sorted(found, key=lambda span: (span[0], -span[1]))
    told: list[Mention] = []
    for start, end in widest:
        if not told or start >= told[-1].end:
            told.append(Mention(start, end, frozenset(found[start, end])))
    return told


def before(text: str, one: Mention) -> str:
    """What stands before a substance and may say something of it."""
    return text[max(0, one.start - NEAR) : one.start]


def listed(text: str, one: Mention, other: Mention) -> bool:
    """Whether a substance goes on in a list with another, of which all is said that is said of the
    first; one with a dose is said for itself."""
    return bool(GLUE.fullmatch(text, one.end, other.start)) and not DOSE.match(text, other.end)


def named(text: str) -> frozenset[str]:
    """The drugs, allergens and classes that a text names, with the classes that these are of."""
    return frozenset(_plain(wider) for key in _keys(text) for wider in lookup.implied(key))


def reacted_to(text: str, said: str = "") -> frozenset[str]:
    """What somebody must not get who reacts to what a text names: that, and others of its group of
    allergens (a penicillin for a penicillin), but not all antibiotics. A name that nobody here
    knows is itself. `said`: where it is told how somebody reacts, if not there."""
    found: set[str] = set()
    for key in _keys(text):
        found |= {_plain(key)}
        found |= {_plain(one) for one in lookup.implied(key) if one.startswith("allergen:")}
    found |= _crossing(text, said or text, "conflict")
    cell = re.sub(r"\([^)]*\)?", " ", text.partition(" | ")[0])
    return frozenset(found | {name for one in PARTS.split(cell) if (name := _unknown(one))})


def near_to(text: str, said: str = "") -> frozenset[str]:
    """What may do the same to whom reacts to what a text names, and is given with care."""
    return frozenset(_crossing(text, said or text, "beside")) - reacted_to(text, said)


def _crossing(text: str, said: str, how: str) -> set[str]:
    names = named(text) | {" ".join(norms(text))}
    return {
        meets
        for row in _cross_reactions()
        if row["how"] == how
        and names & set(row["reacts_to"].split("|"))
        and (not row["after"] or REACTIONS[row["after"]].search(said))
        for meets in row["meets"].split("|")
    }


@cache
def _cross_reactions() -> list[dict[str, str]]:
    path = resources.files("osler") / "assets" / "advice" / "cross_reactions.tsv"
    return list(csv.DictReader(path.read_text("utf-8").splitlines(), delimiter="\t"))


def _unknown(text: str) -> str:
    """A short name that is none of the lexicon and no plain English."""
    words = norms(ENDS.split(text)[0])
    known = not words or lookup.names().whole(words) or _keys(text)
    rare = words and rarity(words[0]) >= RARE
    return "" if known or not rare or len(words) > LONGEST else " ".join(words)


def _keys(text: str) -> set[str]:
    words = tokens(text)
    return {
        key
        for kind in KINDS
        for _, _, keys in lookup.names_as(kind).found(words, text)
        for key in keys
    }


def _plain(key: str) -> str:
    """Classes are `penicillin` among the drugs and `penicillins` among the allergens."""
    return " ".join(norms(key.partition(":")[2]))
