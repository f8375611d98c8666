"""Notes in clinicians' shorthand: what they may say of a record, and what in them is found."""

from __future__ import annotations

import dataclasses

import pytest
from people import ON, patient

from osler.records.entries import in_order
from osler.records.moments import read_moment
from osler.records.record import Code, Condition, Observation, Record
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.template import Section, Template
from osler.summaries.text import Written

NOTE = Template(sections=(Section(title="Note", about="all", parts=("conditions", "labs")),))


def kinds(text: str, record: Record | None = None) -> set[str]:
    found = audit([Written("Note", text)], ledger(view(record or patient(), ON)), NOTE)
    return {finding.kind for finding in found.findings}


@pytest.mark.parametrize(
    "text",
    [
        "61yo F w/ HTN and T2DM.",
        "Flu shot x1, last 10/11/21.",
        "Flu shot (1 on file, last 10/2021).",
        "HTN since '05, T2DM dx 4/5/10.",
        "L ankle fx (1/2/15 until 3/4/15).",
        "A1c 7.4% (H), 5/6/21.",
        "A1c 6.1 → 7.4 (5/6/20, 5/6/21).",
        "5/6/21: Na 140, A1c 7.4% (H), creat 4.2 H",
        "A1c 7.4% (H), Na 140, creat 4.2 mg/dL (high).",
        "Metformin 500 mg bid, lisinopril 10 mg q day.",
        "PMH neg. for asthma, gout or stroke.",
        "Never known to have had gout.",
        "Metformin 500 mg bid – T2DM (since 4/2010).",
        "No asthma, on metformin.",
        "Asthma? No.",
        "Ø gout",
    ],
)
def test_shorthand_of_what_is_recorded_passes(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("61yo M w/ HTN.", "demographic"),
        ("Flu shot x2, last 10/11/21.", "number"),
        ("Flu shot (3 on file).", "number"),
        ("HTN since '06.", "date"),
        ("T2DM: dx 4/5/11", "date"),
        ("T2DM since 5/2010.", "date"),
        ("A1c 7.4% (L).", "lab"),
        ("A1c 7.4 → 6.1 (5/6/20, 5/6/21).", "lab"),
        ("5/6/21: Na 140, creat 2.4", "lab"),
        ("Lisinopril 10 mg q8 hours.", "dose"),
        ("PMH neg. for HTN.", "negation"),
        ("HTN? No.", "negation"),
        ("Ø HTN", "negation"),
        ("HTN – not present.", "negation"),
        ("We can rule HTN out.", "negation"),
        ("Has been spared HTN so far.", "negation"),
        ("The diagnosis of HTN was withdrawn.", "negation"),
        ("HTN has cleared up.", "condition"),
        ("Has yet to receive flu shot.", "negation"),
        ("Flu vaccine was never administered.", "negation"),
        ("No flu shot is on file.", "negation"),
        ("Completely unimmunized.", "negation"),
        ("On no prescription drugs.", "negation"),
        ("Not a single diagnosis is active.", "negation"),
        ("All: hair dye (hives).", "allergy"),
        ("Allergy alert: lanolin.", "allergy"),
        ("Allergic to grommets.", "allergy"),
        ("Fragrance mix gave blistering on exposure.", "allergy"),
        ("Creat wnl.", "false reassurance"),
        ("A1c does not exceed the normal limit.", "false reassurance"),
        ("No lab needs attention.", "false reassurance"),
        ("Every test on the last panel was normal.", "false reassurance"),
        ("Exception in thread", "code"),
        ("Here %(name)s is.", "code"),
        ("I trust this is what you wanted.", "section"),
    ],
)
def test_what_it_gets_wrong_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


def test_the_latest_answer_says_what_is_now_and_not_what_ever_was() -> None:
    """Stress is a finding of years ago; asked again, the patient says that there is none."""
    record = patient()
    stress = Condition(
        "", Code("SNOMED CT", "73595000", "Stress (finding)"), read_moment("2018-01-02"), None,
        ended=False,
    )  # fmt: skip
    asked = Observation(
        "", Code("LOINC", "76542-0", "How stressed are you?"), read_moment("2021-05-06"), "survey",
        "Not at all",
    )  # fmt: skip
    record = dataclasses.replace(
        record,
        conditions=in_order([*record.conditions, stress]),
        observations=in_order([*record.observations, asked]),
    )
    assert "negation" not in kinds("Not stressed.", record)
    assert "negation" in kinds("No h/o stress.", record)
    assert "negation" in kinds("Never had stress.", record)
