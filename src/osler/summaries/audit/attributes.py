"""Dates, numbers, doses, flags and sides of what a clause names, held against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.phrases import FOUND
from osler.summaries.audit import (
    ages,
    counts,
    facts,
    holds,
    leading,
    lookup,
    person,
    reasons,
    sides,
)
from osler.summaries.audit.binding import SEEN, head_of, is_title
from osler.summaries.audit.context import NOTHING, at, context_of, named_by, of_context
from osler.summaries.audit.denials import RESULT
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.fact import CLASS_OF, COUNTED, SERIES, SPANS, Fact
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import norms


def claims(
    clause: Clause, named: list[Mention], heads: list[Mention], ledger: Ledger
) -> Iterator[Claim]:
    """Every date, number, dose, flag and side, held against the things that the clause is about."""
    of_head: dict[int, list[Fact]] = {}
    own = bool(heads) and heads[0] in named
    said = [f for f in facts.facts(clause) if not _of_birth(clause, f)]
    in_front = own and leading.dates_lead(clause, heads)
    for fact in said:
        if fact.what == "side":
            yield sides.claim(clause, named, fact, ledger)
            continue
        if counts.by_name(fact, ledger):
            yield at(clause, fact.start, fact.end, "number", ())
            continue
        place = head_of(clause, heads, fact, own, in_front)
        of_kind = fact.what == "number" and COUNTED_NEXT.match(clause.text, fact.end)
        if place is None or of_kind:
            yield _unbound(clause, fact, ledger)
        else:
            of_head.setdefault(place, []).append(fact)
    for place, some in of_head.items():
        listed = own and not is_title(clause, heads[place])
        beside = _run(clause, heads, place, said) if listed else heads
        yield from _of_head(clause, heads[place], some, beside, ledger, own=own)
    runs = [_run(clause, heads, place, said) for place in range(len(heads))] if own else []
    yield from reasons.claims(clause, named, runs)
    yield from reasons.reactions(clause, named)


def _of_birth(clause: Clause, fact: Fact) -> bool:
    return fact.what == "date" and fact.when is not None and ages.of_birth(clause, fact.when)


COUNTED_NEXT = re.compile(
    r"(?i)\s+(?:(?:active|current|chronic|known|past|resolved|ongoing|recorded|other)\s+)*"
    r"(?:conditions?|problems?|diagnos[ei]s|medic(?:ation|ine)s?|drugs|prescriptions?|"
    r"allerg(?:y|ies)|care plans?)\b"
)
"""A number of things of a kind is of none of them."""


def _run(clause: Clause, heads: list[Mention], place: int, said: list[Fact]) -> list[Mention]:
    """A head with those before it that are listed with it: no date, number or dose between."""
    first = place
    while first:
        span = (heads[first - 1].last(clause), heads[first].first(clause))
        if any(span[0] <= f.start < span[1] and f.what not in ("side", "severity") for f in said):
            break
        first -= 1
    return heads[first : place + 1]


def _answered(clause: Clause, head: Mention, some: list[Fact]) -> Claim | None:
    """`Tobacco smoking status: Former smoker on 2021-03-04`, `RNA not detected, 3/4/21`: whether
    that was the answer."""
    result = RESULT.match(clause.text, head.last(clause))
    if result is None:
        return None
    start = result.start("said") if result["said"] else result.end()
    dates = [f for f in some if f.what == "date" and f.start >= head.last(clause)]
    end = dates[0].start if dates else len(clause.text)
    end = result.end("said") if result["said"] else end
    said = clause.text[start:end].split(" (before")[0].strip(" .,")
    words = norms(said.removesuffix(" on"))
    item = next((i for i in head.items if i.values), None)
    if item is None or not words or not isinstance(item.values[0].value, str):
        return None
    when = dates[0].when if dates else None
    meant = holds.values_meant("", when, item.values)
    right = any(_meaning(words) == _meaning(norms(str(value.value))) for value in meant)
    wrong = "" if right else "the record has another answer"
    span = (start, start + len(said) + 1)
    return at(clause, *span, CLASS_OF.get(item.kind, "social"), item.ids[:1], wrong)


def _meaning(words: Sequence[str]) -> frozenset[str]:
    """The words of an answer; `negative` is what `not detected` is."""
    said = frozenset(words)
    if said & {"negative", "nonreactive", "absent"} or (said & FOUND and said & {"not", "non"}):
        return frozenset(("negative",))
    return frozenset(("positive",)) if said & FOUND else said


def _of_head(
    clause: Clause,
    head: Mention,
    some: list[Fact],
    beside: list[Mention],
    ledger: Ledger,
    *,
    own: bool,
) -> Iterator[Claim]:
    """The item of which most facts hold bears witness; what does not hold of it is wrong."""
    context = context_of(clause, head)
    items = of_context(clause, head, head.items, context) or head.items
    of_pressure = not any(item.kind == "medicine" for item in items)
    pairs = [fact for fact in some if fact.what == "pair" and of_pressure]
    yield from (person.pressure(clause, fact, ledger) for fact in pairs)
    if own and (said := _answered(clause, head, some)):
        yield said
    rest = [fact for fact in some if fact not in pairs]
    if not rest:
        return
    items = _themselves(clause, head, items, rest)
    best = max(items, key=lambda item: sum(holds.holds(fact, item, ledger.on) for fact in rest))
    others = [item for one in beside if one is not head for item in one.items]
    for fact in rest:
        if holds.holds(fact, best, ledger.on):
            ids = _witness(fact, best)
            tells = fact.what in ("number", "flag") and bool(best.values) and ids[0] == best.ids[0]
            yield at(clause, fact.start, fact.end, _fact_class(fact, best), ids, tells=tells)
            continue
        elsewhere = _elsewhere(clause, fact, best, head, items, others, ledger)
        if elsewhere is not None:
            yield at(
                clause, fact.start, fact.end, _fact_class(fact, elsewhere),
                _witness(fact, elsewhere),
            )  # fmt: skip
        elif not _idle(clause, fact, best):
            yield at(
                clause, fact.start, fact.end, _fact_class(fact, best), best.ids[:3],
                _why(fact, best),
            )  # fmt: skip


def _themselves(
    clause: Clause, head: Mention, items: list[Evidence], some: list[Fact]
) -> list[Evidence]:
    """`hypertension, for 8 years`: the condition itself, not what was done for it since; and of
    a vaccine's day the vaccine, not a visit that names it."""
    kinds = named_by(head)
    lasted = all(fact.role == "start" or fact.word in SPANS for fact in some)
    if "condition" in kinds and (not lasted or _done_for(clause, kinds)):
        return items
    if not kinds & {"condition", "immunization"}:
        return items
    return [item for item in items if item.kind in kinds] or items


