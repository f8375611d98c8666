from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Concept:
    name: str
    kind: str
    names: tuple
    codes: tuple
    broader: tuple
    tags: tuple


@dataclass(frozen=True)
class Phrase:
    name: str
    forms: tuple


@cache
def concepts(kind):
    f = resources.files("osler").joinpath(f"assets/lexicon/{kind}.tsv")
    if not f.is_file():
        return ()
    head, *rows = [l.split("\t") for l in f.read_text().splitlines() if l]
    out = []
    for r in rows:
        d = dict(zip(head, r + [""] * 9))
        g = lambda k: tuple(x for x in d.get(k, "").split("|") if x)
        out.append(
            Concept(
                d["name"],
                kind,
                (d["name"], *g("others"), *g("forms")),
                g("snomed") + g("loinc") + g("cvx"),
                tuple(f"drug:{x}" for x in g("generics")) + g("broader"),
                g("class") + g("panel") + g("tags"),
            )
        )
    return tuple(out)


P = {
    "negation": [
        (
            "pre",
            (
                "no",
                "denies",
                "no history of",
                "without",
                "negative for",
                "free of",
                "never had",
                "not have",
            ),
        ),
        ("post", ("ruled out", "was negative", "absent")),
        ("pseudo", ("no change", "not only")),
    ],
    "reassurance": [
        (
            "normal",
            (
                "within normal limits",
                "unremarkable",
                "normal",
                "stable",
                "well controlled",
                "at goal",
                "in range",
                "reassuring",
                "no abnormalities",
            ),
        ),
        ("up to date", ("up to date", "current on", "fully vaccinated")),
    ],
    "frequencies": [
        ("1/d", ("once a day", "daily", "once daily", "qd", "every day")),
        (
            "2/d",
            (
                "twice a day",
                "twice daily",
                "bid",
                "two times a day",
                "2 times a day",
                "every 12 hours",
            ),
        ),
        ("3/d", ("three times a day", "tid", "3 times a day")),
        ("4/d", ("4 times a day", "four times a day", "qid")),
        ("prn", ("as needed", "prn")),
    ],
}


@cache
def phrases(kind):
    return tuple(Phrase(n, f) for n, f in P.get(kind, ()))
