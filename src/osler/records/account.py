"""What became of everything that was read: nothing is left out without a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Remark:
    """A place in a file and what is the matter there; never what it says."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(slots=True)
class Account:
    """Rows or resources by kind. `read`, `ignored` and `refused` add up to all there were."""

    read: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    """By kind and why: 'Claim', 'Condition (entered in error)'."""
    refused: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    """Of what was read, but not as it should be: an unknown unit, a repeated row."""

    def take(self, kind: str, place: str, do: Callable[[], T]) -> T | None:
        """What `do` makes; or None, and why in the account."""
        try:
            made = do()
        except SetAside as reason:
            self.ignored[f"{kind} ({reason})"] += 1
        except NotReadable as reason:
            self.refused.append(Remark(place, str(reason)))
        else:
            self.read[kind] += 1
            return made
        return None

    @property
    def total(self) -> int:
        """All rows or resources that were seen."""
        return self.read.total() + self.ignored.total() + len(self.refused)


class NotReadable(ValueError):
    """Why a row or resource is refused, in words that tell nothing of what it says."""


class SetAside(ValueError):
    """Why a row or resource that is well is left out."""
