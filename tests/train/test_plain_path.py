"""Models that the engine is not made for: trained as transformers makes them, or refused early."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
        given.pop("architectures")
        (folder / "config.json").write_text(json.dumps(given | KINDS[name][0]))
        (folder / "model.safetensors").write_bytes(b"not read")
        return folder

    return make


@pytest.mark.parametrize("name", ["Mixtral", "GPT-2", "Gemma 2", "StableLM"])
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
    run = prepared_run("run", f"model.id={model_of(name)}", given)
    with pytest.raises(error, match=told):
        run_stage("train", run)
