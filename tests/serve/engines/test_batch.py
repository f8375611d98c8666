"""Many answers at a time, each as if it were the only one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.serve.conftest import NAMES
from tests.serve.engines.conftest import Opened, run, save_adapter

from osler.errors import UserError
from osler.model import load_base, load_tokenizer
from osler.recipe import Model
from osler.rows import Message
from osler.serve.engines.adapters import inner_name
from osler.serve.engines.batch import Batch
from osler.serve.engines.lane import Room
from osler.serve.engines.menu import Adapter
from osler.serve.engines.protocol import Busy, End, Failed, Job, Load, Stream
from osler.serve.generate import Sampling, generate


def asked(name: str, extra: str = "") -> tuple[Message, ...]:
    return ({"role": "user", "content": f"{extra}What is {name}?"},)


def long(name: str) -> Job:
    """What a random model says for long: drawn, or it would say one white space for ever."""
    return Job("base", asked(name), 400, Sampling(2.0, 1.0, 1))


async def said(stream: Stream) -> str:
    return "".join([piece async for piece in stream])


async def answers(engine: Batch, jobs: list[Job]) -> list[tuple[str, End | None]]:
    """All at once."""
    streams = [engine.start(job) for job in jobs]
    texts = await asyncio.gather(*map(said, streams))
    return [(text, stream.end) for text, stream in zip(texts, streams, strict=True)]


def test_answers_in_a_moving_batch_are_those_of_plain_generation(
    opened: Opened, spoken: tuple[Any, Any]
) -> None:
    """Three places for eight: rows come and go, and prompts differ in length."""
    engine = opened(room=Room(places=3))
    prompts = [asked(name, "Please. " * n) for n, name in enumerate(NAMES)]
    found = run(answers(engine, [Job("base", one, 40) for one in prompts]))
    plain = generate(
        *spoken, [list(one) for one in prompts], max_new_tokens=40, batch_size=8, label="plain"
    )
    assert [text for text, _ in found] == [answer.text for answer in plain]
    assert [end.reason for _, end in found] == [
        "stop" if answer.stopped else "length" for answer in plain
    ]
    assert [end.completion_tokens for _, end in found] == [answer.n_tokens for answer in plain]


def test_every_row_of_a_batch_can_have_another_adapter(
    opened: Opened, adapters: tuple[Adapter, ...], spoken_folder: Path
) -> None:
    """Base and two adapters side by side say what each says alone, by plain generation."""
    from peft import PeftModel

    engine = opened(*adapters)
    assert list(engine.models) == ["base", "first", "second"]
    models = ["base", "first", "second"] * 3
    jobs = [Job(model, asked(NAMES[n % 8]), 24) for n, model in enumerate(models)]
    found = [text for text, _ in run(answers(engine, jobs))]
    settings = Model(id=str(spoken_folder))
    tokenizer = load_tokenizer(settings, Path())
    for n, job in enumerate(jobs):
        model: Any = load_base(settings, Path())
        if job.model != "base":
            path = next(one.path for one in adapters if one.name == job.model)
            model = PeftModel.from_pretrained(model, str(path)).eval()
        (alone,) = generate(
            model, tokenizer, [list(job.messages)], max_new_tokens=24, batch_size=1, label="alone"
        )
        assert found[n] == alone.text, job.model
    same = run(answers(engine, [Job(model, asked("gout"), 24) for model in models[:3]]))
    assert len({text for text, _ in same}) == 3, "each adapter says something of its own"


def test_an_adapter_that_cannot_share_a_batch_is_served_beside(
    opened: Opened, adapters: tuple[Adapter, ...], spoken_folder: Path, tmp_path: Path
) -> None:
    """DoRA cannot be chosen row by row."""
    from peft import PeftModel

    path = save_adapter(spoken_folder, tmp_path / "dora", 3, use_dora=True)
    engine = opened(adapters[0], Adapter("dora", path))
    jobs = [Job(model, asked("gout"), 16) for model in ("dora", "first", "base")]
    found = run(answers(engine, jobs))
    settings = Model(id=str(spoken_folder))
    model: Any = PeftModel.from_pretrained(load_base(settings, Path()), str(path)).eval()
    (alone,) = generate(
        model, load_tokenizer(settings, Path()), [list(asked("gout"))], max_new_tokens=16,
        batch_size=1, label="alone",
    )  # fmt: skip
    assert found[0][0] == alone.text
    assert found[0][0] != found[2][0]


def test_what_is_drawn_depends_on_the_seed_and_not_on_the_neighbours(opened: Opened) -> None:
    engine = opened()
    jobs = [
        Job("base", asked(name), 20, Sampling(1.5, 0.95, seed)) for seed, name in enumerate(NAMES)
    ]
    together = run(answers(engine, jobs))
    alone = [run(answers(engine, [job]))[0] for job in jobs]
    assert together == alone
    other = [Job("base", job.messages, 20, Sampling(1.5, 0.95, 99)) for job in jobs]
    assert run(answers(engine, other)) != together


def test_an_answer_ends_before_a_stop_text_which_is_never_shown(opened: Opened) -> None:
    """A stop text comes in several tokens."""
    engine = opened()
    job = Job("base", asked("gout"), 40)
    ((whole, _),) = run(answers(engine, [job]))
    for stop in ("condition", "number 1", "größer"):
        cut = Job("base", job.messages, 40, stop=("never said", stop))
        ((text, end),) = run(answers(engine, [cut]))
        assert text == whole[: whole.index(stop)].rstrip()
        assert end.reason == "stop"
        assert end.completion_tokens < 40


def test_pieces_end_between_characters(opened: Opened) -> None:
    async def pieces(engine: Batch) -> list[str]:
        return [piece async for piece in engine.start(Job("base", asked("gout"), 60))]

    found = run(pieces(opened()))
    assert "".join(found) == "It is condition number 1 — größer, 痛み, 🩺."
    assert len(found) > 5
    assert "�" not in "".join(found)


def test_closing_a_stream_stops_the_generation(opened: Opened, tiny_model: Path) -> None:
    """Of one that runs and one that waits. A random model does not end by itself so soon."""
    engine = opened(room=Room(places=1, queue=1), folder=tiny_model)

    async def leave() -> tuple[End | None, End | None]:
        running = engine.start(long("gout"))
        await anext(running)
        waiting = engine.start(long("lupus"))
        assert engine.load == Load(1, 1)
        await waiting.aclose()
        assert engine.load == Load(1, 0)
        await running.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(running)
        while engine.load != Load(0, 0):
            await asyncio.sleep(0.01)
        return running.end, waiting.end

    ran, waited = run(leave())
    assert ran.reason == waited.reason == "cancelled"
    assert ran.completion_tokens < 400
    assert waited.completion_tokens == 0


def test_a_full_queue_says_when_to_come_back(opened: Opened, tiny_model: Path) -> None:
    engine = opened(room=Room(places=1, queue=2), folder=tiny_model)

    async def crowd() -> None:
        streams = [engine.start(long("gout"))]
        await anext(streams[0])
        streams += [engine.start(long("gout")) for _ in range(2)]
        with pytest.raises(Busy) as busy:
            engine.start(long("gout"))
        assert 1 <= busy.value.retry_after <= 60
        for stream in streams:
            await stream.aclose()

    run(crowd())


def test_what_is_too_long_is_refused_with_the_numbers(opened: Opened) -> None:
    engine = opened()

    async def refused() -> None:
        with pytest.raises(UserError, match=r"The prompt has [5-9]\d\d tokens; base reads 512"):
            engine.start(Job("base", asked("gout", "Please tell me. " * 80), 10))
        with pytest.raises(UserError, match=r"1,000,0\d\d characters"):
            engine.count("base", asked("gout", "x" * 1_000_000))
        with pytest.raises(UserError, match=r"No model is called other\.\nServed: base\."):
            engine.start(Job("other", asked("gout"), 10))

    run(refused())


def test_an_answer_is_as_long_as_the_context_has_room(opened: Opened, tiny_model: Path) -> None:
    engine = opened(folder=tiny_model)
    ((_, end),) = run(answers(engine, [Job("base", asked("gout"), 100_000)]))
    assert end.prompt_tokens == engine.count("base", asked("gout"))
    assert end.prompt_tokens + end.completion_tokens <= 512


@pytest.mark.parametrize("alone", [True, False])
def test_a_fault_ends_the_answers_it_must_and_no_others(opened: Opened, alone: bool) -> None:
    """`alone`: whatever has more than 40 places does not fit, alone neither. Else: what has a
    batch of more than two rows does not, and the last that came is ended."""
    engine = opened(room=Room(places=8))
    model = engine.lane("base").model

    def out_of_memory(_module: Any, given: Any, more: dict[str, Any]) -> None:
        rows, places = more["attention_mask"].shape
        if places > 40 if alone else rows > 2:
            raise torch.OutOfMemoryError("no room")

    before = run(answers(engine, [Job("base", asked(name), 20) for name in NAMES[:3]]))
    handle = model.register_forward_pre_hook(out_of_memory, with_kwargs=True)
    extra = "Please. " * 10 if alone else ""

    async def some() -> list[Any]:
        jobs = [Job("base", asked(name), 20) for name in NAMES[:2]]
        streams = [engine.start(job) for job in jobs]
        streams.append(engine.start(Job("base", asked(NAMES[2], extra), 20)))
        return await asyncio.gather(*map(said, streams), return_exceptions=True)

    found = run(some())
    assert found[:2] == [text for text, _ in before[:2]]
    assert isinstance(found[2], Failed)
    assert found[2].kind == "OutOfMemoryError"
    handle.remove()
    assert run(answers(engine, [Job("base", asked(name), 20) for name in NAMES[:3]])) == before


def test_closing_lets_answers_end_and_takes_nothing_new(opened: Opened) -> None:
    engine = opened()

    async def drain() -> str:
        stream = engine.start(Job("base", asked("gout"), 40))
        await anext(stream)
        closing = asyncio.ensure_future(engine.close(30.0))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            engine.start(Job("base", asked("lupus"), 40))
        await said(stream)
        await closing
        assert stream.end is not None
        return stream.end.reason

    assert run(drain()) == "stop"


def test_closing_stops_what_takes_too_long(opened: Opened, tiny_model: Path) -> None:
    engine = opened(folder=tiny_model)

    async def drain() -> End | None:
        stream = engine.start(long("gout"))
        await anext(stream)
        await engine.close(0.0)
        await said(stream)
        return stream.end

    end = run(drain())
    assert end.reason == "cancelled"
    assert end.completion_tokens < 400


def test_an_adapter_of_another_base_is_refused_with_the_cure(
    opened: Opened, wide_model: Path, tmp_path: Path
) -> None:
    path = save_adapter(wide_model, tmp_path / "other", 1)
    with pytest.raises(
        UserError, match=r"(?s)does not fit base: its .*Serve it with the base that"
    ):
        opened(Adapter("other", path))
    (path / "adapter_model.safetensors").unlink()
    with pytest.raises(UserError, match=r"no adapter_model\.safetensors there\.\nTrain first"):
        opened(Adapter("other", path))


def test_names_of_adapters_may_have_dots() -> None:
    assert "." not in inner_name("run-1.5")
    assert inner_name("a.b") != inner_name("a-b")
