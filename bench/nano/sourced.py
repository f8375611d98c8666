"""Does an adapter read the sources it is shown? `python bench/nano/sourced.py RUN ROWS`

RUN answers held-out questions of the run ROWS that stand beside a passage with their answer. By
where that passage stands: ROUGE-Lsum, how many answers begin as the reference does (it was copied
from the right place), how many decline, and how many say that no source helps.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from random import Random

from osler.data.shown_sources import UNHELPFUL
from osler.evaluate.metrics import text_scores
from osler.evaluate.systems import LOADERS
from osler.model import load_tokenizer
from osler.rows import Row, read_rows
from osler.run import Run
from osler.serve.generate import generate
from osler.tasks.refusal import is_refusal

TOKENS = 96
BEGINS = 40
"""Characters by which an answer is known to begin as the reference."""
Told = tuple[Row, str]


def place(row: Row) -> str:
    """Where the passage with the answer stands."""
    shown = [one.replace("\n", " ") for one in row.question.split("<source ")[1:]]
    at = next((n for n, one in enumerate(shown) if row.reference[:BEGINS] in one), None)
    if len(shown) == 1:
        return "the only passage"
    return "first of several" if at == 0 else "after others"


def is_typed(row: Row) -> bool:
    """Asked in other words than the set's."""
    return row.extra.get("asked", "") != row.question.rpartition("Question: ")[2]


def main() -> None:
    """Print a line for each slice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--items", type=int, default=112)
    asked = parser.parse_args()
    run = Run.open(asked.run)
    rows = [row for row in read_rows(asked.rows / "data" / "test.jsonl")
            if row.extra.get("sources_help")]  # fmt: skip
    rows = Random(7).sample(rows, asked.items)
    made = generate(
        LOADERS["tuned"](run), load_tokenizer(run.recipe.model, run.recipe_folder),
        [list(row.prompt) for row in rows], max_new_tokens=TOKENS, batch_size=16, label="answers",
    )  # fmt: skip
    told = [(row, one.text) for row, one in zip(rows, made, strict=True)]
    slices: dict[str, Callable[[Row], bool]] = {"all": lambda row: True, "typed": is_typed}
    for where in ("the only passage", "first of several", "after others"):
        slices[where] = lambda row, where=where: place(row) == where
    for name, wanted in slices.items():
        print(f"{name}: {_said([one for one in told if wanted(one[0])])}")


def _said(told: list[Told]) -> str:
    if not told:
        return "none"
    texts, references = [text for _, text in told], [row.reference for row, _ in told]
    rouge = text_scores(texts, references, label="answers")["rougeLsum"]
    begins = sum(t.strip()[:BEGINS] == r[:BEGINS] for t, r in zip(texts, references, strict=True))
    return (
        f"{len(told)} questions, ROUGE-Lsum {sum(rouge) / len(rouge):.1f}, {begins} begin as the "
        f"reference, {sum(map(is_refusal, texts))} decline, "
        f"{sum(UNHELPFUL in text for text in texts)} say that no source helps"
    )


if __name__ == "__main__":
    main()
