"""What has no date, or only an age or words for one: FHIR allows it, and nothing may be lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import (
    bundle,
    concept,
    condition,
    order,
    patient,
    read,
    record_of,
    resource,
    write_bundle,
)

from osler.cli import main
from osler.records.record import Record
from osler.records.render import render, whole
from osler.records.view import last_day, view
from osler.summaries.audit.holds import within
from osler.summaries.audit.words import dates

BORN = date(1960, 5, 20)


def undated(made: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A resource without any date, but for what is given."""
    when = ("onsetDateTime", "recordedDate", "authoredOn", "performedDateTime")
    return {key: value for key, value in made.items() if key not in when} | parts


def allergy(**parts: Any) -> dict[str, Any]:
    """An allergy to penicillin."""
    return resource(
        "AllergyIntolerance", "a1", code=concept("91936005", "Allergy to penicillin"), **parts
    )


def lines(record: Record, part: str, on: date = date(2022, 3, 4)) -> list[str]:
    """What is told in a part."""
    return [whole(x) for p in render(view(record, on)) if p.name == part for x in p.lines]


def test_an_active_entry_without_a_date_is_told(tmp_path: Path) -> None:
    record = record_of(tmp_path, undated(condition()), undated(order()), allergy())
    assert lines(record, "conditions") == ["Hypertension, since an unknown date"]
    assert lines(record, "medicines") == ["lisinopril 10 MG Oral Tablet, since an unknown date"]
    assert lines(record, "allergies") == ["Allergy to penicillin (allergy), since an unknown date"]
    assert [one.id for one in record.conditions] == ["condition:38341003:unknown"]
    assert lines(record, "conditions", BORN), "it is never still to come"
    assert last_day(record) == BORN


def test_an_unknown_date_bears_out_no_date(tmp_path: Path) -> None:
    (found,) = record_of(tmp_path, undated(condition())).conditions
    for text in ("1960-05-20", "1960", "May 1960", "2022-03-04"):
        (when,) = dates(text)
        assert not within(found.start, when)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"onsetAge": {"value": 40, "unit": "a"}}, "about 2000"),
        ({"onsetAge": {"value": 18, "code": "mo"}}, "about 1961"),
        ({"onsetAge": {"value": 40, "unit": "parsecs"}}, "an unknown date"),
        ({"onsetRange": {"low": {"value": 40}, "high": {"value": 41}}}, "about 2000"),
        ({"onsetRange": {"low": {"value": 20}, "high": {"value": 40}}}, "an unknown date"),
        ({"onsetPeriod": {"start": "2009-07"}}, "2009-07"),
        ({"onsetString": "in 1999"}, "1999"),
        ({"onsetString": "about 1999"}, "about 1999"),
        ({"onsetString": "1999-04"}, "1999-04"),
        ({"onsetString": "at age 40"}, "about 2000"),
        ({"onsetString": "in childhood"}, 'an unknown date ("in childhood")'),
        ({"onsetString": "in childhood", "recordedDate": "2015-01-01"},
         'an unknown date ("in childhood")'),
        ({"onsetString": "2 or 3 weeks ago"}, "an unknown date"),
        ({"onsetString": "2 or 3 weeks ago", "recordedDate": "2015-01-01"}, "2015-01-01"),
        ({"recordedDate": "2015-01-01"}, "2015-01-01"),
    ],
)  # fmt: skip
def test_an_onset_that_is_no_date_is_used_as_far_as_it_goes(
    parts: Any, said: str, tmp_path: Path
) -> None:
    record = record_of(tmp_path, undated(condition(), **parts))
    assert lines(record, "conditions") == [f"Hypertension, since {said}"]


def test_an_age_is_of_two_years(tmp_path: Path) -> None:
    made = undated(condition(), onsetAge={"value": 40, "unit": "a"})
    (found,) = record_of(tmp_path, made).conditions
    years = [year for year in range(1995, 2006) if within(found.start, dates(str(year))[0])]
    assert years == [2000, 2001]


def test_a_condition_may_end_at_an_age_or_without_a_day(tmp_path: Path) -> None:
    record = record_of(
        tmp_path, condition("1", "Gout", abatementAge={"value": 58, "unit": "a"}),
        condition("2", "Asthma", abatementRange={"low": {"value": 58}}),
        undated(condition("3", "Acne"), clinicalStatus=concept("resolved", "Resolved")),
    )  # fmt: skip
    assert lines(record, "resolved") == [
        "Gout, 2014-01-29 to about 2018",
        "Asthma, 2014-01-29, resolved",
        "Acne, from an unknown date, resolved",
    ]


