"""What is refused before anything is served, and what is open once it is."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path

import pytest
from tests.serve.api.conftest import BEARER, TOKEN, client
from tests.serve.engines.conftest import save_adapter

from osler.cli import main
from osler.commands.serve import Wish, make_service
from osler.errors import UserError
from osler.recipe_file import load_recipe
from osler.run import Run
from osler.serve.engines.menu import menu
from osler.serve.telephone import refuse_no_number


def tuned(recipe: Path, folder: Path, *overrides: str, base: Path | None = None) -> Path:
    """A run whose training is done: an adapter on its base."""
    run = Run.create(load_recipe(recipe, list(overrides)), folder)
    with run.stage("train") as out:
        save_adapter(base or Path(run.recipe.model.id), folder / "train" / "adapter", 1)
        out.outputs.append(folder / "train" / "adapter" / "adapter_model.safetensors")
    return folder


def test_a_port_in_use_and_a_weak_token_end_it_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"Port {port} of 127.0.0.1 is in use.\nChoose another: --port" in capsys.readouterr().err
    assert main(["serve", "--host", "192.0.2.1"]) == 2
    assert "cannot be listened on" in capsys.readouterr().err
    assert main(["serve", "--host", ""]) == 2
    assert "cannot be listened on (no address)" in capsys.readouterr().err
    for token in ("secret", "a secret with many spaces in it"):
        monkeypatch.setenv("OSLER_TOKEN", token)
        assert main(["serve"]) == 2
        said = capsys.readouterr().err
        assert "OSLER_TOKEN: shorter than 16 characters" in said
        assert "secret" not in said


@pytest.mark.parametrize("flag", ["--emergency-number", "--crisis-line"])
@pytest.mark.parametrize("given", ["; drop", "", "1", "call me", "112 or", "112; 999", "9" * 100])
def test_what_is_no_telephone_number_never_stands_in_urgent_advice(
    flag: str, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", flag, given]) == 2
    said = capsys.readouterr().err
    assert f"{flag}: not a telephone number." in said
    assert "Give one, or several" in said


@pytest.mark.parametrize("given", ["112", "+49 30 1234567", "(030) 12-34", "112, 116 117 or 999"])
def test_telephone_numbers_are_taken(given: str) -> None:
    refuse_no_number("--crisis-line", given)


def test_records_and_prompts_that_cannot_be_read_end_it_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "medical_qa.txt").mkdir()
    for wish, said in (
        (Wish(records=tmp_path / "none"), r"none: no such folder\.\nGive"),
        (Wish(prompts=tmp_path), r"medical_qa\.txt: cannot be read \(Is a directory\)\.\nGive"),
    ):
        with pytest.raises(UserError, match=said):
            make_service(wish, TOKEN)


def test_runs_that_do_not_go_together_are_refused(
    recipe_file: Path, wide_model: Path, tmp_path: Path
) -> None:
    one, two = (tuned(recipe_file, tmp_path / name) for name in ("one", "two"))
    (base,) = menu([one, two])
    assert [adapter.name for adapter in base.adapters] == ["one", "two"]
    assert base.adapters[0].tasks == ("medical_qa",)
    other = tuned(recipe_file, tmp_path / "other", f"model.id={wide_model}", base=wide_model)
    with pytest.raises(UserError, match=r"one base\.\nServe it by itself: osler serve .*other"):
        menu([one, other])
    with pytest.raises(UserError, match=r"one: given twice\.\nName each run once"):
        menu([one, two, one / ".." / "one"])
    shutil.copytree(one, tmp_path / "elsewhere" / "one")
    with pytest.raises(UserError, match="one: two models would have this name"):
        menu([one, tmp_path / "elsewhere" / "one"])
    (two / "train" / "adapter" / "adapter_model.safetensors").unlink()
    with pytest.raises(UserError, match=r"adapter_model\.safetensors: is gone; train had written"):
        menu([one, two])
    with pytest.raises(UserError, match=r"train has to be done first, and is not started"):
        menu([Run.create(load_recipe(recipe_file), tmp_path / "new").path])


def test_the_page_is_open_and_all_else_needs_the_token(tmp_path: Path) -> None:
    made = make_service(Wish(state=tmp_path, records=None), TOKEN)
    with client(made, headers={}) as stranger:
        assert stranger.get("/").status_code == 200
        assert stranger.get("/static/main.js").status_code == 200
        for path in ("/app/state", "/app/documents", "/app/patients", "/static", "/docs"):
            assert stranger.get(path).status_code == 401, path
        state = stranger.get("/app/state", headers=BEARER).json()
        assert state["models"][0]["name"] == "nano"
        outside = stranger.get("/static/..%2f..%2fpasswd", headers=BEARER)
        assert outside.status_code == 404
    asyncio.run(made.engine.close(0.0))
