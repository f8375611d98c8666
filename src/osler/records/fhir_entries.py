"""FHIR resources -> entries of a record. Each raises NotReadable or SetAside with the reason."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import replace

from osler.records import fhir_shapes as shapes
from osler.records import record
from osler.records.account import NotReadable, SetAside
from osler.records.fhir_dates import abated, in_words, onset, ordered, performed, taken, unknown
from osler.records.fhir_dosage import dose
from osler.records.fhir_known import Known, at_site, code_of, first_value, words_of
from osler.records.fhir_status import certainty, has_ended, not_absent, not_wrong
from osler.records.fhir_values import range_of, value_of
from osler.records.moments import Moment
from osler.records.names import one_line
from osler.records.record import Code

VISITS = {
    "AMB": "ambulatory", "EMER": "emergency", "IMP": "inpatient", "ACUTE": "inpatient",
    "NONAC": "inpatient", "HH": "home", "VR": "virtual", "OBSENC": "observation",
    "SS": "short stay",
}  # fmt: skip
"""HL7 v3 ActCode of Encounter.class, in words."""
VISIT = shapes.Concept(text="Visit")
"""What an Encounter without a type is called: FHIR asks for its class alone."""
STANDING = {
    "on-hold": "on hold", "unknown": "status unknown", "": "status unknown",
    "intended": "intended",
}  # fmt: skip
"""Of medicines that are told among the current ones, and may not be taken."""
NOT_TAKEN = (
    "states that a medicine is not taken: it is no medicine, and an order of it is told as current "
    "until it is stopped"
)
ENDED = ("stopped", "completed", "cancelled", "ended")
"""Of medicines that are past."""


def condition(resource: shapes.Condition, known: Known) -> record.Condition:
    """A Condition; its day is that of its onset, or else of its record."""
    sure = certainty(resource)
    not_absent(resource.code, "problem")
    start, end = onset(resource, known), abated(resource, known)
    said = has_ended(resource.clinical_status) or resource.abatement_boolean
    ended = bool(end or said or resource.abatement_string or resource.abatement_range)
    return record.Condition(
        "", at_site(code_of(resource.code), resource.body_site), _whole_day(start),
        _whole_day(end) if end else None, ended, sure,
    )  # fmt: skip


def _whole_day(moment: Moment) -> Moment:
    """Diagnoses are of a day; some formats have no hour for them."""
    return replace(moment, instant=None)


def medicine(resource: shapes.MedicationRequest, known: Known) -> record.Medicine:
    """A MedicationRequest that is an order."""
    not_wrong(resource.status)
    if resource.do_not_perform:
        raise SetAside("not to be given")
    if resource.status == "draft" or resource.intent in ("proposal", "plan", "option"):
        raise SetAside(f"only a {'draft' if resource.status == 'draft' else resource.intent}")
    not_absent(resource.medication_codeable_concept, "medicine")
    valid = resource.dispense_request and resource.dispense_request.validity_period
    return record.Medicine(
        "", _drug(resource, known), ordered(resource, known),
        ended=resource.status in ENDED,
        end=known.moment_or_none(valid.end, "end") if valid else None,
        reason=_reason(resource.reason_code, resource.reason_reference, known),
        dose=dose(resource.dosage_instruction), standing=STANDING.get(resource.status, ""),
    )  # fmt: skip


def stated(resource: shapes.MedicationStatement, known: Known) -> record.Medicine:
    """A MedicationStatement: what somebody says is, was or will be taken.

    https://hl7.org/fhir/R4/medicationstatement.html. Where it says that a medicine is not taken it
    is set aside: it is no medicine, and an order of it goes on until it is stopped.
    """
    not_wrong(resource.status)
    if resource.status == "not-taken":
        raise SetAside("not taken", NOT_TAKEN)
    not_absent(resource.medication_codeable_concept, "medicine")
    period = resource.effective_period
    return record.Medicine(
        "", _drug(resource, known), taken(resource, known), ended=resource.status in ENDED,
        end=known.moment_or_none(period.end, "end") if period else None,
        reason=_reason(resource.reason_code, resource.reason_reference, known),
        dose=dose(resource.dosage), standing=STANDING.get(resource.status, ""), stated=True,
    )  # fmt: skip


def _drug(resource: shapes.Medicinal, known: Known) -> Code:
    """Which medicine: a concept, a Medication inside the resource or in the bundle, or its name."""
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


def allergy(resource: shapes.AllergyIntolerance, known: Known) -> record.Allergy:
    """An AllergyIntolerance, one reaction for each of its manifestations."""
    sure = certainty(resource)
    to = resource.code or next((r.substance for r in resource.reaction if r.substance), None)
    not_absent(to, "allergy")
    code = code_of(to)
    reactions = tuple(
        record.Reaction(_shown(shown, reaction.substance, code), one_line(reaction.severity))
        for reaction in resource.reaction
        for shown in reaction.manifestation
    )
    return record.Allergy(
        "", code, _whole_day(onset(resource, known, "date")), one_line(resource.type) or "allergy",
        next((one_line(kind) for kind in resource.category if kind), ""),
        in_order_of_code(reactions), ended=has_ended(resource.clinical_status), certainty=sure,
        criticality="high" if resource.criticality == "high" else "",
    )  # fmt: skip


def _shown(shown: shapes.Concept, substance: shapes.Concept | None, allergen: Code) -> Code:
    """What a reaction was; and to what, where that is not the allergen itself."""
    code, to = code_of(shown, "manifestation"), words_of(substance)
    if not to or to.lower() in allergen.text.lower():
        return code
    return replace(code, text=f"{code.text} to {to.lower()}")


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
        resource.issued, what="effective date",
    )  # fmt: skip
    category = first_value(resource.category[0]) if resource.category else ""
    code = code_of(resource.code)
    value = value_of(resource)
    valued = [(part, found) for part in resource.component if (found := value_of(part)) is not None]
    if value is None and not valued:
        if any(one.data_absent_reason for one in (resource, *resource.component)):
            raise SetAside("no value, as it says itself")
        if resource.has_member:
            raise SetAside("its values are Observations")
    if value is not None:
        yield record.Observation("", code, at, category, value, range_of(resource))
    for part, found in valued:
        yield record.Observation(
            "", code_of(part.code), at, category, found, range_of(part), panel=code
        )


def immunization(resource: shapes.Immunization, known: Known) -> record.Immunization:
    """A vaccine that was given."""
    not_wrong(resource.status)
    if resource.status == "not-done":
        raise SetAside("not done")
    words, born = one_line(resource.occurrence_string), known.born(resource)
    at = known.moment_or_none(resource.occurrence_date_time, "occurrence date")
    if at is None and not words:
        raise NotReadable("no occurrence date")
    return record.Immunization(
        "", code_of(resource.vaccine_code, "vaccine code"),
        at or in_words(words, born) or unknown(born, words),
    )  # fmt: skip


def procedure(resource: shapes.Procedure, known: Known) -> record.Procedure:
    """A Procedure that took place."""
    not_wrong(resource.status)
    if resource.status in ("not-done", "preparation"):
        raise SetAside(resource.status.replace("-", " "))
    reason = _reason(resource.reason_code, resource.reason_reference, known)
    code = at_site(code_of(resource.code), resource.body_site)
    return record.Procedure("", code, performed(resource, known), reason)


def encounter(resource: shapes.Encounter, known: Known) -> record.Encounter:
    """An Encounter that has begun."""
    not_wrong(resource.status)
    if resource.status in ("planned", "cancelled"):
        raise SetAside(resource.status)
    period = resource.period or shapes.Period()
    who = next((p.individual for p in resource.participant if p.individual), None)
    return record.Encounter(
        "", code_of(next(filter(words_of, resource.type), VISIT)),
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
        _whole_day(known.moment_or_none(period.start, "period") or unknown(known.born(resource))),
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
    period = resource.effective_period
    at = known.moment(
        resource.effective_date_time, period.start if period else "", resource.issued,
        what="effective date",
    )  # fmt: skip
    yield from notes(resource.code, at, resource.presented_form, resource.conclusion)
