"""What all pages for people share: how they are made from templates, and how they look.

A page is one HTML file that asks nothing of any network. What is put into it is text unless our
own code drew it: everything else is escaped.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SHARED = Path(__file__).parent / "assets" / "pages"
"""base.css: colours for light, dark and paper, letters, cards, tables, drawings."""


def environment(folder: Path) -> Environment:
    """Templates of a folder; they may include the shared ones."""
    return Environment(
        loader=FileSystemLoader([folder, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
