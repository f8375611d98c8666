"""The data stage: read, clean, account for every row, split, and write what the others read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from osler.data.lengths import BATCH, fit_row, is_too_long, refuse_too_long
from osler.data.library import Library
from osler.data.overlap import near_duplicates
from osler.data.prepared import Entry, Prepared, reasons, report
from osler.data.shown_sources import asked_otherwise
from osler.data.sources import attribution_of, licence_of, local_files, read_source
from osler.data.split import SPLITS, Split, leaking_rows, refuse_torn_groups, side_of
from osler.data.tables import Ask
from osler.data.weights import shows
from osler.disk import atomic_writer, file_digest, read_json, write_json
from osler.errors import DataError, RunError
from osler.model import load_tokenizer
from osler.progress import progress
from osler.prompts import digests, prompts_of, with_document
from osler.recipe import Data, Recipe
from osler.recipe_sources import source_labels
from osler.rows import Dropped, Message, Row, content_id, told_id, write_rows
from osler.run import Run
from osler.summaries.held import KEPT
from osler.template import Tokens, counter, require_template, tokenize_rows, with_system

SHORTENED = "prompt shortened"
"""The receipt's remark on a kept row whose prompt was cut to fit."""


def prepare(recipe: Recipe, run: Run) -> None:
    """Write data/{train,validation,test,receipt}.jsonl and data/report.json."""
    with run.stage("data", inputs=inputs_of(run)) as out:
        prepared = plan(recipe, run.recipe_folder)
        _keep_prompts(prepared, run, out.folder)
        for split in SPLITS:
            write_rows(out / f"{split}.jsonl", prepared.rows[split])
        with atomic_writer(out / "receipt.jsonl") as lines:
            for entry in prepared.receipt:
                lines.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        _keep_records(prepared, out.folder)
        summary = report(prepared, recipe, test_digest=file_digest(out / "test.jsonl"))
        write_json(out / "report.json", summary)
        out.facts["rows"] = summary["kept"]


def _keep_prompts(prepared: Prepared, run: Run, folder: Path) -> None:
    """Write the system prompts as they are trained, if they still are those of the run's lock."""
    locked = read_json(run.path / "recipe.lock.json").get("prompts", {})
    if digests(prepared.prompts) != locked:
        raise RunError(
            f"data.prompts: the files in {run.recipe.data.prompts} have changed since this run was "
            "begun.",
            "Start a new run; the prompts belong to what it is.",
        )
    if prepared.prompts:
        (folder / "prompts").mkdir(mode=0o700, exist_ok=True)
    for task, prompt in prepared.prompts.items():
        with atomic_writer(folder / "prompts" / f"{task}.txt") as file:
            file.write(f"{prompt.text}\n")


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
    named = run.recipe.data.prompts
    own = [] if named is None or named == "shipped" else (run.recipe_folder / named).glob("*.txt")
    return [*local_files(run.recipe.data.sources, run.recipe_folder), *sorted(own)]


def plan(recipe: Recipe, folder: Path) -> Prepared:
    """Read and judge every row in memory; nothing is written. `osler check` looks at the same."""
    tokenizer = load_tokenizer(recipe.model, folder)
    if recipe.train.objective == "sft":
        require_template(tokenizer, recipe.model.id)
    prepared = Prepared(prompts=prompts_of(recipe, folder))
    rows = list(_unique(list(_read(recipe, folder, prepared, tokenizer))))
    fitted = list(_fitting(rows, recipe.data, tokenizer))
    if not fitted:
        raise DataError(
            f"No usable row among {len(prepared.receipt)} "
            f"({', '.join(f'{n} {reason}' for reason, n in reasons(prepared))}).",
            "Check data.sources and the columns.",
        )
    fitted = list(_apart(fitted))
    refuse_torn_groups((row, side) for row, _, side, _ in fitted)
    kept = list(_without_leaks(fitted, recipe.data))
    kept = _weighted(_asked_otherwise(kept, recipe, tokenizer, prepared), recipe.data)
    for row, tokens, side, entry in kept:
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
        task = recipe.task_of(source)
        prompt = prepared.prompts[task].text if prepared.prompts else None
        count = counter(tokenizer)
        ask = Ask(
            folder, f"data.sources[{index}]", recipe.train.objective,
            recipe.data.max_length - (count([prompt])[0] if prompt else 0), count,
            prepared.records, task=task,
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
                item = replace(item, repeat=source.repeat, side=own)
                if item.text is None:
                    item = replace(item, task=task)
                if prompt is not None:
                    item = _prompted(item, prompt)
                yield item, entry, side


def _prompted(row: Row, prompt: str) -> Row:
    """The row as it is served: behind its task's system prompt, a document between its marks."""
    instruction = row.extra.get("instruction")
    turn = row.prompt[-1]
    if row.task == "document_summary" and isinstance(instruction, str):
        text = turn["content"].removeprefix(instruction)
        turn = Message(role="user", content=with_document(instruction, text))
    return replace(row, prompt=tuple(with_system([*row.prompt[:-1], turn], prompt)))


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


def _asked_otherwise(
    fitted: Sequence[Fitted], recipe: Recipe, tokenizer: Any, prepared: Prepared
) -> list[Fitted]:
    """With sources and earlier turns in some of the rows, as the recipe's sources say.

    What such a row is shown comes from training rows that are kept: the split is made by now. A row
    that would be too long so stays as it was.
    """
    labels = source_labels(recipe.data.sources)
    sources = dict(zip(labels, recipe.data.sources, strict=True))
    if not any(
        s.with_sources or s.follow_ups or s.typed or s.answer_words for s in recipe.data.sources
    ):
        return list(fitted)
    asks = [(row, side == "train") for row, _, side, _ in fitted if row.task == "medical_qa"]
    library = Library.of(
        [row for row, trained in asks if trained], [row for row, trained in asks if not trained]
    )
    found = list(fitted)
    asked: list[tuple[int, Row]] = []
    for place, (row, *_) in enumerate(fitted):
        source = sources[row.source]
        other = asked_otherwise(row, source, library) if library.rows else None
        if other is not None:
            asked.append((place, other))
    tokens = tokenize_rows(tokenizer, [row for _, row in asked], recipe.data.system)
    for (place, row), own in zip(asked, tokens, strict=True):
        if is_too_long(row, own, recipe.data):
            continue
        prepared.counts["with sources"] += "sources" in row.extra
        prepared.counts["follow-ups"] += "turns" in row.extra
        found[place] = (row, own, *found[place][2:])
    return found


def _weighted(fitted: Sequence[Fitted], settings: Data) -> list[Fitted]:
    """With training rows as often as `data.weights` says; those it leaves out end here."""
    if settings.weights is None:
        return list(fitted)
    places = [place for place, item in enumerate(fitted) if item[2] == "train"]
    often = dict(zip(places, shows([fitted[p][0] for p in places], settings.weights), strict=True))
    kept: list[Fitted] = []
    for place, (row, tokens, side, entry) in enumerate(fitted):
        if often.get(place, 1):
            kept.append((replace(row, repeat=often.get(place, 1)), tokens, side, entry))
        else:
            entry.drop("left out by data.weights")
            entry.split = ""
    return kept


def _words(row: Row) -> str:
    return row.text if row.text is not None else f"{row.question}\n{row.reference}"
