"""The shape of a summary: its sections in order, each once; no code, foreign text or repeats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from osler.summaries.audit.result import CLASSES, Finding, Sentence
from osler.summaries.audit.words import word_set
from osler.summaries.template import Template
from osler.summaries.text import Written

CODE = re.compile(
    r"```|^\s*(?:def|class|import|from|return|function|const|let|var|public|private|SELECT|"
    r"INSERT)\s+[\w{(*]+.*[:;({)=]"
    r"|^\s*(?:from\s+[\w.]+\s+import\s|import\s+[\w.]+(?:\s+as\s+\w+)?\s*$|print\s*\(|"
    r"console\.log|#include|#!/|if __name__)"
    r"|</?(?:html|body|div|span|script|style|table|tr|td|p|br|a|img|h[1-6]|ul|li)\b[^>]*>"
    r"|^\s*\{\s*\"\w+\"\s*:|\bself\.\w+|\w+\(\)\s*;|=>\s*\{|\b\w+ = \w+\(|^\s*for \w+ in .+:\s*$|"
    r"^\s*while .+:\s*$|^\s*[\]}]\s*;?\s*$"
)
MARKS = re.compile(
    r"<\|[^|>]*\|>|\[/?INST\]|<</?SYS>>|(?m:^\s*(?:assistant|user|system|human)\s*:)|"
    r"(?i:\bas an ai\b|\blanguage model\b|\bi (?:cannot|can't|am unable to) (?:help|assist|"
    r"provide)\b|"
    r"\bignore (?:all |the )?(?:previous|above) instructions\b)"
)
"""Marks of a chat template, and words of a model about itself."""
FOREIGN = word_set(
    "el los las una paciente con sin para por está fue tiene años und der die das nicht mit "
    "ist patient_in le les des une avec sans est dans pour o os uma não com"
)
"""Common words of Spanish, German, French and Portuguese that are no English ones."""
SOME = 4
"""Foreign words in a sentence that make it foreign."""
RUN = 8
"""Words that, said twice in a row of sentences, are a repeat."""


def findings(sections: Sequence[Written], template: Template) -> Iterator[Finding]:
    """Whether the sections are those of the template, in its order, each once."""
    titles = [s.title.lower() for s in template.sections]
    said = [" ".join(section.title.lower().split()) for section in sections]
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
            yield _finding("code", one.section, "code or marks of a model's template", one)
        if _foreign(one.text):
            yield _finding("foreign text", one.section, "not English", one)
        if _repeats_itself(one.text):
            yield _finding("repeat", one.section, "says the same words again", one)
        key = (one.section, " ".join(one.text.lower().split()))
        if len(key[1].split()) > 2 and not one.text.rstrip().endswith(":"):
            if key in runs:
                yield _finding("repeat", one.section, f"as sentence {runs[key]}", one)
            runs.setdefault(key, one.number)


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
    return sum(word in FOREIGN for word in words) >= SOME


def _repeats_itself(text: str) -> bool:
    """The same run of words three times in a sentence."""
    words = text.lower().split()
    for length in range(2, RUN + 1):
        for start in range(len(words) - 3 * length + 1):
            run = words[start : start + length]
            again = words[start + length : start + 2 * length]
            if run == again == words[start + 2 * length : start + 3 * length]:
                return True
    return False
