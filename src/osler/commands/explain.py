"""`osler explain`: the documentation of every knob, taken from where the knob is declared."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from osler.errors import UserError
from osler.recipe import Recipe
from osler.recipe_section import fields_of, is_section

_TYPE_OF_SOURCE = re.compile(r"^(data\.sources)\.[a-z]+\.(?=.)")

_HEAD = """\
# The recipe

Made from the schema by `osler explain --markdown`; do not edit it by hand.

A recipe is one YAML file. Unknown keys are refused, every value can be set on the command line as
`key=value` (`osler run my.yaml train.learning_rate=1e-4 data.sources[0].limit=500`), and
`osler explain KEY` prints what is written here. Relative paths start from the recipe's folder.
"""


@dataclass(frozen=True)
class Knob:
    """One key of a recipe, with what a user must know to set it."""

    path: str
    kind: str
    default: str
    bounds: str
    text: str

    @property
    def section(self) -> str:
        """The path of the section it is in; empty for the recipe itself."""
        return self.path.rpartition(".")[0]


@dataclass(frozen=True)
class Part:
    """A section of the recipe and its knobs."""

    path: str
    text: str
    knobs: tuple[Knob, ...]


def parts() -> list[Part]:
    """All sections in the order of the schema, each before those within it, each once."""
    found = {part.path: part for part in _parts(Recipe, "")}
    return list(found.values())


def _parts(section: Any, path: str) -> Iterator[Part]:
    knobs: list[Knob] = []
    inner: list[tuple[Any, str]] = []
    for name, field in fields_of(section).items():
        at = f"{path}.{name}" if path else name
        knob = _knob(at, field)
        left_out = name in getattr(section, "__optional_keys__", ())  # of a typed dict
        knobs.append(replace(knob, default="") if left_out else knob)
        for model in _models(field.annotation):
            kind = _tag(model)
            # What several types of source have in common is told once, as data.sources.columns.
            inner.append((model, f"{at}.{kind}" if kind else _TYPE_OF_SOURCE.sub(r"\1.", at)))
    yield Part(path, _clean(section.__doc__ or ""), tuple(knobs))
    for model, at in inner:
        yield from _parts(model, at)


def _models(annotation: Any) -> list[Any]:
    """Sections within a field's type: itself, or the members of a list or union."""
    if is_section(annotation):
        return [annotation]
    return [model for each in get_args(annotation) for model in _models(each)]


def _tag(model: Any) -> str:
    """`csv` for a source of type csv; empty for a section that is no alternative of others."""
    field = fields_of(model).get("type")
    return str(get_args(field.annotation)[0]) if field else ""


def _knob(path: str, field: FieldInfo) -> Knob:
    models = _models(field.annotation)
    kind = "section" if models else _type_name(field.annotation)
    if len(models) > 1:
        kind = "list of " + ", ".join(_tag(model) for model in models)
    text = _clean(field.description or "")
    return Knob(path, kind, _default(field, bool(models)), _bounds(field), text)


def _type_name(annotation: Any) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(str(value) for value in inside)
    if origin in (Union, types.UnionType):
        return " or ".join(_type_name(each) for each in inside)
    if origin is list:
        return f"list of {_type_name(inside[0])}"
    if origin is dict:
        return "keys and values"
    names: dict[Any, str] = {
        str: "text", int: "integer", float: "number", bool: "true | false", type(None): "null",
    }  # fmt: skip
    return names.get(annotation, str(annotation))


def _default(field: FieldInfo, section: bool) -> str:
    if field.is_required():
        return "required"
    if section or field.default is PydanticUndefined:
        return ""
    value = field.default
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _bounds(field: FieldInfo) -> str:
    found: list[str] = []
    for rule in field.metadata:
        for kind, sign, name in (
            (annotated_types.Ge, "≥", "ge"),
            (annotated_types.Gt, ">", "gt"),
            (annotated_types.Le, "≤", "le"),
            (annotated_types.Lt, "<", "lt"),
        ):
            if isinstance(rule, kind):
                found.append(f"{sign} {getattr(rule, name)}")
        if isinstance(rule, annotated_types.MinLen):
            found.append(f"at least {rule.min_length}")
        if isinstance(rule, annotated_types.MaxLen):
            found.append(f"at most {rule.max_length}")
        if pattern := getattr(rule, "pattern", None):
            found.append(f"matches {pattern}")
    return ", ".join(found)


