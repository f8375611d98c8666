"""The page in a real browser, over `osler serve` with the embedded model: all four tabs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from page_server import PATIENCE, TOKEN, Server, Watched, serving, watching
from playwright.sync_api import Browser, Page, Route, expect

import osler
from chromium import chromium
from contrast import CONTRAST

ASSETS = Path(osler.__file__).parent / "assets"
HOSTILE = "<img src=https://evil.example/x onerror=alert(1)></script><script>alert(2)</script>"
REPORT = """Report of 2024-03-04 – Gemeinschaftspraxis “Müller”
Hemoglobin | 9.1 g/dL | 12.0–16.0 | L
Potassium | 4.1 mmol/L | 3.5–5.1

The patient was seen for fatigue. She walks one mile a day.
Allergies: penicillin (rash).
"""
EVERY = ("chat", "documents", "patients", "runs")

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[Server]:
    """A server with nano, a run that was examined, and people who never were."""
    from osler.cli import main

    chromium()  # before what takes long
    folder = tmp_path_factory.mktemp("served")
    small = [f"model={{id: {tiny_model}}}", "train.max_steps=2", "evaluate.max_items=20",
             "evaluate.max_new_tokens=2", "evaluate.bertscore=false"]  # fmt: skip
    for stage in ("data", "train", "evaluate"):
        words = [stage, "quickstart", *small, "--run-dir", str(folder / "runs" / "small")]
        assert main(words) == 0
    runs = folder / "runs"
    compared = ["--out", str(runs / "compared"), "--max-items", "5", "--max-new-tokens", "2"]
    assert main(["compare", str(runs / "small"), *compared]) == 0
    with serving(folder, "--state", "state", log=folder / "log") as made:
        yield made


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Watched]:
    """Somebody at a desk."""
    with watching(browser, server, viewport={"width": 1300, "height": 850}) as watched:
        yield watched


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the end of the answer."""
    page.fill("#question", question)
    page.keyboard.press("Enter")
    expect(page.locator(".composer .stop")).to_be_hidden()


def ask_and_stop(page: Page, question: str) -> None:
    """Ask, and stop the answer when some of it is there; the model need not write all of it."""
    page.fill("#question", question)
    page.keyboard.press("Enter")
    stop(page)


def stop(page: Page) -> None:
    """Stop an answer when some of it is there, unless it has ended by itself before."""
    page.wait_for_selector(".assistant:last-child :is(.writing:not(:empty), .made)")
    page.keyboard.press("Escape")
    expect(page.locator(".composer .stop")).to_be_hidden()


def write_summary(page: Page) -> None:
    """The second patient's, by rule."""
    page.locator(".people button").nth(1).click()
    page.get_by_role("button", name="Write by rule").click()
    page.wait_for_selector("iframe.framed")


# -- who may -----------------------------------------------------------------------------------


def test_the_token_goes_from_the_address_into_the_tab_and_is_asked_for_without(
    visit: Watched,
) -> None:
    page = visit.page
    page.goto(visit.server.address)
    expect(page.locator("#entry")).to_be_visible()
    expect(page.locator("#token")).to_be_focused()
    page.keyboard.type("not the token")
    page.keyboard.press("Enter")
    expect(page.locator("#entry-fault")).to_have_text("This token is not the server's.")
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .welcome")).to_be_visible()
    expect(page.locator("#question")).to_be_focused()
    page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")
    visit.open()
    expect(page.locator("#question")).to_be_focused()
    assert TOKEN not in page.url
    page.reload()
    expect(page.locator("#chat .welcome")).to_be_visible()


# -- chat --------------------------------------------------------------------------------------


