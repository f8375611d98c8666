"""`osler feedback export`: corrected answers as rows that a preference training reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from osler.disk import atomic_writer, refuse_unwritable
from osler.records.names import counted
from osler.serve.app.history import state_folder
from osler.serve.app.preferences import Export, preferences

NAMED = 20
"""Damaged rows that are named."""


def export(out: Path, state: Path | None) -> str:
    """Write the rows; what was written, and what was not, in words."""
    refuse_unwritable(out)
    done = preferences(state or state_folder())
    with atomic_writer(out, private=True) as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in done.rows)
    return "\n".join(_told(done, out))


def _told(done: Export, out: Path) -> Iterator[str]:
    yield f"{counted(len(done.rows), 'corrected answer')} written to {out}"
    if done.up or done.down:
        thumbs = f"{done.up:,} up, {done.down:,} down"
        yield f"Thumbs without a corrected answer, which teach no preference: {thumbs}."
    for number, what in (
        (done.reasons, "reason without a corrected answer"),
        (done.same, "corrected answer that is the answer itself"),
        (done.torn, "corrected answer whose question is gone"),
    ):
        if number:
            yield f"Left out: {number:,} {what}."
    if done.odd:
        names = ", ".join(done.odd[:NAMED]) + (", …" if len(done.odd) > NAMED else "")
        yield f"Left out: {counted(len(done.odd), 'damaged row')}, of the answers {names}."
    if done.rows:
        yield "The rows hold what people asked: keep the file as you keep the conversations."
