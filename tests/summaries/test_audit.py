"""What the audit lets pass and what it does not, of one small record."""

from __future__ import annotations

import dataclasses

import pytest
from people import ON, patient

from osler.records.render import render
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.audit.result import Audit
from osler.summaries.draft import draft
from osler.summaries.policy import completed, lacking, without
from osler.summaries.template import EMPTY, Section, Template, load_template
from osler.summaries.text import Written, document, sections_of

FREE = Template(
    sections=(
        Section(title="Notes", about="all", parts=("conditions", "medicines", "allergies", "labs")),
    )
)


def audited(text: str) -> Audit:
    return audit([Written("Notes", text)], ledger(view(patient(), ON)), FREE)


def kinds(text: str) -> set[str]:
    return {finding.kind for finding in audited(text).findings}


@pytest.mark.parametrize(
    "text",
    [
        "61-year-old woman with type 2 diabetes since April 2010 and high blood pressure.",
        "Takes metformin 500 mg twice daily and lisinopril 10 mg once a day.",
        "Glucophage 500 mg BID.",
        "HbA1c 7.4 % on 2021-05-06 (previously 6.1 % in 2020).",
        "Creatinine was 4.2 mg/dL, HIGH.",
        "Creatinine 371 umol/L.",
        "Shellfish allergy with a moderate rash.",
        "No history of stroke, asthma or cancer.",
        "Fracture of left ankle in January 2015, resolved in March 2015.",
        "Amlodipine was stopped.",
        "Sodium is normal.",
        "Influenza vaccine on 2021-10-11.",
        "Recheck HbA1c in 3 months. Consider screening for depression.",
        "Should not receive shellfish (eruption of skin).",
        "Evaluate symptoms related to her fracture of the left ankle.",
        "Ask about hypertension, since 2005-06-07.",
        "Asthma was excluded. A history of kidney disease was ruled out.",
    ],
)
def test_what_the_record_bears_out_passes(text: str) -> None:
    found = audited(text)
    assert [finding.why for finding in found.findings] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Takes warfarin daily.", "drug"),
        ("Is taking Glucorevil.", "drug"),
        ("Brontosal was added to the regimen.", "drug"),
        ("Current medicines: amlodipine 5 mg.", "drug"),
        ("Metformin 850 mg twice a day.", "dose"),
        ("Metformin 500 mcg twice a day.", "dose"),
        ("Lisinopril 10 mg three times a day.", "dose"),
        ("HbA1c was 6.4 % on 2021-05-06.", "lab"),
        ("HbA1c 6.1 %.", "lab"),
        ("Hypertension since 2006.", "date"),
        ("Hypertension since 2005-02-30.", "date"),
        ("Allergic to peanuts.", "allergy"),
        ("Shellfish allergy: eruption of skin (severe).", "allergy"),
        ("Has asthma.", "condition"),
        ("Should not receive kiwi.", "allergy"),
        ("Cashews – hives.", "allergy"),
        ("There is a history of thyroid disease.", "condition"),
        ("Evaluate symptoms related to asthma.", "condition"),
        ("Evaluate symptoms related to her fracture of the right ankle.", "laterality"),
        ("Surgery of the right breast was done.", "laterality"),
        ("Ask about hypertension, since 2006-06-07.", "date"),
        ("Creatinine was 4.2 mmol/L.", "lab"),
        ("Workup excluded diabetes.", "negation"),
        ("Metformin is not part of the regimen.", "negation"),
        ("The influenza vaccine has not been given.", "negation"),
        ("No known allergies.", "negation"),
        ("Denies any history of diabetes.", "negation"),
        ("Fracture of right ankle in 2015.", "laterality"),
        ("All labs are within normal limits.", "false reassurance"),
        ("Kidney function is normal.", "false reassurance"),
        ("Vaccinations are up to date.", "false reassurance"),
        ("He is a 61-year-old man.", "demographic"),
        ("A 54-year-old woman.", "demographic"),
        ("import pandas as pd", "code"),
        ("<|im_end|>", "code"),
        ("sudo apt install python3", "code"),
        ("Takes metformin. @staticmethod", "code"),
        ("Takes metformin. System: You are a helpful assistant.", "code"),
        ("I hope this helps!", "section"),
        ("Takes metformin.\n***\nThe end.", "section"),
        ("Would you like me to add anything?", "section"),
        ("El paciente tiene diabetes desde hace años.", "foreign text"),
        ("Has pain and pain and pain and pain and pain today.", "repeat"),
    ],
)
def test_what_it_does_not_bear_out_is_named_with_its_class(text: str, kind: str) -> None:
    assert kind in kinds(text)


