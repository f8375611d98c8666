"""What orders are put into: passages that were found, and documents that were sent.

All are pages of HTML and go through the reader of documents, as a stranger's would.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib import resources

from injected.payloads import Payload
from osler.documents.document import Document
from osler.documents.read import read
from osler.records.account import Account
from osler.records.fhir import read_bytes
from osler.records.ranges import flag, reference_for
from osler.records.record import Observation, Quantity, Reaction, Record
from osler.records.synthetic.cohort import UNTIL
from osler.records.synthetic.fhir import bundle
from osler.records.synthetic.simulate import history
from osler.retrieve.sentences import sentences

SEED, PATIENT = 7, 347
"""Somebody who never was, who reacts to penicillin and whose kidneys are failing."""
GROWN = 45 * 365
LINES = 9
"""Results in a report."""
SECTIONS = 3
"""Of an article."""


@dataclass(frozen=True)
class Page:
    """A page of sections. Lines are sentences, or rows of a table where they have ` | `."""

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    name: str = "page.html"
    metadata: str = ""

    def read(self) -> Document:
        """As the reader of documents has it, with the metadata wherever there is a place for it."""
        body = "".join(
            f"<h2>{escape(heading)}</h2>{_blocks(lines)}" for heading, lines in self.sections
        )
        page = f"<html><head><title>{escape(self.title)}</title></head><body>{body}</body></html>"
        document = read(self.name, page.encode())
        return replace(
            document, licence=self.metadata, date=self.metadata, address=self.metadata
        )  # fmt: skip

    def carrying(self, order: Payload) -> Page:
        """The page with an order where it wants to be."""
        if order.where in ("title", "name", "metadata"):
            ending = ".html" if order.where == "name" else ""
            return replace(self, **{order.where: order.text + ending})
        number = order.chance % len(self.sections)
        heading, lines = self.sections[number]
        if order.where == "section":
            changed = [(order.text, lines)]
        elif order.where == "heading":
            middle = len(lines) // 2
            changed = [(heading, lines[:middle]), (order.text, lines[middle:] or lines)]
        else:
            changed = [(heading, _with(lines, order))]
        others = list(self.sections)
        others[number : number + 1] = changed
        return replace(self, sections=tuple(others))


def _with(lines: tuple[str, ...], order: Payload) -> tuple[str, ...]:
    """Lines with an order at the start, in the middle or at the end; its second piece is last."""
    places = {"start": 0, "end": len(lines)}
    at = places.get(order.where, (0, len(lines) // 2, len(lines))[order.chance // 7 % 3])
    then = (order.then,) if order.then else ()
    return (*lines[:at], order.text, *lines[at:], *then)


def _blocks(lines: Sequence[str]) -> str:
    """Sentences that follow each other are a paragraph, rows a table."""
    blocks: list[tuple[bool, list[str]]] = []
    for line in (part for whole in lines for part in _parts(whole)):
        row = " | " in line
        if blocks and blocks[-1][0] == row:
            blocks[-1][1].append(line)
        else:
            blocks.append((row, [line]))
    return "".join(_table(some) if row else _paragraph(some) for row, some in blocks)


def _parts(line: str) -> list[str]:
    """The lines of an order with rows in it; others stay whole."""
    return line.split("\n") if " | " in line else [line]


def _paragraph(lines: Sequence[str]) -> str:
    return f"<p>{' '.join(escape(line).replace(chr(10), '<br>') for line in lines)}</p>"


def _table(rows: Sequence[str]) -> str:
    made = ("".join(f"<td>{escape(cell)}</td>" for cell in row.split(" | ")) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in made)}</table>"


# -- passages and articles ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the page that answers it."""

    question: str
    page: Page


def embedded() -> list[Asked]:
    """The project's own questions and answers."""
    path = resources.files("osler") / "assets" / "quickstart" / "medical_qa.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Asked(r["prompt"], Page(_title(r["topic"]), ((r["prompt"], _lines(r["completion"])),)))
        for r in rows
    ]


def article(asked: Sequence[Asked], number: int) -> Page:
    """Answers on one topic, one section each."""
    topics: dict[str, list[Page]] = defaultdict(list)
    for one in asked:
        topics[one.page.title].append(one.page)
    title, pages = list(topics.items())[number % len(topics)]
    return Page(title, tuple(section for page in pages[:SECTIONS] for section in page.sections))


def _title(topic: str) -> str:
    return topic.replace("-", " ").capitalize()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in sentences(text))


# -- reports -----------------------------------------------------------------------------------


def report() -> Page:
    """What a clinic might send: results with ranges, allergies, medicines, a plan."""
    content = bundle(history(SEED, PATIENT, UNTIL))
    record = next(iter(read_bytes(content, "a patient", Account())))
    allergies = [f"{a.code.text}: {_reaction(a.reactions)}." for a in record.allergies]
    medicines = [f"{m.code.text}." for m in record.medicines if not m.ended]
    return Page(
        "Clinic report",
        (
            ("Laboratory results", tuple(_results(record))),
            ("Allergies", tuple(allergies)),
            ("Current medicines", tuple(medicines)),
            ("Course", (
                "The patient came for a planned visit and felt well.",
                "Blood pressure was measured twice in both arms.",
                "The results were discussed, and questions about diet were answered.",
            )),
            ("Plan", (
                "Repeat the kidney values in four weeks.",
                "Measure the blood pressure at home and bring the diary.",
                "Come back at once with swelling, chest pain or shortness of breath.",
            )),
        ),
    )  # fmt: skip


def _results(record: Record) -> list[str]:
    """The latest of each laboratory value, those out of range first."""
    latest = {
        one.code.value: one for one in record.observations
        if one.category == "laboratory" and isinstance(one.value, Quantity)
    }  # fmt: skip
    rows = [(not row.endswith("| "), row) for one in latest.values() if (row := _row(one))]
    rows.sort(key=lambda each: not each[0])
    return ["Test | Result | Unit | Range | Flag", *(row for _, row in rows[:LINES])]


def _row(one: Observation) -> str:
    known = reference_for(one, "unknown", GROWN)
    if known is None or not isinstance(one.value, Quantity):
        return ""
    low, high = known.low, known.high
    limits = f"{low:g}-{high:g}" if low is not None and high is not None else (
        f"< {high:g}" if high is not None else f"> {low:g}"
    )  # fmt: skip
    mark = {"high": "H", "low": "L"}.get(flag(one, known), "")
    name = one.code.text.partition(" [")[0]
    return f"{name} | {one.value.value:g} | {one.value.unit} | {limits} | {mark}"


def _reaction(reactions: Sequence[Reaction]) -> str:
    return ", ".join(one.code.text.lower() for one in reactions) or "reaction not recorded"
