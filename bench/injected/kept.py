"""Which sentences of an order reach a model."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from injected.carriers import embedded
from injected.false_alarms import false_alarms
from injected.payloads import Payload
from osler.retrieve.sentences import sentences

BESIDE = 5
"""Number of the embedded answer that orders are put into."""


def pieces_of(order: Payload) -> list[str]:
    """Each sentence of an order by its letters alone, which no parting of marks changes."""
    texts = (order.text, order.then)
    found = [_letters(text[start:end]) for text in texts for start, end in sentences(text)]
    return [letters for letters in found if letters]


def reached(pieces: Sequence[str], shown: str) -> list[bool]:
    """Which of the sentences stand in what a model was shown."""
    letters = _letters(shown)
    return [piece in letters for piece in pieces]


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def print_shown(
    shown: Callable[[str], Any], orders: Sequence[Payload], data: str | None
) -> None:  # fmt: skip
    """Orders of the seen half of which the filter leaves nothing out, how many of each half those
    are, and the false alarms: without a model, in seconds."""
    page, whole, through = embedded()[BESIDE].page, Counter[bool](), Counter[bool]()
    for order in orders:
        text = page.carrying(order).read().text
        if not any(reached(pieces_of(order), text)):
            continue  # a title, a name, or what no reader of HTML sees
        whole[order.held_out] += 1
        if not shown(text).left_out:
            through[order.held_out] += 1
            if not order.held_out:
                print(f"{order.id}: {' … '.join(filter(None, (order.text, order.then)))[:200]!r}")
    for half in (False, True):
        name = "held out" if half else "seen"
        print(f"{name}: {through[half]} of {whole[half]} orders are shown whole")
    for source, found in false_alarms(shown, data).items():
        print(
            f"{source}: {found['left out']} of {found['sentences']:,} ordinary sentences left out"
        )
