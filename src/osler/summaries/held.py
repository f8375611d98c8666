"""What an examination needs to hold a patient's summary against, as the data stage keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from osler.records.record import Record

KEPT = "records"
"""The folder of a run's data where the records of held-out patients are."""


@dataclass(frozen=True, slots=True)
class Held:
    """A patient's record on a day, and the template that the summary follows."""

    record: Record
    on: date
    county: tuple[str, ...]
    template: dict[str, object]
