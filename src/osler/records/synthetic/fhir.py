"""Histories as FHIR R4: a transaction bundle for each patient, one for the clinics."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from osler.records.synthetic.clinics import clinics
from osler.records.synthetic.fhir_parts import (
    TERMINOLOGY,
    URIS,
    Json,
    coded,
    concept,
    instant,
    of_patient,
    organization,
    patient,
    practitioner,
    refer,
    status,
)
from osler.records.synthetic.history import (
    Act,
    History,
    Measured,
    Paper,
    Plan,
    Prescription,
    Problem,
    Report,
    Sensitivity,
    Shot,
    Visit,
)
from osler.records.synthetic.tables import Measure, Term

UCUM = "http://unitsofmeasure.org"
SYNTHEA = "http://synthetichealth.github.io/synthea"
"""Of the scores that are no LOINC: QALY, DALY, QOLS."""
CLASSES = {
    "wellness": "AMB", "ambulatory": "AMB", "outpatient": "AMB", "urgentcare": "AMB",
    "emergency": "EMER", "inpatient": "IMP", "snf": "IMP", "home": "HH", "hospice": "HH",
    "virtual": "VR",
}  # fmt: skip
PRESSURE = ("85354-9", "Blood pressure panel with all children optional")
SMOKING = {
    "Never smoker": "266919005", "Former smoker": "8517006",
    "Current every day smoker": "449868002",
}  # fmt: skip


def bundle(history: History) -> bytes:
    """A patient's bundle, in JSON."""
    return _bundle(_entry(resource) for resource in (patient(history), *_resources(history)))


def clinic_bundle(seed: int) -> bytes:
    """The bundle of all organizations and practitioners."""
    every = [clinic for of in clinics(seed).values() for clinic in of.values()]
    made = [organization(clinic) for clinic in every]
    made += [practitioner(doctor, clinic) for clinic in every for doctor in clinic.doctors]
    return _bundle(_entry(resource) for resource in made)


def _bundle(entries: Iterator[Json]) -> bytes:
    made = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    return msgspec.json.encode(made)


def _entry(resource: Json) -> Json:
    request = {"method": "POST", "url": resource["resourceType"]}
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource, "request": request}


def _resources(history: History) -> Iterator[Json]:
    who = f"urn:uuid:{history.who.id}"
    yield from (_encounter(one, who) for one in history.visits)
    yield from (_condition(one, who) for one in history.problems)
    yield from (_allergy(one, who) for one in history.allergies)
    yield from (_medicine(one, who) for one in history.medicines)
    yield from _observations(history.measured, who)
    yield from (_report(one, who) for one in history.reports)
    yield from (_procedure(one, who) for one in history.acts)
    yield from (_immunization(one, who) for one in history.shots)
    yield from (_care_plan(one, who) for one in history.plans)
    yield from (_document(one, who) for one in history.papers)


# -- resources ---------------------------------------------------------------------------------


def _encounter(visit: Visit, who: str) -> Json:
    doctor, clinic = visit.doctor, visit.clinic
    npi = f"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|{doctor.number}"
    made: Json = {
        "resourceType": "Encounter", "id": visit.id, "status": "finished",
        "class": {"system": TERMINOLOGY + "v3-ActCode", "code": CLASSES[visit.kind]},
        "type": [concept(visit.term)], "subject": {"reference": who},
        "participant": [{"individual": {"reference": npi, "display": doctor.name}}],
        "period": {"start": instant(visit.start), "end": instant(visit.end)},
        "serviceProvider": {"reference": f"urn:uuid:{clinic.id}", "display": clinic.name},
    }  # fmt: skip
    if visit.reason is not None:
        made["reasonCode"] = [concept(visit.reason)]
    return made


def _condition(problem: Problem, who: str) -> Json:
    made = of_patient("Condition", problem, who, problem.visit)
    made["clinicalStatus"] = status("condition-clinical", "resolved" if problem.end else "active")
    made["verificationStatus"] = status("condition-ver-status", "confirmed")
    made["code"] = concept(problem.term, problem.text)
    made["onsetDateTime"] = made["recordedDate"] = str(problem.start)
    if problem.end:
        made["abatementDateTime"] = str(problem.end)
    return made


def _allergy(allergy: Sensitivity, who: str) -> Json:
    severe = any(severity == "severe" for _, severity in allergy.reactions)
    made = of_patient("AllergyIntolerance", allergy, who, allergy.visit)
    made["patient"] = made.pop("subject")
    return made | {
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "verificationStatus": status("allergyintolerance-verification", "confirmed"),
        "type": allergy.kind, "category": [allergy.category],
        "criticality": "high" if severe else "low", "code": concept(allergy.term),
        "recordedDate": str(allergy.since),
        "reaction": [
            {"manifestation": [concept(term)], "severity": severity}
            for term, severity in allergy.reactions
        ],
    }  # fmt: skip


def _medicine(order: Prescription, who: str) -> Json:
    drug = order.drug
    term = Term(key="", system="RxNorm", code=drug.code, text=drug.text)
    made = of_patient("MedicationRequest", order, who, order.visit) | {
        "status": ("completed" if order.course else "stopped") if order.end else "active",
        "intent": "order", "medicationCodeableConcept": concept(term),
        "authoredOn": instant(order.start), "dosageInstruction": [_dosage(order)],
    }  # fmt: skip
    if order.reason is not None:
        made["reasonReference"] = [refer(order.reason)]
    if order.end is not None:
        period = {"start": instant(order.start), "end": instant(order.end)}
        made["dispenseRequest"] = {"validityPeriod": period}
    return made


