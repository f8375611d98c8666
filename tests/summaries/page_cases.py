"""A patient with some of everything, and a summary of her with an audit made by hand.

`more` is put behind every text that a record or a model can hold, so that the same page can be
made with harmless and with hostile ones.
"""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from osler.records.entries import in_order
from osler.records.labels import capital, label
from osler.records.moments import read_moment
from osler.records.record import (
    Allergy,
    CarePlan,
    Code,
    Condition,
    Dose,
    Encounter,
    Entry,
    Immunization,
    Medicine,
    Note,
    Observation,
    Person,
    Procedure,
    Quantity,
    Reaction,
    Record,
)
from osler.records.view import View, view
from osler.summaries.audit.result import Audit, Claim, Finding, Omission, Sentence
from osler.summaries.store import Maker, Removed, Summary
from osler.summaries.text import Written

E = TypeVar("E", bound=Entry)

ON = date(2022, 3, 4)
A1C_NAME = capital(label(Code("LOINC", "4548-4", "")))
A1C = ((2018, 6.4, "%"), (2019, 53.0, "mmol/mol"), (2020, 5.2, "%"), (2021, 6.9, "%"))
"""Year, value, unit: the second is 7.0 %."""
PRESSURE = ((2019, 118, 76), (2020, 131, 79), (2021, 142, 91))


def record(more: str = "", patient: str = "p-1") -> Record:
    """The patient's record."""

    def code(system: str, value: str, text: str) -> Code:
        return Code(system, value, text + more)

    def seen(loinc: str, text: str, day: str, category: str, value: Quantity | str) -> Observation:
        return Observation("", code("LOINC", loinc, text), read_moment(day), category, value)

    def lab(loinc: str, text: str, day: str, value: float, unit: str) -> Observation:
        return seen(loinc, text, day, "laboratory", Quantity(value, unit))

    diabetes = code("SNOMED CT", "44054006", "Type 2 diabetes mellitus")
    snomed, rxnorm, at = "SNOMED CT", "RxNorm", read_moment
    observations = [
        *(lab("4548-4", "Hemoglobin A1c", f"{year}-02-01", v, u) for year, v, u in A1C),
        lab("2823-3", "Potassium", "2021-02-01", 4.1, "mmol/L"),
        lab("2160-0", "Creatinine", "2020-02-01", 0.8, "mg/dL"),
        lab("2160-0", "Creatinine", "2021-02-01", 0.9, "mg/dL"),
        lab("1-1", "Odd substance", "2020-02-01", 3.0, "bushels"),
        lab("1-1", "Odd substance", "2020-08-01", 4.0, "mg/dL"),
        lab("1-1", "Odd substance", "2021-02-01", 5.0, "mg/dL"),
        seen("2-2", "Virus RNA", "2021-02-01", "laboratory", "Negative" + more),
        *(
            seen(loinc, text, f"{year}-02-01", "vital-signs", Quantity(value, "mm[Hg]"))
            for year, high, low in PRESSURE
            for loinc, text, value in (("8480-6", "Systolic", high), ("8462-4", "Diastolic", low))
        ),
        *(seen("QOLS", "QOLS", f"{y}-02-01", "survey", Quantity(q, "{score}")) for y, q in
          ((2019, 0.9), (2020, 0.8), (2021, 0.7))),
        seen("72166-2", "Tobacco smoking status", "2021-02-01", "social-history", "Never" + more),
    ]  # fmt: skip
    return Record(
        Person(
            patient, "Ada" + more, "Example" + more, date(1960, 5, 1), None, "female",
            "white" + more, "not Hispanic" + more, "married" + more, "Fresno" + more, "CA" + more,
            "93701" + more, "Fresno County" + more, "English" + more,
        ),
        conditions=named(
            Condition("", diabetes, at("2012-03-01"), None, False),
            Condition(
                "", code(snomed, "36971009", "Sinusitis"), at("2015-01-02"), at("2015-01-20"), True
            ),
        ),
        medicines=named(
            Medicine("", code(rxnorm, "860975", "metformin 500 MG Oral Tablet"), at("2012-03-05"),
                     False, None, diabetes, Dose("1 twice a day" + more)),
            Medicine(
                "", code(rxnorm, "308182", "Amoxicillin 250 MG"), at("2015-01-02"), True,
                at("2015-01-12"),
            ),
        ),
        allergies=named(
            Allergy(
                "", code(snomed, "764146007", "Penicillin"), at("1999-04-01"), "allergy",
                "medication", (Reaction(code(snomed, "247472004", "Hives"), "moderate"),),
            ),
        ),
        observations=named(*observations),
        immunizations=named(
            Immunization("", code("CVX", "140", "Influenza vaccine"), at("2021-10-01"))
        ),
        procedures=named(
            Procedure("", code(snomed, "134287002", "Foot exam"), at("2021-02-01"), diabetes)
        ),
        encounters=named(
            Encounter("", code(snomed, "185349003", "Check-up"), at("2021-02-01"), "ambulatory",
                      diabetes, None, "Clinic" + more, "Dr. Who" + more),
        ),
        care_plans=named(
            CarePlan(
                "", code(snomed, "698360004", "Diabetes self management plan"), at("2012-03-05"),
                None, False, (diabetes,), (code(snomed, "160670007", "Diabetic diet"),),
            ),
        ),
        notes=named(Note("", code("LOINC", "34117-2", "History and physical"), at("2021-02-01"),
                         "Feels well." + more)),
    )  # fmt: skip


