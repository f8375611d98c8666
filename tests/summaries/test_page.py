"""The page of a patient: all that is known of a summary is told there, in words."""

from __future__ import annotations

import dataclasses
import re
from datetime import date

import page_cases as cases
import people
import pytest
from page_parsed import Page

from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.audit.result import Audit, Claim, Finding, Sentence
from osler.summaries.page.index import failed, index, row
from osler.summaries.page.lines import lay_out
from osler.summaries.page.paper import page_name
from osler.summaries.page.patient import page
from osler.summaries.page.sentences import ranges
from osler.summaries.store import Maker, file_name
from osler.summaries.template import load_template
from osler.summaries.text import Written


@pytest.fixture(scope="module")
def made() -> Page:
    """The page of the patient who has some of everything."""
    return Page(page(cases.summary(), cases.seen()))


def test_the_top_warns_and_says_who_made_it_of_whom_and_of_which_day(made: Page) -> None:
    top = made.all[: made.all.index("What the check found")]
    for said in (
        "Written by a machine. Check it against the record before anyone acts on it.",
        "patient-summary-nano", "abababababab", "2022-03-05 06:07 UTC", "as of 2022-03-04",
        "Ada Example", "61 years", "female", "p-1",
    ):  # fmt: skip
        assert said in top, said
    assert "ab" * 32 not in made.all


def test_every_sentence_is_there_under_its_section_in_its_order(made: Page) -> None:
    summary = made.text("summary")
    wanted = ["Overview", *(f"s{n}" for n in (1, 2, 3)), "Labs", *(f"s{n}" for n in (4, 5, 6, 7))]
    place = -1
    for one in wanted:
        words = made.text(one).split("  ")[0] if one.startswith("s") else one
        place = summary.index(words, place + 1)
    for one in cases.sentences():
        flagged = re.sub("(850 MG|warfarin)", "[flagged: ⚠︎\u2060\\1]", one.text)
        assert made.text(f"s{one.number}").startswith(flagged)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (1, "Patient: Age 61 years on 2022-03-04, female, born 1960-05-01"),
        (2, "Condition: Type 2 diabetes mellitus, since 2012-03-01"),
        (3, "Medicine: Metformin 500 MG Oral Tablet, 1 twice a day, for Type 2 diabetes mellitus, "
            "since 2012-03-05"),
        (5, f"Lab: {cases.A1C_NAME}: 6.9 % on 2021-02-01, HIGH (reference 4 to 5.6 %)"),
        (6, "Note: History and physical, 2021-02-01 Feels well."),
        (6, "County: Fresno County: diabetes 11.3 % (release 2022)"),
    ],
)  # fmt: skip
def test_the_entries_behind_a_sentence_are_told_in_words(
    made: Page, sentence: int, words: str
) -> None:
    assert words in made.text(f"e{sentence}")


@pytest.mark.parametrize(
    ("said", "cited"),
    [
        ("She was 61 years old on 2021-05-06.", ["Patient"]),
        ("A visit on 2021-05-06; she has hypertension.", ["Condition"]),
        ("Labs of 2021-05-06 were drawn; creatinine was 4.2 mg/dL.", ["Lab"]),
        ("Sodium was 140 mmol/L on 2021-05-06.", ["Lab"]),
        ("Hypertension and diabetes, since 2005-06-07 and 2010-04-05.", ["Condition"] * 2),
    ],
)
def test_entries_that_only_share_the_date_of_a_sentence_are_not_cited_where_it_names_others(
    said: str, cited: list[str]
) -> None:
    """Three labs are of 2021-05-06."""
    made = Page(page_of(said))
    assert re.findall(r"\b(Patient|Condition|Lab|Medicine):", made.text("e1")) == cited
    assert len(re.findall(r"observation:|condition:|person", made.text("entries"))) == len(cited)


def test_a_sentence_of_nothing_but_a_day_rests_on_what_is_recorded_for_it() -> None:
    told = Page(page_of("She was seen on 2021-05-06.")).text("e1")
    assert "Creatinine" in told
    assert "Sodium" in told


