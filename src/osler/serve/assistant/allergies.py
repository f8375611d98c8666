"""Allergies that a document tells. One that is written must not be lost; what a clause denies, or
tells of somebody else, is none of the patient's."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise

from osler.documents.document import Document
from osler.serve.assistant.allergy_lists import TABLE, listings
from osler.serve.assistant.cite import rarity
from osler.serve.assistant.findings import LONG, spans
from osler.serve.assistant.lines import Finding, cells, finding_at, size
from osler.serve.assistant.reactions import REACTION, STRONG, WEAK
from osler.serve.assistant.substances import Mention, before, listed, mentions, named
from osler.serve.assistant.whose import of_another

ANSWER = re.compile(
    r"(?i)^\W*(?:y|yes|unknown|pending|tbc|(?:not|un) ?(?:recorded|documented|asked|assessed|"
    r"available|stated|obtain\w+|known)|unable to \w+|see\b|as (?:above|below|listed|per)\b|"
    r"(?:list )?(?:reviewed|updated|checked|confirmed|verified|asked)\b).*$"
)
"""What stands there and names nothing."""
BEHIND = re.compile(r"\s*([^☐☑☒□]*[^\W_][^☐☑☒□]*?)\s*([☐☑☒□])")
"""`Penicillin ☒ Latex ☐`: boxes that stand behind what they are of."""
_TREATED = (
    r"(?:start|given|giv|treat|manag|reliev|respon|improv|resol|clear|settl|better|tak|took|us|"
    r"prescri|for|and|or|but|no|not)"
)
_FILLS = (
    r"(?:\s*\b(?:the|any|all|her|his|your|their|my|a|an|other|of|iv|oral|drugs?|doses?|course|use|"
    r"administration|starting|taking|being|given|receiving|medicines?|medications?|like|including))*"
)
TO = rf"(?:{STRONG}|react(?:ed|s|ing|ions?))\b(?:\s+[a-z-]+){{0,2}}?\s+(?:to|from)\b{_FILLS}"
EXCEPT = (
    r"(?:nkd?a|no known|none|(?:no|denie[sd]|deny) (?:any )?(?:\w+ )?allergies)\b"
    r"[^.;]{0,80}\b(?:except|apart from|other than|but|aside from)"
    r"(?: for| to)?"
)
ALLERGIC_TO = re.compile(rf"(?i)\b(?:{TO}|{STRONG}\s*[:|–—-]{_FILLS}|{EXCEPT})\s*$")
LACKS = r"(?:deficien(?:t|cy)|porphyria)"
"""`G6PD deficient: avoid primaquine` forbids it as an allergy does."""
BEFORE = re.compile(
    rf"(?i)\b(?:{TO}|{STRONG}\s*[:|–—-]{_FILLS}|{EXCEPT}|(?:{STRONG}|{WEAK}|reactions?)"
    rf"(?:\s+(?!{_TREATED})[a-z-]+){{0,4}}?\s+(?:with|from|to|after|on|following|due to|by)"
    rf"{_FILLS}|"
    rf"(?:(?:cannot|can['’]t|unable to)\s+(?:take|have|tolerate)|not\s+tolerate){_FILLS}|"
    rf"{LACKS}\W+(?:[\w-]+\s+){{0,4}}?(?:avoid|no)\b{_FILLS})\s*$"
)
AFTER = re.compile(
    r"(?i)(?:['’]s)?\s*(?:[-–—:(\[|]\s*)?(?:(?:caus|gave|giv|le[ad]|produc|result|mak|induc|relat|"
    rf"associat)\w*\s+(?:to\s+|in\s+|him\s+|her\s+)?)?(?:(?!{_TREATED}|to\b|with\b|after\b)[a-z]+\s+)"
    rf"{{0,2}}?(?:{STRONG}|{WEAK})\b"
)
TREATS = frozenset({"antihistamine", "corticosteroid", "epinephrine"})
"""What a reaction is treated with: `rash: hydrocortisone` tells of no allergy to it."""
FEW, STRANGE = 2, 7.0
"""Words of a second sentence that is an allergy, too, and how rare the first is: `Allergies:
Penicillin. Tegaderm.`"""
HINTS = re.compile(
    r"(?i)\breact|deficien|porphyria|\bcan(?:no|['’])t|\bunable to|tolera|\bnkd?a\b|"
    r"\bno(?:ne| known)\b"
)
"""Without these and without a reaction a sentence tells of no allergy."""
BOTH = re.compile(r"(?i)\s*(?:/|&|\band|\bor)\s*")
"""`Penicillin and latex allergy`."""

CLAUSE = re.compile(
    r"(?i);|\.\s+|\b(?:but|except(?: for| to)?|however|apart from|other than|aside from|although|"
    r"though|otherwise)\b|(?=\[[ x✓✗]?\]|[☐☑☒□])|(?=\bnkd?a\b)|"
    r"\band(?=\s+(?:is|has|was|had|react|allergic)\b)"
    rf"|,(?!\s*(?:who|whose|is|has|was)\b)(?=[^,;]{{0,120}}\b(?:{STRONG}|{WEAK}|react|caus))"
)
_GAP = (
    r"(?:(?!after|since|following|with|from|for|despite|doubt|in\b|on\b|until|when|during)"
    r"\w+[\s/,]+)"
)
DENIED = re.compile(
    r"(?i)^\W*(?:none|nil|no|n/?a|negative)\W*$|^\W*(?:none|nil)\s+(?:known|to|reported|recorded|"
    r"documented)\b|\bnkd?a\b|\bno known(?! reaction)|"
    rf"\b(?:no|without|negative for|den(?:y|ies|ied))\s+{_GAP}{{0,4}}?(?:allerg|intoleran|"
    r"hypersens|adverse|anaphyla|reactions? to)|"
    r"\b(?:not|never|\w+n['’]t)(?:\s+(?:known|been|be|to|an?|currently|truly|ever))*\s+"
    r"(?:allerg|intoleran|hypersens|react)|"
    r"\b(?:was|were|is|has been|have been)\s+(?:excluded|ruled out|removed from|outgrown)|"
    r"[,(–—-]\s*(?:(?:later|since|now|formally)\s+)*(?:ruled out|excluded|outgrown)\b|"
    r"\bde-?labell?ed|\brefuted|\bdisprove[dn]|\bentered in error|\((?:removed|excluded)|"
    r"(?:allerg|intoleran)[^.;]{0,80}(?:[:?|–—]|\s-)\s*(?:no|n|none|nil|negative|false)\W*$|"
    r"^\s*(?:\[\s?\]|[☐□])|\bif (?:you|they|(?:the |a )?patients?)\b"
)
TAKEN_BACK = re.compile(r"(?i)\s*(?:this|that|it|which)\s+(?:was|were|is|has)\b")
"""`Thought allergic to aspirin; this was ruled out.`"""
LISTED_DENIED = re.compile(
    rf"(?i)^\W*(?:(?:the )?patient |she |he )?denies\b(?!\s+(?:any\s+)?{WEAK})|"
    rf"[:?]\s*(?:no|n|negative)\W*$|\b(?:on|taking|takes)\s+\w+\W*$"
)
"""Of a line in a list of allergies. `On warfarin` stands among alerts."""
GROWN = re.compile(
    r"(?i)\|\s*(?:S|R|I|sensitive|resistant|susceptible|intermediate)\b|\borganism|\bMIC\b|"
    r"\b(?:sensitive|resistant|susceptible) to\b"
)
"""Sensitivities of what was grown, and not of somebody."""


def allergies(document: Document) -> list[Finding]:
    """What somebody reacts to: lines under such a heading, and sentences that say so."""
    found: list[Finding] = []
    free: list[Finding] = []
    long = len(document.text) >= LONG
    for text, start, kind in listings(document):
        for a, b in [(0, len(text))] if kind == "row" else spans(text):
            said, at = text[a:b], start + size(text[:a])
            answered = said.endswith("?") and re.match(r"(?i)\s*no?\b", text[b:])
            if answered or kind == "family":
                continue
            alone = a == 0 or (len(said.split()) <= FEW and rarity(said) >= STRANGE)
            whole = kind in ("told", "row") and not long and alone
            if kind == "row" or (kind and " | " in said):
                what = _row(said, whole)
            else:
                what = _listed(said, whole) if kind else _free(said, long)
            if what:
                (found if kind else free).append(finding_at(document, said, at, what))
    return found + free


def _row(said: str, whole: bool) -> str:
    """A row of a table of allergies. A denial must be a cell of its own that comes first: `none`
    may be the reaction."""
    cell, *others = (said[a:b] for a, b in cells(said))
    head = any(TABLE.fullmatch(one) for one in others)
    denied = DENIED.search(cell) or re.search(r"(?i)\brefuted|de-?labell?ed|in error", said)
    known = named(said) or REACTION.search(said) or (whole and not head and _names(cell))
    return said.strip() if known and not denied and not GROWN.search(said) else ""


def _listed(said: str, whole: bool) -> str:
    """What a line in a list of allergies tells without a denial; where it is told `whole`, also
    what the lexicon does not know, unless all is denied."""
    if GROWN.search(said):
        return ""
    if said.rstrip()[-1:] in "☐☑☒□" and BEHIND.match(said):
        said = BEHIND.sub(r"\2 \1 ", said)
    clauses = _clauses(said)
    whole = whole and not any(DENIED.search(one) and not named(one) for one in clauses)
    return "; ".join(
        one for one in clauses
        if not LISTED_DENIED.search(one) and not DENIED.search(one) and not _another(one)
        and (named(one) or REACTION.search(one) or (whole and _names(one)))
    )  # fmt: skip


def _another(entry: str) -> bool:
    """Whether all that an entry tells is somebody else's."""
    reaction = REACTION.search(entry)
    told = [one.start for one in mentions(entry)] or [reaction.start() if reaction else len(entry)]
    return all(of_another(entry, at) for at in told)


