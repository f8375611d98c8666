"""Notes in plain text, written from what is on the chart that day."""

from __future__ import annotations

import re

from osler.records.moments import age
from osler.records.synthetic.history import Visit
from osler.records.synthetic.life import Life
from osler.records.synthetic.surveys import SMOKING, WORK

UNIT = re.compile(r"/?\{[^}]*\}")
"""What UCUM has in braces is no unit."""
SOCIAL = {
    *WORK, "higher-education", "high-school", "primary-school", "stress", "limited-contact",
    "isolation", "transport-problems", "housing-unsatisfactory",
}  # fmt: skip


def note(life: Life, visit: Visit) -> None:
    """A note of this visit; nothing is in it that is not on the chart."""
    if visit.kept:
        life.chart.paper("\n\n".join(_parts(life, visit)), visit)


def _parts(life: Life, visit: Visit) -> list[str]:
    who = life.who
    sex = who.sex
    reason = visit.reason.text if visit.reason else "Check-up."
    people = life.tables.people
    race, group = people.races[who.race].text, people.ethnicities[who.ethnicity].text
    problems = [p for key, p in life.problems.items() if key not in SOCIAL]
    listed = [f"- {p.text}, since {p.start}" for p in problems]
    medicines = [
        f"- {m.drug.text}" + (f", for {m.reason.text}" if m.reason else "")
        for m in life.medicines.values()
    ]
    allergies = [f"- {life.tables.terms[key].text}" for key in sorted(life.allergies)]
    parts = [
        f"{life.today}\n{visit.clinic.name}, {visit.doctor.name}",
        f"# Reason\n{reason}",
        f"# Patient\n{age(who.born, life.today)} old, {sex}. Race: {race}. Ethnicity: {group}.",
        "# Problems\n" + ("\n".join(listed) or "None."),
        "# Medicines\n" + ("\n".join(medicines) or "None."),
        "# Allergies\n" + ("\n".join(allergies) or "None known."),
    ]
    if life.age >= 12:
        parts.append(f"# Social\n{SMOKING[life.smoking]}.")
    findings = _findings(life, visit)
    if findings:
        parts.append("# Findings\n" + "\n".join(findings))
    return [*parts, "# Plan\n" + _plan(life)]


def _findings(life: Life, visit: Visit) -> list[str]:
    """What was measured on this visit."""
    found = [
        f"- {m.measure.text.split(' [')[0]}: {m.value} {UNIT.sub('', m.measure.unit)}".rstrip()
        for m in life.chart.history.measured[-60:]
        if m.visit is visit and m.measure.category in ("vital-signs", "laboratory")
    ]
    return found[:24]


def _plan(life: Life) -> str:
    plans = [p.term.text for p in life.chart.history.plans if p.end is None]
    said = f"Care plans: {'; '.join(dict.fromkeys(plans))}. " if plans else ""
    return said + ("Follow-up as arranged." if life.follow else "Return for the next check-up.")
