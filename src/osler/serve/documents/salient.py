"""Which sentences of a section tell what was found: they stand for it where no model's do. By rule.

Names, dates and how something was done say little; a disease, a germ, a drug, what is urgent or
what is denied says more.
"""

from __future__ import annotations

import re

from osler.retrieve.sentences import sentences
from osler.serve.assistant.quoted import shown
from osler.serve.documents.findings import OF_ITSELF
from osler.serve.documents.ordered import orders_so
from osler.serve.documents.substances import named
from osler.serve.documents.values import is_row
from osler.serve.documents.whose import of_another
from osler.summaries.audit import lookup
from osler.summaries.audit.words import tokens

LEAD, FEW = 3, 2
"""Sentences that stand for a section, and those that do where none tells of a finding."""
SHORT = 4
"""Words of a heading at most."""
FORM = re.compile(
    r"(?i)\W*(?:patient|name|re|dear|date|dob|nhs|mrn|hospital|address|lab(?:oratory)? n\w+|"
    r"microbiology report|collected|received|reported|consultant|ref\w*|ward|scanner|technique|"
    r"protocol|comparison|thank you|seen|exam(?:ination)? date|requested by|page|tel\w*|copy|cc|"
    r"born|sex|age|reason for (?:referral|visit))\b[^.]{0,12}(?::|,|\b(?:you|on|by|at)\b|$)"
)
"""A line of a form, a greeting, or how something was done."""
GERM = re.compile(
    r"(?i)\b(?:klebsiella|escherichia|e\. ?coli|staph\w*|strep\w*|enterococc\w+|pseudomonas|"
    r"candida|"
    r"enterobacter|proteus|serratia|salmonella|campylobacter|listeria|neisseria|mening\w+cocc\w+|"
    r"pneumococc\w+|h(?:a?emophilus)|legionella|mycobacteri\w+|tubercul\w+|acinetobacter|"
    r"clostridi\w+|bacteroides|aspergillus|ESBL|MRSA|MSSA|VRE|CPE|gram[- ](?:positive|negative)|"
    r"growth of|isolated|cocci|bacilli|rods)\b"
)
FINDS = re.compile(
    r"(?i)\b(?:suspicious|mass|lesions?|nodules?|fractures?|occlu\w+|stenosis|enlarged|effusion|"
    r"thromb\w+|embol\w+|aneurysm|ulcers?|compress\w+|haemorrhage|hemorrhage|bleed\w*|infiltrat\w+|"
    r"consolidation|dilat\w+|ruptur\w+|perforat\w+|metast\w+|malignan\w+|acute|severe\w*|marked\w*|"
    r"positive|abnormal|worse\w*|deteriorat\w+|level|rejection|low mood|suicid\w+|pain|fever)\b"
)
ABSENT = re.compile(r"(?i)\W*(?:[\w ]{1,30}: )?(?:no|negative|without|normal)\b")
"""What is not there says less than what is."""
ALLERGY = re.compile(r"(?i)\ballerg")
"""What stands first anyway."""
SENSITIVE = re.compile(
    r"(?i)\W*(?P<drug>[a-z][a-z/ -]{3,40}?)(?:\s*\|\s*|\s{2,}|\s*:\s*|"
    r"\s(?=[<>≤≥]?=?\d))(?:[<>≤≥]?=?\s?\d[\d./]*"
    r"(?:\s*\|\s*|\s+))?(?P<how>S|R|I|sensitive|resistant|susceptible|intermediate)\W*"
)
"""A row of an antibiogram."""
WORDS = {"s": "Sensitive", "r": "Resistant", "i": "Intermediate"}


def gist(text: str) -> str:
    """The sentences of a section that tell most, in their order."""
    text = shown(text).text
    told = {span: _tells(text[slice(*span)]) for span in _spans(text)}
    fit = [one for one in told if told[one] > 0 or _is_long(text, one)]
    ranked = sorted(fit, key=lambda one: -told[one])[:LEAD]
    best = [one for n, one in enumerate(ranked) if n < FEW or told[one] > 0]
    # A line of a form has no full stop, and would run into the next.
    return " ".join(
        text[a:b] if text[b - 1] in ".!?:;" else f"{text[a:b]}." for a, b in sorted(best)
    )


def says_anything(text: str) -> bool:
    """Whether a section has such a sentence."""
    text = shown(text).text
    return any(_is_long(text, one) or _tells(text[slice(*one)]) > 0 for one in _spans(text))


def _spans(text: str) -> list[tuple[int, int]]:
    return [(a, b) for a, b in sentences(text) if not OF_ITSELF.search(text[a:b])]


def _is_long(text: str, span: tuple[int, int]) -> bool:
    return len(text[slice(*span)].split()) > SHORT


def sensitivities(text: str) -> str:
    """What an antibiogram says, in a line; nothing where there is none."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        row = SENSITIVE.fullmatch(line.strip(" |"))
        if row and named(row["drug"]):
            how = row["how"][0].lower()
            found.setdefault("s" if row["how"].lower() == "susceptible" else how, []).append(
                row["drug"].strip()
            )
    return " ".join(f"{WORDS[how]}: {', '.join(found[how])}." for how in "sir" if how in found)


def is_sensitivity(line: str) -> bool:
    """Whether a line is a row of an antibiogram."""
    return bool((row := SENSITIVE.fullmatch(line.strip(" |"))) and named(row["drug"]))


def _tells(sentence: str) -> int:
    """How much a sentence tells of what was found."""
    if FORM.match(sentence) and not orders_so(sentence):
        return -1
    goes_on = sentence[:1].islower()  # its beginning stands elsewhere
    if (
        goes_on
        or of_another(sentence, len(sentence))
        or ALLERGY.search(sentence)
        or is_row(sentence)
    ):
        return 0
    words = tokens(sentence)
    diseases = sum(1 for _ in lookup.names_as("condition").found(words, sentence))
    told = (
        2 * min(diseases, 2)
        + 2 * bool(named(sentence))
        + 3 * bool(GERM.search(sentence))
        + bool(FINDS.search(sentence))
        + bool(orders_so(sentence))
    )
    return (told + 1) // 2 if ABSENT.match(sentence) else told
