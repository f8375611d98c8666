"""Plain questions as people type them, to the shipped assistant or another.

    python bench/nano/plain_questions.py [RUN] [--free]

plain_questions.tsv names for each the answers of the embedded index that are right. A question is
answered from the right source when the first citation of what is told is of one of these. `--free`:
what no source bears out is told, too, as the model wrote it. Half of the questions are of topics
that no adapter is trained on.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

from osler.commands.serve import Wish, make_service
from osler.rows import Message
from osler.serve.assistant.assistant import Assistant
from osler.serve.assistant.events import Final, Judged, Piece, Question, Sources

ASKED = Path(__file__).with_name("plain_questions.tsv")


async def answered(assistant: Assistant, model: str, question: str) -> tuple[str, list[str], Final]:
    """What is told, the documents that were shown in order, and the end."""
    asked = Question(model, (Message(role="user", content=question),))
    said, shown = "", list[str]()
    async for event in assistant.answer(asked):
        if isinstance(event, Piece):
            said += event.text
        elif isinstance(event, Judged) and event.kind != "medical":
            shown = [event.kind]
        elif isinstance(event, Sources):
            shown = [one.document for one in event.sources]
        elif isinstance(event, Final):
            return said, shown, event
    raise AssertionError("an answer has an end")


def judged(said: str, shown: list[str], final: Final, right: set[str]) -> str:
    """How a question was answered, in a few words."""
    if not shown:
        return "nothing found"
    if shown[0] in ("emergency", "out_of_scope", "greeting"):
        return f"kept from the model: {shown[0]}"
    if not right & set(shown):
        return "the right source not found"
    if final.written_by == "rule":
        return (
            "from the right source, quoted" if shown[0] in right else "from another source, quoted"
        )
    cited = [c.source for one in final.sentences for c in one.citations]
    if not cited:
        return "no sentence rests on a source"
    return "from the right source" if shown[cited[0] - 1] in right else "from another source"


async def ask_all(assistant: Assistant, model: str) -> Counter[str]:
    """Ask them one by one and print what comes."""
    found: Counter[str] = Counter()
    for line in ASKED.read_text("utf-8").splitlines()[1:]:
        question, right = line.split("\t")
        said, shown, final = await answered(assistant, model, question)
        how = judged(said, shown, final, set(right.split()))
        found[how] += 1
        print(f"{question}\n  [{how}; shown {', '.join(shown)}]\n  {said}\n")
    return found


def main() -> None:
    """Print every answer, then how many were answered how."""
    free = "--free" in sys.argv
    runs = tuple(Path(name) for name in sys.argv[1:] if name != "--free")
    wish = Wish(runs=runs, strict=False if free else None)
    assistant = make_service(wish, "a token that nobody uses").assistant
    models = list(assistant.engine.models)
    model = "assistant" if "assistant" in models else models[-1]
    found = asyncio.run(ask_all(assistant, model))
    total = sum(found.values())
    for how, count in found.most_common():
        print(f"{count} of {total}: {how}")


if __name__ == "__main__":
    main()
