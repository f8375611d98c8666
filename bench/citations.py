"""Are citations true? `python bench/citations.py [--out bench/results/citations.json]`

Sentences of the embedded answers are put to the citer with the passages a search would show. Some
are as they stand or reworded by rule, and must be cited; into others an error was put, or they are
of another topic, and must not be. Rules and thresholds were chosen on the topics of the first half;
the figures are of the second. With OSLER_DATA, the same on MedQuAD, of which nothing was used.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from osler.disk import write_json
from osler.encoder import Encoder
from osler.evaluate.statistics import wilson_interval
from osler.retrieve.sentences import sentences
from osler.run import installed_versions, now
from osler.serve.assistant import cite as citing
from osler.serve.assistant.cite import Cited, cite
from osler.serve.assistant.opposites import PAIRS

SEED = 20261122


@dataclass(frozen=True)
class Answered:
    """A question's answer, which is also the passage that is cited."""

    topic: str
    title: str
    text: str


def embedded() -> list[Answered]:
    """The project's own answers."""
    path = resources.files("osler") / "assets" / "quickstart" / "medical_qa.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [Answered(r["topic"], r["topic"].replace("-", " "), r["completion"]) for r in rows]


def medquad(folder: Path, most: int = 400) -> list[Answered]:
    """One answer each of so many of MedQuAD's topics."""
    import csv
    import gzip

    csv.field_size_limit(10**9)
    with gzip.open(folder / "medquad" / "medquad_with_answers.csv.gz", "rt", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if 200 < len(row["answer"]) < 1200]
    random.Random(SEED).shuffle(rows)
    one = {row["focus_area"]: row for row in rows}
    return [Answered(f, f, re.sub(r"\s+", " ", r["answer"])) for f, r in list(one.items())[:most]]


# -- wording -----------------------------------------------------------------------------------

SYNONYMS = {
    "doctor": "physician", "doctors": "physicians", "usually": "generally", "often": "frequently",
    "called": "known as", "such as": "like", "caused": "brought about", "helps": "aids",
    "people": "persons", "about": "roughly", "may": "can", "begins": "starts", "also": "as well",
    "because": "since", "reduce": "lessen", "treated": "managed", "main": "principal",
    "serious": "grave", "quickly": "rapidly", "needed": "required", "common": "frequent",
    "lasting": "persistent", "happens": "occurs", "several": "a number of", "many": "lots of",
}  # fmt: skip
LEADS = ("In short, ", "According to the source, ", "Yes: ", "As far as is known, ", "Note that ")


def reworded(said: str, chance: random.Random) -> str | None:
    """Two or three words exchanged for others of the same meaning."""
    there = [w for w in SYNONYMS if re.search(rf"\b{w}\b", said)]
    for word in chance.sample(there, min(3, len(there))):
        said = re.sub(rf"\b{word}\b", SYNONYMS[word], said, count=1)
    return said if there else None


def turned(said: str, chance: random.Random) -> str | None:
    """`If it rains, we stay.` -> `We stay if it rains.`; else a lead before it."""
    found = re.fullmatch(r"(If|When|Because|After|Without) ([^,]+), (\w[^,]+)\.", said)
    if found:
        word, first, second = found.groups()
        return f"{second[0].upper()}{second[1:]} {word.lower()} {first}."
    return chance.choice(LEADS) + said[0].lower() + said[1:]


# -- errors ------------------------------------------------------------------------------------


def other_number(said: str, chance: random.Random) -> str | None:
    """Another number in place of one."""
    found = re.search(r"\d+(?:\.\d+)?", said)
    if not found:
        return None
    other = str(round(float(found[0]) * chance.choice((2, 3, 10)) + 1))
    return said[: found.start()] + other + said[found.end() :]


def denied(said: str, chance: random.Random) -> str | None:
    """`is` -> `is not`, and the other way round."""
    if re.search(r"\b(?:is|are|can|may|does|do|should|will) not\b", said):
        return re.sub(r"\b(is|are|can|may|does|do|should|will) not\b", r"\1", said, count=1)
    changed = re.sub(r"\b(is|are|can|may|should|will)\b", r"\1 not", said, count=1)
    return changed if changed != said else None


