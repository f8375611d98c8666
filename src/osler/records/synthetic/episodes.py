"""Illnesses and injuries that pass."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from osler.records.synthetic import labs
from osler.records.synthetic.history import Visit
from osler.records.synthetic.illness import OPERATIONS, admit, with_side
from osler.records.synthetic.life import Life
from osler.records.synthetic.notes import note
from osler.records.synthetic.tables import Episode, at_age, episodes_at
from osler.records.synthetic.treatment import begin_line, resolve, review
from osler.records.synthetic.vitals import Signs, vitals

KINDS = {
    "clinic": ("ambulatory", "symptom-visit"), "urgent": ("urgentcare", "urgent-care"),
    "emergency": ("emergency", "emergency-visit"), "hospital": ("emergency", "emergency-visit"),
}  # fmt: skip


def draw(life: Life) -> None:
    """Episodes of the coming year; most people see nobody for most of them."""
    for key, episode, rate in episodes_at(life.who.sex, round(life.age)):
        if episode.needs and not _has(life, episode.needs):
            continue
        if episode.once and key in life.had:
            continue
        for risk, times in episode.risks.items():
            if life.has(risk):
                rate *= times
        while rate > 0 and life.chance.happens(min(0.95, rate)):
            life.due(_day(life, episode), partial(happen, key=key))
            rate -= 1 if rate > 1 else rate * 0.7


def _has(life: Life, needs: str) -> bool:
    return needs in life.problems or f"childhood-{needs}" in life.problems


def _day(life: Life, episode: Episode) -> int:
    """A day of the coming year, in the months that it has."""
    day = life.day
    for _ in range(12):
        day = life.day + life.chance.randrange(1, 365)
        month = life.today.fromordinal(day).month
        if not episode.months or month in episode.months:
            break
    return day


def happen(life: Life, key: str) -> None:
    """An episode, from the first visit to its end."""
    episode, chance = life.tables.episodes[key], life.chance
    first, last = episode.years
    if key in life.problems or not first <= life.today.year <= last:
        return
    if (episode.excludes in life.problems) or (episode.once and key in life.had):
        return
    signs = Signs(chance.happens(episode.fever), episode.pain, episode.breathless)
    visit = _visit(life, key, episode, signs)
    if signs.fever:
        life.since["infection"] = life.day
    text = life.tables.terms[key].text
    life.begin(key, visit, with_side(life, text, episode.side) if episode.side else "")
    visit.reason = life.tables.terms[key]
    _tests(life, episode, visit)
    review(life, visit)
    for act, share in episode.acts.items():
        if chance.happens(share):
            life.chart.act(act, visit, visit.reason, lasting=act in OPERATIONS)
    for line in episode.treatment:
        begin_line(life, line, visit, key)
    if episode.plan:
        life.chart.plan(episode.plan, visit, life.problems[key])
    if visit.kind in ("inpatient", "emergency") and chance.happens(0.5):
        note(life, visit)
    if episode.ends:
        resolve(life, episode.ends)
    if life.may_die and chance.happens(at_age(episode.fatal, life.age)):
        life.doom = (life.day + chance.randrange(1, 10), key)
    days = chance.randint(*episode.lasts)
    life.due(life.day + days, partial(_over, key=key))


def _visit(life: Life, key: str, episode: Episode, signs: Signs) -> Visit:
    """Where somebody goes; some stay in hospital."""
    kind, term = KINDS[episode.at]
    if key == "asthma-exacerbation":
        term = "asthma-emergency"
    visit = life.chart.visit(life.day, kind, term)
    vitals(life, visit, signs, brief=True)
    stays = episode.at == "hospital" or life.chance.happens(at_age(episode.hospital, life.age))
    if not stays:
        return visit
    visit.reason = life.tables.terms[key]
    if visit.kind not in ("emergency", "urgentcare"):
        visit.kind, visit.term = "emergency", life.tables.terms["emergency-visit"]
    stay = admit(life, visit, max(1, episode.days + life.chance.randint(-1, 2)))
    vitals(life, stay, signs, brief=True)
    return stay


def _tests(life: Life, episode: Episode, visit: Visit) -> None:
    """Answers that the illness gives; panels that show it."""
    for name, answer in episode.tests.items():
        if answer:
            life.chart.measure(name, answer, visit)
        else:
            labs.take(life, name, visit)


def _over(life: Life, key: str) -> None:
    """It has passed; some leave a history."""
    episode = life.tables.episodes[key]
    problem = life.problems.get(key)
    if problem is None:
        return
    started = problem.start
    resolve(life, key)
    if episode.then and episode.then not in life.problems:
        visit = life.chart.visit(life.day, "ambulatory", "follow-up", problem.term)
        life.begin(episode.then, visit)
    # Those that heal slowly are seen once more.
    elif problem.end and problem.end - started > timedelta(days=30) and life.chance.happens(0.5):
        visit = life.chart.visit(life.day, "ambulatory", "follow-up", problem.term)
        vitals(life, visit, brief=True)
