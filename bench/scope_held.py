"""The guard's errors on words kept back: `python bench/scope_held.py [--show] [--out FILE]`.

Written without sight of the guard, its data, tests and results, and kept back: neither the lines of
`bench/scope_held/` nor what `--show` prints may be read before measuring or while the guard is
worked on, or they measure nothing any more. A file is a slice and a line a message; in a follow-up,
` || ` stands between the user's turns, of which the last is judged.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from osler.disk import write_json
from osler.evaluate.statistics import wilson_interval
from osler.run import installed_versions, now
from osler.serve.assistant.events import Judged
from osler.serve.assistant.gate import Gate
from osler.serve.scope.guard import Guard

FOLDER = Path(__file__).with_suffix("")
TURN = " || "

OUTCOMES = ("answered", "both", "urgent", "refused", "note", "greeted")
"""both: it is answered, under a line that says whom to call; urgent: it gets urgent advice alone;
note: the message is not answered, and told to be in a language that is not read."""

MEDICAL = (
    "medical_plain", "medical_long", "other_senses_medical", "follow_ups_stay",
    "follow_ups_back_medical", "near_misses_medical",
)  # fmt: skip
OTHER = (
    "other_plain", "other_long", "template_negatives", "other_senses_not_medical", "wrapped",
    "follow_ups_change", "follow_ups_back_other", "near_misses_other",
)  # fmt: skip
NEAR = ("near_misses_medical", "near_misses_other")
EMERGENCIES = ("emergencies", "emergencies_other_languages")
LANGUAGES = ("languages_medical", "languages_other")
SLICES = (*MEDICAL, *OTHER, *LANGUAGES, "greetings", *EMERGENCIES)
COMMON = tuple(name for name in SLICES if name not in (*NEAR, *EMERGENCIES))

ANSWERED = ("answered", "both")
UNANSWERED = ("refused", "note", "greeted")
Error = tuple[str, str, tuple[str, ...], tuple[str, ...]]
ERRORS: tuple[Error, ...] = (
    *(("false refusal", name, (name,), UNANSWERED) for name in MEDICAL),
    ("false refusal", "all medical", MEDICAL, UNANSWERED),
    ("false refusal", "languages_medical", ("languages_medical",), ("refused", "greeted")),
    ("note on language", "languages_medical", ("languages_medical",), ("note",)),
    *(("leak", name, (name,), ANSWERED) for name in (*OTHER, "languages_other")),
    ("leak", "all not medical", OTHER, ANSWERED),
    ("note on language", "languages_other", ("languages_other",), ("note",)),
    ("note on language", "all in English", (*MEDICAL, *OTHER, "greetings"), ("note",)),
    ("not greeted", "greetings", ("greetings",), (*ANSWERED, "urgent", "refused", "note")),
    *(("missed", name, (name,), ("answered", *UNANSWERED)) for name in EMERGENCIES),
    *(("emergency unanswered", name, (name,), UNANSWERED) for name in EMERGENCIES),
    *(("false alarm", name, (name,), ("urgent",)) for name in NEAR),
    ("false alarm", "all near misses", NEAR, ("urgent",)),
    ("false alarm", "all others", COMMON, ("urgent",)),
    ("answered under a line", "emergencies", ("emergencies",), ("both",)),
    ("answered under a line", "all near misses", NEAR, ("both",)),
    ("answered under a line", "all others", COMMON, ("both",)),
)  # fmt: skip
"""Kind of error, its name in the table, the slices, and the outcomes that are wrong in them."""


def messages(name: str) -> list[str]:
    """A slice's lines."""
    return (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()


def outcome(judged: Judged) -> str:
    """What the user gets."""
    if judged.kind == "out_of_scope":
        return "refused" if judged.read else "note"
    if judged.kind == "medical" and judged.emergency:
        return "both"
    return {"medical": "answered", "emergency": "urgent", "greeting": "greeted"}[judged.kind]


def outcomes(gate: Gate, lines: Iterable[str]) -> list[str]:
    """What the user gets for each line."""
    turns = [line.split(TURN) for line in lines]
    return [outcome(gate.judge(last, earlier)) for *earlier, last in turns]


def errors(found: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Each kind of error in each slice, with its 95 % interval."""
    rows = []
    for error, name, slices, wrong in ERRORS:
        all_of_it = [got for slice_ in slices for got in found[slice_]]
        hits, n = sum(got in wrong for got in all_of_it), len(all_of_it)
        low, high = wilson_interval(hits, n)
        rows.append(
            {"error": error, "slice": name, "wrong": hits, "n": n, "share": round(hits / n, 4),
             "interval": [round(low, 4), round(high, 4)]}
        )  # fmt: skip
    return rows


def digest() -> str:
    """Of all lines, so that it is seen whether two results are of the same ones."""
    whole = "\n".join(f"{name}\n" + "\n".join(messages(name)) for name in SLICES)
    return hashlib.sha256(whole.encode()).hexdigest()


def show_wrong(found: Mapping[str, list[str]], console: Callable[[str], None]) -> None:
    """Every message that came out wrong, once for each kind of error."""
    for error, name, slices, wrong in ERRORS:
        if len(slices) > 1 and name != "all others":
            continue  # shown slice by slice
        for slice_ in slices:
            for line, got in zip(messages(slice_), found[slice_], strict=True):
                if got in wrong:
                    console(f"{error} | {slice_} | {got} | {line}")


def tables(counts: Mapping[str, Mapping[str, int]], rows: list[dict[str, Any]]) -> list[Table]:
    """What the messages of each slice got, and the errors."""
    got = Table("slice", *OUTCOMES, title="What the user gets")
    for name, count in counts.items():
        got.add_row(name, *(str(count[outcome]) for outcome in OUTCOMES))
    wrong = Table("error", "slice", "wrong", "of", "%", "95 %", title="Errors")
    for row in rows:
        low, high = (f"{100 * end:.1f}" for end in row["interval"])
        share = f"{100 * row['share']:.1f}"
        cells = (str(row["wrong"]), str(row["n"]), share, f"{low} to {high}")
        wrong.add_row(row["error"], row["slice"], *cells)
    return [got, wrong]


def main() -> None:
    """Judge, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench/results/scope_held.json"))
    parser.add_argument("--show", action="store_true", help="print what came out wrong")
    args = parser.parse_args()
    gate = Gate(Guard.load())
    found = {name: outcomes(gate, messages(name)) for name in SLICES}
    counted = {name: Counter(got) for name, got in found.items()}
    counts = {name: {got: count[got] for got in OUTCOMES} for name, count in counted.items()}
    rows = errors(found)
    command = " ".join(["python", "bench/scope_held.py", *sys.argv[1:]])
    write_json(
        args.out,
        {"date": now(), "command": command, "versions": installed_versions(),
         "sha256 of the messages": digest(), "outcomes": counts, "errors": rows},
    )  # fmt: skip
    if args.show:
        show_wrong(found, print)
    for table in tables(counts, rows):
        Console(width=110).print(table)


if __name__ == "__main__":
    main()
