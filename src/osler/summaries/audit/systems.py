"""All that a part of the body may have, denied or told of: no heart disease, psychiatric: none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.evidence import CURRENT, Evidence, Ledger
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim

TROUBLE = (
    r"(?:diseases?|disorders?|conditions?|problems?|issues?|histor(?:y|ies)|hx|illness(?:es)?|"
    r"trouble|diagnos[ei]s|patholog(?:y|ies)|comorbidit(?:y|ies)|ailments?|disturbances?|"
    r"abnormalit(?:y|ies)|concerns?|pmh)"
)
SYSTEMS: tuple[tuple[str, str, str], ...] = (
    ("heart", r"cardiac|heart|cardio-?vascular|cv|cardiolog\w+",
     r"atrial|ventric|cardi|heart|coronar|angina|myocard|valv|mitral|aort|fibrillat|arrhythm"),
    ("heart rhythm", r"(?:heart |cardiac )?rhythm|arrhythmi\w+",
     r"atrial|fibrillat|flutter|arrhythm|tachycard|bradycard|heart block"),
    ("vessels", r"vascular|circulat\w+",
     r"vascular|arter|aneurysm|thrombo|embol|varic|aort|stroke|cerebr"),
    ("lung", r"lungs?|pulmonary|respiratory",
     r"asthma|copd|chronic obstructive|emphysem|pulmon|lung|sleep apnea|bronchiect|cystic fibr"),
    ("kidney", r"kidneys?|renal|nephrolog\w+", r"kidney|renal|nephr|glomerul"),
    ("liver", r"liver|hepatic", r"liver|hepat|cirrho"),
    ("digestion", r"gi|gastro-?intestinal|digestive",
     r"gastro|esophag|reflux|colitis|crohn|bowel|ulcer of stomach|peptic|diverticul|polyp of colon|"
     r"celiac|pancreat"),
    ("mind", r"psychiatric|psych|mental(?:[- ]health)?|psychological",
     r"depress|bipolar|anxi|schizo|psycho|panic|mood|suicid|post-?traumatic|attention deficit|"
     r"eating disorder|obsessive|personality"),
    ("glands", r"endocrine|endocrinolog\w+|hormonal|glandular",
     r"diabet|thyroid|adrenal|cushing|pituit"),
    ("thyroid", r"thyroid", r"thyroid|graves|hashimoto"),
    ("joints", r"joints?|rheumat\w+|musculo-?skeletal|msk|orthop(?:a)?edic|skeletal",
     r"arthr|gout|osteopor|rheumat|lupus|spondyl|fibromyalg"),
    ("nerves", r"neurologic\w*|neuro|nervous(?:[- ]system)?",
     r"epilep|seizure|migraine|parkinson|alzheimer|dementia|neuropath|multiple sclerosis|stroke|"
     r"cerebr|brain"),
    ("cancer", r"oncolog\w+|cancers?|malignan\w+|tumou?rs?|neoplas\w+|carcinomas?",
     r"cancer|malignan|carcinom|lymphoma|leuk(?:a)?emia|sarcoma|melanom|myeloma"),
    ("blood", r"blood|h(?:a)?ematolog\w+",
     r"an(?:a)?emia|thrombocyt|hemophil|leuk(?:a)?emia|lymphoma|sickle|thalass|myelom"),
    ("skin", r"skin|dermatolog\w+", r"eczema|psorias|dermatit|acne|cellulitis"),
    ("sight", r"eyes?|ocular|ophthalm\w+|visual|vision", r"cataract|glaucom|retino|macular|blind"),
    ("hearing", r"ears?|hearing", r"hearing|deaf|otitis|tinnitus"),
)  # fmt: skip
"""System; the words by which it is named; parts of the names of conditions that belong to it."""
NAMES_ITSELF = ("cancer",)
"""Systems that are told of without a word such as `disease`."""
DENYING = (
    r"(?:no|nil|none|without|denies(?: any| having)?|denied(?: any)?|"
    r"never (?:had|has|have)(?: any)?|negative for|free (?:of|from)|lacks?(?: any)?|"
    r"unremarkable|absence of|not? have(?: any)?|"
    r"n['’]t have(?: any)?|never been (?:diagnosed with|told of)(?: any)?)"
)
ADJECTIVE = (
    r"(?:(?!other|new|further|additional|acute|family|recent|more)"
    r"(?:known|any|active|significant|relevant|personal|prior|previous|past|current|chronic|"
    r"documented|recorded|major|serious|underlying|pre-?existing|history of|hx of|an?|the|"
    r"evidence of|form of|kind of|diagnosed|[a-z]+(?:,| and| or))\s+)*"
)
MORE = r"(?:(?:,\s*(?:or |and )?| or | and |/)[a-z]+){0,4}"
BEHIND = r"(?:\s+(?:history|review|system|ros|hx))?\s*(?::|\bis\b|\bwas\b|\bare\b)\s*"
_DENIED: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (
        name,
        re.compile(
            rf"(?i)\b{DENYING}\s+{ADJECTIVE}(?:{said}){MORE}"
            rf"{'(?:' if name in NAMES_ITSELF else ''}[\s-]+(?:function |system )?{TROUBLE}"
            rf"{')?' if name in NAMES_ITSELF else ''}\b|"
            rf"\b(?:{said})(?:[\s-]{TROUBLE})?{BEHIND}(?:none|nil|negative|denied|denies|absent|"
            rf"no (?:problems?|issues?|history|known)|unremarkable|non-?contributory|clear)\b|"
            rf"\b(?:{said})[\s-]free\b"
        ),
        re.compile(rf"(?i)\b(?:{conditions})"),
    )
    for name, said, conditions in SYSTEMS
)
_TOLD: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (
        re.compile(
            rf"(?i)\b(?:history of|hx of|diagnosed with|known|has(?: had)?|suffers from|documented)"
            rf"\s+(?:an?\s+)?(?:chronic\s+)?(?P<said>(?:{said})[\s-]+(?:disease|disorder)s?)\b"
        ),
        re.compile(rf"(?i)\b(?:{conditions})"),
    )
    for name, said, conditions in SYSTEMS
    if name not in NAMES_ITSELF
)
"""`a history of thyroid disease`."""
DISEASE = re.compile(r"(?i)\b(?:disease|disorder)s?\b")
DENIES = re.compile(
    r"(?i)\b(?:no|nil|none|without|den\w+|excluded|ruled out|never|negative|free|lacks?|"
    r"unremarkable|absen\w+|clear|"
    r"non-?contributory|not)\b|n['’]t\b"
)
"""Words without one of which nothing is denied."""
EVER = re.compile(r"(?i)\b(?:history|hx|never|ever)\b")
BESIDES = re.compile(
    r"(?i)\b(?:other than|besides|except\w*|apart from|aside from|beyond|excluding|but)\b"
)
DOUBT = re.compile(r"(?i)\b(?:suspected|screening|family|risk|benign|at risk|exposure)\b")
"""In the name of a condition that is none of a system's."""
FAMILY = re.compile(
    r"(?i)\bfamily\b(?! (?:medic|practi[ct]|physician|doctor|clinic|health|care|planning))|"
    r"\bfamilial (?:history|risk|occurrence)|\brelatives?\b"
)
"""Where a clause may speak of relatives; not `Willow Family Medicine`, `familial cancer`."""


