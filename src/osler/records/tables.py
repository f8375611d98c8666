"""Tables of the package: tab-separated files with a head, which anyone can read and edit."""

from __future__ import annotations

import csv
from importlib import resources

Cells = dict[str, str]


def read_table(name: str) -> list[Cells]:
    """The rows of `assets/records/NAME.tsv` in their order, by the names in its head."""
    path = resources.files("osler") / "assets" / "records" / f"{name}.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
