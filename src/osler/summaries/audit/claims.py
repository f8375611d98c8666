"""What a sentence claims, each claim traced to entries of the record or found wrong."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

from osler.summaries.audit import absence, county, facts, person, unknown
from osler.summaries.audit.cues import NO_SIDE, SIDES
from osler.summaries.audit.evidence import CURRENT, Evidence, Ledger
from osler.summaries.audit.facts import Fact, holds
from osler.summaries.audit.mentions import FILLING, Clause, Mention, clause_of, mentions
from osler.summaries.audit.result import Claim
from osler.summaries.audit.sentences import Context, Spoken
from osler.summaries.audit.words import norms

CLAUSES = re.compile(r"(?<=;)\s*")
ALLERGIC = re.compile(r"(?i)\ballerg|intoleran|hypersensitiv|anaphyla|\breacts? to\b")
OF_ALLERGY = re.compile(
    r"(?i)\ballerg(?:y|ies|ic) to\b|\bintoleran\w+ (?:to|of)\b|\bhypersensitiv\w+ to\b|"
    r"\breact(?:s|ed|ion) to\b|\banaphyla\w+ (?:to|from|with)\b"
)
NEAR = 6
"""Words within which a status is said of a thing."""
CLASS_OF = {
    "drug": "drug", "combination": "drug", "drug class": "drug",
    "care plan": "care plan", "condition": "condition", "allergen": "allergy",
    "vaccine": "immunization", "lab": "lab", "procedure": "procedure", "reaction": "condition",
}  # fmt: skip
"""Kind of a mention -> class of the claim that it is there."""
OWN_CLASS = {
    "medicine": "drug", "condition": "condition", "social": "social", "allergy": "allergy",
    "lab": "lab", "vital": "vital", "score": "lab", "answer": "social", "quality": "lab",
    "immunization": "immunization", "procedure": "procedure", "encounter": "encounter",
    "care plan": "care plan", "person": "demographic", "county": "county figure",
    "note": "encounter",
}  # fmt: skip
"""Kind of evidence -> class of the claim that it is there."""
HAS_STATUS = ("condition", "social", "medicine")
DENIED = {
    "drug": ("medicine",), "combination": ("medicine",), "drug class": ("medicine",),
    "condition": ("condition", "social"), "allergen": ("allergy",), "reaction": ("condition",),
    "vaccine": ("immunization",), "procedure": ("procedure",), "care plan": ("care plan",),
}  # fmt: skip
"""Kind of a mention -> kinds of evidence that are there although it is denied."""
MOST_IDS = 12
"""Of entries that a claim is linked to."""


def claims(said: Spoken, ledger: Ledger) -> tuple[Claim, ...]:
    """All claims of a sentence."""
    found: list[Claim] = []
    before: list[Mention] = []
    start = 0
    for text in CLAUSES.split(said.text):
        clause = clause_of(text, said.text.index(text, start) if text else start, said.context)
        start = clause.offset + len(text)
        if county.is_of_county(clause):
            found += county.claims(clause, ledger)
            continue
        found += person.claims(clause, ledger)
        named = mentions(clause, ledger)
        found += absence.claims(clause, named, ledger)
        heads = _heads(clause, named)
        found += _facts(clause, named, heads or before, ledger)
        found += (_existence(clause, one, ledger) for one in named)
        found += unknown.claims(clause, ledger)
        before = heads or before
    return tuple(claim for claim in found if claim.kind)


def _heads(clause: Clause, named: list[Mention]) -> list[Mention]:
    """The things that a clause is about; where the lines above name their kind, of that kind."""
    heads = [one for one in named if one.items and not one.negated and not one.modifier]
    kind = _context(clause).kind
    return [one for one in heads if any(i.kind == kind for i in one.items)] or heads


NOTHING = Claim("", 0, 0, ())


def _at(
    clause: Clause, start: int, end: int, kind: str, ids: Iterable[str], wrong: str = ""
) -> Claim:
    return Claim(kind, clause.offset + start, clause.offset + end, tuple(ids)[:MOST_IDS], wrong)


def _existence(clause: Clause, one: Mention, ledger: Ledger) -> Claim:
    """Whether what is named is there, or is not there where that is said."""
    span = (one.first(clause), one.last(clause))
    context = _context(clause)
    kind = _class(one, context)
    items = one.items
    if one.negated:
        status = _status_said(clause, one)
        there = [i for i in items if _denied(one, i) and status in ("", i.status)]
        if there:
            return _at(clause, *span, "negation", _ids(there), "the record has it")
        return _at(clause, *span, kind, ()) if not items else NOTHING
    if not items:
        if (one.supposed and kind != "drug") or _needs_no_evidence(one, context):
            return NOTHING
        return _at(clause, *span, kind, (), "not in the record")
    fitting = _of_context(clause, one, items, context)
    if fitting:
        own = [item for item in one.own if any(item is other for other in fitting)]
        return _at(clause, *span, kind, _ids(own or _chief(one, fitting, context)))
    if one.supposed:
        return NOTHING
    return _at(clause, *span, kind, _ids(items), _other_status(context, _status_said(clause, one)))


def _chief(one: Mention, items: list[Evidence], context: Context) -> list[Evidence]:
    """Of what a name was traced to, that which it names, rather than what was done for it."""
    named = {kind for name in one.kinds for kind in DENIED.get(name, ())} | {context.kind}
    return [item for item in items if item.kind in named] or items


def _denied(one: Mention, item: Evidence) -> bool:
    """Whether an item is there although the mention says that it is not."""
    kinds = [kind for name in one.kinds for kind in DENIED.get(name, ())]
    return item.kind in (kinds or (*HAS_STATUS, "procedure", "allergy"))


def _other_status(context: Context, said: str) -> str:
    status = said or context.status
    name = {"medicine": "medicines", "condition": "conditions", "allergy": "allergies"}
    among = name.get(context.kind, "entries of this kind")
    return f"not among the {status} {among} of the record".replace("  ", " ")


def _context(clause: Clause) -> Context:
    """That of the lines above, or what the clause says of itself."""
    if clause.context.kind in ("medicine", "") and (
        OF_ALLERGY.search(clause.text) or clause.reacts
    ):
        return Context("allergy", CURRENT)
    if not clause.context.kind and (ALLERGIC.search(clause.text) or clause.reacts):
        return Context("allergy", CURRENT)
    return clause.context


def _status_said(clause: Clause, one: Mention) -> str:
    """current or past, where the clause says so of a thing: the nearest words that do."""
    near = [
        (max(start - one.end, one.start - end, 0), status) for start, end, status in clause.statuses
    ]
    distance, status = min(near, default=(NEAR + 1, ""))
    return status if distance <= NEAR else ""


def _class(one: Mention, context: Context) -> str:
    """The class of the claim that something is there."""
    if context.kind == "allergy" and not one.modifier:
        return "allergy"
    if one.items:
        return OWN_CLASS[_preferred(one, context).kind]
    return CLASS_OF[one.kinds[0]] if one.kinds else ""


def _preferred(one: Mention, context: Context) -> Evidence:
    return next((item for item in one.items if item.kind == context.kind), one.items[0])


def _needs_no_evidence(one: Mention, context: Context) -> bool:
    """A test that may be done, food that is no allergy: no claim about the record."""
    kind = one.kinds[0] if one.kinds else ""
    if kind == "lab":
        return True
    return kind in ("allergen", "reaction") and context.kind != "allergy"


def _of_context(
    clause: Clause, one: Mention, items: list[Evidence], context: Context
) -> list[Evidence]:
    """The items that are of the kind and status of which the clause speaks."""
    wanted = items
    if context.kind and not one.modifier:
        of_kind = [item for item in items if item.kind == context.kind]
        names_one = {"medicine": "drug", "allergy": "allergen", "immunization": "vaccine"}
        if of_kind or names_one.get(context.kind, "") in one.kinds or _drug_in(one, context):
            wanted = of_kind
    status = _status_said(clause, one) if not one.modifier else ""
    status = status or (context.status if not one.modifier else "")
    if not status:
        return wanted
    having = [item for item in wanted if item.kind in HAS_STATUS]
    return [item for item in having if item.status in ("", status)] if having else wanted


def _drug_in(one: Mention, context: Context) -> bool:
    return context.kind == "allergy" and "drug" in one.kinds


def _ids(items: Iterable[Evidence]) -> list[str]:
    return [id for item in items for id in item.ids[:3]]


# -- facts ---------------------------------------------------------------------------------------


def _facts(
    clause: Clause, named: list[Mention], heads: list[Mention], ledger: Ledger
) -> Iterator[Claim]:
    """Every date, number, dose, flag and side, held against the things that the clause is about."""
    of_head: dict[int, list[Fact]] = {}
    own = bool(heads) and heads[0] in named
    for fact in facts.facts(clause):
        if fact.what == "side":
            yield _side(clause, named, fact)
            continue
        place = _head_of(clause, heads, fact, own)
        if place is None:
            yield _unbound(clause, fact, ledger)
        else:
            of_head.setdefault(place, []).append(fact)
    for place, some in of_head.items():
        head = heads[place]
        yield from _of_head(clause, head, some, heads, ledger, own=own)


def _head_of(clause: Clause, heads: list[Mention], fact: Fact, own: bool) -> int | None:
    """The last head before a fact, or the first behind it."""
    if not heads:
        return None
    if not own:
        return len(heads) - 1
    if _is_title(clause, heads[0]):
        return 0
    behind = [n for n, head in enumerate(heads) if head.start == fact.place + 1]
    if fact.what == "flag" and behind:
        return behind[0]  # `high sodium, low chloride`
    before = [n for n, head in enumerate(heads) if head.first(clause) < fact.start]
    return before[-1] if before else 0


def answered(clause: Clause, head: Mention, some: list[Fact]) -> Claim | None:
    """`Tobacco smoking status: Former smoker on 2021-03-04`: whether that was the answer."""
    start = clause.text.index(":", head.last(clause)) + 1
    dates = [fact for fact in some if fact.what == "date" and fact.start > start]
    end = dates[0].start if dates else len(clause.text)
    said = clause.text[start:end].split(" (before")[0].strip(" .,")
    words = norms(said.removesuffix(" on"))
    item = next((i for i in head.items if i.values), None)
    if item is None or not words or not isinstance(item.values[0].value, str):
        return None
    when = dates[0].when if dates else None
    meant = facts.values_meant("", when, item.values)
    right = any(set(words) == set(norms(str(value.value))) for value in meant)
    wrong = "" if right else "the record has another answer"
    at = (start, start + len(said) + 1)
    return _at(clause, *at, facts.CLASS_OF.get(item.kind, "social"), item.ids[:1], wrong)


def _is_title(clause: Clause, head: Mention) -> bool:
    """`Creatinine: 1.2 mg/dL …`: what stands before a colon is what the rest is about."""
    follows = clause.text[head.last(clause) :].lstrip()
    return follows.startswith(":") and any(item.kind in facts.SERIES for item in head.items)


def _of_head(
    clause: Clause,
    head: Mention,
    some: list[Fact],
    heads: list[Mention],
    ledger: Ledger,
    *,
    own: bool,
) -> Iterator[Claim]:
    """The item of which most facts hold bears witness; what does not hold of it is wrong."""
    context = _context(clause)
    items = _of_context(clause, head, head.items, context) or head.items
    of_pressure = not any(item.kind == "medicine" for item in items)
    pairs = [fact for fact in some if fact.what == "pair" and of_pressure]
    yield from (person.pressure(clause, fact, ledger) for fact in pairs)
    if own and _is_title(clause, head) and (said := answered(clause, head, some)):
        yield said
    rest = [fact for fact in some if fact not in pairs]
    if not rest:
        return
    best = max(items, key=lambda item: sum(holds(fact, item, ledger.on) for fact in rest))
    others = [item for one in heads if one is not head for item in one.items]
    for fact in rest:
        if holds(fact, best, ledger.on):
            yield _at(clause, fact.start, fact.end, _fact_class(fact, best), _witness(fact, best))
            continue
        elsewhere = _elsewhere(fact, best, others, ledger)
        if elsewhere is not None:
            yield _at(
                clause, fact.start, fact.end, _fact_class(fact, elsewhere),
                _witness(fact, elsewhere),
            )  # fmt: skip
        elif not _idle(clause, fact, best):
            yield _at(
                clause, fact.start, fact.end, _fact_class(fact, best), best.ids[:3],
                _why(fact, best),
            )  # fmt: skip


def _elsewhere(
    fact: Fact, best: Evidence, others: list[Evidence], ledger: Ledger
) -> Evidence | None:
    """Another thing that the clause names, of which the fact holds: `hypertension and X, 2014`."""
    if fact.what == "flag" or (fact.what == "number" and best.values):
        return None
    if fact.what == "date" and fact.when and fact.when.low == ledger.on == fact.when.high:
        return best if not fact.role else None
    return next(
        (i for i in others if i is not best and i.kind == best.kind and holds(fact, i, ledger.on)),
        None,
    )


def _idle(clause: Clause, fact: Fact, item: Evidence) -> bool:
    """What is no claim about the record: a plan, a score's maximum, `low` of something else."""
    if fact.start >= clause.supposed:
        return True
    if fact.what == "flag":
        return not item.values or item.kind in ("answer", "score", "quality")
    if fact.what == "severity":
        return item.kind != "allergy"
    before = clause.text[: fact.start].rstrip()
    return fact.what == "number" and before.endswith("/")


