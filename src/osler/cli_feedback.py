"""`osler feedback …`: the verbs for what people said of answers, one small function each."""

from __future__ import annotations

import argparse
from pathlib import Path

Args = argparse.Namespace
Parser = argparse.ArgumentParser


def add_arguments(parser: Parser) -> None:
    """The verbs below `osler feedback`."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    about = "write corrected answers as prompt, chosen, rejected (JSONL)"
    verb = verbs.add_parser("export", help=about, description=f"W{about[1:]}.")
    verb.add_argument("--out", type=Path, required=True, metavar="FILE")
    verb.add_argument(
        "--state", type=Path, metavar="FOLDER",
        help="where `osler serve` keeps conversations (default: ~/.local/state/osler)",
    )  # fmt: skip
    verb.set_defaults(does=feedback_export, verb="feedback export")


def feedback_export(args: Args) -> None:
    """Write corrected answers."""
    from osler.commands.feedback import export

    print(export(args.out, args.state))
