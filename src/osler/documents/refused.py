"""A document that is not read: why, and what to do instead. Never a word of its text."""

from __future__ import annotations

from typing import Literal, get_args

from osler.errors import UserError

Kind = Literal[
    "encrypted", "empty", "scanned", "too_long", "bomb", "not_what_it_says", "image",
    "unknown_type", "damaged", "failed",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
"""`failed`: the reading itself ended badly (out of memory or of time); the file is to blame, or
the machine."""


class Refused(UserError):
    """A document that is not read. `kind` is for programs, the message and its cure for people."""

    def __init__(self, kind: Kind, message: str, cure: str) -> None:
        super().__init__(message, cure)
        self.kind: Kind = kind
