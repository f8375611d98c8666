"""FHIR resources -> entries of a record. Each raises NotReadable or SetAside with the reason."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo

from osler.records import fhir_shapes as shapes
from osler.records import record
from osler.records.account import NotReadable, SetAside
from osler.records.moments import Moment, read_moment
from osler.records.names import plain, system_name
from osler.records.record import Code, Quantity
from osler.records.units import unit_of

WRONG = "entered-in-error"
PARTS_OF_DAY = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wk": "week",
    "mo": "month",
}
VISITS = {
    "AMB": "ambulatory", "EMER": "emergency", "IMP": "inpatient", "ACUTE": "inpatient",
    "NONAC": "inpatient", "HH": "home", "VR": "virtual", "OBSENC": "observation",
    "SS": "short stay",
}  # fmt: skip
"""HL7 v3 ActCode of Encounter.class, in words."""


@dataclass(slots=True)
class Known:
    """What resources refer to, by the last part of the reference."""

    zone: tzinfo | None = None
    concepts: dict[str, shapes.Concept] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def concept(self, reference: shapes.Reference) -> Code | None:
        """The code of a Condition or Medication that is referred to."""
        found = self.concepts.get(tail(reference.reference))
        return code_of(found) if found else None

    def name(self, reference: shapes.Reference | None) -> str:
        """A practitioner's or an organization's name."""
        if reference is None:
            return ""
        return reference.display or self.names.get(tail(reference.reference), "")

    def moment(self, *texts: str, what: str) -> Moment:
        """The first date that is there."""
        found = self.moment_or_none(next(filter(None, texts), ""), what)
        if found is None:
            raise NotReadable(f"no {what}")
        return found

    def moment_or_none(self, text: str, what: str) -> Moment | None:
        """A date, or None where none is written; one that is none is refused."""
        try:
            return read_moment(text, self.zone) if text else None
        except ValueError:
            raise NotReadable(f"{what} is no date") from None


def tail(reference: str) -> str:
    """`urn:uuid:X`, `Patient/X` and `https://…/Patient/X` -> X."""
    return reference.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def code_of(concept: shapes.Concept | None, what: str = "code") -> Code:
    """The first coding, in the words that were chosen for it; or the words alone.

    `text` is what somebody meant ("Fracture of left ankle"), `display` the name of the nearest
    code ("Fracture of ankle"): FHIR R4, CodeableConcept.
    """
    if concept is None or not (concept.coding or concept.text):
        raise NotReadable(f"no {what}")
    coding = concept.coding[0] if concept.coding else shapes.Coding()
    text = plain(concept.text or coding.display or coding.code)
    return Code(system_name(coding.system), coding.code or text.lower(), text)


def first_value(concept: shapes.Concept | None) -> str:
    """The code of a status."""
    return concept.coding[0].code if concept and concept.coding else ""


def certainty(resource: shapes.Clinical) -> str:
    """Words for what is not confirmed; what was refuted or entered in error is set aside."""
    status = first_value(resource.verification_status)
    if status in (WRONG, "refuted"):
        raise SetAside(status.replace("-", " "))
    return "" if status in ("confirmed", "") else status


def not_wrong(status: str) -> None:
    """Set aside what was entered in error."""
    if status == WRONG:
        raise SetAside("entered in error")


def condition(resource: shapes.Condition, known: Known) -> record.Condition:
    """A Condition; its day is that of its onset, or else of its record."""
    sure = certainty(resource)
    onset, abated = resource.onset_period, resource.abatement_period
    start = known.moment(
        resource.onset_date_time, onset.start if onset else "", resource.recorded_date, what="onset"
    )
    end = known.moment_or_none(
        resource.abatement_date_time or (abated.end or abated.start if abated else ""), "abatement"
    )
    said = first_value(resource.clinical_status) in ("resolved", "inactive", "remission")
    ended = bool(end or said or resource.abatement_boolean or resource.abatement_string)
    return record.Condition(
        "", code_of(resource.code), _whole_day(start), _whole_day(end) if end else None, ended, sure
    )


def _whole_day(moment: Moment) -> Moment:
    """Diagnoses are of a day; some formats have no hour for them."""
    return Moment(moment.day, None, moment.precision)


def medicine(resource: shapes.MedicationRequest, known: Known) -> record.Medicine:
    """A MedicationRequest that is an order."""
    not_wrong(resource.status)
    if resource.intent in ("proposal", "plan", "option"):
        raise SetAside(f"only a {resource.intent}")
    code = None
    if resource.medication_reference:
        code = known.concept(resource.medication_reference)
        if code is None:
            raise NotReadable("its Medication is not in the bundle")
    valid = resource.dispense_request and resource.dispense_request.validity_period
    return record.Medicine(
        "", code or code_of(resource.medication_codeable_concept, "medication"),
        known.moment(resource.authored_on, what="authoredOn"),
        ended=resource.status in ("stopped", "completed", "cancelled", "ended"),
        end=known.moment_or_none(valid.end, "end") if valid else None,
        reason=_reason(resource.reason_code, resource.reason_reference, known),
        dose=_dose(resource.dosage_instruction),
    )  # fmt: skip


def _reason(
    codes: list[shapes.Concept], references: list[shapes.Reference], known: Known
) -> Code | None:
    if codes:
        return code_of(codes[0], "reason")
    return known.concept(references[0]) if references else None


def _dose(dosages: list[shapes.Dosage]) -> record.Dose | None:
    """How much and how often; the free text only where there is nothing else."""
    said: list[str] = []
    for dosage in dosages[:1]:
        repeat = dosage.timing.repeat if dosage.timing else None
        given = dosage.dose_and_rate[0].dose_quantity if dosage.dose_and_rate else None
        if given and given.value is not None:
            said.append(f"{given.value:g} {given.unit}" if given.unit else f"dose {given.value:g}")
        if repeat and repeat.frequency and repeat.period:
            unit = PARTS_OF_DAY.get(repeat.period_unit, repeat.period_unit)
            every = f"every {repeat.period:g} {unit}s" if repeat.period != 1 else f"a {unit}"
            times = {1: "once", 2: "twice"}.get(repeat.frequency, f"{repeat.frequency} times")
            said.append(
                every if repeat.period != 1 and repeat.frequency == 1 else f"{times} {every}"
            )
        if dosage.as_needed_boolean:
            said.append("as needed")
        if not said and dosage.text:
            said.append(plain(dosage.text))
    return record.Dose(", ".join(said)) if said else None


def allergy(resource: shapes.AllergyIntolerance, known: Known) -> record.Allergy:
    """An AllergyIntolerance, one reaction for each of its manifestations."""
    sure = certainty(resource)
    start = known.moment(resource.onset_date_time, resource.recorded_date, what="date")
    reactions = tuple(
        record.Reaction(code_of(shown, "manifestation"), reaction.severity)
        for reaction in resource.reaction
        for shown in reaction.manifestation
    )
    return record.Allergy(
        "", code_of(resource.code), _whole_day(start), resource.type or "allergy",
        resource.category[0] if resource.category else "", reactions,
        ended=first_value(resource.clinical_status) in ("resolved", "inactive"), certainty=sure,
    )  # fmt: skip


def observations(resource: shapes.Observation, known: Known) -> Iterator[record.Observation]:
    """An Observation, or its components, each of which is one."""
    not_wrong(resource.status)
    if resource.status in ("cancelled", "registered"):
        raise SetAside(resource.status)
    period = resource.effective_period
    at = known.moment(
        resource.effective_date_time, resource.effective_instant, period.start if period else "",
        what="effective date",
    )  # fmt: skip
    category = first_value(resource.category[0]) if resource.category else ""
    code = code_of(resource.code)
    value = value_of(resource)
    if value is not None:
        yield record.Observation("", code, at, category, value, range_of(resource))
    for part in resource.component:
        found = value_of(part)
        if found is not None:
            yield record.Observation(
                "", code_of(part.code), at, category, found, range_of(part), panel=code
            )


def value_of(holder: shapes.Value | shapes.Observation) -> Quantity | str | None:
    """A quantity, or words."""
    given = holder.value_quantity
    if given and given.value is not None:
        return Quantity(given.value, unit_of(given.code or given.unit))
    if holder.value_codeable_concept:
        return code_of(holder.value_codeable_concept, "value").text
    if holder.value_string:
        return " ".join(holder.value_string.split())
    if holder.value_integer is not None:
        return Quantity(float(holder.value_integer), "")
    if holder.value_boolean is not None:
        return "Yes" if holder.value_boolean else "No"
    return None


def range_of(holder: shapes.Value | shapes.Observation) -> record.Range | None:
    """The first reference range."""
    for found in holder.reference_range:
        low, high = found.low, found.high
        return record.Range(low.value if low else None, high.value if high else None)
    return None


def immunization(resource: shapes.Immunization, known: Known) -> record.Immunization:
    """A vaccine that was given."""
    not_wrong(resource.status)
    if resource.status == "not-done":
        raise SetAside("not done")
    at = known.moment(resource.occurrence_date_time, what="occurrence date")
    return record.Immunization("", code_of(resource.vaccine_code, "vaccine code"), at)


def procedure(resource: shapes.Procedure, known: Known) -> record.Procedure:
    """A Procedure that took place."""
    not_wrong(resource.status)
    if resource.status in ("not-done", "preparation"):
        raise SetAside(resource.status.replace("-", " "))
    period = resource.performed_period
    at = known.moment(
        resource.performed_date_time, period.start if period else "", what="performed date"
    )
    reason = _reason(resource.reason_code, resource.reason_reference, known)
    return record.Procedure("", code_of(resource.code), at, reason)


def encounter(resource: shapes.Encounter, known: Known) -> record.Encounter:
    """An Encounter that has begun."""
    not_wrong(resource.status)
    if resource.status in ("planned", "cancelled"):
        raise SetAside(resource.status)
    period = resource.period or shapes.Period()
    who = next((p.individual for p in resource.participant if p.individual), None)
    return record.Encounter(
        "", code_of(resource.type[0] if resource.type else None, "type"),
        known.moment(period.start, what="period"),
        VISITS.get(resource.class_.code, resource.class_.code or "visit"),
        _reason(resource.reason_code, [], known),
        known.moment_or_none(period.end, "end"),
        known.name(resource.service_provider), known.name(who),
    )  # fmt: skip


def care_plan(resource: shapes.CarePlan, known: Known) -> record.CarePlan:
    """A CarePlan, named by the category that is not the profile's own."""
    not_wrong(resource.status)
    period = resource.period or shapes.Period()
    end = known.moment_or_none(period.end, "end")
    kinds = [c for c in resource.category if first_value(c) != "assess-plan"]
    name = shapes.Concept(text=resource.title) if resource.title else None
    reasons = [known.concept(reference) for reference in resource.addresses]
    return record.CarePlan(
        "", code_of(kinds[0] if kinds else name, "category"),
        _whole_day(known.moment(period.start, what="period")),
        _whole_day(end) if end else None,
        bool(end) or resource.status in ("completed", "revoked"),
        tuple(reason for reason in reasons if reason),
        tuple(code_of(a.detail.code) for a in resource.activity if a.detail and a.detail.code),
    )  # fmt: skip


