"""Answers of a model to prompts, the same way for evaluation, export and chat."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from osler.errors import UserError
from osler.progress import progress
from osler.rows import Message
from osler.serve.speech import HALF_CHARACTER, Speech
from osler.template import encode, render_prompt, stop_token_ids


@dataclass(frozen=True)
class Answer:
    """A model's answer. `stopped`: it ended by itself, with one of the stop tokens, rather than
    at `max_new_tokens`. `n_tokens` does not count the stop token."""

    text: str
    stopped: bool
    n_tokens: int


@dataclass(frozen=True)
class Sampling:
    """How a chat's next token is drawn; without it the likeliest one is taken."""

    temperature: float = 0.7
    top_p: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.temperature > 0 or not 0 < self.top_p <= 1:
            raise UserError(
                f"temperature {self.temperature} and top_p {self.top_p} cannot be sampled with.",
                "temperature must be above 0 and top_p above 0 and at most 1.",
            )


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[list[Message]],
    *,
    max_new_tokens: int,
    batch_size: int,
    label: str,
) -> list[Answer]:
    """The greedy answer to each prompt, in the order given.

    `label` names the progress bar. The model's own generation defaults (temperature, repetition
    penalty and so on) do not act; its end-of-turn tokens do.
    """
    prompt_ids = encode(tokenizer, [render_prompt(tokenizer, prompt) for prompt in prompts])
    stops = stop_token_ids(tokenizer, model.generation_config)
    new = continuations(
        model,
        tokenizer,
        prompt_ids,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        label=label,
    )
    return [answer_of(tokenizer, ids, stops) for ids in new]


def answer_of(tokenizer: Any, ids: Sequence[int], stops: Sequence[int]) -> Answer:
    """The answer that tokens are, up to and with a stop token where there is one."""
    stopped = bool(ids) and ids[-1] in stops
    spoken = ids[:-1] if stopped else ids
    return Answer(answer_text(tokenizer, spoken), stopped, len(spoken))


def padding(tokenizer: Any, stops: Sequence[int]) -> int:
    """The token in front of shorter prompts; a stop token where the tokenizer names none."""
    return stops[0] if tokenizer.pad_token_id is None else tokenizer.pad_token_id


def continuations(
    model: Any,
    tokenizer: Any,
    prompt_ids: Sequence[list[int]],
    *,
    max_new_tokens: int,
    batch_size: int,
    label: str,
) -> list[list[int]]:
    """The greedy tokens after each prompt, up to and with the first stop token, in order given.

    Batches are made of prompts of like length, the longest first, so that little is padding and a
    lack of memory shows at once.
    """
    stops = stop_token_ids(tokenizer, model.generation_config)
    found: list[list[int]] = [[] for _ in prompt_ids]
    order = sorted(range(len(prompt_ids)), key=lambda i: -len(prompt_ids[i]))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    with _settings(model, tokenizer, max_new_tokens, None) as settings:
        for batch in progress(batches, f"{label}, batches"):
            inputs = left_padded([prompt_ids[i] for i in batch], settings.pad_token_id, model)
            output = model.generate(**inputs, generation_config=settings)
            width = inputs["input_ids"].shape[1]
            for i, row in zip(batch, output[:, width:].tolist(), strict=True):
                found[i] = _up_to_stop(row, stops)
    return found


def stream(
    model: Any,
    tokenizer: Any,
    messages: Sequence[Message],
    *,
    max_new_tokens: int,
    sampling: Sampling | None = None,
    should_stop: Callable[[], bool],
) -> Iterator[str]:
    """The answer in pieces, as they are produced. Together they equal `Answer.text`.

    Returns soon after `should_stop()` says True, which is asked after every token. A piece never
    ends within a UTF-8 character.
    """
    prompt_ids = encode(tokenizer, [render_prompt(tokenizer, messages)])
    stops = stop_token_ids(tokenizer, model.generation_config)
    speech = Speech(tokenizer)
    with _settings(model, tokenizer, max_new_tokens, sampling) as settings:
        inputs = left_padded(prompt_ids, settings.pad_token_id, model)
        seed = sampling.seed if sampling else None
        with contextlib.closing(_tokens(model, inputs, settings, seed, should_stop)) as tokens:
            for token in tokens:
                if token in stops:
                    break
                if piece := speech.add(token):
                    yield piece
            if rest := speech.end():
                yield rest


