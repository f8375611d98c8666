"""Which bytes of the sources bear out a sentence of an answer.

A sentence is borne out by one sentence of a source, or two that follow each other, when nearly all
that it says stands there (content words weighed by how rare they are in English, stemmed), every
number of it stands there with its unit, how often and for whom (amounts.py), no word that both
share is denied in one and not in the other, none of a pair of opposites has become the other, and
how many, how surely and on what condition is the same (qualified.py). Where fewer of its words
stand there, the meaning must be near (cosine of the encoder's vectors). It is a rule for being
careful with: what it lets pass was measured (bench/citations.py), and what it misses is marked as
the model's own.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from osler.retrieve.sentences import GOES_ON, sentences
from osler.serve.assistant.amounts import Amounts, amounts
from osler.serve.assistant.events import Citation, Sentence
from osler.serve.assistant.opposites import OPPOSITES
from osler.serve.assistant.qualified import Qualified, qualified
from osler.summaries.audit.words import normal, word_set

Embed = Callable[[Sequence[str]], Any]
"""Texts -> unit vectors (texts, width)."""

WHOLE = 0.8
"""Share of the weight of a sentence's words that must stand in the source."""
PART = 0.55
"""The least share, where the meaning is as near as NEAR."""
NEAR = 0.75
RARE = 6.0
"""Weight from which a word is a name or a term: such a word may not be missing."""

FEW = 3
"""Words below which nothing is said that could be borne out."""

WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]{1,2})?|\d+(?:[.,]\d+)*\s?%?|%")
NUMBER = re.compile(r"\d")
DENIAL = re.compile(
    r"(?i)\b(?:no|not|never|none|neither|nor|without|cannot|can['’]t|\w+n['’]t|rarely|seldom|"
    r"hardly|unlikely|absence of|absent|lacks?|free of|instead of|rather than|fails? to|"
    r"false|wrong|untrue|myth|prevents?|avoids?|stops?)\b"
)
CLAUSE = re.compile(
    r"(?i)[;:–—()]|[.,](?=\s)|\b(?:but|because|although|though|while|whereas|however|unless|"
    r"which|who|if|when|so that|and)\b"
)
GRAMMAR = word_set(
    "a an the of in on at to for by from with as it thi that these those they them he she we you i "
    "their your hi her be is are am wa were been do doe did ha have had will would can could may "
    "might should must or and than then so such there here some ani"
)
"""Stems that a denial does not turn round."""
USUAL = 1.6e9
"""Words that the frequencies of pyspellchecker were counted in."""


@dataclass(frozen=True, slots=True)
class Cited:
    """What can be cited: the text of a source, and where it begins in its document (bytes).

    `about` are the words around it: title and section, which need not be said again.
    """

    number: int
    text: str
    start: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """A stretch of text, by its words."""

    text: str
    words: dict[str, float]
    """Stem -> weight; 0 for those that every text has."""
    named: Counter[str]
    """How often each rare one stands there."""
    runs: tuple[tuple[str, ...], ...]
    """Stems of weight that stand side by side."""
    amounts: Amounts
    qualified: Qualified
    denied: frozenset[str]
    """Stems that a denial reaches."""


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """One or two sentences of a source."""

    source: Cited
    start: int
    end: int
    said: _Said
    """With the words of title and section, which count as said."""
    single: bool

    def holds(self, other: _Window) -> bool:
        """Whether another window is a part of this one."""
        return self.source is other.source and self.start <= other.start and other.end <= self.end


def cite(answer: str, sources: Sequence[Cited], embed: Embed | None = None) -> tuple[Sentence, ...]:
    """The sentences of an answer, each with the bytes of the sources that bear it out.

    Without `embed` only what is said in nearly the same words is borne out.
    """
    windows = [window for source in sources for window in _windows(source)]
    spans = sentences(answer)
    claims = [_said(answer[start:end]) for start, end in spans]
    found = [_copied(claim, sources) or _borne_out(claim, windows) for claim in claims]
    if embed is not None:
        _add_near(claims, windows, found, embed)
    return tuple(
        Sentence(start, end, tuple(_citation(best)) if best else ())
        for (start, end), best in zip(spans, found, strict=True)
    )


def _windows(source: Cited) -> Iterator[_Window]:
    spans = _sentences(source.text)
    about = _said(source.about)
    for length in (1, 2):
        for first in range(len(spans) - length + 1):
            start, end = spans[first][0], spans[first + length - 1][1]
            said = _said(source.text[start:end])
            joined = replace(
                said,
                words=about.words | said.words,
                named=about.named + said.named,
                amounts=replace(said.amounts, around=frozenset(about.amounts.marks)),
            )
            yield _Window(source, start, end, joined, length == 1)


def _copied(claim: _Said, sources: Sequence[Cited]) -> _Window | None:
    """Where a source has just these words, from the beginning of a sentence to the end of one; over
    the ends of lines, too."""
    words = claim.text.removesuffix(".").split()
    copy = re.compile(r"\s+".join(map(re.escape, words)))
    for source in sources if len(words) >= FEW else ():
        copies = list(copy.finditer(source.text))
        spans = _sentences(source.text) if copies else []
        begins, ends = {a for a, _ in spans}, {b for _, b in spans}
        for found in copies:
            start, end = found.span()
            end += source.text.startswith(".", end)
            if start in begins and end in ends:
                return _Window(source, start, end, claim, single=False)
    return None


