"""Claims that there is nothing, and claims that all is well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from osler.summaries import lexicon
from osler.summaries.audit import lookup
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

NOT_ABNORMAL = re.compile(
    r"(?i)\bno\b[^.;]{0,60}?\b(?:abnormal\w*|out of (?:range|it)|outside|concerning|disturbances?|"
    r"derangements?|impairment|dysfunction|insufficiency)\b|"
    r"\b(?:in|within) (?:the |an? |their )?(?:\w+ )?(?:range|ranges|limits)\b|"
    r"\bnone\b[^.;]{0,40}\b(?:abnormal|out of range|outside)\b"
)
SCOPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), panel)
    for pattern, panel in (
        (r"\b(?:kidney|renal|nephr\w+)\b", "kidney"),
        (r"\b(?:liver|hepatic|lfts?)\b", "liver"),
        (r"\b(?:lipids?|cholesterol)\b", "lipids"),
        (r"\b(?:glucose|glyc\w+|blood sugars?|diabet\w+|a1c)\b", "glucose"),
        (r"\belectrolytes?\b", "electrolytes"),
        (r"\b(?:blood count|cbc|h(?:a)?ematolog\w+|an(?:a)?emi\w+)\b", "blood count"),
        (r"\bthyroid\b", "thyroid"),
        (r"\b(?:coagulation|clotting|inr)\b", "coagulation"),
        (r"\b(?:blood pressure|bp|hypertension)\b", "pressure"),
        (r"\bvital(?:s| signs?)\b", "vitals"),
        (r"\b(?:labs?|laboratory|blood ?(?:tests?|work)|(?:test )?results?|values?)\b", "labs"),
    )
)  # fmt: skip
PRESSURE = ("8480-6", "8462-4")
SENSES = ("lab", "vital", "vaccine", "condition", "exam", "any")
"""What a reassurance may be said of, of those that measurements can speak to."""
WELL = {
    "afebrile": "8310-5", "normothermic": "8310-5", "normotensive": "pressure",
    "euglycemic": "glucose", "normoglycemic": "glucose", "euthyroid": "thyroid",
    "normocytic": "blood count", "normokalemic": "electrolytes",
    "normonatremic": "electrolytes", "normolipidemic": "lipids",
}  # fmt: skip
"""Words that say by themselves that something is well."""
COMPLETE = re.compile(
    r"(?i)up[- ]to[- ]date|\bUTD\b|\bcurrent (?:with|on|for)\b|\b(?:is|are) current\b|"
    r"\bcomplete[d]?\b|\bfully\b|\ball (?:recommended|due|required|needed)\b|"
    r"\bno (?:\w+ ){0,2}(?:vaccin\w+|immuni[sz]\w+|shots?)(?: \w+)? (?:is |"
    r"are )?(?:due|needed)|"
    r"\b(?:none|not|nothing) (?:is |are )?(?:over)?due\b|\bon schedule\b|\bnot behind\b"
)
VACCINES = re.compile(r"(?i)vaccin|immuni[sz]|shots?\b")


def claims(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """Both kinds."""
    yield from _empty(clause, ledger)
    yield from _reassuring(clause, named, ledger)


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


# -- all well ------------------------------------------------------------------------------------


def _reassuring(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    spans = [
        (clause.words[start].start, clause.words[end - 1].end, name)
        for start, end, name in lookup.phrases("reassurance", clause.words)
        if not any(one.start <= start and end <= one.end for one in named)
        and start not in clause.reached
    ]
    no = NOT_ABNORMAL.search(clause.text)
    if no and not spans:
        spans.append((no.start(), no.end(), "lab"))
    yield from _well(clause, ledger)
    complete = COMPLETE.search(clause.text) if VACCINES.search(clause.text) else None
    if complete and complete.start() < clause.supposed:
        spans = [(complete.start(), complete.end(), "vaccine")]
    for start, end, name in spans[:1]:
        if name not in SENSES:
            continue
        if start >= clause.supposed and not no:
            continue
        yield from _held(clause, named, start, end, name, ledger)


def _well(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Words such as `afebrile`."""
    for place, word in enumerate(clause.words):
        panel = WELL.get(word.norm)
        if not panel or place in clause.reached:
            continue
        items = _panel(panel, ledger)
        bad = [item for item in items if item.flag]
        wrong = f"out of range at the latest look: {bad[0].name}" if bad else ""
        at = (clause.offset + word.start, clause.offset + word.end)
        ids = tuple(item.ids[0] for item in bad or items)
        yield Claim("false reassurance", *at, ids, wrong or ("" if items else NOTHING_MEASURED))


NOTHING_MEASURED = "nothing with a reference range is recorded for it"


def _held(
    clause: Clause, named: list[Mention], start: int, end: int, name: str, ledger: Ledger
) -> Iterator[Claim]:
    """A claim that all is well, against the latest values that it is about."""
    at = (clause.offset + start, clause.offset + end)
    if name == "vaccine" or VACCINES.search(clause.text):
        if VACCINES.search(clause.text) or clause.context.kind == "immunization":
            wrong = "a record of doses does not say whether they are all that are due"
            yield Claim("false reassurance", *at, (), wrong)
        return
    items, told = scope(clause, named, ledger)
    if not told:
        return
    bad = [item for item in items if item.flag]
    if bad:
        names = ", ".join(item.name for item in bad[:4])
        wrong = f"out of range at the latest look: {names}"
        yield Claim("false reassurance", *at, tuple(i.ids[0] for i in bad), wrong)
    elif not any(item.reference for item in items):
        wrong = NOTHING_MEASURED
        yield Claim("false reassurance", *at, tuple(i.ids[0] for i in items[:3]), wrong)
    else:
        yield Claim("false reassurance", *at, tuple(i.ids[0] for i in items[:12]))


def scope(clause: Clause, named: list[Mention], ledger: Ledger) -> tuple[list[Evidence], bool]:
    """The measurements that a reassurance is about, and whether it is about any."""
    series = [i for one in named for i in one.items if i.kind in ("lab", "vital")]
    rest = _without(clause, named)
    panels = [panel for pattern, panel in SCOPES if pattern.search(rest)]
    narrow = [panel for panel in panels if panel not in ("labs", "vitals")]
    if series and not narrow:
        return series, True
    if not panels:
        return [], False
    found = list(series)
    for panel in narrow or panels:
        found += _panel(panel, ledger)
    return found, True


def _without(clause: Clause, named: list[Mention]) -> str:
    """The text without the names of labs that were found in it."""
    text = clause.text
    for one in reversed(named):
        if any(item.kind in ("lab", "vital") for item in one.items):
            text = text[: one.first(clause)] + " " + text[one.last(clause) :]
    return text


def _panel(panel: str, ledger: Ledger) -> list[Evidence]:
    if panel == "labs":
        return ledger.of("lab")
    if panel == "vitals":
        return ledger.of("vital")
    if "-" in panel:
        return [i for i in ledger.of("vital") if i.ids[0].split(":")[1] == panel]
    if panel == "pressure":
        return [i for i in ledger.of("vital") if i.ids[0].split(":")[1] in PRESSURE]
    return [i for i in ledger.of("lab") if _labs_of(panel) & i.concepts]


@cache
def _labs_of(panel: str) -> frozenset[str]:
    return frozenset(f"lab:{c.name}" for c in lexicon.concepts("lab") if panel in c.tags)
