"""What the data stage knows before it writes: rows by side, the receipt, an account of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from osler.data.groups import LikeGroup, columns_like_groups
from osler.data.identifiers import count_identifiers
from osler.data.lengths import length_table
from osler.data.split import SPLITS, Split
from osler.prompts import SystemPrompt, digests
from osler.recipe import Recipe
from osler.rows import Row, content_id, is_plain_id
from osler.template import Tokens


@dataclass
class Entry:
    """The receipt's line for one input row."""

    id: str
    source: str
    place: str
    group: str = ""
    split: str = ""
    tokens: int = 0
    trained_tokens: int = 0
    kept: bool = True
    reason: str = ""
    of: str = ""
    """For a duplicate: the id of the row it repeats."""

    def drop(self, reason: str, of: str = "") -> None:
        """Mark the row as dropped."""
        self.kept, self.reason, self.of = False, reason, of


@dataclass
class Prepared:
    """Everything the data stage knows before it writes: rows per split, and the receipt."""

    rows: dict[Split, list[Row]] = field(default_factory=lambda: {s: [] for s in SPLITS})
    tokens: dict[Split, list[Tokens]] = field(default_factory=lambda: {s: [] for s in SPLITS})
    receipt: list[Entry] = field(default_factory=list[Entry])
    licences: dict[str, str | None] = field(default_factory=dict[str, str | None])
    attributions: dict[str, str] = field(default_factory=dict[str, str])
    records: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Patients' records by digest, where sources are of patients."""
    counts: Counter[str] = field(default_factory=Counter[str])
    """`cleaned`: rows read whose text was tidied; `shortened`: kept rows whose prompt was cut;
    `with sources`, `follow-ups`: kept rows that are asked so."""
    prompts: dict[str, SystemPrompt] = field(default_factory=dict[str, SystemPrompt])
    """By task, the system prompt in front of its rows."""


def reasons(prepared: Prepared) -> list[tuple[str, int]]:
    return Counter(e.reason for e in prepared.receipt if not e.kept).most_common()


def like_groups(prepared: Prepared) -> dict[str, list[LikeGroup]]:
    """Per source without groups, its columns that look as if they named some."""
    return columns_like_groups(row for rows in prepared.rows.values() for row in rows)


def by_task(prepared: Prepared) -> dict[str, dict[str, int]]:
    """Per task: training rows, how many an epoch shows, and how many of their tokens are trained;
    rows of validation and test."""
    found: dict[str, dict[str, int]] = {}
    for split in SPLITS:
        for row, tokens in zip(prepared.rows[split], prepared.tokens[split], strict=True):
            own = found.setdefault(
                row.task,
                dict.fromkeys(("train", "shown", "trained_tokens", "validation", "test"), 0),
            )
            own[split] += 1
            if split == "train":
                own["shown"] += row.repeat
                own["trained_tokens"] += row.repeat * tokens.n_trained
    return found


def report(prepared: Prepared, recipe: Recipe, test_digest: str) -> dict[str, Any]:
    """Counts that add up to the input, lengths, licences, and signs of identifiers."""
    kept = {split: len(rows) for split, rows in prepared.rows.items()}
    dropped = dict(reasons(prepared))
    if sum(kept.values()) + sum(dropped.values()) != len(prepared.receipt):
        raise AssertionError("the receipt does not add up")  # a fault of ours, not the user's
    lengths = {
        split: asdict(
            length_table(
                # Neither an id that is text nor the name of a file belongs into the report.
                [
                    row.id if is_plain_id(row.id) else content_id(row.id)
                    for row in prepared.rows[split]
                ],
                [len(t.input_ids) for t in prepared.tokens[split]],
            )
        )
        for split in SPLITS
    }
    return {
        "input": len(prepared.receipt),
        "kept": kept,
        "dropped": dropped,
        "cleaned": prepared.counts["cleaned"],
        "shortened": prepared.counts["shortened"],
        "with_sources": prepared.counts["with sources"],
        "follow_ups": prepared.counts["follow-ups"],
        "tasks": by_task(prepared),
        "weights": recipe.data.weights,
        "prompts": digests(prepared.prompts),
        "groups": {s: len({row.group for row in prepared.rows[s]}) for s in SPLITS},
        "like_groups": like_groups(prepared),
        "trained_tokens": sum(t.n_trained for t in prepared.tokens["train"]),
        "lengths": lengths,
        "licences": prepared.licences,
        "attributions": prepared.attributions,
        "identifiers": count_identifiers(row for rows in prepared.rows.values() for row in rows),
        "test_digest": test_digest,
    }
