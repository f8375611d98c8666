"""The data stage: read, clean, account for every row, split, and write what the others read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from osler.data.groups import LikeGroup, columns_like_groups
from osler.data.identifiers import count_identifiers
from osler.data.lengths import BATCH, fit_row, is_too_long, length_table, refuse_too_long
from osler.data.overlap import near_duplicates
from osler.data.sources import attribution_of, licence_of, local_files, read_source
from osler.data.split import SPLITS, Split, leaking_rows, refuse_torn_groups, side_of
from osler.data.tables import Ask
from osler.disk import atomic_writer, file_digest, write_json
from osler.errors import DataError
from osler.model import load_tokenizer
from osler.progress import progress
from osler.recipe import Data, Recipe, source_labels
from osler.rows import Dropped, Row, content_id, is_plain_id, told_id, write_rows
from osler.run import Run
from osler.summaries.held import KEPT
from osler.template import Tokens, counter, require_template, tokenize_rows

SHORTENED = "prompt shortened"
"""The receipt's remark on a kept row whose prompt was cut to fit."""


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
    """`cleaned`: rows read whose text was tidied; `shortened`: kept rows whose prompt was cut."""


def prepare(recipe: Recipe, run: Run) -> None:
    """Write data/{train,validation,test,receipt}.jsonl and data/report.json."""
    with run.stage("data", inputs=inputs_of(run)) as out:
        prepared = plan(recipe, run.recipe_folder)
        for split in SPLITS:
            write_rows(out / f"{split}.jsonl", prepared.rows[split])
        with atomic_writer(out / "receipt.jsonl") as lines:
            for entry in prepared.receipt:
                lines.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        _keep_records(prepared, out.folder)
        summary = report(prepared, recipe, test_digest=file_digest(out / "test.jsonl"))
        write_json(out / "report.json", summary)
        out.facts["rows"] = summary["kept"]


def _keep_records(prepared: Prepared, folder: Path) -> None:
    """Write the records of held-out patients, against which their summaries are examined."""
    wanted = {
        str(row.extra["record"])
        for split in ("validation", "test")
        for row in prepared.rows[split]
        if "record" in row.extra and str(row.extra["record"]) in prepared.records
    }
    if wanted:
        kept = folder / KEPT
        kept.mkdir(mode=0o700, exist_ok=True)
        for digest in sorted(wanted):
            with atomic_writer(kept / f"{digest}.json", "wb") as file:
                file.write(prepared.records[digest])


def inputs_of(run: Run) -> list[Path]:
    """What the stage reads of the user's own: the files there are now."""
    return local_files(run.recipe.data.sources, run.recipe_folder)


def plan(recipe: Recipe, folder: Path) -> Prepared:
    """Read and judge every row in memory; nothing is written. `osler check` looks at the same."""
    tokenizer = load_tokenizer(recipe.model, folder)
    if recipe.train.objective == "sft":
        require_template(tokenizer, recipe.model.id)
    prepared = Prepared()
    rows = list(_unique(list(_read(recipe, folder, prepared, tokenizer))))
    fitted = list(_fitting(rows, recipe.data, tokenizer))
    if not fitted:
        raise DataError(
            f"No usable row among {len(prepared.receipt)} "
            f"({', '.join(f'{n} {reason}' for reason, n in _reasons(prepared))}).",
            "Check data.sources and the columns.",
        )
    fitted = list(_apart(fitted))
    refuse_torn_groups((row, side) for row, _, side, _ in fitted)
    for row, tokens, side, entry in _without_leaks(fitted, recipe.data):
        prepared.rows[side].append(row)
        prepared.tokens[side].append(tokens)
        prepared.counts["shortened"] += entry.reason == SHORTENED
        entry.tokens, entry.trained_tokens = len(tokens.input_ids), tokens.n_trained
    return prepared


Judged = tuple[Row, Entry, Split]
Fitted = tuple[Row, Tokens, Split, Entry]


def _read(recipe: Recipe, folder: Path, prepared: Prepared, tokenizer: Any) -> Iterator[Judged]:
    """Rows of all sources, each with its receipt entry; the unusable ones end here."""
    labels = source_labels(recipe.data.sources)
    for index, (source, label) in enumerate(zip(recipe.data.sources, labels, strict=True)):
        prepared.licences[label] = licence_of(source)
        fixed = None if source.side == "auto" else source.side
        attribution = attribution_of(source)
        if attribution is not None:
            prepared.attributions[label] = attribution
        ask = Ask(
            folder, f"data.sources[{index}]", recipe.train.objective, recipe.data.max_length,
            counter(tokenizer), prepared.records,
        )  # fmt: skip
        for item in read_source(
            source,
            index,
            folder,
            objective=recipe.train.objective,
            label=label,
            counts=prepared.counts,
            ask=ask,
        ):
            entry = Entry(item.id, item.source, item.place)
            prepared.receipt.append(entry)
            if isinstance(item, Dropped):
                entry.drop(item.reason)
            else:
                entry.group = item.group
                side = (
                    fixed
                    or item.side
                    or side_of(
                        item.group,
                        validation_share=recipe.data.validation_share,
                        test_share=recipe.data.test_share,
                    )
                )
                own = item.side if fixed is None else None
                yield replace(item, repeat=source.repeat, side=own), entry, side


