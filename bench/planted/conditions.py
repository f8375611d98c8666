"""How clinicians call what records name: conditions, allergens and vaccines."""

from __future__ import annotations

import re

from . import wording

CONDITIONS = {
    "hypertension": ("hypertension", "high blood pressure", "HTN"),
    "essential hypertension": ("hypertension", "essential hypertension", "HTN"),
    "prediabetes": ("prediabetes", "pre-diabetes"),
    "diabetes": ("diabetes", "diabetes mellitus"),
    "type 2 diabetes mellitus": ("type 2 diabetes", "T2DM", "type 2 diabetes mellitus", "DM2"),
    "diabetes mellitus type 2": ("type 2 diabetes", "T2DM", "type II diabetes"),
    "type 1 diabetes mellitus": ("type 1 diabetes", "T1DM"),
    "disorder of kidney due to diabetes mellitus": ("diabetic kidney disease",),
    "neuropathy due to type 2 diabetes mellitus": ("diabetic neuropathy",),
    "retinopathy due to type 2 diabetes mellitus": ("diabetic retinopathy",),
    "nonproliferative diabetic retinopathy due to type 2 diabetes mellitus": (
        "nonproliferative diabetic retinopathy",
    ),
    "diabetic retinopathy associated with type ii diabetes mellitus": ("diabetic retinopathy",),
    "hyperlipidemia": ("hyperlipidemia", "high cholesterol", "HLD"),
    "hypertriglyceridemia": ("hypertriglyceridemia", "high triglycerides"),
    "hyperglycemia": ("hyperglycemia", "high blood sugar"),
    "metabolic syndrome x": ("metabolic syndrome",),
    "body mass index 30+ - obesity": ("obesity", "obesity (BMI 30+)"),
    "body mass index 40+ - severely obese": ("severe obesity", "morbid obesity"),
    "coronary heart disease": ("coronary heart disease", "coronary artery disease", "CAD"),
    "coronary arteriosclerosis": ("coronary artery disease", "CAD"),
    "myocardial infarction": ("myocardial infarction", "heart attack", "MI"),
    "history of myocardial infarction": (
        "a history of myocardial infarction",
        "a past heart attack",
        "a prior MI",
    ),
    "cardiac arrest": ("cardiac arrest",),
    "history of cardiac arrest": ("a history of cardiac arrest", "a prior cardiac arrest"),
    "chronic congestive heart failure": (
        "chronic congestive heart failure",
        "congestive heart failure",
        "CHF",
    ),
    "atrial fibrillation": ("atrial fibrillation", "AF", "AFib"),
    "stroke": ("stroke", "CVA"),
    "cerebrovascular accident": ("stroke", "cerebrovascular accident", "CVA"),
    "history of cerebrovascular accident": ("a history of stroke", "a prior stroke"),
    "peripheral vascular disease": ("peripheral vascular disease", "PVD"),
    "deep venous thrombosis": ("deep vein thrombosis", "DVT"),
    "pulmonary embolism": ("pulmonary embolism", "PE"),
    "chronic obstructive pulmonary disease": (
        "COPD",
        "chronic obstructive pulmonary disease",
    ),
    "pulmonary emphysema": ("emphysema", "pulmonary emphysema"),
    "childhood asthma": ("childhood asthma", "asthma"),
    "asthma": ("asthma",),
    "obstructive sleep apnea syndrome": ("obstructive sleep apnea", "OSA", "sleep apnea"),
    "major depressive disorder": ("major depressive disorder", "major depression", "MDD"),
    "generalized anxiety disorder": ("generalized anxiety disorder", "GAD"),
    "posttraumatic stress disorder": ("PTSD", "post-traumatic stress disorder"),
    "attention deficit hyperactivity disorder": ("ADHD",),
    "child attention deficit disorder": ("attention deficit disorder", "ADD"),
    "hypothyroidism": ("hypothyroidism", "an underactive thyroid"),
    "osteoarthritis of knee": ("knee osteoarthritis", "osteoarthritis of the knee", "knee OA"),
    "osteoarthritis of hip": ("hip osteoarthritis", "osteoarthritis of the hip"),
    "localized, primary osteoarthritis of the hand": (
        "hand osteoarthritis",
        "primary osteoarthritis of the hand",
    ),
    "localized primary osteoarthritis of the hand": ("hand osteoarthritis",),
    "rheumatoid arthritis": ("rheumatoid arthritis", "RA"),
    "osteoporosis": ("osteoporosis",),
    "chronic low back pain": ("chronic low back pain", "chronic lower back pain"),
    "chronic neck pain": ("chronic neck pain",),
    "chronic intractable migraine without aura": (
        "chronic migraine",
        "chronic intractable migraine without aura",
        "chronic migraines",
    ),
    "anemia": ("anemia", "anaemia"),
    "iron deficiency anemia": ("iron deficiency anemia", "iron-deficiency anaemia"),
    "anemia of chronic renal failure": ("anemia of chronic kidney disease",),
    "chronic sinusitis": ("chronic sinusitis", "chronic sinus inflammation"),
    "viral sinusitis": ("viral sinusitis", "a viral sinus infection"),
    "acute bacterial sinusitis": ("acute bacterial sinusitis", "a bacterial sinus infection"),
    "acute viral pharyngitis": ("acute viral pharyngitis", "viral pharyngitis"),
    "acute bronchitis": ("acute bronchitis", "bronchitis"),
    "streptococcal sore throat": ("strep throat", "streptococcal pharyngitis"),
    "upper respiratory infection": ("an upper respiratory infection", "a URI"),
    "otitis media": ("otitis media", "a middle ear infection"),
    "escherichia coli urinary tract infection": (
        "an E. coli urinary tract infection",
        "an E. coli UTI",
        "a urinary tract infection",
    ),
    "covid-19": ("COVID-19", "COVID"),
    "suspected covid-19": ("suspected COVID-19",),
    "normal pregnancy": ("pregnancy", "a normal pregnancy"),
    "miscarriage in first trimester": (
        "a first-trimester miscarriage",
        "miscarriage in the first trimester",
    ),
    "closed fracture of hip": ("a closed hip fracture", "a hip fracture"),
    "fracture of ankle": ("an ankle fracture", "a broken ankle"),
    "fracture of forearm": ("a forearm fracture", "a fractured forearm"),
    "fracture of clavicle": ("a clavicle fracture", "a broken collarbone"),
    "sprain of ankle": ("an ankle sprain", "a sprained ankle"),
    "sprain of wrist": ("a wrist sprain", "a sprained wrist"),
    "laceration of forearm": ("a forearm laceration",),
    "laceration of thigh": ("a thigh laceration",),
    "whiplash injury to neck": ("whiplash", "a whiplash injury"),
    "concussion with no loss of consciousness": ("a concussion without loss of consciousness",),
    "perennial allergic rhinitis": ("perennial allergic rhinitis",),
    "perennial allergic rhinitis with seasonal variation": (
        "allergic rhinitis",
        "perennial allergic rhinitis with seasonal variation",
    ),
    "seasonal allergic rhinitis": ("seasonal allergic rhinitis", "hay fever"),
    "atopic dermatitis": ("atopic dermatitis", "eczema"),
    "gastroesophageal reflux disease": ("GERD", "gastroesophageal reflux disease"),
    "benign prostatic hyperplasia": ("BPH", "benign prostatic hyperplasia"),
    "seizure disorder": ("seizure disorder", "a seizure disorder"),
    "history of single seizure": ("a history of a single seizure",),
    "epilepsy": ("epilepsy",),
    "steatosis of liver": ("fatty liver disease", "hepatic steatosis"),
    "gallbladder calculus": ("gallstones",),
    "kidney stone": ("kidney stones", "nephrolithiasis"),
    "malignant neoplasm of breast": ("breast cancer",),
    "malignant neoplasm of colon": ("colon cancer",),
    "malignant neoplasm of prostate": ("prostate cancer",),
    "drug overdose": ("drug overdose", "a drug overdose"),
    "impacted molars": ("impacted molars",),
    "severe anxiety (panic)": ("severe anxiety (panic)",),
    "severe anxiety (panic) (finding": ("severe anxiety (panic)",),
    "pneumonia": ("pneumonia",),
    "influenza": ("influenza", "the flu"),
    "herpes zoster": ("shingles", "herpes zoster"),
    "chronic hepatitis c": ("chronic hepatitis C",),
    "cystitis": ("cystitis", "a bladder infection"),
    "history of appendectomy": ("a history of appendectomy", "a prior appendectomy"),
    "alcoholism": ("alcoholism", "alcohol dependence"),
    "chronic pain": ("chronic pain",),
    "misuses drugs": ("drug misuse",),
    "stress": ("stress",),
}
"""The record's words in lower case -> names, as they stand within a sentence."""

