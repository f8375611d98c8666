"""The size of a model and the kind of its layers, from its config alone: no weight is loaded."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

EXPERTS = ("num_local_experts", "n_routed_experts", "num_experts", "moe_num_experts")
"""Names that configs have for the number of experts of a layer."""
RECURRENT = {"linear_attention", "mamba", "recurrent", "conv"}
"""Kinds of layers whose state runs on from one document of a row into the next."""


@dataclass(frozen=True)
class Shape:
    """The size of a decoder."""

    parameters: int
    vocabulary: int
    """Rows of the embedding."""
    hidden: int
    intermediate: int
    """Inner width of the feed-forward part; of all experts together that one token goes through."""
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    tied: bool
    """The output layer is the embedding."""
    linear: dict[str, tuple[int, int]]
    """Name -> (in, out) of every linear layer but the output layer."""
    active: int
    """Parameters of the layers that one token is multiplied with."""
    kind: str = ""
    """What is unlike the decoders that the engine is made for; empty for those."""
    packable: bool = True
    """Documents in one row can be kept apart."""
    tiles_whole: bool = True
    """A plan with tiles takes all of a layer in them, and not the feed-forward part alone."""
    positions: int | None = None
    """Tokens that a row can have at most; None where positions are reckoned and not looked up."""
    dropout: float = 0.0
    """Of attention, as the config has it."""

    @property
    def queries(self) -> int:
        """Width of all queries together."""
        return self.heads * self.head_dim

    @property
    def keys(self) -> int:
        """Width of all keys together."""
        return self.kv_heads * self.head_dim


def shape_of(config: Any) -> Shape:
    """Build the architecture on torch's meta device, which holds no numbers.

    Raises `ValueError` for an architecture that is no decoder which predicts the next token.
    """
    from osler.engine.tiling import can_be_taken_apart

    if getattr(config, "is_encoder_decoder", False):
        raise ValueError("it has an encoder, and only decoders can be tuned")
    model = without_weights(config)
    if model.base_model is model:  # Llama 4's text model, to transformers
        raise ValueError("the trainer's loss does not find its hidden states")
    text = config.get_text_config()
    output = model.get_output_embeddings()
    linear = dict(linear_layers(model))
    experts, used = _experts(text)
    stacked = sum(p.numel() for n, p in model.named_parameters() if "experts" in n and p.ndim == 3)
    hidden, heads = int(text.hidden_size), _number(text, "num_attention_heads", 1)
    inner = _number(text, "intermediate_size", 4 * hidden)
    return Shape(
        parameters=sum(p.numel() for p in model.parameters()),
        vocabulary=int(model.get_input_embeddings().weight.shape[0]),
        hidden=hidden,
        intermediate=_number(text, "moe_intermediate_size", inner) * used if experts > 1 else inner,
        layers=_number(text, "num_hidden_layers", 1),
        heads=heads,
        kv_heads=_number(text, "num_key_value_heads", heads),
        head_dim=_number(text, "head_dim", max(hidden // heads, 1)),
        tied=output is not None and output.weight is model.get_input_embeddings().weight,
        linear=linear,
        active=sum(a * b for a, b in linear.values()) + stacked * used // max(experts, 1),
        kind=_kind(text, model),
        packable=not _is_recurrent(text, model) and _keeps_documents_apart(model),
        tiles_whole=any(can_be_taken_apart(module) for module in model.modules()),
        positions=_positions(text, model),
        dropout=float(getattr(text, "attention_dropout", None) or 0.0),
    )


def linear_layers(model: Any) -> Iterator[tuple[str, tuple[int, int]]]:
    """Name and (in, out) of every linear layer of the decoder, but for the output layer."""
    from transformers.pytorch_utils import Conv1D  # GPT-2's linear layer

    decoder = model.get_decoder()
    inside = {id(module) for module in decoder.modules()}
    for name, module in model.named_modules():
        if id(module) not in inside or module is model.get_output_embeddings():
            continue
        if isinstance(module, torch.nn.Linear):
            yield name, (int(module.in_features), int(module.out_features))
        elif isinstance(module, Conv1D):
            yield name, (int(module.nx), int(module.nf))


def _positions(config: Any, model: Any) -> int | None:
    """The length of a table that positions are looked up in: learned, or sines made beforehand."""
    names = ("max_position_embeddings", "n_positions", "max_seq_len")
    longest = next((n for name in names if (n := getattr(config, name, None))), None)
    embedding = model.get_input_embeddings()
    tables = [m.weight for m in model.modules() if isinstance(m, torch.nn.Embedding)]
    tables = [table for table in tables if table is not embedding.weight]
    tables += [buffer for buffer in model.buffers() if buffer.ndim == 2]
    looked_up = any(table.shape[0] in (longest, (longest or 0) + 2) for table in tables)
    return longest if looked_up or hasattr(config, "max_seq_len") else None


def without_weights(config: Any) -> Any:
    """The architecture on torch's meta device, which holds no numbers."""
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(copy.deepcopy(config))


