"""Units are known by their UCUM code however they are written, and converted as published."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import pytest

from osler.records.tables import read_table
from osler.records.units import canonical, convert, dimension, readable

CODES = [row["code"] for row in read_table("units")]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("mg/dL", "mg/dL"), ("mg/dl", "mg/dL"), ("MG/DL", "mg/dL"), (" mg / dL ", "mg/dL"),
        ("mm[Hg]", "mm[Hg]"), ("mmHg", "mm[Hg]"), ("mm Hg", "mm[Hg]"), ("MMHG", "mm[Hg]"),
        ("10*3/uL", "10*3/uL"), ("10^3/µL", "10*3/uL"), ("10^3/μL", "10*3/uL"),
        ("10³/µL", "10*3/uL"), ("K/uL", "10*3/uL"), ("x10E3/uL", "10*3/uL"),
        ("X10E3/UL", "10*3/uL"), ("x10(3)/mcL", "10*3/uL"), ("× 10⁹/L", "10*9/L"),
        ("M/uL", "10*6/uL"), ("{score}", "{score}"), ("%", "%"), ("beats/min", "/min"),
        ("Cel", "Cel"), ("°C", "Cel"), ("℃", "Cel"), ("[degF]", "[degF]"), ("lbs", "[lb_av]"),
        ("mL/min/{1.73_m2}", "mL/min/{1.73_m2}"), ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73 m²", "mL/min/{1.73_m2}"), ("mL/min", "mL/min"), ("mEq/l", "meq/L"),
        ("IU/L", "[IU]/L"), ("mIU/L", "m[IU]/L"), ("uIU/mL", "u[IU]/mL"), ("mcg/dL", "ug/dL"),
        ("MCG", "ug"), ("kg/m²", "kg/m2"), ("years", "a"), ("/a", "/a"), ("mo", "mo"),
    ],
)  # fmt: skip
def test_what_people_write_is_known(written: str, code: str) -> None:
    assert canonical(written) == code


@pytest.mark.parametrize("written", ["", "Mg", "Mg/dL", "G", "G/L", "S", "MM", "furlong", "n/a"])
def test_what_is_not_clear_is_not_guessed(written: str) -> None:
    assert canonical(written) is None
    assert readable(written) == written
    assert convert(1.0, written, "mg/dL") is None
    assert convert(1.0, "mg/dL", written) is None


def test_case_tells_apart_what_it_must() -> None:
    assert (canonical("mm"), canonical("mM")) == ("mm", "mmol/L")
    assert (canonical("m"), canonical("M")) == ("m", None)
    assert (canonical("g"), canonical("mg"), canonical("MG")) == ("g", "mg", "mg")


def test_people_read_what_they_are_used_to() -> None:
    read = {code: readable(code) for code in CODES}
    assert read["mm[Hg]"] == "mmHg"
    assert read["10*3/uL"] == "10³/µL"
    assert read["mL/min/{1.73_m2}"] == "mL/min/1.73 m²"
    assert (read["{score}"], read["{INR}"], read["[pH]"]) == ("score", "", "")
    assert readable("K/uL") == "10³/µL"


@pytest.mark.parametrize("code", CODES)
def test_a_unit_read_out_is_still_that_unit(code: str) -> None:
    assert canonical(code) == code
    assert not readable(code) or canonical(readable(code)) == code


@pytest.mark.parametrize(
    ("value", "unit", "to", "loinc", "expected"),
    [
        (100, "mg/dL", "mmol/L", "2345-7", "5.55"),  # glucose
        (1.0, "mg/dL", "umol/L", "2160-0", "88.4"),  # creatinine
        (200, "mg/dL", "mmol/L", "2093-3", "5.17"),  # cholesterol
        (150, "mg/dL", "mmol/L", "2571-8", "1.69"),  # triglycerides
        (20, "mg/dL", "mmol/L", "3094-0", "7.14"),  # urea nitrogen
        (1.0, "mg/dL", "umol/L", "1975-2", "17.1"),  # bilirubin
        (10.0, "mg/dL", "mmol/L", "17861-6", "2.495"),  # calcium
        (10.0, "mg/dL", "meq/L", "17861-6", "4.99"),
        (2.0, "meq/L", "mmol/L", "19123-9", "1.0"),  # magnesium
        (7.0, "mg/dL", "umol/L", "3084-1", "416.4"),  # uric acid
        (140, "meq/L", "mmol/L", "2951-2", "140.0"),  # sodium
        (30, "ng/mL", "nmol/L", "1989-3", "74.9"),  # 25-hydroxyvitamin D
        (30, "mg/g", "mg/mmol", "14959-1", "3.39"),  # albumin for creatinine
        (4.0, "m[IU]/L", "u[IU]/mL", "3016-3", "4.00"),  # thyrotropin
        (4.0, "uU/mL", "m[IU]/L", "3016-3", "4.00"),
        (40, "[IU]/L", "U/L", "1742-6", "40.0"),  # alanine aminotransferase
        (9, "mL/min", "mL/min/{1.73_m2}", "33914-3", "9.0"),
        (7.0, "%", "mmol/mol", "4548-4", "53"),  # the NGSP's own table: 53, 48, 42
        (6.5, "%", "mmol/mol", "4548-4", "48"),
        (42, "mmol/mol", "%", "4548-4", "6.0"),
        (37, "Cel", "[degF]", "", "98.6"),
        (-40, "[degF]", "Cel", "", "-40.0"),
        (14.0, "g/dL", "g/L", "718-7", "140.0"),
        (14.0, "g/dL", "mmol/L", "718-7", "8.69"),
        (250, "10*3/uL", "10*9/L", "777-3", "250.0"),
        (7200, "/uL", "10*3/uL", "6690-2", "7.2"),
        (1, "[lb_av]", "kg", "", "0.4536"),
        (70, "[in_i]", "cm", "", "177.8"),
        (100, "mm[Hg]", "kPa", "", "13.33"),
        (0.42, "1", "%", "4544-3", "42.0"),
    ],
)
def test_conversions_as_published(
    value: float, unit: str, to: str, loinc: str, expected: str
) -> None:
    found = convert(value, unit, to, loinc)
    assert found is not None
    digits = len(expected.partition(".")[2])
    assert f"{found:.{digits}f}" == expected
    back = convert(found, to, unit, loinc)
    assert back == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "to", "loinc"),
    [
        ("mg/dL", "mmol/L", ""),  # of what?
        ("mg/dL", "mmol/L", "55758-7"),
        ("mg/dL", "mm[Hg]", "2345-7"),
        ("mL/min", "mL/min/{1.73_m2}", ""),  # a clearance, not an estimate for 1.73 m²
        ("%", "{score}", ""),
        ("kg", "kg/m2", "29463-7"),
        ("[IU]", "mg", ""),
    ],
)
def test_what_measures_something_else_is_not_converted(unit: str, to: str, loinc: str) -> None:
    assert convert(1.0, unit, to, loinc) is None


@pytest.mark.parametrize("code", CODES)
def test_every_unit_converts_into_every_other_of_its_dimension_and_back(code: str) -> None:
    for other in CODES:
        if dimension(other) == dimension(code):
            there = convert(3.7, code, other)
            assert there is not None
            assert convert(there, other, code) == pytest.approx(3.7, rel=1e-9)


def test_the_table_of_analytes_names_dimensions_and_codes_that_are() -> None:
    known = {dimension(code) for code in CODES}
    for row in read_table("analytes"):
        assert {row["from"], row["into"]} <= known, row["name"]
        assert all(re.fullmatch(r"\d+-\d", code) for code in row["codes"].split()), row["name"]


@pytest.mark.shared_data
def test_every_unit_of_real_observations_is_known(shared_data: Path) -> None:
    table = shared_data / "synthea" / "csv" / "observations.csv.gz"
    with gzip.open(table, "rt", encoding="utf-8", newline="") as file:
        units = {row["UNITS"] for row in csv.DictReader(file) if row["TYPE"] == "numeric"}
    assert len(units) > 20
    assert {unit for unit in units if canonical(unit) != unit} == set()
