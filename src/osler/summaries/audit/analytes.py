"""States that a measured value decides: high potassium is hyperkalemia, low hemoglobin anemia."""

from __future__ import annotations

from collections.abc import Iterable

from osler.summaries.audit.evidence import Evidence, Ledger

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


def measured(state: State, ledger: Ledger) -> list[Evidence]:
    """What was measured that can show a state."""
    return [i for i in ledger.of("lab", "vital") if state[1] & i.concepts]


def shows(item: Evidence, state: State) -> bool:
    """Whether the latest value shows it."""
    return item.flag == state[0] or bool(item.flag and item.concepts & EITHER_WAY)


def shown(keys: Iterable[str], ledger: Ledger) -> list[Evidence]:
    """The measurements that show one of these conditions by their latest value."""
    states = [STATES[name] for key in keys if (name := key.partition(":")[2]) in STATES]
    return [i for state in states for i in measured(state, ledger) if shows(i, state)]
