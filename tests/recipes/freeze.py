"""Keep every shipped recipe as it is today, so that the tests read it forever.

    python tests/recipes/freeze.py

A recipe that is frozen already is left as it is; one that has changed since gets a further copy.
Beside each YAML file lies what it means: all its settings with their values, as JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from osler.recipe import Recipe
from osler.recipe_file import load_recipe, shipped_recipes

FROZEN = Path(__file__).parent / "frozen"


def meaning(recipe: Recipe) -> dict[str, Any]:
    """Every setting with its value, as a run's recipe.lock.json records them."""
    settings = recipe.model_dump(mode="json")
    if recipe.train.method == "full":
        del settings["train"]["lora"]  # it has no effect there, and the schema refuses it
    return settings


def frozen_copies(name: str) -> list[Path]:
    """The frozen copies of a shipped recipe, oldest first: NAME.1.yaml, NAME.2.yaml, …"""
    found = [path for path in FROZEN.glob(f"{name}.*.yaml") if path.stem.split(".")[1].isdigit()]
    return sorted(found, key=lambda path: int(path.stem.split(".")[1]))


def main() -> None:
    """Freeze what is not frozen yet."""
    for name, path in shipped_recipes().items():
        recipe, copies = load_recipe(name).recipe, frozen_copies(name)
        if any(load_recipe(copy).recipe == recipe for copy in copies):
            continue
        copy = FROZEN / f"{name}.{len(copies) + 1}.yaml"
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        copy.with_suffix(".json").write_text(json.dumps(meaning(recipe), indent=2) + "\n")
        print(f"frozen: {copy.name}")


if __name__ == "__main__":
    main()
