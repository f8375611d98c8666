"""The recipe's section `train`: how the model is tuned. Names are TRL's and PEFT's own."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator, with_config
from typing_extensions import TypedDict

from osler.errors import RecipeError
from osler.recipe_section import RULES, Section


class Lora(Section):
    """Low-rank adapters (Hu et al. 2021), as PEFT names them."""

    r: int = Field(default=16, ge=1, le=65_536)
    """Rank of the update: more can learn more and costs more memory."""
    lora_alpha: int = Field(default=32, ge=1, le=1_000_000)
    """Scale: the update is multiplied by lora_alpha / r."""
    lora_dropout: float = Field(default=0.0, ge=0, lt=1)
    """Dropout before the adapter."""
    target_modules: str | list[str] = "all-linear"
    """Which layers get an adapter: `all-linear` (all but the output layer), or a list of names
    such as [q_proj, v_proj]."""
    use_rslora: bool = False
    """Scale by lora_alpha / sqrt(r) instead (Kalajdzievski 2023): for r of 64 and more."""
    use_dora: bool = False
    """Split magnitude and direction (Liu et al. 2024): sometimes better, slower."""

    @field_validator("target_modules", mode="before")
    @classmethod
    def _all_or_names(cls, given: Any) -> Any:
        # A text of any other kind would be a regular expression to PEFT.
        if given == "all-linear" or (isinstance(given, list) and _are_names(given)):
            return given
        written = given if isinstance(given, str) and given.strip() else "q_proj, v_proj"
        raise ValueError(f"give all-linear, or a list of names of layers: [{written}]")

    def unmatched(self, layers: Iterable[str]) -> list[str]:
        """The names in target_modules that are those of no layer, as PEFT compares them."""
        if isinstance(self.target_modules, str):
            return []
        ends = {".".join(parts[n:]) for parts in (name.split(".") for name in layers)
                for n in range(len(parts))}  # fmt: skip
        return [name for name in self.target_modules if name not in ends]


def _are_names(given: list[Any]) -> bool:
    return bool(given) and all(isinstance(name, str) and name.strip() for name in given)


@with_config(RULES)
class Extra(TypedDict, total=False):
    """Further arguments of TRL's SFTConfig. What is not here could send data away, run code, write
    elsewhere or break a promise (what the loss covers, going on after a stop, privacy)."""

    adam_beta1: Annotated[float, Field(gt=0, lt=1)]
    """Memory of AdamW's mean gradient; 0.9 unless given."""
    adam_epsilon: Annotated[float, Field(gt=0, le=1)]
    """Smallest divisor of AdamW; 1e-8 unless given."""
    loss_type: Literal["nll", "dft"]
    """`dft` weighs each token's loss by its probability (Wu et al. 2025); `nll` unless given."""
    neftune_noise_alpha: Annotated[float, Field(gt=0, le=1000)]
    """Noise on the embeddings while training (Jain et al. 2023): 5 to 15. None unless given."""
    train_sampling_strategy: Literal["random", "sequential"]
    """Order of the training rows; `random` unless given."""
    per_device_eval_batch_size: Annotated[int, Field(ge=1, le=65_536)]
    """Validation rows side by side; train.per_device_train_batch_size unless given."""
    torch_empty_cache_steps: Annotated[int, Field(ge=1)]
    """Steps between returns of unused memory to the accelerator: less memory, slower."""
    run_name: Annotated[str, Field(min_length=1, max_length=100)]
    """Name of the run in the trackers of train.report_to."""


SET_ELSEWHERE = {
    "seed": "set seed",
    "data_seed": "set seed",
    "max_length": "set data.max_length",
    "truncation_mode": "set data.too_long",
    "bf16": "set model.dtype",
    "fp16": "set model.dtype",
    "torch_compile": "set train.compile",
    "save_strategy": "set train.save_steps",
    "eval_strategy": "set train.eval_steps",
    "load_best_model_at_end": "set train.early_stopping_patience",
    "output_dir": "give --run-dir on the command line",
    "resume_from_checkpoint": "give --run-dir and --resume on the command line",
    "chat_template_path": "put a chat_template.jinja into the model's folder",
}
"""Arguments of SFTConfig that Osler sets from elsewhere, and what to do instead."""


