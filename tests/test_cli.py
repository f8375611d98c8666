"""The command line: quick, plain about faults, silent towards the network."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import osler as package
from osler.cli import VERBS, main
from osler.commands.doctor import features
from osler.commands.environment import needs_network, set_environment
from osler.commands.fetch import next_steps
from osler.commands.recipes import copy_recipe
from osler.commands.show import plot, sparkline
from osler.data.public import public_set
from osler.errors import UserError
from osler.recipe_file import load_recipe

HEAVY = ("torch", "transformers", "numpy", "pydantic", "yaml", "rich", "datasets")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def osler(*words: Any) -> int:
    return main([str(word) for word in words])


@pytest.fixture
def recipe(recipe_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(recipe_file.parent)
    return Path(recipe_file.name)


# -- quick -------------------------------------------------------------------------------------


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    said = python(
        f"import sys\nfrom osler.cli import main\ntry:\n    main({words})\nexcept SystemExit:\n"
        f"    pass\nprint('HEAVY', [m for m in {HEAVY} if m in sys.modules])"
    ).stdout
    assert said.endswith("HEAVY []\n")


def test_importing_the_package_costs_nothing() -> None:
    said = python(f"import sys, osler\nprint([m for m in {HEAVY} if m in sys.modules])").stdout
    assert said == "[]\n"


def test_checking_a_recipe_that_is_wrong_needs_no_torch(recipe: Path) -> None:
    said = python(
        "import sys\nfrom osler.cli import main\n"
        f"code = main(['check', '{recipe}', 'train.learning_rat=1'])\n"
        "print(code, 'torch' in sys.modules)"
    )
    assert said.stdout == "2 False\n"
    assert "Did you mean 'learning_rate'" in said.stderr


def test_the_public_names_are_there() -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError):
        _ = package.nothing


# -- words and flags ---------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        osler(verb, "--help")
    assert left.value.code == 0
    assert "usage: osler" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [[], ["trian"], ["run"], ["run", "a", "--resum3"], ["doctor", "extra"], ["show"]]
)
def test_a_wrong_command_line_ends_in_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        osler(*words)
    assert left.value.code == 2


def test_overrides_may_stand_after_flags(recipe: Path) -> None:
    assert osler("data", recipe, "seed=3", "--run-dir", "d", "train.lora.r=5") == 0
    locked = json.loads(Path("d/recipe.lock.json").read_text())
    assert locked["overrides"] == ["seed=3", "train.lora.r=5"]
    assert locked["recipe"]["train"]["lora"]["r"] == 5


def test_a_user_error_has_no_traceback(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("run", "no-such-recipe") == 2
    said = capsys.readouterr().err
    assert said.startswith("osler: no-such-recipe: no such recipe file")
    assert "Traceback" not in said
    assert osler("run", recipe, "key") == 2
    assert "key=value" in capsys.readouterr().err


def test_recipes_are_listed_and_copied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("recipes") == 0
    assert "nano-pretrain" in capsys.readouterr().out
    target = tmp_path / "my.yaml"
    assert osler("copy", "nano-pretrain", target) == 0
    assert load_recipe(target).recipe == load_recipe("nano-pretrain").recipe
    target.write_text("mine")
    assert osler("copy", "nano-pretrain", target) == 2
    assert target.read_text() == "mine"
    assert osler("copy", "nano-pretrain", target, "--force") == 0
    assert target.read_text() != "mine"
    with pytest.raises(UserError, match="There are: "):
        copy_recipe("none", target, force=False)


def test_explain_prints_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("explain", "train.lora.r") == 0
    assert "Rank of the update" in capsys.readouterr().out
    assert osler("explain") == 0
    assert "train.lora" in capsys.readouterr().out
    assert osler("explain", "train.lora.rank") == 2


# -- check, doctor, fetch ----------------------------------------------------------------------


def test_check_ends_in_2_only_with_an_error(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("check", recipe) == 0
    said = capsys.readouterr().out
    assert "0 errors" in said
    assert "What is" not in said  # captured output is no terminal
    assert osler("check", recipe, "data.max_length=8") == 2
    assert not Path("runs").exists()


def test_doctor_names_what_is_missing_and_the_cure(capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("doctor") == 0
    said = capsys.readouterr().out
    for word in ("device", "memory", "disk", "torch", "method: qlora", "BERTScore", "bfloat16"):
        assert word in said
    assert all(feature.cure for feature in features_without_packages())


def features_without_packages() -> list[Any]:
    """What a bare machine lacks."""
    from osler.checks.machine import Machine

    bare = Machine("cpu", "", 1, 1, False, (0, 0), frozenset(), 1.0)
    lacking = [feature for feature in features(bare) if feature.lacks]
    assert len(lacking) >= 8
    return lacking


def test_fetch_lists_sets_with_their_licences(capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("fetch") == 0
    said = capsys.readouterr().out
    assert "medquad" in said
    assert "CC-BY-4.0" in said
    assert osler("fetch", "medquat") == 2


@pytest.mark.parametrize(
    ("name", "indexed"), [("medquad", True), ("openstax-health", True), ("nq-open", False)]
)
def test_fetch_names_the_next_step_for_a_recipe_and_for_an_index(name: str, indexed: bool) -> None:
    told = next_steps(public_set(name))
    assert f"name: {name}" in told
    assert (f"osler index build {name}" in told) is indexed


def test_fetch_says_the_licence_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OSLER_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert osler("fetch", "openstax-health") == 2  # from a mirror only, and it is not there
    out, err = capsys.readouterr()
    assert "licence   CC-BY-4.0" in out
    assert "OpenStax" in out
    assert "OSLER_DATA" in err


# -- show --------------------------------------------------------------------------------------


def test_show_row_gives_its_text_to_a_terminal_only(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    capsys.readouterr()
    assert osler("show", "d", "row", "asthma-0") == 0
    piped = capsys.readouterr().out
    assert "tokens without loss" in piped
    assert "What is asthma" not in piped
    assert osler("show", "d", "row", "asthma-0", "--force") == 0
    assert "What is asthma?" in capsys.readouterr().out


def test_show_never_opens_a_test_row(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    first = json.loads(Path("d/data/test.jsonl").read_text().splitlines()[0])
    Path("d/data/test.jsonl").unlink()
    capsys.readouterr()
    assert osler("show", "d", "row", first["id"], "--force") == 0
    said = capsys.readouterr().out
    assert "A test row" in said
    assert first["completion"][0]["content"] not in said


def test_show_receipt_counts_and_names_what_was_dropped(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("clinic.csv").open("a") as out:
        out.write("empty-1,What is nothing?,,nothing\n")
    assert osler("data", recipe, "--run-dir", "d") == 0
    capsys.readouterr()
    assert osler("show", "d", "receipt") == 0
    said = capsys.readouterr().out
    assert "61 read" in said
    assert "1 dropped: empty answer" in said
    assert "empty-1 clinic.csv:62" in said


@pytest.mark.parametrize("words", [["row"], ["row", "no-such-id"], ["losses"]], ids=" ".join)
def test_show_says_what_is_not_there(
    recipe: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    assert osler("show", "d", *words) == 2
    assert osler("show", "nowhere") == 2
    assert "no such run" in capsys.readouterr().err


def test_sparkline_and_plot_go_down_with_the_loss() -> None:
    assert sparkline([3.0, 2.0, 1.0]) == "█▅▁"
    assert sparkline([1.0, 1.0]) == "▁▁"
    assert len(sparkline([float(n) for n in range(500)])) == 60
    lines = plot([3.0, 2.0, 1.0])
    assert lines[0].endswith("│•")
    assert lines[-1].endswith("│  •")


# -- score -------------------------------------------------------------------------------------


def table(path: Path, column: str, texts: list[str]) -> Path:
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", column])
        writer.writerows([str(i), text] for i, text in enumerate(texts))
    return path


def test_score_compares_two_systems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [f"Case {i} is treated with rest and number {i * 7} tablets." for i in range(30)]
    references = table(tmp_path / "r.csv", "reference", wanted)
    a = table(tmp_path / "a.csv", "output", wanted)
    b = table(tmp_path / "b.csv", "output", ["I do not know."] * 30)
    out = tmp_path / "out.json"
    assert osler("score", a, b, "--references", references, "--json", out) == 0
    assert "A" in json.loads(out.read_text())["systems"]
    assert "better" in capsys.readouterr().out
    assert osler("score", tmp_path / "none.csv", "--references", references) == 2


# -- the network -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "needed"),
    [
        ("seed=1", False),
        (f"model={{id: owner/model, revision: {COMMIT}}}", True),
        (f"data.sources=[{{type: hub, id: a/b, revision: {COMMIT}}}]", True),
        ("export.push_to_hub=me/mine", True),
    ],
)
def test_the_network_is_for_recipes_that_ask_for_it(
    recipe_file: Path, override: str, needed: bool
) -> None:
    assert needs_network(load_recipe(recipe_file, [override]).recipe) is needed


def test_telemetry_is_always_off() -> None:
    for network in (True, False):
        environment: dict[str, str] = {}
        set_environment(network=network, environ=environment)
        assert environment["HF_HUB_DISABLE_TELEMETRY"] == "1"
        assert environment["DO_NOT_TRACK"] == "1"
        assert ("HF_HUB_OFFLINE" in environment) is not network


def test_jax_leaves_the_card_alone() -> None:
    environment: dict[str, str] = {}
    set_environment(network=False, environ=environment)
    assert environment["JAX_PLATFORMS"] == "cpu"


def test_a_run_opens_no_socket_to_anywhere(recipe: Path) -> None:
    """Data and training of a local recipe, in a process in which connecting is refused."""
    code = (
        "import socket, sys\ncalls = []\n"
        "def refuse(self, address):\n    calls.append(address)\n    raise OSError('refused')\n"
        "socket.socket.connect = refuse\nsocket.socket.connect_ex = refuse\n"
        "def resolve(*a, **k):\n    calls.append(a)\n    raise OSError('refused')\n"
        "socket.getaddrinfo = resolve\n"
        "from osler.cli import main\n"
        f"words = ['{recipe}', 'train.max_steps=2', '--run-dir', 'd']\n"
        "codes = [main(['check', *words[:2]])]\n"
        "codes += [main([verb, *words]) for verb in ('data', 'train')]\n"
        "print(codes, calls)"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.endswith("[0, 0, 0] []\n"), done.stdout[-300:]
