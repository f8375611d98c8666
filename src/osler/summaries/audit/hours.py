"""The time of the day at which a medicine is taken: every morning, at bedtime."""

from __future__ import annotations

import re

_AT = r"(?:(?:every|each|in the|at|with|before|after|q\.?|daily|and|or)[\s-]+)"
HOUR = re.compile(
    rf"(?i)\b(?:{_AT}(?:(?P<morning>morning|am\b|a\.m\.|breakfast|wak(?:ing|ening)|sunrise)|"
    r"(?P<noon>noon|midday|lunch(?:time)?|afternoon)|"
    r"(?P<evening>evening|night(?:time)?|pm\b|p\.m\.|bed-?time|bed time|bed|dinner|supper|"
    r"hs\b|retiring))|(?P<mornings>qam|mornings)|"
    r"(?P<evenings>qhs|qpm|nightly|evenings|nocte))\b"
)
"""`20 mg every morning`; the evening is all that comes after the afternoon."""


def of(text: str) -> frozenset[str]:
    """morning, noon or evening, as a text has them."""
    return frozenset(named(found) for found in HOUR.finditer(text))


def named(found: re.Match[str]) -> str:
    """Which of the three a match is."""
    return str(found.lastgroup).removesuffix("s")
