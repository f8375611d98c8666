"""How far long work is: a bar on a terminal; in a file, where a bar is nothing, a line at times."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from rich import get_console
from rich.progress import track

EVERY = 30.0
"""Seconds between two lines."""

T = TypeVar("T")


def progress(items: Iterable[T], label: str, total: int | None = None) -> Iterable[T]:
    """Go through the items under a bar that vanishes at the end, or with lines.

    `total`: how many there are, where they cannot be counted beforehand; None: nobody knows.
    """
    total = len(items) if isinstance(items, Sized) else total
    if get_console().is_terminal:
        return track(items, label, total=total, transient=True)
    return _with_lines(items, Lines(label, total))


def _with_lines(items: Iterable[T], lines: Lines) -> Iterator[T]:
    for done, item in enumerate(items):
        lines.tell(done)
        yield item


class Lines:
    """Lines such as `train: 40 of 200, loss 1.234, about 3 min left`, no more than one in EVERY
    seconds, so that what is soon done says nothing. `start` of `total` were done before."""

    def __init__(self, label: str, total: int | None, start: int = 0) -> None:
        self.label, self.total, self.start = label, total, start
        self.begun = self.last = time.monotonic()

    def tell(self, done: int, more: str = "") -> None:
        """Print a line when it is time."""
        now = time.monotonic()
        if now - self.last < EVERY or done <= self.start:
            return
        self.last = now
        said = [f"{done}", more]
        if self.total is not None:
            left = (now - self.begun) * (self.total - done) / (done - self.start)
            said = [f"{done} of {self.total}", more, f"about {duration(left)} left"]
        # Not where results are printed, which other programs may read.
        print(f"{self.label}:", ", ".join(filter(None, said)), file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for size, unit in ((48 * 3600, "days"), (2 * 3600, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds / {'days': 86400, 'h': 3600, 'min': 60}[unit]:.0f} {unit}"
    return f"{seconds:.0f} s"