def opposite(said: str, chance: random.Random) -> str | None:
    """One of a pair of opposites for the other."""
    for pair in PAIRS.split(","):
        words = pair.split()
        for one, other in (words, words[::-1]) if words else ():
            if re.search(rf"\b{one}\b", said):
                return re.sub(rf"\b{one}\b", other, said, count=1)
    return None


FREQUENCIES = {
    r"once a (?:day|week|month|year)|(?:every|each|per|a) (?:day|week|month|year)": "twice a week",
    r"daily": "weekly", r"weekly": "daily", r"twice": "three times",
    r"every (?:\d+|two|three|four|six) (\w+)": r"every five \1",
}  # fmt: skip
PEOPLE = """children adults, child adult, women men, woman man, infants children, babies adults,
girls boys, female male, older pregnant, elderly young"""
QUANTIFIERS = """most few, many few, some all, usually always, often rarely, sometimes always,
generally rarely, several all, may must, should may, can must"""
COMPARATORS = """more_than less_than, longer_than less_than, over under, above below,
at_least at_most, older_than younger_than, up_to at_least, higher_than lower_than, within after"""


def _exchanged(pairs: str, said: str, behind: str = "") -> str | None:
    """One of a pair for the other, either way."""
    for pair in pairs.split(","):
        words = [word.replace("_", " ") for word in pair.split()]
        for one, other in (words, words[::-1]):
            if re.search(rf"(?i)\b{one}\b{behind}", said):
                return re.sub(rf"(?i)\b{one}\b{behind}", other, said, count=1)
    return None


def other_frequency(said: str, chance: random.Random) -> str | None:
    """Another in place of how often."""
    for one, other in FREQUENCIES.items():
        if re.search(rf"(?i)\b{one}\b", said):
            return re.sub(rf"(?i)\b(?:{one})\b", other, said, count=1)
    return None


def other_people(said: str, chance: random.Random) -> str | None:
    """Others in place of those it is said of; a sentence on both says the same then."""
    changed = _exchanged(PEOPLE, said)
    return changed if changed and sorted(changed.split()) != sorted(said.split()) else None


def other_quantifier(said: str, chance: random.Random) -> str | None:
    """Another in place of how many, how often or how surely."""
    return _exchanged(QUANTIFIERS, said)


def other_comparator(said: str, chance: random.Random) -> str | None:
    """Above for below, before a number."""
    return _exchanged(
        COMPARATORS, said, r"(?=(?: about| the age of| age| a)? (?:\d|two|three|four|five|six))"
    )


def swapped_numbers(said: str, chance: random.Random) -> str | None:
    """The first two different numbers in each other's place, but not the ends of a range."""
    found = list(re.finditer(r"\d+(?:[.,]\d+)*", said))
    for one, other in pairwise(found):
        apart = said[one.end() : other.start()]
        if (
            one[0] != other[0]
            and re.search(r"[a-z]{2}", apart)
            and not re.fullmatch(r"\W*(?:to|and|or)\W*", apart)
        ):
            return said[: one.start()] + other[0] + apart + one[0] + said[other.end() :]
    return None


def kept(said: str, chance: random.Random) -> str | None:
    """As it is."""
    return said


Change = Callable[[str, random.Random], str | None]
TRUE: dict[str, Change] = {"as it stands": kept, "reworded": reworded, "turned or led": turned}
FALSE: dict[str, Change] = {"number": other_number, "negation": denied, "opposite": opposite}
PLANTED: dict[str, Change] = {
    "frequency": other_frequency, "population": other_people, "quantifier or modal":
    other_quantifier, "comparator": other_comparator, "swapped numbers": swapped_numbers,
}  # fmt: skip


# -- the measurement ---------------------------------------------------------------------------


