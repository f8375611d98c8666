"""FHIR R4 bundles: what is read of each kind of resource, and that none goes without a line."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import (
    RXNORM,
    bundle,
    concept,
    condition,
    observation,
    order,
    patient,
    quantity,
    read,
    record_of,
    resource,
    write_bundle,
)

from osler.records.record import Code, Quantity, Range
from osler.records.render import render
from osler.records.view import view


def note(text: str, kind: str = "text/plain", **parts: Any) -> dict[str, Any]:
    """A DocumentReference of 2021."""
    data = base64.b64encode(text.encode()).decode()
    content = [{"attachment": {"contentType": kind, "data": data}}]
    given = {"type": concept("34117-2", "History and physical note"), "content": content}
    return resource("DocumentReference", "d1", date="2021-03-04T10:00:00Z", **(given | parts))


def test_every_resource_has_a_line(tmp_path: Path) -> None:
    wrong = {"entry": concept("x", "x"), "verificationStatus": concept("entered-in-error", "")}
    some = [
        condition(), order(), observation(), condition("1", "Gout", **wrong),
        observation(code="718-7", valueQuantity={"unit": "g/dL"}),
        {"resourceType": "Claim", "id": "x"}, {"resourceType": "Claim", "id": "y"}, {"id": "z"},
        {"resourceType": "Organization", "id": "org", "name": "Clinic"},
    ]  # fmt: skip
    write_bundle(tmp_path, bundle(*some))
    _, account = read(tmp_path)
    assert account.read == {
        "Patient": 1, "Condition": 1, "MedicationRequest": 1, "Observation": 1, "Organization": 1,
    }  # fmt: skip
    assert account.ignored == {
        "Claim": 2, "Condition (entered in error)": 1, "no resourceType": 1
    }  # fmt: skip
    assert [one.place for one in account.refused] == ["one.json: entry 6 (Observation)"]
    assert account.total == 1 + len(some)


def test_a_medicine_by_reference_is_found_wherever_it_is(tmp_path: Path) -> None:
    drug = concept("860975", "metformin 500 MG Oral Tablet", RXNORM)
    beside = {"resourceType": "Medication", "id": "med", "code": drug}
    for place, reference, inside in (
        ("beside", {"reference": "Medication/med"}, []),
        ("inside", {"reference": "#own"}, [{**beside, "id": "own"}]),
    ):
        request = order(medicationReference=reference, contained=inside)
        del request["medicationCodeableConcept"]
        record = record_of(tmp_path / place, request, beside)
        assert record.medicines[0].code == Code("RxNorm", "860975", "")
        assert record.medicines[0].code.text == "metformin 500 MG Oral Tablet"


def test_a_medicine_that_is_only_named_is_kept_and_one_without_a_name_is_refused(
    tmp_path: Path,
) -> None:
    named = order(medicationReference={"reference": "Medication/no", "display": "Insulin"})
    unnamed = order(medicationReference={"reference": "Medication/no"}, id="m2")
    write_bundle(tmp_path, bundle(named, unnamed))
    (record,), account = read(tmp_path)
    assert [one.code.text for one in record.medicines] == ["Insulin"]
    assert [str(one) for one in account.refused] == [
        "one.json: entry 3 (MedicationRequest): its Medication is not in the bundle"
    ]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"status": "entered-in-error"}, "entered in error"),
        ({"intent": "plan"}, "only a plan"),
        ({"status": "draft"}, "only a draft"),
        ({"doNotPerform": True}, "not to be given"),
    ],
)
def test_what_is_no_order_is_no_medicine(parts: Any, why: str, tmp_path: Path) -> None:
    write_bundle(tmp_path, bundle(order(**parts)))
    (record,), account = read(tmp_path)
    assert record.medicines == ()
    assert account.ignored == {f"MedicationRequest ({why})": 1}


def test_reasons_are_found_by_reference_and_by_code(tmp_path: Path) -> None:
    at = {
        "status": "finished",
        "class": {"code": "EMER"},
        "type": [concept("50849002", "Emergency")],
    }
    visit = resource("Encounter", "e1", period={"start": "2020-01-01T10:00:00Z"}, **at)
    reference = [{"reference": "urn:uuid:c-38341003"}]
    record = record_of(
        tmp_path, condition(), order(reasonReference=reference),
        visit | {"reasonReference": reference},
        resource("Procedure", "pr", status="completed", code=concept("1", "Spirometry"),
                 performedPeriod={"start": "2019-05-05"},
                 reasonCode=[concept("195967001", "Asthma")]),
        resource("CarePlan", "cp", status="active", category=[concept("assess-plan", ""),
                 concept("443402002", "Lifestyle education")], addresses=reference * 2,
                 period={"start": "2014-02-01"},
                 activity=[{"detail": {"code": concept("226234005", "Healthy diet")}}]),
    )  # fmt: skip
    assert record.medicines[0].reason
    assert record.medicines[0].reason.text == "Hypertension"
    assert record.encounters[0].reason == record.medicines[0].reason
    assert record.encounters[0].kind == "emergency"
    assert record.procedures[0].reason == Code("SNOMED CT", "195967001", "")
    (plan,) = record.care_plans
    assert [reason.text for reason in plan.reasons] == ["Hypertension"]
    assert (plan.code.text, plan.activities[0].text) == ("Lifestyle education", "Healthy diet")


def test_one_id_may_be_a_condition_and_a_medication(tmp_path: Path) -> None:
    drug = {"resourceType": "Medication", "id": "1", "code": concept("2", "Aspirin", RXNORM)}
    request = order(medicationReference={"reference": "Medication/1"},
                    reasonReference=[{"reference": "Condition/1"}])  # fmt: skip
    record = record_of(tmp_path, condition(id="1"), drug, request)
    (medicine,) = record.medicines
    assert medicine.reason
    assert (medicine.code.text, medicine.reason.text) == ("Aspirin", "Hypertension")


def test_resources_of_a_transaction_need_no_id_of_their_own(tmp_path: Path) -> None:
    content = bundle(condition(), order(reasonReference=[{"reference": "urn:uuid:c-38341003"}]))
    for entry in content["entry"]:
        del entry["resource"]["id"]
    write_bundle(tmp_path, content)
    (record,), account = read(tmp_path)
    assert account.refused == []
    assert record.person.id == "p1"
    assert record.medicines[0].reason == record.conditions[0].code


def test_a_resource_that_names_nobody_is_nobodys(tmp_path: Path) -> None:
    nobody = condition()
    del nobody["subject"]
    content = bundle(nobody, condition("1", "Gout", subject={"reference": "Patient/other"}))
    for entry in content["entry"]:
        del entry["fullUrl"]
    write_bundle(tmp_path, content)
    (record,), account = read(tmp_path)
    assert record.conditions == ()
    assert [one.reason for one in account.refused] == [
        "names no patient that was read from this file"
    ] * 2


def test_an_allergy_has_its_reactions_and_how_bad_they_were(tmp_path: Path) -> None:
    reactions = [
        {"manifestation": [concept("39579001", "Anaphylaxis (disorder)")], "severity": "severe"},
        {"manifestation": [concept("247472004", "Wheal (finding)"), concept("1", "Cough")]},
    ]
    allergy = resource(
        "AllergyIntolerance", "a", type="allergy", category=["food"], reaction=reactions,
        code=concept("735971005", "Fish (substance)"), recordedDate="1986-11-02T10:00:00Z",
    )  # fmt: skip
    (found,) = record_of(tmp_path, allergy).allergies
    told = {(r.code.text, r.severity) for r in found.reactions}
    assert told == {("Anaphylaxis", "severe"), ("Wheal", ""), ("Cough", "")}
    assert (found.code.text, found.kind, found.category) == ("Fish", "allergy", "food")
    assert found.start.day == date(1986, 11, 2)


def test_components_are_observations_of_their_panel(tmp_path: Path) -> None:
    component = [
        {"code": concept("8480-6", "Systolic", "http://loinc.org"),
         "valueQuantity": quantity(131, "mm[Hg]"), "referenceRange": [{"high": {"value": 120}}]},
        {"code": concept("8462-4", "Diastolic", "http://loinc.org"),
         "valueQuantity": quantity(84, "mm[Hg]")},
    ]  # fmt: skip
    panel = observation("85354-9", "Blood pressure panel", component=component)
    low, high = record_of(tmp_path, panel).observations
    assert (low.code.value, high.code.value) == ("8462-4", "8480-6")
    assert high.value == Quantity(131, "mm[Hg]")
    assert high.reference == Range(None, 120)
    assert high.panel == Code("LOINC", "85354-9", "")


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ({"valueString": "no growth\nafter 48 h"}, "no growth after 48 h"),
        ({"valueCodeableConcept": concept("260385009", "Negative (qualifier value)")}, "Negative"),
        ({"valueBoolean": False}, "No"),
        ({"valueInteger": 3}, Quantity(3, "")),
        ({"valueQuantity": quantity(0.01, "ng/mL", comparator="<")}, Quantity(0.01, "ng/mL", "<")),
        ({"valueQuantity": {"value": 5.4, "unit": "mmol/l"}}, Quantity(5.4, "mmol/L")),
    ],
)
def test_values_of_every_kind_that_is_read(parts: Any, value: Any, tmp_path: Path) -> None:
    (found,) = record_of(tmp_path, observation(**parts)).observations
    assert found.value == value


def test_a_value_that_is_said_to_be_missing_is_set_aside_and_a_panel_too(tmp_path: Path) -> None:
    absent = observation("1-8", dataAbsentReason=concept("unknown", "Unknown"))
    panel = observation("24323-8", hasMember=[{"reference": "Observation/o"}])
    refused = {"code": concept("8480-6", "Systolic"), "dataAbsentReason": {"text": "Refused"}}
    parts = observation("85354-9", component=[refused, {"code": concept("8462-4", "Diastolic")}])
    write_bundle(tmp_path, bundle(absent, panel, parts))
    _, account = read(tmp_path)
    assert account.refused == []
    assert account.ignored == {
        "Observation (no value, as it says itself)": 2,
        "Observation (its values are Observations)": 1,
    }


def test_what_was_refuted_or_never_done_is_set_aside(tmp_path: Path) -> None:
    refuted = condition("1", "Gout", verificationStatus=concept("refuted", ""))
    shot = resource("Immunization", "i", status="not-done", vaccineCode=concept("140", "Influenza"),
                    occurrenceDateTime="2020-10-01")  # fmt: skip
    write_bundle(tmp_path, bundle(refuted, shot, observation(status="cancelled")))
    (record,), account = read(tmp_path)
    assert record.size == 0
    assert account.ignored == {
        "Condition (refuted)": 1, "Immunization (not done)": 1, "Observation (cancelled)": 1
    }  # fmt: skip


def test_what_is_not_confirmed_says_so(tmp_path: Path) -> None:
    sure = concept("provisional", "")
    (found,) = record_of(tmp_path, condition(verificationStatus=sure)).conditions
    assert found.certainty == "provisional"


def test_texts_of_documents_and_conclusions_of_reports_are_notes(tmp_path: Path) -> None:
    report = resource(
        "DiagnosticReport", "r", status="final", code=concept("30746-2", "Chest X-ray"),
        effectiveDateTime="2021-05-05T10:00:00Z", conclusion="No infiltrate.",
    )  # fmt: skip
    record = record_of(tmp_path, note("Müde.\nSchläft schlecht."), report)
    assert [(n.start.day.month, n.text) for n in record.notes] == [
        (3, "Müde.\nSchläft schlecht."), (5, "No infiltrate.")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"content": [{"attachment": {"contentType": "text/html", "data": "PGI+eDwvYj4="}}]},
         "text that is not plain"),
        ({"content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/1"}}]},
         "its text is elsewhere"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_plain_text_is_set_aside(parts: Any, why: str, tmp_path: Path) -> None:
    write_bundle(tmp_path, bundle(note("x", **parts)))
    _, account = read(tmp_path)
    assert account.ignored == {f"DocumentReference ({why})": 1}


def test_a_plain_text_is_read_beside_one_that_is_not(tmp_path: Path) -> None:
    both = note("Plain words.")
    both["content"].append({"attachment": {"contentType": "text/html", "data": "PGI+eDwvYj4="}})
    (found,) = record_of(tmp_path, both).notes
    assert found.text == "Plain words."


def test_names_of_places_and_people_come_by_reference_or_with_it(tmp_path: Path) -> None:
    clinic = {"resourceType": "Organization", "id": "org", "name": "Norwalk Clinic"}
    doctor = {"resourceType": "Practitioner", "id": "dr",
              "name": [{"given": ["Ana"], "family": "Ortiz"}]}  # fmt: skip
    visit = resource(
        "Encounter", "e", status="finished", type=[concept("1", "Check-up")],
        period={"start": "2020-01-01"}, serviceProvider={"reference": "Organization/org"},
        participant=[{"individual": {"reference": "urn:uuid:dr"}}], **{"class": {"code": "AMB"}},
    )  # fmt: skip
    shown = visit | {
        "id": "e2",
        "serviceProvider": {"reference": "x", "display": "County\nHospital"},
    }
    first, second = record_of(tmp_path, clinic, doctor, visit, shown).encounters
    assert {first.where, second.where} == {"Norwalk Clinic", "County Hospital"}
    assert first.who == "Ana Ortiz"


def test_who_it_is(tmp_path: Path) -> None:
    core = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
    whom = patient(
        maritalStatus=concept("W", "Widowed"), deceasedDateTime="2020-02-02T23:30:00-08:00",
        extension=[{"url": core, "extension": [{"url": "text", "valueString": "Asian"}]}],
        communication=[{"language": {"text": "Spanish"}}, {"language": {"text": "Thai"},
                                                           "preferred": True}],
    )  # fmt: skip
    who = record_of(tmp_path, of=whom).person
    assert (who.born, who.died, who.sex) == (date(1960, 5, 20), date(2020, 2, 2), "female")
    assert (who.race, who.marital, who.language) == ("Asian", "widowed", "Thai")
    assert (who.city, who.state) == ("Norwalk", "CA")


def test_a_dead_patient_whose_day_of_death_is_not_known_is_dead(tmp_path: Path) -> None:
    assert record_of(tmp_path, of=patient(deceasedBoolean=True)).person.dead


@pytest.mark.parametrize(("day", "age"), [("2021-05", 60), ("2021-06", 61), ("2021", 60)])
def test_a_death_is_told_to_the_month_or_year_that_is_known(
    day: str, age: int, tmp_path: Path
) -> None:
    record = record_of(tmp_path, condition(), of=patient(deceasedDateTime=day))
    told = render(view(record, date(2022, 1, 1)))[0].text
    assert f"Died {day} at age {age} years (about), female" in told


def test_a_baby_may_have_died_in_the_year_of_its_birth(tmp_path: Path) -> None:
    who = record_of(tmp_path, of=patient(deceasedDateTime="1960")).person
    assert str(who.death) == "1960"


def test_a_visit_without_a_type_is_one(tmp_path: Path) -> None:
    """FHIR asks for its class alone; some systems send a type without a word in it."""
    parts = {"class": {"code": "EMER"}, "period": {"start": "2020-01-02"}}
    some = (resource("Encounter", "e1", **parts), resource("Encounter", "e2", type=[{}], **parts))
    record = record_of(tmp_path, *some)
    assert {(one.code.text, one.kind) for one in record.encounters} == {("Visit", "emergency")}


def test_two_patients_of_one_bundle_have_each_their_own(tmp_path: Path) -> None:
    other = {"reference": "Patient/p2"}
    record, second = sorted_records(
        tmp_path, patient("p2", birthDate="1990-01-01"), condition(),
        condition("1", "Gout", subject=other),
    )  # fmt: skip
    assert [c.code.text for c in record.conditions] == ["Hypertension"]
    assert [c.code.text for c in second.conditions] == ["Gout"]


def sorted_records(folder: Path, *some: Any) -> list[Any]:
    write_bundle(folder, bundle(*some))
    records, account = read(folder)
    assert account.refused == []
    return sorted(records, key=lambda one: one.person.id)


def test_the_order_of_a_bundle_does_not_show(tmp_path: Path) -> None:
    some = [observation(valueQuantity=quantity(v, "mg/dL"), id=f"o{v}") for v in (92, 101, 87)]
    some += [condition(), order()]
    assert record_of(tmp_path / "a", *some) == record_of(tmp_path / "b", *reversed(some))
