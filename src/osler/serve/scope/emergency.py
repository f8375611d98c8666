"""Emergencies: somebody, now, whose life may be in danger. They get advice, never a refusal.

By rule: a sign (`emergency_signs`) in a sentence that is about somebody, now, and is neither denied
nor past, a question of general knowledge, a figure of speech or a film. Where in doubt it is one: a
line of advice too many costs less than one too few.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from re import Match

from osler.serve.scope import emergency_signs as signs

LOCAL_NUMBER = "your local emergency number (112 in Europe, 911 in North America)"
LOCAL_LINE = (
    "a crisis line in your country (988 in the United States and Canada, 116 123 in much of Europe)"
)

_PARTS = re.compile(r"(?<=[.?!;])\s+|\n+")

LASTING = ("heart", "breathing", "stroke")
"""Signs of these that have been so for long, or come only with a cause, are no emergency."""

BY_ITSELF = 5
"""Words from which a statement of signs is taken for somebody's, though it names nobody."""


def advice(
    kind: str, number: str | None = None, crisis_line: str | None = None, text: str = ""
) -> str:
    """What to do now, in plain words. `number` and `crisis_line` stand for those of all countries;
    by the words of the message first aid fits better than by its kind alone.

    Raises `KeyError` for a kind that there is not.
    """
    call = f"call {number or LOCAL_NUMBER}"
    if kind == "self_harm":
        return (
            "I am very sorry that it is so hard right now, and I am glad you wrote. You do not "
            "have to go through this alone. Please reach somebody now: call or text "
            f"{crisis_line or LOCAL_LINE}. If you or somebody else is in danger at this moment, "
            f"{call}, and do not stay alone: go to somebody you trust, and put away anything that "
            "could be used to do harm."
        )
    return (
        f"This may be an emergency. Please {call} now; do not wait for an answer here. "
        f"{_first_aid()[_aid(kind, text)]} Follow what the people on the phone tell you."
    )


def _aid(kind: str, text: str) -> str:
    """Which first aid: that of what the message names, else that of its kind."""
    plain = signs.plain(text)
    fit = (
        aid for aid, (words, kinds) in signs.AIDS.items() if kind in kinds and words.search(plain)
    )
    return next(fit, kind)


@cache
def _first_aid() -> dict[str, str]:
    """What helps until somebody comes, by kind of emergency."""
    path = resources.files("osler") / "assets" / "scope" / "first_aid.txt"
    lines = (line.partition(": ") for line in path.read_text("utf-8").splitlines())
    return {kind: words for kind, _, words in lines}


def emergency(text: str) -> str | None:
    """The kind of emergency a message tells of, or None."""
    plain = signs.plain(text)
    parts = [part.strip() for part in _PARTS.split(plain) if part.strip()]
    somebody = _about_somebody(plain)
    for kind, pattern in signs.SIGNS.items():
        for part in parts:
            if any(_is_now(part, found, kind, somebody) for found in pattern.finditer(part)):
                return kind
    return None


def _is_now(part: str, found: Match[str], kind: str, somebody: bool) -> bool:
    """Whether a sign in this sentence is there, now, in somebody."""
    before = part[: found.start()]
    idiom = kind != "diabetic" and signs.IDIOM.search(part)  # as `blood sugar` is of bleeding
    if signs.NEGATED.search(before) or idiom:
        return False
    if signs.FICTION.search(part) and not (kind == "self_harm" and _about_somebody(part)):
        return False
    if kind == "unconscious" and signs.THINGS.search(before):
        return False
    urgent = bool(signs.CALL.search(part))
    if signs.HYPOTHETICAL.search(before) and not urgent:
        return False
    if signs.QUESTION.search(part) and not _about_somebody(part):
        return False
    now = urgent or bool(signs.NOW.search(part))
    if not now and kind in LASTING and signs.CHRONIC.search(part):
        return False
    if not now and kind != "birth" and signs.PAST.search(part):
        return False
    return somebody or now or kind == "self_harm" or len(part.split()) >= BY_ITSELF


def _about_somebody(plain: str) -> bool:
    return bool(signs.PERSON.search(signs.ASKING.sub(" ", plain)))
