"""How the guard is made: a network on pieces, calibrated on whole messages.

1. The network learns from messages of one sentence, from the whole of others, and from emergencies.
2. A logistic regression on the validation messages joins the scores of a message's pieces, and
   calibrates them.
3. The threshold is the highest at which no more of the validation's medical messages are refused
   than the aim allows, in any group of kinds. That of emergencies: `fit_urgent`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.serve.scope.emergency import emergency
from osler.serve.scope.examples import Example, misspelt
from osler.serve.scope.features import units
from osler.serve.scope.fit_urgent import card_of
from osler.serve.scope.network import (
    ORDERS,
    Doubles,
    Lesson,
    Reads,
    arrays_of,
    learn,
    load_network,
    mean_of,
    new_network,
    outputs,
)
from osler.serve.scope.urgent_examples import Urgent, hasty
from osler.serve.scope.weights import FORMAT, GREETING, NONE, Weights

WHOLE = ("raw", "long", "beside", "wrapped")
"""Kinds of messages of several sentences that are learnt from as a whole."""
FORMS = (
    "asked",
    "task",
    "sense",
    "story",
    "plain",
    "everyday",
    "near",
    "senses",
    "wrapped",
    "turn",
)
"""Kinds that are few and most like what people write: learnt as they are, in haste, misspelt."""
NOT_URGENT = 3
"""One in so many ordinary messages is learnt to be no emergency."""
NOT_ORDINARY = ("speech", "near")
"""Kinds of which some may be one, or which urgent.txt has."""
QUIET = ("long", "everyday", "wrapped", "raw", "beside", "turn")
"""Kinds of which all are learnt to be none; of long ones each sentence, too."""
REFUSED = (
    (("question", "frame", "asked", "plain", "near"), 0.02),
    (("asked", "plain", "near"), 0.03),
    (("raw", "long", "speech"), 0.05),
    (("turn",), 0.05),
)
"""Share of the medical messages of these kinds, together, that may be refused."""
FEWEST = 50
"""Messages from which a quantile can be told."""


def fit(
    train: Sequence[Example],
    validation: Sequence[Example],
    terms: Sequence[str],
    urgent: Sequence[Urgent],
    encoder: Reads,
    say: Callable[[str], None] = lambda line: None,
) -> Weights:
    """The guard's weights. Deterministic: the same examples give the same weights."""
    kinds = sorted({one.kind for one in urgent} | {NONE})
    lessons = _lessons(train, [one for one in urgent if not one.held], kinds, encoder)
    say(f"{len(lessons)} texts to learn from")
    networks = (new_network(encoder.upper_layers(), len(kinds)) for _ in ORDERS)
    learnt = [learn(one, lessons, order, say) for one, order in zip(networks, ORDERS, strict=True)]
    say(f"{len(validation)} messages to calibrate on")
    held = [one for one in urgent if one.held]
    return calibrated(arrays_of(mean_of(learnt)), kinds, validation, terms, held, encoder)


def calibrated(
    arrays: Mapping[str, NDArray[np.float16]],
    kinds: Sequence[str],
    validation: Sequence[Example],
    terms: Sequence[str],
    held: Sequence[Urgent],
    encoder: Reads,
) -> Weights:
    """A network as it is shipped, with what its scores say of messages and the thresholds."""
    network = load_network(encoder.upper_layers(), arrays)
    weights = Weights(
        arrays, np.zeros(8), np.frombuffer("\n".join(sorted(terms)).encode(), np.uint8)
    )
    odds = _odds(network, [one.text for one in validation], encoder)
    rows = np.stack(
        [weights.row(one.text, part[:, 0]) for one, part in zip(validation, odds, strict=True)]
    )
    message = _joined(rows, np.array([one.medical for one in validation]))
    probability = 1 / (1 + np.exp(-(rows @ message[:-1] + message[-1])))
    threshold, found = _threshold(probability, validation)
    of_held = _odds(network, [one.text for one in held], encoder)
    card: dict[str, Any] = {
        "format": FORMAT,
        "threshold": threshold,
        "validation": found,
        "urgent": card_of(kinds, validation, odds, held, of_held),
    }
    return Weights(arrays, message, weights.terms, card)


def _lessons(
    train: Sequence[Example], urgent: Sequence[Urgent], kinds: Sequence[str], encoder: Reads
) -> list[Lesson]:
    """Each text with what is known of it."""
    none = kinds.index(NONE)
    told: list[tuple[str, bool | None, int | None]] = []
    single = [one for one in train if one.kind in WHOLE or len(units(one.text)) == 1]
    for count, one in enumerate(single):
        quiet = one.kind in QUIET or (count % NOT_URGENT == 0 and one.kind not in NOT_ORDINARY)
        quiet = quiet and emergency(one.text) is None
        texts = [one.text]
        if one.kind in FORMS:
            texts += [hasty(one.text), misspelt(one.text)]
        told += [(text, one.medical, none if quiet else None) for text in dict.fromkeys(texts)]
        if one.kind == "long" and quiet:
            told += [(part, None, none) for part in units(one.text)[1:]]
    for each in urgent:
        urgently = None if each.kind in (NONE, GREETING) else True
        told.append((each.text, urgently, kinds.index(each.kind)))
    states = encoder.states([text for text, _, _ in told])
    return [
        Lesson(one, medical, kind) for one, (_, medical, kind) in zip(states, told, strict=True)
    ]


def _odds(network: Any, texts: Sequence[str], encoder: Reads) -> list[Doubles]:
    """The outputs for the pieces of each text."""
    if not texts:
        return []
    pieces = [units(text) for text in texts]
    flat = outputs(network, encoder.states([piece for each in pieces for piece in each]))
    return np.split(flat, np.cumsum([len(each) for each in pieces])[:-1])


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
    """The highest threshold that keeps to the aims, and the errors by kind there."""
    kinds = np.array([one.kind for one in validation])
    medical = np.array([one.medical for one in validation])
    highest = [
        float(np.quantile(probability[here], most))
        for group, most in REFUSED
        if (here := medical & np.isin(kinds, group)).sum() >= FEWEST
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
