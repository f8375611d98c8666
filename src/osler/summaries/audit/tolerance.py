"""Words by which something is safe that the record has an allergy to: tolerated, outgrown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.context import ALLERGIC, at, ids_of
from osler.summaries.audit.evidence import Evidence
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim

MAY = r"(?:can|may|could|might|should|is|are|was|were|has been|have been|be)"
GIVEN = r"(?:given|used|taken|prescribed|administered|eaten|tolerated|restarted|reintroduced)"
BEFORE = re.compile(
    r"(?i)\b(?:tolerat(?:es|ed|ing)|(?:able to|can|may) (?:now )?(?:safely )?(?:tolerate|take|have|"
    r"receive|eat|use|be given)|safely (?:tak\w+|us\w+|receiv\w+|eat\w*|giv\w+|had|has)|"
    r"no contraindications? (?:to|for|against)|no (?:problems?|troubles?|reactions?|issues?) "
    r"(?:with|to|from)|safe to (?:give|use|take|prescribe|eat|receive)|outgr[eo]wn?|"
    r"no longer (?:allergic|sensitive|reacts|hypersensitive|intolerant)|safe with)"
    r"(?:\s+(?:[a-z]+|[a-z]+['’]s)){0,4}?\s*$"
)
"""Before what is safe."""
BEHIND = re.compile(
    rf"(?i)\s+(?:{MAY}\s+)+(?:(?:now|also|considered|perfectly|completely|entirely|quite|well|"
    rf"generally|thus|therefore|still|safely|been|be|deemed)[\s-]+)*(?:safe(?:ly)?\b|fine\b|"
    rf"ok(?:ay)?\b|{GIVEN}\b|no (?:problem|concern|issue)|not (?:a|an) (?:problem|issue|concern))"
)
"""Behind it."""
OVER = re.compile(
    r"(?i)\b(?:outgr[eo]wn?|resolved|ruled out|excluded|disproved|refuted|cured|gone|disappeared|"
    r"de-?labell?ed|removed|went away|not confirmed|in remission|no longer (?:present|active))\b"
)
"""What is said of an allergy that is one no longer."""
TURNED = re.compile(
    r"(?i)\b(?:not|never|cannot|unable|hardly|poorly|barely|neither|nor|avoid\w*|no longer "
    r"(?:tolerat|safe))\b|n['’]t\b|\bun(?:safe|able)\b|\bwithout (?:allerg|knowing)"
)
ASKED = re.compile(
    r"(?i)\b(?:if|whether|ask|check|clarify|consider|discuss|assess|evaluate|test\w*|unless|until|"
    r"refer\w*|confirm|explore|review|need\w*|or (?:an? )?alternative)\b|\?"
)
WRONG = "the record has an allergy to it"


def claims(clause: Clause, named: list[Mention]) -> Iterator[Claim]:
    """Each thing that is called safe, or an allergy that is said to be over."""
    things = [one for one in named if set(one.kinds) != {"reaction"}]
    if ASKED.search(clause.text):
        return
    for place, one in enumerate(things):
        items = [item for item in one.items if item.kind == "allergy"]
        if not items or one.modifier:
            continue
        first = things[place - 1].last(clause) if place else 0
        last = things[place + 1].first(clause) if place + 1 < len(things) else len(clause.text)
        before = clause.text[first : one.first(clause)]
        behind = clause.text[one.last(clause) : last]
        if _is_safe(before, behind) or _is_over(clause, one, before, behind):
            yield _claim(clause, one, items)


def _is_safe(before: str, behind: str) -> bool:
    """`tolerates latex well`, `latex can be given safely`."""
    safe = BEFORE.search(before)
    if safe:
        return not _turned(before[: safe.start()])
    safe = BEHIND.match(behind)
    return safe is not None and not _turned(behind[: safe.end()])


def _is_over(clause: Clause, one: Mention, before: str, behind: str) -> bool:
    """`the allergy to latex has resolved`."""
    over = OVER.search(behind)
    said = clause.text[one.first(clause) : one.last(clause)] + behind[: over.start() if over else 0]
    if not over or not ALLERGIC.search(before + said):
        return False
    return not _turned(behind[: over.end()].replace("not confirmed", ""))


def _turned(text: str) -> bool:
    return TURNED.search(re.sub(r"(?i)no longer (?:present|active)", "", text)) is not None


def _claim(clause: Clause, one: Mention, items: list[Evidence]) -> Claim:
    return at(clause, one.first(clause), one.last(clause), "allergy", ids_of(items), WRONG)
