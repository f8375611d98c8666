"""Numbers of a text, whether written in digits or spelled out, as people say them in English.

Only values are read, no units: "76-year-old" and "seventy six" are the same number. What is said is
read generously (every value that a run of words could stand for), what is written strictly, so
that a number is called missing only where it surely is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

_CARDINALS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_MONTHS = "January February March April May June July August September October November December"

UNITS = {
    **{word: value for value, word in enumerate(_CARDINALS.split())},
    **{word: value for value, word in enumerate(_ORDINALS.split(), 1)},
    "oh": 0,
    "o": 0,
}
TENS = {word: 10 * value for value, word in enumerate(_TENS.split(), 2)} | {
    "twentieth": 20,
    "thirtieth": 30,
}
SCALES = {"hundred": 100, "thousand": 1000}
OTHER = {
    **{"a": "1", "an": "1", "once": "1", "twice": "2", "couple": "2", "pair": "2", "both": "2"},
    **{"half": "0.5", "dozen": "12"},
    **{month: str(number) for number, month in enumerate(_MONTHS.split(), 1)},
}
"""Words that tell a number and take no part in longer ones. Months are capitalised, or every "may"
would tell a 5."""
WITHIN = {"and", "point"}
"""Words that may stand inside a number."""

_ITEM = re.compile(r"(?:^|(?<=\s))(\d{1,2})[.)](?=\s+\S)", re.MULTILINE)
"""What may be the number of an item in a list."""
_WORD = re.compile(
    r"(?<![^\W_])(?<![A-Za-z]-)(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[^\W\d_]+|[^\w\s-]"
)
"""Digits that belong to no name such as B12 or COVID-19, words, and marks, which end a number."""
_VAGUE = {"zero", "one", "o", "oh", "first", "second"}
"""Words that mostly stand for something else when they stand alone."""


def written_numbers(text: str) -> set[str]:
    """The values that a text surely states, as plain decimals: `{"76", "2.5"}`.

    A run of number words is one value ("twenty five" is 25); alone, "one" and its like are not,
    and neither are the numbers of a list.
    """
    found: set[str] = set()
    for run in _runs(_without_list_numbers(text)):
        if run[0][0].isdecimal():
            found |= set(map(_plain, run))
        elif len(run) > 1 or run[0] not in _VAGUE:
            found |= {_plain(str(value)) for value in _cardinals(run)}
    return found


def told_numbers(text: str) -> set[str]:
    """Every value that a text could be telling, its parts included.

    "one thirty eight over seventy" tells 138 and 70, "nineteen ninety eight" 1998, "ninety eight
    point six" 98.6, "oh eight" 8, 1908 and 2008.
    """
    words = re.findall(r"[A-Za-z]+", text)
    found = {OTHER[word] for word in words if word in OTHER}
    found |= {OTHER[word.lower()] for word in words if word.lower() in OTHER}
    for run in _runs(text):
        if run[0][0].isdecimal():
            found |= set(map(_plain, run))
            continue
        for start in range(len(run)):
            found |= set(_readings(run[start:]))
    return found


def _without_list_numbers(text: str) -> str:
    """The text without `1.`, `2.` and so on where they count up from one."""
    parts: list[str] = []
    end, expected = 0, 1
    for match in _ITEM.finditer(text):
        if int(match[1]) == expected:
            parts.append(text[end : match.start()])
            end, expected = match.end(), expected + 1
    return "".join([*parts, text[end:]])


def _runs(text: str) -> Iterator[list[str]]:
    """Numbers in digits, one by one, and runs of number words."""
    run: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0].lower()
        if word in UNITS or word in TENS or word in SCALES or word in WITHIN:
            run.append(word)
            continue
        if run:
            yield from _trimmed(run)
            run = []
        if word[0].isdecimal():
            yield [word]
    yield from _trimmed(run)


def _trimmed(run: list[str]) -> Iterator[list[str]]:
    """The run without the "and" around it; a "point" opens a decimal ("point one")."""
    while run and (run[0] == "and" or run[-1] in WITHIN):
        run = run[1:] if run[0] == "and" else run[:-1]
    if run:
        yield ["zero", *run] if run[0] == "point" else run


def _readings(run: Sequence[str]) -> Iterator[str]:
    """The values that words from the beginning of a run could stand for."""
    value, taken = _cardinal(run)
    if taken:
        yield _plain(str(value))
    said, rest = "", list(run)
    while rest and len(said) <= 6:
        small, taken = _below_hundred(rest)
        if not taken:
            break
        said += str(small)
        yield _plain(said)
        if len(said) == 2:  # "in ninety eight", "in oh eight"
            yield from (f"19{said}", f"20{said}")
        rest = rest[taken:]
        if rest[:1] == ["point"]:
            digits = "".join(str(UNITS[word]) for word in rest[1:] if UNITS.get(word, 10) < 10)
            yield _plain(f"{said}.{digits}") if digits else _plain(said)
            break


def _cardinals(run: Sequence[str]) -> Iterator[Decimal]:
    """The numbers that a run is made of, one after another, each as long as can be."""
    rest = list(run)
    while rest:
        value, taken = _cardinal(rest)
        if not taken:
            rest = rest[1:]
            continue
        rest = rest[taken:]
        digits = [UNITS[word] for word in rest[1:] if UNITS.get(word, 10) < 10]
        if rest[:1] == ["point"] and digits:
            yield Decimal(f"{value}." + "".join(map(str, digits)))
            return
        yield Decimal(value)


def _cardinal(run: Sequence[str]) -> tuple[int, int]:
    """The number at the beginning of a run, by grammar, and how many words it takes."""
    total, at = 0, 0
    for scale in ("thousand", "hundred", ""):
        part, taken = _below_hundred(run[at:])
        if scale == "thousand" and run[at + taken : at + taken + 1] == ["hundred"]:
            continue  # hundreds come first: "two hundred thousand" is not said of patients
        if scale and run[at + taken : at + taken + 1] == [scale]:
            total += (part if taken else 1) * SCALES[scale]
            at += taken + 1
            at += run[at : at + 1] == ["and"]
        elif not scale:
            total += part
            at += taken
    return total, at


def _below_hundred(run: Sequence[str]) -> tuple[int, int]:
    """A number below a hundred at the beginning of a run, and how many words it takes."""
    if not run:
        return 0, 0
    if run[0] in TENS:
        unit = UNITS.get(run[1], 0) if len(run) > 1 else 0
        return (TENS[run[0]] + unit, 2) if 0 < unit < 10 else (TENS[run[0]], 1)
    return (UNITS[run[0]], 1) if run[0] in UNITS else (0, 0)


def _plain(number: str) -> str:
    """`1,000.50` as `1000.5`, `08` as `8`."""
    return f"{Decimal(number.replace(',', '')).normalize():f}"
