"""Of what a clause speaks: the kind and status that it names, and the evidence that fits these."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osler.summaries.audit import tense
from osler.summaries.audit.denials import AVOIDED
from osler.summaries.audit.evidence import CURRENT, Evidence
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.sentences import Context
from osler.summaries.audit.words import word_set

ALLERGIC = re.compile(
    r"(?i)(?<!seasonal )(?<!perennial )(?<!nasal )\ballerg(?!ic (?:rhinit|conjunctiv|dermat|"
    r"asthma|bronch|contact|angio))|"
    r"intoleran|hypersensitiv|anaphyla|\breacts? to\b"
)
OF_ALLERGY = re.compile(
    r"(?i)\ballerg(?:y|ies|ic) to\b|\bintoleran\w+ (?:to|of)\b|\bhypersensitiv\w+ to\b|"
    rf"{AVOIDED.pattern.removeprefix('(?i)')}|\bsensitiv(?:e|ity) to\b|"
    r"\b(?:documented|recorded|reported|known|confirmed) (?:[\w-]+ ){0,3}allergy\b|"
    r"^\W*(?:[\w-]+ ){1,3}allergy\W*$|"
    r"\b(?:adverse|allergic|hypersensitivity) (?:\w+ )?(?:responses?|reactions?) (?:to|with|"
    r"after)\b|"
    r"\bexposure to\b.*\b(?:associated|caus\w+|trigger\w+|result\w+|led)\b|"
    r"\bas an allergen\b|\bsensitivit(?:y|ies) to\b|"
    r"\breact(?:s|ed|ion) to\b|\b(?:a|an|the|her|his|their|known) (?:\w+ )?allergy\b|"
    r"\banaphyla\w+ (?:to|from|with)\b"
)
NEAR = 6
"""Words within which a status is said of a thing."""
HAS_STATUS = ("condition", "social", "medicine")
NAMED = {
    "drug": ("medicine",), "combination": ("medicine",), "drug class": ("medicine",),
    "condition": ("condition", "social"), "allergen": ("allergy",), "reaction": ("condition",),
    "vaccine": ("immunization",), "procedure": ("procedure",), "care plan": ("care plan",),
}  # fmt: skip
"""Kind of a mention -> kinds of evidence that it names itself."""
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


def context_of(clause: Clause, one: Mention | None = None) -> Context:
    """That of the lines above, or what the clause says of itself, or of one thing in it."""
    if one is not None and clause.names(one) and _is_apart(clause, one):
        return clause.context
    if clause.context.kind in ("medicine", "") and (
        OF_ALLERGY.search(clause.text) or clause.reacts
    ):
        return Context("allergy", CURRENT)
    if not clause.context.kind and (ALLERGIC.search(clause.text) or clause.reacts):
        return Context("allergy", CURRENT)
    return clause.context


LISTED = word_set("and or a an the her his their as well both also to")
"""Words between things that are listed together."""


def _is_apart(clause: Clause, one: Mention) -> bool:
    """`takes metformin and has an allergy to latex`: whether a medicine is none of the allergens
    of which the clause goes on to speak."""
    kinds = {item.kind for item in one.items}
    if "medicine" not in kinds or "allergy" in kinds:
        return False
    said = OF_ALLERGY.search(clause.text, one.last(clause))
    if said is None:
        return False
    if OF_ALLERGY.search(clause.text[: one.first(clause)]):
        return False
    between = [
        n for n, word in enumerate(clause.words)
        if one.last(clause) <= word.start < said.start() and n not in clause.taken
    ]  # fmt: skip
    return any(clause.words[n].norm not in LISTED for n in between)


def status_said(clause: Clause, one: Mention) -> str:
    """current or past, where the clause says so of a thing: the nearest words that do."""
    near = [
        (_apart(clause, min(one.end, end), max(one.start, start)), status)
        for start, end, status in clause.statuses
        if status and not _parted(clause, end, one.start) and not _of_treatment(clause, end, one)
    ]
    distance, status = min(near, default=(NEAR + 1, ""))
    return status if distance <= NEAR else ""


TREATMENT = re.compile(
    r"(?i)\s*(?:[\w-]+ )?(?:management|treatments?|therap(?:y|ies)|regimens?|medications?|"
    r"medicines?|"
    r"drugs?|prescriptions?|pharmacotherapy|control|care)\s+(?:plan\s+)?(?:of|for|against)\s+"
    r"(?:(?:the|her|his|their|an?)\s+)?"
)


def _of_treatment(clause: Clause, after: int, one: Mention) -> bool:
    """`current management of a stroke`, which is over: whether the treatment is what goes on."""
    start = clause.words[after - 1].end
    return start <= one.first(clause) and bool(
        TREATMENT.fullmatch(clause.text, start, one.first(clause))
    )


def _parted(clause: Clause, after: int, before: int) -> bool:
    """Whether another verb stands between: `takes lisinopril and was given amoxicillin`."""
    if any(after <= start and end <= before for start, end, said in clause.statuses if not said):
        return True
    between = slice(clause.words[after - 1].end, clause.words[before].start)
    return 0 < after <= before and ANOTHER_VERB.search(clause.text[between]) is not None


ANOTHER_VERB = re.compile(r"(?i)\b(?:and|but),? (?:is|was|has|had|remains?|takes|reports|holds)\b")
"""Where a clause goes on to say something else of somebody: `a former smoker and is retired`."""


def _apart(clause: Clause, after: int, before: int) -> int:
    """How many words stand between two places; those of dates do not count."""
    return max(0, clause.undated[before] - clause.undated[after])


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
    if not status and not one.modifier:
        goes_on = tense.goes_on(clause, one)
        if (goes_on or context.kind == "condition") and is_only_planned(one, wanted):
            return []
        status = context.status or (CURRENT if goes_on else "")
    if not status:
        return wanted
    having = [item for item in wanted if item.kind in HAS_STATUS]
    having = [item for item in having if item.kind in named_by(one)] or having
    return [item for item in having if item.status in ("", status)] if having else wanted


def is_only_planned(one: Mention, items: list[Evidence]) -> bool:
    """Whether a disease is known from the name of a care plan alone: a diabetes self management
    plan is made for prediabetes, too."""
    planned = items and all(item.kind == "care plan" for item in items)
    return bool(planned) and set(one.kinds) == {"condition"}


def named_by(one: Mention) -> set[str]:
    """The kinds of evidence that a name is of itself, rather than as a reason or what was done."""
    return {kind for name in one.kinds for kind in NAMED.get(name, ())}


def _drug_in(one: Mention, context: Context) -> bool:
    return context.kind == "allergy" and "drug" in one.kinds


def ids_of(items: Iterable[Evidence]) -> list[str]:
    """The newest entries of each."""
    return [id for item in items for id in item.ids[:3]]
