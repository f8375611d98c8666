"""Osler: fine-tune a language model on medical text, and prove whether it became better.

    loaded = osler.load_recipe("my.yaml")
    run = osler.Run.create(loaded)
    osler.run_stage("data", run)
    model, tokenizer = osler.load_model(run)

Names are loaded when they are first used, so that `import osler` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osler.recipe_file import load_recipe
    from osler.run import Run
    from osler.serve.chat import chat
    from osler.stages import run_stage

    __version__: str

__all__ = ["Run", "__version__", "chat", "load_model", "load_recipe", "run_stage"]

_LATER = {
    "Run": "osler.run",
    "chat": "osler.serve.chat",
    "load_recipe": "osler.recipe_file",
    "run_stage": "osler.stages",
}


def load_model(run: Run) -> tuple[Any, Any]:
    """The tuned model of a run, in eval mode on the best device, and its tokenizer."""
    from osler.model import load_tokenizer, load_tuned

    return load_tuned(run), load_tokenizer(run.recipe.model, run.recipe_folder)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("osler")
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'osler' has no attribute '{name}'")
