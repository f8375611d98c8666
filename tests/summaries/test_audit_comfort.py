"""False comfort, blanket denials and claims about the person: what passes and what does not."""

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
    Immunization,
    Observation,
    Procedure,
    Quantity,
    Record,
)
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.audit.result import Audit
from osler.summaries.template import Section, Template
from osler.summaries.text import Written

NOTES = Template(sections=(Section(title="Notes", about="all", parts=("labs", "vitals")),))
COUNTY = (
    "Los Angeles County, CA (FIPS 06037): CDC PLACES estimates, release 2022",
    "Health burden score: 25.24 of 100, higher is worse, release 2022",
    "Rank by burden: 2728 of 3143 counties, 1 is the greatest, release 2022",
    "Band of the score: lowest fifth (below 30.17), release 2022",
    "Diagnosed diabetes among adults: 10.9 % (95 % CI 10.3 to 11.4), release 2022",
    "No health insurance among adults aged 18 to 64: 16.4 % (95 % CI 13.6 to 19.5), release 2022",
)


def _observation(code: str, text: str, kind: str, value: Quantity | str) -> Observation:
    return Observation("", Code("LOINC", code, text), read_moment("2021-05-06"), kind, value)


def _record() -> Record:
    """The patient with high potassium and pressure, a normal LDL, surgery, and a former smoker."""
    record = patient()
    who = dataclasses.replace(
        record.person, race="White", city="Los Angeles", state="CA", county="Los Angeles County"
    )
    fibrillation = Condition(
        "", Code("SNOMED CT", "49436004", "Atrial fibrillation"), read_moment("2016-01-15"), None,
        ended=False,
    )  # fmt: skip
    more = [
        _observation("2823-3", "Potassium", "laboratory", Quantity(5.8, "mmol/L")),
        _observation("718-7", "Hemoglobin", "laboratory", Quantity(13.0, "g/dL")),
        _observation("8480-6", "Systolic blood pressure", "vital-signs", Quantity(152, "mm[Hg]")),
        _observation("8462-4", "Diastolic blood pressure", "vital-signs", Quantity(91, "mm[Hg]")),
        _observation("72166-2", "Tobacco smoking status", "social-history", "Former smoker"),
    ]
    return dataclasses.replace(
        record,
        person=who,
        conditions=in_order([*record.conditions, fibrillation]),
        observations=in_order([*record.observations, *more]),
        immunizations=in_order([
            *record.immunizations,
            Immunization("", Code("CVX", "113", "Td (adult)"), read_moment("2012-06-06")),
        ]),
        procedures=in_order([
            Procedure("", Code("SNOMED CT", "80146002", "Appendectomy"), read_moment("1994-03-03")),
        ]),
        encounters=in_order([
            Encounter(
                "", Code("SNOMED CT", "50849002", "Emergency room admission"),
                read_moment("2021-11-30"), "emergency",
            ),
        ]),
    )  # fmt: skip


def audited(text: str, template: Template = NOTES, record: Record | None = None) -> Audit:
    seen = view(record or _record(), ON)
    return audit([Written("Notes", text)], ledger(seen, COUNTY), template)


def kinds(text: str) -> set[str]:
    return {finding.kind for finding in audited(text).findings}


@pytest.mark.parametrize(
    "text",
    [
        "Lab work came back clean.", "Results are all fine.", "Everything is in range.",
        "CMP normal.", "BMP within normal limits.", "Kidney function tests are fine.",
        "Her kidneys are fine.", "Good kidney function.", "Creatinine is preserved.",
        "Potassium looks good.", "Potassium is not high.", "Glycemic control is good.",
        "Her sugars are at goal.", "HbA1c of 7.4 % meets target.", "Bloods normal.", "Labs ok",
        "Labs reviewed, NAD.", "Abnormal results: none.", "No critical values.", "Flags: none",
        "Normal.", "All good.", "Within normal limits.", "All but the HbA1c are normal.",
        "Apart from her potassium, labs are normal.", "BP is on target.", "Pressures are good.",
        "Sodium is normal, and potassium is fine.", "Labs on 2021-05-06 were normal.",
        "No hyperkalemia.", "She is not hyperkalemic.", "Liver enzymes are normal.",
        "Creatinine was normal when last measured, at 4.2 mg/dL.", "Glucose is well within range.",
        "No immunizations are overdue.", "The vaccination schedule is complete.",
    ],
)  # fmt: skip
def test_comfort_about_what_is_out_of_range_is_false(text: str) -> None:
    assert kinds(text) == {"false reassurance"}


