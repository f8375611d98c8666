"""`osler serve`: an engine, the assistant and the page behind one address."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from osler.commands.environment import needs_network, set_environment
from osler.errors import UserError

TOKEN = "OSLER_TOKEN"
"""Environment variable with the token, where it is not to be made anew at each start."""
SHORTEST_TOKEN = 16
NEEDED = ("fastapi", "uvicorn", "prometheus_client")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    runs: tuple[Path, ...] = ()
    index: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    engine: str = "batch"
    places: int = 32
    queue: int = 64
    records: Path | None = None
    summaries: Path | None = None
    prompts: Path | None = None
    emergency_number: str | None = None
    guarded: bool = True
    gguf: Path | None = None


def serve(wish: Wish) -> int:
    """Serve until told to end."""
    for package in NEEDED:
        if find_spec(package) is None:
            raise UserError(
                f"osler serve needs {package}, which is not installed.",
                "pip install 'osler[serve]'",
            )
    token, given = _token()
    _set_environment(wish)
    from osler.serve.api.app import make_app
    from osler.serve.api.listen import bind, listen

    with bind(wish.host, wish.port) as listener:  # before what takes long
        service = make_service(wish, token)
        app = make_app(service)
        _say_address(wish, listener, None if given else token)
        listen(app, listener, service)
    return 0


def make_service(wish: Wish, token: str) -> Any:
    """All parts of the server. Raises UserError for what cannot be served."""
    from osler.prompts import load_prompts
    from osler.serve.api.plain import Plain
    from osler.serve.api.service import Service, Settings

    prompts = load_prompts(wish.prompts)
    engine = _engine(wish)
    settings = Settings(
        token, wish.host, frozenset({socket.gethostname().lower()}),
        emergency_number=wish.emergency_number, guarded=wish.guarded,
    )  # fmt: skip
    assistant = Plain(engine, prompts, settings.limits.default_new_tokens)
    return Service(settings, engine, assistant, encoder=_encoder())


def _engine(wish: Wish) -> Any:
    from osler.serve.engines.batch import Batch
    from osler.serve.engines.lane import Room
    from osler.serve.engines.menu import menu

    return Batch(menu(wish.runs), Room(wish.places, wish.queue))


def _encoder() -> Any:
    """MiniLM, for vectors; None where its package is not installed."""
    from osler.encoder import Encoder

    try:
        return Encoder("/v1/embeddings", "pip install 'osler[serve]'")
    except UserError:
        return None


def _token() -> tuple[str, bool]:
    """The token, and whether the user gave it."""
    given = os.environ.get(TOKEN, "").strip()
    if not given:
        return secrets.token_urlsafe(24), False
    if len(given) < SHORTEST_TOKEN or not given.isascii() or not given.isprintable():
        raise UserError(
            f"{TOKEN}: shorter than {SHORTEST_TOKEN} characters, or not plain ASCII.",
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
