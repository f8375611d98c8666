"""Whether a value is this patient's and of now: no target, no condition, nobody else's. By rule."""

from __future__ import annotations

import re

_AIMS = r"if|unless|targets?|targeting|goals?|aim(?:s|ing|ed)?|keep|maintain|titrate\w*"
_CALLS = r"call|contact|return|come back"
_FAMILY = (
    r"mother|father|parent|brother|sister|son|daughter|husband|wife|partner|twin|uncle|aunt|cousin|"
    r"donor|grand\w+|neighbou?r"
)
_LONG_AGO = r"in (?:\w+ )?(?:19|20)\d\d|last (?:year|month|week)"
NOT_OF_NOW = re.compile(
    rf"(?i)(?:\b(?:{_AIMS})\b[^.;:,]{{0,60}}"
    rf"|\b(?:{_CALLS})\b[^.;:,]{{0,30}}\b(?:for|with|at)\s+"
    r"(?:(?:the|a|an|his|her|your)\s+)?"
    rf"|\b(?:{_FAMILY})s?['’]s?\b[^.;:,]{{0,40}}"
    rf"|\b(?:{_LONG_AGO}|ago)\b[^.;:]{{0,40}})$"
)
"""What stands before a value that is a target or a condition, somebody else's, or of years ago."""
WHEN = re.compile(r"(?i)\b(?:until|when(?:ever)?|once)\b[^.;:,]{0,40}$")
PAST = re.compile(r"(?i)\W*(?:was|were|had|rose|fell|dropped|became|reached|came)\b")
"""`When potassium is 6.9` is a condition, `when potassium was 6.9` tells what happened."""
LONG_AGO = re.compile(rf"(?i)^[^.;,\d]{{0,30}}?(?:\b\d{{1,2}} )?\b(?:\w+ ago|{_LONG_AGO})\b")
"""What stands behind one of another time."""
MODIFIED = re.compile(
    r"(?i)\b(?:ioni[sz]ed|free|unbound|(?:in)?direct|conjugated|cord|fo?etal)[\s-]+$"
)
"""`Ionised calcium` is another test than calcium."""
