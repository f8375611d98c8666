"""What is not for a model is answered by rule, over the API too."""

from __future__ import annotations

import pytest
from tests.serve.api.conftest import MakeService, body, client

from osler.prompts import load_prompts
from osler.retrieve.chunk import Chunk, Hit
from osler.retrieve.search import Index
from osler.serve.assistant.assistant import Assistant, Settings
from osler.serve.assistant.gate import Gate
from osler.serve.assistant.notes import NO_ANSWER, SAME
from osler.serve.scope.guard import Guard


@pytest.mark.parametrize(
    ("said", "kind", "answer"),
    [
        ("What is a drawbridge?", "out_of_scope", "health"),
        ("Hello!", "greeting", "I answer questions about health"),
        ("I have crushing chest pain and cannot breathe", "emergency", "call 555"),
        ("What is gout?", "medical", ""),
    ],
)
def test_each_kind_has_its_answer(service: MakeService, said: str, kind: str, answer: str) -> None:
    made = service()
    assert isinstance(made.assistant, Assistant)
    made.assistant.guard = Gate(Guard.load(), "555")
    with client(made) as asks:
        turns = [{"role": "user", "content": said}]
        found = asks.post("/v1/chat/completions", json=body(messages=turns, max_tokens=4)).json()
        judged, *_, final = found["osler"]["events"]
        assert judged["kind"] == kind
        assert final["written_by"] == ("model" if kind == "medical" else "rule")
        assert answer in found["choices"][0]["message"]["content"]
        asked_a_model = kind == "medical"
        assert found["usage"]["total_tokens"] == sum(
            found["usage"][name] for name in ("prompt_tokens", "completion_tokens")
        )
        assert bool(found["usage"]["total_tokens"]) is asked_a_model
        assert bool(final["prompt_digest"] and final["weights_digest"]) is asked_a_model
        unguarded = body(messages=turns, max_tokens=4, osler={"guard": False})
        (only,) = asks.post("/v1/chat/completions", json=unguarded).json()["osler"]["events"]
        assert only["written_by"] == "model"
        counted = asks.get("/metrics").text
        refused = f'not_answered_by_the_model_total{{kind="{kind}"}} 1.0'
        assert (refused in counted) == (kind != "medical")


def test_a_question_that_may_be_an_emergency_is_answered_under_whom_to_call(
    service: MakeService,
) -> None:
    made = service()
    assert isinstance(made.assistant, Assistant)
    made.assistant.guard = Gate(Guard.load(), "555")
    turns = [{"role": "user", "content": "sometimes my left hand goes numb"}]
    with client(made) as asks:
        found = asks.post("/v1/chat/completions", json=body(messages=turns, max_tokens=4)).json()
    judged, *_, final = found["osler"]["events"]
    assert (judged["kind"], judged["emergency"]) == ("medical", "stroke")
    answer = found["choices"][0]["message"]["content"]
    assert answer.startswith("If this is happening to somebody now, call 555;")
    line, _, rest = answer.partition("\n\n")
    assert rest
    assert all(one["start"] >= len(line) + 2 for one in final["sentences"])


def test_a_question_that_a_source_answers_is_not_refused(service: MakeService) -> None:
    """A clinic's own names mean nothing to the guard."""
    text = "At night the registrar on call at Brambleford carries bleep 4402."
    made = service()
    assert isinstance(made.assistant, Assistant)
    made.assistant.guard = Gate(Guard.load())
    made.assistant.index = Index.in_memory([Chunk("calls", 0, "Calls", "", None, 0, 65, text)])
    with client(made) as asks:
        for said, kind in (
            ("Who do I call at night at Brambleford?", "medical"),
            ("Who won the world cup in 1998?", "out_of_scope"),
        ):
            turns = [{"role": "user", "content": said}]
            asked = body(messages=turns, max_tokens=4)
            found = asks.post("/v1/chat/completions", json=asked).json()
            assert found["osler"]["events"][0]["kind"] == kind
            without = asked | {"osler": {"sources": False}}
            found = asks.post("/v1/chat/completions", json=without).json()
            assert found["osler"]["events"][0]["kind"] == "out_of_scope"


def test_a_strict_server_tells_what_its_sources_say_or_that_it_has_no_answer(
    service: MakeService,
) -> None:
    """The tiny model's words are nobody's."""
    text = "Gout is a painful arthritis that crystals of urate cause."
    made = service()
    assert isinstance(made.assistant, Assistant)
    made.assistant.guard, made.assistant.settings = Gate(Guard.load()), Settings(strict=True)
    made.assistant.index = Index.in_memory([Chunk("g", 0, "Gout", "", None, 0, len(text), text)])
    with client(made) as asks:
        for said, answer in (("What is gout?", text), ("What is asthma?", NO_ANSWER)):
            turns = [{"role": "user", "content": said}]
            asked = body(messages=turns, max_tokens=4)
            found = asks.post("/v1/chat/completions", json=asked).json()
            assert found["choices"][0]["message"]["content"] == answer
            assert found["osler"]["events"][-1]["written_by"] == "rule"
            free = asked | {"osler": {"sources": False}}
            found = asks.post("/v1/chat/completions", json=free).json()
            assert found["osler"]["events"][-1]["written_by"] == "model"
        turns = [{"role": "user", "content": "What is gout?"}]
        for note in (False, True):  # once more the same is said to be that
            found = asks.post("/v1/chat/completions", json=body(messages=turns)).json()
            assert found["choices"][0]["message"]["content"] == text
            noted = [one["text"] for one in found["osler"]["events"] if one["type"] == "note"]
            assert (SAME in noted) == note
            turns += [{"role": "assistant", "content": text},
                      {"role": "user", "content": "how is it treated?"}]  # fmt: skip


class Noting:
    """Sources that hold nothing, and note what they are asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def search(self, question: str, k: int = 5) -> list[Hit]:
        self.asked.append(question)
        return []


@pytest.mark.parametrize("strict", [True, False])
def test_a_message_that_cannot_fit_is_refused_with_the_numbers_and_not_looked_up(
    service: MakeService, strict: bool
) -> None:
    made, index = service(), Noting()
    settings = Settings(strict=strict)
    guard = Gate(Guard.load())
    made.assistant = Assistant(
        made.engine, load_prompts(), guard=guard, index=index, settings=settings
    )
    with client(made) as asks:
        for many, said in ((1_500, "tokens"), (90_000, "1,980,000 characters")):
            turns = [{"role": "user", "content": "How is gout treated?  " * many}]
            found = asks.post("/v1/chat/completions", json=body(messages=turns))
            assert found.status_code == 400
            fault = found.json()["error"]
            assert fault["code"] == "context_length_exceeded"
            assert said in fault["message"]
    assert not index.asked
