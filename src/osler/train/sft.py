"""The train stage: TRL's SFTTrainer around a prepared model, with nothing lost on a stop."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

from osler.disk import is_out_of_room
from osler.engine.adapters import quicken_lora
from osler.engine.attention import packed_attention
from osler.engine.compile import compile_layers
from osler.engine.lowbit import to_float8_base
from osler.engine.packing import PackedCollator, PaddedCollator
from osler.engine.plan import Plan, carry_out
from osler.errors import RecipeError, TrainingFailed
from osler.memory import is_out_of_memory
from osler.model import device, load_base, load_tokenizer
from osler.recipe import Recipe
from osler.recipe_train import Train
from osler.run import Interrupted, Run
from osler.train.budget import choose, is_packed, shape_for, this_place
from osler.train.callbacks import (
    MetricsFile,
    OrderlyStop,
    ProgressBar,
    StepTimes,
    ValidationLooks,
)
from osler.train.checkpoint import SealedCheckpoints, newest_whole_checkpoint, remove_unsealed
from osler.train.examples import document_lengths, padding_share, read_examples
from osler.train.fitting import ran_out
from osler.train.head import use_own_loss
from osler.train.plot import plot_losses
from osler.train.resume import save_last_step, train_from


def train(recipe: Recipe, run: Run) -> None:
    """Tune the base model on data/train.jsonl; write train/adapter (or train/model).

    Continues from the newest whole checkpoint when there is one. Raises `Interrupted` after an
    orderly stop, `TrainingFailed` when the result is not finite or no weight has changed, and
    `RecipeError` before a weight is loaded when no way to train fits the memory.
    """
    inputs = [run.dir("data") / "train.jsonl", run.dir("data") / "validation.jsonl"]
    with run.stage("train", inputs=inputs) as out:
        stop, looks = OrderlyStop(), ValidationLooks(recipe.train.early_stopping_patience)
        times = StepTimes(compiled=recipe.train.compile)
        watchers = [
            SealedCheckpoints(recipe.train.save_total_limit),
            MetricsFile(run),
            ProgressBar(),
            looks,
            stop,
            times,
        ]
        tokenizer = load_tokenizer(recipe.model, run.recipe_folder)
        examples = read_examples(recipe, inputs, tokenizer)
        lengths, place = document_lengths(examples[0]), this_place()
        chosen = choose(recipe, run.recipe_folder, lengths, place)
        print("\n".join(filter(None, (chosen.off, chosen.line()))), flush=True)
        out.facts |= chosen.facts() | {"padding_share": padding_share(recipe, examples[0])}
        model = prepare_model(recipe, run.recipe_folder, chosen.plan)
        trainer = trainer_on(
            model, examples, recipe, tokenizer, out.folder / "checkpoints", watchers
        )
        before = trained_weights(trainer.model)
        newest = newest_whole_checkpoint(out.folder / "checkpoints")
        try:
            with stop.listening():
                train_from(newest, trainer, looks)
        except BaseException as fault:
            if is_out_of_room(fault):
                remove_unsealed(out.folder / "checkpoints")
            if is_out_of_memory(fault):
                kept = save_last_step(trainer, fault)
                shape = shape_for(recipe, run.recipe_folder)
                raise ran_out(recipe, shape, lengths, place, chosen, kept) from fault
            raise
        if stop.stopped_by is not None:
            raise Interrupted(
                f"Stopped by {stop.stopped_by.name} after step {trainer.state.global_step}.",
                stop.stopped_by,
            )
        check_learnt(before, trainer.model)
        save_weights(trainer.model, out / weights_name(recipe.train))
        out.facts |= course(trainer, looks) | times.facts()
        plot_losses(run.metrics("train"), out.facts["best_step"], out / "loss.png")
        out.facts["resumed_from_step"] = int(newest.name.split("-")[1]) if newest else 0


def course(trainer: Any, looks: ValidationLooks) -> dict[str, Any]:
    """How far it went, and of which step the weights are that were kept."""
    state = trainer.state
    seen = {e["step"]: e["eval_loss"] for e in state.log_history if "eval_loss" in e}
    best = min(seen, key=lambda step: seen[step]) if seen else None
    return {
        "steps": int(state.global_step),
        "planned_steps": int(state.max_steps),
        "stopped_early": state.global_step < state.max_steps and looks.patience_is_over(state),
        "best_step": best,
        "best_validation_loss": None if best is None else seen[best],
    }


def weights_name(settings: Train) -> str:
    """Name of the folder in train/ that holds the result."""
    return "model" if settings.method == "full" else "adapter"


def trainer_on(
    model: Any,
    examples: list[Any],
    recipe: Recipe,
    tokenizer: Any,
    checkpoints: Path,
    watchers: list[Any],
) -> Any:
    """TRL's trainer on examples for training and validation, with our collator and loss."""
    from transformers.trainer_callback import PrinterCallback
    from trl import (  # trl's __init__ exports them, but not in the form that pyright asks for
        SFTConfig,  # pyright: ignore[reportPrivateImportUsage]
        SFTTrainer,  # pyright: ignore[reportPrivateImportUsage]
    )

    has_validation = len(examples[1]) > 0
    on_gpu, pad = device() == "cuda", tokenizer.pad_token_id
    collate = PaddedCollator(pad)
    if is_packed(recipe):
        batch = recipe.train.per_device_train_batch_size
        collate = PackedCollator(recipe.data.max_length, pad, boundaries=on_gpu, rows=batch)
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(**trainer_arguments(recipe, checkpoints, has_validation=has_validation)),
        data_collator=collate,
        train_dataset=examples[0],
        eval_dataset=examples[1] if has_validation else None,
        processing_class=tokenizer,
        callbacks=watchers,
    )
    use_own_loss(trainer.model, compiled=on_gpu)
    trainer.remove_callback(PrinterCallback)
    hold_trained_weights_in_float32(trainer.model, recipe)
    return trainer


