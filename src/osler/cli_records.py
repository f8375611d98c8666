"""`osler records …`: the verbs for patients' records, one small function each."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Args = argparse.Namespace
Parser = argparse.ArgumentParser


def add_arguments(parser: Parser) -> None:
    """The verbs below `osler records`."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, (does, about, arguments) in RECORD_VERBS.items():
        verb = verbs.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        arguments(verb)
        verb.set_defaults(does=does, verb=f"records {name}")


def _synthesize_arguments(parser: Parser) -> None:
    parser.add_argument("--patients", type=int, required=True, metavar="N", help="how many")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default: 0")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder")
    parser.add_argument("--format", choices=("fhir", "csv", "both"), default="both")
    parser.add_argument("--until", metavar="DAY", help="end of all histories: 2024-12-31")
    parser.add_argument("--gzip", action="store_true", help="bundles as .json.gz")


def synthesize(args: Args) -> None:
    """Write a folder of patients who never were."""
    from osler.commands.synthesize import synthesize_records as do

    print(do(args.out, args.patients, args.seed, args.until, args.format, args.gzip))


Verb = tuple[Callable[[Args], Any], str, Callable[[Parser], None]]

RECORD_VERBS: dict[str, Verb] = {
    "synthesize": (synthesize, "write patients who never were", _synthesize_arguments),
}
"""Verb -> what does it, one line about it, its arguments."""
