"""A summary in a clinician's words: the same facts as the record, said in many ways.

Everything in it is true of the patient on the day; where a word could be doubted it is not used.
The same patient, day and seed give the same text.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from osler.records.view import View
from osler.summaries.template import Template

from . import (
    fifth_body,
    fifth_history,
    fifth_results,
    fourth_body,
    fourth_history,
    fourth_medicines,
    fourth_results,
    prose_history,
    prose_measures,
    prose_medicines,
    prose_person,
    prose_plan,
    second_body,
    second_history,
    third_body,
    third_history,
    third_results,
)
from .scene import Scene
from .told import Part, Summary, Told

Writers = dict[str, Callable[[Scene], Iterable[Told]]]

FIRST: Writers = {
    "Patient Summary": prose_person.overview,
    "Demographics and Background": prose_person.background,
    "Medical Conditions": prose_history.conditions,
    "Current Medications and Allergies": prose_medicines.medicines,
    "Recent Encounters": prose_history.encounters,
    "Vaccination Status": prose_history.vaccines,
    "Care Plans": prose_history.plans,
    "Lifestyle Factors": prose_person.lifestyle,
    "Lab Results and Numeric Health Data": prose_measures.results,
    "Quality of Life": prose_person.quality,
    "Preparation for Consultation": prose_plan.preparation,
}
"""What the shipped template's sections are written by; the county's lines come with the patient."""


SECOND: Writers = {
    "Patient Summary": second_body.overview,
    "Demographics and Background": second_body.background,
    "Medical Conditions": second_history.conditions,
    "Current Medications and Allergies": second_body.medicines,
    "Recent Encounters": second_history.encounters,
    "Vaccination Status": second_history.vaccines,
    "Care Plans": second_history.plans,
    "Lifestyle Factors": second_body.lifestyle,
    "Lab Results and Numeric Health Data": second_body.results,
    "Quality of Life": second_body.quality,
    "Preparation for Consultation": second_body.preparation,
}
"""Another writer, of long, smooth sentences."""

THIRD: Writers = {
    "Patient Summary": third_body.overview,
    "Demographics and Background": third_body.background,
    "Medical Conditions": third_history.conditions,
    "Current Medications and Allergies": third_body.medicines,
    "Recent Encounters": third_history.encounters,
    "Vaccination Status": third_history.vaccines,
    "Care Plans": third_history.plans,
    "Lifestyle Factors": third_body.lifestyle,
    "Lab Results and Numeric Health Data": third_results.results,
    "Quality of Life": third_body.quality,
    "Preparation for Consultation": third_body.preparation,
}
"""A family doctor, in terse notes and a few letters."""

FOURTH: Writers = {
    "Patient Summary": fourth_body.overview,
    "Demographics and Background": fourth_body.background,
    "Medical Conditions": fourth_history.conditions,
    "Current Medications and Allergies": fourth_medicines.medicines,
    "Recent Encounters": fourth_history.encounters,
    "Vaccination Status": fourth_history.vaccines,
    "Care Plans": fourth_history.plans,
    "Lifestyle Factors": fourth_body.lifestyle,
    "Lab Results and Numeric Health Data": fourth_results.results,
    "Quality of Life": fourth_body.quality,
    "Preparation for Consultation": fourth_body.preparation,
}
"""A language model before a visit."""

FIFTH: Writers = {
    "Patient Summary": fifth_body.overview,
    "Demographics and Background": fifth_body.background,
    "Medical Conditions": fifth_history.conditions,
    "Current Medications and Allergies": fifth_history.medicines,
    "Recent Encounters": fifth_history.encounters,
    "Vaccination Status": fifth_history.vaccines,
    "Care Plans": fifth_history.plans,
    "Lifestyle Factors": fifth_body.lifestyle,
    "Lab Results and Numeric Health Data": fifth_results.results,
    "Quality of Life": fifth_body.quality,
    "Preparation for Consultation": fifth_body.preparation,
}
"""Labelled lines and dictation, of which nothing is shown: what it makes measures the audit."""

WRITERS = {"first": FIRST, "second": SECOND, "third": THIRD, "fourth": FOURTH, "fifth": FIFTH}


def prose(
    seen: View,
    template: Template,
    seed: int,
    county: Sequence[str] = (),
    writers: Writers = FIRST,
) -> Summary:
    """All sections of the shipped template."""
    parts: list[Part] = []
    for section in template.sections:
        rng = random.Random(f"{seed}:{seen.person.id}:{seen.on}:{section.title}")
        scene = Scene(seen, rng)
        writer = writers.get(section.title)
        told = writer(scene) if writer else prose_plan.county(scene, county)
        parts.append(Part(section.title, tuple(told)))
    return Summary("prose", tuple(parts))
