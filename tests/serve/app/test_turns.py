"""Many documents that are sent at once are read in turns."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import front_desk
import httpx
from fastapi import FastAPI
from front_desk import desk

from osler.documents.document import Document
from osler.serve.app.routes import router
from osler.serve.app.shelf import Shelf
from osler.serve.app.turns import CORES, WAITING


def test_a_few_are_read_at_a_time_the_others_wait_and_who_comes_later_is_told_when_to_come(
    tmp_path: Path,
) -> None:
    free, lock = threading.Event(), threading.Lock()
    now, most = 0, 0

    def slowly(name: str, data: bytes) -> Document:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        assert free.wait(60)
        with lock:
            now -= 1
        return front_desk.read(name, data)

    made = desk(tmp_path)
    object.__setattr__(made, "shelf", Shelf(slowly, most=100))
    app = FastAPI()
    app.include_router(router(made))

    async def send_all() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as asks:

            async def send(number: int) -> httpx.Response:
                return await asks.post("/app/documents", content=b"gout %d" % number)

            sent = [asyncio.ensure_future(send(n)) for n in range(CORES + WAITING + 3)]
            done: set[asyncio.Future[httpx.Response]] = set()
            while len(done) < 3:
                done, _ = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(0)
            for one in done:
                assert one.result().status_code == 429
                assert int(one.result().headers["Retry-After"]) > 0
            assert (await asks.get("/app/patients")).status_code == 200
            free.set()
            found = [one.status_code for one in await asyncio.gather(*sent)]
            assert found.count(201) == CORES + WAITING
            assert found.count(429) == 3

    asyncio.run(send_all())
    assert most == CORES
