"""A server on the tiny model: as an app in this process, and behind a port."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from osler.encoder import Encoder
from osler.prompts import load_prompts
from osler.recipe import Model
from osler.serve.api.app import make_app
from osler.serve.api.listen import bind
from osler.serve.api.service import Limits, Service, Settings
from osler.serve.assistant.assistant import Assistant
from osler.serve.engines.batch import Batch
from osler.serve.engines.lane import Room
from osler.serve.engines.menu import Adapter, Weights

TOKEN = "a-token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
MakeService = Callable[..., Service]


@pytest.fixture
def service(spoken_folder: Path) -> Iterator[MakeService]:
    """Makes services, and closes their engines."""
    made: list[Service] = []

    def make(
        *adapters: Adapter, folder: Path = spoken_folder, room: Room | None = None,
        encoder: Encoder | None = None, names: frozenset[str] = frozenset(), **limits: Any,
    ) -> Service:  # fmt: skip
        weights = Weights("base", Model(id=str(folder)), Path(), "0" * 64, adapters)
        engine = Batch([weights], room)
        settings = Settings(TOKEN, names=names, limits=replace(Limits(), **limits))
        made.append(Service(settings, engine, Assistant(engine, load_prompts()), encoder=encoder))
        return made[-1]

    yield make
    for one in made:
        asyncio.run(one.engine.close(0.0))


def client(service: Service, **options: Any) -> TestClient:
    """Asks the app, with the token."""
    app = make_app(service)
    options = {"base_url": "http://127.0.0.1", "headers": BEARER, **options}
    return TestClient(app, raise_server_exceptions=False, **options)


@contextmanager
def listening(service: Service) -> Iterator[str]:
    """The address of a service behind a port."""
    with bind("127.0.0.1", 0) as listener:
        config = uvicorn.Config(
            make_app(service), access_log=False, log_level="warning", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def body(**changed: Any) -> dict[str, Any]:
    """A request that is answered."""
    asked = {"role": "user", "content": "What is gout?"}
    return {"model": "base", "messages": [asked], "max_tokens": 40} | changed
