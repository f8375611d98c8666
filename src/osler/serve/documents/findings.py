"""What else of a document must not be lost: conclusions and orders. By rule."""

from __future__ import annotations

import re

from osler.documents.document import Document
from osler.retrieve.sentences import sentences
from osler.serve.documents.lines import (
    Finding,
    beyond,
    finding_at,
    overlaps,
    size,
    under,
    unwrapped,
)
from osler.serve.documents.ordered import TAKES, orders_so
from osler.serve.documents.substances import named
from osler.serve.documents.values import is_row

_CONCLUSION = (
    r"[\W\d]{0,20}(?:(?:clinical|final|overall|laboratory|radiolog\w+) )?(?:conclusions?|"
    r"impressions?|interpretations?|comments?|assessment|diagnos[ei]s|summary|opinion)"
)
CONCLUSION = re.compile(rf"(?i){_CONCLUSION}\W*")
CONCLUDES = re.compile(rf"(?i)(?:^|[.;]\s){_CONCLUSION}\s*:\s*(?P<rest>\S.*)$")
"""A line that says it, behind other sentences too."""
OF_ITSELF = re.compile(
    r"(?i)\b(?:summar(?:y|ies)|answers?|replies|overviews?|translations?) (?:of|about|to|on) "
    r"(?:this|the) (?:page|document|report|text|letter|file|article|section)\b"
    r"|\b(?:any|every|each|all) summar(?:y|ies)\b"
)
"""What speaks of summaries and not of the patient concludes nothing."""
_RESULTS = r"(?:values?|results?|tests?|labs|bloods?|levels?|parameters?)"
_WELL = (
    r"(?:normal|unremarkable|(?:with)?in (?:(?:the|its|their|normal|reference) ){0,3}"
    r"(?:range|limits))\b"
)
REASSURES = re.compile(
    rf"(?i)\b(?:all|every|each)\b(?: [a-z]+){{0,3}} {_RESULTS}\b[^.;]{{0,40}}\b{_WELL}"
    rf"|\bno (?:\w+ )?(?:abnormal|pathological)(?: \w+)? {_RESULTS}\b"
    rf"|\bno {_RESULTS}(?: (?:is|are|was|were))? (?:abnormal|out of (?:the |its |their )?range)\b"
    rf"|\b(?:labs|bloods|blood tests|(?:laboratory )?(?:results|values))"
    rf"(?: (?:are|were|have been|all|today|entirely|completely))* {_WELL}"
)
"""How a report says that nothing is out of range."""
BUT = re.compile(
    r"(?i)\b(?:not|other|rest|remaining|except|apart|but|besides|if|unless|once|until)\b"
)
"""With these it says so of some alone."""
LABEL = re.compile(r"[A-Z][\w /-]{1,30}:")
ORDERS = re.compile(
    r"(?i)^\W*(?:(?:discharge|follow[- ]?up|current|home|new|active|regular|gp|management|further|"
    r"treatment|care) )?(?:orders?|plan|actions?|next steps|to[- ]do(?: list)?|requests?|"
    r"management|"
    r"medications?(?: list)?|medicines|drugs|prescriptions?|rx|instructions?|recommendations?|"
    r"treatment|therapy|follow[- ]?up|assessment and plan|a/p|tt[oa]s?)"
    r"(?: (?:on|at|for|after|to|from|by) (?:the |your )?(?:discharge|home|admission|follow[- ]?up|"
    r"take(?: home)?|gps?|patients?|practice|primary care|general practitioner|team|ward|"
    r"parents?))?"
    r"\W*$"
)
TAKEN = re.compile(
    r"(?i)^\W*(?:(?:current|home|active|regular|usual|present|long[- ]term) "
    r"(?:medications?|medicines|drugs|treatment|therapy|prescriptions?)(?: list)?"
    r"|(?:medications?|medicines|drugs)(?: list)? (?:on|at) admission)\W*$"
)
"""Headings of what is taken already; of those of orders, too."""
PAST = re.compile(
    r"(?i)^\W*(?:she|he|they|(?:the |this )?patient|pt|mrs?\.?|ms\.?|we)\b[^.;]*?"
    r"\b(?:received|was|were|had|underwent|improved|responded|tolerated|completed|required|got)\b"
    r"(?! (?:discharged|sent home|started|switched|changed|advised|asked|told)\b)"
)
"""`She received doxycycline and improved`: what was done is no order."""
KNOWN = re.compile(
    r"(?i)\W*(?:known(?: (?:to have|for))?|(?:past |medical )*history of|h/o|background of|"
    r"pre-?existing)\b(?:\W+[\w-]+){1,5}\W*"
)
"""`Known asthma.` concludes nothing."""
LONG = 30_000
"""Characters from which a document is no report, and what it recommends is said to others."""
_ACTS = (
    r"repeat|re-?check|re-?test|avoid|stop|discontinue|cease|withhold|hold|begin|continue|switch|"
    r"restart|resume|taper|titrate|take|give|administer|apply|refer|schedule|arrange|book|obtain|"
    r"monitor|check|measure|consider|call|contact|seek|restrict|drink|consult|discuss|ask|"
    r"follow[- ]?up|rx|prescribe"
)
_NOUNS = r"start|increase|decrease|reduce|change|use|review|return|order|limit|rest|keep|see|treat"
"""These are orders only where no noun: `Increase of potassium` is none."""
_NO_NOUN = r"(?! (?:of|in|from|was|were|is|are|has|had|date|day|time|number|visit)\b|\s*[:=])"
DIRECTS = re.compile(
    rf"(?i)\W*(?:please |then |do not |don['’]t |never )*"
    rf"(?:(?:{_ACTS})\b(?! (?:of|was|were|is|are|had)\b|\s*[:=])|(?:{_NOUNS})\b{_NO_NOUN})"
)
RECOMMENDS = re.compile(
    rf"(?i)\b(?:recommend\w*|advis(?:e[ds]?|able)|(?:should|must|needs? to|has to|is to|are to)"
    rf" (?:not |never )?(?:be )?(?:{_ACTS}|{_NOUNS}|seen|taken|given|held|kept)(?:p?ed|d)?)\b"
)
DOSED = re.compile(
    r"(?i)(?!.*\b(?:was|were|is|are|had|has|"
    r"would)\b)\W*(?:[a-z][\w/-]*\W+){1,4}?\d[\d.,]*\s?(?:mg|mcg|µg|g|ml|units?|iu|tablets?|"
    r"puffs?)\b"
    r".*\b(?:daily|once|twice|times|every|each|weekly|nightly|at night|[obtq][ditq][dsh]?|prn)\b"
)
"""`Amoxicillin 500 mg twice daily`."""


