"""MedQuAD's questions asked as people ask: other forms, lay words, typos, messages with a story.

By rule and seed, so that anybody gets the same questions. No word of an answer is used.
"""

from __future__ import annotations

import random
import re

FORMS: dict[str, tuple[str, ...]] = {
    "information": (
        "what exactly is {x}", "can you explain {x} to me", "{x} meaning", "tell me about {x}",
        "what kind of illness is {x}", "what does it mean to have {x}", "{x}, what's that?",
    ),
    "symptoms": (
        "how do I know if someone has {x}", "signs of {x}", "what does {x} feel like",
        "what problems does {x} cause in the body", "what would you notice with {x}",
        "how does {x} show itself", "first signs {x}",
    ),
    "treatment": (
        "how do you get rid of {x}", "what can be done for {x}", "is there a cure for {x}",
        "which therapy helps with {x}", "{x} what helps", "medicines for {x}",
        "how do doctors deal with {x}",
    ),
    "inheritance": (
        "can {x} be passed on to my children", "does {x} run in families",
        "do you get {x} from your parents", "is {x} genetic", "{x} family risk",
    ),
    "frequency": (
        "how common is {x}", "how rare is {x}", "how often does {x} happen", "{x} how many people",
        "what are the chances of having {x}",
    ),
    "genetic changes": (
        "which gene is involved in {x}", "what mutation leads to {x}", "{x} gene",
        "what goes wrong in the DNA in {x}",
    ),
    "causes": (
        "why do people get {x}", "where does {x} come from", "reason for {x}", "how do you get {x}",
        "what brings on {x}",
    ),
    "exams and tests": (
        "which test shows {x}", "how do doctors find {x}", "how can I be checked for {x}",
        "{x} test", "how is {x} confirmed",
    ),
    "research": (
        "are there studies on {x}", "what are scientists finding out about {x}", "{x} new trials",
    ),
    "outlook": (
        "how long do people live with {x}", "does {x} go away", "what will happen with {x} later",
        "how bad does {x} get", "{x} life expectancy",
    ),
    "susceptibility": (
        "who gets {x}", "am I likely to get {x}", "what makes {x} more likely", "{x} risk factors",
    ),
    "considerations": (
        "what should I do about {x}", "what to watch out for with {x}", "advice on {x}",
    ),
    "prevention": (
        "how can I avoid {x}", "how do I keep from getting {x}",
        "ways to stop {x} before it starts",
    ),
    "stages": ("how is {x} staged", "what stage can {x} be", "how far along can {x} be"),
    "complications": ("what can {x} lead to", "what else can go wrong with {x}"),
}  # fmt: skip
"""Kind of question -> other forms of it."""

LAY: dict[str, str] = {
    "hypertension": "high blood pressure", "hypotension": "low blood pressure",
    "myocardial infarction": "heart attack", "cerebrovascular": "brain vessel",
    "carcinoma": "cancer", "neoplasms": "tumors", "neoplasm": "tumor", "renal": "kidney",
    "hepatic": "liver", "cardiac": "heart", "pulmonary": "lung", "gastric": "stomach",
    "dermatitis": "skin rash", "pruritus": "itching", "alopecia": "hair loss",
    "hyperlipidemia": "high cholesterol", "hypoglycemia": "low blood sugar",
    "hyperglycemia": "high blood sugar", "edema": "swelling", "fracture": "broken bone",
    "otitis media": "middle ear infection", "conjunctivitis": "pink eye",
    "urinary incontinence": "leaking urine", "influenza": "flu", "varicella": "chickenpox",
    "pertussis": "whooping cough", "herpes zoster": "shingles", "hearing loss": "going deaf",
    "nephrolithiasis": "kidney stones", "cholelithiasis": "gallstones", "childhood": "kids'",
    "adult": "grown-up", "congenital": "from birth", "hereditary": "inherited",
    "ocular": "eye", "ophthalmic": "eye", "thrombosis": "blood clot", "anemia": "low blood count",
    "arthritis": "joint inflammation", "epilepsy": "fits", "seizures": "fits",
    "deficiency": "lack", "chronic": "long-lasting", "acute": "sudden", "malignant": "cancerous",
    "mellitus": "", "familial": "in the family", "obstructive": "blocking",
    "cardiovascular": "heart and vessel", "gastrointestinal": "gut", "sleep apnea": "stopping to "
    "breathe at night", "osteoporosis": "weak bones", "dementia": "memory loss",
    "neuropathy": "nerve damage", "hemorrhage": "bleeding", "infantile": "in babies",
    "juvenile": "in teenagers", "muscular": "muscle", "oral": "mouth", "colorectal": "bowel",
}  # fmt: skip
"""Term -> what people say."""

