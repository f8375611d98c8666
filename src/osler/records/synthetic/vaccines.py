"""Vaccines that are due on a visit, by age, year and what was given before."""

from __future__ import annotations

from osler.records.synthetic.history import Visit
from osler.records.synthetic.life import Life
from osler.records.synthetic.tables import Vaccine, at_age


def due_vaccines(life: Life, visit: Visit) -> None:
    """Give what is due."""
    if life.age < 19:
        _childhood(life, visit)
    if life.age >= 0.5 and life.today.year >= 1992:
        _influenza(life, visit)
    if life.age >= 19:
        _adult(life, visit)
    _covid(life, visit)


def _give(life: Life, visit: Visit, name: str) -> None:
    life.chart.shot(life.tables.vaccines[name], visit)
    life.since[f"vaccine:{name}"] = life.day


def _made(life: Life, vaccine: Vaccine) -> bool:
    return vaccine.since <= life.today.year <= (vaccine.until or 9999)


def _childhood(life: Life, visit: Visit) -> None:
    """Every dose whose age is reached and that was not given; nobody catches up after years."""
    months = life.age * 12
    today: set[str] = set()
    for due, doses in life.tables.vaccination.childhood.items():
        if not due <= months + 0.4 < due + (4 if due < 24 else 26):
            continue
        for names in doses:
            mark = f"dose:{due}:{names[0]}"
            made = [n for n in names if _made(life, life.tables.vaccines[n])]
            if mark in life.since or not made or names[0] in today:
                continue
            today.add(names[0])
            life.since[mark] = life.day
            if life.chance.happens(life.tables.vaccination.shares.childhood):
                _give(life, visit, made[0])


def _influenza(life: Life, visit: Visit) -> None:
    table = life.tables.vaccination
    if life.today.month not in table.influenza_months or life.days_since("influenza") < 240:
        return
    life.since["influenza"] = life.day
    if not life.chance.happens(at_age(table.shares.influenza, life.age)):
        return
    year = life.today.year
    name = "influenza" if year < 2014 else "influenza-4"
    _give(life, visit, "influenza-high" if life.age >= 65 and year >= 2020 else name)


def _adult(life: Life, visit: Visit) -> None:
    shares, chance, year, age = (
        life.tables.vaccination.shares,
        life.chance,
        life.today.year,
        life.age,
    )
    if life.days_since("tetanus") > 3650 and year >= 1992:
        life.since["tetanus"] = life.day - chance.randrange(0, 700)
        if chance.happens(shares.tetanus):
            first = year >= 2007 and "vaccine:tdap" not in life.since
            _give(life, visit, "tdap" if first else "td")
    if age >= 50 and year >= 2018 and life.days_since("vaccine:zoster") > 60:
        given = life.counts["zoster"]
        if given == 1 or (given == 0 and chance.happens(shares.zoster * 0.35)):
            _give(life, visit, "zoster")
            life.counts["zoster"] += 1
    elif (
        age >= 60
        and 2007 <= year < 2018
        and "vaccine:zoster-live" not in life.since
        and chance.happens(0.06)
    ):
        _give(life, visit, "zoster-live")
    if age >= 75 and year >= 2024 and "rsv" not in life.since:
        life.since["rsv"] = life.day
        if chance.happens(shares.rsv):
            _give(life, visit, "rsv")
    _pneumococcal(life, visit)


def _pneumococcal(life: Life, visit: Visit) -> None:
    risky = any(map(life.has, ("copd", "diabetes", "heart-failure", "esrd", "hiv")))
    if life.age < (50 if risky else 65) or life.days_since("pneumococcal") < 400:
        return
    life.since["pneumococcal"] = life.day
    given, year = life.counts["pneumococcal"], life.today.year
    if given >= 2 or not life.chance.happens(life.tables.vaccination.shares.pneumococcal):
        return
    if year >= 2022:
        name, doses = "pcv-20", 2
    elif year >= 2014 and given == 0:
        name, doses = "pcv-13", 1
    else:
        name, doses = "ppsv-23", given + 1
    if year >= 1990:
        _give(life, visit, name)
        life.counts["pneumococcal"] = doses


def _covid(life: Life, visit: Visit) -> None:
    """Two doses in 2021, boosters afterwards; who wants none wants none."""
    year, shares = life.today.year, life.tables.vaccination.shares
    if life.age < 12 or life.today.toordinal() < 737_850 or life.days_since("covid") < 24:
        return
    doses = life.counts["covid"]
    if doses == 0:
        if "covid" in life.since or not life.chance.happens(at_age(shares.covid, life.age)):
            life.since["covid"] = life.day
            return
        first = life.chance.choices(
            ("covid-pfizer", "covid-moderna", "covid-janssen"), (6, 4, 0.6)
        )[0]
        _give(life, visit, first)
        life.counts["covid"] = 2 if first == "covid-janssen" else 1
        life.counts["moderna"] = int(first == "covid-moderna")
        life.due(life.day + life.chance.randrange(22, 45), _second)
    elif doses >= 2 and life.days_since("covid") > 200 and life.chance.happens(shares.booster):
        late = "covid-2023" if year >= 2024 else "covid-bivalent" if year >= 2023 else ""
        _give(life, visit, late or ("covid-moderna" if life.counts["moderna"] else "covid-pfizer"))
    life.since["covid"] = life.day


def _second(life: Life) -> None:
    if life.counts["covid"] == 1:
        visit = life.chart.visit(life.day, "outpatient", "vaccine-visit")
        _give(life, visit, "covid-moderna" if life.counts["moderna"] else "covid-pfizer")
        life.counts["covid"], life.since["covid"] = 2, life.day
