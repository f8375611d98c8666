"""From a row to tokens: one rendering for training, checking and serving.

The prompt is rendered by the tokenizer's chat template exactly as a server renders it, the
completion is what the template adds for the assistant's turn, cut after its end-of-turn token.
Prompt and completion are tokenised apart, so the prompt's tokens at training are the prompt's
tokens at serving, and the completion's tokens are what the loss covers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from osler.errors import DataError, UserError
from osler.rows import Message, Row, named

_REASONS, _END_OF_REASONING = "<think>", "</think>"
_REASONING = re.compile(r"(</?think>)")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A row as tokens: `input_ids`, of which the first `n_prompt` carry no loss."""

    input_ids: list[int]
    n_prompt: int

    @property
    def n_trained(self) -> int:
        """How many tokens carry the loss. The first of a document has no predecessor."""
        return len(self.input_ids) - max(self.n_prompt, 1)

    @property
    def labels(self) -> list[int]:
        """`input_ids` with -100 where there is no loss."""
        start = max(self.n_prompt, 1)
        return [-100] * start + self.input_ids[start:]


def require_template(tokenizer: Any, model_id: str) -> None:
    """Raise `UserError` when the tokenizer has no chat template."""
    if not getattr(tokenizer, "chat_template", None):
        raise UserError(
            f"{model_id}: this tokenizer has no chat template; it belongs to a base model.",
            "Choose the instructed model, or put a chat_template.jinja into the model's folder.",
        )


def counter(tokenizer: Any) -> Callable[[Sequence[str]], list[int]]:
    """What counts the tokens of texts."""

    def count(texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in tokenizer(list(texts), add_special_tokens=False)["input_ids"]]

    return count


def with_system(prompt: Sequence[Message], system: str | None) -> list[Message]:
    """The prompt with the recipe's system message in front, unless it brings its own."""
    if system is None or (prompt and prompt[0]["role"] == "system"):
        return list(prompt)
    return [{"role": "system", "content": system}, *prompt]


def render_prompt(tokenizer: Any, prompt: Sequence[Message]) -> str:
    """The text a server feeds the model before it answers."""
    return _rendered(tokenizer, prompt, add_generation_prompt=True)


def as_data(tokenizer: Any, messages: Sequence[Message]) -> list[Message]:
    """Messages in which nothing that is asked or shown holds a control token of the model.

    A record, or whoever writes to the model, may hold the letters of one (`<|assistant|>`); parted
    by a space after the first letter they are text. What the assistant has said stays as it is.
    """
    added = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    tokens = {*added, *map(str, tokenizer.all_special_tokens)}
    control = re.compile("|".join(re.escape(token) for token in sorted(tokens, key=len)[::-1]))
    if not tokens or not any(control.search(message["content"]) for message in messages):
        return list(messages)
    return [
        message if message["role"] == "assistant"
        else Message(
            role=message["role"],
            content=control.sub(lambda m: f"{m[0][0]} {m[0][1:]}", message["content"]),
        )
        for message in messages
    ]  # fmt: skip


def _rendered(tokenizer: Any, messages: Sequence[Message], *, add_generation_prompt: bool) -> str:
    try:
        return tokenizer.apply_chat_template(
            as_data(tokenizer, messages), tokenize=False,
            add_generation_prompt=add_generation_prompt,
        )  # fmt: skip
    except Exception as fault:  # a template is a program of its own and may raise anything
        roles = ", ".join(dict.fromkeys(message["role"] for message in messages))
        raise DataError(
            f"The chat template refuses messages of the roles {roles} ({type(fault).__name__}).",
            "Many templates take no system message: then remove data.system and columns.system. "
            "Else correct chat_template.jinja in the model's folder.",
        ) from None


def render_completion(
    tokenizer: Any, prompt: Sequence[Message], completion: Sequence[Message], prompt_text: str
) -> str:
    """What the template adds for the assistant's turn, up to its end-of-turn token.

    Raises `DataError` when the template does not continue the prompt (it rewrites earlier
    turns) or never closes the turn.
    """
    full = _rendered(tokenizer, [*prompt, *completion], add_generation_prompt=False)
    if not full.startswith(prompt_text):
        raise DataError(
            "The chat template renders the prompt differently once an answer follows it.",
            "Use a template whose generation prompt is a prefix of the whole conversation.",
        )
    added = full[len(prompt_text) :]
    end = tokenizer.eos_token
    cut = added.rfind(end)
    if cut < 0:
        raise DataError(
            "The chat template does not end the assistant's turn with the tokenizer's "
            "end-of-sequence token, so the model would never learn to stop.",
            "Set eos_token in tokenizer_config.json to the template's end-of-turn token.",
        )
    return added[: cut + len(end)]


