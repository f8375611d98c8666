"""Short names for what is measured and asked, the same whatever words a system uses."""

from __future__ import annotations

from functools import cache
from importlib import resources

from osler.records.record import Code


def label(code: Code) -> str:
    """The short name of a LOINC code that is known; otherwise the source's own words."""
    known = _by_loinc().get(code.value) if code.system == "LOINC" else None
    return known or code.text


@cache
def _by_loinc() -> dict[str, str]:
    """From assets/lexicon/labs.tsv: columns name, others, loinc, panel."""
    lines = resources.files("osler").joinpath("assets/lexicon/labs.tsv").read_text("utf-8")
    head, *rows = (line.split("\t") for line in lines.splitlines() if line)
    name, loinc = head.index("name"), head.index("loinc")
    return {code: capital(row[name]) for row in rows for code in row[loinc].split("|") if code}


def capital(text: str) -> str:
    """With a capital letter in front; what is written in capitals within stays."""
    return text[:1].upper() + text[1:]
