"""What `osler check` prints: sizes, lengths, one row, costs, findings."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from osler.checks.examine import Examined
from osler.checks.finding import Finding
from osler.checks.situation import WithModel, WithRows
from osler.data.lengths import length_table
from osler.data.split import SPLITS
from osler.progress import duration
from osler.ranks import share_in_words
from osler.rows import Row, shown
from osler.serve.chat import printable
from osler.template import Tokens
from osler.train.budget import sizes, words

ERRORS = {
    "cuda": "foretold from the model's shape: memory mostly within 5 %, time within 15 % on cards "
    "like the one it was measured on",
    "other": "foretold from the model's shape; off a CUDA card right within a factor of two or "
    "three",
}
"""How far off a forecast may be."""
LINK = "; that of several ranks was held against two H200s with NVLink alone"
"""The same, for what ranks send each other."""

STYLES = {"error": "bold red", "warning": "yellow"}


def print_report(found: Examined, console: Console) -> None:
    """Everything, findings last so that they are in view."""
    if found.model:
        _print_model(found.model, console)
    if found.rows:
        _print_lengths(found.rows, console)
        _print_example(found.rows, console)
        _print_costs(found.rows, console)
    for finding in sorted(found.findings, key=lambda f: f.severity):
        print_finding(finding, console)
    console.print(_summary(found), style="bold", highlight=False)


def print_finding(finding: Finding, console: Console) -> None:
    """One finding: severity, place, message, name; the cure below."""
    line = Text(f"{finding.severity}: ", style=STYLES[finding.severity])
    line.append(f"{finding.place}: {finding.message} ", style="default")
    line.append(f"[{finding.name}]", style="dim")
    console.print(line, soft_wrap=True)
    for cure in finding.cure.splitlines():
        console.print(Text(f"    {cure}"), soft_wrap=True)


def _summary(found: Examined) -> str:
    errors = sum(finding.severity == "error" for finding in found.findings)
    warnings = len(found.findings) - errors
    if not found.findings:
        return "Nothing found to complain of."
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}."


def _print_model(model: WithModel, console: Console) -> None:
    recipe, kind = model.recipe, (model.config.architectures or [model.config.model_type])[0]
    console.print(
        f"model    {recipe.model.id}: {kind}, {count(model.shape.parameters)} parameters, "
        f"licence {model.licence or 'unknown'}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _print_lengths(rows: WithRows, console: Console) -> None:
    prepared = rows.prepared
    dropped = sum(not entry.kept for entry in prepared.receipt)
    console.print(
        f"data     {len(prepared.receipt)} rows read, {dropped} dropped, "
        f"{prepared.counts['cleaned']} cleaned, {prepared.counts['shortened']} shortened; "
        "licences: "
        + ", ".join(f"{s} {licence or 'unknown'}" for s, licence in prepared.licences.items()),
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    table = Table(title="tokens a row", title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0))
    for column in ("split", "rows", "groups", "5 %", "25 %", "50 %", "75 %", "95 %", "99 %", "most",
                   "longest rows"):  # fmt: skip
        table.add_column(column, justify="left" if column in ("split", "longest rows") else "right")
    for split in SPLITS:
        items, tokens = prepared.rows[split], prepared.tokens[split]
        found = length_table([shown(r) for r in items], [len(t.input_ids) for t in tokens])
        percentiles = [str(n) for n in found.percentiles.values()] or [""] * 7
        longest = ", ".join(Text(name[:24]).plain for name, _ in found.longest[:3])
        groups = len({row.group for row in items})
        table.add_row(split, str(found.rows), str(groups), *percentiles, Text(longest))
    console.print(table)


def _print_example(rows: WithRows, console: Console) -> None:
    """The training row of middle length: text to a terminal, counts to anything else."""
    pairs = list(zip(rows.prepared.rows["train"], rows.prepared.tokens["train"], strict=True))
    if not pairs:
        return
    row, tokens = sorted(pairs, key=lambda pair: len(pair[1].input_ids))[len(pairs) // 2]
    print_row(row, tokens, rows.tokenizer, console, with_text=console.is_terminal)


def print_row(
    row: Row, tokens: Tokens, tokenizer: Any, console: Console, *, with_text: bool
) -> None:
    """A row's id and counts, and its text with what carries loss set off."""
    console.print(
        f"row      {shown(row)}: {max(tokens.n_prompt, 1)} tokens without loss, "
        f"{tokens.n_trained} trained",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if with_text:
        console.print(marked(tokens, tokenizer))


def marked(tokens: Tokens, tokenizer: Any) -> Text:
    """The row as the model reads it: prompt dim, trained tokens green, the last one reversed."""
    start = max(tokens.n_prompt, 1)
    parts = (
        (tokens.input_ids[:start], "dim"),
        (tokens.input_ids[start:-1], "green"),
        (tokens.input_ids[-1:], "reverse green"),
    )
    text = Text()
    for ids, style in parts:
        text.append(printable(tokenizer.decode(ids, skip_special_tokens=False)), style=style)
    return text


def count(number: int) -> str:
    """A number of parameters: 61 k, 11.5 M, 6.7 G."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return str(number)


def _print_costs(rows: WithRows, console: Console) -> None:
    cost, machine, price = rows.forecast, rows.machine, rows.recipe.train.price_per_hour
    took = cost.seconds + cost.compilation
    compiling = f", {duration(cost.compilation)} of them to compile" if cost.compilation else ""
    paid = "" if price is None else f"; cost {price * took / 3600:.2f} at {price:g} an hour"
    chosen = cost.chosen
    memory = (
        words(chosen.plan, chosen.layers) if chosen else "does not fit; the smallest way to train"
    )
    padding = "" if cost.padding is None else f", {cost.padding:.1%} of them padding"
    shared, each, link = "", machine.device, ""
    if machine.ranks > 1:
        shared = f", {share_in_words(rows.recipe.train, machine.ranks)}"
        each, link = f"{machine.device}, each rank", LINK if machine.device == "cuda" else ""
    lines = (
        f"steps    {cost.total_steps} ({cost.steps_per_epoch} an epoch of {cost.examples} "
        f"examples{padding}), about {cost.tokens_per_step} tokens each",
        f"train    {count(cost.trained_parameters)} parameters{shared}",
        f"memory   {memory}: {sizes(cost.memory, cost.limit)} ({each})",
        f"time     about {duration(took)}{compiling}{paid}",
        "   " + ERRORS["cuda" if machine.device == "cuda" else "other"] + link,
    )
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
