"""The fifth writer: labs with where they came from, vital signs, scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.records.record import Quantity
from osler.records.view import Series

from . import measures
from .fourth_results import SOUND, value
from .prose_measures import DIASTOLIC, SYSTOLIC, day_of_all, decimals, limits
from .prose_measures import day as day_of
from .scene import Scene
from .told import Told, join

SAID = {
    "electrolytes": "Sodium, potassium, chloride and bicarbonate were last within range.",
    "lipids": "All components of the latest lipid profile are within range.",
    "blood count": "Red cells, white cells and platelets were last within range.",
    "liver": "The latest liver tests are all within range.",
    "kidney": "Creatinine, BUN and eGFR were last within range.",
}


def results(scene: Scene) -> Iterator[Told]:
    """Labs out of range, the rest by day, what is sound, vital signs, scores."""
    numbers = [o for o in scene.seen.labs if isinstance(o.last.value, Quantity)]
    for one in numbers:
        if one.flag:
            yield _abnormal(scene, one)
    yield from _rest(scene, [one for one in numbers if not one.flag])
    yield from _in_words(scene)
    if not scene.seen.labs:
        yield scene.pen.tell("The chart has no lab results.", tag="empty")
    yield from _sound(scene)
    yield from _vitals(scene)
    yield from _scores(scene)


def _abnormal(scene: Scene, one: Series) -> Told:
    name, roll = scene.pick(measures.measure(one).names), scene.rng.random()
    forms = ("above range", "elevated") if one.flag == "high" else ("below range", "low")
    side = scene.mark("flag", scene.pick(forms), measures.key(one))
    now, day = value(scene, one), f"on {day_of(scene, one)}"
    if roll < 0.3 and (moved := _moved(scene, one)):
        return scene.pen.tell(f"{name} {moved} and is {side}.")
    if roll < 0.5 and (span := _spread(scene, one)):
        return scene.pen.tell(f"{name} {span}; the latest result, {now} {day}, is {side}.")
    if roll < 0.75 and one.reference:
        return scene.pen.tell(f"{name}: {now} {day} ({side}; reference {limits(scene, one)})",
                              bullet=True)  # fmt: skip
    return scene.pen.tell(scene.pick((
        f"{name} came back {side} {day}, at {now}.", f"{name} measured {now} {day} and is {side}.",
    )))  # fmt: skip


def _moved(scene: Scene, one: Series) -> str:
    """`climbed to 6.4% on … after 5.9% on …`; empty where rounding leaves no difference."""
    if len(one.values) < 2 or one.values[0].start.day == one.values[1].start.day:
        return ""
    now, then = (measures.number(v) or 0.0 for v in one.values[:2])
    if measures.shown(now, decimals(one)) == measures.shown(then, decimals(one)):
        return ""
    verbs = ("climbed", "went up") if now > then else ("dropped", "went down")
    verb = scene.mark("trend", scene.pick(verbs), measures.key(one))
    before = f"{value(scene, one, 1, unit=False)} on {day_of(scene, one, 1)}"
    return f"{verb} to {value(scene, one)} on {day_of(scene, one)} after {before}"


def _spread(scene: Scene, one: Series) -> str:
    """`has been between 5.2 and 6.4 over 5 results`; only where no other series has the name."""
    labs = [o for o in scene.seen.labs if measures.key(o) == measures.key(one)]
    some = [measures.shown(n, decimals(one)) for v in one.values if (n := measures.number(v))]
    exact = not any(v.value.comparator for v in one.values if isinstance(v.value, Quantity))
    if len(labs) > 1 or not exact or not 3 <= len(some) == len(one.values) or len({*some}) < 2:
        return ""
    number = scene.mark("count", str(len(some)), measures.key(one), [str(len(some))])
    ends = [min(some, key=float), max(some, key=float)]
    top = scene.mark("value", ends[1], measures.key(one), measures.all_values(scene.seen, one))
    return f"has been between {ends[0]} and {top} over {number} results"


def _rest(scene: Scene, some: Sequence[Series]) -> Iterator[Told]:
    """What was measured on one day together, a few days back."""
    by_day: dict[str, list[Series]] = {}
    for one in some:
        by_day.setdefault(str(one.last.start.day), []).append(one)
    for members in list(by_day.values())[:4]:
        scene.rng.shuffle(members)
        chosen = members[:8]
        while chosen:
            size = scene.pick((1, 2, 3))
            yield _together(scene, chosen[:size])
            chosen = chosen[size:]


def _together(scene: Scene, some: Sequence[Series]) -> Told:
    if len(some) == 1 and scene.chance(0.6) and (moved := _moved(scene, some[0])):
        return scene.pen.tell(f"{scene.pick(measures.measure(some[0]).names)} {moved}.")
    said = [f"{scene.pick(measures.measure(one).names)} {value(scene, one)}" for one in some]
    day, sound = day_of_all(scene, some), all(one.reference for one in some)
    fine = ", within range" if sound and len(some) == 1 else ", each within range" if sound else ""
    if scene.chance(0.4):
        return scene.pen.tell(f"{', '.join(said)} (dated {day})", bullet=True)
    return scene.pen.tell(scene.pick((
        f"The {day} labs gave {join(said)}{fine}.",
        f"On {day}, the lab reported {join(said)}{fine}.",
    )))  # fmt: skip


def _in_words(scene: Scene) -> Iterator[Told]:
    for one in [o for o in scene.seen.labs if isinstance(o.last.value, str)][:3]:
        if "cause of death" not in one.name.lower():
            answer = str(one.last.value)
            shown = answer if answer.startswith("Escherichia") else answer.lower()
            said = scene.mark("answer", shown, one.name, [answer])
            true = [str(o.start.day) for o in one.values if o.value == one.last.value]
            day = scene.day(one.last.start, one.name, true)
            name = measures.measure(one).names[0]
            yield scene.pen.tell(f"{name}: {said} on {day}", bullet=True)


def _sound(scene: Scene) -> Iterator[Told]:
    """Only where every latest value of the scope, and of its group, has a range and is within."""
    for members, group, _ in SOUND:
        there = [
            o for o in scene.seen.labs
            if measures.key(o) in members or measures.measure(o).group == group
        ]  # fmt: skip
        known = {measures.key(o) for o in there} >= set(members)
        if known and all(o.reference and not o.flag for o in there):
            yield scene.pen.tell(SAID[group], tag="reassurance")


# -- vital signs and scores


def _vitals(scene: Scene) -> Iterator[Told]:
    """Each day's in a labelled line or a sentence, pressure in front."""
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
            said.append(f"{scene.pick(('blood pressure', 'BP'))} {pair} mmHg")
        others = [one for one in members if one not in (high, low)][:4]
        said += [f"{scene.pick(measures.measure(o).names)} {value(scene, o)}" for o in others]
        day = day_of_all(scene, [*others, *(o for o in (high, low) if o and low and high)])
        if not said:
            continue
        if scene.chance(0.5):
            yield scene.pen.tell(f"Vitals ({day}): {', '.join(said)}", bullet=True)
        else:
            yield scene.pen.tell(f"Vitals taken on {day} include {join(said)}.")


def _scores(scene: Scene) -> Iterator[Told]:
    for one in scene.seen.scores:
        if one.last.code.value in measures.MEASURES:
            name = measures.measure(one).names[0]
            total = value(scene, one, unit=False)
            if scene.chance(0.5):
                yield scene.pen.tell(f"{name} total: {total} on {day_of(scene, one)}", bullet=True)
            else:
                yield scene.pen.tell(
                    f"{scene.pronoun} scored {total} on the {name} on {day_of(scene, one)}."
                )
