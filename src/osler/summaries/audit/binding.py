"""Which of the things that a clause names a date, a number or a dose is of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from osler.summaries.audit import leading
from osler.summaries.audit.beside import PROMPTED
from osler.summaries.audit.fact import SERIES, Fact
from osler.summaries.audit.mentions import Clause, Mention


def head_of(
    clause: Clause, heads: list[Mention], fact: Fact, own: bool, in_front: bool
) -> int | None:
    """The last head before a fact, or the first behind it."""
    if not heads:
        return None
    if not own:
        return len(heads) - 1
    if is_title(clause, heads[0]):
        return 0
    if reason := _reason_before(clause, heads, fact):
        return next((n for n, head in enumerate(heads) if _is_seen_for(clause, head, reason)), None)
    behind = [
        n for n, head in enumerate(heads)
        if head.start == fact.place + 1 and not clause.text[fact.end : head.first(clause)].strip()
    ]  # fmt: skip
    if fact.what == "flag" and behind:
        return behind[0]  # `high sodium, low chloride`
    counted = [
        n for n, head in enumerate(heads)
        if COUNT_OF.fullmatch(clause.text, fact.end, max(fact.end, head.first(clause)))
    ]  # fmt: skip
    if fact.what == "number" and counted:
        return counted[0]  # `two doses of the DTP vaccine`
    if fact.what == "date" and (nth := leading.respectively(clause, heads, fact.start)) is not None:
        return nth
    after = [n for n, head in enumerate(heads) if head.first(clause) > fact.start]
    if in_front and fact.what == "date":
        first = heads[after[0]].first(clause) if after else len(clause.text)
        if any(fact.start < when.start < first for when in clause.dates) or not after:
            return None  # of something that is not named
        return after[0]
    return _before(clause, heads, fact)


def _before(clause: Clause, heads: list[Mention], fact: Fact) -> int | None:
    """The head before a fact, unless what stands between is of something else."""
    before = [n for n, head in enumerate(heads) if head.first(clause) < fact.start]
    if not before:
        is_visit = fact.what == "date" and SEEN.search(clause.text[: fact.start])
        return None if is_visit else 0
    if fact.what == "date" and _is_of_another(clause, heads[before[-1]], fact):
        return None
    pair = [heads[n] for n in before[-2:]]
    is_done = fact.word == "time" or PERFORMED.search(clause.text[: fact.start])
    if is_done and len(pair) > 1 and _is_means(clause, *pair):
        return before[-2]
    return before[-1]


OF_ANOTHER = re.compile(
    r"(?i)(?:,|\band)\s+(?:(?:an?|the)(?:\s+[\w’'-]+){1,6}[\s,]+(?:on|in|of)|"
    r"(?:[\w’'-]+\s+){2,7}\((?:on|in|most recently (?:on|in)|last (?:\w+ )?(?:on|in))?)\s*$"
)
"""Between a thing with its date and a date of something else, which no name was found in."""
SAYS_WHEN = re.compile(
    r"(?i)\b(?:since|until|till|to|through|from|last\w*|latest|again|then|began|start\w*|ended|"
    r"resolv\w+|stopp\w+|discontinu\w+|renew\w*|recur\w*|repeat\w*|diagnos\w+|confirm\w+)\b"
)


def _is_of_another(clause: Clause, head: Mention, fact: Fact) -> bool:
    """`an examination on 3 May and a home visit on 4 May`, of which the visit has no name here."""
    dated = [when for when in clause.dates if head.last(clause) <= when.start < fact.start]
    another = dated and OF_ANOTHER.search(clause.text[dated[-1].end : fact.start])
    return bool(another) and not SAYS_WHEN.search(clause.text, dated[-1].end, fact.start)


def _is_seen_for(clause: Clause, head: Mention, reason: Mention) -> bool:
    """Whether a reason stands right behind the visit that it is of."""
    span = (head.last(clause), max(head.last(clause), reason.first(clause)))
    return SEEN_FOR.fullmatch(clause.text, *span) is not None


def _reason_before(clause: Clause, heads: Sequence[Mention], fact: Fact) -> Mention | None:
    """Why somebody was seen on a date: `a check-up, prompted by migraine, on 4 May`."""
    reasons = [one for one in clause.named if one.prompted and one.first(clause) < fact.start]
    if fact.what != "date" or not reasons:
        return None
    after = reasons[-1].last(clause)
    parted = any(after <= head.first(clause) < fact.start for head in heads)
    days = [when for when in clause.dates if after <= when.start < fact.start]
    parted |= bool(days) and not UNTIL.fullmatch(clause.text, days[-1].end, fact.start)
    return None if parted else reasons[-1]


UNTIL = re.compile(r"(?i)\s*(?:to|until|till|through|[-–])\s*")
SEEN = re.compile(
    r"(?i)\b(?:visit|appointment|check-?up|consultation|encounter|attendance|admission|stay|"
    r"review|seen|attended|follow-?up)\b"
    r"[^.;()]*$"
)
"""Before a date on which somebody was seen."""


SEEN_FOR = re.compile(
    rf"[\s,(]*(?:which was |that was )?{PROMPTED.pattern.removeprefix('(?i)')}", re.I
)
PERFORMED = re.compile(
    r"(?i)\b(?:performed|done|administered|carried out|completed|conducted|repeated)\s+(?:on|"
    r"in)\s*$"
)
MEANS = re.compile(r"(?i)\s+(?:with|using|by|by means of|on|via|per)\s+(?:(?:the|an?)\s+)?")


def _is_means(clause: Clause, done: Mention, means: Mention) -> bool:
    """`screening with the PHQ-9 (17 times)`, of which the screening was done so often."""
    is_series = means.items and all(item.kind in SERIES for item in means.items)
    return bool(is_series and MEANS.fullmatch(clause.text, done.last(clause), means.first(clause)))


COUNT_OF = re.compile(
    r"(?i)\s+(?:(?:recorded|documented|separate|further|prior|previous|past)\s+)?(?:doses?|shots?|"
    r"injections?|boosters?|administrations?|episodes?|occurrences?|bouts?|courses?|cases?|"
    r"attacks?|"
    r"instances?|prescriptions?|sessions?)\s+of\s+(?:(?:the|an?|her|his|their)\s+)?"
)
"""Between how often something was, and what it is."""


def is_title(clause: Clause, head: Mention) -> bool:
    """`Creatinine: 1.2 mg/dL …`: what stands before a colon is what the rest is about."""
    follows = clause.text[head.last(clause) :].lstrip()
    return follows.startswith(":") and any(item.kind in SERIES for item in head.items)
