"""Claims about the patient as a person: age, sex, smoking, blood pressure, how many of what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.moments import Moment
from osler.summaries.audit import ages, living, places
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.fact import Fact
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import norms, word_set

SEXES = {"female": "female", "woman": "female", "girl": "female", "male": "male", "man": "male",
         "boy": "male", "gentleman": "male", "lady": "female"}  # fmt: skip
MARITAL = {"married": "married", "divorced": "divorced", "widowed": "widowed", "widow": "widowed",
           "widower": "widowed", "single": "never married"}  # fmt: skip
TOBACCO = r"(?:tobacco|cigarettes?|nicotine|smoking)"
SMOKING = re.compile(
    rf"(?i)\b(?P<former>(?:former|ex|past|previous)[- ](?:\w+ )?(?:smok\w+|{TOBACCO} user)|"
    rf"quit {TOBACCO}|(?<!never )quit(?= in \d)|stopped {TOBACCO}|"
    rf"no longer (?:smokes|smoking|us(?:es|ing) {TOBACCO})|"
    rf"gave up {TOBACCO}|given up {TOBACCO}|used to smoke|smoked (?:in the past|until|previously|"
    rf"before)|(?:previously|formerly) (?:smoked|used {TOBACCO})|has (?:quit|stopped) {TOBACCO})|"
    rf"(?P<notnow>does(?: not|n['’]t) (?:currently )?smoke(?!\w)(?! and never)|(?:is )?not "
    rf"(?:a )?(?:current(?:ly)? )?(?:smoker|smoking)|no current {TOBACCO}(?: use)?|not currently "
    rf"(?:smoking|using {TOBACCO})|"
    rf"currently (?:does not smoke|smoke[- ]free|abstinent from {TOBACCO}))|"
    rf"(?P<never>never[- ]smok\w+|non-?smok\w+|(?:has |have )?never (?:smoked|used {TOBACCO}|"
    rf"touched {TOBACCO}|been a smoker)|life-?long non-?smoker|does not smoke and never|"
    rf"denies (?:any )?(?:history of )?(?:tobacco|smoking)|no (?:history of )?{TOBACCO}"
    rf"(?: use| history| exposure)?)|"
    rf"(?P<current>(?:current|active|daily|heavy|light)(?: \w+ \w+)? (?:smok\w+|{TOBACCO} user)|"
    rf"currently (?:smokes|smoking|uses {TOBACCO})|(?:still|continues to) smokes?|smokes\b|"
    rf"is an? (?:(?!former|past|previous|prior|ex|one|non|never|life)\w+ )?smoker|(?:^|"
    rf"[:,;]\s*)smoker\b(?!['’])|"
    rf"(?:active|current|ongoing) {TOBACCO} use|uses {TOBACCO})"
)
OF_SMOKING = ("smok", "tobacco", "cigarette", "nicotine", "quit")
"""Parts of words without one of which nothing is said of it."""
ADVISED = re.compile(
    r"(?i)\b(?:to|advis\w+|encourag\w+|help\w*|should|wants?|counsel\w*|ready|plans?|never|"
    r"discuss\w*|support\w*|not)\s+(?:\w+\s+)?$"
)
"""Before what is advised, and no account of what was: `to quit smoking`."""


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """All kinds; their words are taken from what is looked at later."""
    yield from _surname(clause, ledger)
    yield from ages.claims(clause, ledger)
    yield from _sex(clause, ledger)
    yield from _marital(clause, ledger)
    yield from _smoking(clause, ledger)
    yield from _language(clause, ledger)
    yield from _race(clause, ledger)
    yield from _pronoun(clause, ledger)
    yield from _death(clause, ledger)
    yield from places.claims(clause, ledger)
    yield from living.claims(clause, ledger)


LANGUAGES = word_set(
    "english spanish russian chinese mandarin cantonese vietnamese tagalog korean arabic french "
    "german italian portuguese polish hindi urdu japanese farsi persian somali haitian creole "
    "greek hebrew ukrainian bengali punjabi gujarati nepali swahili amharic navajo"
)
SPEAKS = re.compile(
    r"(?i)\blanguage\b|\bspeak|\bspoken\b|\binterpreter\b|\bcommunicat|\bconvers(?:es?|ing|ant)\b|"
    r"\bfluent|\btongue\b|\btranslat|\bprefers? [A-Z]\w+(?=\W*$|[,;]| and\b)"
)
RACES = {
    "white": "white", "caucasian": "white", "black": "black", "african": "black",
    "asian": "asian", "native": "native", "indian": "native", "hawaiian": "pacific",
    "islander": "pacific",
}  # fmt: skip
PERSON = (
    r"(?:woman|man|female|male|patient|lady|gentleman|individual|person|adult|girl|boy|race|"
    r"descent|"
    r"background|origin|heritage)"
)
OF_RACE = re.compile(
    rf"(?i)\b(?:african|asian|native|black|white|caucasian|hispanic|latin[oax])[- ]american\b|"
    rf"\b(?:black|white|asian|native) or \w+[- ]american\b|"
    rf"\bcaucasian\b|\bpacific islander\b|\bnative hawaiian\b|\bamerican indian\b|"
    rf"\b(?:white|black|asian)(?=[ ,]+(?:\w+[ ,]+){{0,3}}{PERSON}\b)|"
    rf"\b(?:is|identifies as|are)(?: an?)? (?:white|black|asian)"
    rf"(?=\s*(?:[,.;]|$|\band\b|american))|"
    rf"^\W*(?:white|black|asian)(?=\s*[,.;])"
)
NO_RACE = re.compile(
    r"(?i)\b(?:white|black)[- ](?:blood|cells?|matter|coat|stools?|eye|tongue|spots?|lesions?|"
    r"lung|count|box)\b"
)
RACIAL = re.compile(r"(?i)\brace\b|\bethnic|\bhispanic\b|\blatin[oax]\b")
NOT_HISPANIC = re.compile(r"(?i)\bnon?t?[- ](?:hispanic|latin)")


def _language(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    true = norms(ledger.seen.person.language)
    if not true or not SPEAKS.search(clause.text) or "other than" in clause.text.lower():
        return
    for word in clause.words:
        if word.norm in LANGUAGES:
            wrong = "" if word.norm in true else "the language is another"
            yield _claim(clause, word.start, word.end, "demographic", ("person",), wrong)


def _race(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    who = ledger.seen.person
    spans = [found.span() for found in OF_RACE.finditer(clause.text)]
    anywhere = RACIAL.search(clause.text) is not None
    if NO_RACE.search(clause.text) or not (anywhere or spans):
        return
    true = {RACES[word] for word in norms(who.race) if word in RACES}
    for word in clause.words:
        is_said = anywhere or any(start <= word.start < end for start, end in spans)
        if word.norm in RACES and true and is_said:
            wrong = "" if RACES[word.norm] in true else "the race is another"
            yield _claim(clause, word.start, word.end, "demographic", ("person",), wrong)
        if word.norm in ("hispanic", "latino", "latina", "latinx") and who.ethnicity:
            said_not = NOT_HISPANIC.search(clause.text) is not None
            is_not = "not" in norms(who.ethnicity) or "non" in norms(who.ethnicity)
            wrong = "" if said_not == is_not else "the ethnicity is another"
            yield _claim(clause, word.start, word.end, "demographic", ("person",), wrong)


def _claim(
    clause: Clause, start: int, end: int, kind: str, ids: tuple[str, ...], wrong: str
) -> Claim:
    for place, word in enumerate(clause.words):
        if start <= word.start < end:
            clause.taken.add(place)
    return Claim(kind, clause.offset + start, clause.offset + end, ids, wrong)


SEX = re.compile(
    r"(?i)(?:\d\s?-?(?:yo|y/o|y\.o\.|mo|m/o|years?[- ]old|yrs?[- ]old)?|\bsex:?)\s*"
    r"(?P<sex>(?-i:[FM]))(?![\w°'’/])"
)
"""`45yo F`, `45F`."""


def _sex(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    true = ledger.seen.person.sex
    for found in SEX.finditer(clause.text):
        said = {"F": "female", "M": "male"}[found["sex"]]
        wrong = "" if said == true or true not in SEXES.values() else "the sex is another"
        yield _claim(clause, *found.span("sex"), "demographic", ("person",), wrong)
    for place, word in enumerate(clause.words):
        sex = SEXES.get(word.norm)
        if sex and true in SEXES.values() and place not in clause.taken:
            wrong = "" if sex == true else "the sex is another"
            yield _claim(clause, word.start, word.end, "demographic", ("person",), wrong)


MALE_KIN = (
    r"husbands?|fathers?|brothers?|sons?|grandfathers?|grandsons?|uncles?|nephews?|boyfriend|dad"
)
FEMALE_KIN = (
    r"wi(?:fe|ves)|mothers?|sisters?|daughters?|grandmothers?|granddaughters?|aunts?|nieces?|"
    r"girlfriend|mom|baby|fetus"
)
OTHERS = re.compile(
    rf"(?i)\b(?:{MALE_KIN}|{FEMALE_KIN}|partner|spouse|child(?:ren)?|parents?|friend|doctor|dr|"
    rf"physician|provider|clinician|surgeon|nurse|therapist|pharmacist|cardiologist|caregiver|"
    rf"carer|neighbou?r|twins?|infant|newborn|newborn|sibling|relatives?|specialist|\w+ologist)\b"
)
"""People of whom a pronoun may be."""
PRONOUNS = {"female": re.compile(r"\b(?:[Hh]e|[Hh]is|[Hh]im|[Hh]imself)\b(?!['’]s wife)"),
            "male": re.compile(r"\b(?:[Ss]he|[Hh]ers?|[Hh]erself)\b")}  # fmt: skip
OWN = {"male": PRONOUNS["female"], "female": PRONOUNS["male"]}
TITLES = {"female": re.compile(r"\bMr\b\.?(?=\s)"),
          "male": re.compile(r"\b(?:Mrs|Ms|Miss)\b\.?(?=\s)")}  # fmt: skip


def _pronoun(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """A pronoun or title of the other sex, where the clause names nobody else."""
    sex = ledger.seen.person.sex
    if sex not in PRONOUNS:
        return
    title = TITLES[sex].search(clause.text)
    if title:
        yield _claim(clause, *title.span(), "demographic", ("person",), "the sex is another")
    found = PRONOUNS[sex].search(clause.text)
    if found and not OTHERS.search(clause.text) and not OWN[sex].search(clause.text):
        at = (clause.offset + found.start(), clause.offset + found.end())
        yield Claim("demographic", *at, ("person",), "the sex is another")


CALLED = re.compile(
    r"\b(?P<title>Mr|Mrs|Ms|Miss|Dr|Prof|Doctor|Professor|Nurse)\b\.?\s+"
    r"(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?)"
)


def _surname(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """A name behind a title, which is no drug's; the patient's own is that of the record."""
    who = ledger.seen.person
    own = {word.strip("0123456789") for word in norms(f"{who.given} {who.family}")}
    for found in CALLED.finditer(clause.text):
        is_own = found["title"] in ("Mr", "Mrs", "Ms", "Miss") and who.family
        said = {word.strip("0123456789") for word in norms(found["name"])}
        is_other = is_own and not said & own and not OTHERS.search(clause.text)
        wrong = "the name is another" if is_other else ""
        yield _claim(clause, *found.span("name"), "demographic", ("person",), wrong)


WHO = r"(?:patient|she|he|who|they|[Mm]rs?\.?|[Mm]s\.?|\[patient\])"
DIED = re.compile(
    rf"(?i)(?:^\W*|\b{WHO}\b\s*(?:\w+\s+){{0,2}}?(?:(?:is|was|has|had|are)\s+)?(?:now\s+|since\s+|"
    rf"recently\s+|already\s+)?)(?:deceased|dead|died|passed away|expired)\b|"
    rf"\b(?:the|this) (?:late|deceased) (?:patient|mrs?\b|ms\b|woman|man)|\bdate of death\b|"
    rf"\bdeath (?:occurred|was recorded)"
)
ALIVE = re.compile(r"(?i)\b(?:is|remains) (?:still )?(?:alive|living(?! (?:with|in|alone|at)))\b")


def _death(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Whether the patient is dead."""
    if OTHERS.search(clause.text):
        return
    dead = ledger.seen.dead
    for pattern, said in ((DIED, True), (ALIVE, False)):
        found = pattern.search(clause.text)
        negated = found and re.search(r"(?i)\b(?:not|never|no)\b", clause.text[: found.end()])
        if found and not negated and found.start() < clause.supposed:
            wrong = "" if said == dead else f"the record has {'a' if dead else 'no'} death"
            at = (clause.offset + found.start(), clause.offset + found.end())
            yield Claim("demographic", *at, ("person",), wrong)


