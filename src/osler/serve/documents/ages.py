"""Whether a document is about a child, whom the shipped ranges, those of adults, are not for.

A date of birth goes before ages and words for a child, which may be of somebody else, of another
time, or of a thing. Where it is not sure it is a child's: then less is judged.
"""

from __future__ import annotations

import re
from datetime import date

from osler.serve.documents.dates import DATE, years

NOTE = (
    "This document seems to be about a child: its laboratory values are judged only by the ranges "
    "that it gives."
)
ADULT = 18
"""Years of age."""
SIGN = re.compile(
    r"(?i)\b(?:"
    r"(?P<child>newborn|neonat(?:e|es|al)|infant|toddler|baby (?:boy|girl)|"
    r"child(?![- ]?(?:pugh|proof|resistant|birth|care|protection|safeguarding|benefit|seat))|"
    r"(?P<spell>\d{1,3}[- ](?:hours?|days?|weeks?|months?)[- ](?:old|of (?:age|life)))|"
    r"age[d:]?\W{0,5}\d{1,3} ?(?:days|weeks|months)(?!\W{1,3}(?:pregnant|into)))"
    r"|(?P<old>\d{1,3})[- ]?(?:(?:years?|yrs?)[- ]?(?:old|of age)|y\.?/?o)"
    r"|age[d:]?\W{0,5}(?P<aged>\d{1,3})(?! ?(?:days|weeks|months)\b)"
    r")\b(?!\W*(?:brothers?|sisters?|sons?|daughters?|siblings?|twins|nieces?|nephews?)\b)"
)
"""A child, or an age in years."""
OTHERS = re.compile(
    r"(?i)\b(?:mother|father|parents?|brother|sister|son|daughter|husband|wife|her|his|their|my|no|"
    r"with|as|one|first|second|third|only|last|previous|youngest|eldest|since|from|at|until)\b"
    r"(?:[^\w.;]+\w+){0,2}[^\w.;]*$"
    r"|(?<!mother )\b(?:delivered(?: of)?|gave birth to) (?:an?|one) (?:\w+ ){0,3}$"
)
"""What stands before the age of somebody else, or of another time."""
OF_PARENT = re.compile(
    r"(?i)(?:\b(?:has|have|had|expecting)\b(?: \w+)?|\b(?:\d|two|three|four|five)) $"
)
"""What stands before `child` in what is told of a parent."""
ONCE = re.compile(
    r"(?i)\b(?:diagnos\w+|onset|started|began|died|surgery|operat\w+|\w+ectomy)\b"
    r"(?:[^\w.;]+\w+){0,2}[^\w.;]*$"
)
"""What stands before an age that was the patient's once."""
KIN = re.compile(r"(?i)\b(?:mother|mum|mom|matern\w+|father|parent|guardian|kin|baby|infant)\b")
_THING = (
    r"wounds?|ulcers?|sores?|scars?|burns?|injur\w+|fractures?|bruises?|h(?:a?e)matomas?|clots?|"
    r"thromb\w+|infarct\w*|strokes?|lesions?|rash(?:es)?|abscess(?:es)?|samples?|specimens?|swabs?|"
    r"stents?|grafts?|lines?|catheters?|cannulas?|drains?|dressings?|sutures?|stitches|pacemakers?|"
    r"valves?|implants?|prosthes[ie]s|hips?|knees?|joints?|ecgs?|ekgs?|x-?rays?|films?|scans?|cts?|"
    r"mris?|images?|changes|results?|reports?|prescriptions?|records?|letters?|devices?|batter\w+"
)
THING = re.compile(rf"(?i)\b(?:{_THING})(?: (?:is|are|was|were|placed|about|now))*\W*$")
OF_THING = re.compile(rf"(?i)[- ](?:(?!with|and|who|has|had|in|for)\w+ ){{0,2}}(?:{_THING})\b")
"""What is old, but nobody: `5 day old wound`, `stent 3 years old`."""
TITLED = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Miss|Prof|Professor|Nurse)\.? (?:[A-Z][\w.'’-]* ?){0,2}$")
HOUSE = re.compile(
    r"(?:,? (?:and|&|of|[A-Z][\w'’]*))*? (?:Hospital|Infirmary|Cent(?:re|er)|University|Institute|"
    r"Foundation|Trust)\b"
)
"""`Dr Child`, `Women and Infant Hospital`."""
BEFORE = 40
"""Characters before an age that are looked at."""
AROUND = 60
"""Characters behind it."""
BORN = re.compile(
    r"(?i)\b(?:d\.?o\.?b|date of birth|birth ?date|born(?: on)?)\b[^\w\n]{0,8}"
    rf"(?P<date>{DATE.pattern.removeprefix('(?i)')})"
)
NOT_NOW = re.compile(
    r"(?i)\b(?:previous\w*|past|history|h/o|surgery|operat\w+|\w+(?:ectomy|plasty|otomy)|transplant\w*|"
    r"graft\w*|since|diagnos\w+|fracture\w*|born|due|expir\w+|until|next|review|valid)\b[^.;\n]*$"
)
"""What stands before a date that is not the document's."""


def is_adult(text: str) -> bool:
    """Whether it is not about a child: by the date of birth, and the latest of the other dates or
    today; else by the first age or word for one in it, which is the patient's."""
    age = _age(text)
    if age is not None and age >= ADULT:
        return True
    for sign in SIGN.finditer(text):
        if _is_patients(text, sign):
            return not sign["child"] and int(sign["old"] or sign["aged"]) >= ADULT
    return age is None


def _is_patients(text: str, sign: re.Match[str]) -> bool:
    """Whether a sign of an age tells of the patient, and of now."""
    before = text[max(0, sign.start() - BEFORE) : sign.start()].rpartition("\n")[2]
    behind = text[sign.end() : sign.end() + AROUND].partition("\n")[0]
    old = sign["spell"] or sign["old"]
    thing = old and (THING.search(before) or OF_THING.match(behind))
    if sign[0].lower() == "child" and OF_PARENT.search(before):
        return False
    if (sign["old"] or sign["aged"]) and ONCE.search(before):
        return False
    name = TITLED.search(before) or HOUSE.match(behind)
    return not (OTHERS.search(before) or thing or (name and not old and sign[0][0].isupper()))


def _age(text: str) -> int | None:
    """How old the patient was at the latest date of the document."""
    born = next((one for one in BORN.finditer(text) if not KIN.search(_before(text, one))), None)
    if born is None or not (birth := years(born["date"])):
        return None
    others = [
        year
        for one in DATE.finditer(text)
        if not born.start() <= one.start() < born.end() and not NOT_NOW.search(_before(text, one))
        for year in years(one[0])
        if birth[0] <= year <= date.today().year
    ]
    return max(others, default=date.today().year) - birth[0]


def _before(text: str, one: re.Match[str]) -> str:
    return text[max(0, one.start() - BEFORE) : one.start()].rpartition("\n")[2]
