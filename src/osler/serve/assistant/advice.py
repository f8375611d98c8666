"""Advice that rests on a document and the sources, mindful of the allergies and orders in it.

What names a substance that somebody reacts to is left out; what neither document nor sources bear
out is general advice and stands apart.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from osler.documents.document import Document
from osler.prompts import Passage, with_document
from osler.retrieve.sentences import sentences
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
from osler.serve.assistant.quoted import shown
from osler.serve.assistant.text import Tally, Text
from osler.serve.assistant.writing import (
    MARKS,
    NUMBERS,
    counter,
    final,
    first,
    hidden,
    kept_of,
    messages_of,
    room_of,
    written_by,
)
from osler.serve.engines.protocol import Job

ADVISE = "Please advise me from this report."
RESULTS = 12
"""Results and orders of a report that a model is shown at most, those out of range first."""
CLAIMS = re.compile(r"(?i)\W*(?:ordered|attention|allerg\w+)\b")
"""How sentences about this document begin, which are no advice in general."""
SHORT = 4
"""Words of a piece of advice."""


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
    most, room = room_of(assistant, model, system, asked)
    count = counter(assistant, model)
    own = await asyncio.to_thread(parts, document, room, count)
    wrong, reacts = out_of_range(document), allergies(document)
    looked = await _looked_up(assistant, question, wrong, len(own))
    yield Sources(asked, (*own, *looked))
    for note in hidden([*own, *looked]):
        yield Note(note)
    text, tally = Text(), Tally()
    async for piece in first(document, own, text):
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
    job = Job(model, messages_of(system, content), most)
    async for _, said in written_by(assistant, [job], own[:1], tally):
        kept = await asyncio.to_thread(kept_of, said, content, forbidden, tally)
        shared = [*own, *looked]
        for heading, lines in await asyncio.to_thread(_grouped, assistant, kept, shared, tally):
            yield text.line(f"\n{heading}")
            for line, found in lines:
                yield text.add(line, found)
    for note in tally.notes():
        yield Note(note)
    yield final(assistant, model, "advice", system, text, tally)


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
        elif NUMBERS.search(line) or CLAIMS.match(line):
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
