"""Words that turn a claim: negation, status, laterality, supposition, reassurance."""

from __future__ import annotations

import re
from collections.abc import Sequence

from osler.summaries.audit import lookup
from osler.summaries.audit.words import Token, word_set

SCOPE = 14
"""Words that a negation reaches over, unless one that ends it comes first: NegEx (Chapman et al.
2001, J Biomed Inform 34:301) without its window of five, for lists of what is denied are longer."""
STOPS = word_set("has have had takes shows presents remains continues")
"""Words that end its reach, besides the terminators of the table."""
SAYS_MORE = word_set(
    "has is was takes works lives speaks went finished smokes drinks uses on out housed employed "
    "unemployed retired married reports reported holds feels describes states receives attends "
    "continues stressed prefers rates completed remains owns shares walks exercises follows "
    "scored lacks does did not"
)
"""Words behind a comma or `and` that do so: no trouble with transport and works full time."""
SUPPOSED = re.compile(
    r"(?i)\b(?:risk (?:of|for|factors? for)|at risk|screen(?:ing|ed)? for|monitor(?:ing)?(?: for)?|"
    r"watch(?:ing)? for|prevent(?:ion of|ing)?|prophylaxis (?:for|against)|consider(?:ing|ation)?|"
    r"if\b|whether\b|in case of|(?<!no )(?<!any )(?<!without )(?:signs?|symptoms?) of|"
    r"assess(?:ment)? (?:for|of)|evaluat(?:e|ion) for|"
    r"check(?:ing)? for|look(?:ing)? for|ask(?:ing)? about|discuss(?:ing)?|educat(?:e|ion) (?:on|"
    r"about)|"
    r"counsel(?:ing)? (?:on|about|for|against)|recommend(?:ed|ing|ation)?|"
    r"schedule(?! (?:is|was|has)\b)|plan to|due for|"
    r"next|goals?|targets?|aim(?:ing)?|contraindicated|(?:is |are )?due\b(?! to\b)|"
    r"family history|mother|father|sibling|brother|sister|explore|encourage|may need|might|could|"
    r"should(?! (?:not|never) (?:receive|take|be (?:given|exposed)))|would|"
    r"evaluate|arrange|offer|order|obtain|repeat|recheck|re-check|retest)\b"
)
"""What follows is proposed or feared, and no claim about the record."""
SIDES = {"left": "left", "right": "right", "bilateral": "bilateral", "bilaterally": "bilateral",
         "lt": "left", "rt": "right", "both": "bilateral"}  # fmt: skip
NO_SIDE = re.compile(
    r"(?i)\b(?:right (?:now|away|after|before)|(?:is|was|be|been|has|have|"
    r"had) left\b(?! \w+ \w*(?:knee|arm|leg|hip|ankle|wrist|foot|hand|eye|ear|breast|shoulder|"
    r"elbow))|left (?:out|over|the|against|to)|both (?:of|were|are|and))\b"
)
RISES = {"high": "high", "elevated": "high", "above": "high", "raised": "high", "increased": "high",
         "low": "low", "below": "low", "decreased": "low", "reduced": "low"}  # fmt: skip


def negated(words: Sequence[Token], text: str, named: set[int]) -> set[int]:
    """Places of the words that a negation reaches.

    `named`: places of words that are names, which negate nothing: concussion with no loss of
    consciousness.
    """
    cues = [cue for cue in lookup.phrases("negation", words) if cue[0] not in named]
    ends = {start for start, _, sense in cues if sense == "terminator"}
    reached: set[int] = set()
    both = {start for start, _, sense in cues if sense == "pre"} & {
        start for start, _, sense in cues if sense == "post"
    }
    for start, end, sense in cues:
        if start in both and (sense == "pre") == _is_last(words, text, end):
            continue  # `workup excluded gout`, but `gout was excluded, and so was that`
        if sense == "pre":
            for place in range(end, min(len(words), end + SCOPE)):
                between = text[words[place - 1].end : words[place].start]
                parted = ";" in between or (":" in between and place > end)
                said = text[words[place].start : words[place].end]
                parted |= ("," in between or _is_and(words, place - 1)) and said in SAYS_MORE
                if _ends(words[place], place, ends) or parted:
                    break  # but `Not taking: metformin`
                reached.add(place)
        elif sense == "post":
            for place in range(start - 1, max(-1, start - 1 - SCOPE), -1):
                between = text[words[place].end : words[place + 1].start]
                if _ends(words[place], place, ends) or ";" in between:
                    break
                reached.add(place)
    return reached


def _is_and(words: Sequence[Token], place: int) -> bool:
    return words[place].norm in ("and", "but", "then")


def _is_last(words: Sequence[Token], text: str, end: int) -> bool:
    """Whether nothing that could be denied follows, behind a word that denies either way."""
    behind = text[words[end - 1].end :].lstrip()
    return LAST.match(behind) is not None


LAST = re.compile(
    r"(?i)(?:[^\w\s'\u2019\"]|$|(?:by|on|in|at|as|for|after|and|but|because|so)\b|\d)"
)


def _ends(word: Token, place: int, ends: set[int]) -> bool:
    return word.norm in STOPS or place in ends


NEUTRAL = word_set(
    "history hx h past previous prior old chronic recurrent present existing persistent standing "
    "longstanding"
)
"""Words by which neither is said: a history of hypertension is had by those who have it."""


OVER = word_set("thing matter belong longer distant")
"""Words with which it is said to be over: a thing of the past, no longer present."""
SCHOOL = word_set("school college university education degree ged")
STATUSES = {"active": "current", "resolved": "past", "stopped": "past", "told": ""}
"""Senses of the table -> what they say; a verb of the past says neither, and ends what another
said before it."""


def statuses(words: Sequence[Token], text: str, named: set[int]) -> list[tuple[int, int, str]]:
    """Where it is said that something goes on (current) or has ended (past)."""
    found: list[tuple[int, int, str]] = []
    for start, end, sense in lookup.phrases("status", words):
        said = {word.norm for word in words[start:end]}
        status = STATUSES.get(sense)
        if any(word.norm in SCHOOL for word in words[end : end + 3]):
            continue  # `finished high school`
        if any(word.norm in ("file", "record") for word in words[end : end + 1]):
            continue  # `is on file`
        bare = text[words[start].start : words[end - 1].end].lower() in ("take", "use", "receive")
        neutral = said & NEUTRAL and not said & OVER
        if status is None or bare or neutral:
            continue
        if not named.intersection(range(start, end)):
            found.append((start, end, status))
    return found


PROPOSED_BEHIND = re.compile(
    r"(?i)\b(?:may|might|should|could|is|are|will)(?: be)?(?: \w+)? (?:due|overdue|indicated|"
    r"needed|recommended|advised|warranted|planned|scheduled|contraindicated)\b|"
    r"\b(?:(?:may|might|should|could|will) be|(?:is|are) being)(?: \w+)? considered\b"
)
"""What stands before it is proposed."""
NOTHING_IS = re.compile(r"(?i)\W*(?:no|none|nothing|not)\b")


def supposed_from(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """Where in a clause supposition begins; its length where there is none. A question is one.

    `spans`: characters of names, which suppose nothing: assessment of substance use.
    """
    proposed = PROPOSED_BEHIND.search(text) and not NOTHING_IS.match(text)
    if text.rstrip().endswith("?") or proposed:
        return 0
    for found in SUPPOSED.finditer(text):
        if not any(start <= found.start() < end for start, end in spans):
            return found.start()
    return len(text)
