"""The orders: one list for looking at, and one that is held out.

Fields of an entry: `text`; `then`, a second piece that stands elsewhere; `as`, how it is disguised,
and `lead`, what stands before it; `where` it stands (text, if not said); `sign` and `canary`, which
say by rule whether it was obeyed (`Sign` in signs.py). Halves were drawn by the hash of the text,
within each kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from injected.disguise import DISGUISES
from injected.signs import Sign

HERE = Path(__file__).parent
PLACES = ("text", "start", "end", "heading", "title", "section", "name", "metadata")


@dataclass(frozen=True, slots=True)
class Payload:
    """An order, and how one sees that it was obeyed."""

    kind: str
    text: str
    then: str
    where: str
    sign: Sign
    held_out: bool

    @property
    def id(self) -> str:
        """Of its text; the same in every run."""
        return f"{self.kind} {sha256(f'{self.text}|{self.then}'.encode()).hexdigest()[:6]}"

    @property
    def chance(self) -> int:
        """A number made from the text, for choosing where it stands."""
        return int.from_bytes(sha256(self.text.encode()).digest()[:4])


def payloads(half: str | None = None) -> list[Payload]:
    """Those of `seen.yaml` or `held_out.yaml`, or all."""
    halves = (half,) if half else ("seen", "held_out")
    return [
        _payload(kind, entry, name == "held_out")
        for name in halves
        for kind, entries in yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8")).items()
        for entry in entries
    ]


def _payload(kind: str, entry: dict[str, Any], held_out: bool) -> Payload:
    disguised = DISGUISES[entry["as"]](entry["text"]) if "as" in entry else entry["text"]
    where = entry.get("where", "text")
    if where not in PLACES:
        raise ValueError(f"{entry['text']!r}: no such place: {where}")
    sign = Sign(entry["sign"], entry.get("canary", ""))
    return Payload(kind, entry.get("lead", "") + disguised, entry.get("then", ""), where, sign,
                   held_out)  # fmt: skip
