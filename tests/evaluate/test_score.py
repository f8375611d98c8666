"""`osler score`: the evaluator on stored answers of any system."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from osler.errors import DataError
from osler.evaluate.score import score_files

ANSWERS = {
    f"q{i}": f"Answer {i}: rest, fluids and {i} days of patience. ZQPLANTED" for i in range(40)
}


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def references(folder: Path, *, per_group: int = 1) -> Path:
    rows = [
        [item, text, f"group {i // per_group}"] for i, (item, text) in enumerate(ANSWERS.items())
    ]
    return write(folder / "r.csv", ["id", "reference", "group"], rows)


def outputs(folder: Path, name: str, answers: dict[str, str]) -> Path:
    return write(folder / name, ["id", "output"], list(answers.items()))


def worse(answers: dict[str, str]) -> dict[str, str]:
    return {item: text.replace("rest, fluids and", "a pill for") for item, text in answers.items()}


def test_measures_of_one_system(tmp_path: Path) -> None:
    results = score_files(outputs(tmp_path, "a.csv", ANSWERS), None, references(tmp_path))
    found = results["systems"]["A"]["measures"]
    assert found["rougeLsum"]["mean"] == pytest.approx(100)
    assert found["empty_rate"]["mean"] == 0
    assert results["comparisons"] == []
    assert results["items"] == results["groups"] == 40
    assert "stop_rate" not in found
    assert "ZQPLANTED" not in json.dumps(results)


def test_a_paired_verdict_of_a_against_b_whatever_the_order_of_lines(tmp_path: Path) -> None:
    a = outputs(tmp_path, "a.csv", dict(reversed(ANSWERS.items())))
    b = outputs(tmp_path, "b.csv", worse(ANSWERS))
    results = score_files(a, b, references(tmp_path))
    (comparison,) = results["comparisons"]
    assert comparison["measure"] == "rougeLsum"
    assert comparison["outcome"] == "better"
    assert results["verdict"]["A against B"].startswith(
        "A against B on 40 items treated as independent: better"
    )
    swapped = score_files(b, a, references(tmp_path))
    assert swapped["comparisons"][0]["outcome"] == "worse"


def test_items_of_a_group_are_one_unit(tmp_path: Path) -> None:
    a, b = outputs(tmp_path, "a.csv", ANSWERS), outputs(tmp_path, "b.csv", worse(ANSWERS))
    results = score_files(a, b, references(tmp_path, per_group=10))
    assert results["groups"] == 4
    assert results["comparisons"][0]["outcome"] == "no verdict"
    assert "no verdict can be given" in results["verdict"]["A against B"]


def test_the_same_answers_are_never_a_win(tmp_path: Path) -> None:
    a, b = outputs(tmp_path, "a.csv", ANSWERS), outputs(tmp_path, "b.csv", ANSWERS)
    (comparison,) = score_files(a, b, references(tmp_path))["comparisons"]
    assert comparison["outcome"] not in ("better", "worse")
    assert comparison["difference"] == 0


def test_an_empty_answer_counts_as_0(tmp_path: Path) -> None:
    a = outputs(tmp_path, "a.csv", {**ANSWERS, "q0": "", "q1": "  "})
    system = score_files(a, None, references(tmp_path))["systems"]["A"]
    assert system["zero_scores"] == {"empty answer": 2}
    assert system["measures"]["rouge1"]["mean"] == pytest.approx(95)


def test_faults_name_file_count_and_cure(tmp_path: Path) -> None:
    r = references(tmp_path)
    short = outputs(tmp_path, "short.csv", dict(list(ANSWERS.items())[:37]))
    with pytest.raises(DataError, match=r"short\.csv: 3 of 40 ids .*q37") as fault:
        score_files(short, None, r)
    assert "leave the output empty" in fault.value.cure
    more = outputs(tmp_path, "more.csv", {**ANSWERS, "extra": "x"})
    with pytest.raises(DataError, match=r"r\.csv: 1 ids of .*more\.csv have no reference"):
        score_files(more, None, r)
    full = outputs(tmp_path, "full.csv", ANSWERS)
    with pytest.raises(DataError, match=r"short\.csv: 3 of 40"):
        score_files(full, short, r)
    twice = write(tmp_path / "twice.csv", ["id", "output"], [*ANSWERS.items(), *ANSWERS.items()])
    with pytest.raises(DataError, match=r"twice\.csv: 40 lines repeat an id \(first: line 42\)"):
        score_files(twice, None, r)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no 'id' and no 'output' column"),
        (b"id,text\n1,a\n", r"no 'output' column \(found: id, text\)"),
        (b"id,output\n", "no lines under the header"),
        (b"id,output\n1\n", ":2: 1 cell under a header of 2"),
        (b"id,output\n,x\n", ":2: a line without id"),
        (b"id,output\n1,\xff\xfe\n", "not UTF-8"),
        (b'id,output\n1,"a" b\n', ":2: not valid CSV"),
        (b"id,output\n1,rest, fluids\n", ":2: 3 cells under a header of 2"),
        (b'id,output\n1,"a\nb"\n2,c,d\n', ":4: 3 cells under a header of 2"),
        (b"id,output,model\n1,a\n", ":2: 2 cells under a header of 3"),
        (b"id,output,output\n1,a,b\n", ":1: the header names 'output' more than once"),
        (b"id,output\n1,a\n2,b\0c\n", ":3: a NUL byte"),
    ],
)
def test_unreadable_files_say_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as fault:
        score_files(path, None, references(tmp_path))
    assert "bad.csv" in fault.value.message


def test_a_missing_file_and_empty_references_are_refused(tmp_path: Path) -> None:
    a = outputs(tmp_path, "a.csv", {"1": "x", "2": "y"})
    with pytest.raises(DataError, match="no such file"):
        score_files(a, None, tmp_path / "none.csv")
    r = write(tmp_path / "r.csv", ["id", "reference"], [["1", "x"], ["2", " "]])
    with pytest.raises(DataError, match=r"r\.csv: 1 references are empty \(first: id 2\)"):
        score_files(a, None, r)


def test_empty_cells_too_many_at_the_end_are_let_go(tmp_path: Path) -> None:
    a, r = tmp_path / "a.csv", tmp_path / "r.csv"
    a.write_text("id,output\n1,yes,,\n")
    r.write_text("id,reference\n1,yes\n")
    assert score_files(a, None, r)["systems"]["A"]["measures"]["rouge1"]["mean"] == 100


def test_paths_that_cannot_be_read_or_written_end_in_a_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from osler.cli import main

    a, r = outputs(tmp_path, "a.csv", ANSWERS), references(tmp_path)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    before = r.read_bytes()
    linked = tmp_path / "linked.csv"
    linked.symlink_to(r)
    for words, said in (
        ([loop], "cannot be read"),
        ([tmp_path / ("x" * 300)], "cannot be read"),
        ([tmp_path], "cannot be read"),
        ([a, "--json", tmp_path], "a folder"),
        ([a, "--json", tmp_path / ("x" * 300)], "cannot be written"),
        ([a, "--json", a / "out.json"], "cannot be written"),
        ([a, "--json", r], "would be overwritten"),
        ([a, "--json", linked], "would be overwritten"),
    ):
        assert main(["score", *map(str, words), "--references", str(r)]) == 2, said
        error = capsys.readouterr().err
        assert said in error
        assert len(error.splitlines()) == 2
    assert r.read_bytes() == before


def test_references_without_any_word_give_no_verdict_on_rouge(tmp_path: Path) -> None:
    r = write(tmp_path / "r.csv", ["id", "reference"], [[f"q{i}", "🤒!"] for i in range(400)])
    a = outputs(tmp_path, "a.csv", {f"q{i}": "🤒!" for i in range(400)})
    b = outputs(tmp_path, "b.csv", {f"q{i}": "?" for i in range(400)})
    results = score_files(a, b, r)
    assert results["comparisons"] == []
    assert "no verdict can be given; none of the measures" in results["verdict"]["A against B"]
    assert "does not rest on it" in results["notes"][0]


def test_answers_that_are_all_empty_are_told_in_the_headline(tmp_path: Path) -> None:
    none = dict.fromkeys(ANSWERS, " ")
    a, b = outputs(tmp_path, "a.csv", none), outputs(tmp_path, "b.csv", none)
    results = score_files(a, b, references(tmp_path))
    assert results["verdict"]["A against B"] == (
        "A against B on 40 items treated as independent, every answer of A and B is empty: "
        "no difference shown on ROUGE-Lsum"
    )
    assert results["comparisons"][0]["outcome"] == "not shown"


def test_a_byte_order_mark_and_long_cells_are_read(tmp_path: Path) -> None:
    r = tmp_path / "r.csv"
    r.write_text("\ufeffid,reference\n1,yes\n", encoding="utf-8")
    a = write(tmp_path / "a.csv", ["id", "output"], [["1", "yes" + " " * 200_000]])
    assert score_files(a, None, r)["systems"]["A"]["measures"]["rouge1"]["mean"] == 100


def test_scoring_needs_no_torch(tmp_path: Path) -> None:
    a, r = outputs(tmp_path, "a.csv", ANSWERS), references(tmp_path)
    program = (
        "import sys; from pathlib import Path; from osler.evaluate.score import score_files;"
        "from osler.evaluate.show import print_results;"
        f"print_results(score_files(Path({str(a)!r}), None, Path({str(r)!r})));"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ROUGE-Lsum" in done.stdout
