"""The shape of a summary: its sections in order, each once; no code, foreign text or repeats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from osler.summaries.audit import vocabulary
from osler.summaries.audit.result import CLASSES, Finding, Sentence
from osler.summaries.audit.sentences import as_said
from osler.summaries.audit.words import word_set
from osler.summaries.template import Template
from osler.summaries.text import Written

CODE = re.compile(
    r"```|[{}]|\\n|&(?:nbsp|amp|lt|gt|quot);|</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|<!--|\|\s*-{3,}"
    r"|#!/|#include\b|\bif __name__|=>|\(\)|\w+\[['\"0-9]|(?<![\w ])\$\w+|\b\w+ = [\w\"'\[(]"
    r"|\b(?:def|function|class) \w+\s*[(:]|\b(?:const|let|var) \w+ =|\breturn \w+;?$"
    r"|\bimport [\w.]+(?: as \w+)?\s*;?$|\bfrom [\w.]+ import\b|\b(?:print|console\.log|echo)\s*\("
    r"|\b(?:SELECT|INSERT|UPDATE|DELETE)\b.*\b(?:FROM|INTO|SET|WHERE)\b"
    r"|\b\w*(?:Error|Exception): |\bTraceback\b|\bNoneType\b|\bundefined\b|\bNaN\b|\bself\.\w+"
    r"|^\s*for \w+ in .+:\s*$|^\s*while .+:\s*$|^\s*(?:sudo|pip|npm|curl|git|rm) \S+|^\s*\$ \w+"
    r"|(?:^|\s)(?://|/\*|\*/)|;\s*$(?<=\);)|\+=|-=|==|!=|\bif \w+ [<>]|(?:^|\s)\$ \w+"
    r"|[`\\|]|(?:^|[^\d\s])[\^~](?!\d)|\w_\w|\w@\w|&&|\b(?:null|nil\b(?=[,;)])|NULL|nullptr|"
    r"stdout|stderr)\b"
    r"|\b[a-z]{2,}[A-Z][a-z]{2,}|^\s*#+\s*\S|::|->|\b0x[0-9a-f]+\b|\b[a-z]+\(\w|https?:"
    r"|(?:^|\s)#+\s+[A-Za-z]|\b[a-z_]\w*\.\w+\(|[\"']\w+[\"']\s*:|^\s*[-*=_~]{3,}\s*$|(?:^|"
    r"\s)@[a-z]\w+|%[sdr]\b(?<!\d%\w)"
    r"|^\W*(?:sudo|apt(?:-get)?|yum|brew|docker|conda|chmod|cd|ls|make|python3?|node|bash|ssh|wget)"
    r" [-./\w]+(?: [-./\w]+)?\s*$|\bsudo \w+|\blambda \w+:|\b[a-z]\w*=[a-z\"']|\w\+\+|"
    r"%\(\w+\)[sdrif]|<![A-Za-z]|\b(?:ALTER|CREATE|DROP|TRUNCATE) (?:TABLE|DATABASE|INDEX|VIEW)\b|"
    r"\bgit (?:commit|push|pull|clone|add|checkout)\b|\bnpm (?:run|install)\b|"
    r"\bException in\b|\b[Ss]egmentation fault|\bcore dumped\b|"
    r"\b(?:True|False)\b[,;)\]]|\btry:|\belse:|\belif\b|"
    r"(?:^|[.;:]\s+)import \w+(?:, *\w+)+\W*$|"
    r"^\s*(?:yield(?: from)?|raise|return|await|assert|throw|global|nonlocal|"
    r"goto) [\w.]+(?:\(.*\))?;?\s*$|"
    r"^\W*(?:pass|break|continue|endif|fi|done|esac|end)\s*;?$|\basync def\b|\bwith open\b|"
    r"^\s*\[[^\[\]]*,[^\[\]]*\]\s*$|\b__\w+__\b|\b(?:JSON|XML|YAML|HTML|CSV|SQL|LaTeX|Markdown|"
    r"Python|JavaScript|Jinja|base64|UTF-8|ASCII|API|URL)\b"
)
MARKS = re.compile(
    r"<\|[^|>]*\|>|\[/?INST\]|<</?SYS>>|</?s>|(?im:(?:^|[.:!?]\s)\s*#*\s*(?:assistant|user|"
    r"system|human|ai|bot|chatbot|model|response|instruction)\s*:)|"
    r"\[(?:[A-Z]{3,}[A-Z _/'-]*|(?!patient\])(?i:insert|your|patient(?:'s)?|name|date|doctor|"
    r"physician)\b[^\]]*)\]|"
    r"\[[A-Z]{2,}(?:[ _/'-]+[A-Z]{2,})+\]|^\W*(?:Q|A|Question|Answer|Prompt|Output|Input|"
    r"Response)\s*:|"
    r"\b(?:TODO|FIXME|TBD|TBC|HACK|WIP|PLACEHOLDER)\b|\bXXX+\b|_{4,}|\blorem ipsum\b"
)
"""Marks of a chat template, and places that were left to be filled in; but `[patient]`, which
stands for the name wherever the record's own is taken out."""
CHATTER = re.compile(
    r"(?i)\bas an? (?:ai|artificial|large language)\b|\blanguage model\b|\bI(?:'m| am) (?:unable|"
    r"sorry|not able|an? )|"
    r"(?<![Tt]ype )(?<![Ss]tage )\bI(?:['’](?:m|ve|ll|d)| will| would| must| apologi[sz]e|"
    r" recommend| suggest| believe| understand| followed| wrote| have (?:followed|used|prepared|"
    r"compiled|added|"
    r"tried|made|kept|omitted|provided|based|organi[sz]ed|formatted|reviewed))\b|"
    r"\bknowledge cut-?off\b|\b(?:my|its) (?:training|knowledge|instructions?|context window|"
    r"capabilities|limitations)\b|\btraining data\b|\bthis concludes\b|\b(?:concludes|"
    r"completes) (?:the|"
    r"this|my) (?:\w+[ -]){0,3}(?:summary|report|note|document|overview)\b|"
    r"\bthe (?:\w+ )?(?:record|data|information|input|text|context|notes?|"
    r"file)s? (?:that )?(?:you )?"
    r"(?:provided|supplied|given|shared|pasted|attached)\b|\b(?:is|are) (?:described|summari[sz]ed|"
    r"presented|listed) (?:below|above)\b|"
    r"\bI (?:cannot|can't|hope|don't have|do not have|have (?:written|summari[sz]ed|included))\b|"
    r"\blet me know\b|\bfeel free\b|\bhope this helps\b|\bthis helps\b|^\W*(?:sure|certainly|"
    r"of course|absolutely|okay)[,!.]|"
    r"\bI (?:trust|was (?:trained|built|made|asked|told|designed|given))\b|\bwhat you (?:wanted|"
    r"asked|needed|requested)|\bchat ?bot\b|\b(?:do not|don't|not to be|must not be|never) (?:use|"
    r"rely|relied|used) (?:\w+ )?(?:for|on|in) (?:any )?(?:clinical|medical|treatment|diagnos)|"
    r"^\W*(?:below|above|the following|attached) (?:is|are) (?:a|an|the|your)\b|"
    r"\bhere(?:'s| is| are) (?:a|an|the|your)\b|\bas requested\b|\bdisclaimer\b|"
    r"\bnot (?:a substitute for )?(?:professional )?medical advice\b|"
    r"\b(?:consult|ask|contact|speak (?:to|with)) (?:a|an|your|their|"
    r"with a) (?:\w+ )?(?:physician|doctor|provider|clinician|healthcare)|"
    r"^\W*(?:note: ?)?this (?:summary|document|text|section|response|note) (?:is|was|has been|"
    r"should|does|may)\b|"
    r"\b(?:end|conclusion) of (?:the )?(?:summary|document|report|note)\b|"
    r"\bbased on the (?:provided|given|above|information)\b|"
    r"\b(?:ignore|disregard) (?:all |any |the )?(?:previous|above|prior|earlier) \w+|"
    r"\bgenerated (?:automatically|by)\b|"
    r"\b(?:word count|instructions?|prompt|the user)\s*:|\bIn (?:summary|conclusion),|"
    r"\bplease (?:note|review|see|verify|consult|provide)\b|"
    r"\bwould you like\b|\bdo you (?:want|need) (?:me|any|more)\b|\bshall I\b|\banything else\b|"
    r"\bthank(?:s| you)\b|\byou asked\b|\byour (?:request|question|prompt)\b|"
    r"\b(?:glad|happy) to (?:help|assist)\b|^\W*the end\b\W*$|^\W*end of \w+\W*$"
)
"""What a model says to whoever asked, and not of a patient."""
SAID_TO_ONE = word_set(
    "ai artificial language i cut cutoff knowledge my its training concludes completes provided "
    "supplied given shared pasted attached below above let feel helps sure certainly course "
    "absolutely okay you chatbot bot use rely relied used following here requested disclaimer "
    "advice consult ask contact speak this end conclusion based ignore disregard generated count "
    "instruction instructions prompt user summary please shall anything thank thanks your glad "
    "happy"
)
"""Words without one of which nothing is said to whoever asked."""
FOREIGN = word_set(
    "el los las una unas unos paciente pacientes con sin para por está fue tiene años y que del se "
    "su este esta presenta dolor und der das nicht mit ist ein eine einer wurde bei zum keine hat "
    "patientin le les des une avec sans est dans pour et du sur aux ans depuis cette il elle os "
    "uma não com sem foi dos das pelo anos il lo gli della con per non è stato anni het een van "
    "niet jaar voor geen tipo enfermedad hipertensión presión medicamentos medicamento alergia "
    "alergias toma ningún ninguna sido desde años anos mujer hombre riñón sangre diaria "
    "actualmente historia médica diagnóstico tratamiento femme homme maladie antécédents "
    "traitement atteinte souffre prend allergie seit jahren leidet nimmt keinen bekannt erkrankung "
    "uomo malattia terapia affetta prende mulher homem doença hipertensão diabète"
)
"""Common words of Spanish, German, French and Portuguese that are no English ones."""
MOJIBAKE = re.compile(r"[ÃÂâã][\u0080-\u00bf€™œ“”]|\ufffd")
"""UTF-8 that was read as something else."""
STRANGE = 0.7
"""Share of long words that neither English nor the lexicon has, in a sentence that is foreign."""
SOME = 3
"""Foreign words in a sentence that make it foreign."""
FEW, MOST = 2, 0.3
"""So do as few as these, if they are this share of its words, and none is a name."""
RUN = 8
"""Words that, said twice in a row of sentences, are a repeat."""


