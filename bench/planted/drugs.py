"""Medicines: the names of records taken apart, and what they are called in a clinic."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import wording

SALTS = re.compile(
    r"\b(hydrochloride|hydrocholoride|bitartrate|sodium|potassium|maleate|hydrobromide|succinate|"
    r"propionate|acetate|calcium|tartrate|besylate|mesylate|fumarate)\b",
    re.I,
)
KEPT = {"ferrous sulfate", "calcium carbonate", "potassium chloride", "sodium chloride"}
RENAMED = {
    "hydroxychloroquine sulfate": "hydroxychloroquine", "atropine sulfate": "atropine",
    "morphine sulfate": "morphine", "alendronic acid": "alendronate",
    "doxycycline monohydrate": "doxycycline", "vitamin b 12": "vitamin B12",
    "penicillin v": "penicillin V",
}  # fmt: skip

BRANDS = {
    "lisinopril": ("Zestril", "Prinivil"), "amlodipine": ("Norvasc",), "naproxen": ("Naprosyn",),
    "albuterol": ("Ventolin", "ProAir"), "fluticasone/salmeterol": ("Advair",),
    "fluticasone": ("Flovent",), "loratadine": ("Claritin",), "simvastatin": ("Zocor",),
    "acetaminophen": ("Tylenol",), "ibuprofen": ("Advil", "Motrin"), "alendronate": ("Fosamax",),
    "meperidine": ("Demerol",), "cetirizine": ("Zyrtec",), "metformin": ("Glucophage",),
    "atorvastatin": ("Lipitor",), "rosuvastatin": ("Crestor",), "pravastatin": ("Pravachol",),
    "losartan": ("Cozaar",), "carvedilol": ("Coreg",), "furosemide": ("Lasix",),
    "clopidogrel": ("Plavix",), "warfarin": ("Coumadin",), "apixaban": ("Eliquis",),
    "rivaroxaban": ("Xarelto",), "levothyroxine": ("Synthroid",), "sertraline": ("Zoloft",),
    "fluoxetine": ("Prozac",), "escitalopram": ("Lexapro",), "citalopram": ("Celexa",),
    "duloxetine": ("Cymbalta",), "bupropion": ("Wellbutrin",), "gabapentin": ("Neurontin",),
    "tramadol": ("Ultram",), "omeprazole": ("Prilosec",), "pantoprazole": ("Protonix",),
    "spironolactone": ("Aldactone",), "sitagliptin": ("Januvia",), "empagliflozin": ("Jardiance",),
    "liraglutide": ("Victoza",), "memantine": ("Namenda",), "donepezil": ("Aricept",),
    "montelukast": ("Singulair",), "tiotropium": ("Spiriva",), "azithromycin": ("Zithromax",),
    "amoxicillin/clavulanate": ("Augmentin",), "hydroxychloroquine": ("Plaquenil",),
    "diazepam": ("Valium",), "carbamazepine": ("Tegretol",), "enoxaparin": ("Lovenox",),
    "diphenhydramine": ("Benadryl",), "glipizide": ("Glucotrol",), "atenolol": ("Tenormin",),
    "ezetimibe": ("Zetia",), "tamsulosin": ("Flomax",), "sumatriptan": ("Imitrex",),
    "allopurinol": ("Zyloprim",), "quetiapine": ("Seroquel",), "aripiprazole": ("Abilify",),
    "glimepiride": ("Amaryl",), "pregabalin": ("Lyrica",), "venlafaxine": ("Effexor",),
    "sacubitril/valsartan": ("Entresto",), "phenazopyridine": ("Pyridium",),
    "trazodone": ("Desyrel",), "mirtazapine": ("Remeron",), "etonogestrel": ("Nexplanon",),
}  # fmt: skip
"""Ingredient -> brands of the same ingredient, in whatever strength."""

ABBREVIATIONS = {"hydrochlorothiazide": ("HCTZ",), "acetaminophen": ("paracetamol",),
                 "aspirin": ("ASA",), "albuterol": ("salbutamol",)}  # fmt: skip

NOISE = re.compile(
    r"^(?:NDA\d+|Abuse-Deterrent|\d+(?:\.\d+)? (?:ML|ACTUAT|HR|MG) (?=[A-Za-z]))\s*", re.I
)
STRENGTH = re.compile(r"\s(\d[\d.]*)\s*(MG/ML|MG/ACTUAT|MG/HR|UNT/ML|MCG|MEQ|UNT|MG|%)(?:\s+|$)")
FREQUENCIES = {
    "once a day": ("once daily", "daily", "once a day", "every day", "QD"),
    "twice a day": ("twice daily", "twice a day", "BID", "two times a day"),
    "3 times a day": ("three times daily", "TID", "3 times a day", "three times a day"),
    "4 times a day": ("four times daily", "QID", "4 times a day"),
    "every 4 hours": ("every 4 hours", "q4h"),
    "every 6 hours": ("every 6 hours", "q6h"),
    "every 8 hours": ("every 8 hours", "q8h"),
    "every 12 hours": ("every 12 hours", "q12h"),
    "once a week": ("once weekly", "weekly", "once a week"),
    "as needed": ("as needed", "PRN"),
}
A_DAY = {"twice a day": 2, "3 times a day": 3, "4 times a day": 4, "every 4 hours": 6,
         "every 6 hours": 4, "every 8 hours": 3, "every 12 hours": 2}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine of a record."""

    text: str
    ingredients: tuple[str, ...]
    """Without salts, in lower case."""
    strengths: tuple[tuple[str, str], ...]
    """Of each: number and unit as the record has them."""
    form: str
    brand: str

    @property
    def key(self) -> str:
        """`fluticasone/salmeterol`."""
        return "/".join(self.ingredients)

    @property
    def names(self) -> tuple[str, ...]:
        """Generic ones first; brands of exactly these ingredients."""
        found = [self.key]
        if len(self.ingredients) == 2:
            found += ["-".join(self.ingredients), "/".join(self.ingredients[::-1])]
        found += ABBREVIATIONS.get(self.key, ())
        found += wording.of("drug names", dict[str, tuple[str, ...]]()).get(self.key, ())
        found += [self.brand] if self.brand else BRANDS.get(self.key, ())
        return tuple(found)

    @property
    def in_milligrams(self) -> bool:
        """Whether it is one thing of so many mg, as clinicians write it behind the name."""
        return bool(self.strengths) and all(unit == "MG" for _, unit in self.strengths)


