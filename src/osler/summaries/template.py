"""The template of a summary: its sections in order, from a file that a clinic edits."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from osler.disk import text_digest
from osler.errors import RecipeError
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

    @model_validator(mode="after")
    def _parts_known(self) -> Self:
        unknown = [name for name in self.parts if name not in PARTS]
        if unknown:
            raise ValueError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
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


def load_template(path: Path | None = None) -> Template:
    """The template of a file, or the shipped one. Raises RecipeError that names the place."""
    try:
        text = path.read_text("utf-8") if path else shipped_text()
        return Template.model_validate(yaml.safe_load(text))
    except OSError:
        raise RecipeError(f"{path}: no such template.", "Give a file of sections.") from None
    except UnicodeDecodeError:
        raise RecipeError(f"{path}: not UTF-8.", "Save it as UTF-8.") from None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise RecipeError(
            f"{place}: not YAML.", "Mend the line, or copy the shipped one."
        ) from None
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"{path}: {where}: {first['msg']}.", "Correct the template.") from None
