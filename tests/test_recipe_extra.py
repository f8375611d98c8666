"""`train.extra`: some arguments of TRL's go through, and none that could break a promise."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from trl.trainer.sft_config import SFTConfig

from osler.cli import main
from osler.errors import RecipeError
from osler.recipe_file import load_recipe
from osler.recipe_section import fields_of
from osler.recipe_train import SET_ELSEWHERE, Extra, Train, refuse_missing_trackers, set_elsewhere
from osler.run import Run
from osler.train.sft import trainer_arguments

ARGUMENTS = {field.name: field for field in fields(SFTConfig)}

GIVEN = {
    "adam_beta1": 0.8,
    "adam_epsilon": 1e-6,
    "loss_type": "dft",
    "neftune_noise_alpha": 5.0,
    "train_sampling_strategy": "sequential",
    "per_device_eval_batch_size": 2,
    "torch_empty_cache_steps": 2,
    "run_name": "first",
}
"""A value of each argument that may be given, and not the one it has anyway."""

OVERRIDES = [f"train.extra.{key}={json.dumps(value)}" for key, value in GIVEN.items()]


def test_what_may_be_given_are_arguments_of_trl() -> None:
    assert set(fields_of(Extra)) == set(GIVEN) < set(ARGUMENTS)
    assert set(SET_ELSEWHERE) < set(ARGUMENTS)


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - set(GIVEN)))
def test_no_other_argument_of_trl_goes_through(name: str, recipe_file: Path) -> None:
    for value in ("true", "1", "x", "{}"):
        with pytest.raises(RecipeError) as caught:
            load_recipe(recipe_file, [f"train.extra.{name}={value}"])
        assert f"on the command line: train.extra.{name}: " in str(caught.value)


def test_nothing_that_osler_sets_itself_can_be_set_otherwise(recipe_file: Path) -> None:
    recipe = load_recipe(recipe_file).recipe
    ours = trainer_arguments(recipe, recipe_file.parent, has_validation=True)
    # The batch of the validation rows changes memory and speed, and no number.
    assert set(ours) & set(GIVEN) == {"per_device_eval_batch_size"}


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("push_to_hub=true", "set export.push_to_hub instead"),
        ("hub_model_id=me/model", "set export.push_to_hub instead"),
        ("output_dir=/tmp/x", "give --run-dir on the command line instead"),
        ("resume_from_checkpoint=x", "--resume"),
        ("max_length=64", "set data.max_length instead"),
        ("learning_rate=1e-4", "set train.learning_rate instead"),
        ("report_to=wandb", "set train.report_to instead"),
        ("save_strategy=no", "set train.save_steps instead"),
        ("deepspeed=ds.json", "not handed to TRL. Known: adam_beta1"),
        ("bogus=1", "not handed to TRL. Known: adam_beta1"),
        ("los_type=dft", "Did you mean 'loss_type'?"),
        ("adam_beta1=high", "valid number"),
        ("adam_beta1=1.5", "less than 1"),
        ("loss_type=mse", "'nll' or 'dft'"),
    ],
)
def test_what_is_refused_is_told_with_the_cure_before_a_run_is_made(
    override: str,
    says: str,
    recipe_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(recipe_file.parent)
    assert main(["run", recipe_file.name, f"train.extra.{override}"]) == 2
    assert says in capsys.readouterr().err
    assert not Path("runs").exists()


def test_every_cure_names_a_key_that_is_there() -> None:
    assert all(set_elsewhere(name) == f"set train.{name}" for name in Train.model_fields)
    keys = [cure.removeprefix("set ") for cure in SET_ELSEWHERE.values() if "set " in cure[:4]]
    named = {"seed", *(f"train.{k}" for k in Train.model_fields)}
    assert set(keys) - named == {"data.max_length", "data.too_long", "model.dtype"}


def test_all_that_may_be_given_goes_through_to_a_trained_adapter(
    recipe_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recipe_file.parent)
    settings = load_recipe(recipe_file, OVERRIDES).recipe
    config = SFTConfig(**trainer_arguments(settings, Path("checkpoints"), has_validation=True))
    for key, value in GIVEN.items():
        assert getattr(config, key) == value
        assert ARGUMENTS[key].default not in (value, MISSING)
    for verb in ("data", "train"):
        assert main([verb, recipe_file.name, *OVERRIDES, "--run-dir", "run"]) == 0
    assert Run.open("run").recipe.train.extra == GIVEN


def test_a_tracker_that_is_not_installed_is_told(tmp_path: Path, recipe_file: Path) -> None:
    from importlib.util import find_spec

    missing = [name for name in ("wandb", "mlflow") if find_spec(name) is None]
    if not missing:
        pytest.skip("wandb and mlflow are installed here")
    recipe = load_recipe(recipe_file, [f"train.report_to=[{missing[0]}]"]).recipe
    with pytest.raises(RecipeError, match=f"train.report_to: {missing[0]} is not installed"):
        refuse_missing_trackers(recipe.train)
    refuse_missing_trackers(load_recipe(recipe_file).recipe.train)


def test_a_folder_named_like_a_tracker_is_no_tracker(
    recipe_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """wandb leaves such a folder where it was run."""
    recipe = load_recipe(recipe_file, ["train.report_to=[mlflow]"]).recipe
    (recipe_file.parent / "mlflow").mkdir()
    monkeypatch.syspath_prepend(recipe_file.parent)
    from importlib.util import find_spec

    spec = find_spec("mlflow")
    if spec is not None and spec.origin is not None:
        pytest.skip("mlflow is installed here")
    with pytest.raises(RecipeError, match="mlflow is not installed"):
        refuse_missing_trackers(recipe.train)


@pytest.mark.parametrize(
    ("targets", "unmatched"),
    [
        ("all-linear", []),
        (["q_proj"], []),
        (["layers.1.self_attn.q_proj", "self_attn.v_proj"], []),
        (["q_proj", "nope", "_proj"], ["nope", "_proj"]),
    ],
)
def test_names_that_are_of_no_layer(targets: str | list[str], unmatched: list[str]) -> None:
    train = Train.model_validate({"lora": {"target_modules": targets}})
    layers = [f"model.layers.{n}.self_attn.{kind}_proj" for n in range(2) for kind in "qv"]
    assert train.lora.unmatched(layers) == unmatched
