"""Labs, vital signs and scores in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.records.record import Quantity
from osler.records.view import Series

from . import measures
from .scene import Scene
from .told import Told, join

SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"


def results(scene: Scene) -> Iterator[Told]:
    """All that is out of range, some of the rest, vital signs, scores, what is reassuring."""
    seen, tell = scene.seen, scene.pen.tell
    numbers = [one for one in seen.labs if isinstance(one.last.value, Quantity)]
    for one in numbers:
        if one.flag:
            yield alone(scene, one)
    yield from panels(scene, [one for one in numbers if not one.flag])
    for one in [one for one in seen.labs if isinstance(one.last.value, str)][:3]:
        if "cause of death" not in one.name.lower():
            yield words_of(scene, one)
    if not seen.labs:
        yield tell("No lab results are recorded.", tag="empty")
    yield from reassurance(scene)
    yield from vital_signs(scene)
    for one in seen.scores:
        if one.last.code.value in measures.MEASURES and scene.chance(0.8):
            yield score(scene, one)


def value(scene: Scene, one: Series, place: int = 0, *, with_unit: bool = True) -> str:
    """A value, marked, with its unit."""
    quantity = one.values[place].value
    assert isinstance(quantity, Quantity)
    number = measures.shown(quantity.value, decimals(one))
    true = measures.all_values(scene.seen, one)
    said = scene.mark("value", number, measures.key(one), true)
    unit = measures.unit(quantity) if with_unit else ""
    unit = scene.pick(measures.unit_choices(one, unit))
    if not unit:
        return said
    return f"{said}{'' if unit == '%' else ' '}{scene.mark('unit', unit, measures.key(one))}"


def decimals(one: Series) -> int:
    """As its name asks; small values keep two places."""
    number = measures.number(one.last) or 0.0
    found = measures.measure(one).decimals
    return max(found, 2) if 0 < abs(number) < 1 else found


def day(scene: Scene, one: Series, place: int = 0) -> str:
    """When it was."""
    places = decimals(one)
    text = measures.shown(measures.number(one.values[place]) or 0.0, places)
    return scene.day(
        one.values[place].start, measures.key(one), measures.days_with(one, text, places)
    )


def alone(scene: Scene, one: Series) -> Told:
    """A value out of range: how far, against what, since when."""
    name = scene.pick(measures.measure(one).names)
    flag = scene.mark("flag", one.flag, measures.key(one))
    roll = scene.rng.random()
    if roll < 0.3:
        return scene.pen.tell(
            f"{name}: {value(scene, one)} ({flag}) on {day(scene, one)}", bullet=True
        )
    if roll < 0.5 and one.reference:
        side = "above" if one.flag == "high" else "below"
        limit = limits(scene, one)
        return scene.pen.tell(
            f"{name} was {value(scene, one)} on {day(scene, one)}, {side} the reference range "
            f"({limit})."
        )
    if roll < 0.8 and len(one.values) > 1:
        return scene.pen.tell(
            f"{name} is {flag} at {value(scene, one)} ({change(scene, one)}) on {day(scene, one)}."
        )
    return scene.pen.tell(f"{flag} {name} of {value(scene, one)} on {day(scene, one)}.")


def limits(scene: Scene, one: Series) -> str:
    """`4–5.6 %`, `up to 99 mg/dL`."""
    found = one.reference
    assert found
    true = [repr(v) for v in (found.low, found.high) if v is not None]

    def limit(number: float) -> str:
        return scene.mark("limit", f"{number:g}", measures.key(one), true)

    unit = measures.unit(Quantity(0.0, found.unit))
    if found.low is None:
        return f"up to {limit(found.high or 0)} {unit}".strip()
    if found.high is None:
        return f"at least {limit(found.low)} {unit}".strip()
    dash = scene.pick(("–", "-", " to "))
    return f"{limit(found.low)}{dash}{limit(found.high)} {unit}".strip()


def change(scene: Scene, one: Series) -> str:
    """Against the value before; nothing is made of a difference that rounding makes."""
    now, before = (measures.number(v) or 0.0 for v in one.values[:2])
    places = decimals(one)
    same = measures.shown(now, places) == measures.shown(before, places)
    how = "unchanged from" if same else "up from" if now > before else "down from"
    then = f" on {day(scene, one, 1)}" if scene.chance(0.5) else ""
    return f"{how} {value(scene, one, 1, with_unit=False)}{then}"


def panels(scene: Scene, some: Sequence[Series]) -> Iterator[Told]:
    """What was measured together on one day is told together; a few others alone."""
    groups: dict[tuple[str, str], list[Series]] = {}
    for one in some:
        group = measures.measure(one).group
        groups.setdefault((group, str(one.last.start.day)), []).append(one)
    told = 0
    for (group, _), members in groups.items():
        if told > 7:
            return
        told += 1
        if not group or len(members) == 1:
            yield plain(scene, members[0])
            continue
        scene.rng.shuffle(members)
        said = [
            f"{scene.pick(measures.measure(one).names)} {value(scene, one)}" for one in members[:4]
        ]
        when = day_of_all(scene, members[:4])
        if scene.chance(0.5):
            yield scene.pen.tell(f"{join(said)} on {when}.")
        else:
            yield scene.pen.tell(f"{group} ({when}): {', '.join(said)}", bullet=True)


def day_of_all(scene: Scene, members: Sequence[Series]) -> str:
    """Their common day; another is true only if all were measured then as well."""
    days = set.intersection(*({str(o.start.day) for o in one.values} for one in members))
    return scene.day(members[0].last.start, measures.key(members[0]), sorted(days))


def plain(scene: Scene, one: Series) -> Told:
    """A value within its range, or without one."""
    name = scene.pick(measures.measure(one).names)
    within = ""
    if one.reference and scene.chance(0.3):
        within = scene.pick((", within the reference range", " (normal)"))
    if len(one.values) > 1 and scene.chance(0.4):
        text = f"{name} {value(scene, one)} on {day(scene, one)} ({change(scene, one)})"
    else:
        text = f"{name} was {value(scene, one)}{within} on {day(scene, one)}"
    return scene.pen.tell(f"{text}.")


def words_of(scene: Scene, one: Series) -> Told:
    """A result that is a word."""
    name = measures.measure(one).names[0]
    true = [str(o.start.day) for o in one.values if o.value == one.last.value]
    when = scene.day(one.last.start, one.name, true)
    said = scene.mark("answer", str(one.last.value).lower(), one.name, [str(one.last.value)])
    return scene.pen.tell(f"{name}: {said} on {when}.")


SCOPES = (
    ("electrolytes", ("sodium", "potassium", "chloride", "CO2"), (
        "Electrolytes are within normal limits.", "Electrolytes are normal.",
    )),
    ("kidney", ("creatinine", "BUN"), (
        "Creatinine and BUN are within the reference range.", "Renal function tests are normal.",
    )),
    ("liver", ("ALT", "AST", "ALP", "total bilirubin"), (
        "Liver tests are within normal limits.", "Liver enzymes are normal.",
    )),
    ("lipids", ("total cholesterol", "LDL", "HDL", "triglycerides"), (
        "The lipid panel is within normal limits.", "Cholesterol values are within range.",
    )),
    ("blood count", ("hemoglobin", "WBC", "platelets"), (
        "Hemoglobin, white count and platelets are within the normal range.",
        "Hemoglobin, WBC and platelets are all normal.",
    )),
)  # fmt: skip
"""What may be called normal once the latest of all these have a range and lie within."""


def reassurance(scene: Scene) -> Iterator[Told]:
    """Only what is true: every latest value of the scope is there, has a range and is within."""
    for _, members, forms in SCOPES:
        found = [one for one in scene.seen.labs if measures.key(one) in members]
        there = {measures.key(one) for one in found} == set(members)
        group = measures.measure(found[0]).group if found else ""
        others = [one for one in scene.seen.labs if measures.measure(one).group == group]
        judged = members[0] == "hemoglobin" or all(one.reference for one in others)
        sound = all(one.reference and not one.flag for one in found)
        if there and sound and judged and not any(o.flag for o in others) and scene.chance(0.6):
            yield scene.pen.tell(scene.pick(forms), tag="reassurance")


def vital_signs(scene: Scene) -> Iterator[Told]:
    """Blood pressure, then the others in a sentence or in lines."""
    by_code = {one.last.code.value: one for one in scene.seen.vitals}
    high, low = by_code.get(SYSTOLIC), by_code.get(DIASTOLIC)
    bullet = scene.chance(0.5)
    if high and low and high.last.start.order == low.last.start.order:
        yield pressure(scene, high, low, bullet=bullet)
    others = [
        one for one in scene.seen.vitals
        if one.last.code.value in measures.MEASURES and one not in (high, low)
        and isinstance(one.last.value, Quantity)
    ]  # fmt: skip
    newest = others[0].last.start.day if others else None
    same_day = [one for one in others if one.last.start.day == newest]
    if bullet or len(same_day) < 2:
        for one in others[:6]:
            yield sign(scene, one, bullet=bullet)
        return
    scene.rng.shuffle(same_day)
    said = [
        f"{scene.pick(measures.measure(one).names)} {value(scene, one)}" for one in same_day[:5]
    ]
    yield scene.pen.tell(f"On {day_of_all(scene, same_day[:5])}: {', '.join(said)}.")


def pressure(scene: Scene, high: Series, low: Series, *, bullet: bool) -> Told:
    """`128/82 mmHg`, with the one before."""

    def pair(place: int) -> str:
        numbers = [value(scene, one, place, with_unit=False) for one in (high, low)]
        return "/".join(numbers)

    flags = [one.flag for one in (high, low) if one.flag]
    raised = ""
    if len(set(flags)) == 1 and scene.chance(0.6):
        raised = f" ({scene.mark('flag', flags[0], 'blood pressure')})"
    name = scene.pick(("Blood pressure", "BP"))
    unit = scene.pick((" mmHg", " mmHg", ""))
    text = f"{name} {pair(0)}{unit}{raised} on {day(scene, high)}"
    paired = (
        len(high.values) > 1 and len(low.values) > 1
        and high.values[1].start.order == low.values[1].start.order
    )  # fmt: skip
    if paired and scene.chance(0.5):
        text += f" (previously {pair(1)} on {day(scene, high, 1)})"
    return scene.pen.tell(f"{text}{'' if bullet else '.'}", bullet=bullet)


def sign(scene: Scene, one: Series, *, bullet: bool) -> Told:
    """One vital sign."""
    name = scene.pick(measures.measure(one).names)
    flag = f" ({scene.mark('flag', one.flag, measures.key(one))})" if one.flag else ""
    extra = _other_unit(one)
    text = f"{name}: {value(scene, one)}{extra if scene.chance(0.3) else ''}{flag}"
    text += f" on {day(scene, one)}" if scene.chance(0.7) else ""
    return scene.pen.tell(f"{text}{'' if bullet else '.'}", bullet=bullet)


def _other_unit(one: Series) -> str:
    """Pounds and degrees Fahrenheit, as an American clinic has them."""
    number = measures.number(one.last) or 0.0
    if one.last.code.value == "29463-7":
        return f" ({number * 2.20462:.0f} lb)"
    if one.last.code.value == "8310-5":
        return f" ({number * 9 / 5 + 32:.1f} °F)"
    return ""


def score(scene: Scene, one: Series) -> Told:
    """A questionnaire's score."""
    name = scene.pick(measures.measure(one).names)
    said = value(scene, one, with_unit=False)
    if scene.chance(0.5):
        return scene.pen.tell(f"{name}: {said} on {day(scene, one)}", bullet=True)
    before = ""
    if len(one.values) > 1 and scene.chance(0.5):
        before = f", {change(scene, one)}"
    return scene.pen.tell(f"{name} was {said} on {day(scene, one)}{before}.")
