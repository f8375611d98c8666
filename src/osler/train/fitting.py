"""What would fit, where a recipe does not: the shortest list of changes, the cheapest first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Any

from osler.engine.choice import SLACK
from osler.engine.memory import peak
from osler.engine.plan import Plan
from osler.engine.shape import Shape
from osler.errors import RecipeError, RunError, TrainingFailed
from osler.recipe import Recipe
from osler.train.budget import (
    GIB,
    Chosen,
    Place,
    budget_of,
    candidates,
    choice,
    gib,
    sizes,
    words,
    work_of,
)

OFFERED = 3
"""Ways that are told."""


@dataclass(frozen=True)
class Change:
    """What takes less memory: settings of the recipe, or more cards."""

    settings: dict[str, Any]
    """Key of the recipe -> value."""
    cost: str
    gpus: int = 0
    """Cards to train on; 0 for as many as before."""

    def __str__(self) -> str:
        given = [f"{key}={_written(value)}" for key, value in self.settings.items()]
        given += [f"--gpus {self.gpus}"] if self.gpus else []
        return f"{' '.join(given)} ({self.cost})"

    def applied(self, recipe: Recipe) -> Recipe:
        """The recipe with these settings."""
        for key, value in self.settings.items():
            *sections, name = key.split(".")
            recipe = _replaced(recipe, sections, name, value)
        return recipe

    def at(self, place: Place) -> Place:
        """The place with as many cards."""
        return replace(place, ranks=self.gpus or place.ranks)


def _written(value: Any) -> str:
    return "null" if value is None else str(value).lower()


def _replaced(section: Any, path: list[str], name: str, value: Any) -> Any:
    """A copy of a section, with a value somewhere inside it replaced."""
    if path:
        name, value = path[0], _replaced(getattr(section, path[0]), path[1:], name, value)
    return section.model_copy(update={name: value})


# -- the changes there are, the cheapest kind first; within a kind from mild to strong -------------


def _smaller_batch(recipe: Recipe) -> Iterator[Change]:
    batch, parts = (
        recipe.train.per_device_train_batch_size, recipe.train.gradient_accumulation_steps,
    )  # fmt: skip
    for smaller in (n for n in range(batch - 1, 0, -1) if batch % n == 0):
        yield Change(
            {
                "train.per_device_train_batch_size": smaller,
                "train.gradient_accumulation_steps": parts * (batch // smaller),
            },
            "costs nothing: the same steps in smaller parts",
        )


def _free_choice(recipe: Recipe) -> Iterator[Change]:
    names = ("gradient_checkpointing", "activation_offloading", "tiled_mlp")
    fixed = [name for name in names if getattr(recipe.train, name) is False]
    if fixed:
        yield Change({f"train.{name}": None for name in fixed}, "up to a third slower")


def _shared_weights(recipe: Recipe) -> Iterator[Change]:
    if recipe.train.sharding == "none":
        yield Change({"train.sharding": "auto"}, "several GPUs share out the weights")


def _more_cards(recipe: Recipe, place: Place) -> Iterator[Change]:
    batch = recipe.train.per_device_train_batch_size * recipe.train.gradient_accumulation_steps
    for cards in range(place.ranks + 1, place.cards + 1):
        if batch % cards == 0:
            yield Change({}, "the same steps, shared by as many cards", cards)


def _smaller_states(recipe: Recipe) -> Iterator[Change]:
    if not recipe.train.optim.endswith("8bit"):
        yield Change({"train.optim": "adamw_8bit"}, "the optimiser's memory in 8 bits")


def _four_bits(recipe: Recipe) -> Iterator[Change]:
    train = recipe.train
    if train.method == "lora" and train.objective == "sft" and recipe.model.init == "pretrained":
        settings: dict[str, Any] = {"train.method": "qlora"}
        settings |= {"train.float8_base": False} if train.float8_base else {}
        yield Change(settings, "the base in 4 bits: less exact, about a fifth slower")


def _smaller_rank(recipe: Recipe) -> Iterator[Change]:
    rank = recipe.train.lora.r // 2
    while recipe.train.method != "full" and rank >= 4:
        yield Change({"train.lora.r": rank}, "a smaller adapter learns less")
        rank //= 2


def _adapter(recipe: Recipe) -> Iterator[Change]:
    if recipe.train.method == "full":
        yield Change({"train.method": "lora"}, "an adapter instead of every weight")


def _shorter_rows(recipe: Recipe) -> Iterator[Change]:
    length, lost = recipe.data.max_length // 2, ""
    settings: dict[str, Any] = {}
    if recipe.train.objective == "sft":
        lost = ": longer rows are lost or cut"
        settings = {"data.too_long": "drop"} if recipe.data.too_long == "error" else {}
    while length >= 256:
        yield Change({"data.max_length": length, **settings}, f"shorter rows{lost}")
        length //= 2


def _tenths(size: float) -> float:
    """Bytes in GiB, rounded down to a tenth, as a recipe gives them."""
    return max(math.floor(10 * size / GIB) / 10, 0.1)


def _limit(budget: float) -> Change:
    """Without a limit every activation is kept."""
    return Change({"train.memory": _tenths(budget)}, "some layers recompute: up to a third slower")


def _higher_limit(
    recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place
) -> Iterator[Change]:
    """Where the limit is the recipe's own, and the memory is there."""
    if recipe.train.memory == "auto":
        return
    gib = math.ceil(10 * least(recipe, shape, lengths, place) / (1 - SLACK) / GIB) / 10
    if gib * GIB <= place.free:
        yield Change({"train.memory": gib}, "the least that will do, in tenths")


