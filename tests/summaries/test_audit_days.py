"""Days and spans belong to the thing that they are said of, and not to what was done for it."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from people import ON, patient

from osler.records.entries import in_order
from osler.records.moments import read_moment
from osler.records.record import (
    Code,
    Condition,
    Encounter,
    Medicine,
    Observation,
    Quantity,
    Record,
)
from osler.records.render import render
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.draft import draft
from osler.summaries.template import Section, Template, load_template
from osler.summaries.text import Written

NOTE = Template(sections=(Section(title="Note", about="all", parts=("conditions", "labs")),))
HYPERTENSION = Code("SNOMED CT", "59621000", "Hypertension")


@pytest.fixture
def treated() -> Record:
    """Hypertension since 2005; a medicine for it since 2012, a visit for it in 2016, and one for a
    vaccination against influenza, which was then not given, in 2018."""
    record = patient()
    losartan = Code("RxNorm", "979480", "losartan potassium 50 MG Oral Tablet")
    medicine = Medicine("", losartan, read_moment("2012-02-03"), False, reason=HYPERTENSION)
    visits = [
        Encounter(
            "", Code("SNOMED CT", "185345009", "Encounter for symptom"), read_moment("2016-08-09"),
            "ambulatory", HYPERTENSION,
        ),
        Encounter(
            "", Code("SNOMED CT", "33879002", "Influenza vaccination"), read_moment("2018-10-11"),
            "ambulatory",
        ),
    ]  # fmt: skip
    return dataclasses.replace(
        record, medicines=in_order([*record.medicines, medicine]), encounters=in_order(visits)
    )


def kinds(record: Record, text: str) -> set[str]:
    found = audit([Written("Note", text)], ledger(view(record, ON)), NOTE)
    return {finding.kind for finding in found.findings}


@pytest.mark.parametrize(
    "text",
    [
        "Hypertension, for 16 years.",
        "Hypertension was diagnosed in June 2005.",
        "Hypertension since 2005, treated since 2012.",
        "Hypertension: on treatment for 10 years.",
        "Takes losartan for hypertension, since February 2012.",
        "Losartan for 10 years, for hypertension.",
        "Seen for hypertension on 2016-08-09.",
        "Influenza vaccine given on 2021-10-11.",
        "Born 1960-05-06.",
        "DOB 5/6/1960, diabetes since 2010.",
        "A 61-year-old woman with hypertension, seen at Willow Family Medicine.",
    ],
)
def test_what_is_said_of_the_thing_itself_passes(treated: Record, text: str) -> None:
    assert kinds(treated, text) <= {"encounter", "unknown word"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hypertension, for 10 years.", "number"),
        ("Hypertension for 6 years now.", "number"),
        ("Hypertension was diagnosed in February 2012.", "date"),
        ("Hypertension, since 2016.", "date"),
        ("Influenza vaccine given on 2018-10-11.", "date"),
        ("Born 2010-04-05.", "date"),
        ("DOB: 2005-06-07", "date"),
        ("Date of birth is May 2015.", "date"),
        ("A 16-year-old woman with hypertension, seen at Willow Family Medicine.", "demographic"),
    ],
)
def test_the_day_of_something_else_is_found(treated: Record, text: str, kind: str) -> None:
    assert kind in kinds(treated, text)


def test_days_of_records_that_were_shifted_by_centuries_are_days() -> None:
    """As in MIMIC, where each patient's days are moved to the years 2100 to 2200."""
    day = date(2186, 7, 22)
    record = dataclasses.replace(
        patient(),
        person=dataclasses.replace(patient().person, born=date(2124, 5, 6)),
        conditions=in_order(
            [Condition("", HYPERTENSION, read_moment("2169-06-07"), None, ended=False)]
        ),
        medicines=(), allergies=(), immunizations=(),
        observations=in_order(
            [dataclasses.replace(patient().observations[0], start=read_moment("2185-05-06"))]
        ),
    )  # fmt: skip
    seen = view(record, day)
    template = load_template()
    assert audit(draft(render(seen), template), ledger(seen), template).clean
    for text, found in (
        ("Hypertension since 2169.", set[str]()),
        ("Hypertension since 6/7/2169.", set[str]()),
        ("Hypertension since 2171.", {"date"}),
        ("Hypertension, diagnosed July 2169.", {"date"}),
    ):
        wrong = audit([Written("Note", text)], ledger(seen), NOTE).findings
        assert {finding.kind for finding in wrong} == found


def test_a_value_of_two_thousand_is_no_year() -> None:
    loinc = Code("LOINC", "33762-6", "NT-proBNP")
    some = [
        Observation("", loinc, read_moment(day), "laboratory", Quantity(value, "pg/mL"))
        for day, value in (("2021-01-02", 2036), ("2021-09-13", 1948))
    ]
    seen = view(dataclasses.replace(patient(), observations=in_order(some)), ON)
    template = load_template()
    assert audit(draft(render(seen), template), ledger(seen), template).clean
    for text, found in (
        ("NT-proBNP was 1948 pg/mL on 2021-09-13.", set[str]()),
        ("NT-proBNP was 1949 pg/mL on 2021-09-13.", {"lab"}),
    ):
        wrong = audit([Written("Note", text)], ledger(seen), NOTE).findings
        assert {finding.kind for finding in wrong} == found


@pytest.mark.parametrize(
    "text", ["Spirometry is normal.", "Lung function is within normal limits."]
)
@pytest.mark.parametrize(("ratio", "well"), [(55, False), (82, True)])
def test_spirometry_is_normal_only_where_its_values_are(text: str, ratio: int, well: bool) -> None:
    loinc = Code("LOINC", "19926-5", "FEV1/FVC")
    some = Observation("", loinc, read_moment("2021-05-06"), "laboratory", Quantity(ratio, "%"))
    breathing = dataclasses.replace(patient(), observations=in_order([some]))
    assert ("false reassurance" in kinds(breathing, text)) != well
