"""What the guard is trained on: public questions, and texts of the project's own put together.

The texts are assets/scope/*.txt. Everything is drawn by a hash of the texts themselves, so the same
data makes the same examples, and a subject stays on its side when others are added.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

from osler.serve.scope.choices import draw, made, read_choices
from osler.serve.scope.features import TURN, in_turn
from osler.serve.scope.subject import form_words

Side = Literal["train", "validation"]

_WORD = re.compile(r"[a-z]+")

VALIDATION = 0.15
"""Share of the project's own texts on which the threshold is chosen."""
FRAMES_EACH = 3
"""Questions made of one subject."""
RAW_STEP: dict[Side, int] = {"train": 3, "validation": 1}
"""One in so many is told in a message of several sentences."""
TURNED = ("plain", "senses", "everyday")
"""Kinds of our own messages that are put behind others."""
BEHIND = 4
"""Questions of each sort that a follow-up is put behind."""
MADE = {"medical": 6, "other": 9}
"""Messages made of a line of questions.txt."""
FEWEST_LETTERS = 5
"""Of a word that is a subject by itself."""


@dataclass(frozen=True, slots=True)
class Example:
    """A message and what it is. `kind` names the slice it is counted in."""

    text: str
    medical: bool
    kind: str


@dataclass(frozen=True)
class Material:
    """Texts of others for one side, which a command reads from the public sets."""

    topics: Sequence[tuple[str, str]] = ()
    """What a medical question is about, and the question."""
    names: Sequence[str] = ()
    """Names of diseases, drugs, procedures."""
    speech: Sequence[str] = ()
    """What patients say to their doctors, a turn each."""
    general: Sequence[str] = ()
    """Questions of general knowledge."""
    answers: Sequence[str] = ()
    """Their short answers: names of people, places, works."""
    words: Sequence[str] = ()
    """Words of the language that no answer about health has."""
    tasks: Sequence[str] = ()
    """Requests of other kinds."""
    medical: Sequence[str] = ()
    """More medical questions."""
    refused: Sequence[str] = ()
    """More of what is to be refused."""


@dataclass(frozen=True)
class Frames:
    """The parts of frames.txt."""

    any: list[str] = field(default_factory=list[str])
    other: list[str] = field(default_factory=list[str])
    before: list[str] = field(default_factory=list[str])
    story: list[str] = field(default_factory=list[str])
    after: list[str] = field(default_factory=list[str])
    beside: list[str] = field(default_factory=list[str])


def examples(material: Material, side: Side) -> list[Example]:
    """All examples of a side, each text once; none for validation that is one of our messages to
    learn from."""
    found = {one.text: one for one in _all(material, side) if one.text.strip()}
    if side == "validation":
        for one in own_messages("train"):
            found.pop(one.text, None)
    return list(found.values())


def _all(material: Material, side: Side) -> Iterator[Example]:
    frames = read_frames()
    topics = sorted({topic for topic, _ in material.topics})
    strange = [*own_subjects(side), *material.answers]
    words = paired(words_of([*material.general, *material.words], material))
    asked = own_questions(side)
    requests = [*own_lines("requests", side), *(text for text, medical in asked if not medical)]
    health = [*own_lines("health", side), *(text for text, medical in asked if medical)]
    yield from own_messages(side)
    yield from turns(material, side)
    others = [*material.general[::4], *requests[::2]]
    yield from beside(others, topics, False, frames)
    yield from beside(health[::2], topics, True, frames)
    yield from (Example(q, True, "question") for _, q in material.topics)
    yield from (Example(q, True, "asked") for q in [*material.medical, *health])
    yield from (Example(q, True, "speech") for q in material.speech)
    yield from (Example(q, False, "general") for q in material.general)
    yield from (Example(q, False, "task") for q in [*material.tasks, *material.refused, *requests])
    for about in topics:
        yield from (Example(q, True, "frame") for q in framed(about, frames.any, 2))
    for about in material.names:
        yield from (Example(q, True, "frame") for q in framed(about, frames.any, 1))
    for about in strange:
        yield from (Example(q, False, "template") for q in framed(about, frames.any, FRAMES_EACH))
        yield from (Example(q, False, "other") for q in framed(about, frames.other, 1))
    for about in words:
        yield from (Example(q, False, "template") for q in framed(about, frames.any, 1))
    for other, medical in own_senses(side):
        yield Example(other, False, "sense")
        yield Example(medical, True, "sense")
    typed = [(q, True) for _, q in material.topics[::6]] + [
        (q, False) for q in material.general[::4]
    ]
    yield from (Example(misspelt(q), medical, "typos") for q, medical in typed)
    if side == "train":
        yield from (Example(line, False, "story") for line in [*frames.before, *frames.story])
    step = RAW_STEP[side]
    framed_topics = [q for about in topics[::4] for q in framed(about, frames.any, 1)]
    strangely = [q for about in strange[::6] for q in framed(about, frames.any, 1)]
    told = [*material.speech[::2], *health, *framed_topics]
    yield from wrapped(told[::step], True, frames, "raw")
    told = [*requests, *material.general[::5], *strangely]
    yield from wrapped(told[::step], False, frames, "raw")


