"""Routes of the documents: taken as raw bytes, given back as text in JSON and never as files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Annotated, Any, Protocol
from urllib.parse import unquote

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from osler.documents.document import Document
from osler.documents.limits import MIB
from osler.errors import UserError
from osler.records.names import one_line
from osler.serve.app.sent import file_of
from osler.serve.app.shelf import Shelf
from osler.serve.app.sse import streamed
from osler.serve.app.told import Id, Text, Told, refuse_unknown
from osler.serve.app.turns import Turns
from osler.serve.assistant.events import Event

NAME = "X-Document-Name"
"""The header with the file's name, percent-encoded UTF-8."""
FORM = 50_000
"""Bytes that a form may need beside its file."""
_FILE = {"type": "string", "format": "binary"}
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "PDF, DOCX, HTML, Markdown or text; what it is, its content says.",
        "content": {
            "application/octet-stream": {"schema": _FILE},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
            },
        },
    }
}
"""What an upload is, for OpenAPI."""


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
    reading = Turns()  # each is read in a process of its own, which has only so many seconds

    @routes.get("/documents")
    def documents() -> list[dict[str, Any]]:
        return [_short(one) for one in shelf.all()]

    @routes.post("/documents", status_code=201, openapi_extra=UPLOAD)
    async def add(
        request: Request,
        name: Annotated[str, Header(alias=NAME, description="Its name, percent-encoded")] = "",
    ) -> dict[str, Any]:
        """Take a file as the body, or as the one file of a form."""
        body = await _body(request, shelf.most_bytes + FORM, shelf.most_bytes)
        sent = file_of(request.headers.get("content-type", ""), body)
        if len(sent.data) > shelf.most_bytes:
            raise _too_long(shelf.most_bytes)
        name = one_line(unquote(name)) or one_line(sent.name) or "document"
        async with reading.turn():
            return _short(await run_in_threadpool(shelf.add, name[:200], sent.data))

    @routes.get("/documents/{id}")
    def document(id: Id) -> dict[str, Any]:
        found = shelf.get(id)
        pages = [{"number": p.number, "start": p.start, "end": p.end} for p in found.pages]
        return {**_short(found), "text": found.text, "spans": pages}

    @routes.delete("/documents/{id}", status_code=204, response_class=Response)
    def remove(id: Id) -> None:
        shelf.remove(id)

    @routes.post("/documents/{id}/summary")
    def summary(id: Id, body: Ask, request: Request) -> Response:
        refuse_unknown(body.model, models)
        return streamed(_dicts(assistant.summarise(shelf.get(id), body.model)), request)

    @routes.post("/documents/{id}/advice")
    def advice(id: Id, body: Ask, request: Request) -> Response:
        refuse_unknown(body.model, models)
        events = assistant.advise(shelf.get(id), body.model, body.question)
        return streamed(_dicts(events), request)

    return routes


async def _body(request: Request, most: int, file: int) -> bytes:
    """What was sent, read no further than the limit; `file`: that of the file in it."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > most:
            raise _too_long(file)
    return bytes(data)


def _too_long(most: int) -> TooLong:
    size = f"{most / MIB:g} MiB" if most >= MIB else f"{most:,} bytes"
    return TooLong(f"This file is longer than {size}.", "Take a shorter one.")


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
