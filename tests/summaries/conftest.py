"""A run whose model writes sections, badly: what a summary promises must hold all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from osler.cli import main

TEMPLATE = """\
sections:
  - title: Conditions
    about: Active conditions.
    parts: [conditions]
    lines: 2
    max_tokens: 80
  - title: Vaccines
    about: Vaccines given.
    parts: [immunizations]
    lines: 1
    max_tokens: 80
  - title: What Is Taken and Found
    about: Medicines, allergies, labs, and social facts.
    parts: [medicines, allergies, labs, social]
    lines: 1
    max_tokens: 80
"""
"""Sections of which most fit the few tokens that the tiny model can read."""

RECIPE = """\
name: ward
model: {{id: {model}}}
data:
  sources:
    - {{type: cohort, patients: 16, seed: 1, template: sections.yaml, licence: CC0-1.0}}
  max_length: 512
  test_share: 0.25
  near_duplicate: null
train:
  method: lora
  lora: {{r: 8}}
  learning_rate: 2.0e-2
  max_steps: 20
  per_device_train_batch_size: 2
evaluate: {{task: patient_summary}}
"""


@pytest.fixture(scope="session")
def ward(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sections.yaml, and with run/: the tiny model with an adapter that was tuned on
    such sections of a cohort."""
    folder = tmp_path_factory.mktemp("ward")
    (folder / "sections.yaml").write_text(TEMPLATE, encoding="utf-8")
    recipe = folder / "ward.yaml"
    recipe.write_text(RECIPE.format(model=tiny_model), encoding="utf-8")
    for stage in ("data", "train"):
        assert main([stage, str(recipe), "--run-dir", str(folder / "run")]) == 0
    return folder
