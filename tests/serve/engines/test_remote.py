"""An engine that is another server, as the child."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.serve.engines import completions
from tests.serve.engines.conftest import run, save_adapter
from tests.serve.engines.test_batch import answers, said

from osler.errors import UserError
from osler.model import nano_path
from osler.recipe import Model
from osler.rows import Message
from osler.serve.engines.batch import Batch, context_of, served_of, tokenizer_of
from osler.serve.engines.child import Child, free_port
from osler.serve.engines.lane import Room
from osler.serve.engines.llama_cpp import command as llama_command
from osler.serve.engines.llama_cpp import open_llama_cpp
from osler.serve.engines.menu import Adapter, Weights, menu
from osler.serve.engines.protocol import Busy, Failed, Job
from osler.serve.engines.remote import Backend, Remote
from osler.serve.engines.vllm import command, open_vllm

KEY = "a key of the tests"
NANO = Weights("nano", Model(id="nano"), Path(), "0" * 64)


def asked(text: str) -> tuple[Message, ...]:
    return ({"role": "system", "content": "Be brief."}, {"role": "user", "content": text})


def started() -> Child:
    """nano behind OpenAI's API for completions."""
    port = free_port()
    return Child("osler", [sys.executable, completions.__file__, str(port), KEY], port, {})


def told(child: Child) -> dict[str, int]:
    return httpx.get(f"{child.address}/health").json()