def render_row(tokenizer: Any, row: Row, system: str | None = None) -> tuple[str, str]:
    """Prompt and completion of a row of messages as text.

    Raises `DataError` naming the row when the template refuses it, or does not write every message
    whole: what it left out or altered would be neither taught nor seen.
    """
    messages = with_system(row.prompt, system)
    try:
        prompt = render_prompt(tokenizer, messages)
        completion = render_completion(tokenizer, messages, row.completion, prompt)
        _refuse_altered(as_data(tokenizer, messages), row.completion, prompt, completion)
    except DataError as fault:
        raise DataError(f"{named(row)}: {fault.message}", fault.cure) from None
    return prompt, completion


def _refuse_altered(
    prompt: Sequence[Message], completion: Sequence[Message], prompt_text: str, answer_text: str
) -> None:
    """Raise `DataError` unless each message stands in the text made of it, ends stripped.

    A system message may stand anywhere, for some templates put it into a user turn, and of an
    earlier answer the reasoning may be left out, as models that reason want it.
    """
    at = 0
    for number, message in enumerate(prompt, start=1):
        content = message["content"]
        if message["role"] == "assistant":
            content = content.rpartition(_END_OF_REASONING)[2]
        system = message["role"] == "system"
        end = _end_of(content, prompt_text, 0 if system else at)
        if end < 0:
            raise _altered(f"message {number} of the prompt ({message['role']})")
        at = at if system else end
    answer = completion[-1]["content"]
    if prompt_text.rstrip().endswith(_REASONS):  # a generation prompt may open the reasoning
        answer_text = _REASONS + answer_text
    if _end_of(answer, answer_text, 0) >= 0:
        return
    _, reasoning, rest = answer.rpartition(_END_OF_REASONING)
    if reasoning and _end_of(rest, answer_text, 0) >= 0:
        raise DataError(
            f"The chat template leaves out or alters the answer's reasoning (what stands before "
            f"{_END_OF_REASONING}), so the answer would not be taught whole.",
            "Take the reasoning out of the answers, or correct chat_template.jinja in the model's "
            "folder, so that it keeps the last turn's.",
        )
    raise _altered("the answer")


def _end_of(content: str, text: str, start: int) -> int:
    """Where the content ends in the text from `start` on; -1 when it is not there whole.

    Around the marks of reasoning white space does not count: templates set it anew there.
    """
    parts = _REASONING.split(content) if _END_OF_REASONING in content else [content]
    for part in map(str.strip, parts):
        found = text.find(part, start)
        if found < 0:
            return -1
        start = found + len(part)
    return start


def _altered(what: str) -> DataError:
    return DataError(
        f"The chat template leaves out or alters {what}.",
        "Correct chat_template.jinja in the model's folder: it must write the content of every "
        "message whole. If it takes no system message: remove data.system and columns.system.",
    )


def tokenize_rows(tokenizer: Any, rows: Sequence[Row], system: str | None = None) -> list[Tokens]:
    """Tokens of each row. Plain text gets the end-of-sequence token as its last token.

    Works on the whole list at once because fast tokenizers are several times faster in batches.
    Raises `DataError` as `render_row` does.
    """
    prompts: list[str] = []
    completions: list[str] = []
    for row in rows:
        if row.text is not None:
            prompts.append("")
            completions.append(row.text)
            continue
        prompt, completion = render_row(tokenizer, row, system)
        prompts.append(prompt)
        completions.append(completion)
    prompt_ids = encode(tokenizer, prompts)
    completion_ids = encode(tokenizer, completions)
    eos = [tokenizer.eos_token_id]
    return [
        Tokens(p + c + (eos if row.text is not None else []), len(p))
        for row, p, c in zip(rows, prompt_ids, completion_ids, strict=True)
    ]


def encode(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of texts in which the template has already put every special token."""
    if not texts:
        return []
    return tokenizer(list(texts), add_special_tokens=False, return_attention_mask=False).input_ids


def stop_token_ids(tokenizer: Any, generation_config: Any = None) -> list[int]:
    """Every token that ends an answer: the tokenizer's and the model's own."""
    ids = {int(tokenizer.eos_token_id)}
    configured = getattr(generation_config, "eos_token_id", None)
    ids.update([configured] if isinstance(configured, int) else configured or [])
    return sorted(ids)
