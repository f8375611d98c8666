"""Several turns: what of a conversation is sent, and what a follow-up asks by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from osler.errors import UserError
from osler.prompts import Passage, question_with_sources
from osler.rows import Message
from osler.serve.assistant.cite import rarity, stem
from osler.summaries.audit.words import word_set

LEADS = re.compile(
    r"(?i)^\W*(?:and|but|so|or|also|then|what about|how about|what if|any other|anything else|"
    r"tell me more|more|why|really|are you sure|go on|explain|what else|since when|how so)\b"
)
REFERS = re.compile(
    r"(?i)\b(?:it|its|it['’]s|they|them|their|theirs|this|that|these|those|he|she|him|her|his|hers|"
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
        "involved scientists itself"
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

    A follow-up ("and for children?") gets the last question before it that stands by itself in
    front. By rule: a small model's rewriting loses more than it finds.
    """
    said = users(messages)
    question = said[-1].strip()
    if not depends(question):
        return question
    before = next((one.strip() for one in reversed(said[:-1]) if not depends(one)), "")
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
    refers = LEADS.search(question) or REFERS.search(question)
    own = OWN.search(question)
    least = PRONOUN_TERM if PRONOUN.search(question) and not own else TERM if refers else NOUN
    named = [rarity(word) for word in words if stem(word) not in FACETS]
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
    shown, left_out = len(passages), 0
    while True:
        sent = _sent(system, turns, passages[:shown])
        tokens = count(sent)
        if tokens <= room:
            return Sent(sent, shown, left_out, tokens)
        earlier = len(users(turns)) - 1
        if earlier > 1 or (earlier == 1 and not shown):
            turns = _without_first(turns)
            left_out += 1
        elif shown:
            shown -= 1
        else:
            raise TooLong(tokens, room)


def _sent(
    system: str, turns: Sequence[Message], passages: Sequence[Passage]
) -> tuple[Message, ...]:
    asked = question_with_sources(turns[-1]["content"], passages)
    return (
        Message(role="system", content=system),
        *turns[:-1],
        Message(role="user", content=asked),
    )


def _without_first(turns: list[Message]) -> list[Message]:
    """Without the first question and what was answered: templates want a user's turn first."""
    second = next(n for n, m in enumerate(turns) if n and m["role"] == "user")
    return turns[second:]
