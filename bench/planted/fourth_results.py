"""The fourth writer: labs with trends and ranges, vital signs and scores in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.records.record import Quantity
from osler.records.view import Series

from . import measures
from .alike import by_day, is_sound
from .fourth_time import measured
from .prose_measures import DIASTOLIC, SYSTOLIC, day_of_all, decimals, limits
from .scene import Scene
from .told import Told, join

UNITS = {
    "10³/µL": ("×10³/µL", "thousand/µL"), "10⁶/µL": ("million/µL",), "kg/m²": ("kg/m²",),
}  # fmt: skip
RATES = {"heart rate": "beats per minute", "respiratory rate": "breaths per minute"}


def value(scene: Scene, one: Series, place: int = 0, *, unit: bool = True) -> str:
    """A value, marked; mostly with its unit."""
    quantity = one.values[place].value
    assert isinstance(quantity, Quantity)
    number = measures.shown(quantity.value, decimals(one))
    true = measures.all_values(scene.seen, one)
    said = f"{quantity.comparator}{scene.mark('value', number, measures.key(one), true)}"
    text = measures.unit(quantity) if unit else ""
    if text == "%":
        return f"{said}%"
    if not text or scene.chance(0.12):
        return said
    key = measures.key(one)
    shown = RATES.get(key, text) if text == "/min" else scene.pick(UNITS.get(text, (text,)))
    return f"{said} {scene.mark('unit', shown, key)}"


def flag(scene: Scene, one: Series) -> str:
    """`elevated`, `below normal`, marked."""
    forms = ("elevated", "high", "raised") if one.flag == "high" else ("low", "reduced")
    return scene.mark("flag", scene.pick(forms), measures.key(one))


def name_of(scene: Scene, one: Series) -> str:
    """One of its names."""
    return scene.pick(measures.measure(one).names)


def results(scene: Scene) -> Iterator[Told]:
    """What is out of range, the rest by day, what is sound, vital signs, scores."""
    numbers = [o for o in scene.seen.labs if isinstance(o.last.value, Quantity)]
    for one in numbers:
        if one.flag:
            yield _outside(scene, one)
    well = [one for one in numbers if not one.flag]
    yield from (_together(scene, some) for some in by_day(scene, well, 9, (1, 2, 3, 4)))
    yield from _in_words(scene)
    if not scene.seen.labs:
        yield scene.pen.tell("No laboratory data have been documented.", tag="empty")
    yield from _sound(scene)
    yield from _vitals(scene)
    yield from _scores(scene)


def _outside(scene: Scene, one: Series) -> Told:
    name, roll = name_of(scene, one), scene.rng.random()
    if roll < 0.35 and len(one.values) > 1 and (path := _path(scene, one)):
        return scene.pen.tell(f"The {name} {path}, a result that is {flag(scene, one)}.")
    if roll < 0.6 and one.reference:
        side = "above" if one.flag == "high" else "below"
        day = measured(scene, one, exact=True)
        return scene.pen.tell(
            f"At {value(scene, one)}, the {name} result obtained {day} "
            f"lies {side} the reference range ({limits(scene, one)})."
        )
    if roll < 0.8:
        hedge = scene.pick(("", ", which may warrant follow-up"))
        return scene.pen.tell(
            f"The most recent {name} result was {flag(scene, one)} at {value(scene, one)} "
            f"{measured(scene, one, exact=True)}{hedge}."
        )
    return scene.pen.tell(
        f"{name}: {value(scene, one)} ({flag(scene, one)}), recorded "
        f"{measured(scene, one, exact=True)}", bullet=True,
    )  # fmt: skip


def _path(scene: Scene, one: Series) -> str:
    """`rose from 5.9% in March 2019 to 6.4% on …`; empty where rounding leaves no difference."""
    now, before = (measures.number(v) or 0.0 for v in one.values[:2])
    places = decimals(one)
    if measures.shown(now, places) == measures.shown(before, places):
        return ""
    if one.values[0].start.day == one.values[1].start.day:
        return ""
    verb = scene.pick(("rose", "increased") if now > before else ("fell", "decreased"))
    return (
        f"{verb} from {value(scene, one, 1)} {measured(scene, one, 1, exact=True)} to "
        f"{value(scene, one)} {measured(scene, one, exact=True)}"
    )


def _together(scene: Scene, some: Sequence[Series]) -> Told:
    if len(some) == 1 and len(some[0].values) > 1 and (path := _path(scene, some[0])):
        return scene.pen.tell(f"The {name_of(scene, some[0])} {path}.")
    said = join([f"{name_of(scene, one)} of {value(scene, one)}" for one in some])
    day = day_of_all(scene, some)
    within = ""
    if all(one.reference for one in some) and scene.chance(0.3):
        within = ", within the reference range" if len(some) == 1 else (
            ", all within their reference ranges")  # fmt: skip
    return scene.pen.tell(scene.pick((
        f"Testing on {day} revealed {said}{within}.",
        f"Laboratory work dated {day} showed {said}{within}.",
        f"Results from {day} include {said}{within}.",
    )))  # fmt: skip


def _in_words(scene: Scene) -> Iterator[Told]:
    """Results that are words."""
    some = [one for one in scene.seen.labs if isinstance(one.last.value, str)]
    for one in some[:3]:
        answer = str(one.last.value)
        if "cause of death" in one.name.lower():
            continue
        true = [str(o.start.day) for o in one.values if o.value == one.last.value]
        shown = answer if answer.startswith("Escherichia") else answer.lower()
        said = scene.mark("answer", shown, one.name, [answer])
        day = scene.day(one.last.start, one.name, true)
        name = measures.measure(one).names[0]
        yield scene.pen.tell(f"The result for {name} on {day} was reported as {said}.")


SOUND = (
    (("sodium", "potassium", "chloride", "CO2"), "electrolytes",
     "The latest electrolytes show no value outside the reference range."),
    (("total cholesterol", "LDL", "HDL", "triglycerides"), "lipids",
     "The latest lipid panel is entirely within the reference range."),
    (("hemoglobin", "hematocrit", "WBC", "RBC", "platelets", "MCV", "MCH", "MCHC"), "blood count",
     "The latest blood count has no value outside the reference range."),
    (("ALT", "AST", "ALP", "total bilirubin", "albumin", "total protein"), "liver",
     "The latest liver panel is within the reference range."),
    (("creatinine", "BUN", "eGFR"), "kidney",
     "The latest creatinine, BUN and eGFR are each within the reference range."),
)  # fmt: skip


def _sound(scene: Scene) -> Iterator[Told]:
    """Only where every latest value of the scope, and of its group, has a range and is within."""
    for members, group, form in SOUND:
        if is_sound(scene, members, group) and scene.chance(0.7):
            yield scene.pen.tell(form, tag="reassurance")


# -- vital signs and scores


def _vitals(scene: Scene) -> Iterator[Told]:
    """One or two sentences for each day; pressure in front, words for what is out of range."""
    by_day: dict[str, list[Series]] = {}
    for one in scene.seen.vitals:
        if isinstance(one.last.value, Quantity) and one.last.code.value in measures.MEASURES:
            by_day.setdefault(str(one.last.start.order), []).append(one)
    for members in list(by_day.values())[:3]:
        by_code = {one.last.code.value: one for one in members}
        high, low = by_code.get(SYSTOLIC), by_code.get(DIASTOLIC)
        if high and low:
            yield _pressure(scene, high, low)
        others = [one for one in members if one not in (high, low)][:5]
        if others:
            said = [
                f"{name_of(scene, one)} of {value(scene, one)}"
                f"{f' ({flag(scene, one)})' if one.flag else ''}"
                for one in others
            ]
            day = day_of_all(scene, others)
            yield scene.pen.tell(f"On {day}, vital measurements included {join(said)}.")


def _pressure(scene: Scene, high: Series, low: Series) -> Told:
    pair = "/".join(value(scene, one, unit=False) for one in (high, low))
    flags = {one.flag for one in (high, low)} - {""}
    raised = ""
    if flags == {"high"} and scene.chance(0.6):
        raised = f", which is {scene.mark('flag', 'elevated', 'blood pressure')}"
    return scene.pen.tell(
        f"The latest blood pressure was {pair} mmHg "
        f"{measured(scene, high, exact=True)}{raised}."
    )  # fmt: skip


def _scores(scene: Scene) -> Iterator[Told]:
    """Those of one day together."""
    by_day: dict[str, list[Series]] = {}
    for one in scene.seen.scores:
        if one.last.code.value in measures.MEASURES:
            by_day.setdefault(str(one.last.start.day), []).append(one)
    for some in by_day.values():
        said = [
            f"{measures.measure(one).names[0]} score of {value(scene, one, unit=False)}"
            for one in some
        ]
        lead = scene.pick(("Questionnaires completed", "Standardized instruments administered"))
        yield scene.pen.tell(f"{lead} on {day_of_all(scene, some)} gave {join(said)}.")