def words_of(general: Iterable[str], material: Material) -> list[str]:
    """Words of these texts that no medical text has: what nobody is ill with, and as many sorts of
    it as people ask about."""
    medical = [question for _, question in material.topics]
    medical += [*_lines("messages_medical"), *_lines("health"), *_lines("urgent")]
    told = " ".join([*medical, *material.names, *material.speech, *material.medical])
    known = set(_WORD.findall(told.casefold())) | form_words()
    found = (word for text in general for word in _WORD.findall(text.casefold()))
    return sorted({word for word in found if len(word) >= FEWEST_LETTERS} - known)


def paired(words: Sequence[str]) -> list[str]:
    """The words, and of every second one with another a name of two."""
    return [*words, *(f"{one} {draw('paired', one).choice(words)}" for one in words[::2])]


# -- making texts -----------------------------------------------------------------------------


def framed(about: str, frames: Sequence[str], count: int) -> list[str]:
    """Questions about a subject in so many of the frames."""
    chosen = draw(about, str(len(frames))).sample(list(frames), min(count, len(frames)))
    return [frame.replace("{x}", about) for frame in chosen]


def wrapped(texts: Iterable[str], medical: bool, frames: Frames, kind: str) -> Iterator[Example]:
    """Messages as people write them: a greeting, a story, the matter somewhere in it, thanks."""
    for text in texts:
        chance = draw("wrapped", text)
        parts = [*chance.sample(frames.story, chance.randint(1, 5)), text]
        if chance.random() < 0.5:
            parts[0], parts[-1] = parts[-1], parts[0]
        whole = " ".join([chance.choice(frames.before), *parts, chance.choice(frames.after)])
        yield Example(misspelt(whole) if chance.random() < 0.3 else whole, medical, kind)


def beside(
    texts: Iterable[str], topics: Sequence[str], medical: bool, frames: Frames
) -> Iterator[Example]:
    """Messages that say something of health first, and are about it or not."""
    for text in texts:
        chance = draw("beside", text)
        said = chance.choice(frames.beside).replace("{x}", chance.choice(topics or ["asthma"]))
        yield Example(f"{said} {text}", medical, "beside")


def misspelt(text: str) -> str:
    """The text with slips of the finger: about one word in seven of five letters or more."""
    chance = draw("misspelt", text)
    return " ".join(_slip(word, chance) for word in text.split(" "))


def _slip(word: str, chance: random.Random) -> str:
    if len(word) < 5 or chance.random() > 0.15:
        return word
    at = chance.randrange(1, len(word) - 2)
    return chance.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        ]
    )


# -- the project's own texts ------------------------------------------------------------------


def on_side(text: str, side: Side) -> bool:
    """Whether a text of ours is on this side."""
    return (draw("side", text).random() < VALIDATION) == (side == "validation")


@cache
def _lines(name: str) -> tuple[str, ...]:
    text = (resources.files("osler") / "assets" / "scope" / f"{name}.txt").read_text("utf-8")
    return tuple(text.splitlines())


def own_lines(name: str, side: Side) -> list[str]:
    """The lines of a file of ours that are on this side."""
    return [line for line in _lines(name) if line and on_side(line, side)]


