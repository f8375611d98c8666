"""The export stage: the adapter folded into its base, proved, and described by a model card."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path
from typing import Any

from osler.disk import read_json, write_json
from osler.errors import UserError
from osler.export.card import CardFacts, write_card
from osler.export.compare import (
    Measured,
    Prompt,
    differences,
    in_words,
    measure,
    measure_fresh,
    proof_prompts,
    refuse_wrong,
)
from osler.export.hub import push, refuse_unpublishable
from osler.model import (
    device,
    load_adapter,
    load_tokenizer,
    load_tuned,
    load_untuned,
    weight_dtype,
)
from osler.recipe import Recipe
from osler.run import Run, installed_versions
from osler.template import stop_token_ids

AGAINST = {
    "full": "trained model",
    "lora": "base with adapter",
    "qlora": "dequantised base with adapter",
}
"""Method of training -> what the exported model must equal."""


def export(recipe: Recipe, run: Run) -> None:
    """Write export/merged (or export/adapter) with its card, and export/proof.json.

    Nothing appears under its name before it is proved. Raises `RunError` when the exported model
    is not the trained one, and `UserError` when it may not be uploaded as the recipe asks.
    """
    inputs = inputs_of(run)
    if not inputs[0].is_dir():
        raise UserError(f"{inputs[0]}: not there.", "Train first: osler train RECIPE")
    report = read_json(run.path / "data" / "report.json")
    if recipe.export.push_to_hub is not None:
        refuse_unpublishable(report)  # before the work, not after it
    with run.stage("export", inputs=inputs) as out:
        if recipe.export.merged:
            proof = _export_merged(recipe, run, out / "merged")
            write_json(out / "proof.json", proof)
            out.facts["equal_answers"] = f"{proof['equal_answers']} of {proof['prompts']}"
        else:
            _export_adapter(recipe, run, out / "adapter")
    if recipe.export.push_to_hub is not None:
        push(_result(recipe, run), recipe.export.push_to_hub, report)


def _result(recipe: Recipe, run: Run) -> Path:
    return run.dir("export") / ("merged" if recipe.export.merged else "adapter")


def inputs_of(run: Run) -> list[Path]:
    """What the stage reads: the trained weights, the data's report and, if there, the verdict."""
    results = run.path / "evaluate" / "results.json"
    report = run.path / "data" / "report.json"
    return [run.tuned_weights, report, *([results] if results.is_file() else [])]


