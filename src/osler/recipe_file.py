"""Reading a recipe: YAML in, `Recipe` out, every fault named with file, line and key."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError

from osler.errors import RecipeError
from osler.recipe import CsvSource, Recipe, Source

Location = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars: `2e-4` is a number, `no` and `12:30` are text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in [
    ("tag:yaml.org,2002:bool", r"^(true|True|false|False)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(null|Null|~|)$", ["n", "N", "~", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^[-+]?([0-9]+\.[0-9]*|\.?[0-9]+)([eE][-+]?[0-9]+)?$|^[-+]?\.inf$|^\.nan$",
        "-+.0123456789",
    ),
]:
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node).replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


@dataclass(frozen=True)
class LoadedRecipe:
    """A recipe with where it came from.

    `folder` is what its relative paths are relative to; `text` is the YAML as given.
    """

    recipe: Recipe
    folder: Path
    text: str
    overrides: tuple[str, ...]


def shipped_recipes() -> dict[str, Path]:
    """Name -> file of each recipe inside the package."""
    folder = Path(str(resources.files("osler") / "recipes"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_recipe(path_or_name: str | Path, overrides: Sequence[str] = ()) -> LoadedRecipe:
    """Read a recipe file, or a shipped recipe by its name, and apply `key=value` overrides.

    Raises `RecipeError` naming file, line, key and cure.
    """
    path = Path(path_or_name)
    shipped = shipped_recipes()
    folder = path.parent
    if not path.exists() and str(path_or_name) in shipped:
        path, folder = shipped[str(path_or_name)], Path()
    elif not path.is_file():
        near = _did_you_mean(str(path_or_name), list(shipped))
        raise RecipeError(
            f"{path_or_name}: no such recipe file, and no shipped recipe has that name.",
            f"Shipped recipes: {', '.join(shipped)}.{near}",
        )
    text = _read_text(path)
    tree, lines = _parse(text, path)
    for override in overrides:
        _apply(tree, override)
    return LoadedRecipe(_validate(tree, str(path), lines), folder, text, tuple(overrides))


def recipe_from_lock(path: Path) -> Recipe:
    """The recipe recorded in a run's `recipe.lock.json`."""
    try:
        locked = json.loads(path.read_text(encoding="utf-8"))["recipe"]
    except (OSError, ValueError, KeyError) as fault:
        raise RecipeError(
            f"{path}: not a recipe lock ({type(fault).__name__}).", "Give the folder of a run."
        ) from None
    return _validate(locked, str(path), {})


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise RecipeError(
            f"{path}: not UTF-8 text (byte {fault.start}).", "Save the recipe as UTF-8."
        ) from None


def _parse(text: str, path: Path) -> tuple[dict[str, Any], dict[Location, int]]:
    try:
        node = yaml.compose(text, Loader=_Loader)
        tree = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(fault, "problem", None) or "cannot be read"
        raise RecipeError(
            f"{path}{line}: not valid YAML: {problem}.",
            "Check indentation, colons and quotes on that line.",
        ) from None
    if not isinstance(tree, dict):
        raise RecipeError(
            f"{path}: a recipe is a list of `key: value` lines; this file is not.",
            "Start from a shipped one: osler copy quickstart my.yaml",
        )
    lines: dict[Location, int] = {}
    if node is not None:
        _collect_lines(node, (), lines, path)
    return cast(dict[str, Any], tree), lines


def _collect_lines(node: yaml.Node, at: Location, lines: dict[Location, int], path: Path) -> None:
    """Line number of every key, and a refusal of keys given twice (YAML would take the last)."""
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            if here in lines:
                raise RecipeError(
                    f"{path}:{key.start_mark.line + 1}: {key_path(here)} is given twice "
                    f"(first on line {lines[here]}).",
                    "Keep one of them.",
                )
            lines[here] = key.start_mark.line + 1
            _collect_lines(value, here, lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _collect_lines(value, (*at, index), lines, path)


def _apply(tree: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise RecipeError(
            f"{override}: an override is written key=value.", "For example train.learning_rate=1e-4"
        )
    steps: list[str | int] = [
        int(step) if step.isdigit() else step for step in re.split(r"[.\[\]]+", key.strip("[]"))
    ]
    try:
        parsed = yaml.load(value, Loader=_Loader)
    except yaml.YAMLError:
        raise RecipeError(f"{override}: the value is not valid YAML.", "Quote it.") from None
    here: Any = tree
    for step in steps[:-1]:
        here = here.setdefault(step, {}) if isinstance(here, dict) else _item(here, step, override)
    if isinstance(here, dict):
        here[steps[-1]] = parsed
    else:
        _item(here, steps[-1], override)
        here[steps[-1]] = parsed


def _item(here: Any, step: str | int, override: str) -> Any:
    if isinstance(here, list) and isinstance(step, int) and step < len(cast(list[Any], here)):
        return cast(list[Any], here)[step]
    raise RecipeError(f"{override}: there is no '{step}' to set.", "See `osler explain`.")


def _validate(tree: dict[str, Any], where: str, lines: dict[Location, int]) -> Recipe:
    try:
        return Recipe.model_validate(tree)
    except ValidationError as fault:
        errors = fault.errors(include_url=False, include_input=False)
        told = [_explain_fault(error["loc"], error, where, lines) for error in errors]
        raise RecipeError("\n".join(told)) from None


def _explain_fault(raw: Location, error: Any, where: str, lines: dict[Location, int]) -> str:
    at = _without_tags(raw)
    line = next((lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in lines), None)
    place = f"{where}:{line}" if line else where
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        known = field_names(at[:-1], raw)
        message = f"unknown key.{_did_you_mean(str(at[-1]), known)} Known: {', '.join(known)}"
    elif error["type"] == "missing":
        message = "is required and missing"
    elif error["type"] == "union_tag_not_found":
        message = f"needs a `type`, one of {', '.join(_SOURCES)}"
    return f"{place}: {key_path(at)}: {message}." if at else f"{place}: {message}."


_SOURCES: dict[str, type[BaseModel]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind
    for kind in get_args(get_args(Source)[0])
}
"""Type of a source -> its part of the schema."""


def _without_tags(at: Location) -> Location:
    """pydantic puts the union's tag into the location: data.sources.0.csv.path."""
    if at[:2] == ("data", "sources") and len(at) > 3 and at[3] in _SOURCES:
        return (*at[:3], *at[4:])
    return at


def field_names(at: Location, raw: Location = ()) -> list[str]:
    """Names of the keys that exist at a location of the recipe."""
    here: Any = Recipe
    for step in at:
        if isinstance(step, int):
            here = _SOURCES.get(str(raw[3]) if len(raw) > 3 else "", CsvSource)
        elif isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[step].annotation
    if isinstance(here, type) and issubclass(here, BaseModel):
        return list(here.model_fields)
    return []


def key_path(at: Location) -> str:
    """('data', 'sources', 0, 'path') -> 'data.sources[0].path'."""
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in at).lstrip(".")


def _did_you_mean(given: str, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
