"""The recipe: one YAML file that says everything about a run. Imports no torch.

Every knob is declared once, here or (section `train`) in `recipe_train.py`, with its documentation
under it. `osler explain` and `docs/recipe.md` are made from these classes.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from osler.recipe_section import Section
from osler.recipe_sources import CohortSource, RecordsSource, Source, TaskName, own_task
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


class Data(Section):
    """What is learnt from, and what is kept apart to examine."""

    sources: list[Source] = Field(min_length=1)
    """Where rows come from, in order."""
    system: str | None = None
    """A system message put before every prompt that has none; used again when the model answers."""
    prompts: str | None = None
    """System prompts by task: `shipped`, or a folder of files TASK.txt that replace shipped ones. A
    row gets that of its task, unless it brings a system message of its own. The run keeps the
    texts and their digests, so that what serves the model asks with the same words."""
    weights: dict[TaskName, Annotated[float, Field(gt=0, le=1000)]] | None = None
    """How the tasks share an epoch: relative numbers of training rows, of every task there is.
    `{medical_qa: 2, refusal: 1}` shows two questions for each refusal. An epoch keeps its number of
    rows: a task with too few rows repeats all of them, and some once more; of one with too many
    some are left out. Which ones follows from a hash of their ids. null: all rows, as they are."""
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

    task: TaskName | Literal["each"] = "medical_qa"
    """What the rows are. `medical_qa`: questions with answers. `document_summary`: documents with
    their summaries; also examined are the numbers of a summary against its document, ROUGE as it
    is published for mts-dialog and aci-bench, and a control that copies the document.
    `patient_summary`: sections of patients' summaries (sources `records` and `cohort`); every claim
    is traced to the patient's record, and the controls are the draft by rule and a copy. `advice`:
    advice from a report; its numbers and sentences are held against the report, and no drug that it
    names as an allergy may be proposed. `refusal`: what is not for a medical assistant. `each`: the
    sources are of several tasks, and each task is examined and judged by itself."""
    max_items: int | None = Field(default=None, ge=1)
    """Examine at most this many test rows (of each task, where there are several), whole groups at
    a time in hash order. null: all."""
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
        _refuse_tasks(self)
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

    def task_of(self, source: Source) -> TaskName:
        """What the rows of a source teach and are examined on."""
        if source.task is not None:
            return source.task
        return own_task(source) if self.evaluate.task == "each" else self.evaluate.task

    @property
    def tasks(self) -> tuple[TaskName, ...]:
        """What the model is tuned for, by name."""
        return tuple(sorted({self.task_of(source) for source in self.data.sources}))

    def deciding(self) -> dict[str, Any]:
        """All settings but those that change no result."""
        settings = self.model_dump(mode="json")
        for name in CHANGE_NO_RESULT:
            del settings["train"][name]
        return settings


def _refuse_tasks(recipe: Recipe) -> None:
    """Raise `ValueError` for settings of tasks that contradict each other or have no effect."""
    sources, task, data = recipe.data.sources, recipe.evaluate.task, recipe.data
    for index, source in enumerate(sources):
        where, own = f"data.sources[{index}]", recipe.task_of(source)
        if task not in ("each", own):
            raise ValueError(
                f"{where}.task is {own} and evaluate.task is {task}; set evaluate.task: each"
            )
        records = isinstance(source, RecordsSource | CohortSource)
        of_records = own == "patient_summary" or (records and own == "advice")
        if source.task is not None and records != of_records:
            raise ValueError(
                f"{where}.task: {own} is not what {source.type} sources hold; patient_summary is "
                "made of records and cohorts, and these hold nothing else but advice"
            )
        of_all = source.with_sources or source.typed
        of_answers = source.follow_ups or source.answer_words
        asks = recipe.train.objective == "sft" and (
            own == "medical_qa" or (own == "refusal" and not of_answers)
        )
        if (of_all or of_answers) and not asks:
            raise ValueError(
                f"{where}: with_sources and typed only have an effect on questions of the tasks "
                "medical_qa and refusal, follow_ups and answer_words on those of medical_qa; "
                "remove them"
            )
    there = recipe.tasks
    if data.weights is not None and set(data.weights) != set(there):
        raise ValueError(
            f"data.weights names {', '.join(sorted(data.weights)) or 'nothing'}, and the sources "
            f"are of {', '.join(there)}; name each of these, and no other"
        )
    if data.prompts is not None and (data.system or recipe.train.objective == "pretrain"):
        other = "data.system" if data.system else "train.objective=pretrain"
        raise ValueError(f"data.prompts cannot stand beside {other}; remove one of them")