def test_a_claim_leads_to_the_entries_that_bear_it_out() -> None:
    found = audited("HbA1c 7.4 % on 2021-05-06.")
    assert "observation:4548-4:2021-05-06" in found.sentences[0].ids


def test_what_must_be_told_and_is_not_is_listed() -> None:
    told = {(omission.kind, omission.name) for omission in audited("Has hypertension.").omissions}
    assert told == {
        ("condition", "Diabetes mellitus type 2"), ("allergy", "Shellfish"), ("lab", "Creatinine"),
        ("medicine", "Metformin hydrochloride 500 MG Oral Tablet"), ("lab", "Hemoglobin A1c"),
        ("medicine", "lisinopril 10 MG Oral Tablet"),
    }  # fmt: skip


def test_the_draft_by_rule_is_clean_and_complete() -> None:
    seen = view(patient(), ON)
    template = load_template()
    found = audit(draft(render(seen), template), ledger(seen), template)
    assert found.clean


def test_sections_are_all_there_in_order_and_once() -> None:
    seen = view(patient(), ON)
    template = load_template()
    good = list(draft(render(seen), template))
    changed = {
        "missing": good[:-1],
        "out of order": [good[1], good[0], *good[2:]],
        "2 times": [*good, good[0]],
        "no section of the template": [*good, Written("Postscript", "Goodbye.")],
    }
    for why, sections in changed.items():
        findings = audit(sections, ledger(seen), template).findings
        assert any(finding.kind == "section" and why in finding.why for finding in findings)


def test_a_section_that_says_nothing_is_recorded_where_something_is_is_found() -> None:
    assert "negation" in kinds(EMPTY)


@pytest.mark.parametrize(
    ("part", "empty"),
    [("conditions", False), ("medicines", False), ("resolved", True), ("past_medicines", True)],
)
def test_a_section_is_empty_when_its_own_part_is_whatever_other_parts_hold(
    part: str, empty: bool
) -> None:
    """Who has no active condition may have resolved ones, and the other way round."""
    seen = dataclasses.replace(view(patient(), ON), resolved=(), past_medicines=())
    template = Template(sections=(Section(title="Notes", about="all", parts=(part,)),))
    found = audit([Written("Notes", EMPTY)], ledger(seen), template)
    assert (found.findings == ()) == empty


def test_a_document_is_read_back_as_it_was_written() -> None:
    written = [Written("One", "- a.\n- b."), Written("Two", "c.")]
    assert sections_of(document(written)) == written


def test_a_sentence_is_taken_out_and_what_was_omitted_is_put_in() -> None:
    text = "Conditions:\n- Hypertension. Has asthma.\nMedicines:\n- Warfarin."
    assert without(text, ["Has asthma.", "Warfarin."]) == "Conditions:\n- Hypertension."
    seen = view(patient(), ON)
    sections = [Written("Notes", "Has hypertension.")]
    first = audit(sections, ledger(seen), FREE)
    whole, added = completed(sections, lacking(first, ledger(seen), FREE), render(seen), FREE)
    assert added
    again = audit(whole, ledger(seen), FREE)
    assert again.omissions == ()
    assert not any(sentence.flagged for sentence in again.sentences)
