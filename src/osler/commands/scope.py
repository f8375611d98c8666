"""`osler scope train` and `osler scope try`."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from osler.commands.scope_data import SETS, known_terms, material
from osler.data.public import public_set
from osler.disk import atomic_writer, refuse_unwritable
from osler.encoder import UPPER, Encoder, encoder_name
from osler.errors import UserError
from osler.serve.scope.examples import VALIDATION, Example, examples
from osler.serve.scope.fit import fit
from osler.serve.scope.guard import Guard, Judgement
from osler.serve.scope.network import Reads, States
from osler.serve.scope.urgent_examples import Urgent, urgent_examples
from osler.serve.scope.weights import load_weights

AT_A_TIME = 2048
"""Texts that are embedded before what was found is kept."""


class Kept:
    """States of texts, kept in a folder by the texts' digests and never with the texts."""

    def __init__(self, encoder: Encoder, folder: Path | None, say: Callable[[str], None]) -> None:
        self._encoder, self._say = encoder, say
        self._folder = folder / f"states-{UPPER}-{encoder.digest[:12]}" if folder else None
        self._known: dict[str, States] = {}
        for file in sorted(self._folder.glob("*.npz")) if self._folder else ():
            with np.load(file, allow_pickle=False) as kept:
                ends = np.cumsum(kept["pieces"])[:-1]
                states = np.split(kept["states"], ends)
                self._known.update(zip(kept["keys"].tolist(), states, strict=True))

    def states(self, texts: Sequence[str]) -> list[States]:
        """As `Encoder.states`."""
        keys = [_key(text) for text in texts]
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        wanted = sorted(missing.items(), key=lambda one: (len(one[1]), one[0]))
        for start in range(0, len(wanted), AT_A_TIME):
            some = wanted[start : start + AT_A_TIME]
            found = dict(
                zip([k for k, _ in some], self._encoder.states([t for _, t in some]), strict=True)
            )
            self._known.update(found)
            self._say(f"{start + len(some):,} of {len(wanted):,} texts read")
            self._keep(found)
        return [self._known[key] for key in keys]

    def upper_layers(self) -> Any:
        """As `Encoder.upper_layers`."""
        return self._encoder.upper_layers()

    def _keep(self, found: Mapping[str, States]) -> None:
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_writer(self._folder / f"{next(iter(found))}.npz", "wb") as out:
                np.savez(
                    out,
                    keys=list(found),
                    pieces=[len(one) for one in found.values()],
                    states=np.concatenate(list(found.values())),
                )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def train(out: Path, work: Path | None, say: Callable[[str], None]) -> str:
    """Train the guard on the public sets and the project's own texts, and write it."""
    refuse_unwritable(out)
    encoder = Encoder("The guard", "Install Osler with all it needs: pip install osler")
    sides = {side: examples(material(side), side) for side in ("train", "validation")}
    kept = Kept(encoder, work, say)
    learnt, validation = sides["train"], sides["validation"]
    train_guard(learnt, validation, kept, encoder.digest, out, say, urgent_examples())
    weights = load_weights(out)
    lines = [f"{out}: threshold {weights.threshold:.4f}, on the validation messages:"]
    for kind, found in weights.card["validation"].items():
        error, n = next(name for name in found if name != "n"), found["n"]
        lines.append(f"  {kind:20} {found[error]:5} of {n:5} {error}")
    for name, found in weights.card["urgent"].items():
        if isinstance(found, dict):
            lines.append(f"  {name:22} {found}")
    return "\n".join(lines)


def train_guard(
    learnt: Sequence[Example],
    validation: Sequence[Example],
    encoder: Reads,
    digest: str,
    out: Path,
    say: Callable[[str], None],
    urgent: Sequence[Urgent] = (),
) -> None:
    """Fit on these examples and write the file with its card."""
    weights = fit(learnt, validation, known_terms(), urgent, encoder, say)
    card = {
        **weights.card,
        "encoder": digest,
        "encoder_name": encoder_name(),
        "examples": {"train": len(learnt), "validation": len(validation)},
        "own_texts_for_validation": VALIDATION,
        "data": {
            name: {"commit": one.commit, "licence": one.licence}
            for name in SETS
            for one in [public_set(name)]
        },
    }
    replace(weights, card=card).save(out)


def try_texts(texts: Iterable[str], guard_file: Path | None) -> Iterator[str]:
    """A line for each text: what it is, and how probably it is for a health assistant. What the
    columns are stands above them."""
    guard = Guard.load(guard_file)
    yield (
        "kind\tprobability that it is about health "
        f"(let through from {guard.weights.threshold:.3f}; by rule it is 0 or 1)\tmessage"
    )
    for text in texts:
        yield f"{shown(guard.judge(text))}\t{text}"


def shown(judgement: Judgement) -> str:
    """A judgement in one line."""
    more = judgement.emergency or ("" if judgement.read else "language not read")
    return f"{judgement.kind}{f' ({more})' if more else ''}\t{judgement.probability:.3f}"


def given(texts: Sequence[str]) -> Iterator[str]:
    """The texts of the command line, or the lines piped in where it says `-` or nothing."""
    if texts and list(texts) != ["-"]:
        yield from texts
    else:
        if not texts and sys.stdin.isatty():
            raise UserError("No message is given.", 'For one: osler scope try "What is gout?"')
        yield from (line.rstrip(os.linesep) for line in sys.stdin if line.strip())
