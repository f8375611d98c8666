"""References that a clinician or a server wrote: audited before they may teach, or set aside."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.disk import read_json
from osler.records.synthetic.cohort import synthesize
from osler.rows import Row, read_rows
from osler.summaries import store
from osler.summaries.text import document

DAY = "2024-12-31"
TEMPLATE = """\
sections:
  - {title: Conditions, about: All conditions., parts: [conditions, resolved], max_tokens: 4000}
  - {title: Medicines, about: All medicines., parts: [medicines, past_medicines], max_tokens: 4000}
"""
RECIPE = """\
name: ward
model: {{id: {model}}}
data:
  sources:
    - type: records
      path: cohort/fhir
      as_of: "2024-12-31"
      references: {references}
      template: sections.yaml
      licence: internal
  max_length: 12000
  test_share: 0
  validation_share: 0
  near_duplicate: null
"""
WRONG = "the reference fails the audit: "


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cohort, a template of two sections, and in draft/ right summaries."""
    folder = tmp_path_factory.mktemp("clinic")
    synthesize(folder / "cohort", 5, 11, form="fhir")
    (folder / "sections.yaml").write_text(TEMPLATE, "utf-8")
    assert main(["summarize", "draft", *flags(folder), "--out", str(folder / "draft")]) == 0
    return folder


def flags(folder: Path) -> list[str]:
    said = ["--records", str(folder / "cohort" / "fhir"), "--as-of", DAY]
    return [*said, "--template", str(folder / "sections.yaml")]


@pytest.fixture
def place(clinic: Path, tmp_path: Path) -> Path:
    """That folder, to be changed."""
    return Path(shutil.copytree(clinic, tmp_path / "clinic"))


@pytest.fixture
def prepare(place: Path, tiny_model: Path) -> Callable[[str], int]:
    """Runs `osler data` with a folder of references; its exit code."""

    def do(references: str) -> int:
        recipe = place / "ward.yaml"
        recipe.write_text(RECIPE.format(model=tiny_model, references=references), "utf-8")
        return main(["data", str(recipe), "--run-dir", str(place / "run")])

    return do


def taught(place: Path) -> list[Row]:
    return list(read_rows(place / "run" / "data" / "train.jsonl"))


def set_aside(place: Path) -> dict[str, int]:
    """How many, by reason."""
    return read_json(place / "run" / "data" / "report.json")["dropped"]


def by_hand(place: Path) -> list[Path]:
    """The right summaries as a clinician's PATIENT.md files, in refs/."""
    (place / "refs").mkdir()
    for one in store.summaries(place / "draft"):
        text = document(one.sections)
        (place / "refs" / f"{one.patient}.md").write_text(text, "utf-8")
    return sorted((place / "refs").iterdir())


# -- a clinician's files -----------------------------------------------------------------------


def test_right_references_teach_and_wrong_ones_are_set_aside_with_the_class(
    place: Path, prepare: Callable[[str], int]
) -> None:
    first, second, third, *_ = by_hand(place)
    texts = {path: path.read_text("utf-8") for path in (first, second, third)}
    first.write_text(texts[first].replace("## Medicines\n", "## Medicines\nTakes warfarin.\n"))
    cut = texts[second].index("## Medicines")
    second.write_text(texts[second][:cut])
    third.unlink()
    assert prepare("refs") == 0
    reasons = set_aside(place)
    assert reasons[f"{WRONG}drug 1"] == 1
    assert reasons["no reference for this section"] >= 2
    rows = taught(place)
    sections = {(row.group, row.extra["section"]) for row in rows}
    assert (first.stem, "Conditions") in sections, "its other section teaches"
    assert (first.stem, "Medicines") not in sections
    assert third.stem not in {row.group for row in rows}
    assert not any("warfarin" in row.reference for row in rows)
    for row in rows:
        written = (place / "refs" / f"{row.group}.md").read_text("utf-8")
        assert row.reference in written, "what was written is what is taught"


def test_a_reference_that_leaves_out_what_must_be_told_does_not_teach_that(
    place: Path, prepare: Callable[[str], int]
) -> None:
    current = re.compile(r"\nCurrent medicines:\n- .+")
    path = next(p for p in by_hand(place) if current.search(p.read_text("utf-8")))
    path.write_text(current.sub("\nCurrent medicines:", path.read_text("utf-8")), "utf-8")
    assert prepare("refs") == 0
    assert set_aside(place) == {"the reference leaves out what must be told": 1}
    sections = {(row.group, row.extra["section"]) for row in taught(place)}
    assert (path.stem, "Medicines") not in sections
    assert (path.stem, "Conditions") in sections


def test_references_that_cannot_be_read_end_the_data_with_the_cure(
    place: Path, prepare: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare("nowhere") == 2
    assert "nowhere: no such folder" in capsys.readouterr().err
    by_hand(place)[0].write_bytes(b"## Conditions\nM\xe9ni\xe8re.\n")
    assert prepare("refs") == 2
    assert "not UTF-8" in capsys.readouterr().err


# -- a server's --------------------------------------------------------------------------------


class Server(BaseHTTPRequestHandler):
    """Copies the record that it is shown, and adds a drug that nobody takes."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        record = asked["messages"][-1]["content"].partition("\n\n")[2]
        message = {"content": f"{record}\nTakes warfarin."}
        body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def written(place: Path) -> Iterator[Path]:
    """Summaries that a server on this machine wrote, in served/."""
    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/v1"
        words = ["summarize", url, "--model", "m", *flags(place), "--tries", "0"]
        assert main([*words, "--out", str(place / "served")]) == 0
        yield place / "served"
    finally:
        server.shutdown()
        server.server_close()


def test_what_a_server_made_up_is_removed_with_the_reason_and_never_taught(
    place: Path, written: Path, prepare: Callable[[str], int]
) -> None:
    removed = Counter(
        (gone.text, why.partition(":")[0])
        for one in store.summaries(written)
        for gone in one.removed
        for why in gone.why
    )
    assert removed[("Takes warfarin.", "drug")] >= 5
    assert prepare("served") == 0
    rows = taught(place)
    assert {row.group for row in rows} == {one.patient for one in store.summaries(written)}
    assert not any("warfarin" in row.reference for row in rows)


def test_a_servers_summary_that_was_changed_since_is_audited_anew(
    place: Path, written: Path, prepare: Callable[[str], int]
) -> None:
    path = next(p for p in sorted(written.glob("*-*.json")) if "Medicines" in p.read_text("utf-8"))
    summary = read_json(path)
    summary["sections"][1]["text"] = "Takes warfarin."
    path.write_text(json.dumps(summary), "utf-8")
    assert prepare("served") == 0
    assert set_aside(place)[f"{WRONG}drug 1"] == 1
    sections = {(row.group, row.extra["section"]) for row in taught(place)}
    assert (summary["patient"], "Conditions") in sections
    assert (summary["patient"], "Medicines") not in sections