def _witness(fact: Fact, item: Evidence) -> tuple[str, ...]:
    """The entries of the day that is meant, or the newest."""
    if fact.when is not None:
        days = [n for n, moment in enumerate(item.starts) if facts.within(moment, fact.when)]
        return tuple(item.ids[n] for n in days if n < len(item.ids)) or item.ids[:1]
    return item.ids[:1]


def _fact_class(fact: Fact, item: Evidence) -> str:
    if fact.what == "date":
        return "date"
    if fact.what == "frequency":
        return "dose"
    if fact.what == "side":
        return "laterality"
    if fact.what == "severity":
        return "allergy"
    return facts.CLASS_OF.get(item.kind, "number")


def _why(fact: Fact, item: Evidence) -> str:
    said = "number" if fact.what == "pair" else fact.what
    return f"the record has another {said} for {item.name}, or none"


def _unbound(clause: Clause, fact: Fact, ledger: Ledger) -> Claim:
    """A fact of nothing that is named: a day on which something is recorded, a count."""
    if fact.start >= clause.supposed or fact.what in ("flag", "frequency", "severity", "side"):
        return NOTHING
    if fact.what == "pair":
        return person.pressure(clause, fact, ledger)
    if fact.what == "date" and fact.when:
        if fact.when.low == ledger.on == fact.when.high:
            return _at(clause, fact.start, fact.end, "date", ())
        found = [
            i for i in ledger.items if any(facts.within(m, fact.when) for m in (*i.starts, *i.ends))
        ]
        wrong = "" if found else "nothing is recorded for this date"
        return _at(clause, fact.start, fact.end, "date", _ids(found[:3]), wrong)
    if fact.what == "number" and person.counted(clause, fact, ledger):
        return _at(clause, fact.start, fact.end, "number", ())
    return _at(clause, fact.start, fact.end, "number", (), "not in the record")


