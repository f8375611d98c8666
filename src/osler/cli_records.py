"""`osler records …`: the verbs for patients' records, one small function each."""

from __future__ import annotations

import argparse
from collections.abc import Callable
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


def _county(args: Args) -> int:
    from osler.commands.county import county

    return county(args)


def _county_arguments(parser: Parser) -> None:
    parser.add_argument(
        "place", nargs="?", metavar="FIPS", help="five digits, or a name: 'Baltimore city, MD'"
    )
    parser.add_argument("--all", action="store_true", help="score every county into --out")
    parser.add_argument("--out", metavar="FILE", help="the table that --all writes (CSV)")
    parser.add_argument("--places", metavar="FILE", help="another PLACES county file (CSV, wide)")
    parser.add_argument("--release", type=int, metavar="YEAR", help="of --places, such as 2024")
    parser.add_argument("--weights", metavar="FILE", help="weights of your own (YAML)")


Verb = tuple[Callable[[Args], Any], str, Callable[[Parser], None]]

RECORD_VERBS: dict[str, Verb] = {
    "county": (
        _county,
        "a county's health: measures, score, rank and what adds to it",
        _county_arguments,
    ),
}
"""Verb -> what does it, one line about it, its arguments."""
