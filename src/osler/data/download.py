"""One file from the network: resumed after a cut, checked, and there only when it is right."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osler.disk import is_out_of_room
from osler.errors import DataError, OutOfRoom

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 5
FIRST_PAUSE = 0.5
"""Seconds before the second attempt; each further pause is twice as long."""


@dataclass(frozen=True)
class Download:
    """What to get and how to know that it is right.

    Until it is, it lies in `target` + `.part`, with the server's mark of the version (ETag or
    Last-Modified) in `.part.version`: only the same version is resumed.
    """

    url: str
    target: Path
    sha256: str
    digest: Callable[[Path], str]
    again: str
    """The command that tries again."""

    @property
    def part(self) -> Path:
        """Where it lies until it is whole and right."""
        return self.target.with_name(self.target.name + ".part")

    @property
    def version(self) -> Path:
        """Where the server's mark of the version lies."""
        return self.target.with_name(self.target.name + ".part.version")

    def forget(self) -> None:
        """Delete what came so far."""
        self.part.unlink(missing_ok=True)
        self.version.unlink(missing_ok=True)


class _TryAgain(Exception):
    """The server cannot now, or sent something other than asked for."""


def download(job: Download) -> None:
    """Put a file at `job.target`, whole and with the right digest, or raise `DataError`.

    What came before a cut is kept for the next attempt, in this call or a later one.
    """
    import httpx

    job.target.parent.mkdir(parents=True, exist_ok=True)
    timeout, reason = httpx.Timeout(30, connect=10), ""
    with httpx.Client(follow_redirects=True, timeout=timeout) as client, _bar() as bar:
        for attempt in range(ATTEMPTS):
            time.sleep(FIRST_PAUSE * 2 ** (attempt - 1) if attempt else 0)
            try:
                _transfer(client, job, bar)
                break
            except (httpx.RequestError, _TryAgain) as fault:
                reason = str(fault) if isinstance(fault, _TryAgain) else type(fault).__name__
            except OSError as fault:
                raise _no_room(job) from None if is_out_of_room(fault) else fault
        else:
            raise _gave_up(job, reason)
    _check(job)
    job.part.replace(job.target)
    job.forget()


def _transfer(client: httpx.Client, job: Download, bar: Any) -> None:
    """One attempt: the whole file, or what is missing of it."""
    have = job.part.stat().st_size if job.part.exists() and job.version.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": job.version.read_text("utf-8")}
    with client.stream("GET", job.url, headers=headers) as response:
        content_range = response.headers.get("content-range", "")
        if response.status_code == 416 and content_range == f"bytes */{have}":
            return  # all of it was there; a kill came before the rename
        if response.status_code == 416 or (
            response.status_code == 206 and not content_range.startswith(f"bytes {have}-")
        ):
            job.forget()
            raise _TryAgain("the server sent another part than asked for")
        _refuse_status(response, job)
        if response.status_code == 200:
            have = 0
            _keep_version(response, job)
        length = response.headers.get("content-length")
        for earlier in bar.task_ids:
            bar.remove_task(earlier)
        task = bar.add_task(job.target.name, total=have + int(length) if length else None)
        bar.update(task, completed=have)
        with job.part.open("ab" if have else "wb") as out:
            for block in response.iter_raw():
                out.write(block)
                bar.update(task, advance=len(block))
            out.flush()
            os.fsync(out.fileno())


def _refuse_status(response: httpx.Response, job: Download) -> None:
    status = response.status_code
    if status == 429 or status >= 500:
        raise _TryAgain(f"HTTP {status}")
    if status not in (200, 206):
        raise DataError(
            f"{job.target.name}: {response.url.host} answered HTTP {status}.",
            "The address may have moved; a copy can be read from a mirror folder: set OSLER_DATA.",
        )


def _keep_version(response: httpx.Response, job: Download) -> None:
    """Note the version; a weak ETag cannot be resumed by (RFC 9110, 13.1.5)."""
    etag = response.headers.get("etag", "")
    version = etag if etag.startswith('"') else response.headers.get("last-modified", "")
    if version:
        job.version.write_text(version, encoding="utf-8")
    else:
        job.version.unlink(missing_ok=True)


def _check(job: Download) -> None:
    found = job.digest(job.part)
    if found != job.sha256:
        job.forget()
        raise DataError(
            f"{job.target.name}: wrong checksum, deleted: sha256 {found}, expected {job.sha256}.",
            f"Try again: {job.again}; if it stays wrong, the address serves something else: "
            "use a mirror folder (OSLER_DATA).",
        )


def _gave_up(job: Download, reason: str) -> DataError:
    kept = job.part.stat().st_size if job.part.exists() and job.version.exists() else 0
    goes_on = f"; {kept} bytes are kept" if kept else ""
    return DataError(
        f"{job.target.name}: not downloaded after {ATTEMPTS} attempts ({reason}){goes_on}.",
        f"Check the network, then: {job.again}"
        + (" (goes on where it stopped)." if kept else ", or set OSLER_DATA to a mirror folder."),
    )


def _no_room(job: Download) -> OutOfRoom:
    return OutOfRoom(
        f"No room left on the disk while downloading {job.target.name}.",
        f"Free some space, then: {job.again}",
    )


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
