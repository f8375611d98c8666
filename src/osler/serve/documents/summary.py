"""A document summarised by sections.

What must not be lost stands first and is written by rule, with its bytes: values out of range and
allergies. Of what a model writes of a section a sentence is kept only where its numbers and drugs
stand there, and all of it only where the section bears out at least half.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from operator import attrgetter

from osler.documents.document import Document
from osler.records.names import counted
from osler.retrieve.sentences import GOES_ON
from osler.serve.assistant.assistant import Assistant
from osler.serve.assistant.events import (
    Event,
    Note,
    Sentence,
    Source,
    Sources,
)
from osler.serve.assistant.quoted import speaks_to_a_model
from osler.serve.documents.aside import aside, still_wanted
from osler.serve.documents.lines import Finding
from osler.serve.documents.parts import parts
from osler.serve.documents.salient import gist, is_sensitivity, says_anything, sensitivities
from osler.serve.documents.text import Tally, Text
from osler.serve.documents.values import is_row
from osler.serve.documents.writing import (
    ByRule,
    beginning,
    counter,
    final,
    job_of,
    kept_of,
    remarks,
    room_of,
    written_by,
)
from osler.serve.engines.protocol import Job

SUMMARISE = "Summarise this section of the document in two or three sentences."


async def summarise(assistant: Assistant, document: Document, model: str) -> AsyncIterator[Event]:
    """A summary by sections; what is out of range and the allergies stand first."""
    system = assistant.prompts["document_summary"].text
    most, room = await aside(room_of, assistant, model, system, SUMMARISE)
    count = await aside(counter, assistant, model)
    sources = await aside(parts, document, room, count)
    yield Sources("", tuple(sources))
    for note in await aside(remarks, document, sources):
        yield Note(note)
    text, tally = Text(), Tally()
    read = await aside(ByRule.of, document)
    for piece in await aside(beginning, assistant, read, sources, text):
        yield piece
    told = await aside(_told, sources)
    jobs = await aside(_jobs, model, system, sources, told, most)
    async with aclosing(written_by(assistant, jobs, sources[: len(jobs)], tally)) as written:
        for source in sources:
            yield text.line(f"\n{await aside(_heading, source)}")
            if prose := told.get(source.number):
                _, said = await anext(written)
                kept = await aside(_section, assistant, said, source, read.values, prose, tally)
                yield text.add(*kept)
            if germs := await aside(sensitivities, source.text):
                yield text.line(germs)
            if rows := await aside(_counted, source, read.values):
                yield text.line(rows)
    for note in tally.notes():
        yield Note(note)
    yield final(assistant, model, "document_summary", system, text, tally)


def _told(sources: Sequence[Source]) -> dict[int, str]:
    """By its number the prose of each part that has any."""
    told: dict[int, str] = {}
    for one in sources:
        still_wanted()
        if prose := _prose(one.text):
            told[one.number] = prose
    return told


def _jobs(
    model: str, system: str, sources: Sequence[Source], told: Mapping[int, str], most: int
) -> list[Job]:
    return [
        job_of(model, system, SUMMARISE, replace(one, text=told[one.number]), most)
        for one in sources if one.number in told
    ]  # fmt: skip


def _heading(source: Source) -> str:
    page = f" (page {source.page})" if source.page else ""
    heading = source.section or source.title
    return f"{'Section' if speaks_to_a_model(heading) else heading}{page}"


def _section(
    assistant: Assistant,
    said: str,
    source: Source,
    found: Sequence[Finding],
    prose: str,
    tally: Tally,
) -> tuple[str, tuple[Sentence, ...]]:
    """What a model wrote of a section, where the section bears at least half of it out; otherwise
    the section's own sentences that tell most."""
    kept = kept_of(said, source.text, frozenset(), tally, found)
    cited = assistant.cited(kept, [source])
    if kept and 2 * sum(bool(one.citations) for one in cited) >= len(cited):
        tally.of_model = True
        return kept, cited
    tally.by_rule += 1
    kept = gist(prose)
    return kept, assistant.cited(kept, [source])


def _prose(text: str) -> str:
    """What of a section is neither a row of a table nor a value, where that says anything."""
    lines = "\n".join(
        line for line in text.splitlines() if not (is_row(line) or is_sensitivity(line))
    )
    lines = GOES_ON.sub(" ", lines)
    return lines if says_anything(lines) else ""


def _counted(source: Source, measured: Sequence[Finding]) -> str:
    """What a table says, beyond what stands first; nothing where there is none."""
    if not any(map(is_row, source.text.splitlines())):
        return ""
    begins = attrgetter("start")
    found = measured[
        bisect_left(measured, source.start, key=begins) : bisect_left(
            measured, source.end, key=begins
        )
    ]
    wrong = sum(bool(one.side) for one in found)
    if not found:
        rows = sum(" | " in line for line in source.text.splitlines())
        return f"A table of {counted(rows, 'row')}; see the document."
    within = sum(one.judged and not one.side for one in found)
    unknown = len(found) - wrong - within
    above = " (above)" if wrong else ""
    told = f"{counted(len(found), 'value')}: {wrong} out of range{above}, {within} within"
    return f"{told}, {unknown} without a range that is known." if unknown else f"{told}."
