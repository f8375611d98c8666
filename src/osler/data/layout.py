"""Which columns of a file hold what: mapped in the recipe, or known by their usual names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from osler.errors import DataError
from osler.recipe_sources import Columns

_PAIRS = (("prompt", "completion"), ("instruction", "output"), ("question", "answer"))
_CONVERSATIONS = ("messages", "conversations")
_NAME = re.compile(r"[A-Za-z_À-ɏ][\wÀ-ɏ./:-]{0,30}( \(column \d+\))?|column \d+", re.ASCII)
"""A column's name without spaces, or as a column is called that has none or that of another."""


@dataclass(frozen=True)
class Layout:
    """Names of the columns that are read. Either `text`, or `messages`, or the pair is there."""

    prompt: str | None = None
    completion: str | None = None
    input: str | None = None
    """Alpaca's second half of the prompt."""
    system: str | None = None
    messages: str | None = None
    text: str | None = None
    id: str | None = None
    group: str | None = None

    def used(self) -> set[str | None]:
        """Columns whose content is in the row already, so that they are not extra."""
        return {self.prompt, self.completion, self.input, self.system, self.messages, self.text,
                self.id, self.group}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """What a message says of a file: where its columns are named, and the source's key."""

    columns: tuple[str, ...]
    where: str
    setting: str

    def found(self) -> str:
        """The columns' names for a message; not listed unless every one looks like a name.

        A CSV file without a header has its first row there, which nobody may see.
        """
        if not self.has_names():
            return f"{len(self.columns)} columns; the first line does not look like a header"
        more = ", …" if len(self.columns) > 12 else ""
        return f"found: {', '.join(sorted(self.columns)[:12])}{more}"

    def has_names(self) -> bool:
        """False when a column may be called by what is an example's text."""
        return all(map(is_column_name, self.columns))

    def cure(self, text: str) -> str:
        """The cure, and what to do about a header that is none."""
        missing = " If the file begins with its rows, put a line with the columns' names first."
        return text if self.has_names() else text + missing


def is_column_name(name: str) -> bool:
    """True for what looks like a name: a letter first, short, without spaces."""
    return _NAME.fullmatch(name) is not None


def find_layout(mapping: Columns, table: Table, objective: Literal["sft", "pretrain"]) -> Layout:
    """Match the recipe's mapping, then the usual names, with the columns that are there.

    Order of the usual names: messages, conversations, prompt/completion, instruction/output,
    question/answer. Columns `id` and `group` are taken for what they say unless mapped otherwise.
    Raises `DataError` naming file, columns and the key to set.
    """
    mapped: dict[str, str] = mapping.model_dump(exclude_none=True)
    _refuse_without_effect(mapped, table.setting, objective)
    for field, name in mapped.items():
        if name not in table.columns:
            raise DataError(
                f"{table.where}: no column '{name[:40]}' ({table.found()}).",
                table.cure(f"Set {table.setting}.columns.{field}."),
            )
    chosen = _text(mapped, table) if objective == "pretrain" else _to_learn(mapped, table)
    taken = {*mapped.values(), *chosen.values()}
    for field in ("id", "group"):
        if field not in mapped and field in table.columns and field not in taken:
            chosen[field] = field
    for name in (*mapped.values(), *chosen.values()):
        if any(other.startswith(twin_of(name)) for other in table.columns):
            raise DataError(
                f"{table.where}: the column '{name[:40]}' is there twice.", "Rename one of them."
            )
    return Layout(**(mapped | chosen))


def twin_of(name: str) -> str:
    """How the name begins that a second column of the same name is given."""
    return f"{name} (column "


def _refuse_without_effect(mapped: dict[str, str], setting: str, objective: str) -> None:
    if objective == "sft" and "text" in mapped:
        raise DataError(
            f"{setting}.columns.text has no effect when train.objective=sft.",
            f"Set {setting}.columns.prompt and .completion, or train.objective: pretrain.",
        )
    for field in ("prompt", "completion", "system", "messages"):
        if objective == "pretrain" and field in mapped:
            raise DataError(
                f"{setting}.columns.{field} has no effect when train.objective=pretrain.",
                f"Set {setting}.columns.text, or train.objective: sft.",
            )
        if "messages" in mapped and field in ("prompt", "completion") and field in mapped:
            raise DataError(
                f"{setting}.columns.{field} and .messages cannot both be set.",
                "Keep one of them.",
            )


def _text(mapped: dict[str, str], table: Table) -> dict[str, str]:
    if "text" in mapped or "text" in table.columns:
        return {"text": mapped.get("text", "text")}
    raise DataError(
        f"{table.where}: no column 'text' for train.objective=pretrain ({table.found()}).",
        table.cure(f"Set {table.setting}.columns.text."),
    )


def _to_learn(mapped: dict[str, str], table: Table) -> dict[str, str]:
    """Columns of the conversation, or of question and answer."""
    if "messages" in mapped:
        return {}
    if not mapped.keys() & {"prompt", "completion"}:
        for name in _CONVERSATIONS:
            if name in table.columns:
                return {"messages": name}
    for prompt, completion in _PAIRS:
        pair = {"prompt": mapped.get("prompt", prompt)}
        pair["completion"] = mapped.get("completion", completion)
        if set(pair.values()) <= set(table.columns):
            # A recipe that maps the prompt itself has said what belongs to it.
            if "prompt" not in mapped and prompt == "instruction" and "input" in table.columns:
                pair["input"] = "input"
            return pair
    missing = [field for field in ("prompt", "completion") if field not in mapped]
    keys = " and ".join(f"{table.setting}.columns.{field}" for field in missing)
    plain = " For plain text: train.objective: pretrain." if "text" in table.columns else ""
    raise DataError(
        f"{table.where}: no columns known as question and answer ({table.found()}).",
        table.cure(f"Set {keys}.{plain}"),
    )
