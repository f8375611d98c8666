"""`python bench/seeded_faults.py`: seeds every fault of tests/checks/faults.py and prints what
`osler check` says of it, and of the set-up without a fault.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "checks")]

from faults import FAULTS
from scene import clean_scene

from conftest import make_tiny_model


def main() -> int:
    """Exit code 1 when a fault is missed or the clean set-up raises an alarm."""
    missed = 0
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "tiny").mkdir()
        model = make_tiny_model(Path(work) / "tiny")
        for number, fault in enumerate(FAULTS):
            folder = Path(work) / str(number)
            folder.mkdir()
            scene = clean_scene(folder, model)
            fault.seed(scene)
            found = fault.found_in(scene.examine())
            missed += not found
            print(f"{'found' if found else 'MISSED':<7} {fault.finding:<26} {fault.words}")
        (Path(work) / "clean").mkdir()
        alarms = clean_scene(Path(work) / "clean", model).examine().findings
    print(f"\n{len(FAULTS) - missed} of {len(FAULTS)} faults found, "
          f"{len(alarms)} false alarms on the clean set-up")  # fmt: skip
    return 1 if missed or alarms else 0


if __name__ == "__main__":
    sys.exit(main())
