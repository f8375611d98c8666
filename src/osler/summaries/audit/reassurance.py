"""Claims that all is well, held against the latest values of what they are about.

A claim is a word of comfort (`normal`, `fine`, `at goal`, `no abnormal values`) that nothing before
it turns round (`not`, `above the`), and what stands beside it in the same part of the clause:
measurements, panels of them, or, where it stands alone, all that was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osler.summaries.audit import lookup, panels, states
from osler.summaries.audit.comfort import (
    BAD,
    BEFORE,
    CHANGED,
    IN_RANGE,
    LINK,
    NONE_BAD,
    PLAIN,
    PREDICATIVE,
    RECOVERED,
    RECOVERY,
    SENSES,
    TARGET,
    way,
)
from osler.summaries.audit.evidence import Evidence, Ledger, Value
from osler.summaries.audit.facts import role_at
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.panels import Subject
from osler.summaries.audit.parts import OTHERS, Part, excepted, is_out, parts
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import When

TURNED = re.compile(
    r"(?i)(?:(?:\b(?:not|never|hardly|barely|rarely|seldom|scarcely|far from|anything but|nor|"
    r"neither|poorly|badly|none(?: of)?|no longer|inadequately|insufficiently|sub-?optimally|"
    r"incompletely|partially|partly|less than|fail(?:s|ed|ing)? to|unable|unlikely|difficult to|"
    r"hard to|yet to|cannot|struggl\w+ to|neither)|n['’]t)(?:\s+(?!and\b|but\b|is\b)[\w'’-]+){0,4}"
    r"|\b(?:outside|(?<!turned )(?<!turns )out|above|below|beyond|over|under|exceed\w*|(?:higher|"
    r"lower|greater|more|less|"
    r"worse) than|limits?|short|away|twice|times|fold)"
    r"(?:\s+(?:of|from|the|an?|her|his|its|their|upper|lower|limits?|end|what|is|reference|"
    r"recommended|usual|considered|laboratory|lab)(?:['’]s)?)*)\W*$"
)
"""Words before a word of comfort that turn it round."""
OF_REFERENCE = re.compile(
    r"(?i)^\s*(?:reference\s+)?(?:range|limits?|values?|levels?|interval)?\s*"
    r"(?:(?:is|are|being|of|:|,)?\s*(?:[<>≤≥]|up to|below|under|above|at (?:least|most)|less|more|"
    r"between|from)|(?:is|are|:|of|,)?\s*\d[\d.,]*\s*(?:to|[-–])\s*\d|:\s*\d|\bif\b|"
    r"\bwhen\b(?! (?:it was |they were )?(?:last|first|latest|checked|measured|tested|seen|most)))"
)
"""What follows `normal` where it tells what is normal: `(normal 3.5 to 5.1)`."""
NOT_MEASURED = re.compile(
    r"(?i)^\s*(?:saline|pregnan\w+|diets?|activit\w+|sleep\w*|gait|delivery|births?|routines?|"
    r"li[fv]\w+|ag(?:e?ing|e)|childhood|mood|appetite|bowel|speech|vision|hearing|adults?|eating|"
    r"foods?|habits?|choices|behavio\w+|coping|snacks?|meals?|cop(?:y|ies)|relationships?|"
    r"adherence|compliance|candidates?|idea|time|understanding|response|support|hygiene|prognosis)"
)
EARLIER = re.compile(
    r"(?i)\b(?:previous(?:ly)?|formerly|used to be|had been|once|initially|historically|earlier|"
    r"at baseline|in the past|until)\b"
)
ALONE = re.compile(
    r"(?i)^(?:\W|\b(?:all|everything|is|are|was|were|be|very|entirely|completely|overall|quite|"
    r"generally|grossly|essentially|otherwise|of|the|today|and|impressions?|assessments?|found|"
    r"findings?|noted|seen|status|to|report|tests?|levels?|ranges?|within|limits|normal|at|this|"
    r"time|detected|present|there)\b)*$"
)
"""What may stand beside a word of comfort that stands alone."""
BY_ITSELF = re.compile(
    r"(?i)normal|remarkable|\bwnl\b|range|limits|\bgood\b|\bfine\b|\bok(?:ay)?\b|clea[nr]|\bnad\b|"
    r"satisf|great|perfect|excellent|critical|flag|order"
)
"""Words of comfort that may be meant of values where nothing says of what they are."""
WELL = {
    "afebrile": "8310-5", "normothermic": "8310-5", "apyrexial": "8310-5",
    "normotensive": "pressure", "euglycemic": "glucose", "normoglycemic": "glucose",
    "euthyroid": "thyroid", "normocytic": "blood count", "normokalemic": "electrolytes",
    "normonatremic": "electrolytes", "normolipidemic": "lipids",
}  # fmt: skip
"""Words that say by themselves that something is well."""
UNCHECKED = re.compile(
    r"(?i)\b(?:negative|therapeutic|non-?reactive|undetectable|subtherapeutic|positive)\b"
)
"""Results of which a range cannot say whether they are so, but only whether there are any."""
NOTHING_MEASURED = "nothing with a reference range is recorded for it"
WEIGHT, MASS_INDEX = "29463-7", "39156-5"


PRESUPPOSED = re.compile(r"(?i)\b(?:the|her|his|their|this|these)\s+$")
"""Before a word of comfort that is taken for granted: `discuss the normal potassium`."""


@dataclass(frozen=True, slots=True)
class Comfort:
    """A word of comfort, at some characters of a clause."""

    start: int
    end: int
    denies: bool = False
    """Whether it is a denial of what is bad."""
    way: str = ""
    """high or low, where it denies only that."""


HINT = re.compile(
    rf"(?i)\b(?:{PLAIN}\b|{BAD}\b|{CHANGED}\b|above|below|exceed|(?:ab|essentially)?normal|"
    rf"ranges?\b|limits|goals?\b|targets?\b|"
    r"objective|(?:un)?remark|accepta|adequa|(?:well-)?control|optimal|stable|health|benign|satisf|"
    r"reassur|tight|well\b|wnl\b|concern|worr|condition|compensat|desirab|asympto|remission|"
    r"quiescent|inactive|(?:un)?complicat|risk|recover|no\b|not\b|nothing|without|negativ|"
    r"therapeutic|non-?react|undetect|positive|symptom|weight|manag|bounds|reference|none\b|"
    r"correct|resol|settled|restored|(?:re)?normali)"
)
"""Words without one of which nothing is said to be well."""


def claims(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """Each word of comfort, once for each part of the clause."""
    yield from _words(clause, ledger)
    if not HINT.search(clause.text):
        return
    about = panels.subjects(clause, named, ledger)
    divided = parts(clause.text, about)
    seen: set[int] = set()
    for one in sorted(_said(clause, named, about), key=lambda said: said.start):
        part = next(p for p in divided if p.start <= one.start < p.end or p is divided[-1])
        if clause.text[one.end :].lstrip().startswith(":"):
            part = Part(part.start, len(clause.text))  # `within range: sodium (140), chloride`
        if part.start in seen or _is_none(clause, one, part):
            continue
        found = _judged(clause, one, part, named, about, ledger)
        found = found or states.controlled(clause, (one.start, one.end), part, named)
        if found is not None:
            seen.add(part.start)
            yield found
    if not seen:
        yield from _unchecked(clause, named)


def _words(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Words such as `afebrile`."""
    for place, word in enumerate(clause.words):
        panel = WELL.get(word.norm)
        if not panel or place in clause.reached:
            continue
        if not TURNED.search(clause.text[: word.start]):
            yield _claim(clause, Comfort(word.start, word.end), panels.of(panel, ledger))


