"""Private by construction: no network, no example text outside the data, nothing of the machine."""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import osler as package
from osler.data.split import side_of

SOURCE = Path(package.__file__).parent
HOST, USER = "zqh-ward-seven", "zqu-miller"
"""Names of the machine and the user that the runs below are given."""

SPY = """\
import os, sys

def note(event, arguments):
    if event in CALLS:
        named = event != "socket.getaddrinfo" and len(arguments) > 1
        address = arguments[1] if named else arguments
        if not isinstance(address, (str, bytes)):  # those are sockets between processes
            with open(os.environ["ATTEMPTS"], "a") as out:
                out.write(f"{event} {address}\\n")
            raise OSError(101, "refused by the test")

CALLS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
         "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
sys.addaudithook(note)
"""
"""A sitecustomize.py: notes and refuses every connection that Python code asks for, also in
processes that it starts."""

INSIDE = """\
import os, socket, subprocess, sys
socket.sethostname(sys.argv[1])
code = subprocess.call(sys.argv[3:])
lines = open("/proc/net/snmp").read().splitlines()[:2]
counts = dict(zip(*(line.split() for line in lines)))
six = dict(line.split() for line in open("/proc/net/snmp6")) if os.path.exists("/proc/net/snmp6") \
    else {}
names = ("OutNoRoutes", "OutRequests")
total = sum(int(counts[n]) for n in names) + sum(int(six.get(f"Ip6{n}", 0)) for n in names)
with open(sys.argv[2], "w") as out:
    out.write(str(total))
sys.exit(code)
"""
"""Runs a command in a network of its own, in which nothing is reachable, and writes how often the
kernel was asked to send something there: what no hook in Python can miss."""


@cache
def own_network() -> tuple[str, ...]:
    """The command that gives a process a network (and a host name) of its own, if permitted."""
    for words in (("unshare", "-n", "-u"), ("unshare", "-r", "-n", "-u")):
        code = f"import socket; socket.sethostname({HOST!r})"
        command = [*words, sys.executable, "-I", "-c", code]
        if shutil.which("unshare") and not subprocess.run(command, capture_output=True).returncode:
            return words
    return ()


@dataclass
class Done:
    """What a command left behind. `folder` is where it was given."""

    folder: Path
    home: Path
    temporary: Path
    code: int
    said: str
    attempts: list[str]
    """What Python code asked for."""
    sent: int | None
    """What the kernel was asked to send; None where a network of one's own is not permitted."""


def alone(base: Path, *command: str | Path) -> Done:
    """Run a command with connections refused and counted, and a home of its own."""
    places = {name: base / name for name in ("work", f"home/{USER}", "temporary", "spy")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    folder, home, temporary, spy = places.values()
    (spy / "sitecustomize.py").write_text(SPY)
    attempts, sent = base / "attempts.txt", base / "sent.txt"
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(spy), "ATTEMPTS": str(attempts),
        "HOME": str(home), "USER": USER, "LOGNAME": USER, "TMPDIR": str(temporary),
        "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8",
    }  # fmt: skip
    inside = [*own_network(), sys.executable, "-I", "-c", INSIDE, HOST, str(sent)]
    done = subprocess.run(
        [*(inside if own_network() else ()), *map(str, command)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    noted = attempts.read_text().splitlines() if attempts.exists() else []
    kernel = int(sent.read_text()) if sent.exists() else None
    return Done(folder, home, temporary, done.returncode, done.stdout, noted, kernel)


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def holding(folder: Path, *marks: str) -> list[str]:
    """Files below the folder in which one of the marks stands, in any case."""
    wanted = [mark.lower().encode() for mark in marks]
    return [
        path.relative_to(folder).as_posix()
        for path in files_below(folder)
        if any(mark in path.read_bytes().lower() for mark in wanted)
    ]


# -- the network -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 443), 2)",
        "import socket; socket.getaddrinfo('huggingface.co', 443)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import socket; socket.socket(2, 2).sendto(b'x', ('192.0.2.1', 53))",
    ],
)
def test_the_counters_below_count(tmp_path: Path, attempt: str) -> None:
    done = alone(tmp_path, sys.executable, "-c", attempt)
    assert done.code != 0
    assert len(done.attempts) == 1
    if "getaddrinfo" not in attempt:  # a resolver of the system may be asked without a network
        silent = alone(tmp_path / "kernel", sys.executable, "-I", "-S", "-c", attempt)  # no spy
        assert silent.attempts == []
        assert silent.sent is None or silent.sent > 0


