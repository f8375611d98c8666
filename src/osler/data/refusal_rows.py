"""Questions that are not for a medical assistant, each with a refusal.

Those of public sets are what people ask of other things; those about health are left out. The
unanswerable ones ask as patients ask, about things that nobody can have: the form of a question is
no proof that it is of health.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from osler.rows import Dropped, Message, Row, content_id
from osler.tasks.refusal import REFUSALS, UNKNOWN

ASKED = (
    "What is {thing}?", "What is (are) {thing} ?", "What are the symptoms of {thing}?",
    "What are the symptoms of {thing} ?", "What causes {thing}?", "What causes {thing} ?",
    "What are the treatments for {thing}?", "What are the treatments for {thing} ?",
    "How is {thing} diagnosed?", "How to diagnose {thing} ?", "How to prevent {thing} ?",
    "Is {thing} inherited?", "Is {thing} contagious?", "Who is at risk for {thing}?",
    "How many people are affected by {thing} ?", "What is the outlook for {thing} ?",
    "What are the genetic changes related to {thing} ?", "What are the side effects of {thing}?",
    "What are the complications of {thing} ?", "Can {thing} be cured?",
    "Do you have information about {thing}", "What are the stages of {thing} ?",
    "How long does {thing} last, and when should I see a doctor?", "I think I have {thing}. What "
    "should I do?", "What dose of {thing} should an adult take?",
    "what research (or clinical trials) is being done for {thing} ?",
)  # fmt: skip
"""Ways in which patients and MedQuAD ask."""
EACH = 5
"""Questions of each thing."""

ABOUT_HEALTH = re.compile(
    r"\b(?:health\w*|medic\w+|doctors?|nurs(?:e|es|ing)|hospitals?|patients?|diseases?|syndromes?"
    r"|symptoms?|pains?|painful|cancers?|tumou?rs?|virus\w*|viral|bacteri\w+|infect\w+|vaccin\w+"
    r"|drugs?|pills?|dos(?:e|age)s?|surg\w+|therap\w+|treatments?|cure[ds]?|diagnos\w+|diabet\w+"
    r"|asthma|blood|heart|lungs?|liver|kidneys?|brain|bones?|muscles?|nerves?|skin|stomach"
    r"|intestin\w+|bowels?|colon|ey(?:e|es)|ears?|teeth|tooth|throat|spine|spinal|glands?|hormon\w+"
    r"|cells?|genes?|genetic\w*|chromosom\w+|dna|rna|protein\w*|enzym\w+|vitamin\w*|diets?|calori\w+"
    r"|nutri\w+|obes\w+|weight|pregnan\w+|birth|bab(?:y|ies)|menstru\w+|sex\w*|sleep\w*|depress\w+"
    r"|anxi\w+|mental|stress|psych\w+|addict\w+|alcohol\w*|smok\w+|nicotin\w+|poison\w*|toxic\w*"
    r"|allerg\w+|fever\w*|flu|colds?|headaches?|injur\w+|wounds?|bleed\w*|burn(?:s|ed)?|emergenc\w+"
    r"|disabilit\w+|die[ds]?|death|body|organs?|anatom\w+|physiolog\w+|immun\w+|antibod\w+|epidem\w+"
    r"|pandem\w+|plague|clinic\w*|pharma\w+|dent(?:al|ist\w*)|exercis\w+|yoga|fitness|\w+(?:itis|osis"
    r"|emia|oma|opathy|ectomy|ology))\b",
    re.IGNORECASE,
)
"""Words by which a question may be of health. Too many rather than too few: what is left out here
is only not learnt."""


def is_about_health(text: str) -> bool:
    """True when a question may be one of health."""
    return ABOUT_HEALTH.search(text) is not None


def refused(row: Row) -> Row | Dropped:
    """A question of a public set with a refusal in place of its answer.

    Of questions that were typed without a capital and a mark every second gets both: what decides
    is to be what is asked, not how it is typed.
    """
    if is_about_health(" ".join(message["content"] for message in row.prompt)):
        return Dropped(row.id, row.source, row.place, "a question that may be of health")
    answer = Message(role="assistant", content=_one_of(REFUSALS, row.id))
    question = row.prompt[-1]["content"]
    if question.islower() and _number(row.id) // 16 % 2:
        question = f"{question[:1].upper()}{question[1:]}?"
    asked = Message(role="user", content=question)
    return replace(row, prompt=(*row.prompt[:-1], asked), completion=(answer,), extra={})


def unanswerable() -> Iterator[Row]:
    """Medical questions about things, grouped by the thing."""
    for number, thing in enumerate(things(), 1):
        for nth in range(EACH):
            asked = ASKED[(_number(thing) + nth * 5) % len(ASKED)]
            question = asked.format(thing=thing)
            own = content_id("unanswerable", question)
            wordings = (*UNKNOWN, *REFUSALS) if nth % 2 else UNKNOWN
            answer = _one_of(wordings, own).format(thing=thing)
            yield Row(
                id=own, group=thing.casefold(), source="unanswerable", place=f"things:{number}",
                prompt=(Message(role="user", content=question),),
                completion=(Message(role="assistant", content=answer),),
            )  # fmt: skip


@cache
def things() -> tuple[str, ...]:
    """What nobody can have, be treated for or take."""
    text = (resources.files("osler") / "assets" / "quickstart" / "things.txt").read_text("utf-8")
    return tuple(one.strip() for one in text.replace("\n", ",").split(",") if one.strip())


def _one_of(wordings: Sequence[str], own: str) -> str:
    return wordings[_number(own) % len(wordings)]


def _number(name: str) -> int:
    return int(content_id(name), 16)
