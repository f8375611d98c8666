"""Documents, patients, runs and the page's own files, over their routes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from front_desk import SAID, client, desk
from tests.records.record_shapes import GOOD, write_bundle

from osler.records.account import Account
from osler.records.folder import find
from osler.records.folder import store as store_records
from osler.serve.app.page import files
from osler.serve.app.ward import Ward
from osler.summaries import store

URLENCODED = "application/x-www-form-urlencoded"
XSS = "<script>alert(1)</script>\"'"


def upload(asks: TestClient, content: bytes, name: str = "a.txt") -> Any:
    return asks.post("/app/documents", content=content, headers={"X-Document-Name": name})


def events(text: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


# -- the page ----------------------------------------------------------------------------------


def test_the_page_runs_nothing_but_its_own_files(asks: TestClient) -> None:
    page = asks.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "<style" not in page.text
    assert "style=" not in page.text
    assert page.text.count("<script") == 1
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_files_of_the_table_are_served(asks: TestClient) -> None:
    assert {"index.html", "main.js", "base.css", "page.css"} <= files().keys()
    for name in files():
        assert asks.get(f"/static/{name}").status_code == 200
    for name in ("page.py", "..%2f..%2fpyproject.toml", "%2e%2e/page.py", "nano/config.json", ""):
        assert asks.get(f"/static/{name}").status_code == 404


def test_no_file_of_the_page_names_an_address_elsewhere_or_makes_markup() -> None:
    for name, (content, _) in files().items():
        text = content.decode()
        addresses = text.replace("http://www.w3.org/2000/svg", "").replace("https://www.w3.org", "")
        code = "\n".join(line for line in addresses.splitlines() if "//" not in line.lstrip()[:3])
        assert "https://" not in code.replace("https?:", ""), name
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in text, (name, way)
        assert "parseFromString" not in text or name == "frame.js"


# -- documents ---------------------------------------------------------------------------------


def test_a_document_is_read_summed_up_and_forgotten(asks: TestClient) -> None:
    made = upload(asks, f"Hémoglobine 9.1 {XSS}\nmore".encode(), "r%C3%A9sum%C3%A9%20%3Cb%3E.txt")
    assert made.status_code == 201
    id = made.json()["id"]
    assert made.json()["name"] == "résumé <b>.txt"
    found = asks.get(f"/app/documents/{id}")
    assert found.headers["content-type"] == "application/json"  # never the file itself
    assert found.json()["text"].startswith("Hémoglobine 9.1 <script>")
    for what in ("summary", "advice"):
        told = asks.post(f"/app/documents/{id}/{what}", json={"model": "echo"})
        assert told.headers["content-type"].startswith("text/event-stream")
        assert [one["type"] for one in events(told.text)] == ["sources", "piece", "final"]
        unknown = asks.post(f"/app/documents/{id}/{what}", json={"model": "gpt"})
        assert unknown.status_code == 404
        assert unknown.json()["error"]["cure"] == "There are: echo."
    assert asks.delete(f"/app/documents/{id}").status_code == 204
    assert asks.get("/app/documents").json() == []
    assert asks.get(f"/app/documents/{id}").status_code == 404
    assert asks.post(f"/app/documents/{id}/summary", json={"model": "echo"}).status_code == 404


def test_uploads_are_bounded_in_size_and_number_and_refused_in_a_sentence(asks: TestClient) -> None:
    long = upload(asks, b"x" * 1001)
    assert long.status_code == 400
    assert long.json()["error"]["code"] == "too_long"
    empty = upload(asks, b" ", "leer.txt")
    assert empty.status_code == 400
    assert empty.json()["error"] == {
        "message": "leer.txt: empty.", "cure": "Give a file with text.", "param": None,
        "type": "invalid_request_error", "code": None,
    }  # fmt: skip
    assert upload(asks, b"one").status_code == 201
    assert upload(asks, b"two").status_code == 201
    full = upload(asks, b"three")
    assert full.status_code == 409
    assert full.json()["error"]["cure"] == "Delete one first."
    assert upload(asks, b"two", "again.txt").status_code == 201, "it takes its own place"
    assert [one["name"] for one in asks.get("/app/documents").json()] == ["a.txt", "again.txt"]


def test_a_file_in_a_form_is_taken_as_if_it_were_the_body(asks: TestClient) -> None:
    """As `curl -F file=@…` sends it; bytes and name are kept as they are."""
    content = "Hémoglobine 9.1\r\n--\r\n\r\nmore\n".encode()
    made = asks.post("/app/documents", files={"file": ("résumé.txt", content)}, data={"note": "x"})
    assert made.status_code == 201
    assert made.json()["name"] == "résumé.txt"
    assert asks.get(f"/app/documents/{made.json()['id']}").json()["text"].encode() == content
    named = asks.post(
        "/app/documents", files={"file": ("a.txt", b"two")}, headers={"X-Document-Name": "b.txt"}
    )
    assert named.json()["name"] == "b.txt"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"files": [("a", ("a.txt", b"1")), ("b", ("b.txt", b"2"))]}, "has 2 files"),
        ({"data": {"note": "x"}, "files": {"note": (None, b"x")}}, "has no files"),
        ({"files": [(str(n), (None, b"x")) for n in range(30)]}, "more than 20 parts"),
        ({"content": b"--x\r\n\r\n", "headers": {"Content-Type": "multipart/form-data"}},
         "parted"),
        ({"content": b"--x\r\nContent-Disposition: form-data; filename=a\r\n\r\nhalf",
          "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, "cut off"),
        ({"content": b"--x\r\nContent-Disposition: a; filename*=idna''%ff\r\n\r\n1\r\n--x--",
          "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, "letters"),
        ({"content": b"--x\r\n\r\n",
          "headers": {"Content-Type": "multipart/form-data; boundary*=idna''%ff"}}, "letters"),
        ({"content": b"--x\r\n\r\n",
          "headers": {"Content-Type": "multipart/form-data; boundary*=zip''%ff"}}, ""),
        ({"content": b"%PDF-1.7 1 0 obj", "headers": {"Content-Type": URLENCODED}}, "curl -d"),
        ({"files": {"file": ("a.txt", b"x" * 1001)}}, "longer than"),
        ({"files": {"file": ("a.txt", b"x" * 100_000)}}, "longer than"),
    ],
)  # fmt: skip
def test_a_form_that_is_no_upload_is_refused_in_a_sentence(
    asks: TestClient, form: dict[str, Any], said: str
) -> None:
    sent = asks.post("/app/documents", **form)
    assert sent.status_code == 400, sent.text
    assert said in sent.json()["error"]["message"]
    assert sent.json()["error"]["cure"]
    assert asks.get("/app/documents").json() == []


# -- patients ----------------------------------------------------------------------------------


def test_without_records_there_are_people_who_never_were_and_are_called_so(
    asks: TestClient,
) -> None:
    found = asks.get("/app/patients").json()
    assert found["made_up"]
    assert found["count"] == len(found["people"]) == 12
    one = found["people"][0]
    by_name = asks.get("/app/patients", params={"q": one["name"].upper()}).json()["people"]
    assert [who["id"] for who in by_name] == [one["id"]]
    by_id = asks.get("/app/patients", params={"q": one["id"][:9]}).json()["people"]
    assert [who["id"] for who in by_id] == [one["id"]]
    assert asks.get("/app/patients", params={"q": "%' OR 1=1 --"}).json()["people"] == []


def test_a_summary_is_written_kept_shown_and_compared(asks: TestClient, tmp_path: Path) -> None:
    id = asks.get("/app/patients").json()["people"][0]["id"]
    assert asks.get("/app/patient", params={"id": id}).json()["versions"] == []
    first = asks.post("/app/patient/summary", json={"id": id})
    assert [one["type"] for one in events(first.text)] == ["audit", "written"]
    second = asks.post("/app/patient/summary", json={"id": id, "model": "echo"})
    steps = events(second.text)
    assert steps[-1]["type"] == "written"
    sections = [one for one in steps if one["type"] == "section"]
    assert sections
    assert sections[0]["done"] == 1
    versions = asks.get("/app/patient", params={"id": id}).json()["versions"]
    assert [one["version"] for one in versions] == ["newest", "1"]
    assert [one["made_by"] for one in versions] == ["echo", "draft"]
    page = asks.get("/app/patient/page", params={"id": id, "version": "1"}).json()
    assert "<svg" in page["html"]
    assert not page["changed"]
    rows = asks.get("/app/patient/compare", params={"id": id, "a": "1", "b": "newest"}).json()
    assert rows
    summary = store.read(tmp_path / "summaries" / store.file_name(id))
    assert SAID.split()[0] not in summary.sections[0].title
    assert summary.made_by.digest == "ab" * 32


def test_who_or_what_is_not_there_is_told(asks: TestClient) -> None:
    id = asks.get("/app/patients").json()["people"][0]["id"]
    for path, more in (
        ("/app/patient", {"id": "../../etc/passwd"}),
        ("/app/patient/page", {"id": id}),
        ("/app/patient/page", {"id": id, "version": "../newest"}),
        ("/app/patient/compare", {"id": id, "a": "1", "b": "2"}),
    ):
        assert asks.get(path, params=more).status_code == 404, path
    wrong = asks.post("/app/patient/summary", json={"id": id, "model": "gpt"})
    assert wrong.status_code == 404
    assert "echo" in wrong.json()["error"]["cure"]
    for day in ("1700-01-01", "9999-12-31"):
        wrong = asks.post("/app/patient/summary", json={"id": id, "as_of": day})
        assert wrong.status_code == 400


def test_a_folder_that_is_none_is_told_of_in_the_tab(tmp_path: Path) -> None:
    asks = client(desk(tmp_path, records=tmp_path / "nowhere"))
    told = asks.get("/app/patients")
    assert told.status_code == 400
    assert "no such folder" in told.json()["error"]["message"]


@pytest.mark.parametrize("imported", [False, True])
def test_a_file_that_is_refused_is_told_of_beside_the_patients(
    tmp_path: Path, *, imported: bool
) -> None:
    folder = tmp_path / "fhir"
    cut = write_bundle(folder, GOOD).read_bytes()[:600]
    write_bundle(folder, cut, "cut.json")
    records = tmp_path / "records" if imported else folder
    if imported:
        store_records(find(folder), records, Account())
    found = client(desk(tmp_path, records=records)).get("/app/patients").json()
    assert found["count"] == 1
    (said,) = [line for line in found["remarks"] if "cut.json" in line]
    assert said.startswith("Not read: cut.json: the whole file is refused")


def test_a_page_is_told_that_the_sources_were_made_anew(tmp_path: Path) -> None:
    made = desk(tmp_path)
    assert client(made).get("/app/state").json()["notes"] == []
    (said,) = client(replace(made, sources_replaced=lambda: True)).get("/app/state").json()["notes"]
    assert "start the server again" in said


def test_whoever_leaves_stops_the_writing(tmp_path: Path) -> None:
    """The model's sections are not asked for any more, and nothing is kept."""
    from osler.serve.app.writing import Writer

    made = desk(tmp_path)
    writer = Writer(made.engine, made.ward, made.template, made.prompts)
    ward: Ward = made.ward
    record = ward.record(ward.people()[0][0].id)

    async def leave() -> None:
        steps = writer.write(record, record.encounters[-1].start.day, "echo")
        await anext(steps)
        await steps.aclose()  # type: ignore[attr-defined]

    asyncio.run(leave())
    assert not (tmp_path / "summaries").exists()


