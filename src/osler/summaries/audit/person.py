"""Claims about the patient as a person: age, sex, smoking, blood pressure, how many of what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.moments import Moment
from osler.summaries.audit.evidence import CURRENT, Evidence, Ledger
from osler.summaries.audit.facts import Fact
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import norms, word_set

AGE = re.compile(
    r"(?i)\b(?:age[d]?|is):?\s+(?P<n1>\d{1,3})(?:[ -](?P<u1>years?|months?|yo\b|y/o))?|"
    r"\b(?P<n2>\d{1,3})[- ]?(?P<u2>years?|months?|yrs?|mos?)[- ]old\b|"
    r"\b(?P<n3>\d{1,3})[ -]?(?:y/?o|yo)\b|"
    r"\bage (?P<n4>\d{1,3}) (?P<u4>years?|months?)"
)
SEXES = {"female": "female", "woman": "female", "girl": "female", "male": "male", "man": "male",
         "boy": "male", "gentleman": "male", "lady": "female"}  # fmt: skip
MARITAL = {"married": "married", "divorced": "divorced", "widowed": "widowed", "widow": "widowed",
           "widower": "widowed", "single": "never married"}  # fmt: skip
SMOKING = re.compile(
    r"(?i)\b(?P<never>never[- ]smok\w+|non-?smok\w+|(?:has )?never smoked|does not smoke|"
    r"denies (?:tobacco|smoking)"
    r"|no (?:tobacco|smoking)(?: use| history)?)|(?P<former>(?:former|ex|past)[- ]smok\w+|"
    r"quit smoking|stopped smoking)"
    r"|(?P<current>(?:current|active|daily|heavy|light)(?: \w+ \w+)? smok\w+|currently smokes|"
    r"smokes\b|is a smoker)"
)
KINDS_COUNTED = (
    (re.compile(r"(?i)\bconditions?|problems?|diagnos\w+"), "condition"),
    (re.compile(r"(?i)\bmedic\w+|drugs?|prescriptions?"), "medicine"),
    (re.compile(r"(?i)\ballerg\w+"), "allergy"),
    (re.compile(r"(?i)\bcare plans?"), "care plan"),
    (re.compile(r"(?i)\bencounters?|visits?"), "encounter"),
    (re.compile(r"(?i)\bimmuni[sz]ations?|vaccin\w+"), "immunization"),
    (re.compile(r"(?i)\bprocedures?"), "procedure"),
)  # fmt: skip


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Age, sex, marital status and smoking; their words are taken from what is looked at later."""
    yield from _age(clause, ledger)
    yield from _sex(clause, ledger)
    yield from _marital(clause, ledger)
    yield from _smoking(clause, ledger)
    yield from _language(clause, ledger)
    yield from _race(clause, ledger)


LANGUAGES = word_set(
    "english spanish russian chinese mandarin cantonese vietnamese tagalog korean arabic french "
    "german italian portuguese polish hindi urdu japanese farsi persian somali haitian creole "
    "greek hebrew ukrainian bengali punjabi gujarati nepali swahili amharic navajo"
)
SPEAKS = re.compile(r"(?i)\blanguage\b|\bspeak|\bspoken\b|\binterpreter\b")
RACES = {
    "white": "white", "caucasian": "white", "black": "black", "african": "black",
    "asian": "asian", "native": "native", "indian": "native", "hawaiian": "pacific",
    "islander": "pacific",
}  # fmt: skip
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
    if not RACIAL.search(clause.text):
        return
    true = {RACES[word] for word in norms(who.race) if word in RACES}
    for word in clause.words:
        if word.norm in RACES and true:
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


def _age(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    for found in AGE.finditer(clause.text):
        groups = found.groupdict()
        if found[0].lower().startswith("is") and not groups["u1"]:
            continue
        number = int(next(v for k, v in groups.items() if k[0] == "n" and v))
        unit = next((v for k, v in groups.items() if k[0] == "u" and v), "years")
        true = ledger.seen.age
        said = f"{number} {'month' if unit.startswith('mo') else 'year'}"
        wrong = "" if true.startswith(said) else "the age is another"
        yield _claim(clause, found.start(), found.end(), "demographic", ("person",), wrong)


def _sex(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    true = ledger.seen.person.sex
    for place, word in enumerate(clause.words):
        sex = SEXES.get(word.norm)
        if sex and true in SEXES.values() and place not in clause.taken:
            wrong = "" if sex == true else "the sex is another"
            yield _claim(clause, word.start, word.end, "demographic", ("person",), wrong)


def _marital(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    true = ledger.seen.person.marital
    text = clause.text.lower()
    if "never married" in text or not true:
        return
    for word in clause.words:
        said = MARITAL.get(word.norm)
        if said and (word.norm != "single" or "marital" in text):
            wrong = "" if said == true else "the marital status is another"
            yield _claim(clause, word.start, word.end, "demographic", ("person",), wrong)


def _smoking(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Held against the latest answer to the question about tobacco."""
    for found in SMOKING.finditer(clause.text):
        asked = (i for i in ledger.of("answer") if i.ids[0].startswith("observation:72166-2"))
        status = next(asked, None)
        if status is None:
            yield _claim(clause, found.start(), found.end(), "social", (), "not in the record")
            continue
        said = str(found.lastgroup)
        latest = str(status.values[0].value).lower()
        is_now = "never" if "never" in latest or "non" in latest else (
            "former" if "former" in latest or "ex-" in latest else "current"
        )  # fmt: skip
        wrong = "" if said == is_now else "the latest answer about tobacco is another"
        yield _claim(clause, found.start(), found.end(), "social", status.ids[:1], wrong)


def counted(clause: Clause, fact: Fact, ledger: Ledger) -> bool:
    """Whether a number is how many of something there are."""
    after = clause.text[fact.end : fact.end + 40]
    for pattern, kind in KINDS_COUNTED:
        if pattern.search(after.split(",")[0]):
            items = ledger.of(kind)
            current = [item for item in items if item.status in ("", CURRENT)]
            return int(fact.number) in (len(items), len(current))
    return False


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
