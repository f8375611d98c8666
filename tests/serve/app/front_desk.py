"""The routes of the page in an app of their own, over real stores; what writes is an echo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from osler.documents.document import Document, Page, id_of
from osler.errors import UserError
from osler.prompts import load_prompts
from osler.rows import Message
from osler.serve.app.history import History
from osler.serve.app.page import page_router
from osler.serve.app.routes import Desk, router
from osler.serve.app.run_folder import RunFolder
from osler.serve.app.shelf import Shelf
from osler.serve.app.ward import Ward
from osler.serve.assistant.events import Citation, Event, Final, Piece, Sentence, Source, Sources
from osler.serve.engines.protocol import End, Job, Served

SAID = "Nothing active is recorded."


class Echo:
    """An engine that says the same to everything, word by word."""

    def __init__(self) -> None:
        self.models = {"echo": Served("echo", "echo", 4096, ("patient_summary",), None, "ab" * 32)}
        self.jobs: list[Job] = []

    def count(self, model: str, messages: Sequence[Message]) -> int:
        return sum(len(message["content"].split()) for message in messages)

    def start(self, job: Job) -> Said:
        self.jobs.append(job)
        return Said(SAID)

    async def close(self, within: float) -> None:
        """It never waits."""


class Said:
    """A text as a stream."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end: End | None = None

    async def __aiter__(self) -> AsyncIterator[str]:
        for word in self.text.split(" "):
            yield f"{word} "
        self.end = End("stop", 1, len(self.text.split()))

    async def aclose(self) -> None:
        """Nothing is left open."""


class Clerk:
    """Summaries that are the first line of a document, cited."""

    async def summarise(self, document: Document, model: str) -> AsyncIterator[Event]:
        line = document.text.splitlines()[0]
        size = len(line.encode())
        whole = Source(1, document.id, document.title, "", 1, 0, size, line, 1.0)
        yield Sources("", (whole,))
        yield Piece(line)
        sentence = Sentence(0, len(line), (Citation(1, 0, size),))
        yield Final(model, "document_summary", "model", "stop", (sentence,))

    async def advise(self, document: Document, model: str, question: str) -> AsyncIterator[Event]:
        async for event in self.summarise(document, model):
            yield event


def read(name: str, data: bytes) -> Document:
    """A text of one page."""
    if not data.strip():
        raise UserError(f"{name}: empty.", "Give a file with text.")
    text = data.decode()
    return Document(id_of(data), name, name, text, (Page(1, 0, len(data)),))


def desk(folder: Path, *, history: bool = True, records: Path | None = None) -> Desk:
    """All that the page works with, below a folder."""
    return Desk(
        Echo(), Clerk(), load_prompts(), History(folder / "state") if history else None,
        Shelf(read, most=2, most_bytes=1000), Ward(records, folder / "summaries"),
        RunFolder(folder / "runs", ("data", "train", "evaluate", "export")),
    )  # fmt: skip


def client(made: Desk) -> TestClient:
    """Somebody who asks."""
    app = FastAPI()
    app.include_router(page_router())
    app.include_router(router(made))
    return TestClient(app)
