"""Names of concepts as people write them, and names of code systems."""

from __future__ import annotations

import re

KINDS = re.compile(
    r"\s*\((?:disorder|finding|procedure|situation|regime/therapy|substance|organism|product|"
    r"physical object|morphologic abnormality|event|observable entity|person|qualifier value|"
    r"clinical drug|medicinal product|environment|context-dependent category|record artifact|"
    r"occupation|religion/philosophy|body structure|navigational concept)\)\s*$"
)
"""What SNOMED CT writes behind a fully specified name."""

SYSTEMS = {
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://hl7.org/fhir/sid/ndc": "NDC",
}


def plain(text: str) -> str:
    """A name on one line, without the kind in brackets."""
    return KINDS.sub("", " ".join(text.split()))


def system_name(uri: str) -> str:
    """The short name of a code system, or its URI."""
    return SYSTEMS.get(uri, uri)
