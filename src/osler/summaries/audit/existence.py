"""Whether what a clause names is in the record, or is not where that is said."""

from __future__ import annotations

import re

from osler.summaries.audit import allergens, lookup
from osler.summaries.audit.context import (
    HAS_STATUS,
    NOTHING,
    at,
    context_of,
    ids_of,
    is_only_planned,
    named_by,
    of_context,
    status_said,
)  # fmt: skip
from osler.summaries.audit.evidence import CURRENT, Evidence, Ledger
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.sentences import Context
from osler.summaries.audit.witnesses import ALLERGY_WORDS, FILLING
from osler.summaries.audit.words import word_set

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


def claim(clause: Clause, one: Mention, ledger: Ledger) -> Claim:
    """Whether what is named is there, or is not there where that is said."""
    span = (one.first(clause), one.last(clause))
    context = context_of(clause, one)
    kind = _class(one, context)
    items = one.items
    if one.negated:
        status = status_said(clause, one)
        ever = EVER.search(clause.text) is not None
        there = [i for i in items if _denied(one, i) and _contradicts(i, status, ever=ever)]
        if there and _answered_no(clause, one, there, ledger):
            return at(clause, *span, kind, ())
        if there:
            return at(clause, *span, "negation", ids_of(there), "the record has it")
        return at(clause, *span, kind, ()) if not items else NOTHING
    if not items and (_is_avoided(clause, one) or _is_level(clause, one)):
        return NOTHING
    if _is_category(clause, one):
        return NOTHING
    if not items:
        if _needs_no_evidence(one, context) or (one.supposed and kind not in ("drug", "allergy")):
            return NOTHING
        return _not_there(clause, one, kind, ledger)
    fitting = of_context(clause, one, items, context)
    if fitting:
        own = [item for item in one.own if any(item is other for other in fitting)]
        named = own or _chief(one, fitting, context)
        tells = not one.supposed and not one.modifier and (bool(own) or _names(clause, one))
        return at(clause, *span, kind, ids_of(named), tells=tells)
    if one.supposed:
        return NOTHING
    return at(clause, *span, kind, ids_of(items), _other_status(context, status_said(clause, one)))


def _not_there(clause: Clause, one: Mention, kind: str, ledger: Ledger) -> Claim:
    """What is not in the record; a drug, with the allergy to its class that is."""
    said = [w.norm for w in clause.words[one.start : one.end]]
    allergies = allergens.to_drug(said, ledger) if kind == "drug" else []
    wrong = "not in the record"
    if allergies:
        wrong += f", which has an allergy to its class: {allergies[0].name}"
    return at(clause, one.first(clause), one.last(clause), kind, ids_of(allergies), wrong)


CHECKED = re.compile(
    r"(?i)\b(?:re-?)?(?:check|test|measure|draw|trend)(?:ed|ing|s)?\s+"
    r"(?:(?:for|the|a|an|her|his|their|serum|blood|of|levels?|annual|yearly|routine)\s+)*"
    r"(?:(?:[\w-]+\s+){1,3}?(?:and|or)\s+|(?:[\w-]+(?:\s+[\w-]+){0,2},\s*)+(?:(?:and|or)\s+)?)?$"
)
ORDERED = re.compile(
    CHECKED.pattern.replace("check|", "check|order|obtain|repeat|monitor|send|get|")
)
"""Before a test: `check PTH and vitamin D`."""
LEVEL = re.compile(r"(?i)\s+(?:levels?|concentrations?|assays?)\b")


def _is_level(clause: Clause, one: Mention) -> bool:
    """`check vitamin D`, which is a test and no drug; and what is ordered, where it may be one."""
    if "drug" not in one.kinds and "drug class" not in one.kinds:
        return False
    before, words = clause.text[: one.first(clause)], clause.words[one.start : one.end]
    length, _ = lookup.names_as("lab").at(words, 0, clause.text)
    is_test = length == len(words) or LEVEL.match(clause.text, one.last(clause)) is not None
    return bool(CHECKED.search(before) or (is_test and ORDERED.search(before)))


def _is_category(clause: Clause, one: Mention) -> bool:
    """`penicillin (medication allergy)`: what kind of allergy the one is that is named."""
    if not all(w.norm in ALLERGY_WORDS for w in clause.words[one.start : one.end]):
        return False
    return any(
        other.items and other.end <= one.start and not other.modifier
        and all(item.kind == "allergy" for item in other.items)
        for other in clause.named
    )  # fmt: skip


