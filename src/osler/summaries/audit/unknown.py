"""Words that neither the record nor the lexicon has, and that look like a name or are strange."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit import allergens, vocabulary
from osler.summaries.audit.evidence import Ledger
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import word_set

DRUG = re.compile(
    r"(?:cillin|mycin|micin|cycline|floxacin|statin|pril|sartan|olol|azole|prazole|tidine|gliptin|"
    r"gliflozin|glitazone|formin|[xz]umab|[lt]umab|tinib|[bv]ir|zepam|zolam|triptan|setron|"
    r"dipine|zosin|"
    r"thiazide|profen|caine|parin|xaban|grel|phylline|terol|sone|solone|glutide|glinide|ipramine|"
    r"oxetine|azepam|barbital|conazole|sulfa\w*|cept|dronate|curium|fibrate)$"
)
"""Endings of drugs' names, most of them stems of the WHO's INN programme."""
DISEASE = re.compile(
    r"(?:itis|osis|emia|uria|pathy|algia|plegia|paresis|ectasis|sclerosis|stenosis|megaly|penia|"
    r"trophy|lithiasis|carcinoma|sarcoma|blastoma|melanoma|lymphoma|leukemia|aneurysm|thrombosi?s|"
    r"rrhagia|rrhea|cytosis|spasm|edema)$"
)
PLAIN = word_set(
    "diagnosis prognosis hypnosis osmosis mitosis meiosis apoptosis symbiosis metamorphosis "
    "empathy sympathy apathy telepathy academia trophy atrophy media osteopathy naturopathy "
    "homeopathy allopathy benign design sign person reason lesson season unison comparison "
    "liaison caisson venison garrison jettison prison poison mason concept accept except "
    "intercept april nevir control protocol alcohol cholesterol parasol console patrol "
    "actuation inhaler injector autoinjector nebulizer lozenge suppository applicator prefilled "
    "psychosis neurosis symptosis dose pose those close whose purpose nose lose"
)
"""Words of every day, and of medicine, that end so."""


TREATED = re.compile(
    r"(?i)\b(?:tak(?:e[sn]?|ing)|treat\w*|prescri\w+|tolerat\w+|receiv\w+|start\w*|stop\w*|"
    r"continu\w+|refill\w*|adheren\w+|is on|was on|given|us(?:e[sd]?|ing)|switch\w*|doses?|"
    r"medic\w+|drugs?|therapy|regimen|prescription|allerg\w+|react\w*|mg|mcg|ml|tablets?|"
    r"capsules?|daily)\b"
)
"""A sentence in which a strange word is taken for a drug's name."""
MADE = re.compile(r"(?:ly|ing|ed|ness|ment|[ts]ion|logy|logist|graphy|scopy|metry|wise|like|less)$")
"""Endings of words that are made as needed, and name no drug."""
BUILT = re.compile(
    r"(?:al|ic|ous|ary|ory|ar|ive|oid|[ai]ble|ity|gram|graph|ward|ism|ist|ful|ship|trician|omy|"
    r"plasty)$"
)
"""Endings that such words have, too, and drugs' names as well."""
PREFIXES = re.compile(
    r"^(?:non|post|pre|intra|extra|inter|sub|supra|infra|hyper|hypo|anti|micro|macro|multi|poly|"
    r"semi|para|peri|trans|over|under|out|re|un|co|self|mid|neuro|cardio)(?=[a-z]{4})"
)
SHORTEST = 5
"""Letters of a word that is looked at."""


GRAVE = word_set(
    "metastatic metastasis metastase terminal malignant inoperable decompensated gangrenous "
    "ruptured septic comatose unresponsive intubated paralyzed suicidal palliative hospice"
)
"""Words that make another disease of one; nothing bears them out but the record's own."""


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Every word that is in no name that was found, and that is strange or looks like a name."""
    yield from allergens.claims(clause, ledger)
    for place, word in enumerate(clause.words):
        text = word.norm
        if place in clause.taken or word.number is not None or len(text) < SHORTEST:
            continue
        if text in PLAIN or text in ledger.words or place in clause.reached:
            continue
        if clause.text[word.end :].startswith(("'t", "\u2019t")):
            continue  # `doesn't`
        said = clause.text[word.start : word.end]
        kind = "condition" if text in GRAVE else _kind(clause, said, text)
        if kind and not (kind == "condition" and word.start >= clause.supposed):
            at = (clause.offset + word.start, clause.offset + word.end)
            yield Claim(kind, *at, (), "neither in the record nor a word that is known")


def _kind(clause: Clause, said: str, norm: str) -> str:
    """What a word seems to be; empty for one that is nothing strange."""
    if DRUG.search(norm):
        return "drug"
    if DISEASE.search(norm):
        return "condition"
    if not said.isalpha() or said.isupper() or MADE.search(norm):
        return ""
    if vocabulary.is_known(said.lower()):
        return ""
    if clause.context.kind in ("medicine", "allergy") or TREATED.search(clause.text):
        return "drug"
    plain = PREFIXES.sub("", norm)
    is_built = BUILT.search(norm) or (plain != norm and vocabulary.is_known(plain))
    return "" if is_built else "unknown word"