def _said(clause: Clause, named: list[Mention], about: list[Subject]) -> Iterator[Comfort]:
    text = clause.text
    for found in NONE_BAD.finditer(text):
        yield Comfort(
            found.start(), found.end(), denies=True, way=way(found[0], text[found.end() :])
        )
    for start, end, sense in lookup.phrases("reassurance", clause.words):
        inside = any(one.start <= start and end <= one.end for one in named)
        if sense in SENSES and not inside and start not in clause.reached:
            yield Comfort(clause.words[start].start, clause.words[end - 1].end)
    for pattern in (TARGET, IN_RANGE):
        for found in pattern.finditer(text):
            yield Comfort(found.start(), found.end())
    for one in about:
        again = RECOVERED.match(text, one.end) or RECOVERY.search(text[: one.start])
        if again:
            yield Comfort(*again.span("well"))
    for found in PREDICATIVE.finditer(text):
        behind = any(not text[s.end : found.start()].strip() for s in about)
        if behind or LINK.search(text[: found.start()]):
            yield Comfort(found.start(), found.end())
    for found in BEFORE.finditer(text):
        if any(found.end() <= s.start <= found.end() + 1 for s in about):
            yield Comfort(found.start(), found.end() - 1)


def _is_none(clause: Clause, one: Comfort, part: Part) -> bool:
    """Whether a word of comfort is none here: turned round, a reference, supposed, of something
    that is not measured, or of a time before."""
    before, behind = clause.text[part.start : one.start], clause.text[one.end :]
    if not one.denies and TURNED.search(before):
        return True
    if one.start >= clause.supposed and not PRESUPPOSED.search(before):
        return True
    said = clause.text[one.start : one.end].lower()
    if "normal" in said and not one.denies and OF_REFERENCE.match(behind):
        return True
    first = next((w.start for w in clause.words if w.start >= one.start), 0)
    place = next((n for n, w in enumerate(clause.words) if w.start == first), 0)
    if role_at(clause, place) == "earlier" or EARLIER.search(before):
        return True
    return NOT_MEASURED.match(behind) is not None


