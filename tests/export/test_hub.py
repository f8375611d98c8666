"""What may not be uploaded is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from osler.errors import UserError
from osler.export.hub import push, refuse_unpublishable

CLEAN: dict[str, Any] = {"identifiers": {}, "licences": {"medquad": "CC-BY-4.0"}}


def test_a_clean_report_may_be_uploaded() -> None:
    refuse_unpublishable(CLEAN)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"identifiers": {"date of birth": 3}}, "3 rows with a date of birth"),
        ({"licences": {"medquad": "CC-BY-4.0", "/home/ann/clinic.csv": None}}, "clinic.csv"),
        ({"licences": {}}, "no licence is known for the data"),
        ({"identifiers": None}, "it did not say"),
    ],
)
def test_identifiers_or_a_missing_licence_refuse_the_upload(
    changed: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=reason) as refusal:
        push(tmp_path, "owner/name", CLEAN | changed)
    assert refusal.value.cure
    assert "ann" not in str(refusal.value)


def test_without_a_token_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(UserError, match="no token") as refusal:
        push(tmp_path, "owner/name", CLEAN)
    assert "hf auth login" in refusal.value.cure
