"""General advice for the values out of range: each gets a line, a model's or that of Osler's table.

What has no line in the table is named, so that nobody takes silence for an all-clear. By rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.documents.document import Document
from osler.serve.documents.cells import FLUID
from osler.serve.documents.conflicts import proposes
from osler.serve.documents.critical import on_list
from osler.serve.documents.known import labs
from osler.serve.documents.lines import Finding
from osler.serve.documents.signs import NUMBER, is_sign, whose
from osler.serve.documents.values import about
from osler.summaries.audit.words import norms
from osler.tasks.advice import advice_table

NONE_AT_HAND = "No advice is at hand for: {names}; ask the team that treats you."
TO_JUDGE = (
    "No advice in general is given here for: {names}. The team that treats you has to judge it, "
    "with all else that it knows."
)
_FLUID = rf"(?P<fluid>{FLUID.pattern.removeprefix('(?i)')}|lumbar puncture|fluid)"
LEADS = re.compile(
    rf"(?i)\W*(?:\w+ ){{0,2}}?{_FLUID}(?: \w+){{0,2}}\s?(?::|shows?\b|showed\b|had\b)"
)
BEHIND = re.compile(rf"(?i)[\d.,]+[^,;.]{{0,20}}? (?:in|of|from) (?:(?:the|her|his) )?{_FLUID}")
"""Where the fluid stands of a value that is named like one of blood."""


def for_the_team(values: Sequence[Finding], document: Document) -> bool:
    """Whether advice in general is for nobody like this: not for a child, in pregnancy, or beside a
    sign that cannot wait."""
    grave = any(one.critical and is_sign(one) for one in values)
    return grave or whose(document.text) != "adult"


def fluid_of(value: Finding) -> str:
    """The fluid other than blood in which a value was measured, where its name does not say so."""
    told = NUMBER.search(value.told)
    at = value.text.find(told["value"]) if told else -1
    leads = LEADS.match(value.text)
    found = leads if leads and leads.end() <= at else at >= 0 and BEHIND.match(value.text, at)
    return found["fluid"] if found else ""


def name_of(value: Finding) -> str:
    """Its name, with its fluid."""
    fluid = fluid_of(value)
    return f"{value.name} ({fluid})" if fluid and fluid not in value.name else value.name


def is_of(measure: str, value: Finding) -> bool:
    """Whether a value is one of this measure, and not only of one that is named like it."""
    if value.fluid or fluid_of(value):
        return False
    return bool(set(labs(measure)) & set(labs(value.name))) or norms(measure) == norms(value.name)


def of_table(value: Finding, forbidden: frozenset[str]) -> str | None:
    """What the table advises for a value; nothing that names what somebody reacts to."""
    return next(
        (
            advice for measure, way, advice in advice_table()
            if way.lower() == value.side and is_of(measure, value)
            and not proposes(advice, forbidden)
        ),
        None,
    )  # fmt: skip


def to_advise(wrong: Sequence[Finding]) -> Iterator[Finding]:
    """The values that need a line, one of each test and side, those of tests that laboratories
    telephone about first. What is that far out has been told to call today, which is more."""
    told: set[tuple[str, str]] = set()
    called = {(_test(one), one.side) for one in wrong if one.critical}
    for value in sorted(wrong, key=lambda one: not on_list(one.name)):
        key = (_test(value), value.side)
        if key not in told | called:
            told.add(key)
            yield value


def line_for(value: Finding, lines: Sequence[str]) -> str | None:
    """The first of a model's lines of general advice that is of a value: it begins with its name,
    as those of the table do, or names its test."""
    return next((one for one in lines if _names(one, value)), None)


def _names(line: str, value: Finding) -> bool:
    name, colon, _ = line.removeprefix("- ").partition(": ")
    return is_of(name, value) if colon else bool(about(line, [value]))


def _test(value: Finding) -> str:
    return " ".join(labs(value.name)) or value.name.casefold()
