"""The train stage: TRL's SFTTrainer around a prepared model, with nothing lost on a stop."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from osler import ranks
from osler.crew import together
from osler.disk import is_out_of_room
from osler.engine.adapters import quicken_lora
from osler.engine.attention import asks_for_boundaries, packed_attention
from osler.engine.compile import kernels_can_be_made
from osler.engine.float8 import to_float8_base
from osler.engine.packing import PackedCollator, PaddedCollator, padding_share
from osler.engine.plan import Plan, carry_out
from osler.engine.shape import linear_layers, shape_of
from osler.engine.shard import shard_model
from osler.errors import RecipeError
from osler.memory import is_out_of_memory
from osler.model import device, load_base, load_tokenizer
from osler.recipe import Recipe
from osler.run import Interrupted, Run
from osler.train.budget import choose, fixed_rows, is_packed, shape_for, this_place
from osler.train.callbacks import (
    LastLoss,
    MetricsFile,
    OrderlyStop,
    ProgressBar,
    SettledObjects,
    StepTimes,
    ValidationLooks,
)
from osler.train.checkpoint import SealedCheckpoints, newest_whole_checkpoint, remove_unsealed
from osler.train.examples import document_lengths, read_examples
from osler.train.fitting import ran_out
from osler.train.head import use_own_loss
from osler.train.names import keep_own_names
from osler.train.plot import plot_losses
from osler.train.result import check_learnt, course, save_weights, trained_weights
from osler.train.resume import save_last_step, train_from


def train(recipe: Recipe, run: Run) -> None:
    """Tune the base model on data/train.jsonl; write train/adapter (or train/model).

    Continues from the newest whole checkpoint when there is one. Raises `Interrupted` after an
    orderly stop, `TrainingFailed` when the result is not finite or no weight has changed, and
    `RecipeError` before a weight is loaded when no way to train fits the memory.
    """
    with run.stage("train", inputs=inputs_of(run)) as out:
        with together(run.path, recipe, run.gpus):
            out.facts |= tune(recipe, run, [MetricsFile(run), ProgressBar()])
        out.outputs.append(run.tuned_weights)
        plot_losses(run.metrics("train"), out.facts["best_step"], out / "loss.png")


def inputs_of(run: Run) -> list[Path]:
    """Rows for training and validation, as the data stage wrote them."""
    return [run.dir("data") / "train.jsonl", run.dir("data") / "validation.jsonl"]


def tune(recipe: Recipe, run: Run, watchers: list[Any]) -> dict[str, Any]:
    """What every rank does: train, and save the weights together; returns facts of it.

    Only the first rank writes. `watchers` are its own. Raises as `train` does.
    """
    checkpoints = run.dir("train") / "checkpoints"
    stop, looks = OrderlyStop(), ValidationLooks(recipe.train.early_stopping_patience)
    times = StepTimes(compiled=recipe.train.compile)
    sealed = SealedCheckpoints(recipe.train.save_total_limit)
    watchers = [sealed, *watchers, looks, stop, times, LastLoss()]
    tokenizer = load_tokenizer(recipe.model, run.recipe_folder)
    examples = read_examples(recipe, inputs_of(run), tokenizer)
    lengths, place = document_lengths(examples[0]), this_place()
    chosen = ranks.from_first(lambda: choose(recipe, run.recipe_folder, lengths, place))
    if ranks.is_first():
        print("\n".join(filter(None, (chosen.off, chosen.line()))), flush=True)
    model = prepare_model(recipe, run.recipe_folder, chosen.plan)
    trainer = trainer_on(model, examples, recipe, tokenizer, checkpoints, watchers)
    before = trained_weights(trainer.model)
    newest = ranks.from_first(lambda: newest_whole_checkpoint(checkpoints))
    try:
        with stop.listening():
            train_from(newest, trainer, looks)
    except BaseException as fault:
        if is_out_of_room(fault):
            remove_unsealed(checkpoints)
        if is_out_of_memory(fault):
            # Ranks save together, and this one's fault is not known to the others.
            kept = save_last_step(trainer, fault) if ranks.count() == 1 else ""
            shape = shape_for(recipe, run.recipe_folder)
            raise ran_out(recipe, shape, lengths, place, chosen, kept) from fault
        raise
    if (number := stop.agreed()) is not None:
        raise Interrupted(
            f"Stopped by {number.name} after step {trainer.state.global_step}.", number
        )
    check_learnt(before, trainer.model)
    save_weights(trainer.model, run.tuned_weights)
    facts = course(trainer, looks, newest) | chosen.facts() | times.facts()
    if not is_packed(recipe):
        return facts | {"padding_share": None}
    filled = trainer.data_collator.rows
    share = padding_share(lengths, len(examples[0]), recipe.data.max_length, filled)
    return facts | {"padding_share": round(share, 4)}


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

    kind = SFTTrainer
    if ranks.count() > 1:
        from osler.train.shared import SharedTrainer as kind
    has_validation = len(examples[1]) > 0
    pad = tokenizer.pad_token_id
    arguments = SFTConfig(**trainer_arguments(recipe, checkpoints, has_validation=has_validation))
    arguments.ddp_find_unused_parameters = ranks.count() > 1 and has_other_parts(model)
    # Several cards in one process would get DataParallel, which splits our rows of fixed shape.
    arguments._n_gpu = min(arguments.n_gpu, 1)  # pyright: ignore[reportPrivateUsage]
    collate = PaddedCollator(pad)
    if is_packed(recipe):
        collate = PackedCollator(
            recipe.data.max_length,
            pad,
            boundaries=asks_for_boundaries(model),
            rows=fixed_rows(recipe.train, len(examples[0]), arguments.per_device_train_batch_size),
        )
    text = model.config.get_text_config()
    balance = getattr(text, "router_aux_loss_coef", None)
    trainer = kind(
        model=model,
        args=arguments,
        data_collator=collate,
        train_dataset=examples[0],
        eval_dataset=examples[1] if has_validation else None,
        processing_class=tokenizer,
        callbacks=[*watchers, SettledObjects()],
    )
    if balance is not None:
        text.router_aux_loss_coef = balance  # TRL has written its own there, which would be saved
    use_own_loss(trainer.model, compiled=kernels_can_be_made())
    trainer.remove_callback(PrinterCallback)
    hold_trained_weights_in_float32(trainer.model, recipe)
    if recipe.train.method == "full":
        keep_own_names(trainer)
    return trainer


def has_other_parts(model: Any) -> bool:
    """True for decoders with more than attention and feed-forward: a part of theirs may take no
    part in a step, and DDP would wait for its gradients in vain."""
    shape = shape_of(model.config)
    return bool(shape.kind) or not all("attn" in n or "mlp" in n for n in shape.linear)


def trainer_arguments(recipe: Recipe, checkpoints: Path, *, has_validation: bool) -> dict[str, Any]:
    """Arguments of TRL's SFTConfig for a recipe."""
    import torch

    settings = recipe.train
    on_gpu = device() == "cuda"
    bf16 = on_gpu and torch.cuda.is_bf16_supported() and recipe.model.dtype != "float32"
    same_name = (
        "learning_rate", "num_train_epochs", "max_steps", "lr_scheduler_type", "warmup_steps",
        "weight_decay", "max_grad_norm", "optim", "adam_beta2", "logging_steps", "save_steps",
        "report_to",
    )  # fmt: skip
    arguments: dict[str, Any] = {name: getattr(settings, name) for name in same_name}
    rows, steps = ranks.share(settings, ranks.count())
    arguments |= {
        "per_device_train_batch_size": rows,
        "gradient_accumulation_steps": steps,
        "average_tokens_across_devices": True,  # the loss is a mean over the tokens of all ranks
        "router_aux_loss_coef": 0.0,  # TRL's fails for half of the architectures that have experts
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
        attention=packed_attention(device()) if is_packed(recipe) and not plan.plain else None,
        place=not plan.sharded,
    )
    base.config.use_cache = False
    # What PEFT and TRL write into their files must be the id, not a path of this machine.
    base.config._name_or_path = base.name_or_path = recipe.model.id
    # PEFT looks for that id's vocabulary when it saves; ours is never changed.
    warnings.filterwarnings("ignore", message="Could not find a config file in")
    model = base.train() if settings.method == "full" else add_adapter(base, recipe)
    if settings.float8_base and not plan.plain:
        to_float8_base(model)
    quicken_lora(model)
    carry_out(plan, base, compiled=settings.compile)
    return shard_model(model, compute=gathered_type(recipe)) if plan.sharded else model


