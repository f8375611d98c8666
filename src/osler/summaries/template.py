"""The template of a summary: its sections in order, from a file that a clinic edits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from osler.disk import text_digest
from osler.errors import RecipeError
from osler.recipe_yaml import Location, cure_of, line_of, problem_of, read_yaml
from osler.records.names import one_line
from osler.records.render import PARTS

EMPTY = "Not recorded."
"""What a section says whose parts of the record are empty."""


class Section(BaseModel):
    """One section: what belongs there, and what it is made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=80, pattern=r"^[^#\n]*[^#\n:]$")
    about: str = Field(min_length=1)
    parts: tuple[str, ...] = Field(min_length=1)
    required: bool = True
    form: Literal["overview", "list", "preparation"] = "list"
    lines: int = Field(default=8, ge=1)
    max_tokens: int = Field(default=320, ge=8)

    @field_validator("title", mode="before")
    @classmethod
    def _on_one_line(cls, title: object) -> object:
        """As a heading is read again: of blanks, one is told and those around it are not."""
        return re.sub(r"[ \t]+", " ", title).strip(" ") if isinstance(title, str) else title

    @model_validator(mode="after")
    def _parts_known(self) -> Self:
        unknown = [name for name in self.parts if name not in PARTS]
        if unknown:
            raise ValueError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
        twice = sorted({name for name in self.parts if self.parts.count(name) > 1})
        if twice:
            raise ValueError(f"the part {', '.join(twice)} is named twice")
        return self


class Template(BaseModel):
    """The sections in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sections: tuple[Section, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _titles_differ(self) -> Self:
        titles = [section.title.lower() for section in self.sections]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise ValueError(f"two sections are called {', '.join(twice)}")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of what it says."""
        return text_digest(self.model_dump_json())

    def section(self, title: str) -> Section | None:
        """The section of a heading, whatever its case."""
        wanted = " ".join(title.lower().split())
        return next((s for s in self.sections if s.title.lower() == wanted), None)


def shipped_text() -> str:
    """The shipped template, to be copied."""
    return resources.files("osler").joinpath("assets/summary/sections.yaml").read_text("utf-8")


NUMBERED = re.compile(r"\bsections\[(\d+)\]\.")
"""A section as the reader of YAML counts it, from 0."""


def load_template(path: Path | None = None) -> Template:
    """The template of a file, or the shipped one. Raises RecipeError that names the line."""
    name = str(path or "the shipped template")
    text = _text(path) if path else shipped_text()
    try:
        tree, lines = read_yaml(text)
    except yaml.YAMLError as fault:
        line = line_of(fault, text)
        cure = cure_of(fault, "Mend the line, or copy the shipped template.")
        where, what = f"{name}:{line}" if line else name, problem_of(fault)
        said = NUMBERED.sub(lambda found: f"section {int(found[1]) + 1}: ", what)
        raise RecipeError(f"{where}: {said}.", cure) from None
    try:
        return Template.model_validate(tree)
    except ValidationError as fault:
        told = [_in_words(error, tree, lines, name) for error in _own(fault)]
        raise RecipeError("\n".join(told), "Compare it with the shipped template.") from None


def _own(fault: ValidationError) -> list[Any]:
    """Its faults; but not that a list is too short for the faults of what is in it."""
    errors = fault.errors(include_url=False)
    within = {error["loc"][:1] for error in errors if len(error["loc"]) > 1}
    return [e for e in errors if e["type"] != "too_short" or e["loc"] not in within]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise RecipeError(f"{path}: no such template.", "Give a file of sections.") from None
    except OSError as fault:
        raise RecipeError(
            f"{path}: cannot be read ({fault.strerror}).", "Check the path and its permissions."
        ) from None
    except UnicodeDecodeError:
        raise RecipeError(f"{path}: not UTF-8.", "Save it as UTF-8.") from None


def _in_words(error: Any, tree: Any, lines: Mapping[Location, int], name: str) -> str:
    """One fault with its line, its section as people count, and what must be there instead."""
    at: Location = error["loc"]
    line = next((lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in lines), None)
    where, keys = [f"{name}:{line}" if line else name], at
    schema: type[BaseModel] = Template
    if len(at) > 1 and at[0] == "sections" and isinstance(at[1], int):
        section, keys = tree["sections"][at[1]], at[2:]
        schema = Section
        title = section.get("title") if isinstance(section, dict) else None
        called = f' ("{one_line(str(title))[:60]}")' if title else ""
        where.append(f"section {at[1] + 1}{called}")
    where += [str(key) for key in keys if isinstance(key, str)]
    return f"{': '.join(where)}: {_what(error, schema)}."


PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not known here; there are {known}",
    "string_pattern_mismatch": "must be one line without # and without a colon at its end",
    "string_too_short": "is empty",
    "too_short": "is empty",
    "string_too_long": "must be no longer than {max_length} characters",
    "string_type": "must be text: put it in quotes",
    "greater_than_equal": "must be {ge} or more",
    "literal_error": "must be {expected}",
    "tuple_type": "must be a list",
    "model_type": "must be keys and values",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}
"""pydantic's names of faults -> what is wrong, with its context filled in."""


def _what(error: Any, schema: type[BaseModel]) -> str:
    """What is wrong in plain words; the validators' own where there are no plainer ones."""
    if error["type"] in PLAIN:
        known = ", ".join(schema.model_fields)
        return PLAIN[error["type"]].format(known=known, **error.get("ctx", {}))
    return str(error["msg"]).removeprefix("Value error, ")
