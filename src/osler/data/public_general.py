"""Sets of questions and tasks of every kind: what people ask an assistant for all things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.data.files import Found
from osler.data.shapes import Record, Unusable, usable
from osler.data.tables import Ask, json_records
from osler.rows import Dropped, Message, Row, content_id


def read_nq_open(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """A question as it was typed, without a capital or a mark, and the first of its short answers.

    The group is the question. Some are about health.
    """
    for record in json_records(Found(paths[0], paths[0].name, ask.setting)):
        question, answers = record.values["question"], record.values["answer"]
        own = content_id(question)
        yield _row(own, own, record, (question, answers[0]), {"answers": list(answers)})


def read_self_instruct(paths: list[Path], ask: Ask) -> Iterator[Row | Dropped]:
    """A task, with what it is to be done on beneath it. The group is the task."""
    for path in paths:
        for record in json_records(Found(path, path.name, ask.setting)):
            task = record.values["id"]
            for number, one in enumerate(record.values["instances"], 1):
                prompt = f"{record.values['instruction']}\n\n{one['input']}".strip()
                yield _row(f"{task}-{number}", task, record, (prompt, one["output"]), {})


def _row(
    own: str, group: str, record: Record, texts: tuple[str, str], extra: dict[str, Any]
) -> Row | Dropped:
    try:
        question, answer = usable(texts[0], "prompt"), usable(texts[1], "answer")
    except Unusable as fault:
        return Dropped(own, record.source, record.place, str(fault))
    return Row(
        own,
        group,
        record.source,
        record.place,
        prompt=(Message(role="user", content=question),),
        completion=(Message(role="assistant", content=answer),),
        extra=extra,
    )
