"""What somebody is said to be allergic to that no table has, and no allergy of the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.summaries.audit import lookup
from osler.summaries.audit.context import context_of
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import word_set

ALLERGY = r"(?:allerg(?:y|ies)|intoleran\w+|(?:hyper)?sensitivit(?:y|ies)|anaphylaxis)"
ADVERSE = r"(?:adverse|allergic|hypersensitivity|anaphylactic|untoward|severe|immune)"
CAUSES = (
    r"(?:(?:has|have|had|was|is)\s+(?:\w+ly\s+)?(?:been\s+)?)?(?:associated with|followed by|"
    r"linked to|caus\w+|"
    r"trigger\w+|produc\w+|provok\w+|led to|leads to|result\w+ in|brought on|gave|gives)"
)
WHAT = r"(?P<what>[a-z][\w'’ -]*?)"
SUBSTANCES = tuple(
    re.compile(rf"(?i){pattern}")
    for pattern in (
        rf"\b(?:allergic to|{ALLERGY} (?:to|of|against)|allergy (?:label for|alert(?: for|:))|"
        rf"intolerant of|"
        rf"(?:hyper)?sensitive to|{ADVERSE} (?:\w+ )?(?:responses?|reactions?|events?) (?:to|"
        rf"with|from|after)|"
        rf"reacts? (?:badly |severely )?to|anaphyla\w+ (?:to|after|from))\s+{WHAT}"
        r"(?=\s*(?:[.,;:()–→]|$)|\s+(?:and|or|with|since|in|on|is|was|were|has|have|which|that|"
        r"causing|as|"
        r"noted|recorded|occurr\w*|happen\w*|appear\w*|remain\w*|must)\b)",
        rf"\b(?:exposure to|contact with|ingestion of|eating|intake of)\s+{WHAT}\s+{CAUSES}\b",
        rf"^\W*{WHAT}\s+(?:is|are|was|were)\s+(?:\w+\s+)?(?:listed |recorded |documented |noted |"
        rf"known |"
        r"flagged |named )?(?:as\s+)?(?:an?\s+)?(?:\w+\s+)?(?:allergens?|allergy|allergies)\b",
        rf"^\W*(?:[A-Z]\w+: )?{WHAT}\s+\((?:\w+ )?(?:allergy|intolerance|allergen)\)",
    )
)
"""Where a substance stands that somebody reacts to."""
AVOIDED = re.compile(
    rf"(?i)^\W*{WHAT}\s+(?:should|must|has to|have to|is to|are to|needs? to)\s+(?:\w+ly\s+)?be\s+"
    r"(?:\w+ly\s+)?(?:avoided|withheld)\s+(?:owing|because|due|given|since|as|on account|in view|"
    r"after|following)\b"
)
HABITS = word_set(
    "alcohol smoking tobacco salt sodium sugar caffeine fat fatty sun fall lifting driving contact "
    "dehydration trigger exposure nsaid overexertion crowd travel fasting"
)
"""What is avoided for its own sake."""
LISTS = re.compile(
    rf"(?i)\b(?:{ALLERGY}|allergens?)(?:\s+(?:lists?|profiles?|records?|sections?|histor(?:y|"
    rf"ies)))?\s+"
    r"(?:(?:also|further|now|currently)\s+)?(?:comprises?|includes?|lists?|contains?|"
    r"consists? of|names?|"
    r"mentions?|covers?|shows?|are|adds?|has|have|extends? to)(?:\s+(?:also|"
    r"further))?\s+(?P<all>[^.;:]+)"
)
"""Where several may stand, one behind the other."""
APART = re.compile(r"\([^()]*\)|,|\band\b|\bor\b|\bas well as\b|\bplus\b")
ANY = word_set(
    "any anything nothing none all some several multiple many certain it them this these those "
    "medication medicine drug food substance known following above unknown other no not that there "
    "treatment therapy cold heat light noise sun sunlight touch pain vaccine vaccination entry "
    "insulin exercise stress activity recorded documented listed reported stated confirmed empty "
    "clear present active reviewed updated two three four one item reaction severe mild moderate "
    "important relevant significant negative positive agent environmental allergen"
)
"""What is named by these is no single substance."""


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each substance that is neither in the record nor in a name that was found."""
    if "allerg" not in clause.text.lower() and not HINT.search(clause.text):
        return
    known = {word for item in ledger.of("allergy") for word in item.words}
    yield from _avoided(clause, known)
    for start, end in _spans(clause.text):
        places = [n for n, w in enumerate(clause.words) if start <= w.start < end]
        if clause.reached.intersection(places) or _is_told(clause, places):
            continue
        said = {clause.words[n].norm for n in places}
        if said and not said & (ANY | known) and start < clause.supposed:
            yield Claim(
                "allergy", clause.offset + start, clause.offset + end, (), "not in the record"
            )


def to_drug(words: Sequence[str], ledger: Ledger) -> list[Evidence]:
    """The allergies of the record to a drug or to a class that it belongs to."""
    keys = lookup.names_as("allergen").whole(words)
    classes = {broader for key in keys for broader in lookup.implied(key)}
    return [item for item in ledger.of("allergy") if classes & item.concepts]


def _is_told(clause: Clause, places: list[int]) -> bool:
    """Whether a name stands there that the record has, or that is looked at as an allergen."""
    named = [one for one in clause.named if one.start in places]
    if not named:
        return bool(clause.taken.intersection(places))
    return context_of(clause).kind == "allergy" or any(one.items for one in named)


def _avoided(clause: Clause, known: set[str]) -> Iterator[Claim]:
    """`garlic must be avoided owing to a history of hives`, of which the record has neither."""
    found = AVOIDED.match(clause.text)
    if found is None:
        return
    start, end = found.span("what")
    said = {w.norm for w in clause.words if start <= w.start < end}
    named = [one for one in clause.named if one.first(clause) < end]
    reasons = [one for one in clause.named if one.first(clause) >= found.end()]
    there = any(one.items for one in named) or any(
        item.kind != "allergy" or "reaction" not in one.kinds
        for one in reasons for item in one.items
    )  # fmt: skip
    if said and not there and not said & (known | HABITS):
        at = (clause.offset + start, clause.offset + end)
        yield Claim("allergy", *at, (), "not in the record")


HINT = re.compile(
    r"(?i)intoleran|sensitiv|reaction|reacts?\b|response|exposure|avoid|anaphyla|"
    r"eating"
)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for pattern in SUBSTANCES:
        for found in pattern.finditer(text):
            yield found.span("what")
    for listed in LISTS.finditer(text):
        at, last = listed.span("all")
        for cut in (*APART.finditer(text, at, last), None):
            end = cut.start() if cut else last
            if text[at:end].strip():
                yield at, end
            at = cut.end() if cut else last
