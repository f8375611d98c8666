"""One progress bar for everything that takes long here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich import get_console
from rich.progress import track

T = TypeVar("T")


def progress(items: Sequence[T], label: str) -> Iterable[T]:
    """Go through the items under a bar that vanishes at the end; in a file there is none."""
    return track(items, label, transient=True, disable=not get_console().is_terminal)
