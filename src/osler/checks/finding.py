"""What a check found: how bad, where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from osler.errors import UserError
from osler.rows import Row, shown


@dataclass(frozen=True)
class Finding:
    """One fault (`error`: the run would fail or be worthless) or regret (`warning`).

    `name` is the fault's short name, the same for ever. No example text in any field.
    """

    severity: Literal["error", "warning"]
    name: str
    place: str
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.place}: {self.message} [{self.name}]\n    {self.cure}"


def error(name: str, place: str, message: str, cure: str) -> Finding:
    """A finding that ends `osler check` with exit code 2."""
    return Finding("error", name, place, message, cure)


def warning(name: str, place: str, message: str, cure: str) -> Finding:
    """A finding that is only told."""
    return Finding("warning", name, place, message, cure)


def from_fault(name: str, fault: UserError, place: str = "recipe") -> Finding:
    """The finding for an error that the stage itself would raise."""
    return error(name, place, fault.message, fault.cure)


def of_key(name: str, fault: UserError) -> Finding:
    """The same for an error whose message begins with a key of the recipe."""
    key, _, why = fault.message.partition(": ")
    return error(name, key, why, fault.cure)


def some(rows: Iterable[Row] | Sequence[Row]) -> str:
    """Ids of the first three rows, or their places where ids may be text, for a message."""
    ids = [shown(row) for row in rows]
    return ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
