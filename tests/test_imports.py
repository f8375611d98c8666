"""Who may know whom: the shape of the package, read from its source.

A stage that reaches into another, or an engine that knows a recipe, is how a code base of parts
becomes one that cannot be taken apart. And a test row that training could open is the end of
every verdict.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import osler

PACKAGE = Path(osler.__file__).parent

LEVELS: list[set[str]] = [
    {"__main__", "__init__"},
    {"cli"},
    {"cli_compare"},
    {"cli_arguments", "cli_serve", "cli_records", "cli_index", "cli_feedback", "cli_scope"},
    {"commands"},
    {"pipeline", "checks"},
    {"stages", "outcome", "runs"},
    {"data", "train", "evaluate", "export", "serve"},
    {"tasks"},
    {"summaries"},
    {"retrieve"},
    {"engine", "records", "documents"},
    {"model", "template", "rows", "run", "disk", "recipe", "recipe_file", "recipe_section",
     "recipe_sources", "recipe_train", "recipe_yaml", "memory", "progress", "ranks", "crew",
     "drawing", "pages", "encoder", "prompts", "errors"},
]  # fmt: skip
"""Parts of the package from the outside in. A part uses those below it; those of the last line
may use one another. `checks` looks ahead at every stage, so it stands above them."""

ACROSS = {("evaluate", "osler.serve.generate"), ("export", "osler.serve.generate")}
"""What a stage may use of another: answers are made in one place."""

TEST_ROWS_ARE_NAMED_IN = {"osler.data.prepare", "osler.evaluate.suite", "osler.run"}
"""One makes them and keeps them apart, one examines with them, one lets the others do without."""

SPLIT_IS_A_VARIABLE_IN = {
    "osler.data.prepare",  # writes all of them
    "osler.data.sources",  # reads the embedded sets inside the package
    "osler.evaluate.store",  # not of the data: one file of answers a system
    "osler.export.card",  # train and validation
    "osler.export.compare",  # validation and train
    "osler.commands.show",  # refuses test rows: tests/test_cli.py
}
"""Modules that put a name of a .jsonl file together; whoever adds one shows what it opens."""


def module_name(path: Path) -> str:
    return ".".join(("osler", *path.relative_to(PACKAGE).with_suffix("").parts))


MODULES = {module_name(path): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}


def part(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def level(module: str) -> int:
    return next(n for n, parts in enumerate(LEVELS) if part(module) in parts)


def strings(tree: ast.Module) -> Iterator[str]:
    """Every string of the code that is not a docstring."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def imported(tree: ast.Module) -> Iterator[str]:
    """Modules of ours that a module imports, or names in a table such as `osler.data.x:read`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] == "osler")
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, "imports are absolute"
            below = [f"{node.module}.{name.name}" for name in node.names]
            if node.module.split(".")[0] == "osler":
                yield from (name if name in MODULES else node.module for name in below)
    for text in strings(tree):
        if re.fullmatch(r"osler(\.\w+)+(:\w+)?", text) and text.split(":")[0] in MODULES:
            yield text.split(":")[0]


EDGES = sorted({(name, other) for name, tree in MODULES.items() for other in imported(tree)})


def test_the_source_was_read() -> None:
    assert ("osler.evaluate.systems", "osler.serve.generate") in EDGES
    assert ("osler.stages", "osler.train.sft") in EDGES  # by a table
    assert ("osler.cli", "osler.commands.explain") in EDGES  # inside a function
    assert len(EDGES) > 150


def test_every_part_has_its_place() -> None:
    assert {part(name) for name in MODULES} == set.union(*LEVELS)


@pytest.mark.parametrize("of", sorted(set.union(*LEVELS)))
def test_a_part_uses_only_what_is_below_it(of: str) -> None:
    wrong = [
        f"{module} uses {other}"
        for module, other in EDGES
        if part(module) == of
        and part(other) != of
        and level(other) <= level(module) < len(LEVELS) - 1
        and (of, other) not in ACROSS
    ]
    wrong += [
        f"{module} uses {other}"
        for module, other in EDGES
        if part(module) == of and level(other) < level(module) == len(LEVELS) - 1
    ]
    assert wrong == []


def test_the_engine_knows_models_and_nothing_of_recipes_rows_or_trainers() -> None:
    used = {part(other) for module, other in EDGES if part(module) == "engine"}
    assert used <= {"engine", "errors"}
    trees = [tree for module, tree in MODULES.items() if part(module) == "engine"]
    assert not {"trl", "transformers.Trainer"} & {name for tree in trees for name in others(tree)}


def others(tree: ast.Module) -> Iterator[str]:
    """What a module imports of other packages: the package, and `package.name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.split(".")[0]
            yield from (f"{node.module.split('.')[0]}.{name.name}" for name in node.names)


# -- test rows ---------------------------------------------------------------------------------


def test_test_rows_are_named_where_they_are_made_and_where_they_examine() -> None:
    named = {m for m, tree in MODULES.items() if any("test.jsonl" in s for s in strings(tree))}
    assert named == TEST_ROWS_ARE_NAMED_IN


def test_nobody_else_could_open_test_rows_by_a_name_put_together() -> None:
    found = {name for name, tree in MODULES.items() if any(map(_names_a_split, ast.walk(tree)))}
    assert found == SPLIT_IS_A_VARIABLE_IN
    for module in ("osler.export.card", "osler.export.compare"):
        assert "test" not in set(strings(MODULES[module]))


def _names_a_split(node: ast.AST) -> bool:
    """True for f"{split}.jsonl" and for what builds the same by +, % or format."""
    if isinstance(node, ast.JoinedStr):
        ends = node.values[-1]
        variable = len(node.values) > 1 and isinstance(node.values[-2], ast.FormattedValue)
        return variable and isinstance(ends, ast.Constant) and ends.value == ".jsonl"
    return isinstance(node, ast.Constant) and node.value in ("%s.jsonl", "{}.jsonl")