def trainer_arguments(recipe: Recipe, checkpoints: Path, *, has_validation: bool) -> dict[str, Any]:
    """Arguments of TRL's SFTConfig for a recipe."""
    import torch

    settings = recipe.train
    on_gpu = device() == "cuda"
    bf16 = on_gpu and torch.cuda.is_bf16_supported() and recipe.model.dtype != "float32"
    same_name = (
        "learning_rate", "num_train_epochs", "max_steps", "per_device_train_batch_size",
        "gradient_accumulation_steps", "lr_scheduler_type", "warmup_steps", "weight_decay",
        "max_grad_norm", "optim", "adam_beta2", "logging_steps", "save_steps", "report_to",
    )  # fmt: skip
    arguments: dict[str, Any] = {name: getattr(settings, name) for name in same_name}
    arguments |= {
        "output_dir": str(checkpoints),
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        "bf16": bf16,
        "fp16": recipe.model.dtype == "float16",
        "use_cpu": device() == "cpu",
        "max_length": None,  # the data stage has seen to it, and never in silence
        "packing": False,  # our collator packs
        "dataset_kwargs": {"skip_prepare_dataset": True},
        "gradient_checkpointing": False,  # the engine does it, for as many layers as must be
        "per_device_eval_batch_size": settings.per_device_train_batch_size,
        # SIGTERM and Ctrl-C reach the whole process group: worker processes would die of them
        # and take the checkpoint with them.
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": on_gpu,
        "logging_first_step": True,  # a short training has a loss to show, too
        "logging_nan_inf_filter": False,  # it would hide a loss that is not finite
        "disable_tqdm": True,  # our bar knows the time left
        "save_strategy": "steps",
        "save_total_limit": None,  # SealedCheckpoints removes old ones, after the seal
        "remove_unused_columns": True,
    }
    if has_validation:
        arguments |= {
            "eval_strategy": "steps",
            "eval_steps": settings.eval_steps or settings.save_steps,
            "load_best_model_at_end": True,
            "metric_for_best_model": "eval_loss",
            "greater_is_better": False,
        }
    return arguments | settings.extra


