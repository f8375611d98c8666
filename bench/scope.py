"""Both errors of the guard, slice by slice, at its one threshold.

`OSLER_DATA=MIRROR python bench/scope.py [--work DIR] [--out FILE] [--leaks]`. The texts beside the
public sets are bench/scope_data/*.txt, which the guard was not trained on: other subjects from
other domains, other words in other senses, other frames and stories. `--leaks` prints what was
judged wrongly, which is how labels of the public sets were looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from measured import machine
from osler.commands.scope import Kept
from osler.commands.scope_data import material
from osler.disk import write_json
from osler.encoder import Encoder
from osler.evaluate.statistics import wilson_interval
from osler.run import now
from osler.serve.scope.examples import (
    Frames,
    draw,
    examples,
    framed,
    misspelt,
    own_subjects,
    read_frames,
    wrapped,
)
from osler.serve.scope.features import units
from osler.serve.scope.guard import Guard, Judgement
from osler.serve.scope.weights import load_weights

HERE = Path(__file__).parent / "scope_data"
BASELINE_KINDS = ("asked", "frame", "question")
MEDICAL_TURN = "What are the symptoms of asthma?"
OTHER_TURN = "Who painted the Mona Lisa?"


@dataclass(frozen=True)
class Case:
    """A message of the test and what it is."""

    slice: str
    text: str
    medical: bool
    earlier: tuple[str, ...] = ()


def lines(name: str, folder: Path = HERE) -> list[list[str]]:
    """The lines of a file of ours, their cells parted by ` | `."""
    path = folder / f"{name}.txt"
    rows = path.read_text("utf-8").splitlines() if path.exists() else []
    return [row.split(" | ") for row in rows if row]


def some(texts: Sequence[str], count: int) -> list[str]:
    """So many of the texts, chosen by their hashes."""
    return sorted(dict.fromkeys(texts), key=lambda text: draw("bench", text).random())[:count]


def own_frames() -> Frames:
    """The test's frames, greetings, stories and closings."""
    parts: list[list[str]] = []
    for line in (HERE / "frames.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            parts.append([])
        else:
            parts[-1].append(line)
    return Frames(parts[0], [], *parts[1:])


def public_cases() -> Iterator[Case]:
    """Cases made of the held-out parts of the public sets."""
    held, frames, learnt = material("test"), own_frames(), read_frames()
    named = {*own_subjects("train"), *own_subjects("validation")}  # subjects that are learnt from
    topics = some([topic for topic, _ in held.topics], 150)
    asked = [q for topic in topics for q in framed(topic, frames.any, 1)]
    yield from (Case("plain", q, True) for q in some([q for _, q in held.topics], 250))
    yield from (Case("plain", q, True) for q in held.medical)
    yield from (Case("plain", q, False) for q in some(held.general, 250))
    yield from (Case("plain", q, False) for q in [*held.tasks, *held.refused])
    yield from (Case("template", q, True) for q in asked)
    for domain in lines("subjects"):
        for thing in sorted({*domain[0].partition(": ")[2].split(", ")} - named):
            for each in (frames, learnt)[: 1 + len(thing) % 2]:
                yield from (Case("template", q, False) for q in framed(thing, each.any, 1))
    said = some(held.speech, 40)
    for text, medical in [
        *((t, True) for t in [*said, *asked[:40]]),
        *((t, False) for t in some([*held.general, *held.tasks], 60)),
    ]:
        yield from (Case("raw", o.text, medical) for o in wrapped([text], medical, frames, "raw"))
    yield from (Case("typos", misspelt(q), True) for q in asked[40:100])
    yield from (Case("typos", misspelt(q), False) for q in some(held.general, 500)[440:])


def own_cases(folder: Path = HERE) -> Iterator[Case]:
    """Cases written for the test."""
    yield from (Case("plain", t, kind == "medical") for kind, t in lines("questions", folder))
    for _, other, medical in lines("senses", folder):
        yield Case("other senses", other, False)
        yield Case("other senses", medical, True)
    for kind, text in lines("languages", folder):
        yield Case("other languages", text, kind.endswith("medical"))
    yield from (Case("wrapped", t, kind == "medical") for kind, t in lines("wrapped", folder))
    for kind, text in lines("follow_ups", folder):
        yield Case("follow-up, medical turn", text, kind == "medical", (MEDICAL_TURN,))
        if kind == "other":
            yield Case("follow-up, other turn", text, False, (OTHER_TURN,))
    for kind, text in lines("templates", folder):
        yield Case("template", text, kind == "medical")
    for kind, text in lines("raw", folder):
        yield Case("raw", text, kind == "medical")


def rate(wrong: int, n: int) -> dict[str, Any]:
    """A share in percent with Wilson's 95 % interval."""
    if not n:
        return {"n": 0}
    low, high = wilson_interval(wrong, n)
    return {
        "n": n, "wrong": wrong, "percent": round(100 * wrong / n, 1),
        "interval": [round(100 * low, 1), round(100 * high, 1)],
    }  # fmt: skip


def measure(cases: Sequence[Case], lets_through: Callable[[Case], bool]) -> dict[str, Any]:
    """By slice, how many medical messages are refused, and how many others let through."""
    through = {case: lets_through(case) for case in cases}
    found: dict[str, Any] = {}
    for name in dict.fromkeys(case.slice for case in cases):
        sides = [[c for c in cases if c.slice == name and c.medical is m] for m in (True, False)]
        found[name] = {
            "false refusal": rate(sum(not through[c] for c in sides[0]), len(sides[0])),
            "leak": rate(sum(through[c] for c in sides[1]), len(sides[1])),
        }
    return found


def baseline(embed: Callable[[Sequence[str]], Any]) -> Callable[[Case], bool]:
    """The obvious recipe: whole questions of MedQuAD against NQ-Open and Self-Instruct, by logistic
    regression; its threshold by the guard's rule, on the same messages of one sentence."""
    from sklearn.linear_model import LogisticRegression

    train = material("train")
    texts = [q for _, q in train.topics], [*train.general, *train.tasks]
    truth = [True] * len(texts[0]) + [False] * len(texts[1])
    model = LogisticRegression(C=1.0, max_iter=500).fit(embed([*texts[0], *texts[1]]), truth)
    held = examples(material("validation"), "validation")
    held = [one for one in held if one.medical and one.kind in BASELINE_KINDS]
    scores = model.predict_proba(embed([one.text for one in held]))[:, 1]
    kinds = np.array([one.kind for one in held])
    threshold = min(float(np.quantile(scores[kinds == kind], 0.02)) for kind in BASELINE_KINDS)
    return lambda case: bool(model.predict_proba(embed([case.text]))[0, 1] >= threshold)


def emergencies(guard: Guard, folder: Path = HERE) -> dict[str, Any]:
    """Emergencies that are missed, and near misses that are taken for one. The messages that were
    written here are learnt from by now: what is left out of the learning is in the guard's card."""
    real = [text for _, text in lines("emergencies", folder)]
    near = [" | ".join(cells) for cells in lines("near_misses", folder)]
    return {
        "missed": rate(sum(guard.judge(text).emergency is None for text in real), len(real)),
        "false alarm": rate(sum(guard.judge(text).kind == "emergency" for text in near), len(near)),
    }


def unread(cases: Sequence[Case], judged: dict[Case, Judgement]) -> dict[str, Any]:
    """What becomes of messages in other languages: a note on what is read is no refusal."""
    sides = {"about health": True, "about else": False}
    found: dict[str, Any] = {}
    for name, medical in sides.items():
        some = [judged[case] for case in cases if case.medical is medical]
        refused = [one.kind == "out_of_scope" and one.read for one in some]
        noted = [one.kind == "out_of_scope" and not one.read for one in some]
        found[name] = {
            "refused": rate(sum(refused), len(some)),
            "note that English is read": rate(sum(noted), len(some)),
            "to the model": rate(sum(one.kind != "out_of_scope" for one in some), len(some)),
        }
    return found


def greetings(guard: Guard, folder: Path = HERE) -> dict[str, Any]:
    """Greetings that are taken for something else."""
    texts = [text for (text,) in lines("greetings", folder)]
    return rate(sum(guard.judge(text).kind != "greeting" for text in texts), len(texts))


def show(found: dict[str, Any]) -> None:
    """All slices as a table in Markdown, last."""
    print("\n| slice | medical refused, % (95 %) | n | other let through, % (95 %) | n |")
    print("|---|---|---|---|---|")
    for system in ("guard", "baseline"):
        for name, row in found.get(system, {}).items():
            cells = [cell(row["false refusal"]), cell(row["leak"])]
            print(f"| {system}: {name} | {' | '.join(cells)} |")
    for name, outcomes in found["other languages"].items():
        for outcome, row in outcomes.items():
            print(f"| other languages, {name}: {outcome} | {cell(row)} | |")
    print(f"| emergencies: missed, false alarms | {cell(found['emergencies']['missed'])} | "
          f"{cell(found['emergencies']['false alarm'])} |")  # fmt: skip
    print(f"| greetings: taken for something else | {cell(found['greetings'])} | – | |")


def cell(row: dict[str, Any]) -> str:
    """A rate and its n as two cells."""
    if not row["n"]:
        return "– | "
    low, high = row["interval"]
    return f"{row['percent']:.1f} ({low:.1f}–{high:.1f}) | {row['n']:,}"


def run(cases: Sequence[Case], folder: Path, work: Path | None, guard: Path | None) -> Any:
    """What a guard that keeps states of texts in `work` judges and finds, and the encoder."""
    encoder = Encoder("The benchmark", "pip install osler")
    kept = Kept(encoder, work, lambda line: None)
    kept.states([piece for case in cases for piece in units(case.text)])
    judge = Guard(load_weights(guard), kept)
    judged = {case: judge.judge(case.text, case.earlier) for case in cases}
    foreign = [case for case in cases if case.slice == "other languages"]
    found = {
        "threshold": judge.weights.threshold,
        "guard": measure(
            [case for case in cases if case not in foreign],
            lambda case: judged[case].kind in ("medical", "emergency"),
        ),
        "other languages": unread(foreign, judged),
        "emergencies": emergencies(judge, folder),
        "greetings": greetings(judge, folder),
    }
    return judged, found, encoder


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench/results/scope.json"))
    parser.add_argument("--work", type=Path, help="keep states of texts there")
    parser.add_argument("--guard", type=Path, help="another than the shipped one")
    parser.add_argument("--leaks", action="store_true", help="print what was judged wrongly")
    args = parser.parse_args()
    cases = list(dict.fromkeys([*public_cases(), *own_cases()]))
    judged, found, encoder = run(cases, HERE, args.work, args.guard)
    if args.leaks:
        for case, one in judged.items():
            if (one.kind in ("medical", "emergency")) != case.medical:
                error = "refused" if case.medical else "leaked"
                print(
                    f"{error}\t{case.slice}\t{one.kind} {one.probability:.3f}\t{case.text[:160]!r}"
                )
    plain = [replace(case, earlier=()) for case in cases if case.slice in ("plain", "template")]
    found["baseline"] = measure(plain, baseline(encoder.embed))
    command = "OSLER_DATA=MIRROR python bench/scope.py"
    write_json(args.out, {"command": command, "date": now(), "machine": machine(), **found})
    show(found)


if __name__ == "__main__":
    main()
