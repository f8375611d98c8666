"""How somebody lives, and states that no table of conditions names: each must be in the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.evidence import PAST, Evidence, Ledger
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.systems import FAMILY

WORDS: tuple[tuple[str, str, str], ...] = (
    ("condition", r"wheel-?chair(?:[- ]bound)?|wheelchair user", r"wheelchair|pleg|paraly"),
    ("condition", r"(?:bed|house|home)-?(?:bound|ridden)|bedfast", r"bedridden|confined|bound"),
    ("condition", r"(?:legally |totally )?blind(?!ed|s)(?: in (?:one|both|the)\b)?|blindness",
     r"blind|vision"),
    ("condition", r"deaf(?:ness)?|hard of hearing", r"deaf|hearing"),
    ("condition", r"pregnant|gravid|expecting (?:a|her)|\d+ weeks gestation",
     r"pregnan|antenatal|prenatal|gestation|gravid|childbirth|fet"),
    ("condition", r"breast-?feeding|lactating", r"breast-?feed|lactat"),
    ("condition", r"paraly[sz]ed|paraplegic|quadriplegic|tetraplegic|hemiplegic", r"pleg|paraly"),
    ("condition", r"amputee", r"amputat"),
    ("condition", r"transplant recipient|organ transplant|(?:transplant|waiting)(?:ation)?[- ]"
     r"(?:waiting[- ]|wait )?list(?:ed)?|(?:listed|waiting|worked up) for (?:an? )?(?:\w+ )?"
     r"transplant\w*|(?:awaits|awaiting) (?:an? )?(?:\w+ )?transplant\w*|transplant candidate",
     r"transplant"),
    ("condition", r"metasta[st]\w*", r"metasta"),
    ("condition", r"comatose|unconscious|brain-?dead", r"coma\b|conscious"),
    ("condition", r"(?:on|receives?|undergo\w+|needs|requires) (?:\w+ )?(?:ha?emo)?dialysis",
     r"dialysis|end[- ]stage"),
    ("procedure", r"pace-?maker|defibrillator|(?-i:ICD)(?!-)",
     r"pacemaker|pacing|defibrill|cardioverter"),
    ("procedure", r"home oxygen|oxygen (?:at home|therapy)|supplemental oxygen", r"oxygen"),
    ("procedure", r"hearing aids?", r"hearing"), ("procedure", r"colostomy|ileostomy", r"ostomy"),
    ("procedure", r"(?:prosthetic|artificial) (?:leg|arm|limb|hip|knee|valve)",
     r"prosthe|artificial|replacement|amputat"),
    ("social", r"homeless(?:ness)?|unhoused|without (?:a home|housing|a place to live)|"
     r"has no (?:home|housing)|lacks (?:a home|housing)|no (?:stable |permanent )?(?:home|"
     r"housing)(?! issue|"
     r" prob| concern| need| diff)|no fixed (?:abode|address)|"
     r"(?:no|without any?) place to live|nowhere to live|(?:lives|living|"
     r"sleeps) (?:on the streets?|in a shelter|in (?:his|her|a) car)",
     r"homeless|shelter|no housing|not have housing|do not have a steady"),
    ("social", r"unemployed|out of work|jobless", r"unemploy|not in labor|not employed"),
    ("social", r"(?:works?|working|employed)(?: in)? full[- ]time|full[- ]time (?:job|employment|"
     r"worker|work)", r"full[- ]time"),
    ("social", r"(?:works?|working|employed)(?: in)? part[- ]time|part[- ]time (?:job|employment|"
     r"worker|work)", r"part[- ]time"),
    ("social", r"(?:is|feels|feeling|very|quite) stressed|under (?:\w+ )?stress", r"\bstress\b"),
    ("social", r"(?:lacks|without|has no)(?: \w+)? transport\w*(?! (?:prob|issu|diff|barr|need))|"
     r"transport\w* (?:problems?|issues?|difficult\w+|barriers?)", r"transport"),
    ("social", r"(?:unsatisfactory|poor|unstable|inadequate) housing|housing is (?:unsatisfactory|"
     r"poor|unstable|inadequate)", r"housing (?:unsat|prob|inst)|unsatisfactory"),
    ("social", r"retired|retiree|pensioner", r"retire"),
    ("social", r"(?:is|on|of) disabil\w+|disabled", r"disab"),
    ("social", r"(?:a |war |military )veteran|served in the (?:army|navy|military|armed forces)|"
     r"ex-?soldier", r"veteran|armed forces|military"),
    ("social", r"refugee|asylum", r"refugee|asylum"),
    ("social", r"(?:undocumented |recent )?immigrant", r"immigra"),
    ("social", r"incarcerat\w+|in prison|in jail|prisoner|inmate",
     r"incarcer|prison|jail|criminal"),
    ("social", r"nursing home|assisted living|long-term care facility|care home|hospice|"
     r"skilled nursing facility", r"nursing|assisted|hospice|facility|palliat"),
    ("social", r"(?-i:DNR|DNI|DNAR)|do[- ]not[- ](?:attempt[- ])?resuscitate|full code|"
     r"no code|comfort (?:care|measures) only|living will|advance directive|terminally ill|"
     r"palliative care", r"resuscit|dnr|code status|directive|palliat|hospice|terminal"),
    ("social", r"drinks (?:heavily|daily|alcohol|socially|too much|wine|beer|\w+ (?:glass|drink|"
     r"beer|unit|bottle)\w*|to excess|excessively|a lot|regularly)|heavy drink(?:er|ing)|"
     r"binge drink\w*|alcoholic(?! (?:liver|hep|fatty|stea|beverage))|(?:social|moderate|"
     r"daily|problem|former) drinker|abuses alcohol|drinking problem|alcohol (?:abuse|misuse|"
     r"dependence|use disorder)|alcoholism", r"alcohol|drink|audit"),
    ("social", r"(?:teetotal(?:er)?|abstains from alcohol|abstinent from alcohol|does not drink"
     r"(?: alcohol)?|doesn['’]t drink|never drinks|non-?drinker|no alcohol (?:use|intake|"
     r"consumption))", r"alcohol|drink|audit"),
    ("social", r"exercises? (?:regularly|daily|often|every|\w+ times)|physically active|"
     r"(?:walks|runs|swims|jogs|cycles) (?:daily|every|regularly|\w+ (?:miles?|km|times|minutes))|"
     r"goes to the gym|sedentary|does not exercise|never exercises", r"exercis|physical activit|"
     r"sedentary|walk|activity"),
    ("social", r"vegetarian|vegan|pescatarian", r"veget|vegan"),
    ("social", r"(?:fully |completely |functionally )?independent (?:in|with|for) (?:all )?"
     r"(?:adls?|activities|daily|self|mobility|walking|basic)|(?:fully|completely|functionally) "
     r"(?:independent|dependent)|needs (?:help|assistance) with|dependent (?:in|for|on others)",
     r"independ|dependen|activities of daily|adl|assist"),
    ("social", r"uninsured|(?:no|without(?: any)?|lacks(?: any)?) (?:(?:health|medical|"
     r"health-?care) )?(?:insurance|coverage)", r"uninsured|no insurance|self-?pay"),
    ("social", r"illiterate|cannot read|college (?:graduate|degree)|university degree|ph\.?d|"
     r"high[- ]school (?:graduate|dropout)", r"educat|school|college|degree|litera"),
    ("social", r"did(?: not|n['’]t) (?:finish|complete) (?:high )?school|dropped out of (?:high )?"
     r"school|less than (?:a )?high[- ]school", r"less than (?:a )?high school|drop|not (?:finish|"
     r"complet)"),
    ("social", r"(?:lack of|lacks|without|no) transport(?:ation)?(?! (?:barriers?|problems?|"
     r"issues?|needs?|concerns?|difficult\w+|troubles?))", r"transport"),
    ("social", r"jehovah['’]?s witness(?:es)?", r"jehovah|religio"),
    ("social", r"(?:victim of|suffers|experienc\w+) (?:domestic|intimate partner|sexual|child) "
     r"(?:violence|abuse)", r"violence|abuse|partner|victim"),
    ("social", r"(?:uses?|using|injects?|addicted to|abuses?) (?:iv |intravenous |illicit |"
     r"recreational |street )?(?:drugs|cocaine|heroin|methamphetamine|cannabis|marijuana|meth|"
     r"crack|opiates)|iv drug us\w+|drug (?:addict|user|abuser)|intravenous drug us\w+",
     r"drug|substance|cocaine|heroin|cannabis|opioid abuse|dast"),
    ("social", r"sexually active|transgender|homosexual|bisexual|lesbian|\bgay\b",
     r"sexual|gender|orientation"),
)  # fmt: skip
"""Class; what is said; parts of what an entry must be called, or answered, to bear it out."""
_SAID = tuple(
    (kind, re.compile(rf"(?i)(?<![\w-])(?:{said})(?!\w)"), re.compile(rf"(?i){borne_out}"))
    for kind, said, borne_out in WORDS
)
_ANY = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(said for _, said, _ in WORDS)})(?!\w)")
KINDS = (
    "condition", "social", "answer", "score", "quality", "procedure", "care plan", "encounter",
    "medicine", "vital", "lab",
)  # fmt: skip
"""Kinds of evidence that can bear out such a word."""
JOB = re.compile(
    r"(?i)\b(?:works?|working|worked|employed|job(?: is)?|occupation|profession)"
    r"(?: (?:full|part)[- ]time)?\s*(?:as|:|is)\s+(?:an? |the )?(?P<job>[a-z]{3,}(?: [a-z]{4,})?)|"
    r"\b(?:is|was) an? (?:retired |former )?(?P<other>nurse|teacher|farmer|engineer|lawyer|"
    r"attorney|mechanic|carpenter|plumber|electrician|accountant|waiter|waitress|chef|cook|"
    r"firefighter|policeman|policewoman|pilot|secretary|student|professor|physician|dentist|"
    r"pharmacist|cashier|welder|miner|homemaker|housewife|salesman|saleswoman|librarian|"
    r"construction worker|factory worker|truck driver|social worker|software \w+)\b"
)
NOT_A_JOB = re.compile(
    r"(?i)^(?:recorded|prescribed|needed|documented|directed|unknown|not|full|part)"
)
ASKED = re.compile(
    r"(?i)\b(?:ask|check|whether|discuss|review|screen\w*|assess|consider|risk|avoid|counsel\w*|"
    r"advis\w+|recommend\w*|encourag\w*|if|plan|offer|refer\w*|should|may|might|could|not "
    r"recorded|unknown|not documented|not on file|clarify|confirm)\b"
)
NEGATIVE = re.compile(r"(?i)^(?:no|none|never|not at all|0|false|negative)\b")


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each word, traced to an entry that bears it out, or not in the record."""
    if ASKED.search(clause.text) or FAMILY.search(clause.text):
        return
    yield from _household(clause, ledger)
    yield from _never_pregnant(clause, ledger)
    yield from _suicide(clause, ledger)
    ever = bool(clause.dates) or clause.context.status == PAST
    ever = ever or EVER.search(clause.text) is not None
    if _ANY.search(clause.text):
        for kind, said, borne_out in _SAID:
            found = said.search(clause.text)
            if found and not _denied(clause, found):
                yield _claim(clause, kind, found.span(), _bearing(borne_out, ledger, ever=ever))
    for found in JOB.finditer(clause.text):
        job = str(found["job"] or found["other"])
        if not NOT_A_JOB.match(job) and not _denied(clause, found):
            pattern = re.compile(rf"(?i)\b{re.escape(job.split()[0])}")
            yield _claim(clause, "social", found.span(), _bearing(pattern, ledger, ever=ever))


