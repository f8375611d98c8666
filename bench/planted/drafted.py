"""The draft by rule, with the places of its facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from osler.records.record import Condition, Entry
from osler.records.render import Line, render, whole
from osler.records.render import Part as RecordPart
from osler.records.view import Series, View
from osler.summaries.draft import draft
from osler.summaries.template import Template

from . import drugs, measures
from .scene import days_of
from .told import Part, Span, Summary, Told

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
COUNT = re.compile(r"(\d+)(?= (?:times|doses))")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
VALUE = re.compile(
    r"(?P<value>-?\d+(?:\.\d+)?)(?: (?P<unit>[^\s,()]+(?: [^\s,()]+)*?))? on "
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:, (?P<flag>HIGH|LOW))?"
)
PAIR = re.compile(r"(\d+)/(\d+) mmHg on (\d{4}-\d{2}-\d{2})")
LIMITS = re.compile(r"\(reference (?:up to |at least )?([\d./-]+)(?: to ([\d.-]+))?")


def drafted(seen: View, template: Template, county: Sequence[str] = ()) -> Summary:
    """The draft of `osler.summaries.draft`, each line with its spans."""
    parts = render(seen, county)
    finder = Finder(seen, parts)
    found: list[Part] = []
    for section in draft(parts, template):
        told: list[Told] = []
        for row in section.text.splitlines():
            bullet = row.startswith("- ")
            text = row[2:] if bullet else row
            tag = next((tag for words, tag in TAGS if words in text), "")
            told.append(Told(text, tuple(finder.spans(text)), bullet, tag))
        found.append(Part(section.title, tuple(told)))
    return Summary("draft", tuple(found))


TAGS = (
    ("Allergies: none recorded", "no allergies"), ("Current medicines: none", "no medicines"),
    ("Active conditions: none", "no conditions"), ("No latest lab", "no labs out of range"),
    ("Not recorded.", "empty"),
)  # fmt: skip


class Finder:
    """Where in a line of the draft the facts of the record's lines stand."""

    def __init__(self, seen: View, parts: Sequence[RecordPart]) -> None:
        self.seen = seen
        record = seen.record
        kinds = (
            record.conditions, record.medicines, record.allergies, record.observations,
            record.immunizations, record.procedures, record.encounters, record.care_plans,
        )  # fmt: skip
        self.by_id: dict[str, Entry] = {e.id: e for kind in kinds for e in kind}
        self.lines = sorted(
            ((part.name, line) for part in parts if part.name != "notes" for line in part.lines),
            key=lambda pair: -len(pair[1].text),
        )

    def spans(self, text: str) -> Iterator[Span]:
        """All spans of a line; the longest lines of the record first, none twice."""
        taken: list[tuple[int, int]] = []
        for name, line in self.lines:
            for piece in dict.fromkeys((whole(line), line.text, line.short)):
                at = text.find(piece)
                if (
                    not piece
                    or at < 0
                    or any(at < end and at + len(piece) > start for start, end in taken)
                ):
                    continue
                taken.append((at, at + len(piece)))
                for span in ANNOTATORS[name](self, piece, line):
                    yield Span(span.kind, span.start + at, span.end + at, span.about, span.true)
                break

    def entries(self, line: Line) -> list[Entry]:
        """Those behind a line, and all others of the same code."""
        codes = {self.by_id[i].code.text for i in line.ids if i in self.by_id}
        return [entry for entry in self.by_id.values() if entry.code.text in codes]


def _dates(text: str, about: str, true: Sequence[str]) -> Iterator[Span]:
    for found in DATE.finditer(text):
        yield Span("date", *found.span(), about, tuple(true))


def _counts(text: str, about: str) -> Iterator[Span]:
    for found in COUNT.finditer(text):
        yield Span("count", *found.span(1), about, (found[1],))


def _person(finder: Finder, text: str, line: Line) -> Iterator[Span]:
    """Age and birth; the day of the summary is no fact of the record."""
    age = re.search(r"[Aa]ge (\d+)", text)
    if age:
        yield Span("age", *age.span(1), "age", (age[1],))
    for word in ("born", "died"):
        found = re.search(rf"(?i:{word}) ({DATE.pattern})", text)
        if found:
            yield Span("date", *found.span(1), word, (found[1],))


