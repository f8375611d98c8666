"""Groups of measurements that a sentence can speak of at once: kidney function, a blood count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from osler.summaries import lexicon
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.mentions import Clause, Mention

WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?i)\b(?:{pattern})\b"), panel)
    for pattern, panel in (
        (r"cholesterols? (?:levels?|values?|numbers|panel|profile|results?)", "lipids"),
        (r"cmp|comprehensive (?:metabolic )?(?:panel|profile)|full chemistry", "comprehensive"),
        (r"bmp|(?:basic )?metabolic (?:panel|profile)|chem[- ]?\d+|chemistr(?:y|ies)|u&es?|"
         r"chem(?:istry)? (?:panel|profile)|urea and electrolytes", "metabolic"),
        (r"(?:lung|pulmonary|respiratory|ventilatory) (?:functions?|capacity|volumes?|tests?)|"
         r"airflow|spirometr(?:y|ic)(?: values?| results?| findings?)?", "lung"),
        (r"kidneys?|renal|nephr\w+", "kidney"),
        (r"liver|hepatic|lfts?|transaminases?", "liver"),
        (r"bone (?:mineral )?densit(?:y|ies)|t-scores?|dexa|dxa", "bone"),
        (r"lipids?|cholesterol|lipid (?:panel|profile)", "lipids"),
        (r"glucose|glyc\w+|(?:blood )?sugars?|diabet\w+|a1c|hba1c", "glucose"),
        (r"electrolytes?|lytes", "electrolytes"),
        (r"(?:full |complete )?blood counts?|cbc|fbc|blood cells?|(?:blood )?cell counts?|"
         r"h(?:a)?ematolog\w+|"
         r"an(?:a)?emi\w+", "blood count"),
        (r"thyroid", "thyroid"), (r"oxygenation|(?:oxygen|o2) levels?|sats", "oxygen"),
        (r"coagulation|clotting|inr|coags?", "coagulation"),
        (r"blood pressures?|bps?|hypertension|pressures?(?! (?:ulcer|sore|injur))", "pressure"),
        (r"vitals?(?: signs?)?|observations|obs|(?-i:VS)", "vitals"),
        (r"(?:every|all|each|any) (?:lab )?tests?|(?:last|latest) panel|labs?(?:work)?|"
         r"laborator(?:y|ies)|bloods?(?=\s+(?:are|were|is|was|look|normal|fine|ok|"
         r"okay|good|clear|all|came)\b)|blood ?(?:tests?|works?|panels?|results?|stud(?:y|ies))|"
         r"(?:test )?results?|values?|analytes?", "labs"),
        (r"everything(?: else)?|all(?= (?:but|except|save|bar)\b)|"
         r"all (?:parameters|measurements?|numbers|findings|figures|tests)|(?:the )?numbers|"
         r"measurements", "all"),
    )
)  # fmt: skip
"""Words of a sentence -> panel. Those of `labs`, `vitals` and `all` are the wide ones."""
GENERAL = re.compile(r"(?i)cholesterol|(?:blood )?glucose|(?:blood )?sugars?")
"""Names of a measurement that, without a value, speak of its panel: `cholesterol is fine`."""
WIDE = ("labs", "vitals", "all")
EXAMS = re.compile(
    r"(?i)\b(?:exam(?:ination)?s?|physical|colonoscop\w+|mammogra\w+|x-?rays?|radiograph\w*|"
    r"imaging|scans?|ct|mri|ultrasound\w*|sonogra\w+|echo\w*|e[ck]gs?|electrocardio\w+|biops\w+|"
    r"cytolog\w+|patholog\w+|smears?|pap|spirometr\w+|stress tests?|dexa|endoscop\w+|culture\w*|"
    r"screen(?:ing|s)?|questionnaires?|phq\w*|gad\w*|auscultation|growth|development)\b"
)
"""What is looked at and not measured, so that no value says whether it was well."""
PRESSURE = ("8480-6", "8462-4")
METABOLIC = frozenset(
    f"lab:{name}"
    for name in (
        "sodium", "potassium", "chloride", "carbon dioxide", "blood urea nitrogen", "creatinine",
        "glucose", "calcium", "anion gap", "estimated glomerular filtration rate",
        "bun/creatinine ratio",
    )
)  # fmt: skip
COMPREHENSIVE = METABOLIC | frozenset(
    f"lab:{name}"
    for name in (
        "albumin", "total protein", "total bilirubin", "alkaline phosphatase", "globulin",
        "alanine aminotransferase", "aspartate aminotransferase", "albumin/globulin ratio",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clause speaks of at some of its characters: a measurement, or a panel of them."""

    start: int
    end: int
    items: tuple[Evidence, ...]
    panel: str = ""
    """Empty for a measurement that is named."""


def subjects(clause: Clause, named: list[Mention], ledger: Ledger) -> list[Subject]:
    """All measurements and panels of a clause, in order; no panel within a measurement's name."""
    found = [
        Subject(start, end, tuple(of(panel, ledger)), panel)
        for start, end, panel in words_of(clause.text, WORDS[:1])
    ]
    valued = re.search(r"\d", clause.text) is not None
    for one in named:
        if any(s.start <= one.first(clause) < s.end for s in found):
            continue
        if not valued and GENERAL.fullmatch(clause.text[one.first(clause) : one.last(clause)]):
            continue
        items = tuple(i for i in one.items if i.kind in ("lab", "vital"))
        if items:
            found.append(Subject(one.first(clause), one.last(clause), items))
        elif not one.items and one.kinds == ("lab",) and not _is_panel(clause, one):
            found.append(Subject(one.first(clause), one.last(clause), ()))
    for start, end, panel in words_of(clause.text):
        if not any(s.start < end and start < s.end for s in found):
            found.append(Subject(start, end, tuple(of(panel, ledger)), panel))
    return sorted(found, key=lambda one: one.start)


def words_of(
    text: str, words: Sequence[tuple[re.Pattern[str], str]] = WORDS
) -> Iterator[tuple[int, int, str]]:
    """Where panels are spoken of."""
    for pattern, panel in words:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), panel


def _is_panel(clause: Clause, one: Mention) -> bool:
    text = clause.text[one.first(clause) : one.last(clause)]
    return any(True for _ in words_of(text))


def of(panel: str, ledger: Ledger) -> list[Evidence]:
    """The measurements of a panel that the record has."""
    if panel == "all":
        return ledger.of("lab", "vital")
    if panel == "labs":
        return ledger.of("lab")
    if panel == "vitals":
        return ledger.of("vital")
    if panel == "oxygen":
        return [i for i in ledger.of("vital", "lab") if "lab:oxygen saturation" in i.concepts]
    if "-" in panel:
        return [i for i in ledger.of("vital") if loinc(i) == panel]
    if panel == "pressure":
        return [i for i in ledger.of("vital") if loinc(i) in PRESSURE]
    return [i for i in ledger.of("lab") if _concepts(panel) & i.concepts]


def loinc(item: Evidence) -> str:
    """The code of a series."""
    parts = item.ids[0].split(":") if item.ids else []
    return parts[1] if len(parts) > 1 else ""


@cache
def _concepts(panel: str) -> frozenset[str]:
    if panel in ("metabolic", "comprehensive"):
        return METABOLIC if panel == "metabolic" else COMPREHENSIVE
    return frozenset(f"lab:{c.name}" for c in lexicon.concepts("lab") if panel in c.tags)
