"""Conversations: kept in a file of the user's own, found again, gone when deleted."""

from __future__ import annotations

import resource
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from front_desk import client, desk

from osler.errors import UserError
from osler.serve.app.history import FILE, History

XSS = "<img src=x onerror=alert(1)>\"'</script>"


def add(asks: TestClient, talk: str, id: str, content: str, **more: Any) -> None:
    body = {"id": id, "parent": None, "role": "user", "content": content, **more}
    sent = asks.post(f"/app/conversations/{talk}/messages", json=body)
    assert sent.status_code == 204, sent.text


def titles(asks: TestClient, **asked: str) -> list[str]:
    return [one["title"] for one in asks.get("/app/conversations", params=asked).json()]


def test_a_conversation_comes_back_with_its_branches_and_what_was_said_of_it(
    asks: TestClient,
) -> None:
    source = {"number": 1, "document": "d1", "start": 0, "end": 9, "text": XSS}
    about = {"model": "echo", "sources": [source]}
    add(asks, "t1", "q1", f"What is gout? {XSS}")
    add(asks, "t1", "a1", XSS, parent="q1", role="assistant", about=about)
    add(asks, "t1", "q2", "What is asthma?")
    asks.put("/app/feedback/a1", json={"thumb": "down", "corrected": "Gout is …", "reason": XSS})
    found = asks.get("/app/conversations/t1").json()
    assert [(one["id"], one["parent"]) for one in found["messages"]] == [
        ("q1", None), ("a1", "q1"), ("q2", None),
    ]  # fmt: skip
    kept = found["messages"][1]
    assert kept["content"] == XSS
    assert kept["about"] == about
    assert kept["feedback"] == {"thumb": "down", "corrected": "Gout is …", "reason": XSS}
    assert found["title"].startswith("What is gout?")


def test_a_message_that_is_sent_twice_is_there_once(asks: TestClient) -> None:
    add(asks, "t1", "q1", "once")
    add(asks, "t1", "q1", "once")
    assert len(asks.get("/app/conversations/t1").json()["messages"]) == 1


def test_a_message_of_one_conversation_makes_no_other(asks: TestClient) -> None:
    add(asks, "t1", "q1", "once")
    again = {"id": "q1", "parent": None, "role": "user", "content": "elsewhere"}
    assert asks.post("/app/conversations/t2/messages", json=again).status_code == 400
    assert titles(asks) == ["once"]


def test_a_message_follows_only_one_of_its_conversation(asks: TestClient) -> None:
    add(asks, "t1", "q1", "What is gout?")
    add(asks, "t2", "q2", "What is asthma?")
    for parent in ("nowhere", "q2", "a1"):  # a1: itself
        body = {"id": "a1", "parent": parent, "role": "assistant", "content": "A disease."}
        sent = asks.post("/app/conversations/t1/messages", json=body)
        assert sent.status_code == 404, parent
        assert "is not in its conversation" in sent.json()["error"]["message"]
    assert len(asks.get("/app/conversations/t1").json()["messages"]) == 1


@pytest.mark.parametrize("more", [{"parent": "q1"}, {"known": True}])
def test_what_was_deleted_is_not_made_again_by_what_follows(
    asks: TestClient, more: dict[str, Any]
) -> None:
    add(asks, "t1", "q1", "What is gout?")
    asks.delete("/app/conversations/t1")
    body = {"id": "q2", "role": "user", "content": "How is it treated?", **more}
    sent = asks.post("/app/conversations/t1/messages", json=body)
    assert sent.status_code == 404
    assert "deleted meanwhile" in sent.json()["error"]["message"]
    assert titles(asks) == []


@pytest.mark.parametrize(
    "special", ["100%", "a_b", "it's", '"; DROP TABLE messages; --', "[x]*?", "\\", "naïve", "ÜBER"]
)
def test_a_search_takes_every_sign_as_itself(asks: TestClient, special: str) -> None:
    add(asks, "t1", "q1", f"about {special} and more")
    add(asks, "t2", "q2", "about something else")
    assert titles(asks, q=special.lower()) == [f"about {special} and more"]
    assert len(titles(asks)) == 2


def test_a_search_looks_into_answers_too(asks: TestClient) -> None:
    add(asks, "t1", "q1", "What is it?")
    add(asks, "t1", "a1", "It is pleurisy.", parent="q1", role="assistant")
    assert titles(asks, q="PLEURISY it") == ["What is it?"]
    assert titles(asks, q="pleurisy gout") == []


def test_renamed_and_deleted(asks: TestClient, tmp_path: Path) -> None:
    add(asks, "t1", "q1", "What is a carbuncle?")
    assert asks.patch("/app/conversations/t1", json={"title": XSS}).status_code == 204
    assert titles(asks) == [XSS]
    add(asks, "t1", "a1", "furunculosis-of-many-heads", parent="q1", role="assistant")
    asks.put("/app/feedback/a1", json={"thumb": "up"})
    assert asks.delete("/app/conversations/t1").status_code == 204
    assert titles(asks) == []
    assert asks.get("/app/conversations/t1").status_code == 404
    assert asks.patch("/app/conversations/t1", json={"title": "x"}).status_code == 404
    # Not only out of the tables: its words are in none of the files.
    with sqlite3.connect(tmp_path / "state" / FILE) as db:
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM feedback").fetchone() == (0,)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert b"furunculosis" not in kept


def test_all_deleted_at_once(asks: TestClient) -> None:
    add(asks, "t1", "q1", "one")
    add(asks, "t2", "q2", "two")
    assert asks.delete("/app/conversations").status_code == 204
    assert titles(asks) == []


