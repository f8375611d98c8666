"""Is a follow-up looked up as what it asks? `python bench/follow_ups.py --work FOLDER`

Conversations on MedQuAD's topics: a question that names the topic, an answer, and a follow-up that
says only "it" ("is it genetic"), or changes to another topic by its name. Index, forms and --work
are those of bench/retrieval.py; OSLER_DATA is needed. Right is any chunk of an answer to the second
question; compared are the message alone, all messages joined, and Osler's `standalone`.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from osler.disk import write_json
from osler.documents.document import Document
from osler.evaluate.statistics import wilson_interval
from osler.progress import progress
from osler.retrieve.chunks import embedded_text
from osler.retrieve.search import Index, best
from osler.retrieve.words import Words
from osler.rows import Message
from osler.run import installed_versions, now
from osler.serve.assistant.conversation import standalone
from paraphrase import FORMS
from retrieval import _Kept
from retrieval_cases import Vectors, chunks_from, numbers_by_document

RESULTS = Path(__file__).parent / "results" / "follow_ups.json"
Turns = tuple[str, str]
SYSTEMS: dict[str, Callable[[Turns], str]] = {
    "message alone": lambda turns: turns[1],
    "all joined": " ".join,
    "Osler": lambda turns: standalone(
        [
            Message(role="user", content=turns[0]),
            Message(role="assistant", content="An answer."),
            Message(role="user", content=turns[1]),
        ]
    ),
}


def conversations(documents: list[Document], count: int) -> list[tuple[str, Turns, list[Document]]]:
    """(slice, two questions, the answers to the second)."""
    answers: dict[str, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
    for document in documents:
        kind = document.headings[0].title if document.headings else ""
        if kind in FORMS and 2 < len(document.title) <= 60:
            answers[document.title][kind].append(document)
    topics = sorted(topic for topic, kinds in answers.items() if len(kinds) > 1)
    chance = random.Random(20261122)
    found: list[tuple[str, Turns, list[Document]]] = []
    for topic in chance.sample(topics, count):
        first, second = chance.sample(sorted(answers[topic]), 2)
        opened = chance.choice(FORMS[first]).format(x=topic)
        followed = chance.choice(FORMS[second]).format(x="it")
        found.append(("follow-up", (opened, followed), answers[topic][second]))
        other = chance.choice([each for each in topics if each != topic])
        kind = chance.choice(sorted(answers[other]))
        changed = chance.choice(FORMS[kind]).format(x=other)
        found.append(("another topic", (opened, changed), answers[other][kind]))
    return found


def main() -> None:
    """Measure, show and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--conversations", type=int, default=300)
    args = parser.parse_args()
    documents, chunks = chunks_from("medquad")
    of, texts = numbers_by_document(chunks), [embedded_text(chunk) for chunk in chunks]
    vectors = Vectors(args.work)
    index = Index(chunks, vectors.of(texts), Words.of(texts), cast(Any, _Kept(vectors)))
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for name, turns, right in progress(conversations(documents, args.conversations), "asked"):
        wanted = {number for document in right for number in of[document.id]}
        for system, asked in SYSTEMS.items():
            ranked = best(index.scores(asked(turns))[0], 5)
            hits[name, system].append(bool(wanted & set(ranked)))
    table = Table(title="The passage that answers among the first five")
    for column in ("conversation", "looked up", "%", "95 % interval", "of"):
        table.add_column(column)
    rows: dict[str, Any] = {}
    for (name, system), found in hits.items():
        low, high = wilson_interval(sum(found), len(found))
        share = 100 * sum(found) / len(found)
        rows[f"{name}: {system}"] = {"hits": sum(found), "of": len(found)}
        table.add_row(name, system, f"{share:.1f}", f"{100 * low:.1f}–{100 * high:.1f}",
                      str(len(found)))  # fmt: skip
    write_json(RESULTS, {
        "command": f"python bench/follow_ups.py --conversations {args.conversations}",
        "date": now(), "versions": installed_versions(), "rows": rows,
    })  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
