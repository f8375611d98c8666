"""Sections written by a server on this machine that speaks OpenAI's completions."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.errors import UserError
from osler.records.fit import Fitted
from osler.records.synthetic.cohort import synthesize
from osler.serve.endpoint import CHARACTERS, Endpoint, is_local
from osler.serve.summarize import Ask
from osler.summaries import store
from osler.summaries.page.paper import page_name
from osler.summaries.prompts import Prompt
from osler.summaries.template import Section


@dataclass
class Script:
    """What a server does: `answer` has the number of the request from 1 and what was asked, and
    gives a status and the text of a section."""

    answer: Callable[[int, dict[str, Any]], tuple[int, str]]
    seen: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class Handler(BaseHTTPRequestHandler):
    """Does as its server's script says."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script: Script = self.server.script  # type: ignore[attr-defined]
        script.seen.append(asked)
        status, text = script.answer(len(script.seen), asked)
        answer = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who asked has gone
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


Serve = Callable[[Script], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers: script -> address."""
    made: list[ThreadingHTTPServer] = []

    def start(script: Script) -> str:
        made.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        made[-1].script = script  # type: ignore[attr-defined]
        threading.Thread(target=made[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{made[-1].server_port}/v1"

    yield start
    for one in made:
        one.shutdown()
        one.server_close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between tries a server is given seconds; here it needs none."""
    monkeypatch.setattr("osler.serve.endpoint.PAUSE", 0.0)


def summarized(url: str, folder: Path, *more: str, patients: int = 1) -> int:
    """Summaries of a cohort by a server, into folder/s; the exit code."""
    if not (folder / "c").exists():
        synthesize(folder / "c", patients, 3, form="fhir")
    said = ["summarize", url, "--model", "clinic-7b", "--records", str(folder / "c" / "fhir")]
    return main([*said, "--as-of", "2024-12-31", "--out", str(folder / "s"), *more])


def report(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "s" / store.REPORT).read_text("utf-8"))


def test_a_local_server_writes_sections_and_every_summary_says_who(
    serve: Serve, tmp_path: Path
) -> None:
    """It says the same of everybody; the first request is answered 503."""
    script = Script(lambda number, asked: (503 if number == 1 else 200, "Is well known here."))
    assert summarized(serve(script), tmp_path, "--tries", "0", "--batch-size", "2") == 0
    (summary,) = store.summaries(tmp_path / "s")
    assert summary.made_by.name == "clinic-7b (on this machine)"
    assert not summary.audit.omissions, "what the server left out was added by rule"
    assert {one["model"] for one in script.seen} == {"clinic-7b"}
    assert all(one["messages"][0]["role"] == "user" for one in script.seen)
    assert all(summary.patient not in json.dumps(one) for one in script.seen)
    assert report(tmp_path)["sections_not_answered"] == {}


