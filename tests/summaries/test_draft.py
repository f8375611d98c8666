"""Lists of measurements in the draft: what must be seen is first, what is not listed is counted."""

from __future__ import annotations

import re
from datetime import date

import pytest

from osler.records.entries import in_order
from osler.records.moments import read_moment
from osler.records.names import of_code
from osler.records.record import (
    Code,
    Condition,
    Encounter,
    Medicine,
    Note,
    Observation,
    Person,
    Procedure,
    Quantity,
    Record,
)
from osler.records.render import render
from osler.records.view import View, view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.audit.result import Audit
from osler.summaries.draft import draft
from osler.summaries.template import Section, Template, load_template
from osler.summaries.text import Written

ON = date(2022, 3, 4)
TITLE = "Lab Results and Numeric Health Data"
WITHIN = (
    ("2823-3", "Potassium", 4.1, "mmol/L"), ("2951-2", "Sodium", 140, "mmol/L"),
    ("2075-0", "Chloride", 101, "mmol/L"), ("17861-6", "Calcium", 9.4, "mg/dL"),
    ("6768-6", "Alkaline phosphatase", 60, "U/L"), ("1-1", "Odd substance", 3, "mg/dL"),
    ("2-2", "Odder substance", 3, "mg/dL"),
)  # fmt: skip
VITALS = (
    ("8302-2", "Body height", 170, "cm"), ("29463-7", "Body weight", 70, "kg"),
    ("9279-1", "Respiratory rate", 15, "/min"), ("8310-5", "Body temperature", 37, "Cel"),
    ("8867-4", "Heart rate", 72, "/min"), ("72514-3", "Pain severity", 2, "{score}"),
)  # fmt: skip


def of(code: str, name: str, day: str, kind: str, value: Quantity | str) -> Observation:
    return Observation("", Code("LOINC", code, name), read_moment(day), kind, value)


@pytest.fixture
def seen() -> View:
    """A man with one old lab out of range, an old virus, a low oxygen saturation, and much that is
    newer and as it should be."""
    lab, vital = "laboratory", "vital-signs"
    some = [
        of("2160-0", "Creatinine", "2012-01-02", lab, Quantity(4.2, "mg/dL")),
        of("94500-6", "SARS-CoV-2 RNA", "2013-01-02", lab, "Detected"),
        of("92142-9", "Influenza virus A RNA", "2021-01-02", lab, "Not detected"),
        *(of(c, name, "2021-02-03", lab, Quantity(v, unit)) for c, name, v, unit in WITHIN),
        of("2708-6", "Oxygen saturation", "2014-05-06", vital, Quantity(86, "%")),
        *(of(c, name, "2021-02-03", vital, Quantity(v, unit)) for c, name, v, unit in VITALS),
    ]
    person = Person("p1", "Ada", "Byron1", date(1960, 5, 6), None, "male")
    return view(Record(person, observations=in_order(some)), ON)


def long_ago() -> View:
    """A woman of whom all that is recorded is over: ten or more of each kind, one a month."""
    names = "Otitis Sprain Bronchitis Cystitis Tonsillitis Pharyngitis Laryngitis Gastritis Colic "
    drugs = (
        "Amoxicillin Ibuprofen Naproxen Cefalexin Loratadine Prednisone Codeine Aspirin Diazepam "
    )
    done = "Suture Splint Lavage Nebulization Otoscopy Spirometry Colonoscopy Audiometry Biopsy "
    days = [read_moment(f"2015-{month:02d}-11") for month in range(1, 13)]
    plain = [
        Code("", str(n), f"{name}")
        for n, name in enumerate((names + "Mumps Rubella Measles").split())
    ]
    return view(
        Record(
            Person("p2", "Ida", "Byron2", date(1960, 5, 6), None, "female"),
            conditions=in_order(
                Condition("", code, day, day, True) for code, day in zip(plain, days, strict=True)
            ),
            medicines=in_order(
                Medicine("", Code("", name, name), day, True)
                for name, day in zip((drugs + "Warfarin").split(), days, strict=False)
            ),
            encounters=in_order(
                Encounter("", Code("", "v", "Office visit"), day, "ambulatory") for day in days[:10]
            ),
            procedures=in_order(
                Procedure("", Code("", name, name), day)
                for name, day in zip((done + "Dialysis").split(), days, strict=False)
            ),
        ),
        ON,
    )


def section(seen: View) -> str:
    (text,) = [one.text for one in draft(render(seen), load_template()) if one.title == TITLE]
    return text


def audited(seen: View, text: str) -> Audit:
    template = load_template()
    sections = [
        Written(one.title, text if one.title == TITLE else one.text)
        for one in draft(render(seen), template)
    ]
    return audit(sections, ledger(seen), template)


