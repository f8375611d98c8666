"""From which share of an emergency on a message is taken for one, and what that misses.

Beside the rules a network shares each message out among the kinds of emergencies and none: as a
whole, for of the sentences of a long one some sound like an emergency by themselves. Its thresholds
are chosen on validation messages; a part of the lines of urgent.txt is never learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.serve.scope.emergency import emergency
from osler.serve.scope.examples import Example
from osler.serve.scope.network import Doubles
from osler.serve.scope.urgent_examples import Urgent
from osler.serve.scope.weights import GREETING, NONE, is_calm, urgent_shares

ALARMS = 0.02, 0.05
"""Share of ordinary validation messages, of one sentence and `WHOLE` ones, that may be taken for an
emergency. Patients' own words are left out, for some tell of one."""
ALARMS_ELSEWHERE = 0.01, 0.02
"""The same of messages that are not about health, where urgent advice helps nobody."""
WHOLE = ("raw", "long")
"""Kinds of messages of several sentences that are learnt from as a whole."""
LOWEST, HIGHEST = 0.05, 0.5
"""Between these the thresholds are: an emergency missed costs more than a line of advice too many,
over an answer that is given all the same, and what is more likely than not one is one."""
DOUBTS = 0.01
"""Share of the validation messages that are not medical which get urgent advice and no refusal."""
LEAST = 0.01
"""From less, nothing is taken for an emergency, however few messages are."""


def card_of(
    kinds: Sequence[str],
    validation: Sequence[Example],
    odds: Sequence[Doubles],
    held: Sequence[Urgent],
    of_held: Sequence[Doubles],
) -> dict[str, Any]:
    """Thresholds, and how many were missed and how many false alarms there were on lines left out,
    rules and network together."""
    calm = is_calm(kinds)
    share, several = _shares(odds, calm)
    quiet = np.array([not emergency(one.text) for one in validation], bool)
    others = quiet & np.array([not one.medical for one in validation], bool)
    quiet &= np.array([one.kind != "speech" for one in validation], bool)
    long = np.array([one.kind in WHOLE for one in validation], bool)
    thresholds = [
        _threshold(share, some, others, ordinary, elsewhere)
        for some, ordinary, elsewhere in zip(
            (quiet & ~several, quiet & long), ALARMS, ALARMS_ELSEWHERE, strict=True
        )
    ]
    doubt = min(*thresholds, max(LEAST, _quantile(share[others], 1 - DOUBTS)))
    share, several = _shares(of_held, calm)
    ruled = np.array([emergency(one.text) is not None for one in held], bool)
    taken = ruled | (share >= np.where(several, thresholds[1], thresholds[0]))
    real = np.array([one.kind not in (NONE, GREETING) for one in held], bool)
    return {
        "kinds": list(kinds),
        "threshold": round(thresholds[0], 4),
        "threshold of several sentences": round(thresholds[1], 4),
        "doubt": round(doubt, 4),
        "left out, emergencies": {"n": int(real.sum()), "missed": int((real & ~taken).sum())},
        "left out, near misses": {"n": int((~real).sum()), "taken": int((~real & taken).sum())},
    }


def _threshold(
    share: Doubles,
    some: NDArray[np.bool_],
    others: NDArray[np.bool_],
    most: float,
    elsewhere: float,
) -> float:
    """That keeps to the aims on some of the messages and on those of them not about health."""
    found = max(_quantile(share[some], 1 - most), _quantile(share[some & others], 1 - elsewhere))
    return float(np.clip(found, LOWEST, HIGHEST))


def _quantile(share: Doubles, at: float) -> float:
    return float(np.quantile(share, at)) if len(share) else 0.0


def _shares(odds: Sequence[Doubles], calm: NDArray[np.bool_]) -> tuple[Doubles, NDArray[np.bool_]]:
    """How likely each message tells of an emergency, as a whole; and whether it has several
    sentences."""
    whole = np.array([urgent_shares(each[:1, 1:])[0, ~calm].sum() for each in odds])
    return whole, np.array([len(each) > 1 for each in odds], bool)
