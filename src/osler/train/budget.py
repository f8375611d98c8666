"""From a recipe to the engine's forecast: what a step is made of, and how it is to fit the memory.

Nothing here loads a weight. `osler check` and the train stage ask the same questions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from osler import ranks
from osler.engine.attention import takes_boundaries
from osler.engine.choice import choose_plan, plans
from osler.engine.compile import kernels_can_be_made
from osler.engine.memory import peak
from osler.engine.plan import Plan
from osler.engine.shape import Shape, shape_of
from osler.engine.work import Base, Work
from osler.errors import RecipeError, UserError
from osler.model import device, load_config
from osler.recipe import Recipe
from osler.recipe_train import Train

GIB = 2**30
OUTSIDE = 256 * 2**20
"""Bytes on the card that torch's allocator does not see: libraries' work space, kernels."""
KERNELS = "Install gcc, python3-dev and Triton (pip install triton)"
"""What makes kernels possible."""
OTHER_MODEL = "Choose a model whose config.json names an architecture ...ForCausalLM."
"""The cure for a model that is no decoder."""
FLOAT8_FROM = (8, 9)
"""Compute capability from which a card multiplies in e4m3."""


@dataclass(frozen=True)
class Place:
    """Where a training runs."""

    device: str
    """`cuda`, `mps` or `cpu`."""
    bf16: bool
    """It computes in bfloat16 at speed."""
    capability: tuple[int, int]
    """CUDA compute capability; (0, 0) elsewhere."""
    free: float
    """Bytes of memory that may be taken, on each card that trains."""
    ranks: int = 1
    """Cards that train together."""
    cards: int = 0
    """Cards that there are; 0 where ranks are processes on the CPU."""
    kernels: bool = True
    """Kernels can be made for the card."""


@dataclass(frozen=True)
class Chosen:
    """How a training will fit into the memory."""

    plan: Plan
    layers: int
    foretold: int
    """Bytes at the peak."""
    budget: float | None
    """Bytes that it may take; None for no limit."""
    off: str
    """What of the engine this model cannot have, in a line."""

    def line(self) -> str:
        """Such as `memory: 11 of 32 layers recompute; 15.0 of 16.0 GiB foretold`."""
        return f"memory: {words(self.plan, self.layers)}; {sizes(self.foretold, self.budget)}"

    def facts(self) -> dict[str, Any]:
        """For the run's manifest."""
        limit = None if self.budget is None else round(self.budget / GIB, 4)
        return {
            "recomputed_layers": min(self.plan.recomputed_layers, self.layers),
            "selective_recomputation": self.plan.selective,
            "activation_offloading": self.plan.offload,
            "tile_tokens": self.plan.tile_tokens,
            "memory_foretold_gib": round(self.foretold / GIB, 4),
            "memory_budget_gib": limit,
        }


def words(plan: Plan, layers: int) -> str:
    """What a plan does, in words."""
    again = min(plan.recomputed_layers, layers)
    kept = "norms and gates recompute" if plan.selective else "all activations are kept"
    said = f"{again} of {layers} layers recompute" if again else kept
    said += " whole, of the others norms and gates" if plan.selective and 0 < again < layers else ""
    said += ", their inputs wait on the host" if plan.offload else ""
    said += ", weights are shared out over the ranks" if plan.sharded else ""
    return said + (f", tiles of {plan.tile_tokens} tokens" if plan.tile_tokens else "")


def sizes(foretold: float, budget: float | None) -> str:
    """Bytes foretold, beside the bytes there are."""
    of = "" if budget is None else f" of {gib(budget)}"
    return f"{gib(foretold)}{of} GiB foretold"


def gib(size: float) -> str:
    """Bytes in GiB: 15.0, 0.42, 0.0031."""
    found = max(size, 0) / GIB
    return f"{found:.1f}" if found >= 1 else f"{found:.2g}"


def this_place() -> Place:
    """Where we are; of several ranks, with the memory of the card that has least. All ask."""
    import torch

    if device() != "cuda":
        return Place(device(), False, (0, 0), math.inf, ranks.count())
    free, _ = torch.cuda.mem_get_info()
    capability = torch.cuda.get_device_capability()
    least = -ranks.agree(-(free - OUTSIDE))
    bf16 = torch.cuda.is_bf16_supported()
    there = ranks.count(), ranks.cards(), kernels_can_be_made()
    return Place("cuda", bf16, capability, least, *there)


# -- the choice --------------------------------------------------------------------------------


def choose(recipe: Recipe, folder: Path, lengths: Sequence[int], place: Place) -> Chosen:
    """The fastest way to train on documents of these lengths that the memory allows.

    Raises `UserError` for a model that cannot be trained, or not so, and when nothing fits.
    """
    from osler.train.fitting import does_not_fit

    refuse_eight_bits(recipe, place)
    refuse_compilation(recipe, place)
    if other := other_architecture(load_config(recipe.model, folder)):
        raise UserError(f"model.id: {other} does not write text left to right.", OTHER_MODEL)
    shape = shape_for(recipe, folder)
    refuse_beyond_positions(recipe, shape, lengths)
    chosen = choice(recipe, shape, lengths, place)
    if chosen is None:
        raise does_not_fit(recipe, shape, lengths, place)
    return chosen


