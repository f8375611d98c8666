"""Runs a command for as long as standard input is open, and ends it, with all that it has started,
when that is closed.

The system closes it however the process at its other end comes to its end, by SIGKILL too, so that
no server of a model is left behind with a card's memory. Run as a script, in a session of its own,
of which it ends all processes.
"""

import os
import signal
import subprocess
import sys
from threading import Thread

SECONDS_TO_END = 0.5
"""For the command to end by itself, before it is killed."""


def main(command: list[str]) -> None:
    """Until the command has ended, or standard input has."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    Thread(target=_wait_until_left, args=(process,), daemon=True).start()
    process.wait()
    os.killpg(0, signal.SIGKILL)


def _wait_until_left(process: "subprocess.Popen[bytes]") -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
