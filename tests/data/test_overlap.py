"""Near duplicates: what nearly repeats a held-out row is not trained on, and this is counted."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from osler.data.overlap import near_duplicates
from osler.data.prepare import plan
from osler.data.prepared import Entry, Prepared
from osler.data.split import side_of
from osler.recipe import Recipe


def shingles(text: str) -> set[tuple[str, ...]]:
    """Every run of five words; a shorter text is one run."""
    words = re.findall(r"\w+", text.lower()) or [text.strip()]
    return {tuple(words[i : i + 5]) for i in range(max(len(words) - 4, 1))}


def jaccard(one: str, other: str) -> float:
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


def related_texts(seed: int) -> tuple[list[str], list[str]]:
    """Texts, and others that repeat them with a few words left out, changed or put in."""
    rng = random.Random(seed)
    words = [f"word{n}" for n in range(40)]
    held_out = [" ".join(rng.choices(words, k=rng.randrange(0, 60))) for _ in range(40)]
    training: list[str] = []
    for _ in range(120):
        text = rng.choice(held_out).split()
        for _ in range(rng.randrange(0, 4)):
            at = rng.randrange(0, len(text) + 1)
            text[at : at + rng.randrange(0, 3)] = rng.choices(words, k=rng.randrange(0, 3))
        training.append(" ".join(text))
    return training, held_out


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_likeness_is_the_exact_jaccard_index(seed: int, threshold: float) -> None:
    training, held_out = related_texts(seed)
    found = near_duplicates(training, held_out, threshold)
    best = {i: max(jaccard(text, other) for other in held_out) for i, text in enumerate(training)}
    assert set(found) == {i for i, likeness in best.items() if likeness >= threshold}
    assert 10 < len(found) < 120, "the texts are to be like and unlike"
    for i, other in found.items():
        assert jaccard(training[i], held_out[other]) == best[i], "it names the most similar row"


@pytest.mark.parametrize(("shared", "union"), [(14, 25), (21, 75), (51, 75), (55, 100), (7, 100)])
def test_the_threshold_as_people_write_it_is_met(shared: int, union: int) -> None:
    """0.56 × 25 is 14.000000000000002 to a computer; a row with 14 of 25 in common has 0.56."""
    only, both = union - shared, shared + 4
    text = [f"w{n}" for n in range(both + only)]
    assert len(shingles(" ".join(text))) == union
    whole, part = " ".join(text), " ".join(text[:both])
    assert near_duplicates([whole], [part], shared / union) == {0: 0}
    assert near_duplicates([whole], [part], shared / union + 1e-9) == {}


@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        lambda text: text.replace(" ", " - ").replace("\n", "?! "),
        lambda text: "\n\t".join(text.split()),
        lambda text: f"“{text}”…",
    ],
)
def test_case_punctuation_and_white_space_do_not_hide_a_repeat(disguise: Any) -> None:
    text = "What is gout?\nGout is a kind of arthritis, and it comes and goes in attacks."
    assert near_duplicates([disguise(text)], [text], 1.0) == {0: 0}
    assert near_duplicates([disguise(text.replace("gout", "acne"))], [text], 1.0) == {}


def test_texts_with_nothing_in_common_or_none_at_all_are_harmless() -> None:
    assert near_duplicates(["a b c d e f"], ["g h i j k l"], 0.01) == {}
    assert near_duplicates([], ["a"], 0.5) == near_duplicates(["a"], [], 0.5) == {}
    assert near_duplicates(["a b"], ["b a", "a b c"], 0.5) == {}, "short texts count as a whole"


def test_texts_without_words_are_alike_only_when_they_are_equal() -> None:
    moods = [f"{chr(0x1F600 + n)}\n{chr(0x1F640 + n)}" for n in range(20)]
    assert near_duplicates(moods[:10], moods[10:], 0.1) == {}
    assert near_duplicates(moods, [moods[3].replace("\n", "  ")], 0.1) == {3: 0}


# -- in the data stage -------------------------------------------------------------------------


def topic_on(side: str, skip: int = 0) -> str:
    """A group's name that the split puts on this side."""
    names = (f"topic-{n}" for n in range(10_000))
    on = [n for n in names if side_of(n, validation_share=0.05, test_share=0.1) == side]
    return on[skip]


def answer(seed: int, length: int = 40) -> str:
    return " ".join(random.Random(seed).choices([f"word{n}" for n in range(200)], k=length))


def prepared(folder: Path, model: Path, rows: list[tuple[str, str, str]], **data: Any) -> Prepared:
    """The data stage's plan for rows of (id, answer, group)."""
    lines = [f"{own},What is asked?,{text},{group}\n" for own, text, group in rows]
    (folder / "a.csv").write_text("id,prompt,completion,group\n" + "".join(lines))
    sections = {"data": {"sources": [{"type": "csv", "path": "a.csv"}], **data}}
    recipe = {"name": "a", "model": {"id": str(model)}, **sections}
    return plan(Recipe.model_validate(recipe), folder)


def receipt(found: Prepared, own: str) -> Entry:
    return next(entry for entry in found.receipt if entry.id == own)


@pytest.fixture
def planted() -> list[tuple[str, str, str]]:
    """A test row, a validation row, and training rows of which two nearly repeat them."""
    return [
        ("held", answer(1), topic_on("test")),
        ("look", answer(2), topic_on("validation")),
        ("copy", answer(1) + " besides", topic_on("train")),
        ("echo", answer(2).upper() + " indeed", topic_on("train", 1)),
        ("other", answer(3), topic_on("train", 2)),
    ]


def test_a_near_copy_of_a_held_out_row_is_kept_out_of_training_and_counted(
    tmp_path: Path, tiny_model: Path, planted: list[tuple[str, str, str]]
) -> None:
    found = prepared(tmp_path, tiny_model, planted)
    assert [row.id for row in found.rows["train"]] == ["other"]
    assert [row.id for row in found.rows["test"]] == ["held"], "the held-out row itself stays"
    for own, of, side in (("copy", "held", "test"), ("echo", "look", "validation")):
        entry = receipt(found, own)
        assert (entry.kept, entry.split, entry.of) == (False, "", of)
        assert entry.reason == f"near duplicate of a {side} row"


def test_a_near_copy_within_training_stays(tmp_path: Path, tiny_model: Path) -> None:
    rows = [(f"r{n}", answer(1) + f" and{n}", topic_on("train", n)) for n in range(3)]
    found = prepared(tmp_path, tiny_model, [*rows, ("held", answer(2), topic_on("test"))])
    assert len(found.rows["train"]) == 3


def test_the_threshold_of_the_recipe_is_respected(
    tmp_path: Path, tiny_model: Path, planted: list[tuple[str, str, str]]
) -> None:
    likeness = jaccard(f"What is asked?\n{answer(1)}", f"What is asked?\n{answer(1)} besides")
    assert 0.8 < likeness < 1
    for threshold, there in ((likeness, False), (likeness + 1e-6, True), (None, True)):
        found = prepared(tmp_path, tiny_model, planted, near_duplicate=threshold)
        assert ("copy" in [row.id for row in found.rows["train"]]) is there
