"""Long work tells how far it is, where there is no terminal for a bar, too."""

from __future__ import annotations

import pytest

from osler import progress as told
from osler.progress import Lines, duration, progress


def test_in_a_file_long_work_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(told, "EVERY", 0.0)
    assert list(progress("abcd", "answers")) == list("abcd")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "answers: 1 of 4, about 0 s left"
    assert len(lines) == 3


def test_what_is_soon_done_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress(range(100), "answers")) == list(range(100))
    assert capsys.readouterr().err == ""


def test_the_time_left_after_a_resume_is_reckoned_from_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(told, "EVERY", 0.0)
    lines = Lines("train", total=200, start=100)
    lines.begun -= 100.0
    lines.tell(100)
    lines.tell(150, "loss 1.234")
    assert capsys.readouterr().err == "train: 150 of 200, loss 1.234, about 100 s left\n"


@pytest.mark.parametrize(
    ("seconds", "said"), [(99, "99 s"), (180, "3 min"), (3 * 3600, "3 h"), (3 * 86400, "3 days")]
)
def test_a_time_is_told_in_the_unit_that_suits_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said
