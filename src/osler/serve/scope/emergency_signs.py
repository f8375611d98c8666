"""The signs of emergencies, and what makes such words something else, as patterns.

All are of text as `plain` gives it. The expressions are assets/scope/emergency_signs.txt; here
stands what each group of them means.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from re import Pattern

KINDS = (
    "self_harm", "breathing", "allergy", "stroke", "heart", "poisoning", "unconscious", "seizure",
    "birth", "bleeding", "infant", "diabetic",
)  # fmt: skip
"""Kinds of emergencies that have signs. A message's kind is the first whose sign is found."""


@cache
def _table() -> dict[str, str]:
    """Name -> its expressions joined, the names in braces filled in."""
    path = resources.files("osler") / "assets" / "scope" / "emergency_signs.txt"
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, expression = line.partition(": ")
            found.setdefault(name, []).append(expression)
    joined: dict[str, str] = {}
    for name, expressions in found.items():
        text = "|".join(expressions)
        for known, inner in joined.items():
            text = text.replace(f"{{{known}}}", inner)
        joined[name] = f"(?:{text})"
    return joined


def _pattern(name: str, before: str = r"\b", after: str = r"\b") -> Pattern[str]:
    return re.compile(f"{before}{_table()[name]}{after}")


_APOSTROPHES = re.compile("['’`´]")


def plain(text: str) -> str:
    """A text in small letters, and without apostrophes, as people leave them out."""
    return _APOSTROPHES.sub("", text.casefold())


SIGNS = {kind: _pattern(kind, after="") for kind in KINDS}
"""Kind -> its signs."""


def names_one(text: str) -> bool:
    """Whether a text names a sign of an emergency, be it there or not."""
    told = plain(text)
    return any(pattern.search(told) for pattern in SIGNS.values())


AIDS = {
    aid: (_pattern(f"aid_{aid}", after=""), kinds)
    for aid, kinds in {
        "diabetic": ("stroke", "poisoning", "other"),
        "gas": ("poisoning", "breathing", "heart", "unconscious", "burn", "other"),
        "eye": ("poisoning", "burn", "injury", "other"),
        "heat": ("stroke", "other", "infection"),
        "inner_bleeding": ("bleeding", "other"),
        "nosebleed": ("bleeding", "other"),
        "cord": ("birth",),
        "pregnancy": ("bleeding", "birth"),
    }.items()
}
"""First aid for what a message names -> its words, and the kinds of emergencies to which it fits
better than what helps in those."""
LETHAL = _pattern("lethal", after="")
"""A question of how much would kill."""
PERSON = _pattern("person")
"""Somebody is spoken of."""
ASKING = _pattern("asking", "", r" (?:i|we|you|one)\b")
"""An `I` that only asks: "should I"."""
QUESTION = _pattern("question", "^(?:and |so |but |hi |hello |please )*")
"""The beginning of a question or a request."""
NOW = _pattern("now")
PAST = _pattern("past")
CHRONIC = _pattern("chronic")
"""What has been so for long, or comes only with a cause that is harmless."""
NEGATED = _pattern("negated", after=r"(?: \w+){0,3} ?$")
"""Before a sign: it is not there, or only feared."""
FICTION = _pattern("fiction")
"""It is told of, not happening."""
THINGS = _pattern("things", after=r"(?! (?:\w+ ){0,3}(?:he|she|i|they|who)\b)\b")
"""What collapses or does not respond without being anybody."""
IDIOM = _pattern("idiom", "", "")
HYPOTHETICAL = _pattern("hypothetical", after=r"(?: \w+){0,6} ?$")
"""Before a sign: it is only thought of."""
CALL = _pattern("call", after="")
"""Somebody asks whether to call for help, or says that it is now."""