def conclusions(document: Document) -> list[Finding]:
    """Sentences under headings of conclusions; behind `Conclusion: …` those of its paragraph. What
    an abstract says as well stands where it is said first."""
    begins, data = {each.start for each in document.headings}, document.text.encode()
    found: dict[str, Finding] = {}
    inside, last = "", 0
    for text, start in unwrapped(document):
        told, whole = "", CONCLUSION.fullmatch(text)
        labelled = None if " | " in text else CONCLUDES.search(text)
        if labelled:
            inside = "paragraph" if start in begins else inside or "paragraph"
            told = labelled["rest"]
        elif start in begins or whole:
            inside = "" if not whole else "section" if start in begins else "label"
        elif inside == "paragraph" and (
            LABEL.match(text) or is_row(text) or data[last:start].count(b"\n") > 1
        ):
            inside = ""
        elif inside and not is_row(text):
            inside, told = "paragraph" if inside == "label" else inside, text
        last = start + size(text)
        for one in _sentences(document, told, last - size(told)):
            if not OF_ITSELF.search(one.text) and not KNOWN.fullmatch(one.text):
                found.setdefault(one.text, one)
    return list(found.values())


def reassurances(document: Document) -> list[Finding]:
    """Sentences of a report that say that nothing is out of range."""
    return [
        one
        for text, start in unwrapped(document) if len(document.text) < LONG
        for one in _sentences(document, text, start)
        if REASSURES.search(one.text) and not BUT.search(one.text) and not is_row(one.text)
    ]  # fmt: skip


def medicines(document: Document) -> list[Finding]:
    """What is taken already, by the heading above it or as a sentence tells; `Stop aspirin` below
    such a heading is an order."""
    found = [
        one
        for text, start in under(document, TAKEN, LABEL)
        for one in _sentences(document, text, start)
        if not DIRECTS.match(one.text) and not RECOMMENDS.search(one.text)
    ]
    told = [
        one
        for text, start in unwrapped(document) if len(document.text) < LONG and not is_row(text)
        for one in _sentences(document, text, start)
        if TAKES.match(one.text) and named(one.text)
    ]  # fmt: skip
    return sorted((*found, *beyond(told, found)), key=lambda one: one.start)


def orders(document: Document) -> list[Finding]:
    """What stands under headings of orders, medicines and plans, and is neither past nor taken
    already; and of a report each sentence that orders or recommends something."""
    found: dict[int, Finding] = {}
    for text, start in under(document, ORDERS, LABEL):
        found |= {
            one.start: one
            for one in _sentences(document, text, start)
            if not PAST.match(one.text) or RECOMMENDS.search(one.text)
        }
    begins, taken = {each.start for each in document.headings}, medicines(document)
    for text, start in unwrapped(document) if len(document.text) < LONG else ():
        row = is_row(text) and not (DOSED.match(text) and named(text))
        telling = named(text) or LABEL.match(text.rstrip(" :"))  # as `STOP IBUPROFEN`
        heading = ORDERS.fullmatch(text) or (start in begins and not telling)
        for one in () if row or heading else _sentences(document, text, start):
            label = LABEL.match(one.text)
            said = one.text[label.end() :] if label else one.text
            directs = any(DIRECTS.match(part) for part in said.split(";"))
            if (
                (directs or RECOMMENDS.search(said) or DOSED.match(said) or orders_so(said))
                and not overlaps(one, found.values())
                and (not DOSED.match(said) or named(said))
            ):
                found[one.start] = one
    return beyond((found[at] for at in sorted(found)), taken)


def spans(text: str) -> list[tuple[int, int]]:
    """Its sentences; a row of a table is one."""
    return [(0, len(text))] if " | " in text else sentences(text)


def _sentences(document: Document, text: str, start: int) -> list[Finding]:
    return [
        finding_at(document, text[a:b], start + size(text[:a]), text[a:b])
        for a, b in spans(text)
        if b > a
    ]
