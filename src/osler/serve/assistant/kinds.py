"""What kind of thing is asked of a subject, and which of the passages found are under a heading of
that kind: of two passages on gout, the one under *Treatment* answers how gout is treated."""

from __future__ import annotations

import re
from collections.abc import Sequence

from osler.retrieve.chunk import Hit
from osler.serve.assistant.cite import WORD, stem

KINDS = {
    "symptoms": (
        r"\bsymptom|\bsigns?\b|\bfeels?\b|\bnotice\b|\bshows? itself\b|\blooks? like\b"
        r"|\bproblems does\b",
        r"symptom|\bsigns?\b",
    ),
    "complications": (r"\bcomplications?\b|\bcan\b.*\blead to\b", r"complication"),
    "causes": (
        r"\bcaus|\bwhy\b|\b(?:sets? off|triggers?|brings? on|comes? from|due to)\b",
        r"\bcaus|trigger|genetic change",
    ),
    "treatment": (
        r"\btreat|\bcur(?:e|ed|able)\b|\bmedicines?\b|\bmedication|\bdrugs?\b|\btherap"
        r"|\bget rid of\b|\bbe done\b|\bwhat helps\b",
        r"treat|therap|medic|\bcured?\b|\bmanag",
    ),
    "diagnosis": (
        r"\bdiagnos|\btest(?:s|ed)?\b|\bconfirmed\b|\bfind out\b|\bknow if\b|\bscreen",
        r"diagnos|\btests?\b|\bexams?\b|screen|find out",
    ),
    "prevention": (r"\bprevent|\bavoid|\bnot (?:get|catch)\b|\blower the risk\b", r"prevent|avoid"),
    "outlook": (
        r"\boutlook\b|\bprognos|\bsurviv|\bhow long\b|\blife expectancy\b|\bgo away\b|\blater\b",
        r"outlook|prognos|surviv|expect",
    ),
    "frequency": (
        r"\bhow (?:common|rare|often|many)\b|\bprevalence\b|\bchances of (?:having|getting)\b",
        r"frequen|\bcommon\b|how many|statistic|prevalen",
    ),
    "inheritance": (
        r"\binherit|\bhereditary\b|\bparents\b|\bpass(?:ed)? on\b|\bfamil(?:y risk|ies)\b"
        r"|\bgenetic\b",
        r"inherit|genetic|hereditary",
    ),
    "who": (r"\bwho (?:gets?|is|can)\b|\bat risk\b|\brisk factors?\b", r"\bwho\b|\brisk|suscept"),
    "definition": (
        r"^\W*(?:what['’]s|what (?:is|are|does it mean)|tell me about|explain|can you explain)\b"
        r"|\bmeaning\b|what['’]s that",
        r"information|what (?:is|are)|definition|overview|^about",
    ),
}  # fmt: skip
"""Kind -> what a question of it says, and what a heading does. The first that fits is meant."""


def kind_of(question: str) -> str | None:
    """What kind of thing is asked; None where no words tell."""
    found = (kind for kind, (asked, _) in KINDS.items() if re.search(asked, question.lower()))
    return next(found, None)


def fitting_first(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Passages in their order, but first the one that answers: of those that are under a heading of
    the kind that is asked for, and on the subject of the nearest (its title has all that title and
    question of that one share), the nearest to the question; else the nearest of all."""
    nearest = sorted(hits, key=lambda hit: -hit.similarity)
    if not nearest:
        return []
    first, kind = nearest[0], kind_of(question)
    if kind is not None:
        subject = _words(first.chunk.title) & _words(question)
        fit = (
            hit for hit in nearest
            if re.search(KINDS[kind][1], hit.chunk.section.rpartition(" > ")[2].lower())
            and subject <= _words(hit.chunk.title)
        )  # fmt: skip
        first = next(fit, first)
    return [first, *(hit for hit in hits if hit is not first)]


def _words(text: str) -> set[str]:
    return {stem(word) for word in WORD.findall(text)}
