"""`osler index …`: the verbs for an index of documents, one small function each."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Args = argparse.Namespace
Parser = argparse.ArgumentParser


def add_arguments(parser: Parser) -> None:
    """The verbs below `osler index`."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, (does, about, arguments) in INDEX_VERBS.items():
        verb = verbs.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        arguments(verb)
        verb.set_defaults(does=does, verb=f"index {name}")


def _build_arguments(parser: Parser) -> None:
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE",
        help="files and folders (PDF, DOCX, HTML, Markdown, text, JSON Lines), or by name: "
        "embedded, medquad, openstax-health, pmc-rct-ccby",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="INDEX", help="its folder")
    parser.add_argument(
        "--add", action="store_true",
        help="keep what the index has (else it becomes that of these sources alone)",
    )  # fmt: skip
    parser.add_argument("--licence", metavar="X", help="of documents that do not state theirs")
    parser.add_argument("--date", metavar="D", help="of documents that do not state theirs")


def _index_argument(parser: Parser) -> None:
    parser.add_argument("index", type=Path, metavar="INDEX", help="folder of an index")


def _search_arguments(parser: Parser) -> None:
    _index_argument(parser)
    parser.add_argument("question", metavar="QUESTION")
    parser.add_argument("-k", type=int, default=5, metavar="N", help="how many (default: 5)")
    parser.add_argument("--json", action="store_true", help="as JSON, with all that is known")


def build(args: Args) -> None:
    """Make or renew an index."""
    from osler.commands.environment import set_environment

    set_environment(network=False)
    from osler.commands.index import build_index

    print(build_index(args.sources, args.out, args.licence, args.date, add=args.add))


def search(args: Args) -> None:
    """Search an index."""
    from osler.commands.environment import set_environment

    set_environment(network=False)
    from osler.commands.index import search_index

    print(search_index(args.index, args.question, args.k, as_json=args.json))


def show(args: Args) -> None:
    """Say what an index holds."""
    from osler.commands.index import show_index

    print(show_index(args.index))


Verb = tuple[Callable[[Args], Any], str, Callable[[Parser], None]]

INDEX_VERBS: dict[str, Verb] = {
    "build": (build, "make an index of documents, or bring it up to date", _build_arguments),
    "search": (search, "print the passages nearest to a question", _search_arguments),
    "show": (show, "say what an index holds", _index_argument),
}
"""Verb -> what does it, one line about it, its arguments."""
