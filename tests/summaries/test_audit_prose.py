"""Long sentences of a language model: what they may say of a record, and what in them is found."""

from __future__ import annotations

import dataclasses

import pytest
from people import ON, patient

from osler.records.entries import in_order
from osler.records.moments import read_moment
from osler.records.record import (
    Code,
    Condition,
    Dose,
    Encounter,
    Immunization,
    Medicine,
    Observation,
    Procedure,
    Quantity,
    Record,
)
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.template import Section, Template
from osler.summaries.text import Written

NOTE = Template(sections=(Section(title="Note", about="all", parts=("conditions", "labs")),))


GFR = "mL/min/{1.73_m2}"


def _condition(code: str, text: str, start: str, end: str = "") -> Condition:
    stop = read_moment(end) if end else None
    return Condition("", Code("SNOMED CT", code, text), read_moment(start), stop, bool(end))


def _lab(
    code: str, text: str, day: str, value: Quantity | str, kind: str = "laboratory"
) -> Observation:
    return Observation("", Code("LOINC", code, text), read_moment(day), kind, value)


def _shot(code: str, text: str, day: str) -> Immunization:
    return Immunization("", Code("CVX", code, text), read_moment(day))


def _record() -> Record:
    """The patient with more shots, visits, resolved infections and answers about her life."""
    record = patient()
    encounters = [
        Encounter("", Code("SNOMED CT", "185349003", "Encounter for check up"),
                  read_moment("2021-05-06"), "ambulatory"),
        Encounter("", Code("SNOMED CT", "702927004", "Urgent care clinic"),
                  read_moment("2020-03-04"), "ambulatory",
                  reason=Code("SNOMED CT", "68566005", "Urinary tract infection")),
    ]  # fmt: skip
    losartan = Medicine(
        "", Code("RxNorm", "979492", "losartan potassium 50 MG Oral Tablet"),
        read_moment("2018-04-05"), ended=False, dose=Dose("three times a day"),
    )  # fmt: skip
    return dataclasses.replace(
        record,
        person=dataclasses.replace(record.person, language="English", marital="never married"),
        conditions=in_order([
            *record.conditions,
            _condition("68566005", "Cystitis", "2020-03-04", "2020-03-14"),
            _condition("65363002", "Otitis media of right ear", "2019-02-03", "2019-02-13"),
            _condition("708038006", "Acute exacerbation of asthma", "2017-09-24", "2017-10-05"),
            _condition("741062008", "Not in labor force", "2015-06-07"),
        ]),
        medicines=in_order([*record.medicines, losartan]),
        observations=in_order([
            *record.observations,
            _lab("33914-3", "Estimated GFR", "2020-05-06", Quantity(56, GFR)),
                _lab("33914-3", "Estimated GFR", "2021-05-06", Quantity(55, GFR)),
            _lab("5671-3", "Lead [Mass/volume] in Blood", "2019-05-06", Quantity(1.1, "ug/dL")),
            _lab("5671-3", "Lead [Mass/volume] in Blood", "2020-05-06", Quantity(0.6, "ug/dL")),
            _lab("72166-2", "Tobacco smoking status", "2021-05-06", "Former smoker",
                 "social-history"),
        ]),
        immunizations=in_order([
            *record.immunizations,
            *(_shot("113", "Td (adult)", day) for day in ("2012-06-06", "2021-06-07")),
            *(_shot("187", "zoster recombinant", day) for day in ("2020-02-03", "2020-05-06")),
        ]),
        procedures=in_order([
            Procedure("", Code("SNOMED CT", "38102005", "Cholecystectomy"),
                      read_moment("2018-12-16")),
            Procedure("", Code("SNOMED CT", "162673000", "General examination of patient"),
                      read_moment("2021-05-06")),
        ]),
        encounters=in_order(encounters),
    )  # fmt: skip


def kinds(text: str) -> set[str]:
    found = audit([Written("Note", text)], ledger(view(_record(), ON)), NOTE)
    return {finding.kind for finding in found.findings}


