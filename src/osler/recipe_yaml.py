"""YAML as a recipe may use it: plain values, with the line of every key, and nothing clever."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml
from yaml.reader import Reader, ReaderError

DEEPEST = 40
"""Levels of nesting. The schema has six; more are possible only in a plugin's options."""

Location = tuple[str | int, ...]


class _Refused(yaml.MarkedYAMLError):
    """YAML that is valid and has no place in a recipe. `problem` says what, `note` the cure."""

    def __init__(self, problem: str, cure: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark, note=cure)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars: `2e-4` is a number, `no` and `12:30` are text.

    No anchors (they can make a small file endless), no tags, and nothing nested without bound.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            cure = "Write the value out where it is needed; put text that begins so in quotes."
            raise _Refused("anchors (&) and aliases (*) are not used here", cure, event.start_mark)
        if getattr(event, "tag", None) is not None:
            cure = "Write the value without it; put text that begins so in quotes."
            raise _Refused("tags (!) are not used here", cure, event.start_mark)
        if self.depth == DEEPEST:
            cure = "See `osler explain` for what a recipe holds."
            raise _Refused(f"more than {DEEPEST} levels of nesting", cure, event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in [
    ("tag:yaml.org,2002:bool", r"^(true|True|false|False)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(null|Null|~|)$", ["n", "N", "~", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^[-+]?([0-9]+\.[0-9]*|\.?[0-9]+)([eE][-+]?[0-9]+)?$|^[-+]?\.inf$|^\.nan$",
        "-+.0123456789",
    ),
]:
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    written = loader.construct_scalar(node)
    if len(written) > 18:  # more than 64 bits hold
        raise _Refused("a number too large for anything here", "Lower it.", node.start_mark)
    return int(written)


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    number = float(loader.construct_scalar(node).replace(".inf", "inf").replace(".nan", "nan"))
    if not math.isfinite(number):
        raise _Refused("infinity and NaN are no settings", "Give a number.", node.start_mark)
    return number


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    text = loader.construct_scalar(node)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _Refused("an escape that is no character", "Remove it.", node.start_mark)
    return text


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)
_Loader.add_constructor("tag:yaml.org,2002:str", _text)


def read_yaml(text: str) -> tuple[Any, dict[Location, int]]:
    """The values of a YAML text, and the line of every key. Raises `yaml.YAMLError`."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except (ValueError, OverflowError):  # of chr(), for an escape beyond Unicode
        raise _Refused("an escape that is no character", "Remove it.", loader.get_mark()) from None
    lines: dict[Location, int] = {}
    if node is None:
        return None, lines
    _collect_lines(node, (), lines)
    return loader.construct_document(node), lines


def line_of(fault: yaml.YAMLError, text: str) -> int | None:
    """The line a fault is on, where the reader knows it."""
    if isinstance(fault, ReaderError):
        found = Reader.NON_PRINTABLE.search(text)
        return text.count("\n", 0, found.start()) + 1 if found else None
    mark = getattr(fault, "problem_mark", None)
    return mark.line + 1 if mark else None


def problem_of(fault: yaml.YAMLError) -> str:
    """What is wrong, in a few words."""
    if isinstance(fault, ReaderError):
        return f"a character that is no text (U+{int(fault.character):04X})"
    problem = getattr(fault, "problem", None) or "cannot be read"
    return str(problem) if isinstance(fault, _Refused) else f"not valid YAML: {problem}"


def cure_of(fault: yaml.YAMLError, otherwise: str) -> str:
    """What to do about it."""
    return str(fault.note) if isinstance(fault, _Refused) else otherwise


def _collect_lines(node: yaml.Node, at: Location, lines: dict[Location, int]) -> None:
    """Line number of every key, and a refusal of keys given twice (YAML would take the last)."""
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, _key(key, at))
            if here in lines:
                raise _Refused(
                    f"{key_path(here)} is given twice (first on line {lines[here]})",
                    "Keep one of them.", key.start_mark,
                )  # fmt: skip
            lines[here] = key.start_mark.line + 1
            _collect_lines(value, here, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _collect_lines(value, (*at, index), lines)


def _key(key: yaml.Node, at: Location) -> str:
    if isinstance(key, yaml.ScalarNode) and key.tag == "tag:yaml.org,2002:str":
        return str(key.value)
    where = f" (in {key_path(at)})" if at else ""
    raise _Refused(f"a key that is not text{where}", "Put it in quotes.", key.start_mark)


def key_path(at: Location) -> str:
    """('data', 'sources', 0, 'path') -> 'data.sources[0].path'."""
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in at).lstrip(".")
