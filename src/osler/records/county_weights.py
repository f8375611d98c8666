"""The weights of the county score: a file of YAML that people edit, every fault with its line."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from osler.errors import DataError
from osler.recipe_yaml import Location, cure_of, key_path, line_of, problem_of, read_yaml
from osler.records.county_file import COLUMNS
from osler.records.county_measures import TITLES

MOST_BYTES = 2**20
"""A larger file is no file of weights, whatever its name."""


MOST_WEIGHT = 1_000_000
"""A weight above it is a slip of the pen, and sums of such are no numbers."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a measure counts, and why."""

    id: str
    weight: float
    higher_is_worse: bool
    why: str


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of weights."""

    path: Path
    estimate: str
    """crude or age-adjusted: which of the release's estimates are shown and scored."""
    needed: float
    """Percent of the weight that must be present for a score."""
    measures: tuple[Weight, ...]
    lines: Mapping[str, int]
    """Measure id -> its line in the file."""

    def refuse_unknown(self, measures: Collection[str]) -> None:
        """Raise `DataError` for a measure that neither this release nor any other has.

        `measures`: ids of the release. One of another release is merely missing in this one.
        """
        known = sorted({*measures, *TITLES})
        for each in self.measures:
            if each.id not in known:
                where = f"{self.path.name}:{self.lines[each.id]}"
                raise DataError(
                    f"{where}: PLACES has no measure {each.id[:40]}.", _near(each.id, known)
                )


def packaged_weights() -> Path:
    """The file inside the package: copy and edit it."""
    return Path(str(resources.files("osler") / "assets" / "records" / "county_weights.yaml"))


def load_weights(path: Path | None = None) -> Weights:
    """Read a file of weights; None is the package's. Raises `DataError` with file and line."""
    path = path or packaged_weights()
    text = _text(path)
    try:
        tree, lines = read_yaml(text)
    except yaml.YAMLError as fault:
        line = line_of(fault, text)
        where = f"{path.name}:{line}" if line else path.name
        cure = cure_of(fault, "Compare it with the package's file, county_weights.yaml.")
        raise DataError(f"{where}: {problem_of(fault)}.", cure) from None
    return _File(path, lines).weights(tree)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path}: too large for a file of weights.", "Check the path.")
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: not UTF-8 text.", "Save it as UTF-8.") from None
    except OSError as fault:
        why = os.strerror(fault.errno or 0)
        raise DataError(f"{path}: cannot be read ({why}).", "Check the path.") from None


def _near(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word.upper(), known, n=1, cutoff=0.6)
    return (f"Did you mean {close[0]}? " if close else "") + f"Known: {', '.join(known)}."


@dataclass(frozen=True, slots=True)
class _File:
    """Checks one tree of values."""

    path: Path
    lines: Mapping[Location, int]

    def weights(self, tree: Any) -> Weights:
        top = self.section(tree, (), {"estimate", "needed", "measures"})
        if top["estimate"] not in COLUMNS:
            raise self.fault(("estimate",), "is crude or age-adjusted", "Write one of the two.")
        needed = self.number(top["needed"], ("needed",))
        if not 0 < needed <= 100:
            raise self.fault(("needed",), "is a share in percent", "Write 1 to 100, such as 75.")
        if not isinstance(top["measures"], dict) or not top["measures"]:
            raise self.fault(("measures",), "is empty", "Write at least one measure under it.")
        found = tuple(self.measure(name, value) for name, value in top["measures"].items())
        if not any(each.weight for each in found):
            raise self.fault(("measures",), "has no weight above 0", "Give one measure a weight.")
        at = {each.id: self.lines[("measures", each.id)] for each in found}
        return Weights(self.path, top["estimate"], needed, found, at)

    def measure(self, name: str, value: Any) -> Weight:
        here = ("measures", name)
        cells = self.section(value, here, {"weight", "higher_is", "why"})
        weight = self.number(cells["weight"], (*here, "weight"))
        if weight < 0:
            cure = "Write 0 or more; `higher_is: better` turns a measure round."
            raise self.fault((*here, "weight"), "is below 0", cure)
        if cells["higher_is"] not in ("worse", "better"):
            raise self.fault((*here, "higher_is"), "is worse or better", "Write one of the two.")
        if weight > MOST_WEIGHT:
            cure = "Weights count against each other: 1 to 100 tells all there is to tell."
            raise self.fault((*here, "weight"), f"is above {MOST_WEIGHT:,}", cure)
        if not isinstance(cells["why"], str) or not cells["why"].strip():
            cure = "Write why it counts so much: who reads the score will ask."
            raise self.fault((*here, "why"), "is empty", cure)
        return Weight(name, weight, cells["higher_is"] == "worse", cells["why"].strip())

    def section(self, value: Any, at: Location, keys: set[str]) -> dict[str, Any]:
        """The value as a mapping with exactly these keys."""
        names = ", ".join(sorted(keys))
        if not isinstance(value, dict):
            raise self.fault(at, f"must have the keys {names}", "Write them indented below it.")
        for key in value:
            if key not in keys:
                raise self.fault(
                    (*at, str(key)), "is not known here", _near(str(key), sorted(keys))
                )
        if lacking := sorted(keys - set(value)):
            raise self.fault(at, f"lacks {', '.join(lacking)}", f"Write all of {names}.")
        return value

    def number(self, value: Any, at: Location) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(at, "is not a number", "Write a number, such as 10.")
        return float(value)

    def fault(self, at: Location, what: str, cure: str) -> DataError:
        line = self.lines.get(at)
        where = f"{self.path.name}:{line}" if line else self.path.name
        return DataError(f"{where}: {key_path(at)[:60] or 'the file'} {what}.", cure)
