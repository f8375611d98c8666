"""A citation is a promise: what it points at says what the sentence says."""

from __future__ import annotations

import pytest

from osler.serve.assistant.cite import Cited, cite

ASTHMA = (
    "Asthma is a long-term condition in which the airways are inflamed. Attacks come on after "
    "exercise or in cold air. About 8 % of adults have it, and it is not contagious. Inhaled "
    "corticosteroids taken every day reduce attacks."
)
GOUT = "Gout is a form of arthritis. Allopurinol lowers uric acid. Attacks are not dangerous."
SOURCES = [Cited(1, ASTHMA, 100, "Asthma"), Cited(2, GOUT, 0, "Gout")]


def cited(sentence: str) -> list[tuple[int, str]]:
    """(source, the bytes it points at) for each citation of a sentence."""
    text = {1: ASTHMA.encode(), 2: GOUT.encode()}
    start = {1: 100, 2: 0}
    return [
        (c.source, text[c.source][c.start - start[c.source] : c.end - start[c.source]].decode())
        for said in cite(sentence, SOURCES)
        for c in said.citations
    ]


def test_what_stands_in_a_source_is_cited_with_its_exact_bytes() -> None:
    assert cited("In asthma the airways are inflamed.") == [
        (1, "Asthma is a long-term condition in which the airways are inflamed.")
    ]
    assert cited("Allopurinol lowers uric acid.") == [(2, "Allopurinol lowers uric acid.")]


def test_bytes_are_right_behind_letters_of_several_bytes() -> None:
    text = "Größe – 5 µg. Ménière’s disease causes vertigo."
    (only,) = cite("Ménière's disease causes vertigo.", [Cited(1, text, 7, "")])
    (found,) = only.citations
    assert text.encode()[found.start - 7 : found.end - 7].decode() == (
        "Ménière’s disease causes vertigo."
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "About 18 % of adults have asthma.",  # another number
        "Asthma is contagious.",  # a denial lost
        "Gout attacks are dangerous.",
        "Inhaled corticosteroids taken every day increase attacks.",  # an opposite
        "Inhaled antibiotics taken every day reduce attacks.",  # another drug
        "Ibuprofen lowers uric acid.",
        "Diabetes is a long-term condition.",  # another disease
        "The Eiffel Tower is in Paris.",
        "You should rest.",
        "",
    ],
)
def test_what_no_source_says_is_not_cited(sentence: str) -> None:
    assert cited(sentence) == []


def test_each_sentence_has_its_place_in_the_answer() -> None:
    answer = "Asthma is not contagious. Eat well.\n- Allopurinol lowers uric acid."
    said = cite(answer, SOURCES)
    assert [answer[s.start : s.end] for s in said] == [
        "Asthma is not contagious.", "Eat well.", "Allopurinol lowers uric acid."
    ]  # fmt: skip
    assert [bool(s.citations) for s in said] == [True, False, True]


def test_no_sources_bear_nothing_out() -> None:
    assert [s.citations for s in cite("Asthma is common.", [])] == [()]


LETTER = (
    "She was admitted for three days with a cough that would\nnot settle. No pain.\n"
    "Repeat chest film in June\nThere is no sign in these films of old consolidation or of any\n"
    "pneumonia in the left lung."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "She was admitted for three days with a cough that would not settle.",
        "Repeat chest film in June.",
    ],
)
def test_what_stands_word_for_word_on_several_lines_is_cited(sentence: str) -> None:
    (only,) = cite(sentence, [Cited(1, LETTER, 0)])
    (found,) = only.citations
    text = LETTER.encode()[found.start : found.end].decode()
    assert " ".join(text.split()).removesuffix(".") == sentence.removesuffix(".")


def test_words_that_are_a_part_of_a_sentence_alone_are_not_taken_for_it() -> None:
    (only,) = cite("Pneumonia in the left lung.", [Cited(1, LETTER, 0)])
    assert only.citations == ()


