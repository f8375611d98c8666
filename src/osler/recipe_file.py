"""Reading a recipe: YAML in, `Recipe` out, every fault named with file, line and key."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError

from osler.errors import RecipeError
from osler.recipe import Recipe
from osler.recipe_section import fields_of
from osler.recipe_sources import CsvSource, Source
from osler.recipe_train import set_elsewhere
from osler.recipe_yaml import Location, cure_of, key_path, line_of, problem_of, read_yaml

MOST_BYTES = 2**20
"""A larger file is no recipe, whatever its name."""


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
    if not _is_there(path) and str(path_or_name) in shipped:
        path, folder = shipped[str(path_or_name)], Path()
    elif not _is_there(path):
        near = _did_you_mean(str(path_or_name), list(shipped))
        raise RecipeError(
            f"{path_or_name}: no such recipe file, and no shipped recipe has that name.",
            f"Shipped recipes: {', '.join(shipped)}.{near}",
        )
    text = _read_text(path)
    tree, lines = _parse(text, path)
    overridden = [_apply(tree, override) for override in overrides]
    recipe = _validate(tree, str(path), lines, overridden)
    return LoadedRecipe(recipe, folder, text, tuple(overrides))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as fault:  # a name longer than names can be, a folder that may not be entered
        raise _unreadable(path, fault) from None


def _unreadable(path: Path, fault: OSError) -> RecipeError:
    name = str(path) if len(str(path)) <= 100 else f"{str(path)[:97]}..."
    return RecipeError(
        f"{name}: cannot be read ({os.strerror(fault.errno or 0)}).",
        "Give the path of a recipe file, or the name of a shipped recipe (osler recipes).",
    )


def recipe_from_lock(path: Path) -> Recipe:
    """The recipe recorded in a run's `recipe.lock.json`."""
    try:
        locked = json.loads(path.read_text(encoding="utf-8"))["recipe"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise RecipeError(
            f"{path}: not a recipe lock ({type(fault).__name__}).", "Give the folder of a run."
        ) from None
    return _validate(locked, str(path), {})


def _read_text(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise RecipeError(
                f"{path}: larger than {MOST_BYTES:,} bytes, so it is no recipe.",
                "Give the recipe's own file; data are named in it, under data.sources.",
            )
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise _unreadable(path, fault) from None
    except UnicodeDecodeError as fault:
        raise RecipeError(
            f"{path}: not UTF-8 text (byte {fault.start}).", "Save the recipe as UTF-8."
        ) from None


def _parse(text: str, path: Path) -> tuple[dict[str, Any], dict[Location, int]]:
    try:
        tree, lines = read_yaml(text)
    except yaml.YAMLError as fault:
        line = line_of(fault, text)
        raise RecipeError(f"{path}{f':{line}' if line else ''}: {problem_of(fault)}.",
                          cure_of(fault, "Check indentation, colons and quotes on that line."),
        ) from None  # fmt: skip
    if not isinstance(tree, dict):
        raise RecipeError(
            f"{path}: a recipe is a list of `key: value` lines; this file is not.",
            "Start from a shipped one: osler copy quickstart my.yaml",
        )
    return cast(dict[str, Any], tree), lines


# -- overrides ---------------------------------------------------------------------------------

_KEY = re.compile(r"[^\W\d][\w-]*(\.[\w-]+|\[[0-9]{1,9}\])*")


def _apply(tree: dict[str, Any], override: str) -> Location:
    """Set what `key=value` says, and return where."""
    key, equals, value = override.partition("=")
    if not equals or not _KEY.fullmatch(key):
        raise RecipeError(
            f"{override[:100]}: an override is written key=value.",
            "For example train.learning_rate=1e-4 or data.sources[0].limit=500",
        )
    place = f"on the command line: {key}"
    try:
        parsed, _ = read_yaml(value)
    except yaml.YAMLError as fault:
        raise RecipeError(f"{place}: {problem_of(fault)}.", cure_of(fault, "Quote it.")) from None
    steps = re.findall(r"[\w-]+", key)
    here: Any = tree
    at: Location = ()
    for step in steps[:-1]:
        if isinstance(here, dict):
            at, here = (*at, step), cast(dict[str, Any], here).setdefault(step, {})
        else:
            at = (*at, _index(here, step, place))
            here = here[at[-1]]
    last = steps[-1] if isinstance(here, dict) else _index(here, steps[-1], place)
    here[last] = parsed
    return (*at, last)


def _index(here: Any, step: str, place: str) -> int:
    if isinstance(here, list) and step in map(str, range(len(cast(list[Any], here)))):
        return int(step)
    raise RecipeError(f"{place}: there is no '{step}' to set.", "See `osler explain`.")


# -- faults ------------------------------------------------------------------------------------


def _validate(
    tree: dict[str, Any],
    where: str,
    lines: dict[Location, int],
    overridden: Sequence[Location] = (),
) -> Recipe:
    try:
        return Recipe.model_validate(tree)
    except ValidationError as fault:
        told: list[str] = []
        for error in fault.errors(include_url=False):
            at, message = _without_tags(error["loc"]), _message(error)
            place = _place(at, message, where, lines, overridden)
            told.append(f"{place}: {key_path(at)}: {message}." if at else f"{place}: {message}.")
        raise RecipeError("\n".join(told)) from None


def _place(
    at: Location,
    message: str,
    where: str,
    lines: dict[Location, int],
    overridden: Sequence[Location],
) -> str:
    """File and line of a fault, or the command line where that has set what is at fault."""
    if any(at[: len(given)] == given for given in overridden):
        return "on the command line"
    line = next((lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in lines), None)
    # A fault of keys that do not agree is that of their section; the message names the keys.
    also = [key_path(given) for given in overridden if key_path(given) in message]
    given = f" (with {', '.join(also)} of the command line)" if also else ""
    return (f"{where}:{line}" if line else where) + given


def _message(error: Any) -> str:
    """What is wrong and how to write it; pydantic's own words where they say as much."""
    at = _without_tags(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            instead = set_elsewhere(str(at[-1])) if at[:-1] == ("train", "extra") else None
            if instead:
                return f"Osler sets this itself; {instead} instead"
            known = field_names(at[:-1], error["loc"])
            what = "not handed to TRL" if at[:-1] == ("train", "extra") else "unknown key"
            return f"{what}.{_did_you_mean(str(at[-1]), known)} Known: {', '.join(known)}"
        case "missing":
            return "is required and missing"
        case "union_tag_not_found":
            return f"needs a `type`, one of {', '.join(_SOURCES)}"
        case "list_type" if isinstance(error["input"], str | int | float):
            return f"give a list: [{str(error['input'])[:40]}]"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "give keys and values below it, or leave it out"
        case "string_pattern_mismatch" | "string_too_long":
            said = fields_of(_section(at[:-1], error["loc"]))[str(at[-1])].description or ""
            return f"{error['msg']}. {' '.join(said.split()).rstrip('.')}"
        case _:
            return str(error["msg"]).removeprefix("Value error, ")


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
    return list(fields_of(_section(at, raw)))


def _section(at: Location, raw: Location) -> Any:
    """The part of the schema at a location; `raw` is pydantic's name of it."""
    here: Any = Recipe
    for step in at:
        if isinstance(step, int):
            here = _SOURCES.get(str(raw[3]) if len(raw) > 3 else "", CsvSource)
        elif step in (fields := fields_of(here)):
            here = fields[step].annotation
    return here


def _did_you_mean(given: str, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
