"""Models that the engine is not made for: trained as transformers makes them, or refused early."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from osler.errors import RecipeError, UserError
from osler.run import Run
from osler.stages import run_stage

MakeRun = Callable[..., Run]

KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "Mixtral": (
        {"model_type": "mixtral", "num_local_experts": 4, "num_experts_per_tok": 2},
        "mixture of experts",
    ),
    "GPT-2": (
        {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512},
        "layers of its own",
    ),
    "Gemma 2": ({"model_type": "gemma2", "head_dim": 8}, "attention of its own"),
    "StableLM": (
        {"model_type": "stablelm", "attention_dropout": 0.0, "partial_rotary_factor": 0.5},
        "attention of its own",
    ),
    "OPT": (
        {"model_type": "opt", "ffn_dim": 64, "word_embed_proj_dim": 32, "dropout": 0.0},
        "layers of its own",
    ),
    "Mamba": ({"model_type": "mamba"}, "recurrent layers"),
    "GPT-NeoX": ({"model_type": "gpt_neox"}, "layers of its own"),
    "Falcon": ({"model_type": "falcon"}, "layers of its own"),
    "Granite": (
        {"model_type": "granitemoe", "num_local_experts": 4, "num_experts_per_tok": 2},
        "mixture of experts",
    ),
    "Gemma 3n": (
        {
            "model_type": "gemma3n_text",
            "head_dim": 8,
            "laurel_rank": 4,
            "hidden_size_per_layer_input": 8,
            "vocab_size_per_layer_input": 400,
            "num_kv_shared_layers": 0,
            "activation_sparsity_pattern": [0.0, 0.0],
            "layer_types": ["sliding_attention", "full_attention"],
            "altup_num_inputs": 2,
        },
        "",
    ),
    "BERT": (
        {"model_type": "bert", "architectures": ["BertForMaskedLM"]},
        "layers of its own",
    ),
    "Llama 4": ({"model_type": "llama4_text"}, "its hidden states are not found"),
    "BART": ({"model_type": "bart", "is_encoder_decoder": True}, "an encoder"),
}


@pytest.fixture
def model_of(tiny_model: Path, tmp_path: Path) -> Callable[[str], Path]:
    """The tiny model's folder with another architecture in its config, and no weights to read."""

    def make(name: str) -> Path:
        folder = tmp_path / "other"
        shutil.copytree(tiny_model, folder)
        given = json.loads((folder / "config.json").read_text())
        for key in ("architectures", "head_dim"):
            given.pop(key)
        (folder / "config.json").write_text(json.dumps(given | KINDS[name][0]))
        (folder / "model.safetensors").write_bytes(b"not read")
        return folder

    return make


