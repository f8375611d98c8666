"""Allergies that a document tells. One that is written must not be lost; what a clause denies, or
tells of somebody else, is none of the patient's."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from osler.documents.document import Document
from osler.serve.assistant.cite import rarity
from osler.serve.assistant.findings import DOSED, LONG, spans
from osler.serve.assistant.lines import Finding, continued, finding_at, size, unwrapped
from osler.serve.assistant.substances import Mention, before, listed, mentions, named
from osler.serve.assistant.whose import of_another

_TITLE = (
    r"(?:allerg(?:y|ies|ens?|ic to|ien?)|al+ergias?|intolerances?|hypersensitivit(?:y|ies)|"
    r"sensitivit(?:y|ies)|"
    r"(?:adverse (?:drug )?|drug )reactions?|adrs?|alerts?)"
)
TITLE = re.compile(
    r"(?i)[\W\d_]*(?:(?:known|drug|food|medication|medicine|documented|current|patient|other|"
    r"list of|history of|and|&|environmental)\s+)*"
    rf"{_TITLE}(?:\s*(?:/|&|\band\b|\bor\b|,)\s*(?:drug )?{_TITLE})*"
    r"(?: (?:list|status|history))?[\W\d_]*"
)
SURE = re.compile(r"(?i)al+erg|intoleran|hypersens")
"""A heading under which whatever is not denied is an allergy, known to the lexicon or not."""
ANSWER = re.compile(
    r"(?i)^\W*(?:y|yes|unknown|pending|tbc|(?:not|un) ?(?:recorded|documented|asked|assessed|"
    r"available|stated|obtain\w+|known)|unable to \w+|see\b|as (?:above|below|listed|per)\b|"
    r"(?:list )?(?:reviewed|updated|checked|confirmed|verified|asked)\b).*$"
)
"""What stands there and names nothing."""
PROSE = re.compile(r"(?i)\b(?:is|are|was|were|can|may|should|have|has|had|will|they|you)\b")
ENTRY = 8
"""Words of an entry of a list, at most."""
BEHIND = re.compile(r"\s*([^☐☑☒□]*[^\W_][^☐☑☒□]*?)\s*([☐☑☒□])")
"""`Penicillin ☒ Latex ☐`: boxes that stand behind what they are of."""
ABOUT = re.compile(r"(?i)\b(?:allerg(?:y|ies)|intoleranc\w+|adverse (?:drug )?reactions?)\b")
"""What a heading says that the document itself marks."""
LABEL = re.compile(r"(?P<head>[^:|]{2,40}?)\s*(?P<mark>[:?]|\||\s[-–—]\s)\s*(?P<rest>\S.*)")
TABLE = re.compile(r"(?i)\b(?:reactions?|severity|manifestations?|symptoms?)\b")
"""The head of a table of allergies, behind `Allergen |`."""
OTHER = re.compile(
    r"(?i)[\W\d]*(?:(?!no )[a-z]+ ){0,2}?(?:medications?|medicines|meds|plan|"
    r"labs?|laboratory|results?|history|"
    r"conclusions?|impressions?|assessment|diagnos[ei]s|problems?|vitals?|"
    r"(?:vital )?signs|examination|exam|immuni[sz]ations?|vaccinations?|procedures?|orders?|"
    r"prescriptions?|recommendations?|follow[- ]?up|investigations?|comments?|treatment|therapy|"
    r"code status|weight|height|bmi|gp|pcp|attending|consultant|address|phone|ward|room|"
    r"course|imaging|summary|findings?|instructions?|symptoms?|complaint|fh|pmh)"
    r"(?: (?:on|at|for|of) [a-z ]{2,20})?[\W\d]*"
)
"""A line that names another section, marked as a heading or not."""
BREAKS = re.compile(r"(?i)\b(?:to|from|with|after|of|on|and|or|drug|the)$|,$")
"""How a line ends whose sentence goes on in the next."""

_DISEASE = r"rhinit|conjunctivit|asthma|dermatit|contact|sinusit|bronch|eczema|disease|disorder"
_NO_PERSON = r"clinic|test|screen|shot|specialist|relief|season|medic|panel|ige"
STRONG = (
    rf"(?:allergic(?!\s+(?:{_DISEASE}))|allerg(?:y|ies)(?!\s+(?:{_NO_PERSON}))|anaphyla\w+|"
    r"intoleran\w+|hypersensitiv\w+|adverse(?: drug)? reactions?|adrs?)"
)
_PART = r"(?:face|facial|lips?|tongue|throat|airway|laryn(?:x|geal)|eyes?|eyelids?)"
_SHOWS = (
    r"(?:vomits|itches|wheezes|swells(?: up)?|faints|collapses|hallucinates|sickness|"
    r"(?:comes|breaks) out in (?:hives|spots|a rash))(?=\s+(?:with|on|to|after|from|whenever)\b)"
)
"""What somebody does with a drug each time: `vomits with morphine`."""
WEAK = (
    r"(?:hives|urticaria|angio-?o?edema|rash(?:es)?|bronchospasm|stevens[- ]johnson(?: syndrome)?|"
    r"sjs|toxic epidermal necrolysis|red man(?: syndrome)?|"
    r"malignant hyper(?:thermia|pyrexia)|"
    rf"{_PART} swelling|(?:swelling|o?edema) of (?:(?:the|his|her|their) )?{_PART}|{_PART} o?edema|"
    rf"{_SHOWS})"
)
REACTION = re.compile(rf"(?i)\b(?:{STRONG}|{WEAK})\b")
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
LISTS = ("titled", "told", "listed")
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
    for text, start, kind in _lines(document):
        for a, b in spans(text):
            said, at = text[a:b], start + size(text[:a])
            answered = said.endswith("?") and re.match(r"(?i)\s*no?\b", text[b:])
            if answered or kind == "family":
                continue
            alone = a == 0 or (len(said.split()) <= FEW and rarity(said) >= STRANGE)
            whole = kind == "told" and not long and alone
            what = _listed(said, whole) if kind in ("listed", "told") else _free(said, long)
            if what:
                (found if kind in ("listed", "told") else free).append(
                    finding_at(document, said, at, what)
                )
    return found + free


def _listed(said: str, whole: bool) -> str:
    """What a line in a list of allergies tells without a denial; where it is told `whole`, also
    what the lexicon does not know, unless all is denied. In a row of a table the denial must be a
    cell of its own that comes first: `none` may be the reaction."""
    if GROWN.search(said):
        return ""
    if " | " in said:
        cell, *others = said.split(" | ")
        head = any(TABLE.fullmatch(one.strip()) for one in others)
        denied = DENIED.search(cell) or re.search(r"(?i)\brefuted|de-?labell?ed|in error", said)
        known = named(said) or REACTION.search(said) or (whole and not head and _names(cell))
        return said.strip() if known and not denied else ""
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


def _lines(document: Document) -> Iterator[tuple[str, int, str]]:
    """Each line, and whether it is `listed` under a heading of allergies (`told`: right under it,
    or beside it, so that it must be one) or of the `family`."""
    begins, kind = {each.start for each in document.headings}, ""
    data, last = document.text.encode(), 0
    for text, start in continued(document, unwrapped(document), BREAKS):
        label = LABEL.match(text)
        apart, last = data[last:start].count(b"\n") > 1, start + size(text)
        title = (start in begins and ABOUT.search(text)) or TITLE.fullmatch(text)
        if title and not named(text):
            kind = "titled" if TITLE.fullmatch(text) and SURE.search(text) else "listed"
        elif start in begins or (len(text) < 40 and OTHER.fullmatch(text)):
            kind = "family" if re.search(r"(?i)\bfamily\b", text) else ""
            if start in begins:
                yield text, start, kind
        elif label and TITLE.fullmatch(label["head"]):
            columns = label["mark"] == "|" and TABLE.search(label["rest"])
            kind = "told" if columns else kind
            beside = "told" if SURE.search(label["head"]) and not columns else "listed"
            yield label["rest"], start + size(text[: label.start("rest")]), beside
        else:
            if label and len(text) > len(label["head"]) + 1 and OTHER.fullmatch(label["head"]):
                kind = "" if kind in LISTS else kind
            if kind in LISTS and DOSED.match(text) and not REACTION.search(text):
                kind = ""
            if kind in ("titled", "told"):
                kind = "told" if _is_entry(text) and (kind == "titled" or not apart) else "listed"
            yield text, start, kind


def _is_entry(text: str) -> bool:
    """Whether a line under a heading of allergies is one, and no denial of all or prose."""
    denied = DENIED.search(text) and not named(text)
    return " | " in text or not (denied or PROSE.search(text) or len(text.split()) > ENTRY)
