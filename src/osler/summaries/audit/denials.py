"""What denies a name from before or behind it, beside the cues of the table: rules it out."""

from __future__ import annotations

import re

DONE = (
    r"(?:carried out|done|performed|administered|given|received|undertaken|made|obtained|ordered|"
    r"diagnosed|found|seen|present|established|confirmed|proven|taken|prescribed|started|begun|"
    r"an issue)"
)
EXISTED = (
    r"(?:occur|happen|featur|appear|form(?:ed)? (?:a )?part|figur|belong|exist|aris|develop|emerg|"
    r"com(?:e|ing) up|play(?:ed)? (?:a|any) (?:part|role)|affect|experienc|encounter|observ|"
    r"detect|identif|diagnos|document|record|report|list|includ|mention|part of|a part of|prescrib|"
    r"administer|perform|carried out|among|on the list)\w*"
)
"""Verbs of being there: `X has never occurred`, `does not feature among the diagnoses`."""
BEHIND = re.compile(
    r"(?i)(?:\s*(?::|\s[-–—])\s*(?:no|none|denied|denies|negative|neg|absent|"
    rf"(?:never|not)(?: yet)?(?: (?:had|taking|{DONE}))?)"
    rf"|\s+(?:was|were|is|are|has been|have been) (?:never|not) {DONE}"
    rf"|\s+(?:has|have|had) (?:not|never) (?:yet )?been {DONE}"
    r"|\s+(?:was|were|is|are|has been|have been) (?:excluded|ruled out|withdrawn|retracted|"
    r"revoked|refuted|disproved)"
    r"|\s+(?:is|are|was|were)(?: not|n['’]t) (?:part of|on|in|among|included in) "
    r"(?:the|her|his|their) (?:\w+ )?(?:regimen|list|medic\w+|treatments?|therapy|prescriptions?)"
    rf"|\s+(?:(?:has|have|had|does|do|did|is|was)(?: not|n['’]t| never)|never)(?: (?:yet|ever|"
    rf"once))?"
    rf"(?: been)? {EXISTED}(?:\s+[\w'’-]+){{0,8}}"
    r"|\s*\?\s*(?:no|none|never|negative|denied|denies|absent)"
    r"|\s*\(\s*(?:-|−|neg(?:ative)?|none|absent)\s*\))"
    r"(?:\s+(?:at any (?:time|point)|to date|so far|before|yet|ever|here|in (?:this|the) patient))?"
    r"\s*[.!]?\s*$"
)
"""At the end of a clause: what denies all that is named before it."""
NEXT = re.compile(
    r"(?i)\s+(?:\w+ ){0,5}(?:excluded|ruled out|disproved|refuted|unconfirmed|"
    r"(?:not|never|n't) (?:been )?(?:confirmed|proven|established))\s*[.!]?\s*$"
)
"""What denies the thing before it."""
RULED = re.compile(r"(?i)\brul(?:e|es|ed|ing)\s+(?:\w+ )?$")
OUT = re.compile(r"(?i)\s+(?:has been |was |is )?out\b")
"""Before and behind what is ruled out."""
DECLINED = re.compile(r"(?i)\b(?:declin|refus|defer)\w+|\bnot (?:yet )?(?:had|received|given)\b")
"""Before a vaccine that was not given."""
AVOIDED = re.compile(
    r"(?i)\b(?:should|must) (?:not|never) (?:receive|take|be (?:given|exposed to))\b|"
    r"\b(?:can ?not|can['’]t|could not|does not|unable to) tolerate\b"
)
"""Before what somebody is allergic to, which is no denial of it."""
RESULT = re.compile(
    r"(?i)(?:\s+(?:on|in|of|from|dated) [^;:()]{3,24}?)?\s*(?::|(?:(?:was|is|were|came back|"
    r"returned|tested)"
    r"\s+(?:(?:reported|recorded|documented|found|read|returned|given|noted)\s+)?(?:(?:as|"
    r"to be)\s+)?)?"
    r"(?P<said>(?:not |non-?)?(?:detected|positive|"
    r"negative|reactive|present|absent))\b)"
)
"""What follows the name of a test that has words for a result."""


def denied_from(text: str) -> int:
    """Where what denies all before it begins; -1 where nothing does."""
    found = BEHIND.search(text)
    return found.start() if found else -1


def is_denied(text: str, start: int, end: int, *, of_vaccine: bool) -> bool:
    """Whether the words about a name at some characters deny it."""
    before = text[:start]
    if of_vaccine and DECLINED.search(before):
        return True
    if NEXT.match(text, end):
        return True
    return RULED.search(before) is not None and OUT.match(text, end) is not None
