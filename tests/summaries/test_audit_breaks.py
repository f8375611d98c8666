"""Sentences that somebody wrote to deceive the audit, and true ones that it once took for wrong."""

from __future__ import annotations

import dataclasses

import pytest
from people import ON, patient

from osler.records.entries import in_order
from osler.records.moments import read_moment
from osler.records.record import (
    Allergy,
    CarePlan,
    Code,
    Condition,
    Encounter,
    Medicine,
    Observation,
    Procedure,
    Quantity,
    Record,
)
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import Ledger, ledger
from osler.summaries.template import Section, Template
from osler.summaries.text import Written

FREE = Template(sections=(Section(title="Notes", about="all", parts=("conditions", "labs")),))


def _condition(code: str, text: str, start: str, end: str = "") -> Condition:
    stop = read_moment(end) if end else None
    return Condition("", Code("SNOMED CT", code, text), read_moment(start), stop, bool(end))


def _record() -> Record:
    """The patient with asthma, a bladder infection long ago, naproxen once, and no latex."""
    record = patient()
    latex = Allergy(
        "", Code("SNOMED CT", "111088007", "Latex"), read_moment("2001-02-03"), "allergy",
        "environment", (),
    )  # fmt: skip
    naproxen = Medicine(
        "", Code("RxNorm", "849574", "naproxen sodium 220 MG Oral Tablet"),
        read_moment("2001-05-06"), True,
    )  # fmt: skip
    visits = [
        Encounter("", Code("SNOMED CT", "185349003", "Encounter for check up"), read_moment(day),
                  "ambulatory")
        for day in ("2021-05-06", "2022-01-02")
    ]  # fmt: skip
    home = Observation(
        "", Code("LOINC", "63512-8", "How many people are living in your household"),
        read_moment("2022-01-02"), "survey", Quantity(2.0, "{#}"),
    )  # fmt: skip
    removal = Procedure(
        "", Code("SNOMED CT", "80146002", "Appendectomy"), read_moment("2003-04-05")
    )  # fmt: skip
    return dataclasses.replace(
        record,
        encounters=in_order(visits),
        observations=in_order([*record.observations, home]),
        procedures=in_order([removal]),
        conditions=in_order([
            *record.conditions,
            _condition("195967001", "Asthma", "1999-02-03"),
            _condition("15188001", "Hearing loss", "2019-01-02"),
            _condition("72892002", "Normal pregnancy", "1990-01-02", "1990-09-10"),
            _condition("68496003", "Polyp of colon", "2012-01-02", "2012-02-10"),
            _condition("224362002", "Full-time employment", "2001-01-02", "2015-02-10"),
            _condition("307426000", "Acute infective cystitis", "2001-05-01", "2001-05-20"),
        ]),
        medicines=in_order([*record.medicines, naproxen]),
        allergies=in_order([*record.allergies, latex]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Ledger:
    return ledger(view(_record(), ON))


def why(book: Ledger, text: str) -> list[str]:
    return [f.why for f in audit([Written("Notes", text)], book, FREE).findings if f.text]


@pytest.mark.parametrize(
    "text",
    [
        "She tolerates latex well.",
        "Latex is safe to use.",
        "Shellfish can be given safely.",
        "She has outgrown her allergy to shellfish.",
        "The latex allergy has resolved.",
        "There is no contraindication to latex.",
    ],
)
def test_an_allergy_that_is_called_safe_is_found(book: Ledger, text: str) -> None:
    assert why(book, text)


@pytest.mark.parametrize(
    "text",
    [
        "Latex is not safe to use.",
        "She does not tolerate latex.",
        "She cannot safely take shellfish.",
        "She tolerates metformin well despite her latex allergy.",
        "Ask whether she tolerates latex.",
    ],
)
def test_what_warns_of_an_allergy_passes(book: Ledger, text: str) -> None:
    assert why(book, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "She takes no daily medicines.",
        "She takes nothing regularly.",
        "She does not take any medicines.",
        "She is off all medicines.",
    ],
)
def test_that_no_medicine_is_taken_is_found_where_some_are(book: Ledger, text: str) -> None:
    assert why(book, text) == ["the record has some"]


@pytest.mark.parametrize(
    "text",
    [
        "She has acute cystitis.",
        "She has hypertension and acute cystitis.",
        "She is still being treated for acute cystitis.",
        "She is under treatment for acute cystitis.",
        "She is recovering from acute cystitis at present.",
        "She has been on naproxen since 2001.",
        "Naproxen since 2001.",
        "She uses naproxen.",
    ],
)
def test_what_is_over_is_not_told_as_if_it_went_on(book: Ledger, text: str) -> None:
    assert why(book, text)


@pytest.mark.parametrize(
    "text",
    [
        "She has had acute cystitis, now resolved.",
        "She has a history of acute cystitis.",
        "She has recovered from acute cystitis.",
        "She is being treated for asthma.",
        "She takes metformin and was given naproxen in 2001.",
        "She once took naproxen.",
        "She was on naproxen in 2001.",
        "She has had asthma since 1999.",
    ],
)
def test_what_is_over_may_be_told_of_as_past(book: Ledger, text: str) -> None:
    assert why(book, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Asthma is in remission.",
        "Asthma has resolved.",
        "Her asthma was cured.",
        "She used to have asthma.",
        "She had asthma but is now free of it.",
        "Asthma is well controlled.",
    ],
)
def test_a_disease_that_goes_on_is_neither_over_nor_under_control(book: Ledger, text: str) -> None:
    assert why(book, text)


