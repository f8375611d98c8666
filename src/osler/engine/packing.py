"""Several documents in one row of fixed length, and the batches that keep them apart."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

IGNORED = -100


def split_long(lengths: Sequence[int], capacity: int) -> list[tuple[int, int, int]]:
    """Pieces (document, start, end) of at most `capacity` tokens; only longer documents are cut."""
    return [
        (document, start, min(start + capacity, length))
        for document, length in enumerate(lengths)
        for start in range(0, length, capacity)
    ]


def best_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Bins of indices whose lengths add up to at most `capacity`.

    Best-fit decreasing (Johnson 1973): longest first, each into the fullest bin that still has
    room. Deterministic: ties go to the lower index. Raises `ValueError` for a longer item.
    """
    bins: list[list[int]] = []
    by_room: dict[int, list[int]] = {}
    rooms: list[int] = []  # sorted keys of by_room
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        length = lengths[index]
        if length > capacity:
            raise ValueError(f"item {index} has {length} tokens, a row has {capacity}")
        at = bisect.bisect_left(rooms, length)
        if at == len(rooms):
            bins.append([index])
            target, room = len(bins) - 1, capacity
        else:
            room = rooms[at]
            target = by_room[room].pop()
            if not by_room[room]:
                del by_room[room]
                rooms.pop(at)
            bins[target].append(index)
        left = room - length
        if left not in by_room:
            by_room[left] = []
            bisect.insort(rooms, left)
        by_room[left].append(target)
    return bins


def padding_share(lengths: Sequence[int], rows: int, capacity: int, batch: int = 1) -> float:
    """How much of so many packed rows is padding, 0 to 1; `lengths` are the documents' tokens.

    `batch`: the rows that every batch is filled up to (`PackedCollator`), which counts too.
    """
    return 1 - sum(lengths) / (-(-rows // batch) * batch * capacity)


class PackedCollator:
    """Makes a batch of packed rows: `[batch, capacity]`, or flat with `boundaries`.

    Each example holds `input_ids` and `labels` (lists of at most `capacity` ints, the first label
    of each document being -100) and `seq_lengths` (lengths of its documents). Position ids
    restart at each document; the padding at a row's end belongs to its last document, none of
    whose tokens see it, and has no labels, so that every batch has the same shape. With
    `boundaries` the batch is `[1, batch * capacity]` and they come as `cu_seq_lens_q`
    [documents + 1], as transformers names them, for kernels that take them; a batch of fewer than
    `rows` examples, the last of an epoch, is then filled up with padding. A batch of no
    examples at all is one row of padding.
    """

    def __init__(
        self, capacity: int, pad_token_id: int, *, boundaries: bool, rows: int = 1
    ) -> None:
        self.capacity = capacity
        self.pad_token_id = pad_token_id
        self.boundaries = boundaries
        self.rows = rows if boundaries else 1

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, Any]:
        rows = max(self.rows, len(examples))
        total = self.capacity * rows
        ids = np.full(total, self.pad_token_id, dtype=np.int64)
        labels = np.full(total, IGNORED, dtype=np.int64)
        lengths: list[int] = []
        for row, example in enumerate(examples):
            start, used = row * self.capacity, len(example["input_ids"])
            ids[start : start + used] = example["input_ids"]
            labels[start : start + used] = example["labels"]
            lengths += [int(length) for length in example["seq_lengths"]]
            # Padding lies behind its row's last document, where nothing sees it.
            lengths[-1] += self.capacity - used
        lengths += [self.capacity] * (rows - len(examples))
        ends = np.cumsum(lengths)
        positions = np.arange(total) - np.repeat(ends - lengths, lengths)
        # A kernel with boundaries takes one flat row; a mask must not grow with the whole batch.
        shape = (1, total) if self.boundaries else (rows, self.capacity)
        batch: dict[str, Any] = {
            "input_ids": torch.from_numpy(ids).view(shape),
            "labels": torch.from_numpy(labels).view(shape),
            "position_ids": torch.from_numpy(positions).view(shape),
        }
        if self.boundaries:
            cu = torch.zeros(len(lengths) + 1, dtype=torch.int32)
            cu[1:] = torch.from_numpy(ends)
            batch |= {
                "cu_seq_lens_q": cu,
                "cu_seq_lens_k": cu,
                "max_length_q": self.capacity,
                "max_length_k": self.capacity,
            }
        return batch


class PaddedCollator:
    """Makes a batch `[batch, longest]`, padded on the right, of unpacked examples.

    Of no examples at all it is one row without a label, of which the model learns nothing.
    """

    def __init__(self, pad_token_id: int) -> None:
        self.pad_token_id = pad_token_id

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, Any]:
        longest = -(-max((len(e["input_ids"]) for e in examples), default=1) // 8) * 8
        shape = (max(len(examples), 1), longest)
        ids = np.full(shape, self.pad_token_id, dtype=np.int64)
        labels = np.full(shape, IGNORED, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        mask[len(examples) :] = 1  # a row that sees nothing at all would come out as NaN
        for row, example in enumerate(examples):
            used = len(example["input_ids"])
            ids[row, :used] = example["input_ids"]
            labels[row, :used] = example["labels"]
            mask[row, :used] = 1
        batch = {"input_ids": ids, "labels": labels, "attention_mask": mask}
        return {key: torch.from_numpy(value) for key, value in batch.items()}