def shape_for(recipe: Recipe, folder: Path) -> Shape:
    """The model's shape. Raises `UserError` where its kind cannot be trained as asked."""
    config = load_config(recipe.model, folder)
    try:
        shape = shape_of(config)
    except ValueError as fault:
        reason = str(fault).split("\n")[0].split(". ")[0][:150]
        raise UserError(
            f"model.id: {recipe.model.id} cannot be tuned: {reason}.", OTHER_MODEL
        ) from None
    settings = recipe.train
    if not shape.packable and is_packed(recipe):
        raise RecipeError(
            f"train.packing: in {recipe.model.id} ({shape.kind or 'a mask of its own'}) documents "
            "of one row would see each other.",
            "Set train.packing=false."
            if settings.objective == "sft"
            else "Choose another model; train.objective=pretrain packs its rows.",
        )
    if shape.kind:
        for name in ("activation_offloading", "tiled_mlp"):
            if getattr(settings, name):
                raise RecipeError(
                    f"train.{name}: {recipe.model.id} ({shape.kind}) cannot have it.",
                    f"Leave train.{name} out; train.gradient_checkpointing=true works.",
                )
    return shape


def other_architecture(config: Any) -> str:
    """The architecture that a config names, where it is none that predicts the next token."""
    named = list(config.architectures or [])
    known = ("CausalLM", "LMHead", "ConditionalGeneration")
    return named[0] if named and not any(k in name for k in known for name in named) else ""


def refuse_beyond_positions(recipe: Recipe, shape: Shape, lengths: Sequence[int]) -> None:
    """Raise `RecipeError` for rows longer than a table of positions."""
    longest = min(max(lengths, default=1), recipe.data.max_length)
    longest = recipe.data.max_length if is_packed(recipe) else longest
    if shape.positions is not None and longest > shape.positions:
        raise RecipeError(
            f"data.max_length: rows have up to {longest} tokens, and {recipe.model.id} has a place "
            f"for {shape.positions}.",
            f"Set data.max_length={shape.positions}.",
        )


def choice(
    recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place, budget: float | None = None
) -> Chosen | None:
    """As `choose`, without looking at the model again; None where nothing fits.

    `budget`: in place of the recipe's, in bytes.
    """
    work = work_of(recipe, shape, lengths, place)
    budget = budget_of(recipe.train, place) if budget is None else budget
    plan = choose_plan(work, budget, candidates(recipe.train, shape, place))
    if plan is None:
        return None
    return Chosen(plan, shape.layers, peak(work, plan), budget, what_is_off(recipe.train, shape))


def budget_of(settings: Train, place: Place) -> float | None:
    """Bytes that a training may take; None for no limit."""
    if settings.memory != "auto":
        return settings.memory * GIB
    return place.free if place.device == "cuda" else None


def candidates(settings: Train, shape: Shape, place: Place) -> Iterator[Plan]:
    """The plans that recipe, model and device leave open, the fastest first."""
    for sharded in _shardings(settings, shape, place):
        for plan in _on_each_card(settings, shape, place):
            yield replace(plan, sharded=sharded)


def _shardings(settings: Train, shape: Shape, place: Place) -> list[bool]:
    """Whether weights are shared out; where that is open, only when nothing fits otherwise."""
    if place.ranks == 1 or settings.sharding == "none":
        return [False]
    if ranks.must_shard(settings):
        return [True] if ranks.can_shard(settings) else []
    return [False, True] if ranks.can_shard(settings) and not shape.kind else [False]


def _on_each_card(settings: Train, shape: Shape, place: Place) -> Iterator[Plan]:
    recompute = settings.gradient_checkpointing
    if shape.kind:
        counts = [shape.layers * recompute] if recompute is not None else [0, shape.layers]
        return (Plan(count, plain=shape.kind) for count in counts)
    offload = settings.activation_offloading if place.device == "cuda" else False
    return plans(
        shape, recompute=recompute, offload=offload, tiled=settings.tiled_mlp,
        compiled=settings.compile,
    )  # fmt: skip


def what_is_off(settings: Train, shape: Shape) -> str:
    """One line about a model that the engine is not made for; empty for others."""
    if not shape.kind:
        packed = settings.packing or settings.objective == "pretrain"
        if packed and shape.dropout:
            return f"packed rows: off is the model's dropout of attention ({shape.dropout:g})"
        return ""
    asked = {"train.compile": settings.compile, "train.float8_base": settings.float8_base}
    off = ["the engine's attention and choice of layers", *(n for n, on in asked.items() if on)]
    if shape.kind == "mixture of experts":
        off.append("the loss that balances experts")
    return f"plain path ({shape.kind}): off are {', '.join(off)}; forecasts are rough"


