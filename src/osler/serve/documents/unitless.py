"""Values that are written without a unit: what they are if the unit is a usual one. By rule.

Nothing is judged by it, for another unit may be meant; it is told with its condition.
"""

from __future__ import annotations

from osler.records.ranges import flag, implausible, reference_for
from osler.serve.documents.known import ADULT, codes_of, labs, observed
from osler.serve.documents.limits import readings

USUAL = {
    "potassium": ("mmol/L",),
    "sodium": ("mmol/L",),
    "chloride": ("mmol/L",),
    "calcium": ("mg/dL", "mmol/L"),
    "creatinine": ("mg/dL", "µmol/L"),
    "glucose": ("mg/dL", "mmol/L"),
    "hemoglobin": ("g/dL", "g/L", "mmol/L"),
    "hematocrit": ("%",),
    "platelet count": ("10^9/L",),
    "white blood cell count": ("10^9/L",),
    "oxygen saturation": ("%",),
    "arterial ph": ("[pH]",),
    "body temperature": ("°C", "°F"),
}
"""In which units laboratories and wards tell a test; those that give one number (mEq/L and mmol/L)
are one."""


def if_usual(name: str, value: str) -> str:
    """`high if in mmol/L`; empty where one of the units in which the number is possible would put
    it elsewhere: 31 of glucose is low in mg/dL, high in mmol/L."""
    if name.strip(" :") == "pH":  # urine has one, too
        side = if_usual("arterial ph", value)
        return f"{side.partition(' ')[0]} if of blood" if side else ""
    keys, numbers = labs(name), set(readings(value).values())
    units = USUAL.get(keys[0].partition(":")[2], ()) if len(keys) == 1 else ()
    if not units or len(numbers) != 1:
        return ""
    (number,), code = numbers, codes_of(name)[0]
    sides = {unit: side for unit in units if (side := _side(code, number, unit)) is not None}
    side = next(iter(sides.values()), "")
    return f"{side} if in {' or '.join(sides)}" if side and len({*sides.values()}) == 1 else ""


def _side(code: str, number: float, unit: str) -> str | None:
    """low, high or within; None where the number cannot be in the unit."""
    seen = observed(code, number, unit)
    reference = reference_for(seen, "unknown", ADULT)
    return None if implausible(seen) or reference is None else flag(seen, reference)