def test_a_talk_is_streamed_kept_branched_and_found_again(visit: Watched) -> None:
    page = visit.open()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#chat").get_by_label("Model").select_option("nano")  # which goes on for long
    page.get_by_label("Use sources").uncheck()  # with them only what they bear out is told
    ask_and_stop(page, f"{HOSTILE} What is asthma?")
    expect(page.locator(".bubble")).to_have_text(f"{HOSTILE} What is asthma?")
    expect(page.locator(".aside", has_text="Stopped before its end.")).to_be_visible()
    page.get_by_role("button", name="Answer once more").click()
    stop(page)
    expect(page.locator(".assistant .turns")).to_contain_text("2 of 2")
    page.get_by_role("button", name="Edit this question").click()
    page.locator(".edit textarea").fill("What is gout?")
    page.keyboard.press("Enter")
    stop(page)
    expect(page.locator(".user .turns")).to_contain_text("2 of 2")
    page.get_by_role("button", name="The version before").first.click()
    expect(page.locator(".bubble")).to_contain_text("What is asthma?")
    # Kept with all its branches, and found by a word of a question that is not the title's.
    page.reload()
    page.get_by_label("Search conversations").fill("gout")
    row = page.locator(".conversations li[data-id]")
    expect(row).to_have_count(1)
    expect(row.locator(".title")).to_have_text(f"{HOSTILE} What is asthma?"[:79].rstrip() + "…")
    row.locator(".conversation").click()
    expect(page.locator(".user .turns")).to_contain_text("2 of 2")
    row.hover()
    row.get_by_role("button", name="Rename").click()
    page.get_by_label("New title").fill("Gout & asthma")
    page.keyboard.press("Enter")
    expect(row.locator(".title")).to_have_text("Gout & asthma")
    expect(row.locator(".conversation")).to_be_focused()
    row.hover()
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    expect(page.locator("#chat .welcome")).to_be_visible()


def test_a_reload_comes_back_to_the_conversation_that_was_open(visit: Watched) -> None:
    page = open_planted(visit)
    page.reload()
    expect(page.locator(".bubble")).to_contain_text("medical planted")
    expect(page.locator("[data-id=planted-medical] [aria-current]")).to_be_attached()
    page.get_by_role("button", name="New conversation").click()
    page.reload()
    expect(page.locator("#chat .welcome")).to_be_visible()
    page.locator("[data-id=planted-medical] .conversation").click()
    page.wait_for_selector(".bubble")
    visit.server.call("DELETE", "/app/conversations/planted-medical")
    page.reload()
    expect(page.locator("#chat .welcome")).to_be_visible()


def test_an_answer_once_more_is_drawn_anew_and_tells_how_to_have_it_again(visit: Watched) -> None:
    page = visit.open()
    ask(page, "What is gout?")
    expect(page.locator(".made dd", has_text="with seed")).to_have_count(0)
    page.get_by_role("button", name="Answer once more").click()
    expect(page.locator(".assistant .turns")).to_contain_text("2 of 2")
    expect(page.locator("#question")).to_be_focused()
    page.locator(".made summary").click()
    drawn = page.locator(".made dd", has_text="with seed").inner_text()
    told = re.fullmatch(r"at temperature ([\d.]+) with seed (\d+)", drawn)
    assert told
    id = page.locator(".conversations [data-id]").first.get_attribute("data-id")
    *_, shown = visit.server.call("GET", f"/app/conversations/{id}")["messages"]
    again = visit.server.call("POST", "/v1/chat/completions", {
        "model": "assistant", "messages": [{"role": "user", "content": "What is gout?"}],
        "temperature": float(told[1]), "seed": int(told[2]),
    })  # fmt: skip
    assert again["choices"][0]["message"]["content"] == shown["content"]


def test_an_answer_of_which_little_is_known_is_shown(visit: Watched) -> None:
    """As a program may keep one that is not the page."""
    for message in (
        {"id": "sparse-q", "role": "user", "content": "What is mumps?"},
        {"id": "sparse-a", "parent": "sparse-q", "role": "assistant", "content": "An infection.",
         "about": {"model": "nano"}},
    ):  # fmt: skip
        visit.server.call("POST", "/app/conversations/sparse/messages", message)
    page = visit.open()
    page.locator(".conversations li[data-id=sparse] .conversation").click()
    expect(page.locator(".assistant .answer-text")).to_have_text("An infection.")
    expect(page.locator("#chat .fault")).to_have_count(0)
    visit.server.call("DELETE", "/app/conversations/sparse")


