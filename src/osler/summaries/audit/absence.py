"""Claims that there is nothing of a kind: no medicines, no surgery, no history at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit import reassurance, states, systems
from osler.summaries.audit.evidence import CURRENT, PAST, Evidence, Ledger
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.windows import window

ADJECTIVES = (
    r"known|recorded|documented|reported|active|currently|current|chronic|past|previous|prior|"
    r"regular|prescribed|drug|medication|food|environmental|medical|surgical|or|and|listed|on file|"
    r"significant|relevant|notable|pertinent|major|serious|health|underlying|pre-?existing|any|"
    r"long-?term|recent|remarkable|important|prescription|daily|routine|everyday|standing|"
    r"maintenance|ongoing|pharmacological|healthcare|health care|clinical|outpatient|ambulatory|"
    r"registered|existing|single|kind of|form of|sort of"
)
NO = (
    r"(?:no|not (?:a single|one)|denies(?: any| having(?: any)?)?|denied(?: any)?|"
    r"without(?: any)?|nil|zero|never had(?: any)?|"
    r"(?:not|n['’]t) (?:taking|on|had|have|having) any|lacks(?: any)?|"
    r"(?:do(?:es)?|did|has|have|had|is|are|was|were)(?: not|n['’]t)(?: (?:currently|yet|ever))?"
    r"(?: been)? (?:document|list|contain|show|include|mention|record|report|name|note|hold|have|"
    r"reveal|indicate|identif|tak|receiv|us|given|administer|undergo|get|got|carry|enroll|provid|"
    r"prescrib|offer)\w*(?: (?:with|in|for|to))? any|"
    r"(?:is|are|was|remains?) (?:free (?:of|from)|without)(?: any)?)"
)
VISITS = (
    r"(?:(?:emergency|er|ed|a&e|hospital|inpatient)(?: room| department| care)?|overnight) "
    r"(?:visits?|stays?|admissions?|encounters?|attendances?|presentations?)|"
    r"hospitali[sz]ations?|admissions?(?= (?:to (?:the )?hospital|recorded)|\s*[.,;]|\s*$)"
)
EMPTY = re.compile(
    rf"(?i)\b{NO}\s+(?P<how>(?:(?:{ADJECTIVES})\s+)*)"
    r"(?P<what>allerg\w*|intoleranc\w+|(?:hyper)?sensitivit\w+|pharmacotherap\w+|"
    r"(?:(?<=drug )|(?<=medical )|(?<=pharmacological )|(?<=medication )|(?<=prescription ))"
    r"(?:treatments?|therap(?:y|ies))|medications?\b|medicines?\b|drugs?\b|pills?\b|meds\b|"
    r"conditions?\b|"
    r"problems?\b|diagnos[ei]s\b|illness(?:es)?\b|comorbidit\w+|(?:(?<=chronic )|(?<=known )|"
    r"(?<=medical )|(?<=underlying )|(?<=term ))diseases?\b|operations?\b|"
    r"surgical (?:procedures?|interventions?)\b|"
    rf"immuni[sz]ations?\b|vaccin\w+|procedures?\b|surger\w+|care plans?\b|{VISITS}|"
    r"encounters?\b|visits?\b)\b"
    r"(?!\s*(?:(?:of|to|for|containing|against)\s+(?!(?:any|note|significance|record)\b)|"
    r"(?:needs?|requires?|has|have|had)\s+(?:to be|been)\s+(?!documented|recorded|noted|reported|"
    r"listed|identified|found|established|made|given|administered|received|prescribed|performed|"
    r"done|undertaken|carried out|taken|diagnosed)|"
    r"treatment|therap|change|interaction|error|adherence|reaction|concern|issue|side|with|"
    r"status|review|"
    r"due|test|screen|history|list|(?:is|are|was|were|has been|have been|will be)?\s*(?:planned|"
    r"needed|indicated|scheduled|required|recommended|changed|stopped|started|added|adjusted|"
    r"missed|refilled|due|overdue|held|withheld|necessary)\b))"
)
HISTORY = (
    r"(?:(?:past|previous|prior)\s+)?(?:medical|health|surgical|operative|illness|medication|"
    r"drug allergy|allergy)(?:[\s-]+(?:and|or|/)\s*(?:surgical|family|social))? (?:history|hx)|"
    r"past history|PMHx?|PSHx?"
)
NO_HISTORY = re.compile(
    rf"(?i)\b(?:{NO}|unremarkable|non-?contributory|insignificant|benign|negative)\s+"
    rf"(?:(?:{ADJECTIVES})\s+)*?(?P<first>{HISTORY})\b(?! of\b)|"
    rf"\b(?P<second>{HISTORY})\s*(?::|-|\bis\b|\bwas\b)?\s*(?:(?:completely|entirely|largely|"
    r"essentially|otherwise|all|reviewed and)\s+)*(?:none|nil|unremarkable|non-?contributory|"
    r"negative(?! for)|benign|insignificant|clear|clean|blank|empty|nothing|"
    r"not (?:significant|remarkable|contributory|relevant))\b"
)
LISTS = re.compile(
    r"(?i)\b(?P<what>medications?|medicines?|drugs?|prescriptions?|allerg(?:y|ies)|problems?|"
    r"conditions?|diagnos[ei]s|immuni[sz]ations?|vaccin\w+|shots?|meds?|procedures?|"
    r"care plans?|surgical) "
    r"(?:lists?|records?|sections?|charts?|profiles?|histor(?:y|ies)|overviews?|logs?|files?)\s*(?:"
    r"(?::|is|are|was|were)?\s*(?:currently\s+|entirely\s+|completely\s+)?"
    r"(?:empty|blank|clear|clean|nil|none|bare|without (?:any )?(?:entr\w+|items?|content))\b|"
    r"(?:contain|ha|hold|show|include|list|comprise|display)\w*\s+(?:no|not a single|"
    r"zero) (?:\w+ )?"
    r"(?:entr(?:y|ies)|items?|records?|doses?|data|content)\b|"
    r"(?:contain|ha|hold|show|include|list)\w*\s+nothing\b)"
)
TAKES_NOTHING = re.compile(
    r"(?i)\b(?:tak(?:es?|ing)|uses?|is on|prescribed) "
    r"(?:nothing|no (?:\w+ )?(?:meds|pills|tablets))\b(?! (?:else|other|more|new|for|by|with|but))|"
    r"(?:\bnot|n['’]t) (?:currently )?(?:tak(?:e|ing)|us(?:e|ing)|on) anything\b"
    r"(?! (?:else|other|more|new|for|by|with|but))|"
    r"\b(?:medication|medicine)[- ]free\b|"
    r"\boff (?:all|any) (?:\w+ )?(?:medic\w+|meds|drugs|treatments?|pills)\b|"
    r"\b(?:not|n['’]t) (?:currently )?(?:take|taking|on|use|using|need)(?: any)?"
    r"(?: (?:regular|daily|prescribed|prescription|routine|long-?term))* "
    r"(?:medicines?|medications?|meds|pills)\b(?! (?:for|that|which|other|except|containing))"
)
NEVER_DONE = re.compile(
    r"(?i)\b(?:never|not|n['’]t)(?: ever)?(?: (?:had|been|undergone|needed|required|have|has|be))*"
    r"(?: any| an?)? (?P<what>surger(?:y|ies)|operations?|operated on|surgical procedures?|"
    r"hospitali[sz]ed|admitted|in (?:the |a )?hospital|vaccinated|immuni[sz]ed|"
    r"seen (?:in|at|by) (?:a|any|the|this) (?:clinic|office|practice|hospital|doctor|physician))\b|"
    r"\bsurgery[- ]na[iï]ve\b|\bun(?:vaccinated|immuni[sz]ed)\b|"
    r"\bnever (?:went|gone|been) under the knife\b"
)
HEALTHY = re.compile(
    r"(?i)(?:^\W*|\b(?:is|was|remains?|appears?|looks|generally|overall|otherwise|previously|"
    r"currently|completely|fully|very|and|an?|this|basically|essentially|entirely|perfectly)\s+)"
    r"healthy\b(?!\s+(?:diet|lifestyle|eating|weight|bmi|food|habits?|choices|behavio|range|"
    r"coping|sleep|pregnan|baby|infant|kidney|liver|relation|meal|snack|range|level))|"
    r"\bin (?:good|excellent|great|perfect|fine|robust|the best of) "
    r"(?:general |overall |physical )?health\b|\bfit and well\b"
)
REPORTED = re.compile(r"(?i)\b(?:reports?|feels?|rates?|rated|describes?|considers?|self)\b")
NONE = (
    r"(?:none|nil|not recorded|no known|nothing recorded|negative(?! for)|denied|denies|empty|"
    r"blank|absent|nothing|not on file|n/?a|unremarkable|non-?contributory|zero)"
)
NONE_HERE = re.compile(
    r"(?i)^\s*(?:none|nil|not recorded|nothing recorded|no known|not on file|n/?a|nothing of note|"
    r"none known|no data|nothing)\b(?! of\b| else| further| new)"
)
LEAD = re.compile(rf"^([^:;]{{3,60}}):\s*(?={NONE}\b|(?:no|0|[-–—]+)\.?\s*$)", re.IGNORECASE)
OF_OTHERS = re.compile(
    r"(?i)side effect|change|interact|adheren|test|screen|review\b|reaction|concern|issue|error|"
    r"\bdue\b|need|missed|\bnew\b|family|abnormal|out of range|flag|complian|refill|risk|barrier"
)
"""In a lead that is no list of what the record has."""
SOME = re.compile(
    r"(?i)\b(?:known|several|multiple|documented|has|various|numerous|many|some) (?:[\w-]+ )?"
    r"(?:allergies|(?:hyper)?sensitivities|intolerances)\b(?! (?:to|tests?|were denied))|"
    r"\ballergic to (?:\w+ )?(?:medications?|medicines?|drugs|foods?|several|multiple|many)\b|"
    r"\ballergies(?: list)?\s*(?::|[-–]|are|is)\s*(?:multiple|several|many|yes|positive|"
    r"present|noted)\b"
)
SHORT = re.compile(r"\b(?:NKDA|NKA|NKFA)\b")
WHAT = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"emergency|\ber\b|\bed\b|a&e", "emergency"),
        (r"hospital (?:visit|enc|att|pres)", "hospital"),
        (r"hospital|admi(?:ssion|tted)|inpatient|overnight", "inpatient"),
        (r"surg|operat|psh|knife", "surgery"),
        (r"allerg|intoler|sensitiv", "allergy"),
        (r"(?:medical|health) (?:hist|hx|prob|cond|issue|illn|diag)|pmh|past history|condit|"
         r"proble|diagno|illness|comorbid|disease", "condition"),
        (r"\bmed|drug|prescri|pill|pharmaco|treatment|therap", "medicine"),
        (r"immuni|vaccin|\bshot", "immunization"), (r"proced", "procedure"),
        (r"care plan", "care plan"), (r"encoun|visit|\bseen\b", "encounter"),
    )
)  # fmt: skip
"""What a denial names -> of which kind it is."""
REGULARLY = re.compile(r"daily|regular|routine|every ?day|maintenance|standing")
"""Said of a medicine that is taken all the time, and not as needed."""
STAYS = {"emergency": ("emergency",), "inpatient": ("inpatient",),
         "hospital": ("emergency", "inpatient")}  # fmt: skip
"""Kinds of visits that are denied -> those of the record."""
SURGICAL = re.compile(
    r"(?i)(?<!polyp)ectomy|(?<!phleb)(?<!episi)otomy|ostomy|plasty|rrhaphy|surg|\boperation|"
    r"excision|resection|replacement of|transplant|bypass|\brepair|\bgraft|amputation|fixation|"
    r"c(?:a)?esarean|arthroscop|laparoscop|coronary .*stent|open reduction"
)
"""Procedures that everybody calls surgery."""

WANTED = re.compile(
    r"(?i)^\W*(?:(?:her|his|their|the|treatment|current|personal|individual|suggested)\s+)*"
    r"(?:goals?|targets?|targeting|aim(?:s|ing)?)\b|"
    r"\b(?:goals?|targets?|aims?)\s*(?:of|is|are|:|being|to be|<|under|below|less|above|at)"
    r"(?!\s*(?:met|reached|achieved))"
)
"""What should be, and is not said to be: `goal A1c below 7 %`."""
IS_NOW = re.compile(r"(?i)\b(?:now|current\w*|latest|today|last|recent\w*|was|actual\w*|but)\b")


def claims(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """Denials of all of a kind, of a part of the body and of a state; and words of comfort."""
    yield from _empty(clause, named, ledger)
    yield from _healthy(clause, named, ledger)
    yield from systems.claims(clause, named, ledger)
    yield from states.claims(clause, ledger)
    complete = list(_vaccinated(clause, named, ledger))
    yield from complete or reassurance.claims(clause, named, ledger)
    wanted = WANTED.search(clause.text)
    if wanted and not IS_NOW.search(clause.text, wanted.end()):
        clause.supposed = min(clause.supposed, wanted.start())


def _empty(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    for start, end, kind, how in _denials(clause):
        found = _nothing(clause, named, (start, end), kind, how, ledger)
        if found is not None:
            yield found
    for found in SOME.finditer(clause.text):
        if not ledger.of("allergy") and not EMPTY.search(clause.text):
            at = (clause.offset + found.start(), clause.offset + found.end())
            yield Claim("negation", *at, (), "the record has none")


def _denials(clause: Clause) -> Iterator[tuple[int, int, str, str]]:
    """Where all of a kind is denied: characters, the kind, and the words about it."""
    text = clause.text
    found: list[tuple[int, int, str, str]] = []
    for one in EMPTY.finditer(text):
        found.append((*one.span(), _kind(one["what"]), one["how"].lower()))
    for one in NO_HISTORY.finditer(text):
        said = str(one["first"] or one["second"])
        whole = "" if re.search(r"(?i)signific|notable|relevant|major", one[0]) else "whole"
        found.append((*one.span(), _kind(said), whole))
    found += [(*one.span(), _kind(one["what"]), "") for one in LISTS.finditer(text)]
    if not found:
        found += [(*one.span(), "medicine", one[0].lower()) for one in TAKES_NOTHING.finditer(text)]
    found += [(*one.span(), _kind(one[0]), "") for one in NEVER_DONE.finditer(text)]
    short = {"NKDA": "drug", "NKFA": "food", "NKA": ""}
    found += [(*one.span(), "allergy", short[one[0]]) for one in SHORT.finditer(text)]
    yield from found
    lead = LEAD.match(text)
    if lead and not found and not OF_OTHERS.search(lead[1]):
        past = "past " if re.search(r"(?i)past|resolved|previous|former", lead[1]) else ""
        yield lead.start(), len(text), _kind(lead[1]), past + lead[1].lower()
    elif not found and NONE_HERE.match(text):
        past = "past" if clause.context.status == PAST else ""
        yield 0, len(text), clause.context.kind, past


def _kind(what: str) -> str:
    return next((kind for pattern, kind in WHAT if pattern.search(what)), "")


def _nothing(
    clause: Clause, named: list[Mention], at: tuple[int, int], kind: str, how: str, ledger: Ledger
) -> Claim | None:
    """Whether there is indeed none of a kind; None where nothing can be said."""
    if not kind or at[0] >= clause.supposed:
        return None
    items = _of_kind(kind, how, ledger)
    first, last = window(clause, ledger.on)
    items = [i for i in items if not i.starts or any(first <= m.day <= last for m in i.starts)]
    if systems.BESIDES.search(clause.text, at[1]):
        told = [i for one in named for i in one.items]
        if not told:
            return None
        items = [i for i in items if all(i is not other for other in told)]
    ids = tuple(item.ids[0] for item in items)
    wrong = "the record has some" if items else ""
    return Claim("negation", clause.offset + at[0], clause.offset + at[1], ids[:12], wrong)


def _of_kind(kind: str, how: str, ledger: Ledger) -> list[Evidence]:
    """All of a kind that a denial is about."""
    if kind in STAYS:
        wanted = {e.id for e in ledger.seen.encounters if e.kind in STAYS[kind]}
        return [i for i in ledger.of("encounter") if wanted.intersection(i.ids)]
    if kind == "surgery":
        return [i for i in ledger.of("procedure") if SURGICAL.search(i.name)]
    items = ledger.of(kind)
    past = any(word in how for word in ("past", "previous", "prior"))
    if kind in ("condition", "medicine", "care plan") and how != "whole":
        status = PAST if past else CURRENT
        items = [item for item in items if item.status == status]
    if kind == "medicine" and REGULARLY.search(how):
        items = [item for item in items if "as needed" not in item.frequencies]
    if kind == "allergy" and ("drug" in how or "medication" in how):
        items = [item for item in items if _of_drug(item, ledger)]
    for named in ("food", "environment"):
        if kind == "allergy" and named in how:
            items = [item for item in items if _category(item, ledger) == named]
    return items


def _category(item: Evidence, ledger: Ledger) -> str:
    known = {a.id: a.category for a in ledger.seen.record.allergies}
    return known.get(item.ids[0], "")


def _of_drug(item: Evidence, ledger: Ledger) -> bool:
    is_drug = any(concept.startswith("drug:") for concept in item.concepts)
    return _category(item, ledger) == "medication" or is_drug


def _healthy(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """`She is healthy`, of somebody with conditions, where the clause names none of them."""
    found = HEALTHY.search(clause.text)
    if not found or found.start() >= clause.supposed or REPORTED.search(clause.text):
        return
    place = next((n for n, w in enumerate(clause.words) if w.end >= found.end()), 0)
    named_one = any(i.kind == "condition" for one in named for i in one.items)
    if place in clause.reached or named_one or re.search(r"(?i)\bnot\b|n['’]t\b", clause.text):
        return
    items = [i for i in ledger.of("condition") if i.status == CURRENT]
    at = (clause.offset + found.start(), clause.offset + found.end())
    wrong = "the record has active conditions" if items else ""
    yield Claim("negation", *at, tuple(i.ids[0] for i in items[:12]), wrong)


# -- vaccines ------------------------------------------------------------------------------------

NEEDED = (
    r"(?:recommended|due|required|needed|appropriate|routine|scheduled|indicated|necessary|advised|"
    r"expected|mandated|standard|relevant|eligible|usual|customary|needs|should have)"
)
OPEN = (
    r"(?:outstanding|catch-up|overdue|missing|missed|pending|lacking|due|remaining|delayed|skipped)"
)
COMPLETE = re.compile(
    r"(?i)up[- ]to[- ]date|\bUTD\b|\bcurrent (?:with|on|for)\b|\b(?:is|are) current\b|"
    r"\bcomplete[d]?\b|\bfully\b|"
    rf"\b(?:all|every|each)(?: (?:of )?(?:the|her|his|their))? (?:\w+[ -]){{0,2}}{NEEDED}\b|"
    rf"\bno (?:\w+ )?{OPEN}\b|\bnone(?: of the \w+)? (?:is|are|remains?) {OPEN}\b|"
    r"\b(?:has|have) (?:had|received) (?:all|every)\b|\bno (?:\w+ )?gaps?\b|\bcaught up\b|"
    r"\bnothing (?:is |remains )?(?:outstanding|missing|to catch up)\b|"
    r"\bno (?:\w+ ){0,2}(?:vaccin\w+|immuni[sz]\w+|shots?)(?: \w+)? (?:is |"
    r"are )?(?:(?:over)?due|needed|outstanding|missing|pending|lacking|required)|"
    r"\b(?:none|not|nothing) (?:is |are )?(?:over)?due\b|\bon schedule\b|\bnot behind\b"
)
VACCINES = re.compile(r"(?i)vaccin|immuni[sz]|shots?\b")
IN_DATE = re.compile(
    r"(?i)up[- ]to[- ]date|\bUTD\b|\b(?:is|are|remains?) current\b|\bcurrent (?:with|on|for)\b|"
    r"\b(?:none|not|nothing) (?:is |are )?(?:over)?due\b"
)
"""Said of one vaccine that is named."""
THIS_YEAR = re.compile(r"(?i)\bthis year\b")


def _vaccinated(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """A claim that all vaccines were given that should be, or one in this year."""
    of_vaccine = [one for one in named if "vaccine" in one.kinds and not one.negated]
    found = COMPLETE.search(clause.text) if VACCINES.search(clause.text) else None
    if found is None and of_vaccine:
        found = IN_DATE.search(clause.text)
    if found and found.start() < clause.supposed:
        at = (clause.offset + found.start(), clause.offset + found.end())
        wrong = "a record of doses does not say whether they are all that are due"
        yield Claim("false reassurance", *at, (), wrong)
    said = THIS_YEAR.search(clause.text)
    if said and said.start() < clause.supposed and of_vaccine:
        years = {m.day.year for one in of_vaccine for i in one.items for m in i.starts}
        if ledger.on.year not in years:
            at = (clause.offset + said.start(), clause.offset + said.end())
            yield Claim("immunization", *at, (), "none is recorded for this year")
