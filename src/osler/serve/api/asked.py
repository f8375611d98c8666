"""The body of /v1/chat/completions: OpenAI's, as far as it is served here.

Fields that have no effect are taken with the value that says so, so that clients which always send
them can be used; any other value is refused.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from osler.prompts import PROMPTED
from osler.rows import Message
from osler.serve.api.service import Settings
from osler.serve.assistant.events import Question
from osler.serve.generate import Sampling

Text = Annotated[str, StringConstraints(max_length=2**21)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Stop = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Tokens = Annotated[int, Field(ge=1, le=2**31)]
TASKS = (*PROMPTED, "refusal")


MOST_FIELDS = 100
"""Of an object; each that is not known is written up, and many thousand would take seconds."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _few(cls, given: Any) -> Any:
        if isinstance(given, dict) and len(cast("dict[Any, Any]", given)) > MOST_FIELDS:
            raise ValueError(f"has more than {MOST_FIELDS} fields")
        return given


class TextPart(_Body):
    """A part of a message. Images, sounds and files are not read here."""

    type: Literal["text"]
    text: Text


class Turn(_Body):
    """A message of a conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[TextPart] | None = None
    name: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Without effect."""
    refusal: None = None

    def message(self) -> Message:
        """As models are given it."""
        content = self.content or ""
        if not isinstance(content, str):
            content = "\n".join(part.text for part in content)
        return {"role": "system" if self.role == "developer" else self.role, "content": content}


class StreamOptions(_Body):
    """What a stream holds."""

    include_usage: bool = False
    include_obfuscation: bool | None = None
    """Without effect."""


class TextFormat(_Body):
    """Plain text, the only format."""

    type: Literal["text"]


class OslerOptions(_Body):
    """What this server adds to OpenAI's request."""

    task: Literal[TASKS] = "medical_qa"  # type: ignore[valid-type]
    """What the model is told to do: its system prompt is that of the task."""
    sources: bool = True
    """Whether sources are looked for, where the server has an index."""
    guard: bool | None = None
    """Whether a question is judged first; left out, as the server is set."""


class ChatRequest(_Body):
    """A conversation that is to be answered."""

    model: Name
    messages: list[Turn] = Field(min_length=1, max_length=2000)
    max_tokens: Tokens | None = None
    """The longest answer; `max_completion_tokens` is its newer name."""
    max_completion_tokens: Tokens | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    """0, or left out: the likeliest token is taken each time."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    """With one, the same answer is drawn again."""
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = None
    """Texts before which the answer ends, at most 4."""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    osler: OslerOptions | None = None

    n: Literal[1] | None = None
    frequency_penalty: Literal[0] | None = None
    presence_penalty: Literal[0] | None = None
    logprobs: Literal[False] | None = None
    top_logprobs: Literal[0] | None = None
    logit_bias: Annotated[dict[str, Any], Field(max_length=0)] | None = None
    tools: Annotated[list[Any], Field(max_length=0)] | None = None
    tool_choice: Literal["none"] | None = None
    functions: Annotated[list[Any], Field(max_length=0)] | None = None
    response_format: TextFormat | None = None
    modalities: Annotated[list[Literal["text"]], Field(max_length=1)] | None = None
    store: Literal[False] | None = None
    parallel_tool_calls: bool | None = None
    user: Annotated[str, StringConstraints(max_length=512)] | None = None

    @model_validator(mode="after")
    def _agree(self) -> ChatRequest:
        both = {self.max_tokens, self.max_completion_tokens} - {None}
        if len(both) > 1:
            raise ValueError("max_tokens and max_completion_tokens are one thing; give one")
        if self.messages[-1].role != "user":
            raise ValueError("the last message has to be the user's")
        return self

    def question(self, settings: Settings) -> Question:
        """As the assistant is asked."""
        options = self.osler or OslerOptions()
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return Question(
            self.model,
            tuple(turn.message() for turn in self.messages),
            options.task,
            self.max_tokens or self.max_completion_tokens,
            self._sampling(),
            tuple(stop),
            options.sources,
            settings.guarded if options.guard is None else options.guard,
        )

    def _sampling(self) -> Sampling | None:
        if not self.temperature:
            return None
        seed = secrets.randbits(32) if self.seed is None else self.seed
        return Sampling(self.temperature, 1.0 if self.top_p is None else self.top_p, seed)
