"""Whether something is this patient's and of now: no target, no condition, nobody else's. By rule.

What a sentence says is said of its last subject: `his brother` after `her mother`, and the patient
again after `and she`. A relative who only reports something, or comes along, is none.
"""

from __future__ import annotations

import re

_AIMS = r"if|unless|targets?|targeting|goals?|aim(?:s|ing|ed)?|keep|maintain|titrate\w*"
_CALLS = r"call|contact|return|come back"
_LONG_AGO = r"in (?:\w+ )?(?:19|20)\d\d|last (?:year|month|week)"
NOT_OF_NOW = re.compile(
    rf"(?i)(?:\b(?:{_AIMS})\b[^.;:,]{{0,60}}"
    rf"|\b(?:{_CALLS})\b[^.;:,]{{0,30}}\b(?:for|with|at)\s+"
    r"(?:(?:the|a|an|his|her|your)\s+)?"
    rf"|\b(?:{_LONG_AGO}|ago)\b[^.;:]{{0,40}}"
    r"|\b(?:previous|prior|earlier|former|past)\s+(?:[\w-]+\s+)?)$"
)
"""What stands before a value that is a target or a condition, or of another time."""
WHEN = re.compile(r"(?i)\b(?:until|when(?:ever)?|once)\b[^.;:,]{0,40}$")
PAST = re.compile(r"(?i)\W*(?:was|were|had|rose|fell|dropped|became|reached|came)\b")
"""`When potassium is 6.9` is a condition, `when potassium was 6.9` tells what happened."""
LONG_AGO = re.compile(rf"(?i)^[^.;,\d]{{0,30}}?(?:\b\d{{1,2}} )?\b(?:\w+ ago|{_LONG_AGO})\b")
"""What stands behind one of another time."""
MODIFIED = re.compile(
    r"(?i)\b(?:ioni[sz]ed|free|unbound|(?:in)?direct|conjugated|cord|fo?etal)[\s-]+$"
)
"""`Ionised calcium` is another test than calcium."""

