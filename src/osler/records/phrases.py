"""How entries are put into words: one line each, the same for a model, a draft and a reader.

No semicolon is within a line, so that lines can be listed in a sentence and told apart again.
"""

from __future__ import annotations

import re

from osler.records.labels import capital
from osler.records.moments import Moment
from osler.records.ranges import Reference, rounded_to
from osler.records.record import (
    Allergy,
    CarePlan,
    Condition,
    Encounter,
    Immunization,
    Medicine,
    Observation,
    Procedure,
    Quantity,
)
from osler.records.units import readable
from osler.records.view import Course, Series

SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"


def number(value: float) -> str:
    """As it is read: two decimals below 10, one below 1,000, none above."""
    size = abs(value)
    decimals = 2 if size < 10 else 1 if size < 1000 else 0
    if 0 < size < 0.01 or size >= 1e12:
        return f"{value:.2g}"
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


FOUND = frozenset(("positive", "detected", "present", "reactive"))
DENIED = frozenset(("not", "non", "no", "none", "negative", "absent"))
WORDS = re.compile(r"[a-z]+")


def is_found(value: Quantity | str) -> bool:
    """Whether a result in words says that what was looked for is there: `Detected`."""
    words = set(WORDS.findall(value.lower())) if isinstance(value, str) else set[str]()
    return bool(words & FOUND) and not words & DENIED


def quantity(value: Quantity | str) -> str:
    """A value with its unit, or words."""
    if isinstance(value, str):
        return value
    return f"{value.comparator} {number(value.value)} {readable(value.unit)}".strip()


def condition(course: Course[Condition], *, active: bool) -> str:
    """`Hypertension, since 2014-01-29`; a resolved one with its end."""
    name = capital(course.told.code.text)
    unsure = f" ({course.told.certainty})" if course.told.certainty else ""
    if active:
        return f"{name}{unsure}, since {course.since}"
    end = f" to {course.last.end}" if course.last.end else ", resolved"
    times = f" ({len(course.entries)} times)" if len(course.entries) > 1 else ""
    return f"{name}{unsure}, {_from(course.last.start)}{end}{times}"


def _from(start: Moment) -> str:
    """The beginning of a span."""
    return str(start) if start.is_known else f"from {start}"


def medicine(course: Course[Medicine], *, current: bool) -> str:
    """Name and strength, dose, reason, start."""
    last = course.told
    said = [medicine_name(last)]
    if last.dose:
        said.append(_within(last.dose.text))
    if stated := _stated(course):
        said.append(f"stated as taken: {_within(stated)}")
    if last.reason:
        said.append(f"for {last.reason.text}")
    text = ", ".join(said)
    run, taken = course.run, course.taken
    first = next(e for e in reversed(course.entries) if e.start == course.begun)
    earlier = f"first {_noted(first)} {course.begun}" if course.begun != taken else ""
    if current:
        again = f"last {_noted(last)} {last.start}" if run[-1] is not last else ""
        again = again if last.start.is_known and last.start != taken else ""
        said_of = ", ".join(filter(None, (earlier, again)))
        return f"{text}, since {taken}" + (f" ({said_of})" if said_of else "")
    end = f" to {last.end}" if last.end else ", stopped"
    return f"{text}, {_from(taken)}{end}" + (f" ({earlier})" if earlier else "")


def _stated(course: Course[Medicine]) -> str:
    """Of a medicine that is told as ordered, the dose of the newest statement, if another."""
    told = course.told
    some = (e for e in course.lasting if e.stated and not told.stated and e.other_dose(told))
    return next((e.dose.text for e in some if e.dose), "")


def _noted(one: Medicine) -> str:
    """What was done when a medicine was written down."""
    return "recorded" if one.stated else "prescribed"


def medicine_name(one: Medicine) -> str:
    """With `(on hold)`, so that nobody is told that it is being taken."""
    return f"{one.code.text} ({one.standing})" if one.standing else one.code.text


def _within(text: str) -> str:
    """A sentence of a prescription as a part of a longer one."""
    first = text[:1] if text[:2].isupper() else text[:1].lower()
    return first + text[1:].rstrip(". ")


def medicine_short(course: Course[Medicine]) -> str:
    """Name and strength, and since when."""
    return f"{medicine_name(course.told)}, since {course.taken}"


def is_grave(course: Course[Allergy]) -> bool:
    """Whether an allergy is one of high criticality."""
    return any(entry.criticality == "high" for entry in course.entries)


