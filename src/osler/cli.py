"""The command line: one small function per verb. Imports nothing heavy; a verb does so itself."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from osler import cli_arguments as takes
from osler import cli_compare, cli_feedback, cli_index, cli_records, cli_scope, cli_serve
from osler.errors import UserError

Args = argparse.Namespace
Parser = argparse.ArgumentParser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Exit code 0, 2 for a user's error, 130 and 143 when interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our signs ends no command
    return _as_rank(argv) if "LOCAL_RANK" in os.environ else do(argv)


def do(argv: Sequence[str] | None) -> int:
    """Read the command line and carry it out; exit code as in `main`."""
    args = parse(argv)
    before = _on_sigterm(_raise_terminated)
    try:
        return int(args.does(args) or 0)
    except UserError as fault:
        return _complain(fault)
    except KeyboardInterrupt as fault:
        print("\nStopped.", file=sys.stderr)
        return 143 if type(fault).__name__ == "Terminated" else 130
    except BrokenPipeError:
        # Whoever read our output has gone (`osler show | head`): say nothing more to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as fault:
        return _complain(_as_user_error(fault, args))
    finally:
        _on_sigterm(before)


def _as_rank(argv: Sequence[str] | None) -> int:
    """As one of several processes: the first does all there is to do, the others help it train."""
    from osler.commands.stages import follow
    from osler.crew import dismiss
    from osler.ranks import is_further

    try:
        further = is_further()
    except UserError as fault:
        return _complain(fault)
    if further:
        return follow()
    try:
        return do(argv)
    finally:
        with contextlib.suppress(UserError):  # nobody waits where there is no meeting place
            dismiss()


def _complain(fault: UserError) -> int:
    notes: list[str] = getattr(fault, "__notes__", [])
    print("\n".join([f"osler: {fault}", *notes]), file=sys.stderr)
    return 2


def _as_user_error(fault: OSError, args: Args) -> UserError:
    """A full disk or a refused file as an error with a cure; anything else is raised again."""
    from osler.disk import SPACE, SPACE_RESUME, is_out_of_room, out_of_room

    if is_out_of_room(fault):
        cure = SPACE_RESUME if hasattr(args, "resume") else SPACE
        return out_of_room(Path(str(fault.filename or "a file")), fault, cure)
    if isinstance(fault, PermissionError) or fault.errno == errno.EROFS:
        flag = next((f for f in ("run_dir", "out") if hasattr(args, f)), "").replace("_", "-")
        other = f"; or give --{flag} in a folder of your own" if flag else ""
        return UserError(
            f"{fault.filename}: not permitted ({fault.strerror}).",
            f"Check its owner and permissions{other}.",
        )
    if fault.errno == errno.ENAMETOOLONG:
        return UserError(
            f"{Path(str(fault.filename)).name[:60]}…: the name is too long.", "Give another."
        )
    raise fault


def _on_sigterm(handler: Any) -> Any:
    """Set the handler, where that can be done, and return the one before."""
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, handler if callable(handler) else signal.SIG_DFL)
        return signal.signal(signal.SIGTERM, handler)
    except ValueError:  # not the main thread
        return None


def _raise_terminated(number: int, frame: object) -> None:
    from osler.commands.stages import Terminated

    # Where it comes in the middle of a __del__ the exception is lost: raise until it is caught.
    signal.setitimer(signal.ITIMER_REAL, 2.0)
    raise Terminated


# -- the parser --------------------------------------------------------------------------------


def parse(argv: Sequence[str] | None) -> Args:
    """Read the command line. `key=value` may stand before and after flags."""
    parser = make_parser()
    args, rest = parser.parse_known_args(argv)
    flags = [word for word in rest if word.startswith("-")]
    if flags or (rest and not hasattr(args, "overrides")):
        parser.error(f"unrecognized arguments: {' '.join(flags or rest)}")
    if rest:
        args.overrides = [*args.overrides, *rest]
    return args


def make_parser() -> Parser:
    """All verbs with their arguments."""
    parser = Parser(
        prog="osler",
        description="Fine-tune a language model on medical text, and prove whether it got better.",
        epilog="A recipe is a file or the name of a shipped one; key=value sets any of its knobs.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, (does, about, arguments) in VERBS.items():
        verb = verbs.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        arguments(verb)
        verb.set_defaults(does=does, verb=name)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: Parser, *args: Any, **kwargs: Any) -> None:
        from importlib.metadata import version

        print(f"osler {version('osler')}")
        parser.exit()


# -- the verbs ---------------------------------------------------------------------------------


def recipes(args: Args) -> None:
    """List the shipped recipes."""
    from osler.commands.recipes import list_recipes

    print(list_recipes())


def copy(args: Args) -> None:
    """Copy a shipped recipe."""
    from osler.commands.recipes import copy_recipe

    print(copy_recipe(args.name, args.file, force=args.force))


def explain(args: Args) -> None:
    """Print the documentation of a key."""
    from osler.commands import explain

    if args.markdown:
        print(explain.markdown(), end="")
    else:
        print(explain.explain(args.key) if args.key else explain.overview())


def fetch(args: Args) -> None:
    """List or fetch public data sets."""
    from osler.commands.fetch import fetch_set, list_sets

    if args.name is None:
        print(list_sets())
    else:
        fetch_set(args.name, lambda line: print(line, flush=True))


def check(args: Args) -> int:
    """Look for everything that can be wrong."""
    from osler.commands.stages import check

    return check(args.recipe, args.overrides, args.gpus)


def stage(args: Args) -> int:
    """Run all stages, or one."""
    from osler.commands.stages import Command, carry_out

    force, gpus = getattr(args, "force", False), getattr(args, "gpus", 1)
    return carry_out(
        Command(args.verb, args.recipe, args.overrides, args.run_dir, args.resume, force, gpus)
    )


def doctor(args: Args) -> None:
    """Say what this machine has and lacks."""
    from osler.commands.doctor import examine_machine

    print(examine_machine())


def show(args: Args) -> None:
    """Show what happened in a run."""
    from osler.commands.show import show

    show(args.run, args.what, args.id, force=args.force)


def chat(args: Args) -> int:
    """Talk with a tuned model."""
    from osler.commands.stages import chat

    return chat(args.run)


def score(args: Args) -> None:
    """Score stored outputs."""
    from osler.commands.environment import set_environment

    set_environment(network=False)
    from osler.commands.score import score

    score(args.a, args.b, args.references, bertscore=args.bertscore, out=args.json)


def summarize(args: Args) -> int:
    """Write a summary of every patient."""
    from osler.commands.county_lines import CountyLines
    from osler.commands.records import day_of
    from osler.commands.summarize import Wish, summarize
    from osler.summaries.template import load_template

    county = CountyLines(args.places, args.release, args.county)
    wish = Wish(
        args.run, args.records, day_of(args.as_of), args.out, load_template(args.template),
        county, args.batch_size, args.tries, args.force, args.html,
        args.model, args.send_elsewhere, tuple(args.patient),
    )  # fmt: skip
    said, code = summarize(wish)
    print(said)
    return code


def audit(args: Args) -> int:
    """Hold summaries against the records."""
    from osler.commands.audit import audit_folder
    from osler.commands.county_lines import CountyLines
    from osler.commands.records import day_of
    from osler.summaries.template import load_template

    said, code = audit_folder(
        args.folder, args.records, None if args.free_form else load_template(args.template),
        day_of(args.as_of) if args.as_of is not None else None,
        CountyLines(args.places, args.release, args.county), args.json, show=args.show,
    )  # fmt: skip
    print(said)
    return code


def pin(args: Args) -> None:
    """Fill in the commits of Hub models and data sets."""
    from osler.commands.pin import pin_file

    print(pin_file(args.recipe))


Verb = tuple[Callable[[Args], Any], str, Callable[[Parser], None]]

VERBS: dict[str, Verb] = {
    "recipes": (recipes, "list the shipped recipes", takes.nothing),
    "copy": (copy, "copy a shipped recipe to a file of yours", takes.copy_arguments),
    "explain": (explain, "say what a key of a recipe does", takes.explain_arguments),
    "pin": (pin, "fill in the commits of Hub models and data sets", takes.one_recipe),
    "fetch": (fetch, "list public data sets, or fetch one", takes.optional_name),
    "check": (check, "look for everything that can be wrong, before training", takes.check_flags),
    "run": (stage, "data, train, evaluate and export in one go", takes.whole_run_flags),
    "data": (stage, "read, clean and split the data into a new run", takes.stage_flags),
    "train": (stage, "tune the model of a run", takes.train_flags),
    "evaluate": (
        stage,
        "examine base, tuned model and control on the test rows",
        takes.stage_flags,
    ),
    "export": (stage, "merge, prove and describe the tuned model", takes.stage_flags),
    "show": (show, "show what happened in a run", takes.show_arguments),
    "chat": (chat, "talk with a tuned model", takes.one_run),
    "serve": (
        cli_serve.serve,
        "answer by OpenAI's API and a page in the browser",
        cli_serve.add_arguments,
    ),
    "score": (score, "score any system's stored outputs, or compare two", takes.score_arguments),
    "compare": (
        cli_compare.compare,
        "every task against every adapter of one base",
        cli_compare.add_arguments,
    ),
    "records": (
        lambda args: None,
        "read, show and make patients' records",
        cli_records.add_arguments,
    ),
    "summarize": (
        summarize,
        "write a checked summary of every patient",
        cli_records.summarize_arguments,
    ),
    "audit": (audit, "hold any summaries against the records", cli_records.audit_arguments),
    "index": (
        lambda args: None,
        "make and search an index of documents, to answer with sources",
        cli_index.add_arguments,
    ),
    "feedback": (
        lambda args: None,
        "export what people said of answers",
        cli_feedback.add_arguments,
    ),
    "scope": (
        lambda args: None,
        "train the guard in front of the assistant, and try it",
        cli_scope.add_arguments,
    ),
    "doctor": (doctor, "say what this machine has, and what each feature lacks", takes.nothing),
}
"""Verb -> what does it, one line about it, its arguments."""


if __name__ == "__main__":
    sys.exit(main())
