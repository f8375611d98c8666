"""The nearest passage is not always about the question."""

from __future__ import annotations

import pytest

from osler.retrieve.chunk import Chunk, Hit
from osler.serve.assistant.relevance import is_about


def hit(similarity: float, text: str, title: str = "") -> Hit:
    return Hit(Chunk("d", 0, title, "", None, 0, len(text), text), similarity, similarity)


@pytest.mark.parametrize(
    ("question", "found", "about"),
    [
        ("What are the symptoms of asthma?", hit(0.5, "Wheezing and coughing.", "Asthma"), True),
        ("What are the symptoms of Gaucher disease?",
         hit(0.6, "Fatigue is a symptom of kidney disease."), False),
        ("Which vaccines are recommended for COPD patients?",
         hit(0.5, "People with COPD should be vaccinated against influenza."), True),
        ("why am I so tired all the time", hit(0.45, "Anemia makes people tired."), False),
        ("why am I so tired all the time", hit(0.7, "Anemia makes people tired."), True),
        ("I pee all the time and it burns",
         hit(0.53, "A urinary tract infection makes one pass urine often."), True),
        ("How is high blood pressure treated?",
         hit(0.6, "To lower blood pressure, people eat less salt."), True),
        ("What is asthma?", hit(0.2, "Asthma is mentioned here."), False),
    ],
)  # fmt: skip
def test_a_passage_is_shown_where_it_is_about_what_is_asked(
    question: str, found: Hit, about: bool
) -> None:
    assert is_about(question, found) == about
