"""Emergencies in other languages: by a table of their signs, for the encoder reads English only.

The table is assets/scope/emergency_languages.txt. A sign is some words that have to be there
together; what is asked of general knowledge, past or denied is none, but where somebody thinks of
suicide.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from osler.serve.scope.language import LATIN, fold

CALL, NONE = "call", "none"
NUMBER = "112 / 911"
"""What is named where no number is set."""
MANY = r"(?<![\d.,])[1-9]\d{1,2}(?![\d.,]|\s?(?:mg|mcg|µg|g|ml|мг|毫克)\b)"
"""A number from 10, of which no unit says that it is a dose."""


def emergency_elsewhere(text: str) -> tuple[str, str] | None:
    """The kind of emergency a message in another language tells of, and the language."""
    plain = fold(text.replace("’", "'"))
    for language, signs in _table().items():
        quiet = any(_found(sign, plain) for sign in signs[NONE])
        for kind, some in signs.items():
            urgent = kind not in (CALL, NONE) and (kind == "self_harm" or not quiet)
            if urgent and any(_found(sign, plain) for sign in some):
                return kind, language
    return None


def call_now(language: str, number: str | None) -> str:
    """That one should call now, in a language of the table."""
    return _calls()[language].replace("{number}", number or NUMBER)


def _found(sign: tuple[re.Pattern[str], ...], plain: str) -> bool:
    return all(part.search(plain) for part in sign)


@cache
def _lines() -> tuple[tuple[str, str, str], ...]:
    """Language, kind and the rest of each line."""
    path = resources.files("osler") / "assets" / "scope" / "emergency_languages.txt"
    lines = (line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#")
    parted = (line.partition(": ") for line in lines)
    return tuple((*head.split(" "), rest) for head, _, rest in parted)  # type: ignore[misc]


@cache
def _calls() -> dict[str, str]:
    return {language: rest for language, kind, rest in _lines() if kind == CALL}


@cache
def _table() -> dict[str, dict[str, tuple[tuple[re.Pattern[str], ...], ...]]]:
    """Language -> kind -> signs, each the patterns that have to be found."""
    found: dict[str, dict[str, tuple[tuple[re.Pattern[str], ...], ...]]] = {}
    for language, kind, rest in _lines():
        if kind != CALL:
            signs = (sign.split("+") for sign in rest.split(", "))
            found.setdefault(language, {})[kind] = tuple(
                tuple(_part(part) for part in sign) for sign in signs
            )
    return found


def _part(part: str) -> re.Pattern[str]:
    """One of the words that / joins."""
    return re.compile(
        "|".join(MANY if word == "#" else _word(fold(word)) for word in part.split("/"))
    )


def _word(word: str) -> str:
    """The beginning of a word in Latin, Greek or Cyrillic letters, else any place."""
    spaced = LATIN.search(word) or any("\u0370" <= char <= "\u052f" for char in word)
    return rf"\b{re.escape(word)}" if spaced else re.escape(word)
