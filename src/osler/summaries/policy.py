"""What becomes of sentences that fail the audit, and of things that must be told and are not.

A section with a sentence that fails is written anew, a stated number of times; the best of its
versions is kept, and what still fails in it is taken out and listed. What must be told and is told
nowhere is then added by rule, from the record, under the title of its part, and listed too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from osler.records.render import Part
from osler.summaries import draft
from osler.summaries.audit import rest
from osler.summaries.audit.audit import audit, told_in
from osler.summaries.audit.evidence import Ledger
from osler.summaries.audit.result import Audit
from osler.summaries.audit.sentences import as_said, split_line
from osler.summaries.template import EMPTY, Section, Template
from osler.summaries.text import Written

NOTHING = re.compile(
    r"(?i)\W*(?:none|nil|nothing|not|no (?:data|information|entries|records?)|n/?a)"
    r"(?: (?:is|are|was|were|has been|have been))?"
    r"(?: (?:recorded|documented|known|noted|reported|listed|available|applicable"
    r"|on (?:file|record)|to (?:report|note|record)|at this time|in the record))*\W*"
)
"""A section that says there is nothing, and no more."""


def says_nothing(text: str) -> bool:
    """Whether a section says only that nothing is recorded."""
    return NOTHING.fullmatch(text) is not None


def failing(found: Audit) -> dict[str, tuple[str, ...]]:
    """The sentences that something is wrong with, and what; "" stands for the section as a whole,
    where it says that nothing is recorded, and something is."""
    wrong: dict[str, list[str]] = {}
    for finding in found.findings:
        if finding.text or finding.kind == "negation":
            wrong.setdefault(finding.text, []).append(f"{finding.kind}: {finding.why}")
    return {text: tuple(dict.fromkeys(why)) for text, why in wrong.items()}


def alone(section: Section) -> Template:
    """A template of one section, to audit it by itself."""
    return Template(sections=(section,))


def audit_of(section: Section, text: str, ledger: Ledger) -> Audit:
    """The audit of one section."""
    return audit([Written(section.title, text)], ledger, alone(section))


def cleared(text: str, wrong: Mapping[str, Sequence[str]]) -> str:
    """A section's text without the sentences that something is wrong with; of one that is only said
    again, the first stays."""
    again = [one for one, why in wrong.items() if why and all(w.startswith(AGAIN) for w in why)]
    return without(text, wrong.keys() - set(again), again)


AGAIN = "repeat: as sentence "


def without(text: str, sentences: Iterable[str], again: Iterable[str] = ()) -> str:
    """A section's text without some of its sentences; EMPTY is not said where something was.

    `again`: those of which the first stays.
    """
    gone = set(sentences)
    said = dict.fromkeys(map(as_said, again), False)
    kept: list[str] = []
    for line in text.splitlines():
        mark, parts = split_line(line)
        staying: list[str] = []
        for part in parts:
            if part not in gone and not said.get(as_said(part)):
                staying.append(part)
            if as_said(part) in said:
                said[as_said(part)] = True
        if parts and not staying:
            continue
        kept.append(line if len(staying) == len(parts) else mark + " ".join(staying))
    return "\n".join(_without_bare_leads(kept)).strip()


def _without_bare_leads(lines: Sequence[str]) -> list[str]:
    """Without lines that announce what is no longer there."""
    kept: list[str] = []
    for place, line in enumerate(lines):
        after = next((other for other in lines[place + 1 :] if other.strip()), "")
        announces = line.rstrip().endswith(":") and not line.lstrip().startswith("-")
        if announces and (not after or after.rstrip().endswith(":")):
            continue
        kept.append(line)
    return kept


def lacking(found: Audit, ledger: Ledger, template: Template) -> dict[str, set[str]]:
    """By title, entries that must be told there: what is omitted everywhere; and what a list of all
    of its kind leaves out, for it looks complete, whatever other sections tell."""
    omitted = {id for omission in found.omissions for id in omission.ids}
    result: dict[str, set[str]] = {}
    for section in template.sections:
        told = told_in(found.sentences, section.title)
        listed = section.parts if section.form == "list" else ()
        must = [item for part in listed for item in ledger.of_part(part) if item.must]
        left = {id for item in must if not told.intersection(item.ids) for id in item.ids}
        result[section.title] = omitted | left
    return result


def completed(
    sections: Sequence[Written],
    missing: Mapping[str, Collection[str]],
    parts: Sequence[Part],
    template: Template,
) -> tuple[list[Written], list[Written]]:
    """Sections with what was left out, and what was added to each of them.

    `missing`: by title, the entries that must be told there.
    """
    added: dict[str, dict[str, list[str]]] = {}
    for part in parts:
        section = _home(part, template)
        if section is None or part.name == "person":
            continue
        left = set(missing.get(section.title, ()))
        lines = [f"- {line.text}." for line in part.lines if line.rank == 0 and left & {*line.ids}]
        if lines:
            added.setdefault(section.title, {})[f"{part.title}:"] = lines
    result = [Written(one.title, _filled(one.text, added.get(one.title, {}))) for one in sections]
    return result, [Written(title, _filled("", blocks)) for title, blocks in added.items()]


def uncounted(text: str) -> str:
    """A section's text without what it says of how many it leaves untold: that is counted."""
    said = [one for line in text.splitlines() for one in split_line(line)[1]]
    return without(text, filter(rest.REST.match, said))


def counted(
    sections: Sequence[Written], found: Audit, ledger: Ledger, template: Template
) -> list[Written]:
    """Sections with how many of each kind their lists leave untold: by rule, for models count
    badly. `found`: the audit of these sections."""
    result: list[Written] = []
    for one in sections:
        section = template.section(one.title)
        told = [c for s in found.sentences if s.section == one.title for c in s.claims]
        done = one.text.strip() == EMPTY or rest.counts(one.text)
        parts = [] if section is None or done else draft.counted(section)
        lines: list[str] = []
        for name in parts:
            left = rest.untold(name, told, ledger)
            if left:
                well = name in draft.MEASURED and not any(item.flag for item in left)
                lines.append(rest.line(name, rest.lines(left), well=well))
        result.append(Written(one.title, "\n".join([one.text, *lines])))
    return result


def _home(part: Part, template: Template) -> Section | None:
    """The section that lists a part."""
    fed = [s for s in template.sections if part.name in s.parts]
    return next((s for s in fed if s.form == "list"), fed[0] if fed else None)


def _filled(text: str, added: Mapping[str, Sequence[str]]) -> str:
    """A text with more lines, by title: below those that stand under that title already."""
    lines = [] if text.strip() in ("", EMPTY) and added else text.splitlines()
    for title, more in added.items():
        if title not in lines:
            lines += [title, *more]
            continue
        end = lines.index(title) + 1
        while end < len(lines) and lines[end].startswith("- "):
            end += 1
        lines[end:end] = more
    return "\n".join(lines)
