"""Names of concepts as people write them, and names of code systems."""

from __future__ import annotations

import re
import unicodedata

KINDS = re.compile(
    r"\s*\((?:disorder|finding|procedure|situation|regime/therapy|substance|organism|product|"
    r"physical object|morphologic abnormality|event|observable entity|person|qualifier value|"
    r"clinical drug|medicinal product|environment|context-dependent category|record artifact|"
    r"occupation|religion/philosophy|body structure|navigational concept)\)\s*$"
)
"""What SNOMED CT writes behind a fully specified name."""
APPROVAL = re.compile(r"^NDA\d{6} ")
"""The number of an approval, which RxNorm writes in front of some medicines."""

SYSTEMS = {
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://hl7.org/fhir/sid/ndc": "NDC",
}


def one_line(text: str) -> str:
    """Text on one line, without what a terminal or a reader would obey: controls, turns of writing.

    So no text from a file can look like a line of the record that is not there.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def counted(number: int, what: str) -> str:
    """`1 patient`, `1,200 patients`, `2 entries`."""
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else many}"


def be(number: int, past: bool = False) -> str:
    """`is` for one, `are` for others; `was` and `were`."""
    if past:
        return "was" if number == 1 else "were"
    return "is" if number == 1 else "are"


PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe",
                       "þ": "th"})  # fmt: skip
"""Letters that are no letter with a mark, as they are written without them."""


def folded(text: str) -> str:
    """What names are compared by: lower case, no accents and marks, single spaces."""
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(each for each in apart if not unicodedata.combining(each))
    letters = re.sub(r"[.'’`\u02bc]", "", letters.casefold().translate(PLAIN))
    return " ".join(re.sub(r"[-_,]", " ", letters).split())


def plain(text: str) -> str:
    """A name on one line, without the kind in brackets or the number of an approval."""
    return APPROVAL.sub("", KINDS.sub("", one_line(text)))


def of_code(system: str, value: str) -> str:
    """What a code without words is called: `code 38341003 of SNOMED CT`."""
    return f"code {value} of {system}" if system else f"code {value}"


def system_name(uri: str) -> str:
    """The short name of a code system, or its URI."""
    return SYSTEMS.get(uri, uri)
