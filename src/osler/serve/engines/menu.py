"""What is to be served: which weights, which adapters on them, and by which names.

The shipped adapters lie in assets/nano/adapters/NAME/: a PEFT adapter and `served.json`,
`{"tasks": ["medical_qa"], "prompts": {"medical_qa": SHA-256 of its system prompt}, "base": SHA-256
of the base's weights}`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osler.disk import file_digest, read_json, text_digest
from osler.errors import UserError
from osler.model import nano_path, resolve
from osler.prompts import digests, trained_prompts
from osler.recipe import NANO, Model, is_hub_id
from osler.run import Run

SERVED = "served.json"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A PEFT adapter, by the name that requests give. `base`: digest of the weights it was tuned
    on, where that is known."""

    name: str
    path: Path
    tasks: tuple[str, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict[str, str])
    base: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of its weights."""
        return file_digest(self.path / "adapter_model.safetensors")


@dataclass(frozen=True, slots=True)
class Weights:
    """A model with weights of its own: a base with the adapters on it, or a fully tuned one."""

    name: str
    model: Model
    folder: Path
    """What a relative `model.id` starts from."""
    digest: str
    adapters: tuple[Adapter, ...] = ()
    run: Run | None = None
    """A run on it: of a base with random weights it knows the seed."""
    full: bool = False
    """The run's own tuned weights."""
    tasks: tuple[str, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def four_bit(self) -> bool:
        """Held in NF4, as its adapters were tuned."""
        return not self.full and self.run is not None and self.run.recipe.train.method == "qlora"


def menu(runs: Sequence[Path]) -> list[Weights]:
    """What the runs are served with, the base of their adapters first; without any, nano and the
    adapters that come with it. Raises UserError where they do not go together."""
    places = [path.resolve() for path in runs]
    for path in runs:
        if places.count(path.resolve()) > 1:
            raise UserError(f"{path}: given twice.", "Name each run once.")
    found = [Run.open(path) for path in runs]
    for run in found:
        _refuse_untrained(run)
    tuned = [run for run in found if run.recipe.train.method != "full"]
    full = [run for run in found if run.recipe.train.method == "full"]
    bases = [_base(tuned)] if tuned else [] if full else [_nano()]
    weights = [*bases, *map(_full, full)]
    _refuse_same_names(weights)
    return weights


def _refuse_untrained(run: Run) -> None:
    run.refuse_lost("train")
    file = "config.json" if run.recipe.train.method == "full" else "adapter_model.safetensors"
    if not (run.tuned_weights / file).is_file():
        raise UserError(
            f"{run.tuned_weights}: no {file} there.",
            f"Train first: osler train RECIPE --run-dir {run.path}",
        )


def _nano() -> Weights:
    shipped = nano_path() / "adapters"
    folders = sorted(p.parent for p in shipped.glob(f"*/{SERVED}")) if shipped.is_dir() else []
    digest = weights_digest(nano_path())
    adapters = tuple(map(_shipped, folders))
    for one in adapters:
        if one.base and one.base != digest:
            raise UserError(
                f"{one.path}: was tuned on other weights than those in {nano_path()}.",
                "Install osler again: the package is damaged.",
            )
    return Weights(NANO, Model(id=NANO), Path(), digest, adapters)


def _shipped(folder: Path) -> Adapter:
    told: dict[str, Any] = read_json(folder / SERVED)
    return Adapter(
        folder.name, folder, tuple(told["tasks"]), told.get("prompts", {}), told.get("base", "")
    )


def _base(runs: Sequence[Run]) -> Weights:
    """The base of runs with adapters. Raises UserError for runs on different ones."""
    first, *others = runs
    digest = _digest_of_base(first)
    for run in others:
        if _digest_of_base(run) != digest:
            raise UserError(
                f"{run.path}: was tuned on {_said(run)}, and {first.path} on {_said(first)}; "
                "adapters are served together on one base.",
                f"Serve it by itself: osler serve {run.path} --port 8001",
            )
    adapters = tuple(
        Adapter(name_of(run), run.tuned_weights, tasks_of(run), prompts_of(run)) for run in runs
    )
    model = first.recipe.model
    name = Path(model.id).name
    return Weights(name, model, first.recipe_folder, digest, adapters, first)


def _said(run: Run) -> str:
    """A run's base in words."""
    model, form = run.recipe.model, ", in NF4" if run.recipe.train.method == "qlora" else ""
    return f"{model.id}{f' at {model.revision[:8]}' if model.revision else ''}{form}"


def _digest_of_base(run: Run) -> str:
    """What tells one base from another: weights, and the form they are held in."""
    model = run.recipe.model
    place = resolve(model, run.recipe_folder)
    if model.init == "random":
        weights = text_digest(f"{file_digest(Path(place) / 'config.json')} {run.recipe.seed}")
    else:
        weights = model.revision or "" if is_hub_id(model.id) else weights_digest(Path(place))
    return f"{weights}, NF4" if run.recipe.train.method == "qlora" else weights


def _full(run: Run) -> Weights:
    trained = run.tuned_weights
    update = {"id": str(trained.resolve()), "revision": None, "init": "pretrained"}
    return Weights(
        name_of(run), run.recipe.model.model_copy(update=update), Path(), weights_digest(trained),
        run=run, full=True, tasks=tasks_of(run), prompts=prompts_of(run),
    )  # fmt: skip


def _refuse_same_names(weights: Sequence[Weights]) -> None:
    names = [name for one in weights for name in (one.name, *(a.name for a in one.adapters))]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(
            f"{twice}: two models would have this name.",
            "A run is served by its folder's name: rename one of the folders.",
        )


def name_of(run: Run) -> str:
    """What requests call a run's model: its folder's name."""
    return run.path.resolve().name


def tasks_of(run: Run) -> tuple[str, ...]:
    """What a run was tuned for."""
    return run.recipe.tasks if run.recipe.train.objective == "sft" else ()


def prompts_of(run: Run) -> dict[str, str]:
    """By task, the digest of the system prompt a run was trained with."""
    system = run.recipe.data.system
    if system is None:
        return digests(trained_prompts(run.path))
    return dict.fromkeys(tasks_of(run), text_digest(system.strip()))


def weights_digest(folder: Path) -> str:
    """SHA-256 of a model's weights; of several files, that of their names and digests."""
    files = sorted(folder.glob("*.safetensors"))
    if len(files) == 1:
        return file_digest(files[0])
    lines = "".join(f"{file_digest(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()
