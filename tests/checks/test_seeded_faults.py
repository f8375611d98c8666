"""`osler check` names every fault that is seeded, before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults import FAULTS
from scene import Fault, clean_scene


def test_there_are_at_least_twenty() -> None:
    assert len(FAULTS) >= 20
    assert len({fault.finding for fault in FAULTS}) >= 20


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.words)
def test_finds(fault: Fault, tmp_path: Path, tiny_model: Path) -> None:
    scene = clean_scene(tmp_path, tiny_model)
    fault.seed(scene)
    examined = scene.examine()
    assert fault.found_in(examined), [str(finding) for finding in examined.findings]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.words)
def test_no_finding_shows_example_text(fault: Fault, tmp_path: Path, tiny_model: Path) -> None:
    scene = clean_scene(tmp_path, tiny_model)
    for row in scene.rows:
        row["answer"] = f"Zebrafinch {row['answer']}"
        row["question"] = f"Zebrafinch: {row['question']}"
    fault.seed(scene)
    assert not any("Zebrafinch" in str(finding) for finding in scene.examine().findings)
