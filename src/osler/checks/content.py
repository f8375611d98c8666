"""Checks of what the rows say: swapped columns, broken exports, leaks, people, licences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from osler.checks.finding import Finding, error, some, warning
from osler.checks.groups import group_findings
from osler.checks.situation import WithRows
from osler.data.identifiers import count_identifiers
from osler.data.overlap import near_duplicates
from osler.rows import Row

ENOUGH = 10
"""Rows from which a share says something."""

_MOJIBAKE = re.compile("Ã[\u0080-\u00bf]|â€|Â[\u00a0-\u00bf]|\ufffd")
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|li|ul|b|i|a|td|tr)\b[^>]*>|&(?:nbsp|amp|lt|gt|quot|#\d+);"
)
_END = re.compile(r"""[.!?:;>)\]}"'”’»*…]$|\|$|[^\x00-\x7f]$""")


def _pairs(s: WithRows) -> list[Row]:
    """Rows of question and answer that are trained."""
    return [row for row in s.prepared.rows["train"] if row.text is None]


def swapped(s: WithRows) -> Iterator[Finding]:
    """Answers that ask, and questions that do not."""
    rows = _pairs(s)
    if len(rows) < ENOUGH:
        return
    asking = sum(row.reference.rstrip().endswith("?") for row in rows)
    asked = sum(row.question.rstrip().endswith("?") for row in rows)
    if asking >= 0.5 * len(rows) and asked <= 0.1 * len(rows):
        yield warning(
            "columns-swapped", "data.sources",
            f"{asking} of {len(rows)} answers end in a question mark and {asked} questions do: "
            "the columns look swapped.",
            "Exchange columns.prompt and columns.completion.",
        )  # fmt: skip


def cut_off(s: WithRows) -> Iterator[Finding]:
    """Answers that stop in mid-sentence, as after an export with a limit on characters."""
    long = [row for row in _pairs(s) if len(row.reference) >= 80]
    open_ended = [row for row in long if not _END.search(row.reference.rstrip())]
    if len(long) >= ENOUGH and len(open_ended) >= 0.5 * len(long):
        longest = max(len(row.reference) for row in open_ended)
        yield warning(
            "answers-cut-off", "data.sources",
            f"{len(open_ended)} of {len(long)} longer answers do not end in a sentence's mark "
            f"(the longest has {longest} characters): the export may have cut them.",
            "Export again without a limit on the length of a cell.",
        )  # fmt: skip


def same_answer(s: WithRows) -> Iterator[Finding]:
    """One answer for most questions is learnt instead of the matter."""
    rows = _pairs(s)
    if len(rows) < ENOUGH:
        return
    _, count = Counter(row.reference for row in rows).most_common(1)[0]
    if count > 0.5 * len(rows):
        yield warning(
            "one-answer", "data.sources",
            f"one answer stands in {count} of {len(rows)} training rows.",
            "Check columns.completion; leave most of these rows out.",
        )  # fmt: skip


def answer_given(s: WithRows) -> Iterator[Finding]:
    """Prompts in which the whole answer already stands teach to copy."""
    found = [
        row
        for row in _pairs(s)
        if len(row.reference) >= 40 and any(row.reference in m["content"] for m in row.prompt)
    ]
    if found and len(found) >= 0.02 * len(_pairs(s)):
        yield warning(
            "answer-in-prompt", "data.sources",
            f"in {len(found)} rows the prompt holds the whole answer ({some(found)}).",
            "Check columns.prompt, unless copying is what is to be learnt.",
        )  # fmt: skip


def damaged_text(s: WithRows) -> Iterator[Finding]:
    """Text read in a wrong encoding, or still in a web page's markup."""
    rows = [row for row, _ in s.rows()]
    for name, pattern, share, what, cure in (
        ("wrong-encoding", _MOJIBAKE, 0.0, "characters of a wrongly read encoding (Ã, â€)",
         "Export the file again as UTF-8, or set encoding of its source."),
        ("markup-in-text", _MARKUP, 0.05, "HTML tags or entities",
         "Convert the text to plain text before training."),
    ):  # fmt: skip
        found = [
            row for row in rows if pattern.search(f"{row.text or row.question}\n{row.reference}")
        ]
        if found and len(found) >= share * len(rows):
            yield warning(
                name, "data.sources", f"{len(found)} rows have {what} ({some(found)}).", cure
            )