def _export_merged(recipe: Recipe, run: Run, target: Path) -> dict[str, Any]:
    """Merge, save beside the target, prove there, write the card, rename into place."""
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    tokenizer = load_tokenizer(recipe.model, run.recipe_folder)
    prompts = proof_prompts(recipe, run, tokenizer)
    model = load_for_merging(run)
    reference = measure(model, tokenizer, prompts)
    merged = fold(model)
    del model
    try:
        save(merged, tokenizer, part)
        facts = CardFacts.of(merged)
        del merged
        proof = _prove(recipe, run, part, tokenizer, prompts, reference)
        write_card(part / "README.md", run, facts, in_words(proof))
        _put_in_place(part, target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    print(in_words(proof))
    run.log(in_words(proof))
    return proof


def _prove(
    recipe: Recipe,
    run: Run,
    merged: Path,
    tokenizer: Any,
    prompts: list[Prompt],
    reference: Measured,
) -> dict[str, Any]:
    """What export/proof.json says. Raises `RunError` when the model is not the trained one."""
    method = recipe.train.method
    four_bit: Measured | None = None
    _free_memory()
    if method == "qlora":
        four_bit = measure(load_tuned(run), tokenizer, prompts, along=reference)
        _free_memory()  # the fresh process needs the accelerator for itself
    exported = measure_fresh(merged, prompts, reference, merged.parent)
    proof: dict[str, Any] = {
        "against": AGAINST[method],
        "prompts": len(prompts),
        **differences(reference, exported),
        "compared_along_whole_answers": reference.along,
        "dtype": str(weight_dtype(recipe.model, train_all=False)).removeprefix("torch."),
        "device": device(),
        "versions": installed_versions(),
    }
    if four_bit is not None:
        proof["four_bit"] = differences(four_bit, exported)
    refuse_wrong(proof, reference, exported)
    return proof


def load_for_merging(run: Run) -> Any:
    """The trained model with its adapter on a base of plain weights.

    For qlora the base is the dequantised one: the adapter was trained on its rounding, and on the
    original weights it would answer differently. Merging into 4-bit weights would round again.
    """
    recipe = run.recipe
    if recipe.train.method == "full":
        return load_tuned(run)
    base = load_untuned(run)
    if recipe.train.method == "qlora":
        base = base.dequantize(dtype=weight_dtype(recipe.model, train_all=False))
    return load_adapter(base, run.tuned_weights)


def fold(model: Any) -> Any:
    """The model with its adapter folded into the weights; a model without one as it is."""
    if not hasattr(model, "merge_and_unload"):
        return model
    _untie_adapted_embeddings(model.get_base_model())
    return model.merge_and_unload(safe_merge=True)


def _untie_adapted_embeddings(base: Any) -> None:
    """Give the output layer weights of its own where one of the two tied layers has an adapter.

    PEFT adds the change to the shared weights, and so to the layer that was never adapted as well
    (seen in 0.21; its warning says to untie by hand).
    """
    import torch

    ends = (base.get_input_embeddings(), base.get_output_embeddings())
    if not base.config.tie_word_embeddings or not any(hasattr(end, "base_layer") for end in ends):
        return
    output = getattr(ends[1], "base_layer", ends[1])
    output.weight = torch.nn.Parameter(output.weight.detach().clone(), requires_grad=False)
    base.config.tie_word_embeddings = False


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Save weights, config, generation config, tokenizer and template for plain transformers."""
    from transformers import GenerationConfig

    stops = stop_token_ids(tokenizer, model.generation_config)
    pad = stops[0] if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    # Not the base's: its sampling and penalties had no part in the evaluation.
    model.generation_config = GenerationConfig(
        do_sample=False,
        eos_token_id=stops,
        pad_token_id=pad,
        bos_token_id=tokenizer.bos_token_id,
    )
    model.config.use_cache = True  # training switches it off
    model.save_pretrained(str(folder), safe_serialization=True)
    tokenizer.save_pretrained(str(folder))
    _settle_tokenizer(folder / "tokenizer_config.json", model.config.get_text_config())


def _settle_tokenizer(path: Path, config: Any) -> None:
    """What `generate` needs of a tokenizer; transformers saves only what it was once given."""
    settings: dict[str, Any] = read_json(path)
    for of_this_machine in ("is_local", "local_files_only", "name_or_path"):
        settings.pop(of_this_machine, None)
    settings["padding_side"] = "left"  # for answers in batches
    settings["model_input_names"] = ["input_ids", "attention_mask"]  # it refuses token_type_ids
    settings.pop("model_max_length", None)  # ours means no limit
    if hasattr(config, "max_position_embeddings"):
        settings["model_max_length"] = config.max_position_embeddings
    write_json(path, settings)


def _export_adapter(recipe: Recipe, run: Run, target: Path) -> None:
    """The adapter as it was trained, with a card; there is nothing to prove."""
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(run.tuned_weights, part)
    load_tokenizer(recipe.model, run.recipe_folder).save_pretrained(str(part))
    write_card(part / "README.md", run, None, "The adapter is the trained one, copied.")
    _put_in_place(part, target)


def _put_in_place(part: Path, target: Path) -> None:
    # safetensors writes files that only their owner can read: a copy of the folder is for others.
    mask = os.umask(0)
    os.umask(mask)
    for file in part.rglob("*"):
        file.chmod((0o777 if file.is_dir() else 0o666) & ~mask)
    if target.exists():
        shutil.rmtree(target)
    part.rename(target)


def _free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
