"""Reports with advice, made by rule from patients' records: what a model learns is the form.

A report has allergies, results and orders. The advice names every value that is out of range, says
of what is general that it is general, minds each allergy, and repeats orders as they are. In every
third report of somebody who is allergic to a drug one of its kind is ordered, and the advice warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from osler.prompts import report, with_document
from osler.records.render import Line, Part
from osler.rows import Message, Row, content_id
from osler.tasks.advice import advice_table, names_any, relatives

ASKED = (
    "What advice follows from this report?", "Please advise me from this report.",
    "What do these results mean for me, and what should I mind?",
    "What should the patient do next, by this report?", "Give advice from this document.",
)  # fmt: skip
CLOSING = "This is general advice. It does not replace a clinician who knows you."
LINES = 12
"""Results of a report, those out of range first."""
OUT = 5
"""Values out of range of a report."""
ORDERS = 4
FLAG = re.compile(
    r"(?P<name>[^:]+): (?P<value>[^,]+?)(?: on [\d-]+)?, (?P<way>HIGH|LOW)(?P<range>.*)$"
)
SINCE = re.compile(r", since [\d-]+.*$")
DATE = re.compile(r" on \d{4}-\d{2}-\d{2}")
PLANTED_EVERY = 3
ALLERGENS = (
    "Penicillin V", "Amoxicillin", "Sulfamethoxazole", "Aspirin", "Ibuprofen", "Naproxen",
    "Codeine", "Lisinopril", "Ciprofloxacin", "Cephalexin",
)  # fmt: skip
REACTIONS = (
    "wheal (moderate)",
    "itching (mild)",
    "eruption of skin (mild)",
    "anaphylaxis (severe)",
)


def advice_rows(parts: Sequence[Part], patient: str, place: str, source: str) -> Iterator[Row]:
    """The row of one patient; none where nothing was measured."""
    told = {part.name: part.lines for part in parts}
    results = _results([*told["labs"], *told["vitals"]], patient)
    if not results:
        return
    chance = Random(f"advice {patient}")
    allergies = [SINCE.sub("", line.text) for line in told["allergies"]]
    allergies += _added(allergies, chance)
    forbidden = sorted(name for text in allergies for name in relatives(text))
    orders = [SINCE.sub("", line.text) for line in told["medicines"][:ORDERS]]
    orders += _planted(forbidden, chance)
    told_in = "\n".join(report(allergies, results, orders))
    yield Row(
        id=content_id("advice", patient), group=patient, source=source, place=place,
        prompt=(Message(role="user", content=with_document(chance.choice(ASKED), told_in)),),
        completion=(
            Message(role="assistant", content=_advice(results, allergies, orders, set(forbidden))),
        ),
    )  # fmt: skip


def _results(lines: Sequence[Line], patient: str) -> list[str]:
    """Lines of results: some out of range, and some that are not. In every second report those out
    of range stand first and no line has a date, as a page shows a model what it found."""
    chance = Random(f"results {patient}")
    texts = [line.text for line in lines]
    out = [text for text in texts if (found := FLAG.match(text)) and _known(found) in _table()]
    plain = [line.text for line in lines if not line.flagged and ": " in line.text]
    some = out[: chance.randint(1, OUT)]
    some += chance.sample(plain, min(len(plain), LINES - len(some)))
    if chance.random() < 0.5:
        return [text for text in texts if text in some]
    return [DATE.sub("", text) for text in some]


def _advice(
    results: Sequence[str], allergies: Sequence[str], orders: Sequence[str], forbidden: set[str]
) -> str:
    """What the report says that matters, line by line."""
    lines = [
        f"- {found['name']}: {found['value']} is {found['way'].lower()}{found['range']}. General "
        f"advice: {_table()[_known(found)]}"
        for text in results
        if (found := FLAG.match(text))
    ]
    lines = lines or ["- No value in the report is marked as out of its range."]
    for allergy in allergies:
        what = allergy.partition(" (")[0]
        lines.append(f"- Allergy to {what}: avoid it, and tell everybody who treats you of it.")
    for order in orders:
        if names_any(order, forbidden):
            lines.append(
                f"- Attention: {order.split(' ')[0]} is ordered and conflicts with the allergies "
                "in the report. Do not take it before you have asked who ordered it."
            )
        else:
            lines.append(f"- Ordered is {order}: take it as ordered, and ask before you stop it.")
    return "\n".join([*lines, CLOSING])


def _added(allergies: Sequence[str], chance: Random) -> list[str]:
    """An allergy to a drug for every second report that has none: too few people have one."""
    if any(relatives(text) for text in allergies) or chance.random() < 0.5:
        return []
    return [f"{chance.choice(ALLERGENS)} (medication allergy): {chance.choice(REACTIONS)}"]


def _planted(forbidden: Sequence[str], chance: Random) -> list[str]:
    """For some, an order that one of the allergies forbids."""
    names = [name for name in forbidden if name.isalpha() and name.islower() and len(name) > 5]
    wanted = chance.randrange(PLANTED_EVERY) == 0
    return [f"{chance.choice(names)} 1 tablet, twice a day"] if names and wanted else []


def _known(found: re.Match[str]) -> tuple[str, str]:
    return found["name"], found["way"]


@cache
def _table() -> dict[tuple[str, str], str]:
    """(measure, way) -> what is generally advised."""
    return {(measure, way): advice for measure, way, advice in advice_table()}