STAGE = re.compile(r"chronic kidney disease stage (\d)", re.I)

UPPER = re.compile(
    r"^(?:[A-Z]{2}|COVID|[A-Z]\b)|Parkinson|Alzheimer|Crohn|Escherichia|Familial Alz"
)
"""Names that keep their capital within a sentence."""


def lower(text: str) -> str:
    """As it stands within a sentence."""
    return text if UPPER.match(text) else text[:1].lower() + text[1:]


def names(text: str) -> tuple[str, ...]:
    """All names of a condition; the record's own where no other is known."""
    stage = STAGE.fullmatch(text.strip())
    if stage:
        n = stage[1]
        return f"stage {n} chronic kidney disease", f"CKD stage {n}", f"stage {n} CKD"
    more = wording.of("condition names", dict[str, tuple[str, ...]]())
    return (CONDITIONS.get(text.lower(), ()) or (lower(text),)) + more.get(text.lower(), ())


ALLERGENS = {
    "shellfish": ("shellfish",), "animal dander": ("animal dander",),
    "latex": ("latex",), "grass pollen": ("grass pollen",),
    "house dust mite": ("house dust mites", "dust mites", "house dust mite"),
    "tree pollen": ("tree pollen",), "mold": ("mold",), "peanut": ("peanuts", "peanut"),
    "lisinopril": ("lisinopril",), "wheat": ("wheat",), "fish": ("fish",),
    "eggs (edible)": ("eggs", "egg"), "soya bean": ("soy", "soybeans", "soya"),
    "penicillin v": ("penicillin V", "penicillin"), "amoxicillin": ("amoxicillin",),
    "sulfamethoxazole": ("sulfamethoxazole",), "aspirin": ("aspirin",),
    "ibuprofen": ("ibuprofen",), "codeine": ("codeine",), "cow's milk": ("cow's milk", "milk"),
}  # fmt: skip