def test_an_answer_that_is_left_is_kept_where_it_was_asked_for(visit: Watched) -> None:
    page = visit.open()
    page.locator("#chat").get_by_label("Model").select_option("nano")  # which goes on for long
    page.get_by_label("Use sources").uncheck()
    row = page.locator(".conversations li[data-id]")
    before = row.count()
    page.fill("#question", "What is asthma?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".assistant:last-child .writing:not(:empty)")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#chat .welcome")).to_be_visible()
    expect(row).to_have_count(before + 1)
    ask_and_stop(page, "What is gout?")
    expect(row).to_have_count(before + 2)
    for question in ("What is asthma?", "What is gout?"):
        row.filter(has_text=question).first.locator(".conversation").click()
        expect(page.locator(".bubble")).to_have_text([question])
    # What is deleted while it is written does not come back.
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#question", "What is measles?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".assistant:last-child .writing:not(:empty)")
    row.first.hover()
    row.first.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(before + 1)
    page.reload()
    expect(row).to_have_count(before + 1)


def test_an_answer_is_told_how_it_was_made_and_may_be_corrected(visit: Watched) -> None:
    page = visit.open()
    ask_and_stop(page, "What is psoriasis?")
    page.get_by_role("button", name="Not a good answer").click()
    page.get_by_label("The answer as it should have been").fill("A disease of the skin.")
    page.get_by_label("Why").fill("it rambles")
    page.keyboard.press("Enter")
    expect(page.locator(".feedback [role=status]")).to_have_text("Kept.")
    id = page.locator(".conversations [data-id]").first.get_attribute("data-id")
    kept = visit.server.call("GET", f"/app/conversations/{id}")["messages"][1]
    assert kept["feedback"] == {
        "thumb": "down", "corrected": "A disease of the skin.", "reason": "it rambles",
    }  # fmt: skip


def test_nothing_is_kept_where_the_page_is_told_so(visit: Watched) -> None:
    page = visit.open()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method != "GET" else None)
    page.get_by_label("Keep history").uncheck()
    expect(page.locator(".history")).to_be_hidden()
    ask_and_stop(page, "What is a secret?")
    expect(page.get_by_role("button", name="A good answer")).to_have_count(0)
    assert not [url for url in sent if "/app/" in url]


PASSAGE = "Ästhma – 咳嗽 🫁 – swells the airways. Then: <b>steroids</b> help."


def planted(server: Server, kind: str = "medical") -> str:
    """A conversation whose answer has hostile sources, and citations in many-byte text."""
    answer = "Airways 🫁 swell. Steroids help. Ask a doctor."
    cited = PASSAGE.encode().index(b"swells")
    bold = PASSAGE.encode().index(b"<b>")
    source = {
        "number": 1, "document": HOSTILE, "title": HOSTILE, "section": HOSTILE, "page": 3,
        "start": 900, "end": 900 + len(PASSAGE.encode()), "text": PASSAGE, "similarity": 0.8,
        "licence": HOSTILE, "date": None, "address": "javascript:alert(3)",
    }  # fmt: skip
    about = {
        "kind": kind, "notes": [f"2 earlier exchanges were left out {HOSTILE}"],
        "question": HOSTILE, "sources": [source], "model": HOSTILE, "task": "medical_qa",
        "written_by": "model", "finish_reason": "stop", "prompt_tokens": 10, "left_out": 2,
        "completion_tokens": 9, "prompt_digest": "ab" * 32, "weights_digest": "cd" * 32,
        "sentences": [
            {"start": 0, "end": 16, "citations": [
                {"source": 1, "start": 900 + cited, "end": 900 + cited + len("swells the airways")},
            ]},
            {"start": 17, "end": 31, "citations": [
                {"source": 1, "start": 900 + bold, "end": 900 + bold + len("<b>steroids</b>")},
            ]},
            {"start": 32, "end": 46, "citations": []},
        ],
    }  # fmt: skip
    talk = f"planted-{kind}"
    path = f"/app/conversations/{talk}/messages"
    asked = {"id": f"{talk}-q", "role": "user", "content": f"{kind} planted {HOSTILE}"}
    server.call("POST", path, asked)
    said = {"id": f"{talk}-a", "parent": f"{talk}-q", "role": "assistant", "content": answer}
    server.call("POST", path, {**said, "about": about})
    return talk


def open_planted(visit: Watched, kind: str = "medical") -> Page:
    talk = planted(visit.server, kind)
    page = visit.open()
    page.wait_for_selector(f"[data-id={talk}]", state="attached")
    if not page.locator(f"[data-id={talk}]").is_visible():
        page.locator(".history > summary").click()
    page.locator(f"[data-id={talk}] .conversation").click()
    page.wait_for_selector(".ref")
    return page


