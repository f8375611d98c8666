"""A place that is no file, such as a pipe, is written to and not replaced."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from osler.disk import atomic_writer, refuse_unwritable
from osler.errors import OutOfRoom


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    with atomic_writer(pipe) as out:
        out.write("said")
    reader.join(10)
    assert heard == ["said"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_device_is_named_and_stays_one() -> None:
    full = Path("/dev/full")
    refuse_unwritable(full)
    with pytest.raises(OutOfRoom, match="full"), atomic_writer(full) as out:
        out.write("said")
    assert full.is_char_device()
