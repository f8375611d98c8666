"""Checks of rows as tokens: what carries the loss, and what a server will see."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from osler.checks.finding import Finding, error, some, warning
from osler.checks.situation import WithRows
from osler.errors import DataError
from osler.rows import Row
from osler.template import Tokens, encode, render_row

MOST_RENDERED = 1000
"""Rows rendered once more; evenly spread, so that every source is among them."""


def end_of_turn(s: WithRows) -> Iterator[Finding]:
    """The last token of every row is the end-of-sequence token, and it carries loss."""
    eos = s.tokenizer.eos_token_id
    without = [
        row for row, t in s.rows() if not t.input_ids or t.input_ids[-1] != eos or t.n_trained < 1
    ]
    if without:
        yield error(
            "end-not-trained", "model.id",
            f"in {len(without)} of {len(s.rows())} rows the end-of-turn token is not among the "
            f"trained tokens ({some(without)}): the model would never stop.",
            "Check that eos_token in tokenizer_config.json is one token, and in the template.",
        )  # fmt: skip


def served_prompt(s: WithRows) -> Iterator[Finding]:
    """What a server renders and tokenises is what was trained, byte for byte."""
    rows = [(row, t) for row, t in s.rows() if row.text is None]
    wrong = [
        row
        for row, tokens in rows[:: max(len(rows) // MOST_RENDERED, 1)]
        if not _is_served(row, tokens, s)
    ]
    if wrong:
        yield error(
            "prompt-differs", "model.id",
            f"in {len(wrong)} rows a server would render another prompt than was trained "
            f"({some(wrong)}).",
            "Use a chat template that renders the same messages the same way each time.",
        )  # fmt: skip


def _is_served(row: Row, tokens: Tokens, s: WithRows) -> bool:
    """True when the row, rendered once more, is whole and gives the same tokens."""
    try:
        texts = render_row(s.tokenizer, row, s.recipe.data.system)
    except DataError:
        return False
    prompt, completion = encode(s.tokenizer, texts)
    return len(prompt) == tokens.n_prompt and prompt + completion == tokens.input_ids


def marks_in_text(s: WithRows) -> Iterator[Finding]:
    """Special tokens within a text end a turn, or open one, in the middle of an example."""
    special = {i for i in s.tokenizer.all_special_ids if i != s.tokenizer.unk_token_id}
    marked = []
    for row, tokens in s.rows():
        texts = [row.text] if row.text is not None else [
            m["content"] for m in (*row.prompt, *row.completion)
        ]  # fmt: skip
        body = tokens.input_ids[max(tokens.n_prompt, 1) : -1]
        if special.intersection(body) or any(
            mark in text for text in texts for mark in s.tokenizer.all_special_tokens
        ):
            marked.append(row)
    if marked:
        yield warning(
            "special-token-in-text", "data",
            f"{len(marked)} rows hold the template's own marks as text ({some(marked)}).",
            "Take the marks out of the text; rows already rendered must be read as messages.",
        )  # fmt: skip


def unknown_tokens(s: WithRows) -> Iterator[Finding]:
    """A tokenizer that cannot write the data's characters."""
    unknown = s.tokenizer.unk_token_id
    if unknown is None or unknown == s.tokenizer.eos_token_id:
        return
    total = sum(len(t.input_ids) for _, t in s.rows())
    lost = sum(t.input_ids.count(unknown) for _, t in s.rows())
    if unknown != s.tokenizer.pad_token_id and lost > 0.005 * total:
        yield warning(
            "unknown-tokens", "model.id",
            f"{lost} of {total} tokens are unknown to this tokenizer; that text is lost.",
            "Choose a model whose tokenizer covers the language of the data.",
        )  # fmt: skip


def context(s: WithRows) -> Iterator[Finding]:
    """Rows longer than the positions the model has."""
    longest = getattr(s.config.get_text_config(), "max_position_embeddings", None)
    over = [row for row, t in s.rows() if longest and len(t.input_ids) > longest]
    if over and s.recipe.train.objective == "sft":
        yield error(
            "beyond-context", "data.max_length",
            f"{len(over)} rows are longer than the {longest} tokens the model reads "
            f"({some(over)}).",
            f"Set data.max_length: {longest} and data.too_long: shorten (or drop).",
        )  # fmt: skip


def answer_room(s: WithRows) -> Iterator[Finding]:
    """Examined answers cut off before the length of their references."""
    if s.recipe.train.objective != "sft":
        return
    lengths = [t.n_trained for t in s.prepared.tokens["test"]]
    longer = sum(length > s.recipe.evaluate.max_new_tokens for length in lengths)
    if lengths and longer > len(lengths) / 2:
        yield warning(
            "answers-cut-in-evaluation", "evaluate.max_new_tokens",
            f"{longer} of {len(lengths)} test references are longer than "
            f"{s.recipe.evaluate.max_new_tokens} tokens, so most answers cannot match theirs.",
            f"Set evaluate.max_new_tokens: {sorted(lengths)[int(0.95 * len(lengths))]}.",
        )  # fmt: skip


RENDERING: list[Callable[[WithRows], Iterator[Finding]]] = [
    end_of_turn,
    served_prompt,
    marks_in_text,
    unknown_tokens,
    context,
    answer_room,
]
"""Checks of rows as the model sees them."""
