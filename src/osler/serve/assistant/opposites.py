"""Words of which one denies what the other says, by stem."""

from __future__ import annotations

from nltk.stem.porter import PorterStemmer

PAIRS = """
increase decrease, increase reduce, increase lower, raise lower, raise reduce, high low, higher
lower, rise fall, more less, most least, many few, often rarely, often seldom, common rare,
common uncommon, usual unusual, always never, sometimes never, safe unsafe, safe dangerous, safe
harmful, help harm, helpful harmful, benefit harm, improve worsen, better worse, best worst,
mild severe, minor serious, benign malignant, acute chronic, early late, before after, start
stop, begin end, begin stop, left right, upper lower, inner outer, front back, above below, over
under, inside outside, first last, young old, younger older, child adult, men women, male
female, man woman, likely unlikely, possible impossible, normal abnormal, regular irregular,
active inactive, positive negative, present absent, contagious noncontagious, curable incurable,
treatable untreatable, hot cold, warm cool, wet dry, hard soft, fast slow, strong weak, stronger
weaker, large small, big small, long short, longer shorter, gain lose, open close, wide narrow,
widen narrow, thick thin, bacteria virus, bacterial viral, allow forbid, permit forbid,
recommend discourage, avoid seek, everyone nobody, all none, day night, inhale exhale, temporary
permanent, reversible irreversible, hyperglycemia hypoglycemia, hypertension hypotension,
hyperthyroidism hypothyroidism, hyperkalemia hypokalemia, hypernatremia hyponatremia,
tachycardia bradycardia
""".replace("\n", " ")


def _table() -> dict[str, tuple[str, ...]]:
    stem = PorterStemmer().stem
    table: dict[str, set[str]] = {}
    for pair in filter(str.strip, PAIRS.split(",")):
        one, other = (stem(word) for word in pair.split())
        table.setdefault(one, set()).add(other)
        table.setdefault(other, set()).add(one)
    return {word: tuple(sorted(others)) for word, others in table.items()}


OPPOSITES = _table()
"""Stem -> stems of what denies it."""