def allergy(course: Course[Allergy]) -> str:
    """To what, of which kind, with reactions and how bad they were."""
    last = course.last
    grave = "high criticality" if is_grave(course) else ""
    said = (f"{last.category} {last.kind}".strip(), grave, last.certainty)
    kind = ", ".join(filter(None, said))
    text = f"{capital(last.code.text)} ({kind})"
    reactions = {reaction for entry in course.entries for reaction in entry.reactions}
    if reactions:
        shown = [
            r.code.text.lower() + (f" ({r.severity})" if r.severity else "") for r in reactions
        ]
        text += f": {', '.join(sorted(set(shown)))}"
    return f"{text}, since {course.begun}"


def reference(found: Reference) -> str:
    """`reference 4 to 5.6 %`."""
    unit = readable(found.unit)
    if found.low is None:
        text = f"up to {number(found.high or 0)}"
    elif found.high is None:
        text = f"at least {number(found.low)}"
    else:
        text = f"{number(found.low)} to {number(found.high)}"
    return f"reference {text} {unit}".strip()


def value(one: Observation) -> str:
    """A value and its day."""
    return f"{quantity(one.value)} on {one.start}"


def series(of: Series) -> str:
    """The latest value with flag and range."""
    text = f"{of.name}: {value(of.last)}"
    if of.flag:
        text += f", {of.flag.upper()}"
    return text + (f" ({reference(of.reference)}{compared(of)})" if of.reference else "")


def compared(of: Series) -> str:
    """`, compared in whole numbers`: why the latest value is within, though it looks beyond."""
    digits = rounded_to(of.last, of.reference)
    if digits is None:
        return ""
    many = f"to {digits} decimal{'s' if digits > 1 else ''}" if digits else "in whole numbers"
    return f", compared {many}"


def series_short(of: Series) -> str:
    """The latest value and its flag."""
    flag = f" {of.flag.upper()}" if of.flag else ""
    return f"{of.name} {quantity(of.last.value)}{flag} ({of.last.start})"


def before(of: Series, most: int = 1) -> str:
    """The values before the latest."""
    earlier = [value(one) for one in of.values[1 : 1 + most]]
    return f"before: {', '.join(earlier)}" if earlier else ""


def pressure(high: Series, low: Series) -> tuple[str, str, tuple[str, ...]]:
    """Blood pressure as it is said, its value before, and the ids of both."""
    by_time = {one.start.order: one for one in low.values}
    pairs = [(one, by_time[one.start.order]) for one in high.values if one.start.order in by_time]
    said = [
        f"{number(a.value.value)}/{number(b.value.value)} mmHg on {a.start}"
        for a, b in pairs[:2]
        if isinstance(a.value, Quantity) and isinstance(b.value, Quantity)
    ]
    flags = [one.flag.upper() for one in (high, low) if one.flag]
    text = f"Blood pressure: {said[0]}" + (
        f", {' and '.join(dict.fromkeys(flags))}" if flags else ""
    )
    limits = [one.reference.high for one in (high, low) if one.reference]
    if len(limits) == 2 and all(limit is not None for limit in limits):
        both = "/".join(number(limit or 0) for limit in limits)
        text += f" (reference up to {both} mmHg{compared(high) or compared(low)})"
    return text, f"before: {said[1]}" if said[1:] else "", tuple(x.id for p in pairs[:2] for x in p)


def immunization(course: Course[Immunization]) -> str:
    """The vaccine, the last dose, and how many there were."""
    count = len(course.entries)
    doses = f" ({count} doses since {course.begun})" if count > 1 else ""
    return f"{capital(course.last.code.text)}: {course.last.start}{doses}"


def procedure(course: Course[Procedure]) -> str:
    """What was done, when last, how often, why."""
    last, count = course.last, len(course.entries)
    why = f", for {last.reason.text}" if last.reason else ""
    times = f" ({count} times since {course.begun})" if count > 1 else ""
    return f"{capital(last.code.text)}: {last.start}{times}{why}"


def encounter(one: Encounter) -> str:
    """When, what, where, why."""
    place = f" at {one.where}" if one.where else ""
    why = f", for {one.reason.text}" if one.reason else ""
    return f"{one.start}: {capital(one.code.text)} ({one.kind}){place}{why}"


def care_plan(course: Course[CarePlan], *, active: bool) -> str:
    """The plan, why, what belongs to it."""
    last = course.told
    reasons = list(dict.fromkeys(reason.text for reason in last.reasons))
    why = f", for {', '.join(reasons)}" if reasons else ""
    end = "" if active else f" to {last.end}" if last.end else ", ended"
    when = f"since {last.start}" if active else f"{last.start}{end}"
    does = list(dict.fromkeys(activity.text for activity in last.activities))
    return f"{capital(last.code.text)}{why}, {when}" + (f": {', '.join(does)}" if does else "")
