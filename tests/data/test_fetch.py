"""Fetching a public set: resumed, checked, atomic, from the mirror first. Loopback only."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from osler.data import download, public
from osler.data.public import PublicFile, PublicSet, fetch, locate
from osler.errors import DataError

BODY = bytes(range(256)) * 4096  # 1 MiB
HALF = len(BODY) // 2


class Web:
    """A web server on loopback that can be told to misbehave, and remembers what was asked."""

    def __init__(self) -> None:
        self.body = BODY
        self.etag = '"v1"'
        self.cuts = 0
        """How many answers still break off half-way."""
        self.busy = 0
        """How many answers still are 503."""
        self.ranges = True
        self.status = 200
        self.asked: list[dict[str, str]] = []
        self.answered: list[int] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(dict(handler.headers.items()) | {"path": handler.path})
        status, start = self.status, 0
        given = handler.headers.get("Range")
        if self.busy:
            self.busy -= 1
            status = 503
        elif given and self.ranges and handler.headers.get("If-Range") == self.etag:
            start = int(given.removeprefix("bytes=").removesuffix("-"))
            status = 206 if start < len(self.body) else 416
        self.answered.append(status)
        handler.send_response(status)
        if self.etag:
            handler.send_header("ETag", self.etag)
        body = self.body[start:] if status in (200, 206) else b""
        if status in (206, 416):
            piece = f"{start}-{len(self.body) - 1}" if body else "*"
            handler.send_header("Content-Range", f"bytes {piece}/{len(self.body)}")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if self.cuts and body:
            self.cuts -= 1
            body = body[: HALF // 2]
        handler.wfile.write(body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr(download, "FIRST_PAUSE", 0.01)
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name == "OSLER_DATA":
            monkeypatch.delenv(name)
    with closing(Web()) as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a set `tiny` of one file whose official address nobody may reach."""
    file = PublicFile(
        "tiny.bin", hashlib.sha256(BODY).hexdigest(), "https://example.invalid/a/tiny.bin"
    )
    tiny = PublicSet(
        name="tiny",
        title="A tiny set",
        kind="text",
        licence="CC0-1.0",
        attribution="nobody",
        homepage="https://example.invalid",
        commit="0" * 40,
        folder="tiny_mirror",
        files=(file,),
        reader=lambda paths, ask: iter(()),
    )
    monkeypatch.setitem(public.PUBLIC, "tiny", tiny)
    return tmp_path / "cache"


def left(cache: Path) -> set[str]:
    return {path.name for path in (cache / "tiny").iterdir()}


def test_a_set_is_fetched_once_and_then_read_from_the_cache(web: Web, cache: Path) -> None:
    with pytest.raises(DataError, match=r"tiny: not fetched\.\nFirst: osler fetch tiny"):
        locate("tiny", cache=cache)
    (path,) = fetch("tiny", cache=cache, base_url_override=web.url)
    assert path == cache / "tiny" / "tiny.bin"
    assert path.read_bytes() == BODY
    assert web.asked[0]["path"] == "/a/tiny.bin"
    assert left(cache) == {"tiny.bin", ".tiny.bin.verified.json"}
    assert fetch("tiny", cache=cache, base_url_override=web.url) == [path]
    assert locate("tiny", cache=cache) == [path]
    assert len(web.asked) == 1


def test_a_cut_download_goes_on_where_it_stopped(web: Web, cache: Path) -> None:
    web.cuts = 2
    (path,) = fetch("tiny", cache=cache, base_url_override=web.url)
    assert path.read_bytes() == BODY
    assert web.answered == [200, 206, 206]
    assert web.asked[1]["Range"] == f"bytes={HALF // 2}-"
    assert web.asked[2]["Range"] == f"bytes={HALF}-"