@pytest.mark.parametrize(
    "text",
    [
        "The record contains no diagnosis of gout or stroke.",
        "There is no documented diagnosis of celiac disease.",
        "No procedures for gout were found, and no allergy to penicillin.",
        "No visit needs to be prepared.",
        "She reports no difficulty getting to appointments and has an allergy to shellfish.",
        "She has no gout, takes metformin and has never had a stroke.",
        "She has no asthma at present and receives lisinopril.",
        "She is not part of the labor force.",
        "She has never been married and prefers to communicate in English.",
        "She is unmarried and converses in English.",
        "She is a past smoker.",
        "She is a former smoker and is not working and not seeking a job.",
    ],
)
def test_what_is_denied_of_one_thing_is_not_denied_of_all(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Vaccines administered include the flu shot (in October 2021) and two doses of the Td "
        "booster, the latest in June 2021.",
        "She has received two shots of the herpes zoster vaccine, the latest in May 2020, and the "
        "flu jab (in October 2021).",
        "She was given two injections of the shingles vaccination, the last in 2020.",
        "The list of active diagnoses has two entries.",
        "The number of active problems is 2.",
        "The lead fell from 1.1 µg/dL on 6 May 2019 to 0.6 µg/dL on 6 May 2020.",
        "The lead level was 0.6 µg/dL in May 2020.",
        "Treatment consists of metformin 500 mg twice a day and losartan potassium 50 mg.",
        "Losartan potassium 50 mg three times each day and lisinopril 10 mg on a daily basis.",
        "Management of diabetes involves metformin and lisinopril, started in 2010 and in 2005, "
        "respectively.",
    ],
)
def test_a_number_or_date_in_a_list_is_of_what_it_stands_beside(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Vaccines include the flu shot (in October 2021) and four doses of the Td booster.",
         "number"),
        ("She was given five injections of the shingles vaccination.", "number"),
        ("The list of active diagnoses has nine entries.", "number"),
        ("The lead fell from 1.1 µg/dL on 6 May 2019 to 0.9 µg/dL on 6 May 2020.", "lab"),
        ("Losartan potassium 100 mg, three times each day.", "dose"),
        ("Losartan potassium 50 mg, at six-hour intervals.", "dose"),
        ("Metformin and lisinopril, started in 2005 and in 2010, respectively.", "date"),
        ("A general examination on 6 May 2021 and a home visit on 7 August 2019.", "date"),
        ("She was seen on 9 September 2019, and a check-up, prompted by gout, took place.",
         "condition"),
        ("She is married.", "demographic"), ("She prefers to communicate in Portuguese.",
                                             "demographic"),
        ("She has never been a smoker.", "social"),
        ("A bladder infection until 14 March 2020 and an asthma flare-up in 2012.", "date"),
    ],
)  # fmt: skip
def test_one_that_is_of_something_else_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Resolved: an infection of the bladder (from 4 March 2020 until 14 March 2020).",
        "In the past she had an infection of the right middle ear (resolved in February 2019).",
        "Resolved problems comprise an asthma flare-up (from September 2017 until October 2017).",
        "An acute flare of asthma was recorded in September 2017.",
        "In the past she had a broken left ankle (from January 2015 until March 2015).",
        "Resolved: a fractured left ankle.",
        "A stay, prompted by cystitis, from 4 March 2020 to 4 March 2020, and a general "
        "examination on 6 May 2021.",
        "Procedures include a general physical examination (on May 6, 2021) and laparoscopic "
        "removal of the gallbladder (on 16 December 2018).",
        "A general examination on 6 May 2021 and an urgent-care visit, prompted by a urinary tract "
        "infection, on 4 March 2020.",
        "A visit, necessitated by cystitis, on 4 March 2020 and a general check-up on 6 May 2021.",
    ],
)
def test_a_thing_may_be_called_otherwise_and_a_visit_has_a_reason(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("An infection of the left middle ear was recorded in 2019.", False),
        ("In the past she had a broken right ankle.", False),
        ("There is no allergy to shellfish.", False),
        ("There is no allergy to gluten.", True),
        ("The eGFR fell from 56 mL/min/1.73 m² to 55 mL/min/1.73 m² on 6 May 2021.", True),
        ("The eGFR rose from 56 mL/min/1.73 m² to 55 mL/min/1.73 m² on 6 May 2021.", False),
    ],
)
def test_a_side_within_a_name_and_a_change_are_held_against_the_record(
    text: str, *, right: bool
) -> None:
    assert (kinds(text) == set()) == right


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hypertension is now considered a thing of the past.", "condition"),
        ("Hypertension belongs to the past.", "condition"),
        ("Hypertension has run its course.", "condition"),
        ("Hypertension is no longer active.", "condition"),
        ("Hypertension is listed only as a resolved problem.", "condition"),
        ("Hypertension does not feature among her diagnoses.", "negation"),
        ("Hypertension has never occurred in this patient.", "negation"),
        ("At no time has hypertension been documented.", "negation"),
        ("Nothing in the record suggests hypertension.", "negation"),
        ("Metformin has never formed part of the treatment.", "negation"),
        ("Metformin does not appear on the medication list.", "negation"),
        ("She has ceased taking metformin.", "drug"),
        ("She has been weaned off metformin.", "drug"),
        ("The record does not document any allergies.", "negation"),
        ("Her chart does not list any intolerances.", "negation"),
        ("The patient is free of known allergies.", "negation"),
        ("No food sensitivities are listed.", "negation"),
        ("The allergy section contains no entries.", "negation"),
        ("There is no ongoing drug treatment.", "negation"),
        ("She does not take any prescription drugs.", "negation"),
        ("No healthcare encounters have been documented.", "negation"),
        ("The immunization record contains no entries.", "negation"),
        ("The vaccination history is entirely blank.", "negation"),
        ("The patient has not received any vaccines.", "negation"),
        ("She is without housing.", "social"),
        ("She has no health coverage.", "social"),
        ("Otosclerosis is considered stable under the current treatment plan.", "condition"),
    ],
)
def test_a_denial_is_found_in_any_words(text: str, kind: str) -> None:
    assert kinds(text) & {kind, "negation"}


