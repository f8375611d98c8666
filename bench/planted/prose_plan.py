"""What to do in the visit: plans and questions, which claim nothing that is not recorded."""

from __future__ import annotations

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


def county(scene: Scene, lines: Sequence[str]) -> Iterator[Told]:
    """The lines of the county as they are given."""
    for line in lines:
        yield scene.pen.tell(f"{line}", bullet=True)
    if not lines:
        yield scene.pen.tell(
            scene.pick(("Not recorded.", "No county-level data are recorded.")), tag="empty"
        )
