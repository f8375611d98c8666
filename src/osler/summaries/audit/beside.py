"""What stands beside a name and says what it is there: a salt, a value, a reason."""

from __future__ import annotations

import re

from osler.summaries.audit.words import word_set

MODIFIES = word_set("for treating treat treats regarding against targeting manage managing")
SALTS = word_set(
    "potassium sodium calcium magnesium hydrochloride hcl dihydrochloride hydrobromide succinate "
    "tartrate besylate maleate sulfate fumarate mesylate acetate phosphate citrate monohydrate "
    "bromide bitartrate sodium trihydrate dihydrate nitrate furoate propionate dipropionate "
    "xinafoate pamoate valerate gluconate lactate tromethamine disodium hyclate axetil medoxomil "
    "cilexetil etexilate bisulfate"
)
"""What follows the name of a drug, and is no drug or lab by itself: `losartan potassium`."""
VALUED = re.compile(r"\s*(?:of|at|was|is|:|=|\()?\s*\d")
"""What follows the name of something measured that has its value behind it."""
CHANGED = (
    r"(?:rose|rises|risen|fell|falls|fallen|(?:in|de)creased?|(?:in|de)creases|climbed|dropped|"
    r"declined|went|gone|moved|improved|worsened|changed|came|remained|stayed|stood|stands|lies|"
    r"lay)"
)
MEASURED = re.compile(
    r"\s*(?:blood |serum )?(?:results?|levels?|values?|readings?|concentrations?|measurements?)\b|"
    rf"\s*(?:(?:has|had|have)\s+)?{CHANGED}\s+(?:\w+\s+)?(?:from|to|by|at)\s+\d|\s*\(\s*\d|"
    r"\s*(?::|(?:was|is)\b)?\s*(?:(?:measured|high|low|elevated|raised|reduced|normal)\b)?:?\s*"
    r"(?:(?:at|as|of) )?\d"
)
"""What follows a word of every day that is a measurement here: the lead measured 1 µg/dL."""
OF_VACCINES = re.compile(r"(?i)vaccin|immuni[sz]|\bdoses?\b|\bshots?\b|\bbooster")
CAUSED = re.compile(
    r"(?i)\b(?:with|to|after|from|upon|following|gave|gives?|causes?|caused|brings?|brought|"
    r"leads?|led|triggers?|triggered|produce[sd]?)\b|[:(=→]|\s[-–—]+\s"
)
TREATED = re.compile(
    r"(?i)\b(?:for|treat(?:s|ing|ment of)?|against|manag(?:es|ing|ement of))\s+(?:\w+\s+)?$"
)
PROMPTED = re.compile(
    r"(?i)\b(?:prompted by|necessitated by|occasioned by|motivated by|triggered by|on account of|"
    r"in connection with|in relation to|in view of|by reason of|with regard to)\s+"
    r"(?:(?!(?:and|or|which|who)\b)[\w-]+\s+){0,3}$"
)
"""Before why somebody was seen: `a follow-up, prompted by a stroke, on 29 June 2024`."""
PRESUPPOSED = re.compile(
    r"(?i)\b(?:related to|(?:control|management|status|progression|course|stability) of)\s+"
    r"(?:(?:the|her|his|their|this)\s+)?(?:(?:known|existing|chronic|current)\s+)?$|"
    r"\b(?:her|his|their|known|existing)\s+$"
)
"""Before what a proposal takes for granted: `evaluate symptoms related to asthma`."""
