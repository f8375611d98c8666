"""What all sections of a recipe have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo
from typing_extensions import get_type_hints, is_typeddict

RULES = ConfigDict(
    extra="forbid",
    frozen=True,
    strict=True,
    allow_inf_nan=False,
    use_attribute_docstrings=True,
)
"""Unknown keys are refused, values never change once read, and no number is infinite or NaN."""


class Section(BaseModel):
    """Base of all sections."""

    model_config = RULES


def is_section(annotation: Any) -> bool:
    """True for a section, whether a model or (where other code wants a dict) a typed dict."""
    return is_typeddict(annotation) or (
        isinstance(annotation, type) and issubclass(annotation, BaseModel)
    )


def fields_of(section: Any) -> dict[str, FieldInfo]:
    """The keys of a section with type, bounds and documentation; empty for anything else."""
    if not is_section(section):
        return {}
    if not is_typeddict(section):
        return section.model_fields
    told = TypeAdapter(section).json_schema()["properties"]
    fields: dict[str, FieldInfo] = {}
    for name, hint in get_type_hints(section, include_extras=True).items():
        fields[name] = FieldInfo.from_annotation(hint)
        fields[name].description = told[name].get("description")
    return fields
