"""Words of comfort: `normal`, `at goal`, `no abnormal values`, `does not show any elevation`."""

from __future__ import annotations

import re

SENSES = ("lab", "vital", "condition", "exam", "any")
"""What a phrase of the table may be said of, of those that measurements can speak to."""
BAD = (
    r"(?:abnormal\w*|out[- ]of[- ](?:the )?(?:\w+ )?(?:range|limits|it)|outside|concerning|"
    r"worr(?:y|isome|ying)|alarm\w*|disturbances?|derange\w+|impairments?|dysfunction|"
    r"insufficiency|critical|panic|pathologic\w*|(?:red )?flags?|flagged|elevat(?:ed|ions?)|"
    r"needs? attention|deviat\w+|surpris\w+|unusual|untoward|amiss|remarkable|high or low|"
    r"low or high|issues? with|problems? with|"
    r"concerns? (?:about|with))"
)
CHANGED = (
    r"(?:(?:reduced|decreased|diminished|lowered|depressed|low|raised|increased|high|impaired|"
    r"deficient|excessive|suppressed)(?= [a-z(])|elevat(?:ed|ions?)|reductions?|decreases?|"
    r"deficits?|declines?|impairments?|excess|overweight|obesity|underweight|derangements?|"
    r"deterioration|alterations?|irregularit(?:y|ies)|(?:cause|reason|grounds?) for (?:concern|"
    r"alarm|worry)|concerns?|alarm|worry)"
)
"""What is bad where it is told to be shown: `no sign of reduced saturation`."""
SHOWN = (
    r"(?:signs?|evidence|indications?|suggestions?|hints?|traces?|proof|features?|pointers?|"
    r"markers?)\s+(?:of|for|that|towards?)"
)
SHOWS = (
    r"(?:(?:do|does|did|has|have|had)(?: not|n['’]t)|never|fail(?:s|"
    r"ed)? to)\s+(?:\w+ly\s+)?(?:show|"
    r"indicate|reveal|demonstrate|suggest|disclose|display|exhibit|raise|give|pose|warrant|"
    r"represent|constitute|identify|detect|flag|contain|include|find|point to|exceed|fall|lie)\w*"
)
NONE_BAD = re.compile(
    rf"(?i)\b(?:no|none|nothing|nil|zero|without|free (?:of|from)|den(?:y|ies)|not (?:any|one)|"
    rf"{SHOWS})\b(?:(?!\b(?:but|other)\b)[^.;]){{0,60}}?\b{BAD}\b|"
    rf"\b(?:(?:no|without(?: any)?|lack of|absence of|free (?:of|from)) (?:\w+ )?{SHOWN}|"
    rf"no|without(?: any)?|{SHOWS})\s+(?:(?:any|an?|the|significant|relevant|"
    rf"clinical)\s+)*{CHANGED}\b|"
    rf"\b(?:not|n['’]t|never|neither|nor|no longer)\s+(?:\w+\s+)?(?:above|below|over|under|beyond|"
    rf"outside|out of|exceed\w*)\s+(?:(?:the|its|their|any|an?|upper|lower|normal|reference|"
    rf"expected|"
    rf"recommended|healthy|acceptable|target)\s+)*(?:ranges?|limits?|values?|intervals?|bounds?|"
    rf"thresholds?|normal|target|goal|cut-?off)\b|"
    rf"\b{BAD}\b[^.;:]{{0,30}}?(?::|\b(?:is|are|was|were)\b)\s*(?:none|nil|no|zero|absent|"
    rf"not (?:found|seen|present|noted))\b"
)
"""`no abnormal values`, `abnormal results: none`."""
ADVERB = (
    r"(?:(?:all|both|also|now|currently|quite|very|pretty|completely|entirely|totally|perfectly|"
    r"generally|overall|just|grossly|mostly|still|really|absolutely|reasonably|fairly|within|"
    r"looking|being|back|as|reported|noted|found|to be)\s+)*"
)
PLAIN = (
    r"(?:good|fine|ok|okay|o\.k\.|clean|clear|great|perfect|excellent|alright|all right|sound|"
    r"intact|preserved|maintained|unimpaired|unaffected|spotless|impeccable|faultless|ideal|"
    r"kept in check|as (?:he|she|one) should(?: be)?|as (?:it|they) should\b|in order|"
    r"in (?:good |great )?shape|in check|in line|as expected|as (?:it|they) should be|"
    r"where (?:it|they) should be|(?:work|function|perform)ing (?:well|fine|normally)|"
    r"(?-i:NAD)|nil abnormal|in (?:good|excellent|tight) control|"
    r"not (?:raised|elevated|high|low|increased|reduced|decreased|impaired|affected))"
)
"""Words of comfort only where they are said of something: `labs are fine`, no fine needle."""
PREDICATIVE = re.compile(
    rf"(?i)\b(?P<well>{PLAIN})"
    rf"(?=\s*(?:[,.;:)!(]|$|(?:and|with|at|on|for|as|today|but|except|apart|overall|this|now|"
    rf"again|bar|too|in|throughout|across)\b))"
)
LINK = re.compile(
    rf"(?i)(?:\b(?:is|are|was|were|looks?|looked|looking|appears?|appeared|seems?|seemed|"
    rf"remains?|remained|turn(?:s|ed) out|prove[sd]?|works?|working|functions?|stays?|stayed|"
    rf"came back|comes? back|returned|reads?|reported|reviewed|"
    rf"found to be|within)\s*,?\s*|[:,–-]\s*|^\W*){ADVERB}$"
)
"""What stands before a word that is said of something."""
BEFORE = re.compile(
    r"(?i)\b(?P<well>good|excellent|fine|preserved|intact|great|perfect|sound|optimal|tight|"
    r"maintained|clean|unimpaired|healthy)\s+(?=(?P<what>\w+(?: \w+)?))"
)
"""`good glycemic control`."""
RECOVERED = re.compile(
    r"(?i)\s*(?:\b(?:has|have|had|is|was|were|are|been|being|now|since|fully|completely|entirely|"
    r"also|then|again|largely|successfully|quickly|promptly|levels?|values?|function)\s+)*"
    r"(?P<well>(?:re-?)?normali[sz]ed|(?:self-)?corrected|recovered|resolved|settled|restored)\b"
)
"""Behind what was measured: `potassium has corrected`."""
RECOVERY = re.compile(
    r"(?i)\b(?P<well>normali[sz]ation|correction|recovery|resolution) (?:of|in) "
    r"(?:(?:the|her|his|their)\s+)?$"
)
"""Before it."""
TARGET = re.compile(
    r"(?i)\b(?:meet(?:s|ing)?|met|reach(?:es|ed|ing)?|achiev(?:es|ed|ing)|attain(?:s|ed)|hits?|"
    r"hitting|at|on|within|in|(?:controlled|treated|down) to)\s+(?:(?:the|her|his|its|their|all|"
    r"a|treatment|therapeutic|recommended|desired|glycemic|personal|individual|guideline|"
    r"current)\s+)*(?:goals?|targets?|objectives?)\b(?: range)?"
)
IN_RANGE = re.compile(
    r"(?i)\b(?:not|n['’]t|never) exceed(?:ed|ing)? (?:(?:the|normal|upper|reference|its)\s+)+"
    r"(?:limits?|range|values?)\b|"
    r"\b(?:in|within|inside)\s+(?:(?:the|an?|her|his|its|their|all|normal|reference|healthy|"
    r"safe|acceptable|expected|desired|target|goal|usual|optimal|prediabetic|non-?diabetic|"
    r"desirable|recommended|laborator(?:y|ies['’]?)|lab|respective|standard|adult|"
    r"physiologic\w*)\s+)*"
    r"(?:ranges?|limits|bounds|normal|reference(?! ranges? of))\b(?!\s+(?:of|from)\b)"
)
HIGH = re.compile(
    r"(?i)\b(?:above|over|beyond|exceed\w*|elevat\w+|raised|increased?|high|excess\w*|overweight|"
    r"obesity|upper)\b"
)
LOW = re.compile(
    r"(?i)\b(?:below|under|reduc\w+|decreas\w+|diminished|lowered|depressed|low|deficien\w+|"
    r"suppressed|underweight|lower)\b"
)


FUNCTION = re.compile(r"(?i)\s*(?:\w+ )?(?:functions?|capacity|clearance|filtration|control)\b")


def way(said: str, behind: str) -> str:
    """Which way a denial of what is bad speaks of, `high` or `low`; empty where of both, or of a
    function, which is low where what is measured of it is high."""
    if FUNCTION.match(behind):
        return ""
    high, low = HIGH.search(said), LOW.search(said)
    return "" if bool(high) == bool(low) else "high" if high else "low"
