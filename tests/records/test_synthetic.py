"""A cohort of people who never were: alike in both formats, the same every time, plausible."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.records.account import Account
from osler.records.fhir import read_bundles
from osler.records.record import Record
from osler.records.synthea import read_tables
from osler.records.synthetic.cohort import UNTIL, synthesize
from osler.records.synthetic.history import History
from osler.records.synthetic.simulate import history

SEED = 5
PATIENTS = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty patients in both formats."""
    path = tmp_path_factory.mktemp("cohort")
    synthesize(path, PATIENTS, SEED)
    return path


def read_fhir(folder: Path) -> tuple[dict[str, Record], Account]:
    account = Account()
    return {r.person.id: r for r in read_bundles(sorted(folder.iterdir()), account)}, account


def read_csv(folder: Path) -> tuple[dict[str, Record], Account]:
    account = Account()
    return {r.person.id: r for r in read_tables(folder, account)}, account


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# -- what is written ---------------------------------------------------------------------------


def test_a_person_written_in_both_formats_is_read_into_equal_records(folder: Path) -> None:
    from_fhir, _ = read_fhir(folder / "fhir")
    from_csv, _ = read_csv(folder / "csv")
    assert len(from_fhir) == PATIENTS
    assert list(from_csv) == [history(SEED, k, UNTIL).who.id for k in range(1, PATIENTS + 1)]
    for one, record in from_csv.items():
        assert from_fhir[one] == record
        assert record.encounters
        assert record.observations


def test_the_sides_of_the_body_and_the_county_are_the_same_in_both_formats(folder: Path) -> None:
    from_fhir, _ = read_fhir(folder / "fhir")
    from_csv, _ = read_csv(folder / "csv")
    sided = 0
    for one, record in from_csv.items():
        texts = [condition.code.text for condition in record.conditions]
        assert texts == [condition.code.text for condition in from_fhir[one].conditions]
        assert record.person.county == from_fhir[one].person.county
        sided += sum(bool(re.search(r" of (left|right) \w+$", text)) for text in texts)
    assert sided > 5


def test_the_readers_refuse_nothing_and_remark_on_nothing(folder: Path) -> None:
    for _, account in (read_fhir(folder / "fhir"), read_csv(folder / "csv")):
        assert account.refused == []
        assert account.remarks == []
    _, account = read_fhir(folder / "fhir")
    assert set(account.ignored) == {"DiagnosticReport (its values are Observations)"}
    _, account = read_csv(folder / "csv")
    assert account.ignored == Counter()


def test_dose_reason_and_ranges_are_read_from_the_bundles(folder: Path) -> None:
    records, _ = read_fhir(folder / "fhir")
    medicines = [one for record in records.values() for one in record.medicines]
    assert all(one.dose is not None for one in medicines)
    assert any("twice a day" in one.dose.text for one in medicines if one.dose)
    assert sum(one.reason is not None for one in medicines) > 0.8 * len(medicines)
    observations = [one for record in records.values() for one in record.observations]
    assert any(one.reference is not None for one in observations)
    pressures = [one for one in observations if one.code.value in ("8480-6", "8462-4")]
    assert pressures
    assert all(one.panel is not None and one.panel.value == "85354-9" for one in pressures)
    assert any(record.notes for record in records.values())


