"""The recipe's section `train`: how the model is tuned. Names are TRL's and PEFT's own."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from osler.recipe_section import Section


class Lora(Section):
    """Low-rank adapters (Hu et al. 2021), as PEFT names them."""

    r: int = Field(default=16, ge=1)
    """Rank of the update: more can learn more and costs more memory."""
    lora_alpha: int = Field(default=32, ge=1)
    """Scale: the update is multiplied by lora_alpha / r."""
    lora_dropout: float = Field(default=0.0, ge=0, lt=1)
    """Dropout before the adapter."""
    target_modules: str | list[str] = "all-linear"
    """Which layers get an adapter: `all-linear` (all but the output layer), or names."""
    use_rslora: bool = False
    """Scale by lora_alpha / sqrt(r) instead (Kalajdzievski 2023): for r of 64 and more."""
    use_dora: bool = False
    """Split magnitude and direction (Liu et al. 2024): sometimes better, slower."""


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
    learning_rate: float = Field(default=2.0e-4, gt=0)
    """Highest learning rate. About 2e-4 suits LoRA, 2e-5 full tuning of an instructed model."""
    num_train_epochs: float = Field(default=1.0, gt=0)
    """Passes over the training rows."""
    max_steps: int = Field(default=-1, ge=-1)
    """Stop after this many steps, whatever num_train_epochs says; -1 for no such limit."""
    per_device_train_batch_size: int = Field(default=8, ge=1)
    """Rows a step; with packing, packed rows of data.max_length tokens."""
    gradient_accumulation_steps: int = Field(default=1, ge=1)
    """Steps whose gradients are added before the weights move."""
    lr_scheduler_type: Literal["cosine", "linear", "constant", "constant_with_warmup"] = "cosine"
    """Course of the learning rate."""
    warmup_steps: float = Field(default=0.03, ge=0)
    """Steps over which the learning rate rises; a value below 1 is a share of all steps."""
    weight_decay: float = Field(default=0.0, ge=0)
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
    gradient_checkpointing: bool = False
    """Recompute activations instead of keeping them: less memory, about a third slower."""
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
    extra: dict[str, Any] = Field(default={})
    """Handed to TRL's SFTConfig as it is, and recorded."""

    @field_validator("extra")
    @classmethod
    def _not_ours(cls, extra: dict[str, Any]) -> dict[str, Any]:
        for key in extra:
            if key in cls.model_fields:
                raise ValueError(f"train.extra.{key}: set train.{key} instead")
        return extra

    @model_validator(mode="after")
    def _every_setting_has_an_effect(self) -> Self:
        if self.method == "full" and "lora" in self.model_fields_set:
            raise ValueError("train.lora has no effect when train.method=full; remove one of them")
        if self.objective == "pretrain" and self.method == "qlora":
            raise ValueError("train.method=qlora cannot pre-train; use full or lora")
        if self.compile and not self.packing:
            raise ValueError("train.compile needs rows of one shape: set train.packing=true")
        if self.eval_steps is not None and self.save_steps % self.eval_steps != 0:
            raise ValueError(
                f"train.save_steps ({self.save_steps}) must be a multiple of train.eval_steps "
                f"({self.eval_steps}), so that the best look has a checkpoint"
            )
        return self