REACTIONS = {
    "eruption of skin": ("rash", "skin rash"), "wheal": ("wheals", "hives"),
    "allergic angioedema": ("angioedema",), "dyspnea": ("dyspnea", "shortness of breath"),
    "allergic skin rash": ("rash", "skin rash"), "skin eruption": ("rash",),
    "finding of vomiting": ("vomiting",), "vomiting symptom": ("vomiting",),
}  # fmt: skip


def allergen(text: str) -> tuple[str, ...]:
    """Names of what somebody is allergic to."""
    return ALLERGENS.get(text.lower(), (lower(text),))


def reaction(text: str) -> tuple[str, ...]:
    """Names of what it did."""
    return REACTIONS.get(text.lower(), (lower(text),))


VACCINES = (
    (r"covid|sars-cov-2", ("COVID-19 vaccine", "COVID vaccine")),
    (r"^influenza", ("influenza vaccine", "flu shot", "influenza vaccination")),
    (r"^td \(adult\)", ("Td", "Td booster", "tetanus-diphtheria booster")),
    (r"^tdap", ("Tdap",)),
    (r"^dtap", ("DTaP",)),
    (r"^mmr", ("MMR", "measles-mumps-rubella vaccine")),
    (r"^varicella", ("varicella vaccine", "chickenpox vaccine")),
    (r"^ipv", ("IPV", "inactivated polio vaccine")),
    (r"^hpv", ("HPV vaccine",)),
    (r"pcv ?13", ("PCV13", "Prevnar 13")),
    (r"23.valent", ("PPSV23", "Pneumovax 23")),
    (r"^meningococcal", ("MCV4P", "meningococcal vaccine")),
    (r"^hep b", ("hepatitis B vaccine", "Hep B")),
    (r"^hep a", ("hepatitis A vaccine", "Hep A")),
    (r"^hib", ("Hib", "Hib vaccine")),
    (r"^rotavirus", ("rotavirus vaccine",)),
    (r"^zoster", ("zoster vaccine", "shingles vaccine")),
)


def vaccine(text: str) -> tuple[str, ...]:
    """Names of a vaccine."""
    for pattern, found in VACCINES:
        if re.search(pattern, text, re.I):
            more = wording.of("vaccine names", dict[str, tuple[str, ...]]())
            return found + more.get(found[0], ())
    return (text,)
