"""The report: self-contained, and safe whatever a model says."""

from __future__ import annotations

import html.parser
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from osler.evaluate import charts, suite
from osler.run import Run

NASTY = '</script><script>alert(1)</script><img src="https://evil.example/x.png" onerror=alert(2)>'


class Page(html.parser.HTMLParser):
    """The tags of a page with their attributes, and what its scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside == "style":
            self.styles.append(data)


@pytest.fixture(scope="module")
def page(trained_on_answers: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Page]:
    """The report of a run whose base model answers with markup."""
    path = tmp_path_factory.mktemp("runs") / "run-1"
    shutil.copytree(trained_on_answers, path)
    run = Run.open(path)
    real = suite.examine_answers

    def nasty(bench: Any) -> Any:
        found = real(bench)
        for answer in found["medical_qa"].answers["base"]:
            object.__setattr__(answer, "text", NASTY)
        found["medical_qa"].examination.notes.append(NASTY)
        return found

    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(suite, "examine_answers", nasty)
        suite.evaluate(run.recipe, run)
    text = (path / "evaluate" / "report.html").read_text()
    return text, Page(text)


def test_nothing_is_asked_of_any_network(page: tuple[str, Page]) -> None:
    _, found = page
    for tag, attributes in found.tags:
        assert tag not in ("link", "iframe", "img", "object", "embed", "base")
        for name in ("src", "href", "xlink:href", "action", "data", "srcset"):
            assert name not in attributes, (tag, attributes)
    for style in found.styles:
        assert not re.search(r"@import|url\(|https?:", style)
    policy = next(a["content"] for _, a in found.tags if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy


def test_answers_are_text_and_never_markup(page: tuple[str, Page]) -> None:
    text, found = page
    assert "<script>alert" not in text
    assert "evil.example" in text  # it is shown, as text
    assert [tag for tag, _ in found.tags].count("script") == 2
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)
    assert "innerHTML" not in found.scripts[1]


def test_every_test_item_can_be_paged_to_with_all_its_answers(page: tuple[str, Page]) -> None:
    _, found = page
    data = json.loads(found.scripts[0])
    assert len(data["items"]) == data["total"] > 5
    for item in data["items"]:
        assert set(item["texts"]) == {"reference", "base", "tuned", "control"}
        assert item["texts"]["base"] == NASTY
        assert item["question"]
    assert [sort["name"] for sort in data["sorts"]] == ["rougeLsum", "bits_per_byte"]


def test_verdict_look_measures_and_drawings_are_there(page: tuple[str, Page]) -> None:
    text, found = page
    assert "look 1 at this test set" in text
    assert "tuned against base" in text.lower()
    assert text.index("The verdict") < text.index("All measures") < text.index("Side by side")
    labels = [a.get("aria-label") or "" for tag, a in found.tags if tag == "svg"]
    for drawn in (
        "bits per byte: difference",
        "ROUGE-Lsum: items",
        "tuned minus base",
        "loss over",
    ):
        assert any(drawn in label for label in labels), drawn
    assert "words of answers and references" in labels


def test_the_reader_is_told_under_the_heading_that_likeness_is_not_truth(
    page: tuple[str, Page],
) -> None:
    text = " ".join(page[0].split())
    after = text[text.index("The verdict</h2>") :]
    assert after.index("an answer can score better and be false. Read samples") < after.index(
        "<art"
    )


def test_the_turned_axis_of_a_measure_where_lower_is_better_is_told(page: tuple[str, Page]) -> None:
    assert page[0].count("the axis is turned: better is up") == 1
    assert page[0].count("better is up") == 2  # bits per byte and ROUGE-Lsum


def test_where_no_verdict_can_be_given_no_line_is_drawn_or_promised() -> None:
    from osler.evaluate.report import render_report
    from osler.evaluate.summary import Examination, System, summarise

    systems = {
        name: System({"rougeLsum": [value] * 5}) for name, value in (("tuned", 9.0), ("base", 1.0))
    }
    examination = Examination(["g"] * 5, [1] * 5, systems, [("tuned", "base")], {})
    head = {
        "name": "n", "run": "r", "time": "t", "objective": "sft", "look": 1, "test_digest": "0",
        "settings": {"confidence": 0.95},
    }  # fmt: skip
    results = head | summarise(examination, confidence=0.95, margin=1.0, seed=0)
    text = render_report(results, examination, [], [])
    assert 'class="outcome no-verdict"' in text
    assert re.search(r"\.no-verdict [^}]*--undecided", text)
    assert "5 items in 1 group<" in text
    assert "Line: 95 % interval" not in text
    assert '"whisker' not in text


def test_differences_of_one_sign_use_the_whole_height() -> None:
    drawing = charts.sorted_differences([1.0] * 9 + [5.0], higher_is_better=True, title="t")
    heights = [float(h) for h in re.findall(r'<rect [^>]*height="([\d.]+)"', drawing)]
    assert max(heights) > 120


def test_many_items_are_cut_to_those_that_differ_most_and_the_page_says_so(
    page: tuple[str, Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    from osler.evaluate import report
    from osler.evaluate.summary import Examination, System

    monkeypatch.setattr(report, "MOST_SAMPLES", 4)
    gains = [0.0, 5.0, -5.0, 1.0, 9.0, -9.0, 0.5]
    systems = {
        "tuned": System({"rougeLsum": gains}),
        "base": System({"rougeLsum": [0.0] * len(gains)}),
    }
    examination = Examination([str(i) for i in range(7)], [1] * 7, systems, [("tuned", "base")], {})
    samples = [
        report.Sample(str(i), str(i), "q", "r", {"base": "b", "tuned": "t"}, []) for i in range(7)
    ]
    found = report.embedded(samples, examination)
    assert [item["id"] for item in found["items"]] == ["1", "2", "4", "5"]
    assert found["total"] == 7


@pytest.mark.parametrize(
    "values", [[0.0], [3.0, 3.0], [-1e-9, 1e9], [0.0] * 500 + [1.0], list(range(1000))]
)
def test_drawings_bear_any_numbers(values: list[float]) -> None:
    drawn = [
        charts.histograms({"a": values}, "<t>"),
        charts.sorted_differences(values, higher_is_better=False, title="t"),
        charts.curves({"training": (list(range(len(values))), values)}, "t"),
        charts.interval_bar(values[0], None, 1.0, higher_is_better=True, title="t"),
    ]
    for drawing in drawn:
        assert "nan" not in drawing
        assert "inf" not in drawing
    assert "&lt;t&gt;" in drawn[0]


def test_ticks_are_round_and_within() -> None:
    assert charts.ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert charts.ticks(-3, 42) == pytest.approx([0, 10, 20, 30, 40])
    assert charts.ticks(5, 5) == [5]
