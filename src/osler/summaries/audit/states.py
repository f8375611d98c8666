"""States that a measured value decides: denied (`no hyperkalemia`), or told of (`anemic`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.context import at
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.parts import Part
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import word_set

State = tuple[str, frozenset[str]]


def _of(flag: str, *analytes: str) -> State:
    return flag, frozenset(f"lab:{name}" for name in analytes)


BLOOD = ("hemoglobin", "hematocrit")
LIPIDS = ("ldl cholesterol", "total cholesterol", "triglycerides", "non-hdl cholesterol")
SUGAR = ("glucose", "fasting glucose", "hemoglobin a1c")
FEVER = ("body temperature", "oral temperature")
STATES: dict[str, State] = {
    "anemia": _of("low", *BLOOD), "anemic": _of("low", *BLOOD),
    "polycythemia": _of("high", *BLOOD), "erythrocytosis": _of("high", *BLOOD),
    "hyperkalemia": _of("high", "potassium"), "hypokalemia": _of("low", "potassium"),
    "hyperkalemic": _of("high", "potassium"), "hypokalemic": _of("low", "potassium"),
    "hypernatremia": _of("high", "sodium"), "hyponatremia": _of("low", "sodium"),
    "hyponatremic": _of("low", "sodium"), "hypernatremic": _of("high", "sodium"),
    "hypercalcemia": _of("high", "calcium"), "hypocalcemia": _of("low", "calcium"),
    "hypercalcemic": _of("high", "calcium"), "hypocalcemic": _of("low", "calcium"),
    "hypermagnesemia": _of("high", "magnesium"), "hypomagnesemia": _of("low", "magnesium"),
    "hyperphosphatemia": _of("high", "phosphate"), "hypophosphatemia": _of("low", "phosphate"),
    "hyperchloremia": _of("high", "chloride"), "hypochloremia": _of("low", "chloride"),
    "hyperglycemia": _of("high", *SUGAR), "hypoglycemia": _of("low", "glucose"),
    "hyperglycemic": _of("high", *SUGAR), "hypoglycemic": _of("low", "glucose"),
    "hyperlipidemia": _of("high", *LIPIDS), "dyslipidemia": _of("high", *LIPIDS, "hdl cholesterol"),
    "hyperlipidemic": _of("high", *LIPIDS),
    "hypercholesterolemia": _of("high", "ldl cholesterol", "total cholesterol"),
    "hypertriglyceridemia": _of("high", "triglycerides"),
    "hyperuricemia": _of("high", "uric acid"), "azotemia": _of("high", "blood urea nitrogen"),
    "uremia": _of("high", "blood urea nitrogen"), "hypoalbuminemia": _of("low", "albumin"),
    "hyperbilirubinemia": _of("high", "total bilirubin"),
    "transaminitis": _of("high", "alanine aminotransferase", "aspartate aminotransferase"),
    "albuminuria": _of("high", "urine albumin/creatinine ratio"),
    "microalbuminuria": _of("high", "urine albumin/creatinine ratio"),
    "leukocytosis": _of("high", "white blood cell count"),
    "leukopenia": _of("low", "white blood cell count"),
    "neutropenia": _of("low", "neutrophil count"),
    "lymphopenia": _of("low", "lymphocyte count"),
    "thrombocytopenia": _of("low", "platelet count"),
    "thrombocytosis": _of("high", "platelet count"),
    "fever": _of("high", *FEVER), "pyrexia": _of("high", *FEVER), "febrile": _of("high", *FEVER),
    "pyrexial": _of("high", *FEVER), "hypothermia": _of("low", *FEVER),
    "hypothermic": _of("low", *FEVER), "hypoxia": _of("low", "oxygen saturation"),
    "hypoxic": _of("low", "oxygen saturation"), "hypoxemia": _of("low", "oxygen saturation"),
    "desaturation": _of("low", "oxygen saturation"),
    "tachycardia": _of("high", "heart rate"), "tachycardic": _of("high", "heart rate"),
    "bradycardia": _of("low", "heart rate"), "bradycardic": _of("low", "heart rate"),
    "tachypnea": _of("high", "respiratory rate"), "tachypneic": _of("high", "respiratory rate"),
    "bradypnea": _of("low", "respiratory rate"),
    "hypotension": _of("low", "systolic blood pressure", "diastolic blood pressure"),
    "hypotensive": _of("low", "systolic blood pressure", "diastolic blood pressure"),
    "overweight": _of("high", "body mass index"), "underweight": _of("low", "body mass index"),
}  # fmt: skip
"""The word -> the flag and the analytes that show it: any of them, where it is told of."""
EITHER_WAY = frozenset(("lab:hdl cholesterol",))
"""What shows it by being low."""
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
BEHIND = re.compile(r"(?i)^\s*(?::|\bis|\bare|\bwas)\s*(?:no|none|nil|absent|negative|denied)\b")


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each state that is denied although a value shows it, or that none shows."""
    for place, word in enumerate(clause.words):
        state = STATES.get(word.norm)
        if state is None or word.start >= clause.supposed or NOT_NOW.search(clause.text):
            continue
        items = _measured(state, ledger)
        shown = [i for i in items if i.flag == state[0] or (i.flag and i.concepts & EITHER_WAY)]
        if clause.dates and not _is_latest(clause, items):
            continue
        span = (clause.offset + word.start, clause.offset + word.end)
        denied = place in clause.reached or BEHIND.match(clause.text[word.end :])
        if denied and shown:
            wrong = f"out of range at the latest look: {shown[0].name}"
            yield Claim("false reassurance", *span, (shown[0].ids[0],), wrong)
        elif denied or shown or word.norm not in ADJECTIVES:
            continue
        elif not _is_known(word.norm, ledger):
            yield Claim("condition", *span, tuple(i.ids[0] for i in items[:2]), "not in the record")


def _measured(state: State, ledger: Ledger) -> list[Evidence]:
    return [i for i in ledger.of("lab", "vital") if state[1] & i.concepts]


def _is_latest(clause: Clause, items: list[Evidence]) -> bool:
    """Whether a day that is named is that of the latest value."""
    latest = [i.values[0].at for i in items if i.values]
    return any(within(moment, day) for moment in latest for day in clause.dates)


def _is_known(word: str, ledger: Ledger) -> bool:
    """Whether the record has it as a condition: anemia, of anemic."""
    stem = word[:-1] if word.endswith("ic") else word
    return any(w.startswith(stem) for i in ledger.of("condition") for w in i.words)


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