def cases(
    answers: list[Answered], near: list[list[int]], chance: random.Random
) -> Iterator[tuple[str, bool, str, list[Cited]]]:
    """(class, must be cited, sentence, what may be cited)."""
    titles = sorted({one.title for one in answers})
    rare = sorted({w for one in answers for w in re.findall(r"[a-z]{7,}", one.text)
                   if citing._weight(w) >= citing.RARE})  # fmt: skip
    for n, one in enumerate(answers):
        shown = [n, *near[n]]
        sources = [_cited(k, answers[m]) for k, m in enumerate(shown, 1)]
        spans = [one.text[a:b] for a, b in sentences(one.text)]
        for said in (s for s in spans if len(s.split()) >= 5):
            for name, change in TRUE.items():
                if changed := change(said, chance):
                    yield name, True, changed, sources
            for name, change in (FALSE | PLANTED).items():
                if changed := change(said, chance):
                    yield name, False, changed, sources
            if re.search(rf"(?i)\b{re.escape(one.title)}\b", said):
                other = chance.choice([t for t in titles if t != one.title])
                swapped = re.sub(rf"(?i)\b{re.escape(one.title)}\b", other, said)
                yield "other disease", False, swapped, sources
            terms = [w for w in re.findall(r"[a-z]{7,}", said) if citing._weight(w) >= citing.RARE]
            if terms:
                swapped = said.replace(chance.choice(terms), chance.choice(rare))
                yield "other term", False, swapped, sources
        if spans:
            stranger = answers[chance.randrange(len(answers))]
            if stranger.topic not in {answers[m].topic for m in shown}:
                a, b = chance.choice(sentences(stranger.text))
                yield "another topic's", False, stranger.text[a:b], sources


def _cited(number: int, one: Answered) -> Cited:
    return Cited(number, one.text, 0, one.title)


def remembering(embed: Callable[[list[str]], Any]) -> Callable[[list[str]], Any]:
    """The same, each text once: those of a passage come again with each sentence."""
    known: dict[str, Any] = {}

    def again(texts: list[str]) -> Any:
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            known.update(zip(new, embed(new), strict=True))
        return np.asarray([known[text] for text in texts])

    return again


def measure(
    answers: list[Answered], encoder: Encoder, classes: set[str], embed: Any
) -> dict[str, Any]:
    """By class: how many were cited, of how many; and the first that were wrongly dealt with."""
    vectors = encoder.embed([f"{one.title}. {one.text}" for one in answers])
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1)
    near = [list(map(int, np.argsort(-row)[:3])) for row in alike]
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    wrong: dict[str, list[str]] = defaultdict(list)
    asks: dict[str, bool] = {}
    for name, wanted, said, sources in cases(answers, near, random.Random(SEED)):
        if classes and name not in classes:
            continue
        found = all(s.citations for s in cite(said, sources, embed))
        counts[name][0] += found
        counts[name][1] += 1
        asks[name] = wanted
        if found != wanted:
            wrong[name].append(said)
    rows = {name: {"must_be_cited": asks[name], "cited": k, "of": n,
                   "percent": round(100 * k / n, 1), "interval": list(wilson_interval(k, n))}
            for name, (k, n) in counts.items()}  # fmt: skip
    return {"rows": rows, "wrong": wrong}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--half", choices=("first", "second"), default="second")
    parser.add_argument("--show", type=int, default=0, help="print so many errors a class")
    parser.add_argument("--classes", nargs="+", default=[], help="only these")
    parser.add_argument("--words", action="store_true", help="cite without the encoder")
    args = parser.parse_args()
    answers = embedded()
    topics = sorted({one.topic for one in answers})
    half = set(topics[::2] if args.half == "first" else topics[1::2])
    sets = {"embedded": [one for one in answers if one.topic in half]}
    if args.half == "second" and (data := os.environ.get("OSLER_DATA")):
        sets["MedQuAD"] = medquad(Path(data))
    encoder = Encoder("bench/citations.py", "pip install 'osler[serve]'")
    found = {
        name: measure(
            some, encoder, set(args.classes), None if args.words else remembering(encoder.embed)
        )
        for name, some in sets.items()
    }
    table = Table(title="Sentences that were cited, %")
    for column in ("set", "sentences", "must be", "cited", "of", "%", "95 % interval"):
        table.add_column(column)
    for name, result in found.items():
        for kind, row in result["rows"].items():
            low, high = row["interval"]
            table.add_row(name, kind, "yes" if row["must_be_cited"] else "no", str(row["cited"]),
                          str(row["of"]), str(row["percent"]),
                          f"{100 * low:.1f}–{100 * high:.1f}")  # fmt: skip
            for said in result["wrong"][kind][: args.show]:
                print(f"{name} | {kind} | {said}")
    Console().print(table)
    if args.out:
        write_json(args.out, {
            "command": "python bench/citations.py", "date": now(), "versions": installed_versions(),
            "sets": {name: result["rows"] for name, result in found.items()},
        })  # fmt: skip


if __name__ == "__main__":
    main()
