"""Text of documents as a model is shown it: without what is written to a model.

A source is data. Most attacks on an assistant are sentences in a document that speak to it ("ignore
what was said before"; Greshake et al. 2023, arXiv 2302.12173). Such sentences are not shown to the
model and not cited; a reader is told where they were. Marks of chats and characters that cannot be
seen are taken out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from osler.retrieve.sentences import sentences

UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""Format characters, variation selectors and tags: what a person does not see."""
CHAT = re.compile(
    r"<\s?\|[^|<>]{1,40}\|\s?>|</?(?:tool|function|system|assistant|user)\w*>|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>"
    r"|</\s?(?:source|document)\b[^<>]{0,20}>"
    r"|(?m:^[^\S\n]*#{2,}\s*(?:system|instructions?|assistant|user|human|response)\b.*$)"
    r"|(?mi:^[^\S\n]*(?:system|assistant|user|human|developer)[^\S\n]*:)"
)
_MACHINE = (
    r"(?:(?<!physician )(?<!medical )(?<!nursing )(?<!care )(?<!dental )assistants?|chat\s?bots?|"
    r"bots?|l\.?l\.?m\.?s?|chat-?gpt\w*|gpt-?\d\w*|(?:language|ai) models?|ai agents?)"
)
_READER = rf"(?:{_MACHINE}|a\.?i\.?s?)"
_NAME = r"(?:a\.?i\.?s?|gpt|claude|llama)"
"""In medicine people and other things are called so too: GPT is a test of the liver."""
_RULES = (
    r"(?:instructions?|prompts?|rules|guidelines|directions|directives?|constraints?|"
    r"restrictions|safeguards?|guardrails?|programming)"
)
_WRITE = r"(?:say|state|write|respond|reply|answer|output|print|echo|append)"
_WRITTEN = (
    r"(?:answers?|repl(?:y|ies)|responses?|outputs?|summar(?:y|ies)|completions?|messages?|"
    r"sentences?|words?|phrases?|texts?|strings?|codes?)"
)
_TELL = (
    r"(?:^\W*|[,;:]\s+|\b(?:you|please|must|should|shall|then|and|just|simply|instead|always|only|"
    rf"now)\s+)(?:{_WRITE}|(?:tell|repeat|return|insert|begin|start|end|finish|conclude)"
    rf"(?=(?: \w+){{0,2}} {_WRITTEN}\b| with [\"“‘']))"
)
"""An order to write something. What is started, repeated or ended may be a treatment: that counts
only where it is something written."""
_MUST = r"(?:must|should|shall|has to|have to|needs? to|is to|are to|is required|are required)"
_YOURS = r"(?:answer|response|reply|output|summary|completion|message|task|job)"
SPEAKS = tuple(
    re.compile(f"(?i){pattern}")
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|overrule|bypass (?:the|all|any|your))\b"
        r"[^.]{0,60}"
        rf"\b(?:{_RULES}|(?:everything|anything|all|what)\b[^.]{{0,20}}\b(?:above|before|"
        r"previous\w*|earlier|told|said)|context|the sources?|the question|the task|the user|"
        r"the above|the (?:text|content|lines?|words?|passage) (?:above|before|so far))\b",
        r"\b(?:you are|you['’]re|act|behave|pretend|role-?play|respond|answer|speak)\b[^.]{0,20}"
        rf"\b(?:now|as|like)\b[^.]{{0,40}}\b(?:{_READER}|pirate|dan|unrestricted|jailbroken|"
        r"character|persona|poet|hacker)\b",
        rf"\b(?:system|developer|hidden|secret)\s+(?:prompts?|messages?|{_RULES})\b"
        r"|\binitial\s+(?:prompts?|messages?)\b",
        r"\b(?:jail\s?break|developer mode|god mode|do anything now|prompt injection|sudo)\b",
        r"\b(?:dear|attention|attn|note to|notes? for|instructions? (?:to|for)|message (?:to|for)|"
        rf"hey|hello|hi)\b[^.]{{0,24}}\b{_READER}\b",
        rf"\b{_MACHINE}\b[^.]{{0,12}}\b(?:{_MUST}|please)\b",
        rf"\b{_NAME}\b[^.]{{0,12}}\b{_MUST}\b[^.]{{0,30}}\b(?:{_WRITE}|{_WRITTEN}|mention|"
        r"include|summari[sz]e|ignore|disregard|obey)\b",
        rf"\b{_READER}\b[^.]{{0,12}}\b(?:reading|processing) this\b",
        rf"\b(?:if|when|while|as|before|after) (?:you\b[^.]{{0,40}}|{_READER}\b[^.]{{0,40}})?"
        rf"\b(?:summari[sz]\w+|answer\w*|read(?:s|ing)?|process\w*|respond\w*|asked|"
        rf"repl(?:y|ies|ying|ied))\b[^.]{{0,300}}{_TELL}\b",
        r"\b(?:from now on|henceforth|from this point)\b[^.]{0,300}"
        r"\b(?:you are|act as|answer|respond|reply|speak (?:as|in|like)|write(?! down))\b",
        rf"\byour (?:next |final |only |entire |whole )?{_YOURS}\b[^.]{{0,12}}"
        r"\b(?:must|should|shall|will|is to|has to|is now|now is)\b",
        rf"\bin your {_YOURS}\b",
        rf"\b(?:begin|start|end|finish|keep|make|format) your {_WRITTEN}\b",
        rf"\b{_MACHINE} (?:then |now |always )?(?:{_WRITE}s|replies)\b",
        r"\b(?:your|the|each|every|any) summar(?:y|ies) (?:must|should|shall|has to) (?:say|state|"
        r"recommend|mention|tell|claim|read)\b",
        r"\bauthori[sz]e you to (?:say|state|tell|write|answer|reveal|ignore)\b",
        rf"{_TELL}\b[^.]{{0,30}}\b(?:only|exactly|nothing but|verbatim|the (?:words?|phrase|"
        r"sentence|text|string|code))\b",
        rf"{_TELL}\b[^.\"“']{{0,20}}[\"“‘'][^\"”]{{1,80}}[\"”’']",
        r"(?:^|[^\w\s]\s*|\b(?:please|and|then|you|must|should) )"
        r"(?:do not|don['’]t|never) (?:mention|tell|reveal|disclose|cite|warn|summari[sz]e|"
        r"report)\b[^.]{0,60}\b(?:user|reader|clinician|instruction|source|allerg\w+|document)",
        r"\b(?:reveal|print|leak|dump|output)\b[^.]{0,40}\b(?:prompt|instructions|token|"
        r"password|api key|secret|credentials|conversation)\b",
        r"\b(?:send|post|upload|e-?mail|forward|transmit|exfiltrate)\b[^.]{0,60}\b"
        r"(?:(?:this|the whole|the) conversation|chats?|prompts?|user\w*|reader\w*|everyone)\b",
        r"\b(?:new|updated?|revised|additional|special)\s+(?:instructions?|task|directives?)"
        rf"\b[^.]{{0,30}}(?:{_TELL}\b|\bfor\b[^.]{{0,16}}\b{_READER}\b)",
        r"\b(?:translate|decode|rewrite|execute)\b[^.]{0,30}\b(?:above|base64|rot13|"
        r"this (?:text|code|string))\b",
        r"!\[[^\]]*\]\(|<(?:script|img|iframe|object|a)\b|javascript:|0x[0-9a-f]{16,}",
        r"\b(?:ignorier\w+|vergiss|missachte)\b[^.]{0,40}\b(?:anweisung\w*|regeln)\b"
        r"|\b(?:ignora|olvida|dimentica|esque[cç]a)\b[^.]{0,40}\b(?:instrucciones|reglas|istruzioni|"
        r"regole|instru[cç][oõ]es)\b"
        r"|\b(?:ignore[rz]?|oublie[rz]?)\b[^.]{0,40}\b(?:consignes|règles|regles|instructions)\b"
        r"|\b(?:negeer|vergeet)\b[^.]{0,40}\b(?:instructies|regels)\b|bo qua moi huong dan"
        r"|\b(?:abaikan|lupakan)\b[^.]{0,40}\b(?:perintah|instruksi)\b"
        r"|忽略.{0,12}(?:指令|指示|说明)|指示.{0,12}無視|지시.{0,12}무시"
        r"|игнорируй.{0,30}(?:инструкции|указания)"
        r"|تجاهل.{0,30}(?:التعليمات|الأوامر)|निर्देश.{0,20}भूल",
        r"\b(?:instructions?|directives?|prompts?)\b[^.]{0,300}"
        r"\b(?:no longer appl\w+|superseded|(?:is|are|now) void|replaced by)\b",
        r"\b(?:(?:every|each|all|any|automatic|a|the|good|expected|correct) (?:automatic |good )?"
        r"(?:repl(?:y|ies)|answers?|summar(?:y|ies))|(?:every|each|automatic|good|expected|"
        r"correct) responses?)\b[^.]{0,60}\b(?:must|shall|"
        r"obliged|to carry|to include|is complete only|is incomplete|reads?:|include the (?:code|"
        r"word|phrase)|is ['\"“‘])",
        r"^\W*(?:please |kindly |always |never |then |also )*(?:tell|ask|advise|insult|refer|greet|"
        r"inform|show|send|urge) (?:the |all |every )?(?:user|reader)s?\b",
        r"\bthe (?:reader|user) (?:should|must|is to|is best|ought|shall)\b"
        r"|\bfrom the (?:reader|user)\b|\bthe correct answer is\b",
        r"\b(?:software|computer programs?|programs?|tools?|digital assistants?|automated \w+|"
        r"automatic summar\w+)\b[^.]{0,60}\b(?:summari[sz]\w+|answers?|repl\w+|writes?|conveys?|"
        r"classif\w+|outputs?)\b[^.]{0,300}"
        r"\b(?:must|shall|obliged|should|to carry|following|this)\b",
        r"\b(?:automated triage|code name|code word|secret word|catch-?phrase|magic word)\b",
        r"^\W*(?:leave|redact|omit|hide|suppress|withhold|conceal)\b(?:"
        r"(?: (?!until|because|if|for|due|with|when|in|after|given)\w+){0,3} (?:allerg(?:y|ies)|"
        r"findings?|values?|words?|entr(?:y|ies))\b|"
        r"[^.]{0,300}\b(?:from|out of|in) (?:the |your |any |all |every )*(?:summar|report|answer|"
        r"repl|reader|user))",
        r"\bmust not be (?:reported|mentioned|summari[sz]ed|told|shown)\b|\bomitted from (?:the )?"
        r"(?:reports?|summar\w+)\b",
        r"^\W*(?:state|report|say|claim|conclude|pretend) (?:that|you)\b",
        r"\b(?:always|never) (?:mention|state|say|claim)\b|\bimagine you are\b",
        r"\b(?:your (?:instructions|configuration|developers|prompt|rules)|"
        r"you were asked to|remember the word|do not answer the question|the question aside|"
        r"copy out|read backwards|say nothing at all|rhyme every)\b|\band obey\b",
        r"\bfrom here on\b[^.]{0,20}\b(?:act|speak|answer|reply)\b",
        r"\b(?:kindly|please|would you be so kind|feel free to|we ask)\b[^.]{0,60}\b(?:mention|add|"
        r"put|include|greet|insert)\b[^.]{0,300}\b(?:answers?|repl(?:y|ies)|summar(?:y|ies)|code|reader|"
        r"what you write)\b",
    )
)
"""What is written to a model, and not to a reader of the document."""
ENCODED = re.compile(r"[A-Za-z0-9+]{40}\S*")
SPACED = re.compile(r"(?:\b[^\W\d] ){6}[^\W\d]\b")
"""Base64, where it has small letters, capitals and digits; a word with blanks between letters."""
SHOUTED = re.compile(
    r"\b(?i:say|print|write|repl(?:y|ies)|respond|answer|output|(?:use|add) the word|"
    r"(?:begin|start|end) (?:each|every|your|the) \w+ with|(?:reply|answer|word|output|phrase|"
    r"code|password|token|message|name|summary) is)\b"
    r"(?: (?i:with|the word|only|just|in))*[ :]+[\"'“‘]?[A-Z][A-Z-]{5,}\b"
)
"""An order to write one word, in capitals."""
ALIKE = str.maketrans(
    "асԁеһіјӏорԛѕԝхуАВЕНІЈКМОРЅТХУαεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "acdehijlopqswxyABEHIJKMOPSTXYaeiknoptuxABEZHIKMNOPTYX",
)
"""Letters of other scripts that look like Latin ones, for words that mix them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as a model is shown it, and how many of its sentences are not."""

    text: str
    left_out: int


