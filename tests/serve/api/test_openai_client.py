"""The official client is served as it expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from tests.serve.api.conftest import TOKEN, MakeService, listening
from tests.serve.engines.conftest import save_adapter

from osler.encoder import Encoder
from osler.serve.engines.menu import Adapter

SAID = "It is condition number 1 — größer, 痛み, 🩺."
ASKED: list[Any] = [{"role": "user", "content": "What is gout?"}]


def of(address: str, token: str = TOKEN) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key=token, max_retries=0, timeout=60)


def test_it_is_answered_in_whole_and_in_a_stream(service: MakeService) -> None:
    """The system message is the client's own, so that the tiny model says what it has learnt."""
    with listening(service()) as address:
        chat = of(address).chat.completions
        whole = chat.create(model="base", messages=ASKED, max_tokens=60)
        assert whole.choices[0].finish_reason in ("stop", "length")
        assert whole.usage is not None
        told: Any = whole.model_extra
        (final,) = told["osler"]["events"]
        assert final["completion_tokens"] == whole.usage.completion_tokens > 0
        assert len(final["prompt_digest"]) == 64
        stream = chat.create(
            model="base", messages=ASKED, max_tokens=60, stream=True,
            stream_options={"include_usage": True},
        )  # fmt: skip
        chunks = list(stream)
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert text == whole.choices[0].message.content
        assert chunks[-1].usage == whole.usage
        assert [c.choices[0].finish_reason for c in chunks[-2:-1]] == [
            whole.choices[0].finish_reason
        ]
        short = chat.create(model="base", messages=ASKED, max_completion_tokens=2)
        assert short.choices[0].finish_reason == "length"
        assert short.usage is not None
        assert short.usage.completion_tokens == 2


def test_the_same_is_drawn_again_with_a_seed_and_something_else_with_another(
    service: MakeService,
) -> None:
    with listening(service()) as address:
        chat = of(address).chat.completions

        def drawn(seed: int) -> str | None:
            made = chat.create(
                model="base", messages=ASKED, max_tokens=20, temperature=1.5, top_p=0.95, seed=seed
            )
            return made.choices[0].message.content

        assert drawn(1) == drawn(1)
        assert len({drawn(seed) for seed in range(4)}) > 1


def test_models_are_listed_and_adapters_chosen_by_name(
    service: MakeService, spoken_folder: Path, tmp_path: Path
) -> None:
    adapter = Adapter("tuned", save_adapter(spoken_folder, tmp_path / "a", 1), ("medical_qa",))
    with listening(service(adapter)) as address:
        client = of(address)
        assert [one.id for one in client.models.list()] == ["base", "tuned"]
        told: Any = client.models.retrieve("tuned").model_extra
        assert told["osler"]["tasks"] == ["medical_qa"]
        said = {
            client.chat.completions.create(model=name, messages=ASKED, max_tokens=16)
            .choices[0].message.content
            for name in ("base", "tuned")
        }  # fmt: skip
        assert len(said) == 2


def test_vectors_are_those_of_the_encoder(service: MakeService) -> None:
    encoder = Encoder("tests", "")
    texts = ["What is gout?", "Gout hurts."]
    with listening(service(encoder=encoder)) as address:
        client = of(address)
        found = client.embeddings.create(model="all-MiniLM-L6-v2", input=texts)
        plain = client.embeddings.create(
            model="all-MiniLM-L6-v2", input=texts[0], encoding_format="float"
        )
        assert found.usage.prompt_tokens == encoder.count(texts) == 7 + 6
        vectors = np.array([one.embedding for one in found.data])
        assert np.abs(vectors - encoder.embed(texts)).max() < 1e-6
        assert np.abs(np.array(plain.data[0].embedding) - vectors[0]).max() < 1e-6
        with pytest.raises(openai.NotFoundError, match="all-MiniLM-L6-v2"):
            client.embeddings.create(model="other", input="x")
        with pytest.raises(openai.BadRequestError, match="300 texts; at most 256"):
            client.embeddings.create(model="all-MiniLM-L6-v2", input=["x"] * 300)


def test_faults_have_the_clients_types(service: MakeService) -> None:
    with listening(service()) as address:
        chat = of(address).chat.completions
        with pytest.raises(openai.AuthenticationError):
            of(address, "wrong").models.list()
        with pytest.raises(openai.NotFoundError, match=r"Served: base\.") as unknown:
            chat.create(model="other", messages=ASKED)
        assert unknown.value.code == "model_not_found"
        long: Any = [{"role": "user", "content": "gout " * 600}]
        with pytest.raises(
            openai.BadRequestError, match=r"needs 1,\d\d\d tokens.* room for 3"
        ) as too_long:
            chat.create(model="base", messages=long)
        assert too_long.value.code == "context_length_exceeded"
        with pytest.raises(openai.BadRequestError, match="tools"):
            chat.create(
                model="base", messages=ASKED,
                tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
            )  # fmt: skip


@pytest.mark.parametrize("how", [{"temperature": 1e-300}, {"temperature": 1, "top_p": 1e-300}])
def test_next_to_no_chance_is_the_likeliest_token(
    service: MakeService, how: dict[str, float]
) -> None:
    with listening(service()) as address:
        chat: Any = of(address).chat.completions
        ask = {"model": "base", "messages": ASKED, "max_tokens": 20}
        drawn, plain = chat.create(**ask, **how, seed=3), chat.create(**ask)
        assert drawn.choices[0].message.content == plain.choices[0].message.content