# -- of what it is said --------------------------------------------------------------------------

ONLY = re.compile(r"(?i)\b(?:only|alone|just|solely)\b")


def _judged(
    clause: Clause,
    one: Comfort,
    part: Part,
    named: list[Mention],
    about: list[Subject],
    ledger: Ledger,
) -> Claim | None:
    """The claim against the values that it is about; None where it is about none."""
    if panels.EXAMS.search(clause.text[part.start : part.end]):
        about = [s for s in about if not (s.panel in panels.WIDE and _is_loose(clause, s))]
    own = [s for s in about if part.start <= s.start < part.end]
    if not own and not one.denies:
        own = about
    out = [*excepted(clause.text, about), *(clause.earlier if OTHERS.search(clause.text) else [])]
    if ONLY.search(clause.text[part.start : part.end]) and any(not s.panel for s in own):
        own = [s for s in own if not s.panel]
    single = [s for s in own if not s.panel and not is_out(s, out)]
    narrow = [s for s in own if s.panel and s.panel not in panels.WIDE]
    wide = [s for s in own if s.panel in panels.WIDE]
    chosen = [*single, *narrow] if single or narrow else wide
    if not chosen and _is_alone(clause, one, named):
        kind = {"lab": "labs", "vital": "vitals"}.get(clause.context.kind, "all")
        chosen = [Subject(0, 0, tuple(panels.of(kind, ledger)), kind)]
    if not chosen:
        return None
    items = [i for s in chosen for i in s.items if all(i is not other for other in out)]
    if items and all(panels.loinc(item) == WEIGHT for item in items):
        items = panels.of(MASS_INDEX, ledger) or items
    return _claim(clause, one, items, part)


def _is_loose(clause: Clause, one: Subject) -> bool:
    """`results`, of what else was looked at."""
    return re.match(r"(?i)(?:test )?results?|values?", clause.text[one.start :]) is not None


def _is_alone(clause: Clause, one: Comfort, named: list[Mention]) -> bool:
    """Whether nothing is said but that all is well."""
    if named or clause.context.kind not in ("", "lab", "vital"):
        return False
    rest = clause.text[: one.start] + " " + clause.text[one.end :]
    said = clause.text[one.start : one.end]
    return ALONE.match(rest) is not None and BY_ITSELF.search(said) is not None


# -- whether it is so ----------------------------------------------------------------------------


def _claim(
    clause: Clause, one: Comfort, items: Sequence[Evidence], part: Part | None = None
) -> Claim:
    at = (clause.offset + one.start, clause.offset + one.end)
    days = _days(clause, part)
    dated = [i for i in items if any(within(v.at, day) for v in i.values for day in days)]
    if dated:
        bad = [i for i in dated if any(_is_out_of_range(i, v) for v in i.values
                                       if any(within(v.at, day) for day in days))]  # fmt: skip
        why = "out of range on that day"
    else:
        bad = [i for i in items if i.flag and one.way in ("", i.flag)]
        why = "out of range at the latest look"
    if bad:
        names = ", ".join(dict.fromkeys(item.name for item in bad[:4]))
        return Claim("false reassurance", *at, tuple(i.ids[0] for i in bad), f"{why}: {names}")
    ids = tuple(i.ids[0] for i in items[:12])
    if not any(item.reference for item in items):
        return Claim("false reassurance", *at, ids[:3], NOTHING_MEASURED)
    return Claim("false reassurance", *at, ids)


LOOKED = re.compile(r"(?i)\b(?:on|in|as of|from|dated|of)\s*$|[(,]\s*$")


def _days(clause: Clause, part: Part | None) -> list[When]:
    """The days on which something is said to have been well."""
    if part is None:
        return []
    return [
        day for day in clause.dates
        if part.start <= day.start < part.end and LOOKED.search(clause.text[: day.start])
    ]  # fmt: skip


def _is_out_of_range(item: Evidence, value: Value) -> bool:
    if value is item.values[0]:
        return bool(item.flag)
    limits = item.reference
    if limits is None or isinstance(value.value, str) or value.unit != limits.unit:
        return False
    low, high = limits.low, limits.high
    return (low is not None and value.value < low) or (high is not None and value.value > high)


def _unchecked(clause: Clause, named: list[Mention]) -> Iterator[Claim]:
    """`troponin is negative`, where none was measured."""
    found = UNCHECKED.search(clause.text)
    if found is None or found.start() >= clause.supposed:
        return
    tests = [one for one in named if one.kinds == ("lab",)]
    if tests and not any(one.items or one.negated for one in tests):
        at = (clause.offset + found.start(), clause.offset + found.end())
        yield Claim("lab", *at, (), "nothing is recorded for it")
