"""Checks of groups: whether rows are kept apart by what they share, and enough of them held out.

They look at the receipt, which names groups and sides and holds no text, so that `osler run` can
say the same after its data stage as `osler check` does before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from osler.checks.finding import Finding, error, warning
from osler.data.groups import LikeGroup, is_own_group
from osler.data.prepared import Entry, Prepared, like_groups
from osler.data.sources import brings_split
from osler.data.split import test_share_for
from osler.disk import read_json
from osler.errors import DataError
from osler.evaluate.statistics import MIN_GROUPS
from osler.recipe import Recipe
from osler.recipe_sources import (
    CohortSource,
    EmbeddedSource,
    PublicSource,
    RecordsSource,
    TextSource,
    source_labels,
)
from osler.rows import Row


@dataclass(frozen=True)
class Grouped:
    """What the checks look at: the recipe, the kept rows' entries of the receipt, and per source
    the columns that look as if they named groups."""

    recipe: Recipe
    kept: Sequence[Entry]
    like_groups: Mapping[str, Sequence[LikeGroup]]

    def on(self, side: str) -> list[Entry]:
        """The entries of one side of the split."""
        return [entry for entry in self.kept if entry.split == side]

    def free_groups(self) -> set[str]:
        """Groups whose side follows from the hash of their name, so that shares decide on them."""
        sources = self.recipe.data.sources
        labels = zip(sources, source_labels(sources), strict=True)
        free = {
            label for source, label in labels if source.side == "auto" and not brings_split(source)
        }
        return {entry.group for entry in self.kept if entry.source in free}


def group_findings(recipe: Recipe, prepared: Prepared) -> Iterator[Finding]:
    """What there is to say of the groups of rows that are still in memory."""
    kept = [entry for entry in prepared.receipt if entry.kept]
    yield from _findings(Grouped(recipe, kept, like_groups(prepared)))


def after_data(recipe: Recipe, folder: Path) -> list[str]:
    """The same as lines, each with its cure, from the folder that the data stage wrote."""
    with (folder / "receipt.jsonl").open(encoding="utf-8") as lines:
        entries = [Entry(**json.loads(line)) for line in lines]
    columns = read_json(folder / "report.json")["like_groups"]
    found = _findings(Grouped(recipe, [entry for entry in entries if entry.kept], columns))
    return [f"{f.severity}: {f.place}: {f.message} {f.cure}" for f in found]


def _findings(g: Grouped) -> Iterator[Finding]:
    for check in (_without_groups, _test_groups, _validation_rows):
        yield from check(g)


def _without_groups(g: Grouped) -> Iterator[Finding]:
    """Rows that name no group count as independent of each other, which nobody has said."""
    held_out = {entry.source for entry in g.kept if entry.split != "train"}
    sources = g.recipe.data.sources
    for index, (source, label) in enumerate(zip(sources, source_labels(sources), strict=True)):
        if isinstance(
            source, TextSource | PublicSource | EmbeddedSource | RecordsSource | CohortSource
        ):
            continue  # a file is a document, and known sets have their groups
        columns, place = source.columns, f"data.sources[{index}].columns.group"
        said_so = columns.group is not None and columns.group == columns.id
        if label not in held_out or said_so:
            continue
        entries = [entry for entry in g.kept if entry.source == label]
        alone = sum(is_own_group(entry.id, entry.group) for entry in entries)
        if alone == len(entries) and columns.group is None:
            yield warning(
                "no-group", place,
                f"no row of {label} names a group, so each counts as independent of all others.",
                _name_a_group(g.like_groups.get(label, [])),
            )  # fmt: skip
        elif alone:
            yield warning(
                "group-partly-empty", place,
                f"{alone} of {len(entries)} rows of {label} name no group; each of them counts "
                "as independent of all others.",
                "Fill the column: what rows share must not stand on both sides of the split.",
            )  # fmt: skip


def _name_a_group(columns: Sequence[LikeGroup]) -> str:
    said = ", ".join(f"`{c['column']}` has {c['values']} values in {c['rows']} rows"
                     for c in columns[:3])  # fmt: skip
    return (
        "Set it to the column of what rows share (patient, topic, document)"
        + (f": {said}" if said else "")
        + ". If they share nothing, set it and columns.id to the column of ids."
    )


def _test_groups(g: Grouped) -> Iterator[Finding]:
    """Too few independent groups for any verdict."""
    rows = [Row(entry.id, entry.group, entry.source) for entry in g.on("test")]
    share = g.recipe.data.test_share
    if not rows:
        if share > 0:
            yield warning(
                "no-test-rows", "data.test_share", "no group fell on the test side.",
                _more_test_groups(g),
            )  # fmt: skip
        return
    most, there = g.recipe.evaluate.max_items, len({row.group for row in rows})
    if most is not None and g.recipe.evaluate.task != "each":
        from osler.evaluate.suite import first_groups

        try:
            rows = first_groups(rows, most)
        except DataError as fault:
            yield error("few-test-groups", "evaluate.max_items", fault.message, fault.cure)
            return
    groups = len({row.group for row in rows})
    if groups < MIN_GROUPS:
        enough = there >= MIN_GROUPS
        yield warning(
            "few-test-groups", "evaluate.max_items" if enough else "data.test_share",
            f"{len(rows)} test rows in {groups} groups: under {MIN_GROUPS} groups there can be no "
            "verdict.",
            _more_items(g) if enough else _more_test_groups(g),
        )  # fmt: skip


def _more_items(g: Grouped) -> str:
    """How many items surely hold enough groups, whichever come first: those of the largest."""
    sizes: dict[str, int] = {}
    for entry in g.on("test"):
        sizes[entry.group] = sizes.get(entry.group, 0) + 1
    return f"Set evaluate.max_items: {sum(sorted(sizes.values())[-MIN_GROUPS:])}, or remove it."


def _more_test_groups(g: Grouped) -> str:
    """The share that holds out enough groups, and how many more groups would do instead."""
    free, there = g.free_groups(), {entry.group for entry in g.on("test")}
    missing = MIN_GROUPS - len(there)
    share = g.recipe.data.test_share
    if not free or not share:
        return f"Add rows of {missing} more groups to a source of side: test."
    more = max(ceil(MIN_GROUPS / share) - len(free), missing)
    add = f"dd rows of about {more} more groups"
    wide = test_share_for(free, MIN_GROUPS - len(there - free))
    if wide is None:
        return f"A{add}."
    return f"Set data.test_share: {wide} (then {MIN_GROUPS} groups are held out), or a{add}."


def _validation_rows(g: Grouped) -> Iterator[Finding]:
    """A side to choose by was asked for, and nothing is on it."""
    share = g.recipe.data.validation_share
    if share == 0 or g.on("validation"):
        return
    stops = g.recipe.train.early_stopping_patience is not None
    severity, place = (
        (error, "train.early_stopping_patience") if stops else (warning, "data.validation_share")
    )
    lacks = "nothing can stop the training" if stops else "the best checkpoint cannot be chosen"
    instead = "remove train.early_stopping_patience" if stops else "set it to 0 to do without"
    yield severity(
        "no-validation-rows", place,
        f"no group fell on the validation side, so {lacks}.",
        f"{_more_validation(g)}, or {instead}.",
    )  # fmt: skip


def _more_validation(g: Grouped) -> str:
    """The share that puts one group on the validation side, which begins where test ends."""
    free, test = g.free_groups(), {entry.group for entry in g.on("test")}
    if not free - test:
        return "Give a source side: validation"
    both = test_share_for(free, len(free & test) + 1)
    if both is None:
        return "Add groups, or raise data.validation_share"
    wide = max(round(both - g.recipe.data.test_share, 2), 0.01)
    return f"Set data.validation_share: {wide}"
