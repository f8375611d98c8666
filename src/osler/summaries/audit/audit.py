"""The whole audit of a summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from osler.summaries.audit import rest, structure
from osler.summaries.audit.claims import claims
from osler.summaries.audit.evidence import CURRENT, Evidence, Ledger
from osler.summaries.audit.result import CLASSES, Audit, Claim, Finding, Omission, Sentence
from osler.summaries.audit.sentences import Context, context_of, split_line, spoken
from osler.summaries.template import EMPTY, Section, Template
from osler.summaries.text import Written

LONGEST = 10_000
"""Characters of a sentence. What is longer is none, and would take minutes: every thing in it is
weighed against every other."""
UNREAD = f"a sentence of over {LONGEST:,} characters: nothing in it was held against the record"
PART_CONTEXT: dict[tuple[str, ...], Context] = {
    ("conditions",): Context("condition", CURRENT), ("medicines",): Context("medicine", CURRENT),
    ("allergies",): Context("allergy", CURRENT), ("immunizations",): Context("immunization"),
    ("care_plans",): Context("care plan"), ("procedures",): Context("procedure"),
    ("encounters",): Context("encounter"), ("county",): Context("county"),
    ("care_plans", "past_care_plans"): Context("care plan"),
}  # fmt: skip
"""Parts of a section -> what its sentences are about, unless they say otherwise."""


def audit(sections: Sequence[Written], ledger: Ledger, template: Template | None) -> Audit:
    """Every sentence held against the record, and everything that must be told looked for.

    `template`: the sections that there must be; None for a text of any headings, or of none.
    """
    sentences = tuple(_sentences(sections, ledger, template))
    of_template = (
        [*structure.findings(sections, template), *_emptiness(sections, ledger, template)]
        if template
        else []
    )
    found = [
        *of_template,
        *structure.of_sentences(sentences),
        *(f for sentence in sentences for f in _wrong(sentence)),
    ]
    must = [item for item in ledger.items if item.must]
    told = told_in(sentences)
    missing = tuple(
        Omission(item.kind, item.name, item.ids) for item in must if not told.intersection(item.ids)
    )
    return Audit(sentences, tuple(found), missing, dict(Counter(item.kind for item in must)))


def told_in(sentences: Iterable[Sentence], title: str = "") -> set[str]:
    """Entries that are told of, as something that is so; of one section, or of all."""
    some = (s for s in sentences if not title or s.section == title)
    return {id for s in some for c in s.claims if c.tells and not c.wrong for id in c.ids}


def _sentences(
    sections: Sequence[Written], ledger: Ledger, template: Template | None
) -> Iterator[Sentence]:
    number = 0
    for written in sections:
        section = template.section(written.title) if template else None
        default = context_of(written.title)
        if section:
            default = PART_CONTEXT.get(section.parts, Context())
        if written.text.strip() == EMPTY:
            number += 1
            yield Sentence(written.title, number, EMPTY)
            continue
        before: list[Claim] = []
        for one in spoken(written.text, default):
            number += 1
            if len(one.text) > LONGEST:
                unread = Claim("section", 0, len(one.text), (), UNREAD)
                yield Sentence(written.title, number, one.text, (unread,))
                continue
            found = rest.claims(one, before, ledger) or claims(one, ledger)
            before += found
            yield Sentence(written.title, number, one.text, found)


def _wrong(sentence: Sentence) -> Iterator[Finding]:
    for claim in sentence.claims:
        if claim.wrong:
            yield Finding(
                claim.kind, CLASSES[claim.kind], sentence.section, claim.wrong, sentence.number,
                sentence.text, claim.ids,
            )  # fmt: skip


_BESIDE = (
    r"known|recorded|documented|reported|noted|listed|available|found|given|stated|specified|"
    r"provided|identified|present|on file|on record|at this time|at present|currently|so far|to "
    r"report|to add|to note|of note|of significance|significant|relevant|applicable|that is known"
)
NOTHING_SAID = re.compile(
    rf"(?i)^\W*(?:(?:there (?:is|are|was|were)|the record (?:has|holds|shows)|records? shows?)\s+)?"
    rf"(?:none|nil|nothing|not|no(?:t any)?|n/?a|n\.a|unknown|empty|blank|zero|0|tbd|void)?"
    rf"(?:\s+(?:{_BESIDE}|data|information|details?|entries|entry|records?|history|findings?|"
    rf"items?|"
    rf"content|issues?|problems?|active|current|is|are|was|were|has been|have been|in the record|"
    rf"for this (?:section|patient)|here|or|and))*\W*$"
)
"""A sentence by which a section says that there is nothing."""
UNREMARKABLE = re.compile(
    r"(?i)^\W*(?:(?:completely|entirely|otherwise|all)\s+)*(?:unremarkable|non-?contributory|"
    r"negative|insignificant)\W*$"
)
"""One that says so of a history, and of values that they are normal."""
MEASURED = ("labs", "vitals", "scores")


def _is_empty(section: Section, text: str) -> bool:
    """Whether a section begins with a sentence that says that nothing is there."""
    _, first = split_line(text.strip().splitlines()[0]) if text.strip() else ("", [])
    said = first[0] if first else text.strip()
    if not said:
        return bool(text.strip())  # a bare dash
    if UNREMARKABLE.match(said):
        return not set(section.parts).intersection(MEASURED)
    return NOTHING_SAID.match(said) is not None


def _emptiness(
    sections: Sequence[Written], ledger: Ledger, template: Template
) -> Iterator[Finding]:
    """Sections that say nothing is recorded, where something is."""
    for written in sections:
        section = template.section(written.title)
        if section is None or not written.text.strip() or not _is_empty(section, written.text):
            continue
        there = _there(section, ledger)
        if there:
            ids = tuple(item.ids[0] for item in there[:12])
            yield Finding(
                "negation", CLASSES["negation"], section.title,
                "says that nothing is recorded, and something is", ids=ids,
            )  # fmt: skip


def _there(section: Section, ledger: Ledger) -> list[Evidence]:
    return [item for part in section.parts for item in ledger.of_part(part)]
