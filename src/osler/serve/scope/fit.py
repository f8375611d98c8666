"""How the guard is made: a small network on pieces, calibrated on whole messages.

1. Networks of one hidden layer learn from messages of one sentence, and from the whole of others.
2. A logistic regression on the validation messages joins the scores of a message's pieces, and
   calibrates them.
3. The threshold is the highest at which no more of the validation's medical messages are refused
   than the aim allows, of any kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.serve.scope.examples import Example
from osler.serve.scope.features import Embed, Floats, features, units
from osler.serve.scope.fit_urgent import fit_urgent
from osler.serve.scope.networks import networks
from osler.serve.scope.urgent_examples import Urgent
from osler.serve.scope.weights import FORMAT, Doubles, Weights

HIDDEN = 64
PASSES = 12
SEEDS = 3
SHOWN = {"asked": 3, "task": 3, "sense": 4, "story": 4}
"""How often a message of a kind is learnt from: these are few, and most like what people write."""
REFUSED = {"raw": 0.05, "speech": 0.05, "asked": 0.06}
"""Share of medical messages that may be refused, where it is not `REFUSED_ELSE`. `asked` are few
and hard: with them the plain questions together keep to `REFUSED_ELSE`."""
REFUSED_ELSE = 0.02
FEWEST = 100
"""Messages of a kind from which a quantile can be told."""


def fit(
    train: Sequence[Example],
    validation: Sequence[Example],
    follow_ups: Sequence[tuple[str, bool]],
    terms: Sequence[str],
    urgent: Sequence[Urgent],
    embed: Embed,
    say: Callable[[str], None] = lambda line: None,
) -> Weights:
    """The guard's weights. Deterministic: the same examples give the same weights."""
    single = [one for one in train if one.kind == "raw" or len(units(one.text)) == 1]
    say(f"{len(single)} messages to learn from")
    times = [SHOWN.get(one.kind, 1) for one in single]
    x = np.repeat(features([one.text for one in single], embed), times, axis=0)
    y = np.repeat([one.medical for one in single], times)
    arrays, urgent_card = fit_urgent(urgent, train, validation, embed, say)
    weights = Weights(
        **networks(x, y, HIDDEN, 1e-3, PASSES, SEEDS),
        **_follow(x, y, follow_ups, embed),
        message=np.zeros(7),
        terms=np.frombuffer("\n".join(sorted(terms)).encode(), np.uint8),
        **{f"urgent_{name}": array for name, array in arrays.items()},
        card={},
    )
    say(f"the pieces are learnt; {len(validation)} messages to calibrate on")
    rows = _rows(weights, validation, embed)
    message = _joined(rows, np.array([one.medical for one in validation]))
    odds = rows @ message[:-1] + message[-1]
    threshold, kinds = _threshold(1 / (1 + np.exp(-odds)), validation)
    card: dict[str, Any] = {"format": FORMAT, "threshold": threshold, "validation": kinds}
    card["urgent"] = urgent_card
    return replace(weights, message=message, card=card)


def _follow(
    x: Floats, y: NDArray[np.bool_], follow_ups: Sequence[tuple[str, bool]], embed: Embed
) -> dict[str, Floats]:
    """What goes on with a medical conversation: medical messages, and what leans on the last."""
    from sklearn.linear_model import LogisticRegression

    some = slice(None, None, 4)
    if follow_ups:
        more = features([text for text, _ in follow_ups], embed)
        repeat = max(1, len(x[some]) // (8 * len(follow_ups)))
        x = np.vstack([x[some], *([more] * repeat)])
        y = np.concatenate([y[some], *([np.array([m for _, m in follow_ups])] * repeat)])
    model = LogisticRegression(C=3.0, max_iter=500).fit(x, y)
    return {
        "follow": np.round(model.coef_[0].astype(np.float32), 4),
        "follow_bias": np.round(model.intercept_.astype(np.float32), 4),
    }


def _rows(weights: Weights, some: Sequence[Example], embed: Embed) -> Doubles:
    """`gather`'s row of each message."""
    pieces = [units(one.text) for one in some]
    flat = features([piece for each in pieces for piece in each], embed)
    scores = weights.scores(flat)
    ends = np.cumsum([len(each) for each in pieces])[:-1]
    parts = np.split(scores, ends)
    return np.stack([weights.row(one.text, part) for one, part in zip(some, parts, strict=True)])


def _joined(rows: Doubles, truth: NDArray[np.bool_]) -> Doubles:
    """A message's log odds from its row. Nothing of it was learnt from before, so it is calibrated
    as Platt's scaling (1999) is."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=1000).fit(rows, truth)
    joined = np.concatenate([model.coef_[0], model.intercept_])
    return np.round(joined.astype(np.float64), 4)


def _threshold(
    probability: Doubles, validation: Sequence[Example]
) -> tuple[float, dict[str, dict[str, Any]]]:
    """The highest threshold that keeps to the aims on every kind, and the errors by kind there."""
    kinds = np.array([one.kind for one in validation])
    medical = np.array([one.medical for one in validation])
    highest = [
        float(np.quantile(probability[medical & (kinds == kind)], REFUSED.get(kind, REFUSED_ELSE)))
        for kind in sorted(set(kinds[medical]))
        if (medical & (kinds == kind)).sum() >= FEWEST
    ]
    threshold = float(np.floor(min(highest, default=0.5) * 1e4) / 1e4)
    through = probability >= threshold
    found: dict[str, dict[str, Any]] = {}
    for kind in sorted(set(kinds)):
        for side, name, wrong in ((medical, "refused", ~through), (~medical, "leaked", through)):
            if n := int((side & (kinds == kind)).sum()):
                found[f"{kind}, {'medical' if name == 'refused' else 'other'}"] = {
                    "n": n,
                    name: int((wrong & side & (kinds == kind)).sum()),
                }
    return threshold, found


def follow_threshold(
    weights: Weights, follow_ups: Sequence[tuple[str, bool]], embed: Embed
) -> float:
    """Halfway between the follow-ups that go on about health and the others, on validation."""
    if not follow_ups:
        return 0.5
    found = features([text for text, _ in follow_ups], embed)
    inside = sorted(
        weights.follows(found[at : at + 1]) for at, (_, m) in enumerate(follow_ups) if m
    )
    outside = [weights.follows(found[at : at + 1]) for at, (_, m) in enumerate(follow_ups) if not m]
    low = inside[len(inside) // 20] if inside else 1.0
    return round((low + max([o for o in outside if o < low], default=0.0)) / 2, 4)
