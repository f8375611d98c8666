"""The guard on words kept back: written once, and measured when the guard was done.

`python bench/scope_kept_back.py [--out FILE]`. Needs no public sets. Nobody who mends the guard may
look at bench/scope_data/kept_back; what it is mended by belongs into bench/scope_data.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from measured import machine
from osler.disk import write_json
from osler.run import now
from scope import HERE, own_cases, run, show

KEPT_BACK = HERE / "kept_back"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench/results/scope_kept_back.json"))
    out = parser.parse_args().out
    _, found, _ = run(list(own_cases(KEPT_BACK)), KEPT_BACK, None, None)
    command = "python bench/scope_kept_back.py"
    write_json(out, {"command": command, "date": now(), "machine": machine(), **found})
    show(found)


if __name__ == "__main__":
    main()
