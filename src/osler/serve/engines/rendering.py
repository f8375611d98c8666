"""Chat templates rendered in a process of their own, which can be stopped.

A template comes with a model and is a program. transformers' sandbox keeps it from files and from
attributes, but not from `{% for i in range(10**9) %}` or from a text of many gigabytes, and no
thread can be stopped in the middle of either. The process has its own limit of memory, ends itself
when a rendering takes too long, and ends with the server.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from osler.errors import DataError, UserError
from osler.rows import Message
from osler.template import as_data

SECONDS = 2
"""For one rendering."""
SECONDS_TO_START = 60
"""For the process to import what it needs."""
MEMORY = 2 * 2**30
"""Bytes of address space the process may have."""
MOST = 32 * 2**20
"""Bytes of one rendering at most."""
SAMPLE: tuple[Message, ...] = ({"role": "user", "content": "What is asthma?"},)


class Renderer:
    """A tokenizer's chat template: messages -> the prompt, as `render_prompt` gives it.

    Raises UserError where the template is of no use. From any thread.
    """

    def __init__(self, tokenizer: Any, name: str) -> None:
        self._tokenizer = tokenizer
        self._name = name
        self._lock = Lock()
        self._child: tuple[subprocess.Popen[bytes], Connection] | None = None
        try:
            self(SAMPLE)
        except UserError as fault:
            self.close()
            raise UserError(
                f"{name}: its chat template cannot be used. {fault.message}",
                "Correct chat_template.jinja in the model's folder.",
            ) from None

    def __call__(self, messages: Sequence[Message]) -> str:
        """The prompt. Raises `DataError` when the template refuses, or takes too long."""
        asked = json.dumps(as_data(self._tokenizer, messages)).encode()
        with self._lock:
            answer = json.loads(self._ask(asked))
        if "text" in answer:
            return answer["text"]
        roles = ", ".join(dict.fromkeys(message["role"] for message in messages))
        raise DataError(
            f"The chat template refuses messages of the roles {roles} ({answer['fault']}).",
            "Many templates take no system message, and want user and assistant by turns.",
        )

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            process, line = self._child
            self._child = None
            line.close()
            process.kill()
            process.wait()

    def _ask(self, asked: bytes) -> bytes:
        if self._child is None:
            self._child = self._start()
        line = self._child[1]
        with suppress(OSError, EOFError):  # it was ended, by itself or by the system
            line.send_bytes(asked)
            if line.poll(SECONDS):
                return line.recv_bytes(MOST)
        self.close()
        raise DataError(
            f"The chat template did not end within {SECONDS} seconds, or wrote more than "
            f"{MOST // 2**20} MiB.",
            "Send shorter messages; if that does not help, the template needs to be mended.",
        )

    def _start(self) -> tuple[subprocess.Popen[bytes], Connection]:
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(
            [sys.executable, "-m", "osler.serve.engines.rendering", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        theirs.close()
        line = Connection(ours.detach())
        template = {
            "template": self._tokenizer.get_chat_template(),
            "names": dict(self._tokenizer.special_tokens_map),
        }
        with suppress(OSError, EOFError):
            line.send_bytes(json.dumps(template).encode())
            if line.poll(SECONDS_TO_START) and line.recv_bytes() == b"ready":
                return process, line
        line.close()
        process.kill()
        process.wait()
        raise UserError("The process that renders chat templates did not start.", "Try again.")


def main(descriptor: int) -> None:
    """The process: a template, then conversations, until the server is gone."""
    from transformers.utils.chat_template_utils import render_jinja_template

    line = Connection(descriptor)
    given = json.loads(line.recv_bytes())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    line.send_bytes(b"ready")
    while True:
        try:
            messages = json.loads(line.recv_bytes())
        except EOFError:
            return
        signal.alarm(SECONDS + 1)  # ends this process, in whatever it is
        try:
            texts: Any = render_jinja_template(
                [messages], chat_template=given["template"], add_generation_prompt=True,
                **given["names"],
            )  # fmt: skip
            answer = json.dumps({"text": texts[0][0]}).encode()
            if len(answer) > MOST:
                raise MemoryError
        except Exception as fault:  # a template is a program of its own and may raise anything
            answer = json.dumps({"fault": type(fault).__name__}).encode()
        signal.alarm(0)
        line.send_bytes(answer)


if __name__ == "__main__":
    main(int(sys.argv[1]))