def parse(text: str) -> Drug:
    """A medicine's name taken apart; one that is only a product has itself as its ingredient."""
    brand = re.search(r"\[([^\]]+)\]", text)
    bare = re.sub(r"\s*\[[^\]]+\]", "", text).strip()
    while (shorter := NOISE.sub("", bare)) != bare:
        bare = shorter
    ingredients: list[str] = []
    strengths: list[tuple[str, str]] = []
    form = ""
    for piece in re.split(r"\s/\s", bare):
        found = STRENGTH.search(piece)
        if not found:
            name = re.split(r"\s\d", piece)[0]
            ingredients.append(plain(name))
            continue
        ingredients.append(plain(piece[: found.start()]))
        strengths.append((found[1], found[2]))
        form = piece[found.end() :].strip()
    if len({name.split(",")[0] for name in ingredients}) < len(ingredients) or "," in bare:
        # Two kinds of one ingredient, such as isophane and regular insulin.
        ingredients, strengths = [ingredients[0].split(",")[0]], []
    return Drug(text, tuple(ingredients), tuple(strengths), form.lower(), brand[1] if brand else "")


def plain(name: str) -> str:
    """An ingredient without its salt; products keep their capital."""
    name = " ".join(name.split())
    low = name.lower()
    if low in KEPT:
        return low
    low = RENAMED.get(low, low)
    bare = " ".join(SALTS.sub("", low).split()).strip(" ,")
    bare = RENAMED.get(bare, bare or low)
    return bare if bare in KNOWN or not name[:1].isupper() else _product(name, bare)


def _product(name: str, bare: str) -> str:
    """Products such as NuvaRing are written as they are; generic names in lower case."""
    return name if name in PRODUCTS else bare


PRODUCTS = frozenset((
    "Jolivette", "NuvaRing", "Seasonique", "Natazia", "Trinessa", "Levora", "Camila", "Yaz",
    "Kyleena", "Mirena", "Norinyl", "Errin", "Implanon", "Nexplanon", "Ortho Tri-Cyclen",
))  # fmt: skip
KNOWN = frozenset(ingredient for key in BRANDS for ingredient in key.split("/"))


def milligrams(number: str, unit: str) -> float | None:
    """A strength in mg, where it is a mass."""
    factor = {"mg": 1.0, "mcg": 0.001, "g": 1000.0}.get(unit.lower())
    return float(number) * factor if factor else None
