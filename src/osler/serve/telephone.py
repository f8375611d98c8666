"""Telephone numbers that are put into urgent advice: nothing else may stand there."""

from __future__ import annotations

import re

from osler.errors import UserError

_ONE = r"(?=[^,o]*\d\d)\+?[(\d][\d ()/.-]*"
NUMBERS = re.compile(rf"{_ONE}(?:(?:,| or) {_ONE})*", re.ASCII)
LONGEST = 80


def refuse_no_number(flag: str, given: str | None) -> None:
    """Raise UserError for what is no telephone number and not several."""
    if given is None or (len(given) <= LONGEST and NUMBERS.fullmatch(given)):
        return
    raise UserError(
        f"{flag}: not a telephone number.",
        f"Give one, or several: {flag} 112, {flag} '+49 30 1234567', {flag} '112 or 999'.",
    )
