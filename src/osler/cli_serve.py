"""The arguments of `osler serve`."""

from __future__ import annotations

import argparse
from pathlib import Path

Args = argparse.Namespace
Parser = argparse.ArgumentParser


def add_arguments(parser: Parser) -> None:
    """What is served, where, and what it keeps."""
    parser.add_argument(
        "runs", type=Path, nargs="*", metavar="RUN",
        help="folders of runs on one base; without any: nano and its adapters",
    )  # fmt: skip
    parser.add_argument("--index", type=Path, help="sources, made by `osler index build`")
    parser.add_argument("--port", type=int, default=8000, help="0: any that is free")
    parser.add_argument("--host", default="127.0.0.1", help="this machine alone by default")
    parser.add_argument("--engine", choices=("batch", "vllm", "llama-cpp"), default="batch")
    parser.add_argument("--gguf", type=Path, metavar="FILE", help="with llama-cpp: the base")
    parser.add_argument(
        "--batch-size",
        type=positive,
        metavar="N",
        help="answers side by side: 32, with llama-cpp 4",
    )
    parser.add_argument(
        "--queue", type=positive, default=64, metavar="N", help="answers that may wait"
    )
    parser.add_argument("--records", type=Path, metavar="FOLDER", help="patients to show")
    parser.add_argument("--summaries", type=Path, metavar="FOLDER", help="their summaries")
    parser.add_argument("--prompts", type=Path, metavar="FOLDER", help="system prompts of your own")
    parser.add_argument("--emergency-number", metavar="NUMBER", help="shown with urgent advice")
    parser.add_argument("--crisis-line", metavar="NUMBER", help="shown where somebody may do harm")
    parser.add_argument("--no-sources", action="store_true", help="look nothing up")
    parser.add_argument(
        "--strict", action=argparse.BooleanOptionalAction,
        help="tell only what the sources bear out; nano does unless told otherwise",
    )  # fmt: skip
    parser.add_argument("--no-guard", action="store_true", help="judge no question")
    parser.add_argument("--state", type=Path, metavar="FOLDER", help="where conversations are kept")
    parser.add_argument("--no-history", action="store_true", help="keep no conversation")


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def serve(args: Args) -> int:
    """Serve models by OpenAI's API, and the page."""
    from osler.commands.serve import Wish, serve

    return serve(
        Wish(
            runs=tuple(args.runs), index=args.index, sources=not args.no_sources,
            host=args.host, port=args.port,
            engine=args.engine, places=args.batch_size, queue=args.queue, records=args.records,
            summaries=args.summaries, prompts=args.prompts, guarded=not args.no_guard,
            strict=args.strict,
            emergency_number=args.emergency_number, crisis_line=args.crisis_line, gguf=args.gguf,
            state=args.state, history=not args.no_history,
        )
    )  # fmt: skip
