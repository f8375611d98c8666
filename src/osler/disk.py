"""Files written whole or not at all, their digests, and what a full disk looks like."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any

from osler.errors import DataError, OutOfRoom, RunError, UserError


def cache_folder() -> Path:
    """Where what can be had again is kept, for this user."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "osler"


@contextlib.contextmanager
def atomic_writer(path: Path, mode: str = "w", *, private: bool = False) -> Generator[IO[Any]]:
    """Write beside the file's name, flush to the disk, rename into place; to a device or a pipe as
    it is.

    Whoever reads `path` sees the old content or the new one, never a part. `private`: it is the
    owner's alone (mode 0600), as what tells of patients must be.
    """
    if _is_stream(path):
        with _room_for(path), path.open(mode, encoding=None if "b" in mode else "utf-8") as out:
            yield out
        return
    part = _part_of(path)
    try:
        with _room_for(path):
            with part.open(mode, encoding=None if "b" in mode else "utf-8") as out:
                if private:
                    os.fchmod(out.fileno(), 0o600)
                yield out
                out.flush()
                os.fsync(out.fileno())
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _is_stream(path: Path) -> bool:
    """Whether a path leads to a device or a pipe (`/dev/stdout`), which nothing may replace."""
    return path.exists() and not path.is_file() and not path.is_dir()


@contextlib.contextmanager
def _room_for(path: Path) -> Generator[None]:
    """OutOfRoom where the disk is full."""
    try:
        yield
    except OSError as fault:
        if is_out_of_room(fault):
            raise out_of_room(path, fault) from None
        raise


def refuse_unwritable(path: Path) -> None:
    """Raise UserError where no file can be written at a path, before work is done for it.

    Folders that it lacks are made.
    """
    if not _is_stream(path):
        _part_of(path).unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    """A new file beside `path`, in which it is written."""
    if path.is_dir():
        raise UserError(f"{path}: is a folder.", "Give the name of a file in it.")
    part = path.with_name(f".{path.name}.part")
    _begin(path, part)
    return part


def _begin(path: Path, beside: Path) -> None:
    """Make the folders of a path, and a file in them that goes with it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.touch()
    except (FileExistsError, NotADirectoryError):
        why = "a file is where one of its folders would be"
    except (FileNotFoundError, IsADirectoryError) as fault:
        why = fault.strerror
    else:
        return
    raise UserError(f"{path}: cannot be written ({why}).", "Give a place that you may write to.")


@contextlib.contextmanager
def folder_beside(path: Path) -> Generator[Path]:
    """A new folder beside `path`, mode 0700, to be filled and then put into its place.

    For one process at a time: DataError for another. What is left in it goes at the end; what
    killed processes have left there goes at the beginning.
    """
    with held(path):
        begins = f".{path.name}.new-"
        for left in [p for p in path.parent.iterdir() if p.name.startswith(begins)]:
            shutil.rmtree(left, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=begins, dir=path.parent))
        try:
            with _room_for(path):
                yield fresh
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@contextlib.contextmanager
def held(path: Path) -> Generator[None]:
    """Hold what is at `path` for this process: DataError for another. The lock ends with it,
    however it ends."""
    lock = path.with_name(f".{path.name}.lock")
    _begin(path, lock)
    while True:
        with lock.open("a+") as handle:
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                handle.seek(0)
                raise DataError(
                    f"{path}: another process (pid {handle.read().strip() or 'unknown'}) is "
                    "writing there.",
                    "Wait until it ends, or give another folder with --out.",
                ) from None
            if not _is_at(handle, lock):
                continue  # who held it before has just removed it: this is no longer the lock
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
            return


def _is_at(handle: IO[Any], path: Path) -> bool:
    """Whether an open file is still what its name leads to."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:
        return False


_FULL = (
    "No space left on device",
    "os error 28",  # Rust: safetensors, tokenizers
    "StreamWriter failed writing",  # torch.save, at the file's beginning
    "] . unexpected pos ",  # torch.save, further on
    "basic_ios::clear: iostream error",  # the same, when nothing was written since
)


def is_out_of_room(fault: BaseException) -> bool:
    """True when a write failed because the disk (or the quota, or the file) is full.

    Libraries written in Rust or C++ pass the errno on as text only.
    """
    if isinstance(fault, OSError) and fault.errno in (
        errno.ENOSPC, errno.EDQUOT, errno.EFBIG,
    ):  # fmt: skip
        return True
    text = str(fault)
    return any(sign in text for sign in _FULL)


SPACE = "Free some space, then run the same command again."
"""The cure for a full disk, where a command has no better one."""
SPACE_RESUME = (
    "Free some space, then run the same command with --resume; nothing done so far is lost."
)
"""That of a run."""


def out_of_room(path: Path, fault: BaseException | None = None, cure: str = SPACE) -> OutOfRoom:
    """The error for a full disk, or a file that may not grow further, with the cure."""
    if isinstance(fault, OSError) and fault.errno == errno.EFBIG:
        return OutOfRoom(
            f"{path.name}: a file may not be as large as this one is to be.",
            "Lift the limit on the size of files (ulimit -f), then run the same command again.",
        )
    return OutOfRoom(f"No room left on the disk while writing {path.name}.", cure)


def write_json(path: Path, value: Any, *, private: bool = False) -> None:
    """Write JSON, whole or not at all. NaN and infinity are refused."""
    with atomic_writer(path, private=private) as out:
        json.dump(value, out, indent=2, ensure_ascii=False, allow_nan=False)
        out.write("\n")


def read_json(path: Path) -> Any:
    """Read a JSON file of a run."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: not there.", "Is this the folder of a run? See `runs/`.") from None
    except ValueError:
        raise RunError(f"{path}: damaged (not valid JSON).", "Start a new run.") from None


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes; of a folder, of its sorted names and their digests."""
    if path.is_dir():
        total = hashlib.sha256()
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            total.update(f"{file.relative_to(path).as_posix()}\0{file_digest(file)}\n".encode())
        return total.hexdigest()
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