def unchecked_duplicates(s: WithRows) -> Iterator[Finding]:
    """The search for near-duplicates is off, and there are some."""
    if s.recipe.data.near_duplicate is not None:
        return
    sides = {
        name: [f"{row.text or row.question}\n{row.reference}" for row in rows]
        for name, rows in s.prepared.rows.items()
    }
    found = near_duplicates(sides["train"], sides["validation"] + sides["test"], 0.8)
    if found:
        rows = [s.prepared.rows["train"][i] for i in found]
        yield warning(
            "test-rows-in-training", "data.near_duplicate",
            f"{len(found)} training rows nearly repeat a held-out row ({some(rows)}).",
            "Set data.near_duplicate: 0.8, which leaves them out.",
        )  # fmt: skip


def asked_on_both_sides(s: WithRows) -> Iterator[Finding]:
    """The same question in training and in the examination."""

    def normal(row: Row) -> str:
        return " ".join(re.findall(r"\w+", row.question.casefold()))

    training = {normal(row) for row in _pairs(s)}
    held = [row for name in ("validation", "test") for row in s.prepared.rows[name]]
    found = [row for row in held if row.text is None and normal(row) in training]
    if len(found) > 0.01 * len(held):
        yield warning(
            "question-on-both-sides", "data.sources",
            f"{len(found)} held-out questions are asked in training too ({some(found)}).",
            "Set columns.group to what such rows share (topic, patient, document).",
        )  # fmt: skip


def repeated_across_sources(s: WithRows) -> Iterator[Finding]:
    """Sources that share rows: the copies in training are left out."""
    source_of = {entry.id: entry.source for entry in s.prepared.receipt if entry.kept}
    repeats = [
        entry
        for entry in s.prepared.receipt
        if not entry.kept and entry.reason.endswith((" of a test row", " of a validation row"))
    ]
    found = Counter(
        (entry.source, source_of[entry.of])
        for entry in repeats
        if source_of.get(entry.of, entry.source) != entry.source
    )
    for (source, other), count in found.items():
        yield warning(
            "held-out-rows-in-training", "data.sources",
            f"{count} rows of {source} repeat held-out rows of {other}; they are left out of "
            "training.",
            "If the two were to be apart, see in the receipt which rows they share "
            "(data/receipt.jsonl, `of`).",
        )  # fmt: skip


def groups(s: WithRows) -> Iterator[Finding]:
    """Rows without a group, and too few groups held out."""
    yield from group_findings(s.recipe, s.prepared)


def lost_rows(s: WithRows) -> Iterator[Finding]:
    """Much that was given does not reach the training."""
    # What a public set leaves without an answer is known, and nobody's mistake.
    public = {source.name for source in s.recipe.data.sources if source.type == "public"}
    receipt = [entry for entry in s.prepared.receipt if entry.source not in public]
    for reason, what, cure in (
        ("too long", "longer than data.max_length", "See the table; raise data.max_length."),
        ("empty", "empty", "Check the columns."),
    ):
        lost = [entry for entry in receipt if not entry.kept and entry.reason.startswith(reason)]
        if len(lost) > 0.1 * len(receipt):
            message = f"{len(lost)} of {len(receipt)} rows are {what}."
            yield warning("many-rows-lost", "data", message, cure)
    total, shorter = len(s.prepared.receipt), s.prepared.counts["shortened"]
    if shorter > 0.1 * total:
        yield warning(
            "many-rows-shortened", "data.too_long",
            f"{shorter} of {total} prompts are shortened to data.max_length.",
            "Raise data.max_length, or split the documents.",
        )  # fmt: skip


def licences(s: WithRows) -> Iterator[Finding]:
    """Data without a known licence; publishing is refused without."""
    unknown = sorted(source for source, licence in s.prepared.licences.items() if not licence)
    if unknown:
        severity = error if s.recipe.export.push_to_hub else warning
        yield severity(
            "data-licence-unknown", "data.sources",
            f"no licence is known for {', '.join(unknown)}.",
            "Set licence of the source: an SPDX id, or your own words for data of your own.",
        )  # fmt: skip


def identifiers(s: WithRows) -> Iterator[Finding]:
    """Signs of people in the data."""
    found = count_identifiers(row for row, _ in s.rows())
    if found:
        severity = error if s.recipe.export.push_to_hub else warning
        counts = ", ".join(f"{kind} in {count} rows" for kind, count in found.items())
        yield severity(
            "identifiers", "data.sources", f"signs of people: {counts}.",
            "Remove them; export.push_to_hub refuses such data.",
        )  # fmt: skip


CONTENT: list[Callable[[WithRows], Iterator[Finding]]] = [
    swapped,
    cut_off,
    same_answer,
    answer_given,
    damaged_text,
    unchecked_duplicates,
    asked_on_both_sides,
    repeated_across_sources,
    groups,
    lost_rows,
    licences,
    identifiers,
]
"""Checks of what stands in the rows."""
