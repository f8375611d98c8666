"""Shipped recipes: each goes all the way, small; and what parses today parses forever."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from osler.cli import main
from osler.disk import read_json
from osler.recipe import Recipe
from osler.recipe_file import load_recipe, shipped_recipes
from osler.run import Run

sys.path.insert(0, str(Path(__file__).parent / "recipes"))
from freeze import FROZEN, frozen_copies

FEW = (
    "train.max_steps=3", "train.save_steps=3", "train.logging_steps=1",
    "train.per_device_train_batch_size=2", "evaluate.max_items=8", "evaluate.max_new_tokens=6",
    "export.prompts=2",
)  # fmt: skip
"""Settings that make any recipe a matter of seconds."""

SMALL = ("data.max_length=128", "data.test_share=0.3", "evaluate.bertscore=false")

QUESTIONS = "{type: csv, path: clinic.csv, columns: {prompt: question, completion: answer, id: id,"
QUESTIONS += " group: topic}}"
"""In place of the public set, whose files are known by their digest and are not small."""


# -- parsed forever ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(shipped_recipes()))
def test_a_shipped_recipe_is_frozen_as_it_is(name: str) -> None:
    now = load_recipe(name).recipe
    assert any(load_recipe(copy).recipe == now for copy in frozen_copies(name)), (
        "a recipe that is shipped is kept for the tests: python tests/recipes/freeze.py"
    )


@pytest.mark.parametrize("path", sorted(FROZEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_recipe_that_was_ever_shipped_still_means_what_it_meant(path: Path) -> None:
    """No key may go, and no default that changes a result may change under a recipe that somebody
    has copied."""
    meant = Recipe.model_validate(json.loads(path.with_suffix(".json").read_text()))
    assert load_recipe(path).recipe.deciding() == meant.deciding()


# -- the whole way -----------------------------------------------------------------------------


@pytest.fixture
def folder(clinic_csv: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with `clinic.csv`: id, question, answer and topic, as MedQuAD's table."""
    monkeypatch.chdir(clinic_csv.parent)
    return clinic_csv.parent


def go_all_the_way(name: str, *overrides: str) -> Run:
    """Each verb in turn, as a user types them; returns the run."""
    for verb in ("data", "train", "evaluate", "export"):
        assert main([verb, name, *FEW, *overrides, "--run-dir", "run"]) == 0, verb
    run = Run.open("run")
    assert {stage: run.status(stage) for stage in ("data", "train", "evaluate", "export")} == (
        dict.fromkeys(("data", "train", "evaluate", "export"), "done")
    )
    assert run.recipe == load_recipe(name, [*FEW, *overrides]).recipe
    assert run.record("train")["steps"] == 3
    assert [m["step"] for m in run.metrics("train") if "loss" in m] == [1, 2, 3]
    results = read_json(run.path / "evaluate" / "results.json")
    assert results["verdict"]
    assert all("tuned" in one["systems"] for one in results.get("tasks", {"": results}).values())
    proof = read_json(run.path / "export" / "proof.json")
    assert proof["equal_answers"] == proof["prompts"] == 2
    merged = run.path / "export" / "merged"
    assert {"config.json", "tokenizer.json", "README.md"} <= {p.name for p in merged.iterdir()}
    assert "## Out-of-scope use" in (merged / "README.md").read_text()
    return run


