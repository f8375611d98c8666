"""Documents of strangers are read in a process of their own, with bounds on time and memory: one
that is made to take forever, or to fill the memory, ends there and the server goes on.

The file goes in by stdin, after one line of JSON; the document or the refusal comes out by stdout.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from osler.documents.document import Document, Heading, Page
from osler.documents.limits import LIMITS, MIB, Limits
from osler.documents.read import read
from osler.documents.refused import KINDS, Refused
from osler.errors import UserError

CHILD = (sys.executable, "-P", "-m", "osler.documents.apart")
SLACK = 5
"""Seconds more than the child gives itself: it usually ends itself, with a better reason."""


def read_apart(
    name: str, data: bytes, limits: Limits = LIMITS, child: Sequence[str] = CHILD
) -> Document:
    """As `read`; a reading that dies or takes too long is a `Refused` of the kind `failed`."""
    if len(data) > limits.bytes:
        return read(name, data, limits)  # refuses
    asked = json.dumps({"name": name, "limits": asdict(limits)}).encode() + b"\n"
    try:
        done = subprocess.run(
            child, input=asked + data, capture_output=True, timeout=limits.seconds + SLACK,
            env=_environment(), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _took_too_long(limits) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise _died(done.returncode, limits) from None
    return _document(answer)


def _environment() -> dict[str, str]:
    """Nothing secret: what a library could be brought to tell is not there."""
    wanted = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT")
    kept = {key: os.environ[key] for key in wanted if key in os.environ}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


def _took_too_long(limits: Limits) -> Refused:
    return Refused(
        "failed",
        f"This document was not read within {limits.seconds} seconds.",
        "Split it, or print it to a new PDF.",
    )


def _died(code: int, limits: Limits) -> Refused:
    if code in (-24, -14):  # SIGXCPU, SIGALRM
        return _took_too_long(limits)
    return Refused(
        "failed",
        f"The reading of this document ended badly (code {code}); it may need more than "
        f"{limits.memory // MIB} MiB of memory.",
        "Split it, or print it to a new PDF.",
    )


def _document(answer: dict[str, Any]) -> Document:
    if "refused" in answer:
        kind = answer["refused"]
        raise Refused(kind if kind in KINDS else "failed", answer["message"], answer["cure"])
    if "lacks" in answer:
        raise UserError(answer["lacks"], answer["cure"])
    found: dict[str, Any] = answer["document"]
    found["pages"] = tuple(Page(**page) for page in found["pages"])
    found["headings"] = tuple(Heading(**heading) for heading in found["headings"])
    return Document(**found)


# -- the child ---------------------------------------------------------------------------------


def main() -> None:
    """What the child does. Whatever goes wrong with the document is an answer, not a traceback."""
    asked = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**asked["limits"])
    _bound(limits)
    try:
        answer = {"document": asdict(read(asked["name"], sys.stdin.buffer.read(), limits))}
    except Refused as fault:
        answer = {"refused": fault.kind, "message": fault.message, "cure": fault.cure}
    except UserError as fault:
        answer = {"lacks": fault.message, "cure": fault.cure}
    except MemoryError:
        fault = _died(1, limits)
        answer = {"refused": fault.kind, "message": fault.message, "cure": fault.cure}
    sys.stdout.write(json.dumps(answer))


def _bound(limits: Limits) -> None:
    """Time, memory, and no files: nothing that is read here needs to write one."""
    try:
        import resource
        import signal
    except ImportError:  # Windows: the parent's clock is the only bound
        return
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits.seconds)


if __name__ == "__main__":
    main()