def test_labs_out_of_range_come_first_then_what_was_found_then_the_newest(seen: View) -> None:
    labs = section(seen).partition("Vital signs")[0].splitlines()[1:]
    assert labs[0].startswith("- Creatinine: 4.2 mg/dL on 2012-01-02, HIGH")
    assert labs[1] == "- SARS-CoV-2 test: Detected on 2013-01-02."
    assert all("2021-02-03" in line for line in labs[2:-1])
    assert len(labs) == 6  # five, which is the section's number, and the line about the others


def test_a_vital_sign_out_of_range_is_told_however_many_are_newer(seen: View) -> None:
    vitals = section(seen).partition("Vital signs")[2]
    assert "Oxygen saturation: 86 % on 2014-05-06, LOW" in vitals


def test_what_is_not_listed_is_counted_and_the_audit_bears_that_out(seen: View) -> None:
    text = section(seen)
    assert "- And 5 more labs, none known to be out of range." in text
    assert "- And 2 more vital signs, none known to be out of range." in text
    found = audited(seen, text)
    assert found.clean
    (said,) = [one for one in found.sentences if one.text.startswith("And 5 more labs")]
    assert len(said.ids) == 5  # the labs that are not listed
    assert "observation:92142-9:2021-01-02" in said.ids


def test_no_list_is_cut_in_silence() -> None:
    """Visits, procedures, past conditions and medicines, vaccines: how many more there are."""
    seen = long_ago()
    sections = draft(render(seen), load_template())
    text = "\n".join(one.text for one in sections)
    for said in ("4 more resolved conditions", "6 more past medicines", "5 more encounters",
                 "5 more procedures"):  # fmt: skip
        assert f"- And {said}." in text
    assert audit(sections, ledger(seen), load_template()).clean
    wrong = [Written(s.title, s.text.replace("5 more encounters", "3 more encounters"))
             for s in sections]  # fmt: skip
    (finding,) = audit(wrong, ledger(seen), load_template()).findings
    assert (finding.kind, finding.section) == ("number", "Recent Encounters")


def test_of_a_note_it_is_told_that_there_is_one() -> None:
    """No rule can tell what matters in it, and a part of one may mislead."""
    template = Template(sections=(Section(title="Notes", about="notes", parts=("notes",)),))
    code = Code("LOINC", "34117-2", "History and physical note")
    note = Note("", code, read_moment("2021-02-03"), "Denies everything. ```code```")
    seen = view(Record(long_ago().person, notes=in_order([note])), ON)
    sections = draft(render(seen), template)
    assert sections[0].text == "- History and physical note of 2021-02-03."
    assert audit(sections, ledger(seen), template).clean


def test_two_codes_of_one_name_are_told_once() -> None:
    day = read_moment("2015-02-03")
    both = [Condition("", Code(system, "1", "Asthma"), day, None, False) for system in ("a", "b")]
    seen = view(Record(long_ago().person, conditions=in_order(both)), ON)
    sections = draft(render(seen), load_template())
    assert sections[2].text.count("- Asthma, since 2015-02-03.") == 1
    assert audit(sections, ledger(seen), load_template()).clean


def test_a_condition_whose_code_has_no_words_is_told_and_borne_out() -> None:
    code = Code("SNOMED CT", "38341003", of_code("SNOMED CT", "38341003"))
    some = [Condition("", code, read_moment("2015-02-03"), None, False)]
    seen = view(Record(long_ago().person, conditions=in_order(some)), ON)
    sections = draft(render(seen), load_template())
    assert "- Code 38341003 of SNOMED CT, since 2015-02-03." in sections[2].text
    assert audit(sections, ledger(seen), load_template()).clean


@pytest.mark.parametrize("number", [1, 4, 6, 50])
def test_a_wrong_count_of_the_others_is_found(seen: View, number: int) -> None:
    text = re.sub(r"And 5 more labs", f"And {number} more labs", section(seen))
    (finding,) = audited(seen, text).findings
    assert finding.kind == "number"
    assert "the record has 5" in finding.why


@pytest.mark.parametrize("well", ["none known to be out of range", "within range or without one"])
def test_nobody_is_told_that_the_others_are_well_where_one_is_not(seen: View, well: str) -> None:
    lines = [line for line in section(seen).splitlines() if "Creatinine" not in line]
    text = "\n".join(lines).replace(
        "5 more labs, none known to be out of range", f"6 more labs, {well}"
    )
    (finding,) = audited(seen, text).findings
    assert finding.kind == "false reassurance"
    assert "Creatinine" in finding.why


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        ("Positive", True), ("SARS-CoV-2 detected", True), ("Reactive", True), ("Present", True),
        ("Not detected", False), ("Negative", False), ("Non-reactive", False),
        ("None present", False), ("Escherichia coli", False),
    ],
)  # fmt: skip
def test_only_a_result_that_says_that_something_was_found_comes_first(
    seen: View, answer: str, first: bool
) -> None:
    old = of("5196-1", "Hepatitis B virus surface antigen", "2001-01-02", "laboratory", answer)
    record = Record(seen.person, observations=in_order([*seen.record.observations, old]))
    text = section(view(record, ON))
    assert (f": {answer} on 2001-01-02" in text) == first
