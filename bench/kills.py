"""Does a training survive anything? SIGKILL at random moments, and SIGTERM and Ctrl-C.

    python bench/kills.py [--kills 200] [--signals 20] [--seed 0] [--out bench/results/kills.json]

The claim: after every kill, saving included, the same command with `--resume` goes on unaided,
and the run ends in the adapter of the uninterrupted run, bit for bit (CPU, fp32), with the same
losses. And: SIGTERM and SIGINT end within a step plus two seconds in a checkpoint of the last
step, also in the middle of a long look at the validation loss; resumed, the adapter is again
the same.

Half of the kills come at a random time; the other half wait for a checkpoint or the adapter to be
half written. Where a kill hit is read from the disk afterwards. Two recipes take turns: one that
ends in the middle of an epoch, and one that stops early. To be quick, this process imports torch,
transformers, TRL and PEFT, computes nothing, and forks the children that call `osler.cli.main`;
in five of the runs every child is a fresh `python -m osler` instead, as are the references and
all that get SIGTERM or SIGINT. One thread each.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from osler.commands.environment import set_environment

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from conftest import make_tiny_model

FRESH_RUNS = 5
MOST = 12
"""Kills of one run, at most, so that there are many runs."""
PATIENCE = 300.0
"""Seconds after which a child that has not ended counts as hung."""
GRACE = 2.0
"""Seconds that an orderly stop may take beyond one step."""

AILMENTS = (
    "hay fever", "croup", "sciatica", "anemia", "rickets", "scurvy", "vertigo", "tinnitus",
    "gout", "mumps", "shingles", "ringworm", "scabies", "tetanus", "colic", "bunion", "styes",
    "whooping cough", "heartburn", "hiccups", "chilblains", "insomnia", "sunburn", "cramp",
)  # fmt: skip
ASKED = ("What is", "What helps against", "How long lasts", "Who gets", "What causes")
RECIPE = """\
name: kills
model: {{id: model, dtype: float32}}
data:
  sources:
    - {{type: csv, path: {csv}, licence: CC0-1.0,
       columns: {{prompt: question, completion: answer, id: id, group: topic}}}}
  max_length: 256
  near_duplicate: null
  validation_share: {validation}
  test_share: 0.1
train:
  method: lora
  lora: {{r: 4, lora_dropout: 0.1}}
  lr_scheduler_type: constant
  per_device_train_batch_size: 4
  logging_steps: 1
