"""A summary written from the record by rule.

It costs nothing, says only what is recorded, and is the control that a model has to beat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from osler.records.render import Line, Part, whole
from osler.summaries.audit import rest
from osler.summaries.template import EMPTY, Section, Template
from osler.summaries.text import Written


def draft(parts: Sequence[Part], template: Template) -> tuple[Written, ...]:
    """Every section of the template, from the parts that feed it, for a person to read: with the
    numbers of what is not listed."""
    by_name = {part.name: part for part in parts}
    return tuple(Written(s.title, write(s, by_name, counts=True)) for s in template.sections)


def counted(section: Section) -> list[str]:
    """The parts of which a section may leave some untold, and says how many."""
    return [name for name in section.parts if name in rest.COUNTED and section.form == "list"]


def write(section: Section, parts: Mapping[str, Part], *, counts: bool = False) -> str:
    """One section; EMPTY where nothing is recorded for it. `counts`: with how many things it
    leaves untold, which no model is taught to tell."""
    fed = [parts[name] for name in section.parts if name in parts]
    if not any(part.lines for part in fed):
        return EMPTY
    lines = FORMS[section.form](section, fed)
    return "\n".join(line for line in lines if counts or not rest.counts(line))


def _overview(section: Section, fed: Sequence[Part]) -> Iterator[str]:
    """Sentences: who it is, and what must not be missed."""
    for part in fed:
        texts = [line.short or line.text for line in _chosen(part, section.lines)]
        if part.name == "person":
            yield f"{texts[0]}."
        elif part.name in MEASURED:
            out = [line.short or line.text for line in part.lines if line.flagged]
            many = f"{MEASURED[part.name]}s"
            yield f"Latest {many} out of range: {'; '.join(out)}." if out else _none_out(part)
        else:
            yield f"{part.title}: {'; '.join(texts) if texts else 'none recorded'}."


MEASURED = {"labs": "lab", "vitals": "vital sign"}
"""Parts with values that can be out of range, and what one of them is called."""


def _none_out(part: Part) -> str:
    """What is said where none is out of range; nothing reassuring where none has a range."""
    if not part.lines:
        return f"{part.title}: none recorded."
    one = MEASURED[part.name]
    if not any("(reference " in line.text for line in part.lines):
        return f"No {one} with a reference range is recorded."
    return f"No latest {one} with a reference range is out of it."


def _list(section: Section, fed: Sequence[Part]) -> Iterator[str]:
    """Each part under its title, where a section has several."""
    for part in fed:
        if len(fed) > 1:
            yield f"{part.title}:" if part.lines else f"{part.title}: none recorded."
        chosen = list(_chosen(part, section.lines))
        told = (whole(line) if line.rank == 0 or len(fed) < 3 else line.text for line in chosen)
        if part.name == "notes":  # that there is one: no rule can tell what matters in it
            told = (line.short for line in chosen)
        yield from (f"- {text}." for text in dict.fromkeys(told))  # two codes may have one name
        if part.name in rest.COUNTED and len(chosen) < len(part.lines):
            left = len(part.lines) - len(chosen)
            yield rest.line(part.name, left, well=part.name in MEASURED)


def _preparation(section: Section, fed: Sequence[Part]) -> Iterator[str]:
    """What to look at, one thing a line."""
    for part in fed:
        if part.name in MEASURED:
            chosen = [line for line in part.lines if line.flagged]
        elif part.name == "social":  # findings; answers are for the section that lists them
            chosen = [line for line in part.lines if line.rank == 0]
        else:
            chosen = list(_chosen(part, section.lines))
        lead = LEADS.get(part.name, "Note")
        yield from (f"- {lead}: {line.short or line.text}." for line in chosen)
        if not chosen and part.name != "social":
            said = _none_out(part) if part.name in MEASURED else f"{part.title}: none recorded."
            yield f"- {said}"


LEADS = {
    "labs": "Look at", "vitals": "Look at", "medicines": "Review", "allergies": "Keep in mind",
    "care_plans": "Follow up", "social": "Ask about",
}  # fmt: skip


def _chosen(part: Part, most: int) -> Iterable[Line]:
    """The first lines, and every one that must never be left out, is out of range, or tells that
    something was found."""
    kept = 0
    for line in part.lines:
        if line.rank == 0 or line.flagged or line.found or kept < most:
            kept += 1
            yield line


FORMS = {"overview": _overview, "list": _list, "preparation": _preparation}
