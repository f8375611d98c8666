"""What is said in place of an answer: greetings, refusals, a note on languages."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources

from osler.serve.scope.emergency import LOCAL_NUMBER

LONGEST_GREETING = 120
"""Characters: what is longer says more."""

GREETING = (
    "Hello! I answer questions about health: diseases, symptoms, medicines and tests, with the "
    "sources I rest on. You can also give me a medical document to summarise. I am no doctor and "
    "do not replace one. What would you like to know?"
)

COURTESIES = {
    "asks": GREETING,
    "bye": "Goodbye, and take care. Your questions about health are welcome at any time.",
    "thanks": "You are welcome. If you have another question about health, ask me.",
    "noted": "All right. If you have another question about health, ask me.",
}
"""What a message of courtesy gets, by its kind in courtesies.txt."""

UNREAD = (
    "I read English only, and am not sure that I understood your message. Please write it in "
    "English. I answer questions about health. If somebody is in danger now, call {number}."
)


def is_greeting(text: str) -> bool:
    """A message that greets, thanks, takes leave or asks what the assistant is for, and no more; of
    signs alone, as faces are, too."""
    plain = _plain(text)
    if not plain:
        return True
    return len(plain) <= LONGEST_GREETING and bool(_greetings().fullmatch(plain))


def courtesy(text: str) -> str:
    """What a greeting is answered: thanks, a leave and an "ok" in a few words of their own."""
    plain = _plain(text)
    kind = next((kind for kind, words in _courtesies() if words.search(plain)), "asks")
    return COURTESIES[kind]


def _plain(text: str) -> str:
    """The words of a message in lower case, without apostrophes and marks."""
    words = re.sub(r"[^\w\u0900-\u097f ]+", " ", re.sub(r"['’`]", "", text.casefold()))
    return " ".join(words.split())


@cache
def _courtesies() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lines = (line.partition(": ") for line in _lines("courtesies") if line and line[0] != "#")
    return tuple((kind, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for kind, _, words in lines)


@cache
def _greetings() -> re.Pattern[str]:
    part = "|".join(line for line in _lines("greetings") if line and line[0] != "#")
    return re.compile(rf"(?:(?:{part})(?: |$))+")


@cache
def _lines(name: str) -> tuple[str, ...]:
    path = resources.files("osler") / "assets" / "scope" / f"{name}.txt"
    return tuple(path.read_text("utf-8").splitlines())


def refusal(text: str, *, read: bool = True, number: str | None = None) -> str:
    """What a question that is not for the assistant gets; the same question gets the same words.

    `read` is False where it was in a language the assistant does not read; it may have been an
    emergency, for which `number` is named.
    """
    if not read:
        return UNREAD.format(number=number or LOCAL_NUMBER)
    digest = hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).digest()
    wordings = _lines("refusals")
    return wordings[int.from_bytes(digest[:4]) % len(wordings)]
