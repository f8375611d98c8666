"""What a statement is bound to: how many it holds for, how sure or needed it is, on what condition,
and what it is set against. By these words alone a sentence can say another thing than its source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PERIOD = r"(?: \S+)? (?:minute|hour|day|night|morning|evening|week|month|year)s?\b"
KINDS = {
    "all": rf"all|(?:every|each)(?!{PERIOD})|everyone|everybody|always|entirely",
    "most": r"(?<!at )(?<!the )most|majority|usually|mostly|generally|typically|normally|largely",
    "many": r"many|often|frequently|commonly|lots of|a lot of|numerous",
    "some": r"some|sometimes|several|occasionally|certain|a few|a number of",
    "few": r"(?<!a )few|rarely|seldom|hardly|minority",
    "must": r"must|have to|has to|shall",
    "should": r"should|ought to",
    "may": r"may|might|can|could",
    "will": r"will",
    "free": r"need(?:s)? not|needn['’]t|do(?:es)?(?: not|n['’]t) (?:have|need) to",
}
QUANTITIES = {"all", "most", "many", "some", "few"}
BEARS = {"all": {"all"}, "most": {"all", "most"}, "many": {"all", "most", "many"}}
"""What a quantity follows from: many do, where most do."""
WEAK = {"some"}
"""What follows from any other quantity."""
QUALIFIER = re.compile("|".join(rf"(?P<{kind}>\b(?:{words})\b)" for kind, words in KINDS.items()))
BOUND = re.compile(
    r"(?:\s+(?:of|the|these|those|not|be|been|have|has|is|are|also|only|even|still|then|[a-z]+ly))*"
    r"\s+([a-z]{2,})"
)
"""The word that a qualifier is said of."""
CONDITION = re.compile(
    r"\bonly (?:if|when|where|after|with|under|on|once)\b|\bunless\b|\bexcept\b|\bprovided\b"
    r"|\bas long as\b|\bexcluding\b"
)
AGAINST = re.compile(
    r"\b(?:unlike|rather than|instead of|in contrast (?:to|with)|compared (?:to|with)|than)\b"
    r"(?!\s*\d)"
    r"(?P<what>[^,;:.()–—]*)"
)
TOKEN = re.compile(r"[^\W\d_]{3,}|\d+")


@dataclass(frozen=True, slots=True)
class Qualified:
    """The qualifiers of a text."""

    quantities: frozenset[str]
    bound: frozenset[tuple[str, str]]
    """(word, kind of the qualifier that it is bound to)."""
    conditional: bool
    against: frozenset[str]
    """Words that stand only in what something is set against."""
    rest: frozenset[str]

    def follows(self, source: Qualified) -> bool:
        """Whether a source's qualifiers bear these out."""
        if self.conditional != source.conditional:
            return False
        if not all(BEARS.get(kind, {kind}) & source.quantities for kind in self.quantities - WEAK):
            return False
        if self.against & source.rest or source.against & self.rest:
            return False
        return all(_fits(word, self.bound, source.bound) for word, _ in self.bound)


def _fits(word: str, ours: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]]) -> bool:
    """Whether a word is bound to the same in a source, where it is bound there at all."""
    for kinds in (QUANTITIES, KINDS.keys() - QUANTITIES):
        here = {kind for each, kind in ours if each == word} & kinds
        there = {kind for each, kind in theirs if each == word} & kinds
        if here and there and not all(BEARS.get(kind, {kind}) & there for kind in here - WEAK):
            return False
    return True


def qualified(text: str) -> Qualified:
    """The qualifiers of a text."""
    text = text.lower()
    quantities: set[str] = set()
    bound: set[tuple[str, str]] = set()
    for found in QUALIFIER.finditer(text):
        kind = found.lastgroup or ""
        if kind in QUANTITIES:
            quantities.add(kind)
        if word := BOUND.match(text, found.end()):
            bound.add((word[1], kind))
    against = [found.span("what") for found in AGAINST.finditer(text)]
    there = {t for start, end in against for t in TOKEN.findall(text, start, end)}
    here: set[str] = set()
    for found in TOKEN.finditer(text):
        if not any(start <= found.start() < end for start, end in against):
            here.add(found[0])
    return Qualified(
        frozenset(quantities), frozenset(bound), bool(CONDITION.search(text)),
        frozenset(there - here), frozenset(here - there),
    )  # fmt: skip
