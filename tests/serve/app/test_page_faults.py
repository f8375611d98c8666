"""The page in a real browser where something goes wrong around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from page_server import PATIENCE, TOKEN, Server, Watched, serving, watching
from playwright.sync_api import Browser, Locator, Page, Route, expect

from chromium import chromium

REPORT = """Report of 2024-03-04
Potassium | 6.9 mmol/L | 3.5-5.1 | H

The patient was seen for fatigue.
"""
GONE = "The server does not answer."
REFUSED = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
"""
FULL = """Storage.prototype.setItem = () => {
  throw new DOMException("full", "QuotaExceededError");
};"""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with nano, as it is shipped."""
    chromium()  # before what takes long
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, "--state", "state", log=folder / "log") as made:
        yield made


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Watched]:
    """Somebody at a desk, who means what they click."""
    with watching(browser, server, viewport={"width": 1300, "height": 850}) as watched:
        watched.page.on("dialog", lambda dialog: dialog.accept())
        yield watched


def planted(server: Server, name: str) -> str:
    """A conversation of a question and an answer."""
    path = f"/app/conversations/{name}/messages"
    asked = {"id": f"{name}-q", "role": "user", "content": f"What is {name}?"}
    said = {"id": f"{name}-a", "role": "assistant", "content": f"{name} is a word."}
    server.call("POST", path, asked)
    server.call("POST", path, {**said, "parent": asked["id"]})
    return name


def upload(page: Page, name: str, content: str = REPORT) -> None:
    file = {"name": name, "mimeType": "text/plain", "buffer": f"{name}\n\n{content}".encode()}
    page.set_input_files("#file", file)
    expect(page.locator(".documents-list .conversation", has_text=name)).to_be_visible()
    expect(page.locator("#documents .reader")).to_contain_text(name)


def row_of(page: Page, what: str, text: str) -> Locator:
    return page.locator(f"{what} li", has_text=text)


# -- what the browser refuses ------------------------------------------------------------------


@pytest.mark.parametrize("script", [REFUSED, FULL], ids=["refused", "full"])
def test_where_nothing_can_be_stored_the_page_works_for_this_visit(
    visit: Watched, script: str
) -> None:
    visit.page.add_init_script(script)
    page = visit.open()
    page.get_by_label("Keep history").uncheck()
    expect(page.locator(".history")).to_be_hidden()
    page.get_by_label("Keep history").check()
    page.fill("#question", "What is gout?")
    page.keyboard.press("Enter")
    expect(page.locator(".conversations li[data-id]").first).to_contain_text("What is gout?")
    page.reload()  # the token is not there any more
    expect(page.locator("#entry")).to_be_visible()
    page.fill("#token", TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .welcome")).to_be_visible()


def test_from_another_machine_without_tls_the_page_works(visit: Watched) -> None:
    visit.page.add_init_script("delete Crypto.prototype.randomUUID;")  # as browsers have it there
    page = visit.open()
    page.fill("#question", "What is gout?")
    page.keyboard.press("Enter")
    expect(page.locator(".conversations li[data-id]").first).to_contain_text("What is gout?")


# -- documents ---------------------------------------------------------------------------------


def test_what_is_written_of_a_document_ends_when_another_one_comes(visit: Watched) -> None:
    page = visit.open("documents")
    upload(page, "second.txt")
    upload(page, "first.txt")
    late: list[Route] = []
    page.route("**/app/documents/*", lambda route: late.append(route))
    page.route("**/app/documents/*/summary", lambda route: late.append(route))
    row_of(page, ".documents-list", "second.txt").locator(".conversation").click()
    page.get_by_role("button", name="Summarise").click()
    expect(page.locator("#documents .stop")).to_be_visible()
    opened, _ = late
    page.unroute("**/app/documents/*/summary")
    opened.continue_()
    expect(page.locator(".work-head h2")).to_have_text("second")
    expect(page.locator("#documents .stop")).to_be_hidden()
    expect(page.locator(".result")).to_have_text("Nothing has been asked of this document yet.")
    page.get_by_role("button", name="Summarise").click()
    expect(page.locator(".result .made")).to_be_visible()


def test_what_fails_of_a_document_is_told_and_a_stale_one_goes(visit: Watched) -> None:
    page = visit.open("documents")
    upload(page, "stale.txt")
    upload(page, "kept.txt")
    fault = page.locator("#documents .fault")
    page.route("**/app/documents/**", lambda route: route.abort())
    stale = row_of(page, ".documents-list", "stale.txt")
    stale.locator(".conversation").click()
    expect(fault).to_contain_text(GONE)
    page.unroute("**/app/documents/**")
    stale.locator(".conversation").click()
    expect(fault).to_have_count(0)
    row_of(page, ".documents-list", "kept.txt").locator(".conversation").click()
    expect(page.locator(".work-head h2")).to_have_text("kept")
    page.route("**/app/documents/**", lambda route: route.abort())
    stale.get_by_role("button", name="Delete").click()
    expect(fault).to_contain_text(GONE)
    page.unroute("**/app/documents/**")
    for one in visit.server.call("GET", "/app/documents"):
        if one["name"] == "stale.txt":
            visit.server.call("DELETE", f"/app/documents/{one['id']}")
    stale.locator(".conversation").click()
    expect(fault).to_contain_text("This document is not here any more.")
    expect(stale).to_have_count(0)
    expect(page.locator(".work-head h2")).to_have_text("kept")


def test_a_summary_that_breaks_off_is_told_to_be_incomplete(visit: Watched) -> None:
    page = visit.open("documents")
    upload(page, "broken.txt")
    cut = 'data: {"type": "piece", "text": "Potassium is"}\n\n'
    page.route(
        "**/app/documents/*/summary",
        lambda route: route.fulfill(content_type="text/event-stream", body=cut),
    )
    page.get_by_role("button", name="Summarise").click()
    result = page.locator(".result")
    expect(result.locator(".fault")).to_contain_text("broke off before the end")
    expect(result).to_contain_text("Potassium is")
    expect(result).to_contain_text("This summary is incomplete")
    expect(page.get_by_role("button", name="Summarise")).to_be_enabled()


# -- conversations -----------------------------------------------------------------------------


def test_what_fails_of_a_conversation_is_told(visit: Watched) -> None:
    name = planted(visit.server, "eczema")
    page = visit.open()
    row = page.locator(f"[data-id={name}]")
    fault = page.locator(".history .fault")
    page.route(f"**/app/conversations/{name}", lambda route: route.abort())
    row.hover()
    row.get_by_role("button", name="Delete").click()
    expect(fault).to_contain_text(GONE)
    row.get_by_role("button", name="Rename").click()
    page.keyboard.type("Skin")
    page.keyboard.press("Enter")
    expect(fault).to_contain_text(GONE)
    expect(page.get_by_label("New title")).to_have_value("Skin")
    page.unroute(f"**/app/conversations/{name}")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(row).to_contain_text("Skin")
    expect(fault).to_have_count(0)
    visit.server.call("DELETE", f"/app/conversations/{name}")
    row.locator(".conversation").click()
    expect(fault).to_contain_text("This conversation is not there any more.")
    expect(row).to_have_count(0)


def test_a_conversation_that_was_deleted_elsewhere_can_be_kept_as_a_new_one(
    visit: Watched,
) -> None:
    name = planted(visit.server, "vertigo")
    page = visit.open()
    page.locator(f"[data-id={name}] .conversation").click()
    expect(page.locator(".bubble")).to_have_text("What is vertigo?")
    good = page.get_by_role("button", name="A good answer", exact=True)
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    visit.server.call("DELETE", f"/app/conversations/{name}")
    others = visit.server.call("GET", "/app/conversations")
    page.fill("#question", "What is gout?")
    page.keyboard.press("Enter")
    expect(page.locator(".composer .fault")).to_contain_text("was deleted meanwhile")
    expect(page.locator(f"[data-id={name}]")).to_have_count(0)
    assert visit.server.call("GET", "/app/conversations") == others
    page.get_by_role("button", name="Keep it as a new conversation").click()
    expect(page.locator(".composer .fault")).to_have_count(0)
    row = page.locator(".conversations li[data-id]", has_text="What is vertigo?")
    expect(row).to_have_count(1)
    expect(page.locator(".bubble")).to_have_text(["What is vertigo?", "What is gout?"])
    kept = visit.server.call("GET", f"/app/conversations/{row.get_attribute('data-id')}")
    said = [one["content"] for one in kept["messages"]]
    assert said[:3] == ["What is vertigo?", "vertigo is a word.", "What is gout?"]
    assert said[3]
    assert kept["messages"][1]["feedback"]["thumb"] == "up"
    page.reload()
    expect(page.locator(".bubble")).to_have_text(["What is vertigo?", "What is gout?"])
