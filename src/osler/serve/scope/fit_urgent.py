"""How the guard learns emergencies whose words the rules do not know: a network beside them.

It sees the vector of a piece and the rules' cues, and gives each kind of emergency, and none, a
share. What it would say of wordings it has not met is measured by leaving out a fifth of the lines
at a time; the threshold rests on that, and on ordinary validation messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from osler.serve.scope.emergency import emergency
from osler.serve.scope.examples import Example
from osler.serve.scope.features import Embed, Floats, units, urgent_features
from osler.serve.scope.networks import networks
from osler.serve.scope.urgent_examples import NONE, Urgent
from osler.serve.scope.weights import urgent_shares

HIDDEN = 64
SEEDS = 3
PASSES = 15
DECAY = 1e-2
FOLDS = 5
FALSE_ALARMS = {("question", "asked", "general", "task"): 0.02, ("raw",): 0.05}
"""Share of ordinary validation messages that may be taken for an emergency. Patients' own words are
left out, for some tell of one. Below one half nothing is taken for one."""


def fit_urgent(
    lines: Sequence[Urgent],
    train: Sequence[Example],
    validation: Sequence[Example],
    embed: Embed,
    say: Callable[[str], None],
) -> tuple[dict[str, Floats], dict[str, Any]]:
    """The network's arrays, and what the card says of it."""
    texts, kinds, folds = _rows(lines, train)
    kinds_here = sorted(set(kinds))
    say(f"{len(texts)} pieces to learn emergencies from")
    x, y = urgent_features(texts, embed), np.array(kinds)
    unseen = np.zeros(len(texts))
    for fold in range(FOLDS):
        here = folds == fold
        arrays = networks(x[~here], y[~here], HIDDEN, DECAY, PASSES, 1)
        unseen[here] = 1 - urgent_shares(arrays, x[here])[:, kinds_here.index(NONE)]
    arrays = networks(x, y, HIDDEN, DECAY, PASSES, SEEDS)
    quantiles = [0.5]
    for group, most in FALSE_ALARMS.items():
        ordinary = [one.text for one in validation if one.kind in group]
        ordinary = [text for text in ordinary if emergency(text) is None]
        if ordinary:
            share = _highest(arrays, kinds_here.index(NONE), ordinary, embed)
            quantiles.append(float(np.quantile(share, 1 - most)))
    threshold = round(max(quantiles), 4)
    card: dict[str, Any] = {"kinds": kinds_here, "threshold": threshold}
    return arrays, card | _unseen(texts, kinds, folds, unseen >= threshold)


def _rows(
    lines: Sequence[Urgent], train: Sequence[Example]
) -> tuple[list[str], list[str], np.ndarray[Any, Any]]:
    """Texts, their kinds, and the fold of each: a line with all its messages is in one; -1 is in
    none. Of what is no emergency every sentence is one too."""
    texts: list[str] = []
    kinds: list[str] = []
    folds: list[int] = []
    for one in lines:
        pieces = units(one.text) if one.kind == NONE else [one.text]
        texts += pieces
        kinds += [one.kind] * len(pieces)
        folds += [one.line % FOLDS] * len(pieces)
    told = [one.text for one in train if one.kind in ("story", "raw")]
    single = [one.text for one in train if one.kind != "raw" and len(units(one.text)) == 1]
    others = [text for text in [*told, *single[::3]] if emergency(text) is None]
    return (
        [*texts, *others],
        [*kinds, *[NONE] * len(others)],
        np.array([*folds, *[-1] * len(others)]),
    )


def _highest(arrays: dict[str, Floats], none: int, texts: Sequence[str], embed: Embed) -> Floats:
    """The highest share of an emergency among each message's pieces."""
    pieces = [units(text) for text in texts]
    if not pieces:
        return np.zeros(0, np.float32)
    flat = urgent_features([piece for each in pieces for piece in each], embed)
    share = 1 - urgent_shares(arrays, flat)[:, none]
    ends = np.cumsum([len(each) for each in pieces])[:-1]
    return np.array([part.max() for part in np.split(share, ends)], np.float32)


def _unseen(
    texts: Sequence[str], kinds: Sequence[str], folds: Any, taken: Any
) -> dict[str, dict[str, int]]:
    """How many were missed and how many false alarms there were on lines left out, rules and
    network together."""
    either = np.array(
        [bool(t) or emergency(text) is not None for text, t in zip(texts, taken, strict=True)]
    )
    own, real = folds >= 0, np.array(kinds) != NONE
    return {
        "left out, emergencies": {
            "n": int((own & real).sum()),
            "missed": int((own & real & ~either).sum()),
        },
        "left out, near misses": {
            "n": int((own & ~real).sum()),
            "taken": int((own & ~real & either).sum()),
        },
    }
