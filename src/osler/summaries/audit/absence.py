"""Claims that there is nothing, and claims that all is well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit import reassurance
from osler.summaries.audit.evidence import CURRENT, PAST, Evidence, Ledger
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim

ADJECTIVES = (
    r"known|recorded|documented|reported|active|currently|current|chronic|past|previous|prior|"
    r"regular|prescribed|drug|medication|food|environmental|medical|surgical|or|and|listed|on file"
)
EMPTY = re.compile(
    rf"(?i)\b(?:no|denies(?: any| having)?|without|nil|zero|not (?:taking|"
    rf"on) any)\s+(?P<how>(?:(?:{ADJECTIVES})\s+)*)"
    r"(?P<what>allerg\w*|intoleranc\w+|medications?\b|medicines?\b|drugs?\b|conditions?\b|"
    r"problems?\b|diagnos[ei]s\b|"
    r"immuni[sz]ations?\b|vaccin\w+|procedures?\b|surger\w+|care plans?\b|encounters?\b|visits?\b)"
    r"(?!\s*(?:change|interaction|error|adherence|reaction|concern|issue|side|with|status|review|"
    r"due))"
)
NONE_HERE = re.compile(
    r"(?i)^\s*(?:none|nil|not recorded|nothing recorded|no known|not on file|n/?a)\b(?! of\b)"
)
LEAD = re.compile(r"^([^:;]{3,60}):\s*(?=none\b|nil\b|not recorded|no known)", re.IGNORECASE)
SOME = re.compile(r"(?i)\b(?:known|several|multiple|documented|has) (?:\w+ )?allergies\b")
SHORT = re.compile(r"\b(?:NKDA|NKA|NKFA)\b")
WHAT = {
    "allerg": "allergy", "intoler": "allergy", "medic": "medicine", "drug": "medicine",
    "condit": "condition", "proble": "condition", "diagno": "condition", "immuni": "immunization",
    "vaccin": "immunization", "proced": "procedure", "surger": "procedure", "care p": "care plan",
    "encoun": "encounter", "visit": "encounter",
}  # fmt: skip

COMPLETE = re.compile(
    r"(?i)up[- ]to[- ]date|\bUTD\b|\bcurrent (?:with|on|for)\b|\b(?:is|are) current\b|"
    r"\bcomplete[d]?\b|\bfully\b|\ball (?:recommended|due|required|needed)\b|"
    r"\bno (?:\w+ ){0,2}(?:vaccin\w+|immuni[sz]\w+|shots?)(?: \w+)? (?:is |"
    r"are )?(?:due|needed)|"
    r"\b(?:none|not|nothing) (?:is |are )?(?:over)?due\b|\bon schedule\b|\bnot behind\b"
)
VACCINES = re.compile(r"(?i)vaccin|immuni[sz]|shots?\b")


def claims(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """All kinds."""
    yield from _empty(clause, ledger)
    complete = list(_complete(clause))
    yield from complete or reassurance.claims(clause, named, ledger)
    wanted = WANTED.search(clause.text)
    if wanted and not IS_NOW.search(clause.text, wanted.end()):
        clause.supposed = min(clause.supposed, wanted.start())


WANTED = re.compile(
    r"(?i)^\W*(?:(?:her|his|their|the|treatment|current|personal|individual|suggested)\s+)*"
    r"(?:goals?|targets?|targeting|aim(?:s|ing)?)\b|"
    r"\b(?:goals?|targets?|aims?)\s*(?:of|is|are|:|being|to be|<|under|below|less|above|at)"
    r"(?!\s*(?:met|reached|achieved))"
)
"""What should be, and is not said to be: `goal A1c below 7 %`."""
IS_NOW = re.compile(r"(?i)\b(?:now|current\w*|latest|today|last|recent\w*|was|actual\w*|but)\b")


# -- nothing -------------------------------------------------------------------------------------


def _empty(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    for found in EMPTY.finditer(clause.text):
        how = found["how"].lower()
        yield _nothing(clause, found.start(), found.end(), _kind(found["what"]), how, ledger)
    for found in SOME.finditer(clause.text):
        if not ledger.of("allergy") and not EMPTY.search(clause.text):
            at = (clause.offset + found.start(), clause.offset + found.end())
            yield Claim("negation", *at, (), "the record has none")
    for found in SHORT.finditer(clause.text):
        how = "drug" if found[0] == "NKDA" else "food" if found[0] == "NKFA" else ""
        yield _nothing(clause, found.start(), found.end(), "allergy", how, ledger)
    lead = LEAD.match(clause.text)
    if lead and not EMPTY.search(clause.text):
        kind = _kind(lead[1])
        past = "past " if re.search(r"(?i)past|resolved|previous|former", lead[1]) else ""
        if kind:
            yield _nothing(clause, lead.start(), len(clause.text), kind, past, ledger)
    elif NONE_HERE.match(clause.text) and clause.context.kind:
        status = "past" if clause.context.status == PAST else ""
        yield _nothing(clause, 0, len(clause.text), clause.context.kind, status, ledger)


def _kind(what: str) -> str:
    text = what.lower()
    return next((kind for start, kind in WHAT.items() if start in text), "")


def _nothing(clause: Clause, start: int, end: int, kind: str, how: str, ledger: Ledger) -> Claim:
    """Whether there is indeed none of a kind."""
    items = ledger.of(kind)
    past = any(word in how for word in ("past", "previous", "prior"))
    if kind in ("condition", "medicine", "care plan"):
        status = PAST if past else CURRENT
        items = [item for item in items if item.status == status]
    if kind == "allergy" and ("drug" in how or "medication" in how):
        items = [item for item in items if _of_drug(item, ledger)]
    elif kind == "allergy" and "food" in how:
        items = [item for item in items if _category(item, ledger) == "food"]
    ids = tuple(item.ids[0] for item in items)
    wrong = "the record has some" if items else ""
    return Claim("negation", clause.offset + start, clause.offset + end, ids, wrong)


def _category(item: Evidence, ledger: Ledger) -> str:
    known = {a.id: a.category for a in ledger.seen.record.allergies}
    return known.get(item.ids[0], "")


def _of_drug(item: Evidence, ledger: Ledger) -> bool:
    is_drug = any(concept.startswith("drug:") for concept in item.concepts)
    return _category(item, ledger) == "medication" or is_drug


# -- vaccines ------------------------------------------------------------------------------------


def _complete(clause: Clause) -> Iterator[Claim]:
    """A claim that all vaccines were given that should be."""
    complete = COMPLETE.search(clause.text) if VACCINES.search(clause.text) else None
    if complete and complete.start() < clause.supposed:
        at = (clause.offset + complete.start(), clause.offset + complete.end())
        wrong = "a record of doses does not say whether they are all that are due"
        yield Claim("false reassurance", *at, (), wrong)
