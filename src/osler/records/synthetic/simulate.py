"""The walk through a life, from one thing that is due to the next."""

from __future__ import annotations

import heapq
from datetime import date

from osler.records.synthetic import (
    allergy,
    body,
    death,
    episodes,
    illness,
    pregnancy,
    surveys,
    visits,
)
from osler.records.synthetic.chance import Chance
from osler.records.synthetic.chart import Chart
from osler.records.synthetic.history import History
from osler.records.synthetic.life import Body, Life
from osler.records.synthetic.person import YEAR, marital, nature, who
from osler.records.synthetic.tables import tables


def history(seed: int, number: int, until: date) -> History:
    """The record of patient `number` (from 1) of a seed; nothing is after `until`.

    It is the same whoever else is made.
    """
    chance = Chance(f"{seed}/{number}")
    person = who(chance, until)
    given = nature(chance, person, until)
    age = (until - person.born).days / YEAR
    written = History(person, marital(chance, person.sex, age))
    since = until.toordinal() - round(given.recorded * YEAR)
    chart = Chart(tables(), written, seed, since)
    born = person.born.toordinal()
    life = Life(tables(), chance, person, given, chart, born, until.toordinal(), born)
    life.body = Body(
        filtration=112 + 12 * given.kidney, bone=0.15 + 0.85 * given.bone,
        lungs=chance.about(81, 4, 72, 90), psa=chance.lognormvariate(-0.35, 0.45),
        albumin=chance.lognormvariate(1.8, 0.35), cd4=chance.about(900, 180, 500, 1500),
    )  # fmt: skip
    allergy.draw(life)
    life.due(born, birthday)
    visits.next_check_up(life)
    life.due(max(since, born), visits.examine)
    live(life)
    return chart.close(life.until)


def birthday(life: Life) -> None:
    """What a year brings, drawn at its beginning."""
    body.year_passes(life)
    if life.age > 0.5:
        surveys.year_passes(life)
    illness.draw(life)
    illness.complications(life)
    episodes.draw(life)
    pregnancy.draw(life)
    death.draw(life)
    life.due(life.born + round((round(life.age) + 1) * YEAR), birthday)


def live(life: Life) -> None:
    """Do what is due, in its order, until the last day or death."""
    while life.died is None:
        day = life.queue[0][0] if life.queue else life.until + 1
        if life.doom and life.doom[0] <= min(day, life.follow or day, life.until):
            life.day = max(life.day, life.doom[0])
            death.die(life, life.doom[1])
        elif life.follow is not None and life.follow <= min(day, life.until):
            life.day, life.follow = max(life.day, life.follow), None
            visits.follow(life)
        elif day <= life.until:
            _, _, event = heapq.heappop(life.queue)
            life.day = day
            event(life)
        else:
            return