def _clean(text: str) -> str:
    return " ".join(text.split())


# -- printing ----------------------------------------------------------------------------------


def overview() -> str:
    """All sections with their keys."""
    lines = ["Sections of a recipe, and their keys (osler explain KEY):", ""]
    for part in parts():
        keys = ", ".join(k.path.rpartition(".")[2] for k in part.knobs if k.kind != "section")
        lines.append(f"{part.path or '(top)':<24} {keys}")
    return "\n".join(lines)


def explain(key: str) -> str:
    """The documentation of a key or section. Raises `UserError` with a near name."""
    known = parts()
    wanted = re.sub(r"\[[^\]]*\]", "", key).strip(".")
    wanted = re.sub(r"^data\.sources\.\w+\.columns", "data.sources.columns", wanted)
    for part in known:
        if wanted and wanted in (part.path, _TYPE_OF_SOURCE.sub(r"\1.", part.path)):
            return _section_text(part)
    knobs = _find(wanted, [knob for part in known for knob in part.knobs])
    if knobs:
        return "\n\n".join(_knob_text(alike) for alike in _alike(knobs))
    names = sorted({k.path for part in known for k in part.knobs})
    short = {name.rpartition(".")[2]: name for name in names}
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
    close = close or difflib.get_close_matches(wanted.rpartition(".")[2], list(short), 1, 0.6)
    hint = f"Did you mean '{short.get(close[0], close[0])}'? " if close else ""
    raise UserError(f"{key}: no such key.", f"{hint}`osler explain` lists all.")


def _find(wanted: str, knobs: list[Knob]) -> list[Knob]:
    """Knobs of that path; of that key in every type of source; or of that last name."""
    names = {
        knob.path: (knob.path, _TYPE_OF_SOURCE.sub(r"\1.", knob.path), knob.path.rpartition(".")[2])
        for knob in knobs
    }
    for kind in range(3):
        found = [knob for knob in knobs if names[knob.path][kind] == wanted]
        if found:
            return found
    return []


def _alike(knobs: list[Knob]) -> list[list[Knob]]:
    """Knobs that say the same, together."""
    found: dict[tuple[str, ...], list[Knob]] = {}
    for knob in knobs:
        found.setdefault((knob.kind, knob.default, knob.bounds, knob.text), []).append(knob)
    return list(found.values())


def _section_text(part: Part) -> str:
    lines = [f"{part.path}: {part.text}", ""]
    for knob in part.knobs:
        about = f"{knob.kind}{f', default {knob.default}' if knob.default else ''}"
        lines.append(f"  {knob.path.rpartition('.')[2]}  ({about})")
        lines.append(f"      {knob.text}")
    return "\n".join(lines)


def _knob_text(alike: list[Knob]) -> str:
    knob = alike[0]
    lines = [*(each.path for each in alike), f"  {knob.text}", f"  type     {knob.kind}"]
    if knob.default:
        lines.append(f"  default  {knob.default}")
    if knob.bounds:
        lines.append(f"  bounds   {knob.bounds}")
    return "\n".join(lines)


def markdown() -> str:
    """The whole of docs/recipe.md."""
    lines = [_HEAD]
    for part in parts():
        lines += [f"## {part.path or 'Top'}", "", part.text, ""]
        lines += ["| key | type | default | what it does |", "|---|---|---|---|"]
        for knob in part.knobs:
            kind = f"{knob.kind}{f' ({knob.bounds})' if knob.bounds else ''}".replace("|", "\\|")
            default = f"`{knob.default}`" if knob.default not in ("", "required") else knob.default
            text = knob.text.replace("|", "\\|")
            lines.append(f"| `{knob.path.rpartition('.')[2]}` | {kind} | {default} | {text} |")
        lines.append("")
    return "\n".join(lines)
