"""What to do in the visit: plans and questions, which claim nothing that is not recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.view import View

from . import drugs, measures
from .prose_person import allergies_in_short
from .scene import Scene
from .told import Told

ALWAYS = (
    "Reconcile the medication list with the patient.",
    "Confirm the allergy list.",
    "Ask about new symptoms since the last visit.",
    "Review goals of care and preferences.",
    "Update emergency contacts and pharmacy.",
    "Ask whether anything in this summary is out of date.",
    "Schedule the next follow-up visit.",
    "Review diet, sleep and physical activity.",
    "Confirm that the contact details are current.",
)
ADULT = (
    "Consider influenza vaccination this season.",
    "Review which screening examinations are due.",
    "Discuss advance care planning if appropriate.",
    "Ask about alcohol use and safety at home.",
    "Consider screening for depression and anxiety.",
    "Offer age-appropriate cancer screening.",
)
CHILD = (
    "Plot height and weight on the growth chart.",
    "Ask the parents about sleep, nutrition and school.",
    "Review which vaccines are due at this age.",
    "Discuss injury prevention with the family.",
)


def preparation(scene: Scene) -> Iterator[Told]:
    """Six or so lines: what is out of range, what is taken, what could be asked."""
    seen, tell = scene.seen, scene.pen.tell
    said: list[str] = []
    out = [one for one in seen.labs if one.flag]
    for one in out[:2]:
        name = scene.pick(measures.measure(one).names)
        flag = scene.mark("flag", one.flag, measures.key(one))
        said.append(scene.pick((
            f"Recheck {name} in 3 months.", f"Discuss the {flag} {name} and repeat the test.",
            f"Repeat {name} at the next visit.", f"Follow up the {flag} {name}.",
        )))  # fmt: skip
    if seen.medicines:
        known = drugs.parse(scene.pick(seen.medicines).last.code.text)
        name = scene.mark("drug", scene.pick(known.names), known.key)
        said.append(scene.pick((
            f"Review adherence to {name}.", f"Ask about side effects of {name}.",
            f"Check whether {name} is still needed.", f"Is {name} taken as prescribed?",
        )))  # fmt: skip
    if seen.allergies and scene.chance(0.5):
        said.append(_keep_in_mind(scene))
    said += _fitting(scene)
    general = list(ALWAYS) + list(ADULT if scene.years >= 18 else CHILD)
    scene.rng.shuffle(general)
    for words in [*said, *general[:3]]:
        yield tell(words, bullet=True, tag="planning")


def _keep_in_mind(scene: Scene) -> str:
    told = allergies_in_short(scene)
    text = told.text.rstrip(".")
    spans = [(s.start, s.end, s) for s in told.spans]
    # The marks of the sentence are made anew, behind the lead.
    out, at = "", 0
    for start, end, span in spans:
        out += text[at:start] + scene.mark(span.kind, text[start:end], span.about, span.true)
        at = end
    return f"Keep in mind: {out}{text[at:]}."


def _fitting(scene: Scene) -> list[str]:
    """Plans that depend on what there is."""
    seen, said = scene.seen, list[str]()
    if any("current" in str(o.last.value).lower() or "daily" in str(o.last.value).lower()
           for o in seen.answers if o.last.code.value == "72166-2"):  # fmt: skip
        said.append("Discuss smoking cessation.")
    bmi = _latest(seen, "39156-5")
    if bmi and bmi > 30 and scene.chance(0.7):
        said.append("Discuss weight management and consider screening for type 2 diabetes.")
    pressure = _latest(seen, "8480-6")
    if pressure and pressure >= 130:
        said.append(scene.pick((
            "Repeat the blood pressure measurement at the visit.",
            "Consider home blood pressure monitoring.",
        )))  # fmt: skip
    if seen.conditions and scene.chance(0.6):
        name = scene.condition(scene.pick(seen.conditions), article=False)
        said.append(scene.pick((
            f"Ask how the patient is coping with {name}.", f"Clarify the current status of {name}.",
            f"Review the management of {name}.",
        )))  # fmt: skip
    if seen.person.language not in ("", "English"):
        said.append("Arrange an interpreter if needed.")
    if seen.care_plans and scene.chance(0.5):
        text = scene.pick(seen.care_plans).last.code.text
        said.append(f"Follow up on the care plan: {text[:1].lower() + text[1:]}.")
    return said


def _latest(seen: View, code: str) -> float | None:
    found = [one for one in seen.vitals if one.last.code.value == code]
    return measures.number(found[0].last) if found else None


MEASURE = re.compile(
    r"(?P<title>.+?): (?P<value>[\d.]+) %(?: \(95 % CI (?P<low>[\d.]+) to (?P<high>[\d.]+)\))?"
    r"(?:, release (?P<year>\d{4}))?"
)
SCORE = re.compile(r"Health burden score: ([\d.]+) of 100")
RANK = re.compile(r"Rank by burden: (\d+) of (\d+) counties")
SAYINGS = (
    (r"^Diagnosed (.+) among adults$", "{value} of adults in the county have diagnosed {what}"),
    (r"^(Obesity) among adults$", "the adult {what} prevalence is {value}"),
    (r"^Current cigarette (smoking) among adults$", "{value} of adults currently smoke"),
    (r"^No health (insurance) among", "{value} of adults aged 18 to 64 have no health {what}"),
    (r"^Current (asthma) among adults$", "{value} of adults have current {what}"),
    (r"^Routine (checkup) in the past year", "{value} of adults had a {what} in the past year"),
)


def county(scene: Scene, lines: Sequence[str]) -> Iterator[Told]:
    """The county's figures, some of them in words."""
    bullet = scene.chance(0.5)
    for line in lines:
        said = _of_county(scene, line)
        if said:
            yield scene.pen.tell(f"{said}{'' if bullet else '.'}", bullet=bullet)
    if not lines:
        yield scene.pen.tell(
            scene.pick(("Not recorded.", "No county-level data are recorded.")), tag="empty"
        )


def _of_county(scene: Scene, line: str) -> str:
    """One line told; empty for what is left out."""

    def mark(number: str, shown: str = "") -> str:
        return scene.mark("county", shown or number, line, [number])

    if found := SCORE.match(line):
        return f"The county's health burden score is {mark(found[1])} out of 100"
    if found := RANK.match(line):
        return f"It ranks {mark(found[1])} of {mark(found[2])} counties by health burden"
    found = MEASURE.fullmatch(line)
    if not found:
        return line if "FIPS" in line else ""
    value = f"{mark(found['value'])}%"
    within = ""
    if found["low"] and scene.chance(0.5):
        dash = scene.pick(("–", "-", " to "))
        within = f" (95% CI {mark(found['low'])}{dash}{mark(found['high'])})"
    for pattern, saying in SAYINGS:
        match = re.search(pattern, found["title"])
        if match and scene.chance(0.7):
            what = match[1] if match[1].isupper() else match[1].lower()
            return saying.format(value=value, what=what) + within
    year = f", PLACES {found['year']}" if found["year"] and scene.chance(0.3) else ""
    return f"{found['title']}: {value}{within}{year}"