NEVER_MARRIED = re.compile(
    r"(?i)\bnever (?:(?:yet )?been )?(?:married|wed)\b|\bunmarried\b|\bnot married\b"
)


def _marital(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    true = ledger.seen.person.marital
    text = clause.text.lower()
    if not true:
        return
    never = NEVER_MARRIED.search(clause.text)
    if never:
        wrong = "" if true in ("never married", "single") else "the marital status is another"
        yield _claim(clause, *never.span(), "demographic", ("person",), wrong)
        return
    for word in clause.words:
        said = MARITAL.get(word.norm)
        if said and (word.norm != "single" or "marital" in text):
            wrong = "" if said == true else "the marital status is another"
            yield _claim(clause, word.start, word.end, "demographic", ("person",), wrong)


def _smoking(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Held against the latest answer to the question about tobacco."""
    text = clause.text.lower()
    if not any(part in text for part in OF_SMOKING):
        return
    for found in SMOKING.finditer(clause.text):
        said = str(found.lastgroup)
        if said == "former" and ADVISED.search(clause.text[: found.start()]):
            continue
        asked = (i for i in ledger.of("answer") if i.ids[0].startswith("observation:72166-2"))
        status = next(asked, None)
        if status is None:
            yield _claim(clause, found.start(), found.end(), "social", (), "not in the record")
            continue
        latest = str(status.values[0].value).lower()
        is_now = "never" if "never" in latest or "non" in latest else (
            "former" if "former" in latest or "ex-" in latest else "current"
        )  # fmt: skip
        right = is_now != "current" if said == "notnow" else said == is_now
        wrong = "" if right else "the latest answer about tobacco is another"
        yield _claim(clause, found.start(), found.end(), "social", status.ids[:1], wrong)


# -- blood pressure, which is two series ---------------------------------------------------------


def pressure(clause: Clause, fact: Fact, ledger: Ledger) -> Claim:
    """`147/111`, of one measurement; without a date the latest, unless it is said to be earlier."""
    if fact.start >= clause.supposed:
        return Claim("", 0, 0, ())  # a goal
    high, low = _vital(ledger, "8480-6"), _vital(ledger, "8462-4")
    if high is None or low is None:
        return _pressure_claim(clause, fact, (), "no blood pressure is recorded")
    if fact.role == "reference":
        limits = [item.reference.high for item in (high, low) if item.reference]
        wrong = "" if limits == [fact.number, fact.second] else "the reference is another"
        return _pressure_claim(clause, fact, (high.ids[0],), wrong)
    by_time = {v.at.order: (v, id) for v, id in zip(low.values, low.ids, strict=False)}
    for value, id in zip(high.values, high.ids, strict=False):
        other = by_time.get(value.at.order)
        if other is None or not _meant(fact, value.at, high.values[0].at):
            continue
        if _near(fact.number, value.value) and _near(fact.second, other[0].value):
            return _pressure_claim(clause, fact, (id, other[1]), "")
    return _pressure_claim(clause, fact, (high.ids[0], low.ids[0]), "the record has another value")


def _meant(fact: Fact, at: Moment, last: Moment) -> bool:
    if fact.when is not None:
        return within(at, fact.when)
    return fact.role == "earlier" or at.day == last.day


def _near(said: float, value: float | str) -> bool:
    return not isinstance(value, str) and abs(said - value) <= 0.5001


def _vital(ledger: Ledger, loinc: str) -> Evidence | None:
    return next(
        (i for i in ledger.of("vital") if i.ids[0].startswith(f"observation:{loinc}:")), None
    )


def _pressure_claim(clause: Clause, fact: Fact, ids: tuple[str, ...], wrong: str) -> Claim:
    return Claim("vital", clause.offset + fact.start, clause.offset + fact.end, ids, wrong)