"""
CASES = {
    "45 steps": ("small", "train.max_steps=45", "train.save_steps=1", "train.learning_rate=2e-3"),
    "early stop": (
        "small", "train.max_steps=60", "train.save_steps=1", "train.learning_rate=2e-2",
        "train.early_stopping_patience=8",
    ),
    "long looks": (
        "large", "train.max_steps=30", "train.save_steps=10", "train.learning_rate=2e-3",
        "train.extra.per_device_eval_batch_size=1",
    ),
}  # fmt: skip
"""Name -> the recipe file and what is set in it. The last one is for the orderly stops."""

START_UP = "before the first step"
STEPPING = "between saves: a step or a look"
WRITING = "saving: a checkpoint without seal"
REMOVING = "saving: an old checkpoint half removed"
LAST = "after the last step"
ADAPTER = "saving: the adapter"
MANIFEST = "saving: another file half written"
DONE = "recorded as done"
SAVING = (WRITING, REMOVING, ADAPTER, MANIFEST)
ORDER = (START_UP, STEPPING, WRITING, REMOVING, LAST, ADAPTER, MANIFEST, DONE)


# -- the set-up --------------------------------------------------------------------------------


def write_rows(path: Path, times: int) -> list[str]:
    """Questions and answers of our own about the ailments, as a CSV; returns all texts."""
    texts: list[str] = []
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "question", "answer", "topic"])
        for n, ailment in enumerate(AILMENTS):
            for k in range(times):
                for m, asked in enumerate(ASKED):
                    question = f"{asked} {ailment}, visit {k}?"
                    answer = f"{ailment.capitalize()} number {n}, visit {k}: see page {7 * m + n}."
                    writer.writerow([f"{n}-{k}-{m}", question, answer, ailment])
                    texts += [question, answer]
    return texts


def make_inputs(folder: Path) -> None:
    """Write model, rows and recipes."""
    texts = write_rows(folder / "small.csv", 1)
    write_rows(folder / "large.csv", 20)
    make_tiny_model(folder / "model", texts)
    for name, validation in (("small", 0.15), ("large", 0.45)):
        recipe = RECIPE.format(csv=f"{name}.csv", validation=validation)
        (folder / f"{name}.yaml").write_text(recipe, encoding="utf-8")


# -- children ----------------------------------------------------------------------------------


def import_everything() -> None:
    """What a training imports, once for all forks. Computes nothing and starts no thread."""
    import matplotlib.figure
    import peft
    import transformers
    import trl

    import osler.train.sft

    # The libraries load their modules on first use: name what a training uses.
    _ = (trl.SFTTrainer, trl.SFTConfig, peft.get_peft_model, transformers.LlamaForCausalLM)
    _ = (transformers.PreTrainedTokenizerFast, matplotlib.figure.Figure, osler.train.sft.train)


def fork(words: list[str], log: Path) -> int:
    """Start `osler WORDS` as a fork of this process. Returns its pid."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(out, 2)
        from osler.cli import main

        code = main(words)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def spawn(words: list[str], log: Path) -> int:
    """Start `osler WORDS` as a fresh process. Returns its pid."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "osler", *words],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def ended(pid: int) -> int | None:
    """Exit code of a child, negative for a signal; None while it lives."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def wait_until(pid: int, reached: Callable[[], bool], pause: float = 0.001) -> int | None:
    """Wait for something to be so, or for the child to end (then its exit code).

    Raises `TimeoutError`, and ends the child, when neither comes.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (code := ended(pid)) is not None:
            return code
        if reached():
            return None
        time.sleep(pause)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise TimeoutError(f"a child had not ended after {PATIENCE:.0f} s")


def wait_end(pid: int) -> int:
    """Exit code of a child, once it has ended."""
    code = wait_until(pid, lambda: False, 0.002)
    assert code is not None
    return code


def strike(pid: int, number: int, delay: float) -> int | None:
    """Signal a child after a delay. Returns its exit code if it had ended before, else None."""
    begun = time.monotonic()
    code = wait_until(pid, lambda: time.monotonic() - begun >= delay)
    if code is None:
        os.kill(pid, number)  # not reaped yet, so the pid is still this child's
    return code


# -- what is on the disk -----------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """What a run's folder shows: half-written things, whole checkpoints, progress."""

    halves: frozenset[tuple[str, int, int]]
    whole: tuple[int, ...]
    logged: int
    """Size of metrics.jsonl."""
    done: bool


def look_at(run: Path) -> Look:
    """Read a run's folder."""
    from osler.run import Run
    from osler.train.checkpoint import checkpoints, is_whole

    done = Run.open(run).status("train") == "done"
    saved = {p: is_whole(p) for p in checkpoints(run / "train" / "checkpoints")}
    halves = [p for p, good in saved.items() if not good]
    halves += [p for top in (run, run / "train") for p in top.glob(".*.part")]
    adapter = run / "train" / "adapter"
    halves += [adapter] if adapter.exists() and not done else []
    metrics = run / "metrics.jsonl"
    return Look(
        frozenset(
            (p.relative_to(run).as_posix(), p.stat().st_ino, p.stat().st_mtime_ns) for p in halves
        ),
        tuple(int(p.name.split("-")[1]) for p, good in saved.items() if good),
        metrics.stat().st_size if metrics.exists() else 0,
        done,
    )


def moment(before: Look, after: Look, last_step: int) -> str:
    """Where a kill hit, from the folder before the child began and after it died."""
    if after.done:
        return DONE
    fresh = [name for name, *_ in after.halves - before.halves]
    if any("adapter" in name or "loss.png" in name for name in fresh):
        return ADAPTER
    steps = [int(name.split("-")[1]) for name in fresh if "checkpoint-" in name]
    if steps:
        return REMOVING if after.whole and max(steps) < max(after.whole) else WRITING
    if fresh:
        return MANIFEST
    if before.logged == after.logged:
        return START_UP
    return LAST if last_step in after.whole else STEPPING


def unsealed(checkpoints: Path) -> set[int]:
    """Inodes of the checkpoint folders without a seal. Quick, for it is asked all the time."""
    try:
        with os.scandir(checkpoints) as found:
            return {p.inode() for p in found if not os.path.exists(f"{p.path}/seal.json")}  # noqa: PTH110
    except FileNotFoundError:
        return set()


class Saving:
    """Becomes true while the nth checkpoint from now is being written, or the adapter is."""

    def __init__(self, run: Path, nth: int | None) -> None:
        self.train, self.left = run / "train", nth
        self.known = unsealed(self.train / "checkpoints")
        self.adapter = self._adapter()

    def _adapter(self) -> int:
        part = self.train / ".adapter.part"
        return part.stat().st_ino if part.exists() else 0

    def __call__(self) -> bool:
        if self.left is None:
            return self._adapter() not in (0, self.adapter)
        now = unsealed(self.train / "checkpoints")
        self.left -= len(now - self.known)
        self.known = now
        return self.left <= 0