def _of_reason(
    clause: Clause, named: list[Mention], one: Mention, words: set[str]
) -> list[Evidence]:
    """Of what something was given or done for: the items that it was for."""
    if not one.modifier:
        return []
    days = clause.dates
    heads = [head for head in named if head.items and not head.modifier and head is not one]
    found: list[Evidence] = []
    for item in (item for head in heads for item in head.items if item.kind != "condition"):
        reasons = [r for at, r in item.reasons if any(facts.within(at, day) for day in days)]
        reasons = reasons or [reason for _, reason in item.reasons]
        if any(words <= reason for reason in reasons):
            found.append(dataclasses.replace(item, texts=tuple(reasons)))
    return found


def _side(clause: Clause, named: list[Mention], fact: Fact) -> Claim:
    """left, right or both, of the nearest thing named."""
    if any(m.start() <= fact.start < m.end() for m in NO_SIDE.finditer(clause.text)):
        return NOTHING
    near = [one for one in named if one.start - 5 <= fact.place <= one.end + 3]
    if not near:
        return NOTHING
    one = min(near, key=lambda m: min(abs(m.start - fact.place), abs(m.end - 1 - fact.place)))
    if not one.items or one.supposed or all(item.kind in facts.SERIES for item in one.items):
        return NOTHING  # what is not in the record is said so already
    words = {w.norm for w in clause.words[one.start : one.end]} - FILLING - SIDES.keys()
    about = _of_reason(clause, named, one, words) or one.items
    bearing = [item for item in about if facts.has_side(item, fact, words)]
    wrong = "" if bearing else "the record has another side, or none"
    ids = _ids(bearing or one.items[:1])
    return _at(clause, fact.start, fact.end, "laterality", ids, wrong)
