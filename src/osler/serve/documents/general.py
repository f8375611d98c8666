"""Whether a sentence of a model is advice in general. By rule.

Advice tells somebody what to do, or what is of use. What is told of a person, of a report or of the
model itself is none, and nothing bears it out.
"""

from __future__ import annotations

import re

from osler.tasks.advice import general_advice

_ACTS = (
    r"accept|add|apply|ask|attend|avoid|be|bend|bring|brush|call|carry|check|choose|clean|"
    r"collect|come|consider|contact|continue|cool|cover|cut|decide|discuss|do|don't|don’t|"
    r"drink|eat|elevate|ensure|exercise|expect|find|finish|follow|gargle|get|give|go|have|"
    r"help|include|increase|inform|inhale|keep|learn|let|lie|limit|look|loosen|lose|lower|"
    r"make|measure|mention|mind|monitor|move|never|note|plan|please|practi[sc]e|prepare|press|"
    r"protect|quit|raise|read|record|reduce|remember|replace|report|rest|return|review|rinse|"
    r"schedule|see|seek|set|show|sit|sleep|stand|start|stay|step|stop|store|stretch|switch|"
    r"take|talk|tell|treat|try|turn|use|visit|wait|walk|warm|wash|watch|wear|weigh|work|write"
)
"""What advice bids somebody do."""
_FIRST = rf"(?:(?:always|also|then|instead|only|gently|simply|just|not|best) )*(?:{_ACTS})\b"
_NAMED = r"(?:[^.:;]{1,60}: )?"
BIDS = re.compile(
    rf"(?i)^\W*{_NAMED}(?:(?:if|when|where|while|until|after|before|for|with|in|at|to|as|once|even|"
    rf"during|because|since|whenever|unless)\b[^.;]*?, )?{_FIRST}(?! (?:of|is|was|are|were)\b)"
    rf"|[;,] (?:and |or |but |so )?(?:please )?{_FIRST}(?! (?:of|is|was|are|were)\b)"
)
"""Where it begins so, behind a condition too."""
ADVISES = re.compile(
    r"(?i)\b(?:you (?:should|may|can|could|need|must|might|have to|ought|do not have|will)|"
    r"should|must|ought to|need(?:s|ed)? to|(?:is|are) (?:best|advised|recommended|important|"
    r"helpful|useful|wise|worth|safer?|enough|not safe|dangerous|harmful|needed|a good idea)|"
    r"(?:of use|help|helps|prevents?|protects?|eases?|relieves?|lowers?|reduces?|raises?|improves?|"
    r"worsens?|slows?)\b(?! of)|brings? (?:it|them) down|"
    r"your (?:\w+ )?(?:clinicians?|doctors?|gp|nurses?|team|pharmacists?|midwi\w+|dentists?|"
    r"specialists?|surgeons?))\b"
)
PERSON = re.compile(
    r"(?i)\b(?:she|he|her|his|him|hers|herself|himself|(?:the|this) (?:patient|man|woman|boy|girl|"
    r"infant|lady|gentleman)|mrs?|ms)\b"
)
"""What is told of somebody."""
ITSELF = re.compile(
    r"\bI\b|(?i:\b(?:me|my|mine|we|us|our|i['’]m)\b|\b(?:sources?|passages?|excerpts?) (?:shown|"
    r"given|here|provided|above|do|does)\b|\b(?:this|the) (?:question|document|report|letter|"
    r"answer|summary|text)\b|\bgeneral advice\b|\bas an? (?:ai|assistant|language model)\b)"
)
"""What a model says of itself, and of what it was shown."""


def advises(sentence: str) -> bool:
    """Whether it is advice, for anybody."""
    if sentence.rpartition(": ")[2] in general_advice():
        return True
    if PERSON.search(sentence) or ITSELF.search(sentence):
        return False
    return bool(BIDS.search(sentence) or ADVISES.search(sentence))
