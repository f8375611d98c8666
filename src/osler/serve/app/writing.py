"""A patient's summary while somebody waits: by rule at once, by a model section by section."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from osler.prompts import SystemPrompt
from osler.records.record import Record
from osler.rows import Message
from osler.run import installed_versions, now
from osler.serve import summarize as summarising
from osler.serve.app.ward import Ward
from osler.serve.assistant.repeats import told_once
from osler.serve.engines.protocol import Busy, Engine, Job, Served, Stream
from osler.serve.generate import Sampling
from osler.summaries import store
from osler.summaries.template import Template
from osler.template import with_system

AT_ONCE = 4
"""Sections that are asked for together, so that other people's questions are not held up."""
TASK = "patient_summary"


@dataclass(frozen=True)
class Writer:
    """What writes summaries."""

    engine: Engine
    ward: Ward
    template: Template
    prompts: Mapping[str, SystemPrompt]

    async def write(self, record: Record, on: date, model: str) -> AsyncIterator[dict[str, Any]]:
        """Write a summary and keep it: how far it is, then that it is there."""
        if model == store.DRAFT:
            job = summarising.Job(
                self.template, _maker(None), 10**9, lambda texts: [0] * len(texts)
            )
            case = await asyncio.to_thread(summarising.by_rule, record, on, job)
        else:
            job = self._job(self.engine.models[model])
            case = await asyncio.to_thread(summarising.open_case, record, on, job)
            steps: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            async for step in _while(self._sections(case, job, model, steps), steps):
                yield step
        yield {"type": "audit"}
        summary = await asyncio.to_thread(summarising.close, case, job, now(), self.ward.absent)
        await asyncio.to_thread(self.ward.write, summary)
        yield {"type": "written", "version": "newest"}

    def _job(self, served: Served) -> summarising.Job:
        def count(texts: Sequence[str]) -> list[int]:
            asked = (Message(role="user", content=text) for text in texts)
            return [self.engine.count(served.name, with_system([one], system)) for one in asked]

        system = self.prompts[TASK].text
        return summarising.Job(self.template, _maker(served), served.context, count)

    async def _sections(
        self, case: summarising.Case, job: summarising.Job, model: str, steps: asyncio.Queue[Any]
    ) -> None:
        """Have all sections written. The model's answers come in this loop, the audit of each
        round runs in a thread, so that the server goes on answering."""
        loop, turns = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

        def ask(asks: Sequence[summarising.Ask]) -> list[summarising.Reply]:
            all_of_them = self._round(asks, model, turns, steps)
            return asyncio.run_coroutine_threadsafe(all_of_them, loop).result()

        await asyncio.to_thread(summarising.write_all, [case], job, ask)

    async def _round(
        self,
        asks: Sequence[summarising.Ask],
        model: str,
        turns: asyncio.Semaphore,
        steps: asyncio.Queue[Any],
    ) -> list[summarising.Reply]:
        done = 0

        async def one(ask: summarising.Ask) -> summarising.Reply:
            nonlocal done
            async with turns:
                reply = await self._reply(ask, model)
            done += 1
            title = ask.prompt.section.title
            await steps.put({"type": "section", "title": title, "done": done, "of": len(asks),
                             "again": ask.seed is not None})  # fmt: skip
            return reply

        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one(ask)) for ask in asks]
        return [task.result() for task in asked]

    async def _reply(self, ask: summarising.Ask, model: str) -> summarising.Reply:
        messages = with_system(ask.prompt.messages, self.prompts[TASK].text)
        sampling = None if ask.seed is None else Sampling(seed=ask.seed)
        job = Job(model, tuple(messages), ask.prompt.section.max_tokens, sampling)
        stream = await self._started(job)
        try:
            text, _ = await told_once(stream)
        finally:
            await stream.aclose()
        ended = stream.end is not None and stream.end.reason == "stop"
        return summarising.Reply(text, ended)

    async def _started(self, job: Job) -> Stream:
        while True:
            try:
                return self.engine.start(job)
            except Busy as fault:
                await asyncio.sleep(fault.retry_after)


async def _while(work: Any, steps: asyncio.Queue[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    """What comes into a queue until the work is done; when nobody listens, the work is stopped."""
    doing = asyncio.ensure_future(work)
    try:
        while not doing.done() or not steps.empty():
            step = asyncio.ensure_future(steps.get())
            await asyncio.wait({doing, step}, return_when=asyncio.FIRST_COMPLETED)
            if not step.done():
                step.cancel()
                continue
            yield step.result()
        await doing
    finally:
        doing.cancel()


def _maker(served: Served | None) -> store.Maker:
    version = installed_versions().get("osler", "")
    if served is None:
        return store.Maker(store.DRAFT, osler=version)
    return store.Maker(served.name, served.digest, osler=version)