@dataclass(frozen=True)
class Outcome:
    """What a finished training left: the adapter's SHA-256, and its losses by step."""

    digest: str
    losses: dict[tuple[str, int], float]
    steps: int


def outcome(run: Path) -> Outcome:
    """Read what a finished training left."""
    from osler.disk import file_digest
    from osler.run import Run

    opened = Run.open(run)
    losses = {
        (name, m["step"]): m[name]
        for m in opened.metrics("train")
        for name in ("loss", "eval_loss")
        if name in m
    }
    adapter = run / "train" / "adapter" / "adapter_model.safetensors"
    return Outcome(file_digest(adapter), losses, opened.record("train")["steps"])


# -- the laboratory ----------------------------------------------------------------------------


@dataclass
class Lab:
    """A folder with the inputs, a prepared run for each case, and its uninterrupted outcome."""

    folder: Path
    references: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    """Case -> how long a forked training takes, start-up included."""
    start_up: float = 0.0
    """Extra seconds of a fresh process."""

    @property
    def log(self) -> Path:
        return self.folder / "children.log"

    def words(self, case: str, verb: str, run: Path) -> list[str]:
        recipe, *overrides = CASES[case]
        words = [verb, str(self.folder / f"{recipe}.yaml"), *overrides, "--run-dir", str(run)]
        return words if verb == "data" else [*words, "--resume"]

    def train(self, case: str, run: Path, begin: Callable[[list[str], Path], int]) -> int:
        return begin(self.words(case, "train", run), self.log)

    def new_run(self, case: str, name: str) -> Path:
        """A copy of the case's prepared run."""
        run = self.folder / name
        shutil.copytree(self.folder / f"{case} prepared", run)
        return run

    def prepare(self, case: str) -> None:
        """Run the data stage, and train without interruption: fresh, then forked for its time."""
        prepared = self.folder / f"{case} prepared"
        self.must(fork(self.words(case, "data", prepared), self.log))
        begun = time.monotonic()
        run = self.new_run(case, f"{case} reference")
        self.must(self.train(case, run, spawn))
        fresh = time.monotonic() - begun
        self.references[case] = outcome(run)
        begun = time.monotonic()
        run = self.new_run(case, f"{case} forked")
        self.must(self.train(case, run, fork))
        self.seconds[case] = time.monotonic() - begun
        self.start_up = max(self.start_up, fresh - self.seconds[case])
        if outcome(run) != self.references[case]:
            sys.exit(f"{case}: two uninterrupted runs differ; see {self.log}")

    def must(self, pid: int) -> None:
        if (code := wait_end(pid)) != 0:
            sys.exit(f"An uninterrupted command ended with {code}; see {self.log}")

    def difference(self, case: str, run: Path) -> str | None:
        """In what a finished run differs from the uninterrupted one, in words."""
        ours, theirs = outcome(run), self.references[case]
        if ours.steps != theirs.steps:
            return f"{ours.steps} steps instead of {theirs.steps}"
        if ours.digest != theirs.digest:
            return "another adapter"
        return None if ours.losses == theirs.losses else "other losses"


# -- SIGKILL -----------------------------------------------------------------------------------


@dataclass
class Chain:
    """One run: killed, resumed, killed again, until it ends."""

    case: str
    fresh: bool
    number: int
    moments: list[str] = field(default_factory=list[str])
    failure: str | None = None


def draw_aim(
    run: Path, before: Look, last_step: int, random_: random.Random
) -> Callable[[], bool] | None:
    """What to wait for: a checkpoint being written, the adapter, or the last step's seal."""
    drawn = random_.random()
    if drawn < 0.85:
        return Saving(run, random_.randint(1, 12))
    if drawn < 0.93:
        return Saving(run, None)
    seal = run / "train" / "checkpoints" / f"checkpoint-{last_step}" / "seal.json"
    return None if last_step in before.whole else seal.exists


def kill_once(lab: Lab, chain: Chain, run: Path, random_: random.Random) -> int | None:
    """Start, and kill at a drawn moment. Returns the exit code if it ended before that."""
    before = look_at(run)
    begin = spawn if chain.fresh else fork
    last_step = lab.references[chain.case].steps
    aim = draw_aim(run, before, last_step, random_) if random_.random() < 0.5 else None
    pid = lab.train(chain.case, run, begin)
    if aim:
        code = wait_until(pid, aim)
        delay = random_.expovariate(1 / 0.01)
    else:
        left = 1 - max(before.whole, default=0) / last_step
        start_up = lab.start_up if chain.fresh else 0.0
        code, delay = None, start_up + 0.6 + left * lab.seconds[chain.case]
        delay *= random_.uniform(0.03, 1.05)
    code = strike(pid, signal.SIGKILL, delay) if code is None else code
    if code is None:
        code = wait_end(pid)
    if code != -signal.SIGKILL:
        return code
    chain.moments.append(moment(before, look_at(run), last_step))
    return None