QUICK = (
    "data.sources[0].limit=90", "data.sources[1].limit=10", "train.max_steps=2",
    "train.per_device_train_batch_size=2", "evaluate.max_items=6", "evaluate.max_new_tokens=6",
    "export.prompts=2",
)  # fmt: skip


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The quickstart, small, in a fresh home and with no network."""
    base = tmp_path_factory.mktemp("quickstart")
    return alone(base, sys.executable, "-m", "osler", "run", "quickstart", *QUICK)


def test_the_quickstart_needs_and_tries_no_network(quickstart: Done) -> None:
    assert quickstart.code == 0, quickstart.said
    assert "Verdict: " in quickstart.said
    assert quickstart.attempts == []
    assert quickstart.sent in (0, None)


def test_the_quickstart_writes_nothing_outside_its_run(quickstart: Done) -> None:
    """But the count of looks at test sets, which is kept beside the runs on purpose."""
    (run,) = (quickstart.folder / "runs").glob("quickstart-*")
    others = [p for p in files_below(quickstart.folder) if not p.is_relative_to(run)]
    assert [path.relative_to(quickstart.folder).as_posix() for path in others] == [
        "runs/test-looks.jsonl"
    ]
    assert files_below(quickstart.temporary) == []


def test_the_home_folder_stays_free_of_example_text(quickstart: Done) -> None:
    text = (SOURCE / "assets" / "quickstart" / "medical_qa.jsonl").read_text()
    answers = re.findall(r'"completion": "([^"\\]{40})', text)[:8]
    assert holding(quickstart.home, *answers) == []
    (run,) = (quickstart.folder / "runs").glob("quickstart-*")
    assert "data/train.jsonl" in holding(run, *answers), "the text is to be found where it is"


# -- planted strings ---------------------------------------------------------------------------

MARK = "zqx"
"""Begins every planted word; it stands in prompts, answers, a column of no use, and test rows."""

RECIPE = """\
name: planted
model: {id: ./model}
data:
  sources:
    - {type: csv, path: clinic.csv, columns: {prompt: question, completion: answer, group: topic}}
  max_length: 256
  too_long: drop
  test_share: 0.25
train: {max_steps: 3, save_steps: 1, logging_steps: 1, learning_rate: 5.0e-3, warmup_steps: 0}
evaluate: {max_new_tokens: 8}
export: {prompts: 2}
"""

COMMANDS = """\
import json
from osler.cli import main

def osler(*words):
    print("COMMAND", *words, flush=True)
    print("CODE", main(list(words)), flush=True)

osler("check", "recipe.yaml")
for verb in ("data", "train", "evaluate", "export"):
    osler(verb, "recipe.yaml", "--run-dir", RUN)
row = json.loads(open(f"{RUN}/data/train.jsonl").readline())["id"]
for words in ([], ["receipt"], ["losses"], ["row", row]):
    osler("show", RUN, *words)
