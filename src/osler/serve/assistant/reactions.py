"""How a text names an allergy, and a reaction that may be one."""

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
