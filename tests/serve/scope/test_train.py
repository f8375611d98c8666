"""The guard is made by a command, and the same texts make the same bytes."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from osler.commands.scope import train_guard
from osler.encoder import Encoder
from osler.serve.scope.examples import (
    Example,
    Material,
    examples,
    misspelt,
    own_senses,
    own_subjects,
)
from osler.serve.scope.guard import Guard
from osler.serve.scope.urgent_examples import urgent_examples
from osler.serve.scope.weights import load_weights

ILLS = ["asthma", "gout", "measles", "anemia", "eczema", "mumps", "croup", "lupus"]
URGENT = urgent_examples()[::60]
THINGS = ["bridge", "violin", "sofa", "novel", "piano", "ferry", "anvil", "tango"]


@functools.cache
def encoder() -> Encoder:
    """The real one, loaded once."""
    return Encoder("A test", "pip install osler")


def tiny() -> list[Example]:
    frames = ("What is {}?", "How is {} treated?", "What are the symptoms of {}?", "Tell me of {}.")
    return [
        Example(frame.format(one), medical, "question" if medical else "template")
        for words, medical in ((ILLS, True), (THINGS, False))
        for one in words
        for frame in frames
    ]


def test_the_same_texts_make_the_same_bytes_and_a_guard_that_knows_them(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.npz", "b.npz")]
    for file in files:
        train_guard(tiny(), tiny(), encoder(), "0" * 64, file, lambda line: None, URGENT)
    assert files[0].read_bytes() == files[1].read_bytes()
    train_guard(tiny() * 20, tiny(), encoder(), "0" * 64, files[0], lambda line: None)
    guard = Guard(load_weights(files[0]), encoder())
    assert guard.judge("What are the symptoms of gout?").kind == "medical"
    assert guard.judge("What are the symptoms of violin?").kind == "out_of_scope"


def test_a_guard_of_another_encoder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "guard.npz"
    train_guard(tiny(), tiny(), encoder(), "0" * 64, file, lambda line: None, URGENT)
    with pytest.raises(Exception, match="another encoder"):
        Guard.load(file)


def test_no_text_of_ours_is_on_both_sides() -> None:
    assert not set(own_subjects("train")) & set(own_subjects("validation"))
    assert not set(own_senses("train")) & set(own_senses("validation"))
    sides = [{e.text for e in examples(Material(), side)} for side in ("train", "validation")]
    assert sides[0]
    assert not sides[0] & sides[1]


def test_slips_of_the_finger_are_always_the_same() -> None:
    text = "What are the symptoms of rheumatoid arthritis in elderly people?"
    assert misspelt(text) == misspelt(text)
