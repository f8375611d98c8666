"""What somebody must not be given, or not any more: the rules of a careful prescriber."""

from __future__ import annotations

from collections.abc import Callable

from osler.records.synthetic.life import Life
from osler.records.synthetic.tables import Drug

Rule = Callable[[Life], bool]

TOGETHER = ("antiplatelet", "cytotoxic", "analgesic", "antiretroviral", "anticonvulsant")
"""Classes of which more than one may be taken; of all others the stronger replaces the weaker."""


def egfr(life: Life) -> float:
    """The last estimate; what was never measured is taken to be well."""
    return life.last.get("egfr", 100)


def _carries(life: Life) -> bool:
    return life.pregnant is not None


def _kidneys_below(limit: float) -> Rule:
    return lambda life: egfr(life) < limit


def _with(*kinds: str) -> Rule:
    return lambda life: any(map(life.takes, kinds))


def _any(*rules: Rule) -> Rule:
    return lambda life: any(rule(life) for rule in rules)


def _sick(*keys: str) -> Rule:
    return lambda life: any(key in life.problems for key in keys)


def _allergic(*keys: str) -> Rule:
    return lambda life: any(key in life.allergies for key in keys)


def _older(limit: float) -> Rule:
    return lambda life: life.age >= limit


NEVER: dict[str, Rule] = {
    "biguanide": _kidneys_below(30),
    "sglt2": _any(_kidneys_below(20), _carries, _sick("diabetes-1")),
    "sulfonylurea": _any(_with("meal-insulin"), _carries, _kidneys_below(20)),
    "dpp4": _any(_carries, _with("glp1")),
    "glp1": _carries,
    "ace": _any(_carries, _allergic("lisinopril-allergen"), _with("arb", "arni")),
    "arb": _any(_carries, _with("ace", "arni")),
    "arni": _carries,
    "thiazide": _any(_sick("gout"), _kidneys_below(25)),
    "mra": _any(_kidneys_below(30), _carries, lambda life: life.last.get("potassium", 4) > 5.3),
    "statin": _carries,
    "warfarin": _any(_carries, _with("doac")),
    "doac": _any(_carries, _with("warfarin")),
    "nsaid": _any(
        _kidneys_below(60), _sick("heart-failure", "cirrhosis", "ckd-3", "ckd-4", "ckd-5", "esrd"),
        _with("warfarin", "doac"), _carries, _older(80),
        _allergic("aspirin-allergen", "ibuprofen-allergen"),
    ),
    "antiplatelet": _any(_allergic("aspirin-allergen"), _carries),
    "beta-blocker": _sick("asthma"),
    "bisphosphonate": _kidneys_below(35),
    "dmard": _any(_kidneys_below(30), _carries, _sick("cirrhosis")),
    "gabapentinoid": _carries,
    "anticonvulsant": lambda life: False,
    "tricyclic": _any(_older(70), _carries),
    "benzodiazepine": _any(_older(75), _sick("opioid-dependence", "alcoholism"), _carries),
    "opioid": _any(
        _sick("opioid-dependence"), _allergic("codeine-allergen"), lambda life: life.age < 14
    ),
    "stimulant": _carries,
    "contraceptive": _any(_carries, _sick("breast-cancer", "thrombosis", "embolism")),
    "reductase-inhibitor": lambda life: life.female,
    "colchicine": _kidneys_below(30),
}  # fmt: skip
"""Class -> when it must not be taken. What is taken and comes to this is stopped on a visit."""

NOT_BEGUN: dict[str, Rule] = {
    "biguanide": _kidneys_below(45),
    "sglt2": _kidneys_below(30),
    "penicillin": _allergic("penicillin-allergen", "amoxicillin-allergen"),
    "sulfonamide": _any(_allergic("sulfa-allergen"), _with("warfarin"), _carries),
    "nitrofuran": _any(_kidneys_below(45), lambda life: not life.female),
    "tetracycline": _any(_carries, lambda life: life.age < 9),
    "quinolone": _any(_carries, lambda life: life.age < 18),
    "ssri": _any(lambda life: life.age < 8, _with("snri")),
    "snri": _with("ssri"),
    "arb": lambda life: life.age < 16,
}
"""Class -> when it is not begun."""


def harmful(life: Life, drug: Drug) -> bool:
    """Whether a drug must not be given today."""
    rules = (NEVER.get(drug.kind), NOT_BEGUN.get(drug.kind))
    if drug.key == "aspirin-81" and (life.takes("doac") or life.takes("warfarin")):
        return True
    if drug.key in ("pill", "pill-tricyclen"):
        smokes = life.has("smoker") and life.age >= 35
        return smokes or bool(_sick("hypertension", "migraine", "stroke")(life))
    return any(rule is not None and rule(life) for rule in rules)


def no_longer(life: Life, drug: Drug) -> bool:
    """Whether a drug that is taken must be stopped."""
    rule = NEVER.get(drug.kind)
    return rule is not None and rule(life)