def _claim(clause: Clause, kind: str, span: tuple[int, int], items: list[Evidence]) -> Claim:
    at = (clause.offset + span[0], clause.offset + span[1])
    ids = tuple(i.ids[0] for i in items[:3])
    return Claim(kind, *at, ids, "" if items else "not in the record")


ALONE = re.compile(r"(?i)\b(?:liv(?:es|ing)|resid(?:es|ing)) (?P<alone>alone|by (?:her|him)self)\b")
SPOUSE = re.compile(
    r"(?i)\b(?:liv(?:es|ing)|resid(?:es|ing)|stays|at home) with (?:her|his|their|an?) "
    r"(?:wife|husband|spouse)\b|\b(?:her|his|their) (?:wife|husband|spouse) (?:is|helps?|lives|"
    r"drives|assists|supports|manages|accompanies|cares|works)\b"
)
SIZE = "63512-8"
"""The code of how many live in a household, the patient among them."""


def _household(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Whether somebody lives alone, or has a husband or wife."""
    married = ledger.seen.person.marital
    spouse, alone = SPOUSE.search(clause.text), ALONE.search(clause.text)
    if spouse:
        wrong = "the marital status is another" if married != "married" else ""
        at = (clause.offset + spouse.start(), clause.offset + spouse.end())
        yield Claim("demographic", *at, ("person",), wrong if married else "not in the record")
    size = next((i for i in ledger.of("score", "answer") if f":{SIZE}:" in i.ids[0]), None)
    if alone and size and not _denied(clause, alone):
        for place, word in enumerate(clause.words):
            if alone.start() <= word.start < alone.end():
                clause.taken.add(place)
        wrong = "" if size.values[0].value == 1 else "the household of the record is larger"
        at = (clause.offset + alone.start(), clause.offset + alone.end())
        yield Claim("social", *at, size.ids[:1], wrong)


NO_SUICIDE = re.compile(
    r"(?i)\b(?:denies|denied|no|without|never had)\b[^.;:]{0,40}?\b(?:suicid\w+|self-?harm)"
)
SUICIDE = re.compile(r"(?i)suicid|better off dead|self-?harm|hurting (?:your|one|him|her)self")


def _suicide(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Thoughts of suicide denied, where the latest answer to a questionnaire is another."""
    found = NO_SUICIDE.search(clause.text)
    asked = [i for i in ledger.of("answer", "score", "lab") if found and SUICIDE.search(i.name)]
    for item in asked:
        said = item.values[0].value if item.values else 0
        has = not NEGATIVE.match(said) if isinstance(said, str) else said > 0
        if found and has:
            at = (clause.offset + found.start(), clause.offset + found.end())
            yield Claim("negation", *at, item.ids[:1], "the latest answer is another")


NEVER_PREGNANT = re.compile(
    r"(?i)\bnever (?:been |was |become |got )?pregnant\b|\bnulligravid\w*|\bnullipar\w+|"
    r"\bno (?:prior |previous |past )?pregnanc(?:y|ies)\b"
)
PREGNANCY = re.compile(r"(?i)\bpregnan|childbirth|miscarriage|eclampsia|gestation")


def _never_pregnant(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """A pregnancy is over and was one all the same."""
    found = NEVER_PREGNANT.search(clause.text)
    items = [i for i in ledger.of("condition") if PREGNANCY.search(i.name)] if found else []
    if found and items:
        at = (clause.offset + found.start(), clause.offset + found.end())
        yield Claim("negation", *at, tuple(i.ids[0] for i in items[:3]), "the record has it")


DENIED = re.compile(
    r"(?i)(?:\b(?:no|not|never|without|denies|denied|nil|nor|neither|negative for|no longer|"
    r"isn['’]t|wasn['’]t|doesn['’]t)\b(?:\s+[\w'-]+){0,3}\s*)$"
)
DENIED_BEHIND = re.compile(
    r"(?i)^[^:]{0,40}:\s*(?:no|none|never|denied|denies|negative|unknown|not)\b"
)


def _denied(clause: Clause, found: re.Match[str]) -> bool:
    """Whether it is denied; a word such as `uninsured`, that denies by itself, is not."""
    before, behind = clause.text[: found.start()], clause.text[found.end() :]
    return DENIED.search(before) is not None or DENIED_BEHIND.match(behind) is not None


EVER = re.compile(r"(?i)\b(?:history|former\w*|previous\w*|was|were|had|past|used to|once|until)\b")


def _bearing(pattern: re.Pattern[str], ledger: Ledger, *, ever: bool = False) -> list[Evidence]:
    """Entries that are called so, or whose latest answer is no `no`."""
    items = ledger.of(*KINDS)
    return [i for i in items if (ever or i.status != PAST) and _bears(i, pattern)]


LOOKED_FOR = re.compile(r"(?i)^(?:assessment|screening|evaluation|education|counsel|review)")
"""A procedure by which something is looked for."""
POINTS = 3
"""Of a questionnaire, from which it speaks of the trouble that it asks for: of AUDIT-C (Bush and
others 1998, doi:10.1001/archinte.158.16.1789), 3 of 12."""


def _bears(item: Evidence, pattern: re.Pattern[str]) -> bool:
    if item.kind == "procedure" and LOOKED_FOR.match(item.name):
        return False
    if item.kind in ("answer", "score") and item.values:
        latest = item.values[0].value
        if not isinstance(latest, str):
            points = latest if "audit" not in pattern.pattern else POINTS
            return points >= POINTS and pattern.search(item.name) is not None
        if pattern.search(latest):
            return True
        return bool(pattern.search(item.name)) and not NEGATIVE.match(latest)
    texts = (item.name, *item.names, " ".join(sorted(item.words)))
    return any(pattern.search(text) for text in texts)
