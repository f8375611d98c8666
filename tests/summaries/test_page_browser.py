"""The pages in a real browser: read, pointed at, tapped, typed through, printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import page_cases as cases
import pytest
from browser import Browser

from chromium import chromium
from contrast import CONTRAST
from osler.summaries.page.index import failed, index, row
from osler.summaries.page.patient import page

HOSTILE = (
    "\"></style></script><script>document.title='run'</script><style>*{display:none}</style>"
    '<img src="https://evil.example/x.png" onerror="document.title=\'run\'">'
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser for all tests of this file; without one they are skipped, in CI they fail."""
    made = Browser(chromium(), tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A harmless page, the same with markup behind every text, and an index."""
    made = tmp_path_factory.mktemp("pages")
    (made / "harmless.html").write_text(page(cases.summary(), cases.seen()), "utf-8")
    hostile = page(cases.summary(HOSTILE), cases.seen(HOSTILE))
    (made / "hostile.html").write_text(hostile, "utf-8")
    rows = [row(cases.summary(HOSTILE), cases.seen(HOSTILE)), failed("p-2", "why" + HOSTILE)]
    (made / "index.html").write_text(index(rows), "utf-8")
    return made


EVERY = ("harmless.html", "hostile.html", "index.html")

SHOWN = """(selector => { const e = document.querySelector(selector), r = e.getBoundingClientRect();
return e.checkVisibility() && r.width > 0 && r.bottom > 0 && r.top < innerHeight; })"""


def shown(browser: Browser, selector: str) -> bool:
    """Whether an element is to be seen on the screen as it is now."""
    return browser.js(f"{SHOWN}({selector!r})")


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_asked_for_run_or_complained_of(
    browser: Browser, folder: Path, name: str
) -> None:
    browser.open(folder / name)
    assert browser.js("document.title") != "run"
    browser.js("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    asked = [
        event["params"]["request"]["url"]
        for event in browser.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert asked == [(folder / name).as_uri()]
    loud = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled",
            "Page.javascriptDialogOpening", "Audits.issueAdded")  # fmt: skip
    assert [event for event in browser.events if event["method"] in loud] == []
    assert shown(browser, "h1")


def test_a_style_that_comes_from_a_record_is_refused_by_the_policy(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    """Even where escaping failed: the policy is a second lock, so it is tried by itself."""
    text = (folder / "harmless.html").read_text("utf-8")
    broken = text.replace("<main>", f"<main>{HOSTILE}<p style='color: red' id=in>x</p>", 1)
    path = tmp_path / "broken.html"
    path.write_text(broken, "utf-8")
    browser.open(path)
    assert browser.js("document.title") != "run"
    assert shown(browser, "h1")
    assert browser.js("getComputedStyle(document.getElementById('in')).color") != "rgb(255, 0, 0)"
    sent = [e for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    blocked = [e for e in browser.events if e["method"] == "Network.loadingFailed"]
    assert len(sent) - len(blocked) == 1
    browser.events.clear()


def test_pointing_at_a_sentence_shows_what_it_rests_on_beside_the_text(
    browser: Browser, folder: Path
) -> None:
    browser.open(folder / "harmless.html")
    browser.point(5, 5)
    assert not shown(browser, "#e2 .sheet")
    browser.point(*browser.place("#s2 > .said"))
    assert shown(browser, "#e2 .sheet")
    assert "since 2012-03-01" in browser.js("document.querySelector('#e2').innerText")
    # Beside the text: it covers no word of the summary, so that nothing has to be closed.
    assert browser.js(
        "document.querySelector('#e2 .sheet').getBoundingClientRect().left >= "
        "document.querySelector('.part').getBoundingClientRect().right"
    )
    browser.point(*browser.place("#s1 > .said"))
    assert shown(browser, "#e1 .sheet")
    assert not shown(browser, "#e2 .sheet")


def test_a_glance_can_be_read_to_its_end_with_the_pointer_on_it(
    browser: Browser, folder: Path
) -> None:
    browser.open(folder / "harmless.html")
    x, y = browser.place("#s2 > .said")
    browser.point(x, y)
    edge = browser.js("document.querySelector('#e2').getBoundingClientRect().left")
    for step in range(1, 40):
        browser.point(x + (edge + 60 - x) * step / 39, y)
    assert shown(browser, "#e2 .sheet")


def test_evidence_works_from_the_keyboard_alone(browser: Browser, folder: Path) -> None:
    browser.open(folder / "harmless.html")
    browser.point(5, 5)
    for _ in range(60):
        browser.press("Tab")
        if browser.js("document.activeElement.getAttribute('popovertarget')") == "e2":
            break
    assert shown(browser, "#e2 .sheet")
    assert not browser.js("document.querySelector('#e2').matches(':popover-open')")
    assert browser.js("getComputedStyle(document.activeElement).outlineStyle") != "none"
    browser.press("Enter")
    assert browser.js("document.querySelector('#e2').matches(':popover-open')")
    browser.press("Tab")
    assert browser.js("document.activeElement.textContent") == "Close"
    browser.press("Escape")
    assert not browser.js("document.querySelector('#e2').matches(':popover-open')")
    assert browser.js("document.activeElement.getAttribute('popovertarget')") == "e2"


@pytest.mark.parametrize("width", [320, 360, 390])
def test_a_tap_anywhere_on_a_sentence_opens_its_evidence_on_a_phone(
    browser: Browser, folder: Path, width: int
) -> None:
    browser.open(folder / "harmless.html", width, 844, phone=True)
    assert browser.js("document.documentElement.scrollWidth") == width
    assert not shown(browser, "#e3")
    x, y = browser.place("#s3 > .said")
    browser.tap(x, y)
    assert shown(browser, "#e3")
    box = browser.js(
        "(({left, right, top, bottom}) => [left, right, top, bottom])"
        "(document.querySelector('#e3').getBoundingClientRect())"
    )
    assert box[0] >= 0
    assert box[1] <= width
    assert box[2] > 100
    assert box[3] <= 844
    browser.tap(*browser.place("#e3 .close"))
    assert not shown(browser, "#e3")
    browser.tap(*browser.place("#s3 .ref"))
    assert shown(browser, "#e3")
    browser.tap(width / 2, 60)
    assert not shown(browser, "#e3")


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_wider_than_a_small_phone(browser: Browser, folder: Path, name: str) -> None:
    browser.open(folder / name, 320, 640, phone=True)
    browser.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    wide = browser.js(
        "[...document.querySelectorAll('main *, header *')]"
        ".filter(e => !e.closest('.wide, .vh, svg'))"
        ".filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.outerHTML.slice(0, 90))"
    )
    assert wide == []


def test_letters_in_drawings_can_be_read_on_a_phone(browser: Browser, folder: Path) -> None:
    browser.open(folder / "harmless.html", 360, 780, phone=True)
    sizes = browser.js(
        "[...document.querySelectorAll('svg')].filter(s => s.querySelector('text'))"
        ".filter(s => s.checkVisibility()).map(s => Math.min(...[...s.querySelectorAll('text')]"
        ".map(t => parseFloat(getComputedStyle(t).fontSize)))"
        " * s.getBoundingClientRect().width / s.viewBox.baseVal.width)"
    )
    assert len(sizes) >= 4
    assert min(sizes) >= 9


@pytest.mark.parametrize("name", ["harmless.html", "index.html"])
@pytest.mark.parametrize("look", ["light", "dark", "paper"])
def test_all_text_stands_out_from_what_is_behind_it(
    browser: Browser, folder: Path, name: str, look: str
) -> None:
    browser.open(folder / name, dark=look == "dark", paper=look == "paper")
    browser.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    if name == "harmless.html" and look != "paper":
        browser.js("document.querySelector('#e3').showPopover()")
    count, faint = browser.js(CONTRAST)
    assert count > 25
    assert faint == []


@pytest.mark.parametrize("dark", [False, True])
def test_on_paper_evidence_is_numbered_and_listed_and_the_ground_is_white(
    browser: Browser, folder: Path, dark: bool
) -> None:
    browser.open(folder / "harmless.html", 800, 1100, dark=dark, paper=True)
    body = browser.js("document.body.innerText")
    assert browser.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in ("nav", ".evidence", ".hint", ".values"):
        assert not browser.js(f"document.querySelector({hidden!r}).checkVisibility()"), hidden
    assert "Condition: Type 2 diabetes mellitus, since 2012-03-01" in body
    assert cases.DIABETES in body
    assert "drug warfarin: not in the record" in " ".join(
        body.replace("“", "").replace("”", "").split()
    )
    assert (
        browser.js("getComputedStyle(document.querySelector('.ref'), '::before').content") == '"["'
    )
    # A table's foot is printed on every sheet: each says whose it is.
    foot = "document.querySelector('.each-sheet')"
    assert browser.js(f"getComputedStyle({foot}).display") == "table-footer-group"
    assert "Ada Example · p-1" in browser.js(f"{foot}.textContent")
    assert browser.pdf().startswith(b"%PDF-")
