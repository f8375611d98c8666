"""What a model is told and asked, task by task: the same words for training and for serving.

The system prompt of a task is a text file that people edit. What comes from documents is data: it
stands between marks that it cannot write itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from osler.disk import text_digest
from osler.errors import UserError

if TYPE_CHECKING:
    from osler.recipe import Recipe

PROMPTED = ("medical_qa", "document_summary", "patient_summary", "advice")
"""The tasks that have a system prompt, each in TASK.txt. A refusal is what `medical_qa` answers to
a question that is not for it, so the task `refusal` has the prompt of `medical_qa`."""

UNHELPFUL = "The sources shown here do not answer this question."
"""What a model is taught to say beside sources that hold no answer."""
UNSEEN = r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
MARK = re.compile(
    rf"[<＜﹤‹〈⟨](?={UNSEEN}[/／]?{UNSEEN}(?:source|document)\b)", re.IGNORECASE
)  # fmt: skip
"""Where a text would write one of our marks, or what a reader takes for one."""


@dataclass(frozen=True, slots=True)
class SystemPrompt:
    """The system prompt of a task. `digest`: SHA-256 of its text, recorded with every answer."""

    task: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, 64 hex digits."""
        return text_digest(self.text)


def load_prompts(folder: Path | None = None) -> dict[str, SystemPrompt]:
    """The system prompt of every task: the shipped files, or those of a folder in their place.

    Raises `UserError` for a folder that is none, for a file that is empty, no UTF-8 or of no task.
    """
    shipped = resources.files("osler") / "assets" / "prompts"
    texts = {task: (shipped / f"{task}.txt").read_text("utf-8") for task in PROMPTED}
    if folder is not None:
        if not folder.is_dir():
            raise UserError(f"{folder}: no such folder.", "It holds files such as medical_qa.txt.")
        for path in sorted(folder.glob("*.txt")):
            if path.stem not in texts:
                raise UserError(f"{path}: no task {path.stem}.", f"Tasks: {', '.join(PROMPTED)}.")
            texts[path.stem] = _read(path)
    texts["refusal"] = texts["medical_qa"]
    return {task: SystemPrompt(task, text.strip()) for task, text in texts.items()}


def prompts_of(recipe: Recipe, folder: Path) -> dict[str, SystemPrompt]:
    """The system prompts of a recipe's tasks (data.prompts); none where it has none."""
    named = recipe.data.prompts
    if named is None:
        return {}
    known = load_prompts(None if named == "shipped" else folder / named)
    return {task: known[task] for task in recipe.tasks}


def trained_prompts(run: Path) -> dict[str, SystemPrompt]:
    """The system prompts that a run's model was trained with, by task; none where it had none."""
    return {
        path.stem: SystemPrompt(path.stem, path.read_text("utf-8").strip())
        for path in sorted((run / "data" / "prompts").glob("*.txt"))
    }


def system_of(recipe: Recipe, run: Path, task: str) -> str | None:
    """What stands before the prompts of a task where a run's model is used: what it was trained
    with, data.system or one of data.prompts."""
    if recipe.data.system is not None:
        return recipe.data.system
    found = trained_prompts(run).get(task)
    return found.text if found else None


def _read(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8.", "Save it as UTF-8 text.") from None
    except OSError as fault:
        raise UserError(
            f"{path}: cannot be read ({fault.strerror}).", "Give a file with the prompt there."
        ) from None
    if not text.strip():
        raise UserError(f"{path}: empty.", "Write the prompt, or remove the file.")
    return text


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a source as a model is shown it."""

    title: str
    text: str


def question_with_sources(question: str, passages: Sequence[Passage]) -> str:
    """The user's turn of a question that is to be answered from sources, numbered from 1."""
    if not passages:
        return question
    shown = "\n".join(
        f"<source {n}: {_one_line(one.title)}>\n{as_quoted(one.text)}\n</source {n}>"
        for n, one in enumerate(passages, 1)
    )
    return f"{shown}\nQuestion: {question}"


def with_document(instruction: str, text: str, passages: Sequence[Passage] = ()) -> str:
    """The user's turn of something that is to be done with a document."""
    shown = f"<document>\n{as_quoted(text)}\n</document>"
    return f"{shown}\n{question_with_sources(instruction, passages)}"


def report(allergies: Sequence[str], results: Sequence[str], orders: Sequence[str]) -> list[str]:
    """The lines of a report of results, as `advice` is trained on them and shown them."""
    listed = {
        "Allergies:": allergies or ["none recorded"],
        "Results:": results,
        "Orders:": orders or ["none recorded"],
    }
    lines = [
        line for heading, own in listed.items() for line in (heading, *(f"- {one}" for one in own))
    ]
    return ["Report of results", *lines]


def as_quoted(text: str) -> str:
    """A text that can neither close nor open a source: the `<` of such a mark becomes `(`."""
    return MARK.sub("(", text.strip())


def _one_line(title: str) -> str:
    return re.sub(r"[\s<>]+", " ", as_quoted(title)).strip()


def digests(prompts: Mapping[str, SystemPrompt]) -> dict[str, str]:
    """By task, the digest of its prompt."""
    return {task: prompt.digest for task, prompt in prompts.items()}
