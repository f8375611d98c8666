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


# -- arguments ---------------------------------------------------------------------------------


def _import_arguments(parser: Parser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="CSV tables or FHIR bundles")
    parser.add_argument(
        "--out", type=Path, default=Path("records"), metavar="DIR", help="default: records"
    )
    parser.add_argument(
        "--zone", metavar="NAME", help="where the clinic is; days are taken there (else as written)"
    )


def _folder_argument(parser: Parser) -> None:
    parser.add_argument(
        "--records", type=Path, default=Path("records"), metavar="FOLDER",
        help="imported records, CSV tables or FHIR bundles (default: records)",
    )  # fmt: skip


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("--name", help="only those of this name, or of names that begin so")
    _folder_argument(parser)


def _show_arguments(parser: Parser) -> None:
    parser.add_argument(
        "patient", metavar="PATIENT", help="an id, a name, or the start of one of them"
    )
    _folder_argument(parser)
    parser.add_argument("--as-of", metavar="DAY", help="default: the last day of the record")
    parser.add_argument("--budget", type=int, metavar="N", help="shorten to N tokens")
    parser.add_argument("--model", default="nano", help="whose tokens are counted (default: nano)")


def _county_context(parser: Parser) -> None:
    parser.add_argument("--template", type=Path, metavar="FILE", help="sections of your own")
    parser.add_argument(
        "--county", metavar="PLACE", help="one for all, by FIPS code or name (else by address)"
    )
    parser.add_argument("--places", type=Path, metavar="FILE", help="another PLACES county file")
    parser.add_argument("--release", type=int, metavar="YEAR", help="of --places")


def summarize_arguments(parser: Parser) -> None:
    """Of `osler summarize`."""
    parser.add_argument(
        "run", metavar="RUN",
        help="a run; `draft`, by rule, without a model; or http://127.0.0.1:PORT/v1, a server",
    )  # fmt: skip
    parser.add_argument("--model", metavar="NAME", help="the model's name at that server")
    parser.add_argument(
        "--send-elsewhere", action="store_true",
        help="allow a server that is not on this machine; every summary says so",
    )  # fmt: skip
    _folder_argument(parser)
    parser.add_argument(
        "--patient", action="append", default=[], metavar="ID",
        help="only this one, by id, the start of one, or name; may be given again (else all)",
    )  # fmt: skip
    parser.add_argument("--as-of", required=True, metavar="DAY", help="the day it is written for")
    parser.add_argument(
        "--out", type=Path, default=Path("summaries"), metavar="DIR", help="default: summaries"
    )
    _county_context(parser)
    parser.add_argument("--batch-size", type=int, default=16, metavar="N")
    parser.add_argument(
        "--tries", type=int, default=2, metavar="N",
        help="how often a section that fails the audit is written anew (default: 2)",
    )  # fmt: skip
    parser.add_argument("--html", action="store_true", help="a page for each patient, and an index")
    parser.add_argument("--force", action="store_true", help="write anew what is there already")


def audit_arguments(parser: Parser) -> None:
    """Of `osler audit`."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="summaries, or PATIENT.md files"
    )
    _folder_argument(parser)
    parser.add_argument("--as-of", metavar="DAY", help="for summaries that do not say their day")
    _county_context(parser)
    parser.add_argument(
        "--free-form", action="store_true",
        help="texts of any headings, or none: only what they say is looked at",
    )  # fmt: skip
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="write all claims and entries there"
    )
    parser.add_argument(
        "--show", action="store_true", help="print what is flagged, and name what is left out"
    )


# -- the verbs ---------------------------------------------------------------------------------


def import_records(args: Args) -> None:
    """Read a folder of records and store them."""
    from osler.commands.records import import_records

    print(import_records(args.folder, args.out, args.zone))


def list_records(args: Args) -> int:
    """List the patients of a folder."""
    from osler.commands.records import list_patients

    said, code = list_patients(args.records, args.name)
    print(said)
    return code


def show(args: Args) -> None:
    """Print a record as a model will see it."""
    from osler.commands.records import show_record

    print(show_record(args.patient, args.records, args.as_of, args.budget, args.model))


def _county(args: Args) -> int:
    from osler.commands.county import county

    return county(args)


def _county_arguments(parser: Parser) -> None:
    parser.add_argument(
        "place", nargs="?", metavar="COUNTY",
        help="a FIPS code of five digits, or a name: 'Los Angeles', 'Baltimore city, MD'",
    )  # fmt: skip
    parser.add_argument("--all", action="store_true", help="score every county into --out")
    parser.add_argument("--out", metavar="FILE", help="the table that --all writes (CSV)")
    parser.add_argument("--places", metavar="FILE", help="another PLACES county file (CSV, wide)")
    parser.add_argument("--release", type=int, metavar="YEAR", help="of --places, such as 2024")
    parser.add_argument("--weights", metavar="FILE", help="weights of your own (YAML)")


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
    "import": (
        import_records,
        "read CSV tables or FHIR bundles, and store them",
        _import_arguments,
    ),
    "list": (list_records, "list the patients, without names", _list_arguments),
    "show": (show, "print a record as a model will see it", _show_arguments),
    "county": (
        _county,
        "a county's health: measures, score, rank and what adds to it",
        _county_arguments,
    ),
    "synthesize": (synthesize, "write patients who never were", _synthesize_arguments),
}
"""Verb -> what does it, one line about it, its arguments."""