def test_a_citation_opens_its_source_at_the_very_bytes(visit: Watched) -> None:
    page = open_planted(visit)
    assert page.locator(".sentence").all_text_contents() == [
        "Airways 🫁 swell.1", "Steroids help.1", "Ask a doctor.own",
    ]  # fmt: skip
    page.locator(".ref").nth(0).click()
    expect(page.locator(".source mark")).to_have_text("swells the airways")
    page.keyboard.press("Escape")
    expect(page.locator(".ref").nth(0)).to_be_focused()
    page.locator(".ref").nth(1).click()
    expect(page.locator(".source mark")).to_have_text("<b>steroids</b>")
    expect(page.locator(".passage")).to_have_text(PASSAGE)
    # What no source bears out is marked by a word, not by a colour.
    expect(page.locator(".sentence.own .own-tag")).to_be_visible()
    expect(page.locator(".source .title")).to_have_text(HOSTILE)
    assert page.locator("a[href^='javascript']").count() == 0
    page.set_viewport_size({"width": 1280, "height": 420})
    page.locator(".made summary").click()
    expect(page.locator(".made")).to_contain_text("2 earlier exchanges, for length")
    expect(page.locator(".made dd").last).to_be_in_viewport()
    # With the sources open, what can be chosen stays in one row.
    middles = page.locator(".composer .choices > *").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(r => Math.round(r.y + r.height / 2))"
    )
    assert len(set(middles)) == 1


@pytest.mark.parametrize(
    ("kind", "told"),
    [("emergency", "This may be an emergency"), ("out_of_scope", "Not what this assistant is for")],
)
def test_urgent_advice_and_refusals_stand_out_in_words(
    visit: Watched, kind: str, told: str
) -> None:
    page = open_planted(visit, kind)
    expect(page.locator(".kind")).to_contain_text(told)


def test_an_emergency_is_called_one_once(visit: Watched) -> None:
    page = visit.open()
    ask(page, "My father has crushing chest pain and cannot breathe.")
    said = page.locator(".turn.emergency .body")
    expect(said).to_contain_text("Please call")
    assert said.inner_text().count("This may be an emergency") == 1


def test_models_are_marked_where_they_were_not_tuned_for_what_is_to_be_done(
    visit: Watched,
) -> None:
    marked = "(not tuned for it)"
    page = visit.open()
    models = page.locator("#chat").get_by_label("Model").locator("option")
    expect(models).to_have_text([
        f"nano {marked}", "advice", "assistant", f"document-summary {marked}",
        f"patient-summary {marked}",
    ])  # fmt: skip
    page.locator("#chat").get_by_label("Model").select_option("nano")
    tasks = page.locator("#chat").get_by_label("Task").locator("option")
    expect(tasks).to_have_text([f"Medical questions {marked}", f"Advice {marked}"])
    task = page.locator("#chat").get_by_label("Task")
    task.hover()  # which is too narrow for all of it
    expect(task).to_have_attribute("title", f"Medical questions {marked}")
    page.click("#tab-documents")
    upload(page, "lab.txt", REPORT.encode())
    expect(page.locator("#documents").get_by_label("Model").locator("option")).to_have_text([
        "document-summary, advice", f"nano {marked}",
        "advice (not tuned for summaries of documents)", "assistant",
        "document-summary (not tuned for advice)", f"patient-summary {marked}",
    ])  # fmt: skip
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".documents-list li")).to_have_count(0)


def test_a_whole_answer_is_read_out_once_it_is_there(visit: Watched) -> None:
    page = visit.open()
    ask(page, "What is a drawbridge?")
    text = page.locator(".answer-text").inner_text()
    assert text
    assert page.locator("#said").text_content()
    expect(page.locator(".made")).to_be_visible()
    expect(page.locator(".assistant .tools")).to_be_visible()


def test_the_shipped_assistant_answers_and_its_citation_stands_in_the_source(
    visit: Watched,
) -> None:
    page = visit.open()
    assert page.get_by_label("Model").input_value() == "assistant"
    assert page.get_by_label("Task").input_value() == "medical_qa"
    examples = page.locator(".example").all_inner_texts()
    assert len(examples) == 3
    assert all(embedded_answer(question) for question in examples)
    ask(page, "What is a heart attack?")
    expect(page.locator(".urgent")).to_contain_text("If this is happening to somebody now, call")
    page.locator(".ref").first.click()
    marked = page.locator(".source.chosen mark").text_content() or ""
    assert "blood flow" in marked
    assert marked in (page.locator(".source.chosen .passage").text_content() or "")
    assert marked in embedded_answer("What is a heart attack?")
    expect(page.locator(".sources")).to_be_visible()


