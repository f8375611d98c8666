"""Whether a document is about a child, whom the shipped ranges, those of adults, are not for."""

from __future__ import annotations

import re

ADULT = 18
"""Years of age."""
SIGN = re.compile(
    r"(?i)\b(?:"
    r"(?P<child>newborn|neonat(?:e|es|al)|infant|toddler|baby (?:boy|girl)|"
    r"child(?![- ]?(?:pugh|proof|resistant|birth|care))|"
    r"\d{1,3}[- ](?:days?|weeks?|months?)[- ](?:old|of (?:age|life))|"
    r"age[d:]?\W{0,5}\d{1,3} ?(?:days|weeks|months))"
    r"|(?P<old>\d{1,3})[- ]?(?:(?:years?|yrs?)[- ]?(?:old|of age)|y\.?/?o)"
    r"|age[d:]?\W{0,5}(?P<aged>\d{1,3})"
    r")\b(?!\W*(?:brothers?|sisters?|sons?|daughters?|siblings?|twins?|nieces?|nephews?)\b)"
)
"""A child, or an age in years."""
OTHERS = re.compile(
    r"(?i)\b(?:mother|father|parents?|brother|sister|son|daughter|husband|wife|her|his|their|my|no|"
    r"with|as|one|first|second|third|only|youngest|eldest|since|from|at|until)\b(?:[^\w.;]+\w+){0,2}"
    r"[^\w.;]*$"
)
"""What stands before the age of somebody else, or of another time."""
BEFORE = 40
"""Characters before an age that are looked at."""
BORN = re.compile(
    r"(?i)\b(?:dob|date of birth|birth ?date|born(?: on)?)\b[^\w\n]{0,5}([\d./-]{8,10})"
)
DATE = re.compile(r"\b(?:(\d{4})-\d\d-\d\d|\d\d?[./]\d\d?[./](\d{4}))(?!\d)")


def is_adult(text: str) -> bool:
    """Whether it is not about a child: by the first age or word for one in it, which is the
    patient's, else by the date of birth and the latest of the other dates."""
    for sign in SIGN.finditer(text):
        before = text[max(0, sign.start() - BEFORE) : sign.start()].rpartition("\n")[2]
        if not OTHERS.search(before):
            return not sign["child"] and int(sign["old"] or sign["aged"]) >= ADULT
    born = BORN.search(text)
    if born is None or not (years := _years(born[1])):
        return True
    others = _years(text[: born.start()] + text[born.end() :])
    return not others or max(others) - years[0] >= ADULT


def _years(text: str) -> list[int]:
    return [int(one or other) for one, other in DATE.findall(text)]