def _condition(finder: Finder, text: str, line: Line) -> Iterator[Span]:
    entries = finder.entries(line)
    name = entries[0].code.text if entries else text.split(",")[0]
    yield Span("condition", 0, len(name), name)
    yield from _dates(text, name, days_of(entries))
    yield from _counts(text, name)


OTHER_WORDS = {"alendronate": "alendronic acid", "vitamin B12": "vitamin b 12"}


def _medicine(finder: Finder, text: str, line: Line) -> Iterator[Span]:
    own = finder.by_id[line.ids[0]].code.text
    known = drugs.parse(own)
    same = [e for e in finder.seen.record.medicines if drugs.parse(e.code.text).key == known.key]
    strengths = tuple(
        f"{float(n):g} {u.lower()}" for e in finder.seen.record.medicines
        for n, u in drugs.parse(e.code.text).strengths
        if set(drugs.parse(e.code.text).ingredients) & set(known.ingredients)
    )  # fmt: skip
    for ingredient in known.ingredients:
        found = re.search(OTHER_WORDS.get(ingredient, re.escape(ingredient)), own, re.I)
        if found:
            yield Span("drug", *found.span(), known.key)
    for found in re.finditer(r"(\d[\d.]* (?:MG/ML|MG/ACTUAT|MG/HR|MG|UNT/ML))(?= |$)", own):
        yield Span("strength", *found.span(1), known.key, strengths)
    rest = text[len(own) :]
    for often in drugs.FREQUENCIES:
        found = re.search(rf", ({often})\b", rest)
        if found:
            at = len(own)
            yield Span("frequency", found.start(1) + at, found.end(1) + at, known.key, (often,))
    amount = re.compile(r", (?:dose )?(\d+(?:\.\d+)?)(?: [A-Za-z]+)?(?=, )").match(text, len(own))
    if amount:
        yield Span("amount", *amount.span(1), known.key, (amount[1],))
    yield from _reason(text, len(own))
    yield from _dates(text, known.key, days_of(same))


def _reason(text: str, start: int = 0) -> Iterator[Span]:
    found = re.compile(r", for (.+?)(?=, since|, \d{4}|$)").search(text, start)
    if found:
        yield Span("condition", *found.span(1), found[1])


def _allergy(finder: Finder, text: str, line: Line) -> Iterator[Span]:
    name = finder.by_id[line.ids[0]].code.text
    yield Span("allergen", 0, len(name), name)
    for found in re.finditer(r"([a-z][a-z -]+) \((mild|moderate|severe)\)", text):
        yield Span("reaction", *found.span(1), found[1])
        yield Span("severity", *found.span(2), found[1], (found[2],))
    yield from _dates(text, name, days_of(finder.entries(line)))


def _measured(finder: Finder, text: str, line: Line) -> Iterator[Span]:
    if text.startswith("Blood pressure:"):
        yield from _pressure(finder, text)
        return
    seen = finder.seen
    groups = (seen.labs, seen.vitals, seen.scores, seen.quality_of_life, seen.answers)
    every = [s for g in groups for s in g]
    one = next((s for s in every if text.startswith(f"{s.name}: ")), None)
    if one is None:
        yield from _short(finder, text, line, every)
        return
    if isinstance(one.last.value, str):
        at = len(one.name) + 2
        yield Span("answer", at, at + len(one.last.value), one.name, (one.last.value,))
        yield from _dates(text, one.name, sorted({str(o.start.day) for o in one.values}))
        return
    yield from _values(finder, text, one)


SHORT = re.compile(
    r" (?P<value>-?\d+(?:\.\d+)?)(?: (?P<unit>[^A-Z()]\S*(?: [^A-Z()]\S*)*))?"
    r"(?: (?P<flag>HIGH|LOW))? \((?P<date>\d{4}-\d{2}-\d{2})\)$"
)


