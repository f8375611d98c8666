"""The recipe: one YAML file that says everything about a run. Imports no torch.

Every knob is declared once, here or (section `train`) in `recipe_train.py`, with its documentation
under it. `osler explain` and `docs/recipe.md` are made from these classes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from osler.recipe_section import Section
from osler.recipe_train import CHANGE_NO_RESULT, Train

NANO = "nano"
"""The model id that stands for the base model inside the package."""

HEX40 = re.compile(r"[0-9a-f]{40}")


def is_hub_id(model_or_dataset: str) -> bool:
    """True for `owner/name`: neither a path nor a name of ours."""
    return re.fullmatch(r"[\w][\w.-]*/[\w][\w.-]*", model_or_dataset) is not None


class Model(Section):
    """The base model that is tuned."""

    id: str = NANO
    """`nano` (inside the package), a local folder, or a Hub id such as Qwen/Qwen2-0.5B-Instruct.
    A path is relative to the recipe's folder and starts with `./`, `../` or `/`."""
    revision: str | None = None
    """Commit of the Hub model, 40 hex digits. Required for a Hub id: what is not pinned moves."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Type the weights are held in. `auto`: float32 on a CPU, bfloat16 on an accelerator
    that has it."""
    init: Literal["pretrained", "random"] = "pretrained"
    """`random` makes fresh weights from the folder's config.json: for pre-training from nothing
    and for measuring speed."""

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if self.revision is not None and not HEX40.fullmatch(self.revision):
            raise ValueError("revision must be a commit of 40 hex digits, not a branch or tag")
        if is_hub_id(self.id) and self.revision is None:
            raise ValueError(
                f"{self.id} is a Hub model without a pinned revision; run `osler pin RECIPE` "
                "or set model.revision to a commit (or write ./ before a local folder)"
            )
        return self


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
    name: Literal["medical_qa", "out_of_scope"]
    """`medical_qa`, or `out_of_scope` (questions that are not medical, with a refusal)."""


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


class Data(Section):
    """What is learnt from, and what is kept apart to examine."""

    sources: list[Source] = Field(min_length=1)
    """Where rows come from, in order."""
    system: str | None = None
    """A system message put before every prompt that has none; used again when the model answers."""
    max_length: int = Field(default=2048, ge=8, le=2**20)
    """Longest row in tokens, prompt and answer together."""
    too_long: Literal["error", "drop", "shorten"] = "error"
    """What to do with a longer row. `shorten` takes from the end of the last user message, never
    from the answer; a row whose answer alone is too long is then dropped, and counted."""
    validation_share: float = Field(default=0.05, ge=0, lt=0.5)
    """Share of groups kept for choosing (early stop, best checkpoint). Like test_share, it decides
    nothing on rows whose side is given (`side` of their source)."""
    test_share: float = Field(default=0.1, ge=0, lt=0.9)
    """Share of groups kept for the verdict. Only `evaluate` opens them."""
    language: list[str] = Field(default_factory=list[str])
    """Languages of the data (BCP 47, for example en), for the model card."""
    near_duplicate: float | None = Field(default=0.8, gt=0, le=1)
    """A training row is left out when it shares this much (Jaccard index of five-word shingles)
    with a test or validation row. null switches the search off."""


class Evaluate(Section):
    """How base, tuned model and controls are examined on the test rows."""

    task: Literal["medical_qa", "document_summary", "patient_summary"] = "medical_qa"
    """What the rows are. `medical_qa`: questions with answers. `document_summary`: documents with
    their summaries; also examined are the numbers of a summary against its document, ROUGE as it
    is published for mts-dialog and aci-bench, and a control that copies the document.
    `patient_summary`: sections of patients' summaries (sources `records` and `cohort`); every claim
    is traced to the patient's record, and the controls are the draft by rule and a copy."""
    max_items: int | None = Field(default=None, ge=1)
    """Examine at most this many test rows, whole groups at a time in hash order. null: all."""
    max_new_tokens: int = Field(default=256, ge=1, le=2**20)
    """Longest answer in tokens."""
    batch_size: int = Field(default=16, ge=1, le=65_536)
    """Answers generated side by side."""
    bertscore: bool = True
    """Score with BERTScore through a local encoder (needs the extra `bertscore`)."""
    margin: float = Field(default=1.0, gt=0, le=100)
    """Systems whose difference surely lies within this many points are called equivalent (measures
    from 0 to 100). At one point that takes about 300 groups: see docs/evaluate.md."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Level of the intervals."""


class Export(Section):
    """What leaves the run for others to load."""

    merged: bool = True
    """Fold the adapter into the base and save one model that plain transformers loads."""
    prompts: int = Field(default=50, ge=1)
    """Greedy answers compared between the merged model and the adapter in a fresh process."""
    push_to_hub: str | None = None
    """Hub repository to upload to. Off unless set."""


class Recipe(Section):
    """One run, from data to exported model."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)
    """Short name, for the folder of the run: lower-case letters, digits, dot, dash."""
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    """Seeds shuffling, initial weights, bootstrap and sampling."""
    model: Model = Model()
    """The base model."""
    data: Data
    """The rows."""
    train: Train = Train()
    """The tuning."""
    evaluate: Evaluate = Evaluate()
    """The examination."""
    export: Export = Export()
    """The result."""

    @model_validator(mode="after")
    def _sections_agree(self) -> Self:
        if self.train.objective == "pretrain" and self.data.system is not None:
            raise ValueError("data.system has no effect when train.objective=pretrain; remove it")
        if self.train.objective == "pretrain" and self.evaluate.task != "medical_qa":
            raise ValueError(
                "evaluate.task has no effect when train.objective=pretrain, for plain text is "
                "asked nothing; remove it"
            )
        if self.train.method == "qlora" and self.model.init == "random":
            raise ValueError(
                "train.method=qlora packs weights that are there, and model.init=random draws "
                "fresh ones; set train.method=lora"
            )
        if self.train.method == "full" and not self.export.merged:
            raise ValueError(
                "export.merged=false has no effect when train.method=full, for there is no "
                "adapter; remove export.merged, or set train.method=lora"
            )
        if self.train.early_stopping_patience is not None and self.data.validation_share == 0:
            raise ValueError(
                "train.early_stopping_patience needs validation rows: set data.validation_share"
            )
        return self

    def deciding(self) -> dict[str, Any]:
        """All settings but those that change no result."""
        settings = self.model_dump(mode="json")
        for name in CHANGE_NO_RESULT:
            del settings["train"][name]
        return settings