def claims(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """Each system that is denied, held against the conditions of the record."""
    if FAMILY.search(clause.text):
        return
    yield from _well(clause, named, ledger)
    if not DENIES.search(clause.text):
        yield from _told(clause, ledger)
        return
    for name, pattern, names in _DENIED:
        found = pattern.search(clause.text)
        if not found or found.start() >= clause.supposed:
            continue
        ever = EVER.search(found[0]) or name == "cancer"
        items = [i for i in ledger.of("condition") if i.status == CURRENT or ever]
        there = [i for i in items if _belongs(i, names) and not _is_named(i, clause, named)]
        if there:
            at = (clause.offset + found.start(), clause.offset + found.end())
            yield Claim("negation", *at, tuple(i.ids[0] for i in there[:6]), "the record has some")


_FINE = (
    r"(?:normal|intact|good|fine|unimpaired|unaffected|perfect|excellent|preserved|healthy|clear|"
    r"20/20)"
)
SENSES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (
        name,
        re.compile(
            rf"(?i)\b(?:{said})\s+(?:(?:is|are|was|remains?|appears?|grossly|both|"
            rf"all)\s+)+{_FINE}\b|"
            rf"\b(?:normal|intact|good|perfect|excellent|unimpaired) (?:{said})\b|"
            rf"\b(?:{verb}) (?:well|normally|fine|perfectly|clearly)\b|"
            rf"\bno {name} (?:loss|problems?|impairment|difficult\w+|aids? needed)\b"
        ),
    )
    for name, said, verb in (
        ("hearing", r"hearing|ears", r"hears?"),
        ("sight", r"vision|(?:eye)?sight|visual acuity|eyes", r"sees"),
    )
)  # fmt: skip
"""What is said of senses that work."""


def _well(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """`vision is normal`, of somebody with a cataract."""
    for name, pattern in SENSES:
        found = pattern.search(clause.text)
        if not found or found.start() >= clause.supposed or NOT_FINE.search(clause.text):
            continue
        names = next(conditions for system, _, conditions in _DENIED if system == name)
        items = [i for i in ledger.of("condition") if i.status == CURRENT and _belongs(i, names)]
        if items:
            at = (clause.offset + found.start(), clause.offset + found.end())
            ids = tuple(i.ids[0] for i in items[:6])
            yield Claim("false reassurance", *at, ids, f"the record has {items[0].name}")


NOT_FINE = re.compile(
    r"(?i)\b(?:not|never|besides|except|apart|with (?:glasses|correction|aids?|hearing aids?)|"
    r"since|after|despite|left|right)\b|n['’]t\b"
)


def _told(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each system that is said to be ill although the record has nothing of it."""
    if not DISEASE.search(clause.text):
        return
    for pattern, names in _TOLD:
        found = pattern.search(clause.text)
        if found and found.start() < clause.supposed:
            there = [i for i in ledger.of("condition", "social") if _belongs(i, names)]
            at = (clause.offset + found.start("said"), clause.offset + found.end("said"))
            ids = tuple(i.ids[0] for i in there[:6])
            yield Claim("condition", *at, ids, "" if there else "not in the record")


def _belongs(item: Evidence, names: re.Pattern[str]) -> bool:
    if DOUBT.search(item.name):
        return False
    concepts = [c.partition(":")[2] for c in item.concepts if c.startswith("condition:")]
    return any(names.search(text) for text in (*item.names, *concepts))


def _is_named(item: Evidence, clause: Clause, named: list[Mention]) -> bool:
    """Whether it is what a denial leaves out: `no heart disease besides fibrillation`."""
    if not BESIDES.search(clause.text):
        return False
    return any(item is other for one in named for other in one.items)