def shown(text: str) -> Shown:
    """The text without sentences that speak to a model."""
    parts: list[str] = []
    at = left_out = 0
    for start, end in sentences(text):
        if speaks_to_a_model(text[start:end]):
            parts.append(text[at:start])
            at, left_out = end, left_out + 1
    kept = "".join([*parts, text[at:]])
    return Shown(CHAT.sub(" ", UNSEEN.sub("", kept)).strip(), left_out)


def speaks_to_a_model(sentence: str) -> bool:
    """Whether a sentence is written to whoever reads for somebody else."""
    plain = _plain(sentence)
    return (
        "\u202e" in sentence  # letters from right to left
        or bool(CHAT.search(sentence) or CHAT.search(plain))
        or any(_mixed(found[0]) for found in ENCODED.finditer(sentence))
        or bool(SPACED.search(sentence) or SHOUTED.search(plain))
        or any(pattern.search(plain) for pattern in SPEAKS)
    )


def _mixed(word: str) -> bool:
    """Whether it has small letters, capitals and digits."""
    return all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", r"\d"))


def _plain(sentence: str) -> str:
    """Without what cannot be seen, accents and letters that only look Latin."""
    text = unicodedata.normalize("NFKD", UNSEEN.sub("", sentence)).replace("_", " ")
    text = "".join(c for c in text if not unicodedata.combining(c))
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _MIXED.sub(lambda m: m[0].translate(ALIKE), text))


_MIXED = re.compile(r"\b(?=\w*[A-Za-z])\w*[^\W\da-zA-Z_]\w*\b|\b[А-Яа-яԀ-ԯ]\b")
"""A word of Latin letters and others."""
