"""Public data sets that a recipe names: where they are, what they must be, whose they are.

A set is read from a mirror folder (OSLER_DATA), or from the cache into which `fetch` puts it. It
is never read unverified.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from osler.data import public_readers as readers
from osler.data.download import Download, download
from osler.data.tables import Ask
from osler.disk import cache_folder, file_digest, write_json
from osler.errors import DataError, OutOfRoom
from osler.recipe import PublicSource
from osler.rows import Dropped, Row

Reader = Callable[[list[Path], Ask], Iterator[Row | Dropped]]


@dataclass(frozen=True)
class PublicFile:
    """One file of a set. Without a url there is no official address in this form."""

    name: str
    sha256: str
    url: str | None = None
    digest_of: Literal["file", "xml members"] = "file"
    """GitHub packs an archive anew on every request: what is pinned of one is its content."""


@dataclass(frozen=True)
class PublicSet:
    """A data set with everything that must be known to use it."""

    name: str
    title: str
    kind: Literal["qa", "text", "counties"]
    """What it holds; `counties` is a table for `osler records county`, with nothing to train on."""
    licence: str
    attribution: str
    homepage: str
    commit: str
    folder: str
    """Its folder in a mirror."""
    files: tuple[PublicFile, ...]
    reader: Reader | None = None
    """None where the set has no rows to train on."""


_MEDQUAD = "577bd37b96c02d1833b2c9eed2de9f96964e96cb"
_MEDQUAD_AUTHORS = (
    "Asma Ben Abacha and Dina Demner-Fushman: A question-entailment approach to question "
    "answering. BMC Bioinformatics 20, 511 (2019)."
)

_SETS = (
    PublicSet(
        name="medquad",
        title="MedQuAD: 16,407 answered medical questions from 9 NIH sites",
        kind="qa",
        licence="CC-BY-4.0",
        attribution=_MEDQUAD_AUTHORS,
        homepage="https://github.com/abachaa/MedQuAD",
        commit=_MEDQUAD,
        folder="medquad",
        files=(
            PublicFile(
                name="MedQuAD-577bd37.zip",
                sha256="3eac49028e3bba522f39734b416ec9ea5ce420864d24a0bf37762a90e67e1ef8",
                url=f"https://github.com/abachaa/MedQuAD/archive/{_MEDQUAD}.zip",
                digest_of="xml members",
            ),
        ),
        reader=readers.read_medquad_zip,
    ),
    PublicSet(
        name="medquad-csv",
        title="MedQuAD's answered pairs as one table",
        kind="qa",
        licence="CC-BY-4.0",
        attribution=_MEDQUAD_AUTHORS,
        homepage="https://github.com/abachaa/MedQuAD",
        commit=_MEDQUAD,
        folder="medquad",
        files=(
            PublicFile(
                name="medquad_with_answers.csv.gz",
                sha256="7d44d031196fbc1cbdb7fe0180d94935df70730fb5cec68308feaf6f38d57642",
            ),
        ),
        reader=readers.read_medquad_csv,
    ),
    PublicSet(
        name="openstax-health",
        title="Five OpenStax health textbooks, 838 modules",
        kind="text",
        licence="CC-BY-4.0",
        attribution="OpenStax, Rice University (openstax.org), and the authors named in each book.",
        homepage="https://github.com/openstax",
        commit="osbooks-anatomy-physiology@b0058a743bdd2cc08196abaaa7d5469970c0d80c, "
        "osbooks-microbiology@ecf34dad129d686703780e87ab5aa2e59c577a6a, "
        "osbooks-nursing-external-bundle@7876f90a3dbdc0756e21a374d4a46526d0ac453b",
        folder="openstax_health",
        files=(
            PublicFile(
                name="openstax_health_modules.jsonl.xz",
                sha256="c9a8daa1126369f6482a0d9ef52c72ed35f997f3191cba5291c3c257ca872685",
            ),
        ),
        reader=readers.read_openstax,
    ),
    PublicSet(
        name="pmc-rct-ccby",
        title="2,544 full-text trial articles of PubMed Central",
        kind="text",
        licence="CC-BY-2.0 AND CC-BY-2.5 AND CC-BY-3.0 AND CC-BY-4.0 AND CC0-1.0",
        attribution="The articles' authors, one by one in attribution.csv.gz; chosen by DeYoung "
        "et al., Evidence Inference 2.0 (2020).",
        homepage="https://github.com/jayded/evidence-inference",
        commit="b9831b6c59b52ac2d277f757d413ececf0949a8d",
        folder="pmc_rct_ccby",
        files=(
            PublicFile(
                name="pmc_rct_articles.jsonl.xz",
                sha256="55b8e0ad641807b19332f7e3bea41b64d2e14e79aac336d3109b6102b046aecf",
            ),
            PublicFile(
                name="attribution.csv.gz",
                sha256="75b298129e16c63719a54f4a24a550a47f11f0e40015fc90d72d976d558c818a",
            ),
        ),
        reader=readers.read_pmc,
    ),
    PublicSet(
        name="cdc-places-2022",
        title="CDC PLACES: 30 health measures of 3,143 US counties, 2022 release",
        kind="counties",
        licence="public domain in the US (a work of its federal government)",
        attribution="Centers for Disease Control and Prevention (CDC), PLACES: Local Data for "
        "Better Health, county data in GIS-friendly format, 2022 release (data.cdc.gov).",
        homepage="https://github.com/yshao/HealthAnalyticsInterviewCase",
        commit="a10b06a88ef421dab2ce426129abb8a49b3c9cfd",
        folder="cdc_places",
        files=(
            PublicFile(
                name="places_county_gis_2022_release.csv.gz",
                sha256="d526024b3c7eb7199d0017835c332382bd4f0ed1fc5e1eddabe1e8c01254659c",
            ),
        ),
    ),
)
PUBLIC = {public.name: public for public in _SETS}
"""Name in a recipe -> the set."""


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
    """SHA-256 of what is pinned: the file's bytes, or the XML members of the archive."""
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
