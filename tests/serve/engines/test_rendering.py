"""Chat templates are programs of others, and cannot hold the server up."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from tests.serve.engines.conftest import Opened

from osler.errors import UserError
from osler.model import load_tokenizer, nano_path
from osler.recipe import Model
from osler.serve.engines.rendering import Renderer
from osler.template import render_prompt

TURNS = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "What is <|assistant|> gout — größer?"},
]
LOOP = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
BAD = {
    "a loop without end": LOOP,
    "a text of gigabytes": "{{ 'x' * 10 ** 10 }}",
    "a number without end": "{{ 10 ** (10 ** 10) }}",
    "a list of all numbers": "{{ range(10 ** 10) | list | length }}",
    "a way out of the sandbox": "{{ ''.__class__.__mro__[1].__subclasses__() | length }}",
    "no template": "{% for %}",
}


def tokenizer(template: str | None = None) -> Any:
    made = load_tokenizer(Model(id="nano"), Path())
    if template is not None:
        made.chat_template = template
    return made


def test_it_renders_what_training_rendered() -> None:
    known: Any = tokenizer()
    render = Renderer(known, "nano")
    for turns in (TURNS, TURNS[1:], [*TURNS, {"role": "assistant", "content": "Pain."}, TURNS[1]]):
        assert render(turns) == render_prompt(known, turns)  # type: ignore[arg-type]
    render.close()


@pytest.mark.parametrize("template", BAD.values(), ids=BAD)
def test_a_bad_template_is_refused_at_the_start(template: str) -> None:
    begun = time.monotonic()
    with pytest.raises(UserError, match=r"nano: its chat template cannot be used.*\n?Correct"):
        Renderer(tokenizer(template), "nano")
    assert time.monotonic() - begun < 60


def test_a_template_that_a_message_sets_off_is_stopped_and_the_next_is_rendered() -> None:
    hidden = (
        "{% if 'gout' in messages[0].content %}" + LOOP + "{% endif %}{{ messages[0].content }}"
    )
    render = Renderer(tokenizer(hidden), "nano")
    with pytest.raises(UserError, match="did not end within 2 seconds"):
        render([{"role": "user", "content": "What is gout?"}])
    assert render([{"role": "user", "content": "What is lupus?"}]) == "What is lupus?"
    render.close()


def test_an_engine_with_such_a_model_does_not_open(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(nano_path(), folder)
    (folder / "chat_template.jinja").write_text(LOOP, encoding="utf-8")
    with pytest.raises(UserError, match=r"chat_template\.jinja in the model's folder"):
        opened(folder=folder)
