"""A chat in the terminal, without a terminal."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer, LlamaConfig

from osler.recipe_file import load_recipe
from osler.rows import Message
from osler.run import Run
from osler.serve.chat import (
    MAX_NEW_TOKENS,
    NOTICE,
    Conversation,
    TooLong,
    chat,
    printable,
    split_context,
    talk,
)


@pytest.fixture
def tokenizer(tiny_model: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_model)


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts lines into standard input, as a pipe does."""

    def put(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return put


def echo(sent: list[list[Message]]) -> Callable[..., Iterator[str]]:
    """Answers with the number of messages, and keeps what was sent."""

    def answer(messages: list[Message], should_stop: Callable[[], bool]) -> Iterator[str]:
        sent.append(messages)
        yield f"answer {len(sent)}"

    return answer


def contents(messages: list[Message]) -> list[str]:
    return [message["content"] for message in messages]


def test_history_and_system_message_are_sent(
    tokenizer: Any, type_in: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[list[Message]] = []
    type_in("one", "", "two", "/reset", "three")
    talk(Conversation(tokenizer, system="Be kind."), echo(sent))
    assert contents(sent[0]) == ["Be kind.", "one"]
    assert contents(sent[1]) == ["Be kind.", "one", "answer 1", "two"]
    assert contents(sent[2]) == ["Be kind.", "three"]
    assert [m["role"] for m in sent[1]] == ["system", "user", "assistant", "user"]
    out, err = capsys.readouterr()
    assert out == "answer 1\nanswer 2\nanswer 3\n"
    assert err.startswith(NOTICE)


def test_commands_are_obeyed_and_not_sent(
    tokenizer: Any, type_in: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[list[Message]] = []
    type_in("/help", "/nonsense", "/exit", "never read")
    talk(Conversation(tokenizer), echo(sent))
    assert sent == []
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("/reset") == 2


def test_a_long_conversation_loses_its_oldest_turns_with_a_line_saying_so(
    tokenizer: Any, type_in: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[list[Message]] = []
    words = "What is gout and who gets it?"
    type_in(*[f"{i} {words}" for i in range(6)])
    conversation = Conversation(tokenizer, system="Be kind.", room=60)
    talk(conversation, echo(sent))
    assert conversation.n_tokens() <= 60 + 10  # the last answer came after the last trimming
    last = contents(sent[-1])
    assert last[0] == "Be kind."
    assert last[1] != f"0 {words}"
    assert last[-1] == f"5 {words}"
    assert [m["role"] for m in sent[-1]][1::2] == ["user"] * (len(last) // 2)
    assert "oldest exchange was left out" in capsys.readouterr().err


def test_a_message_longer_than_the_context_is_refused_and_the_chat_goes_on(
    tokenizer: Any, type_in: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[list[Message]] = []
    type_in("one", "gout " * 200, "two")
    talk(Conversation(tokenizer, room=60), echo(sent))
    assert contents(sent[-1]) == ["one", "answer 1", "two"]
    assert "the model reads 60" in capsys.readouterr().err
    conversation = Conversation(tokenizer, room=3)
    with pytest.raises(TooLong):
        conversation.ask("What is gout?")
    assert conversation.turns == []


def test_ctrl_c_stops_the_answer_and_not_the_chat(
    tokenizer: Any, type_in: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[list[Message]] = []

    def endless(messages: list[Message], should_stop: Callable[[], bool]) -> Iterator[str]:
        sent.append(messages)
        yield "and on"
        if len(sent) == 1:
            signal.raise_signal(signal.SIGINT)
        while not should_stop() and len(sent) == 1:
            yield " and on"

    type_in("one", "two")
    before = signal.getsignal(signal.SIGINT)
    talk(Conversation(tokenizer), endless)
    assert signal.getsignal(signal.SIGINT) is before
    assert contents(sent[1]) == ["one", "and on", "two"]
    out, err = capsys.readouterr()
    assert out == "and on\nand on\n"
    assert "(stopped)" in err


def test_a_question_stopped_before_any_answer_is_forgotten(tokenizer: Any) -> None:
    conversation = Conversation(tokenizer)
    conversation.ask("one")
    conversation.hear("")
    conversation.ask("two")
    assert contents(conversation.messages) == ["two"]


def test_answers_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\x07b\r\nc\x9b1m\td é 🩺") == "a[2Jb\nc1m\td é 🩺"


def test_the_context_is_shared_between_prompt_and_answer() -> None:
    assert split_context(LlamaConfig(max_position_embeddings=4096)) == (
        4096 - MAX_NEW_TOKENS,
        MAX_NEW_TOKENS,
    )
    assert split_context(LlamaConfig(max_position_embeddings=512)) == (256, 256)


def test_chat_with_the_tuned_model_of_a_run(
    recipe_file: Path,
    spoken_folder: Path,
    type_in: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    loaded = load_recipe(
        recipe_file, [f"model.id={spoken_folder}", "train={method: full, max_steps: 1}"]
    )
    run = Run.create(loaded, recipe_file.parent / "run")
    run.dir("train")
    (run.path / "train" / "model").symlink_to(spoken_folder)
    type_in("What is gout?", "/reset", "What is asthma?")
    chat(run)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "It is condition number 1 — größer, 痛み, 🩺.",
        "It is condition number 0 — größer, 痛み, 🩺.",
    ]
    assert "What is gout" not in (run.path / "run.json").read_text()
    assert NOTICE in err