Kind = Callable[[Recipe], Iterator[Change]]

NO_OTHER_RESULT: list[Kind] = [_smaller_batch, _free_choice, _shared_weights]
ANOTHER_RESULT: list[Kind] = [
    _smaller_states,
    _smaller_rank,
    _four_bits,
    _adapter,
    _shorter_rows,
]
"""Ways to take less memory, ordered by what they cost; more cards stand between the two."""

Way = tuple[Change, ...]


def ways_to_fit(
    recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place, budget: float | None = None
) -> list[Way]:
    """The shortest lists of changes with which the training fits, the cheapest first.

    Each is as mild as it can be. Empty when nothing helps. `budget`: in place of the recipe's, in
    bytes; where a limit of that height alone would do, it is the only way.
    """
    if budget is not None and choice(recipe, shape, lengths, place, budget):
        return [(_limit(budget),)]

    def fitting(kinds: Sequence[list[Change]]) -> Way | None:
        """The last kind as mild as may be, those before it as strong as they come."""
        strong = tuple(kind[-1] for kind in kinds[:-1])
        for mild in kinds[-1]:
            way = (*strong, mild)
            changed, there = recipe, place
            for change in way:
                changed, there = change.applied(changed), change.at(there)
            if choice(changed, shape, lengths, there, budget):
                return way
        return None

    kinds = [
        list(_higher_limit(recipe, shape, lengths, place)) if budget is None else [],
        *(list(kind(recipe)) for kind in NO_OTHER_RESULT),
        list(_more_cards(recipe, place)),
        *(list(kind(recipe)) for kind in ANOTHER_RESULT),
    ]
    found = [changes for changes in kinds if changes]
    for size in range(1, len(found) + 1):
        ways = (fitting(kinds) for kinds in combinations(found, size))
        if fit := list(islice((way for way in ways if way), OFFERED)):
            return fit
    return []


def told(ways: Sequence[Way]) -> str:
    """The ways as a cure."""
    if not ways:
        return "Nothing in this recipe would make it fit: take a smaller model, or more memory."
    return "What would fit: " + "; or ".join(" and ".join(map(str, way)) for way in ways) + "."


# -- errors --------------------------------------------------------------------------------------


def smallest(recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place) -> Plan:
    """The plan that takes least, of those that are open."""
    work = work_of(recipe, shape, lengths, place)
    return min(candidates(recipe.train, shape, place), key=lambda plan: peak(work, plan))


def least(recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place) -> int:
    """Bytes at the peak of that plan."""
    return peak(work_of(recipe, shape, lengths, place), smallest(recipe, shape, lengths, place))


def does_not_fit(recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place) -> RecipeError:
    """The error for a budget that no plan meets, before anything is loaded."""
    needed = least(recipe, shape, lengths, place)
    return RecipeError(
        f"train.memory: the training does not fit: it takes {gib(needed)} GiB at the least, and of "
        f"{gib(budget_of(recipe.train, place) or 0)} GiB {SLACK:.0%} stays free.",
        told(ways_to_fit(recipe, shape, lengths, place)),
    )


LESS = 0.9
"""Share of what was foretold that the next attempt may take, where the forecast was too low."""


def ran_out(
    recipe: Recipe, shape: Shape, lengths: Sequence[int], place: Place, chosen: Chosen, kept: str
) -> RunError:
    """The error for memory that ran out in spite of the forecast; `kept`: what is saved.

    It names what would have fitted: less memory by `train.memory`, with which the run goes on, or
    changes of the recipe, with which there is a new one.
    """
    said = f"train: out of memory; {sizes(chosen.foretold, chosen.budget)}. {kept}".rstrip()
    limit = _tenths(LESS * chosen.foretold / (1 - SLACK)) * GIB
    smaller = choice(recipe, shape, lengths, place, limit)
    if smaller:
        return RunError(
            said,
            f"What would fit: train.memory={limit / GIB:.1f} "
            f"({words(smaller.plan, smaller.layers)}). It changes no result, so that this run goes "
            "on with it.",
        )
    return TrainingFailed(said, told(ways_to_fit(recipe, shape, lengths, place, limit)))
