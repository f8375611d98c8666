"""Rows of every kind of source a recipe can name, one reader for each, all of them streaming."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module, metadata, resources
from pathlib import Path
from typing import Any, Literal, cast

from osler.data.files import Found, find_files, read_lines, read_whole
from osler.data.shapes import Record, Unusable, clean, clean_row, usable
from osler.data.tables import Ask, csv_records, json_records, parquet_records, shape_table
from osler.errors import DataError
from osler.recipe_sources import (
    CohortSource,
    Columns,
    CsvSource,
    EmbeddedSource,
    HubSource,
    JsonlSource,
    ParquetSource,
    PluginSource,
    PublicSource,
    RecordsSource,
    Source,
    TextSource,
    source_labels,
)
from osler.rows import Dropped, Row, content_id

SOURCES = {
    "csv": "osler.data.sources:read_csv",
    "jsonl": "osler.data.sources:read_jsonl",
    "parquet": "osler.data.sources:read_parquet",
    "text": "osler.data.sources:read_text",
    "hub": "osler.data.sources:read_hub",
    "public": "osler.data.public:read_public",
    "plugin": "osler.data.sources:read_plugin",
    "embedded": "osler.data.sources:read_embedded",
    "records": "osler.data.record_rows:read_records",
    "cohort": "osler.data.record_rows:read_cohort",
}
"""Type of a source -> its reader `(source, ask) -> Iterator[Row | Dropped]`."""

PLUGINS = "osler.sources"
"""Entry-point group of readers `(files, options) -> Iterable[Mapping]`: they yield each input row
as a mapping of column to value, and what follows is the same as for a file of such rows."""

ENDINGS = {
    "csv": (".csv",),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "parquet": (".parquet",),
    "text": (".txt", ".md"),
    "plugin": ("",),
}
"""Type of a source -> which files of a folder are read."""

EMBEDDED_LICENCE = "Apache-2.0"
LEFT_OUT = "has words of leave_out"
"""The receipt's reason."""

Reader = Callable[[Any, Ask], Iterator[Row | Dropped]]
PluginReader = Callable[[list[Path], dict[str, Any]], Iterable[Mapping[str, Any]]]


def read_source(
    source: Source,
    index: int,
    folder: Path,
    *,
    objective: Literal["sft", "pretrain"],
    label: str | None = None,
    counts: Counter[str] | None = None,
    ask: Ask | None = None,
) -> Iterator[Row | Dropped]:
    """Rows of one source, cleaned, and what was dropped with the reason.

    `index` is the source's position in data.sources, `folder` the recipe's; `label` names it in
    tables (`source_labels`). `source.limit` counts rows, not dropped ones, and those of each side
    where rows bring one. `ask` carries what records need: the model's tokens and the longest row.
    `counts["cleaned"]` goes up with every row that cleaning changed. Raises
    `DataError` for a fault of a whole file.
    """
    label = label or source_labels([source])[0]
    module, function = SOURCES[source.type].split(":")
    reader = cast(Reader, getattr(import_module(module), function))
    rows: Counter[str | None] = Counter()
    ask = ask or Ask(folder, f"data.sources[{index}]", objective)
    for found in reader(source, ask):
        item = replace(found, source=label)
        if isinstance(item, Dropped):
            yield item
            continue
        if item.side is not None and rows[item.side] == source.limit:
            continue
        row = clean_row(item)
        if any(words in _learnt(row) for words in source.leave_out):
            yield Dropped(row.id, label, row.place, LEFT_OUT)
            continue
        if counts is not None and row is not item:
            counts["cleaned"] += 1
        yield row
        rows[row.side] += 1
        if row.side is None and rows[None] == source.limit:
            return


def _learnt(row: Row) -> str:
    """What a row teaches: its answer, or its text."""
    return row.text or "\n".join(turn["content"] for turn in row.completion)


def licence_of(source: Source) -> str | None:
    """The licence as the recipe gives it, else that of the public or embedded set, else None."""
    if source.licence is not None:
        return source.licence
    if source.type == "public":
        from osler.data.public import public_set

        return public_set(source.name).licence
    return EMBEDDED_LICENCE if source.type == "embedded" else None


def attribution_of(source: Source) -> str | None:
    """Whom a public set asks to be named; None for every other source."""
    if source.type != "public":
        return None
    from osler.data.public import public_set

    return public_set(source.name).attribution


def brings_split(source: Source) -> bool:
    """True where rows come with their side, so that the shares of the recipe decide nothing."""
    if source.side != "auto" or source.type != "public":
        return False
    from osler.data.public import PUBLIC

    return source.name in PUBLIC and PUBLIC[source.name].own_split


