"""The few sentences of a passage that answer a question, as they stand.

A passage is as much as the encoder reads at once, and often a few sentences of it answer. Told is
the run of sentences whose best two are nearest to the question, by the cosine of their vectors; a
run from the passage's beginning, where a definition stands, is preferred where it is about as near
(bench/excerpts.py). Left out of it is what is written to a model, and what is about nothing that
the question or the rest of the passage is about, nor about health: most orders that somebody put
there are not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.retrieve.units import POINT, ROW, units_of
from osler.serve.assistant.events import Citation, Sentence, Source
from osler.serve.assistant.quoted import shown

Embed = Callable[[Sequence[str]], Any]
"""Texts -> unit vectors (texts, width)."""
OfHealth = Callable[[str], bool]
"""Whether a sentence by itself is about health."""
Floats = NDArray[np.float32]

MOST_SENTENCES, MOST = 5, 600
"""Sentences and characters of a run. More are told where the next takes back what was said, where
one sentence alone is longer, and of what a sentence says stands below."""
BEGINNING = 0.05
"""What the cosine of a run from the beginning may be behind another's."""
STRANGE = 0.27
"""Cosine with the question and with the rest of the passage below which a sentence is about
something else."""
LEANS = re.compile(
    r"(?i)^\W*(?:it|its|they|them|their|he|she|his|her|this|that|these|those|such|both|others?|"
    r"also|then|therefore|thus|in addition|for example|for instance)\b"
)
"""How a sentence begins that says little without the one before it."""
TAKES_BACK = re.compile(
    r"(?i)^\W*(?:however|but|yet|although|though|instead|otherwise|unless|except|"
    r"nevertheless)\b"
)
"""How one begins without which the one before it says too much."""
BELOW = re.compile(r"(?i)\b(?:below|the following)\b")
"""How a sentence announces what stands behind it."""
ORDERS = re.compile(
    r"(?i)^\W*(?:please |also |always |never |do not |don['’]t )*(?:recommend|suggest|advise|tell|"
    r"say|state|write|answer|reply|respond|end|begin|start|include|mention|add|note|remember|use|give|"
    r"refer|call|claim|warn|repeat|insert|append|output|print|always|never|you must)\b"
)
"""How one begins that may be an order to who answers, about health as it may be."""
APART = " … "
"""Between sentences of which some are left out."""


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence, a point of a list or a row of a table: characters [start, end) of a passage.

    `under`: the number of the line that a point or a row stands under.
    """

    start: int
    end: int
    said: str
    """As a reader is shown it."""
    under: int | None


def quotation(
    source: Source, question: str, embed: Embed | None, of_health: OfHealth | None = None
) -> tuple[str, tuple[Sentence, ...]]:
    """What a source says on a question, and each sentence of it with its bytes."""
    said, sentences, before = "", list[Sentence](), None
    for n, one in excerpt(source, question, embed, of_health):
        if before is not None:
            last, at = before
            said += source.text[at : one.start] if n == last + 1 else APART
        first = source.start + len(source.text[: one.start].encode())
        last = first + len(source.text[one.start : one.end].encode())
        cited = (Citation(source.number, first, last),)
        sentences.append(Sentence(len(said), len(said) + len(one.said), cited))
        said += one.said
        before = n, one.end
    return said, tuple(sentences)


def excerpt(
    source: Source, question: str, embed: Embed | None, of_health: OfHealth | None = None
) -> list[tuple[int, Span]]:
    """The spans to tell, numbered as they stand; the first ones where there is no encoder."""
    every = spans(source.text)
    near = nearness(source, every, question, embed, of_health)
    heads = {head.strip().casefold() for head in (source.title, *source.section.split(" > "))}
    fit = [n for n in near if every[n].said.strip(" #*").casefold() not in heads]
    if not fit:
        return []
    scores = np.array([near[n] for n in fit])
    first, last = max(_runs(every, fit), key=lambda run: _of_run(scores, *run))
    told = set(fit[first:last])
    told |= {one for n in told if (one := every[n].under) is not None and one in near}
    return [(n, every[n]) for n in sorted(told)]


def without_strange(
    source: Source, question: str, embed: Embed | None, of_health: OfHealth | None = None
) -> Source:
    """A source with blanks in place of what may not be told; all bytes stay where they were."""
    every = spans(source.text)
    near = nearness(source, every, question, embed, of_health)
    said, at = "", 0
    for one in (one for n, one in enumerate(every) if n not in near):
        size = len(source.text[one.start : one.end].encode())
        said, at = f"{said}{source.text[at : one.start]}{' ' * size}", one.end
    return replace(source, text=said + source.text[at:])


def nearness(
    source: Source,
    every: Sequence[Span],
    question: str,
    embed: Embed | None,
    of_health: OfHealth | None = None,
) -> dict[int, float]:
    """How near to the question each span is that may be told: it is neither written to a model nor
    about something else, as far as `of_health` knows it. Without an encoder all are as near."""
    fit = [
        n for n, one in enumerate(every)
        if one.said and not shown(source.text[one.start : one.end]).left_out
    ]  # fmt: skip
    if embed is None or not fit:
        return dict.fromkeys(fit, 0.0)
    vectors = np.asarray(embed([question, *(every[n].said for n in fit)]))
    near = vectors[1:] @ vectors[0]
    strange = _strange(near, vectors[1:])
    kept = [
        not strange[k] or bool(of_health and not ORDERS.match(every[n].said)
                               and of_health(every[n].said))
        for k, n in enumerate(fit)
    ]  # fmt: skip
    return {n: float(near[k]) for k, n in enumerate(fit) if kept[k]}


def spans(text: str) -> list[Span]:
    """The sentences, points and rows of a passage."""
    found: list[Span] = []
    lead = head = None
    for unit in units_of(text, 0, len(text)):
        said = text[unit.start : unit.end]
        row, point = ROW in said, POINT.match(said) is not None
        head = (len(found) if head is None else head) if row else None
        under = head if row and head != len(found) else lead if point else None
        lead = len(found) if said.endswith(":") else lead if point else None
        found.append(Span(unit.start, unit.end, shown(said).text, under))
    return found


def _strange(near: Floats, spans: Floats) -> list[bool]:
    """Which spans are near neither to the question nor to the others together; none, where all."""
    rest = spans.sum(0) - spans
    rest /= np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6)
    nearest = np.maximum(near, (spans * rest).sum(1))
    some = bool((nearest >= STRANGE).any())
    return [some and one < STRANGE for one in nearest]


def _runs(every: Sequence[Span], fit: Sequence[int]) -> Iterator[tuple[int, int]]:
    """As much as is told at most, from each span that can be understood without the one before."""
    last = 0
    for first in range(len(fit)):
        begin = every[fit[first]]
        if first and (LEANS.match(begin.said) or TAKES_BACK.match(begin.said)):
            continue
        last = first + 1
        while last < len(fit) and (
            (last < first + MOST_SENTENCES and every[fit[last]].end - begin.start <= MOST)
            or TAKES_BACK.match(every[fit[last]].said)
            or any(BELOW.search(every[n].said) for n in fit[first:last])
        ):
            last += 1
        yield first, last
        if last == len(fit):
            return


def _of_run(near: Floats, first: int, last: int) -> tuple[float, float]:
    """How near a run is to the question, by its best two; of equal ones, by all."""
    best = float(np.sort(near[first:last])[-2:].mean()) + (0 if first else BEGINNING)
    return best, float(near[first:last].mean())
