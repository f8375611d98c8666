"""What a medicine is given for, and what an allergen did, held against the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.summaries.audit.context import at, context_of, ids_of
from osler.summaries.audit.evidence import Evidence
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.witnesses import ALLERGY_WORDS, FILLING
from osler.summaries.audit.words import word_set

GIVEN_FOR = word_set("for treat treats treating indicated")


def claims(
    clause: Clause, named: Sequence[Mention], runs: Sequence[Sequence[Mention]]
) -> Iterator[Claim]:
    """`lisinopril for diabetes`, where the record gives it for another reason.

    `runs`: of each head of the clause, those that are listed with it.
    """
    for one in named:
        if not one.modifier or one.negated or "condition" not in one.kinds or not one.items:
            continue
        if not any(w.norm in GIVEN_FOR for w in clause.words[max(0, one.start - 3) : one.start]):
            continue
        before = [run for run in runs if run[-1].first(clause) < one.first(clause)]
        given = [i for head in before[-1] for i in head.items] if before else []
        given = [i for i in given if i.kind == "medicine"]
        known = [reason for i in given for _, reason in i.reasons]
        if known and not any(_same(clause, one, reason) for reason in known):
            wrong = f"the record gives {given[0].name} for another reason"
            yield at(clause, one.first(clause), one.last(clause), "drug", ids_of(given), wrong)


def _same(clause: Clause, one: Mention, reason: frozenset[str]) -> bool:
    """Whether a recorded reason is what is named, by its words or by those of its entries."""
    said = {w.norm for w in clause.words[one.start : one.end]} - FILLING
    if said <= reason:
        return True
    return any(text <= reason or reason <= text for item in one.items for text in item.texts)


def reactions(clause: Clause, named: Sequence[Mention]) -> Iterator[Claim]:
    """`penicillin (hives)`, where the record has another reaction to it."""
    if context_of(clause).kind != "allergy":
        return
    allergens = [
        one for one in named
        if "reaction" not in one.kinds and _allergies(one)
        and not all(w.norm in ALLERGY_WORDS for w in clause.words[one.start : one.end])
    ]  # fmt: skip
    for one in named:
        if "reaction" not in one.kinds or one.negated or one.supposed or not allergens:
            continue
        before = [other for other in allergens if other.start < one.start]
        about = _allergies((before or allergens)[-1 if before else 0])
        recorded = [item for item in about if item.reactions]
        if recorded and not any(item is own for item in recorded for own in one.items):
            wrong = f"the record has another reaction to {recorded[0].name}"
            span = (one.first(clause), one.last(clause))
            yield at(clause, *span, "allergy", ids_of(recorded), wrong)


def _allergies(one: Mention) -> list[Evidence]:
    return [item for item in one.items if item.kind == "allergy"]