NO = re.compile(r"(?i)(?:no|not|never|none)\b")


def _answered_no(clause: Clause, one: Mention, there: list[Evidence], ledger: Ledger) -> bool:
    """Whether the latest answer to a question about it was no: `not stressed`, but not `never`."""
    before = clause.text[: one.first(clause)].rpartition(",")[2]
    if EVER.search(before) or any(item.kind != "social" for item in there):
        return False
    said = {word.norm for word in clause.words[one.start : one.end]}
    asked = [i for i in ledger.of("answer") if said <= i.words and i.values]
    return any(NO.match(str(item.values[0].value)) for item in asked)


AVOIDS = re.compile(r"(?i)\bavoid(?:s|ed|ing|ance of)? (?:\w+ )?$")
AVOIDED = re.compile(
    r"(?i)\s+(?:(?:and|or) [\w-]+ )?(?:(?:should|must|has to|is to|are to|"
    r"needs? to) (?:\w+ly )?be (?:\w+ly )?(?:avoided|"
    r"withheld)|(?:is|are) (?:avoided|contraindicated))\b"
)


def _is_avoided(clause: Clause, one: Mention) -> bool:
    """`avoid celecoxib because of her sulfa allergy`, where the record has that reason."""
    others = (other for other in clause.named if other is not one)
    allergies = (i.kind in ("allergy", "condition") for other in others for i in other.items)
    behind = AVOIDED.match(clause.text, one.last(clause))
    return any(allergies) and bool(behind or AVOIDS.search(clause.text[: one.first(clause)]))


TOO_GENERAL = word_set("cancer tumor infection disease pain disorder injury allergy fracture")


def _names(clause: Clause, one: Mention) -> bool:
    """Whether a thing itself is named, and not only a class of drugs or a kind of disease."""
    if set(one.kinds) <= {"drug class", "reaction"}:
        return False
    said = {w.norm for w in clause.words[one.start : one.end]} - FILLING - ALLERGY_WORDS
    return bool(said - TOO_GENERAL)


def _chief(one: Mention, items: list[Evidence], context: Context) -> list[Evidence]:
    """Of what a name was traced to, that which it names, rather than what was done for it."""
    named = named_by(one) | {context.kind}
    return [item for item in items if item.kind in named] or items


EVER = re.compile(r"(?i)\b(?:never|ever|history|h/o|hx|past|previous\w*|prior)\b")


def _contradicts(item: Evidence, status: str, *, ever: bool) -> bool:
    """Whether the record has what is denied: at all, or where a status is named, with that.

    What goes on no longer does not go on; and a medicine that is not taken may have been.
    """
    if item.status == CURRENT:
        return True
    if item.kind == "medicine" and not ever:
        return False
    return status in ("", item.status)


def _denied(one: Mention, item: Evidence) -> bool:
    """Whether an item is there although the mention says that it is not."""
    if item.kind == "allergy" and all(other.kind == "allergy" for other in one.items):
        return True  # `no allergy to peanut`, which is a condition's name, too
    return item.kind in (named_by(one) or (*HAS_STATUS, "procedure", "allergy", "immunization"))


def _other_status(context: Context, said: str) -> str:
    status = said or context.status
    name = {"medicine": "medicines", "condition": "conditions", "allergy": "allergies"}
    among = name.get(context.kind, "entries of this kind")
    return f"not among the {status + ' ' if status else ''}{among} of the record"


def _class(one: Mention, context: Context) -> str:
    """The class of the claim that something is there."""
    if context.kind == "allergy" and not one.modifier:
        return "allergy"
    if is_only_planned(one, one.items):
        return "condition"
    if one.items:
        return OWN_CLASS[_preferred(one, context).kind]
    return CLASS_OF[one.kinds[0]] if one.kinds else ""


def _preferred(one: Mention, context: Context) -> Evidence:
    return next((item for item in one.items if item.kind == context.kind), one.items[0])


def _needs_no_evidence(one: Mention, context: Context) -> bool:
    """A test that may be done, food that is no allergy: no claim about the record."""
    kind = one.kinds[0] if one.kinds else ""
    if kind == "lab" or (kind == "drug class" and one.supposed):
        return True
    return kind in ("allergen", "reaction") and context.kind != "allergy"
