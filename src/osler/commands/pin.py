"""`osler pin`: put the commit of each Hub model and data set into a recipe file.

The file's text is changed only where a revision goes; comments and layout stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from osler.commands.environment import set_environment
from osler.disk import atomic_writer
from osler.errors import RecipeError, UserError
from osler.recipe import HEX40, is_hub_id

Lookup = Callable[[str, str], str]
"""From kind (`model`, `dataset`) and id to the commit."""


@dataclass(frozen=True)
class Unpinned:
    """A Hub id in a recipe's text. `revision` is the span of a value that is no commit."""

    kind: str
    id: str
    value: yaml.ScalarNode
    in_braces: bool
    revision: yaml.ScalarNode | None


def pin_file(path: Path, lookup: Lookup | None = None) -> str:
    """Fill in the commits. Returns what was done; raises `UserError` without a network."""
    if not path.is_file():
        raise RecipeError(
            f"{path}: no such file.", f"A shipped recipe is copied first: osler copy {path} my.yaml"
        )
    text = path.read_text(encoding="utf-8")
    missing = list(unpinned(text, path))
    if not missing:
        return f"{path}: nothing to pin."
    if lookup is None:
        set_environment(network=True)
        lookup = ask_hub
    commits = [lookup(each.kind, each.id) for each in missing]
    with atomic_writer(path) as out:
        out.write(pinned_text(text, list(zip(missing, commits, strict=True))))
    lines = [f"{each.id} at {commit}" for each, commit in zip(missing, commits, strict=True)]
    return "\n".join([*lines, f"Written: {path}"])


def unpinned(text: str, path: Path) -> Iterator[Unpinned]:
    """Hub ids in a recipe's text that have no commit of 40 hex digits."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise RecipeError(f"{path}: not valid YAML.", f"See: osler check {path}") from None
    if not isinstance(tree, yaml.MappingNode):
        raise RecipeError(f"{path}: not a recipe.", "See: osler copy quickstart my.yaml")
    if model := _mapping(tree, "model"):
        yield from _unpinned_in(model, "model")
    sources = _value(_mapping(tree, "data"), "sources")
    if isinstance(sources, yaml.SequenceNode):
        for source in sources.value:
            kind = _value(source, "type") if isinstance(source, yaml.MappingNode) else None
            if isinstance(kind, yaml.ScalarNode) and kind.value == "hub":
                yield from _unpinned_in(source, "dataset")


def _unpinned_in(section: yaml.MappingNode, kind: str) -> Iterator[Unpinned]:
    value, revision = _value(section, "id"), _value(section, "revision")
    if not isinstance(value, yaml.ScalarNode) or not is_hub_id(value.value):
        return
    if revision is not None and not isinstance(revision, yaml.ScalarNode):
        return
    if revision is None or not HEX40.fullmatch(revision.value):
        yield Unpinned(kind, value.value, value, bool(section.flow_style), revision)


def _mapping(node: yaml.Node | None, key: str) -> yaml.MappingNode | None:
    found = _value(node, key)
    return found if isinstance(found, yaml.MappingNode) else None


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def pinned_text(text: str, found: list[tuple[Unpinned, str]]) -> str:
    """The text with each commit in its place. Works from the end, so that places stay right."""
    for each, commit in sorted(found, key=lambda pair: -pair[0].value.start_mark.index):
        if each.revision is not None:
            start, end = each.revision.start_mark.index, each.revision.end_mark.index
            text = text[:start] + (commit if end > start else f" {commit}") + text[end:]
        elif each.in_braces:
            end = each.value.end_mark.index
            text = f"{text[:end]}, revision: {commit}{text[end:]}"
        else:
            text = _with_line_after(text, each, commit)
    return text


def _with_line_after(text: str, each: Unpinned, commit: str) -> str:
    """`revision:` on a line of its own under `id:`, as far in as that."""
    line_start = text.rfind("\n", 0, each.value.start_mark.index) + 1
    lead = text[line_start : each.value.start_mark.index]
    indent = " " * (lead.replace("-", " ", 1).find("id") if "id" in lead else 2)
    line_end = text.find("\n", each.value.end_mark.index)
    if line_end < 0:
        return f"{text}\n{indent}revision: {commit}\n"
    return f"{text[:line_end]}\n{indent}revision: {commit}{text[line_end:]}"


def ask_hub(kind: str, name: str) -> str:
    """The newest commit of a model or data set on the Hub."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        api = HfApi()
        info = api.model_info(name) if kind == "model" else api.dataset_info(name)
    except HfHubHTTPError as fault:
        raise UserError(
            f"{name}: the Hub knows no such {kind}, or not for you ({type(fault).__name__}).",
            "Check the spelling; for a gated one set HF_TOKEN.",
        ) from None
    except Exception as fault:  # its HTTP library has errors of its own, and changes
        raise UserError(
            f"{name}: the Hugging Face Hub cannot be reached ({type(fault).__name__}).",
            "Pinning needs a network; or copy the commit from the model's page by hand.",
        ) from None
    if not info.sha:
        raise UserError(f"{name}: the Hub names no commit.", "Copy it from the page by hand.")
    return str(info.sha)
