"""How each public set is read: its files as it ships them, to rows."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from osler.data.files import MAX_ROW, Found, too_long
from osler.data.shapes import Record, Unusable, label, plain, usable
from osler.data.tables import Ask, csv_records, json_records, shape_table
from osler.errors import DataError
from osler.recipe_sources import Columns
from osler.rows import Dropped, Message, Row, content_id


def read_medquad_zip(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """Question and answer pairs of MedQuAD's XML files, in the order of its collections.

    The upstream `qid` counts anew in each of the twelve collections, so an id is
    collection-file-pair: `GARD-0000001-3`. The group is the focus (the disease or drug asked for)
    in lower case; without one, the file.
    """
    try:
        with zipfile.ZipFile(paths[0]) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".xml")]
            for member in sorted(members, key=lambda m: _natural(m.filename)):
                place = member.filename.partition("/")[2] or member.filename
                if member.file_size > MAX_ROW:
                    raise too_long(place)
                yield from _medquad_rows(archive.read(member), place)
    except zipfile.BadZipFile:
        raise DataError(
            f"{paths[0].name}: not a whole zip archive.", "Fetch it again: osler fetch medquad"
        ) from None


def _natural(name: str) -> list[str | int]:
    """2_GARD before 10_MPlus: the collections without answers come last."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _medquad_rows(content: bytes, place: str) -> Iterator[Row | Dropped]:
    try:
        document = fromstring(content)
    except (ParseError, DefusedXmlException):
        raise DataError(f"{place}: not valid XML.", "Fetch it again: osler fetch medquad") from None
    folder, _, stem = place.removesuffix(".xml").rpartition("/")
    collection = _collection(folder)
    focus = fold(document.findtext("Focus") or "")
    pairs = list(document.iter("QAPair"))
    if not pairs:  # ten files of upstream hold none, or follow another scheme
        yield Dropped(f"{collection}-{stem}", "medquad", place, "file without QAPair elements")
    for pair in pairs:
        own = f"{collection}-{stem}-{pair.get('pid', '')}"
        question = pair.find("Question")
        extra = {
            "source": document.get("source"),
            "qtype": None if question is None else question.get("qtype"),
            "url": document.get("url"),
        }
        try:
            prompt = usable(unfold(pair.findtext("Question")), "prompt")
            answer = usable(unfold(pair.findtext("Answer")), "answer")
        except Unusable as fault:
            yield Dropped(own, "medquad", place, str(fault))
            continue
        yield Row(
            own,
            focus or f"{collection}-{stem}",
            "medquad",
            place,
            prompt=(Message(role="user", content=prompt),),
            completion=(Message(role="assistant", content=answer),),
            extra=plain(extra),
        )


def _collection(folder: str) -> str:
    """`8_NHLBI_QA_XML` is NHLBI."""
    return re.sub(r"^\d+_|_QA(_XML)?$", "", folder.rpartition("/")[2])


def read_medquad_csv(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """The answered pairs of MedQuAD as a table; groups as in `read_medquad_zip`."""
    found = Found(paths[0], paths[0].name, ask.setting)
    columns = Columns(prompt="question", completion="answer", group="focus_area")
    records = (_without_indent(record) for record in csv_records(found))
    yield from shape_table(records, columns, replace(ask, objective="sft"))


def _without_indent(record: Record) -> Record:
    values: dict[str, Any] = {name: unfold(cell) for name, cell in record.values.items()}
    values["focus_area"] = fold(str(values.get("focus_area") or ""))
    return replace(record, values=values)


def read_openstax(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """A textbook's module as one text: title, text, key terms. The group is the module."""
    for record in json_records(Found(paths[0], paths[0].name, ask.setting)):
        values = record.values
        terms = "\n".join(f"- {term}" for term in values["glossary"])
        parts = [f"# {values['title'].strip()}", values["text"], terms and f"## Key Terms\n{terms}"]
        yield _text_row(record, values["module"], parts, ("book", "title"))


def read_pmc(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """A trial article as one text: title, abstract, body. The group is the article.

    Its licence and DOI stay with the row, for CC BY asks for attribution.
    """
    for record in json_records(Found(paths[0], paths[0].name, ask.setting)):
        values = record.values
        parts = [f"# {values['title'].strip()}", values["abstract"], values["body"]]
        kept = ("title", "doi", "journal", "year", "license", "license_url")
        yield _text_row(record, values["pmcid"], parts, kept)


def _text_row(record: Record, own: str, parts: list[str], kept: tuple[str, ...]) -> Row | Dropped:
    try:
        text = usable("\n\n".join(part.strip() for part in parts if part.strip()), "text")
    except Unusable as fault:
        return Dropped(own or content_id(record.place), record.source, record.place, str(fault))
    extra = {name: record.values[name] for name in kept if record.values.get(name)}
    return Row(label(own), label(own), record.source, record.place, text=text, extra=plain(extra))


def unfold(text: str | None) -> str:
    """Text of an XML element without the indentation that only lays out the file."""
    return "\n".join(line.strip() for line in (text or "").split("\n")).strip()


def fold(name: str) -> str:
    """A group's name in lower case and with single spaces: one disease, one group."""
    return " ".join(name.casefold().split())
