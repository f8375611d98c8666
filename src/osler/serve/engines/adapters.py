"""Several adapters on one base, a different one in every row of a batch.

PEFT's LoRA layers take `adapter_names`, one for each row (`__base__` for none). PEFT's own way to
hand them down hooks every layer anew at each call and leaves the hooks behind when a call fails;
here the layers are hooked once and read the names of the rows from one place.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osler.errors import UserError
from osler.serve.engines.menu import Adapter

BASE = "__base__"
"""PEFT's name for no adapter."""
WEIGHTS = "adapter_model.safetensors"


class Names:
    """Which adapter each row of the next call has."""

    def __init__(self) -> None:
        self.of_rows: list[str] = []

    def __call__(self, adapters: list[str | None]) -> None:
        self.of_rows = [one or BASE for one in adapters]


def read_config(adapter: Adapter) -> dict[str, Any]:
    """adapter_config.json. Raises UserError for an adapter that is not whole, or no LoRA."""
    for name in ("adapter_config.json", WEIGHTS):
        if not (adapter.path / name).is_file():
            raise UserError(f"{adapter.path}: no {name} there.", "Train first: osler train RECIPE")
    try:
        config = json.loads((adapter.path / "adapter_config.json").read_text("utf-8"))
        kind = config["peft_type"]
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"{adapter.path / 'adapter_config.json'}: damaged.", "Train again, or copy it anew."
        ) from None
    if kind != "LORA":
        raise UserError(
            f"{adapter.path}: an adapter of the kind {kind}; only LoRA can be served.",
            "Merge it into its base (osler export) and serve that.",
        )
    return config


def mixes(config: dict[str, Any]) -> bool:
    """Whether an adapter can share a batch with others: plain LoRA can. DoRA, trained biases and
    layers of an adapter's own cannot be chosen row by row."""
    own = ("use_dora", "modules_to_save", "trainable_token_indices", "alora_invocation_tokens",
           "lora_bias", "layer_replication", "use_bdlora")  # fmt: skip
    return not any(config.get(name) for name in own) and config.get("bias", "none") == "none"


def refuse_mismatched(adapter: Adapter, base: Any, name: str) -> None:
    """Raise UserError unless each weight of an adapter fits a layer of the base."""
    layers = dict(base.named_modules())
    for key, shape in _shapes(adapter.path / WEIGHTS).items():
        module, side = _place(key)
        if not side:
            continue
        layer = layers.get(module)
        fits = layer is not None and _width(layer, side) in (None, shape[-1 if side == "A" else 0])
        if not fits:
            there = "has no such layer" if layer is None else f"has {_width(layer, side)} there"
            raise UserError(
                f"{adapter.path}: does not fit {name}: its {key} is {' x '.join(map(str, shape))}, "
                f"and the base {there}.",
                "Serve it with the base that it was tuned on (base_model_name_or_path in its "
                "adapter_config.json).",
            )


def _place(key: str) -> tuple[str, str]:
    """The layer that a weight of an adapter belongs to, and its side, A or B."""
    for side in "AB":
        module, found, _ = key.partition(f".lora_{side}.")
        if found:
            return module.removeprefix("base_model.model."), side
    return key, ""


def _width(layer: Any, side: str) -> int | None:
    """In- or output width of a linear layer; None for layers of another kind."""
    return getattr(layer, "in_features" if side == "A" else "out_features", None)


def _shapes(file: Path) -> dict[str, list[int]]:
    """Name -> shape of the tensors of a safetensors file, from its head."""
    try:
        with file.open("rb") as data:
            (length,) = struct.unpack("<Q", data.read(8))
            head = json.loads(data.read(min(length, 2**26)))
        return {key: one["shape"] for key, one in head.items() if key != "__metadata__"}
    except (ValueError, KeyError, TypeError, struct.error, RecursionError):
        raise UserError(f"{file}: damaged.", "Train again, or copy it anew.") from None


def with_adapters(base: Any, adapters: Sequence[Adapter], name: str) -> tuple[Any, Names]:
    """The base with plain LoRA adapters on it, and where to say which row has which."""
    from peft import PeftModel
    from peft.tuners.lora.layer import LoraLayer

    model: Any = None
    for adapter in adapters:
        refuse_mismatched(adapter, base, name)
    for adapter in adapters:
        known = inner_name(adapter.name)
        if model is None:
            model = PeftModel.from_pretrained(base, str(adapter.path), adapter_name=known)
        else:
            model.load_adapter(str(adapter.path), adapter_name=known)
    names = Names()

    def hand_down(_layer: Any, given: Any, more: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        return given, {**more, "adapter_names": names.of_rows}

    layers: list[Any] = [module for module in model.modules() if isinstance(module, LoraLayer)]
    for module in layers:
        module.register_forward_pre_hook(hand_down, with_kwargs=True)
    return model.eval().get_base_model(), names


def inner_name(name: str) -> str:
    """An adapter's name for PEFT, whose names are parts of modules' names: no dots."""
    return "a-" + name.encode().hex()