@pytest.mark.parametrize("name", ["Mixtral", "Granite", "GPT-2", "Gemma 2", "StableLM"])
def test_it_trains_with_one_line_about_what_is_off(
    name: str,
    prepared_run: MakeRun,
    model_of: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = prepared_run(
        "run", f"model.id={model_of(name)}", "model.init=random", "train.packing=true",
        "train.compile=true", "train.gradient_checkpointing=true", "train.max_steps=12",
        "train.learning_rate=2e-2",
    )  # fmt: skip
    run_stage("train", run)
    said = capsys.readouterr().out
    assert f"plain path ({KINDS[name][1]}): off are" in said
    assert "train.compile" in said
    losses = [m["loss"] for m in run.metrics("train") if "loss" in m]
    assert losses[-1] < losses[0] - 0.1
    assert run.record("train")["recomputed_layers"] == 2


@pytest.mark.parametrize("name", ["Mixtral", "GPT-NeoX"])
def test_full_tuning_resumed_ends_in_the_same_weights_bit_for_bit(
    name: str, recipe_file: Path, prepared_run: MakeRun, model_of: Callable[[str], Path]
) -> None:
    """Of models whose published files call the weights otherwise than they are called in memory."""
    given = (
        f"model.id={model_of(name)}", "model.init=random", "train.method=full",
        "train.max_steps=4", "train.save_steps=2", "train.save_total_limit=2",
        "data.validation_share=0",
    )  # fmt: skip
    recipe_file.write_text(recipe_file.read_text().replace("  lora: {r: 4}\n", ""))
    run = prepared_run("run", *given)
    run_stage("train", run)
    whole = load_file(run.path / "train" / "model" / "model.safetensors")
    shutil.rmtree(run.path / "train" / "model")
    shutil.rmtree(run.path / "train" / "checkpoints" / "checkpoint-4")
    again = Run.open(run.path)
    run_stage("train", again)
    assert again.record("train")["resumed_from_step"] == 2
    resumed = load_file(run.path / "train" / "model" / "model.safetensors")
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def test_linear_layers_of_a_models_own_class_get_an_adapter(
    prepared_run: MakeRun, model_of: Callable[[str], Path]
) -> None:
    run = prepared_run(
        "run", f"model.id={model_of('Falcon')}", "model.init=random", "train.max_steps=2"
    )
    run_stage("train", run)
    adapter = load_file(run.path / "train" / "adapter" / "adapter_model.safetensors")
    assert any("query_key_value" in name for name in adapter)


def test_layers_that_are_given_more_than_hidden_states_recompute(
    prepared_run: MakeRun, model_of: Callable[[str], Path]
) -> None:
    """Gemma 3n hands each layer an embedding of its own, by position."""
    given = (f"model.id={model_of('Gemma 3n')}", "model.init=random", "train.max_steps=3")
    losses: list[list[float]] = []
    for name in ("kept", "again"):
        more = [f"train.gradient_checkpointing={str(name == 'again').lower()}"]
        run = prepared_run(name, *given, *more, "train.logging_steps=1")
        run_stage("train", run)
        losses.append([m["loss"] for m in run.metrics("train") if "loss" in m])
    assert losses[0] == losses[1]


def test_recurrent_layers_refuse_packed_rows_and_train_on_single_ones(
    prepared_run: MakeRun, model_of: Callable[[str], Path]
) -> None:
    given = (f"model.id={model_of('Mamba')}", "model.init=random", "train.max_steps=2")
    packed = prepared_run("packed", *given, "train.packing=true")
    with pytest.raises(RecipeError, match=r"would see each other.*\n.*packing=false"):
        run_stage("train", packed)
    all_layers = prepared_run("all", *given)
    with pytest.raises(RecipeError, match=r"target_modules: .*out_proj.*\n.*in_proj"):
        run_stage("train", all_layers)
    single = prepared_run("single", *given, "train.lora.target_modules=[in_proj, x_proj]")
    run_stage("train", single)
    assert single.status("train") == "done"


@pytest.mark.parametrize(
    ("name", "given", "error", "told"),
    [
        ("BART", "model.init=random", UserError, r"cannot be tuned: it has an encoder"),
        ("Llama 4", "model.init=random", UserError, "cannot be tuned: the trainer's loss"),
        ("OPT", "train.packing=true", RecipeError, r"would see each other.*\n.*packing=false"),
        ("BERT", "seed=0", UserError, "BertForMaskedLM does not write text left to right"),
        (
            "GPT-2",
            "data.max_length=600 train.packing=true",
            RecipeError,
            r"up to 600 tokens, and .* for 512\.\nSet data\.max_length=512",
        ),
        ("Mixtral", "train.tiled_mlp=true", RecipeError, r"train\.tiled_mlp: .*mixture of experts"),
        ("Mixtral", "train.float8_base=true", RecipeError, "a CPU does not multiply in 8 bits"),
    ],
)
def test_what_a_model_cannot_have_is_told_before_its_weights_are_read(
    name: str,
    given: str,
    error: type[UserError],
    told: str,
    prepared_run: MakeRun,
    model_of: Callable[[str], Path],
) -> None:
    run = prepared_run("run", f"model.id={model_of(name)}", *given.split())
    with pytest.raises(error, match=told):
        run_stage("train", run)