_KIN = (
    r"mother|father|mum(?:my)?|mom(?:my)?|dad(?:dy)?|parent|brother|sister|sibling|husband|wife|"
    r"wives|spouse|partner|fianc[eé]e?|boyfriend|girlfriend|uncle|aunt(?:ie|y)?|cousin|niece|"
    r"nephew|gran(?:ny)?|nana|grand(?:mother|father|parent|ma|pa|dad|son|daughter|child|children)|"
    r"step-?(?:mother|father|brother|sister|son|daughter)|neighbou?r|colleague|co-?worker|"
    r"(?:room|flat|house|class)mate|relative|family member"
)
_OF_DONOR = (
    r"specific|site|card|kidney|renal|liver|heart|lung|organ|graft|transplant\w*|nephrectomy|"
    r"marrow|cells?|blood|milk|egg|sperm|cornea|tissue|lymphocyte"
)
_WHO = r"his|her|their|my|our|the|a|an|one|both|two|another|late|elder|older|younger|own"
PERSON = (
    rf"(?:\b(?:{_KIN})(?:s\b|\b(?!\s+of\s+(?:\w+|\d+)\s+child))"
    r"|(?<!\byour )\b(?:son|daughter)s?\b"
    r"|(?<=\bhis |\bher )(?:child(?:ren)?|kids?|bab(?:y|ies)|twin|friend)\b"
    r"|(?<=\btheir )(?:child(?:ren)?|kids?|bab(?:y|ies)|twin|friend)\b"
    rf"|\bdonors?\b(?![\s-](?:{_OF_DONOR})\b))(?:-in-law)?(?:['’]s?)?"
)
_SAYS = (
    r"reports?|reported|reporting|says?|said|saying|stat(?:es?|ed|ing)|tells?|told|mention\w*|"
    r"informs?|informed|thinks?|thought|believ\w+|notic\w+|not(?:es|ed)(?! to)|observ\w+|"
    r"describ(?:es?|ed)|recalls?|recalled|remembers?|confirms?|confirmed that|den(?:y|ies|ied)|"
    r"asks?|asked|requests?|requested|calls?|called|rang|phoned|found|finds?|saw|sees|witnessed|"
    r"brought|brings|gave|gives?|giv(?:en|ing)|administers?|measur(?:es|ed)|check(?:s|ed)|agree\w*|"
    r"explain\w*|adds?|added|worr\w+|wants?|wonder\w*|claims?|claimed|attend\w*|accompan\w+|"
    r"translat\w+|interpret\w+|stayed|visit\w*|understands?"
)
_BESIDE = (
    r"at (?:the )?bedside|present|here|aware|informed|updated|concerned|worried|anxious|supportive|"
    r"well|fit and well|unaware|next of kin|(?:her|his|the|a) (?:main )?(?:carer|nurse|advocate)"
)
REPORTS = re.compile(
    rf"(?i),?\s+(?:(?:who|also|then|had|has|have|kindly)\s+)*(?:{_SAYS})\b"
    rf"|\s*[,:(]?\s*(?:(?:is|was|are|were|who)\s+)*(?:{_BESIDE})\b(?!\s+with\b)"
    r"|\s*:\s*(?:he|she|they)\b"
)
"""How it goes on behind somebody who tells something of the patient, or is with him."""
ALONG = re.compile(
    r"(?i)\b(?:by|with|from|to|via|through|for|per|than|unlike|like|beside|"
    rf"(?:is|as|was|being) (?:a|an|the))\s+(?:(?:{_WHO}|single|new|young|elderly)\s+)*$"
)
"""What stands before somebody who is no subject: `seen with his wife`, `she is a mother`."""
WHO = re.compile(r"(?i),?\s+(?:who|whose)\b")
SUBJECT = re.compile(
    r"(?i)(?P<family>\b(?:family history|fhx?|(?:mother|father)['’]s (?:history|side))\b)"
    rf"|(?P<person>{PERSON})"
    r"|(?P<patient>(?<!\bof )(?<!\bof the )(?<!\bto the )(?<!\bfor the )(?<!\bof this )"
    r"\b(?:patient|pt)\b(?!['’])"
    r"|\bI (?:am|have|was|had|can|react|get|take)\b|\b(?:Mrs?|Ms|Miss)\.? [A-Z]"
    r"|(?:[,;:]|\b(?:and|but|while|whereas|though|although|that|so)\b)\s+"
    r"(?:he|she|they|you|we|his|her|their|my|your)\b"
    r"|,\s*(?:(?:known|severely|also)\s+)?(?:allergic|intolerant|hypersensitive)\b|\bown\b|;)"
)
"""Those of whom a sentence speaks, one after another."""
AGAIN = re.compile(r"(?i)(?:,|\b(?:and|but))\s+(?:the\s+|this\s+)?$")
CLAUSE = re.compile(r"(?i)(?:[\w+-]+\s+){1,4}?(?:is|was|are|were)\b")
"""`… and potassium was 6.9`: what is named is a subject itself."""
BEHIND = re.compile(
    rf"(?i)(?:(?>\W{{0,9}})(?!(?:and|but|or|with|by)\b)(?>\w+(?:[.+/-]+\w+)*)){{0,5}}?"
    rf"(?:\s+(?:in|of|on|affecting|among)\s+|"
    rf"\s*\(\s*|\s*[:–—-]\s+)(?:(?:{_WHO}|maternal|paternal|first-degree)\s+)*(?:{PERSON}|"
    r"(?P<runs>family\b(?! (?:doctor|physician|practice|medicine))))"
)
"""`Allergy to penicillin in her mother`, `diabetes (father)`."""
NEAR = 400
"""Characters around it that are looked at."""


def of_another(text: str, at: int) -> bool:
    """Whether what stands at a character of a sentence is said of somebody else."""
    text, at = text[max(0, at - NEAR) : at + NEAR], min(at, NEAR)
    last: re.Match[str] | None = None
    for one in SUBJECT.finditer(text, 0, at):
        if one["person"] and not _is_subject(text, one):
            continue
        if one[0] == ";" and last and text[last.end() :].lstrip()[:1] in (":", "-", "–"):
            continue  # `Father: stroke; gout`
        last = None if one["patient"] else one
    if last is not None and not _over(text, last, at):
        return True
    behind = BEHIND.match(text, at)
    return behind is not None and not REPORTS.match(text, behind.end())


def _is_subject(text: str, one: re.Match[str]) -> bool:
    if REPORTS.match(text, one.end()):
        return False
    return not ALONG.search(text[: one.start()]) or WHO.match(text, one.end()) is not None


def _over(text: str, one: re.Match[str], at: int) -> bool:
    """Whether what was said of somebody has ended: with a bracket, or with another subject."""
    said = text[one.end() : at]
    if said.count(")") > said.count("("):
        return True
    return bool(AGAIN.search(said) and CLAUSE.match(text, at))