def test_control_of_a_disease_may_be_asked_for_or_lacking(book: Ledger) -> None:
    assert why(book, "Assess whether asthma is well controlled.") == []
    assert why(book, "Asthma is not well controlled.") == []


def test_a_name_behind_a_title_is_no_drug_but_must_be_the_patients(book: Ledger) -> None:
    assert why(book, "Mrs. Byron takes metformin, which Dr. Sakuragi prescribed.") == []
    assert why(book, "Mrs. Sakuragi takes metformin.") == ["the name is another"]


def test_a_clause_that_names_nothing_is_of_the_one_before(book: Ledger) -> None:
    assert why(book, "She takes metformin for her diabetes of many years; since 2010-04-05.") == []


@pytest.mark.parametrize(
    "text",
    [
        "HbA1c is trending down.",
        "Her hemoglobin A1c has improved.",
        "HbA1c fell from 7.4 to 6.1 %.",
        "HbA1c fell to 7.4 %.",
        "The only abnormal lab is HbA1c.",
        "Creatinine is high; all other labs are normal.",
    ],
)
def test_a_change_that_the_values_do_not_show_is_found(book: Ledger, text: str) -> None:
    assert why(book, text)


@pytest.mark.parametrize(
    "text",
    [
        "HbA1c has risen.",
        "HbA1c has increased.",
        "HbA1c rose from 6.1 to 7.4 %.",
        "HbA1c rose to 7.4 %.",
        "HbA1c has worsened since 2020.",
        "Creatinine and HbA1c are high; the sodium is normal.",
    ],
)
def test_a_change_that_the_values_show_passes(book: Ledger, text: str) -> None:
    assert why(book, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "She never had a polyp.",
        "She has never been pregnant.",
        "She has never had surgery.",
        "She never had her appendix out.",
        "She still has her appendix.",
        "Gallbladder removed.",
        "She works full-time.",
        "She lives alone.",
        "Hearing is normal.",
        "She hears well.",
        "She was last seen on 2021-05-06.",
        "Her last visit was on May 6, 2021.",
        "Her next appointment is on 2022-05-06.",
    ],
)
def test_what_the_record_contradicts_is_found(book: Ledger, text: str) -> None:
    assert why(book, text)


@pytest.mark.parametrize(
    "text",
    [
        "She had a polyp in 2012.",
        "She was pregnant in 1990.",
        "She had her appendix removed.",
        "She still has her gallbladder.",
        "She worked full-time until 2015.",
        "She lives with her husband in a household of 2.",
        "Hearing is not normal.",
        "She was last seen on 2022-01-02.",
        "A visit should be booked by 2022-05-06.",
    ],
)
def test_what_the_record_tells_passes_in_plain_words(book: Ledger, text: str) -> None:
    assert why(book, text) == []


def test_a_husband_is_had_only_by_who_is_married() -> None:
    person = dataclasses.replace(patient().person, marital="divorced")
    alone = ledger(view(dataclasses.replace(_record(), person=person), ON))
    assert why(alone, "She lives with her husband.") == ["the marital status is another"]


def _fuller() -> Ledger:
    """The record with two strengths of one medicine, flares of a disease, and a sulfa allergy."""
    record = _record()
    sulfa = Allergy(
        "", Code("RxNorm", "10180", "Sulfamethoxazole"), read_moment("2001-02-03"), "allergy",
        "medication", (),
    )  # fmt: skip
    low = Medicine(
        "", Code("RxNorm", "311354", "lisinopril 5 MG Oral Tablet"), read_moment("2003-06-07"), True
    )  # fmt: skip
    flares = [
        _condition("281239006", "Exacerbation of asthma", f"{year}-01-02", f"{year}-01-09")
        for year in (2003, 2004, 2006, 2011)
    ]
    return ledger(view(dataclasses.replace(
        record,
        conditions=in_order([*record.conditions, *flares]),
        medicines=in_order([*record.medicines, low]),
        allergies=in_order([*record.allergies, sulfa]),
    ), ON))  # fmt: skip


def test_counts_doses_and_what_is_avoided_are_read_as_they_are_meant() -> None:
    fuller = _fuller()
    assert why(fuller, "Lisinopril was raised from 5 to 10 mg.") == []
    assert why(fuller, "Lisinopril was raised from 2.5 to 10 mg.")
    assert why(fuller, "She had four exacerbations of asthma.") == []
    assert why(fuller, "She had five exacerbations of asthma.")
    assert why(fuller, "Celecoxib should be avoided because of her sulfa allergy.") == []
    assert why(fuller, "She takes celecoxib and has a sulfa allergy.")


def test_a_sentence_without_an_end_is_not_weighed_but_named(book: Ledger) -> None:
    """Of 20,000 words it would take an hour; and what is in it is not told, so it is missing."""
    text = "Has hypertension " + "and takes metformin with blood pressure 120/80 mmHg " * 1500
    found = audit([Written("Notes", text)], book, FREE)
    assert "nothing in it was held against the record" in str(found.findings)
    assert found.sentences[0].flagged
    assert found.omissions


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("She has diabetes.", False),
        ("She is diabetic.", False),
        ("She has prediabetes and a diabetes self management plan.", True),
    ],
)
def test_a_care_plan_is_no_diagnosis(text: str, true: bool) -> None:
    plan = CarePlan(
        "", Code("SNOMED CT", "735985000", "Diabetes self management plan"),
        read_moment("2017-12-09"), None, False,
    )  # fmt: skip
    before = _condition("714628002", "Prediabetes", "2017-12-09")
    record = dataclasses.replace(
        patient(), conditions=in_order([before]), care_plans=in_order([plan])
    )
    assert (why(ledger(view(record, ON)), text) == []) == true
