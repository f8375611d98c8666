"""The tables that claims are traced by are whole and do not contradict themselves.

What a reader of the audit relies on: a name means one thing, and a brand leads to its drugs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from osler.summaries.lexicon import FOLDER, PHRASES, TABLES, by_name, concepts, phrases

HERE = Path(__file__).parent

EVERYDAY = set((HERE / "everyday_words.txt").read_text("utf-8").split())
"""Words that a lower-case name would find everywhere."""

STATES = set((HERE / "states.txt").read_text("utf-8").split())


def spoken(kind: str) -> dict[str, set[str]]:
    """Every name of a kind as a reader hears it, with the concepts it means."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in concepts(kind):
        for name in each.names:
            found[name.lower()].add(each.name)
    return found


# -- whole -------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted({*TABLES.values(), *PHRASES.values()}))
def test_a_table_is_sorted_and_rectangular_and_has_no_stray_space(file: str) -> None:
    head, *lines = (FOLDER / file).read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    assert {len(row) for row in rows} == {len(head.split("\t"))}
    first = [(row[0].lower(), row[0]) for row in rows]
    assert first == sorted(first)
    values = [value for row in rows for cell in row if cell for value in cell.split("|")]
    assert [value for value in values if value != " ".join(value.split()) or not value] == []


def test_every_table_of_the_folder_is_read() -> None:
    assert {path.name for path in FOLDER.glob("*.tsv")} == {*TABLES.values(), *PHRASES.values()}


@pytest.mark.parametrize(
    ("kind", "at_least"),
    [("drug", 900), ("condition", 900), ("procedure", 370), ("lab", 200), ("vaccine", 60)],
)
def test_a_table_is_as_large_as_a_clinic_needs(kind: str, at_least: int) -> None:
    assert len(concepts(kind)) >= at_least


# -- without contradiction ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", TABLES)
def test_a_name_means_one_thing_whatever_its_case(kind: str) -> None:
    assert {name: means for name, means in spoken(kind).items() if len(means) > 1} == {}


@pytest.mark.parametrize("kind", TABLES)
def test_a_concept_has_each_name_once_and_no_form_that_is_a_name(kind: str) -> None:
    names = spoken(kind).keys()
    assert [each.name for each in concepts(kind) if len(set(each.names)) < len(each.names)] == []
    assert [form for each in concepts(kind) for form in each.forms if form in names] == []


@pytest.mark.parametrize("kind", TABLES)
def test_a_code_means_one_thing(kind: str) -> None:
    codes = Counter(code for each in concepts(kind) for code in each.codes)
    assert [code for code, count in codes.items() if count > 1] == []


def test_no_name_is_a_drug_and_a_condition() -> None:
    drugs = spoken("drug") | spoken("combination") | spoken("drug class")
    assert sorted(drugs.keys() & spoken("condition").keys()) == []


def test_a_drug_is_no_combination_and_no_class() -> None:
    drugs, mixed, classes = (spoken(kind).keys() for kind in ("drug", "combination", "drug class"))
    assert sorted((drugs & mixed) | (drugs & classes) | (mixed & classes)) == []


@pytest.mark.parametrize("kind", TABLES)
def test_no_everyday_word_and_no_two_letters_are_found_in_lower_case(kind: str) -> None:
    low = [name for each in concepts(kind) for name in each.names if name == name.lower()]
    assert [name for name in low if sum(map(str.isalnum, name)) < 3] == []
    assert sorted(set(low) & EVERYDAY) == []


def test_two_capitals_that_are_a_state_are_not_used_save_for_myocardial_infarction() -> None:
    names = {name for kind in TABLES for each in concepts(kind) for name in each.names}
    assert names & STATES == {"MI"}


@pytest.mark.parametrize("kind", [kind for kind in TABLES if kind != "combination"])
def test_what_a_concept_implies_exists_and_is_not_itself(kind: str) -> None:
    known = {each.name for each in concepts(kind)}
    for each in concepts(kind):
        assert set(each.broader) <= known, each.name
        assert each.name not in each.broader


def test_a_combination_is_made_of_drugs_and_every_class_is_in_the_table() -> None:
    drugs = {each.name for each in concepts("drug")}
    classes = {each.name for each in concepts("drug class")}
    for each in concepts("combination"):
        assert each.broader, each.name
        assert set(each.broader) <= drugs, each.name
    for each in (*concepts("drug"), *concepts("combination")):
        assert each.tags, each.name
        assert set(each.tags) <= classes, each.name


def test_members_of_an_allergen_are_allergens_drugs_or_classes() -> None:
    head, *lines = (FOLDER / "allergens.tsv").read_text("utf-8").splitlines()
    column = head.split("\t").index("members")
    rows = [line.split("\t") for line in lines]
    known = {row[0] for row in rows} | {each.name for each in concepts("drug")}
    known |= {f"class:{each.name}" for each in concepts("drug class")}
    assert sorted({each for row in rows for each in row[column].split("|") if each} - known) == []