def local_files(sources: Sequence[Source], folder: Path) -> list[Path]:
    """The user's own files that the sources read; those of public, Hub and embedded sets, which
    cannot change unnoticed, are left out."""
    found: list[Path] = []
    for index, source in enumerate(sources):
        if isinstance(source, RecordsSource | CohortSource):
            found += _record_files(source, folder)
            continue
        if isinstance(source, HubSource | PublicSource | EmbeddedSource) or source.path is None:
            continue
        endings, setting = ENDINGS[source.type], f"data.sources[{index}]"
        found += [file.path for file in find_files(source.path, folder, endings, setting)]
    return found


def _record_files(source: RecordsSource | CohortSource, folder: Path) -> list[Path]:
    """Records, references and template; of imported records the index, which has their digests."""
    named = [source.template] if source.template else []
    if isinstance(source, RecordsSource):
        named += [f"{source.path}/import.json"]
        named += [] if source.references == "draft" else [source.references]
        if not (folder / source.path / "import.json").is_file():
            named.append(source.path)
    found: list[Path] = []
    for name in named:
        path = folder / name
        found += sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else []
        found += [path] if path.is_file() else []
    return found


def read_csv(source: CsvSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of CSV files; a place is the line on which the row begins."""
    for file in find_files(source.path, ask.folder, ENDINGS["csv"], ask.setting):
        records = csv_records(file, source.delimiter, source.encoding)
        yield from shape_table(records, source.columns, ask)


def read_jsonl(source: JsonlSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of JSON files: one object a line, or one list of objects."""
    for file in find_files(source.path, ask.folder, ENDINGS["jsonl"], ask.setting):
        yield from shape_table(json_records(file), source.columns, ask)


def read_parquet(source: ParquetSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of Parquet files; a place is the row's number, from 1."""
    for file in find_files(source.path, ask.folder, ENDINGS["parquet"], ask.setting):
        yield from shape_table(parquet_records(file), source.columns, ask)


def read_hub(source: HubSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of a Hub data set at its pinned commit; no code of the data set is run."""
    from datasets import load_dataset

    try:
        table = load_dataset(source.id, source.config, split=source.split, revision=source.revision)
    except Exception as fault:  # the library raises a dozen kinds, from builtins to httpx's
        raise DataError(
            f"{ask.setting}: {source.id} at {source.revision[:12]} cannot be loaded "
            f"({type(fault).__name__}).",
            "Check id, config, split and revision, the network, and for gated sets HF_TOKEN.",
        ) from None
    records = (
        Record(cast(dict[str, Any], values), source.id, f"{source.id}:{number}", source.id)
        for number, values in enumerate(table, start=1)
    )
    yield from shape_table(records, source.columns, ask)


def read_plugin(source: PluginSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of a reader that another package brings; a place is the row's number, from 1."""
    points = {point.name: point for point in metadata.entry_points(group=PLUGINS)}
    if source.name not in points:
        raise DataError(
            f"{ask.setting}.name: no installed package brings a source '{source.name}' "
            f"(found: {', '.join(sorted(points)) or 'none'}).",
            f"Install it beside osler; its pyproject names it under entry-points.'{PLUGINS}'.",
        )
    found = (
        find_files(source.path, ask.folder, ENDINGS["plugin"], ask.setting) if source.path else []
    )
    read = cast(PluginReader, points[source.name].load())
    records = (
        Record(values, source.name, f"{source.name}:{number}", source.name)
        for number, values in enumerate(read([file.path for file in found], source.options), 1)
    )
    yield from shape_table(records, source.columns, ask)


def read_embedded(source: EmbeddedSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Questions and answers inside the package, grouped by topic."""
    if ask.objective == "pretrain":
        raise DataError(
            f"{ask.setting}: the embedded sets are questions and answers, not plain text.",
            "Set train.objective: sft, or choose another source.",
        )
    if source.name == "unanswerable":
        from osler.data.refusal_rows import unanswerable

        yield from unanswerable()
        return
    path = resources.files("osler") / "assets" / "quickstart" / f"{source.name}.jsonl"
    file = Found(Path(str(path)), f"{source.name}.jsonl", ask.setting)
    yield from shape_table(json_records(file), Columns(group="topic"), ask)


# -- plain text -------------------------------------------------------------------------------


def read_text(source: TextSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Plain text for pre-training: a row is a whole file, or a line that is not blank."""
    if ask.objective != "pretrain":
        raise DataError(
            f"{ask.setting}: type text has no effect when train.objective=sft.",
            "Set train.objective: pretrain, or give questions and answers (csv, jsonl, parquet).",
        )
    for file in find_files(source.path, ask.folder, ENDINGS["text"], ask.setting):
        if source.per == "file":
            yield _text_row(read_whole(file, source.encoding), file.label, file.label)
            continue
        for number, line in enumerate(read_lines(file, source.encoding), start=1):
            if line.strip():
                yield _text_row(line, file.label, f"{file.label}:{number}")


def _text_row(text: str, source: str, place: str) -> Row | Dropped:
    """One row of plain text, its id made from the content."""
    try:
        own = content_id(clean(usable(text, "text")))
    except Unusable as fault:
        return Dropped(content_id(source, place), source, place, str(fault))
    return Row(own, own, source, place, text=text)