def _names(text: str) -> bool:
    """Whether an entry may name what nobody here knows."""
    return bool(re.search(r"[^\W\d_]{3}", text)) and not ANSWER.match(text)


def _clauses(said: str) -> list[str]:
    return [one.strip(" .,") for one in CLAUSE.split(said) if one.strip(" .,")]


def _free(said: str, long: bool) -> str:
    """The substances that a sentence says somebody reacts to. Of long texts, which seldom are of
    one person, only what somebody is called allergic to."""
    if not REACTION.search(said) and not HINTS.search(said):
        return ""
    found = mentions(said)
    reacts = [_reacts(said, one, long) for one in found]
    cuts = [0, *(each.end() for each in CLAUSE.finditer(said)), len(said)]
    pairs = list(pairwise(found))
    for n, (one, other) in enumerate(pairs):
        reacts[n + 1] |= reacts[n] and listed(said, one, other)
    for n, (one, other) in reversed(list(enumerate(pairs))):
        reacts[n] |= reacts[n + 1] and bool(BOTH.fullmatch(said, one.end, other.start))
    return ", ".join(
        said[one.start : one.end]
        for one, told in zip(found, reacts, strict=True)
        if told and not _denied(said, cuts, one) and not of_another(said, one.start)
    )


def _reacts(said: str, one: Mention, long: bool) -> bool:
    lead = before(said, one)
    if ALLERGIC_TO.search(lead):
        return not one.names & TREATS or bool(re.search(r"(?i)\bto\W[^.;:]*$", lead))
    if long or one.names & TREATS:
        return False
    return bool(BEFORE.search(lead) or AFTER.match(said, one.end))


def _denied(said: str, cuts: list[int], one: Mention) -> bool:
    """Whether the clause that names it denies it."""
    a, n = cuts[bisect_right(cuts, one.start) - 1], bisect_left(cuts, one.end)
    b = cuts[n + 1] if n + 1 < len(cuts) and TAKEN_BACK.match(said, cuts[n]) else cuts[n]
    return DENIED.search(said[a:b].strip(";., ")) is not None