def _done_for(clause: Clause, kinds: set[str]) -> bool:
    """`treated since 2014`, `in care for 3 years`: whether a clause dates what is done for an
    illness; also where it names something of another kind."""
    others = (one for one in clause.named if one.items or one.kinds)
    return DONE.search(clause.text) is not None or any(
        not named_by(one) & kinds for one in others if not one.modifier
    )


DONE = re.compile(
    r"(?i)\b(?:treat|manag|therap|medicat|medicin|drug|prescri|follow|monitor|seen|visit|car(?:e|"
    r"ing)|"
    r"plan|check|screen|review|remission|surg|operat|last\b|asked|answer|tak(?:e|ing)\b|on\b "
    r"(?!\d|[A-Z]))",
)
"""Words for what is done for an illness, which has days of its own."""


def _elsewhere(
    clause: Clause,
    fact: Fact,
    best: Evidence,
    head: Mention,
    items: list[Evidence],
    others: list[Evidence],
    ledger: Ledger,
) -> Evidence | None:
    """Another thing that the clause names, of which the fact holds: `hypertension and X, 2014`."""
    if fact.what == "flag":  # `131/59, high and low`: of two series that have one name
        both = [item for item in items if item.kind == "vital"]
        return next((item for item in both if holds.holds(fact, item, ledger.on)), None)
    if fact.what == "number" and best.values:
        return None
    if fact.what == "number" and best.kind == "medicine" and fact.role in ("earlier", "end"):
        doses = [item for item in head.items if item.kind == "medicine"]
        return next((item for item in doses if holds.holds(fact, item, ledger.on)), None)
    if fact.what == "date" and fact.when and fact.when.low == ledger.on == fact.when.high:
        return best if not fact.role else None
    if fact.word in COUNTED and fact.number == sum(
        len(item.starts) for item in items if item.kind == best.kind
    ):
        return best  # three shots, of two products
    if fact.what == "date" and not fact.role and best.kind == "social":
        items = [*items, *ledger.of("answer")]  # `works full time (asked 5/4/21)`
        return next((item for item in items if holds.holds(fact, item, ledger.on)), None)
    same = [item for item in others if item is not best and item.kind == best.kind]
    done = DONE.search(clause.text) if fact.what == "date" and best.kind == "condition" else None
    if done and done.start() < fact.start:
        same += head.items  # `hypertension since 2005, treated since 2012`
    if best.kind == "procedure" and fact.what in (
        "number",
        "date",
    ):  # `the PHQ-2 screening gave 2 points`
        same += [item for item in ledger.of("score") if _is_score_of(item, best)]
    return next((item for item in same if holds.holds(fact, item, ledger.on)), None)


