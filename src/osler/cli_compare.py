"""`osler compare`: a table of every task against every adapter of one base."""

from __future__ import annotations

import argparse
from pathlib import Path

from osler.cli_serve import positive

Args = argparse.Namespace
Parser = argparse.ArgumentParser


def add_arguments(parser: Parser) -> None:
    """Runs, and how much of their test rows is examined."""
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folders of runs on one base")
    parser.add_argument(
        "--out", type=Path, default=Path("compared"), metavar="FOLDER", help="default: compared"
    )
    parser.add_argument("--max-items", type=positive, metavar="N", help="test rows of each task")
    parser.add_argument("--max-new-tokens", type=positive, metavar="N", help="longest answer")


def compare(args: Args) -> None:
    """Examine base and adapters on the test rows of all of these runs."""
    from osler.commands.compare import Wish, compare_runs

    compare_runs(Wish(args.runs, args.out, args.max_items, args.max_new_tokens))