GREETINGS = (
    "Hello doctor,", "Hi,", "Good evening,", "", "Dear all,", "hi there, hope you can help.",
    "First time writing here.",
)  # fmt: skip
PEOPLE = (
    "I am a {age} year old {man}.", "My {kin} is {age}.", "I'm writing for my {kin}, {age}.",
    "We live far from any hospital.", "I work as a {job} and {pastime}.",
    "{man}, {age}, never smoked.",
)  # fmt: skip
STORIES = (
    "Last {day} we were at the clinic and the doctor mentioned {x}.",
    "At the check-up they wrote {x} on the letter and sent me home.",
    "A cousin of mine has {x} and now everybody in the family worries.",
    "I have been reading about {x} all night and I am more confused than before.",
    "They think it may be {x} but nobody explained anything.",
    "My neighbour was told that it is {x}.",
)  # fmt: skip
BESIDE = (
    "I also had a cold in {month} but that is over.", "I take a pill for my blood pressure.",
    "My sleep is bad since then and I drink too much coffee.", "The waiting time is {n} weeks.",
    "My mother had diabetes and my father a stroke.", "My back hurts too, but that's my job.",
    "The blood test was fine they said, only the iron a bit low.", "I do not want to panic.",
    "Two years ago I broke my wrist and had an x-ray.", "Our insurance is not answering.",
    "I had headaches as a student and allergies to cats.", "Sorry for the long message.",
    "My kid has asthma but he is fine with the inhaler.", "I tried tea and vitamins.",
)  # fmt: skip
ASKED_OF_IT = (
    "So my question is: {q}?", "{q}?", "Could you please tell me {q}?", "Does anyone know {q}?",
    "What I want to know is {q}", "I only want to ask {q}?",
)  # fmt: skip
THANKS = ("Thank you so much!", "Thanks in advance, {name}", "", "Any help is welcome.", "Regards")
FILL = {
    "age": ("19", "34", "47", "58", "66", "71"), "man": ("man", "woman", "female", "male"),
    "kin": ("daughter", "son", "mother", "husband", "aunt"), "job": ("teacher", "driver", "cook"),
    "pastime": ("swim a lot", "like gardening", "travel often"), "n": ("six", "ten", "3"),
    "day": ("Tuesday", "week", "month"), "month": ("March", "May", "November"),
    "name": ("Anna", "Joe", "M."),
}  # fmt: skip


def short(kind: str, topic: str, rng: random.Random) -> str:
    """Another form of the question, now and then in lay words."""
    topic = re.sub(r"\s*\([^)]*\)", "", topic).strip() or topic
    if rng.random() < 0.5:
        topic = lay(topic)
    if rng.random() < 0.7:
        topic = topic.lower()
    return rng.choice(FORMS[kind]).format(x=topic)


def lay(topic: str) -> str:
    """A topic in lay words, as far as the table goes."""
    for term, said in LAY.items():
        topic = re.sub(rf"\b{term}\b", said, topic, flags=re.IGNORECASE)
    return " ".join(topic.split())


def with_typos(question: str, rng: random.Random) -> str:
    """One or two of the longer words mistyped, the first letter kept: letters swapped, lost,
    doubled or hit beside."""
    words = question.split(" ")
    longer = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    for i in rng.sample(longer, min(len(longer), rng.choice((1, 2)))):
        words[i] = _mistyped(words[i], rng)
    return " ".join(words)


def _mistyped(word: str, rng: random.Random) -> str:
    i = rng.randrange(1, len(word) - 1)
    a, b = word[i], word[i + 1]
    near = rng.choice("qwertyuiopasdfghjklzxcvbnm")
    swapped, lost, doubled, beside = b + a, b, a + a + b, near + b
    return word[:i] + rng.choice((swapped, lost, doubled, beside)) + word[i + 2 :]


def raw_message(kind: str, topic: str, rng: random.Random) -> str:
    """A message with a story. In half of them the topic is named in the story alone, and the
    question says `it`."""
    name = re.sub(r"\s*\([^)]*\)", "", topic).strip() or topic
    name = lay(name) if rng.random() < 0.3 else name
    only_in_story = rng.random() < 0.5
    asked = rng.choice(FORMS[kind]).format(x="it" if only_in_story else name).rstrip("?")
    told = rng.choice(STORIES) if only_in_story or rng.random() < 0.5 else ""
    parts = [
        rng.choice(GREETINGS), rng.choice(PEOPLE), told,
        *rng.sample(BESIDE, rng.choice((1, 2, 3))), rng.choice(ASKED_OF_IT).format(q=asked),
        rng.choice(THANKS),
    ]  # fmt: skip
    filled = {key: rng.choice(values) for key, values in FILL.items()} | {"x": name}
    return " ".join(part.format(**filled) for part in parts if part)