# -- runs --------------------------------------------------------------------------------------


def test_no_runs_are_an_empty_list_and_no_name_leads_out_of_the_folder(asks: TestClient) -> None:
    assert asks.get("/app/runs").json() == []
    for name in ("nothing", "..", "%2e%2e%2fstate", "..%2fstate"):
        assert asks.get(f"/app/runs/{name}").status_code == 404
        assert asks.get(f"/app/runs/{name}/report").status_code == 404


@pytest.fixture(scope="module")
def a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run of which the data stage is done."""
    from osler.cli import main

    folder = tmp_path_factory.mktemp("ran")
    code = main(["data", "quickstart", "--run-dir", str(folder / "runs" / "first")])
    assert code == 0
    return folder


def test_a_run_is_shown_with_its_stages(a_run: Path) -> None:
    asks = client(desk(a_run))
    (short,) = asks.get("/app/runs").json()
    assert short["run"] == "first"
    assert [one["status"] for one in short["stages"]] == ["done"] + 3 * ["not started"]
    found = asks.get("/app/runs/first").json()
    assert found["verdict"] == []
    assert not found["report"]
    assert asks.get("/app/runs/first/report").status_code == 404


def test_a_damaged_run_is_listed_as_such(a_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "torn"
    folder.mkdir(parents=True)
    for name in ("recipe.lock.json", "run.json"):
        (folder / name).write_text((a_run / "runs" / "first" / name).read_text())
    (folder / "run.json").write_text("{")
    (short,) = client(desk(tmp_path)).get("/app/runs").json()
    assert "damaged" in short["fault"]
