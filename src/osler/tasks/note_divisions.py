"""The four divisions of a visit note, found by its headings as the evaluation of ACI-Bench does.

Yim et al., ACI-BENCH, Scientific Data 10, 586 (2023): notes are scored as a whole and by division.
The rule is that of `sectiontagger.py` in github.com/wyim/aci-bench, so that figures compare with
the published ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Headings:
    """Names of headings, in any case: `marked` ones are followed by a colon or stand alone on
    their line, `leading` ones need only begin it."""

    marked: tuple[str, ...]
    leading: tuple[str, ...] = ()


HEADINGS = {
    "subjective": Headings(
        ("cc", "chief complaint", "reason for visit", "history", "history of present illness",
         "hpi", "hpi notes", "interval history", "interval hx", "subjective", "ros",
         "review of system", "review of systems"),
        ("chief complaint", "history of present illness", "hpi", "social history", "past history"),
    ),
    "objective_exam": Headings(
        ("physical exam", "physical examination", "pe", "physical findings", "examination", "exam"),
        ("physical exam", "vitals reviewed"),
    ),
    "objective_results": Headings(("results", "findings"), ("results",)),
    "assessment_and_plan": Headings(
        ("assessment", "a", "plan", "plan of care", "p", "medical decision-making plan", "ap",
         "a / p", "assessment and plan", "assessment & plan", "disposition / plan"),
        ("summary plan", "assessment and plan"),
    ),
}  # fmt: skip
"""Division -> its headings, in the order in which they are tried."""

IMPRESSION = re.compile(r"\s*IMPRESSION")
"""Opens the assessment, in capitals only: in results the word stands for what an image shows."""


_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def _pattern(headings: Headings) -> re.Pattern[str]:
    marked, leading = (
        "|".join(re.escape(name).replace(r"\ ", r"\s*") for name in names) or "(?!)"
        for names in (headings.marked, headings.leading)
    )
    return re.compile(rf"\s*(?:(?:{marked})\s*(?::|$)|(?:{leading}))", re.IGNORECASE)


_PATTERNS = {division: _pattern(headings) for division, headings in HEADINGS.items()}


def division_of(line: str) -> str | None:
    """The division that a line opens, or None where it is no heading."""
    for division, pattern in _PATTERNS.items():
        if pattern.match(line):
            return division
    return "assessment_and_plan" if IMPRESSION.match(line) else None


def divide(note: str) -> dict[str, str]:
    """Division -> its text with its headings, for the divisions that are there.

    A division runs from its first heading to the first heading of another one, so that together
    they are the note. What stands before any heading is subjective.
    """
    lines = _LINE.findall(note) or [""]
    starts: dict[str, int] = {}
    for number, line in enumerate(lines):
        division = division_of(line) or (None if number else "subjective")
        if division is not None:
            starts.setdefault(division, number)
    ends = [*sorted(starts.values())[1:], len(lines)]
    opened = sorted(starts, key=lambda division: starts[division])
    return {
        division: "".join(lines[starts[division] : end])
        for division, end in zip(opened, ends, strict=True)
    }
