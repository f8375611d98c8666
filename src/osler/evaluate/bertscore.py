"""BERTScore (Zhang et al. 2020, arXiv 1904.09675) with a small encoder that comes as a package.

The F1 of greedy matching over the encoder's last hidden state. Neither weighted by rarity (idf)
nor rescaled, so figures lie high and close together, and compare only with others of the same
signature. The marks that open and close a text take no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osler.encoder import MOST_PIECES, Encoder, encoder_name
from osler.evaluate.metrics import is_empty
from osler.evaluate.summary import Examination
from osler.progress import progress

CURE = "pip install 'osler[bertscore]', or set evaluate.bertscore=false."
BATCH = 32
"""Items scored side by side: the vectors of all their texts are in memory at once as float32."""


@dataclass(frozen=True)
class BertScores:
    """System -> one F1 (0 to 100) per item, and how many texts were cut to the encoder's limit."""

    scores: dict[str, list[float]]
    texts_cut: int


def bert_scores(answers: Mapping[str, Sequence[str]], references: Sequence[str]) -> BertScores:
    """Score the answers of several systems against the same references.

    Each reference is encoded once. An empty answer scores 0.
    """
    encoder = Encoder("BERTScore", CURE)
    scores = {system: [0.0] * len(references) for system in answers}
    order = sorted(range(len(references)), key=lambda i: len(references[i]))
    for start in progress(range(0, len(order), BATCH), "bertscore"):
        items = order[start : start + BATCH]
        texts = [side[i] for side in (references, *answers.values()) for i in items]
        vectors = encoder.encode(texts)
        wanted = vectors[: len(items)]
        for number, (system, given) in enumerate(answers.items(), 1):
            own = vectors[number * len(items) : (number + 1) * len(items)]
            for i, *pair in zip(items, own, wanted, strict=True):
                scores[system][i] = 0.0 if is_empty(given[i]) else matching_f1(*pair)
    return BertScores(scores, encoder.texts_cut)


def add_bert_scores(
    examination: Examination, answers: Mapping[str, Sequence[str]], references: Sequence[str]
) -> None:
    """Add the measure to all systems of an examination, and say how it was done."""
    found = bert_scores(answers, references)
    for name, scores in found.scores.items():
        examination.systems[name].scores["bertscore"] = scores
    examination.signatures["bertscore"] = signature()
    if found.texts_cut:
        examination.notes.append(
            f"BERTScore read only the first {MOST_PIECES} word pieces of {found.texts_cut} texts, "
            "references included."
        )


def matching_f1(answer: Any, reference: Any) -> float:
    """F1 (0 to 100) of two texts given as unit vectors, (pieces, dimensions) each."""
    if len(answer) == 0 or len(reference) == 0:
        return 0.0
    alike = answer @ reference.T
    precision = float(alike.max(dim=1).values.mean())
    recall = float(alike.max(dim=0).values.mean())
    both = precision + recall
    return max(0.0, 100 * 2 * precision * recall / both) if both > 0 else 0.0


def signature() -> str:
    """How the scores were computed."""
    return f"{encoder_name()}|layer:last|f1|idf:no|rescaled:no|marks:no|cut at {MOST_PIECES} pieces"