def _dosage(order: Prescription) -> Json:
    drug = order.drug
    made: Json = {
        "sequence": 1, "asNeededBoolean": bool(drug.as_needed),
        "doseAndRate": [{"doseQuantity": {"value": drug.dose, "unit": drug.unit}}],
    }  # fmt: skip
    if drug.times is not None:
        repeat = {"frequency": drug.times, "period": drug.period, "periodUnit": drug.every}
        made["timing"] = {"repeat": repeat}
    return made


def _observations(measured: list[Measured], who: str) -> Iterator[Json]:
    """Each on its own, but the two pressures of a visit together."""
    pressures: defaultdict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        if one.measure.key in ("systolic", "diastolic"):
            pressures[one.visit.id].append(one)
        else:
            yield _observation(one, who) | _value(one) | _range(one)
    for parts in pressures.values():
        made = _observation(parts[0], who)
        made["code"] = coded(URIS["LOINC"], *PRESSURE)
        made["component"] = [{"code": measure_code(p.measure)} | _value(p) for p in parts]
        yield made


def _observation(one: Measured, who: str) -> Json:
    made = of_patient("Observation", one, who, one.visit)
    made["status"] = "final"
    if one.measure.category:
        code = one.measure.category
        system = TERMINOLOGY + "observation-category"
        made["category"] = [{"coding": [{"system": system, "code": code, "display": code}]}]
    made["code"] = measure_code(one.measure)
    made["effectiveDateTime"] = made["issued"] = instant(one.at)
    return made


def measure_code(measure: Measure) -> Json:
    """LOINC, or Synthea's own."""
    system = URIS["LOINC"] if measure.code[0].isdigit() else SYNTHEA
    return coded(system, measure.code, measure.text)


def _value(one: Measured) -> Json:
    unit = one.measure.unit
    if not isinstance(one.value, str):
        return {"valueQuantity": {"value": one.value, "unit": unit, "system": UCUM, "code": unit}}
    if one.measure.key == "smoking":
        return {"valueCodeableConcept": coded(URIS["SNOMED CT"], SMOKING[one.value], one.value)}
    return {"valueCodeableConcept": {"text": one.value}}


def _range(one: Measured) -> Json:
    ends = {name: end for name, end in (("low", one.low), ("high", one.high)) if end is not None}
    if not ends:
        return {}
    unit = one.measure.unit
    found = {
        name: {"value": end, "unit": unit, "system": UCUM, "code": unit}
        for name, end in ends.items()
    }
    return {"referenceRange": [found]}


def _report(report: Report, who: str) -> Json:
    made = of_patient("DiagnosticReport", report, who, report.visit)
    made["status"] = "final"
    made["category"] = [coded(TERMINOLOGY + "v2-0074", "LAB", "Laboratory")]
    made["code"] = coded(URIS["LOINC"], report.panel.code, report.panel.text)
    made["effectiveDateTime"] = made["issued"] = instant(report.visit.start)
    made["result"] = [
        {"reference": f"urn:uuid:{one.id}", "display": one.measure.text} for one in report.values
    ]
    return made


def _procedure(act: Act, who: str) -> Json:
    made = of_patient("Procedure", act, who, act.visit)
    made["status"] = "completed"
    made["code"] = concept(act.term)
    made["performedPeriod"] = {"start": instant(act.start), "end": instant(act.end)}
    if act.reason is not None:
        made["reasonCode"] = [concept(act.reason)]
    return made


def _immunization(shot: Shot, who: str) -> Json:
    made = of_patient("Immunization", shot, who, shot.visit)
    made["patient"] = made.pop("subject")
    made["status"] = "completed"
    made["vaccineCode"] = coded(URIS["CVX"], shot.vaccine.code, shot.vaccine.text)
    made["occurrenceDateTime"] = instant(shot.at)
    return made | {"primarySource": shot.visit is not None}


def _care_plan(plan: Plan, who: str) -> Json:
    made = of_patient("CarePlan", plan, who, plan.visit)
    state = "completed" if plan.end else "in-progress"
    made["status"] = "completed" if plan.end else "active"
    made["intent"] = "order"
    kind = {"system": "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"}
    made["category"] = [{"coding": [kind | {"code": "assess-plan"}]}, concept(plan.term)]
    ends = {"end": str(plan.end)} if plan.end else {}
    made["period"] = {"start": str(plan.start)} | ends
    if plan.reason is not None:
        made["addresses"] = [refer(plan.reason)]
    made["activity"] = [
        {"detail": {"code": concept(term), "status": state}} for term in plan.activities
    ]
    return made


def _document(paper: Paper, who: str) -> Json:
    made = of_patient("DocumentReference", paper, who, None)
    made["status"] = "current"
    made["type"] = coded(URIS["LOINC"], "34117-2", "History and physical note")
    made["date"] = instant(paper.visit.start)
    data = base64.b64encode(paper.text.encode()).decode()
    plain = {"contentType": "text/plain; charset=utf-8", "data": data}
    made["content"] = [{"attachment": plain}]
    made["context"] = {"encounter": [refer(paper.visit)]}
    return made
