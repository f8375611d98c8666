"""Public data sets that a recipe names: found, fetched, verified, read. `public_sets` lists them.

A set is read from a mirror folder (OSLER_DATA), or from the cache into which `fetch` puts it. It
is never read unverified.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from osler.data.download import Download, download
from osler.data.files import open_bytes
from osler.data.public_sets import PUBLIC, PublicFile, PublicSet
from osler.data.refusal_rows import refused
from osler.data.tables import Ask
from osler.disk import cache_folder, file_digest, write_json
from osler.errors import DataError, OutOfRoom
from osler.recipe_sources import PublicSource
from osler.rows import Dropped, Row


def public_set(name: str, setting: str = "") -> PublicSet:
    """The set of that name. Raises `DataError` with the names there are."""
    if name in PUBLIC:
        return PUBLIC[name]
    close = difflib.get_close_matches(name, PUBLIC, n=1, cutoff=0.6)
    raise DataError(
        f"{setting + '.name: ' if setting else ''}there is no public set '{name[:40]}'.",
        (f"Did you mean '{close[0]}'? " if close else "") + f"Known: {', '.join(PUBLIC)}.",
    )


def read_public(source: PublicSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of a public set, as question and answer or (`use: text`) as plain text."""
    public = public_set(source.name, ask.setting)
    _refuse_use(public, source.use, ask)
    if public.reader is None:
        trainable = ", ".join(each.name for each in PUBLIC.values() if each.reader)
        raise DataError(
            f"{ask.setting}.name: {public.name} is a table of counties, without rows to train on.",
            f"It is for `osler records county`. Sets to train on: {trainable}.",
        )
    for item in public.reader(locate(source.name), ask):
        item = replace(item, source=public.name)
        if ask.task == "refusal" and isinstance(item, Row):
            item = refused(item)
        if source.use == "text" and isinstance(item, Row) and item.text is None:
            text = f"{item.question}\n{item.reference}"
            item = replace(item, prompt=(), completion=(), text=text)
        yield item


def _refuse_use(public: PublicSet, use: str, ask: Ask) -> None:
    if ask.objective == "pretrain" and use == "qa":
        raise DataError(
            f"{ask.setting}: train.objective=pretrain needs plain text.",
            f"Set {ask.setting}.use: text.",
        )
    if ask.objective == "sft" and public.kind == "text":
        raise DataError(
            f"{ask.setting}: {public.name} is plain text, without questions and answers.",
            "Set train.objective: pretrain (and use: text), or choose another set.",
        )
    if ask.objective == "sft" and use == "text":
        raise DataError(
            f"{ask.setting}.use: text has no effect when train.objective=sft.",
            f"Set {ask.setting}.use: qa, or train.objective: pretrain.",
        )


# -- where the files are ----------------------------------------------------------------------


def default_mirror() -> Path | None:
    """The folder OSLER_DATA names: a copy of the sets for machines without a network."""
    return Path(os.environ["OSLER_DATA"]) if os.environ.get("OSLER_DATA") else None


def default_cache() -> Path:
    """Where `fetch` puts a set: a folder with its name under this one."""
    return cache_folder() / "data"


def locate(name: str, *, cache: Path | None = None, mirror: Path | None = None) -> list[Path]:
    """Files of a set, verified, from the mirror or the cache. Touches no network.

    None means `default_cache()` and `default_mirror()`. Raises `DataError` when a file is not
    there or is not what was pinned.
    """
    public = public_set(name)
    return [_located(public, file, cache, mirror) for file in public.files]


def _located(public: PublicSet, file: PublicFile, cache: Path | None, mirror: Path | None) -> Path:
    if copy := _mirrored(public, file, mirror):
        return copy
    path = _cached(public, file, cache)
    if not path.is_file():
        raise _not_fetched(public, file)
    found = _verify(path, file)
    if found != file.sha256:
        raise _wrong(path, found, file, f"Fetch it again: osler fetch {public.name}")
    return path