def test_every_reference_of_a_bundle_leads_somewhere(folder: Path) -> None:
    clinics = json.loads((folder / "fhir" / f"clinics-{SEED}.json").read_text("utf-8"))
    known = {entry["fullUrl"] for entry in clinics["entry"]}
    npis = {
        resource["identifier"][0]["value"]
        for entry in clinics["entry"]
        if (resource := entry["resource"])["resourceType"] == "Practitioner"
    }
    for path in (folder / "fhir").glob("*.json"):
        bundle = json.loads(path.read_text("utf-8"))
        assert bundle["type"] == "transaction"
        here = {entry["fullUrl"] for entry in bundle["entry"]}
        assert len(here) == len(bundle["entry"])
        for reference in references(bundle):
            if reference.startswith("Practitioner?"):
                assert reference.rsplit("|", 1)[1] in npis
            else:
                assert reference in here | known


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("reference"), str):
            yield part["reference"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


def test_rows_of_the_tables_name_encounters_that_there_are(folder: Path) -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (folder / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    known = {row["Id"] for row in rows("encounters")}
    people = {row["Id"] for row in rows("patients")}
    clinics = {row["Id"] for row in rows("organizations")}
    assert {row["ORGANIZATION"] for row in rows("encounters")} <= clinics
    for name in ("conditions", "medications", "observations", "procedures", "immunizations"):
        assert {row["PATIENT"] for row in rows(name)} <= people
        assert {row["ENCOUNTER"] for row in rows(name)} - {""} <= known
    assert all(row["ENCOUNTER"] for row in rows("observations"))


def test_names_beyond_ascii_survive(folder: Path) -> None:
    lives = [history(SEED, number, UNTIL) for number in range(1, PATIENTS + 1)]
    written = {made.who.id: made.who for made in lives}
    odd = [one for one in written.values() if not (one.given + one.family).isascii()]
    assert odd
    from_csv, _ = read_csv(folder / "csv")
    for one in odd:
        person = from_csv[one.id].person
        assert (person.given, person.family) == (one.given, one.family)
    for content in contents(folder).values():
        content.decode("utf-8")


# -- the same every time -----------------------------------------------------------------------


def test_same_seed_same_bytes_in_another_process_at_another_time(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "osler", "records", "synthesize", "--patients", "4"]
    for name, seed, zone in (("a", "1", "UTC"), ("b", "2", "Asia/Tokyo")):
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        out = ["--seed", "8", "--out", str(tmp_path / name)]
        subprocess.run([*command, *out], check=True, env=env, capture_output=True)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_patient_k_is_the_same_however_many_there_are(folder: Path, tmp_path: Path) -> None:
    synthesize(tmp_path, 4, SEED)
    many, few = contents(folder), contents(tmp_path)
    for name, content in few.items():
        # A bundle is one patient's; tables are written patient by patient.
        assert many[name] == content if name.startswith("fhir") else many[name].startswith(content)
    assert len([name for name in few if name.startswith("fhir")]) == 4 + 1


def test_another_seed_is_other_people() -> None:
    lives = [history(SEED, number, UNTIL) for number in range(1, 11)]
    others = [history(SEED + 1, number, UNTIL) for number in range(1, 11)]
    assert not {one.who.id for one in others} & {one.who.id for one in lives}


def test_zipped_bundles_hold_the_same(folder: Path, tmp_path: Path) -> None:
    done = synthesize(tmp_path, 3, SEED, form="fhir", zipped=True)
    names = sorted(path.name for path in (tmp_path / "fhir").iterdir())
    assert done.files == len(names) == 4
    assert not (tmp_path / "csv").exists()
    for name in names:
        plain = (folder / "fhir" / name.removesuffix(".gz")).read_bytes()
        assert gzip.decompress((tmp_path / "fhir" / name).read_bytes()) == plain
    records, account = read_fhir(tmp_path / "fhir")
    assert len(records) == 3
    assert account.refused == []


def test_tables_alone_can_be_had(tmp_path: Path) -> None:
    synthesize(tmp_path, 2, SEED, form="csv")
    assert [path.name for path in tmp_path.iterdir()] == ["csv"]
    records, _ = read_csv(tmp_path / "csv")
    assert len(records) == 2


def test_nothing_is_after_the_last_day_nor_before_birth() -> None:
    last = date(2011, 5, 20)
    for number in range(1, 31):
        made = history(SEED, number, last)
        days = [*entry_days(made)]
        assert max(days) <= last
        assert min(days) >= made.who.born
        ends = [one.end for one in (*made.visits, *made.medicines) if one.end is not None]
        if made.died:
            last_of_all = made.died.date()
            assert max(days) <= last_of_all
        else:
            last_of_all = last
        assert max(end.date() for end in ends) <= last_of_all


def entry_days(made: History) -> Iterator[date]:
    """The day on which each entry begins."""
    yield from (one.start.date() for one in (*made.visits, *made.medicines, *made.acts))
    yield from (one.start for one in (*made.problems, *made.plans))
    yield from (one.at.date() for one in (*made.measured, *made.shots))
    yield from (one.since for one in made.allergies)


# -- the command -------------------------------------------------------------------------------


def test_the_command_writes_and_says_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cohort"
    command = ["records", "synthesize", "--patients", "2", "--seed", "3", "--out", str(out)]
    assert main([*command, "--until", "2019-06-30", "--gzip"]) == 0
    said = capsys.readouterr().out
    assert "2 patients who never were, until 2019-06-30 (seed 3)" in said
    assert len(list((out / "fhir").glob("*.json.gz"))) == 3
    assert (out / "csv" / "patients.csv").exists()
    assert main(command) == 2
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(["--until", "31.12.2024"], "no date"), (["--until", "1066-10-14"], "too far off"),
     (["--patients", "0"], "there must be one")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_cure(
    wrong: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cohort"
    command = ["records", "synthesize", "--patients", "1", "--out", str(out), *wrong]
    assert main(command) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(("form", "named"), [("fhir", ["fhir"]), ("csv", ["csv"]),
                                             ("both", ["fhir", "csv"])])  # fmt: skip
def test_the_command_names_what_it_wrote_and_that_can_be_imported(
    form: str, named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made"
    words = ["records", "synthesize", "--patients", "2", "--out", str(made), "--format", form]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert said.rstrip().endswith(" or ".join(str(made / one) for one in named))
    assert sorted(path.name for path in made.iterdir()) == sorted(named)
    for one in named:
        assert main(["records", "import", str(made / one), "--out", str(tmp_path / one)]) == 0
