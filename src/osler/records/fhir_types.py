"""FHIR R4 data types, as far as they are read: what resources are made of.

Names are FHIR's own (https://hl7.org/fhir/R4/datatypes.html). What is not named here is skipped.
"""

from __future__ import annotations

import msgspec


class Shape(msgspec.Struct, rename="camel", gc=False):
    """A data type, with FHIR's names."""


class Coding(Shape):
    system: str = ""
    code: str = ""
    display: str = ""


class Concept(Shape):
    coding: list[Coding] = []
    text: str = ""


class Reference(Shape):
    reference: str = ""
    display: str = ""


class Period(Shape):
    start: str = ""
    end: str = ""


class Quantity(Shape):
    value: float | None = None
    unit: str = ""
    code: str = ""
    system: str = ""
    comparator: str = ""


class ReferenceRange(Shape):
    """A Range, too."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Shape):
    numerator: Quantity | None = None
    denominator: Quantity | None = None


Words = list[str | None]
"""Strings of which one may be null: then only an extension stands in its place (R4, 2.6.2)."""


class Extension(Shape):
    url: str = ""
    value_string: str = ""
    value_coding: Coding | None = None
    extension: list[Extension] = []


class HumanName(Shape):
    use: str = ""
    family: str = ""
    given: Words = []
    text: str = ""


class Address(Shape):
    city: str = ""
    district: str = ""
    state: str = ""
    postal_code: str = ""


class Repeat(Shape):
    frequency: int | None = None
    frequency_max: int | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str = ""
    day_of_week: Words = []
    time_of_day: Words = []
    when: Words = []
    offset: int | None = None
    count: int | None = None
    count_max: int | None = None
    duration: float | None = None
    duration_unit: str = ""
    bounds_period: Period | None = None
    bounds_duration: Quantity | None = None


class Timing(Shape):
    repeat: Repeat | None = None
    code: Concept | None = None
    event: Words = []


class DoseAndRate(Shape):
    dose_quantity: Quantity | None = None
    dose_range: ReferenceRange | None = None
    rate_quantity: Quantity | None = None
    rate_range: ReferenceRange | None = None
    rate_ratio: Ratio | None = None


class Dosage(Shape):
    text: str = ""
    timing: Timing | None = None
    as_needed_boolean: bool = False
    as_needed_codeable_concept: Concept | None = None
    additional_instruction: list[Concept] = []
    patient_instruction: str = ""
    site: Concept | None = None
    route: Concept | None = None
    dose_and_rate: list[DoseAndRate] = []
    max_dose_per_period: Ratio | None = None
    max_dose_per_administration: Quantity | None = None
    max_dose_per_lifetime: Quantity | None = None


class Attachment(Shape):
    content_type: str = ""
    data: str = ""
    url: str = ""
