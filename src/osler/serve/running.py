"""A batch whose rows come and go: who has ended leaves, and others take the place at once
(continuous batching: Yu et al. 2022, Orca, OSDI).

A row that has ended is taken out of the cache of keys and values, and prompts that wait are read
into it, padded on the left. The tokens of each row are those of plain generation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from osler.serve.generate import Sampling, left_padded

COLDEST = 1e-5
"""The least temperature that logits are divided by: below it float32 overflows, and the likeliest
token has all of the chance long before."""


@dataclass(slots=True, eq=False)
class Row:
    """A prompt, what has been said after it, and how much more may be.

    `of`: whose row it is. `adapter`: the one on the base that answers; None for the base.
    """

    of: Any
    prompt_ids: list[int]
    left: int
    sampling: Sampling | None = None
    adapter: str | None = None
    spoken: list[int] = field(default_factory=list[int])
    draw: Any = None
    """The generator of a sampled answer, its own, so that its neighbours change nothing."""

    def __post_init__(self) -> None:
        if self.sampling is not None:
            import torch

            self.draw = torch.Generator().manual_seed(self.sampling.seed)

    def say(self, token: int) -> None:
        """One token more."""
        self.spoken.append(token)
        self.left -= 1


@dataclass(slots=True)
class _State:
    """Keys and values of some rows, padded on the left, and what comes next."""

    cache: Any
    mask: Any
    """(rows, length)"""
    logits: Any
    """(rows, vocabulary), of the last place."""


class Running:
    """The rows of a model that generate side by side.

    A round is `choose`, each row's `say`, `keep` of those that go on, `advance`. After a fault in
    `advance` the cache is of no use: join the rows to a new batch. `join` changes all or nothing.
    `use` is told before each reading which adapter each of its rows has.
    """

    def __init__(
        self, model: Any, pad: int, use: Callable[[list[str | None]], None] | None = None
    ) -> None:
        self.rows: list[Row] = []
        self._model = model
        self._pad = pad
        self._use = use
        self._state: _State | None = None

    def join(self, rows: Sequence[Row]) -> None:
        """Read prompts, and what was said after them, into the batch."""
        fresh = self._read(rows)
        self._state = fresh if self._state is None else _joined(self._state, fresh)
        self.rows = [*self.rows, *rows]

    def choose(self) -> list[int]:
        """The likeliest token of each row, or the one that is drawn for it."""
        assert self._state is not None
        logits = self._state.logits
        tokens: list[int] = logits.argmax(-1).tolist()
        for place, row in enumerate(self.rows):
            if row.sampling is not None:
                tokens[place] = _drawn(logits[place], row.draw, row.sampling)
        return tokens

    def keep(self, places: Sequence[int]) -> None:
        """Go on with the rows at these places alone."""
        if len(places) == len(self.rows):
            return
        assert self._state is not None
        self._state = _kept(self._state, places) if places else None
        self.rows = [self.rows[place] for place in places]

    def advance(self) -> None:
        """Read the last token of every row."""
        import torch

        state = self._state
        if state is None:
            return
        tokens = [row.spoken[-1] for row in self.rows]
        state.mask = torch.cat([state.mask, state.mask.new_ones(len(tokens), 1)], dim=1)
        self._tell(self.rows)
        with torch.inference_mode():
            out = self._model(
                input_ids=torch.tensor(tokens, device=state.mask.device)[:, None],
                attention_mask=state.mask,
                position_ids=state.mask.sum(-1, keepdim=True) - 1,
                past_key_values=state.cache,
                use_cache=True,
            )
        state.cache, state.logits = out.past_key_values, out.logits[:, -1]

    def _read(self, rows: Sequence[Row]) -> _State:
        """Read rows into a cache of their own."""
        import torch

        inputs = left_padded([row.prompt_ids + row.spoken for row in rows], self._pad, self._model)
        mask = inputs["attention_mask"]
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        self._tell(rows)
        with torch.inference_mode():
            out = self._model(
                input_ids=inputs["input_ids"], attention_mask=mask, position_ids=positions,
                past_key_values=_new_cache(self._model), use_cache=True, logits_to_keep=1,
            )  # fmt: skip
        return _State(out.past_key_values, mask, out.logits[:, -1])

    def _tell(self, rows: Sequence[Row]) -> None:
        if self._use is not None:
            self._use([row.adapter for row in rows])


def _drawn(logits: Any, generator: Any, sampling: Sampling) -> int:
    """From the likeliest tokens that together have `top_p` (Holtzman et al. 2020)."""
    import torch

    scaled = logits.float().cpu() / max(sampling.temperature, COLDEST)
    chances, order = scaled.softmax(-1).sort(descending=True)
    before = chances.cumsum(-1) - chances
    before[0] = -1.0  # the likeliest stays, however little `top_p` is
    chances = chances.masked_fill(before >= sampling.top_p, 0.0)
    return int(order[torch.multinomial(chances, 1, generator=generator)])


# -- the cache -----------------------------------------------------------------------------------


def has_plain_cache(model: Any) -> bool:
    """Whether all that a layer remembers is keys and values of every place. Rows of a model that
    remembers in other ways cannot be joined: it has a batch of one row."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    config = model.config.get_text_config(decoder=True)
    layers = DynamicCache(config=config).layers
    return all(type(layer) is DynamicLayer for layer in layers)


def _new_cache(model: Any) -> Any:
    from transformers import DynamicCache

    return DynamicCache() if has_plain_cache(model) else DynamicCache(config=model.config)


def _joined(a: _State, b: _State) -> _State:
    """Two batches as one, the shorter padded on the left. Memory may run out on the way, so the
    first is changed when all is there."""
    import torch

    length = max(a.mask.shape[1], b.mask.shape[1])
    made = [
        tuple(
            torch.cat([_padded(getattr(one, name), length), _padded(getattr(other, name), length)])
            for name in ("keys", "values")
        )
        for one, other in zip(a.cache.layers, b.cache.layers, strict=True)
    ]
    masks = [torch.nn.functional.pad(s.mask, (length - s.mask.shape[1], 0)) for s in (a, b)]
    mask, logits = torch.cat(masks), torch.cat([a.logits, b.logits])
    for layer, (keys, values) in zip(a.cache.layers, made, strict=True):
        layer.keys, layer.values = keys, values
    return _State(a.cache, mask, logits)


def _padded(states: Any, length: int) -> Any:
    """Keys or values (rows, heads, places, size) with empty places in front."""
    import torch

    return torch.nn.functional.pad(states, (0, 0, length - states.shape[-2], 0))


def _kept(state: _State, places: Sequence[int]) -> _State:
    """Without the rows that have ended, and without places that are padding in all the others."""
    import torch

    index = torch.tensor(places, device=state.mask.device)
    mask = state.mask[index]
    start = int(mask.argmax(-1).min())
    for layer in state.cache.layers:
        layer.keys = layer.keys[index, :, start:]
        layer.values = layer.values[index, :, start:]
    return _State(state.cache, mask[:, start:], state.logits[index])
