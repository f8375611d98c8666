"""Short names for what is measured and asked, the same whatever words a system uses."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from osler.records.record import Code


def label(code: Code) -> str:
    """The short name of a LOINC code that is known; otherwise the source's own words."""
    return _known(code)[0] or code.text


def panel(code: Code) -> str:
    """What a LOINC code that is known is measured with: `vitals`, `survey`, `liver`; else ""."""
    return _known(code)[1]


def _known(code: Code) -> tuple[str, str]:
    return _by_loinc().get(code.value, ("", "")) if code.system == "LOINC" else ("", "")


@cache
def _by_loinc() -> dict[str, tuple[str, str]]:
    """Name and panel, from assets/lexicon/labs.tsv: columns name, others, loinc, panel."""
    lines = resources.files("osler").joinpath("assets/lexicon/labs.tsv").read_text("utf-8")
    head, *rows = (line.split("\t") for line in lines.splitlines() if line)
    name, loinc, kind = (head.index(column) for column in ("name", "loinc", "panel"))
    return {
        code: (capital(row[name]), row[kind])
        for row in rows
        for code in row[loinc].split("|")
        if code
    }


SPELLED = {
    word.lower(): word
    for word in (
        "A1c", "ACR", "ALT", "AST", "AUDIT-C", "B12", "BNP", "BUN", "CK-MB", "CO2", "COVID-19",
        "DAST-10", "DNA", "DXA", "FEV1/FVC", "GAD-7", "HARK", "HDL", "HIV", "IgA", "IgE",
        "IgG", "IgM", "INR", "LDL", "MB", "MMSE", "NT-proBNP", "NYHA", "pH", "PHQ-2", "PHQ-9",
        "PSA", "PT", "RNA", "RDW", "SARS-CoV-2", "T3", "T4", "TSH", "VLDL",
    )
}  # fmt: skip
"""Words that are written in a way of their own, by what the tables have in lower case."""


LETTERED = re.compile(
    r"\b(?:apolipoprotein|cystatin|group|hepatitis|influenza|troponin|virus|vitamin) "
    r"[a-z](?: and [a-z])?\b"
)
"""Things that are told apart by a letter: `virus A`, `influenza A and B`."""


def _upper(letter: re.Match[str]) -> str:
    return letter[0].upper()


def capital(text: str) -> str:
    """With a capital letter in front; what is written in capitals within stays."""
    text = " ".join(SPELLED.get(word, word) for word in text.split(" "))
    text = LETTERED.sub(lambda found: re.sub(r"(?<= )[a-z]\b", _upper, found[0]), text)
    return text if text.split(" ")[0] in SPELLED.values() else text[:1].upper() + text[1:]
