"""What the assistant does with a document: a summary by sections, and advice.

What must not be lost stands first and is written by rule, with its bytes: values out of range and
allergies. Of what a model writes a sentence is kept only where its numbers and drugs stand in what
it was shown; what names a substance that somebody reacts to is left out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from osler.disk import text_digest
from osler.documents.document import Document
from osler.prompts import Passage, with_document
from osler.retrieve.sentences import sentences
from osler.rows import Message
from osler.serve.assistant.assistant import Assistant
from osler.serve.assistant.events import (
    Event,
    Final,
    Note,
    Piece,
    Sentence,
    Source,
    Sources,
)
from osler.serve.assistant.findings import (
    Finding,
    allergies,
    named,
    orders,
    out_of_range,
    reacted_to,
    values,
)
from osler.serve.assistant.parts import Count, parts
from osler.serve.assistant.quoted import shown, speaks_to_a_model
from osler.serve.assistant.text import Tally, Text, counted
from osler.serve.engines.protocol import Job, Stream
from osler.tasks.advice import WARNED

SUMMARISE = "Summarise this section of the document in two or three sentences."
ADVISE = "Please advise me from this report."
RESULTS = 12
"""Results and orders of a report that a model is shown at most, those out of range first."""
AHEAD = 4
"""Sections that are being written while one is read."""
LEAD = 2
"""Sentences of a section that stand for it where nothing of the model's could be kept."""
SHORT = 4
"""Words of a piece of advice."""
MARKS = 32
"""Tokens kept for the marks of a document."""
NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")


async def summarise(assistant: Assistant, document: Document, model: str) -> AsyncIterator[Event]:
    """A summary by sections; what is out of range and the allergies stand first."""
    system = assistant.prompts["document_summary"].text
    most, room = _room(assistant, model, system, SUMMARISE)
    sources = await asyncio.to_thread(parts, document, room, _counter(assistant, model))
    yield Sources("", tuple(sources))
    for note in _hidden(sources):
        yield Note(note)
    text, tally = Text(), Tally()
    async for piece in _first(document, sources, text):
        yield piece
    prose = [one for one in sources if not _is_table(one.text)]
    jobs = [_job(model, system, SUMMARISE, one, most) for one in prose]
    async with aclosing(_written(assistant, jobs, prose, tally)) as written:
        for source in sources:
            page = f" (page {source.page})" if source.page else ""
            heading = source.section or document.title
            yield text.line(f"\n{'Section' if speaks_to_a_model(heading) else heading}{page}")
            if source not in prose:
                yield text.line(await asyncio.to_thread(_counted, document, source))
                continue
            _, said = await anext(written)
            kept, found = await asyncio.to_thread(_section, assistant, said, source, tally)
            yield text.add(kept, found)
    for note in tally.notes():
        yield Note(note)
    yield _final(assistant, model, "document_summary", system, text, tally)


