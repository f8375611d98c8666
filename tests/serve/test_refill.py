"""A batch that is kept full says what plain generation says."""

from __future__ import annotations

from typing import Any

from osler.serve.generate import Sampling, answer_text, continuations
from osler.serve.refill import Request, fill
from osler.template import encode, render_prompt, stop_token_ids

NAMES = ("asthma", "gout", "migraine", "anemia", "measles", "psoriasis", "eczema", "lupus")


def prompts(tokenizer: Any) -> list[list[int]]:
    """Eight prompts of different lengths."""
    asked = [f"{'Please. ' * n}What is {name}?" for n, name in enumerate(NAMES)]
    texts = [render_prompt(tokenizer, [{"role": "user", "content": text}]) for text in asked]
    return encode(tokenizer, texts)


def test_its_answers_are_those_of_plain_greedy_generation(spoken: tuple[Any, Any]) -> None:
    model, tokenizer = spoken
    ids = prompts(tokenizer)
    lengths = [3, 40, 7, 40, 1, 25, 40, 12]
    requests = [Request(one, most) for one, most in zip(ids, lengths, strict=True)]
    filled = fill(model, tokenizer, requests, batch_size=3, label="filled")
    plain = continuations(model, tokenizer, ids, max_new_tokens=40, batch_size=3, label="plain")
    stops = stop_token_ids(tokenizer, model.generation_config)
    for answer, tokens, most in zip(filled, plain, lengths, strict=True):
        cut = tokens[:most]
        spoken_ids = cut[:-1] if cut[-1] in stops else cut
        assert answer.text == answer_text(tokenizer, spoken_ids)
        assert answer.stopped == (cut[-1] in stops)


def test_what_is_drawn_for_one_does_not_depend_on_its_neighbours(spoken: tuple[Any, Any]) -> None:
    model, tokenizer = spoken
    ids = prompts(tokenizer)
    drawn = [Request(one, 20, Sampling(temperature=1.5, seed=n)) for n, one in enumerate(ids)]
    together = fill(model, tokenizer, drawn, batch_size=8, label="together")
    alone = [fill(model, tokenizer, [one], batch_size=1, label="alone")[0] for one in drawn]
    assert [answer.text for answer in together] == [answer.text for answer in alone]
    other = [Request(one, 20, Sampling(1.5, seed=99 + n)) for n, one in enumerate(ids)]
    again = fill(model, tokenizer, other, batch_size=8, label="again")
    assert [answer.text for answer in again] != [answer.text for answer in alone]
