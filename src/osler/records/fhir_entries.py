"""FHIR resources -> entries of a record. Each raises NotReadable or SetAside with the reason."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from osler.records import fhir_shapes as shapes
from osler.records import record
from osler.records.account import NotReadable, SetAside
from osler.records.fhir_known import Known, code_of, first_value
from osler.records.moments import Moment
from osler.records.names import one_line, plain
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
    if resource.do_not_perform:
        raise SetAside("not to be given")
    if resource.status == "draft" or resource.intent in ("proposal", "plan", "option"):
        raise SetAside(f"only a {'draft' if resource.status == 'draft' else resource.intent}")
    valid = resource.dispense_request and resource.dispense_request.validity_period
    return record.Medicine(
        "", _drug(resource, known),
        known.moment(resource.authored_on, what="authoredOn"),
        ended=resource.status in ("stopped", "completed", "cancelled", "ended"),
        end=known.moment_or_none(valid.end, "end") if valid else None,
        reason=_reason(resource.reason_code, resource.reason_reference, known),
        dose=_dose(resource.dosage_instruction),
    )  # fmt: skip


def _drug(resource: shapes.MedicationRequest, known: Known) -> Code:
    """What is ordered: a concept, a Medication inside the order or in the bundle, or its name."""
    reference = resource.medication_reference
    if reference is None:
        return code_of(resource.medication_codeable_concept, "medication")
    inside = {f"#{one.id}": one.code for one in resource.contained if one.code}
    if reference.reference in inside:
        return code_of(inside[reference.reference], "medication")
    code = known.medication(reference)
    if code is None and not reference.display:
        raise NotReadable("its Medication is not in the bundle")
    return code or code_of(shapes.Concept(text=reference.display))


def _reason(
    codes: list[shapes.Concept], references: list[shapes.Reference], known: Known
) -> Code | None:
    if codes:
        return code_of(codes[0], "reason")
    return known.condition(references[0]) if references else None


def _dose(dosages: list[shapes.Dosage]) -> record.Dose | None:
    """Every instruction, in words."""
    said = list(dict.fromkeys(filter(None, map(_instruction, dosages))))
    return record.Dose(", and ".join(said)) if said else None


def _instruction(dosage: shapes.Dosage) -> str:
    """How much and how often; the free text only where neither is given."""
    said = [_amount(dosage.dose_and_rate[0])] if dosage.dose_and_rate else []
    repeat = dosage.timing.repeat if dosage.timing else None
    if repeat and repeat.frequency and repeat.period:
        unit = PARTS_OF_DAY.get(repeat.period_unit, one_line(repeat.period_unit))
        every = f"every {repeat.period:g} {unit}s" if repeat.period != 1 else f"a {unit}"
        times = {1: "once", 2: "twice"}.get(repeat.frequency, f"{repeat.frequency} times")
        said.append(every if repeat.period != 1 and repeat.frequency == 1 else f"{times} {every}")
    said = list(filter(None, said))
    if not said and dosage.text:
        return plain(dosage.text).rstrip(".")
    return ", ".join([*said, *(["as needed"] if dosage.as_needed_boolean else [])])


def _amount(given: shapes.DoseAndRate) -> str:
    """`1 tablet`, `1 to 2 tablets`, `dose 1` without a unit."""
    ends = given.dose_range or shapes.ReferenceRange()
    some = [q for q in (given.dose_quantity, ends.low, ends.high) if q and q.value is not None]
    if not some:
        return ""
    numbers = " to ".join(f"{q.value:g}" for q in some)
    unit = one_line(some[-1].unit)
    return f"{numbers} {unit}" if unit else f"dose {numbers}"


def allergy(resource: shapes.AllergyIntolerance, known: Known) -> record.Allergy:
    """An AllergyIntolerance, one reaction for each of its manifestations."""
    sure = certainty(resource)
    start = known.moment(resource.onset_date_time, resource.recorded_date, what="date")
    reactions = tuple(
        record.Reaction(code_of(shown, "manifestation"), one_line(reaction.severity))
        for reaction in resource.reaction
        for shown in reaction.manifestation
    )
    return record.Allergy(
        "", code_of(resource.code), _whole_day(start), one_line(resource.type) or "allergy",
        one_line(resource.category[0]) if resource.category else "", in_order_of_code(reactions),
        ended=first_value(resource.clinical_status) in ("resolved", "inactive"), certainty=sure,
    )  # fmt: skip


def in_order_of_code(reactions: Iterable[record.Reaction]) -> tuple[record.Reaction, ...]:
    """Each once; sources list them in any order."""
    return tuple(sorted(set(reactions), key=lambda one: (one.code.value, one.severity)))


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
    if value is None and not resource.component:
        if resource.data_absent_reason:
            raise SetAside("no value, as it says itself")
        if resource.has_member:
            raise SetAside("its values are Observations")
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
        return Quantity(given.value, one_line(unit_of(given.code or given.unit)), given.comparator)
    if holder.value_codeable_concept:
        return code_of(holder.value_codeable_concept, "value").text
    if holder.value_string:
        return one_line(holder.value_string) or None
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
        VISITS.get(resource.class_.code, one_line(resource.class_.code) or "visit"),
        _reason(resource.reason_code, resource.reason_reference, known),
        known.moment_or_none(period.end, "end"),
        known.organization(resource.service_provider), known.practitioner(who),
    )  # fmt: skip


def care_plan(resource: shapes.CarePlan, known: Known) -> record.CarePlan:
    """A CarePlan, named by the category that is not the profile's own."""
    not_wrong(resource.status)
    period = resource.period or shapes.Period()
    end = known.moment_or_none(period.end, "end")
    kinds = [c for c in resource.category if first_value(c) != "assess-plan"]
    name = shapes.Concept(text=resource.title) if resource.title else None
    reasons = [known.condition(reference) for reference in resource.addresses]
    return record.CarePlan(
        "", code_of(kinds[0] if kinds else name, "category"),
        _whole_day(known.moment(period.start, what="period")),
        _whole_day(end) if end else None,
        bool(end) or resource.status in ("completed", "revoked"),
        tuple(dict.fromkeys(reason for reason in reasons if reason)),
        tuple(code_of(a.detail.code) for a in resource.activity if a.detail and a.detail.code),
    )  # fmt: skip


def notes(
    kind: shapes.Concept | None, at: Moment, attachments: list[shapes.Attachment], words: str = ""
) -> Iterator[record.Note]:
    """The text of a document or report: what is plain text, and a conclusion."""
    if words:
        yield record.Note("", code_of(kind, "type"), at, words)
    plain_ones = [a for a in attachments if a.data and a.content_type.startswith("text/plain")]
    if not plain_ones and not words:
        other = any(a.data for a in attachments)
        raise SetAside("text that is not plain" if other else "its text is elsewhere")
    for attachment in plain_ones:
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
