"""Several turns: what of a conversation is sent, and what a follow-up asks by itself."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from osler.errors import UserError
from osler.prompts import Passage, question_with_sources
from osler.rows import Message
from osler.serve.assistant.cite import rarity, stem
from osler.serve.engines.protocol import TooLong as FarTooLong
from osler.summaries.audit.words import word_set

LEADS = re.compile(
    r"(?i)^\W*(?:and|but|so|or|also|then|what about|how about|what if|any other|anything else|"
    r"tell me more|more|why|really|are you sure|go on|explain|what else|since when|how so)\b"
)
REFERS = re.compile(
    r"(?i)\b(?:it|its|it['’]s|they|them|their|theirs|mine|this|that|these|those|he|she|him|her|his|hers|"
    r"one|ones|such|same|there|both|either|the (?:disease|condition|illness|disorder|problem|"
    r"medicine|drug|treatment|test|vaccine|symptoms?|risks?|causes?))\b"
)
FACETS = frozenset(
    stem(word)
    for word in word_set(
        "symptom sign treatment treat treated therapy cause contagious infectious catching "
        "pregnant pregnancy breastfeeding inherit inherited hereditary genetic common prevent "
        "prevented prevention diagnose diagnosed diagnosis test tested testing surgery "
        "operation cure cured curable treatable doctor medicine medicines medication drug drugs "
        "dose risk outlook prognosis dangerous serious fatal deadly complication children child "
        "adult adults elderly baby babies women men exercise sport diet food eat drink alcohol "
        "vaccine vaccination recover recovery survive screening specialist hospital insurance "
        "cost price effects stages types statistics research trials help happens hurt affect "
        "affected worse better severe mild avoid foods options usual warning worry chances "
        "percent detail details example examples short explain simpler gene "
        "genes dna mutation expectancy factors advice illness meaning likely confirmed rare "
        "involved scientists itself higher lower greater"
    )
)
"""Stems of what is asked of a disease, which name none."""
WHOM = frozenset(
    stem(word)
    for word in word_set(
        "children child adult adults elderly baby babies women men pregnant pregnancy breastfeeding"
    )
)
"""Of them, those of people: with these alone the earlier question is asked again."""
KIN = frozenset(
    stem(word)
    for word in word_set(
        "mother father mum mom dad parents grandmother grandfather grandma grandpa nan granny wife "
        "husband partner sister brother siblings son daughter kids family relative relatives aunt "
        "uncle cousin twin niece nephew friend"
    )
)
"""Stems of who has something: "my grandmother had it"."""
WHERE = re.compile(r"(?i)^\W*(?:and|but|or)\s+(?:in|with|without|during|after|before|on|at)\b")
"""How a follow-up begins that asks the same again, of other people or at another time."""
OWN = re.compile(r"(?i)^\W*(?:my|i|i['’]\w+|our|we)\b")
TERM, NOUN = 2.5, 0.75
"""How rare a word is that says what a question is about; where nothing refers back, this rare."""
PRONOUN = re.compile(r"(?i)\b(?:it|its|they|them|their)\b")
PRONOUN_TERM = 4.6
"""The same where a pronoun stands for it: "is the knee affected by it"."""
LONG = 14
"""Words; a longer message says itself what it is about."""


class TooLong(UserError):
    """A prompt that does not fit into the model's context, in tokens."""

    def __init__(self, needed: int, room: int) -> None:
        super().__init__(
            f"That message needs {needed:,} tokens, and the model has room for {room:,}.",
            "Send a shorter one, or ask for a shorter answer (max_tokens).",
        )
        self.needed, self.room = needed, room


def users(messages: Sequence[Message]) -> list[str]:
    """What the user has said, in order."""
    return [m["content"] for m in messages if m["role"] == "user"]


