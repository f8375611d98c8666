"""Texts with choices, of which each makes several messages: the texts of the project's own.

A line is KIND | TEXT; `[a/b]` is one of these, `{name}` one of the words of a line `name = a/b`.
Choices are made by a hash of the text, so the same lines always make the same messages.
"""

from __future__ import annotations

import hashlib
import random
import re
from functools import cache
from importlib import resources

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


def draw(*of: str) -> random.Random:
    """A source of chance that depends on these texts alone."""
    digest = hashlib.sha256("\0".join(of).encode("utf-8", "surrogatepass")).digest()
    return random.Random(int.from_bytes(digest[:8]))


@cache
def read_choices(name: str) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    """Of a file of ours: kinds and texts of its lines, and the words of its names."""
    path = resources.files("osler") / "assets" / "scope" / f"{name}.txt"
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    words = dict(line.split(" = ", 1) for line in lines if " | " not in line)
    parted = (line.partition(" | ") for line in lines if " | " in line)
    return tuple((kind, text) for kind, _, text in parted), words


def made(text: str, words: dict[str, str], count: int) -> str:
    """One message of a line: of every choice one."""
    chance = draw("made", text, str(count))
    while _NAME.search(text) or _CHOICE.search(text):
        text = _NAME.sub(lambda name: f"[{words[name[1]]}]", text)
        text = _CHOICE.sub(lambda choice: chance.choice(choice[1].split("/")), text)
    return " ".join(text.split())
