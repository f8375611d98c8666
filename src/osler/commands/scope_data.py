"""What `osler scope train` reads: public sets, each on its side by topic or question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from osler.data.public import read_public
from osler.data.sources import read_embedded
from osler.data.split import Split, side_of
from osler.data.tables import Ask
from osler.encoder import encoder_folder
from osler.recipe_sources import EmbeddedSource, PublicSource
from osler.rows import Row
from osler.serve.scope.examples import Material
from osler.serve.scope.subject import form_words
from osler.summaries.lexicon import FOLDER as LEXICON

SETS = ("medquad", "mts-dialog", "aci-bench", "nq-open", "self-instruct")
"""The public sets that the guard is trained on, validated and tested with."""
HELD_OUT = 0.15
"""Share of topics and questions for validation, and again for the test."""
NAMES = ("conditions", "drugs", "procedures", "vaccines")
"""Tables of the lexicon whose names people ask about."""
TURN = re.compile(r"^(?:Patient|Guest_family|\[patient\])\s*:?\s*(.+)$", re.MULTILINE)
WORD = re.compile(r"[a-z]+")
SHORTEST_NAME = 6
"""Letters of a name that means nothing else."""
SHORTEST_TURN = 8
"""Words of a patient's turn that says something by itself."""


ELSEWHERE = re.compile(
    r"who (?:play|sang|sing|said|is .* in )|\bactor|\bband\b|\bepisodes?\b|\bseasons?\b|"
    r"anatomy come|\bcalls the heart|\bgeneral hospital|"
    r"\bheart radio|\bheart.shaped|\bof palm\b|\btropic\b|"
    r"great depression|poverty line|half blood|organ mountains|\bcongress|parliament|ranking|"
    r"\bwizard of|the heart is\b|someone else's pain|white coat|doctor who|good doctor|smoking man|"
    r"lithium batteries|health organization|department of health|medical college|"
    r"smoking ban|\bplants\b"
)
"""Where a word of health in a question of a general set is no matter of health: the 174 questions
of NQ-Open that have such a word were read to write this."""


def material(side: Split) -> Material:
    """The texts of one side."""
    medquad = list(_rows("medquad", side))
    general = [row for row in _rows("nq-open", side) if not about_health(row.question)]
    return Material(
        topics=[(row.group, row.question) for row in medquad[:: 1 if side == "test" else 2]],
        names=[name for name in [*_names(), *_other_names()] if _side(name) == side],
        speech=list(dict.fromkeys(_speech(side))),
        general=[row.question for row in general],
        answers=[a for row in general if _is_name(a := row.extra["answers"][0])],
        words=[word for word in _rare_words() if _side(word) == side],
        tasks=[r.question for r in _rows("self-instruct", side) if not about_health(r.question)],
        medical=[row.question for row in _embedded("medical_qa", side)],
        refused=[row.question for row in _embedded("out_of_scope", side)],
    )


def about_health(text: str) -> bool:
    """Whether a text may be a matter of health: asked of general sets, and of patients' turns."""
    return _has_word_of_health(text) and not ELSEWHERE.search(text.casefold())


def _has_word_of_health(text: str) -> bool:
    words = re.findall(r"[a-z0-9'-]+", text.casefold())
    if health_words() & set(words):
        return True
    known = _terms()
    spans = (words[at : at + n] for n in (1, 2, 3) for at in range(len(words) - n + 1))
    return any(" ".join(span) in known for span in spans)


@cache
def health_words() -> frozenset[str]:
    """Words of health that are no names of the lexicon."""
    path = resources.files("osler") / "assets" / "scope" / "health_words.txt"
    return frozenset(path.read_text("utf-8").split())


@cache
def _terms() -> frozenset[str]:
    return frozenset(name.casefold() for name in _names())


@cache
def _names() -> tuple[str, ...]:
    """Names that stand for one thing of health, as people write them."""
    found: list[str] = []
    for table in NAMES:
        lines = (LEXICON / f"{table}.tsv").read_text("utf-8").splitlines()[1:]
        cells = (line.split("\t") for line in lines)
        found += [row[0] for row in cells if row[-1] != "social"]
    return tuple(dict.fromkeys(found))


@cache
def _other_names() -> tuple[str, ...]:
    """Other names of conditions and drugs, brands among them; no short letters that stand for one.
    Each is on the side of its own hash."""
    found: list[str] = []
    for table in ("conditions", "drugs"):
        lines = (LEXICON / f"{table}.tsv").read_text("utf-8").splitlines()[1:]
        cells = (line.split("\t") for line in lines)
        found += [name for row in cells if row[-1] != "social" for name in row[1].split("|")]
    known = set(_names())
    return tuple(n for n in dict.fromkeys(found) if len(n) >= SHORTEST_NAME and n not in known)


def known_terms() -> list[str]:
    """Names of the lexicon that mean nothing else: of several words, or so rare that the encoder's
    vocabulary does not have them whole."""
    common = frozenset(_vocabulary())
    names = (name.casefold() for name in [*_names(), *_other_names()])
    return sorted({n for n in names if len(n) >= SHORTEST_NAME and n not in common})


def _vocabulary() -> list[str]:
    """What the encoder reads whole: words, and pieces of them."""
    path = Path(encoder_folder("The guard", "Install Osler anew."), "vocab.txt")
    return path.read_text("utf-8").split("\n")


@cache
def _rare_words() -> tuple[str, ...]:
    """Words of the encoder's vocabulary that no answer of MedQuAD has."""
    sides: tuple[Split, ...] = ("train", "validation", "test")
    answers = (row.reference for side in sides for row in _rows("medquad", side))
    told = {word for answer in answers for word in WORD.findall(answer.casefold())}
    return tuple(one for one in _vocabulary() if WORD.fullmatch(one) and one not in told)


def _speech(side: Split) -> Iterator[str]:
    for name in ("mts-dialog", "aci-bench"):
        for row in _rows(name, side):
            for turn in TURN.findall(row.question):
                if len(turn.split()) >= SHORTEST_TURN and about_health(turn):
                    yield turn


def _is_name(answer: str) -> bool:
    """The name of somebody or something; not a number, a day, a sentence, a little word."""
    words = [word for word in answer.split() if word.casefold() not in form_words()]
    capital = bool(words) and all(word[0].isupper() for word in words)
    return (
        capital
        and len(words) <= 4
        and answer.isascii()
        and not re.search(r"\d", answer)
        and not about_health(answer)
    )


def _rows(name: str, side: Split) -> Iterator[Row]:
    for row in read_public(PublicSource(type="public", name=name), _ask()):
        if isinstance(row, Row) and (row.side or _side(row.group)) == side:
            yield row


def _embedded(name: Literal["medical_qa", "out_of_scope"], side: Split) -> Iterator[Row]:
    for row in read_embedded(EmbeddedSource(type="embedded", name=name), _ask()):
        if isinstance(row, Row) and _side(row.group) == side:
            yield row


def _ask() -> Ask:
    return Ask(Path(), "osler scope train", "sft")


def _side(group: str) -> Split:
    return side_of(group, validation_share=HELD_OUT, test_share=HELD_OUT)
