"""Scores of single answers, against values worked out by hand."""

from __future__ import annotations

import pytest

from osler.errors import DataError
from osler.evaluate import metrics

REFERENCE = "the cat sat on the mat"


def score(answer: str, reference: str = REFERENCE) -> dict[str, float]:
    return {
        name: values[0]
        for name, values in metrics.text_scores([answer], [reference], label="test").items()
    }


def test_rouge_equals_the_values_worked_out_by_hand() -> None:
    # 5 of the answer's 5 words are among the 6 of the reference: P = 1, R = 5/6, F = 10/11.
    # Pairs: "the cat", "on the", "the mat" of 4 and 5: P = 3/4, R = 3/5, F = 2/3.
    # Longest common subsequence: "the cat on the mat", again 5: F = 10/11.
    found = score("the cat on the mat")
    assert found["rouge1"] == pytest.approx(100 * 10 / 11)
    assert found["rouge2"] == pytest.approx(100 * 2 / 3)
    assert found["rougeLsum"] == pytest.approx(100 * 10 / 11)


def test_rouge_is_not_stemmed() -> None:
    assert score("treatments", "treatment")["rouge1"] == 0


def test_rouge_lsum_compares_sentence_by_sentence() -> None:
    # As one line the longest common subsequence has 2 words; as sentences all 4 are matched.
    found = score("It itches. Rest helps.", "Rest helps. It itches.")
    assert found["rougeLsum"] == pytest.approx(100)
    assert metrics.split_sentences("One. Two?\n\nThree 3.5 mg") == "One.\nTwo?\nThree 3.5 mg"


def test_the_same_text_scores_100_and_another_0() -> None:
    same, other = score(REFERENCE), score("xyz")
    for measure in ("rouge1", "rouge2", "rougeLsum", "sentence_bleu", "chrf"):
        assert same[measure] == pytest.approx(100)
        assert other[measure] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("answer", ["", "  \n\t "])
def test_an_empty_answer_scores_0_and_counts(answer: str) -> None:
    found = metrics.text_scores([answer, REFERENCE], [REFERENCE] * 2, label="test")
    for measure in ("rouge1", "rouge2", "rougeLsum", "sentence_bleu", "chrf", "length_ratio"):
        assert found[measure][0] == 0
        assert len(found[measure]) == 2
    assert found["empty_rate"] == [100, 0]
    assert metrics.reasons([answer, REFERENCE]) == {"empty answer": 1}


def test_repeats_are_the_share_of_runs_of_four_words_that_came_before() -> None:
    assert metrics.repeated_share("a b c d e f g") == 0
    # 9 words have 6 runs of four; "a b c d" comes twice.
    assert metrics.repeated_share("a b c d x a b c d") == pytest.approx(100 / 6)
    assert metrics.repeated_share("too short") == 0


def test_length_ratio_is_words_for_words() -> None:
    assert score("the cat sat")["length_ratio"] == 0.5


def test_an_empty_reference_is_refused_not_scored() -> None:
    with pytest.raises(DataError, match="1 of 2 references are empty"):
        metrics.text_scores(["a", "b"], ["a", " "], label="test")


def test_signatures_are_those_of_sacrebleu_itself() -> None:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    bleu, item, chrf = BLEU(), BLEU(effective_order=True), CHRF()
    for scorer in (bleu, item, chrf):
        scorer.corpus_score([REFERENCE], [[REFERENCE]])
    ours = metrics.signatures([REFERENCE])
    assert ours["corpus_bleu"] == str(bleu.get_signature())
    assert ours["sentence_bleu"] == str(item.get_signature())
    assert ours["chrf"] == str(chrf.get_signature())
    assert "stem:no" in ours["rouge"]


