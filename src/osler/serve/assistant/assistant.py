"""A question's way: judged, looked up, asked of a model, cited.

The guard stands in front of every model. What it keeps from one (greetings, what is not for this
assistant, emergencies) is answered by rule, and never by a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from osler.disk import text_digest
from osler.encoder import Encoder
from osler.prompts import Passage, SystemPrompt
from osler.retrieve.chunk import Hit
from osler.rows import Message
from osler.serve.assistant.borne_out import Strays, unless_borne_out
from osler.serve.assistant.cite import Cited, cite
from osler.serve.assistant.conversation import Sent, TooLong, fitted, standalone, users
from osler.serve.assistant.declined import unless_declined
from osler.serve.assistant.events import (
    Event,
    Final,
    Judged,
    Note,
    Piece,
    Question,
    Sentence,
    Source,
    Sources,
)  # fmt: skip
from osler.serve.assistant.excerpt import quotation, without_strange
from osler.serve.assistant.kinds import fitting_first
from osler.serve.assistant.notes import (
    DECLINED,
    NO_ANSWER,
    NOT_BORNE_OUT,
    NOT_ENGLISH,
    NOTHING_FOUND,
    REPEATED,
    UNREAD,
    UNSUPPORTED,
    not_sent,
    noting_the_same,
)
from osler.serve.assistant.quoted import shown
from osler.serve.assistant.relevance import VERY_NEAR, is_about
from osler.serve.assistant.repeats import repeats
from osler.serve.assistant.under import under
from osler.serve.engines.protocol import End, Engine, Job, Served

NEARLY = 0.8
"""Of the best passage's score: what is further behind answers another question on the subject, and
a small model may take it for this one's answer."""
LOOKED_AT = 2
"""Passages looked at for each that is shown: one of them may stand under the fitting heading."""
READERS = 2
"""Questions that are judged and looked up at a time: of many that come together, the first are
answered while the others are read; all side by side would be ready when the last is."""
LOOKED_UP = 20_000
"""Characters of a question that are looked up: an encoder reads far fewer."""
FEW = 16
"""Tokens below which an answer is not worth beginning."""


class Found(Protocol):
    """Where passages are looked up."""

    def search(self, question: str, k: int = 5) -> list[Hit]:
        """The nearest `k`, the best first."""
        ...


class Guard(Protocol):
    """What stands in front of the models."""

    def judge(self, text: str, earlier: Sequence[str] = ()) -> Judged:
        """What a message is, after the user's `earlier` ones."""
        ...

    def reply(self, judged: Judged, text: str) -> str | None:
        """What is answered by rule; None where a model answers."""
        ...

    def urgent_line(self, judged: Judged, text: str) -> str | None:
        """What the answer to a question that may be an emergency, or is about one, begins with."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How answers are made: passages shown at most, tokens of an answer, and the number to call in
    an emergency (None: that of all countries is named)."""

    passages: int = 3
    max_new_tokens: int = 256
    emergency_number: str | None = None
    strict: bool = False
    """Whether of what is looked up only answers are told that are sentences of the nearest source,
    word for word, else that source's own words."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What is known of a question before a model sees it; `said`: an answer by rule."""

    judged: Judged | None
    said: str | None
    urgent: str | None
    found: Sources | None


