from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    low: float | None
    high: float | None
    unit: str
    source: str


def age_days(a, b):
    return (b - a).days


def reference_for(o, s, d):
    if o.code.value in ("2160-0", "38483-4"):
        return Reference(0.6, 1.2, "mg/dL", "x")


def flag(o, r):
    v = o.value.value
    return "low" if r.low and v < r.low else "high" if r.high and v > r.high else ""
