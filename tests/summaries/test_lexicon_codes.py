"""Codes of the lexicon's tables: well formed, and every code of a real record has a name."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from osler.summaries.lexicon import by_code, by_name, concepts

SNOMED = ("condition", "reaction", "procedure", "care plan")


def pentagon(a: int, b: int) -> int:
    """Two symmetries of a pentagon, one after the other; 5 to 9 are the flips."""
    turned = (a + b) % 5 if a < 5 else (a - b) % 5
    return turned if (a < 5) == (b < 5) else turned + 5


def snomed_checks(code: str) -> bool:
    """True where the last digit fits the others, as SNOMED CT asks (Verhoeff 1969)."""
    step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    permutation, check = list(range(10)), 0
    for digit in reversed(code):
        check = pentagon(check, permutation[int(digit)])
        permutation = [permutation[each] for each in step]
    return check == 0


def loinc_checks(code: str) -> bool:
    """True where the digit behind the hyphen fits those before it (Luhn)."""
    digits, check = code.split("-")
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return (10 - sum(each // 10 + each % 10 for each in doubled) % 10) % 10 == int(check)


def test_the_checks_find_a_slip() -> None:
    assert snomed_checks("44054006")
    assert not snomed_checks("44054060")
    assert loinc_checks("4548-4")
    assert not loinc_checks("4584-4")


def test_snomed_codes_have_their_check_digit() -> None:
    codes = {code for kind in SNOMED for each in concepts(kind) for code in each.codes}
    codes |= {code for each in concepts("allergen") for code in each.codes if len(code) > 5}
    # Synthea writes unhealthy drinking with a slip; records carry it, so it is there as well.
    assert {code for code in codes if not snomed_checks(code)} == {"10939881000119104"}


def test_loinc_codes_have_their_check_digit() -> None:
    codes = {code for each in concepts("lab") for code in each.codes}
    own = {"QOLS", "QALY", "DALY"}
    assert own < codes
    assert [code for code in codes - own if not loinc_checks(code)] == []


# -- real records ------------------------------------------------------------------------------


def table(folder: Path, name: str) -> Iterator[dict[str, str]]:
    content = (folder / "synthea" / "csv" / name).read_bytes()
    content = gzip.decompress(content) if name.endswith(".gz") else content
    yield from csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("kind", "name", "column"),
    [
        ("condition", "conditions.csv", "CODE"),
        ("condition", "careplans.csv", "REASONCODE"),
        ("condition", "encounters.csv", "REASONCODE"),
        ("condition", "medications.csv", "REASONCODE"),
        ("condition", "procedures.csv", "REASONCODE"),
        ("vaccine", "immunizations.csv", "CODE"),
        ("allergen", "allergies.csv", "CODE"),
        ("reaction", "allergies.csv", "REACTION1"),
        ("reaction", "allergies.csv", "REACTION2"),
        ("procedure", "procedures.csv", "CODE"),
        ("care plan", "careplans.csv", "CODE"),
        ("lab", "observations.csv.gz", "CODE"),
    ],
)
def test_every_code_of_the_real_tables_has_a_name(
    shared_data: Path, kind: str, name: str, column: str
) -> None:
    codes = {row[column] for row in table(shared_data, name)} - {""}
    assert codes
    assert sorted(codes - by_code(kind).keys()) == []


@pytest.mark.shared_data
def test_every_real_medicine_names_a_drug(shared_data: Path) -> None:
    names = {*by_name("drug"), *by_name("combination")}
    known = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names), re.IGNORECASE)
    texts = {row["CODE"]: row["DESCRIPTION"] for row in table(shared_data, "medications.csv")}
    assert len(texts) > 50
    assert sorted(code for code, text in texts.items() if not known.search(text)) == []


FHIR_KINDS = {
    ("Condition", "code"): ("condition",),
    ("AllergyIntolerance", "code"): ("allergen",),
    ("AllergyIntolerance", "reaction"): ("reaction",),
    ("Immunization", "vaccineCode"): ("vaccine",),
    ("Observation", "code"): ("lab",),
    ("Observation", "component"): ("lab",),
    ("Procedure", "code"): ("procedure",),
    ("Encounter", "reasonCode"): ("condition",),
    ("CarePlan", "category"): ("care plan",),
    ("CarePlan", "activity"): ("care plan", "procedure"),
}
"""Where resources name concepts, and of which kinds."""


def codings(value: Any) -> Iterator[str]:
    """Codes that name something, anywhere below a value; not codes that are answers."""
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            continue
        for coding in each.get("coding", ()):
            if coding["system"] in ("http://snomed.info/sct", "http://loinc.org") or (
                coding["system"].endswith(("rxnorm", "cvx"))
            ):
                yield coding["code"]
        for below in ("code", "manifestation", "detail"):
            yield from codings(each.get(below))


def resources(folder: Path) -> Iterator[dict[str, Any]]:
    with tarfile.open(folder / "synthea" / "fhir_r4_bundles.tar.xz") as bundles:
        for member in bundles:
            content = bundles.extractfile(member) if member.name.endswith(".json") else None
            if content is not None:
                for entry in json.loads(content.read())["entry"]:
                    yield entry["resource"]


@pytest.mark.shared_data
def test_every_code_of_the_real_bundles_has_a_name(shared_data: Path) -> None:
    missing: set[tuple[str, str, str]] = set()
    seen: Counter[tuple[str, str]] = Counter()
    known = {kinds: {code for kind in kinds for code in by_code(kind)} for kinds in
             FHIR_KINDS.values()}  # fmt: skip
    for resource in resources(shared_data):
        for (of, part), kinds in FHIR_KINDS.items():
            if resource["resourceType"] == of:
                codes = set(codings(resource.get(part)))
                seen[of, part] += len(codes)
                missing |= {(of, part, code) for code in codes - known[kinds]}
    assert [place for place in FHIR_KINDS if not seen[place]] == []
    assert sorted(missing) == []