class Assistant:
    """Answers questions with an engine's models; guard and index may be left out."""

    def __init__(
        self,
        engine: Engine,
        prompts: Mapping[str, SystemPrompt],
        *,
        encoder: Encoder | None = None,
        guard: Guard | None = None,
        index: Found | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.engine, self.prompts, self.encoder = engine, prompts, encoder
        self.guard, self.index = guard, index
        self.settings = settings or Settings()
        self._readers = ThreadPoolExecutor(READERS, "osler-reader")

    async def answer(self, asked: Question) -> AsyncGenerator[Event]:
        """What happens on the way to the answer. Raises `TooLong` where the question does not fit,
        `Busy` where the queue is full; closing it stops the generation."""
        loop = asyncio.get_running_loop()
        read = await loop.run_in_executor(self._readers, self._read, asked)
        if read.judged is not None:
            yield read.judged
        if read.said is not None:
            yield Piece(read.said)
            yield _by_rule(asked, read.said)
            return
        if read.judged is not None and not read.judged.read:
            yield Note(NOT_ENGLISH)
        if read.found is not None:
            yield read.found
            if not read.found.sources and not self.settings.strict:
                yield Note(NOTHING_FOUND)
        before = [one["content"] for one in asked.messages if one["role"] == "assistant"]
        answered = noting_the_same(self._held(asked, read.found), before)
        if read.urgent:
            now = read.judged is not None and read.judged.emergency is not None
            answered = under(read.urgent, answered, _by_rule(asked, read.urgent) if now else None)
        async with aclosing(answered):
            async for event in answered:
                yield event

    def _read(self, asked: Question) -> _Read:
        """What the guard says of a question, and, where a model is to answer, the sources on it."""
        judged = said = urgent = None
        guard = self.guard if asked.guarded else None
        *earlier, text = users(asked.messages)
        if guard is not None:
            judged = guard.judge(text, earlier)
            if judged.kind == "out_of_scope" and asked.with_sources and self._is_in_sources(text):
                judged = replace(judged, kind="medical")
            said = guard.reply(judged, text)
        if said is None:
            self._refuse_too_long(asked)
        if guard is not None and judged is not None:
            urgent = guard.urgent_line(judged, text)
        looks = said is None and asked.with_sources and self.index is not None
        return _Read(
            judged, said, urgent, self._looked_up(standalone(asked.messages)) if looks else None
        )

    def _refuse_too_long(self, asked: Question) -> None:
        """Raise `TooLong` for a message that does not fit by itself, before it is looked up."""
        last = asked.messages[-1]
        if len(last["content"]) > LOOKED_UP:
            needed = self.engine.count(asked.model, [last])
            room = self.engine.models[asked.model].context - FEW
            if needed > room:
                raise TooLong(needed, room)

    def _is_in_sources(self, text: str) -> bool:
        """Whether a source answers what the guard does not know: a clinic's own names, say. By
        itself: a follow-up that turns to something else must not lean on the turn before."""
        text = text[:LOOKED_UP]
        hits = self.index.search(text, self.settings.passages) if self.index else []
        return any(hit.similarity >= VERY_NEAR for hit in hits)

    def _held(self, asked: Question, found: Sources | None) -> AsyncGenerator[Event]:
        """A model's answer, or what stands in its place where it may not be told."""
        answer = self._ask(asked, found)
        if found is not None and self.settings.strict:
            if not found.sources:
                return self._quoted("", None, _by_rule(asked, ""))
            return unless_borne_out(
                answer, found.sources, lambda end: self._quoted(NOT_BORNE_OUT, found, end)
            )
        if asked.guarded and self.guard is not None:
            return unless_declined(answer, lambda end: self._quoted(DECLINED, found, end))
        return answer

    async def _quoted(self, why: str, found: Sources | None, end: Final) -> AsyncGenerator[Event]:
        """In place of a model's answer the words of the best source that answer. What the model was
        asked with, and what that cost, is told all the same."""
        end = replace(end, written_by="rule", finish_reason="stop")
        said, sentences = NO_ANSWER, (Sentence(0, len(NO_ANSWER)),)
        if found is not None and found.sources:
            embed = self.encoder.embed if self.encoder else None
            quoted = await asyncio.to_thread(
                quotation, found.sources[0], found.question, embed, self._of_health
            )
            if quoted[0]:
                yield Note(why)
                said, sentences = quoted
        yield Piece(said)
        yield replace(end, sentences=sentences)

    async def look_up(self, question: str) -> Sources:
        """The passages that are about a question, numbered from 1."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._looked_up, question)

    def _looked_up(self, question: str) -> Sources:
        assert self.index is not None
        question = question[:LOOKED_UP]
        hits = self.index.search(question, LOOKED_AT * self.settings.passages)
        about = [hit for hit in hits if is_about(question, hit)]
        least = NEARLY * max((hit.score for hit in about), default=0.0)
        about = fitting_first(question, [hit for hit in about if hit.score >= least])
        some = about[: self.settings.passages]
        return Sources(question, tuple(_source(n, hit) for n, hit in enumerate(some, 1)))

    async def _ask(self, asked: Question, found: Sources | None) -> AsyncGenerator[Event]:
        sources = found.sources if found else ()
        system = self._system(asked)
        served = self.engine.models[asked.model]
        reads = bool(served.prompts) or not served.tasks
        passages = [_passage(one) for one in sources] if reads else []
        sent, most = await asyncio.to_thread(self._fitted, asked, system, passages)
        held_to = sources[: sent.passages] if reads else sources
        for note in not_sent(sent, sources if reads else ()):
            yield Note(note)
        if sources and not reads:
            yield Note(UNREAD)
        job = Job(asked.model, sent.messages, most, asked.sampling, asked.stop)
        strictly = found.question if found and self.settings.strict else None
        async for event in self.write(job, asked.task, system, held_to, strictly):
            yield replace(event, left_out=sent.left_out) if isinstance(event, Final) else event

    async def write(
        self, job: Job, task: str, system: str, sources: Sequence[Source], strictly: str | None
    ) -> AsyncIterator[Piece | Note | Final]:
        """A job's pieces, and the end with citations of the sources. `strictly`: the question,
        where only sentences of them are told; what strays from them is ended, and cites none."""
        stream = self.engine.start(job)
        said, repeated, strayed = "", False, False
        strays = Strays(sources) if strictly is not None else None
        try:
            async for piece in stream:
                said += piece
                yield Piece(piece)
                repeated = repeats(said, piece)
                strayed = strays is not None and strays(said, piece)
                if repeated or strayed:
                    break
        finally:
            await stream.aclose()
        if repeated:
            yield Note(REPEATED)
        if strictly is not None and not strayed:
            sources = await asyncio.to_thread(self._bearing, strictly, sources)
        sentences = () if strayed else await asyncio.to_thread(self.cited, said, sources)
        if sources and said and not any(one.citations for one in sentences):
            yield Note(UNSUPPORTED)
        end = self.ended_here(job, said) if repeated or strayed else stream.end
        yield _final(job, task, system, end, sentences, self.engine.models[job.model])

    def ended_here(self, job: Job, said: str) -> End:
        """The end of an answer that was ended here: to who reads it, it has stopped."""
        answer = Message(role="assistant", content=said)
        prompt = self.engine.count(job.model, job.messages)
        whole = self.engine.count(job.model, [*job.messages, answer])
        return End("stop", prompt, max(whole - prompt, 0))

    def _bearing(self, question: str, sources: Sequence[Source]) -> tuple[Source, ...]:
        """The sources without what may not be quoted either: an order copied is not borne out."""
        embed = self.encoder.embed if self.encoder else None
        return tuple(without_strange(one, question, embed, self._of_health) for one in sources)

    def _of_health(self, sentence: str) -> bool:
        """Whether the guard lets a sentence of a source pass."""
        return self.guard is not None and self.guard.judge(sentence).kind in (
            "medical",
            "emergency",
        )

    def cited(self, answer: str, sources: Sequence[Source]) -> tuple[Sentence, ...]:
        """The sentences of a text, with what of the sources bears each out."""
        known = [
            Cited(one.number, one.text, one.start, f"{one.title}. {one.section}") for one in sources
        ]
        return cite(answer, known, self.encoder.embed if self.encoder else None)

    def _system(self, asked: Question) -> str:
        own = [m["content"] for m in asked.messages if m["role"] == "system"]
        return "\n".join(own) if own else self.prompts[asked.task].text

    def _fitted(
        self, asked: Question, system: str, passages: Sequence[Passage]
    ) -> tuple[Sent, int]:
        context = self.engine.models[asked.model].context
        most = asked.max_new_tokens or min(self.settings.max_new_tokens, context // 3)
        room = context - min(most, context - FEW)
        return fitted(
            system, asked.messages, passages, room,
            lambda messages: self.engine.count(asked.model, messages),
        ), min(most, context - FEW)  # fmt: skip


def _by_rule(asked: Question, said: str) -> Final:
    whole = (Sentence(0, len(said)),)
    return Final(asked.model, asked.task, "rule", "stop", whole)


def _final(
    job: Job, task: str, system: str, end: End | None, sentences: tuple[Sentence, ...], own: Served
) -> Final:
    reason, prompt, completion = (
        (end.reason, end.prompt_tokens, end.completion_tokens) if end else ("cancelled", 0, 0)
    )
    return Final(
        job.model, task, "model", reason, sentences, prompt, completion,
        prompt_digest=text_digest(system), weights_digest=own.digest,
    )  # fmt: skip


def _source(number: int, hit: Hit) -> Source:
    c = hit.chunk
    return Source(
        number, c.document, c.title, c.section, c.page, c.start, c.end, c.text,
        round(hit.similarity, 4), c.licence, c.date, c.address,
    )  # fmt: skip


def _passage(source: Source) -> Passage:
    heading = f"{source.title}, {source.section}" if source.section else source.title
    return Passage(heading, shown(source.text).text)