def until(holds: Callable[[], bool]) -> None:
    """Wait, at most a minute."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    made = started()
    yield made
    made.close()


def remote(child: Child, room: Room | None = None, key: str = KEY) -> Remote:
    backend = Backend(child, key, lambda job: {"model": job.model})
    served = served_of(NANO, context_of(NANO))
    return Remote(backend, served, tokenizer_of(NANO), room or Room())


def test_it_says_what_an_engine_of_ours_says(child: Child) -> None:
    engine, own = remote(child), Batch([NANO])
    jobs = [Job("nano", asked(f"What is {name}?"), 12, stop=(".",)) for name in ("gout", "asthma")]
    assert run(answers(engine, jobs)) == run(answers(own, jobs))
    run(own.close(0.0))


def test_it_refuses_and_leaves_as_engines_do(child: Child) -> None:
    engine = remote(child, Room(places=1, queue=1))

    async def whole() -> None:
        with pytest.raises(UserError, match="nano reads 2,048"):
            engine.start(Job("nano", asked("gout " * 2100), 5))
        with pytest.raises(UserError, match=r"Served: nano\."):
            engine.start(Job("other", asked("gout"), 5))
        first = engine.start(Job("nano", asked("What is gout?"), 1500))
        second = engine.start(Job("nano", asked("What is gout?"), 1500))
        with pytest.raises(Busy):
            engine.start(Job("nano", asked("What is gout?"), 5))
        await anext(first)
        for stream in (first, second):
            await stream.aclose()
            assert stream.end is not None
            assert stream.end.reason == "cancelled"
        await asyncio.to_thread(until, lambda: told(child)["running"] == 0)
        assert await said(engine.start(Job("nano", asked("What is gout?"), 5)))
        with pytest.raises(Failed, match="HTTP 401"):
            await said(remote(child, key="wrong").start(Job("nano", asked("gout"), 5)))

    run(whole())


def test_a_child_that_does_not_start_says_why() -> None:
    with pytest.raises(UserError, match=r"vLLM did not start\. It said: no card"):
        Child("vLLM", [sys.executable, "-c", "print('no card')"], free_port(), {})
    says = "print('loading\\nerror: no b.gguf\\nloading\\nfailed: c\\nloading\\nbye')"
    with pytest.raises(UserError, match=r"It said: error: no b\.gguf; failed: c; bye\n"):
        Child("llama.cpp", [sys.executable, "-c", says], free_port(), {})
    with pytest.raises(UserError, match=r"no such command\.\nInstall vLLM"):
        Child("vLLM", ["/nowhere/vllm"], free_port(), {})


def test_a_child_that_dies_is_started_again() -> None:
    """The answer it was at fails; who asks meanwhile is told to come again."""
    child = started()
    engine = remote(child)

    async def whole() -> str:
        stream = engine.start(Job("nano", asked("What is gout?"), 1500))
        await anext(stream)
        os.kill(told(child)["process"], signal.SIGKILL)
        with pytest.raises(Failed):
            await said(stream)
        await asyncio.to_thread(until, lambda: not child.ready())
        with pytest.raises(Busy):
            engine.start(Job("nano", asked("What is gout?"), 5))
        await asyncio.to_thread(until, child.ready)
        answer = await said(engine.start(Job("nano", asked("What is gout?"), 5)))
        await engine.close(0.0)
        return answer

    assert run(whole())
    with pytest.raises(httpx.ConnectError):
        told(child)


def test_closing_stops_what_the_other_side_is_at() -> None:
    engine = remote(started())

    async def drain() -> str:
        stream = engine.start(Job("nano", asked("What is gout?"), 1900))
        await anext(stream)
        await engine.close(0.0)
        await said(stream)
        assert stream.end is not None
        return stream.end.reason

    assert run(drain()) == "cancelled"


OWNER = """
import sys, time
from osler.serve.engines.child import Child, free_port
port = free_port()
Child("other", [sys.executable, "-c", sys.argv[1], str(port)], port, {})
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_does_not_outlive_us_nor_what_it_has_started(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Ended while the other server loads, and so before it could be told to end."""
    pids = tmp_path / "pids"
    other = (
        "import os, pathlib, subprocess, time\n"
        "own = subprocess.Popen(['sleep', '600'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{own.pid}} .')\n"
        "time.sleep(600)"
    )
    words = [sys.executable, "-c", OWNER, other]
    with subprocess.Popen(words, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as us:
        until(lambda: pids.is_file() and pids.read_text().endswith("."))
        us.send_signal(number)
    for pid in pids.read_text().split()[:2]:
        until(lambda pid=pid: state_of(pid) in ("", "Z"))


def state_of(pid: str) -> str:
    """Nothing for a process that is gone, Z for one that only waits to be counted."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True)
    return found.stdout.strip()[:1]


def test_adapters_are_passed_on(tmp_path: Path) -> None:
    path = save_adapter(nano_path(), tmp_path / "tuned", 1)
    weights = Weights("nano", Model(id="nano"), Path(), "", (Adapter("tuned", path),))
    words = command(weights, 8001)
    assert words[:3] == ["vllm", "serve", str(nano_path())]
    assert words[-6:] == [
        "--max-lora-rank", "8", "--max-loras", "1", "--lora-modules", f"tuned={path}",
    ]  # fmt: skip
    with pytest.raises(UserError, match=r"convert_hf_to_gguf\.py .*nano --outfile base\.gguf"):
        open_llama_cpp([weights], None, Room())
    (base := tmp_path / "base.gguf").touch()
    with pytest.raises(UserError, match=r"convert_lora_to_gguf\.py .*tuned --base .*nano"):
        open_llama_cpp([weights], base, Room())
    for file in (path / "adapter.gguf", tmp_path / "tuned.gguf"):
        file.touch()
        words = llama_command(weights, base, 8001, 2048, Room(places=4))
        assert words[words.index("--ctx-size") + 1] == "8192"
        assert words[words.index("--lora") + 1] == str(file)


def test_what_another_engine_cannot_serve_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"vllm is not installed.*\n.*pip install vllm"):
        open_vllm(menu([]), Room())
    path = save_adapter(nano_path(), tmp_path / "dora", 1, use_dora=True)
    dora = Weights("nano", Model(id="nano"), Path(), "", (Adapter("dora", path),))
    with pytest.raises(UserError, match="is no plain LoRA, and --engine vllm takes no other"):
        open_vllm([dora], Room())
    with pytest.raises(UserError, match="serves one base and the adapters on it; these are"):
        open_vllm([dora, NANO], Room())