def _sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a source, whole where they go on in the next line."""
    return sentences(GOES_ON.sub(" ", text))


def _borne_out(claim: _Said, windows: Sequence[_Window]) -> _Window | None:
    """The window with most of a claim, of equal ones the shortest, where that is nearly all."""
    fit = [(_share(claim, w.said), w) for w in _agreeing(claim, windows)]
    enough = [(share, w.start - w.end, w) for share, w in fit if share >= WHOLE]
    return max(enough, key=lambda each: each[:2])[2] if enough else None


def _agreeing(claim: _Said, windows: Sequence[_Window]) -> list[_Window]:
    """Windows that neither contradict a claim nor lack a name of it, in order.

    Where a single sentence says most of the claim and contradicts it, no window with it agrees.
    """
    if len(claim.words) < FEW or not any(claim.words.values()):
        return []
    against = [w for w in windows if _contradicts(claim, w.said)]
    refuted = [w for w in against if w.single and _share(claim, w.said) >= PART]
    return [
        w for w in windows
        if w not in against and not _lacks(claim, w.said) and not any(map(w.holds, refuted))
    ]  # fmt: skip


def _add_near(
    claims: Sequence[_Said], windows: Sequence[_Window], found: list[_Window | None], embed: Embed
) -> None:
    """For claims without a window: those that say it in other words."""
    wanted: dict[int, list[_Window]] = {}
    for n, claim in enumerate(claims):
        if found[n] is None:
            fit = [w for w in _agreeing(claim, windows) if _share(claim, w.said) >= PART]
            if fit:
                wanted[n] = sorted(fit, key=lambda w: -_share(claim, w.said))[:8]
    if not wanted:
        return
    texts = [claims[n].text for n in wanted] + [w.said.text for fit in wanted.values() for w in fit]
    vectors = np.asarray(embed(texts))
    at = len(wanted)
    for row, (n, fit) in enumerate(wanted.items()):
        near = vectors[at : at + len(fit)] @ vectors[row]
        at += len(fit)
        if float(near.max()) >= NEAR:
            found[n] = fit[int(near.argmax())]


def _citation(window: _Window) -> Iterator[Citation]:
    source = window.source
    before = len(source.text[: window.start].encode())
    size = len(source.text[window.start : window.end].encode())
    yield Citation(source.number, source.start + before, source.start + before + size)


def _share(claim: _Said, window: _Said) -> float:
    total = sum(claim.words.values())
    there = sum(weight for root, weight in claim.words.items() if root in window.words)
    return there / total if total else 0.0


def _lacks(claim: _Said, window: _Said) -> bool:
    """Whether a name or a term stands oftener in the claim than in the window (one that took the
    place of another), or two words side by side of the claim are not there."""
    there = window.words
    return not claim.named <= window.named or any(
        one not in there and other not in there
        for run in claim.runs
        for one, other in pairwise(run)
    )


def _contradicts(claim: _Said, window: _Said) -> bool:
    """Whether an amount or a qualifier is another, a shared word is denied in one alone, or an
    opposite is said."""
    if not claim.amounts.within(window.amounts) or not claim.qualified.follows(window.qualified):
        return True
    shared = claim.words.keys() & window.words.keys()
    if claim.denied & shared != window.denied & shared:
        return True
    return any(
        other in window.words and root not in window.words and other not in claim.words
        for root in claim.words
        for other in OPPOSITES.get(root, ())
    )


def _said(text: str) -> _Said:
    words: dict[str, float] = {}
    places: list[tuple[int, str]] = []
    runs: list[tuple[str, ...]] = [()]
    much = amounts(text)
    for match in WORD.finditer(text):
        if NUMBER.search(match[0]):
            runs.append(())
            continue
        amount = any(start <= match.start() < end for start, end in much.spans)
        root, weight = stem(match[0]), 0.0 if amount else _weight(match[0].lower())
        words[root] = max(weight, words.get(root, 0.0))
        places.append((match.start(), root))
        if weight > 0:
            runs[-1] += (root,)
        else:
            runs.append(())
    denied = frozenset(_denied(text, places)) - GRAMMAR
    told = tuple(run for run in runs if run)
    named = Counter(root for _, root in places if words[root] >= RARE)
    return _Said(text, words, named, told, much, qualified(text), denied)


def _denied(text: str, places: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Stems behind a denial, up to the end of its clause."""
    for denial in DENIAL.finditer(text):
        end = CLAUSE.search(text, denial.end())
        stop = end.start() if end else len(text)
        yield from (root for start, root in places if denial.end() <= start < stop)


@cache
def _stemmer() -> Any:
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


@lru_cache(100_000)
def stem(word: str) -> str:
    """A word without what inflects it (Porter 1980), in American spelling, without marks."""
    plain = word.replace("’", "'").strip(".,;:!?()'\"").removesuffix("'s")
    return _stemmer().stem(normal(plain))


@cache
def _frequencies() -> Any:
    from spellchecker import SpellChecker

    return SpellChecker().word_frequency


@lru_cache(100_000)
def _weight(word: str) -> float:
    """How rare a word is in English: 0 for those that every text has, 8 at most."""
    word = word.replace("’", "'").removesuffix("'s")
    count = max(_frequencies()[word], _frequencies()[normal(word)], 1)
    return min(max(math.log(USUAL / count) - 7.5, 0.0), 8.0)


def rarity(word: str) -> float:
    """How rare a word is in English, from 0 (every text has it) to 8; a number is 0."""
    found = WORD.search(word)
    return 0.0 if found is None or NUMBER.search(found[0]) else _weight(found[0].lower())