def embedded_answer(question: str) -> str:
    """What the project's own answers say, as they are shipped."""
    lines = (ASSETS / "quickstart" / "medical_qa.jsonl").read_text("utf-8").splitlines()
    return next(row for row in map(json.loads, lines) if row["prompt"] == question)["completion"]


# -- documents ---------------------------------------------------------------------------------


def upload(page: Page, name: str, content: bytes) -> None:
    page.set_input_files(
        "#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_a_document_is_summed_up_and_a_sentence_leads_to_its_place(visit: Watched) -> None:
    page = visit.open("documents")
    upload(page, f"lab {HOSTILE[:20]}.txt", REPORT.encode())
    expect(page.locator(".reader")).to_contain_text("Gemeinschaftspraxis “Müller”")
    page.get_by_role("button", name="Summarise").click()
    page.wait_for_selector(".result .made")
    reference = page.locator(".result .ref").first
    said = reference.locator("xpath=..").text_content() or ""
    reference.click()
    marked = page.locator(".reader mark").text_content() or ""
    assert marked in REPORT
    assert "9.1" in marked
    # On which side of its range a value is, is said once.
    assert said == "Hemoglobin | 9.1 g/dL | 12.0–16.0low¶"
    assert "[low]" not in page.locator(".result").inner_text()
    page.get_by_role("button", name="Back to the sentence").click()
    expect(reference).to_be_focused()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".documents-list li")).to_have_count(0)
    assert visit.server.call("GET", "/app/documents") == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("tool.pdf", b"MZ\x90\x00" + bytes(500)), ("empty.txt", b""), ("scan.png", b"\x89PNG\r\n")],
)
def test_what_cannot_be_read_is_a_sentence_in_the_page(
    visit: Watched, name: str, content: bytes
) -> None:
    page = visit.open("documents")
    upload(page, name, content)
    fault = page.locator("#documents .fault")
    expect(fault).to_be_visible()
    assert len(fault.inner_text()) > 20
    expect(page.locator(".documents-list li")).to_have_count(0)


# -- patients ----------------------------------------------------------------------------------


