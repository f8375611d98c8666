"""What an audit finds."""

from __future__ import annotations

from dataclasses import dataclass, field

HIGH, MEDIUM, LOW = "high", "medium", "low"

CLASSES = {
    "drug": HIGH, "dose": HIGH, "condition": HIGH, "allergy": HIGH, "lab": HIGH, "vital": HIGH,
    "date": MEDIUM, "negation": HIGH, "laterality": HIGH, "false reassurance": HIGH,
    "number": MEDIUM, "immunization": MEDIUM, "procedure": MEDIUM, "demographic": MEDIUM,
    "social": MEDIUM, "county figure": MEDIUM, "encounter": LOW, "care plan": LOW,
    "unknown word": MEDIUM, "section": MEDIUM, "code": HIGH, "foreign text": MEDIUM,
    "repeat": LOW, "omission": HIGH,
}  # fmt: skip
"""Classes of findings, and how bad one is."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a sentence says, and whether the record bears it out."""

    kind: str
    """One of CLASSES."""
    start: int
    end: int
    """Where it stands in the sentence, in characters."""
    ids: tuple[str, ...]
    """Entries that it was traced to; where it is wrong, those that say otherwise."""
    wrong: str = ""
    """Why it is not borne out; empty for what is."""
    tells: bool = False
    """Whether what must be told is told by it: named itself, as something that is so."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or line of a summary with all its claims."""

    section: str
    number: int
    """In the summary, from 1."""
    text: str
    claims: tuple[Claim, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Entries that bear it out."""
        return tuple(dict.fromkeys(i for c in self.claims if not c.wrong for i in c.ids))

    @property
    def flagged(self) -> bool:
        """Whether something in it is not borne out."""
        return any(claim.wrong for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a summary."""

    kind: str
    severity: str
    section: str
    why: str
    sentence: int = 0
    """Its number; 0 for what is not of one sentence."""
    text: str = ""
    """The sentence."""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that must be told and is not."""

    kind: str
    name: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """All that was looked at in one summary, and all that is wrong with it."""

    sentences: tuple[Sentence, ...]
    findings: tuple[Finding, ...]
    omissions: tuple[Omission, ...]
    must: dict[str, int] = field(default_factory=dict[str, int])
    """How many things of each kind must be told."""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings and not self.omissions
