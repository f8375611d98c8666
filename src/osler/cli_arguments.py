"""The arguments of the verbs that work on recipes and runs."""

from __future__ import annotations

import argparse
from pathlib import Path

Parser = argparse.ArgumentParser


def recipe(parser: Parser) -> None:
    """A recipe, and knobs to set."""
    parser.add_argument("recipe", metavar="RECIPE", help="file, or name of a shipped recipe")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="set a knob")


def run_flags(parser: Parser) -> None:
    """Where a run is, and whether it goes on."""
    recipe(parser)
    parser.add_argument("--run-dir", type=Path, metavar="DIR", help="folder of the run")
    parser.add_argument("--resume", action="store_true", help="go on with a run that is there")


def gpus_flag(parser: Parser, does: str = "train") -> None:
    """On how many GPUs."""
    parser.add_argument(
        "--gpus", type=int, default=1, metavar="N",
        help=f"{does} on N GPUs of this machine, on the same rows in each step as on one",
    )  # fmt: skip


def check_flags(parser: Parser) -> None:
    """Of `check`."""
    recipe(parser)
    gpus_flag(parser, "look at a training")


def whole_run_flags(parser: Parser) -> None:
    """Of `run`."""
    run_flags(parser)
    gpus_flag(parser)


def train_flags(parser: Parser) -> None:
    """Of `train`."""
    stage_flags(parser)
    gpus_flag(parser)


def stage_flags(parser: Parser) -> None:
    """Of one stage."""
    run_flags(parser)
    parser.add_argument("--force", action="store_true", help="do a stage again that is done")


def copy_arguments(parser: Parser) -> None:
    """Of `copy`."""
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")


def explain_arguments(parser: Parser) -> None:
    """Of `explain`."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="for example train.lora.r")
    parser.add_argument("--markdown", action="store_true", help="everything, as docs/recipe.md")


def show_arguments(parser: Parser) -> None:
    """Of `show`."""
    parser.add_argument("run", metavar="RUN", help="folder of a run")
    parser.add_argument("what", nargs="?", choices=("receipt", "row", "losses"))
    parser.add_argument("id", nargs="?", metavar="ID", help="with `row`: the row's id")
    parser.add_argument("--force", action="store_true", help="print text to what is no terminal")


def score_arguments(parser: Parser) -> None:
    """Of `score`."""
    parser.add_argument("a", type=Path, metavar="A.csv", help="columns id, output")
    parser.add_argument("b", type=Path, nargs="?", metavar="B.csv", help="compare A with it")
    parser.add_argument(
        "--references", type=Path, required=True, metavar="R.csv", help="id, reference[, group]"
    )
    parser.add_argument("--bertscore", action="store_true", help="score with BERTScore too")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results there")


def optional_name(parser: Parser) -> None:
    """A name, or none."""
    parser.add_argument("name", nargs="?", metavar="NAME")


def one_run(parser: Parser) -> None:
    """A run."""
    parser.add_argument("run", metavar="RUN", help="folder of a run")


def one_recipe(parser: Parser) -> None:
    """A recipe of the user's."""
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="a recipe file")


def nothing(parser: Parser) -> None:
    """No arguments."""