def run_chain(
    lab: Lab, chain: Chain, most: int, random_: random.Random, hit: Callable[[], None]
) -> None:
    """Kill and resume until the run ends unaided; then compare it."""
    name = f"run {chain.number}"
    run = lab.new_run(chain.case, name)
    with lab.log.open("a", encoding="utf-8") as log:
        log.write(f"\n===== {name}: {chain.case}\n")
    code: int | None = None
    while code is None and len(chain.moments) < most:
        code = kill_once(lab, chain, run, random_)
        if code is None:
            hit()
    if code is None:
        code = wait_end(lab.train(chain.case, run, fork))
    chain.failure = f"exit code {code}" if code != 0 else lab.difference(chain.case, run)
    if chain.failure is None:
        shutil.rmtree(run)


def do_kills(lab: Lab, wanted: int, seed: int, bar: Progress) -> list[Chain]:
    """Chains of kills until as many as wanted have hit a living process."""
    task = bar.add_task("SIGKILL", total=wanted)
    chains: list[Chain] = []
    left = wanted
    while left > 0:
        number = len(chains)
        case = list(CASES)[number % 2]
        chain = Chain(case, fresh=number % 3 == 2 and number < 3 * FRESH_RUNS, number=number)
        chains.append(chain)
        random_ = random.Random(f"{seed} {number}")
        try:
            run_chain(
                lab,
                chain,
                min(left, MOST),
                random_,
                lambda: bar.update(task, advance=1, refresh=True),
            )
        except Exception as fault:  # a chain that breaks must be counted, not end the bench
            traceback.print_exc()
            chain.failure = f"{type(fault).__name__}: {fault}"
        left -= len(chain.moments) if chain.moments or not chain.failure else left
    return chains


# -- SIGTERM and SIGINT ------------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """One orderly stop."""

    name: str
    where: str
    seconds: float
    """From the signal to the end of the process."""
    failure: str | None


def stop_once(lab: Lab, number: int, random_: random.Random) -> Stop | None:
    """Signal a fresh training at a drawn moment, then resume it. None if it had ended before."""
    case, sent = "long looks", (signal.SIGTERM, signal.SIGINT)[number % 2]
    run = lab.new_run(case, f"stop {number}")
    pid = lab.train(case, run, spawn)
    metrics = run / "metrics.jsonl"
    step = random_.choice([step for step in range(1, 30) if step % 10])
    begins = f'"step": {step if number % 4 < 2 else 1},'  # any step; or any time, mostly a look
    code = wait_until(pid, lambda: metrics.exists() and begins in metrics.read_text("utf-8"))
    if code is None:
        delay = random_.uniform(0, 0.02 if number % 4 < 2 else 0.8 * lab.seconds[case])
        code = strike(pid, sent, delay)
    begun = time.monotonic()
    if code is not None:
        return None
    where = what_now(metrics)
    code, seconds = wait_end(pid), time.monotonic() - begun
    if look_at(run).done:
        return None
    failure = stop_failure(run, code, 128 + sent, seconds)
    if failure is None:
        code = wait_end(lab.train(case, run, fork))
        failure = f"resumed: exit code {code}" if code else lab.difference(case, run)
    if failure is None:
        shutil.rmtree(run)
    return Stop(sent.name, where, seconds, failure)


def what_now(metrics: Path) -> str:
    """`in a look at the validation loss` or `in a step`, from what was logged last."""
    text = metrics.read_text(encoding="utf-8")
    step = text.rpartition('"step": ')[2].partition(",")[0]
    in_look = step.endswith("0") and "eval_loss" not in text.splitlines()[-1]
    return "in a look" if in_look else "in a step"


def stop_failure(run: Path, code: int, expected: int, seconds: float) -> str | None:
    """What is wrong after an orderly stop, in words."""
    from osler.run import Run

    steps = [m["step"] for m in Run.open(run).metrics("train") if "loss" in m]
    newest = max(look_at(run).whole, default=0)
    if code != expected:
        return f"exit code {code} instead of {expected}"
    if newest < max(steps):
        return f"newest whole checkpoint is of step {newest}, of {max(steps)} done"
    return f"took {seconds:.1f} s" if seconds > GRACE else None


