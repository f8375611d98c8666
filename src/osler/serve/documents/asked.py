"""What a document says of what a question is about, which stands before all that can wait."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from osler.serve.assistant.events import Piece, Source
from osler.serve.documents.lines import Finding
from osler.serve.documents.text import Text
from osler.serve.documents.values import about
from osler.serve.documents.writing import listed
from osler.summaries.audit import lookup
from osler.summaries.audit.words import tokens

WAITS = re.compile(
    r"(?i)\b(?:wait(?:ing)?|urgen\w+|emergenc\w+|how soon|how quickly|delay(?:ed)?|postpone|put off"
    r"|serious|danger\w*|hurry|next (?:week|month|year|appointment|visit)|right away|"
    r"straight ?away|tonight|hospital|a ?& ?e)\b"
)
URGENT = re.compile(
    r"(?i)\b(?:urgent\w*|emergenc\w+|immediate\w*|stat|today|tonight|same[- ]day|at once|now|"
    r"two[- ]week|2ww|straight ?away|without delay|as soon as possible|asap|within \d+ hours|"
    r"priority)\b"
)
"""Questions whether something can wait, and orders that tell that it cannot."""


def asked_about(
    question: str, known: Sequence[Finding], own: Sequence[Source], text: Text
) -> Iterator[Piece]:
    """What the document says of the tests that a question names, in their range or not."""
    said = tokens(question)
    tests = [question[said[a].start : said[b - 1].end]
             for a, b, _ in lookup.names_as("lab").found(said, question)]  # fmt: skip
    asked = (*tests, question)
    of = {id(one) for test in asked for one in about(test, known)}
    hurried = WAITS.search(question)
    found = [
        one for one in known
        if id(one) in of or _orders(one, asked)
        or (hurried and not one.told and URGENT.search(one.text))
    ]  # fmt: skip
    yield from listed("What you asked about", found, own, text)
    for test in tests if not found else ():
        gap = "\n" if text.said else ""
        yield text.line(f"{gap}No value of {test} was found in this document.")


def _orders(one: Finding, asked: Sequence[str]) -> bool:
    """Whether it is an order that names a test that is asked for."""
    return not one.told and any(about(one.text, [replace(one, name=test)]) for test in asked)
