"""Templates into pages, and what both kinds of page say alike."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from osler.pages import environment
from osler.records.labels import capital
from osler.records.view import View
from osler.summaries.store import file_name

DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
FLAG = re.compile(r"\b(?:HIGH|LOW)\b")
DIGEST = 12
"""Characters of a digest that are shown."""


def page_name(patient: str) -> str:
    """The file of a patient's page, named like the summary's own."""
    return file_name(patient).removesuffix(".json") + ".html"


def name_of(seen: View) -> str:
    """The patient's name; of a record without one, the id."""
    who = seen.person
    return " ".join(filter(None, (who.given, who.family))) or who.id


def age_of(seen: View) -> str:
    """`61 years`; of who has died, when and at which age, as far as that is recorded."""
    if not seen.dead:
        return seen.age
    day = seen.person.death
    return f"died {day} at age {seen.age}" if day else "died, the day is not recorded"


def render(template: str, **context: Any) -> str:
    """A page with its style sheet, and the policy that names the digest of that.

    Content Security Policy Level 3 (https://www.w3.org/TR/CSP3/): nothing is loaded or run, and
    nothing but this style sheet has a say in how it looks. frame-ancestors has no effect in a
    page, so it is not there.
    """
    css = _css()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    # The style sheet is ours alone; escaping would change what is digested.
    page = _environment().get_template(template)
    return page.render(css=Markup(css), policy=policy, **context)


@cache
def _css() -> str:
    return _environment().get_template("style.css.j2").render()


@cache
def _environment() -> Environment:
    made = environment(Path(__file__).parent)
    filters: dict[str, Any] = {
        "short": short, "moment": moment, "many": many, "capital": capital, "days": days,
        "flags": flags,
    }  # fmt: skip
    made.filters.update(filters)
    return made


def days(text: str) -> Markup:
    """Text in which a line does not end within a day."""
    return Markup(DAY.sub(r'<span class="day">\g<0></span>', str(escape(text))))


def flags(text: str) -> Markup:
    """As `days`; what is called HIGH or LOW stands out."""
    return Markup(FLAG.sub(r'<b class="flag">\g<0></b>', str(days(text))))


def short(digest: str) -> str:
    """The beginning of a digest, enough to tell two apart."""
    return digest[:DIGEST]


def moment(text: str) -> str:
    """An ISO 8601 moment as people read it; what is none stays as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at.astimezone(UTC) if at.tzinfo else at:%Y-%m-%d %H:%M} UTC"


def many(count: int, one: str, more: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