def page_of(said: str) -> str:
    """The page of a summary that says this of the patient with diabetes and hypertension."""
    seen, template = view(people.patient(), people.ON), load_template()
    sections = (Written("Patient Summary", said),)
    found = audit(sections, ledger(seen), template)
    assert not any(sentence.flagged for sentence in found.sentences)
    return page(
        dataclasses.replace(
            cases.summary(patient="p1"), sections=sections,
            audit=Audit(found.sentences, (), ()),
        ),
        seen,
    )  # fmt: skip


def test_every_kind_of_entry_can_be_told_in_words() -> None:
    seen = cases.seen()
    known = seen.record
    kinds = (
        known.conditions, known.medicines, known.allergies, known.observations,
        known.immunizations, known.procedures, known.encounters, known.care_plans, known.notes,
    )  # fmt: skip
    ids = [entry.id for some in kinds for entry in some]
    text = "Everything."
    one = Sentence("All", 1, text, (Claim("condition", 0, 10, tuple(ids)),))
    told = dataclasses.replace(
        cases.summary(), sections=(Written("All", text),), audit=Audit((one,), (), ())
    )
    made = Page(page(told, seen))
    assert len(ids) > 25
    for number, id in enumerate(ids, 1):
        said = made.text(f"n{number}")
        assert re.match(rf"{number} [A-Z][a-z ]+: \S", said), said
        assert said.endswith(id)
        assert id.split(":")[2][:10] in said[: -len(id)]
    assert "Unknown entry" not in made.all


def test_an_entry_that_the_record_does_not_have_is_called_unknown() -> None:
    one = Sentence(
        "Overview", 1, "Has gout.", (Claim("condition", 4, 8, ("condition:90560007:2001-01-01",)),)
    )
    told = dataclasses.replace(
        cases.summary(), sections=(Written("Overview", one.text),), audit=Audit((one,), (), ())
    )
    made = Page(page(told, cases.seen()))
    assert "Unknown entry condition:90560007:2001-01-01" in made.text("e1")
    assert "1 cited entry is not in the record" in made.text("check")


def test_what_is_wrong_is_marked_by_words_and_signs_beside_the_sentence(made: Page) -> None:
    said = made.text("s3")
    assert "Takes metformin [flagged: ⚠︎⁠850 MG] and [flagged: ⚠︎⁠warfarin]." in said
    assert "high dose 850 MG: another dose [3]" in said
    assert "high drug warfarin: not in the record" in said
    assert "What the record has: 3 Medicine: Metformin 500 MG" in made.text("e3")
    assert "low repeat: said before" in made.text("s7")


def test_findings_come_by_class_the_most_severe_first_each_with_its_place(made: Page) -> None:
    check = made.text("check")
    assert "4 findings and 1 omission 2 high, 1 medium, 1 low" in check
    order = [check.index(f"{severity} {kind}") for severity, kind in (
        ("high", "dose"), ("high", "drug"), ("medium", "section"), ("low", "repeat"))]  # fmt: skip
    assert order == sorted(order)
    links = {found["href"] for found in made.of("a")}
    assert {"#s3", "#s7"} <= links


def test_a_wrong_claim_that_no_finding_tells_of_is_shown_all_the_same() -> None:
    told = cases.summary()
    silent = dataclasses.replace(told, audit=dataclasses.replace(told.audit, findings=()))
    made = Page(page(silent, cases.seen()))
    assert "2 findings" in made.text("check")
    assert "high drug warfarin: not in the record" in made.text("s3")


def test_omissions_removals_and_what_was_left_out_are_listed(made: Page) -> None:
    check, how = made.text("check"), made.text("made")
    assert "Must be told, and is not high allergy Penicillin" in check
    assert "Penicillin (medication allergy): hives (moderate), since 1999-04-01" in check
    assert "She smokes. Overview: social: not in the record. Written anew 2 times before." in how
    assert "Encounters, newest first: 7 lines" in how
    assert "made from the record by rule: Labs" in how
    assert "did not answer" not in how
    assert "it was added: Labs Allergies: - Penicillin." in how
    assert "Fresno County: diabetes 11.3 % (release 2022)" in how
    for digest in ("abababababab", "cdcdcdcdcdcd", "efefefefefef", "010101010101"):
        assert digest in how


