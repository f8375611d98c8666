"""The engine of our own: continuous batching in this process, adapters row by row.

transformers has continuous batching too (`generate_batch`), but no adapters in it; side by side in
bench/RESULTS.md. Each model with weights of its own has a lane (`osler.serve.engines.lane`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osler.errors import UserError
from osler.rows import Message
from osler.serve.engines.adapters import (
    Names,
    inner_name,
    mixes,
    read_config,
    refuse_mismatched,
    with_adapters,
)
from osler.serve.engines.lane import Lane, LaneStream, Room
from osler.serve.engines.menu import Adapter, Weights
from osler.serve.engines.protocol import Job, Load, Served, TooLong
from osler.serve.engines.rendering import Renderer
from osler.serve.running import Row
from osler.template import encode, require_template

CONTEXT = 2048
"""Tokens of a model whose config names no limit."""
CHARACTERS = 64
"""Of a token at most, on the average: a prompt of more than so many times the context is refused
before it is made into tokens."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a served model is: its lane, and the adapter's name there."""

    lane: Lane
    served: Served
    renderer: Renderer
    adapter: str | None


class Batch:
    """The engine. Raises UserError where something cannot be served."""

    def __init__(self, menu: Sequence[Weights], room: Room | None = None) -> None:
        self._room = room or Room()
        self._places: dict[str, _Place] = {}
        for weights in menu:
            self._open(weights)
        self._models = {name: place.served for name, place in self._places.items()}

    @property
    def models(self) -> Mapping[str, Served]:
        """By name, the base first."""
        return self._models

    @property
    def load(self) -> Load:
        """Of all lanes together."""
        loads = [lane.load for lane in self._lanes()]
        return Load(sum(one.running for one in loads), sum(one.waiting for one in loads))

    def lane(self, model: str) -> Lane:
        """Where a served model runs."""
        return self._place(model).lane

    def count(self, model: str, messages: Sequence[Message]) -> int:
        """Tokens of the prompt. UserError for one that is far too long, or a template's refusal."""
        return len(self._tokens(self._place(model), messages))

    def start(self, job: Job) -> LaneStream:
        """Queue a job; of `max_new_tokens` as many as the context has room for."""
        place = self._place(job.model)
        ids = self._tokens(place, job.messages)
        room = place.served.context - len(ids)
        if room < 1:
            raise too_long(f"{len(ids):,} tokens", place.served)
        row = Row(None, ids, min(room, job.max_new_tokens), job.sampling, place.adapter)
        return place.lane.start(row, job.stop)

    async def close(self, within: float) -> None:
        """Let answers end for so many seconds, then stop them at their next token."""
        until = time.monotonic() + within
        lanes = self._lanes()
        for lane in lanes:
            lane.close(stop=False)
        while any(lane.load != Load(0, 0) for lane in lanes) and time.monotonic() < until:
            await asyncio.sleep(0.02)
        for lane in lanes:
            lane.close(stop=True)
        await asyncio.to_thread(lambda: [lane.ended(1.0) for lane in lanes])
        for renderer in {place.renderer for place in self._places.values()}:
            renderer.close()

    # -- opening ---------------------------------------------------------------------------------

    def _open(self, weights: Weights) -> None:
        """A lane for a base with its plain adapters, and one for each that cannot share it."""
        tokenizer = tokenizer_of(weights)
        renderer = Renderer(tokenizer, weights.name)
        configs = {adapter.name: read_config(adapter) for adapter in weights.adapters}
        plain = [one for one in weights.adapters if mixes(configs[one.name])]
        model: Any = _load(weights)
        names: Names | None = None
        if plain:
            model, names = with_adapters(model, plain, weights.name)
        lane = Lane(weights.name, model, tokenizer, self._room, names)
        own, *others = served_of(weights, context_of(weights))
        self._places[own.name] = _Place(lane, own, renderer, None)
        for one, served in zip(weights.adapters, others, strict=True):
            inner = inner_name(one.name) if one in plain else None
            at = lane if one in plain else self._lane_of(one, weights, tokenizer)
            self._places[one.name] = _Place(at, served, renderer, inner)

    def _lane_of(self, adapter: Adapter, weights: Weights, tokenizer: Any) -> Lane:
        from osler.model import load_adapter

        base = _load(weights)
        refuse_mismatched(adapter, base, weights.name)
        model = load_adapter(base, adapter.path)
        return Lane(adapter.name, model, tokenizer, self._room)

    # -- answering -------------------------------------------------------------------------------

    def _lanes(self) -> list[Lane]:
        return list({id(place.lane): place.lane for place in self._places.values()}.values())

    def _place(self, model: str) -> _Place:
        if model not in self._places:
            raise unknown(model, self._models)
        return self._places[model]

    def _tokens(self, place: _Place, messages: Sequence[Message]) -> list[int]:
        refuse_far_too_long(messages, place.served)
        return encode(place.lane.tokenizer, [place.renderer(messages)])[0]


class UnknownModel(UserError):
    """A request for a model that is not served."""


def unknown(model: str, models: Mapping[str, Served]) -> UnknownModel:
    """The refusal of a name."""
    shown = model if len(model) <= 100 else f"{model[:100]}…"
    return UnknownModel(f"No model is called {shown}.", f"Served: {', '.join(models)}.")


def too_long(length: str, served: Served) -> TooLong:
    """The refusal of a prompt."""
    return TooLong(
        f"The prompt has {length}; {served.name} reads {served.context:,} tokens of prompt and "
        "answer together.",
        "Shorten the messages, or leave out early ones.",
    )


def refuse_far_too_long(messages: Sequence[Message], served: Served) -> None:
    """Raise `TooLong` for what need not be made into tokens to be seen not to fit."""
    characters = sum(len(message["content"]) for message in messages)
    if characters > CHARACTERS * served.context:
        raise too_long(f"{characters:,} characters", served)


def served_of(weights: Weights, context: int) -> list[Served]:
    """What requests are told of a model and the adapters on it."""
    own = Served(
        weights.name, weights.name, context, weights.tasks, weights.prompts, weights.digest
    )
    return [
        own,
        *(
            Served(one.name, weights.name, context, one.tasks, one.prompts, one.digest)
            for one in weights.adapters
        ),
    ]


def tokenizer_of(weights: Weights) -> Any:
    """A model's tokenizer; a fully tuned one's is that of its run."""
    from osler.model import load_tokenizer

    run = weights.run
    model, folder = (
        (run.recipe.model, run.recipe_folder) if run else (weights.model, weights.folder)
    )
    tokenizer = load_tokenizer(model, folder)
    require_template(tokenizer, model.id)
    return tokenizer


def context_of(weights: Weights) -> int:
    """The most tokens of prompt and answer together."""
    from osler.model import load_config

    config = load_config(weights.model, weights.folder)
    return getattr(config.get_text_config(), "max_position_embeddings", None) or CONTEXT


def _load(weights: Weights) -> Any:
    """A model as its training saw it."""
    from osler.model import load_base, load_tuned, load_untuned

    if weights.run is None:
        return load_base(weights.model, weights.folder)
    return load_tuned(weights.run) if weights.full else load_untuned(weights.run)