def bears_out(source: str, answer: str) -> bool:
    """Whether each sentence of an answer is cited to a source, by words alone."""
    return all(said.citations for said in cite(answer, [Cited(1, source, 0)]))


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        # of what
        ("Measles is prevented with the MMR vaccine, which covers mumps and rubella, too.",
         "Rubella is prevented with the MMR vaccine, which covers mumps and rubella, too."),
        # how often
        ("Methotrexate for arthritis is taken once a week.",
         "Methotrexate for arthritis is taken once a day."),
        ("Methotrexate for arthritis is taken once a week.",
         "Methotrexate for arthritis is taken every day."),
        ("Take one tablet twice a day.", "Take two tablets once a day."),
        ("Paracetamol: at most four times in one day.", "Paracetamol: at most in one day."),
        ("Zürich – naïve “quotes” 😀 étude.", "Zürich – naïve “quotes” — every day."),
        # for whom
        ("Aspirin may be given to adults.", "Aspirin may be given to children."),
        ("The risk of gallstones is higher in women than in men.",
         "The risk of gallstones is higher in men than in women."),
        # how much
        ("Symptoms last for two weeks.", "Symptoms last for three weeks."),
        ("Symptoms last for two weeks.", "Symptoms last for two months."),
        ("The vaccine is given at two months of age.", "The vaccine is given at two years of age."),
        ("The dose of morphine is 5 mg.", "The dose of morphine is 5 g."),
        ("About 10 of 1000 people are affected.", "About 1000 of 10 people are affected."),
        ("Fever above 38 needs a doctor in babies under 3 months.",
         "Fever above 3 needs a doctor in babies under 38 months."),
        ("Children take 5 mg of morphine and adults take 10 mg.",
         "Children take 10 mg of morphine and adults take 5 mg."),
        ("Call an ambulance if the chest pain lasts longer than 10 minutes.",
         "Call an ambulance if the chest pain lasts less than 10 minutes."),
        # how many, how surely, on what condition, against what
        ("Most people recover fully.", "Few people recover fully."),
        ("Some people recover fully.", "Most people recover fully."),
        ("You must see a doctor at once.", "You may see a doctor at once."),
        ("Ibuprofen is safe in early pregnancy only if a doctor agrees.",
         "Ibuprofen is safe in early pregnancy."),
        ("Ibuprofen is safe for adults unless they have kidney disease.",
         "Ibuprofen is safe for adults."),
        ("Unlike type 1 diabetes, type 2 diabetes can be treated with tablets.",
         "Type 1 diabetes can be treated with tablets, unlike type 2 diabetes."),
        ("Unlike type 1 diabetes, type 2 diabetes can be treated with tablets.",
         "Type 1 diabetes can be treated with tablets."),
    ],
)  # fmt: skip
def test_another_amount_or_qualifier_is_not_cited(source: str, answer: str) -> None:
    assert bears_out(source, source)
    assert not bears_out(source, answer)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("Take the tablet twice daily with food.", "Take the tablet two times a day with food."),
        ("Take the tablet twice daily with food.", "Take the tablet bid with food."),
        ("Take the tablet bid with food.", "Take the tablet twice daily with food."),
        ("Take the tablet twice daily with food.", "With food, take the tablet every 12 hours."),
        ("The drug is taken every day at bedtime.", "The drug is taken daily at bedtime."),
        ("Symptoms last for two weeks.", "The symptoms last for 2 weeks."),
        ("Symptoms last for a week.", "Symptoms last for one week."),
        ("Treatment takes two to three weeks in children.",
         "In children the treatment takes 2–3 weeks."),
        ("Fever above 38 needs a doctor in babies under 3 months.",
         "In infants under 3 months, fever above 38 needs a doctor."),
        ("Take 1,000 mg of paracetamol every 8 hours.",
         "Take 1000 mg of paracetamol three times a day."),
        ("Aspirin may be given to adults.", "Adults may be given aspirin."),
        ("Asthma may be triggered by cold air.", "Asthma can be triggered by cold air."),
        ("Most people recover fully.", "Many people recover fully."),
        ("Ibuprofen is safe in early pregnancy only if a doctor agrees.",
         "Only if a doctor agrees is ibuprofen safe in early pregnancy."),
        ("Unlike type 1 diabetes, type 2 diabetes can be treated with tablets.",
         "Type 2 diabetes can be treated with tablets, unlike type 1 diabetes."),
    ],
)  # fmt: skip
def test_the_same_amount_in_other_words_is_cited(source: str, answer: str) -> None:
    assert bears_out(source, answer)