@pytest.mark.parametrize(
    "text",
    [
        "Oats should be strictly avoided owing to a history of flushing.",
        "Garlic must be avoided because of a previous reaction.",
        "An adverse response to corn was previously documented.",
        "A severe reaction after birch pollen occurred.",
        "The allergy list comprises pineapple, shellfish and oats.",
        "Her allergies include shellfish and lupin.",
        "Exposure to formaldehyde has been associated with throat swelling.",
        "Eating lupin has caused a rash.",
        "Poultry (food allergy): hives.",
        "Lupin is recorded as an allergen.",
        "She is sensitive to cobalt, which gave her a rash.",
    ],
)
def test_an_allergy_that_no_table_has_is_found(text: str) -> None:
    assert "allergy" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "She has an adverse reaction to shellfish on record.",
        "Shellfish should be avoided because of her allergy.",
        "Exposure to shellfish has caused a rash.",
        "Her allergies include shellfish (rash, moderate).",
        "The response to treatment has been good.", "Sensitivity to cold is denied.",
        "Excess salt should be avoided because of her hypertension.",
        "NSAIDs should be avoided owing to her hypertension.",
        "Alcohol should be avoided.", "She has had no reaction to any vaccine.",
        "No allergies other than to shellfish are documented.", "Gout never developed.",
        "She has not missed any appointments.", "There is no drug treatment for gout.",
        "She does not require any treatment changes.", "Metformin has not been changed.",
        "Her ankle fracture is a thing of the past.", "She has stopped taking amlodipine.",
        "Hypertension remains active.", "She has type 2 diabetes, which is treated.",
    ],
)  # fmt: skip
def test_what_the_record_bears_out_is_no_allergy_or_denial_too_many(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "FIXME", "TBD", "[TO BE COMPLETED]", "yield from conditions", "raise ValueError",
        "import re, sys", "__NAME__", "__init__", "Q: What is the diagnosis?", "[1, 2, 3]",
        "Based on the JSON provided, she is described below.",
        "My knowledge cutoff prevents me from saying more.",
        "This concludes the pre-visit summary.", "I have followed the template.",
        "The overview was written from the data you supplied.",
    ],
)  # fmt: skip
def test_code_and_words_of_a_chat_are_found_in_any_form(text: str) -> None:
    assert kinds(text) & {"code", "section"}


@pytest.mark.parametrize(
    "text",
    [
        "__Hypertension__ since 2005.",
        "Type I am told is rare: hypertension.",
        "Return visit: none.",
    ],
)
def test_bold_and_plain_words_are_no_code(text: str) -> None:
    assert not kinds(text) & {"code", "section"}