def gathered_type(recipe: Recipe) -> Any:
    """The type in which sharded weights travel: full tuning computes in half precision anyway."""
    import torch

    half = recipe.train.method == "full" and device() == "cuda" and recipe.model.dtype == "auto"
    return torch.bfloat16 if half and torch.cuda.is_bf16_supported() else None


def add_adapter(base: Any, recipe: Recipe) -> Any:
    """A LoRA adapter on the base, as the recipe says."""
    import torch
    from peft import LoraConfig, get_peft_model

    lora = recipe.train.lora
    linear = dict(linear_layers(base))
    if unmatched := lora.unmatched(linear):
        raise RecipeError(
            f"train.lora.target_modules: no linear layer has the name {', '.join(unmatched[:6])}.",
            "`osler check` lists this model's layers; or give all-linear.",
        )
    # What lies beside the decoder reads no text. A router of experts is a linear layer to PEFT, but
    # one that returns something else.
    others = [
        name
        for name, layer in base.named_modules()
        if isinstance(layer, torch.nn.Linear) and (name not in linear or _is_router(layer))
    ]
    config = LoraConfig(
        task_type="CAUSAL_LM",
        revision=recipe.model.revision,
        exclude_modules=others or None,
        **lora.model_dump(),
    )
    try:
        return get_peft_model(base, config)
    except ValueError as fault:  # layers that PEFT knows it must not touch
        reason = str(fault).split(". ")[0][:200]
        raise RecipeError(
            f"train.lora.target_modules: {reason}.", "Name other layers, such as [in_proj, x_proj]."
        ) from None


def _is_router(layer: Any) -> bool:
    kind = type(layer)
    of_model = kind.__module__.startswith("transformers.models.")
    return of_model and any(word in kind.__name__ for word in ("Router", "Gate", "TopK"))


def hold_trained_weights_in_float32(model: Any, recipe: Recipe) -> None:
    """Undo TRL's cast of a 4-bit model's adapter to bfloat16, in which small updates are lost.

    PEFT reads a checkpoint's adapter as float32: a resumed training would not be the same.
    """
    if recipe.train.method == "qlora":
        for weight in model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()
