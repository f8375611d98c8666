"""Conversations of doctor and patient, and what a clinician wrote of them, as they were split.

The instruction stands before the conversation in one user message, and again in `extra`, so that
what is to be summarised can be told from what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from osler.data.files import Found
from osler.data.public_readers import fold
from osler.data.shapes import Record, Unusable, usable
from osler.data.tables import Ask, csv_records
from osler.rows import Dropped, Message, Row, Side, content_id

SIDES: tuple[Side, ...] = ("train", "validation", "test")
"""What the files of a set are, in the order in which `public_sets` lists them."""

SECTIONS = {
    "ALLERGY": "allergies",
    "ASSESSMENT": "assessment",
    "CC": "chief complaint",
    "DIAGNOSIS": "diagnosis",
    "DISPOSITION": "disposition",
    "EDCOURSE": "emergency department course",
    "EXAM": "physical examination",
    "FAM/SOCHX": "family and social history",
    "GENHX": "history of present illness",
    "GYNHX": "gynecologic history",
    "IMAGING": "imaging",
    "IMMUNIZATIONS": "immunizations",
    "LABS": "laboratory results",
    "MEDICATIONS": "medications",
    "OTHER_HISTORY": "other history",
    "PASTMEDICALHX": "past medical history",
    "PASTSURGICAL": "past surgical history",
    "PLAN": "plan",
    "PROCEDURES": "procedures",
    "ROS": "review of systems",
}
"""The twenty section headers of MTS-Dialog -> what a prompt calls them."""

VISIT = (
    "Write the clinical note of this visit from the conversation between doctor and patient, under "
    "the headings HISTORY OF PRESENT ILLNESS, PHYSICAL EXAM, RESULTS and ASSESSMENT AND PLAN."
)
"""What is asked of a visit. The headings are those MEDIQA-Chat 2023 accepted for its task B."""


def ask_for(section: str) -> str:
    """What is asked of a conversation of MTS-Dialog, by its section header."""
    return (
        "Summarise this conversation between doctor and patient as the section "
        f'"{SECTIONS[section]}" of the clinical note.'
    )


def read_mts_dialog(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """A conversation and one section of its note, with the published side.

    Upstream's ids count anew in each file, so an id is side-number: `test-17`. The group is the
    conversation itself: a few stand in the training set and again in a held-out one.
    """
    for side, record in _records(paths, ask):
        values = record.values
        instruction = ask_for(values["section_header"])
        yield _row(
            f"{side}-{values['ID']}",
            content_id(fold(values["dialogue"])),
            record,
            (instruction, values["dialogue"], values["section_text"]),
            side,
            {"section": values["section_header"]},
        )


def read_aci_bench(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """A visit and its whole note, with the published side. Id and group are the encounter.

    In some visits the tags of the speakers are exchanged, as speech recognition left them; the
    authors keep them so, and so does this.
    """
    for side, record in _records(paths, ask):
        values = record.values
        yield _row(
            values["encounter_id"],
            values["encounter_id"],
            record,
            (VISIT, values["dialogue"], values["note"]),
            side,
            {"dataset": values["dataset"]},
        )


def _records(paths: list[Path], ask: Ask) -> Iterator[tuple[Side, Record]]:
    for side, path in zip(SIDES, paths, strict=True):
        for record in csv_records(Found(path, path.name, ask.setting)):
            yield side, record


def _row(
    own: str,
    group: str,
    record: Record,
    texts: tuple[str, str, str],
    side: Side,
    extra: dict[str, str],
) -> Row | Dropped:
    """The row of instruction, conversation and summary; `Dropped` where one of these is empty."""
    instruction, dialogue, summary = texts
    try:
        question = f"{instruction}\n\n{usable(dialogue, 'prompt').strip()}"
        answer = usable(summary, "answer")
    except Unusable as fault:
        return Dropped(own, record.source, record.place, str(fault))
    return Row(
        own,
        group,
        record.source,
        record.place,
        prompt=(Message(role="user", content=question),),
        completion=(Message(role="assistant", content=answer),),
        extra=extra | {"instruction": instruction},
        side=side,
    )
