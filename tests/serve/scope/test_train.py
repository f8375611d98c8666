"""The guard is made by a command, and the same texts make the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from osler.commands.scope import train_guard
from osler.serve.scope.examples import (
    Example,
    Material,
    examples,
    misspelt,
    own_senses,
    own_subjects,
)
from osler.serve.scope.features import Floats
from osler.serve.scope.guard import Guard
from osler.serve.scope.urgent_examples import urgent_examples
from osler.serve.scope.weights import load_weights

ILLS = ["asthma", "gout", "measles", "anemia", "eczema", "mumps", "croup", "lupus"]
URGENT = urgent_examples()[::15]
THINGS = ["bridge", "violin", "sofa", "novel", "piano", "ferry", "anvil", "tango"]


def by_letters(texts: Sequence[str]) -> Floats:
    """Vectors of letters in threes: enough for a tiny set, and the same on every machine."""
    found = np.zeros((len(texts), 384), np.float32)
    for at, text in enumerate(texts):
        for place in range(len(text) - 2):
            digest = hashlib.sha256(text[place : place + 3].casefold().encode()).digest()
            found[at, int.from_bytes(digest[:2]) % 384] += 1.0
    return found / np.maximum(1e-6, np.linalg.norm(found, axis=1, keepdims=True))


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
        train_guard(tiny(), tiny(), by_letters, "0" * 64, file, lambda line: None, URGENT)
    assert files[0].read_bytes() == files[1].read_bytes()
    guard = Guard(load_weights(files[0]), by_letters)
    assert guard.judge("What are the symptoms of gout?").kind == "medical"
    assert guard.judge("What are the symptoms of violin?").kind == "out_of_scope"


def test_a_guard_of_another_encoder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "guard.npz"
    train_guard(tiny(), tiny(), by_letters, "0" * 64, file, lambda line: None, URGENT)
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
