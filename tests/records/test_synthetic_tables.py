"""The tables of the synthetic cohort hold together, and their codes are no typing errors."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from pathlib import Path

import pytest

from osler.records.synthetic.tables import tables


def test_tables_name_only_what_they_have() -> None:
    known = tables()
    measures = {*known.measures, *known.panels}
    named = [*known.diseases, *known.episodes, *known.allergies.kinds]
    for disease in known.diseases.values():
        named += [*disease.acts, *disease.one_act, *disease.yearly, *disease.later]
        named += [one for one in (disease.plan, disease.then, *disease.becomes) if one]
        assert {*disease.tests, *disease.labs} <= measures
        assert {line.ladder for line in disease.medicines} - {""} <= set(known.ladders)
    for episode in known.episodes.values():
        named += [*episode.acts, *(one for one in (episode.plan, episode.then) if one)]
        assert set(episode.tests) <= measures
    for kind in known.allergies.kinds.values():
        named += kind.reactions
    for plan, activities in known.plans.items():
        named += [plan, *activities]
    assert set(named) <= set(known.terms)
    lines = [line for one in (*known.diseases.values(),) for line in one.medicines]
    lines += [line for one in known.episodes.values() for line in one.treatment]
    assert {drug for line in lines for drug in line.of} <= set(known.drugs)
    steps = [step for ladder in known.ladders.values() for step in ladder.steps]
    assert {ingredient for step in steps for ingredient in step} <= set(known.doses)


def test_codes_have_the_form_of_their_system() -> None:
    known = tables()
    assert verhoeff("44054006")
    assert not verhoeff("44054007")
    for term in known.terms.values():
        assert term.code.isdigit()
        assert term.system != "SNOMED CT" or verhoeff(term.code)
    for measure in known.measures.values():
        assert mod10(measure.code) or measure.code in ("QALY", "DALY", "QOLS")
    for panel in known.panels.values():
        assert mod10(panel.code)
        assert set(panel.measures.split()) <= set(known.measures)
    codes = Counter(drug.code for drug in known.drugs.values())
    assert max(codes.values()) == 1


def verhoeff(code: str) -> bool:
    """SNOMED CT's check digit (Verhoeff 1969)."""
    permute, table = "1576283094", []
    dihedral = [[(i + j) % 5 if i < 5 and j < 5 else 0 for j in range(10)] for i in range(10)]
    for i in range(10):
        for j in range(10):
            a, b = i % 5, j % 5
            if i < 5:
                dihedral[i][j] = (a + b) % 5 + (5 if j >= 5 else 0)
            else:
                dihedral[i][j] = (a - b) % 5 + (0 if j >= 5 else 5)
    table = [list(range(10))]
    for _ in range(7):
        table.append([table[-1][int(digit)] for digit in permute])
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = dihedral[check][table[place % 8][int(digit)]]
    return check == 0


def mod10(code: str) -> bool:
    """LOINC's check digit (Luhn)."""
    found = re.fullmatch(r"(\d+)-(\d)", code)
    if not found:
        return False
    total = 0
    for place, digit in enumerate(reversed(found[1])):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return (10 - total % 10) % 10 == int(found[2])


@pytest.mark.shared_data
def test_the_counties_are_counties(shared_data: Path) -> None:
    path = shared_data / "cdc_places" / "places_county_gis_2022_release.csv.gz"
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    known = {(row["StateAbbr"], row["CountyName"]) for row in rows}
    missing = []
    for place in tables().places:
        name = re.sub(r" (County|Parish|Municipality)$", "", place.county)
        # The release has its letters beyond ASCII broken.
        names = {name, name.encode().decode("latin-1")}
        if not {(place.abbreviation, one) for one in names} & known:
            missing.append(place.county)
    assert missing == []