def named(*entries: E) -> tuple[E, ...]:
    """With the ids that importing gives them."""
    return in_order(entries)


def seen(more: str = "", patient: str = "p-1") -> View:
    """Her record on the day of the summary."""
    return view(record(more, patient), ON)


DIABETES = "condition:44054006:2012-03-01"
METFORMIN = "medicine:860975:2012-03-05"
PENICILLIN = "allergy:764146007:1999-04-01"
LAST_A1C = "observation:4548-4:2021-02-01"
NOTE = "note:34117-2:2021-02-01"


def sentences(more: str = "") -> tuple[Sentence, ...]:
    """What the audit looked at: traced, wrong, silent, and traced to all that is no list."""
    warfarin = "Takes metformin 850 MG and warfarin."
    reasons = [
        ("dose", 16, 22, METFORMIN, "another dose"),
        ("drug", 27, 35, "", "not in the record"),
    ]
    return (
        Sentence("Overview", 1, "Ada is 61 years old." + more, (
            Claim("demographic", 7, 15, ("person",)),
        )),
        Sentence("Overview", 2, "Diabetes since 2012." + more, (
            Claim("condition", 0, 8, (DIABETES,)), Claim("date", 15, 19, (DIABETES,)),
        )),
        Sentence("Overview", 3, warfarin + more, (
            Claim("drug", 6, 15, (METFORMIN,)),
            *(Claim(kind, start, end, tuple(filter(None, (id,))), why + more)
              for kind, start, end, id, why in reasons),
        )),
        Sentence("Labs", 4, f"Latest labs{more}:"),
        Sentence("Labs", 5, "A1c 6.9 %, HIGH." + more, (Claim("lab", 0, 9, (LAST_A1C,)),)),
        Sentence("Labs", 6, "See the note and the county." + more, (
            Claim("encounter", 8, 12, (NOTE,)), Claim("county figure", 21, 27, ("county",)),
        )),
        Sentence("Labs", 7, "She is doing fine." + more),
    )  # fmt: skip


def summary(more: str = "", patient: str = "p-1") -> Summary:
    """Her summary, with something of all that a page has to tell."""
    said = sentences(more)
    wrong = [(s, c) for s in said for c in s.claims if c.wrong]
    findings = (
        *(Finding(c.kind, "high", s.section, c.wrong, s.number, s.text, c.ids) for s, c in wrong),
        Finding("section", "medium", "Labs", "out of order" + more),
        Finding("repeat", "low", "Labs", "said before" + more, 7, said[6].text),
    )
    lines = [one.text for one in said]
    return Summary(
        patient, ON,
        (
            Written("Overview", "\n".join(lines[:3])),
            Written("Labs", "\n".join((
                lines[3], f"- **{lines[4]}**", f"- {lines[5]}",
                f"{lines[6]} Nobody checked this.{more}",
            ))),
        ),
        Audit(said, findings, (Omission("allergy", "Penicillin" + more, (PENICILLIN,)),)),
        Maker("patient-summary-nano" + more, "ab" * 32, "cd" * 32, "0.1.0" + more),
        "ef" * 32, "01" * 32, "2022-03-05T06:07:08Z",
        removed=(
            Removed(
                "Overview" + more, "She smokes." + more, ("social: not in the record" + more,), 2
            ),
        ),
        added=(Written("Labs", "Allergies:\n- Penicillin." + more),),
        left_out={"encounters": 7, "odd part" + more: 1},
        by_rule=("Labs",),
        county=("Fresno County: diabetes 11.3 % (release 2022)" + more,),
    )  # fmt: skip
