"""Other ways to say a name, by rules of the language: an infection of the bladder, a flu jab."""

from __future__ import annotations

import re
from collections.abc import Iterator

OF_PART = re.compile(
    r"^(?P<part>[a-z][a-z -]+) (?P<what>infection|inflammation|cancer|carcinoma|ulcer|"
    r"enlargement|stone)$"
)
"""`bladder infection`, which is an infection of the bladder."""
SIDED = re.compile(r"\b(?:ear|eye|breast|kidney|lung|ovary|hip|knee)$")
"""Parts of the body before which a side may stand."""
WORSE = re.compile(
    r"^(?:acute )?(?P<first>[a-z][a-z -]+) exacerbation$|"
    r"^(?:acute )?exacerbation of (?P<second>[a-z][a-z -]+)$"
)
HURT = {
    "sprain": ("sprained",), "strain": ("strained",), "fracture": ("broken", "fractured"),
    "dislocation": ("dislocated",), "laceration": ("lacerated",), "contusion": ("bruised",),
    "rupture": ("ruptured", "torn"), "tear": ("torn",), "burn": ("burned", "burnt"),
}  # fmt: skip
INJURY = re.compile(
    rf"^(?P<first>[a-z][a-z ]+) (?P<one>{'|'.join(HURT)})$|"
    rf"^(?P<other>{'|'.join(HURT)}) of (?:the )?(?P<second>[a-z][a-z ]+)$"
)
"""`ankle sprain`, `fracture of hip`: a sprained ankle, a broken left hip."""
BEFORE = re.compile(r"^history of (?P<what>[a-z].+)$")
RAISED = ("high", "elevated", "raised", "increased")
ELEVATED = re.compile(rf"^(?:{'|'.join(RAISED)}) (?P<what>[a-z][a-z -]+)$")
VACCINE = re.compile(r"^(?P<what>.+) vaccine$")
GIVEN = ("shot", "jab", "booster", "immunization", "vaccination", "inoculation", "injection")


def of(kind: str, name: str) -> Iterator[str]:
    """The other ways to say a name of the lexicon in lower case; none where no rule has any."""
    if kind == "vaccine":
        yield from _of_vaccine(name)
    if kind not in ("condition", "reaction"):
        return
    part = OF_PART.match(name)
    if part:
        yield f"{part['what']} of {part['part']}"
        yield f"{part['what']} of the {part['part']}"
        if SIDED.search(part["part"]):
            yield from (
                f"{part['what']} of the {side} {part['part']}" for side in ("left", "right")
            )
    worse = WORSE.match(name)
    if worse:
        what = worse["first"] or worse["second"]
        for word in ("exacerbation", "flare-up", "flare"):
            yield from (f"{what} {word}", f"acute {what} {word}", f"{word} of {what}")
            yield from (f"acute {word} of {what}", f"{word} of the {what}")
    hurt = INJURY.match(name)
    if hurt:
        part = hurt["first"] or hurt["second"]
        for word in HURT[hurt["one"] or hurt["other"]]:
            yield from (f"{word} {side}{part}" for side in ("", "left ", "right "))
    before = BEFORE.match(name)
    if before:
        yield from (f"{word} {before['what']}" for word in ("prior", "previous", "past", "earlier"))
    raised = ELEVATED.match(name)
    if raised:
        yield from (f"{word} {raised['what']}" for word in RAISED)
        yield from (f"{word} blood {raised['what']}" for word in RAISED)


def _of_vaccine(name: str) -> Iterator[str]:
    found = VACCINE.match(name)
    if found:
        yield from (f"{found['what']} {word}" for word in GIVEN)
        for word in ("vaccine", "vaccination", "immunization"):
            yield f"{word} against {found['what']}"
