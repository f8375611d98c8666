"""What FHIR resources refer to and how they name things: references, concepts, dates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from typing import Any

from osler.records import fhir_shapes as shapes
from osler.records.account import NotReadable
from osler.records.moments import Moment, read_moment
from osler.records.names import of_code, one_line, plain, system_name
from osler.records.record import Code

WORDS = re.compile(r"\w+")
STRUCTURE = frozenset({"structure", "of", "the", "entire"})
"""Words of a part of the body that name none."""


@dataclass(slots=True)
class Known:
    """What resources refer to, by the last part of the reference."""

    zone: tzinfo | None = None
    nobody: str = "names no patient that was read from this file"
    """Why a resource is refused whose patient is none of these."""
    people: dict[str, str] = field(default_factory=dict)
    """To ids of patients."""
    births: dict[str, date] = field(default_factory=dict)
    """Of patients by id, the first day that it can have been."""
    conditions: dict[str, shapes.Concept] = field(default_factory=dict)
    medications: dict[str, shapes.Concept] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    practitioners: dict[str, str] = field(default_factory=dict)

    def whose(self, resource: Any) -> str:
        """The id of the patient that a resource is of; NotReadable where that is none of these."""
        named = resource.subject or getattr(resource, "patient", None) or shapes.Reference()
        found = self.people.get(patient_of(named.reference))
        if found is None:
            raise NotReadable(self.nobody)
        return found

    def born(self, resource: Any) -> date:
        """The birth of the patient that a resource is of."""
        return self.births[self.whose(resource)]

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
    """`urn:uuid:X`, `Patient/X`, `https://…/Patient/X` and `Patient/X/_history/2` -> X."""
    if reference.startswith("urn:"):
        return reference.rsplit(":", 1)[-1]
    return reference.partition("/_history/")[0].rsplit("/", 1)[-1]


def patient_of(reference: str) -> str:
    """The last part of a reference to a Patient; nothing where it is to a Group or a Device."""
    parts = reference.partition("/_history/")[0].split("/")
    other = not reference.startswith("urn:") and len(parts) > 1 and parts[-2] != "Patient"
    return "" if other else tail(reference)


def code_of(concept: shapes.Concept | None, what: str = "code") -> Code:
    """The first coding, in the words that were chosen for it; or the words alone.

    `text` is what somebody meant ("Fracture of left ankle"), `display` the name of the nearest
    code ("Fracture of ankle"): FHIR R4, CodeableConcept.
    """
    some = concept.coding if concept else []
    coding = next((c for c in some if c.code or c.display), shapes.Coding())
    text = plain((concept.text if concept else "") or coding.display)
    system = system_name(coding.system)
    if not text and not coding.code:
        raise NotReadable(f"no {what}")
    return Code(system, coding.code or text.lower(), text or of_code(system, coding.code))


def at_site(code: Code, sites: list[shapes.Concept]) -> Code:
    """With the part of the body behind its name, `Osteoarthritis (left knee)`.

    Not where the name has all of it: `Fracture of left ankle`.
    """
    named = set(WORDS.findall(code.text.lower()))
    said = [text.lower() for text in dict.fromkeys(map(words_of, sites)) if text]
    said = [text for text in said if not set(WORDS.findall(text)) <= named | STRUCTURE]
    return replace(code, text=f"{code.text} ({', '.join(said)})") if said else code


def words_of(concept: shapes.Concept | None) -> str:
    """A concept in words, or nothing."""
    some = concept.coding if concept else []
    shown = next((c.display or c.code for c in some if c.display or c.code), "")
    return plain((concept.text if concept else "") or shown)


def first_value(concept: shapes.Concept | None) -> str:
    """The first code that there is."""
    return next((c.code for c in concept.coding if c.code), "") if concept else ""
