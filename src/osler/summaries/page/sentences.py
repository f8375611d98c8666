"""The sentences of a summary as a reader sees them: with their evidence and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osler.summaries.audit.result import CLASSES, HIGH, LOW, MEDIUM, Audit, Claim, Finding, Sentence
from osler.summaries.page.entries import Entries, Told
from osler.summaries.page.lines import Span, quote, spans

SEVERITIES = (HIGH, MEDIUM, LOW)
"""The most severe first."""


@dataclass(frozen=True, slots=True)
class Cited:
    """An entry with the number under which the page cites it."""

    number: int
    told: Told


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that the record does not bear out."""

    kind: str
    severity: str
    why: str
    section: str
    sentence: int
    """0 for what is not of one sentence."""
    quote: str
    """The words in question; empty where it is the whole sentence."""
    text: str
    """The sentence."""
    cited: tuple[Cited, ...]
    """What the record has instead."""

    @property
    def numbers(self) -> str:
        """Of what is cited."""
        return ranges([one.number for one in self.cited])


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence."""

    number: int
    spans: tuple[Span, ...]
    cited: tuple[Cited, ...]
    """What bears it out."""
    wrong: tuple[Wrong, ...]

    @property
    def contrary(self) -> tuple[Cited, ...]:
        """What says otherwise, each entry once."""
        return tuple({one.number: one for wrong in self.wrong for one in wrong.cited}.values())

    @property
    def numbers(self) -> str:
        """`1–3, 7`: of what bears it out, and of what says otherwise."""
        return ranges([one.number for one in (*self.cited, *self.contrary)])


class Book:
    """All sentences and findings of an audit; entries are numbered as they are first cited."""

    def __init__(self, audit: Audit, entries: Entries) -> None:
        self._entries = entries
        self._numbers: dict[str, int] = {}
        found = list(findings(audit))
        self._shown = {
            id(one): self._show(one, [f for f in found if f[0].sentence == one.number])
            for one in audit.sentences
        }
        numbers = {one.number for one in audit.sentences}
        self.loose = tuple(self._wrong(*f) for f in found if f[0].sentence not in numbers)
        """Findings that are not of one sentence."""

    def shown(self, one: Sentence) -> Shown:
        """A sentence of the audit, as it is to be shown."""
        return self._shown[id(one)]

    @property
    def all(self) -> list[Shown]:
        """Every sentence."""
        return list(self._shown.values())

    @property
    def wrongs(self) -> list[Wrong]:
        """All findings, the most severe first, then by class."""
        found = [*self.loose, *(wrong for shown in self.all for wrong in shown.wrong)]
        return sorted(found, key=lambda w: (SEVERITIES.index(w.severity), w.kind, w.sentence))

    @property
    def references(self) -> list[Cited]:
        """All entries that are cited, by number."""
        return [self.cite(id) for id in self._numbers]

    def cite(self, id: str) -> Cited:
        """An entry with its number."""
        number = self._numbers.setdefault(id, len(self._numbers) + 1)
        return Cited(number, self._entries.of(id))

    def _show(self, one: Sentence, found: Sequence[tuple[Finding, str]]) -> Shown:
        resting = _resting_on(one)
        by_id = {id: self.cite(id) for id in one.ids if id in resting}  # numbered as they are told
        wrong = tuple(self._wrong(finding, said) for finding, said in found)
        return Shown(one.number, spans(one), tuple(by_id[id] for id in resting), wrong)

    def _wrong(self, finding: Finding, said: str) -> Wrong:
        cited = tuple(map(self.cite, dict.fromkeys(finding.ids)))
        return Wrong(
            finding.kind, severity(finding), finding.why, finding.section, finding.sentence, said,
            finding.text, cited,
        )  # fmt: skip


def severity(finding: Finding) -> str:
    """One of SEVERITIES; what an audit of another kind calls otherwise is taken to be high."""
    return finding.severity if finding.severity in SEVERITIES else HIGH


def findings(audit: Audit) -> Iterator[tuple[Finding, str]]:
    """All that is wrong, each with the words in question; empty where it is a whole sentence.

    A claim that is wrong and is in no finding is one too: it must not go unseen.
    """
    claims = [(one, claim) for one in audit.sentences for claim in one.claims if claim.wrong]
    for finding in audit.findings:
        wanted = (finding.sentence, finding.kind, finding.why)
        said = ""
        for place, (one, claim) in enumerate(claims):
            if (one.number, claim.kind, claim.wrong) == wanted:
                said = quote(one, claim)
                del claims[place]
                break
        yield finding, said
    for one, claim in claims:
        made = Finding(
            claim.kind, CLASSES.get(claim.kind, HIGH), one.section, claim.wrong, one.number,
            one.text, claim.ids,
        )  # fmt: skip
        yield made, quote(one, claim)


def _resting_on(one: Sentence) -> list[str]:
    """Ids of what bears a sentence out; first those on which most of its claims rest.

    The name of a clinic is in many visits; its name and the date are in one. What has only a date
    in common with a sentence says nothing of it: where it names anything, that alone is cited.
    """
    borne = [claim for claim in one.claims if not claim.wrong]
    counted = Counter(id for claim in borne for id in set(claim.ids))
    named = {_thing(id) for claim in borne if not _shares_a_date(claim) for id in claim.ids}
    ids = [id for id in one.ids if not named or _thing(id) in named]
    return sorted(ids, key=lambda id: -counted[id])


def _shares_a_date(claim: Claim) -> bool:
    """Whether it is a date of nothing that is named: the audit links that to some of all that is
    recorded for it. That of a thing is linked to entries of this thing."""
    return claim.kind == "date" and len(set(map(_thing, claim.ids))) > 1


def _thing(id: str) -> str:
    """What an entry is of, whenever it was: its kind and code."""
    return ":".join(id.split(":")[:2])


def ranges(numbers: Sequence[int]) -> str:
    """1, 2, 3 and 7 as `1–3, 7`."""
    said: list[str] = []
    left = sorted(set(numbers))
    while left:
        length = next((n for n, number in enumerate(left) if number != left[0] + n), len(left))
        run, left = left[:length], left[length:]
        said += (
            [str(run[0])] if length == 1 else [f"{run[0]}{'–' if length > 2 else ', '}{run[-1]}"]
        )
    return ", ".join(said)
