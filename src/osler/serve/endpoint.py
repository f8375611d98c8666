"""Sections written by a server that speaks OpenAI's `/v1/chat/completions`; a local one, unless
sending records elsewhere was asked for in so many words."""

from __future__ import annotations

import ipaddress
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from urllib.parse import urlsplit

import httpx

from osler.errors import UserError
from osler.progress import progress
from osler.serve.summarize import Ask, Reply

KEY = "OSLER_API_KEY"
"""Environment variable with the server's key, where it wants one."""
RETRIES = 3
"""For what may pass: a server that is busy, fails, or breaks off."""
PAUSE = 1.0
"""Seconds, doubled with every try."""
TIMEOUT = 300.0
"""Seconds for one section, from the request to the answer's last byte. Not tried again."""
MOST_BYTES = 4 * 2**20
"""Of one answer; what is longer is no section."""
CHARACTERS = 8
"""Of a token at most, on the average: an answer of more than max_tokens of them is cut there."""
GIVE_UP = 8
"""Sections that fail one after the other before the rest of a batch is not asked for."""


@dataclass(slots=True)
class Streak:
    """How many sections have failed one after the other, and why the last one did."""

    length: int = 0
    why: str = ""

    def note(self, reply: Reply) -> Reply:
        """Count a reply."""
        self.length = self.length + 1 if reply.failed else 0
        self.why = reply.failed or self.why
        return reply


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where sections are written: `http://127.0.0.1:8000/v1`, and the model's name there."""

    url: str
    model: str
    side_by_side: int
    timeout: float = TIMEOUT

    def __call__(self, asks: Sequence[Ask]) -> list[Reply]:
        """Write sections; of one that fails for good the reply says why.

        Raises UserError where none of several that are asked for the first time is answered.
        """
        headers = {"Authorization": f"Bearer {os.environ[KEY]}"} if os.environ.get(KEY) else {}
        streak = Streak()
        with (
            httpx.Client(headers=headers, timeout=self.timeout, trust_env=False) as client,
            ThreadPoolExecutor(self.side_by_side) as pool,
        ):
            written = pool.map(self._noted, repeat(client), repeat(streak), asks)
            replies = list(progress(written, "sections", len(asks)))
        if asks and asks[0].seed is None and all(reply.failed for reply in replies):
            raise UserError(
                f"{self.url}: not one of {len(asks):,} sections was answered. {replies[0].failed}.",
                "See what the server's log says of it. What was written before is kept: the same "
                "command goes on from there.",
            )
        return replies

    def _noted(self, client: httpx.Client, streak: Streak, ask: Ask) -> Reply:
        return streak.note(self._write(client, streak, ask))

    def _write(self, client: httpx.Client, streak: Streak, ask: Ask) -> Reply:
        why = streak.why
        for attempt in range(RETRIES):
            if streak.length >= GIVE_UP:
                break
            if attempt:
                time.sleep(PAUSE * 2**attempt)
            try:
                status, content = self._post(client, self._body(ask))
            except httpx.ConnectError:
                raise UserError(
                    f"{self.url}: nobody answers there.",
                    "Start the server, or correct the address.",
                ) from None
            except (httpx.TimeoutException, TimeoutError):
                return _failed(f"no whole answer in {self.timeout:g} seconds")
            except httpx.HTTPError as fault:
                why = _failed(f"it broke off ({type(fault).__name__})").failed
                continue
            if len(content) > MOST_BYTES:
                return _failed(f"an answer of more than {MOST_BYTES:,} bytes")
            if status < 400:
                return self._reply(content, ask.prompt.section.max_tokens * CHARACTERS)
            if status not in (408, 429) and status < 500:
                raise UserError(
                    f"{self.url}: answers {status}.",
                    f"Check --model {self.model}, and set {KEY} where the server wants a key.",
                )
            why = _failed(f"HTTP {status}").failed
        return Reply("", ended=False, failed=why)

    def _post(self, client: httpx.Client, body: dict[str, object]) -> tuple[int, bytes]:
        """Status and content, of which no more is read than may be. TimeoutError after `timeout`,
        however steadily it trickles in."""
        until, content = time.monotonic() + self.timeout, bytearray()
        with client.stream("POST", f"{self.url}/chat/completions", json=body) as response:
            for piece in response.iter_bytes():
                content += piece
                if time.monotonic() > until:
                    raise TimeoutError
                if len(content) > MOST_BYTES:
                    break
        return response.status_code, bytes(content)

    def _body(self, ask: Ask) -> dict[str, object]:
        sampled = {"temperature": 0.0} if ask.seed is None else {
            "temperature": 0.7, "top_p": 0.9, "seed": ask.seed,
        }  # fmt: skip
        return {
            "model": self.model, "messages": list(ask.prompt.messages),
            "max_tokens": ask.prompt.section.max_tokens, **sampled,
        }  # fmt: skip

    def _reply(self, content: bytes, most: int) -> Reply:
        try:
            choice = json.loads(content)["choices"][0]
            text = choice["message"]["content"] or ""
            if not isinstance(text, str):
                raise TypeError
            ended = choice.get("finish_reason") == "stop" and len(text) <= most
            return Reply(text[:most], ended)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            raise UserError(
                f"{self.url}: does not answer as /v1/chat/completions does.",
                "Give the address of an OpenAI-compatible server, with /v1 at its end.",
            ) from None


def _failed(why: str) -> Reply:
    return Reply("", ended=False, failed=f"the server failed: {why}")


def is_address(run: str) -> bool:
    """Whether what was named is a server and no run."""
    return run.startswith(("http://", "https://"))


def is_local(url: str) -> bool:
    """Whether a server is on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def endpoint(url: str, model: str | None, side_by_side: int, *, elsewhere: bool) -> Endpoint:
    """The server of an address. Raises UserError for one elsewhere that was not asked for."""
    if not model:
        raise UserError(f"{url}: which model?", "Give its name there with --model.")
    if not is_local(url) and not elsewhere:
        raise UserError(
            f"{url}: is not on this machine, and patients' records would be sent there.",
            "Give --send-elsewhere if that is allowed; every summary will say so.",
        )
    return Endpoint(url.rstrip("/"), model, side_by_side)
