"""Labs, vital signs and scores: short names, how they are rounded, what belongs together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from osler.records.record import Observation, Quantity
from osler.records.units import readable
from osler.records.view import Series, View

from . import conditions, wording


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured."""

    names: tuple[str, ...]
    decimals: int
    """As clinicians write it."""
    group: str = ""


MEASURES = {
    "4548-4": Measure(("HbA1c", "A1c", "hemoglobin A1c"), 1, "glucose"),
    "2339-0": Measure(("glucose", "blood glucose"), 0, "glucose"),
    "2345-7": Measure(("glucose", "serum glucose"), 0, "glucose"),
    "38483-4": Measure(("creatinine",), 2, "kidney"),
    "2160-0": Measure(("creatinine", "serum creatinine"), 2, "kidney"),
    "33914-3": Measure(("eGFR", "estimated GFR"), 0, "kidney"),
    "98979-8": Measure(("eGFR", "estimated GFR"), 0, "kidney"),
    "6299-2": Measure(("BUN", "urea nitrogen"), 0, "kidney"),
    "3094-0": Measure(("BUN", "blood urea nitrogen"), 0, "kidney"),
    "14959-1": Measure(("urine albumin-to-creatinine ratio", "urine ACR"), 0, "kidney"),
    "2947-0": Measure(("sodium",), 0, "electrolytes"),
    "2951-2": Measure(("sodium",), 0, "electrolytes"),
    "6298-4": Measure(("potassium",), 1, "electrolytes"),
    "2823-3": Measure(("potassium",), 1, "electrolytes"),
    "2069-3": Measure(("chloride",), 0, "electrolytes"),
    "2075-0": Measure(("chloride",), 0, "electrolytes"),
    "20565-8": Measure(("CO2", "carbon dioxide", "bicarbonate"), 0, "electrolytes"),
    "2028-9": Measure(("CO2", "total CO2", "bicarbonate"), 0, "electrolytes"),
    "49765-1": Measure(("calcium",), 1, "calcium"),
    "17861-6": Measure(("calcium",), 1, "calcium"),
    "18262-6": Measure(("LDL", "LDL cholesterol", "LDL-C"), 0, "lipids"),
    "2085-9": Measure(("HDL", "HDL cholesterol"), 0, "lipids"),
    "2093-3": Measure(("total cholesterol",), 0, "lipids"),
    "2571-8": Measure(("triglycerides",), 0, "lipids"),
    "1742-6": Measure(("ALT",), 0, "liver"),
    "1920-8": Measure(("AST",), 0, "liver"),
    "6768-6": Measure(("ALP", "alkaline phosphatase"), 0, "liver"),
    "1975-2": Measure(("total bilirubin", "bilirubin"), 1, "liver"),
    "1751-7": Measure(("albumin",), 1),
    "2885-2": Measure(("total protein",), 1),
    "10834-0": Measure(("globulin",), 1),
    "718-7": Measure(("hemoglobin", "Hgb", "Hb"), 1, "blood count"),
    "4544-3": Measure(("hematocrit", "Hct"), 1, "blood count"),
    "20570-8": Measure(("hematocrit", "Hct"), 1, "blood count"),
    "6690-2": Measure(("WBC", "white blood cell count", "WBC count"), 1, "blood count"),
    "789-8": Measure(("RBC", "red blood cell count"), 2, "blood count"),
    "777-3": Measure(("platelets", "platelet count"), 0, "blood count"),
    "787-2": Measure(("MCV",), 0, "blood count"),
    "785-6": Measure(("MCH",), 1, "blood count"),
    "786-4": Measure(("MCHC",), 1, "blood count"),
    "21000-5": Measure(("RDW", "red cell distribution width"), 1, "blood count"),
    "788-0": Measure(("RDW", "red cell distribution width"), 1, "blood count"),
    "32207-3": Measure(("PDW", "platelet distribution width"), 1, "platelet measures"),
    "32623-1": Measure(("MPV", "mean platelet volume"), 1, "platelet measures"),
    "2498-4": Measure(("iron", "serum iron"), 0),
    "3024-7": Measure(("free T4",), 2, "thyroid"),
    "3084-1": Measure(("uric acid",), 1),
    "19123-9": Measure(("magnesium",), 1),
    "59032-3": Measure(("lactate",), 1),
    "9843-4": Measure(("head circumference",), 1, "vital signs"),
    "77606-2": Measure(("weight-for-length percentile",), 0, "vital signs"),
    "704-7": Measure(("absolute basophils",), 2, "white cells"),
    "706-2": Measure(("basophils",), 1, "white cells"),
    "711-2": Measure(("absolute eosinophils",), 2, "white cells"),
    "713-8": Measure(("eosinophils",), 1, "white cells"),
    "731-0": Measure(("absolute lymphocytes", "absolute lymphocyte count"), 1, "white cells"),
    "736-9": Measure(("lymphocytes",), 1, "white cells"),
    "742-7": Measure(("absolute monocytes",), 1, "white cells"),
    "5905-5": Measure(("monocytes",), 1, "white cells"),
    "751-8": Measure(("absolute neutrophils", "absolute neutrophil count"), 1, "white cells"),
    "770-8": Measure(("neutrophils",), 1, "white cells"),
    "2703-7": Measure(("arterial PO2", "PaO2"), 0, "blood gases"),
    "2019-8": Measure(("arterial PCO2", "PaCO2"), 0, "blood gases"),
    "2744-1": Measure(("arterial pH",), 2, "blood gases"),
    "1960-4": Measure(("arterial bicarbonate",), 0, "blood gases"),
    "2157-6": Measure(("CK", "creatine kinase"), 0),
    "14804-9": Measure(("LDH", "lactate dehydrogenase"), 0),
    "48065-7": Measure(("D-dimer",), 2),
    "33959-8": Measure(("procalcitonin",), 2),
    "5902-2": Measure(("prothrombin time", "PT"), 1),
    "89579-7": Measure(("high-sensitivity troponin I", "troponin I"), 1),
    "2500-7": Measure(("TIBC", "total iron-binding capacity"), 0),
    "2502-3": Measure(("iron saturation", "transferrin saturation"), 0),
    "4537-7": Measure(("ESR",), 0),
    "72106-8": Measure(("MMSE", "MMSE score"), 0, "scores"),
    "59460-6": Measure(("Morse Fall Scale", "Morse Fall Scale score"), 0, "scores"),
    "57905-2": Measure(("fecal immunochemical test", "FIT"), 0),
    "630-4": Measure(("urine culture",), 0),
    "94500-6": Measure(("SARS-CoV-2 RNA",), 0),
    "3016-3": Measure(("TSH",), 2, "thyroid"),
    "6301-6": Measure(("INR",), 1),
    "2857-1": Measure(("PSA",), 2),
    "2276-4": Measure(("ferritin",), 0),
    "1988-5": Measure(("CRP", "C-reactive protein"), 1),
    "33762-6": Measure(("NT-proBNP",), 0),
    "10230-1": Measure(("left ventricular ejection fraction", "LVEF"), 0),
    "19926-5": Measure(("FEV1/FVC", "FEV1/FVC ratio"), 1),
    "38265-5": Measure(("DXA T-score", "bone density T-score"), 1),
    "8302-2": Measure(("height",), 1, "vital signs"),
    "29463-7": Measure(("weight", "body weight"), 1, "vital signs"),
    "39156-5": Measure(("BMI", "body mass index"), 1, "vital signs"),
    "59576-9": Measure(("BMI percentile", "BMI-for-age percentile"), 0, "vital signs"),
    "8867-4": Measure(("heart rate", "HR", "pulse"), 0, "vital signs"),
    "9279-1": Measure(("respiratory rate", "RR"), 0, "vital signs"),
    "8310-5": Measure(("temperature", "body temperature"), 1, "vital signs"),
    "2708-6": Measure(("oxygen saturation", "SpO2"), 0, "vital signs"),
    "59408-5": Measure(("oxygen saturation", "SpO2"), 0, "vital signs"),
    "2713-6": Measure(("oxygen saturation",), 0, "vital signs"),
    "72514-3": Measure(("pain score", "pain severity"), 0, "pain"),
    "8480-6": Measure(("systolic blood pressure",), 0, "blood pressure"),
    "8462-4": Measure(("diastolic blood pressure",), 0, "blood pressure"),
    "70274-6": Measure(("GAD-7", "GAD-7 score"), 0, "scores"),
    "55758-7": Measure(("PHQ-2", "PHQ-2 score"), 0, "scores"),
    "44261-6": Measure(("PHQ-9", "PHQ-9 score"), 0, "scores"),
    "89204-2": Measure(("PHQ-9 for teens", "PHQ-9 Modified for Teens"), 0, "scores"),
    "75626-2": Measure(("AUDIT-C", "AUDIT-C score"), 0, "scores"),
    "82667-7": Measure(("DAST-10", "DAST-10 score"), 0, "scores"),
    "76504-0": Measure(("HARK", "HARK score"), 0, "scores"),
    "QOLS": Measure(("quality-of-life score", "QOLS"), 2, "quality of life"),
    "QALY": Measure(("QALY",), 1, "quality of life"),
    "DALY": Measure(("DALY",), 1, "quality of life"),
}
"""LOINC (and Synthea's scores of quality of life) -> what it is called."""