def _short(finder: Finder, text: str, line: Line, every: Sequence[Series]) -> Iterator[Span]:
    """`Glucose 158 mg/dL HIGH (2020-02-23)`, as an overview has it."""
    one = next((s for s in every if s.last.id in line.ids and text.startswith(s.name)), None)
    found = SHORT.match(text, len(one.name)) if one else None
    if one is None or found is None:
        return
    yield from _places(finder, found, one)


def _places(finder: Finder, found: re.Match[str], one: Series) -> Iterator[Span]:
    """Value, day, unit and flag of one match."""
    key, true = measures.key(one), measures.all_values(finder.seen, one)
    yield Span("value", *found.span("value"), key, true)
    decimals = len(found["value"].partition(".")[2])
    days = measures.days_with(one, found["value"], decimals)
    yield Span("date", *found.span("date"), key, (*days, found["date"]))
    for kind in ("unit", "flag"):
        if found[kind]:
            yield Span(kind, *found.span(kind), key)


def _values(finder: Finder, text: str, one: Series) -> Iterator[Span]:
    key, start = measures.key(one), len(one.name)
    for found in VALUE.finditer(text, start):
        yield from _places(finder, found, one)
    for found in LIMITS.finditer(text, start):
        bounds = one.reference and (one.reference.low, one.reference.high)
        limits = tuple(repr(v) for v in bounds or () if v is not None)
        for place in (1, 2):
            if found[place]:
                yield Span("limit", *found.span(place), key, limits)


def _pressure(finder: Finder, text: str) -> Iterator[Span]:
    by_code = {s.last.code.value: s for s in finder.seen.vitals}
    high, low = by_code["8480-6"], by_code["8462-4"]
    for found in PAIR.finditer(text):
        for place, one in ((1, high), (2, low)):
            true = measures.all_values(finder.seen, one)
            yield Span("value", *found.span(place), measures.key(one), true)
        days = (*measures.days_with(high, found[1], 0), found[3])
        yield Span("date", *found.span(3), "blood pressure", days)
    flag = re.search(r"(?<=, )(HIGH|LOW)(?= |$)", text)
    if flag:
        yield Span("flag", *flag.span(), "blood pressure")


def _coded(kind: str) -> Callable[[Finder, str, Line], Iterator[Span]]:
    """Encounters, procedures, vaccines, plans: a name, dates, counts, a reason."""

    def annotate(finder: Finder, text: str, line: Line) -> Iterator[Span]:
        entries = finder.entries(line)
        name = entries[0].code.text if entries else ""
        at = text.lower().find(name.lower()) if name else -1
        if at >= 0:
            yield Span(kind, at, at + len(name), name)
        yield from _dates(text, name, days_of(entries))
        yield from _counts(text, name)
        if kind != "plan":
            yield from _reason(text)

    return annotate


def _social(finder: Finder, text: str, line: Line) -> Iterator[Span]:
    entry = finder.by_id.get(line.ids[0])
    if isinstance(entry, Condition):
        yield from _dates(text, entry.code.text, days_of(finder.entries(line)))
    else:
        yield from _measured(finder, text, line)


COUNTY = re.compile(r"(?<=: )\d[\d.]*(?= (?:%|of ))|(?<=CI )\d[\d.]*|(?<= to )\d[\d.]*(?=\))")


def _county(finder: Finder, text: str, line: Line) -> Iterator[Span]:
    """The figure of a line, its limits, a rank."""
    for found in COUNTY.finditer(text):
        yield Span("county", *found.span(), text, (found[0],))


ANNOTATORS: dict[str, Callable[[Finder, str, Line], Iterator[Span]]] = {
    "person": _person, "conditions": _condition, "resolved": _condition, "medicines": _medicine,
    "past_medicines": _medicine, "allergies": _allergy, "labs": _measured, "vitals": _measured,
    "scores": _measured, "quality_of_life": _measured, "encounters": _coded("encounter"),
    "care_plans": _coded("plan"), "past_care_plans": _coded("plan"),
    "immunizations": _coded("vaccine"),
    "procedures": _coded("procedure"), "social": _social, "county": _county,
}  # fmt: skip
