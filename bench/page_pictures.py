"""`python bench/page_pictures.py [RUN …]`: pictures of the page's four tabs into docs/page-*.png.

`osler serve` as it is after `make demo` (or with runs), in a state folder of its own, looked at in
Chromium: a question with sources, a report with its abnormal values, a patient who never was, a
run. Words that nobody planned may be in them: look at the pictures before they are shown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "serve" / "app")]
from page_server import serving, watching

from chromium import chromium

QUESTION = "What is a heart attack?"
REPORT = """\
Visit of 2024-03-04

HISTORY OF PRESENT ILLNESS
The patient is a 44-year-old woman. She has been tired for three months. She denies chest pain and \
shortness of breath. She is allergic to penicillin.

LABORATORY RESULTS
Hemoglobin | 9.1 g/dL | 12.0–16.0 | L
Ferritin | 7 ng/mL | 15–150 | L
Potassium | 4.1 mmol/L | 3.5–5.1 |
Creatinine | 0.8 mg/dL | 0.6–1.1 |
"""


def chat(page: Page) -> None:
    """A question, and the source of its first sentence that has one."""
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".assistant .made")
    if page.locator(".ref").count():
        page.locator(".ref").first.click()


def documents(page: Page) -> None:
    """A report, its summary, and the place of its first citation."""
    file = {"name": "report.txt", "mimeType": "text/plain", "buffer": REPORT.encode()}
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Summarise").click()
    page.wait_for_selector(".result .made")
    if page.locator(".result .ref").count():
        page.locator(".result .ref").first.click()


def patients(page: Page) -> None:
    """A patient's summary, by rule."""
    page.locator(".people button").nth(1).click()
    page.get_by_role("button", name="Write by rule").click()
    page.wait_for_selector("iframe.framed")


def runs(page: Page) -> None:
    """The newest run."""
    page.wait_for_selector(".work-head, .empty")


TABS = {"chat": chat, "documents": documents, "patients": patients, "runs": runs}


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("runs", nargs="*", help="as for osler serve")
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="that has runs/")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    wish = parser.parse_args()
    looks = {"viewport": {"width": 1280, "height": 800}}
    small = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True,
             "color_scheme": "dark"}  # fmt: skip
    with tempfile.TemporaryDirectory() as state, sync_playwright() as play:
        words = [*(str(Path(run).resolve()) for run in wish.runs), "--state", state]
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        with serving(wish.folder, *words, log=Path(state) / "log") as server:
            for name, act in TABS.items():
                with watching(browser, server, **looks) as visit:
                    take(visit.open(name), act, wish.out / f"page-{name.removesuffix('s')}.png")
            with watching(browser, server, device_scale_factor=2, **small) as visit:
                take(visit.open(), chat, wish.out / "page-phone.png")
        browser.close()


def take(page: Page, act: Callable[[Page], None], path: Path) -> None:
    """Do what is to be seen, and take its picture."""
    act(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main()
