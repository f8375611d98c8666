"""What a model is asked for a section: the same words for training and for generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from osler.records.fit import Count, Fitted, fit
from osler.records.render import Part
from osler.rows import Message
from osler.summaries.template import Section, Template

ROOM = 24
"""Tokens kept for the marks of a chat."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A section to be written."""

    section: Section
    messages: tuple[Message, ...]
    fitted: Fitted
    """The part of the record that the model is shown."""


def prompts(
    parts: Sequence[Part], template: Template, on: date, *, length: int, count: Count
) -> dict[str, Prompt]:
    """By title, a prompt for every section for which something is recorded.

    `length`: the most tokens of prompt and answer together. What does not fit is left out by rank;
    `fitted.fits` is False where what must stay is too long by itself.
    """
    made: dict[str, Prompt] = {}
    for section in template.sections:
        fed = [part for part in parts if part.name in section.parts]
        if any(part.lines for part in fed):
            made[section.title] = _prompt(section, fed, on, length, count)
    return made


def _prompt(section: Section, fed: Sequence[Part], on: date, length: int, count: Count) -> Prompt:
    asked = (
        f'Write the section "{section.title}" of a patient summary as of {on}. {section.about} '
        "Use only this record, and keep its dates, numbers and names.\n\n"
    )
    fitted = fit(fed, length - section.max_tokens - ROOM - count([asked])[0], count)
    return Prompt(section, ({"role": "user", "content": asked + fitted.text},), fitted)
