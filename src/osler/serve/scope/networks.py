"""Small networks of scikit-learn, several side by side as one."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from osler.serve.scope.features import Floats


def networks(
    x: Floats, y: Any, hidden: int, decay: float, passes: int, seeds: int
) -> dict[str, Floats]:
    """Networks of one hidden layer from different beginnings, joined into one whose output is their
    mean: what one of them happens to see in a rare message the others do not."""
    from sklearn.neural_network import MLPClassifier

    found: list[Any] = []
    for seed in range(seeds):
        model = MLPClassifier((hidden,), alpha=decay, max_iter=passes, random_state=seed)
        with warnings.catch_warnings():  # the number of passes is chosen; that it was reached
            warnings.simplefilter("ignore")  # says nothing
            found.append(model.fit(x, y))
    arrays = {
        "hidden": np.hstack([model.coefs_[0] for model in found]),
        "hidden_bias": np.concatenate([model.intercepts_[0] for model in found]),
        "out": np.vstack([model.coefs_[1] for model in found]) / seeds,
        "out_bias": np.mean([model.intercepts_[1] for model in found], axis=0),
    }
    return {name: np.round(array.astype(np.float32), 4) for name, array in arrays.items()}