def test_a_patients_summary_is_written_shown_with_evidence_and_compared(visit: Watched) -> None:
    page = visit.open("patients")
    expect(page.locator(".made-up")).to_contain_text("These people never were.")
    page.get_by_label("Search patients").fill("zzz")
    expect(page.locator("#patients [role=status]")).to_have_text("0 patients")
    page.get_by_label("Search patients").fill("")
    expect(page.locator(".people li")).to_have_count(12)
    write_summary(page)
    frame = page.frame_locator("iframe.framed")
    expect(frame.locator("h1")).to_be_visible()
    assert frame.locator("svg.chart .band").count() > 0
    page_colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert frame.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == page_colour
    frame.locator(".ref").first.click()
    expect(frame.locator(".evidence:popover-open")).to_be_visible()
    frame.locator(".evidence:popover-open .close").click()
    frame.get_by_role("link", name="Entries").click()
    expect(frame.locator("#entries h2")).to_be_in_viewport()
    expect(page.locator("#tab-patients")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Write by rule").click()
    page.locator(".versions summary").click()
    expect(page.locator(".versions tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compared")).to_contain_text("They say the same.")
    expect(page.locator("#patients .aside")).to_have_count(0)
    last = date.fromisoformat(page.get_by_label("As of").input_value())
    page.get_by_label("As of").fill(str(last - timedelta(days=1)))
    page.get_by_role("button", name="Write by rule").click()
    expect(page.locator("#patients .aside")).to_contain_text(f"Newer records exist, until {last}")


def test_a_patients_summary_is_written_by_the_shipped_model_to_its_end(visit: Watched) -> None:
    """Of the youngest, as a child of two months: every section is asked for and checked."""
    page = visit.open("patients")
    page.get_by_label("Search patients").fill("Virgil")
    expect(page.locator(".people li")).to_have_count(1)
    page.locator(".people button").click()
    expect(page.locator("#patients").get_by_label("Model")).to_have_value("patient-summary")
    page.get_by_label("As of").fill("2023-06-30")
    page.get_by_role("button", name="Generate").click()
    frame = page.frame_locator("iframe.framed")
    expect(frame.locator("h1")).to_contain_text("Virgil", timeout=4 * PATIENCE)
    (summary,) = visit.server.call("GET", f"/app/patient?id={shown_id(page)}")["versions"]
    assert (summary["made_by"], summary["as_of"]) == ("patient-summary", "2023-06-30")
    assert not summary["by_rule"]
    assert summary["findings"] + summary["omissions"] == 0
    expect(frame.locator("body")).to_contain_text("2 months")
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()


def shown_id(page: Page) -> str:
    """The id of the patient that is shown."""
    return page.locator("#patients .meta .id").text_content() or ""


def test_no_script_can_run_in_a_page_that_is_shown_within_ours(visit: Watched) -> None:
    """Even where escaping failed: the frame is a second lock, so it is tried by itself."""
    page = visit.open("patients")
    blocked: list[str | None] = []
    page.on("requestfailed", lambda one: blocked.append(one.failure))
    hostile = (
        "<!doctype html><html><head><style>body { color: rgb(1, 2, 3) }</style></head><body>"
        f"<h1>x</h1>{HOSTILE}<p onclick='parent.ran=1'>p</p><a href='javascript:parent.ran=2'>a</a>"
        "<form action='https://evil.example'><button>b</button></form></body></html>"
    )
    page.evaluate(
        """async html => {
          const { framed } = await import("/static/frame.js");
          document.querySelector("#patients .work").replaceChildren(framed(html, "try"));
        }""",
        hostile,
    )
    frame = page.frame_locator("iframe.framed")
    assert frame.locator("body").evaluate("e => getComputedStyle(e).color") == "rgb(1, 2, 3)"
    frame.locator("p").click()
    frame.locator("a").click()
    frame.locator("button").click()
    assert page.evaluate("window.ran") is None
    # The browser says what it refuses; of the picture it tells as a request that it blocked.
    assert blocked == ["csp"]
    assert not [one for one in visit.wrong if one.startswith("fault")]
    visit.wrong.clear()


# -- runs --------------------------------------------------------------------------------------


def test_a_run_is_shown_with_stages_verdict_measures_and_report(visit: Watched) -> None:
    page = visit.open("runs")
    expect(page.locator(".stages.wide .stage")).to_have_count(4)
    assert page.locator(".stages.wide .stage").nth(2).inner_text().split() [:3] == [
        "✓", "evaluate", "done",
    ]  # fmt: skip
    expect(page.locator(".verdict").first).to_contain_text("Tuned against base")
    expect(page.locator("tbody th", has_text="ROUGE-Lsum").first).to_be_visible()
    page.get_by_role("button", name="Show the report").click()
    frame = page.frame_locator("iframe.framed")
    expect(frame.locator("h1")).to_have_text("quickstart")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save it as a file").click()
    assert "<title>quickstart: examination</title>" in saved.value.path().read_text("utf-8")


def test_models_that_were_compared_are_shown_with_the_table_of_all_tasks(visit: Watched) -> None:
    page = visit.open("runs")
    page.get_by_role("button", name="Compared: quickstart").click()
    expect(page.locator("#runs .work-head")).to_contain_text("compared: quickstart")
    frame = page.frame_locator("iframe.framed")
    expect(frame.locator("th", has_text="bits per byte").first).to_be_visible()


def test_what_was_chosen_last_is_shown_though_its_answer_came_first(visit: Watched) -> None:
    page = visit.open("runs")
    expect(page.locator("#runs .work-head")).to_be_visible()
    late: list[Route] = []
    page.route("**/app/runs/small", lambda route: late.append(route))  # which is held back
    page.locator(".runs-list button").filter(has_not_text="Compared").click()
    page.get_by_role("button", name="Compared: quickstart").click()
    expect(page.locator("#runs .work-head")).to_contain_text("compared: quickstart")
    with page.expect_response("**/app/runs/small"):
        late.pop().continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#runs .work-head")).to_contain_text("compared: quickstart")


# -- everybody ---------------------------------------------------------------------------------


def focused(page: Page) -> str:
    return page.evaluate(
        "(e => e.getAttribute('aria-label') || e.textContent.trim() || e.id)"
        "(document.activeElement)"
    )


def tab_to(page: Page, what: str, most: int = 40) -> None:
    """Press Tab until something has the focus, which must be seen on all the way."""
    for _ in range(most):
        page.keyboard.press("Tab")
        outlined = page.evaluate(
            "(e => e.matches('textarea, iframe, body') || "
            "getComputedStyle(e).outlineStyle !== 'none')(document.activeElement)"
        )
        assert outlined, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if re.match(what, focused(page)):
            return
    raise AssertionError(f"no {what} by keyboard")


def test_all_tabs_work_from_the_keyboard_alone(visit: Watched) -> None:
    page = visit.open()
    page.evaluate("document.activeElement.blur()")
    tab_to(page, "Skip to the content")
    tab_to(page, "Chat")
    tab_to(page, "Your question")
    page.keyboard.type("What is")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("acne?")
    page.keyboard.press("Enter")
    stop(page)
    expect(page.locator(".bubble")).to_have_text("What is\nacne?")
    page.locator("#tab-chat").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-documents")).to_be_focused()
    expect(page.locator("#documents")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#runs")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tab-patients")).to_have_attribute("aria-selected", "true")
    page.wait_for_selector(".people li")
    tab_to(page, "Search patients")
    page.keyboard.type("a")
    page.wait_for_timeout(500)
    tab_to(page, ".*born")
    page.keyboard.press("Enter")
    page.wait_for_selector("#patients .work-head")
    tab_to(page, "Write by rule", 60)
    page.keyboard.press("Enter")
    page.wait_for_selector("iframe.framed")


TOO_WIDE = """width => [...document.querySelectorAll('#content *, .top *')]
  .filter(e => e.checkVisibility() && !e.closest('.vh, svg'))
  .filter(e => { const r = e.getBoundingClientRect();
    return r.width > 0 && (r.right > width + 1 || r.left < -1); })
  .map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("width", [320, 360])
def test_nothing_is_wider_than_a_phone(browser: Browser, server: Server, width: int) -> None:
    looks: dict[str, Any] = {
        "viewport": {"width": width, "height": 700}, "is_mobile": True, "has_touch": True,
    }  # fmt: skip
    with watching(browser, server, **looks) as visit:
        page = open_planted(visit)
        assert page.evaluate(TOO_WIDE, width) == []
        page.locator(".ref").first.tap()
        expect(page.locator(".source mark")).to_be_in_viewport()
        assert page.evaluate(TOO_WIDE, width) == []
        page.get_by_role("button", name="Close").tap()
        for tab in EVERY[1:]:
            page.locator(f"#tab-{tab}").tap()
            if tab == "documents":
                upload(page, "lab.txt", REPORT.encode())
                page.wait_for_selector(".reader")
            if tab == "patients":
                page.wait_for_selector(".people li")
                write_summary(page)
            if tab == "runs":
                page.wait_for_selector(".verdict")
            assert page.evaluate(TOO_WIDE, width) == [], tab
            assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(
    browser: Browser, server: Server, tmp_path: Path, scheme: Any
) -> None:
    looks: dict[str, Any] = {"viewport": {"width": 1300, "height": 850}, "color_scheme": scheme}
    with watching(browser, server, **looks) as visit:
        page = open_planted(visit, "emergency")
        page.locator(".ref").first.click()
        for tab in EVERY:
            page.click(f"#tab-{tab}")
            if tab == "runs":
                page.wait_for_selector(".verdict")
            if tab == "patients":
                page.wait_for_selector(".people li")
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            page.mouse.move(0, 0)
            count, faint = page.evaluate(CONTRAST)
            assert count > 5
            assert faint == [], tab
            page.screenshot(path=tmp_path / f"{tab}-{scheme}.png")


def test_movement_is_left_out_for_those_who_want_none(browser: Browser, server: Server) -> None:
    with watching(browser, server, reduced_motion="reduce") as visit:
        page = visit.open()
        name = "getComputedStyle(document.querySelector('.composer'), '::after').animationName"
        page.evaluate("document.querySelector('.composer').classList.add('waiting')")
        assert page.evaluate(name) == "none"


def test_the_policy_of_the_page_has_no_exception(server: Server) -> None:
    import urllib.request

    with urllib.request.urlopen(server.address + "/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert json.dumps(policy).count("http") == 0
