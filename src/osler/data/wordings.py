"""Questions in the words of people who ask, made by rule from those of a set.

Three forms: in lower case and without a mark; in plain words of the same kind of question
(assets/quickstart/wordings.txt); and by what a passage tells, without its topic's name: "I have
puffy cheeks and a tender jaw. What could it be?"
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from osler.retrieve.sentences import sentences
from osler.rows import Row

KINDS = (
    ("urgent", r"urgent|emergency|ambulance|right away|(?:see|call) a doctor|immediate"),
    ("complications", r"complications|long-term (?:health )?problems|what problems"),
    ("outlook", r"outlook|recover from|\bcured\b|get pregnant|after surgery"),
    ("prevention", r"prevent|avoid|protect|lower (?:my|the)|chance .* lowered|reduced"),
    ("susceptibility", r"\bwho\b|more likely|raises? the risk|increases the risk|chances of"),
    ("exams and tests", r"diagnos|\btests?\b|find out|check for|detected|confirm|recognize"),
    ("treatment", r"treat|managed|relieve|\bhelps?\b|\bcure\b"),
    ("symptoms", r"symptoms|signs|\bfeel|notice|look like|how can you tell"),
    ("causes", r"causes?\b|lead to|triggers?|brings on|\bwhy\b|how does a person get"),
    ("information", r"^what (?:is|are)\b|what happens|what does it mean|explain"),
)
"""What a question asks by its words, where its set does not say; the first that fits."""

LIST = re.compile(
    r"\b(?:includ(?:e|es|ing)|causes?|such as|ha(?:s|ve)|develop|experience|begins? with|notice)\s+"
    r"(?P<items>[^.;:()]+(?:,| and | or )[^.;:()]+)"
)
"""What a sentence lists."""
BETWEEN = re.compile(r",\s*(?:and|or)?\s*|\s+(?:and|or)\s+")
ITEM = re.compile(r"[A-Za-z][A-Za-z'’-]*(?: [A-Za-z'’-]+){0,3}")
"""One to four words."""
EMPTY = re.compile(
    r"(?i)^(?:others?|some|many|all|more|also|it|they|this|these|not|no|may|can)\b"
    r"|^an?(?: \w+(?:ed|ful|al|ic))?$|\b(?:that|which|who|is|are|was|the)\b"
)
"""What is no thing by itself."""

HAVING = (
    "I have {a} and {b}. What could it be?", "Why do I have {a}?", "What do {a} and {b} mean?",
    "My daughter has {a} and {b}", "Is {a} something to worry about?", "{a} {b}",
    "What could {a} with {b} come from?", "My husband complains of {a}. What might that be?",
)  # fmt: skip
"""Of symptoms; the answer is the passage's."""
NAMING = (
    "{topic} and {a}", "What has {topic} to do with {a}?", "{a} {b} {topic}",
    "Does {a} matter with {topic}?", "How do {a} and {b} go with {topic}?",
    "I read about {a} with {topic}, what about that?",
)  # fmt: skip
"""Of anything else that a passage lists."""


def kind_of(row: Row) -> str:
    """What a row asks of its topic: as its set says, else by its words; else how it begins."""
    told: Any = row.extra.get("qtype")
    if told:
        return str(told)
    asked = str(row.extra.get("asked", row.question)).lower()
    known = (kind for kind, words in KINDS if re.search(words, asked))
    return next(known, " ".join(asked.split()[:3]))


def in_lower_case(question: str) -> str:
    """A question as it is typed in haste."""
    return question.lower().rstrip(" ?.!")


def in_plain_words(row: Row, chance: Random) -> str | None:
    """Another wording of the same kind of question; None for a kind that has none.

    Every second one is in lower case and without a mark.
    """
    known = _wordings().get(kind_of(row))
    if not known:
        return None
    asked = chance.choice(known).format(topic=row.group)
    return in_lower_case(asked) if chance.random() < 0.5 else _begun(asked)


def by_what_is_told(row: Row, passage: str, chance: Random) -> tuple[str, str] | None:
    """A question in words that a passage lists, and the passage from there on; None where it lists
    nothing. Symptoms are asked of without the topic's name."""
    listed = [(start, items) for start, end in sentences(passage)
              if len(items := _listed(passage[start:end], row.group)) > 1]  # fmt: skip
    if not listed:
        return None
    start, items = chance.choice(listed)
    a, b = chance.sample(items, 2)
    forms = HAVING if kind_of(row) in ("symptoms", "complications", "urgent") else NAMING
    asked = chance.choice(forms).format(a=a, b=b, topic=row.group)
    asked = in_lower_case(asked) if chance.random() < 0.5 else _begun(asked)
    return asked, passage[start:]


def _listed(sentence: str, topic: str) -> list[str]:
    """The things that a sentence lists, but the topic itself."""
    found = LIST.search(sentence)
    items = BETWEEN.split(found["items"]) if found else []
    plain = [item.strip() for item in items]
    return [item for item in plain if ITEM.fullmatch(item) and not EMPTY.search(item)
            and topic.casefold() not in item.casefold()]  # fmt: skip


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _wordings() -> dict[str, list[str]]:
    """Kind of question -> its wordings."""
    text = (resources.files("osler") / "assets" / "quickstart" / "wordings.txt").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, _, wording = line.partition(" | ")
            found.setdefault(kind, []).append(wording)
    return found
