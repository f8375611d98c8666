"""Sections written by a server that speaks OpenAI's `/v1/chat/completions`; a local one, unless
sending records elsewhere was asked for in so many words."""

from __future__ import annotations

import ipaddress
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
"""For what may pass: a time-out, a server that is busy or fails."""
TIMEOUT = 300.0
"""Seconds for one section."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where sections are written: `http://127.0.0.1:8000/v1`, and the model's name there."""

    url: str
    model: str
    side_by_side: int

    def __call__(self, asks: Sequence[Ask]) -> list[Reply]:
        """Write sections; one that fails for good is empty, and is then written by rule."""
        headers = {"Authorization": f"Bearer {os.environ[KEY]}"} if os.environ.get(KEY) else {}
        with (
            httpx.Client(headers=headers, timeout=TIMEOUT, trust_env=False) as client,
            ThreadPoolExecutor(self.side_by_side) as pool,
        ):
            replies = pool.map(self._write, repeat(client), asks)
            return list(progress(replies, "sections", len(asks)))

    def _write(self, client: httpx.Client, ask: Ask) -> Reply:
        for attempt in range(RETRIES):
            if attempt:
                time.sleep(2**attempt)
            try:
                response = client.post(f"{self.url}/chat/completions", json=self._body(ask))
            except httpx.ConnectError:
                raise UserError(
                    f"{self.url}: nobody answers there.",
                    "Start the server, or correct the address.",
                ) from None
            except httpx.HTTPError:
                continue
            if response.status_code < 400:
                return self._reply(response)
            if response.status_code not in (408, 429) and response.status_code < 500:
                raise UserError(
                    f"{self.url}: answers {response.status_code}.",
                    f"Check --model {self.model}, and set {KEY} where the server wants a key.",
                )
        return Reply("", ended=False)

    def _body(self, ask: Ask) -> dict[str, object]:
        sampled = {"temperature": 0.0} if ask.seed is None else {
            "temperature": 0.7, "top_p": 0.9, "seed": ask.seed,
        }  # fmt: skip
        return {
            "model": self.model, "messages": list(ask.prompt.messages),
            "max_tokens": ask.prompt.section.max_tokens, **sampled,
        }  # fmt: skip

    def _reply(self, response: httpx.Response) -> Reply:
        try:
            choice = response.json()["choices"][0]
            text = choice["message"]["content"] or ""
            return Reply(text, choice.get("finish_reason") == "stop")
        except (ValueError, KeyError, IndexError, TypeError):
            raise UserError(
                f"{self.url}: does not answer as /v1/chat/completions does.",
                "Give the address of an OpenAI-compatible server, with /v1 at its end.",
            ) from None


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