def own_questions(side: Side) -> list[tuple[str, bool]]:
    """Questions made of questions.txt, and whether they are about health; a line on one side."""
    lines, words = read_choices("questions")
    made_of: dict[Side, dict[str, bool]] = {"train": {}, "validation": {}}
    for kind, text in lines:
        texts = (made(text, words, count) for count in range(MADE[kind]))
        of: Side = "train" if on_side(text, "train") else "validation"
        made_of[of].update(dict.fromkeys(texts, kind == "medical"))
    learnt = own_lines("requests", "train"), own_lines("health", "train"), made_of["train"]
    known = {text for some in learnt for text in some} if side == "validation" else set[str]()
    return [one for one in made_of[side].items() if one[0] not in known]


def own_subjects(side: Side) -> list[str]:
    """Things that nobody is ill with; a whole domain is on one side, and what is in two to learn
    from."""
    things: dict[Side, list[str]] = {"train": [], "validation": []}
    for line in _lines("subjects"):
        domain, _, in_domain = line.partition(": ")
        things["train" if on_side(domain, "train") else "validation"] += in_domain.split(", ")
    if side == "train":
        return things["train"]
    learnt = set(things["train"])
    return [one for one in things["validation"] if one not in learnt]


def own_senses(side: Side) -> Iterator[tuple[str, str]]:
    """Sentences with a medical word in another sense, and in its own; by word on one side."""
    for line in _lines("senses"):
        word, other, medical = line.split(" | ")
        if on_side(word, side):
            yield other, medical


def own_messages(side: Side) -> Iterator[Example]:
    """Messages of both sorts as people wrote them, by the kinds their files name."""
    for name, medical in (("messages_medical", True), ("messages_other", False)):
        kind = ""
        for line in _lines(name):
            if line.startswith("## "):
                kind = line.removeprefix("## ")
            elif line and line[0] != "#" and on_side(line, side):
                *earlier, text = line.split(" || ")
                yield Example(in_turn(earlier, text), medical, kind)


def turns(material: Material, side: Side) -> Iterator[Example]:
    """Short messages behind a question about health, with which they go on or do not, and behind
    another; and questions of either sort behind the other."""
    health = [question for _, question in material.topics] or ["What is asthma?"]
    others = list(material.general) or ["Who painted the Mona Lisa?"]
    for text, medical in own_follow_ups(side):
        chance = draw("turns", text)
        for _ in range(BEHIND):
            yield Example(in_turn([chance.choice(health)], text), medical, "turns")
            yield Example(in_turn([chance.choice(others)], text), False, "turns")
    for text in material.general[::4]:
        yield Example(in_turn([draw("turns", text).choice(health)], text), False, "turns")
    for text in own_lines("requests", side):
        yield Example(in_turn([draw("turns", text).choice(health)], text), False, "turns")
    for text in own_lines("health", side):
        yield Example(in_turn([draw("turns", text).choice(others)], text), True, "turns")
    yield from own_turns(side)


def own_turns(side: Side) -> Iterator[Example]:
    """Messages as people wrote them behind others: every second of those that say what they are,
    and those that go on with talk of health behind more of it."""
    own = list(own_messages(side))
    whole = [one for one in own if one.kind in TURNED]
    first = {sort: [one.text for one in whole if one.medical is sort] for sort in (True, False)}
    for count, one in enumerate(whole):
        before = first[count % 4 < 2]
        if count % 2 and before:
            said = draw("own turns", one.text).choice(before)
            yield Example(in_turn([said], one.text), one.medical, "turns")
    for one in own:
        if one.kind == "turn" and one.medical and first[True]:
            last = one.text.split(TURN)[-1]
            for said in draw("own turns", last).sample(first[True], min(BEHIND, len(first[True]))):
                yield Example(in_turn([said], last), True, "turns")


def own_follow_ups(side: Side) -> list[tuple[str, bool]]:
    """Short messages that lean on the one before, and whether talk of health goes on so."""
    parted = (line.split(" | ") for line in own_lines("follow_ups", side))
    return [(text, kind == "medical") for kind, text in parted]


def read_frames() -> Frames:
    """frames.txt: its parts, each begun by a line with #."""
    parts: list[list[str]] = []
    for line in _lines("frames"):
        if line.startswith("#"):
            parts.append([])
        else:
            parts[-1].append(line)
    return Frames(*parts)
