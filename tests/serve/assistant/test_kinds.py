"""Of passages on one subject the one under the heading that was asked for is told first."""

from __future__ import annotations

import pytest

from osler.retrieve.chunk import Chunk, Hit
from osler.serve.assistant.kinds import fitting_first, kind_of


def hit(title: str, section: str, score: float) -> Hit:
    return Hit(Chunk(f"{title} {section}", 0, title, section, None, 0, 4, "text"), score, score)


GOUT = [
    hit("Gout", "What is gout?", 0.9), hit("Gout", "Symptoms", 0.8),
    hit("Gout", "Care > How is gout treated?", 0.7), hit("Gout", "Causes", 0.6),
    hit("Gout", "Prevention", 0.5),
]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "section"),
    [
        ("What causes gout?", "Causes"),
        ("what sets off gout", "Causes"),
        ("What are the symptoms of gout?", "Symptoms"),
        ("which drugs are there for gout", "Care > How is gout treated?"),
        ("how do i prevent gout", "Prevention"),
        ("Tell me about gout", "What is gout?"),
        ("gout and beer", "What is gout?"),
    ],
)
def test_the_heading_of_the_kind_that_was_asked_for_comes_first(asked: str, section: str) -> None:
    first, *others = fitting_first(asked, GOUT)
    assert first.chunk.section == section
    assert others == [one for one in GOUT if one is not first]


def test_a_passage_on_another_subject_does_not_come_first_for_its_heading() -> None:
    found = [hit("Gout", "What is gout?", 0.9), hit("Pseudogout", "Causes", 0.8)]
    assert fitting_first("What causes gout?", found) == found
    assert fitting_first("What causes gout?", []) == []


def test_where_no_heading_fits_the_nearest_comes_first_and_the_others_stay() -> None:
    far, near, other = (hit("Gout", "Living with gout", at) for at in (0.6, 0.8, 0.7))
    assert fitting_first("gout and beer", [far, near, other]) == [near, far, other]
    assert fitting_first("What causes gout?", [far, near, other]) == [near, far, other]


def test_what_asks_for_no_kind_has_none() -> None:
    assert kind_of("gout") is None
    assert kind_of("my toe hurts") is None
