"""What the tense of a clause says of a thing: that it goes on, or only that it was once."""

from __future__ import annotations

import re

from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.words import word_set

HAS = re.compile(
    r"(?i)\b(?:has(?: got)?|have(?: got)?|has (?:developed|acquired)|is (?:under|in|living with))"
    r"\s+(?!had\b|been\b)"
)
IS = re.compile(
    r"(?i)\b(?:(?:(?:she|he|patient) )?(?:is|remains) (?:(?:still|now|currently|presently) )?"
    r"(?:(?:being )?treated for|(?:under|on) treatment for|recovering from|suffering from)|"
    r"(?:she|he|patient) (?:is|remains))\s+"
)
SINCE = re.compile(r"(?i)[\s,(:–-]*(?:(?:daily|continuously|ever)\s+)?since\s*")
"""Between a thing and the day from which it has gone on."""
BESIDE = word_set(
    "a an the and or also both as well with mild moderate severe ongoing known documented recorded "
    "still now currently presently confirmed diagnosed his her their some other of to"
)
"""Words that may stand between `has` and what one has."""
OVER = re.compile(
    r"(?i)\b(?:resol\w+|ended|ends|past|history|hx|until|till|to|through|remission|cured|healed|"
    r"recovered|previous\w*|prior|former\w*|episodes?|no longer|gone|stop\w+|discontinu\w+|"
    r"complet\w+|inactive|subsided|free|cleared|finish\w+|once|was|were|lasted|lasting|days|weeks|"
    r"family|if|when|whether)\b"
)
"""In a clause that speaks of what is over."""
OF_ANOTHER = re.compile(
    r"(?i)\s+(?:risk|screening|prevention|prophylaxis|histor\w+|care|plans?|education|clinic|"
    r"vaccin\w+|symptoms?|visits?|admissions?|tests?|medic\w+|drugs?|treatments?|therapy|surgery|"
    r"antibod\w+|exposure|contacts?|appointments?|encounters?)\b"
)
"""What follows a name that is part of another."""


def goes_on(clause: Clause, one: Mention) -> bool:
    """Whether a clause says in the present tense, or since a day, that somebody has something."""
    if not clause.names(one) or clause.context.status == "past" or OVER.search(clause.text):
        return False
    if OF_ANOTHER.match(clause.text, one.last(clause)):
        return False
    return _is_had(clause, one) or _since(clause, one)


def _is_had(clause: Clause, one: Mention) -> bool:
    """`has a cough and cystitis`: nothing but names and small words after the verb."""
    first = one.first(clause)
    verbs = [found.end() for verb in (HAS, IS) for found in verb.finditer(clause.text, 0, first)]
    if not verbs:
        return False
    between = [n for n, w in enumerate(clause.words) if max(verbs) <= w.start < first]
    return all(n in clause.taken or clause.words[n].norm in BESIDE for n in between)


def _since(clause: Clause, one: Mention) -> bool:
    """`on naproxen since 2001`: the day right behind the thing."""
    last = one.last(clause)
    days = [day for day in clause.dates if day.start >= last]
    return bool(days) and SINCE.fullmatch(clause.text, last, days[0].start) is not None
