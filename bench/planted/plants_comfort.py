"""False reassurance: said to be normal, well or up to date while the record says otherwise."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from osler.records.view import Series, View

from . import measures, wording
from .plant import Plant, Subject, add, change, section_of, spots, swap
from .told import Summary, Told

Wrong = Callable[[View], bool]


def out(*names: str, way: str = "", days: int = 100_000) -> Wrong:
    """True where the latest of any of these is out of range (on one side), and not too old."""

    def wrong(seen: View) -> bool:
        some = [s for s in (*seen.labs, *seen.vitals) if s.flag and measures.key(s) in names]
        since = [s for s in some if (seen.on - s.last.start.day).days <= days]
        return any(not way or s.flag == way for s in since)

    return wrong


def any_of(*some: Wrong) -> Wrong:
    """True where one of these is."""
    return lambda seen: any(wrong(seen) for wrong in some)


def any_lab(seen: View) -> bool:
    """Any lab out of range."""
    return any(s.flag for s in seen.labs)


def pressure_from(high: float, low: float) -> Wrong:
    """Blood pressure at or above both published limits of treatment."""

    def wrong(seen: View) -> bool:
        found = {s.last.code.value: measures.number(s.last) or 0.0 for s in seen.vitals}
        return found.get("8480-6", 0.0) >= high or found.get("8462-4", 0.0) >= low

    return wrong


VACCINES = (("flu", r"influenza"), ("tetanus", r"^td\b|^tdap|^dtap"), ("zoster", r"^zoster"),
            ("pneumococcal", r"^pneumo"))  # fmt: skip


def overdue(seen: View) -> bool:
    """An adult without an influenza vaccine for 14 months, without tetanus for over ten years;
    from 51 without a zoster vaccine (since 2019), from 66 without a pneumococcal one."""
    if not seen.age.endswith("years") or int(seen.age.split()[0]) < 19:
        return False
    years = int(seen.age.split()[0])
    given = {
        kind: max((i.start.day for i in seen.record.immunizations
                   if re.search(pattern, i.code.text, re.I)), default=None)
        for kind, pattern in VACCINES
    }  # fmt: skip
    flu, tetanus = given["flu"], given["tetanus"]
    return (
        flu is None or flu < seen.on - timedelta(days=430)
        or tetanus is None or tetanus < seen.on - timedelta(days=3653)
        or (years > 50 and seen.on.year > 2018 and given["zoster"] is None)
        or (years > 65 and given["pneumococcal"] is None)
    )  # fmt: skip


SCOPES: tuple[tuple[str, Wrong, tuple[str, ...]], ...] = (
    ("all labs", any_lab, (
        "All labs are within normal limits.", "Laboratory results are unremarkable.",
        "Labs are normal.", "Recent bloodwork was normal.", "No abnormal lab findings.",
        "All results fall within reference ranges.", "Labs WNL.", "Lab work is normal overall.",
        "No significant laboratory abnormalities.", "All laboratory values are normal.",
        "Routine blood tests were reassuring.", "Nothing of concern in the lab results.",
        "Labs show no abnormalities.", "Most recent labs are all in range.",
        "Lab results are stable and within normal limits.", "Normal labs.",
        "Blood work came back normal.", "There are no out-of-range lab values.",
    )),
    ("kidney", any_of(out("creatinine", "BUN", way="high"), out("eGFR", way="low")), (
        "Kidney function is normal.", "Renal function is preserved.", "Kidneys are working well.",
        "Renal function within normal limits.", "No signs of kidney impairment.",
        "Creatinine, eGFR and BUN are normal.", "Normal renal function.", "Renal panel is normal.",
    )),
    ("liver", out("ALT", "AST", "ALP", "total bilirubin", way="high"), (
        "Liver function is normal.", "Liver enzymes are within normal limits.", "LFTs are normal.",
        "Normal hepatic function.", "Liver tests are unremarkable.",
        "No elevation of liver enzymes.",
    )),
    ("lipids", any_of(out("LDL", "total cholesterol", "triglycerides", way="high"),
                      out("HDL", way="low")), (
        "Lipids are normal.", "The lipid panel is within normal limits.",
        "Cholesterol levels are normal.", "Lipid profile is unremarkable.",
        "All cholesterol values are in the desirable range.", "Normal lipid panel.",
    )),
    ("glucose", out("HbA1c", "glucose"), (
        "Blood sugar is normal.", "Glucose and A1c are within normal limits.",
        "No abnormalities of glucose metabolism.", "Glycemic parameters are normal.",
    )),
    ("A1c", out("HbA1c", way="high"), (
        "A1c is normal.", "HbA1c is within the normal range.", "Hemoglobin A1c is unremarkable.",
        "The A1c is not elevated.", "HbA1c is in the non-diabetic, normal range.",
    )),
    ("blood count", out("hemoglobin", "hematocrit", "WBC", "RBC", "platelets", "MCV", "MCH"), (
        "CBC is normal.", "Complete blood count is within normal limits.",
        "The blood count is unremarkable.", "Blood counts are normal.", "Normal CBC.",
        "CBC WNL.", "Hematology results are all normal.", "No abnormalities on the CBC.",
    )),
    ("hemoglobin", out("hemoglobin"), (
        "Hemoglobin is normal.", "Hgb is within the reference range.",
        "The hemoglobin level is unremarkable.", "Normal hemoglobin.",
    )),
    ("anemia", out("hemoglobin", way="low"), ("No anemia.", "There is no sign of anemia.")),
    ("hematocrit", out("hematocrit"), (
        "Hematocrit is normal.", "Hct is within normal limits.", "Normal hematocrit.",
    )),
    ("electrolytes", out("sodium", "potassium", "chloride", "CO2"), (
        "Electrolytes are normal.", "Electrolytes are within normal limits.",
        "No electrolyte disturbance.", "Normal electrolytes.", "The electrolyte panel is normal.",
    )),
    ("blood pressure", out("systolic blood pressure", "diastolic blood pressure", way="high"), (
        "Blood pressure is normal.", "BP is within normal limits.", "Normotensive.",
        "Blood pressure is in the normal range.", "Normal blood pressure.",
        "The latest blood pressure was normal.",
    )),
    ("blood pressure at goal", pressure_from(140, 90), (
        "Blood pressure is well controlled.", "BP is at goal.", "Hypertension is well controlled.",
        "Blood pressure is under good control.", "BP control is excellent.",
    )),
    ("vital signs", out("systolic blood pressure", "diastolic blood pressure", "heart rate",
                        "respiratory rate"), (
        "Vital signs are normal.", "Vitals are stable and within normal limits.", "Vitals WNL.",
        "All vital signs are within normal range.", "Vital signs are unremarkable.",
        "Vitals are normal.",
    )),
    ("weight", out("BMI", way="high"), (
        "BMI is normal.", "BMI is in the healthy range.", "Weight is healthy.",
        "The body mass index is within normal limits.", "Normal weight.",
    )),
    ("bone", out("DXA T-score"), (
        "Bone density is normal.", "The DXA scan was normal.", "Normal bone mineral density.",
    )),
    ("lungs", out("FEV1/FVC"), (
        "Lung function is normal.", "Spirometry is normal.", "FEV1/FVC is within normal limits.",
    )),
    ("oxygen", out("oxygen saturation", way="low", days=180), (
        "Oxygen saturation is normal.", "SpO2 is normal.",
    )),
    ("fever", out("temperature", way="high", days=60), ("Afebrile.", "Temperature is normal.")),
    ("vaccines", overdue, (
        "Vaccinations are up to date.", "Immunizations are current.", "Up to date on all vaccines.",
        "All recommended vaccines have been given.", "Fully vaccinated.",
        "Immunization status is complete.", "No vaccines are due.", "UTD on immunizations.",
        "Vaccination status: up to date.", "Is current with recommended immunizations.",
    )),
)  # fmt: skip


def reassurance(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A sentence that is false of the latest values, or the word beside a value."""
    flags = list(_flags(subject.seen, summary))
    if flags and rng.random() < 0.2:
        return _unflagged(rng, summary)
    wrong = [(name, forms) for name, is_wrong, forms in SCOPES if is_wrong(subject.seen)]
    if not wrong:
        return None
    name, forms = rng.choice(wrong)
    text = rng.choice(wording.of("comfort", {name: forms})[name])
    if name == "vaccines":
        where = rng.choice(("Vaccination", "Vaccination", "Summary", "Prep"))
    else:
        where = rng.choice(("Lab Results", "Lab Results", "Summary", "Prep"))
    p = section_of(summary, where)
    quiet = [t for t, told in enumerate(summary.parts[p].told) if told.tag == "planning"]
    if quiet and rng.random() < 0.3:
        t = rng.choice(quiet)
        new = Told(text, bullet=summary.parts[p].told[t].bullet)
        return swap(summary, p, t, new, "false reassurance", name)
    return add(summary, rng, p, text, "false reassurance", name)


def _flags(seen: View, summary: Summary) -> Iterator[Series]:
    return (s for s in (*seen.labs, *seen.vitals) if s.flag)


def _unflagged(rng: random.Random, summary: Summary) -> Plant | None:
    """`LOW` becomes `NORMAL` beside the value that is low."""
    found = spots(summary, "flag")
    if not found:
        return None
    spot = rng.choice(found)
    words = summary.parts[spot[0]].told[spot[1]].piece(spot[2])
    told = summary.parts[spot[0]].told[spot[1]]
    alone = told.text[: spot[2].start].endswith("(")
    new = rng.choice(("normal", "within normal limits")) if alone else "normal"
    new = "NORMAL" if words.isupper() else new
    return change(summary, spot, new, "false reassurance", "word beside the value")
