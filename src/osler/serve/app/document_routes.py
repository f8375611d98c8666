"""Routes of the documents: taken as raw bytes, given back as text in JSON and never as files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any, Protocol
from urllib.parse import unquote

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from osler.documents.document import Document
from osler.errors import UserError
from osler.records.names import one_line
from osler.serve.app.shelf import Shelf
from osler.serve.app.sse import streamed
from osler.serve.app.told import Id, Text, Told, refuse_unknown
from osler.serve.assistant.events import Event

NAME = "X-Document-Name"
"""The header with the file's name, percent-encoded UTF-8."""


class Reader(Protocol):
    """What reads documents for people."""

    def summarise(self, document: Document, model: str) -> AsyncIterator[Event]:
        """A summary, with citations into the document."""
        ...

    def advise(self, document: Document, model: str, question: str) -> AsyncIterator[Event]:
        """Advice that rests on the document and the sources."""
        ...


class TooLong(UserError):
    """A file above the limit."""

    kind = "too_long"


class Ask(BaseModel):
    """What is wanted of a document."""

    model_config = ConfigDict(extra="forbid")
    model: Text = Field(max_length=200)
    question: Text = Field("", max_length=4000)


def router(shelf: Shelf, assistant: Reader, models: Collection[str]) -> APIRouter:
    """The routes. `models`: names of what is served."""
    routes = APIRouter(route_class=Told, tags=["documents"])

    @routes.get("/documents")
    def documents() -> list[dict[str, Any]]:
        return [_short(one) for one in shelf.all()]

    @routes.post("/documents", status_code=201)
    async def add(request: Request) -> dict[str, Any]:
        name = one_line(unquote(request.headers.get(NAME, ""))) or "document"
        data = await _body(request, shelf.most_bytes)
        return _short(await run_in_threadpool(shelf.add, name[:200], data))

    @routes.get("/documents/{id}")
    def document(id: Id) -> dict[str, Any]:
        found = shelf.get(id)
        pages = [{"number": p.number, "start": p.start, "end": p.end} for p in found.pages]
        return {**_short(found), "text": found.text, "spans": pages}

    @routes.delete("/documents/{id}", status_code=204, response_class=Response)
    def remove(id: Id) -> None:
        shelf.remove(id)

    @routes.post("/documents/{id}/summary")
    def summary(id: Id, body: Ask) -> Response:
        refuse_unknown(body.model, models)
        return streamed(_dicts(assistant.summarise(shelf.get(id), body.model)))

    @routes.post("/documents/{id}/advice")
    def advice(id: Id, body: Ask) -> Response:
        refuse_unknown(body.model, models)
        return streamed(_dicts(assistant.advise(shelf.get(id), body.model, body.question)))

    return routes


async def _body(request: Request, most: int) -> bytes:
    """What was sent, read no further than the limit."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > most:
            raise TooLong(
                f"This file is longer than {most // 1_000_000} MB.", "Take a shorter one."
            )
    return bytes(data)


def _short(document: Document) -> dict[str, Any]:
    return {
        "id": document.id, "name": document.name, "title": document.title,
        "pages": len(document.pages), "characters": len(document.text),
    }  # fmt: skip


async def _dicts(events: AsyncIterator[Event]) -> AsyncIterator[dict[str, Any]]:
    try:
        async for event in events:
            yield event.as_dict()
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()
