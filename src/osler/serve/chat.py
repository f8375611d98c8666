"""The terminal chat: several turns with the tuned model of a run.

Answers go to standard output and everything else (notes, help) to standard error, so that a pipe
into `osler chat` gets one answer a line of input and nothing more.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from threading import Event
from typing import Any

from osler.errors import UserError
from osler.prompts import system_of
from osler.rows import Message
from osler.run import Run
from osler.template import encode, render_prompt, with_system

MAX_NEW_TOKENS = 512
"""Longest answer in a chat; half the context where that is less."""

NOTICE = "Not medical advice: a language model can be wrong. In an emergency call for help at once."
HELP = """\
/reset  forget the conversation      /help  this list      /exit or Ctrl-D  end
Ctrl-C stops an answer; the chat goes on."""

Answerer = Callable[[list[Message], Callable[[], bool]], Iterator[str]]
"""From messages, and a function that says whether to stop, to pieces of an answer."""


class TooLong(UserError):
    """A message that alone is longer than the model's context."""


@dataclass
class Conversation:
    """The turns so far, kept to what the model can read.

    `room` is how many tokens a rendered prompt may have; None where a model names no limit.
    """

    tokenizer: Any
    system: str | None = None
    room: int | None = None
    turns: list[Message] = field(default_factory=list[Message])

    @property
    def messages(self) -> list[Message]:
        """What is sent: the system message and the turns that are left."""
        return with_system(self.turns, self.system)

    def ask(self, question: str) -> int:
        """Add the user's turn. Returns how many of the oldest exchanges had to be left out.

        Raises `TooLong`, with the conversation as it was, when the question alone does not fit.
        """
        before = self.turns
        self.turns = [*before, {"role": "user", "content": question}]
        left_out = 0
        while self.room is not None and self.n_tokens() > self.room:
            if len(self.turns) == 1:
                alone, self.turns = self.n_tokens(), before
                raise TooLong(
                    f"That message needs {alone} tokens and the model reads {self.room}.",
                    "Send a shorter one.",
                )
            self.turns = self.turns[2:]
            left_out += 1
        return left_out

    def hear(self, answer: str) -> None:
        """Add the model's turn. A question that was stopped before any answer is forgotten."""
        if answer:
            self.turns = [*self.turns, {"role": "assistant", "content": answer}]
        else:
            self.turns = self.turns[:-1]  # templates want user and assistant to take turns

    def reset(self) -> None:
        """Forget all turns."""
        self.turns = []

    def n_tokens(self) -> int:
        """Tokens of the prompt as it stands."""
        return len(encode(self.tokenizer, [render_prompt(self.tokenizer, self.messages)])[0])


def chat(run: Run) -> None:
    """Talk with a run's tuned model until Ctrl-D, `/exit` or the end of the pipe."""
    from osler.model import load_tokenizer, load_tuned
    from osler.serve.generate import stream
    from osler.template import require_template

    tokenizer = load_tokenizer(run.recipe.model, run.recipe_folder)
    require_template(tokenizer, run.recipe.model.id)
    model = load_tuned(run)
    room, longest = split_context(model.config)

    def answer(messages: list[Message], should_stop: Callable[[], bool]) -> Iterator[str]:
        return stream(model, tokenizer, messages, max_new_tokens=longest, should_stop=should_stop)

    talk(Conversation(tokenizer, system_of(run.recipe, run.path, "medical_qa"), room), answer)


def split_context(config: Any) -> tuple[int | None, int]:
    """How many tokens prompt and answer may have in a model's context."""
    context = getattr(config.get_text_config(), "max_position_embeddings", None)
    if context is None:
        return None, MAX_NEW_TOKENS
    longest = min(MAX_NEW_TOKENS, context // 2)
    return context - longest, longest


def talk(conversation: Conversation, answer: Answerer) -> None:
    """Read lines from standard input and answer them, until there are no more."""
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # pyright: ignore  (a wrong byte ends no chat)
    _note(NOTICE)
    if at_terminal:
        with suppress(ImportError):  # not on Windows
            import_module("readline")  # gives input() editing and history
        _note(HELP)
    while (line := _read(at_terminal)) is not None:
        command = line.strip()
        if command == "/exit":
            return
        if command.startswith("/"):
            _obey(command, conversation)
        elif command:
            _take_turn(conversation, command, answer)


def _read(at_terminal: bool) -> str | None:
    """The next line, or None at the end. Ctrl-C at the prompt only starts a new line."""
    while True:
        try:
            return input("\nyou> " if at_terminal else "")
        except EOFError:
            return None
        except KeyboardInterrupt:
            if not at_terminal:
                raise
            _note("\n(Ctrl-D or /exit ends the chat)")


def _obey(command: str, conversation: Conversation) -> None:
    if command == "/reset":
        conversation.reset()
        _note("(The conversation is forgotten.)")
    elif command == "/help":
        _note(HELP)
    else:
        _note("(No such command.)\n" + HELP)


def _take_turn(conversation: Conversation, question: str, answer: Answerer) -> None:
    """One question and its answer, written as it comes."""
    try:
        left_out = conversation.ask(question)
    except TooLong as fault:
        _note(f"({fault.message} {fault.cure})")
        return
    if left_out:
        these = "exchange was" if left_out == 1 else f"{left_out} exchanges were"
        _note(
            f"(The conversation is longer than the model's context: the oldest {these} left out.)"
        )
    said: list[str] = []
    with (
        _ctrl_c() as stop,
        closing(_closable(answer(conversation.messages, stop.is_set))) as pieces,
    ):
        for piece in pieces:
            said.append(piece)
            print(printable(piece), end="", flush=True)
    print(flush=True)
    if stop.is_set():
        _note("(stopped)")
    conversation.hear("".join(said))


def _closable(pieces: Iterator[str]) -> Generator[str]:
    yield from pieces


@contextmanager
def _ctrl_c() -> Generator[Event]:
    """While it is open, Ctrl-C sets the event; a second one interrupts as usual."""
    pressed = Event()

    def note(number: int, frame: object) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def printable(text: str) -> str:
    """Without control characters: an answer must not steer the terminal."""
    return "".join(c for c in text if c in "\n\t" or not (c < " " or "\x7f" <= c <= "\x9f"))


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