def test_a_known_date_is_told_beside_an_unknown_one(tmp_path: Path) -> None:
    record = record_of(tmp_path, condition(), undated(condition(), id="c2"))
    assert lines(record, "conditions") == ["Hypertension, since 2014-01-29"]
    record = record_of(tmp_path, order(), undated(order(), id="m2"))
    assert lines(record, "medicines") == ["lisinopril 10 MG Oral Tablet, since 2014-02-01"]


def test_an_order_begins_when_it_may_be_given(tmp_path: Path) -> None:
    period = {"validityPeriod": {"start": "2019-03-04"}}
    record = record_of(tmp_path, undated(order(), dispenseRequest=period))
    assert lines(record, "medicines") == ["lisinopril 10 MG Oral Tablet, since 2019-03-04"]


@pytest.mark.parametrize(
    ("words", "said"),
    [("about 2019", "about 2019"), ("2019-10", "2019-10"), ("as a child",
     'an unknown date ("as a child")')],
)  # fmt: skip
def test_a_vaccine_whose_date_is_in_words(words: str, said: str, tmp_path: Path) -> None:
    shot = resource("Immunization", "i", status="completed", occurrenceString=words,
                    vaccineCode=concept("140", "Influenza"))  # fmt: skip
    assert lines(record_of(tmp_path, shot), "immunizations") == [f"Influenza: {said}"]


def test_a_procedure_without_a_date(tmp_path: Path) -> None:
    done = resource("Procedure", "p", status="completed", code=concept("1", "Appendectomy"))
    assert lines(record_of(tmp_path / "a", done), "procedures") == ["Appendectomy: an unknown date"]
    at = {"performedAge": {"value": 12, "unit": "years"}}
    assert lines(record_of(tmp_path / "b", done | at), "procedures") == ["Appendectomy: about 1972"]


# -- the patient -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "said"),
    [("1960", "Age 61 years (about) on 2022-03-04, female, born 1960"),
     ("1960-05", "Age 61 years (about) on 2022-03-04, female, born 1960-05"),
     ("2022", "Age 0 months (about) on 2022-03-04, female, born 2022")],
)  # fmt: skip
def test_a_birth_to_the_year_gives_the_least_age(born: str, said: str, tmp_path: Path) -> None:
    record = record_of(tmp_path, of=patient(birthDate=born))
    assert lines(record, "person")[0] == said


def test_a_patient_without_a_birth_is_named_with_the_cure(tmp_path: Path) -> None:
    absent = {"extension": [{"url": "data-absent-reason", "valueCode": "unknown"}]}
    nobody = patient(_birthDate=absent)
    del nobody["birthDate"]
    write_bundle(tmp_path, bundle(condition(), of=nobody))
    records, account = read(tmp_path)
    assert records == []
    assert "no birthDate, so the patient is not read" in account.refused[0].reason
    assert "the year is enough" in account.refused[0].reason


def test_a_null_among_given_names_is_legal(tmp_path: Path) -> None:
    name = {"family": "Zwillinger", "given": [None, "Ann"], "_given": [{"extension": []}, None]}
    record = record_of(tmp_path, condition(), of=patient(name=[name]))
    assert (record.person.given, len(record.conditions)) == ("Ann", 1)


def test_a_death_before_the_birth_is_on_no_day(tmp_path: Path) -> None:
    write_bundle(tmp_path, bundle(condition(), of=patient(deceasedDateTime="1950-01-01")))
    (record,), account = read(tmp_path)
    assert [str(one) for one in account.remarks] == [
        "one.json: entry 1 (Patient): a death before the birth: the day is left out, the patient "
        "is read as dead"
    ]
    assert lines(record, "person")[0].startswith("Died, the day is not recorded, female")


# -- a summary ---------------------------------------------------------------------------------


def test_a_summary_of_what_has_no_date_is_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = [
        undated(condition()), undated(condition("1", "Gout"), onsetAge={"value": 40, "unit": "a"}),
        undated(condition("2", "Asthma"), onsetString="in childhood"), allergy(),
        undated(order(status="on-hold"), dosageInstruction=[{"text": "1 tablet at bedtime."}]),
    ]  # fmt: skip
    write_bundle(tmp_path / "in", bundle(*some, of=patient(birthDate="1960")))
    words = ["--records", str(tmp_path / "in")]
    out = str(tmp_path / "s")
    assert main(["summarize", "draft", *words, "--as-of", "2022-03-04", "--out", out]) == 0
    assert main(["audit", out, *words]) == 0
    assert "1 summary, 1 clean" in capsys.readouterr().out
