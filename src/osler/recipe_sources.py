"""Where a recipe's rows come from: a class for each kind of source, and what its rows teach.

Imports no torch. Each field's documentation stands under it, as in `recipe.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from osler.recipe_section import Section

TaskName = Literal["medical_qa", "document_summary", "patient_summary", "advice", "refusal"]
"""What a row teaches, and what it is examined on: `osler.tasks`."""


class Columns(Section):
    """Which column (or key) holds what."""

    prompt: str | None = None
    """The question."""
    completion: str | None = None
    """The answer to be learnt."""
    system: str | None = None
    """A system message of the row's own."""
    messages: str | None = None
    """A whole conversation: a list of {role, content}."""
    text: str | None = None
    """Plain text, for train.objective=pretrain."""
    id: str | None = None
    """The row's id. Without one, a hash of the row's content is its id."""
    group: str | None = None
    """What keeps rows together on one side of the split: a patient, a topic, a document."""


class _Source(Section):
    licence: str | None = None
    """Licence of the data as an SPDX id (or your own words for data of your own). It goes into
    the model card; push_to_hub refuses without it."""
    limit: int | None = Field(default=None, ge=1)
    """Read at most this many rows, from the start; of a public set with a split of its own, at
    most this many of each side."""
    repeat: int = Field(default=1, ge=1, le=1000)
    """How often a training row of this source is shown in one epoch."""
    side: Literal["auto", "train", "validation", "test"] = "auto"
    """Side of the split. `auto`: where the set says itself which rows are for training, validation
    and test (mts-dialog, aci-bench), as it says; elsewhere each group's side follows from a hash of
    its name. Otherwise the whole source is on that side, for a file of data that comes split."""
    task: TaskName | None = None
    """What its rows teach. null: what evaluate.task says; where that is `each`, `patient_summary`
    of records and cohorts, `document_summary` of mts-dialog and aci-bench, `refusal` of
    out_of_scope, unanswerable, nq-open and self-instruct, else `medical_qa`. Of records and cohorts
    `advice` makes reports of results with advice, by rule; of a public set `refusal` takes the
    questions that are not of health and puts a refusal in place of each answer."""
    leave_out: list[str] = Field(default_factory=list[str])
    """Words by which a set's boilerplate is known: a row whose answer (or text) has one of these
    texts, letter for letter, is left out on every side, and counted in the receipt."""
    with_sources: float = Field(default=0.0, ge=0, le=1)
    """Share of its questions (tasks medical_qa and refusal) that are asked with one to four
    passages of sources, as `osler serve` shows them. One of these holds the answer, and the answer
    is then its first sentences; in every eighth none does, and the answer says so. Other passages
    tell something else of the same topic, are near by their words, or are of something else; none
    of a held-out topic is trained. What is to be refused is refused beside any passages. In every
    twelfth a passage gives orders, which nobody follows."""
    typed: float = Field(default=0.0, ge=0, le=1)
    """Share of its questions (tasks medical_qa and refusal) that are written as people type: in
    lower case and without a mark at the end; and those of medical_qa in plain words ("My father has
    gout. Will I get it too?") or, beside sources, by what the passage tells ("I have a sore jaw and
    fever")."""
    answer_words: int | None = Field(default=None, ge=10)
    """Answers without sources (task medical_qa) are cut to their first sentences, about so many
    words, so that they end. null: whole."""
    follow_ups: float = Field(default=0.0, ge=0, le=1)
    """Share of its questions (task medical_qa) that come after one or two others of their topic, as
    turns of one conversation. The last answer is learnt."""


class _Mapped(_Source):
    path: str
    """File, folder or pattern such as `notes/*.csv`, relative to the recipe's folder.
    `.gz` and `.xz` are unpacked as they are read."""
    columns: Columns = Columns()
    """Which column holds what. Without it the usual names are recognised: prompt/completion,
    messages, instruction/input/output (Alpaca), conversations (ShareGPT), text."""


class CsvSource(_Mapped):
    """Rows of a CSV file with a header line."""

    type: Literal["csv"]
    """csv"""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """One character between columns."""
    encoding: str = "utf-8"
    """Encoding of the file."""


class JsonlSource(_Mapped):
    """One JSON object a line, or one list of objects."""

    type: Literal["jsonl"]
    """jsonl"""


class ParquetSource(_Mapped):
    """Rows of a Parquet file."""

    type: Literal["parquet"]
    """parquet"""


