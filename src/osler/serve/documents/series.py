"""Several values of one test in a line: which is the last, or that it is not sure. By rule."""

from __future__ import annotations

import re

from osler.records.units import canonical
from osler.serve.documents.dates import DATE, years
from osler.serve.documents.limits import NUMBER, RANGE

ARROW = re.compile(
    rf"(?<![\w/])(?:\d{{2,3}}/)?{NUMBER}(?:\s?[/%°A-Za-zµμ][\w%/µμ*^]{{0,15}})?"
    rf"\s{{0,3}}(?:-{{1,2}}>|=>|[→⟶➔➝➞⇒])\s{{0,3}}(?={NUMBER})"
)
"""`6.2 -> 5.1`: all but the last is of an earlier time."""
BOLD = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,90})(?<=\S)\1")
"""Markdown's marks."""
_NEW = r"(?!\s?(?i:repeat|re-?check|re-?test|then|now|later|today))"
ASIDE = re.compile(rf"\({_NEW}[^()]{{0,120}}\)|\[{_NEW}[^\[\]]{{0,120}}\]")
"""What stands in brackets, if it is no other value."""
_TIMES = r"now|then|today|current|currently|at present|later|latest"
LAST = re.compile(
    rf"(?i)\b(?:to|is|{_TIMES})(?: (?:now|only|just|about|at|of))?:? (?P<value>{NUMBER})(?![-/:])"
    rf"|(?P<dated>{NUMBER})[^\d.,;]{{0,20}}\b(?:{_TIMES})\b"
)
"""The present one of several values."""
ONCE = re.compile(
    r"(?i)\b(?:prev\w*|prior|before|earlier|was|were|baseline|last|from|usual\w*)[ :]+(?:\w+ )?$"
)
AGAIN = re.compile(
    rf"(?i)(?:\b(?:repeat\w*|re-?check\w*|re-?test\w*|and|or|again|{_TIMES})\W+|(?:^|[,;/>])\s?)$"
)
"""What stands before an earlier value, and before another one."""
LEADS = re.compile(
    rf"(?i)(?:\W|\b(?:{_TIMES}|yesterday|initially|first|last|earlier|previously|days?|weeks?|months?|"
    r"hours?|this|morning|evening|night|\w+day|admission|arrival|discharge|a|an|the|it|on|in|at|after|by|with|"
    r"from|to|and|but|is|was|has|had|been|rose|risen|rising|fell|fallen|falling|dropp\w+|climb\w+|"
    r"(?:in|de)creas\w+|improv\w+|up|down|treatment|dialysis|transfusion|level|value)\b)*"
)
"""What leads from an earlier value to a later one: nothing else is named."""
FIRST = re.compile(r"(?i)\W*(?:now|today|currently|at present|this morning)\b")
ENDS = re.compile(
    r"\s?(?:[.,;)\]!]|$)|\s(?:after|before|on|at|in|by|with|and|but|this|despite|following|since)\b"
)
WORD = re.compile(r"\s?([/%°A-Za-zµμ][\w%/µμ.*^°]{0,30}(?<!\.))")


def settled(text: str) -> str:
    """A line with blanks for values that an arrow leads on from, and for the marks of Markdown."""
    for mark in ("**", "__"):
        if mark in text:
            text = BOLD.sub(lambda bold: f"  {bold[2]}  ", text)
    return ARROW.sub(lambda step: " " * len(step[0]), text)


def bare(text: str) -> str:
    """A text without its ranges, its dates and what it says aside."""
    plain = DATE.sub(lambda day: " " if years(day[0]) else day[0], ASIDE.sub(" ", text))
    return RANGE.sub(" ", plain)


def last_of(text: str, unit: str) -> tuple[str, str]:
    """The present value of those that stand behind the first one, and its unit; empty where none
    is."""
    found = ("", unit)
    for one in LAST.finditer(bare(text)):
        group = "value" if one["value"] else "dated"
        word = WORD.match(one.string, one.end(group))
        of = word[1] if word and canonical(word[1]) is not None else ""
        if not LEADS.fullmatch(one.string[: one.start(group)]):
            continue
        if one["value"] and not of and not ENDS.match(one.string, one.end(group)):
            continue
        if not (of and unit) or of == unit:
            found = (one[group], unit or of)
    return found


def others(text: str, unit: str) -> bool:
    """Whether behind a value another one stands that is not told as an earlier one."""
    return bool(more(text, unit))


def more(text: str, unit: str) -> list[str]:
    """Those others."""
    plain = bare(text)
    found: list[str] = []
    for one in () if FIRST.match(plain) else re.finditer(NUMBER, plain):
        before, word = plain[: one.start()][-40:], WORD.match(plain, one.end())
        same = (unit and word and word[1] == unit) or ENDS.match(plain, one.end())
        if same and AGAIN.search(before) and not ONCE.search(before):
            found.append(one[0])
    return found
