"""The third writer: labs by problem and panel, vital signs in a row, scores together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.records.record import Quantity
from osler.records.view import Series

from . import measures
from .alike import by_day, is_sound
from .prose_measures import DIASTOLIC, SYSTOLIC, day_of_all, decimals, limits
from .prose_measures import day as day_of
from .scene import Scene
from .told import Told, join

UNITS = {"10³/µL": ("K/uL", "K/µL"), "10⁶/µL": ("M/uL",), "kg/m²": ("kg/m²", "kg/m2")}


def value(scene: Scene, one: Series, place: int = 0, *, unit: bool = True) -> str:
    """A value, marked; `unit`: mostly with it, in a spelling of clinics."""
    quantity = one.values[place].value
    assert isinstance(quantity, Quantity)
    number = measures.shown(quantity.value, decimals(one))
    said = scene.mark("value", number, measures.key(one), measures.all_values(scene.seen, one))
    said = f"{quantity.comparator}{said}"
    text = measures.unit(quantity) if unit else ""
    if text == "%":
        return f"{said}%"
    bare = text not in ("kg", "cm", "°C") and scene.chance(0.3)
    if not text or bare:
        return said
    if text == "mmol/L" and measures.measure(one).group == "electrolytes":
        text = scene.pick(("mEq/L", "mmol/L"))
    choices = UNITS.get(text) or measures.unit_choices(one, text)
    return f"{said} {scene.mark('unit', scene.pick(choices), measures.key(one))}"


def flag(scene: Scene, one: Series, *forms: str) -> str:
    """`high` or `low`, in one of the forms: pairs with a bar between."""
    high, low = scene.pick(forms or ("H|L", "high|low")).split("|")
    return scene.mark("flag", high if one.flag == "high" else low, measures.key(one))


def brief(scene: Scene, one: Series) -> str:
    """`A1c 6.4% (H)`."""
    name = scene.pick(measures.measure(one).names)
    return f"{name} {value(scene, one)} ({flag(scene, one)})"


def results(scene: Scene) -> Iterator[Told]:
    """What is out of range, the rest by day, what is sound, vital signs, scores."""
    numbers = [o for o in scene.seen.labs if isinstance(o.last.value, Quantity)]
    for one in numbers:
        if one.flag:
            yield _outside(scene, one)
    well = [one for one in numbers if not one.flag]
    yield from (_together(scene, some) for some in by_day(scene, well, 10, (2, 3, 4, 5)))
    yield from _in_words(scene)
    if not scene.seen.labs:
        yield scene.pen.tell("No labs on file.", tag="empty")
    yield from _sound(scene)
    yield from _vitals(scene)
    yield from _scores(scene)


def _outside(scene: Scene, one: Series) -> Told:
    name = scene.pick(measures.measure(one).names)
    day, roll = day_of(scene, one), scene.rng.random()
    if roll < 0.25 and len(one.values) > 2:
        path = [value(scene, one, n, unit=False) for n in (2, 1, 0)]
        days = [day_of(scene, one, n) for n in (2, 1, 0)]
        said = flag(scene, one, "high|low")
        return scene.pen.tell(f"{name} {' → '.join(path)} ({', '.join(days)}); latest {said}.")
    if roll < 0.45 and one.reference:
        said = f"{value(scene, one)} ({flag(scene, one)}; range {limits(scene, one)})"
        return scene.pen.tell(f"{day}: {name} {said}", bullet=True)
    if roll < 0.65:
        said = flag(scene, one, "high|low", "elevated|low", "raised|reduced")
        return scene.pen.tell(f"On {day} the {name} was {said} at {value(scene, one)}.")
    if roll < 0.8 and len(one.values) > 1:
        then = f"{value(scene, one, 1, unit=False)} on {day_of(scene, one, 1)}"
        said = flag(scene, one, "high|low", "elevated|low")
        return scene.pen.tell(f"{name} {said}: {value(scene, one)} on {day}, after {then}.")
    return scene.pen.tell(f"{brief(scene, one)}, {day}", bullet=True)


def _together(scene: Scene, some: Sequence[Series]) -> Told:
    day = day_of_all(scene, some)
    if len(some) == 1 and len(some[0].values) > 1 and scene.chance(0.5):
        (one,) = some
        name = scene.pick(measures.measure(one).names)
        then = f"{value(scene, one, 1, unit=False)} on {day_of(scene, one, 1)}"
        now = f"{value(scene, one)} on {day_of(scene, one)}"
        return scene.pen.tell(f"{name} {now} (prior: {then}).")
    said = [f"{scene.pick(measures.measure(one).names)} {value(scene, one)}" for one in some]
    roll = scene.rng.random()
    if roll < 0.4:
        return scene.pen.tell(f"{day}: {', '.join(said)}", bullet=True)
    if roll < 0.7:
        return scene.pen.tell(f"Labs of {day} showed {join(said)}.")
    return scene.pen.tell(f"{', '.join(said)} ({day}).")


def _in_words(scene: Scene) -> Iterator[Told]:
    """Results that are words."""
    words = [one for one in scene.seen.labs if isinstance(one.last.value, str)]
    for one in words[:3]:
        if "cause of death" in one.name.lower():
            continue
        true = [str(o.start.day) for o in one.values if o.value == one.last.value]
        said = scene.mark("answer", str(one.last.value).lower(), one.name, [str(one.last.value)])
        if str(one.last.value).startswith("Escherichia"):
            said = "E. coli"
        when = scene.day(one.last.start, one.name, true)
        yield scene.pen.tell(f"{measures.measure(one).names[0]} {said}, {when}.")


SOUND = (
    (("sodium", "potassium", "chloride", "CO2"), "electrolytes",
     ("Na, K, Cl and bicarb wnl.", "Sodium, potassium, chloride and bicarb all in range.")),
    (("total cholesterol", "LDL", "HDL", "triglycerides"), "lipids",
     ("Lipid panel wnl.", "All four lipid values in range.")),
    (("hemoglobin", "hematocrit", "WBC", "RBC", "platelets", "MCV", "MCH", "MCHC"), "blood count",
     ("CBC wnl.", "Nothing out of range on the CBC.")),
    (("ALT", "AST", "ALP", "total bilirubin", "albumin", "total protein"), "liver",
     ("LFTs wnl.", "Liver panel in range.")),
    (("creatinine", "BUN", "eGFR"), "kidney",
     ("BUN, creatinine and eGFR wnl.", "Creatinine, BUN and eGFR are all in range.")),
)  # fmt: skip


def _sound(scene: Scene) -> Iterator[Told]:
    """Only where every latest value of the scope, and of its group, has a range and is within."""
    for members, group, forms in SOUND:
        if is_sound(scene, members, group) and scene.chance(0.7):
            yield scene.pen.tell(scene.pick(forms), tag="reassurance")


# -- vital signs and scores


def _vitals(scene: Scene) -> Iterator[Told]:
    """One row for each day; pressure in front, words for what is out of range."""
    by_day: dict[str, list[Series]] = {}
    for one in scene.seen.vitals:
        if isinstance(one.last.value, Quantity) and one.last.code.value in measures.MEASURES:
            by_day.setdefault(str(one.last.start.order), []).append(one)
    for members in list(by_day.values())[:3]:
        by_code = {one.last.code.value: one for one in members}
        high, low = by_code.get(SYSTOLIC), by_code.get(DIASTOLIC)
        said: list[str] = []
        if high and low:
            pair = "/".join(value(scene, one, unit=False) for one in (high, low))
            said.append(f"{scene.pick(('BP', 'blood pressure'))} {pair}")
        others = [one for one in members if one not in (high, low)][:5]
        for one in others:
            name = scene.pick(measures.measure(one).names)
            raised = f" ({flag(scene, one)})" if one.flag else ""
            said.append(f"{name} {value(scene, one)}{_imperial(scene, one)}{raised}")
        if not said:
            continue
        day = day_of_all(scene, [one for one in (high, low) if one and len(said) > len(others)]
                         + others)  # fmt: skip
        yield scene.pen.tell(scene.pick((
            f"VS {day}: {', '.join(said)}.", f"{', '.join(said)} on {day}.",
            f"At the reading of {day}: {', '.join(said)}.",
        )))  # fmt: skip


def _imperial(scene: Scene, one: Series) -> str:
    number = measures.number(one.last) or 0.0
    if one.last.code.value == "29463-7" and scene.chance(0.4):
        return f" ({number * 2.20462:.0f} lb)"
    if one.last.code.value == "8310-5" and scene.chance(0.4):
        return f" ({number * 9 / 5 + 32:.1f} °F)"
    return ""


def _scores(scene: Scene) -> Iterator[Told]:
    """Those of one day together."""
    by_day: dict[str, list[Series]] = {}
    for one in scene.seen.scores:
        if one.last.code.value in measures.MEASURES:
            by_day.setdefault(str(one.last.start.day), []).append(one)
    for some in by_day.values():
        said = [
            f"{scene.pick(measures.measure(one).names)} {value(scene, one, unit=False)}"
            for one in some
        ]
        lead = scene.pick(("Questionnaires", "Screens", "Scored"))
        yield scene.pen.tell(f"{lead} {day_of_all(scene, some)}: {', '.join(said)}.")
