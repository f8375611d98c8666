"""States that a measured value decides: denied (`no hyperkalemia`), or told of (`anemic`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.analytes import STATES, measured, shows
from osler.summaries.audit.context import at
from osler.summaries.audit.evidence import PAST, Evidence, Ledger
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.parts import Part
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import word_set

ADJECTIVES = word_set(
    "anemic hyperkalemic hypokalemic hyponatremic hypernatremic hypercalcemic hypocalcemic "
    "hyperglycemic hypoglycemic hyperlipidemic febrile pyrexial hypothermic hypoxic tachycardic "
    "bradycardic tachypneic hypotensive underweight"
)
"""Those that are said of how the patient is now."""
NOT_NOW = re.compile(
    r"(?i)\b(?:history|hx|previous\w*|prior|past|episodes?|never|recurrent|symptom\w*|ever|"
    r"intermittent|occasional\w*|admissions?|family|mother|father|brother|sister)\b"
)
OVER = re.compile(r"(?i)\b(?:resolved|corrected|normali[sz]ed|resolution of|correction of)\s+$")
BEHIND = re.compile(r"(?i)^\s*(?::|\bis|\bare|\bwas)\s*(?:no|none|nil|absent|negative|denied)\b")


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each state that is denied although a value shows it, or that none shows."""
    for place, word in enumerate(clause.words):
        state = STATES.get(word.norm)
        if state is None or word.start >= clause.supposed or NOT_NOW.search(clause.text):
            continue
        items = measured(state, ledger)
        shown = [i for i in items if shows(i, state)]
        if clause.dates and not _is_latest(clause, items):
            continue
        span = (clause.offset + word.start, clause.offset + word.end)
        denied = place in clause.reached or BEHIND.match(clause.text[word.end :])
        over = OVER.search(clause.text[: word.start])
        denied = denied or (over and not _was(word.norm, ledger))
        if denied and shown:
            wrong = f"out of range at the latest look: {shown[0].name}"
            yield Claim("false reassurance", *span, (shown[0].ids[0],), wrong)
        elif denied or shown or word.norm not in ADJECTIVES:
            continue
        elif not _is_known(word.norm, ledger):
            yield Claim("condition", *span, tuple(i.ids[0] for i in items[:2]), "not in the record")


def _is_latest(clause: Clause, items: list[Evidence]) -> bool:
    """Whether a day that is named is that of the latest value."""
    latest = [i.values[0].at for i in items if i.values]
    return any(within(moment, day) for moment in latest for day in clause.dates)


def _is_known(word: str, ledger: Ledger) -> bool:
    """Whether the record has it as a condition: anemia, of anemic."""
    stem = word[:-1] if word.endswith("ic") else word
    return any(w.startswith(stem) for i in ledger.of("condition") for w in i.words)


def _was(word: str, ledger: Ledger) -> bool:
    """Whether the record has it as a condition that is over."""
    return any(word in i.words and i.status == PAST for i in ledger.of("condition"))


CONTROLLED = re.compile(r"(?i)control|managed|compensated|quiescent")
"""Words of comfort that are said of a disease and of its treatment."""


def controlled(
    clause: Clause, span: tuple[int, int], part: Part, named: list[Mention]
) -> Claim | None:
    """`asthma is well controlled`: of a disease that nothing which was measured speaks to."""
    if not CONTROLLED.search(clause.text[slice(*span)]):
        return None
    items = [
        i for m in named if part.start <= m.first(clause) < part.end and not m.negated
        for i in m.items if i.kind == "condition"
    ]  # fmt: skip
    if not items or any("controlled" in item.words for item in items):
        return None
    wrong = f"nothing in the record says how {items[0].name} is"
    return at(clause, *span, "false reassurance", (items[0].ids[0],), wrong)