def _number(config: Any, name: str, default: int) -> int:
    """A size; where it differs from layer to layer, the largest."""
    found = getattr(config, name, None)
    if isinstance(found, (list, tuple)):
        found = max(found)
    return int(found) if found else default


def _experts(config: Any) -> tuple[int, int]:
    """How many experts a layer has, and how many of them a token goes through."""
    experts = max(_number(config, name, 1) for name in EXPERTS)
    return experts, _number(config, "num_experts_per_tok", 1) if experts > 1 else 1


def _is_recurrent(config: Any, model: Any) -> bool:
    kinds = set(getattr(config, "layer_types", None) or ())
    return bool(getattr(model, "_is_stateful", False)) or not kinds.isdisjoint(RECURRENT)


PROBE = "osler_probe"
"""Name of an attention that is never computed: it and its mask are asked questions."""


class _Answer(Exception):
    """What was asked of a model's forward pass, from within it."""


def _keeps_documents_apart(model: Any) -> bool:
    """False where transformers gives this architecture a mask in which documents of a row are one.

    Many architectures make their mask without position ids, which alone say where a document
    begins. True where the question finds no mask.
    """

    def mask(*args: Any, mask_function: Any, **kwargs: Any) -> None:
        first = torch.tensor(0)
        raise _Answer(not mask_function(first, first, torch.tensor(2), first))

    return _asked(model, mask, mask, position_ids=torch.tensor([[0, 1, 0, 1]])) is not False


def _hands_down(model: Any) -> bool:
    """True where what the model is given reaches its attention: the documents' boundaries do."""

    def attention(*args: Any, **kwargs: Any) -> None:
        raise _Answer("cu_seq_lens_q" in kwargs)

    boundaries, made = torch.zeros(3, device="meta"), torch.zeros(1, 1, 4, 4, device="meta")
    given = {"cu_seq_lens_q": boundaries, "attention_mask": made}  # so that no mask is made
    return _asked(model, attention, attention, **given) is True


def _asked(model: Any, mask: Any, attention: Any, **inputs: Any) -> bool | None:
    """The answer that mask or attention raise in a forward pass; None where neither is called.

    On torch's meta device nothing is computed.
    """
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    AttentionInterface.register(PROBE, attention)
    AttentionMaskInterface.register(PROBE, mask)
    configs = (model.config, model.config.get_text_config())
    before = [config._attn_implementation for config in configs]
    for config in configs:
        config._attn_implementation = PROBE
    ids = torch.zeros(1, 4, dtype=torch.long, device="meta")
    try:
        model(input_ids=ids, use_cache=False, **inputs)
    except _Answer as answer:
        return bool(answer.args[0])
    except Exception:
        return None  # an architecture that cannot do without numbers before it comes there
    finally:
        for config, name in zip(configs, before, strict=True):
            config._attn_implementation = name
    return None


def _kind(config: Any, model: Any) -> str:
    """What is unlike the decoders that the engine is made for."""
    from transformers.modeling_layers import GradientCheckpointingLayer

    if _is_recurrent(config, model):
        return "recurrent layers"
    if _experts(config)[0] > 1:
        return "mixture of experts"
    if getattr(config, "attn_logit_softcapping", None) or not model._supports_sdpa:
        return "attention of its own"  # a cap or a sink, which no kernel of ours does
    layers = getattr(model.get_decoder(), "layers", None)
    usual = layers is not None and all(
        isinstance(layer, GradientCheckpointingLayer)
        and hasattr(layer, "self_attn")
        and hasattr(layer, "mlp")
        for layer in layers
    )
    if usual and not _hands_down(model):
        return "attention of its own"
    return "" if usual else "layers of its own"
