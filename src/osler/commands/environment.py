"""What a command sets before anything heavy is imported: no network, no telemetry, less noise."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import MutableMapping

from osler.recipe import Recipe, is_hub_id

NOISE = (
    r".*Paged optimizers are not supported on CPU.*",
    r".*use_reentrant.*",
    r".*torch\.utils\.checkpoint.*",
    r".*gradient_checkpointing.*deprecated.*",
    r".*pin_memory.*no accelerator.*",
)
"""Advice of libraries to programmers, which a user can do nothing about."""


def needs_network(recipe: Recipe) -> bool:
    """True when the recipe itself asks for the Hub."""
    return (
        is_hub_id(recipe.model.id)
        or any(source.type == "hub" for source in recipe.data.sources)
        or recipe.export.push_to_hub is not None
    )


def set_environment(*, network: bool, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set what the libraries read when they are imported. Call before importing them."""
    environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    environ["DO_NOT_TRACK"] = "1"
    environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # what matters of it, we refuse
    environ.setdefault("BITSANDBYTES_NOWELCOME", "1")
    # bm25s imports JAX where it is installed, and JAX takes three quarters of the card for itself.
    environ.setdefault("JAX_PLATFORMS", "cpu")
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    if not network:
        environ["HF_HUB_OFFLINE"] = "1"
        environ["HF_DATASETS_OFFLINE"] = "1"
        environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"  # nothing is fetched, and loading is short
    for pattern in NOISE:
        warnings.filterwarnings("ignore", message=pattern)


def set_for(recipe: Recipe) -> None:
    """`set_environment` with the network that the recipe asks for."""
    set_environment(network=needs_network(recipe))
