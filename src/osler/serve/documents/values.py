"""The values of a document, and which of them are out of range. By rule.

A value is out of range by the flag or the range that stands beside it; without either, by the
shipped ranges for adults (`osler.records.ranges`; the widest of both sexes), where analyte and unit
are known. Where nothing is known of a value, nothing is said of it (`limits.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from osler.documents.document import Document
from osler.serve.documents.ages import is_adult
from osler.serve.documents.cells import FLUID, Around, cells_of
from osler.serve.documents.known import labs
from osler.serve.documents.limits import NUMBER, readings, style_of
from osler.serve.documents.lines import Finding, continued, finding_at, lines, size, squeezed
from osler.serve.documents.measured import DATE, EARLIER, every, headings, measured, row
from osler.serve.documents.pregnancy import is_pregnant
from osler.summaries.audit import lookup
from osler.summaries.audit.words import norms, tokens

BREAKS = re.compile(r"(?i)[a-z] (?:of|is|was|were|at|to|now)$")
"""How a line ends whose value stands in the next."""
TITLE = 60
"""Characters of a line that may be a heading."""
LABELLED = re.compile(r"[A-Z][^.:;]{0,30}:[^.;]{0,40}|[A-Z][^.:;,]{0,30}")
"""`Patient: Ann Lee`, or a heading."""
ROW = 10
"""Words of a row without cells at most."""
WAYS = {
    "high": re.compile(r"(?i)\b(?:high|raised|elevated|increased|above)\b(?!-| in\b)"),
    "low": re.compile(r"(?i)\b(?:low|lowered|reduced|decreased|below)\b(?!-| in\b)"),
    "normal": re.compile(
        r"(?i)(?<!not )\b(?:normal|unremarkable|(?:with)?in (?:its |the |their )?"
        r"(?:normal |reference )?(?:range|limits))\b"
    ),
}
"""How sentences say where a value lies."""
SIDES = {"high": {"high"}, "low": {"low"}, "abnormal": {"high", "low"}, "": {"normal"}}
"""What may be said of a value by its side."""
ALL_WELL = re.compile(
    r"(?i)\b(?:all|every|everything|no)\b(?![^.]{0,300}\b(?:other|rest|except|but|apart)\b)[^.]{0,300}"
    r"(?:\bnormal\b|\bwithin\b|\bunremarkable\b|\bout of (?:its |their )?range\b|\babnormal\w*)"
)
OF_VALUES = re.compile(r"(?i)\b(?:values?|results?|tests?|labs?|bloods?|levels?|measurements?)\b")
"""Of these all is well only where each is known to be."""


def values(document: Document) -> list[Finding]:
    """Every value that is known as one, in order."""
    found: list[Finding] = []
    said = document.text
    around = Around(style_of(said), adult=is_adult(said), pregnant=is_pregnant(said))
    for line, start in continued(document, lines(document), BREAKS):
        text, at = squeezed(line)
        cells = cells_of(text)
        around = replace(around, heads=headings(cells, around.heads))
        read = measured(text, around)
        if not read and not cells and len(text) <= TITLE:
            around = replace(around, fluid=bool(FLUID.search(text)))
        done = 0
        for v in read:
            first, last = at[v.start], at[v.end - 1] + 1
            start, done = start + size(line[done:first]), first
            one = finding_at(document, line[first:last], start, v.name)
            found.append(
                replace(
                    one,
                    side=v.side,
                    told=v.told,
                    judged=v.judged,
                    critical=v.critical,
                    doubt=v.doubt,
                    fluid=around.fluid or bool(FLUID.search(v.name)),
                )
            )
    return _of_now(found)


def _of_now(found: Sequence[Finding]) -> list[Finding]:
    """A value that is told as an earlier one (`6.9 on admission`) is not critical where another of
    its test is not; in rows that begin with dates those of the latest are."""
    latest: dict[tuple[str, ...], str] = {}
    for one in found:
        if day := DATE.match(one.text):
            latest[_test(one)] = max(day[0], latest.get(_test(one), ""))
    milder = {_test(one) for one in found if one.judged and not one.critical}
    return [
        replace(one, critical=False)
        if one.critical and _test(one) in milder
        and (EARLIER.search(one.text) or (
            (day := DATE.match(one.text)) and day[0] < latest[_test(one)]
        )) else one
        for one in found
    ]  # fmt: skip


def _test(one: Finding) -> tuple[str, ...]:
    return tuple(labs(one.name)) or (one.name,)


def only_values(document: Document) -> bool:
    """Whether each line but the first is a row, a heading or a label with what it labels."""
    rest = list(lines(document))[1:]
    return all(is_row(text) or LABELLED.fullmatch(text) for text, _ in rest)


def is_row(line: str) -> bool:
    """Whether a line is a row of a table, or tells of one value and is no sentence."""
    return " | " in line or (
        not line.endswith(".") and len(line.split()) <= ROW and bool(row(squeezed(line)[0]))
    )


def about(text: str, found: Iterable[Finding]) -> list[Finding]:
    """The values whose test a text names."""
    words = tokens(text)
    keys = {key for *_, keys in lookup.names_as("lab").found(words, text) for key in keys}
    said = f" {' '.join(norms(text))} "
    found = list(found)
    named = {
        name for name in {one.name for one in found}
        if keys & set(labs(name)) or f" {' '.join(norms(name))} " in said
    }  # fmt: skip
    return [one for one in found if one.name in named]


def at_odds(sentence: str, found: Sequence[Finding]) -> bool:
    """Whether a sentence says of a value what the document does not: another side of its range,
    another number or range, or that all is well where something is out of range or unknown."""
    if ALL_WELL.search(sentence) and any(
        one.side or (not one.judged and OF_VALUES.search(sentence)) for one in found
    ):
        return True
    named = about(sentence, found)
    ways = {side for side, pattern in WAYS.items() if pattern.search(sentence)}
    sides: dict[str, set[str]] = {}
    for one in named:
        sides.setdefault(one.name, set()).update(SIDES[one.side] if one.judged else ())
    if ways and any(not ways & those for those in sides.values()):
        return True
    return any(
        same and not any(_numbers(told.told) <= _numbers(f"{one.text} {one.told}") for one in same)
        for told in every(sentence)
        if (same := about(told.name, named))
    )


def _numbers(text: str) -> set[float]:
    return {number for one in re.findall(NUMBER, text) for number in readings(one).values()}
