"""From a row to tokens: one rendering for training, checking and serving.

The prompt is rendered by the tokenizer's chat template exactly as a server renders it, the
completion is what the template adds for the assistant's turn, cut after its end-of-turn token.
Prompt and completion are tokenised apart, so the prompt's tokens at training are the prompt's
tokens at serving, and the completion's tokens are what the loss covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from osler.errors import DataError, UserError
from osler.rows import Message, Row


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


def with_system(prompt: Sequence[Message], system: str | None) -> list[Message]:
    """The prompt with the recipe's system message in front, unless it brings its own."""
    if system is None or (prompt and prompt[0]["role"] == "system"):
        return list(prompt)
    return [{"role": "system", "content": system}, *prompt]


def render_prompt(tokenizer: Any, prompt: Sequence[Message]) -> str:
    """The text a server feeds the model before it answers."""
    return _rendered(tokenizer, prompt, add_generation_prompt=True)


def _rendered(tokenizer: Any, messages: Sequence[Message], *, add_generation_prompt: bool) -> str:
    import jinja2

    try:
        return tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=add_generation_prompt
        )
    except jinja2.TemplateError as fault:
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


def tokenize_rows(tokenizer: Any, rows: Sequence[Row], system: str | None = None) -> list[Tokens]:
    """Tokens of each row. Plain text gets the end-of-sequence token as its last token.

    Works on the whole list at once because fast tokenizers are several times faster in batches.
    """
    prompts: list[str] = []
    completions: list[str] = []
    for row in rows:
        if row.text is not None:
            prompts.append("")
            completions.append(row.text)
            continue
        messages = with_system(row.prompt, system)
        prompt_text = render_prompt(tokenizer, messages)
        prompts.append(prompt_text)
        completions.append(render_completion(tokenizer, messages, row.completion, prompt_text))
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
