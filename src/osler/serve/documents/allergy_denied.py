"""How a text denies an allergy, takes one back, or speaks of whoever may have one."""

from __future__ import annotations

import re

from osler.serve.documents.reactions import WEAK

_GAP = (
    r"(?:(?!after|since|following|with|from|for|despite|doubt|in\b|on\b|until|when|during)"
    r"\w+[\s/,]+)"
)
_ALLERGY = r"(?:allerg|intoleran|hypersens|anaphyla)"
_NOT_SO = (
    r"\bnot\s+(?:(?:truly|really|actually|genuinely|believed|thought|felt|considered|known|to|be|"
    r"an?|currently|ever)\s+)*(?:(?!only|just|clear|sure|certain|if|whether|yet|recorded|"
    rf"documented|asked|giv|tak|use|start|tolerat)[\w-]+\s+)?{_ALLERGY}|"
    rf"\b(?:does|did)(?:\s+not|n['’]t)\s+have\s+(?:an?\s+|any\s+)?(?:[\w-]+\s+){{0,2}}{_ALLERGY}|"
    rf"\b{_ALLERGY}\w*(?:\s+(?:to|the|[\w-]+)){{0,3}}?\s+(?:(?:is|was|has been)\s+)?denied\b|"
    r"\b(?:allerg(?:y|ies)(?!\s+(?:status|list|band|record))|label|entry|intolerance)\b[^.;–—-]{0,60}"
    r"\b(?:is|was|were|are)\s+(?:(?:an?|in|recorded|documented|entered|listed|made|by)\s+){0,3}"
    r"(?:error|mistake|erroneous|incorrect)|"
    r"\b(?:label|entry|allergy)\s+(?:(?:was|has been|now|since)\s+)*removed\b"
)
"""That a text says, or a record, and is not so."""
_GENERAL = (
    r"(?<!sure )(?<!clear )(?<!certain )(?<!known )\b(?:if|unless|in case of)\s+"
    rf"(?:(?!to\b)[\w-]+\s+){{0,4}}?{_ALLERGY}|"
    r"\b(?:patients|people|those|any(?:one|body)|someone|persons|individuals|women|men|children|"
    r"adults)\s+(?:(?:who|are|is|have|has|had|with|known|to|be|an?|severe(?:ly)?|history|of|true|"
    rf"previous)\s+)*(?:[\w-]+\s+)?{_ALLERGY}|"
    r"\b(?:alternatives?|options?|substitutes?|choice|suitable|contraindicated|used)\s+(?:in|for)\s+"
    rf"(?:[\w-]+\s+){{0,2}}?{_ALLERGY}|"
    rf"\b(?:ask|enquire|inquire)\s+(?:\w+\s+)?about\s+(?:[\w-]+\s+){{0,3}}?{_ALLERGY}|"
    r"\ballerg(?:ic|y)\s+(?:patients|people|individuals|persons)\b"
)
"""What holds for whoever has it."""
DENIED = re.compile(
    r"(?i)^\W*(?:none|nil|no|n/?a|negative)\W*$|^\W*(?:none|nil)\s+(?:known|to|of note|reported|"
    r"recorded|"
    r"documented)\b|\bnkd?a\b|\bno known(?! reaction)|"
    rf"\b(?:no|without|negative for|den(?:y|ies|ied))\s+{_GAP}{{0,4}}?(?:allerg|intoleran|"
    r"hypersens|adverse|anaphyla|reactions? to)|"
    r"\b(?:not|never|\w+n['’]t)(?:\s+(?:known|been|be|to|an?|currently|truly|ever))*\s+"
    r"(?:allerg|intoleran|hypersens|react)|"
    rf"{_NOT_SO}|{_GENERAL}|"
    r"\b(?:was|were|is|has been|have been)\s+(?:excluded|ruled out|removed from|outgrown)|"
    r"[,:(–—-]\s*(?:(?:later|since|now|formally)\s+)*(?:ruled out|excluded|outgrown|disproved)\b|"
    r"\bde-?labell?ed|\brefuted|\bdisprove[dn]|\bentered in error|\((?:removed|excluded)|"
    r"(?:allerg|intoleran)[^.;]{0,80}(?:[:?|–—]|\s-)\s*(?:no|n|none|nil|negative|false)\W*$|"
    r"^\s*(?:\[\s?\]|[☐□])|\bif (?:you|they|(?:the |a )?patients?)\b"
)
TAKEN_BACK = re.compile(r"(?i)\s*(?:this|that|it|which)\s+(?:was|were|is|has)\b")
"""`Thought allergic to aspirin; this was ruled out.`"""
LISTED_DENIED = re.compile(
    rf"(?i)^\W*(?:(?:the )?patient |she |he )?denies\b(?!\s+(?:any\s+)?{WEAK})|"
    rf"[:?]\s*(?:no|n|negative)\W*$|(?:^\W*|,\s?)(?:(?:is|currently|now)\s+)*(?:on|taking|takes)\s+\w+\W*$|"
    r"^\W*(?:regular(?:ly)?|tolerates?|tolerated|medications?|meds)\b|"
    r"^\W*(?:none|nil|no|nkd?a)\b[^.;,]{0,60}(?:,|\s[–—-])\s*(?:(?:but|currently|now)\s+)*(?:on|taking|takes|"
    r"receiving|given|prescribed|regular|tolerat\w+|medications?|meds)\b"
)
"""Of a line in a list of allergies. `On warfarin` stands among alerts."""
GROWN = re.compile(
    r"(?i)\|\s*(?:S|R|I|sensitive|resistant|susceptible|intermediate)\b|\borganism|\bMIC\b|"
    r"\b(?:sensitive|resistant|susceptible) to\b"
)
"""Sensitivities of what was grown, and not of somebody."""

_EMPTY, _TICKED = r"(?:[☐□]|\[ ?\])", r"(?:[☒☑✓✗]|\[[xX✓✗]\])"
_UNTICKED = rf"(?:{_EMPTY}\s?yes\W{{0,5}}{_TICKED}\s?no\b|\byes\s?{_EMPTY}\W{{0,5}}no\s?{_TICKED})"
BOXES = re.compile(
    rf"(?i)(?P<no>{_UNTICKED})|{_TICKED}\s?yes\W{{0,5}}{_EMPTY}\s?no\b|"
    rf"\byes\s?{_TICKED}\W{{0,5}}no\s?{_EMPTY}"
)
"""Two boxes that answer one question: `Yes ☐ No ☒`."""
NO = re.compile(rf"(?i)\s*(?:no?\b|{_UNTICKED})")
"""How a question is answered."""
