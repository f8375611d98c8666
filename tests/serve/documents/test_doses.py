"""A dose that a model tells stands with the drug that it has in the document."""

from __future__ import annotations

import pytest

from osler.serve.documents.doses import with_its_drug
from osler.serve.documents.text import Tally
from osler.serve.documents.writing import kept_of

LETTER = """She is admitted for labetalol 200 mg three times daily, magnesium sulfate 4 g IV loading
dose, and betamethasone 12 mg twice 24 hours apart.
He takes atorvastatin 20 mg and amlodipine 5 mg every day.
Bisoprolol | 2.5 mg | once daily
Aspirin 300 mg then 75 mg daily. Birth weight 3420 g. Glucose 126 mg/dL.
Give 500 mg of amoxicillin three times daily.
Xyzol 40 mg at night. Salbutamol 2 puffs as needed. Insulin glargine 18 units at night.
"""


@pytest.mark.parametrize(
    "sentence",
    [
        "She is on labetalol 200 mg three times daily.",
        "The dose of labetalol is 200 mg.",
        "He takes amlodipine 5 mg and atorvastatin 20 mg.",
        "Bisoprolol 2.5 mg once daily.",
        "Aspirin 300 mg, then 75 mg daily.",
        "Aspirin at 75 mg a day.",
        "The birth weight was 3420 g.",
        "Amoxicillin 500 mg three times daily.",
        "She got 500 mg amoxicillin.",
        "Xyzol 40 mg at night.",
        "Salbutamol, 2 puffs as needed.",
        "18 units of insulin glargine at night.",
        "Glucose was 126 mg/dL.",
        "Loading dose of magnesium sulfate: 4 g.",
        "Betamethasone 12 mg was given twice.",
    ],
)
def test_one_with_its_drug_is_kept(sentence: str) -> None:
    assert with_its_drug(sentence, LETTER)


@pytest.mark.parametrize(
    "sentence",
    [
        "She is on 200 mg three times daily and magnesium sulfate 4 g IV.",
        "He takes amlodipine 20 mg and atorvastatin 5 mg.",
        "She takes labetalol 4 g and magnesium 200 mg.",
        "She got 500 mg three times daily.",
        "She takes 40 mg at night.",
        "2 puffs as needed.",
        "Betamethasone 4 g was given.",
        "The dose was raised to 12 mg.",
        "Amlodipine 2.5 mg once daily.",
    ],
)
def test_one_without_it_or_with_another_is_not(sentence: str) -> None:
    assert not with_its_drug(sentence, LETTER)


def test_such_a_sentence_of_a_model_is_left_out_and_counted() -> None:
    tally = Tally()
    said = "She takes labetalol 200 mg three times daily. She is on 4 g IV and betamethasone 12 mg."
    kept = kept_of(said, LETTER, frozenset(), tally)
    assert kept == "She takes labetalol 200 mg three times daily."
    assert tally.unfounded == 1