def test_a_phrase_has_one_sense_except_where_its_place_decides() -> None:
    for kind in ("frequency", "laterality", "reassurance", "status"):
        words = Counter(each.words for each in phrases(kind))
        assert [each for each, count in words.items() if count > 1] == []
    cues = Counter((each.words, each.sense) for each in phrases("negation"))
    assert max(cues.values()) == 1


# -- what a reader relies on -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "means"),
    [
        ("drug", "tylenol", "acetaminophen"),
        ("drug", "paracetamol", "acetaminophen"),
        ("drug", "salbutamol", "albuterol"),
        ("drug", "frusemide", "furosemide"),
        ("drug", "adrenaline", "epinephrine"),
        ("drug", "hctz", "hydrochlorothiazide"),
        ("combination", "co-amoxiclav", "amoxicillin / clavulanate"),
        ("condition", "heart attack", "myocardial infarction"),
        ("condition", "high blood pressure", "hypertension"),
        ("lab", "hba1c", "hemoglobin a1c"),
        ("lab", "K", "potassium"),
        ("vaccine", "shingrix", "recombinant zoster vaccine"),
        ("reaction", "hives", "urticaria"),
        ("allergen", "prawns", "shrimp"),
        ("procedure", "c-section", "cesarean section"),
    ],
)
def test_names_people_use_lead_to_the_concept(kind: str, name: str, means: str) -> None:
    assert by_name(kind)[name].name == means


def test_a_brand_of_two_drugs_leads_to_both_and_to_their_classes() -> None:
    percocet = by_name("combination")["percocet"]
    assert percocet.broader == ("oxycodone", "acetaminophen")
    assert {"opioid", "analgesic"} <= set(percocet.tags)


def test_a_drug_is_in_its_class_and_in_those_above() -> None:
    assert set(by_name("drug")["lisinopril"].tags) == {"ace inhibitor", "antihypertensive"}
    assert "diabetes medicine" in by_name("drug")["lantus"].tags
    assert "antihypertensive" not in by_name("drug")["sotalol"].tags


def test_a_condition_implies_the_wider_ones() -> None:
    wider = by_name("condition")["neuropathy due to type 2 diabetes mellitus"].broader
    assert {"type 2 diabetes mellitus", "diabetes mellitus", "diabetic neuropathy"} <= set(wider)
    assert "type 2 diabetes mellitus" not in by_name("condition")["diabetes"].broader


@pytest.mark.parametrize(
    "name",
    ["history of myocardial infarction", "suspected covid-19", "gestational diabetes",
     "family history of diabetes", "former smoker"],
)  # fmt: skip
def test_what_was_or_may_be_implies_nothing_that_is(name: str) -> None:
    assert by_name("condition")[name].broader == ()


def test_kidney_disease_and_injury_are_no_kidney_failure() -> None:
    named = by_name("condition")
    assert "chronic kidney failure" not in named
    for name in ("chronic kidney disease stage 4", "acute kidney injury"):
        assert "kidney failure" not in named[name].broader
    assert "kidney failure" in named["end stage renal disease"].broader


def test_an_allergy_to_a_member_implies_the_class_and_not_the_reverse() -> None:
    named = by_name("allergen")
    for name in ("penicillin v", "amoxicillin", "augmentin"):
        assert "penicillins" in named[name].broader
    assert "shellfish" in named["shrimp"].broader
    assert "sulfonamides" in named["bactrim"].broader
    assert named["penicillin"].broader == ()
    assert "prinivil" in named["lisinopril"].names


def test_a_vaccine_of_one_make_is_one_of_its_kind() -> None:
    assert "pneumococcal vaccine" in by_name("vaccine")["prevnar 13"].broader
    assert {"tetanus vaccine", "pertussis vaccine"} <= set(by_name("vaccine")["tdap"].broader)


@pytest.mark.parametrize(
    ("kind", "text", "sense"),
    [
        ("negation", "no change in blood pressure", "pseudo"),
        ("negation", "not well controlled diabetes", "pseudo"),
        ("negation", "no history of stroke", "pre"),
        ("negation", "denies chest pain", "pre"),
        ("frequency", "1 twice a day", "2/d"),
        ("frequency", "every 4 hours", "6/d"),
        ("frequency", "every 4 to 6 hours", "4-6/d"),
        ("frequency", "every other day", "1/2d"),
        ("frequency", "b.i.d.", "2/d"),
        ("reassurance", "no known drug allergies", "allergy"),
        ("reassurance", "within normal limits", "lab"),
        ("reassurance", "up to date on vaccines", "vaccine"),
        ("status", "no longer taking aspirin", "stopped"),
        ("status", "family history of cancer", "family"),
        ("laterality", "left-sided weakness", "left"),
    ],
)
def test_the_longest_phrase_decides(kind: str, text: str, sense: str) -> None:
    assert next(each.sense for each in phrases(kind) if text.startswith(each.words)) == sense
