"""What became of everything that was read: nothing is left out without a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from osler.records.names import one_line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Remark:
    """A place in a file and what is the matter there; never what it says."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{one_line(self.place)}: {self.reason}"


@dataclass(slots=True)
class Account:
    """Rows or resources by kind. What is read, ignored, refused or damaged adds up."""

    read: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    """By kind and why: 'Claim', 'Condition (entered in error)'."""
    refused: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    """Of what was read, but not as it should be: an unknown unit, a repeated row."""
    absent: list[str] = field(default_factory=list)
    """A line for each table that no patient has anything from: it must not look like health."""
    damaged: dict[str, str] = field(default_factory=dict[str, str])
    """By patient, a line for a stored record that is not as its import wrote it, and the cure."""

    def take(self, kind: str, place: str, do: Callable[[], T]) -> T | None:
        """What `do` makes; or None, and why in the account."""
        try:
            made = do()
        except SetAside as reason:
            self.ignored[f"{kind} ({reason})"] += 1
            self.remarks += [Remark(place, reason.remark)] if reason.remark else []
        except NotReadable as reason:
            self.refused.append(Remark(place, str(reason)))
        else:
            self.read[kind] += 1
            return made
        return None

    @property
    def total(self) -> int:
        """All rows or resources that were seen."""
        return self.read.total() + self.ignored.total() + len(self.refused) + len(self.damaged)


def told(remarks: Sequence[Remark], most: int) -> Iterator[str]:
    """At most so many lines: of each file and reason the first place, and how many more there are.

    So that ten thousand rows without a value do not hide the one file that is broken.
    """
    alike: dict[tuple[str, str], list[Remark]] = {}
    for one in remarks:
        alike.setdefault((one.place.split(":")[0], one.reason), []).append(one)
    for same in list(alike.values())[:most]:
        more = f" (and {len(same) - 1:,} more like it in this file)" if len(same) > 1 else ""
        yield f"{same[0]}{more}"
    if len(alike) > most:
        yield f"and {sum(map(len, list(alike.values())[most:])):,} more"


class NotReadable(ValueError):
    """Why a row or resource is refused, in words that tell nothing of what it says."""


class SetAside(ValueError):
    """Why a row or resource that is well is left out."""

    def __init__(self, reason: str, remark: str = "") -> None:
        """`remark`: what should be looked at all the same."""
        super().__init__(reason)
        self.remark = remark