def notes(
    kind: shapes.Concept | None, at: Moment, attachments: list[shapes.Attachment], words: str = ""
) -> Iterator[record.Note]:
    """The text of a document or report: what is plain text, and a conclusion."""
    if words:
        yield record.Note("", code_of(kind, "type"), at, words)
    for attachment in attachments:
        if not attachment.data:
            continue
        if not attachment.content_type.startswith("text/plain"):
            raise SetAside("text that is not plain")
        try:
            text = base64.b64decode(attachment.data, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise NotReadable("its text is not base64 of UTF-8") from None
        yield record.Note("", code_of(kind, "type"), at, text.strip())


def document(resource: shapes.DocumentReference, known: Known) -> Iterator[record.Note]:
    """A DocumentReference."""
    not_wrong(resource.status)
    at = known.moment(resource.date, what="date")
    attachments = [one.attachment for one in resource.content]
    yield from notes(resource.type, at, attachments)


def report(resource: shapes.DiagnosticReport, known: Known) -> Iterator[record.Note]:
    """A DiagnosticReport in words; its values are Observations of their own."""
    not_wrong(resource.status)
    if not (resource.conclusion or any(form.data for form in resource.presented_form)):
        raise SetAside("its values are Observations")
    at = known.moment(resource.effective_date_time, what="effective date")
    yield from notes(resource.code, at, resource.presented_form, resource.conclusion)
