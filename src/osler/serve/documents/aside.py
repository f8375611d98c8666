"""Rules over a long document take many seconds: they run in a thread, so that others are answered
meanwhile, and end when nobody waits for them any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
T = TypeVar("T")
AT_ONCE = 2
"""Documents that are read by rule side by side: a short one does not wait for a long one."""
_workers = ThreadPoolExecutor(AT_ONCE, "osler-rules")
_left: ContextVar[threading.Event | None] = ContextVar("left", default=None)
"""Set when whoever waited for the work of this context has gone."""


class GivenUp(Exception):
    """Nobody waits for this work."""


async def aside(work: Callable[Given, T], *args: Given.args, **kwargs: Given.kwargs) -> T:
    """Do some work in a thread. When this is cancelled, the work ends at its next look
    (`still_wanted`)."""
    left, context = threading.Event(), copy_context()
    context.run(_left.set, left)
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(_workers, lambda: context.run(work, *args, **kwargs))
    finally:
        left.set()


def still_wanted() -> None:
    """Raise `GivenUp` where nobody waits for the work of this thread."""
    left = _left.get()
    if left is not None and left.is_set():
        raise GivenUp
