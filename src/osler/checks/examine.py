"""The examination: settings, then the model, then the rows; each needs the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from osler.checks.base_model import MODEL
from osler.checks.content import CONTENT
from osler.checks.course import COURSE
from osler.checks.finding import Finding, from_fault
from osler.checks.machine import Machine
from osler.checks.rendering import RENDERING
from osler.checks.settings import SETTINGS
from osler.checks.situation import Setup, WithModel, WithRows, look_at_model, look_at_rows
from osler.data.sources import read_source
from osler.errors import UserError
from osler.recipe_file import LoadedRecipe, load_recipe


@dataclass(frozen=True)
class Examined:
    """What was found, and how far the look went."""

    findings: list[Finding]
    model: WithModel | None = None
    rows: WithRows | None = None

    @property
    def passed(self) -> bool:
        """True without an error; warnings do not count."""
        return all(finding.severity != "error" for finding in self.findings)


def examine_file(path: str | Path, overrides: Sequence[str], machine: Machine) -> Examined:
    """Examine a recipe file; one that cannot be read is a finding too."""
    try:
        loaded = load_recipe(path, overrides)
    except UserError as fault:
        return Examined([from_fault("recipe", fault)])
    return examine(loaded, machine)


def _sources(setup: Setup) -> Iterator[Finding]:
    """Data that is not there either, where no row can be looked at for want of a model."""
    recipe = setup.recipe
    for index, source in enumerate(recipe.data.sources):
        try:
            next(read_source(source, index, setup.folder, objective=recipe.train.objective), None)
        except UserError as fault:
            yield from_fault("data", fault)


def examine(loaded: LoadedRecipe, machine: Machine) -> Examined:
    """Run every check that can be run. Writes nothing, loads no weights."""
    setup = Setup(loaded.recipe, loaded.folder, machine)
    findings = [finding for check in SETTINGS for finding in check(setup)]
    if any(f.name == "ranks" for f in findings):
        return Examined(findings)  # there is no such training to foretell
    try:
        model = look_at_model(setup)
    except UserError as fault:
        return Examined([*findings, from_fault("model", fault), *_sources(setup)])
    findings += [finding for check in MODEL for finding in check(model)]
    if any(f.place in ("model.id", "data.system") and f.severity == "error" for f in findings):
        return Examined(findings, model)  # rows cannot be rendered, or not as they should be
    try:
        rows = look_at_rows(model)
    except UserError as fault:
        return Examined([*findings, from_fault("data", fault)], model)
    for check in (*RENDERING, *CONTENT, *COURSE):
        findings += check(rows)
    return Examined(findings, model, rows)
