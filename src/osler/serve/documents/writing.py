"""What summaries and advice of documents have in common: what stands first, jobs, what is kept."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from osler.disk import text_digest
from osler.documents.document import Document
from osler.prompts import with_document
from osler.records.names import be, counted
from osler.retrieve.sentences import sentences
from osler.rows import Message
from osler.serve.assistant.assistant import Assistant
from osler.serve.assistant.events import (
    Final,
    Piece,
    Source,
)
from osler.serve.assistant.quoted import shown, speaks_to_a_model
from osler.serve.assistant.repeats import told_once
from osler.serve.documents.ages import NOTE as OF_CHILD
from osler.serve.documents.ages import is_adult
from osler.serve.documents.allergies import allergies
from osler.serve.documents.aside import still_wanted
from osler.serve.documents.conflicts import conflicts, proposes
from osler.serve.documents.direction import NOTE, from_right, unjudged
from osler.serve.documents.diseases import Owned
from osler.serve.documents.doses import with_its_drug
from osler.serve.documents.findings import conclusions, medicines, orders, reassurances
from osler.serve.documents.known import labs
from osler.serve.documents.lines import Finding, beyond
from osler.serve.documents.parts import Count
from osler.serve.documents.signs import with_signs
from osler.serve.documents.substances import named
from osler.serve.documents.text import Tally, Text
from osler.serve.documents.values import about, at_odds, only_values, values
from osler.serve.engines.protocol import Job, Stream
from osler.serve.scope.emergency import LOCAL_NUMBER

CRITICAL = "Far out of range: the treating team has to know of such values at once"
REASSURED = "The document says that all is normal, though the values above are out of range"
CONFLICT = "Ordered or given, though this document lists an allergy to it or a related one"
BESIDE = "Named beside an allergy to it or a related one"
GRAVE = (CRITICAL, CONFLICT, "Out of range", "Allergies")
MOST, MOST_GRAVE = 20, 500
"""Lines that are told under a heading; a report has no more than 500 values out of range, and of
thousands of rows nobody reads more."""
SIZES = frozenset({"lab:body weight", "lab:body height"})
"""Of these there is nothing to judge."""
MOST_UNKNOWN = 10
"""And of values of which nothing is known."""
AHEAD = 4
"""Sections that are being written while one is read."""
MARKS = 32
"""Tokens kept for the marks of a document."""
LEANS = re.compile(r"(?i)^\W*general advice:|\b(?:it|its|them|they|this|that|these|those)\b")
"""A sentence that leans on the one before it."""
NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
AGE = re.compile(
    r"(?i)\b(\d{1,3})[- ]?(?:years?[- ](?:old|of age)|y\.?/?o)\b|\bage[d:]*\s+(\d{1,3})\b"
)


@dataclass(frozen=True, slots=True)
class ByRule:
    """What rules find in a document. Finding it takes a while where that is long: once, and in a
    thread, so that nobody else waits."""

    values: Sequence[Finding]
    allergies: Sequence[Finding]
    conclusions: Sequence[Finding]
    medicines: Sequence[Finding]
    """What is taken already."""
    orders: Sequence[Finding]
    reassured: Sequence[Finding]
    """That nothing is out of range, where something is."""
    against: Sequence[Finding]
    """What is ordered or given though somebody reacts to it."""
    beside: Sequence[Finding]
    """What only names such a thing."""
    all_well: bool
    """Whether the document tells of values alone, and each is known to be in its range."""

    @classmethod
    def of(cls, document: Document) -> ByRule:
        """All that must not be lost."""
        found = with_signs(values(document), document)
        found = unjudged(found) if from_right(document) else found
        wrong = any(one.side for one in found)
        reacts = allergies(document)
        taken, ordered = beyond(medicines(document), reacts), beyond(orders(document), reacts)
        given = sorted((*taken, *ordered), key=lambda one: one.start)
        return cls(
            found, reacts, conclusions(document), taken, ordered,
            reassurances(document) if wrong else (), *conflicts(document, reacts, given),
            bool(found) and all(one.judged and not one.side for one in found)
            and only_values(document),
        )  # fmt: skip

    @property
    def out_of_range(self) -> list[Finding]:
        """The values that are, in order."""
        return [one for one in self.values if one.side]

    @property
    def critical(self) -> list[Finding]:
        """Those of them that cannot wait."""
        return [one for one in self.values if one.critical]


def _urgent(
    assistant: Assistant, read: ByRule, sources: Sequence[Source], text: Text
) -> Iterator[Piece]:
    """What cannot wait."""
    if read.critical:
        yield from listed(CRITICAL, read.critical, sources, text)
        number = assistant.settings.emergency_number or LOCAL_NUMBER
        yield text.line(
            "Call the team that treats you today. If you cannot reach it, or feel ill, call "
            f"{number}."
        )


def beginning(
    assistant: Assistant,
    read: ByRule,
    sources: Sequence[Source],
    text: Text,
    asked: Iterable[Piece] = (),
) -> list[Piece]:
    """What a summary or advice begins with; `asked`, what was asked about, stands behind what is
    urgent."""
    return [
        *_urgent(assistant, read, sources, text),
        *asked,
        *listed(CONFLICT, read.against, sources, text),
        *listed(BESIDE, read.beside, sources, text),
        *_first(read, sources, text),
    ]


def _first(read: ByRule, sources: Sequence[Source], text: Text) -> Iterator[Piece]:
    """What must not be lost, behind what is urgent."""
    concluded = beyond(read.conclusions, (*read.allergies, *read.medicines, *read.orders))
    wrong = [one for one in read.out_of_range if not one.critical]
    yield from listed("Out of range", wrong, sources, text)
    doubtful = [one for one in read.values if one.doubt]
    yield from listed("Without a unit, and not judged for that", doubtful, sources, text)
    yield from listed(REASSURED, read.reassured, sources, text)
    yield from listed("Allergies", read.allergies, sources, text)
    yield from listed("Conclusion", concluded, sources, text)
    yield from listed("Medicines taken", read.medicines, sources, text)
    yield from listed("Orders and recommendations", read.orders, sources, text)
    yield from _rest(read, sources, text)


def _rest(read: ByRule, sources: Sequence[Source], text: Text) -> Iterator[Piece]:
    """The values of which nothing is known; that all are well only where each is known to be, and
    the document tells of nothing else."""
    told = (*read.out_of_range, *read.conclusions, *read.medicines, *read.orders)
    unknown = [
        one for one in read.values
        if not (one.judged or one.doubt) and not SIZES.intersection(labs(one.name))
    ]  # fmt: skip
    if untold := beyond(unknown, told):
        count = len(untold)
        said = f"{counted(count, 'value')} {be(count, past=True)} read and could not be judged"
        yield from listed(said, untold, sources, text, MOST_UNKNOWN)
    elif read.all_well:
        count = len(read.values)
        well = (
            "1 value was read, within its range"
            if count == 1
            else (f"{count} values were read, all within their ranges")
        )
        yield text.line(f"\n{well}." if text.said else f"{well}.")


def listed(
    heading: str,
    found: Sequence[Finding],
    sources: Sequence[Source],
    text: Text,
    at_most: int = MOST,
) -> Iterator[Piece]:
    """Lines of the document under a heading of ours; of very many the first, and how many more
    there are. Nobody obeys what is quoted: one that is written to a model is told all the same, and
    so marked, where it is an allergy, a value or names a drug."""
    most = MOST_GRAVE if heading in GRAVE else at_most
    found = _once(found)
    fit = (
        (n, one) for n, one in enumerate(found, 1)
        if heading in GRAVE or one.told or named(one.text) or not speaks_to_a_model(one.text)
    )  # fmt: skip
    told = list(islice(fit, most))
    if not told:
        return
    yield text.line(heading if not text.said else f"\n{heading}")
    for _, finding in told:
        yield text.quote(finding if heading in GRAVE else _to_a_reader(finding), sources)
    if len(told) == most and (more := len(found) - told[-1][0]):
        yield text.line(f"and {more:,} more; see the document.")


def _once(found: Sequence[Finding]) -> list[Finding]:
    """A sentence that tells of several values once, with the side of each."""
    grouped = (list(some) for _, some in groupby(found, lambda one: (one.start, one.end)))
    return [
        replace(some[0], name="", side=", ".join(_side(one) for one in some if _side(one)))
        if len(some) > 1 else some[0]
        for some in grouped
    ]  # fmt: skip


def _side(one: Finding) -> str:
    side = one.side or one.doubt
    return f"{one.name} {side}" if side else ""


ENDS = re.compile(r"(?<=[.!?])\s+")
"""Ends of sentences, before small letters too, with which entries of lists begin."""


def _to_a_reader(one: Finding) -> Finding:
    """A line of several sentences without those that are written to a model and name no drug."""
    parts = ENDS.split(one.text)
    kept = [part for part in parts if named(part) or not speaks_to_a_model(part)]
    return replace(one, text=" ".join(kept)) if 0 < len(kept) < len(parts) else one


def remarks(document: Document, sources: Sequence[Source]) -> list[str]:
    """Notes where its order is doubtful, where it is about a child, and where something is written
    to a model."""
    said = [NOTE] if from_right(document) else []
    said += [] if is_adult(document.text) else [OF_CHILD]
    count = 0
    for one in sources:
        still_wanted()
        count += shown(one.text).left_out
    if not count:
        return said
    return [
        *said,
        f"{counted(count, 'sentence')} of what was read {be(count)} written to an assistant and "
        f"not to a reader. The model was not shown {'it' if count == 1 else 'them'}: look at the "
        "document.",
    ]


def kept_of(
    said: str,
    given: str,
    forbidden: frozenset[str],
    tally: Tally,
    found: Sequence[Finding] = (),
) -> str:
    """The sentences that name nothing which was not given, and nothing that is forbidden but to
    warn of that very thing; that say of the values `found` what the document does, that give to the
    patient no relative's disease, and that lean on none that was left out."""
    kept: list[str] = []
    owned = Owned.of(given)
    for line in said.splitlines():
        fell = False
        for start, end in sentences(line):
            sentence = line[start:end]
            if proposes(sentence, forbidden):
                tally.forbidden += 1
                fell = True
            elif (
                not _founded(sentence, given, found)
                or owned.misgiven(sentence)
                or (fell and LEANS.search(sentence) and not about(sentence, found))
            ):
                tally.unfounded += 1
                fell = True
            elif sentence.casefold() not in {one.casefold() for one in kept}:
                kept.append(sentence)
    return " ".join(kept)


