"""The exported model is the trained one, and plain transformers can tell."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from osler.errors import RunError, UserError
from osler.export.compare import Measured, differences, in_words, measure_fresh, refuse_wrong
from osler.export.merge import export, fold, load_for_merging, save
from osler.model import load_adapter, load_base, load_tokenizer
from osler.recipe import Model
from osler.run import Run

SECRET = "zebrafish-0451"
IDS = torch.arange(20, 50)[None]


def logits(model: Any) -> Any:
    with torch.no_grad():
        return model.eval()(IDS).logits


def plain(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder)


def written_text(folder: Path) -> str:
    """All that lies in a folder but weights and tokenizers."""
    kept = (p for p in folder.rglob("*") if p.suffix in {".json", ".jsonl", ".txt", ".md"})
    return "".join(p.read_text() for p in kept if p.name != "tokenizer.json")


def test_a_lora_run_is_exported_and_proved(
    trained_run: Callable[..., Run], capsys: pytest.CaptureFixture[str], tiny_model: Path
) -> None:
    run = trained_run()
    export(run.recipe, run)
    proof = json.loads((run.path / "export" / "proof.json").read_text())
    assert proof["prompts"] == proof["equal_answers"] == 12
    assert proof["largest_logit_difference"] < 1e-4
    assert proof["dtype"] == "float32"
    assert "12 of 12 greedy answers" in capsys.readouterr().out
    merged = run.path / "export" / "merged"
    assert run.status("export") == "done"
    assert sorted(p.name for p in (run.path / "export").iterdir()) == ["merged", "proof.json"]
    change = logits(plain(merged)) - logits(plain(tiny_model))
    assert change.abs().max() > 0.1, "the adapter has no effect, so the proof shows nothing"
    config = json.loads((merged / "config.json").read_text())
    assert config["use_cache"] is True
    assert config["tie_word_embeddings"] is True
    assert AutoTokenizer.from_pretrained(merged).padding_side == "left"
    outside = written_text(run.path / "export") + (run.path / "log.txt").read_text()
    outside += (run.path / "run.json").read_text()
    assert SECRET not in outside
    assert "/tmp" not in outside
    assert str(tiny_model) not in outside


def test_a_second_export_replaces_the_first(trained_run: Callable[..., Run]) -> None:
    run = trained_run("train.method=full", "export.prompts=2")
    (run.dir("export") / "merged").mkdir()
    (run.path / "export" / "merged" / "of-an-old-export.bin").touch()
    (run.path / "export" / ".merged.part").mkdir()
    export(run.recipe, run)
    merged = run.path / "export" / "merged"
    assert not (merged / "of-an-old-export.bin").exists()
    assert not (run.path / "export" / ".merged.part").exists()
    assert torch.equal(logits(plain(merged)), logits(plain(run.path / "train" / "model")))
    assert json.loads((merged / "config.json").read_text())["use_cache"] is True
    assert (merged / "README.md").is_file()
    mode = (merged / "model.safetensors").stat().st_mode & 0o777
    assert mode == (merged / "config.json").stat().st_mode & 0o777, "one is readable by fewer"


def test_a_qlora_run_is_merged_into_the_dequantised_base(
    trained_run: Callable[..., Run], wide_model: Path
) -> None:
    run = trained_run(
        "train.method=qlora", "train.max_steps=4", "train.save_steps=4", model=wide_model
    )
    export(run.recipe, run)
    proof = json.loads((run.path / "export" / "proof.json").read_text())
    assert proof["equal_answers"] == proof["prompts"] == 12
    assert proof["largest_logit_difference"] < 1e-4
    assert proof["against"] == "dequantised base with adapter"
    assert proof["four_bit"]["largest_logit_difference"] < 0.05
    merged = run.path / "export" / "merged"
    assert "quantization_config" not in json.loads((merged / "config.json").read_text())
    on_original = load_adapter(plain(wide_model), run.path / "train" / "adapter")
    assert (logits(plain(merged)) - logits(on_original)).abs().max() > 0.01


def test_plain_text_runs_are_exported_too(
    trained_run: Callable[..., Run], tiny_model: Path
) -> None:
    from osler.rows import Row, write_rows
    from osler.train.sft import train

    run = trained_run("train.objective=pretrain", "train.max_steps=2", "export.prompts=3")
    texts = [Row(f"t{i}", f"t{i}", "book", text=f"Gout is {i} in all. " * 9) for i in range(9)]
    for split in ("train", "validation"):
        write_rows(run.path / "data" / f"{split}.jsonl", texts)
    run.clear("train")
    train(run.recipe, run)
    export(run.recipe, run)
    assert run.record("export")["equal_answers"] == "3 of 3"


def test_an_adapter_alone_is_exported_with_its_card(trained_run: Callable[..., Run]) -> None:
    run = trained_run("export.merged=false", "train.max_steps=2")
    export(run.recipe, run)
    folder = run.path / "export" / "adapter"
    assert (folder / "adapter_model.safetensors").is_file()
    assert "base_model_relation: adapter" in (folder / "README.md").read_text()
    assert not (run.path / "export" / "merged").exists()


def test_export_before_training_says_so(trained_run: Callable[..., Run]) -> None:
    run = trained_run("train.max_steps=2")
    run.clear("train")
    with pytest.raises(UserError, match="Train first"):
        export(run.recipe, run)


@pytest.mark.parametrize("target", ["embed_tokens", "lm_head"])
def test_tied_embeddings_with_an_adapter_on_one_of_them_stay_correct(
    tiny_model: Path, tmp_path: Path, target: str
) -> None:
    base = plain(tiny_model)
    config = LoraConfig(target_modules=[target, "q_proj"], init_lora_weights=False)
    model = get_peft_model(base, config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.mul_(0.1 if "lora" in name else 1.0)
    expected = logits(model)
    merged = fold(model)
    save(merged, load_tokenizer(Model(id=str(tiny_model)), Path()), tmp_path)
    torch.testing.assert_close(logits(merged), expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(logits(plain(tmp_path)), expected, atol=1e-4, rtol=1e-4)


def test_the_generation_config_stops_at_every_end_of_turn_and_is_greedy(
    tiny_model: Path, tmp_path: Path
) -> None:
    settings = Model(id=str(tiny_model))
    model = load_base(settings, Path())
    model.generation_config = GenerationConfig(
        do_sample=True, temperature=0.3, top_p=0.8, repetition_penalty=1.1, eos_token_id=[7, 9]
    )
    save(model, load_tokenizer(settings, Path()), tmp_path)
    saved = json.loads((tmp_path / "generation_config.json").read_text())
    assert saved.pop("transformers_version")
    assert saved == {"do_sample": False, "eos_token_id": [1, 7, 9], "pad_token_id": 0}


def test_random_base_weights_are_those_of_the_training(
    trained_run: Callable[..., Run],
) -> None:
    run = trained_run("model.init=random", "train.max_steps=2", "train.save_steps=2")
    first, second = (logits(fold(load_for_merging(run))) for _ in range(2))
    assert torch.equal(first, second)


def measured(*answers: list[int], gap: float = 1.0, shift: float = 0.0) -> Measured:
    return Measured(
        prompt_ids=[[1]] * len(answers),
        answers=list(answers),
        logits=[torch.full((len(a), 5), 2.0 + shift) for a in answers],
        along=len(answers),
        gaps=[[gap] * len(a) for a in answers],
    )


def verdict_of(reference: Measured, exported: Measured, dtype: str) -> dict[str, Any]:
    found = {"prompts": len(reference.answers), "dtype": dtype}
    found |= differences(reference, exported)
    refuse_wrong(found, reference, exported)
    return found


def test_a_wrong_export_is_refused_in_float32() -> None:
    with pytest.raises(RunError, match="1 of 2 greedy answers differ"):
        verdict_of(measured([3, 4], [5, 6]), measured([3, 4], [5, 7]), "float32")
    with pytest.raises(RunError, match=r"logits by up to 0\.5"):
        verdict_of(measured([3, 4]), measured([3, 4], shift=0.5), "float32")
    other_prompt = measured([3, 4])
    other_prompt.prompt_ids = [[2]]
    with pytest.raises(RunError, match="renders a prompt differently"):
        verdict_of(measured([3, 4]), other_prompt, "bfloat16")


def test_rounding_is_told_and_not_refused() -> None:
    found = verdict_of(measured([3, 4], gap=1e-5), measured([3, 5]), "float32")
    assert (found["equal_answers"], found["near_ties"]) == (0, 1)
    found = verdict_of(measured([3, 4], gap=0.3), measured([3, 5], shift=0.2), "bfloat16")
    assert (found["equal_answers"], found["near_ties"]) == (0, 1)
    assert "1 answers DIFFER: 1 of them at a near tie" in in_words(found | {"against": "base"})
    found = verdict_of(measured([3, 4], gap=0.5), measured([3, 5], shift=0.2), "bfloat16")
    assert "1 for no reason known" in in_words(found | {"against": "base"})
    assert found["largest_logit_difference"] == pytest.approx(0.2)


def test_a_folder_that_cannot_be_loaded_is_told_without_its_prompts(
    tiny_model: Path, tmp_path: Path
) -> None:
    prompts = [{"messages": [{"role": "user", "content": SECRET}]}]
    (tmp_path / "merged").mkdir()
    with pytest.raises(RunError, match="cannot be used by plain transformers") as fault:
        measure_fresh(tmp_path / "merged", prompts, measured([3]), tmp_path)
    assert SECRET not in str(fault.value)
    assert not (tmp_path / ".proof").exists()


def test_prompts_of_the_proof_are_for_the_owner_alone(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "spy"  # in place of the fresh Python: -m MODULE MERGED PROMPTS ANSWERS
    seen = tmp_path / "seen"
    spy.write_text(f'#!/bin/sh\nstat -c %a "$4" "$(dirname "$4")" > "{seen}"\nexit 3\n')
    spy.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(spy))
    with pytest.raises(RunError, match="exit code 3"):
        measure_fresh(tmp_path, [{"text": SECRET}], measured([3]), tmp_path)
    assert seen.read_text().split() == ["600", "700"]
    assert not (tmp_path / ".proof").exists()