def fetch(
    name: str,
    *,
    cache: Path | None = None,
    mirror: Path | None = None,
    base_url_override: str | None = None,
) -> list[Path]:
    """Files of a set, verified, downloaded when neither mirror nor cache has them.

    `base_url_override` takes the place of scheme and host of the official address. Show the
    licence (`public_set(name).licence`) before calling. Raises `DataError`, `OutOfRoom`.
    """
    public = public_set(name)
    return [_fetched(public, file, cache, mirror, base_url_override) for file in public.files]


def _fetched(
    public: PublicSet,
    file: PublicFile,
    cache: Path | None,
    mirror: Path | None,
    base_url: str | None,
) -> Path:
    if copy := _mirrored(public, file, mirror):
        return copy
    path = _cached(public, file, cache)
    if path.is_file() and _verify(path, file) == file.sha256:
        return path
    if file.url is None:
        raise _not_fetched(public, file)
    url = base_url.rstrip("/") + urlsplit(file.url).path if base_url else file.url
    again = f"osler fetch {public.name}"
    download(Download(url, path, file.sha256, lambda part: digest(file, part), again))
    _verify(path, file)
    return path


def _cached(public: PublicSet, file: PublicFile, cache: Path | None) -> Path:
    return (cache or default_cache()) / public.name / file.name


def _mirrored(public: PublicSet, file: PublicFile, mirror: Path | None) -> Path | None:
    """The mirror's copy, verified every time, for a mirror is often read only."""
    root = mirror or default_mirror()
    path = root / public.folder / file.name if root else None
    if path and file.digest_of == "unpacked" and not path.is_file():
        path = path.with_name(f"{file.name}.gz")
    if path is None or not path.is_file():
        return None
    found = digest(file, path)
    if found != file.sha256:
        raise _wrong(path, found, file, "Copy it again, or unset OSLER_DATA.")
    return path


def _wrong(path: Path, found: str, file: PublicFile, cure: str) -> DataError:
    return DataError(f"{path}: wrong checksum: sha256 {found}, expected {file.sha256}.", cure)


def _not_fetched(public: PublicSet, file: PublicFile) -> DataError:
    if file.url:
        return DataError(f"{public.name}: not fetched.", f"First: osler fetch {public.name}")
    return DataError(
        f"{public.name}: not there, and no official address serves it in this form.",
        f"Set OSLER_DATA to a mirror folder that holds {public.folder}/{file.name}.",
    )


# -- what they must be ------------------------------------------------------------------------


def digest(file: PublicFile, path: Path) -> str:
    """SHA-256 of what is pinned: the file's bytes, packed or not, or an archive's XML members."""
    if file.digest_of == "unpacked":
        with open_bytes(path) as content:
            return hashlib.sha256(content.read()).hexdigest()
    return file_digest(path) if file.digest_of == "file" else xml_members_digest(path)


def xml_members_digest(path: Path) -> str:
    """SHA-256 over the sorted lines `path below the top folder \\0 sha256 of content \\n`."""
    try:
        with zipfile.ZipFile(path) as archive:
            lines = sorted(
                f"{name.partition('/')[2]}\0{hashlib.sha256(archive.read(name)).hexdigest()}\n"
                for name in archive.namelist()
                if name.endswith(".xml")
            )
    except zipfile.BadZipFile:
        return "(not a zip archive)"
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _stamp_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified.json")


def _stamped(path: Path) -> str:
    """The digest found earlier, when the file has not changed since; else nothing."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        stamp = json.loads(_stamp_of(path).read_text("utf-8"))
        state = path.stat()
        if (stamp["size"], stamp["mtime_ns"]) == (state.st_size, state.st_mtime_ns):
            return str(stamp["sha256"])
    return ""


def _verify(path: Path, file: PublicFile) -> str:
    """The digest of a file in the cache, remembered beside it until the file changes."""
    if known := _stamped(path):
        return known
    found = digest(file, path)
    state = path.stat()
    stamp = {"size": state.st_size, "mtime_ns": state.st_mtime_ns, "sha256": found}
    with suppress(OSError, OutOfRoom):  # a cache that is read only is verified every time
        write_json(_stamp_of(path), stamp)
    return found