def prepare_model(recipe: Recipe, folder: Path, plan: Plan) -> Any:
    """The base model with its adapter, as fast and small as the engine makes them."""
    from transformers import set_seed

    settings = recipe.train
    set_seed(recipe.seed)  # the adapter's first weights, and a random base's, come from it
    base = load_base(
        recipe.model,
        folder,
        train_all=settings.method == "full",
        four_bit=settings.method == "qlora",
        attention=packed_attention() if is_packed(recipe) and not plan.plain else None,
    )
    base.config.use_cache = False
    # What PEFT and TRL write into their files must be the id, not a path of this machine.
    base.config._name_or_path = base.name_or_path = recipe.model.id
    # PEFT looks for that id's vocabulary when it saves; ours is never changed.
    warnings.filterwarnings("ignore", message="Could not find a config file in")
    model = base.train() if settings.method == "full" else add_adapter(base, recipe)
    compiled = settings.compile and not plan.plain
    if settings.float8_base and not plan.plain:
        to_float8_base(model)
    quicken_lora(model)
    carry_out(plan, base, compiled=compiled)
    if compiled:
        compile_layers(base)
    return model


def add_adapter(base: Any, recipe: Recipe) -> Any:
    """A LoRA adapter on the base, as the recipe says."""
    import torch
    from peft import LoraConfig, get_peft_model

    lora = recipe.train.lora
    linear = (name for name, layer in base.named_modules() if isinstance(layer, torch.nn.Linear))
    if unmatched := lora.unmatched(linear):
        raise RecipeError(
            f"train.lora.target_modules: no linear layer has the name {', '.join(unmatched[:6])}.",
            "`osler check` lists this model's layers; or give all-linear.",
        )
    config = LoraConfig(task_type="CAUSAL_LM", revision=recipe.model.revision, **lora.model_dump())
    try:
        return get_peft_model(base, config)
    except ValueError as fault:  # layers that PEFT knows it must not touch
        reason = str(fault).split(". ")[0][:200]
        raise RecipeError(
            f"train.lora.target_modules: {reason}.", "Name other layers, such as [in_proj, x_proj]."
        ) from None


def hold_trained_weights_in_float32(model: Any, recipe: Recipe) -> None:
    """Undo TRL's cast of a 4-bit model's adapter to bfloat16, in which small updates are lost.

    PEFT reads a checkpoint's adapter as float32: a resumed training would not be the same.
    """
    if recipe.train.method == "qlora":
        for weight in model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()


def trained_weights(model: Any) -> dict[str, Any]:
    """A copy of the weights that are trained, on the CPU."""
    return {
        name: weight.detach().to("cpu", copy=True)
        for name, weight in model.named_parameters()
        if weight.requires_grad
    }


def check_learnt(before: dict[str, Any], model: Any) -> None:
    """Raise `TrainingFailed` unless every trained weight is finite and at least one has changed."""
    import torch

    changed = False
    for name, weight in trained_weights(model).items():
        if not torch.isfinite(weight).all():
            raise TrainingFailed(
                f"{name} is not finite after training.",
                "Lower train.learning_rate; nothing was saved as the result.",
            )
        changed = changed or not torch.equal(weight, before[name])
    if not changed:
        raise TrainingFailed(
            "No weight has changed: the model is the one it started as.",
            "Raise train.learning_rate, train.num_train_epochs or train.max_steps, or lower "
            "train.warmup_steps.",
        )


def save_weights(model: Any, target: Path) -> None:
    """Save as safetensors beside the target's name and rename into place."""
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(str(part), safe_serialization=True)
    (part / "README.md").unlink(missing_ok=True)  # PEFT's empty card; export writes a real one
    if target.exists():
        shutil.rmtree(target)
    part.rename(target)