async def advise(
    assistant: Assistant, document: Document, model: str, question: str = ""
) -> AsyncIterator[Event]:
    """Advice that rests on the document and the sources; what rests on neither says so.

    A question of one's own passes the guard first.
    """
    if question.strip() and assistant.guard is not None:
        judged = await asyncio.to_thread(assistant.guard.judge, question)
        yield judged
        if (said := assistant.guard.reply(judged, question)) is not None:
            yield Piece(said)
            yield Final(model, "advice", "rule", "stop", (Sentence(0, len(said)),))
            return
    system = assistant.prompts["advice"].text
    asked = question.strip() or ADVISE
    most, room = _room(assistant, model, system, asked)
    count = _counter(assistant, model)
    own = await asyncio.to_thread(parts, document, room, count)
    wrong, reacts = out_of_range(document), allergies(document)
    looked = await _looked_up(assistant, question, wrong, len(own))
    yield Sources(asked, (*own, *looked))
    for note in _hidden([*own, *looked]):
        yield Note(note)
    text, tally = Text(), Tally()
    async for piece in _first(document, own, text):
        yield piece
    forbidden = frozenset(key for one in reacts for key in reacted_to(one.name))
    ordered = orders(document)
    against = [one for one in ordered if named(one.text) & forbidden]
    if against:
        yield text.line("\nOrdered, though this document lists an allergy to it or its group")
        for one in against:
            yield text.quote(one, own)
    lines = _report(document, reacts, ordered) or _beginning(own)
    excerpt = _excerpt(lines, room // 2, count)
    passages = _fitting(looked, room - count(excerpt), count)
    content = with_document(asked, excerpt, [Passage(one.title, shown(one.text).text)
                                             for one in passages])  # fmt: skip
    job = Job(model, _messages(system, content), most)
    async for _, said in _written(assistant, [job], own[:1], tally):
        kept = await asyncio.to_thread(_kept, said, content, forbidden, tally)
        shared = [*own, *looked]
        for heading, lines in await asyncio.to_thread(_grouped, assistant, kept, shared, tally):
            yield text.line(f"\n{heading}")
            for line, found in lines:
                yield text.add(line, found)
    for note in tally.notes():
        yield Note(note)
    yield _final(assistant, model, "advice", system, text, tally)


# -- by rule -----------------------------------------------------------------------------------


async def _first(document: Document, sources: Sequence[Source], text: Text) -> AsyncIterator[Piece]:
    """What must not be lost."""
    for heading, find in (("Out of range", out_of_range), ("Allergies", allergies)):
        found = await asyncio.to_thread(find, document)
        found = [one for one in found if not speaks_to_a_model(one.text)]
        if found:
            yield text.line(heading if not text.said else f"\n{heading}")
            for finding in found:
                yield text.quote(finding, sources)


def _leading(text: str) -> str:
    """The first sentences of a section that are more than a heading."""
    text = shown(text).text
    spans = [(a, b) for a, b in sentences(text) if len(text[a:b].split()) > 4][:LEAD]
    return " ".join(text[a:b] for a, b in spans)


def _hidden(sources: Sequence[Source]) -> list[str]:
    count = sum(shown(one.text).left_out for one in sources)
    if not count:
        return []
    return [
        f"{counted(count)} of what was read are written to an assistant and not to a reader. "
        "The model was not shown them: look at the document."
    ]


def _kept(said: str, given: str, forbidden: frozenset[str], tally: Tally) -> str:
    """The sentences that name nothing which was not given, and nothing that is forbidden."""
    numbers, substances = set(NUMBERS.findall(given)), named(given)
    kept: list[str] = []
    for start, end in sentences(said):
        sentence = said[start:end]
        if named(sentence) & forbidden and not WARNED.search(sentence):
            tally.forbidden += 1
        elif not set(NUMBERS.findall(sentence)) <= numbers or not named(sentence) <= substances:
            tally.unfounded += 1
        elif sentence not in kept:
            kept.append(sentence)
    return " ".join(kept)


def _grouped(
    assistant: Assistant, kept: str, sources: Sequence[Source], tally: Tally
) -> list[tuple[str, list[tuple[str, list[Sentence]]]]]:
    """Sentences that something bears out, and those that nothing does, under a heading each. Of
    the latter one with a number, or of an order, is no advice in general, and is left out."""
    own: list[tuple[str, list[Sentence]]] = []
    general: list[tuple[str, list[Sentence]]] = []
    for one in assistant.cited(kept, sources):
        line = kept[one.start : one.end].removeprefix("General advice: ")
        entry = (f"- {line}", [Sentence(2, 2 + len(line), one.citations)])
        if one.citations:
            own.append(entry)
        elif NUMBERS.search(line) or line.startswith("Ordered"):
            tally.unfounded += 1
        elif len(line.split()) >= SHORT:
            general.append(entry)
    groups = [
        ("From this document and the sources", own),
        ("General advice, which neither this document nor a source bears out", general),
    ]
    return [(heading, lines) for heading, lines in groups if lines]


def _report(document: Document, reacts: Sequence[Finding], ordered: Sequence[Finding]) -> list[str]:
    """A document with results in the form that the task `advice` teaches; nothing for others."""
    found = values(document)
    if not found:
        return []
    told = [one.told for one in sorted(found, key=lambda one: not one.side)][:RESULTS]
    allergy = [one.name for one in reacts] or ["none recorded"]
    return [
        "Report of results", "Allergies:", *(f"- {one}" for one in allergy),
        "Results:", *(f"- {one}" for one in told),
        "Orders:", *(f"- {one.text}" for one in ordered[:RESULTS]),
    ]  # fmt: skip


def _beginning(own: Sequence[Source]) -> list[str]:
    return [text[a:b] for one in own for text in [one.text] for a, b in sentences(text)]


def _excerpt(lines: Sequence[str], room: int, count: Count) -> str:
    """As many lines as fit, without those that are written to a model."""
    kept: list[str] = []
    size = 0
    for line in lines:
        line = shown(line).text
        size += count(line) + 1
        if size > room:
            break
        if line:
            kept.append(line)
    return "\n".join(kept)


def _is_table(text: str) -> bool:
    """Whether most lines are rows."""
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(" | " in line for line in lines) > len(lines) / 2


def _counted(document: Document, source: Source) -> str:
    """What a table says, beyond what stands first."""
    found = [one for one in values(document) if source.start <= one.start < source.end]
    wrong = sum(bool(one.side) for one in found)
    if not found:
        rows = sum(" | " in line for line in source.text.splitlines())
        return f"A table of {rows} rows; see the document."
    return f"{len(found)} values, {wrong} of them out of range (above)."


def _section(
    assistant: Assistant, said: str, source: Source, tally: Tally
) -> tuple[str, tuple[Sentence, ...]]:
    """What a model wrote of a section, where the section bears at least half of it out; otherwise
    the section's own first sentences."""
    kept = _kept(said, source.text, frozenset(), tally)
    found = assistant.cited(kept, [source])
    if kept and 2 * sum(bool(one.citations) for one in found) >= len(found):
        return kept, found
    tally.by_rule += 1
    kept = _leading(source.text)
    return kept, assistant.cited(kept, [source])


def _fitting(sources: Sequence[Source], room: int, count: Count) -> list[Source]:
    kept: list[Source] = []
    for source in sources:
        room -= count(source.text) + MARKS
        if room < 0:
            break
        kept.append(source)
    return kept


async def _looked_up(
    assistant: Assistant, question: str, wrong: Sequence[Finding], before: int
) -> list[Source]:
    """Passages about the question, else about the first values out of range."""
    if assistant.index is None:
        return []
    asked = [question] if question.strip() else [
        f"What does a {one.side} {one.name} mean?" for one in wrong[:3]
    ]  # fmt: skip
    found: dict[tuple[str, int], Source] = {}
    for one in asked:
        for source in (await assistant.look_up(one)).sources:
            found.setdefault((source.document, source.start), source)
    return [replace(one, number=before + n) for n, one in enumerate(found.values(), 1)]


# -- by the model ------------------------------------------------------------------------------


def _room(assistant: Assistant, model: str, system: str, asked: str) -> tuple[int, int]:
    """Tokens for an answer, and for what is shown."""
    context = assistant.engine.models[model].context
    most = min(assistant.settings.max_new_tokens, context // 4)
    frame = assistant.engine.count(model, _messages(system, with_document(asked, "")))
    return most, context - most - frame - MARKS


def _counter(assistant: Assistant, model: str) -> Count:
    empty = assistant.engine.count(model, _messages("", ""))

    def count(text: str) -> int:
        return assistant.engine.count(model, _messages("", text)) - empty

    return count


def _messages(system: str, content: str) -> tuple[Message, ...]:
    return (Message(role="system", content=system), Message(role="user", content=content))


def _job(model: str, system: str, asked: str, source: Source, most: int) -> Job:
    return Job(model, _messages(system, with_document(asked, shown(source.text).text)), most)


async def _written(
    assistant: Assistant, jobs: Sequence[Job], sources: Sequence[Source], tally: Tally
) -> AsyncGenerator[tuple[Source, str], None]:
    """What a model wrote of each, in order; a few are under way at once."""
    streams: list[Stream] = []
    try:
        for n, source in enumerate(sources):
            while len(streams) < min(n + AHEAD, len(jobs)):
                streams.append(assistant.engine.start(jobs[len(streams)]))
            said = "".join([piece async for piece in streams[n]])
            if end := streams[n].end:
                tally.prompt_tokens += end.prompt_tokens
                tally.completion_tokens += end.completion_tokens
                tally.cut |= end.reason == "length"
            yield source, said
    finally:
        for stream in streams:
            await stream.aclose()


def _final(
    assistant: Assistant, model: str, task: str, system: str, text: Text, tally: Tally
) -> Final:
    return Final(
        model, task, "model", "stop", tuple(text.sentences), tally.prompt_tokens,
        tally.completion_tokens, prompt_digest=text_digest(system),
        weights_digest=assistant.engine.models[model].digest,
    )  # fmt: skip
