"""Claims about the county: every figure must be that of the measure that is named, and the name of
the county, its band and the side on which it is bad those of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.spelled import ONES, TENS
from osler.summaries.audit.words import norms, tokens, word_set

OF_COUNTY = re.compile(
    r"(?i)\bcounty(?:'s|wide)?\b|\bresidents\b|\bamong adults\b|\bpublic health\b"
)
FILLING = word_set("the of a an in among adult and or to for on by is at with from years past")
LOOSE = FILLING | word_set("diagnosed ever aged age current day more over year men women screening")
"""Words of a measure's name that many leave out."""
ENOUGH = 0.6
"""Share of a measure's words that a sentence must have to speak of it."""
MEANS = {
    "uninsured": "no health insurance", "lack": "no", "without": "no", "obese": "obesity",
    "smoke": "cigarette smoking", "smoker": "cigarette smoking", "diabetic": "diabetes",
    "rank": "rank burden", "ranked": "rank burden", "ranking": "rank burden",
    "score": "health burden score",
    "hypertension": "high blood pressure", "inactive": "no leisure time physical activity",
    "inactivity": "no leisure time physical activity", "ckd": "chronic kidney disease",
    "copd": "chronic obstructive pulmonary disease", "depressed": "depression",
}  # fmt: skip
"""Other words for those of a measure's name."""
_PARTS = {
    **{word: number for word, number in ONES.items() if 1 <= number <= 12}, "a": 1, "every": 1,
    "twenty": TENS["twenty"], "hundred": 100,
}  # fmt: skip
_COUNT = rf"(?:1?\d|20|{'|'.join(_PARTS)})"
SHARES = {"half": 50.0, "third": 33.3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
FRACTION = re.compile(
    rf"(?i)(?<![\d.,])\b(?P<part>{_COUNT})\s+(?:in|out of)\s+(?:every\s+)?(?P<whole>{_COUNT})\b"
    rf"(?![.,]\d)|"
    rf"\b(?:(?P<many>{_COUNT})[- ])?(?P<share>half|thirds?|quarters?|fifths?|tenths?) of\b|"
    rf"\b(?P<most>most|the majority of|more than half of|few|a minority of|hardly any|nearly all|"
    rf"almost all)\s+(?:of\s+)?(?:the\s+)?(?:\w+\s+)?(?:adults?|people|residents|women|men|"
    rf"inhabitants)"
)
BAND = re.compile(
    r"(?i)\b(?P<band>lowest|bottom|second|middle|fourth|highest|top|best|worst|healthiest)[- ]"
    r"(?:fifth|quintile|20 ?%)"
)
BANDS = {"bottom": "lowest", "best": "lowest", "healthiest": "lowest", "top": "highest",
         "worst": "highest"}  # fmt: skip
SIDE = re.compile(
    r"(?i)\b(?P<way>higher|lower|greater|more|less|smaller|larger) (?:scores? )?(?:is|are|means?) "
    r"(?:the )?(?P<good>worse|better|healthier|sicker|greater burden|less burden)"
)
COMPARED = re.compile(
    r"(?i)\b(?:higher|lower|greater|less|better|worse|more|fewer|above|below|similar|same|twice|"
    r"exceeds?|healthier|sicker|average)\b[^.;]{0,60}?\b(?:nation\w*|country|state\w*|u\.?s\.?|"
    r"averages?|other count(?:y|ies)|neighbo\w+|rest of|typical)\b"
)
EXTREME = re.compile(
    r"(?i)\b(?:(?P<bad>worst|sickest|unhealthiest|least healthy|most burdened|highest burden)|"
    r"(?P<good>best|healthiest|least burdened|lowest burden))\b(?![- ](?:fifth|quintile))"
)
NAME = re.compile(
    r"(?P<name>(?:[A-Z][\w.'’-]+\s+|(?:of|and|the|de|du|la)\s+){1,4})"
    r"(?:County|Parish|Borough|Census Area|Municipality)\b(?:,\s*(?P<state>[A-Z]{2})\b)?"
)
NO_NAME = word_set("the in a an of and this her his their for at within across on about county")
NO_MEASURE = "no measure of the county that this can be of"
NEAR = 0.12
"""How far a fraction in words may be from the figure, as a share of itself."""


def is_of_county(clause: Clause) -> bool:
    """Whether a clause speaks of where the patient lives, not of the patient."""
    if clause.context.kind == "county":
        return True
    if OF_COUNTY.search(clause.text) is None:
        return False
    said = (FRACTION, BAND, COMPARED)
    return "%" in clause.text or any(pattern.search(clause.text) for pattern in said)


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each number and fraction, held against the measures that are named; the name, the band, the
    side on which it is bad, and any comparison, held against the lines."""
    yield from _fractions(clause, ledger)
    yield from _numbers(clause, ledger)
    yield from _name(clause, ledger)
    yield from _standing(clause, ledger)


def _numbers(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    spans = [found.span() for found in FRACTION.finditer(clause.text)]
    spans += [found.span() for found in BAND.finditer(clause.text)]
    numbers = [
        token for token in tokens(clause.text)
        if token.number is not None
        and not any(start <= token.start < end for start, end in spans)
    ]  # fmt: skip
    if not numbers:
        return
    items = list(_named(clause, ledger))
    known = {number for item in items for number in item.numbers}
    for token in numbers:
        assert token.number is not None
        right = any(abs(token.number - number) <= 0.5001 * 10**-token.decimals for number in known)
        wrong = "" if right else "no figure of the county's measure" if items else NO_MEASURE
        yield _claim(clause, (token.start, token.end), items, wrong)


def _claim(clause: Clause, span: tuple[int, int], items: list[Evidence], wrong: str) -> Claim:
    ids = tuple(dict.fromkeys(id for item in items for id in item.ids))
    return Claim("county figure", clause.offset + span[0], clause.offset + span[1], ids, wrong)


def _named(clause: Clause, ledger: Ledger) -> Iterator[Evidence]:
    said = set(norms(clause.text))
    for word in tuple(said):
        said.update(norms(MEANS.get(word, "")))
    for item in ledger.of("county"):
        name = set(norms(item.name))
        short = {word for word in name if not word.isdecimal()} - LOOSE
        both = [words for words in (name - FILLING, short) if words]
        if any(len(words & said) / len(words) >= ENOUGH for words in both):
            yield item


def _fractions(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """`one in four adults`, `most adults`."""
    bands = [found.span() for found in BAND.finditer(clause.text)]
    for found in FRACTION.finditer(clause.text):
        if any(start < found.end() and found.start() < end for start, end in bands):
            continue
        items = [i for i in _named(clause, ledger) if not i.name.startswith(("Rank", "Band"))]
        percents = [n for item in items for n in item.numbers if 0 <= n <= 100]
        right = any(_fits(found, percent) for percent in percents)
        wrong = "" if right else "no figure of the county's measure" if items else NO_MEASURE
        yield _claim(clause, found.span(), items, wrong)


def _fits(found: re.Match[str], percent: float) -> bool:
    most = (found["most"] or "").lower()
    if most:
        least = 90 if "all" in most else 50
        return percent < 50 if most in ("few", "a minority of", "hardly any") else percent > least
    if found["share"]:
        said = SHARES[found["share"].lower().rstrip("s")] * _count(found["many"] or "a")
        said = min(said, 100.0)
    else:
        said = 100 * _count(found["part"]) / max(_count(found["whole"]), 1)
    return abs(percent - said) <= max(1.0, NEAR * said)


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else _PARTS[text.lower()]


def _name(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """The name of the county and its state."""
    title = next(iter(ledger.of("county")), None)
    who = ledger.seen.person
    known = title.words if title else frozenset(norms(f"{who.county} {who.city} {who.state}"))
    for found in NAME.finditer(clause.text):
        said = set(norms(found["name"])) - NO_NAME
        if found["state"]:
            said |= set(norms(found["state"]))
        if said and not said <= known:
            items = [title] if title else []
            yield _claim(clause, found.span(), items, "the county is another")


def _standing(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Its band, the side on which it is bad, and how it compares with others."""
    band = next((i for i in ledger.of("county") if i.name.startswith("Band")), None)
    score = next((i for i in ledger.of("county") if i.name.startswith("Health burden")), None)
    for found in BAND.finditer(clause.text):
        said = BANDS.get(found["band"].lower(), found["band"].lower())
        wrong = NO_MEASURE if band is None else "" if said in band.words else "the band is another"
        yield _claim(clause, found.span(), [band] if band else [], wrong)
    for found in SIDE.finditer(clause.text):
        rises = found["way"].lower() in ("higher", "greater", "more", "larger")
        is_bad = found["good"].lower() in ("worse", "sicker", "greater burden")
        wrong = NO_MEASURE if score is None else "" if rises == is_bad else "it is the other way"
        yield _claim(clause, found.span(), [score] if score else [], wrong)
    for found in EXTREME.finditer(clause.text):
        wanted = "highest" if found["bad"] else "lowest"
        right = band is not None and wanted in band.words
        yield _claim(clause, found.span(), [band] if band else [], "" if right else NO_MEASURE)
    compared = COMPARED.search(clause.text)
    if compared and not EXTREME.search(clause.text):
        yield _claim(clause, compared.span(), [], "no figure of the nation or of others is there")
