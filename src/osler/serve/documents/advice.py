"""Advice that rests on a document and the sources, mindful of the allergies and orders in it.

What names a substance that somebody reacts to is left out; what neither document nor sources bear
out is general advice and stands apart.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace

from osler.documents.document import Document
from osler.prompts import Passage, report, with_document
from osler.retrieve.sentences import sentences
from osler.serve.assistant.assistant import Assistant
from osler.serve.assistant.events import (
    Event,
    Final,
    Note,
    Piece,
    Sentence,
    Source,
    Sources,
)
from osler.serve.assistant.quoted import shown
from osler.serve.documents.advised import (
    NONE_AT_HAND,
    TO_JUDGE,
    for_the_team,
    is_of,
    line_for,
    name_of,
    of_table,
    to_advise,
)
from osler.serve.documents.aside import aside
from osler.serve.documents.asked import asked_about
from osler.serve.documents.conflicts import proposes
from osler.serve.documents.general import PERSON, advises
from osler.serve.documents.lines import Finding
from osler.serve.documents.parts import Count, parts
from osler.serve.documents.substances import named, reacted_to
from osler.serve.documents.text import Tally, Text
from osler.serve.documents.writing import (
    LEANS,
    MARKS,
    NUMBERS,
    ByRule,
    beginning,
    counter,
    final,
    kept_of,
    messages_of,
    remarks,
    room_of,
    written_by,
)
from osler.serve.engines.protocol import Job
from osler.tasks.advice import general_advice

ADVISE = "Please advise me from this report."
RESULTS = 12
"""Results and orders of a report that a model is shown at most, those out of range first."""
RESTS = "From this document and the sources"
GENERAL = "General advice, which neither this document nor a source bears out"
CLOSING = "None of this replaces a clinician who knows you."
CLOSES = re.compile(r"(?i)^\W*this is general advice\W*$|\breplaces? a clinician\b")
TAKES = re.compile(r"(?i)\btake (?:it|them) as ordered\b")
"""What is said of an order, and of nothing else."""
ORDERED = re.compile(r"(?i)\W*ordered (?:is|are) (?P<what>[^:]+?)\s*(?:\.|:.*)?$")
CONFLICTS = re.compile(r"(?i)\bconflict(?:s|ing)?\b|\b(?:is|are|was|were) (?:ordered|prescribed)\b")
AVOIDS = re.compile(r"(?i)\bavoid it\b")
CLAIMS = re.compile(r"(?i)\W*(?:ordered|attention|allerg\w+)\b")
"""How sentences about this document begin, which are no advice in general."""
MARKED = "General advice: "
SHORT = 4
"""Words of a piece of advice."""
Line = tuple[str, Sequence[Sentence]]
"""A line of advice and the sentences in it."""


async def advise(
    assistant: Assistant, document: Document, model: str, question: str = ""
) -> AsyncIterator[Event]:
    """Advice that rests on the document and the sources; what rests on neither says so.

    A question of one's own passes the guard first.
    """
    if question.strip() and assistant.guard is not None:
        judged = await asyncio.to_thread(assistant.guard.judge, question)
        yield judged
        if (said := assistant.guard.reply(judged, question)) is not None:
            yield Piece(said)
            yield Final(model, "advice", "rule", "stop", (Sentence(0, len(said)),))
            return
    system = assistant.prompts["advice"].text
    asked = question.strip() or ADVISE
    most, room = await aside(room_of, assistant, model, system, asked)
    count = await aside(counter, assistant, model)
    own = await aside(parts, document, room, count)
    read = await aside(ByRule.of, document)
    looked = await _looked_up(assistant, question, read.out_of_range, len(own))
    yield Sources(asked, (*own, *looked))
    for note in await aside(remarks, document, [*own, *looked]):
        yield Note(note)
    text, tally = Text(), Tally()
    forbidden = frozenset(key for one in read.allergies for key in reacted_to(one.name, one.text))
    team = await aside(for_the_team, read.values, document)
    told = asked_about(question, (*read.values, *read.medicines, *read.orders), own, text)
    for piece in await aside(beginning, assistant, read, own, text, told):
        yield piece
    content = await aside(_content, asked, read, own, looked, room, count)
    job = Job(model, messages_of(system, content), most)
    general: list[Line] = []
    async for _, said in written_by(assistant, [job], own[:1], tally):
        said = await aside(
            as_it_applies, said, read.values, (*read.orders, *read.against), forbidden, tally, team
        )
        kept = await aside(kept_of, said, content, forbidden, tally, read.values)
        shared = [*own, *looked]
        rests, general = await aside(_grouped, assistant, kept, shared, tally)
        tally.of_model = bool(rests or general)
        for piece in _under(RESTS, rests, text):
            yield piece
    general = await aside(_for_each, read.out_of_range, general, forbidden, tally, team)
    for piece in _under(GENERAL, general, text):
        yield piece
    yield text.line(f"\n{CLOSING}")
    for note in tally.notes():
        yield Note(note)
    yield final(assistant, model, "advice", system, text, tally)


def _under(heading: str, lines: Sequence[Line], text: Text) -> Iterator[Piece]:
    if lines:
        yield text.line(f"\n{heading}")
    for line, found in lines:
        yield text.add(line, found)


def _for_each(
    wrong: Sequence[Finding],
    general: Sequence[Line],
    forbidden: frozenset[str],
    tally: Tally,
    team: bool,
) -> list[Line]:
    """A line of advice for each value out of range, the gravest first: the model's, else that of
    the table; then those for which there is none, then what else the model says in general. What is
    for the team that treats somebody is only named."""
    if team:
        names = ", ".join(map(name_of, to_advise(wrong)))
        tally.unfounded += len(general)
        return [(TO_JUDGE.format(names=names), [])] if names else []
    lines = dict(general)
    told: list[Line] = []
    missing: list[str] = []
    for value in to_advise(wrong):
        if line := line_for(value, list(lines)):
            told.append((line, lines.pop(line)))
        elif line_for(value, [line for line, _ in told]):
            continue  # one sentence may be of several
        elif advice := of_table(value, forbidden):
            told.append((f"- {value.name}: {advice}", []))
            tally.advised += 1
        else:
            missing.append(name_of(value))
    if missing:
        told.append((NONE_AT_HAND.format(names=", ".join(missing)), []))
    return [*told, *lines.items()]


def _content(
    asked: str,
    read: ByRule,
    own: Sequence[Source],
    looked: Sequence[Source],
    room: int,
    count: Count,
) -> str:
    """What the model is asked, with what of the document and the passages fits."""
    excerpt = _excerpt(_report(read) or _beginning(own), room // 2, count)
    fitting = _fitting(looked, room - count(excerpt), count)
    passages = [Passage(one.title, shown(one.text).text) for one in fitting]
    return with_document(asked, excerpt, passages)


def as_it_applies(
    said: str,
    measured: Sequence[Finding],
    ordered: Sequence[Finding],
    forbidden: frozenset[str],
    tally: Tally,
    team: bool = False,
) -> str:
    """A model's advice line by line, without orders and conflicts that are none of the document's.
    Advice that Osler's own table has for a value stands behind that value's name, or not at all;
    it is too mild for a value that cannot wait, and for what the `team` has to judge."""
    told: list[str] = []
    for line in said.splitlines():
        kept: list[str] = []
        for start, end in sentences(line):
            if (sentence := _applies(line[start:end], measured, ordered, forbidden, team)) is None:
                tally.unfounded += 1
                break  # what follows in this line is said of the same
            kept.append(sentence)
        told.append(" ".join(kept))
    return "\n".join(told)


def _applies(
    sentence: str,
    measured: Sequence[Finding],
    ordered: Sequence[Finding],
    forbidden: frozenset[str],
    team: bool,
) -> str | None:
    if of := general_advice().get(sentence.removeprefix(MARKED)):
        fitting = [one for test, way in of for one in measured
                   if one.side == way and is_of(test, one)]  # fmt: skip
        if team or any(one.critical for one in fitting):
            return None
        return f"{MARKED}{fitting[0].name}: {sentence.removeprefix(MARKED)}" if fitting else None
    if order := ORDERED.fullmatch(sentence):
        real = any(one.text.strip(" .").casefold() == order["what"].casefold() for one in ordered)
        return sentence if real and not named(sentence) & forbidden else None
    if TAKES.search(sentence):
        return None
    if CONFLICTS.search(sentence):
        met = {key for one in ordered if proposes(one.text, forbidden) for key in named(one.text)}
        return sentence if named(sentence) & forbidden & met else None
    return None if AVOIDS.search(sentence) and not named(sentence) & forbidden else sentence


def _grouped(
    assistant: Assistant, kept: str, sources: Sequence[Source], tally: Tally
) -> tuple[list[Line], list[Line]]:
    """Sentences that something bears out, and those that nothing does. Of the latter one with a
    number, of an order or about somebody is no advice in general, and is left out."""
    own: list[Line] = []
    general: list[Line] = []
    fell = False  # whether the sentence before was left out
    for one in assistant.cited(kept, sources):
        line = kept[one.start : one.end].removeprefix(MARKED)
        entry = (f"- {line}", [Sentence(2, 2 + len(line), one.citations)])
        if CLOSES.search(line):
            continue  # it stands at the end, by rule
        if one.citations:
            own.append(entry)
        elif (
            NUMBERS.search(line)
            or CLAIMS.match(line)
            or PERSON.search(line)
            or (fell and LEANS.search(line))
        ):
            tally.unfounded += 1
            fell = True
            continue
        elif len(line.split()) >= SHORT and advises(line):
            general.append(entry)
        fell = False
    return own, general


def _report(read: ByRule) -> list[str]:
    """A document with results in the form that the task `advice` teaches; nothing for others."""
    if not read.values:
        return []
    told = [one.told for one in sorted(read.values, key=_weight)][:RESULTS]
    ordered = [one.text for one in read.orders][:RESULTS]
    return report([one.name for one in read.allergies], told, ordered)


def _weight(value: Finding) -> tuple[bool, bool]:
    """What comes first: values that are critical, then others out of range."""
    return not value.critical, not value.side


def _beginning(own: Sequence[Source]) -> Iterator[str]:
    for one in own:
        yield from (one.text[a:b] for a, b in sentences(one.text))


def _excerpt(lines: Iterable[str], room: int, count: Count) -> str:
    """As many lines as fit, without those that are written to a model."""
    kept: list[str] = []
    size = 0
    for line in lines:
        line = shown(line).text
        size += count(line) + 1
        if size > room:
            break
        if line:
            kept.append(line)
    return "\n".join(kept)


def _fitting(sources: Sequence[Source], room: int, count: Count) -> list[Source]:
    kept: list[Source] = []
    for source in sources:
        room -= count(source.text) + MARKS
        if room < 0:
            break
        kept.append(source)
    return kept


async def _looked_up(
    assistant: Assistant, question: str, wrong: Sequence[Finding], before: int
) -> list[Source]:
    """Passages about the question, else about the first values out of range."""
    if assistant.index is None:
        return []
    asked = [question] if question.strip() else [
        f"What does a {one.side} {one.name} mean?" for one in sorted(wrong, key=_weight)[:3]
    ]  # fmt: skip
    found: dict[tuple[str, int], Source] = {}
    for one in asked:
        for source in (await assistant.look_up(one)).sources:
            found.setdefault((source.document, source.start), source)
    return [replace(one, number=before + n) for n, one in enumerate(found.values(), 1)]
