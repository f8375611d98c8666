"""Checks of the base model: its template, tokenizer, size and licence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from osler.checks.finding import Finding, error, of_key, warning
from osler.checks.situation import WithModel
from osler.engine.shape import without_weights
from osler.errors import DataError, RecipeError
from osler.rows import Message
from osler.template import render_completion, render_prompt, with_system
from osler.train.budget import OTHER_MODEL, adapted_layers, other_architecture

LARGE = 100_000_000
"""Parameters from which a model is tuned at the rates that papers give."""

CODE_NAMES = re.compile(
    r"(?<!en)(?<!de)coder|codellama|codegen|code-llama|codegemma|codestral", re.IGNORECASE
)

_PROBE: tuple[list[Message], list[Message]] = (
    [{"role": "user", "content": "What is a fever?"}],
    [{"role": "assistant", "content": "A raised body temperature."}],
)


def chat_template(s: WithModel) -> Iterator[Finding]:
    """There is one, it continues the prompt, and it ends the assistant's turn."""
    if s.recipe.train.objective != "sft":
        return
    if not getattr(s.tokenizer, "chat_template", None):
        yield error(
            "no-chat-template", "model.id",
            f"{s.recipe.model.id} has no chat template; it is a base model.",
            "Choose the instructed model, or put a chat_template.jinja into the model's folder.",
        )  # fmt: skip
        return
    prompt, completion = _PROBE
    try:
        rendered = render_prompt(s.tokenizer, prompt)
        render_completion(s.tokenizer, prompt, completion, rendered)
    except DataError as fault:
        names = {"does not end": "no-end-of-turn", "differently": "prompt-differs"}
        name = next((names[sign] for sign in names if sign in fault.message), "broken-template")
        yield error(name, "model.id", fault.message, fault.cure)


def system_message(s: WithModel) -> Iterator[Finding]:
    """The template must take the recipe's system message and not lose it."""
    system = s.recipe.data.system
    if system is None or not getattr(s.tokenizer, "chat_template", None):
        return
    try:
        shown = system.strip() in render_prompt(s.tokenizer, with_system(_PROBE[0], system))
    except DataError:
        shown = False
    if not shown:
        yield error(
            "system-not-in-template", "data.system",
            "the chat template has no place for a system message.",
            "Remove data.system, or put its text into the questions.",
        )  # fmt: skip


def moving_template(s: WithModel) -> Iterator[Finding]:
    """A template that writes today's date trains a prompt that is never served again."""
    template = str(getattr(s.tokenizer, "chat_template", "") or "")
    if s.recipe.train.objective == "sft" and "strftime_now" in template:
        yield warning(
            "template-with-date", "model.id",
            "the chat template writes the day's date into every prompt.",
            "Fix the date in chat_template.jinja, so that serving renders what was trained.",
        )  # fmt: skip


def begin_token(s: WithModel) -> Iterator[Finding]:
    """A tokenizer that puts a first token before every text, and a template that does not."""
    tokenizer = s.tokenizer
    if s.recipe.train.objective != "sft" or not getattr(tokenizer, "chat_template", None):
        return
    bos = tokenizer.bos_token
    if bos is None or tokenizer("a").input_ids[0] != tokenizer.bos_token_id:
        return
    try:
        begins = render_prompt(tokenizer, _PROBE[0]).startswith(bos)
    except DataError:  # other checks name a broken template
        return
    if not begins:
        yield warning(
            "no-begin-token", "model.id",
            "this model expects a first token that its chat template leaves out.",
            "Put {{ bos_token }} at the beginning of chat_template.jinja.",
        )  # fmt: skip


def padding_token(s: WithModel) -> Iterator[Finding]:
    """pad = eos makes other tools mask the end of every answer."""
    if s.tokenizer.pad_token_id is None:
        yield error(
            "no-pad-token", "model.id", "the tokenizer has no padding token.",
            "Set pad_token in tokenizer_config.json to an unused token.",
        )  # fmt: skip
    elif s.tokenizer.pad_token_id == s.tokenizer.eos_token_id:
        yield warning(
            "pad-is-eos", "model.id",
            "padding and end of sequence are one token: tools that mask padding also mask the "
            "end of an answer, and the model never learns to stop there (training here does).",
            "Set pad_token in tokenizer_config.json to another token.",
        )  # fmt: skip


def vocabulary(s: WithModel) -> Iterator[Finding]:
    """Every id of the tokenizer needs a row in the embedding."""
    if len(s.tokenizer) > s.shape.vocabulary:
        yield error(
            "tokenizer-too-large", "model.id",
            f"the tokenizer has {len(s.tokenizer)} tokens, the model {s.shape.vocabulary}.",
            "Use the tokenizer that belongs to these weights.",
        )  # fmt: skip