@pytest.mark.parametrize(
    "text",
    [
        "Labs are not normal.", "Her potassium is above the normal range.",
        "Creatinine is far from normal.", "HbA1c is not yet at goal.", "BP not well controlled.",
        "Type 2 diabetes is poorly controlled.", "Sodium is the only normal electrolyte.",
        "All values other than creatinine, HbA1c and potassium are within range.",
        "Her potassium is high at 5.8, and sodium is normal.", "Sodium and hemoglobin are fine.",
        "Kidney function is poor (creatinine 4.2), sodium normal.", "None of them is normal.",
        "Previously normal potassium is now 5.8.", "If potassium is normal, go on.",
        "Goal HbA1c below 7 %.", "Target BP under 130/80.", "No hypokalemia.", "No anemia.",
        "Creatinine 4.2 mg/dL, above the upper limit of normal.",
    ],
)  # fmt: skip
def test_a_warning_is_no_comfort_and_a_goal_no_value(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Medication list is empty.", "Allergy list is blank.", "Allergies reviewed: negative.",
        "Medications: none.", "PMH unremarkable.", "No significant past medical history.",
        "Past medical history is non-contributory.", "She is otherwise healthy.",
        "No underlying illnesses.", "No surgical history.", "She has never had surgery.",
        "Surgical history: none.", "No emergency visits.", "No ER visits in the past year.",
        "No cardiovascular disease.", "No heart rhythm problems.", "Cardiac: negative.",
        "No endocrine disorders.", "No heart, lung or kidney disease.",
    ],
)  # fmt: skip
def test_a_denial_of_all_is_held_against_all_that_there_is(text: str) -> None:
    assert "negation" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "No medication changes.", "Medication side effects: none.", "No hospital admissions.",
        "She has never been hospitalized.", "No ER visits this year.", "No surgery is planned.",
        "No recorded surgery besides appendectomy.", "No lung disease.", "No tumors.",
        "No psychiatric history.", "No heart disease other than atrial fibrillation.",
        "Medication review: none needed.", "No operations in the past year.",
    ],
)  # fmt: skip
def test_a_denial_of_what_is_not_there_passes(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text", ["None.", "None known.", "Nothing of note.", "N/A", "-", "No data."]
)
def test_a_section_says_in_any_words_that_nothing_is_there(text: str) -> None:
    template = Template(sections=(Section(title="Notes", about="all", parts=("conditions",)),))
    assert "negation" in {f.kind for f in audited(text, template).findings}
    nobody = dataclasses.replace(_record(), conditions=())
    assert audited(text, template, nobody).findings == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The patient is deceased.", "demographic"), ("She died in 2021.", "demographic"),
        ("He takes metformin.", "demographic"), ("The patient is African American.", "demographic"),
        ("She lives in San Diego, CA.", "demographic"), ("Home: Dallas, TX", "demographic"),
        ("Residence: Los Angeles, NV", "demographic"), ("Asian or African American.",
                                                                    "demographic"),
        ("She is in her early fifties.", "demographic"), ("62F with diabetes.", "demographic"),
        ("A sixty-two-year-old woman.", "demographic"), ("Female, 62 years.", "demographic"),
        ("Diabetes was diagnosed when she was 60.", "demographic"),
        ("She has never used tobacco.", "social"), ("Still smokes.", "social"),
        ("She is homeless.", "social"), ("She works as a nurse.", "social"),
        ("She is DNR.", "social"), ("She drinks heavily.", "social"),
        ("She is wheelchair-bound.", "condition"), ("She is blind.", "condition"),
        ("She is pregnant.", "condition"), ("She has a pacemaker.", "procedure"),
        ("Tetanus shot is current.", "false reassurance"),
        ("She has had her influenza vaccine this year.", "immunization"),
        ("Two results of six labs are out of range, 5 in all.", "number"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_person_is_in_the_record(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "61F with diabetes.", "61 y.o. F.", "Female, 61 years.", "A sixty-one-year-old woman.",
        "She is 61, so a visit is due.", "She is in her early sixties.",
        "Diabetes was diagnosed when she was 49.", "She had an appendectomy in 1994 at age 33.",
        "She no longer smokes.", "She does not smoke.", "She used to smoke.",
        "She lives in Los Angeles, California.", "White, married.", "She is alive.",
        "Ask whether she drinks alcohol.", "She is not pregnant.", "No pacemaker.",
        "Her doctor says he will call.", "Mrs. [patient] has diabetes.",
    ],
)  # fmt: skip
def test_what_is_so_of_the_person_passes(text: str) -> None:
    assert kinds(text) == set()