def refuse_compilation(recipe: Recipe, place: Place) -> None:
    """Raise `RecipeError` where there is a card, and nothing to make kernels with."""
    if recipe.train.compile and place.device == "cuda" and not place.kernels:
        raise RecipeError(
            "train.compile: compilation needs Triton, a C compiler and Python's headers.",
            f"{KERNELS}, or set train.compile=false.",
        )


def refuse_eight_bits(recipe: Recipe, place: Place) -> None:
    """Raise `RecipeError` for products that this device does not have."""
    if not recipe.train.float8_base or place.capability >= FLOAT8_FROM:
        return
    here = "a CPU" if place.device == "cpu" else f"this {place.device} device"
    if place.device == "cuda":
        here = f"a card of compute capability {place.capability[0]}.{place.capability[1]}"
    raise RecipeError(
        f"train.float8_base: {here} does not multiply in 8 bits; that takes CUDA 8.9 or later.",
        "Set train.float8_base=false; train.method=qlora saves memory on any card.",
    )


# -- what a step is made of --------------------------------------------------------------------


def is_packed(recipe: Recipe) -> bool:
    """True when several rows share one of data.max_length tokens."""
    return recipe.train.packing or recipe.train.objective == "pretrain"


def work_of(recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place) -> Work:
    """A rank's share of the largest step there can be.

    `lengths` are tokens of the documents, at least one. Raises `RecipeError` for a batch that
    cannot be shared.
    """
    settings, packed = recipe.train, is_packed(recipe)
    batch, accumulated = ranks.share(settings, place.ranks)
    longest = min(max(lengths, default=1), recipe.data.max_length)
    width = recipe.data.max_length if packed else longest
    rows = math.ceil(2 * sum(lengths) / width) if packed else len(lengths)  # there can be at most
    apart = packed and takes_boundaries(place.device, place.capability) and not shape.kind
    layers = adapted_layers(shape, settings)
    own_path = settings.lora.lora_dropout > 0 or settings.lora.use_dora
    inputs = sum(size[0] for size in layers.values()) if own_path else 0
    full, value = settings.method == "full", bytes_per_value(recipe, place)
    low = settings.lora.r * len(layers)
    return Work(
        shape=shape,
        base=base_of(recipe, value),
        trained=trained_parameters(shape, settings),
        full=full,
        tokens=width * min(batch, max(rows, 1)),
        row=0 if apart else width,
        attended=attended(lengths, longest) if apart else 2 * width,
        value=value,
        low=0 if full else (low + inputs) // shape.layers,
        state=state_bytes(settings.optim),
        update=4 if settings.optim == "adamw_torch" and place.device == "cuda" else 0,
        compiled=settings.compile and not shape.kind,
        fused_loss=place.device == "cuda" and place.kernels,
        copied_heads=not apart,
        accumulated=accumulated,
        ranks=place.ranks,
    )


def fixed_rows(settings: Train, examples: int, batch: int) -> int:
    """Rows that every batch of packed examples is filled up to.

    Compiled layers want one shape; where there are fewer examples than a batch, theirs.
    """
    return max(min(batch, examples), 1) if settings.compile else 1


def attended(lengths: Sequence[int], longest: int) -> float:
    """Length of the document that a token stands in, on average over the tokens."""
    cut = [min(length, longest) for length in lengths]
    return sum(n * n for n in cut) / max(sum(cut), 1)


def bytes_per_value(recipe: Recipe, place: Place) -> int:
    """Bytes of one activation."""
    if recipe.model.dtype in ("bfloat16", "float16"):
        return 2
    return 2 if recipe.model.dtype == "auto" and place.device == "cuda" and place.bf16 else 4


def base_of(recipe: Recipe, value: int) -> Base:
    """How the weights are held."""
    if recipe.train.method == "qlora":
        return "nf4"
    if recipe.train.float8_base:
        return "float8"
    if recipe.model.dtype != "auto":
        return recipe.model.dtype
    return "float32" if recipe.train.method == "full" or value == 4 else "bfloat16"


def state_bytes(optim: str) -> float:
    """Bytes that the optimiser holds on the device for each trained parameter."""
    if optim.startswith("paged"):
        return 0  # in pages that go to the host when the room is wanted
    return 2 if "8bit" in optim else 8


def trained_parameters(shape: Shape, settings: Train) -> int:
    """All parameters, or those of the adapter."""
    if settings.method == "full":
        return shape.parameters
    return sum(settings.lora.r * (a + b) for a, b in adapted_layers(shape, settings).values())


def adapted_layers(shape: Shape, settings: Train) -> dict[str, tuple[int, int]]:
    """The linear layers that get an adapter, as PEFT chooses them."""
    targets = settings.lora.target_modules
    if targets == "all-linear":
        return shape.linear
    names = [targets] if isinstance(targets, str) else targets
    return {
        name: size
        for name, size in shape.linear.items()
        if any(name == target or name.endswith(f".{target}") for target in names)
    }
