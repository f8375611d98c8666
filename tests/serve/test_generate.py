"""Answers are the same however they are produced, and end where the model ends them."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from osler.errors import UserError
from osler.rows import Message
from osler.serve.generate import Answer, Sampling, answer_text, generate, stream


def ask(*words: str) -> list[list[Message]]:
    return [[{"role": "user", "content": word}] for word in words]


QUESTIONS = ask(
    "What is gout?",
    "Gout?",
    "What is asthma? " * 6,
    "lupus",
    "What is lupus?",
    "How is measles treated, and who gets it, and what is it called?",
    "a",
)


def answers(pair: tuple[Any, Any], prompts: list[list[Message]], **changed: int) -> list[Answer]:
    settings = {"max_new_tokens": 60, "batch_size": 3} | changed
    return generate(*pair, prompts, label="test", **settings)


def test_batched_answers_equal_one_by_one_in_the_order_given(spoken: tuple[Any, Any]) -> None:
    alone = [answers(spoken, [question])[0] for question in QUESTIONS]
    assert len({answer.text for answer in alone}) > 1
    for batch_size in (2, 3, 7):
        assert answers(spoken, QUESTIONS, batch_size=batch_size) == alone


def test_an_answer_stops_or_is_cut_and_says_which(spoken: tuple[Any, Any]) -> None:
    (whole,) = answers(spoken, ask("What is gout?"))
    assert whole.text == "It is condition number 1 — größer, 痛み, 🩺."
    assert whole.stopped
    (cut,) = answers(spoken, ask("What is gout?"), max_new_tokens=5)
    assert not cut.stopped
    assert cut.n_tokens == 5
    assert whole.text.startswith(cut.text)
    (just,) = answers(spoken, ask("What is gout?"), max_new_tokens=whole.n_tokens)
    assert just == Answer(whole.text, stopped=False, n_tokens=whole.n_tokens)


def test_no_prompts_no_answers(spoken: tuple[Any, Any]) -> None:
    assert answers(spoken, []) == []


def test_a_models_own_sampling_and_penalties_neither_act_nor_warn(
    spoken: tuple[Any, Any], caplog: pytest.LogCaptureFixture
) -> None:
    model, _ = spoken
    plain = answers(spoken, QUESTIONS)
    own = model.generation_config
    own.update(do_sample=True, temperature=5.0, top_k=3, repetition_penalty=9.0, max_length=20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert answers(spoken, QUESTIONS) == plain
    assert not caplog.records
    assert model.generation_config is own


def test_every_end_of_turn_token_of_the_model_stops_it(spoken: tuple[Any, Any]) -> None:
    model, tokenizer = spoken
    comma = tokenizer.encode(",", add_special_tokens=False)[0]
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, comma]
    (answer,) = answers(spoken, ask("What is gout?"))
    assert answer.text == "It is condition number 1 — größer"
    assert answer.stopped


def test_a_stream_adds_up_to_the_answer_in_whole_characters(spoken: tuple[Any, Any]) -> None:
    for question, answer in zip(QUESTIONS, answers(spoken, QUESTIONS), strict=True):
        pieces = list(stream(*spoken, question, max_new_tokens=60, should_stop=lambda: False))
        assert "".join(pieces) == answer.text
        assert all(pieces)
    learnt = list(stream(*spoken, QUESTIONS[0], max_new_tokens=60, should_stop=lambda: False))
    assert len(learnt) > 10
    assert not any("\ufffd" in piece for piece in learnt)


def test_a_stream_cut_within_a_character_leaves_it_out(spoken: tuple[Any, Any]) -> None:
    _, tokenizer = spoken
    full = "It is condition number 1 — größer, 痛み, 🩺."
    n_tokens = len(tokenizer.encode(full, add_special_tokens=False))
    for longest in range(1, n_tokens + 1):
        said = "".join(
            stream(
                *spoken,
                ask("What is gout?")[0],
                max_new_tokens=longest,
                should_stop=lambda: False,
            )
        )
        assert full.startswith(said)
        assert said == answers(spoken, ask("What is gout?"), max_new_tokens=longest)[0].text


def test_a_stream_stops_when_asked_and_leaves_no_thread(spoken: tuple[Any, Any]) -> None:
    said: list[str] = []
    for piece in stream(
        *spoken, QUESTIONS[0], max_new_tokens=400, should_stop=lambda: len(said) >= 3
    ):
        said.append(piece)
    assert len(said) == 3
    left = stream(*spoken, QUESTIONS[0], max_new_tokens=400, should_stop=lambda: False)
    next(left)
    del left  # a caller that walks away
    time.sleep(0.1)
    assert not [t for t in threading.enumerate() if t.name == "osler-answer"]


def test_an_error_while_answering_is_not_swallowed(
    spoken: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = spoken

    def burst(*args: Any, **kwargs: Any) -> Iterator[None]:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(model, "forward", burst)
    with pytest.raises(RuntimeError, match="out of memory"):
        list(stream(model, tokenizer, QUESTIONS[0], max_new_tokens=5, should_stop=lambda: False))


def test_sampling_follows_its_seed(spoken: tuple[Any, Any]) -> None:
    def drawn(seed: int) -> str:
        return "".join(
            stream(
                *spoken,
                ask("hello")[0],
                max_new_tokens=20,
                sampling=Sampling(temperature=2.0, top_p=1.0, seed=seed),
                should_stop=lambda: False,
            )
        )

    assert drawn(1) == drawn(1)
    assert len({drawn(seed) for seed in range(4)}) > 1
    for wrong in ({"temperature": 0.0}, {"top_p": 0.0}, {"top_p": 1.5}):
        with pytest.raises(UserError, match="cannot be sampled with"):
            Sampling(**wrong)


def test_special_tokens_and_white_space_around_are_not_part_of_the_text(
    spoken: tuple[Any, Any],
) -> None:
    _, tokenizer = spoken
    ids = tokenizer.encode("<|assistant|> \n Gout. <|end|>", add_special_tokens=False)
    assert answer_text(tokenizer, ids) == "Gout."
