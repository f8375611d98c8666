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


Verb = tuple[Callable[[Args], Any], str, Callable[[Parser], None]]

RECORD_VERBS: dict[str, Verb] = {}
"""Verb -> what does it, one line about it, its arguments."""