def test_references_that_rouge_cannot_see_are_pointed_out() -> None:
    assert metrics.notes_on(["Fieber und Husten", "発熱"]) == []
    assert "1 of 2 references" in metrics.notes_on(["🤒", "fever"])[0]
    assert metrics.blind_measures(["🤒", "fever"]) == set()
    assert "does not rest on it" in metrics.notes_on(["🤒", "?!"])[0]
    assert "rougeLsum" in metrics.blind_measures(["🤒", "?!"])


@pytest.mark.parametrize(
    ("reference", "near", "far"),
    [
        ("الراحة وشرب السوائل مفيدان", "الراحة وشرب الماء مفيدان", "موقف السيارات بعيد"),
        ("患者需要休息。多喝水。", "患者需要多喝水。", "停车场很远"),
        ("हल्का बुखार और खाँसी", "तेज़ बुखार और खाँसी", "गाड़ी दूर है"),
        ("ผู้ป่วยควรพักผ่อน", "ผู้ป่วยควรนอน", "ร้านขายรถ"),
        ("Отдых и вода", "отдых и чай", "парковка далеко"),
        ("Sjögren-Syndrom", "Das Sjögren-Syndrom", "Parkplatz"),
    ],
)
def test_rouge_reads_any_script(reference: str, near: str, far: str) -> None:
    same, close, other = (score(text, reference) for text in (reference, near, far))
    for measure in ("rouge1", "rougeLsum"):
        assert same[measure] == pytest.approx(100)
        assert 100 > close[measure] > other[measure] + 20
    assert "any script" in metrics.signatures([reference])["rouge"]


def test_an_accent_counts_the_same_however_it_is_encoded() -> None:
    assert score("Me\u0301nie\u0300re", "Ménière")["rouge1"] == pytest.approx(100)


def test_rouge_of_plain_english_is_that_of_the_library() -> None:
    from rouge_score.rouge_scorer import RougeScorer

    from osler.evaluate.words import AnyScript

    pairs = [
        ("Take 2.5 mg/day - don't stop!", "Take 2 mg a day; don't stop_it (ever)."),
        ("A “quoted” answer… costs 5 €", "a quoted answer costs 5"),
    ]
    library = RougeScorer(["rouge1", "rouge2"], use_stemmer=False)
    for answer, reference in pairs:
        wanted = library.score(reference, answer)
        for measure in ("rouge1", "rouge2"):
            expected = pytest.approx(100 * wanted[measure].fmeasure)
            assert score(answer, reference)[measure] == expected
        assert AnyScript().tokenize(reference) == library._tokenizer.tokenize(reference)
    assert "words:a-z0-9" in metrics.signatures([reference for _, reference in pairs])["rouge"]


def test_bertscore_ranks_meaning_above_wording_and_cuts_nothing_in_silence() -> None:
    from osler.encoder import MOST_PIECES
    from osler.evaluate.bertscore import bert_scores

    reference = "The drug lowers blood pressure."
    answers = [reference, "This medicine reduces hypertension.", "Parking is behind the station."]
    found = bert_scores({"a": [*answers, "", "pain " * 600]}, [reference] * 5)
    same, near, far, empty, long = found.scores["a"]
    assert same == pytest.approx(100, abs=1e-3)
    assert same > near > far > 0
    assert empty == 0
    assert found.texts_cut == 1
    assert long > 0
    assert MOST_PIECES == 512


def test_bertscore_of_an_item_does_not_hang_on_its_batch() -> None:
    from osler.encoder import Encoder
    from osler.evaluate.bertscore import CURE, matching_f1

    encoder = Encoder("BERTScore", CURE)
    texts = ["Rest and fluids.", "Fluids and much rest are advised, day and night."]
    answer, reference = encoder.encode(texts)
    alone = matching_f1(encoder.encode(texts[:1])[0], encoder.encode(texts[1:])[0])
    assert matching_f1(answer, reference) == pytest.approx(alone, abs=1e-3)
    assert [len(answer), len(reference)] == [4, 11]  # word pieces, without the two marks