def test_a_later_call_goes_on_where_the_first_gave_up(
    web: Web, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    web.cuts = 1
    with pytest.raises(DataError) as caught:
        fetch("tiny", cache=cache, base_url_override=web.url)
    assert f"{HALF // 2} bytes are kept" in str(caught.value)
    assert "osler fetch tiny" in str(caught.value)
    assert "tiny.bin" not in left(cache)
    (path,) = fetch("tiny", cache=cache, base_url_override=web.url)
    assert path.read_bytes() == BODY
    assert web.answered == [200, 206]


@pytest.mark.parametrize("etag", ['"v1"', "", 'W/"weak"'])
def test_a_server_without_ranges_or_versions_is_asked_for_the_whole(
    web: Web, cache: Path, etag: str
) -> None:
    web.cuts, web.ranges, web.etag = 1, False, etag
    (path,) = fetch("tiny", cache=cache, base_url_override=web.url)
    assert path.read_bytes() == BODY
    assert web.answered == [200, 200]
    assert ("Range" in web.asked[1]) == (etag == '"v1"')


def test_a_file_that_changed_between_two_attempts_is_not_pieced_together(
    web: Web, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    web.cuts, web.body, web.etag = 1, BODY[::-1], '"old"'
    with pytest.raises(DataError):
        fetch("tiny", cache=cache, base_url_override=web.url)
    web.body, web.etag = BODY, '"new"'
    assert fetch("tiny", cache=cache, base_url_override=web.url)[0].read_bytes() == BODY
    assert web.answered == [200, 200]


def test_a_download_killed_before_its_rename_is_not_fetched_again(web: Web, cache: Path) -> None:
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.bin.part").write_bytes(BODY)
    (cache / "tiny" / "tiny.bin.part.version").write_text('"v1"')
    assert fetch("tiny", cache=cache, base_url_override=web.url)[0].read_bytes() == BODY
    assert web.answered == [416]


def test_a_wrong_checksum_is_refused_and_nothing_stays(web: Web, cache: Path) -> None:
    web.body = BODY[:-1] + b"x"
    with pytest.raises(DataError) as caught:
        fetch("tiny", cache=cache, base_url_override=web.url)
    message = str(caught.value)
    assert hashlib.sha256(web.body).hexdigest() in message
    assert hashlib.sha256(BODY).hexdigest() in message
    assert "osler fetch tiny" in message
    assert len(message.splitlines()) == 2
    assert left(cache) == set()


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(web: Web, cache: Path) -> None:
    web.status = 404
    with pytest.raises(DataError, match="answered HTTP 404"):
        fetch("tiny", cache=cache, base_url_override=web.url)
    assert web.answered == [404]
    web.status, web.busy = 200, 2
    assert fetch("tiny", cache=cache, base_url_override=web.url)
    assert web.answered == [404, 503, 503, 200]


def test_no_network_is_told_in_two_lines(web: Web, cache: Path) -> None:
    web.close()
    with pytest.raises(DataError) as caught:
        fetch("tiny", cache=cache, base_url_override=web.url)
    assert str(caught.value).startswith("tiny.bin: not downloaded after 5 attempts (ConnectError).")
    assert "OSLER_DATA" in str(caught.value)


def test_the_mirror_comes_first_and_is_verified(web: Web, cache: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mirror" / "tiny_mirror" / "tiny.bin"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(BODY)
    mirror = tmp_path / "mirror"
    assert fetch("tiny", cache=cache, mirror=mirror, base_url_override=web.url) == [copy]
    assert locate("tiny", cache=cache, mirror=mirror) == [copy]
    assert list(copy.parent.iterdir()) == [copy]
    copy.write_bytes(b"other")
    for ask in (fetch, locate):
        with pytest.raises(DataError, match=r"tiny\.bin: wrong checksum: sha256 [0-9a-f]{64}"):
            ask("tiny", cache=cache, mirror=mirror)
    assert web.asked == []


def test_the_mirror_may_be_named_by_the_environment(
    web: Web, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "tiny_mirror" / "tiny.bin"
    copy.parent.mkdir()
    copy.write_bytes(BODY)
    monkeypatch.setenv("OSLER_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    assert public.default_mirror() == tmp_path
    assert public.default_cache() == cache / "osler" / "data"
    assert locate("tiny") == [copy]


def test_a_changed_file_in_the_cache_is_noticed_and_fetched_anew(web: Web, cache: Path) -> None:
    (path,) = fetch("tiny", cache=cache, base_url_override=web.url)
    path.write_bytes(BODY + b"x")
    with pytest.raises(DataError, match=r"wrong checksum(.|\n)*osler fetch tiny"):
        locate("tiny", cache=cache)
    assert fetch("tiny", cache=cache, base_url_override=web.url) == [path]
    assert path.read_bytes() == BODY


def test_an_unchanged_file_in_the_cache_is_not_read_through_again(web: Web, cache: Path) -> None:
    (path,) = fetch("tiny", cache=cache, base_url_override=web.url)
    note = path.with_name(".tiny.bin.verified.json")
    assert json.loads(note.read_text())["sha256"] == hashlib.sha256(BODY).hexdigest()
    state = path.stat()
    path.write_bytes(BODY[::-1])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert locate("tiny", cache=cache) == [path]


def test_a_set_without_official_address_says_where_to_put_it(web: Web, cache: Path) -> None:
    with pytest.raises(DataError) as caught:
        fetch("medquad-csv", cache=cache)
    assert "OSLER_DATA" in str(caught.value)
    assert "medquad/medquad_with_answers.csv.gz" in str(caught.value)


def test_every_public_set_says_whose_it_is_and_what_it_must_be() -> None:
    for each in public.PUBLIC.values():
        assert each.licence
        assert each.attribution
        assert each.homepage.startswith("https://")
        assert all(len(file.sha256) == 64 for file in each.files)
        assert all(len(part.rpartition("@")[2]) == 40 for part in each.commit.split(", "))
