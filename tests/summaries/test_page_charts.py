"""The drawings of a page: values, ranges, and what is out of them."""

from __future__ import annotations

import dataclasses
import math
import re
from datetime import date

import page_cases as cases
import pytest
from page_parsed import Page

from osler.records.record import Quantity
from osler.records.view import view
from osler.summaries.page import charts
from osler.summaries.page.patient import page
from osler.summaries.page.series import groups


def test_a1c_is_drawn_in_one_unit_with_its_range_and_shapes_for_what_is_out_of_it() -> None:
    seen = cases.seen()
    labs = groups(seen)[0]
    chart = labs.charts[0]
    assert (chart.latest.name, chart.latest.value, chart.latest.flag) == (
        cases.A1C_NAME,
        "6.9 %",
        "HIGH",
    )
    assert [round(p.y, 1) for p in chart.tracks[0].points] == [6.4, 7.0, 5.2, 6.9]
    assert [p.text for p in chart.tracks[0].points][1] == "53 mmol/mol"
    assert {(p.reference.low, p.reference.high) for p in chart.tracks[0].points if p.reference} == {
        (4.0, 5.6)
    }
    drawn = charts.chart(chart, cases.ON)
    assert drawn.count("<polygon") == 3
    assert drawn.count('class="mark within"') == 1
    assert drawn.count('class="band"') == 1
    assert drawn.count('class="limit"') == 2
    assert ">%</text>" in drawn
    assert (
        f"{cases.A1C_NAME}: 4 values from 2018-02-01 to 2021-02-01; latest 6.9 %, HIGH; "
        "reference 4 to 5.6 %; 3 out of range" in drawn
    )
    assert "<title>2019-02-01: 53 mmol/mol, HIGH</title>" in drawn


def test_blood_pressure_is_one_chart_of_two_lines() -> None:
    vitals = next(g for g in groups(cases.seen()) if g.id == "vitals")
    (chart,) = vitals.charts
    assert (chart.latest.name, chart.latest.value) == ("Blood pressure", "142/91 mmHg")
    assert [t.name for t in chart.tracks] == ["systolic", "diastolic"]
    drawn = charts.chart(chart, cases.ON)
    assert "curve line-0" in drawn
    assert "curve line-1" in drawn
    assert ">diastolic</text>" in drawn
    assert drawn.count("<polygon") == 3  # 131, 142 and 91


def test_quality_of_life_is_drawn_on_its_whole_scale() -> None:
    quality = next(g for g in groups(cases.seen()) if g.id == "quality")
    drawn = charts.chart(quality.charts[0], cases.ON)
    assert ">0.00</text>" in drawn
    assert ">1.00</text>" in drawn


def test_what_has_no_two_numbers_is_listed_and_what_cannot_be_converted_is_told() -> None:
    made = Page(page(cases.summary(), cases.seen()))
    labs = groups(cases.seen())[0]
    assert {one.name for one in labs.singles} == {"Potassium", "Virus RNA"}
    odd = next(c for c in labs.charts if c.latest.name == "Odd substance")
    assert (odd.undrawn, len(odd.tracks[0].points)) == (1, 2)
    assert "Not drawn: 1 value" in made.text("labs")
    assert "Potassium 4.1 mmol/L" in made.text("labs")
    assert "Virus RNA Negative 2021-02-01" in made.text("labs")


def test_a_range_is_drawn_for_the_age_at_which_it_held() -> None:
    person = dataclasses.replace(cases.record().person, born=date(2018, 1, 1))
    heart = [
        dataclasses.replace(
            cases.record().observations[0], id=f"o{year}", value=Quantity(110.0, "/min"),
            code=dataclasses.replace(cases.record().observations[0].code, value="8867-4"),
            start=dataclasses.replace(cases.record().observations[0].start, day=date(year, 2, 1)),
            category="vital-signs",
        )
        for year in (2018, 2019, 2021)
    ]  # fmt: skip
    record = dataclasses.replace(
        cases.record(), person=person, observations=tuple(heart), conditions=(), medicines=(),
        allergies=(),
    )  # fmt: skip
    (vitals,) = groups(view(record, cases.ON))
    found = [p.reference for p in vitals.charts[0].tracks[0].points]
    assert len({(r.low, r.high) for r in found if r}) == 3
    assert charts.chart(vitals.charts[0], cases.ON).count('class="band"') == 3


@pytest.mark.parametrize(
    "values",
    [[0.0, 0.0], [5.0, 5.0], [-1e9, 1e9], [1e-9, 2e-9], [1e300, 2e300], [137_500.0, 140_000.0],
     [float(n % 7) for n in range(300)]],
)  # fmt: skip
@pytest.mark.parametrize("apart", [0.0, 0.01, 3.0, 50.0, 400.0, 40_000.0])
def test_drawings_bear_any_numbers_and_times(values: list[float], apart: float) -> None:
    chart = groups(cases.seen())[0].charts[0]
    days = [min(700_000.0 + n * apart, date.max.toordinal()) for n in range(len(values))]
    points = tuple(
        dataclasses.replace(chart.tracks[0].points[0], x=x, y=y)
        for x, y in zip(days, values, strict=True)
    )
    track = dataclasses.replace(chart.tracks[0], points=points)
    drawn = charts.chart(dataclasses.replace(chart, tracks=(track,)), cases.ON)
    assert "nan" not in drawn
    assert "inf" not in drawn
    ticks = re.findall(r'class="tick">([^<]+)<', drawn)
    assert len(ticks) == len(set(ticks)), ticks
    places = [float(x) for x in re.findall(r'(?:points="|cx=")([\d.-]+)', drawn)]
    assert all(math.isfinite(x) and -10 <= x <= charts.WIDTH + 10 for x in places)


@pytest.mark.parametrize(
    ("start", "end", "labels"),
    [
        (date(1990, 5, 1), date(2022, 3, 4), ["1995", "2000", "2005", "2010", "2015", "2020"]),
        (date(2021, 2, 1), date(2021, 9, 1), ["2021-03", "2021-05", "2021-07", "2021-09"]),
        (date(2021, 2, 1), date(2021, 2, 4), [f"2021-02-0{n}" for n in (1, 2, 3, 4)]),
    ],
)  # fmt: skip
def test_time_is_parted_at_years_months_or_days(start: date, end: date, labels: list[str]) -> None:
    found = charts.time_ticks(float(start.toordinal()), float(end.toordinal()))
    assert [text for _, text in found] == labels
    assert found[0][0] >= start.toordinal()
