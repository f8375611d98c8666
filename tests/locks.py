"""A process of its own that holds a lock file, as one that writes to a folder does."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HOLDER = (
    "import fcntl, os, sys; f = open(sys.argv[1], 'a+'); fcntl.lockf(f, fcntl.LOCK_EX);"
    "f.write(str(os.getpid())); f.flush(); print(flush=True); sys.stdin.read()"
)


@contextlib.contextmanager
def holding(lock: Path) -> Iterator[int]:
    """Its pid; the process is killed at the end."""
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        yield other.pid
        other.kill()
