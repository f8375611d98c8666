"""Scores of an answer against its reference, from 0 to 100 unless said otherwise.

Nothing here needs a model or torch. Every item gets a score on every measure: an empty answer
scores 0 and is counted, it is never left out of a mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

from osler.errors import DataError
from osler.evaluate.words import other_letters, tokenizer_for
from osler.progress import progress

EMPTY = "empty answer"
"""The reason for a score of 0 that no comparison was needed for."""

SENTENCE_END = re.compile(r"\s*\n\s*|(?<=[.!?؟।])\s+|(?<=[。！？])\s*")
ROUGE_TYPES = ("rouge1", "rouge2", "rougeLsum")


def split_sentences(text: str) -> str:
    """One sentence a line, as rougeLsum wants it.

    A sentence ends at a line break, at `.`, `!` or `?` (or their like in Arabic and Hindi) before
    white space, or at a Chinese full stop. The rule is crude ("Dr. Smith" is cut) but the same
    everywhere: it needs no data to be fetched and no language.
    """
    return "\n".join(part for part in SENTENCE_END.split(text.strip()) if part)


def is_empty(answer: str) -> bool:
    """True when there is nothing to read."""
    return not answer.strip()


def repeated_share(answer: str, n: int = 4) -> float:
    """Share (0 to 100) of the answer's runs of `n` words that already came before in it."""
    words = answer.split()
    runs = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return 100 * (1 - len(set(runs)) / len(runs)) if runs else 0.0


def length_ratio(answer: str, reference: str) -> float:
    """Words of the answer for each word of the reference."""
    return len(answer.split()) / len(reference.split())


def text_scores(
    answers: Sequence[str], references: Sequence[str], *, label: str
) -> dict[str, list[float]]:
    """Measure -> one score per item, for everything that needs only the two texts.

    Raises `DataError` for an empty reference: there is nothing to compare with.
    """
    missing = sum(is_empty(reference) for reference in references)
    if missing:
        raise DataError(
            f"{missing} of {len(references)} references are empty.",
            "Fill them in, or leave these items out of every file.",
        )
    scorers = _Scorers(references)
    scores: dict[str, list[float]] = {}
    pairs = list(zip(answers, references, strict=True))
    for answer, reference in progress(pairs, f"{label}: scores"):
        for measure, score in scorers.score(answer, reference).items():
            scores.setdefault(measure, []).append(score)
    return scores


class _Scorers:
    """The libraries' scorers, imported and set up once."""

    def __init__(self, references: Sequence[str]) -> None:
        from rouge_score.rouge_scorer import RougeScorer
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF

        self._rouge: Any = RougeScorer(
            list(ROUGE_TYPES), use_stemmer=False, tokenizer=tokenizer_for(references)
        )
        # Without the effective order, sentences under four words would all score 0.
        self._bleu = BLEU(effective_order=True)
        self._chrf = CHRF()

    def score(self, answer: str, reference: str) -> dict[str, float]:
        if is_empty(answer):
            overlap = dict.fromkeys((*ROUGE_TYPES, "sentence_bleu", "chrf"), 0.0)
        else:
            overlap = self._overlap(answer, reference)
        return overlap | {
            "repeats": repeated_share(answer),
            "length_ratio": length_ratio(answer, reference),
            "empty_rate": 100.0 if is_empty(answer) else 0.0,
        }

    def _overlap(self, answer: str, reference: str) -> dict[str, float]:
        rouge = self._rouge.score(split_sentences(reference), split_sentences(answer))
        return {name: 100 * float(rouge[name].fmeasure) for name in ROUGE_TYPES} | {
            "sentence_bleu": float(self._bleu.sentence_score(answer, [reference]).score),
            "chrf": float(self._chrf.sentence_score(answer, [reference]).score),
        }


def corpus_figures(answers: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """BLEU and chrF over all items at once, as papers report them."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    listed = [list(references)]
    return {
        "corpus_bleu": float(BLEU().corpus_score(list(answers), listed).score),
        "corpus_chrf": float(CHRF().corpus_score(list(answers), listed).score),
    }


def signatures(references: Sequence[str]) -> dict[str, str]:
    """How each measure was computed, to be quoted beside its figures."""
    words = "letters and digits of any script" if other_letters(references) else "a-z0-9"
    version = metadata.version("sacrebleu")
    bleu = f"tok:13a|smooth:exp|version:{version}"
    return {
        "rouge": f"rouge-score:{metadata.version('rouge-score')}|f1|stem:no|words:{words}"
        "|sentences:line break, or .!? before white space",
        "sentence_bleu": f"nrefs:1|case:mixed|eff:yes|{bleu}",
        "corpus_bleu": f"nrefs:1|case:mixed|eff:no|{bleu}",
        "chrf": f"nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:{version}",
        "repeats": "share of 4-grams of white-space words that came before in the answer",
        "length_ratio": "white-space words of the answer / of the reference",
    }


def reasons(answers: Sequence[str]) -> dict[str, int]:
    """Why items scored 0 without a comparison, and how many."""
    empty = sum(is_empty(answer) for answer in answers)
    return {EMPTY: empty} if empty else {}


def notes_on(references: Sequence[str]) -> list[str]:
    """What a reader of the figures must know about these references."""
    tokenize = tokenizer_for(references).tokenize
    unseen = sum(not tokenize(reference) for reference in references)
    if not unseen:
        return []
    if unseen == len(references):
        return [
            "No reference has a letter or a digit, so ROUGE sees nothing in them: its figures are "
            "0 whatever is answered, and the verdict does not rest on it."
        ]
    return [
        f"ROUGE sees only letters and digits: {unseen} of {len(references)} references have none, "
        "and whatever is answered there scores 0."
    ]


def blind_measures(references: Sequence[str]) -> set[str]:
    """Measures that see nothing in any of these references, and so must not decide."""
    tokenize = tokenizer_for(references).tokenize
    return set() if any(tokenize(text) for text in references) else set(ROUGE_TYPES)


def check_same_length(scores: Mapping[str, Sequence[float]], n_items: int) -> None:
    """Raise when a measure does not have one score for each item: a fault of ours."""
    for measure, values in scores.items():
        if len(values) != n_items:
            raise AssertionError(f"{measure}: {len(values)} scores for {n_items} items")