def _founded(sentence: str, given: str, found: Sequence[Finding]) -> bool:
    """Whether numbers, substances, ages and values of a sentence are those that were given."""
    return (
        set(NUMBERS.findall(sentence)) <= set(NUMBERS.findall(given))
        and named(sentence) <= named(given)
        and _ages(sentence) <= _ages(given)
        and not at_odds(sentence, found)
        and with_its_drug(sentence, given)
    )


def _ages(text: str) -> set[str]:
    """The ages that a text tells; a number elsewhere, as the bound of a range, is none."""
    return {old or aged for old, aged in AGE.findall(text)}


def room_of(assistant: Assistant, model: str, system: str, asked: str) -> tuple[int, int]:
    """Tokens for an answer, and for what is shown."""
    context = assistant.engine.models[model].context
    most = min(assistant.settings.max_new_tokens, context // 4)
    frame = assistant.engine.count(model, messages_of(system, with_document(asked, "")))
    return most, context - most - frame - MARKS


def counter(assistant: Assistant, model: str) -> Count:
    """What counts a text's tokens for a model."""
    empty = assistant.engine.count(model, messages_of("", ""))

    def count(text: str) -> int:
        return assistant.engine.count(model, messages_of("", text)) - empty

    return count


def messages_of(system: str, content: str) -> tuple[Message, ...]:
    """A system prompt and one user's turn."""
    return (Message(role="system", content=system), Message(role="user", content=content))


def job_of(model: str, system: str, asked: str, source: Source, most: int) -> Job:
    """Something that is to be done with a part of a document."""
    return Job(model, messages_of(system, with_document(asked, shown(source.text).text)), most)


async def written_by(
    assistant: Assistant, jobs: Sequence[Job], sources: Sequence[Source], tally: Tally
) -> AsyncGenerator[tuple[Source, str], None]:
    """What a model wrote of each, in order; a few are under way at once."""
    streams: list[Stream] = []
    try:
        for n, source in enumerate(sources):
            while len(streams) < min(n + AHEAD, len(jobs)):
                streams.append(assistant.engine.start(jobs[len(streams)]))
            said, circled = await told_once(streams[n])
            if circled:
                await streams[n].aclose()
                tally.circled += 1
            if end := assistant.ended_here(jobs[n], said) if circled else streams[n].end:
                tally.prompt_tokens += end.prompt_tokens
                tally.completion_tokens += end.completion_tokens
                tally.cut |= end.reason == "length"
            yield source, said
    finally:
        for stream in streams:
            await stream.aclose()


def final(
    assistant: Assistant, model: str, task: str, system: str, text: Text, tally: Tally
) -> Final:
    """The end of a text about a document."""
    writer = "model" if tally.of_model else "rule"
    return Final(
        model, task, writer, "stop", tuple(text.sentences), tally.prompt_tokens,
        tally.completion_tokens, prompt_digest=text_digest(system),
        weights_digest=assistant.engine.models[model].digest,
    )  # fmt: skip
