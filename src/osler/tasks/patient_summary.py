"""Patients' summaries: every claim of a section held against the record of its patient.

The rows are sections and the groups patients, so that intervals and the verdict go by patient. The
records are those that the data stage kept for held-out patients. What a model wrote is scored as it
is: nothing is mended, taken out or added first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from osler.errors import RunError
from osler.progress import progress
from osler.records.view import view
from osler.rows import Row
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import Ledger, ledger
from osler.summaries.audit.result import Audit
from osler.summaries.held import KEPT, Held
from osler.summaries.policy import audit_of
from osler.summaries.template import EMPTY, Template
from osler.summaries.text import Written
from osler.tasks.base import Measure, Scores, Task

TOLD = {
    "condition": "active conditions", "medicine": "current medicines", "allergy": "allergies",
    "lab": "labs out of range", "social": "social findings",
}  # fmt: skip
"""Kinds of what must be told."""
CLAIMED = {
    "drug": "drugs", "dose": "doses", "condition": "conditions", "allergy": "allergies",
    "lab": "labs", "vital": "vital signs", "date": "dates", "immunization": "vaccines",
}  # fmt: skip
"""Classes of claims that are told apart; all are in the whole."""
Told = dict[str, set[tuple[str, ...]]]
"""By kind, the ids of what is told."""
SHAPE = ("section", "code", "foreign text", "repeat")
"""Classes of findings that are about the shape of a text."""

MEASURES = {
    "claims_right": Measure(
        "claims that the record bears out", "%", "higher",
        "Of all drugs, doses, conditions, allergies, labs, vital signs, dates, denials and other "
        "claims of the answers, those that were traced to entries of the record.",
        decides=True,
    ),
    "must_told": Measure(
        "what must be told, told", "%", "higher",
        "Of the active conditions, current medicines, allergies and labs out of range that the "
        "references of a patient's sections tell, those that the answers tell somewhere, rightly.",
        decides=True,
    ),
    "valid_form": Measure(
        "sections of valid form", "%", "higher",
        "Sections without code, headings of their own, foreign text, repeats, and not empty.",
        rate=True,
    ),
    "reassured_falsely": Measure(
        "sections with a false reassurance", "%", "lower",
        "Sections that call well what the latest values do not bear out.",
        rate=True,
    ),
    **{
        f"right_{kind.replace(' ', '_')}": Measure(
            f"claims borne out: {name}", "%", "higher", "As above, of this class alone."
        )
        for kind, name in CLAIMED.items()
    },
    **{
        f"told_{kind}": Measure(f"told: {name}", "%", "higher", "As above, of this kind alone.")
        for kind, name in TOLD.items()
    },
}  # fmt: skip


def scorer(*data: Path) -> Score:
    """The scorer of runs whose data stages wrote into these folders."""
    return Score(*data)


class Score:
    """(rows, a system's answers) -> the task's measures."""

    def __init__(self, *data: Path) -> None:
        self.data = data
        self._held: dict[str, tuple[Ledger, Template]] = {}
        self._wanted: dict[str, Told] = {}

    def __call__(self, rows: Sequence[Row], answers: Sequence[str]) -> Mapping[str, Scores]:
        values: dict[str, list[float]] = defaultdict(list)
        pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
        items = list(zip(rows, answers, strict=True))
        for row, answer in progress(items, "claims"):
            held, template = self.held(row)
            section = template.section(str(row.extra["section"]))
            assert section is not None
            found = audit_of(section, answer, held)
            bad = any(f.kind in SHAPE for f in found.findings) or not answer.strip()
            values["valid_form"].append(0.0 if bad else 100.0)
            reassured = any(f.kind == "false reassurance" for f in found.findings)
            values["reassured_falsely"].append(100.0 if reassured else 0.0)
            for name, pair in _claims(found).items():
                pairs[name].append(pair)
        for name, told in self._told(rows, answers).items():
            pairs[name] = told
        scores = {name: Scores(some) for name, some in values.items()}
        return scores | {name: shares(some) for name, some in pairs.items()}

    def held(self, row: Row) -> tuple[Ledger, Template]:
        """The evidence for a row's patient. Raises RunError where it is not there any more."""
        digest = str(row.extra["record"])
        if digest not in self._held:
            paths = [folder / KEPT / f"{digest}.json" for folder in self.data]
            path = next((one for one in paths if one.is_file()), paths[0])
            try:
                one = msgspec.json.decode(path.read_bytes(), type=Held)
            except (OSError, msgspec.DecodeError):
                raise RunError(
                    f"{path}: not readable, and summaries are examined against it.",
                    "Make the data again: osler data RECIPE --force.",
                ) from None
            evidence = ledger(view(one.record, one.on), one.county)
            self._held[digest] = evidence, Template.model_validate(one.template)
        return self._held[digest]

    def _told(
        self, rows: Sequence[Row], answers: Sequence[str]
    ) -> dict[str, list[tuple[int, int]]]:
        """What must be told, by patient; the figure stands at a patient's first row."""
        places: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            places[row.group].append(place)
        found = {
            name: [(0, 0)] * len(rows) for name in ["must_told", *(f"told_{kind}" for kind in TOLD)]
        }
        for some in places.values():
            held, template = self.held(rows[some[0]])
            said = _told_ids([(rows[i], answers[i]) for i in some], held, template)
            wanted = self._wanted_of([rows[i] for i in some], held, template)
            for kind, ids in wanted.items():
                pair = (len(ids & said.get(kind, set())), len(ids))
                found[f"told_{kind}"][some[0]] = pair
                hits, total = found["must_told"][some[0]]
                found["must_told"][some[0]] = (hits + pair[0], total + pair[1])
        return found

    def _wanted_of(self, rows: Sequence[Row], held: Ledger, template: Template) -> Told:
        """What the references of a patient tell, which is the same for every system."""
        ids = ",".join(row.id for row in rows)
        if ids not in self._wanted:
            self._wanted[ids] = _told_ids([(r, r.reference) for r in rows], held, template)
        return self._wanted[ids]


def _claims(found: Audit) -> dict[str, tuple[int, int]]:
    """Claims borne out, and all claims."""
    claims = [claim for sentence in found.sentences for claim in sentence.claims]
    pairs = {"claims_right": (sum(not c.wrong for c in claims), len(claims))}
    for kind in CLAIMED:
        own = [claim for claim in claims if claim.kind == kind]
        pairs[f"right_{kind.replace(' ', '_')}"] = (sum(not c.wrong for c in own), len(own))
    return pairs


def _told_ids(texts: Sequence[tuple[Row, str]], held: Ledger, template: Template) -> Told:
    """By kind, what must be told and is told somewhere in some sections of a patient."""
    by_title = {str(row.extra["section"]): text for row, text in texts}
    whole = [Written(s.title, by_title.get(s.title, EMPTY)) for s in template.sections]
    missing = {omission.ids for omission in audit(whole, held, template).omissions}
    told: Told = {kind: set() for kind in TOLD}
    for item in held.items:
        if item.must and item.kind in TOLD and item.ids not in missing:
            told[item.kind].add(item.ids)
    return told


def shares(pairs: Sequence[tuple[int, int]]) -> Scores:
    """Hits of all, item by item, each item counting for how many it has."""
    values = [100 * hits / total if total else 0.0 for hits, total in pairs]
    return Scores(values, [float(total) for _, total in pairs])


def shown(row: Row) -> str:
    """The record as the model is shown it."""
    return row.question.partition("\n\n")[2]


def copied(training: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    """The control that copies: the part of the record that the section is made from."""
    return [shown(row) for row in rows]


def drafted(training: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    """The control that a model has to beat: the draft by rule."""
    return [str(row.extra.get("draft", row.reference)) for row in rows]


TASK = Task(
    controls={"draft": drafted, "copy": copied},
    measures=MEASURES,
    scorer=scorer,
    signatures={
        "draft": "written from the record by rule",
        "copy": "the part of the record that the model was shown",
        "claims, what must be told": "traced by rule to entries of the record: docs/summaries.md",
    },
)