def standalone(messages: Sequence[Message]) -> str:
    """The last question so that it can be looked up without the conversation.

    A follow-up ("and for children?") gets the last question before it that asks something in front,
    itself as it stands alone. By rule: a small model's rewriting loses more than it finds.
    """
    return _standalone([one.strip() for one in users(messages)])


def _standalone(said: Sequence[str]) -> str:
    *earlier, question = said
    if not depends(question):
        return question
    asking = [n for n, one in enumerate(earlier) if not depends(one) or _asks_something(one)]
    before = _standalone(earlier[: asking[-1] + 1]) if asking else ""
    subject = _subject(before) if _asks_something(question) else before
    if subject and subject != before and PRONOUN.search(question):
        return PRONOUN.sub(subject, question, count=1)
    return f"{subject or before} {question}".strip()


def _asks_something(question: str) -> bool:
    """Whether a follow-up says itself what is asked ("how is it treated"), and not only of whom."""
    words = {stem(word) for word in question.split()}
    return bool(words & FACETS - WHOM)


def _subject(question: str) -> str:
    """What a question is about: from the first to the last word that names something."""
    words = question.split()
    named = [n for n, word in enumerate(words) if rarity(word) >= NOUN and stem(word) not in FACETS]
    return " ".join(words[named[0] : named[-1] + 1]).strip(" ?.!,;:") if named else ""


def depends(question: str) -> bool:
    """Whether a message cannot be understood without those before it."""
    words = question.split()
    if len(words) > LONG:
        return False
    if WHERE.search(question):
        return True
    refers = LEADS.search(question) or REFERS.search(question)
    own = OWN.search(question)
    least = PRONOUN_TERM if PRONOUN.search(question) and not own else TERM if refers else NOUN
    named = [rarity(word) for word in words if stem(word) not in FACETS | KIN]
    return max(named, default=0.0) < least and bool(refers or not own)


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent to the model."""

    messages: tuple[Message, ...]
    passages: int
    """How many of the passages are shown."""
    left_out: int
    """How many of the oldest exchanges are not sent."""
    tokens: int


def fitted(
    system: str, messages: Sequence[Message], passages: Sequence[Passage], room: int,
    count: Callable[[Sequence[Message]], int],
) -> Sent:  # fmt: skip
    """The conversation with its passages within `room` tokens.

    What goes first are the oldest exchanges but the last, then the passages found last, then the
    last exchange. Raises `TooLong` where the question alone does not fit.
    """
    turns = [m for m in messages if m["role"] != "system"]
    begins = [n for n, m in enumerate(turns) if m["role"] == "user"]
    begins[0] = 0
    *_, last = ways = _ways(len(begins) - 1, len(passages))

    def sent(way: tuple[int, int]) -> tuple[Message, ...]:
        left_out, shown = way
        return _sent(system, turns[begins[left_out] :], passages[:shown])

    def fits(way: tuple[int, int]) -> bool:
        try:
            return count(sent(way)) <= room
        except FarTooLong:
            if way == last:
                raise
            return False

    # Each way is shorter than the one before, so a few counts find the longest that fits.
    left_out, shown = way = ways[min(bisect_left(ways, True, key=fits), len(ways) - 1)]
    tokens = count(sent(way))
    if tokens > room:
        raise TooLong(tokens, room)
    return Sent(sent(way), shown, left_out, tokens)


def _ways(earlier: int, passages: int) -> list[tuple[int, int]]:
    """What could be sent, the most first: exchanges that are left out, passages that are shown."""
    all_but_last = range(max(earlier, 1))
    ways = [(left_out, passages) for left_out in all_but_last]
    ways += [(all_but_last[-1], shown) for shown in reversed(range(passages))]
    return ways if earlier == 0 else [*ways, (earlier, 0)]


def _sent(
    system: str, turns: Sequence[Message], passages: Sequence[Passage]
) -> tuple[Message, ...]:
    asked = question_with_sources(turns[-1]["content"], passages)
    return (
        Message(role="system", content=system),
        *turns[:-1],
        Message(role="user", content=asked),
    )