UNITS = {"10³/µL": ("K/µL", "x10³/µL", "×10^3/µL"), "kg/m²": ("kg/m²", "kg/m2")}


def measure(series: Series) -> Measure:
    """What is known of it; else the record's own words up to the first bracket."""
    known = MEASURES.get(series.last.code.value)
    if known:
        more = wording.of("measure names", dict[str, tuple[str, ...]]()).get(known.names[0], ())
        return replace(known, names=known.names + more)
    bare = series.last.code.text.split(" [")[0].split(" in Serum")[0].removesuffix(" Ab")
    own = f"{number(series.last) or 0.0:.2f}".rstrip("0")
    return Measure((conditions.lower(bare),), len(own.partition(".")[2]))


def shown(value: float, decimals: int) -> str:
    """Rounded half up; a value below ten keeps two places where one is asked for nothing."""
    text = str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    return text.lstrip("-") if not float(text) else text


def unit(quantity: Quantity) -> str:
    """As it is printed; scores have none."""
    text = readable(quantity.unit)
    return "" if text in ("score", "1", "{#}", "#", "T-score", "INR", "per year") else text


def key(series: Series) -> str:
    """The same for all series that are called the same."""
    return measure(series).names[0]


def unit_choices(series: Series, unit: str) -> tuple[str, ...]:
    """How a unit is written."""
    if unit == "/min":
        pulse = "heart rate" in series.last.code.text.lower()
        return ("bpm", "beats/min") if pulse else ("/min", "breaths/min")
    return UNITS.get(unit, (unit,))


def number(observation: Observation) -> float | None:
    """Its value, where it is a number."""
    return observation.value.value if isinstance(observation.value, Quantity) else None


def all_values(seen: View, series: Series) -> tuple[str, ...]:
    """All that was ever measured under the same short name."""
    groups = (seen.labs, seen.vitals, seen.scores, seen.quality_of_life)
    same = [s for group in groups for s in group if key(s) == key(series)]
    found = {v for s in same for v in map(number, s.values) if v is not None}
    return tuple(repr(v) for v in sorted(found))


def days_with(series: Series, text: str, decimals: int) -> tuple[str, ...]:
    """Days on which what was measured reads like this when it is rounded."""
    read = [(o.start.day, number(o)) for o in series.values]
    return tuple(str(day) for day, v in read if v is not None and shown(v, decimals) == text)