def architecture(s: WithModel) -> Iterator[Finding]:
    """Only models that write from left to right can be tuned to answer."""
    if other := other_architecture(s.config):
        yield error(
            "not-a-causal-model", "model.id", f"{other} does not write text left to right.",
            OTHER_MODEL,
        )  # fmt: skip
    if getattr(s.config, "quantization_config", None) and s.recipe.train.method != "lora":
        yield error(
            "already-quantised", "model.id",
            f"these weights are quantised already, so method {s.recipe.train.method} fails.",
            "Use the model's unquantised weights.",
        )  # fmt: skip


def context(s: WithModel) -> Iterator[Finding]:
    """Rows beyond the context that the model was trained for."""
    longest = getattr(s.config.get_text_config(), "max_position_embeddings", None)
    if longest is not None and s.recipe.data.max_length > longest:
        yield warning(
            "beyond-context", "data.max_length",
            f"{s.recipe.data.max_length} tokens, but the model reads at most {longest}.",
            f"Set data.max_length: {longest}.",
        )  # fmt: skip


def _refused_by_peft(s: WithModel) -> Iterator[Finding]:
    """Layers that PEFT knows it must not touch; asked without a weight."""
    from osler.train.sft import add_adapter

    try:
        add_adapter(without_weights(s.config), s.recipe)
    except RecipeError as fault:
        yield of_key("adapter-refused", fault)


def rank(s: WithModel) -> Iterator[Finding]:
    """An update of higher rank than its layer, or for layers that are not there."""
    train = s.recipe.train
    if train.method == "full":
        return
    layers = adapted_layers(s.shape, train)
    unmatched = train.lora.unmatched(s.shape.linear)
    if unmatched or not layers:
        last = sorted({name.rpartition(".")[2] for name in s.shape.linear})
        yield error(
            "no-such-layer", "train.lora.target_modules",
            f"no linear layer has the name {', '.join(name[:40] for name in unmatched[:6])}."
            if unmatched else "the model has no linear layers.",
            f"This model's: {', '.join(last[:12])}; or all-linear.",
        )  # fmt: skip
    if unmatched or not layers:
        return
    yield from _refused_by_peft(s)
    smallest = min(min(size) for size in layers.values())
    if train.lora.r > smallest:
        yield warning(
            "rank-too-large", "train.lora.r",
            f"{train.lora.r} is more than the {smallest} of the smallest layer; it adds nothing.",
            f"Set train.lora.r to {max(smallest // 2, 1)} or less.",
        )  # fmt: skip


def learning_rate(s: WithModel) -> Iterator[Finding]:
    """A rate for adapters destroys a model whose every weight is trained."""
    train = s.recipe.train
    if train.method != "full" or s.recipe.model.init == "random" or train.objective != "sft":
        return
    # Small models take (and need) higher rates: nano was pre-trained at 3e-3.
    limit = 1e-4 if s.shape.parameters >= LARGE else 2e-3
    if train.learning_rate >= limit:
        yield warning(
            "high-learning-rate", "train.learning_rate",
            f"{train.learning_rate:g} for every weight of a trained model of "
            f"{s.shape.parameters:,} parameters: it forgets what it knows.",
            "Full tuning wants about 1e-5 to 5e-5 (small models up to 1e-3), or use lora.",
        )  # fmt: skip


def code_model(s: WithModel) -> Iterator[Finding]:
    """Code models write poor prose."""
    # The last part alone: a folder above it says nothing of the model.
    name = f"{Path(s.recipe.model.id).name} {getattr(s.config, 'model_type', '')}"
    if CODE_NAMES.search(name):
        yield warning(
            "code-model", "model.id", "this is a model for program code; its prose is poor.",
            "Choose the general model of the same family.",
        )  # fmt: skip


def licence(s: WithModel) -> Iterator[Finding]:
    """What is made from a model without a licence cannot be passed on."""
    if s.licence is None and s.recipe.model.init == "pretrained":
        yield warning(
            "base-licence-unknown", "model.id", "the base model names no licence.",
            "Look it up, and put a README.md with `license:` in its YAML head into its folder.",
        )  # fmt: skip


MODEL: list[Callable[[WithModel], Iterator[Finding]]] = [
    chat_template,
    system_message,
    moving_template,
    begin_token,
    padding_token,
    vocabulary,
    architecture,
    context,
    rank,
    learning_rate,
    code_model,
    licence,
]
"""Checks that need the base model's files, but no row."""
