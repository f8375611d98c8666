"""What a command sets before anything heavy is imported: no network, no telemetry, less noise."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import MutableMapping
from urllib.parse import urlsplit
from urllib.request import getproxies

from osler.disk import cache_folder
from osler.recipe import Recipe, is_hub_id

NOISE = (
    r".*Paged optimizers are not supported on CPU.*",
    r".*use_reentrant.*",
    r".*torch\.utils\.checkpoint.*",
    r".*gradient_checkpointing.*deprecated.*",
    r".*pin_memory.*no accelerator.*",
    r".*returned a view tensor.*",
)
"""Advice of libraries to programmers, which a user can do nothing about."""


def needs_network(recipe: Recipe) -> bool:
    """True when the recipe itself asks for the Hub."""
    return (
        is_hub_id(recipe.model.id)
        or any(source.type == "hub" for source in recipe.data.sources)
        or recipe.export.push_to_hub is not None
    )


def hub_has_an_address(environ: MutableMapping[str, str] = os.environ) -> bool:
    """False when the Hub's name cannot be looked up and no proxy would do so: no network.

    Its library cannot be told so, and would ask six times in half a minute for each file.
    """
    host = urlsplit(environ.get("HF_ENDPOINT") or "https://huggingface.co").hostname
    if getproxies().keys() & {"https", "http", "all"}:
        return True
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True


def set_environment(*, network: bool, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set what the libraries read when they are imported. Call before importing them."""
    environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    environ["DO_NOT_TRACK"] = "1"
    environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # what matters of it, we refuse
    environ.setdefault("HF_HUB_VERBOSITY", "error")  # else a line for each time that it asks again
    environ.setdefault("BITSANDBYTES_NOWELCOME", "1")
    if "OMP_WAIT_POLICY" not in environ:
        # Torch's threads wait for each other at the end of every product, by default spinning for
        # milliseconds: beside other work on the same cores each holds up the one it waits for, and
        # training takes several times as long. A shorter wait costs nothing on an idle machine.
        environ.setdefault("GOMP_SPINCOUNT", "20000")
    # Memory that grows where it is: less of the card is lost between tensors.
    environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    # What was compiled is found again, also after a restart of the machine.
    environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder() / "compiled"))
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
    """`set_environment` with the network that the recipe asks for, where there is one."""
    # An upload comes at the end, when there may be a network again.
    wanted = needs_network(recipe)
    set_environment(
        network=wanted and (recipe.export.push_to_hub is not None or hub_has_an_address())
    )
