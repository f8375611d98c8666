"""The parts of FHIR R4 resources that are read, as types: what is typed otherwise is refused.

Names are FHIR's own (https://hl7.org/fhir/R4). What is not named here is skipped unread.
"""

from __future__ import annotations

import msgspec

from osler.records.fhir_types import (
    Address,
    Attachment,
    Coding,
    Concept,
    Dosage,
    Extension,
    HumanName,
    Period,
    Quantity,
    Ratio,
    Reference,
    ReferenceRange,
    Words,
)


class Shape(msgspec.Struct, rename="camel", gc=False):
    """A resource or a part of one, with FHIR's names.

    As in fhir_types: the linter takes a list as a default for a fault where the base is elsewhere.
    """


class Value(Shape):
    """Any value[x] that is read."""

    value_range: ReferenceRange | None = None
    value_ratio: Ratio | None = None
    value_date_time: str = ""
    value_time: str = ""
    value_period: Period | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: Concept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    reference_range: list[ReferenceRange] = []


class Meta(Shape):
    last_updated: str = ""
    version_id: str = ""


class Component(Value):
    code: Concept = msgspec.field(default_factory=Concept)
    data_absent_reason: Concept | None = None


class Resource(Shape):
    """What is looked at first."""

    resource_type: str = ""
    id: str = ""
    url: str = msgspec.field(default="", name="_fullUrl")
    """The last part of the entry's fullUrl, by which others may refer to it."""


class Communication(Shape):
    language: Concept = msgspec.field(default_factory=Concept)
    preferred: bool = False


class About(Resource):
    """Whose a resource is."""

    subject: Reference | None = None
    patient: Reference | None = None


class Versioned(Resource):
    """How new a resource is."""

    meta: Meta = msgspec.field(default_factory=Meta)


class Patient(Resource):
    name: list[HumanName] = []
    gender: str = ""
    birth_date: str = ""
    deceased_date_time: str = ""
    deceased_boolean: bool = False
    address: list[Address] = []
    marital_status: Concept | None = None
    communication: list[Communication] = []
    extension: list[Extension] = []


class Clinical(Resource):
    """What most resources of a patient have."""

    status: str = ""
    code: Concept | None = None
    subject: Reference | None = None
    patient: Reference | None = None
    encounter: Reference | None = None
    clinical_status: Concept | None = None
    verification_status: Concept | None = None


class Condition(Clinical):
    onset_date_time: str = ""
    onset_period: Period | None = None
    onset_age: Quantity | None = None
    onset_range: ReferenceRange | None = None
    onset_string: str = ""
    recorded_date: str = ""
    body_site: list[Concept] = []
    abatement_date_time: str = ""
    abatement_age: Quantity | None = None
    abatement_range: ReferenceRange | None = None
    abatement_period: Period | None = None
    abatement_string: str = ""
    abatement_boolean: bool = False


class DispenseRequest(Shape):
    validity_period: Period | None = None


class Contained(Shape):
    """A resource inside another; of these, only a Medication is looked for."""

    id: str = ""
    code: Concept | None = None


class Medicinal(Clinical):
    """What an order and a statement of a medicine have in common."""

    contained: list[Contained] = []
    medication_codeable_concept: Concept | None = None
    medication_reference: Reference | None = None
    reason_code: list[Concept] = []
    reason_reference: list[Reference] = []


class MedicationRequest(Medicinal):
    intent: str = ""
    do_not_perform: bool = False
    authored_on: str = ""
    dosage_instruction: list[Dosage] = []
    dispense_request: DispenseRequest | None = None


class MedicationStatement(Medicinal):
    effective_date_time: str = ""
    effective_period: Period | None = None
    date_asserted: str = ""
    dosage: list[Dosage] = []


class Medication(Resource):
    code: Concept | None = None


class AllergyReaction(Shape):
    substance: Concept | None = None
    manifestation: list[Concept] = []
    severity: str = ""


class AllergyIntolerance(Clinical):
    type: str = ""
    category: Words = []
    criticality: str = ""
    recorded_date: str = ""
    onset_date_time: str = ""
    onset_period: Period | None = None
    onset_age: Quantity | None = None
    onset_range: ReferenceRange | None = None
    onset_string: str = ""
    reaction: list[AllergyReaction] = []


class Observation(Clinical):
    # As in Value, for a Struct takes the fields of one base only.
    value_range: ReferenceRange | None = None
    value_ratio: Ratio | None = None
    value_date_time: str = ""
    value_time: str = ""
    value_period: Period | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: Concept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    reference_range: list[ReferenceRange] = []
    category: list[Concept] = []
    effective_date_time: str = ""
    effective_period: Period | None = None
    effective_instant: str = ""
    issued: str = ""
    component: list[Component] = []
    has_member: list[Reference] = []
    data_absent_reason: Concept | None = None


class Immunization(Clinical):
    vaccine_code: Concept | None = None
    occurrence_date_time: str = ""
    occurrence_string: str = ""


class Procedure(Clinical):
    performed_date_time: str = ""
    performed_period: Period | None = None
    performed_age: Quantity | None = None
    performed_range: ReferenceRange | None = None
    performed_string: str = ""
    body_site: list[Concept] = []
    reason_code: list[Concept] = []
    reason_reference: list[Reference] = []


class Participant(Shape):
    individual: Reference | None = None


class Encounter(Resource):
    status: str = ""
    class_: Coding = msgspec.field(default_factory=Coding, name="class")
    type: list[Concept] = []
    subject: Reference | None = None
    participant: list[Participant] = []
    period: Period | None = None
    reason_code: list[Concept] = []
    reason_reference: list[Reference] = []
    service_provider: Reference | None = None


class Detail(Shape):
    code: Concept | None = None


class Activity(Shape):
    detail: Detail | None = None


class CarePlan(Clinical):
    category: list[Concept] = []
    title: str = ""
    period: Period | None = None
    addresses: list[Reference] = []
    activity: list[Activity] = []


class Content(Shape):
    attachment: Attachment = msgspec.field(default_factory=Attachment)


class DocumentReference(Clinical):
    type: Concept | None = None
    date: str = ""
    content: list[Content] = []


class DiagnosticReport(Clinical):
    effective_date_time: str = ""
    effective_period: Period | None = None
    issued: str = ""
    conclusion: str = ""
    presented_form: list[Attachment] = []
    result: list[Reference] = []


class Practitioner(Resource):
    name: list[HumanName] = []


class Organization(Resource):
    name: str = ""


class BundleEntry(Shape):
    full_url: str = ""
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class Bundle(Shape):
    resource_type: str = ""
    entry: list[msgspec.Raw] = []
    """Each is decoded by itself, so that a fault in one takes no other with it."""
