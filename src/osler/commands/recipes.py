"""`osler recipes` and `osler copy`: the shipped recipes."""

from __future__ import annotations

import os
from pathlib import Path

from osler.disk import atomic_writer
from osler.errors import RecipeError
from osler.recipe_file import shipped_recipes


def list_recipes() -> str:
    """Each shipped recipe with what its first comment says."""
    found = shipped_recipes()
    width = max(map(len, found), default=0) + 2
    return "\n".join(f"{name:<{width}}{_about(path)}" for name, path in found.items())


def _about(path: Path) -> str:
    """The first sentence of the comment at the file's head."""
    comment: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# ").strip())
    return " ".join(comment).split(". ")[0].rstrip(".") + "." if comment else ""


def copy_recipe(name: str, target: Path, *, force: bool) -> str:
    """Copy a shipped recipe to a file. Raises `RecipeError` rather than overwrite one."""
    found = shipped_recipes()
    if name not in found:
        raise RecipeError(f"{name}: no such shipped recipe.", f"There are: {', '.join(found)}.")
    text = found[name].read_text(encoding="utf-8")
    try:
        if target.is_dir():
            target = target / f"{name}.yaml"
        if target.exists() and not force:
            raise RecipeError(f"{target}: already there.", "Choose another name, or add --force.")
        with atomic_writer(target) as out:
            out.write(text)
    except OSError as fault:
        raise RecipeError(
            f"{str(target)[:100]}: cannot be written ({os.strerror(fault.errno or 0)}).",
            "Choose another name, in a folder of your own.",
        ) from None
    return f"{target}\nNext: osler check {target}"
