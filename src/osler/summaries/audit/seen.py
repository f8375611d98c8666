"""Why somebody was seen, or something was done, held against the reason that the record states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.summaries.audit.context import at, ids_of
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.holds import within
from osler.summaries.audit.marks import SETTINGS
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.windows import SINCE
from osler.summaries.audit.witnesses import FILLING
from osler.summaries.audit.words import When, norms

WHY = re.compile(
    r"(?i)\b(?:for|because of|due to|owing to|on account of|on the grounds of|prompted by|"
    r"regarding|concerning|to (?:treat|manage|discuss|review|address|evaluate|follow up)|"
    r"(?:reason|indication)(?: for (?:it|this|the visit|visit))?(?:\s*(?:was|being|is|:))?)\s+"
    r"(?:(?!(?:and|or|then|risk|screen\w*|prevent\w*|vaccin\w*|history|no|not|other)\b)"
    r"[\w'’-]+\s+){0,4}$"
)
"""Before a reason: `visit on 4 May, for follow-up of asthma`."""
MARKS = ("(", "-", "–", "—")
"""Between a visit and its reason, where no word but its day and kind stands there."""
VISIT = re.compile(
    r"(?i)\b(?:visit(?:s|ed)?|appointments?|consult(?:ed|ations?)|encounters?|check-?ups?|seen|"
    r"came|presented|attend(?:ed|ance)|follow-?up|admi(?:tted|ssion)|"
    r"hospitali[sz](?:ed|ation)|evaluated|reviewed)\b"
)
LISTED = re.compile(r"\s*(?:,|,?\s*\b(?:and|or)\b|/|&)\s*")
DONE = ("encounter", "procedure")


def claims(clause: Clause, named: Sequence[Mention], ledger: Ledger) -> Iterator[Claim]:
    """`clinic visit on 4 May for pneumonia`, where that visit was for something else."""
    for place, one in enumerate(named):
        if one.negated or one.supposed or not one.items or not _is_condition(one):
            continue
        given = _given(clause, named[:place], one, ledger)
        stated = [_stated(clause, one, item) for item in given]
        if not given or not all(stated):
            continue  # the record does not say why
        told = _listed(clause, named[place:])
        if any(_is_so(clause, m, *pair) for m in told for pair in zip(given, stated, strict=True)):
            continue
        wrong = f"the record has another reason for {given[0].name}"
        yield at(clause, one.first(clause), one.last(clause), given[0].kind, ids_of(given), wrong)


def _given(
    clause: Clause, before: Sequence[Mention], one: Mention, ledger: Ledger
) -> list[Evidence]:
    """The visits, or what was done, for which a name is told to be the reason."""
    last = before[-1] if before else None
    why = WHY.search(clause.text[: one.first(clause)])
    if not why and not (last and _is_marked(clause, last, one)):
        return []
    if last is not None and not _is_condition(last) and last.items:
        done = [item for item in last.items if item.kind in DONE]
        return _on(done, _days(clause, one)) if len(done) == len(last.items) else []
    if last is not None or why is None:
        return []
    return _visits(clause, clause.text[: why.start()], one, ledger)


def _is_condition(one: Mention) -> bool:
    return "condition" in one.kinds or any(item.kind == "condition" for item in one.own)


def _is_marked(clause: Clause, last: Mention, one: Mention) -> bool:
    """`clinic visit (ambulatory) – asthma`."""
    if not clause.text[: one.first(clause)].rstrip().endswith(MARKS):
        return False
    between = range(last.end, one.start)
    return all(clause.in_date(n) or clause.words[n].norm in SETTINGS for n in between)


def _visits(clause: Clause, text: str, one: Mention, ledger: Ledger) -> list[Evidence]:
    """Those of a day, or with the words of their name before `visit`."""
    seen = VISIT.search(text)
    days = _days(clause, one)
    if days and (seen or clause.context.kind == "encounter"):
        return _on(ledger.of("encounter"), days)
    if seen is None or clause.dates:
        return []
    visits = ledger.of("encounter")
    known = {word for item in visits for word in norms(item.name)} - FILLING
    said = known.intersection(norms(text[: seen.start()]))
    return [item for item in visits if said and said <= set(norms(item.name))]


def _days(clause: Clause, one: Mention) -> list[When]:
    """The last day before a reason, and the first behind it; `5 times since 2017` names none."""
    before = [
        day
        for day in clause.dates
        if day.start < one.first(clause) and not SINCE.search(clause.text[: day.start])
    ]
    behind = [day for day in clause.dates if day.start >= one.last(clause)]
    return [*before[-1:], *behind[:1]]


def _on(items: Sequence[Evidence], days: Sequence[When]) -> list[Evidence]:
    """Those of a day; all where none is named."""
    return [i for i in items if not days or any(within(m, day) for m in i.starts for day in days)]


def _stated(clause: Clause, one: Mention, item: Evidence) -> list[frozenset[str]]:
    """The reasons that the record states for it, on the day where one is named."""
    days = _days(clause, one)
    return [
        reason for moment, reason in item.reasons
        if not days or any(within(moment, day) for day in days)
    ]  # fmt: skip


def _listed(clause: Clause, named: Sequence[Mention]) -> list[Mention]:
    """A reason with those that are listed with it: a record may state one of several."""
    found = [named[0]]
    for one in named[1:]:
        if not LISTED.fullmatch(clause.text, found[-1].last(clause), one.first(clause)):
            break
        found.append(one)
    return found


def _is_so(clause: Clause, one: Mention, item: Evidence, stated: Sequence[frozenset[str]]) -> bool:
    """Whether what is named is a stated reason, or began on the day of the visit."""
    said = {word.norm for word in clause.words[one.start : one.end]} - FILLING
    texts = [text for i in one.items if i.kind == "condition" for text in i.texts]
    if any(said <= why or any(t <= why or why <= t for t in texts) for why in stated):
        return True
    if {why for _, why in item.reasons} <= set(stated) and any(i is item for i in one.items):
        return True
    days = {moment.day for moment in item.starts}
    return any(m.day in days for i in one.items if i.kind == "condition" for m in i.starts)