def test_feedback_is_taken_back_and_only_answers_have_it(asks: TestClient) -> None:
    add(asks, "t1", "q1", "a question")
    add(asks, "t1", "a1", "an answer", parent="q1", role="assistant")
    asks.put("/app/feedback/a1", json={"thumb": "up"})
    asks.put("/app/feedback/a1", json={"thumb": ""})
    assert asks.get("/app/conversations/t1").json()["messages"][1]["feedback"]["thumb"] == ""
    assert asks.put("/app/feedback/q1", json={"thumb": "up"}).status_code == 404
    assert asks.put("/app/feedback/none", json={"thumb": "up"}).status_code == 404
    assert asks.put("/app/feedback/a1", json={"thumb": "sideways"}).status_code == 400


def test_switched_off_nothing_is_stored_and_every_route_says_so(tmp_path: Path) -> None:
    asks = client(desk(tmp_path, history=False))
    body = {"id": "q1", "role": "user", "content": "a secret"}
    told = [
        asks.post("/app/conversations/t1/messages", json=body),
        asks.get("/app/conversations"),
        asks.get("/app/conversations/t1"),
        asks.put("/app/feedback/q1", json={"thumb": "up"}),
        asks.delete("/app/conversations"),
    ]
    assert {one.status_code for one in told} == {409}
    assert all("--no-history" in one.json()["error"]["message"] for one in told)
    assert asks.get("/app/state").json()["history"] is False
    assert not (tmp_path / "state").exists()


def test_the_file_is_the_users_alone(asks: TestClient, tmp_path: Path) -> None:
    add(asks, "t1", "q1", "a question")
    folder = tmp_path / "state"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"id": "q", "role": "user", "content": 7}',
        b'{"id": "../x", "role": "user", "content": "x"}',
        b'{"id": "q", "role": "system", "content": "x"}',
        b'{"id": "q", "role": "user", "content": "a\\u0000b"}',
        b'{"id": "q", "role": "user", "content": "\\ud800"}',
        b'{"id": "q", "role": "user", "content": "x", "\\ud800": 1}',
        *(
            b'{"id": "q", "role": "assistant", "content": "x", "about": %s}' % about
            for about in (
                b"[]",
                b'{"a": "\\ud800"}',
                b'{"\\ud800": 1}',
                b'{"model": "\\ud800"}',
                b'{"model": 5}',
                b'{"sources": 5}',
                b'{"sources": [{"x": 1}]}',
                b'{"sentences": [{"start": 0, "end": NaN, "citations": []}]}',
                b'{"prompt_tokens": "many"}',
                b'{"notes": [["deep"]]}',
            )
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_without_being_repeated(
    asks: TestClient, body: bytes
) -> None:
    sent = asks.post(
        "/app/conversations/t1/messages", content=body, headers={"Content-Type": "application/json"}
    )
    assert sent.status_code == 400
    assert titles(asks) == []


def test_a_file_that_is_no_history_is_told_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, whatever it says" * 100)
    with pytest.raises(UserError, match=r"damaged.*\nMove it away"):
        History(tmp_path)


def test_a_newer_file_is_not_touched(tmp_path: Path) -> None:
    History(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA user_version = 9")
    with pytest.raises(UserError, match="newer"):
        History(tmp_path)


def test_a_locked_file_is_told_of_while_the_server_goes_on(
    asks: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osler.serve.app.history.PATIENCE", 0.1)
    add(asks, "t1", "q1", "a question")
    holds = sqlite3.connect(tmp_path / "state" / FILE, isolation_level=None)
    holds.execute("BEGIN EXCLUSIVE")
    body = {"id": "q2", "role": "user", "content": "x"}
    sent = asks.post("/app/conversations/t1/messages", json=body)
    assert sent.status_code == 503
    assert "locked by another process" in sent.json()["error"]["message"]
    holds.close()
    add(asks, "t1", "q2", "x")


@pytest.mark.parametrize("about", ['{"a": "\\ud800"}', '{"sources": 5}', "[]", "no JSON", "5"])
def test_what_cannot_be_read_beside_an_answer_hides_neither_it_nor_the_others(
    asks: TestClient, tmp_path: Path, about: str
) -> None:
    add(asks, "t1", "q1", "What is gout?")
    add(asks, "t1", "a1", "A disease.", parent="q1", role="assistant", about={"model": "echo"})
    with sqlite3.connect(tmp_path / "state" / FILE) as db:
        db.execute("UPDATE messages SET about = ? WHERE id = 'a1'", (about,))
    found = asks.get("/app/conversations/t1")
    assert found.status_code == 200
    assert [one["content"] for one in found.json()["messages"]] == ["What is gout?", "A disease."]
    assert found.json()["messages"][1]["about"] == {}
    assert titles(asks) == ["What is gout?"]


def test_a_fault_of_the_server_is_not_called_one_of_who_asks(
    asks: TestClient, tmp_path: Path
) -> None:
    """Its disk is full, its folder is gone: no command is there to be run again in a browser."""
    add(asks, "t1", "q1", "a question")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    body = {"id": "q2", "role": "user", "content": "x" * 200_000}
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        full = asks.post("/app/conversations/t1/messages", json=body)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert full.status_code in (503, 507)
    assert full.json()["error"]["type"] == "server_error"
    (tmp_path / "state").rename(tmp_path / "moved")
    gone = asks.get("/app/conversations")
    assert gone.status_code == 503
    for told in (full, gone):
        assert "command" not in told.json()["error"]["cure"]