def test_quickstart_goes_all_the_way(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = ("data.sources[0].limit=90", "data.sources[1].limit=10")
    run = go_all_the_way("quickstart", *limits)
    results = read_json(run.path / "evaluate" / "results.json")
    assert set(results["systems"]) == {"base", "tuned", "control"}
    assert "bertscore" in json.dumps(results).lower()
    assert capsys.readouterr().out.count("Verdict: ") == 2


def test_medical_qa_nano_goes_all_the_way(folder: Path) -> None:
    run = go_all_the_way("medical-qa-nano", *SMALL, f"data.sources[0]={QUESTIONS}")
    assert (run.path / "train" / "model" / "model.safetensors").is_file()
    assert set(read_json(run.path / "evaluate/results.json")["systems"]) == {
        "base", "tuned", "control",
    }  # fmt: skip


def test_document_summary_nano_goes_all_the_way(folder: Path) -> None:
    run = go_all_the_way("document-summary-nano", *SMALL, f"data.sources[0]={QUESTIONS}")
    results = read_json(run.path / "evaluate/results.json")
    assert set(results["systems"]) == {"base", "tuned", "control", "copy"}
    assert "rougeL" in results["systems"]["tuned"]["measures"]


def test_nano_pretrain_goes_all_the_way(folder: Path) -> None:
    text = "{type: csv, path: clinic.csv, repeat: 2, columns: {text: answer, group: topic}}"
    run = go_all_the_way(
        "nano-pretrain", *SMALL, f"data.sources=[{text}]", "train.compile=false",
        "train.warmup_steps=1",
    )  # fmt: skip
    measures = read_json(run.path / "evaluate" / "results.json")["systems"]["tuned"]["measures"]
    assert measures["bits_per_byte"]["mean"] > 0
    assert not (run.path / "evaluate" / "samples").exists(), "plain text is asked no questions"


def test_medical_qa_goes_all_the_way_in_four_bits(folder: Path, tiny_model: Path) -> None:
    make_small_qwen(folder / "qwen", tiny_model)
    own = ("model.id=./qwen", "model.revision=null", f"data.sources[0]={QUESTIONS}")
    run = go_all_the_way("medical-qa", *SMALL, *own)
    assert run.recipe.train.method == "qlora"
    proof = read_json(run.path / "export" / "proof.json")
    assert proof["against"] == "dequantised base with adapter"
    assert proof["four_bit"]["largest_logit_difference"] < 1e-3, "it was trained on these weights"
    in_four_bits_and_as_given_differ(run)


@pytest.mark.parametrize("name", ["document-summary", "visit-note"])
def test_a_summary_recipe_goes_all_the_way_in_four_bits(
    name: str, folder: Path, tiny_model: Path
) -> None:
    make_small_qwen(folder / "qwen", tiny_model)
    own = ("model.id=./qwen", "model.revision=null", f"data.sources[0]={QUESTIONS}")
    run = go_all_the_way(name, *SMALL, *own)
    assert read_json(run.path / "evaluate/results.json")["settings"]["task"] == "document_summary"


SEVERAL = (
    "data.sources=[{type: embedded, name: medical_qa, limit: 60, with_sources: 0.5},"
    "{type: embedded, name: out_of_scope, limit: 20}, {type: cohort, patients: 6, task: advice},"
    "{type: csv, path: clinic.csv, task: document_summary, columns: {prompt: question,"
    " completion: answer, id: id, group: topic}}]",
    "data.weights={medical_qa: 2, refusal: 1, advice: 1, document_summary: 1}",
    "data.max_length=1024", "data.test_share=0.4", "evaluate.bertscore=false",
    "evaluate.max_items=10",
)  # fmt: skip
"""In place of the public sets and the large cohorts: four tasks."""


def examined_by_task(run: Run, *tasks: str) -> None:
    found = read_json(run.path / "evaluate" / "results.json")["tasks"]
    assert set(tasks) <= set(found)
    assert all({"base", "tuned", "control"} <= set(one["systems"]) for one in found.values())
    assert "### refusal" in (run.path / "export" / "merged" / "README.md").read_text()
    assert (run.path / "data" / "prompts" / "advice.txt").is_file()


def test_assistant_nano_goes_all_the_way(folder: Path) -> None:
    run = go_all_the_way("assistant-nano", *SEVERAL)
    examined_by_task(run, "medical_qa", "refusal", "advice", "document_summary")


def test_assistant_goes_all_the_way_in_four_bits(folder: Path, tiny_model: Path) -> None:
    make_small_qwen(folder / "qwen", tiny_model)
    own = ("model.id=./qwen", "model.revision=null")
    run = go_all_the_way("assistant", *SEVERAL, *own)
    examined_by_task(run, "medical_qa", "refusal", "document_summary")


def in_four_bits_and_as_given_differ(run: Run) -> None:
    """The exported weights are those of the 4-bit base: near the given ones, and not the same."""
    from safetensors.torch import load_file

    given = load_file("qwen/model.safetensors")
    merged = load_file(run.path / "export" / "merged" / "model.safetensors")
    name = "model.layers.0.mlp.up_proj.weight"
    apart = (given[name] - merged[name].float()).abs()
    assert 0 < apart.max() < 0.2 * given[name].abs().max()
    assert (apart > 0).float().mean() > 0.9


def make_small_qwen(folder: Path, tokenizer: Path) -> None:
    """A random two-layer Qwen2, whose sizes 4-bit blocks of 64 fit into."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    shutil.copytree(tokenizer, folder)
    (folder / "model.safetensors").unlink()
    given = read_json(folder / "config.json")
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=given["vocab_size"],
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        eos_token_id=given["eos_token_id"],
        pad_token_id=given["pad_token_id"],
    )
    Qwen2ForCausalLM(config).save_pretrained(str(folder))
