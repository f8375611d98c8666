"""How letters and reports order something: by a request, a need, a plan, `clinic in 2 weeks`.

Tables of words; the sentences that begin with `stop`, `repeat` and the like are in `findings.py`.
"""

from __future__ import annotations

import re

from osler.serve.documents.substances import named
from osler.serve.documents.whose import of_another

_DO = (
    r"(?:re-?)?(?:check|start|commence|test|scan|refer|book|arrange|organi[sz]e|perform|review|"
    r"assess|stop|discontinue|cease|withhold|hold|continue|increase|reduce|decrease|change|switch|"
    r"add|give|administer|prescribe|titrate|taper|wean|monitor|measure|repeat|see|follow|call|"
    r"contact|ring|phone|admit|discharge|transfer|transfuse|send|obtain|order|request|consider|"
    r"discuss|seek|return|attend|take|avoid|bring|ensure|make|let|inform|tell|chase|vaccinate|"
    r"immuni[sz]e|remove|keep|limit|restrict|treat|optimi[sz]e|update|issue|liaise|resume)"
)
_DONE = (
    r"(?:re-?)?(?:checked|started|commenced|tested|scanned|referred|booked|arranged|organi[sz]ed|"
    r"performed|reviewed|assessed|stopped|discontinued|withheld|continued|increased|reduced|"
    r"changed|switched|given|monitored|measured|repeated|seen|followed|admitted|transferred|"
    r"transfused|removed|treated|resumed|taken|avoided|excluded|discussed|vaccinated)"
)
THING = re.compile(
    r"(?i)\b(?:MRI|MRCP|CT|PET|scans?|imaging|ultrasound|x-?rays?|radiographs?|mammogra\w+|"
    r"biops\w+|"
    r"referrals?|reviews?|clinics?|appointments?|follow[- ]?up|surgery|operations?|intervention|"
    r"resection|excision|drainage|dialysis|ha?emodialysis|delivery|induction|transfusions?|"
    r"blood tests?|bloods|endoscopy|colonoscopy|gastroscopy|bronchoscopy|cystoscopy|echo\w*|ECG|"
    r"EEG|"
    r"spirometry|vaccin\w+|immuni[sz]ations?|physiotherapy|rehabilitation|monitoring|surveillance|"
    r"treatment|therapy|antibiotics|anticoagulation|admission|assessments?|evaluation|checks?|"
    r"tests?|testing|screening|cultures?|lumbar puncture|chemotherapy|radiotherapy|isolation|"
    r"precautions|correlation|counselling|consultation|opinion|discussion|MDT|dressings?|sutures?|"
    r"stitches|clips|staples|cast|weights?|doses?|boosters?|INR|FBC|CBC|U&Es?|LFTs?|HbA1c|"
    r"oxygen|fluids|iron|insulin|visits?|input|support|work-?up|intubation|ventilation)\b"
)
"""What is ordered, beside medicines."""
ASKS = re.compile(
    rf"(?i)\b(?:could|would|can|will) (?:you|the (?:gp|practice|team|"
    rf"surgery))\b[^.;?]{{0,30}}?\b{_DO}\b"
    r"|\b(?:grateful|thankful|helpful|appreciate(?:d)?|obliged|kind) (?:it )?if (?:you|the|they|"
    r"this)\b"
    rf"|\b(?:kindly|please)(?: (?:do not|also|then|urgently|can|could|you)){{0,3}} {_DO}\b"
    rf"|^\W*(?:if|should|when)\b(?:[^.;]|\.\d){{3,90}}(?:,\s+(?:then )?|\s)(?:{_DO}|"
    rf"come)\b(?=\s+(?:the|a|an|to|her|his|"
    r"your|us|them|back|in|for|at|immediately|urgently|[a-z]+\W*$))"
)
WILLS = re.compile(
    rf"(?i)\b(?:we|I|the (?:team|clinic|ward|nurse|midwife)) (?:will|shall|plan to|intend to|"
    rf"would like to|are going to|aim to)(?: also| then| now)? (?:{_DO}|write|meet|have)\b"
    rf"|\b(?:I|we) (?:would )?suggest\b|^\W*(?:would )?suggest\b|\bwould benefit from\b"
    rf"|(?<!able )(?<!unable )(?<!likely )\bto be {_DONE}\b|\bfor (?:review|discussion|"
    rf"repeat)\b[^.;]{{0,30}}$"
)
NEEDS = re.compile(
    r"(?i)(?:^\W*|\b(?:s?he|they|patient|pt|baby|wound|(?:mrs?|ms)\.? \w+) (?:\w+ )?)(?:needs?|"
    r"requires?)\b|\b(?:has|have) been (?:requested|ordered|"
    r"booked|arranged|scheduled|planned)\b|\b(?:is|are|be) (?:now |also |strongly |urgently |"
    r"clinically )*(?:suggested|"
    r"indicated|required|warranted|requested|needed|planned|due|booked|scheduled|arranged|advised|"
    r"awaited|mandatory|essential)\b|\b(?<!as )(?<!if )(?<!when )(?<!where )(?<!clinically )"
    r"(?:suggested|indicated|required|warranted|requested|needed|planned|due|booked|arranged|"
    r"made)\W*$"
    r"|\bdue (?:in|on|at|by|\d)"
)
SOON = re.compile(
    r"(?i)(?:\b(?:in|within|every|after|for) (?:the )?(?:next )?(?:\d+|one|two|three|four|six|"
    r"eight|twelve|few|a)"
    r"(?: ?(?:-|–|to) ?\d+)?[ -](?:hours?|days?|weeks?|months?|years?)(?: time)?|\b(?:on|at|"
    r"from) (?:day \d+|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)|\b(?:tomorrow|tonight|today|next (?:week|month)|"
    r"daily|weekly|monthly|midnight|before discharge|at discharge))\W*$"
)
"""`Cardiology clinic in 2 weeks`: a sentence that ends with when."""
URGENT = re.compile(r"(?i)^\W*(?:[\w-]+:\s*)?(?:urgent|emergency|immediate|stat|same[- ]day)\b")
STANDING = re.compile(
    r"(?i)^\W*(?:nil by mouth|nbm\b|npo\b|no (?:driving|lifting|flying|swimming|alcohol|sport|"
    r"contact sports?|heavy "
    r"\w+|weight[- ]bearing|work|sex\w*|exercise) (?:for|until|till|from|while|before|after|in)\b|"
    r"(?:non|partial|full)[- ]weight[- ]bearing (?:for|until)|(?:strict )?(?:bed rest|"
    r"fluid balance)|"
    r"fluid restriction|contact precautions|daily weights|DNA(?:CP)?R\b|do not attempt|"
    r"not for (?:resuscitation|cpr|intubation))"
)
CHANGED = re.compile(
    r"(?i)\b(?:we|I)(?: have|['’]ve)?(?: now| also| today| therefore)? (?:stopped|started|"
    r"increased|"
    r"reduced|changed|switched|added|commenced|withheld|prescribed|discontinued)\b"
    r"|\bis (?:being )?(?:admitted|listed|booked) for\b"
    r"|^\W*(?:[\w-]+ ){1,4}to (?:(?:re)?start|commence|continue|stop|resume)\b"
)
"""What of medicines has just been changed, and is to stay so."""
TOLD = re.compile(
    r"(?i)\b(?:was|were|had|has been|have been|did|showed|shows?|revealed|confirmed|demonstrat\w+|"
    r"underwent|attended|tolerated|received|completed)\b"
)
WAS = re.compile(r"(?i)\b(?:was|were|had|did|showed|revealed|underwent)\b")
NONE = re.compile(
    r"(?i)\b(?:den(?:y|ies|ied)|no|not|never|none|nothing|without|neither|nor|n['’]t|declin\w+|"
    r"refus\w+|previously|"
    r"years? ago|last (?:year|month|week))\b"
)
BEGINS = 30
"""Characters of a sentence in which it tells whom it is about."""
BARE = 12
"""Words of a sentence without a verb, at most."""
TAKES = re.compile(
    r"(?i)^\W*(?:she|he|they|(?:the |this )?patient|pt|(?:mrs?|ms|miss)\.? \w+)"
    r"(?: (?:currently|usually|regularly|also|still|now))?"
    r" (?:takes|is (?:currently |still |now )?(?:taking|on|using)|uses|remains on|continues on)\b"
)
"""What somebody takes already."""


def orders_so(text: str) -> bool:
    """Whether a sentence orders something."""
    if of_another(text, min(len(text), BEGINS)) or TAKES.match(text):
        return False
    if ASKS.search(text) or STANDING.search(text):
        return True
    thing = bool(THING.search(text) or named(text))
    if not thing:
        return bool(WILLS.search(text) and not NONE.search(text) and SOON.search(text))
    if NONE.search(text):
        return False
    if (
        WILLS.search(text)
        or CHANGED.search(text)
        or (URGENT.search(text) and not TOLD.search(text))
    ):
        return True
    if NEEDS.search(text):
        return not WAS.search(text)
    return not TOLD.search(text) and _bare(text)


def _bare(text: str) -> bool:
    """`Sutures out at day 10`: a few words without a verb, and when."""
    verb = re.search(
        r"(?i)\b(?:is|are|be|has|have|takes?|smokes|seen|since|ago|i|he|she|they)\b", text
    )
    soon = SOON.search(text) and not text.rstrip(" .").endswith("today")  # `Weight 80 kg today`
    return bool(THING.search(text) and soon) and not verb and len(text.split()) <= BARE