def _is_score_of(item: Evidence, test: Evidence) -> bool:
    """Whether a score is what a procedure such as an assessment finds."""
    if len(item.words & test.words) > 1:
        return True
    names = [norms(name) for c in item.concepts for name in lookup.names_of(c)]
    return any(len(name) > 1 and set(name) <= test.words for name in names)


def _idle(clause: Clause, fact: Fact, item: Evidence) -> bool:
    """What is no claim about the record: a plan, a score's maximum, `low` of something else."""
    if fact.start >= clause.supposed:  # but `ask about smoking, since 2014`
        return not (fact.what == "date" and fact.role == "start")
    if fact.what == "frequency" and item.kind in (*SERIES, "social"):
        return True  # `smokes every day`
    if fact.what == "flag":
        return not item.values or item.kind in ("answer", "score", "quality")
    if fact.what == "recent":
        return item.kind not in ("condition", "medicine", "allergy")
    if fact.what == "severity":
        return item.kind != "allergy"
    before = clause.text[: fact.start].rstrip()
    return fact.what == "number" and before.endswith("/")


def _witness(fact: Fact, item: Evidence) -> tuple[str, ...]:
    """The entries of the day that is meant, or the newest."""
    if fact.when is not None:
        days = [n for n, moment in enumerate(item.starts) if holds.within(moment, fact.when)]
        return tuple(item.ids[n] for n in days if n < len(item.ids)) or item.ids[:1]
    return item.ids[:1]


def _fact_class(fact: Fact, item: Evidence) -> str:
    if fact.what in ("date", "recent"):
        return "date"
    if fact.what in ("frequency", "hour", "form"):
        return "dose"
    if fact.what == "setting":
        return "encounter"
    if fact.what == "severity":
        return "allergy"
    return CLASS_OF.get(item.kind, "number")


def _why(fact: Fact, item: Evidence) -> str:
    said = {"pair": "number", "recent": "start", "hour": "time of day"}.get(fact.what, fact.what)
    return f"the record has another {said} for {item.name}, or none"


VISITED = re.compile(
    r"(?i)^\W*(?:(?:he|she|pt|(?:the )?patient) (?:was )?)?(?:seen|came|visited|visits?:|"
    r"contacts?:)"
)


def _unbound(clause: Clause, fact: Fact, ledger: Ledger) -> Claim:
    """A fact of nothing that is named: a day on which something is recorded, a count."""
    if fact.start >= clause.supposed or fact.what not in ("number", "pair", "date"):
        return NOTHING
    if fact.what == "pair":
        return person.pressure(clause, fact, ledger)
    if fact.what == "date" and fact.when:
        if fact.when.low == ledger.on == fact.when.high:
            return at(clause, fact.start, fact.end, "date", ())
        seen = VISITED.match(clause.text) or SEEN.search(clause.text[: fact.start][-60:])
        visits = ledger.of("encounter", "procedure") if seen else []
        among = visits or ledger.items  # some records hold no visits
        found = [i for i in among if any(holds.within(m, fact.when) for m in (*i.starts, *i.ends))]
        wrong = "" if found else "nothing is recorded for this date"
        ids = [id for item in found[:3] for id in _witness(fact, item)]
        return at(clause, fact.start, fact.end, "date", ids, wrong)
    if fact.what == "number" and counts.counted(clause, fact, ledger):
        return at(clause, fact.start, fact.end, "number", ())
    return at(clause, fact.start, fact.end, "number", (), "not in the record")
