"""What is kept beside a message: of an answer, how it was made and what it rests on.

The page writes it and reads it again, and `osler feedback export` reads it: so it is checked when
it comes in, and once more when it is read, for the file may be older or altered.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

Whole = Annotated[int, Field(ge=0, le=2**53)]
"""A number that JavaScript keeps as it is."""


def _words(text: str) -> str:
    """A text that can be sent back: without half characters. Passages of documents may hold NUL."""
    text.encode()
    return text


Words = Annotated[str, AfterValidator(_words)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Source(_Part):
    """A passage: bytes [start, end) of a document."""

    number: Whole
    document: Words
    start: Whole
    end: Whole
    text: Words
    title: Words = ""
    section: Words = ""
    page: Whole | None = None
    similarity: float = 0.0
    licence: Words | None = None
    date: Words | None = None
    address: Words | None = None


class Citation(_Part):
    """Bytes of the document of a source."""

    source: Whole
    start: Whole
    end: Whole


class Sentence(_Part):
    """Characters of the answer, and what bears them out."""

    start: Whole
    end: Whole
    citations: list[Citation]


class About(_Part):
    """What the page knows of an answer; of a question it knows nothing."""

    kind: Words = ""
    notes: list[Words] = []
    question: Words = ""
    sources: list[Source] = []
    sentences: list[Sentence] = []
    model: Words = ""
    task: Words = ""
    written_by: Words = ""
    finish_reason: Words = ""
    temperature: float = 0.0
    seed: Whole = 0
    prompt_tokens: Whole = 0
    completion_tokens: Whole = 0
    left_out: Whole = 0
    prompt_digest: Words = ""
    weights_digest: Words = ""


def read_about(kept: str) -> dict[str, Any] | None:
    """What is kept, as it was sent; None where it is not what we keep."""
    try:
        return About.model_validate_json(kept).model_dump(exclude_unset=True)
    except ValidationError:
        return None
