"""General advice for the values out of range: each gets a line, a model's or that of Osler's table.

What has no line in the table is named, so that nobody takes silence for an all-clear. By rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.serve.assistant.conflicts import proposes
from osler.serve.assistant.critical import on_list
from osler.serve.assistant.known import labs
from osler.serve.assistant.lines import Finding
from osler.serve.assistant.values import about
from osler.summaries.audit.words import norms
from osler.tasks.advice import advice_table

NONE_AT_HAND = "No advice is at hand for: {names}; ask the team that treats you."


def is_of(measure: str, value: Finding) -> bool:
    """Whether a value is one of this measure, and not only of one that is named like it."""
    if value.fluid:
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
