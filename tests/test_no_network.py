"""A Hub model without a network: one line at once, not half a minute of retries."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from osler.commands.environment import hub_has_an_address

NOWHERE = {"HF_ENDPOINT": "https://hub.invalid"}  # a name that no one can ever have (RFC 2606)


def test_a_hub_model_without_a_network_is_told_once_and_soon(
    recipe_file: Path, tmp_path: Path
) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    del kept["HF_HUB_OFFLINE"]
    model = "model={id: someone/model, revision: 0123456789abcdef0123456789abcdef01234567}"
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "osler", "check", str(recipe_file), model],
        env={**kept, **NOWHERE, "HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert said.count("someone/model") == 1
    assert "Retry" not in said
    assert "requesting" not in said
    assert time.monotonic() - begun < 25, "six attempts take thirty seconds"


def test_a_name_that_cannot_be_looked_up_is_no_network() -> None:
    assert not hub_has_an_address(NOWHERE)
    assert hub_has_an_address({"HF_ENDPOINT": "http://127.0.0.1:8000"})