def answer_text(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of an answer's tokens: no special tokens, no white space around it.

    A character that `max_new_tokens` cut in half is left out.
    """
    text: str = tokenizer.decode(
        list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    return text.rstrip(HALF_CHARACTER).strip()


def left_padded(prompt_ids: Sequence[list[int]], pad: int, model: Any) -> dict[str, Any]:
    """`input_ids` and `attention_mask` of (prompts, longest), padded on the left."""
    import torch

    width = max(len(ids) for ids in prompt_ids)
    ids = [[pad] * (width - len(ids)) + ids for ids in prompt_ids]
    mask = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompt_ids]
    return {
        "input_ids": torch.tensor(ids, device=model.device),
        "attention_mask": torch.tensor(mask, device=model.device),
    }


@contextlib.contextmanager
def any_length() -> Generator[None]:
    """Without cuDNN's attention, which makes a plan for every new shape. Each token of an answer is
    a length of its own: on an H200 the plans take most of the time (bench/RESULTS.md)."""
    import torch

    was = torch.backends.cuda.cudnn_sdp_enabled()
    torch.backends.cuda.enable_cudnn_sdp(False)
    try:
        yield
    finally:
        torch.backends.cuda.enable_cudnn_sdp(was)


@contextlib.contextmanager
def _settings(
    model: Any, tokenizer: Any, max_new_tokens: int, sampling: Sampling | None
) -> Generator[Any]:
    """Our GenerationConfig, which is also the model's own while it generates.

    transformers fills every value left at None from the model's own, so passing ours is not
    enough to keep a model's repetition penalty or temperature out.
    """
    from transformers import GenerationConfig

    stops = stop_token_ids(tokenizer, model.generation_config)
    drawn: dict[str, Any] = {"do_sample": False}
    if sampling is not None:
        drawn = {
            "do_sample": True,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": 0,  # transformers' default would cut at 50
        }
    settings = GenerationConfig(
        max_new_tokens=max_new_tokens,
        eos_token_id=stops,
        pad_token_id=padding(tokenizer, stops),
        use_cache=True,  # training writes False into a model's config
        **drawn,
    )
    # PEFT keeps a config of its own beside its base's, and copies it down at every call.
    holders = [model, *([model.get_base_model()] if hasattr(model, "get_base_model") else [])]
    before = [holder.generation_config for holder in holders]
    for holder in holders:
        holder.generation_config = settings
    try:
        with any_length():
            yield settings
    finally:
        for holder, own in zip(holders, before, strict=True):
            holder.generation_config = own


def _up_to_stop(row: list[int], stops: list[int]) -> list[int]:
    end = next((i for i, token in enumerate(row) if token in stops), len(row) - 1)
    return row[: end + 1]


def _tokens(
    model: Any,
    inputs: dict[str, Any],
    settings: Any,
    seed: int | None,
    should_stop: Callable[[], bool],
) -> Generator[int]:
    """Tokens as `model.generate` makes them in a thread; closing the iterator ends the thread."""
    import torch
    from transformers import StoppingCriteriaList

    arrived: SimpleQueue[int | BaseException | None] = SimpleQueue()
    abandoned = Event()

    def stop_now(input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        wanted = abandoned.is_set() or should_stop()
        return torch.full((input_ids.shape[0],), wanted, device=input_ids.device)

    def work() -> None:
        try:
            if seed is not None:
                torch.manual_seed(seed)
            model.generate(
                **inputs,
                generation_config=settings,
                streamer=_Streamer(arrived),
                stopping_criteria=StoppingCriteriaList([stop_now]),
            )
            arrived.put(None)
        except BaseException as fault:
            arrived.put(fault)

    thread = Thread(target=work, name="osler-answer", daemon=True)
    thread.start()
    try:
        while (item := arrived.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            if should_stop():
                return
            yield item
    finally:
        abandoned.set()
        thread.join()


class _Streamer:
    """What `generate` hands tokens to: the prompt first, then one token at a time."""

    def __init__(self, arrived: SimpleQueue[int | BaseException | None]) -> None:
        self.arrived = arrived
        self.prompt_seen = False

    def put(self, value: Any) -> None:
        if self.prompt_seen:
            self.arrived.put(int(value.reshape(-1)[-1]))
        self.prompt_seen = True

    def end(self) -> None:
        """Nothing: `work` says so itself, after errors too."""
