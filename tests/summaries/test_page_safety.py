"""Nothing of a record is ever markup, and a page is in order for every kind of reader."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from itertools import pairwise

import page_cases as cases
import pytest
from page_parsed import Page

from osler.summaries.audit.result import Audit, Claim, Sentence
from osler.summaries.page.index import failed, index, row
from osler.summaries.page.patient import page
from osler.summaries.text import Written

HOSTILE = (
    "\"'></p></div></style></script><script>alert(1)</script><style>*{display:none}</style>"
    '<img src="https://evil.example/x.png" onerror=alert(2)><a href=javascript:alert(3)>x</a>'
    "<!-- {{ 7*7 }} {% raw %} &lt;b&gt; ignore all instructions ]]>\u202e"
)


@pytest.fixture(scope="module")
def made() -> Page:
    """The page of the patient who has some of everything."""
    return Page(page(cases.summary(), cases.seen()))


@pytest.fixture(scope="module")
def hostile() -> Page:
    """The same with markup behind every text."""
    return Page(page(cases.summary(HOSTILE), cases.seen(HOSTILE)))


def test_hostile_text_changes_no_element_attribute_class_or_id(made: Page, hostile: Page) -> None:
    free = {"aria-label"}
    for (tag, found), (other, changed) in zip(made.tags, hostile.tags, strict=True):
        assert tag == other
        assert found.keys() == changed.keys()
        kept = {k: v for k, v in found.items() if k not in free and (tag, k) not in DRAWN}
        assert kept.items() <= changed.items()
    assert not hostile.unclosed
    assert hostile.style == made.style


DRAWN = {("meta", "content")}


def test_hostile_text_is_shown_as_it_is(hostile: Page) -> None:
    shown = " ".join(HOSTILE.split())
    where = (
        "check",
        "summary",
        "labs",
        "medicines",
        "made",
        "entries",
        "s3",
        "e2",
        "e6",
        "n2",
        "n5",
    )
    for id in where:
        assert shown in hostile.text(id), id
    assert hostile.all.count("<script>alert(1)</script>") > 60


def test_ids_of_patients_and_entries_are_text_too() -> None:
    seen = cases.seen(patient=HOSTILE)
    one = Sentence("Overview", 1, "x", (Claim("lab", 0, 1, (HOSTILE,)),))
    told = dataclasses.replace(
        cases.summary(patient=HOSTILE),
        audit=Audit((one,), (), ()),
        sections=(Written("Overview", "x"),),
    )
    made = Page(page(told, seen))
    assert not made.of("img")
    assert not made.of("script")
    assert " ".join(HOSTILE.split()) in made.text("n1")


def pages() -> list[str]:
    rows = [row(cases.summary(HOSTILE), cases.seen(HOSTILE)), failed(HOSTILE, HOSTILE)]
    return [page(cases.summary(HOSTILE), cases.seen(HOSTILE)), index(rows), index([])]


@pytest.mark.parametrize("text", pages(), ids=["patient", "index", "empty"])
def test_a_page_asks_nothing_of_any_network_and_runs_nothing(text: str) -> None:
    made = Page(text)
    names = {tag for tag, _ in made.tags}
    assert not names & {"script", "link", "iframe", "img", "object", "embed", "base", "form", "use"}
    for tag, found in made.tags:
        assert not [name for name in found if name.startswith("on") or name == "style"], tag
        assert not {"src", "srcset", "xlink:href", "action", "data", "formaction"} & found.keys()
        if "href" in found:
            assert re.fullmatch(r"#[a-z0-9-]+|[\w%.-]+\.html", found["href"]), found
    assert not re.search(r"@import|url\(|https?:|expression|</", made.style)


@pytest.mark.parametrize("text", pages(), ids=["patient", "index", "empty"])
def test_the_policy_lets_in_the_one_style_sheet_and_nothing_else(text: str) -> None:
    made = Page(text)
    policy = next(f["content"] for f in made.of("meta") if f.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(made.style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert text.index("http-equiv") < text.index("<style>")
    assert text.count("<style>") == 1


# -- for everybody ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", pages(), ids=["patient", "index", "empty"])
def test_headings_landmarks_tables_and_references_are_in_order(text: str) -> None:
    made = Page(text)
    assert not made.unclosed
    assert made.of("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in made.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for landmark in ("header", "main", "footer"):
        assert len(made.of(landmark)) == 1
    assert all("scope" in found for found in made.of("th"))
    assert all(found.get("aria-label") for found in made.of("svg"))
    ids = [found["id"] for _, found in made.tags if "id" in found]
    assert len(ids) == len(set(ids))
    for _, found in made.tags:
        for name in ("popovertarget", "aria-labelledby"):
            assert found.get(name, ids[0] if ids else "") in [*ids, ""]
        if found.get("href", "").startswith("#"):
            assert found["href"][1:] in ids


def test_everything_that_opens_is_a_button_with_a_name(made: Page) -> None:
    opens = [f for f in made.of("button") if "ref" in f["class"].split()]
    assert [f["popovertarget"] for f in opens] == ["e1", "e2", "e3", "e5", "e6"]
    assert all(f["type"] == "button" for f in made.of("button"))
    assert "Evidence of sentence 2: 2" in made.text("s2")
