"""What must be seen at once: out of range, found, rounded, and what cannot be known."""

from __future__ import annotations

import dataclasses
import re
from datetime import date

import page_cases as cases
import pytest
from page_parsed import Page

from osler.records.moments import read_moment
from osler.records.record import Code, Encounter, Observation, Quantity, Range
from osler.records.view import View, view
from osler.summaries.audit.result import Audit, Claim, Sentence
from osler.summaries.page.patient import page
from osler.summaries.text import Written

LAB, VITAL = "laboratory", "vital-signs"


def with_more(*some: Observation) -> View:
    record = cases.record()
    found = cases.named(*record.observations, *some)
    return view(dataclasses.replace(record, observations=found), cases.ON)


def of(code: str, name: str, day: str, kind: str, value: Quantity | str) -> Observation:
    return Observation("", Code("LOINC", code, name), read_moment(day), kind, value)


def html_of(seen: View) -> str:
    return page(cases.summary(), seen)


def test_allergies_stand_before_all_that_was_written_the_gravest_first() -> None:
    record = cases.record()
    (penicillin,) = record.allergies
    latex = dataclasses.replace(
        penicillin, code=Code("SNOMED CT", "111088007", "Latex"), criticality="high"
    )
    both = dataclasses.replace(record, allergies=cases.named(penicillin, latex))
    glance = Page(html_of(view(both, cases.ON))).text("glance")
    assert 0 < glance.index("Latex (") < glance.index("enicillin")
    none = dataclasses.replace(record, allergies=())
    assert "Allergies: none recorded." in Page(html_of(view(none, cases.ON))).text("glance")


def test_the_latest_values_out_of_range_stand_before_all_that_was_written() -> None:
    made = Page(html_of(with_more(of("94500-6", "SARS-CoV-2 RNA", "2013-01-02", LAB, "Detected"))))
    glance = made.text("glance")
    assert "Blood pressure 142/91 mmHg ▲ HIGH 2021-02-01" in glance
    assert "6.9 % ▲ HIGH 2021-02-01" in glance
    assert "SARS-CoV-2 test Detected 2013-01-02" in glance
    assert "Creatinine" not in glance
    assert made.all.index("Blood pressure 142/91") < made.all.index("What the check found")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Quantity(4.1, "mmol/L"), "No latest lab or vital sign with a known range is out of it."),
        (Quantity(4.1, "bushels"), "No lab or vital sign with a known range is recorded."),
        (Quantity(7.1, "mmol/L"), "Potassium 7.1 mmol/L ▲ HIGH"),
    ],
)
def test_nothing_out_of_range_is_said_only_as_far_as_it_is_known(
    value: Quantity, said: str
) -> None:
    record = cases.record()
    only = cases.named(of("2823-3", "Potassium", "2021-02-01", LAB, value))
    seen = view(dataclasses.replace(record, observations=only), cases.ON)
    assert said in Page(html_of(seen)).text("glance")


def test_one_vital_sign_out_of_range_lies_in_no_fold() -> None:
    text = html_of(with_more(
        of("2708-6", "Oxygen saturation", "2014-05-06", VITAL, Quantity(86, "%")),
        of("8302-2", "Body height", "2014-05-06", VITAL, Quantity(170, "cm")),
    ))  # fmt: skip
    (vitals,) = re.findall(r'<section id="vitals".*?</section>', text, re.S)
    outside = re.sub(r"<details.*?</details>", "", vitals, flags=re.S)
    assert "Oxygen saturation" in outside
    assert "LOW" in outside
    assert "Body height" not in outside


def test_a_value_that_is_within_only_when_rounded_says_so() -> None:
    seen = with_more(of("4544-3", "Hematocrit", "2021-02-01", LAB, Quantity(47.4, "%")),
                     of("4544-3", "Hematocrit", "2020-02-01", LAB, Quantity(44, "%")))  # fmt: skip
    (one,) = [series for series in seen.labs if series.name == "Hematocrit"]
    assert (one.flag, one.reference and one.reference.high) == ("", 47)
    assert "compared in whole numbers" in Page(html_of(seen)).text("labs")


def test_a_range_that_came_with_its_value_is_compared_as_it_stands() -> None:
    one = of("4544-3", "Hematocrit", "2021-02-01", LAB, Quantity(47.4, "%"))
    seen = with_more(dataclasses.replace(one, reference=Range(36, 47)))
    assert "Hematocrit 47.4 % ▲ HIGH" in Page(html_of(seen)).text("glance")


def test_what_is_called_high_or_low_stands_out_in_the_text() -> None:
    text = html_of(cases.seen())
    assert '<b class="flag">HIGH</b>' in text[text.index('id="summary"') :]


def test_two_visits_of_one_day_are_told_apart() -> None:
    def visit(time: str) -> Encounter:
        check = Code("SNOMED CT", "185349003", "Check-up")
        return Encounter("", check, read_moment(f"2021-05-05{time}"), "ambulatory", None, None)

    def told(*times: str) -> list[str]:
        seen = view(
            dataclasses.replace(cases.record(), encounters=cases.named(*map(visit, times))),
            cases.ON,
        )
        ids = tuple(one.id for one in seen.record.encounters)
        one = Sentence("All", 1, "Seen.", (Claim("encounter", 0, 4, ids),))
        summary = dataclasses.replace(
            cases.summary(), sections=(Written("All", "Seen."),), audit=Audit((one,), (), ())
        )
        made = Page(page(summary, seen))
        return [made.text(f"n{n}").removesuffix(id).strip() for n, id in enumerate(ids, 1)]

    same = "Encounter: 2021-05-05: Check-up (ambulatory)"
    assert told("T09:15:00-08:00", "T14:30:00-08:00") == [
        f"1 {same}, at 09:15", f"2 {same}, at 14:30",
    ]  # fmt: skip
    assert told("", "") == [f"1 {same} (1 of 2 alike)", f"2 {same} (2 of 2 alike)"]
    assert told("T09:15:00-08:00") == [f"1 {same}"]


def test_a_status_that_was_not_known_on_an_earlier_day_is_warned_of_at_the_top() -> None:
    record = cases.record()
    stopped = dataclasses.replace(record.medicines[1], ended=True, end=None)
    record = dataclasses.replace(record, medicines=cases.named(record.medicines[0], stopped))
    early = date(2019, 6, 1)
    for day, told in ((early, True), (cases.ON, False)):
        summary = dataclasses.replace(cases.summary(), as_of=day)
        top = Page(page(summary, view(record, day))).all.partition("At a glance")[0]
        assert ("does not say when 1 medicine ended" in top) == told
