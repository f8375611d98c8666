"""What summaries and advice of documents have in common: what stands first, jobs, what is kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from osler.disk import text_digest
from osler.documents.document import Document
from osler.prompts import with_document
from osler.retrieve.sentences import sentences
from osler.rows import Message
from osler.serve.assistant.assistant import Assistant
from osler.serve.assistant.events import (
    Final,
    Piece,
    Source,
)
from osler.serve.assistant.findings import (
    allergies,
    named,
    out_of_range,
)
from osler.serve.assistant.parts import Count
from osler.serve.assistant.quoted import shown, speaks_to_a_model
from osler.serve.assistant.text import Tally, Text, counted
from osler.serve.engines.protocol import Job, Stream
from osler.tasks.advice import WARNED

AHEAD = 4
"""Sections that are being written while one is read."""
MARKS = 32
"""Tokens kept for the marks of a document."""
NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
AGE = re.compile(
    r"(?i)\b(\d{1,3})[- ]?(?:years?[- ](?:old|of age)|y\.?/?o)\b|\bage[d:]*\s+(\d{1,3})\b"
)


async def first(document: Document, sources: Sequence[Source], text: Text) -> AsyncIterator[Piece]:
    """What must not be lost."""
    for heading, find in (("Out of range", out_of_range), ("Allergies", allergies)):
        found = await asyncio.to_thread(find, document)
        found = [one for one in found if not speaks_to_a_model(one.text)]
        if found:
            yield text.line(heading if not text.said else f"\n{heading}")
            for finding in found:
                yield text.quote(finding, sources)


def hidden(sources: Sequence[Source]) -> list[str]:
    """A note where something is written to a model."""
    count = sum(shown(one.text).left_out for one in sources)
    if not count:
        return []
    return [
        f"{counted(count)} of what was read are written to an assistant and not to a reader. "
        "The model was not shown them: look at the document."
    ]


def kept_of(said: str, given: str, forbidden: frozenset[str], tally: Tally) -> str:
    """The sentences that name nothing which was not given, and nothing that is forbidden."""
    numbers, substances = set(NUMBERS.findall(given)), named(given)
    kept: list[str] = []
    for start, end in sentences(said):
        sentence = said[start:end]
        if named(sentence) & forbidden and not WARNED.search(sentence):
            tally.forbidden += 1
        elif (
            not set(NUMBERS.findall(sentence)) <= numbers
            or not named(sentence) <= substances
            or not _ages(sentence) <= _ages(given)
        ):
            tally.unfounded += 1
        elif sentence not in kept:
            kept.append(sentence)
    return " ".join(kept)


def _ages(text: str) -> set[str]:
    """The ages that a text tells; a number elsewhere, as the bound of a range, is none."""
    return {old or aged for old, aged in AGE.findall(text)}


def room_of(assistant: Assistant, model: str, system: str, asked: str) -> tuple[int, int]:
    """Tokens for an answer, and for what is shown."""
    context = assistant.engine.models[model].context
    most = min(assistant.settings.max_new_tokens, context // 4)
    frame = assistant.engine.count(model, messages_of(system, with_document(asked, "")))
    return most, context - most - frame - MARKS


def counter(assistant: Assistant, model: str) -> Count:
    """What counts a text's tokens for a model."""
    empty = assistant.engine.count(model, messages_of("", ""))

    def count(text: str) -> int:
        return assistant.engine.count(model, messages_of("", text)) - empty

    return count


def messages_of(system: str, content: str) -> tuple[Message, ...]:
    """A system prompt and one user's turn."""
    return (Message(role="system", content=system), Message(role="user", content=content))


def job_of(model: str, system: str, asked: str, source: Source, most: int) -> Job:
    """Something that is to be done with a part of a document."""
    return Job(model, messages_of(system, with_document(asked, shown(source.text).text)), most)


async def written_by(
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


def final(
    assistant: Assistant, model: str, task: str, system: str, text: Text, tally: Tally
) -> Final:
    """The end of a text about a document."""
    return Final(
        model, task, "model", "stop", tuple(text.sentences), tally.prompt_tokens,
        tally.completion_tokens, prompt_digest=text_digest(system),
        weights_digest=assistant.engine.models[model].digest,
    )  # fmt: skip
