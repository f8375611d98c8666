"""The report: one HTML file that asks nothing of any network, for a reader without tools.

Example text is in it on purpose, side by side; `results.json` holds none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from osler.drawing import number
from osler.evaluate import charts
from osler.evaluate.measures import MEASURES
from osler.evaluate.show import ARROWS, figure, interval_of, size_of
from osler.evaluate.summary import Examination, values_of
from osler.pages import environment

MOST_SAMPLES = 2000
"""Items shown side by side; beyond that the page would be too large for a phone."""
SORTABLE = ("rougeLsum", "bertscore", "bits_per_byte")


@dataclass(frozen=True)
class Sample:
    """One test item with the answers of all systems; `unfinished` names those cut at the limit."""

    id: str
    group: str
    question: str
    reference: str
    answers: dict[str, str]
    unfinished: list[str]


def render_report(
    results: Mapping[str, Any],
    examination: Examination,
    samples: Sequence[Sample],
    train_metrics: Sequence[Mapping[str, Any]],
) -> str:
    """The page as text. Everything but our own drawings is escaped."""
    template = environment(Path(__file__).parent).get_template("report.html.j2")
    return template.render(
        results=results,
        verdicts=_verdicts(results, examination),
        intervals=any(c["interval"] for c in results["comparisons"]),
        size=size_of(results),
        table=_table(results, examination),
        distributions=_distributions(examination),
        paired=_paired(results, examination),
        losses=_losses(train_metrics),
        lengths=_lengths(samples),
        samples=embedded(samples, examination),
        measures=examination.measures,
        systems=list(results["systems"]),
        number=number,
        most_bars=charts.MOST_BARS,
    )


def _verdicts(results: Mapping[str, Any], examination: Examination) -> list[dict[str, Any]]:
    """Each pair's sentence, and each measure's with its drawing."""
    verdicts: list[dict[str, Any]] = []
    measures = examination.measures
    for pair, sentence in results["verdict"].items():
        rows = [
            {
                "label": measures[c["measure"]].label,
                "unit": measures[c["measure"]].unit,
                "outcome": c["outcome"],
                "sentence": c["sentence"],
                "drawing": charts.interval_bar(
                    c["difference"],
                    c["interval"],
                    c["margin"],
                    higher_is_better=c["higher_is_better"],
                    title=f"{measures[c['measure']].label}: difference"
                    + (" with its interval" if c["interval"] else ""),
                ),
            }
            for c in results["comparisons"]
            if f"{c['a']} against {c['b']}" == pair
        ]
        verdicts.append({"pair": pair, "sentence": sentence, "rows": rows})
    return verdicts


def _table(results: Mapping[str, Any], examination: Examination) -> list[dict[str, Any]]:
    """A row for each measure that any system has."""
    rows: list[dict[str, Any]] = []
    for name, measure in examination.measures.items():
        cells = [
            _cell(measure.unit, system["measures"].get(name))
            for system in results["systems"].values()
        ]
        if any(cells):
            arrow = ARROWS[measure.better]
            rows.append({"measure": measure, "name": name, "arrow": arrow, "cells": cells})
    return rows


def _cell(unit: str, found: dict[str, Any] | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {"mean": figure(unit, found["mean"]), "interval": interval_of(unit, found)}


def _distributions(examination: Examination) -> list[dict[str, Any]]:
    """A drawing for each measure that is not a rate; of a task's own, for those that decide."""
    drawings: list[dict[str, Any]] = []
    for name, measure in examination.measures.items():
        series = {
            system: values_of(found, name)
            for system, found in examination.systems.items()
            if name in found.scores
        }
        if series and not measure.rate and (name in MEASURES or measure.decides):
            drawing = charts.histograms(series, f"{measure.label}: items of each system")
            drawings.append({"label": measure.label, "unit": measure.unit, "drawing": drawing})
    return drawings


def _paired(results: Mapping[str, Any], examination: Examination) -> list[dict[str, Any]]:
    """The first pair's differences, item by item, on the measures of the verdict."""
    drawings: list[dict[str, Any]] = []
    for comparison in results["comparisons"]:
        a, b, name = comparison["a"], comparison["b"], comparison["measure"]
        measure, systems = examination.measures[name], examination.systems
        counted = name in systems[a].counts or name in systems[b].counts
        if (a, b) != examination.pairs[0] or measure.rate or counted:
            continue
        first, second = (systems[system].scores[name] for system in (a, b))
        drawing = charts.sorted_differences(
            [x - y for x, y in zip(first, second, strict=True)],
            higher_is_better=comparison["higher_is_better"],
            title=f"{measure.label}: {a} minus {b}, item by item",
        )
        drawings.append(
            {
                "label": measure.label,
                "a": a,
                "b": b,
                "higher": comparison["higher_is_better"],
                "drawing": drawing,
            }
        )
    return drawings


def _losses(metrics: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Training and validation loss; a step logged twice, after a resume, counts once."""
    series: dict[str, tuple[list[float], list[float]]] = {}
    for key, name in (("loss", "training"), ("eval_loss", "validation")):
        by_step = {float(m["step"]): float(m[key]) for m in metrics if key in m and "step" in m}
        if by_step:
            steps = sorted(by_step)
            series[name] = (steps, [by_step[step] for step in steps])
    return charts.curves(series, "loss over steps") if series else None


def _lengths(samples: Sequence[Sample]) -> Markup | None:
    """Words of every answer and of the references."""
    if not samples:
        return None
    series = {
        name: [float(len(sample.answers[name].split())) for sample in samples]
        for name in samples[0].answers
    }
    series["reference"] = [float(len(sample.reference.split())) for sample in samples]
    return charts.histograms(series, "words of answers and references")


def embedded(samples: Sequence[Sample], examination: Examination) -> dict[str, Any]:
    """What the page's script pages through: texts, and the scores to sort by.

    Of more than MOST_SAMPLES items, those where the first pair differs most, either way.
    """
    if not samples:
        return {"total": 0, "items": [], "sorts": [], "systems": []}
    a, b = examination.pairs[0]
    sorts = [
        name
        for name in SORTABLE
        if all(name in examination.systems[system].scores for system in (a, b))
    ]
    measures = examination.measures
    first, second = (examination.systems[system].scores for system in (a, b))
    gains = {
        name: [
            (x - y) * (1 if measures[name].better == "higher" else -1)
            for x, y in zip(first[name], second[name], strict=True)
        ]
        for name in sorts
    }
    chosen = list(range(len(samples)))
    if len(samples) > MOST_SAMPLES:
        ranked = sorted(chosen, key=lambda i: gains[sorts[0]][i])
        chosen = sorted(ranked[: MOST_SAMPLES // 2] + ranked[-MOST_SAMPLES // 2 :])
    items = [
        {
            "id": samples[i].id,
            "group": samples[i].group,
            "question": samples[i].question,
            "texts": {"reference": samples[i].reference, **samples[i].answers},
            "cut": samples[i].unfinished,
            "gain": {name: round(gains[name][i], 4) for name in sorts},
            "scores": {
                system: {
                    name: figure(measures[name].unit, examination.systems[system].scores[name][i])
                    for name in sorts
                    if name in examination.systems[system].scores
                }
                for system in samples[i].answers
            },
        }
        for i in chosen
    ]
    return {
        "total": len(samples),
        "items": items,
        "sorts": [{"name": name, "label": measures[name].label} for name in sorts],
        "systems": list(samples[0].answers),
    }
