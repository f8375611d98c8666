"""Where the patient lives: the city, the county and the state of the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.county_fips import STATES
from osler.records.county_names import state_of
from osler.summaries.audit.evidence import Ledger
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.systems import FAMILY
from osler.summaries.audit.words import norms

_NAME = r"[A-Z][\w.'’-]*(?:\s+(?:(?:of|the|de|la|del|los|las)\s+)?[A-Z][\w.'’-]*){0,3}"
_STATE = "|".join(
    sorted((re.escape(name) for s in STATES.values() for name in (s.name, s.abbreviation)),
           key=len, reverse=True)
)  # fmt: skip
HOME = re.compile(
    rf"(?:\b(?:[Ll]ives|[Ll]iving|[Rr]esides|[Rr]esiding|[Rr]esident|[Dd]omiciled|[Hh]ome is|"
    rf"[Ll]ived)\s+(?:currently\s+)?(?:in|at|near|of)\s+(?:the city of\s+)?|"
    rf"^\W*(?:[Hh]ome|(?:[Pp]lace of )?[Rr]esidence|[Hh]ome address|[Aa]ddress|[Cc]ity|[Ll]ocation|"
    rf"[Ll]ives in|[Hh]ometown)\s*:\s*)(?P<place>{_NAME})(?:,\s*(?P<state>{_STATE})\b)?"
)
KINDS = re.compile(r"(?i)\s*\b(?:county|parish|city|town|state|usa|u\.s\.a?\.?|united states)\b")
NOT_RECORDED = "the record has no place of living"


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """The city and the state that are named."""
    if FAMILY.search(clause.text):
        return
    who = ledger.seen.person
    for found in HOME.finditer(clause.text):
        place, state = str(found["place"]), str(found["state"] or "")
        if not state and state_of(place):
            place, state = "", place
        wrong = ""
        own = state_of(who.state) if who.state else None
        if state and own and state_of(state) != own:
            wrong = "the state is another"
        rest = set(norms(KINDS.sub("", place)))
        known = set(norms(f"{who.city} {who.county} {who.state}"))
        if not who.city and not who.state:
            wrong = NOT_RECORDED
        elif who.city and rest and not rest & known:
            wrong = "the place is another"
        at = (clause.offset + found.start("place"), clause.offset + found.end())
        yield Claim("demographic", *at, ("person",), wrong)