class TextSource(_Source):
    """Plain text, for train.objective=pretrain."""

    type: Literal["text"]
    """text"""
    path: str
    """File, folder or pattern, relative to the recipe's folder."""
    per: Literal["line", "file"] = "file"
    """What one example is: a line, or a whole file."""
    encoding: str = "utf-8"
    """Encoding of the files."""


class HubSource(_Source):
    """A data set of the Hugging Face Hub, pinned to a commit."""

    type: Literal["hub"]
    """hub"""
    id: str
    """The data set's id, `owner/name`."""
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    """Commit, 40 hex digits."""
    config: str | None = None
    """Name of the configuration, where the data set has several."""
    split: str = "train"
    """Which of its splits to read."""
    columns: Columns = Columns()
    """Which column holds what."""


class PublicSource(_Source):
    """A public data set Osler knows: address, commit, digest and licence are in the package."""

    type: Literal["public"]
    """public"""
    name: str
    """Its name; `osler fetch` lists them."""
    use: Literal["qa", "text"] = "qa"
    """`qa`: question and answer, or document and summary. `text`: every row as plain text, for
    train.objective=pretrain."""


class PluginSource(_Source):
    """A source that another installed package reads (entry-point group `osler.sources`)."""

    type: Literal["plugin"]
    """plugin"""
    name: str
    """Name of its entry point."""
    path: str | None = None
    """File, folder or pattern it reads, relative to the recipe's folder. A changed file is seen."""
    options: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Handed to it as they are."""
    columns: Columns = Columns()
    """Which column holds what."""


class EmbeddedSource(_Source):
    """The questions and answers inside the package, written by the project."""

    type: Literal["embedded"]
    """embedded"""
    name: Literal["medical_qa", "out_of_scope", "unanswerable"]
    """`medical_qa`; `out_of_scope` (questions that are not medical, with a refusal); or
    `unanswerable`: medical questions about what nobody can have ("What are the symptoms of
    drawbridge?"), made by rule from a list of things, with a refusal."""


class RecordsSource(_Source):
    """Patients' records; each section of each patient's summary is a row, grouped by patient."""

    type: Literal["records"]
    """records"""
    path: str
    """Folder that `osler records import` wrote, or of CSV tables or FHIR bundles, relative to the
    recipe's folder."""
    as_of: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    """The day for which summaries are written, as '2022-03-04'. null: each record's last day."""
    references: str = "draft"
    """`draft`: written from the record by rule. Otherwise a folder of summaries: PATIENT.md by
    clinicians, or what `osler summarize` wrote. All are audited; what fails is set aside."""
    template: str | None = None
    """File of the summary's sections. null: the twelve that are shipped."""


class CohortSource(_Source):
    """Patients who never were, made from a seed; as `records`, with references by rule."""

    type: Literal["cohort"]
    """cohort"""
    patients: int = Field(ge=1, le=100_000)
    """How many."""
    seed: int = Field(default=0, ge=0)
    """Patient k of a seed is the same however many there are."""
    template: str | None = None
    """File of the summary's sections. null: the twelve that are shipped."""


Source = Annotated[
    CsvSource
    | JsonlSource
    | ParquetSource
    | TextSource
    | HubSource
    | PublicSource
    | PluginSource
    | EmbeddedSource
    | RecordsSource
    | CohortSource,
    Field(discriminator="type"),
]


def source_labels(sources: Sequence[Source]) -> list[str]:
    """What each source of a recipe is called in tables: its name, id or the end of its path.

    Never the names of the files in a folder, which may be those of patients.
    """
    labels: list[str] = []
    for index, source in enumerate(sources):
        if isinstance(source, HubSource):
            label = source.id
        elif isinstance(source, PublicSource | PluginSource | EmbeddedSource):
            label = source.name
        elif isinstance(source, CohortSource):
            label = "cohort"
        else:
            label = Path(source.path).name or source.type
        labels.append(f"{label} (sources[{index}])" if label in labels else label)
    return labels


PUBLIC_TASKS: dict[str, TaskName] = {
    "mts-dialog": "document_summary",
    "aci-bench": "document_summary",
    "nq-open": "refusal",
    "self-instruct": "refusal",
}
"""Public sets that are not questions and answers of health -> their task."""


def own_task(source: Source) -> TaskName:
    """The task of a source that does not say it."""
    if isinstance(source, RecordsSource | CohortSource):
        return "patient_summary"
    if isinstance(source, EmbeddedSource):
        return "medical_qa" if source.name == "medical_qa" else "refusal"
    return PUBLIC_TASKS.get(source.name, "medical_qa") if source.type == "public" else "medical_qa"
