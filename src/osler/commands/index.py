"""`osler index`: an index of documents made, searched and shown."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from osler.data.public import public_set, read_public
from osler.data.tables import Ask
from osler.documents.document import Document, Heading
from osler.errors import DataError
from osler.recipe_sources import PublicSource
from osler.records.names import counted
from osler.retrieve.build import Built, build
from osler.retrieve.chunk import Hit
from osler.retrieve.sources import (
    Found,
    Given,
    Refusal,
    document_of,
    markdown_headings,
    origin_of,
    read_path,
)
from osler.retrieve.store import open_data
from osler.rows import Dropped, Row

EMBEDDED = "embedded"
"""The answers that come with the package."""
NAMED = (EMBEDDED, "medquad", "openstax-health", "pmc-rct-ccby")
NOTHING_ABOUT = (
    "Nothing here is about this question: these are only the nearest, and osler serve shows none."
)
MOST_REFUSALS = 20
"""That are named; the rest are counted."""


def build_index(
    sources: Sequence[str], out: Path, licence: str | None, date: str | None, *, add: bool
) -> str:
    """Build or renew an index; what was done, for people."""
    for source in sources:
        _refuse_unknown(source)
    given = Given(licence, date)
    items = (item for source in sources for item in read_source(source, given))
    return _told(build(out, items, add=add), out)


def _refuse_unknown(source: str) -> None:
    if source in NAMED or Path(source).exists():
        return
    raise DataError(
        f"{source}: there is no such file or folder, and no set of that name to index.",
        f"Sets to index: {', '.join(NAMED)}.",
    )


def _told(built: Built, out: Path) -> str:
    lines = [f"{one.name}: {one.reason}" for one in built.refusals[:MOST_REFUSALS]]
    if others := len(built.refusals) - len(lines):
        lines.append(f"and {others:,} more that were refused")
    counts = {
        "removed": built.removed,
        "given twice": built.twice,
        "refused": len(built.refusals),
    }
    more = "".join(f", {count:,} {what}" for what, count in counts.items() if count)
    lines.append(
        f"{out}: {counted(built.documents, 'document')} in {counted(built.chunks, 'chunk')}, "
        f"{built.embedded:,} new{more}."
    )
    return "\n".join(lines)


# -- sources -----------------------------------------------------------------------------------


def read_source(source: str, given: Given) -> Iterator[Found | Refusal]:
    """The documents of a named set, a file or a folder."""
    if source == EMBEDDED:
        yield from _embedded()
    elif source in NAMED:
        yield from _public(source)
    else:
        yield from read_path(source, given)


def _embedded() -> Iterator[Found | Refusal]:
    """Osler's own answers; the title of each is its question."""
    path = Path(__file__).parents[1] / "assets" / "quickstart" / "medical_qa.jsonl"
    for line in path.read_text("utf-8").splitlines():
        values = json.loads(line)
        said = {"id": values["id"], "question": values["prompt"], "answer": values["completion"]}
        document = document_of(said, path.name, Given("Apache-2.0"))
        assert isinstance(document, Document)
        yield Found(document, EMBEDDED, origin_of(EMBEDDED, document.id), document.id)


def _public(name: str) -> Iterator[Found | Refusal]:
    public = public_set(name)
    is_qa = public.kind == "qa"
    ask = Ask(Path(), name, "sft" if is_qa else "pretrain")
    source = PublicSource(type="public", name=name, use="qa" if is_qa else "text")
    for row in read_public(source, ask):
        if isinstance(row, Dropped):
            yield Refusal(f"{name}: {row.place}", row.reason)
            continue
        document = _answer(row, public.licence) if is_qa else _article(row, public.licence)
        yield Found(document, name, origin_of(name, row.id), f"{name}: {row.id}")


def _answer(row: Row, licence: str) -> Document:
    """An answer under its topic, its section the kind of question."""
    topic = re.search(re.escape(row.group), row.question, re.IGNORECASE)
    kind = row.extra.get("qtype")
    return Document(
        row.id,
        row.source,
        topic[0] if topic else row.group,
        row.reference,
        headings=(Heading(kind, 1, 0),) if kind else (),
        licence=licence,
        address=row.extra.get("url"),
    )


def _article(row: Row, licence: str) -> Document:
    """A textbook's module or a trial's article."""
    doi, year = row.extra.get("doi"), row.extra.get("year")
    return Document(
        row.id,
        row.extra.get("book") or row.source,
        row.extra["title"].strip(),
        row.reference,
        headings=markdown_headings(row.reference),
        licence=row.extra.get("license") or licence,
        date=str(year) if year else None,
        address=f"https://doi.org/{doi}" if doi else None,
    )


# -- search and show ---------------------------------------------------------------------------


def search_index(folder: Path, question: str, k: int, *, as_json: bool) -> str:
    """The chunks nearest to a question, for people or as JSON."""
    from osler.retrieve.search import Index
    from osler.serve.assistant.relevance import is_about

    hits = Index.open(folder).search(question, k)
    about = [is_about(question, hit) for hit in hits]
    if as_json:
        told = [{**asdict(hit), "about": yes} for hit, yes in zip(hits, about, strict=True)]
        return json.dumps(told, ensure_ascii=False, indent=2)
    shown = [_shown(hit, about=yes) for hit, yes in zip(hits, about, strict=True)]
    if hits and not any(about):
        shown.insert(0, NOTHING_ABOUT)
    return "\n\n".join(shown) or "Nothing was found."


def _shown(hit: Hit, *, about: bool) -> str:
    chunk = hit.chunk
    place = [chunk.title, chunk.section, chunk.page and f"page {chunk.page}"]
    more = f"the same text in {hit.others} more" if hit.others else ""
    known = [
        f"similarity {hit.similarity:.2f}", "" if about else "not about the question", more,
        chunk.licence, chunk.date, chunk.address,
    ]  # fmt: skip
    return "\n".join(
        [
            ", ".join(str(part) for part in place if part),
            f"  {chunk.document}, bytes {chunk.start}-{chunk.end}; "
            + "; ".join(part for part in known if part),
            chunk.text,
        ]
    )


def show_index(folder: Path) -> str:
    """What an index holds."""
    manifest, segment = open_data(folder)
    sources = Counter[str]()
    licences = Counter[str]()
    for entry in segment.entries:
        sources[entry.source] += 1
        licences[entry.licence or "not stated"] += 1
    size = sum(path.stat().st_size for path in segment.folder.rglob("*") if path.is_file())
    return "\n".join(
        [
            f"{folder}: {counted(manifest.documents, 'document')} in "
            f"{counted(manifest.chunks, 'chunk')}, {size / 1e6:,.1f} MB",
            f"encoder   {manifest.encoder}, {manifest.encoder_digest[:12]}",
            *(
                f"source    {name}: {counted(count, 'document')}"
                for name, count in sources.most_common()
            ),
            *(
                f"licence   {name}: {counted(count, 'document')}"
                for name, count in licences.most_common()
            ),
        ]
    )
