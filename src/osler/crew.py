"""Bringing ranks together for a training: starting them, meeting them, noticing that one is gone.

torchrun starts all of them, or the first starts the others (`--gpus N`); from then on both are one
and the same. Every rank but the first waits in `awaited_order` until the first comes to `together`.
They meet in a store, a small server of torch's that torchrun or the first rank holds.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

from osler.errors import RunError
from osler.ranks import distributed, is_further, launched, refuse_impossible, wait_for_all, wanted
from osler.recipe import Recipe

FOREVER = timedelta(days=30)
ORDER, END = "osler/order", "osler/end"
"""Keys of the store: the run to train; and, with its number, that a rank has ended well."""
GRACE = 20.0
"""Seconds that a rank whose fellow has died gets to find out and say so itself."""

# -- the first rank ----------------------------------------------------------------------------


@contextlib.contextmanager
def together(path: Path, recipe: Recipe, gpus: int) -> Generator[None]:
    """Have the other ranks train the run at `path` too, for as long as this lasts.

    After it this process is alone: the others have ended, or never were.
    """
    ranks = wanted(gpus)
    if ranks <= 1:
        yield
        return
    refuse_impossible(recipe, ranks)
    with contextlib.ExitStack() as stack:
        store = meet() if launched() else stack.enter_context(_helpers(ranks))
        stack.callback(_forget)
        store.set(ORDER, str(path.resolve()))
        with _group(store):
            yield
            wait_for_all()  # they have saved and closed all of theirs


def dismiss() -> None:
    """Let torchrun's other ranks go, when there was nothing for them to do."""
    if launched() > 1 and not is_further():
        meet().set(ORDER, "")


def _forget() -> None:
    """What comes after the training must not take this process for one of several."""
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        os.environ.pop(name, None)


@contextlib.contextmanager
def _helpers(ranks: int) -> Generator[Any]:
    """Start the other ranks; yields the store in which they wait. None outlives this."""
    store = distributed().TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port),
             "WORLD_SIZE": str(ranks), "LOCAL_WORLD_SIZE": str(ranks)}  # fmt: skip
    os.environ.update(place, RANK="0", LOCAL_RANK="0")
    quiet = {"TORCH_CPP_LOG_LEVEL": "ERROR"}  # no pages of C++ when the first rank is killed
    started: list[subprocess.Popen[bytes]] = []
    over = threading.Event()
    try:
        for rank in range(1, ranks):
            number = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "osler"],
                    env={**os.environ, **quiet, **number},
                    stdin=subprocess.DEVNULL,
                )
            )
            threading.Thread(target=_watch, args=(started[-1], rank, over), daemon=True).start()
        yield store
        for helper in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                helper.wait(GRACE)
    except RuntimeError as fault:  # what torch raises where another rank no longer answers
        for rank, helper in enumerate(started, start=1):
            with contextlib.suppress(subprocess.TimeoutExpired):
                if code := helper.wait(GRACE / 10):
                    raise _lost(rank, code) from fault
        raise
    finally:
        over.set()
        for helper in started:
            helper.kill()
            helper.wait()


def _watch(helper: subprocess.Popen[bytes], rank: int, over: threading.Event) -> None:
    """End this process when a helper dies: a card would wait for it for ever, and not be woken."""
    code = helper.wait()
    if code and not over.wait(GRACE):
        print(f"osler: {_lost(rank, code)}", file=sys.stderr, flush=True)
        os._exit(2)


def _lost(rank: int, code: int) -> RunError:
    return RunError(
        f"Rank {rank} has ended in mid-training (exit code {code}); what it said is above.",
        "Mend that, then go on with --resume: the newest whole checkpoint is kept.",
    )


# -- the others --------------------------------------------------------------------------------


@contextlib.contextmanager
def awaited_order() -> Generator[tuple[Path | None, Any]]:
    """Wait until the first rank trains a run; yields its path (None: never) and the store.

    Inside, this process ends when the first does, however that ends.
    """
    store, over, mine = meet(), threading.Event(), f"{END}/{os.environ['RANK']}"
    order = store.get(ORDER).decode()
    leash = threading.Thread(target=_end_with_first, args=(mine, over), daemon=True)
    leash.start()
    try:
        yield (Path(order) if order else None), store
    finally:
        over.set()
        with contextlib.suppress(RuntimeError):
            store.set(mine, "")
        leash.join(GRACE)  # a thread in the middle of C++ would crash the interpreter as it ends


def _end_with_first(mine: str, over: threading.Event) -> None:
    with contextlib.suppress(RuntimeError):
        meet().wait([mine])  # fails when the store's server is gone
    # For a moment the main thread may meet an error too, which would be of no use to anybody.
    if not over.wait(1.0):
        os._exit(1)


@contextlib.contextmanager
def joined(store: Any) -> Generator[None]:
    """Take part, as one of the further ranks."""
    with _group(store):
        yield
        wait_for_all()


# -- both --------------------------------------------------------------------------------------


def meet() -> Any:
    """The store that torchrun, or the first rank, holds for all."""
    patience = FOREVER if is_further() else timedelta(minutes=5)  # the first rank's data take time
    try:
        store, _, _ = next(distributed().rendezvous("env://", timeout=patience))
    except (RuntimeError, ValueError) as fault:
        raise _not_met(fault) from None
    return store


@contextlib.contextmanager
def _group(store: Any) -> Generator[None]:
    """torch's process group of all ranks: NCCL for what is on the cards, gloo for the rest."""
    import torch

    rank, ranks, on_gpu = int(os.environ["RANK"]), launched(), torch.cuda.is_available()
    try:
        if on_gpu:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed().init_process_group(
            "cpu:gloo,cuda:nccl" if on_gpu else "gloo",
            store=distributed().PrefixStore("osler", store),
            rank=rank,
            world_size=ranks,
        )
        if on_gpu:  # NCCL starts with the first thing that it is asked
            distributed().all_reduce(torch.zeros(1, device="cuda"))
        wait_for_all()
    except (RuntimeError, ValueError) as fault:
        raise _not_met(fault) from None
    try:
        yield
    except BaseException:
        # The others may be in the middle of something that they wait for us in; they are ended.
        with contextlib.suppress(Exception):
            distributed().distributed_c10d._abort_process_group()
        raise
    distributed().destroy_process_group()


def _not_met(fault: Exception) -> RunError:
    reason = (str(fault).strip() or type(fault).__name__).splitlines()[0][:200]
    return RunError(
        f"The ranks cannot reach each other ({reason}).",
        "Free the port in MASTER_PORT; behind a VPN set GLOO_SOCKET_IFNAME=lo and "
        "NCCL_SOCKET_IFNAME=lo; NCCL_DEBUG=INFO says more.",
    )