def do_stops(lab: Lab, wanted: int, seed: int, bar: Progress) -> list[Stop]:
    """Orderly stops until as many as wanted have reached a training."""
    task = bar.add_task("SIGTERM, SIGINT", total=wanted)
    stops: list[Stop] = []
    number = 0
    while len(stops) < wanted:
        found = stop_once(lab, number, random.Random(f"{seed} stop {number}"))
        number += 1
        if found:
            stops.append(found)
            bar.update(task, advance=1, refresh=True)
    return stops


# -- the result --------------------------------------------------------------------------------


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def kills_result(chains: list[Chain]) -> dict[str, Any]:
    """Counts of the kills."""
    hits = Counter(m for chain in chains for m in chain.moments)
    bad = [chain for chain in chains if chain.failure]
    return {
        "kills": hits.total(),
        "ended_as_uninterrupted": sum(len(c.moments) for c in chains if not c.failure),
        "while_saving": sum(hits[m] for m in SAVING),
        "moments": {m: hits[m] for m in ORDER},
        "runs": len(chains),
        "runs_of_fresh_processes": sum(c.fresh for c in chains),
        "kills_of_fresh_processes": sum(len(c.moments) for c in chains if c.fresh),
        "most_kills_in_a_run": max((len(c.moments) for c in chains), default=0),
        "failures": [
            {"run": c.number, "case": c.case, "fresh": c.fresh, "failure": c.failure,
             "moments": c.moments}
            for c in bad
        ],
    }  # fmt: skip


def stops_result(stops: list[Stop]) -> dict[str, Any]:
    """Counts and times of the orderly stops."""
    rows: dict[str, Any] = {}
    for key in sorted({(s.name, s.where) for s in stops}):
        these = [s for s in stops if (s.name, s.where) == key]
        seconds = [s.seconds for s in these]
        rows[" ".join(key)] = {
            "stops": len(these),
            "ended_as_uninterrupted": sum(s.failure is None for s in these),
            "median_seconds": round(statistics.median(seconds), 2),
            "longest_seconds": round(max(seconds), 2),
        }
    failures = [f"{s.name} {s.where}: {s.failure}" for s in stops if s.failure]
    return {"stops": len(stops), "rows": rows, "failures": failures}


def show(result: dict[str, Any]) -> None:
    """Print both tables."""
    console = Console(width=100)
    kills, stops = result["sigkill"], result["orderly"]
    table = Table("SIGKILL hit", "kills", title=f"{kills['kills']} kills in {kills['runs']} runs")
    for name, count in kills["moments"].items():
        table.add_row(name, str(count))
    table.add_section()
    table.add_row("ended in the same adapter, bit for bit", str(kills["ended_as_uninterrupted"]))
    console.print(table)
    table = Table("orderly stop", "stops", "as uninterrupted", "median s", "longest s")
    for name, row in stops["rows"].items():
        table.add_row(name, *map(str, row.values()))
    console.print(table)
    for failure in [*kills["failures"], *stops["failures"]]:
        console.print(f"FAILED: {failure}")


def main() -> int:
    """Kill, stop, print, write. Returns 1 when anything differed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--signals", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("bench/results/kills.json"))
    asked = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    set_environment(network=False)
    import_everything()
    from osler.disk import write_json
    from osler.run import installed_versions, now

    lab = Lab(Path(tempfile.mkdtemp(prefix="osler-kills-")))
    begun = time.monotonic()
    pid = os.fork()  # the inputs are made by a child, for this process must not compute
    if pid == 0:
        make_inputs(lab.folder)
        os._exit(0)
    lab.must(pid)
    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), auto_refresh=False) as bar:  # no thread: we fork
        for case in bar.track(list(CASES), description="uninterrupted"):
            lab.prepare(case)
        chains = do_kills(lab, asked.kills, asked.seed, bar)
        stops = do_stops(lab, asked.signals, asked.seed, bar)
    result = {
        "date": now(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {"python": platform.python_version(), **installed_versions()},
        "seed": asked.seed,
        "seconds": round(time.monotonic() - begun),
        "cases": {name: {"set": words[1:], "steps": lab.references[name].steps}
                  for name, words in CASES.items()},
        "sigkill": kills_result(chains),
        "orderly": stops_result(stops),
    }  # fmt: skip
    write_json(asked.out, result)
    show(result)
    if result["sigkill"]["failures"] or result["orderly"]["failures"]:
        print(f"The failed runs and the children's log are kept in {lab.folder}")
        return 1
    shutil.rmtree(lab.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