osler("run", "recipe.yaml", "--run-dir", RUN)
osler("run", "recipe.yaml", "--run-dir", "f1", "data.too_long=error")
osler("run", "recipe.yaml", "--run-dir", "f2", "data.sources[0].columns.completion=reply")
osler("run", "recipe.yaml", "--run-dir", "f3", "data.sources=[{type: jsonl, path: broken.jsonl}]")
osler("run", "recipe.yaml", "--run-dir", "f4", "data.sources[0].columns.id=topic")
osler("run", "recipe.yaml", "--run-dir", "f5", "model.id=./wild")
osler("check", "recipe.yaml", "data.too_long=error")
"""
"""Every verb over the planted rows, and runs that fail; RUN is the run's folder."""


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, overflowing_model: Path
) -> Done:
    """Every verb, and runs that fail, over rows with planted words, with an absolute run folder."""
    base = tmp_path_factory.mktemp("planted")
    folder = base / "work"
    folder.mkdir()
    shutil.copytree(tiny_model, folder / "model")
    shutil.copytree(overflowing_model, folder / "wild")
    (folder / "recipe.yaml").write_text(RECIPE)
    write_planted_rows(folder)
    code = f"RUN = {str(folder / 'run')!r}\n{COMMANDS}"
    done = alone(base, sys.executable, "-c", code)
    assert "".join(re.findall(r"CODE (\d)", done.said)) == 9 * "0" + 7 * "2", done.said
    return done


def write_planted_rows(folder: Path) -> None:
    """Questions and answers of 24 topics, three rows that are dropped, and a file that breaks."""
    columns = ["question", "answer", "topic", "note"]
    rows: list[list[str]] = []
    for number in range(72):
        topic = f"topic-{number % 24}"
        held = side_of(topic, validation_share=0.05, test_share=0.25) == "test"
        mark = f"{MARK}held" if held else f"{MARK}train"
        rows.append(
            [
                f"What is {mark}prompt number {number}?",
                f"It is {mark}answer number {number}, and {number * 7} besides.",
                topic,
                f"{MARK}extra {number}",
            ]
        )
    rows.append([f"{MARK}empty?", "", "topic-0", f"{MARK}extra"])
    rows.append([f"{MARK}long? " * 200, f"{MARK}long.", "topic-1", f"{MARK}extra"])
    rows.append([*rows[0][:2], "topic-2", f"{MARK}extra"])
    with (folder / "clinic.csv").open("w", newline="") as out:
        csv.writer(out).writerows([columns, *rows])
    (folder / "broken.jsonl").write_text(f'{{"prompt": "{MARK}a", "completion": "{MARK}\n')


def test_nothing_that_is_printed_to_a_pipe_shows_an_example(planted: Done) -> None:
    """All verbs, `show` of a row among them, and runs that fail."""
    assert MARK not in planted.said.lower(), planted.said


WITH_TEXT = {
    "data/train.jsonl", "data/validation.jsonl", "data/test.jsonl", "evaluate/report.html",
    "evaluate/samples/base.jsonl", "evaluate/samples/control.jsonl",
    "evaluate/samples/tuned.jsonl",
}  # fmt: skip
"""The files of a run that show examples, because that is what they are for."""


def test_no_file_of_a_run_shows_an_example_but_those_made_for_it(planted: Done) -> None:
    found = set(holding(planted.folder / "run", MARK))
    assert found <= WITH_TEXT
    assert {"data/train.jsonl", "data/test.jsonl", "evaluate/report.html"} <= found
    for name in ("log.txt", "metrics.jsonl", "run.json", "recipe.lock.json", "data/report.json",
                 "data/receipt.jsonl", "train/checkpoints/checkpoint-3/trainer_state.json",
                 "evaluate/results.json", "evaluate/scores.jsonl", "export/merged/README.md",
                 "export/proof.json"):  # fmt: skip
        assert (planted.folder / "run" / name).is_file(), "it is to be looked into"


def test_a_run_that_failed_shows_no_example_either(planted: Done) -> None:
    assert (planted.folder / "f5" / "run.json").is_file()
    assert set(holding(planted.folder / "f5", MARK)) <= WITH_TEXT
    for name in ("f1", "f2", "f3", "f4"):
        assert not (planted.folder / name).exists(), "its data could not be read"


def test_text_of_rows_that_were_dropped_is_nowhere(planted: Done) -> None:
    assert holding(planted.folder / "run", f"{MARK}empty", f"{MARK}long") == []


def test_home_and_temporary_folder_stay_free_of_example_text(planted: Done) -> None:
    assert holding(planted.home, MARK) == []
    assert files_below(planted.temporary) == []
    beside = {path.name for path in planted.folder.iterdir()}
    assert beside == {"broken.jsonl", "clinic.csv", "model", "recipe.yaml", "run", "f5",
                      "wild", "test-looks.jsonl"}  # fmt: skip