def test_a_server_that_always_fails_writes_nothing_under_its_name(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script(lambda number, asked: (500, ""))
    assert summarized(serve(script), tmp_path, patients=3) == 2
    said = capsys.readouterr().err
    assert "not one of" in said
    assert "the server failed: HTTP 500." in said
    assert not (tmp_path / "s").exists()
    assert len(script.seen) < 60, "it is not asked for every section three times"


def test_a_server_that_begins_to_fail_leaves_patients_to_another_call(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those with no answer are listed as failed; those with some have the rest by rule, and are
    written anew by the next call, which finds nothing unfinished after that."""
    script = Script(lambda number, asked: (200 if number < 6 else 500, "Is well known here."))
    words = ("--tries", "0", "--batch-size", "1", "--html")
    assert summarized(serve(script), tmp_path, *words, patients=3) == 1
    told = capsys.readouterr().out
    assert "3 patients as of 2024-12-31: 1 written, 0 were there, 2 failed" in told
    assert told.count(": the server failed: HTTP 500") == 3
    found = report(tmp_path)
    (count,) = found["sections_not_answered"].values()
    assert f"{count} of these sections by rule for lack of an answer: the server failed" in told
    assert [one["why"] for one in found["failed"]] == ["the server failed: HTTP 500"] * 2
    (summary,) = store.summaries(tmp_path / "s")
    assert len(summary.unanswered) == count
    assert set(summary.unanswered) <= set(summary.by_rule)
    page = (tmp_path / "s" / page_name(summary.patient)).read_text("utf-8")
    assert "The model did not answer for these sections" in page
    well = Script(lambda number, asked: (200, "Is well known here."))
    assert summarized(serve(well), tmp_path, *words) == 0
    assert "3 written, 0 were there, 0 failed" in capsys.readouterr().out
    assert not any(one.unanswered for one in store.summaries(tmp_path / "s"))
    (kept,) = (tmp_path / "s" / store.OLDER).iterdir()
    assert store.read(kept) == summary
    assert summarized(serve(well), tmp_path, *words) == 0
    assert "0 written, 3 were there, 0 failed" in capsys.readouterr().out


@pytest.mark.parametrize("said", ["Not recorded.", "None.", "- Nothing recorded", "n/a", ""])
def test_nothing_recorded_is_not_said_of_what_is(said: str, serve: Serve, tmp_path: Path) -> None:
    script = Script(lambda number, asked: (200, said))
    assert summarized(serve(script), tmp_path, "--tries", "1") == 0
    (summary,) = store.summaries(tmp_path / "s")
    asked = {one["messages"][0]["content"].split('"')[1] for one in script.seen}
    assert set(summary.by_rule) == asked
    assert len(script.seen) == 2 * len(asked), "each was asked for again"
    assert not summary.audit.findings
    assert not summary.audit.omissions


def test_an_answer_without_end_is_cut_where_it_should_have_ended(
    serve: Serve, tmp_path: Path
) -> None:
    script = Script(lambda number, asked: (200, "She is fine. " * 20_000))
    assert summarized(serve(script), tmp_path, "--tries", "0") == 0
    (summary,) = store.summaries(tmp_path / "s")
    longest = max(one["max_tokens"] for one in script.seen) * CHARACTERS
    assert all(len(one.text) <= 2 * longest for one in summary.sections)


def test_an_answer_that_takes_too_long_is_told_of(serve: Serve) -> None:
    released = threading.Event()

    def wait(number: int, asked: dict[str, Any]) -> tuple[int, str]:
        released.wait(60)
        return 200, "late"

    section = Section(title="Vaccines", about="Vaccines given.", parts=("immunizations",))
    fitted = Fitted((), 0, {}, 0, fits=True)
    ask = Ask(Prompt(section, ({"role": "user", "content": "?"},), fitted), None)
    server = Endpoint(serve(Script(wait)), "m", 2, timeout=0.2)
    with pytest.raises(UserError, match=r"no whole answer in 0\.2 seconds"):
        server([ask])
    released.set()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--tries", "-1"), "--tries -1: too few."),
        (("--batch-size", "0"), "--batch-size 0: too few."),
        (("--batch-size", "-1"), "--batch-size -1: too few."),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    words: tuple[str, ...], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert summarized("http://127.0.0.1:9/v1", tmp_path, *words) == 2
    assert why in capsys.readouterr().err


def test_nobody_there_is_said_with_the_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthesize(tmp_path / "c", 1, 3, form="fhir")
    said = ["summarize", "http://127.0.0.1:9/v1", "--model", "m"]
    said += ["--records", str(tmp_path / "c" / "fhir"), "--as-of", "2024-12-31"]
    assert main([*said, "--out", str(tmp_path / "s")]) == 2
    assert "nobody answers there" in capsys.readouterr().err


def test_what_is_local() -> None:
    assert is_local("http://localhost:8000/v1")
    assert is_local("http://[::1]:8000/v1")
    assert not is_local("http://10.0.0.5:8000/v1")
    assert not is_local("http://localhost.example.org/v1")
