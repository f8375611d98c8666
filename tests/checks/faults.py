"""Every fault that `osler check` must find, for the tests and for `bench/seeded_faults.py`."""

from __future__ import annotations

import data_faults
import model_faults
import recipe_faults
from scene import Fault, faults_of

FAULTS: list[Fault] = [
    fault for module in (recipe_faults, model_faults, data_faults) for fault in faults_of(module)
]
