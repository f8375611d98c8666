"""Of what a clause speaks: the kind and status that it names, and the evidence that fits these."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osler.summaries.audit.denials import AVOIDED
from osler.summaries.audit.evidence import CURRENT, Evidence
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.sentences import Context

ALLERGIC = re.compile(
    r"(?i)\ballerg(?!ic (?:rhinit|conjunctiv|dermat|asthma|bronch|contact|angio))|"
    r"intoleran|hypersensitiv|anaphyla|\breacts? to\b"
)
OF_ALLERGY = re.compile(
    r"(?i)\ballerg(?:y|ies|ic) to\b|\bintoleran\w+ (?:to|of)\b|\bhypersensitiv\w+ to\b|"
    rf"{AVOIDED.pattern.removeprefix('(?i)')}|\bsensitiv(?:e|ity) to\b|"
    r"\b(?:documented|recorded|reported|known|confirmed) (?:[\w-]+ ){0,3}allergy\b|"
    r"^\W*(?:[\w-]+ ){1,3}allergy\W*$|"
    r"\breact(?:s|ed|ion) to\b|\b(?:a|an|the|her|his|their|known) (?:\w+ )?allergy\b|"
    r"\banaphyla\w+ (?:to|from|with)\b"
)
NEAR = 6
"""Words within which a status is said of a thing."""
HAS_STATUS = ("condition", "social", "medicine")
MOST_IDS = 12
"""Of entries that a claim is linked to."""
NOTHING = Claim("", 0, 0, ())


def at(
    clause: Clause,
    start: int,
    end: int,
    kind: str,
    ids: Iterable[str],
    wrong: str = "",
    *,
    tells: bool = False,
) -> Claim:
    """A claim at some characters of a clause."""
    span = (clause.offset + start, clause.offset + end)
    return Claim(kind, *span, tuple(ids)[:MOST_IDS], wrong, tells)


def context_of(clause: Clause) -> Context:
    """That of the lines above, or what the clause says of itself."""
    if clause.context.kind in ("medicine", "") and (
        OF_ALLERGY.search(clause.text) or clause.reacts
    ):
        return Context("allergy", CURRENT)
    if not clause.context.kind and (ALLERGIC.search(clause.text) or clause.reacts):
        return Context("allergy", CURRENT)
    return clause.context


def status_said(clause: Clause, one: Mention) -> str:
    """current or past, where the clause says so of a thing: the nearest words that do."""
    near = [
        (_apart(clause, min(one.end, end), max(one.start, start)), status)
        for start, end, status in clause.statuses
    ]
    distance, status = min(near, default=(NEAR + 1, ""))
    return status if distance <= NEAR else ""


def _apart(clause: Clause, after: int, before: int) -> int:
    """How many words stand between two places; those of dates do not count."""
    between = clause.words[after:before]
    return sum(not clause.in_date(word) for word in between)


def of_context(
    clause: Clause, one: Mention, items: list[Evidence], context: Context
) -> list[Evidence]:
    """The items that are of the kind and status of which the clause speaks."""
    wanted = items
    if context.kind and not one.modifier:
        of_kind = [item for item in items if item.kind == context.kind]
        names_one = {"medicine": "drug", "allergy": "allergen", "immunization": "vaccine"}
        if of_kind or names_one.get(context.kind, "") in one.kinds or _drug_in(one, context):
            wanted = of_kind
    status = status_said(clause, one) if not one.modifier else ""
    status = status or (context.status if not one.modifier else "")
    if not status:
        return wanted
    having = [item for item in wanted if item.kind in HAS_STATUS]
    return [item for item in having if item.status in ("", status)] if having else wanted


def _drug_in(one: Mention, context: Context) -> bool:
    return context.kind == "allergy" and "drug" in one.kinds


def ids_of(items: Iterable[Evidence]) -> list[str]:
    """The newest entries of each."""
    return [id for item in items for id in item.ids[:3]]