def findings(sections: Sequence[Written], template: Template) -> Iterator[Finding]:
    """Whether the sections are those of the template, in its order, each once."""
    titles = [s.title.lower() for s in template.sections]
    said = [as_said(section.title) for section in sections]
    for section, title in zip(sections, said, strict=True):
        if title not in titles:
            name = section.title or "text before the first heading"
            yield _finding("section", name, "no section of the template")
    for wanted, title in zip(template.sections, titles, strict=True):
        count = said.count(title)
        if count == 0 and wanted.required:
            yield _finding("section", wanted.title, "missing")
        if count > 1:
            yield _finding("section", wanted.title, f"{count} times")
        if count and not any(
            s.text.strip() for s, t in zip(sections, said, strict=True) if t == title
        ):
            yield _finding("section", wanted.title, "empty")
    present = [titles.index(title) for title in dict.fromkeys(said) if title in titles]
    for before, after in pairwise(present):
        if after < before:
            yield _finding("section", template.sections[after].title, "out of order")


def _finding(kind: str, section: str, why: str, sentence: Sentence | None = None) -> Finding:
    number, text = (sentence.number, sentence.text) if sentence else (0, "")
    return Finding(kind, CLASSES[kind], section, why, number, text)


def of_sentences(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Code, foreign text and repeats."""
    runs: dict[tuple[str, str], int] = {}
    for one in sentences:
        if CODE.search(one.text) or MARKS.search(one.text):
            yield _finding("code", one.section, "code, or marks of a model's template", one)
        elif _is_chatter(one.text):
            yield _finding("section", one.section, "said to whoever asked, not of the patient", one)
        if _foreign(one.text):
            yield _finding("foreign text", one.section, "not English", one)
        if _repeats_itself(one.text):
            yield _finding("repeat", one.section, "says the same words again", one)
        key = (one.section, as_said(one.text))
        if len(key[1].split()) > 2 and not one.text.rstrip().endswith(":"):
            if key in runs:
                yield _finding("repeat", one.section, f"as sentence {runs[key]}", one)
            runs.setdefault(key, one.number)


def _is_chatter(text: str) -> bool:
    words = re.findall(r"[a-z]+", text.lower())
    return not SAID_TO_ONE.isdisjoint(words) and CHATTER.search(text) is not None


def _foreign(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return False
    strange = sum(
        not unicodedata.name(c, "").startswith(("LATIN", "GREEK", "MICRO")) for c in letters
    )
    if strange > 2:
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    foreign = [word for word in words if word in FOREIGN]
    foreign += [word for word in re.findall(r"\b[^\W\d_A-Z]+\b", text) if _is_marked(word)]
    if len(foreign) >= SOME or MOJIBAKE.search(text):
        return True
    small = [
        word for place, word in enumerate(re.findall(r"[^\W\d_]+", text))
        if (word in FOREIGN and len(word) > 2)
        or (place == 0 and len(word) > 2 and word.lower() in FOREIGN)
        or _is_marked(word)
    ]  # fmt: skip
    if len(small) >= FEW and len(small) >= MOST * len(words):
        return True
    plain = re.findall(r"[^\W\d_]+", text)  # without names of people and places
    long = [word for word in plain if len(word) > 3 and word[0].islower()]
    strange = sum(not vocabulary.is_known(word) for word in long)
    return len(long) > 2 and strange > STRANGE * len(long)


def _is_marked(word: str) -> bool:
    """Whether a word has an accent that no word of English or of the lexicon has: no name."""
    accented = unicodedata.normalize("NFD", word) != word
    return accented and word.islower() and not vocabulary.is_written_so(word)


def _repeats_itself(text: str) -> bool:
    """The same run of words three times in a sentence; twice where a bracket is left open."""
    if _has_run(text.lower().split(), 3):
        return True
    return text.count("(") > text.count(")") and _has_run(re.findall(r"\w+", text.lower()), 2)


def _has_run(words: Sequence[str], times: int) -> bool:
    """Whether a run of two or more words stands so many times in a row."""
    for length in range(2, RUN + 1):
        for start in range(len(words) - times * length + 1):
            run = words[start : start + length]
            if all(words[start + n * length : start + (n + 1) * length] == run
                   for n in range(1, times)):  # fmt: skip
                return True
    return False
