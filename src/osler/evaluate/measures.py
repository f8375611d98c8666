"""The table of measures: what each one is, which way is better, and which ones decide.

The verdict rests on few measures, because Holm's correction makes every further one cost power,
and because most of the others restate these:

* `bits_per_byte`: how well the model foresees the reference. No generation comes into it, so it
  is the most sensitive, and it does not depend on the tokenizer.
* `rougeLsum`: the wording of the answer, as papers on clinical text report it.
* `bertscore`: the meaning of the answer, where the wording differs.
* `stop_rate`: whether answers end. A model that has not learnt this is of no use, and no measure
  of overlap shows it.

ROUGE-1, ROUGE-2, BLEU and chrF move with rougeLsum; repeats, length and empty answers explain a
result. They are reported with intervals, and no winner is declared on them.

A task (`osler.tasks`) may add measures of its own, deciding ones among them.
"""

from __future__ import annotations

from osler.tasks.base import Measure

MEASURES: dict[str, Measure] = {
    "bits_per_byte": Measure(
        "bits per byte",
        "bits",
        "lower",
        "Cost of the reference under the model, in bits for each UTF-8 byte of it; the end-of-turn "
        "token's cost is included. Averaged over bytes.",
        decides=True,
        weighted=True,
    ),
    "rougeLsum": Measure(
        "ROUGE-Lsum",
        "points",
        "higher",
        "Longest common subsequences with the reference, sentence by sentence; F1, unstemmed.",
        decides=True,
    ),
    "bertscore": Measure(
        "BERTScore",
        "points",
        "higher",
        "Greedy matching of word pieces in an encoder's space (Zhang et al. 2020); F1.",
        decides=True,
    ),
    "stop_rate": Measure(
        "answers that end",
        "%",
        "higher",
        "Share of answers that ended by themselves before the longest length allowed.",
        decides=True,
        rate=True,
    ),
    "rouge1": Measure(
        "ROUGE-1", "points", "higher", "Words shared with the reference; F1, unstemmed."
    ),
    "rouge2": Measure(
        "ROUGE-2", "points", "higher", "Pairs of words shared with the reference; F1, unstemmed."
    ),
    "sentence_bleu": Measure(
        "BLEU, by item", "points", "higher", "sacreBLEU of each answer alone, then averaged."
    ),
    "chrf": Measure("chrF", "points", "higher", "Runs of one to six characters shared; F2."),
    "repeats": Measure(
        "repeats", "%", "lower", "Share of an answer's runs of four words that came before in it."
    ),
    "length_ratio": Measure(
        "length ratio", "ratio", "neither", "Words of the answer for each word of the reference."
    ),
    "empty_rate": Measure(
        "empty answers",
        "%",
        "lower",
        "Share of answers without a visible character. They score 0 and are never left out.",
        rate=True,
    ),
}


def margin_of(measure: str, points: float) -> float:
    """The least difference that matters, from `evaluate.margin` (points of 100).

    Bits per byte are about 1, so one point of 100 is 0.01 bits there.
    """
    return points / 100 if measure == "bits_per_byte" else points
