"""`osler scope …`: train the guard in front of the assistant, and try it."""

from __future__ import annotations

import argparse
from pathlib import Path

Args = argparse.Namespace
Parser = argparse.ArgumentParser


def add_arguments(parser: Parser) -> None:
    """The verbs below `osler scope`."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    about = "train the guard on public sets and the project's own texts"
    verb = verbs.add_parser("train", help=about, description=about[0].upper() + about[1:] + ".")
    verb.add_argument(
        "--out", type=Path, default=Path("guard.npz"), metavar="FILE", help="default: guard.npz"
    )
    verb.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="keep states of texts there, to go on or train anew faster",
    )
    verb.set_defaults(does=train, verb="scope train")
    about = "say of messages whether they are for the assistant"
    verb = verbs.add_parser("try", help=about, description=about[0].upper() + about[1:] + ".")
    verb.add_argument("texts", nargs="*", metavar="TEXT", help="none, or `-`: lines piped in")
    verb.add_argument("--guard", type=Path, metavar="FILE", help="default: the shipped one")
    verb.set_defaults(does=try_texts, verb="scope try")


def train(args: Args) -> None:
    """Train the guard."""
    from osler.commands.environment import set_environment

    set_environment(network=False)
    from osler.commands.scope import train

    print(train(args.out, args.work, lambda line: print(line, flush=True)))


def try_texts(args: Args) -> None:
    """Judge texts."""
    from osler.commands.environment import set_environment

    set_environment(network=False)
    from osler.commands.scope import given, try_texts

    for line in try_texts(given(args.texts), args.guard):
        print(line, flush=True)