# -- nothing of the machine --------------------------------------------------------------------

ABSOLUTE = re.compile(rb"(?<![\w.:/<-])/(?:home|root|Users|tmp|var|usr|opt|mnt|work|private|etc)/")
"""A path from the root of this machine; neither an address of the web nor a closing tag."""


def runs_of(done: Done) -> Iterator[Path]:
    for lock in done.folder.rglob("recipe.lock.json"):
        yield lock.parent


@pytest.mark.parametrize("which", ["quickstart", "planted"])
def test_no_file_of_a_run_names_host_user_home_or_a_path(
    which: str, request: pytest.FixtureRequest
) -> None:
    """Without exception; a recipe that itself gives a path is its author's own text."""
    done: Done = request.getfixturevalue(which)
    names = [USER, str(done.folder), str(done.home), sys.prefix, str(SOURCE)]
    names += [HOST] if own_network() else []
    for run in runs_of(done):
        assert holding(run, *names) == []
        with_path = [p for p in files_below(run) if ABSOLUTE.search(p.read_bytes())]
        assert [path.relative_to(run).as_posix() for path in with_path] == []


def test_a_path_would_be_found(tmp_path: Path) -> None:
    for text in (b'{"best": "/home/zq/runs"}', b"in /tmp/x", b"(/work/a)"):
        assert ABSOLUTE.search(text)
    for text in (b"https://a.org/tmp/x", b"</var>", b"and/or/etc/", b"../home/x"):
        assert not ABSOLUTE.search(text)


@pytest.mark.parametrize("which", ["quickstart", "planted"])
def test_a_run_is_its_owners_alone(which: str, request: pytest.FixtureRequest) -> None:
    done: Done = request.getfixturevalue(which)
    for run in runs_of(done):
        assert stat.S_IMODE(run.stat().st_mode) == 0o700
        for folder in (p for p in run.iterdir() if p.is_dir()):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# -- no code of others -------------------------------------------------------------------------


def calls_of(tree: ast.AST) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each call's name as it is written, and its keyword arguments that are constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            constants = {
                word.arg: word.value.value
                for word in node.keywords
                if word.arg and isinstance(word.value, ast.Constant)
            }
            yield ast.unparse(node.func), constants


def dangers(text: str) -> list[str]:
    """What in a source file would run code that comes from elsewhere, or unpack a pickle."""
    tree = ast.parse(text)
    found: list[str] = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        roots = {name.split(".")[0] for name in names}
        found += sorted(roots & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve"})
        if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
            value = node.value
            if not (isinstance(value, ast.Constant) and value.value is False):
                found.append("trust_remote_code")
    for name, constants in calls_of(tree):
        if name in ("eval", "exec", "compile", "__import__", "os.system", "yaml.unsafe_load"):
            found.append(name)
        if name in ("torch.load", "load_state_dict") and constants.get("weights_only") is not True:
            found.append(name)
        if name in ("np.load", "numpy.load") and constants.get("allow_pickle"):
            found.append(name)
        if constants.get("shell") is True:
            found.append(f"{name} through a shell")
        if name.endswith("from_pretrained") and constants.get("use_safetensors") is False:
            found.append(name)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "import pickle", "from joblib import load", "f(trust_remote_code=True)",
        "f(trust_remote_code=settings.trust)", "torch.load(path)", "eval(text)", "exec(text)",
        "torch.load(path, weights_only=False)", "np.load(path, allow_pickle=True)",
        "subprocess.run(x, shell=True)", "M.from_pretrained(x, use_safetensors=False)",
    ],
)  # fmt: skip
def test_the_scan_finds(text: str) -> None:
    assert dangers(text)


def test_no_source_file_runs_code_from_elsewhere_or_unpacks_a_pickle() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 50
    found = {path.name: dangers(path.read_text(encoding="utf-8")) for path in files}
    assert {name: signs for name, signs in found.items() if signs} == {}
