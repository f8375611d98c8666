"""How a text names an allergy, a reaction that may be one, and what it is to: what stands before a
substance and what behind it."""

from __future__ import annotations

import re

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
TO = (
    rf"(?:{STRONG}|react(?:ed|s|ing|ions?))\b(?:\s+[a-z-]+){{0,2}}?\s+(?:to|from)\b{_FILLS}|"
    rf"intolerant of\b{_FILLS}|"
    rf"(?:allerg(?:y|ies)|intolerances?)\s+(?:is|are|include[sd]?|including|such as)\b"
    rf"(?:\s+to\b)?{_FILLS}"
)
_MARK = r"(?:[=-]+>|→|[:|(\[–—-])"
WORN = (
    r"medic[- ]?alert(?:\s+(?:bracelet|necklace|band|card|tag|pendant))?"
    r"\s*(?:\bfor\b|\bre\b|[:(–—-])"
)
EXCEPT = (
    rf"(?:{STRONG}[^.;]{{0,80}}\bbut(?:\s+(?:only|also|rather|instead|is|she|he))*\s+to\b|"
    r"(?:nkd?a|no known|none|(?:no|denie[sd]|deny) (?:any )?(?:\w+ )?allergies)\b"
    r"[^.;]{0,80}\b(?:except|apart from|other than|but|aside from)"
    r"(?: for| to)?)"
)
ALLERGIC_TO = re.compile(rf"(?i)\b(?:{TO}|{STRONG}\s*{_MARK}{_FILLS}|{EXCEPT}|{WORN}{_FILLS})\s*$")
LACKS = r"(?:deficien(?:t|cy)|porphyria)"
"""`G6PD deficient: avoid primaquine` forbids it as an allergy does."""
BEFORE = re.compile(
    r"(?i)(?:^|[.;:,]\s*|\b(?:pt|patient|is|known|s?he)\s+)allergic\s*$|"
    rf"\b(?:{TO}|{STRONG}\s*{_MARK}{_FILLS}|{EXCEPT}|(?:{STRONG}|{WEAK}|reactions?)"
    rf"(?:\s+(?!{_TREATED})[a-z-]+){{0,4}}?\s+(?:with|from|to|after|on|following|due to|by|"
    rf"when(?:ever)?\s+(?:(?:he|she|they)\s+)?(?:given|taking|on|exposed to|takes?|took|had))"
    rf"{_FILLS}|"
    rf"(?:(?:cannot|can['’]t|unable to)\s+(?:take|have|tolerate)|not\s+tolerate){_FILLS}|"
    rf"{LACKS}\W+(?:[\w-]+\s+){{0,4}}?(?:avoid|no)\b{_FILLS})\s*$"
)
_MAKES = r"(?:caus|gave|giv|le[ad]|produc|result|mak|induc|relat|associat)"
_ILL = (
    r"(?:vomit|sick|ill|wheez|itch|swell|collapse|faint|unwell|breathless|nauseous|throw up|"
    r"hallucinat|come out in|react)"
)
_SIDE = r"(?:itch\w*|wheez\w*|swelling|cough|myalgia|agranulocytosis|side[- ]effects?)"
STOPPED = r"(?:stopped|discontinued|withdrawn|ceased|switched|changed)"
_UPSET = r"(?:vomiting|nausea|diarrh\w+|hallucinations|confusion|dizziness|fainting|collapse)"
UPSET = re.compile(
    rf"(?i)\b(?:{STRONG}|{WEAK}|{_SIDE}|{_UPSET}|vomit(?:s|ed)?|hallucinat\w+|collapsed|faint(?:s|ed))\b"
)
"""What a drug does to somebody, in a list of allergies."""
BECAUSE = (
    rf"(?:because of|due to|owing to|on account of|after|following|for)\b(?:\s+[\w-]+){{0,4}}?\s+"
    rf"(?:{STRONG}|{WEAK}|{_SIDE})\b"
)
AFTER = re.compile(
    rf"(?i)(?:['’]s)?\s*(?:{_MARK}\s*)?(?:{_MAKES}\w*\s+(?:to\s+|in\s+|him\s+|her\s+)?)?"
    rf"(?:(?!{_TREATED}|to\b|with\b|after\b|may|might|can|could|should|if|when|unless|until)"
    rf"[a-z]+\s+){{0,2}}?(?:{STRONG}|{WEAK})\b"
    r"|\s+ma(?:de|kes)\s+(?:him|her|them|me|(?:the )?patient)\s+(?:(?!not|better)\w+\s+){0,2}?"
    rf"{_ILL}|\s+(?:caused|gave|induced)\s+(?:(?:him|her|them|me|a|an|severe|bad|marked|some)\s+)*"
    rf"(?:{_SIDE}|{_UPSET})\b|,\s*(?:(?:is|she|he|patient|as|known|severely)\s+)*allergic\b(?!\s+to)|"
    rf"\s+(?:(?:was|were|is|has been|had to be)\s+)?{STOPPED}\s+{BECAUSE}"
)
STOPS = re.compile(rf"(?i)\b{STOPPED}{_FILLS}\s*$")
REASON = re.compile(rf"(?i)\s+{BECAUSE}")
"""`Stopped amoxicillin because of a rash`."""
TREATS = frozenset({"antihistamine", "corticosteroid", "epinephrine"})
"""What a reaction is treated with: `rash: hydrocortisone` tells of no allergy to it."""
THERAPY = frozenset({"corticosteroid", "anticoagulant", "warfarin", "insulin"})
"""What somebody who takes it wears a bracelet for."""
HINTS = re.compile(
    r"(?i)\breact|\bma(?:de|kes)\b|\b(?:caused|gave|induced)\b|"
    r"medic[- ]?alert|\bbecause\b|\bdue to\b|"
    r"deficien|porphyria|\bcan(?:no|['’])t|\bunable to|tolera|\bnkd?a\b|"
    r"\bno(?:ne| known)\b"
)
"""Without these and without a reaction a sentence tells of no allergy."""