def set_elsewhere(argument: str) -> str | None:
    """What to do instead of giving this argument in train.extra, where there is something."""
    if argument in Train.model_fields:
        return f"set train.{argument}"
    if argument == "push_to_hub" or argument.startswith("hub_"):
        return "set export.push_to_hub"
    return SET_ELSEWHERE.get(argument)


CHANGE_NO_RESULT = (
    "memory",
    "gradient_checkpointing",
    "activation_offloading",
    "tiled_mlp",
    "sharding",
    "price_per_hour",
)
"""Settings that change memory, time or words alone: a run may go on with others of them."""

TRACKERS = {
    "wandb": ("wandb",),
    "tensorboard": ("tensorboard", "tensorboardX"),
    "mlflow": ("mlflow",),
}
"""Tracker -> the modules of which one must be installed."""


class Train(Section):
    """How the model is tuned. Names are those of TRL's SFTConfig."""

    objective: Literal["sft", "pretrain"] = "sft"
    """`sft` learns the answers of prompt and completion; `pretrain` learns every token of plain
    text (continued pre-training)."""
    method: Literal["full", "lora", "qlora"] = "lora"
    """`full` changes every weight, `lora` trains a small adapter, `qlora` does so over a base held
    in 4 bits (NF4, double quantisation; Dettmers et al. 2023)."""
    lora: Lora = Lora()
    """The adapter's settings."""
    float8_base: bool = False
    """Hold the frozen base in 8 bits (e4m3) and multiply in them: a third to a half faster on
    Hopper cards and later, at the memory of bfloat16. For train.method=lora."""
    learning_rate: float = Field(default=2.0e-4, gt=0, le=1)
    """Highest learning rate. About 2e-4 suits LoRA, 2e-5 full tuning of an instructed model."""
    num_train_epochs: float = Field(default=1.0, gt=0, le=100_000)
    """Passes over the training rows."""
    max_steps: int = Field(default=-1, ge=-1, le=1_000_000_000)
    """Stop after this many steps, whatever num_train_epochs says; -1 for no such limit."""
    per_device_train_batch_size: int = Field(default=8, ge=1, le=65_536)
    """Rows a step; with packing, packed rows of data.max_length tokens. Several GPUs share the rows
    of a step: this times gradient_accumulation_steps is its batch on any number of them."""
    gradient_accumulation_steps: int = Field(default=1, ge=1, le=65_536)
    """Steps whose gradients are added before the weights move."""
    lr_scheduler_type: Literal["cosine", "linear", "constant", "constant_with_warmup"] = "cosine"
    """Course of the learning rate."""
    warmup_steps: float = Field(default=0.03, ge=0, le=1_000_000_000)
    """Steps over which the learning rate rises; a value below 1 is a share of all steps."""
    weight_decay: float = Field(default=0.0, ge=0, le=100)
    """Weight decay of AdamW."""
    max_grad_norm: float = Field(default=1.0, gt=0)
    """Gradients longer than this are scaled down to it."""
    optim: Literal[
        "adamw_torch",
        "adamw_torch_fused",
        "adamw_8bit",
        "paged_adamw_32bit",
        "paged_adamw_8bit",
    ] = "adamw_torch"
    """Optimiser. The 8-bit and paged ones come from bitsandbytes and need an accelerator or
    bitsandbytes' CPU library."""
    adam_beta2: float = Field(default=0.999, gt=0, lt=1)
    """Memory of AdamW's squared gradients; 0.95 to 0.99 for pre-training."""
    packing: bool = False
    """Put several rows into one of data.max_length tokens (best fit). Rows never see each other,
    and no token is lost."""
    compile: bool = False
    """Compile each decoder layer (accelerators; shapes are then fixed, so packing must be on)."""
    sharding: Literal["auto", "none", "fsdp"] = "auto"
    """On several GPUs: `none` holds the whole model on each (DDP), `fsdp` a part of every weight,
    gradient and optimiser state (FSDP2): less memory, more traffic. `auto`: fsdp for full tuning
    and for a base too large for one card. No effect on one GPU."""
    memory: float | Literal["auto"] = "auto"
    """GiB that training may take of the accelerator. `auto`: what is free when it starts. As few
    layers recompute as that allows; results are the same with any value. On a CPU `auto` sets no
    limit."""
    gradient_checkpointing: bool | None = None
    """Recompute activations instead of keeping them. null: as many layers as train.memory asks
    for; true: all, for the least memory, about a third slower; false: none."""
    activation_offloading: bool | None = None
    """Let the inputs of layers that recompute wait in the host's memory (accelerators). null: when
    train.memory asks for it."""
    tiled_mlp: bool | None = None
    """Take a layer's feed-forward part, and in Llama, Mistral, Qwen2 and Qwen3 all of it but
    attention, some thousand tokens at a time, for very long rows. null: when train.memory asks
    for it."""
    price_per_hour: float | None = Field(default=None, ge=0, le=1_000_000)
    """What an hour of the machine costs, in any currency: `osler check` then tells what the
    training will cost."""
    logging_steps: int = Field(default=10, ge=1)
    """Steps between lines in metrics.jsonl."""
    save_steps: int = Field(default=100, ge=1)
    """Steps between checkpoints."""
    save_total_limit: int = Field(default=2, ge=2)
    """Checkpoints kept; two, so that one is whole while the next is written."""
    eval_steps: int | None = Field(default=None, ge=1)
    """Steps between looks at the validation loss. null: once at each checkpoint."""
    early_stopping_patience: int | None = Field(default=None, ge=1)
    """Stop after this many looks at the validation loss without a better one, and keep the best
    checkpoint."""
    report_to: list[Literal["wandb", "tensorboard", "mlflow"]] = Field(default=[])
    """Trackers of transformers. None by default: nothing leaves the machine."""
    extra: Extra = Field(default={})
    """Further arguments of TRL's SFTConfig, handed over as they are, and recorded."""

    @field_validator("memory", mode="before")
    @classmethod
    def _some_memory(cls, given: Any) -> Any:
        number = isinstance(given, (int, float)) and not isinstance(given, bool)
        if given == "auto" or (number and 0 < given <= 1_000_000):
            return given
        raise ValueError("give auto, or a number of GiB such as 24")

    @field_validator("max_steps")
    @classmethod
    def _some_step(cls, steps: int) -> int:
        if steps == 0:
            raise ValueError("0 steps would train nothing; give -1 for no limit")
        return steps

    @model_validator(mode="after")
    def _every_setting_has_an_effect(self) -> Self:
        if self.method == "full" and "lora" in self.model_fields_set:
            raise ValueError("train.lora has no effect when train.method=full; remove one of them")
        if self.objective == "pretrain" and self.method == "qlora":
            raise ValueError("train.method=qlora cannot pre-train; use full or lora")
        if self.float8_base and self.method != "lora":
            raise ValueError(f"train.float8_base has no effect when train.method={self.method}")
        if self.activation_offloading and self.gradient_checkpointing is False:
            raise ValueError(
                "train.activation_offloading has no effect when train.gradient_checkpointing=false"
            )
        held = "float8" if self.float8_base else "4 bits"
        if self.sharding == "fsdp" and (self.float8_base or self.method == "qlora"):
            raise ValueError(
                f"train.sharding=fsdp cannot shard a base held in {held}; it fits on each card: "
                "set train.sharding=none"
            )
        if self.compile and not self.packing:
            raise ValueError("train.compile needs rows of one shape: set train.packing=true")
        if self.eval_steps is not None and self.save_steps % self.eval_steps != 0:
            raise ValueError(
                f"train.save_steps ({self.save_steps}) must be a multiple of train.eval_steps "
                f"({self.eval_steps}), so that the best look has a checkpoint"
            )
        return self


def refuse_missing_trackers(settings: Train) -> None:
    """Raise `RecipeError` for a tracker in train.report_to that is not installed."""
    for name in settings.report_to:
        if not any(_is_installed(module) for module in TRACKERS[name]):
            raise RecipeError(
                f"train.report_to: {name} is not installed.",
                f"pip install {name}, or take it out of train.report_to.",
            )


def _is_installed(module: str) -> bool:
    """A folder of that name, such as the one wandb writes its files to, is no package."""
    spec = find_spec(module)
    return spec is not None and spec.origin is not None