def test_a_job_that_ended_is_no_resolved_condition() -> None:
    template = Template(sections=(Section(title="Notes", about="all", parts=("resolved",)),))
    worked = Condition(
        "", Code("SNOMED CT", "160903007", "Full-time employment (finding)"),
        read_moment("2016-01-15"), read_moment("2018-01-15"), ended=True,
    )  # fmt: skip
    record = dataclasses.replace(patient(), conditions=in_order([worked]))
    assert audited("Resolved conditions: none recorded.", template, record).findings == ()
    assert audited("Full-time employment, 2016 to 2018.", template, record).findings == ()
    older = dataclasses.replace(record, conditions=in_order([*patient().conditions, worked]))
    told = {item.name: item.kind for item in ledger(view(older, ON)).items}
    assert told["Fracture of left ankle"] == "condition", "whatever job ended after it"
    found = audited("Resolved conditions: none recorded.", template, older).findings
    assert found, "the ankle is one"


def test_a_death_is_told_where_the_record_has_one() -> None:
    record = _record()
    person = dataclasses.replace(record.person, died=date(2021, 12, 1), dead=True)
    dead = dataclasses.replace(record, person=person)
    assert audited("The patient is deceased.", record=dead).findings == ()
    alive = audited("The patient is alive.", record=dead).findings
    assert [finding.kind for finding in alive] == ["demographic"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Blood pressure: 131/55 mmHg, HIGH and LOW.", True),
        ("Blood pressure: 131/55 mmHg, LOW.", True),
        ("Heart rate: 70 /min, LOW.", False),
    ],
)
def test_a_blood_pressure_can_be_high_and_low(text: str, *, right: bool) -> None:
    measured = (("8480-6", "Systolic blood pressure", 131.0, "mm[Hg]"),
                ("8462-4", "Diastolic blood pressure", 55.0, "mm[Hg]"),
                ("8867-4", "Heart rate", 70.0, "/min"))  # fmt: skip
    pressures = [
        _observation(code, name, "vital-signs", Quantity(value, unit))
        for code, name, value, unit in measured
    ]
    record = dataclasses.replace(patient(), observations=in_order(pressures))
    assert (audited(text, record=record).findings == ()) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The county ranks 2728 of 3143.", True),
        ("The county is in the lowest fifth of burden.", True),
        ("About one in nine adults in the county has diabetes.", True),
        ("About one in four adults in the county has diabetes.", False),
        ("Half of the adults in the county lack health insurance.", False),
        ("The county is in the highest fifth of burden.", False),
        ("The county has a lower rate of diabetes than the nation.", False),
        ("Cook County, IL.", False),
        ("Score of 25.24 of 100, higher is better.", False),
    ],
)
def test_the_county_is_that_of_its_lines(text: str, *, right: bool) -> None:
    template = Template(sections=(Section(title="Notes", about="all", parts=("county",)),))
    assert (audited(text, template).findings == ()) == right


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("La paciente tiene diabetes mellitus tipo 2.", True),
        ("Keine Allergien bekannt.", True),
        ("Une consultation est prévue.", True),
        ("Creatinine clearance of 55 mL/min/1.73 m², drawn at a café.", False),
        ("Home: El Monte, Los Angeles.", False),
    ],
)
def test_a_short_sentence_of_another_language_is_foreign(text: str, *, foreign: bool) -> None:
    assert ("foreign text" in kinds(text)) == foreign


@pytest.mark.parametrize(
    "text",
    [
        "The HbA1c is not above the reference range.",
        "The potassium does not exceed the upper limit of normal.",
        "HbA1c results do not indicate any elevation.",
        "Laboratory data do not show any value outside the reference range.",
        "There is no sign of reduced kidney function.",
        "There is no evidence of elevated potassium.",
        "Blood pressure shows no elevation.",
        "The latest potassium result (5.8 mmol/L) does not raise any concern, as it is normal.",
        "The labs gave no reason for worry.", "Potassium levels are nothing to worry about.",
        "None of the laboratory values deviates from the norm.", "The labs hold no surprises.",
        "Kidney function tests turned out fine.", "The kidneys work as they should.",
        "There are no outstanding vaccinations.", "No catch-up vaccinations are needed.",
        "All age-appropriate vaccines have been received.",
        "The vaccination record shows no gaps.", "Lung function is preserved.",
    ],
)  # fmt: skip
def test_comfort_by_denying_what_is_bad_is_false(text: str) -> None:
    assert kinds(text) == {"false reassurance"}


@pytest.mark.parametrize(
    "text",
    [
        "There is no evidence of low potassium.", "Her potassium is not below the reference range.",
        "Blood pressure shows no reduction.", "Sodium does not raise any concern, as it is normal.",
        "The sodium gives no cause for concern.", "She reports no concerns.",
        "There are no high-risk behaviors.", "No increased risk of falls.",
    ],
)  # fmt: skip
def test_a_denial_of_the_other_way_is_no_false_comfort(text: str) -> None:
    assert kinds(text) == set()
