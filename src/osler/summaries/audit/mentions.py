"""Names in a clause, and which evidence each may be of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from osler.summaries.audit import cues, denials, lookup
from osler.summaries.audit.beside import (
    CAUSED,
    MEASURED,
    MODIFIES,
    OF_VACCINES,
    PRESUPPOSED,
    PROMPTED,
    SALTS,
    TREATED,
    VALUED,
)
from osler.summaries.audit.cues import RISES
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.sentences import Context
from osler.summaries.audit.witnesses import borne_out, items_of, kinds_of
from osler.summaries.audit.words import Token, When, dates, tokens, word_set

GENERAL = word_set(
    "immunization vaccination vaccine procedure surgery therapy treatment screening assessment "
    "examination exam pain race care plan medication medicine condition disease"
)
"""Words that are names only as part of a longer one."""
OF = {("due", "to"), ("because", "of"), ("secondary", "to"), ("owing", "to"), ("related", "to")}


@dataclass(slots=True)
class Clause:
    """A part of a sentence between semicolons."""

    text: str
    offset: int
    """Where it begins in the sentence."""
    context: Context
    words: list[Token]
    dates: list[When]
    supposed: int
    """Where in it supposition begins."""
    reached: set[int] = field(default_factory=set[int])
    """Words that a negation reaches."""
    statuses: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    """Where it says that something is current or past."""
    reacts: bool = False
    """Whether it names an allergen and what it did."""
    named: list[Mention] = field(default_factory=list["Mention"])
    """The names in it."""
    earlier: list[Evidence] = field(default_factory=list[Evidence])
    """What the clause before it in the sentence was about."""
    taken: set[int] = field(default_factory=set[int])
    """Words that are part of a mention or date, or were looked at as a claim."""
    undated: list[int] = field(default_factory=list[int])
    """How many words that are not part of a date stand before each, and before the end."""

    def __post_init__(self) -> None:
        dated = {at for when in self.dates for at in range(when.start, when.end)}
        plain = (word.start not in dated for word in self.words)
        self.undated = list(accumulate(plain, initial=0))

    def names(self, one: Mention) -> bool:
        """Whether a name stands in it, and not in the clause before."""
        return any(one is other for other in self.named)

    def in_date(self, place: int) -> bool:
        """Whether a word is part of a date."""
        return self.undated[place] == self.undated[place + 1]


@dataclass(slots=True)
class Mention:
    """A name, from word `start` to before word `end`."""

    start: int
    end: int
    kinds: tuple[str, ...]
    """What it may be: drug, condition, …; empty for a name that only this record has."""
    items: list[Evidence]
    negated: bool = False
    supposed: bool = False
    modifier: bool = False
    own: list[Evidence] = field(default_factory=list[Evidence])
    """Those that have just this name."""
    prompted: bool = False
    """Whether it is why somebody was seen."""

    def first(self, clause: Clause) -> int:
        """Its first character in the clause."""
        return clause.words[self.start].start

    def last(self, clause: Clause) -> int:
        """Behind its last character in the clause."""
        return clause.words[self.end - 1].end


def clause_of(text: str, offset: int, context: Context) -> Clause:
    """A clause with its words; those of dates are taken."""
    words, found = tokens(text), dates(text)
    clause = Clause(text, offset, context, words, found, len(text))
    clause.taken.update(place for place in range(len(words)) if clause.in_date(place))
    return clause


def mentions(clause: Clause, ledger: Ledger) -> list[Mention]:
    """All names of the record and of the lexicon, the longest first at each place."""
    found: list[Mention] = []
    of_vaccines = clause.context.kind == "immunization"
    of_vaccines |= OF_VACCINES.search(clause.text) is not None
    place = 0
    while place < len(clause.words):
        if place in clause.taken:
            place += 1
            continue
        own, own_keys = ledger.by_name.at(clause.words, place, clause.text)
        general, keys = lookup.names().at(clause.words, place, clause.text)
        if _is_article(clause, place, max(own, general)):
            place += 1
            continue
        if general > 1 and own < general:
            general, keys = _before_comma(clause, place, general, keys)
        general, keys = _by_form(clause, place, own, (general, keys), of_vaccines=of_vaccines)
        word = clause.words[place]
        length = max(own, general)
        said = {w.norm for w in clause.words[place : place + length]}
        bare = length == 1 and (word.number is not None or _is_unit(clause, place))
        if length == 0 or said <= GENERAL or bare:
            place += 1
            continue
        told = own > 0 or any(True for _ in borne_out(ledger, keys))
        behind = clause.words[place + length - 1].end
        valued = VALUED.match(clause.text, behind)
        valued = valued and not any(day.start == valued.end() - 1 for day in clause.dates)
        if word.norm in RISES and not (told and not valued) and _is_measured(clause, ledger, place):
            place += 1  # `high sodium of 146` is of the sodium, and no name of hypernatremia
            continue
        span = (place, place + length)
        if clause.taken.intersection(range(*span)):
            place += 1
            continue
        _take_salt(clause, ledger, span[1], (*keys, *own_keys))
        of_record = [ledger.items[int(key)] for key in own_keys] if own == length else []
        keys = keys if general == length else []
        items = items_of([w.norm for w in clause.words[slice(*span)]], of_record, keys, ledger)
        found.append(Mention(*span, kinds_of(keys), items, own=of_record))
        clause.taken.update(range(*span))
        place += length
    clause.named = found
    _judge(clause, found)
    return found


ARTICLES = word_set("the a an")


def _by_form(
    clause: Clause, place: int, own: int, found: tuple[int, list[str]], *, of_vaccines: bool
) -> tuple[int, list[str]]:
    """A name, or a word that stands for something in its place: flu of a vaccine, lead of a lab."""
    general, keys = found
    if of_vaccines:
        form, form_keys = lookup.forms("vaccine").at(clause.words, place, clause.text)
        if form and form >= general:
            general, keys = form, form_keys
    if not own and not general and place and clause.words[place - 1].norm in COPULA:
        general, keys = lookup.forms("condition").at(clause.words, place, clause.text)
    if not own and not general and MEASURED.match(clause.text, clause.words[place].end):
        general, keys = lookup.forms("lab").at(clause.words, place, clause.text)
    return general, keys


def _is_article(clause: Clause, place: int, length: int) -> bool:
    """Whether a longer name begins behind an article: `the flu shot`, which is no `the flu`."""
    if clause.words[place].norm not in ARTICLES or place + 1 >= len(clause.words):
        return False
    behind, _ = lookup.names().at(clause.words, place + 1, clause.text)
    return behind + 1 > length > 0


def _take_salt(clause: Clause, ledger: Ledger, place: int, keys: Iterable[str]) -> None:
    """The salt behind the name of a drug, with nothing but a space between."""
    words = clause.words
    while place < len(words) and words[place].norm in SALTS:
        items = (ledger.items[int(key)] for key in keys if key.isdecimal())
        is_drug = any(key.startswith(("drug:", "combination:")) for key in keys)
        is_drug = is_drug or any(item.kind == "medicine" for item in items)
        if not is_drug or clause.text[words[place - 1].end : words[place].start] != " ":
            return
        clause.taken.add(place)
        place += 1


def _is_unit(clause: Clause, place: int) -> bool:
    """`K` of 3.1 K/uL, which is no potassium."""
    behind = clause.text[clause.words[place].end :]
    return place > 0 and clause.words[place - 1].number is not None and behind.startswith("/")


def _before_comma(
    clause: Clause, place: int, length: int, keys: list[str]
) -> tuple[int, list[str]]:
    """Of a name that goes over a comma the part before, where both are names: `K, Cl`."""
    for n in range(1, length):
        gap = clause.text[clause.words[place + n - 1].end : clause.words[place + n].start]
        if gap.startswith(","):
            before = lookup.names().at(clause.words[: place + n], place, clause.text)
            behind = lookup.names().at(clause.words, place + n, clause.text)
            return before if before[0] == n and behind[0] else (length, keys)
    return length, keys


def _judge(clause: Clause, found: Sequence[Mention]) -> None:
    """Which of the names are denied, supposed or reasons, and what the clause says of them all."""
    inside = {place for one in found for place in range(one.start, one.end)}
    clause.reached = cues.negated(clause.words, clause.text, inside)
    clause.statuses = cues.statuses(clause.words, clause.text, inside)
    spans = [(one.first(clause), one.last(clause)) for one in found]
    clause.supposed = cues.supposed_from(clause.text, spans)
    denied = denials.denied_from(clause.text)
    kinds = {kind for one in found for kind in one.kinds}
    to_allergen = any(
        item.kind == "allergy" for one in found if "reaction" not in one.kinds for item in one.items
    )
    caused = "allergen" in kinds and CAUSED.search(clause.text) is not None
    reacted = any("reaction" in one.kinds and not _is_treated(clause, one) for one in found)
    clause.reacts = reacted and (to_allergen or caused)
    for number, one in enumerate(found):
        one.modifier = number > 0 and (
            _modifies(clause, one) or _is_reason(clause, found[number - 1], one)
        )
        one.prompted = PROMPTED.search(clause.text[: one.first(clause)]) is not None
        one.modifier |= one.prompted
        taken = PRESUPPOSED.search(clause.text[: one.first(clause)])
        one.supposed = one.first(clause) >= clause.supposed and taken is None
        one.negated = one.start in clause.reached or one.end - 1 in clause.reached
        at = (one.first(clause), one.last(clause))
        one.negated |= at[1] <= denied
        one.negated |= denials.is_denied(clause.text, *at, of_vaccine="vaccine" in one.kinds)
        avoided = denials.AVOIDED.search(clause.text[: at[0]])
        one.negated &= avoided is None and not _is_answered(clause, one)


def _is_treated(clause: Clause, one: Mention) -> bool:
    """`hydrocortisone cream for eczema`, which is what it is for, and nothing that it did."""
    return TREATED.search(clause.text[: one.first(clause)]) is not None


def _is_answered(clause: Clause, one: Mention) -> bool:
    """`SARS-CoV-2 RNA: not detected`, which is an answer, and denies no test."""
    told = any(item.values and isinstance(item.values[0].value, str) for item in one.items)
    return told and denials.RESULT.match(clause.text, one.last(clause)) is not None


COPULA = word_set("is was are were be been t not remains appears became now")
"""Words behind which an adjective stands for what one has: is diabetic, isn't anemic."""


def _is_measured(clause: Clause, ledger: Ledger, place: int) -> bool:
    """Whether what follows a word such as `high` is something that was measured."""
    if place + 1 >= len(clause.words):
        return False
    _, keys = lookup.names().at(clause.words, place + 1, clause.text)
    labs = [key for key in keys if key.startswith("lab:")]
    return any(key in ledger.by_concept for key in labs)


def _is_reason(clause: Clause, before: Mention, one: Mention) -> bool:
    """`lisinopril 20 mg daily – hypertension`: a drug, and what it is for."""
    if not {"drug", "combination"} & set(before.kinds) or "condition" not in one.kinds:
        return False
    return DASH.search(clause.text[before.last(clause) : one.first(clause)]) is not None


DASH = re.compile(r"\s[-–—]\s+$")


def _modifies(clause: Clause, one: Mention) -> bool:
    """Whether a name says what another is for."""
    if clause.text[: one.first(clause)].rstrip().endswith("("):
        return True
    before = [w.norm for w in clause.words[max(0, one.start - 3) : one.start]]
    return any(word in MODIFIES for word in before) or any(pair in OF for pair in pairwise(before))