def _unique(judged: Sequence[Judged]) -> Iterator[Judged]:
    """Without rows that repeat another to the letter; an id used for two texts is an error.

    Of rows that are the same a test row stays rather than one of validation, and that rather than
    one of training, so that no examination shrinks by what is trained; of one side, the first.
    """
    kept: dict[str, Judged] = {}
    contents: list[str] = []
    for item in judged:
        row, _, side = item
        content = content_id(
            *(m["content"] for m in (*row.prompt, *row.completion)), row.text or ""
        )
        contents.append(content)
        if content not in kept or SPLITS.index(side) > SPLITS.index(kept[content][2]):
            kept[content] = item
    by_id: dict[str, str] = {}
    for content, item in zip(contents, judged, strict=True):
        row, entry, side = item
        stays, _, of_side = kept[content]
        if stays is not row:
            where = "" if side == of_side else f" of a {of_side} row"
            entry.drop(f"exact duplicate{where}", of=stays.id)
            continue
        if row.id in by_id:
            raise DataError(
                f"{row.place}: {told_id(row.id)} was already used at {by_id[row.id]} for "
                "another row.",
                "Make ids unique, or leave out columns.id to have them made from the content.",
            )
        by_id[row.id] = row.place
        yield item


def _fitting(judged: Sequence[Judged], settings: Data, tokenizer: Any) -> Iterator[Fitted]:
    """Rows with tokens, after `too_long` was applied."""
    refused: list[tuple[Row, int]] = []
    starts = range(0, len(judged), BATCH)
    for start in progress(starts, "tokens"):
        batch = judged[start : start + BATCH]
        tokens = tokenize_rows(tokenizer, [row for row, _, _ in batch], settings.system)
        for (row, entry, side), row_tokens in zip(batch, tokens, strict=True):
            entry.tokens = len(row_tokens.input_ids)
            if settings.too_long == "error" and is_too_long(row, row_tokens, settings):
                refused.append((row, entry.tokens))
                continue
            kept = fit_row(row, row_tokens, settings, tokenizer)
            if kept is None:
                entry.drop("too long")
                continue
            if kept[0] is not row:
                entry.reason = SHORTENED
            entry.split = side
            yield *kept, side, entry
    refuse_too_long(refused, settings)


def _apart(fitted: Sequence[Fitted]) -> Iterator[Fitted]:
    """Without the rows by which a published split has one group on two sides."""
    leaks = leaking_rows((row, side) for row, _, side, _ in fitted)
    for position, item in enumerate(fitted):
        if position in leaks:
            held_out, side = leaks[position]
            item[3].drop(f"group of a {side} row", of=held_out.id)
            item[3].split = ""
        else:
            yield item


def _without_leaks(fitted: Sequence[Fitted], settings: Data) -> Iterator[Fitted]:
    """Without training rows that nearly repeat a held-out row."""
    training = [item for item in fitted if item[2] == "train"]
    held_out = [item for item in fitted if item[2] != "train"]
    leaks: dict[int, int] = {}
    if settings.near_duplicate is not None:
        leaks = near_duplicates(
            [_words(row) for row, *_ in training],
            [_words(row) for row, *_ in held_out],
            settings.near_duplicate,
        )
    for index, item in enumerate(training):
        if index in leaks:
            other = held_out[leaks[index]]
            item[3].drop(f"near duplicate of a {other[2]} row", of=other[0].id)
            item[3].split = ""
        else:
            yield item
    yield from held_out


def _words(row: Row) -> str:
    return row.text if row.text is not None else f"{row.question}\n{row.reference}"


def _reasons(prepared: Prepared) -> list[tuple[str, int]]:
    return Counter(e.reason for e in prepared.receipt if not e.kept).most_common()


def like_groups(prepared: Prepared) -> dict[str, list[LikeGroup]]:
    """Per source without groups, its columns that look as if they named some."""
    return columns_like_groups(row for rows in prepared.rows.values() for row in rows)


def report(prepared: Prepared, recipe: Recipe, test_digest: str) -> dict[str, Any]:
    """Counts that add up to the input, lengths, licences, and signs of identifiers."""
    kept = {split: len(rows) for split, rows in prepared.rows.items()}
    dropped = dict(_reasons(prepared))
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
        "groups": {s: len({row.group for row in prepared.rows[s]}) for s in SPLITS},
        "like_groups": like_groups(prepared),
        "trained_tokens": sum(t.n_trained for t in prepared.tokens["train"]),
        "lengths": lengths,
        "licences": prepared.licences,
        "attributions": prepared.attributions,
        "identifiers": count_identifiers(row for rows in prepared.rows.values() for row in rows),
        "test_digest": test_digest,
    }
