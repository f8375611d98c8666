"""Words that look like a drug or a disease, and that neither the record nor the lexicon has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit import vocabulary
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


TAKING = word_set(
    "take taking takes taken on with prescribed started starting continue continues continued "
    "tolerate tolerates tolerated receive receives received given using uses used begun began "
    "switched to dose of"
)
"""Words after which a strange word is taken for a drug's name."""


def _as_a_drug(clause: Clause, place: int) -> bool:
    """Whether a word that nothing knows stands where a drug would."""
    said = clause.text[clause.words[place].start : clause.words[place].end]
    if not said.isalpha() or said.isupper() or vocabulary.is_known(said.lower()):
        return False
    before = clause.words[place - 1].norm if place else ""
    return clause.context.kind == "medicine" or (
        before in TAKING and TREATED.search(clause.text) is not None
    )


TREATED = re.compile(
    r"(?i)\b(?:tak(?:e[sn]?|ing)|treated with|prescri\w+|tolerat\w+|receiv\w+|start\w*|continu\w+|"
    r"is on|was on|given|uses?|using|switched|dose)\b"
)


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Every word that is in no name that was found, and looks like one."""
    for place, word in enumerate(clause.words):
        text = word.norm
        if place in clause.taken or word.number is not None or len(text) < 6 or text in PLAIN:
            continue
        kind = "drug" if DRUG.search(text) else "condition" if DISEASE.search(text) else ""
        kind = kind or ("drug" if _as_a_drug(clause, place) else "")
        if not kind or any(text in item.words for item in ledger.items):
            continue
        if place in clause.reached or (word.start >= clause.supposed and kind == "condition"):
            continue
        yield Claim(
            kind, clause.offset + word.start, clause.offset + word.end, (),
            "looks like one, and is not in the record",
        )  # fmt: skip