def test_text_that_no_sentence_of_the_audit_covers_is_called_unchecked(made: Page) -> None:
    assert "Nobody checked this. not checked" in made.all
    assert "1 stretch of text was not checked" in made.text("check")


def test_a_sentence_of_the_audit_that_the_text_lacks_is_shown_behind_it() -> None:
    one, other = Sentence("A", 1, "First."), Sentence("A", 2, "Gone.")
    laid = lay_out([Written("A", "First. Second.")], [one, other])
    pieces = [
        (b.kind, p.text, p.sentence) for b in laid[0].blocks for line in b.lines for p in line
    ]
    assert pieces == [("p", "First.", one), ("p", "Second.", None), ("rest", "Gone.", other)]
    assert [s.title for s in lay_out([], [one])] == ["A"]


def test_two_sections_of_one_title_share_its_sentences() -> None:
    said = [Sentence("A", n, f"S {n}.") for n in (1, 2)]
    laid = lay_out([Written("A", "S 1."), Written("B", "x"), Written("A", "S 2.")], said)
    assert [b.lines[0][0].sentence for s in laid for b in s.blocks] == [said[0], None, said[1]]


def test_a_clean_summary_says_what_clean_means() -> None:
    one = Sentence("Overview", 1, "Hello.")
    told = dataclasses.replace(
        cases.summary(), sections=(Written("Overview", "Hello."),), audit=Audit((one,), (), ()),
        removed=(), left_out={}, added=(), by_rule=(),
    )  # fmt: skip
    made = Page(page(told, cases.seen()))
    assert "✓ Nothing wrong was found" in made.text("check")
    assert "does not know whether the record is right" in made.text("check")
    assert "No sentence was removed." in made.text("made")


@pytest.mark.parametrize(
    "claim",
    [Claim("lab", -5, 400, (), "bad"), Claim("lab", 9, 2, (), "bad"), Claim("lab", 0, 0, ())],
)
def test_claims_that_point_outside_their_sentence_lose_no_text(claim: Claim) -> None:
    one = Sentence("Overview", 1, "Short text.", (claim,))
    told = dataclasses.replace(
        cases.summary(), sections=(Written("Overview", one.text),), audit=Audit((one,), (), ())
    )
    assert "Short text." in Page(page(told, cases.seen())).text("s1").replace("]", "")


@pytest.mark.parametrize("other", [{"patient": "p-2"}, {"as_of": date(2022, 3, 5)}])
def test_a_record_of_another_patient_or_day_makes_no_page(other: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="another patient or day"):
        page(dataclasses.replace(cases.summary(), **other), cases.seen())  # type: ignore[arg-type]


def test_the_same_summary_gives_the_same_page() -> None:
    assert page(cases.summary(), cases.seen()) == page(cases.summary(), cases.seen())


def test_numbers_of_entries_are_said_as_ranges() -> None:
    assert ranges([3, 1, 2, 7, 9, 10]) == "1–3, 7, 9, 10"
    assert ranges([]) == ""


# -- the index -------------------------------------------------------------------------------------


def of(patient: str, *severities: str, omissions: int = 0) -> object:
    told = cases.summary(patient=patient)
    findings = tuple(Finding("drug", severity, "Overview", "why") for severity in severities)
    audit = Audit((), findings, told.audit.omissions * omissions)
    return row(dataclasses.replace(told, audit=audit), cases.seen(patient=patient))


