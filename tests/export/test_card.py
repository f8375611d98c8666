"""The model card says what it must, and nothing of the machine or the examples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from osler.disk import write_json
from osler.export.card import CardFacts, base_licence, card
from osler.recipe import Model
from osler.recipe_file import load_recipe
from osler.rows import Row, write_rows
from osler.run import Run

FACTS = CardFacts("LlamaForCausalLM", 60_352, "float32")
PROOF = "12 of 12 greedy answers are equal."
REVISION = "0123456789abcdef0123456789abcdef01234567"
SECRET = "zebrafish-0451"
REPORT: dict[str, Any] = {
    "input": 12,
    "kept": {"train": 6, "validation": 2, "test": 2},
    "dropped": {"exact duplicate": 2},
    "licences": {"ann.csv": None, "medquad": "CC-BY-4.0", "owner/set": "MIT"},
    "groups": {"train": 3, "validation": 1, "test": 1},
    "attributions": {"medquad": "Ben Abacha and Demner-Fushman 2019."},
    "identifiers": {},
}

SOURCES = (
    "data.sources=[{type: csv, path: /home/bob/ann.csv}, {type: public, name: medquad}, "
    f"{{type: hub, id: owner/set, revision: {REVISION}}}]"
)


@pytest.fixture
def make_run(recipe_file: Path, tmp_path: Path) -> Callable[..., Run]:
    """A run with the data stage's files, as far as a card reads them."""

    def make(*overrides: str) -> Run:
        run = Run.create(load_recipe(recipe_file, (SOURCES, *overrides)), tmp_path / "run")
        sources = ["ann.csv", "medquad", "medquad"]
        for split, copies in (("train", 2), ("validation", 1)):
            rows = [
                Row(f"{split}{i}", "g", source, prompt=({"role": "user", "content": SECRET},),
                    completion=({"role": "assistant", "content": SECRET},))
                for i, source in enumerate(sources * copies)
            ]  # fmt: skip
            write_rows(run.dir("data") / f"{split}.jsonl", rows)
        write_json(run.path / "data" / "report.json", REPORT)
        return run

    return make


def head_of(text: str) -> dict[str, Any]:
    return yaml.safe_load(text.split("---\n")[1])


def test_the_head_is_what_the_hub_reads(make_run: Callable[..., Run]) -> None:
    run = make_run(
        "model.id=Qwen/Qwen2-0.5B-Instruct", f"model.revision={REVISION}", "data.language=[en, de]"
    )
    head = head_of(card(run, FACTS, PROOF))
    assert head == {
        "license": "other",
        "base_model": "Qwen/Qwen2-0.5B-Instruct",
        "base_model_revision": REVISION,
        "base_model_relation": "finetune",
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "datasets": ["owner/set"],
        "language": ["en", "de"],
        "tags": ["osler", "medical", "sft", "lora"],
    }
    alone = head_of(card(run, None, PROOF))
    assert (alone["base_model_relation"], alone["library_name"]) == ("adapter", "peft")


def test_all_sections_are_there_with_figures_and_nothing_private(
    make_run: Callable[..., Run], tiny_model: Path
) -> None:
    run = make_run()
    text = card(run, FACTS, PROOF)
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        "Intended use", "Out-of-scope use", "How to load", "Training data", "Training procedure",
        "Evaluation", "Proof", "Licence and attribution",
    ]  # fmt: skip
    for told in (
        "| medquad | CC-BY-4.0 | 4 | 2 |",
        "| data of its maker's own (csv, sources[0]) | not stated | 2 | 1 |",
        "exact duplicate 2",
        "lora.r: 4",
        "transformers 5.",
        "Ben Abacha",
        "does not give medical advice",
        "Not evaluated",
        PROOF,
        "licence of the base model is not stated",
    ):
        assert told in text, told
    for private in (SECRET, "/home", "/tmp", "ann.csv", str(tiny_model), str(Path.home())):
        assert private not in text, private


def test_the_verdict_is_told_word_for_word(make_run: Callable[..., Run]) -> None:
    run = make_run()
    verdict = {"tuned against base": "better on ROUGE-Lsum; not shown on answers that end."}
    about = {
        "rougeLsum": {"label": "ROUGE-Lsum", "unit": "points", "better": "higher"},
        "ratio": {"label": "length ratio", "unit": "", "better": "neither"},
    }
    write_json(
        run.dir("evaluate") / "results.json",
        {
            "verdict": verdict,
            "measures": about,
            "systems": {
                "base": {"measures": {"rougeLsum": {"mean": 12.352}, "ratio": {"mean": 0.5}}},
                "tuned": {"measures": {"rougeLsum": {"mean": 23.456}, "ratio": {"mean": 1.0}}},
                "control": {"measures": {"rougeLsum": {"mean": 20.0}}},
            },
        },
    )
    text = card(run, FACTS, PROOF)
    assert "base, tuned, control" in text
    assert "| ROUGE-Lsum (points, higher is better) | 12.35 | 23.46 | 20 |" in text
    assert "| length ratio | 0.5 | 1 |  |" in text
    for name, sentence in verdict.items():
        assert f"- **{name}**: {sentence}" in text


def test_the_licence_of_the_base_comes_from_its_own_card(tmp_path: Path) -> None:
    model = Model(id="./base")
    assert base_licence(model, tmp_path) is None
    (tmp_path / "base").mkdir()
    readme = tmp_path / "base" / "README.md"
    for text, licence in (
        ("---\nlicense: apache-2.0\n---\n# A model", "apache-2.0"),
        ("---\nlicense: other\n---\n", None),
        ("---\nlicense: [\n---\n", None),
        ("# no head", None),
    ):
        readme.write_text(text)
        assert base_licence(model, tmp_path) == licence
