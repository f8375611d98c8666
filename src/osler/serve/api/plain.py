"""Answers of the engine alone: no guard, no sources. The task's system prompt stands in front of a
conversation that brings none."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from osler.prompts import SystemPrompt
from osler.serve.assistant.events import Event, Final, Piece, Question
from osler.serve.engines.protocol import Engine, Job
from osler.template import with_system


class Plain:
    """What answers where there is no assistant."""

    def __init__(
        self, engine: Engine, prompts: Mapping[str, SystemPrompt], new_tokens: int = 512
    ) -> None:
        self._engine = engine
        self._prompts = prompts
        self._new_tokens = new_tokens

    async def answer(self, question: Question) -> AsyncGenerator[Event, None]:
        """Pieces, and the end."""
        prompt = self._prompts[question.task]
        stream = self._engine.start(
            Job(
                question.model,
                tuple(with_system(question.messages, prompt.text)),
                question.max_new_tokens or self._new_tokens,
                question.sampling,
                question.stop,
            )
        )
        try:
            async for piece in stream:
                yield Piece(piece)
            end = stream.end
            assert end is not None
            yield Final(
                question.model, question.task, "model", end.reason,
                prompt_tokens=end.prompt_tokens, completion_tokens=end.completion_tokens,
                prompt_digest=prompt.digest,
                weights_digest=self._engine.models[question.model].digest,
            )  # fmt: skip
        finally:
            await stream.aclose()