def test_the_index_puts_those_that_need_a_look_first_and_adds_up() -> None:
    rows = [
        of("clean"), of("low", "low"), of("high", "high", "medium"), of("missing", omissions=2),
        failed("none", "the day is before the patient's birth"), of("medium", "medium"),
    ]  # fmt: skip
    made = Page(index(rows))  # type: ignore[arg-type]
    links = [found["href"] for found in made.of("a")]
    assert links == [f"{name}.html" for name in ("missing", "high", "medium", "low", "clean")]
    body = made.all[made.all.index("Those that need") :]
    assert body.index("none") < body.index("missing")
    assert "No summary: the day is before the patient's birth" in body
    assert "6 Patients" in flipped(made.all)
    for total in ("Nothing wrong found 1", "With findings or omissions 4", "Without a summary 1"):
        assert total in made.all, total
    assert "Findings: 1 high, 2 medium, 1 low. 2 omissions. 5 sentences removed before." in made.all
    assert "40 lines of records left out for length" in made.all
    assert "6 Patients" in flipped(made.all)


def test_one_of_anything_is_said_as_one() -> None:
    made = Page(index([of("only", "low")]))  # type: ignore[list-item]
    assert "Patient 1" in made.all
    assert "1 sentence removed before" in made.all
    assert "Patients 1" not in made.all


def test_the_index_counts_what_is_out_of_range_and_says_each_day_where_there_are_several() -> None:
    early = dataclasses.replace(cases.summary(patient="early"), as_of=date(2019, 6, 1))
    seen = view(cases.record(patient="early"), date(2019, 6, 1))
    one, two = row(early, seen), row(cases.summary(), cases.seen())
    assert (one.out_of_range, two.out_of_range) == (1, 2)  # A1c; with it the blood pressure
    several, single = Page(index([one, two])), Page(index([two]))
    assert "As of 2 days, 2019-06-01 to 2022-03-04" in several.all
    for day in ("2019-06-01", "2022-03-04"):
        assert day in several.all[several.all.index("Those that need") :]
    assert "2022-03-04" not in single.all[single.all.index("Those that need") :]


def flipped(text: str) -> str:
    """The page shows a total above its name, which stands first in the source."""
    return re.sub(r"Patients (\d+)", r"\1 Patients", text)


@pytest.mark.parametrize(
    ("died", "dead", "said"),
    [
        (date(2021, 12, 1), True, "died 2021-12-01 at age 61 years, female"),
        (None, True, "died, the day is not recorded, female"),
        (date(2022, 3, 5), True, "61 years, female"),
        (None, False, "61 years, female"),
    ],
)
def test_who_has_died_by_the_day_is_marked_on_the_page_and_in_the_index(
    died: date | None, dead: bool, said: str
) -> None:
    record = cases.record()
    person = dataclasses.replace(record.person, died=died, dead=dead)
    seen = view(dataclasses.replace(record, person=person), cases.ON)
    rows = [row(cases.summary(), seen), failed("p-1", "the disk is full", seen)]
    for text in (page(cases.summary(), seen), *(index([one]) for one in rows)):
        made = Page(text)
        assert said in made.all
        assert ("died" in made.all) == ("died" in said)


@pytest.mark.parametrize(
    ("maker", "by_rule"),
    [
        (Maker("draft"), True), (Maker("clinic-7b (on this machine)"), False),
        (Maker("draft", "ab" * 32), False), (Maker("draft (on this machine)"), False),
    ],
)  # fmt: skip
def test_only_the_draft_is_said_to_be_written_by_rule(maker: Maker, by_rule: bool) -> None:
    told = dataclasses.replace(cases.summary(), made_by=maker)
    assert ("(by rule)" in index([row(told, cases.seen())])) == by_rule
    made = Page(page(told, cases.seen()))
    assert ("By rule, without a model" in made.all) == by_rule
    assert (f"By the model {maker.name}" in made.all) == (not by_rule)
    assert ("(rules, no model)" in made.text("made")) == by_rule


def test_a_page_lies_beside_its_summary_whatever_the_id_is() -> None:
    for patient in ("p-1", "a.b", "../../etc/passwd", "x" * 500, "Ünï", "<b>&\"'/#?"):
        assert page_name(patient) == file_name(patient).removesuffix("json") + "html"
        assert "/" not in page_name(patient)
        made = Page(index([row(cases.summary(patient=patient), cases.seen(patient=patient))]))
        (link,) = made.of("a")
        assert re.fullmatch(r"[\w%.-]+\.html", link["href"])
