"""What FHIR resources refer to and how they name things: references, concepts, dates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from osler.records import fhir_shapes as shapes
from osler.records.account import NotReadable
from osler.records.moments import Moment, read_moment
from osler.records.names import one_line, plain, system_name
from osler.records.record import Code


@dataclass(slots=True)
class Known:
    """What resources refer to, by the last part of the reference."""

    zone: tzinfo | None = None
    people: dict[str, str] = field(default_factory=dict)
    """To ids of patients."""
    conditions: dict[str, shapes.Concept] = field(default_factory=dict)
    medications: dict[str, shapes.Concept] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    practitioners: dict[str, str] = field(default_factory=dict)

    def condition(self, reference: shapes.Reference) -> Code | None:
        """The code of a Condition that is referred to."""
        found = self.conditions.get(tail(reference.reference))
        return code_of(found) if found else None

    def medication(self, reference: shapes.Reference) -> Code | None:
        """The code of a Medication that is referred to."""
        found = self.medications.get(tail(reference.reference))
        return code_of(found) if found else None

    def organization(self, reference: shapes.Reference | None) -> str:
        """An organization's name."""
        return _name(reference, self.organizations)

    def practitioner(self, reference: shapes.Reference | None) -> str:
        """A practitioner's name."""
        return _name(reference, self.practitioners)

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


def _name(reference: shapes.Reference | None, known: dict[str, str]) -> str:
    if reference is None:
        return ""
    return one_line(reference.display or known.get(tail(reference.reference), ""))


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
