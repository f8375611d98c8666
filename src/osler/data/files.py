"""From a path in a recipe to lines of text: patterns, folders, packing, encoding, and their faults.

Everything streams: a file of any size needs the memory of one line. Messages name file, line and
cure, and never show what stands in a file.
"""

from __future__ import annotations

import codecs
import contextlib
import difflib
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from osler.errors import DataError

MAX_ROW = 8 * 2**20
"""Longest row in characters. A longer one is a broken file or a whole library in one row."""

_PACKED = (".gz", ".xz")
_DAMAGE = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)
_BLOCK = 2**16


@dataclass(frozen=True)
class Found:
    """A file of a source. `label` is its name in places and messages, never an absolute path;
    `setting` is the recipe's key of the source, such as `data.sources[1]`."""

    path: Path
    label: str
    setting: str


def find_files(path: str, folder: Path, endings: tuple[str, ...], setting: str) -> list[Found]:
    """Files that a recipe's `path` means: one file, a folder's files, or those of a pattern.

    A folder is searched to any depth for the endings (packed or not), hidden files left out.
    Order is by name, so that two machines read the same rows in the same order.
    """
    if not path.strip():
        raise DataError(
            f"{setting}.path: is empty.",
            "Name a file, a folder or a pattern; `.` is the recipe's own folder.",
        )
    given = folder / path
    try:
        if given.is_file():
            return [Found(given, _printable(given.name), setting)]
        base, found, missing = _look(given, path, endings)
        files = sorted(p for p in found if p.is_file() and not _is_hidden(p, base))
    except OSError as fault:
        raise DataError(
            f"{path}: cannot be read ({os.strerror(fault.errno or 0)}).",
            f"Check the permissions of the file and the folders above it, or set {setting}.path.",
        ) from None
    except ValueError:  # pathlib's, for a pattern such as `notes**/a.csv`
        missing = f"{path}: no pattern; between two slashes stands ** alone."
        raise DataError(missing, f"Set {setting}.path.") from None
    if not files:
        raise DataError(missing, f"Set {setting}.path.{_did_you_mean(given)}")
    return [Found(p, _printable(p.relative_to(base).as_posix()), setting) for p in files]


def _look(given: Path, path: str, endings: tuple[str, ...]) -> tuple[Path, list[Path], str]:
    """Where names begin, what was found there, and what to say when it is nothing."""
    wanted = (*endings, *(end + packed for end in endings for packed in _PACKED))
    if given.is_dir():
        missing = f"{path}: no {' or '.join(endings)} file in this folder."
        return given, [p for p in _below(given) if p.name.endswith(wanted)], missing
    if given.is_symlink() or given.exists():
        missing = f"{path}: neither a file nor a folder"
        return given, [], f"{missing} (a link that leads nowhere, or a pipe)."
    base, pattern = _split_pattern(given)
    if not pattern:
        return base, [], f"{path}: no such file."
    found = list(base.glob(pattern)) if base.is_dir() else []
    return base, found, f"{path}: no file matches this pattern."


def _below(folder: Path) -> Iterator[Path]:
    """Files at any depth. Raises `OSError` for a folder that cannot be read: no row is missed."""

    def refuse(fault: OSError) -> None:
        raise fault

    for at, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(at, name) for name in names)


def _printable(name: str) -> str:
    """A file's name as UTF-8 can hold it; its bytes may be of another encoding."""
    return name.encode("utf-8", "replace").decode()


def _is_hidden(path: Path, base: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(base).parts)


def _split_pattern(given: Path) -> tuple[Path, str]:
    """The folder above the first part with a wildcard, and the rest; no rest without one."""
    for at, part in enumerate(given.parts):
        if any(mark in part for mark in "*?["):
            return Path(*given.parts[:at]), str(Path(*given.parts[at:]))
    return given.parent, ""


def _did_you_mean(given: Path) -> str:
    try:
        names = [p.name for p in given.parent.iterdir() if p.name != given.name]
    except OSError:
        return " The recipe's own folder is where a relative path starts."
    close = difflib.get_close_matches(given.name, names, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file for reading, unpacked when its name ends in .gz or .xz."""
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.suffix == ".xz":
        return cast(IO[bytes], lzma.open(path, "rb"))
    return path.open("rb")


def read_lines(file: Found, encoding: str = "utf-8", newline: str = "\n") -> Iterator[str]:
    """Lines of a text file, each with its line end.

    `newline` is that of `io.open`: "\\n" keeps a lone carriage return inside its line (JSON
    Lines), "" also ends a line there (CSV). A byte order mark is left out. Raises `DataError` for
    an empty or damaged file, a wrong encoding, a NUL byte and a line over `MAX_ROW` characters.
    """
    with _opened(file, encoding, newline) as text:
        number = 0
        while line := text.readline(MAX_ROW + 1):
            number += 1
            if len(line) > MAX_ROW:
                raise too_long(f"{file.label}:{number}")
            if "\0" in line:
                raise _nul(f"{file.label}:{number}")
            yield line
    if number == 0:
        raise empty(file)


def read_blocks(file: Found) -> Iterator[str]:
    """A UTF-8 file in pieces of no meaning; raises `DataError` for the faults of `read_lines`."""
    number = 1
    with _opened(file, "utf-8", "\n") as text:
        while block := text.read(_BLOCK):
            before, nul, _ = block.partition("\0")
            number += before.count("\n")
            if nul:
                raise _nul(f"{file.label}:{number}")
            yield block


@contextlib.contextmanager
def _opened(file: Found, encoding: str, newline: str) -> Generator[io.TextIOWrapper]:
    """The file as text; faults of reading it, wherever they come up, become `DataError`."""
    try:
        with open_bytes(file.path) as data:
            yield io.TextIOWrapper(data, _codec(encoding, file), newline=newline)
    except UnicodeError:
        raise _wrong_encoding(file, encoding) from None
    except _DAMAGE:
        raise damaged(file) from None
    except OSError as fault:
        raise unreadable(file, fault) from None


def read_whole(file: Found, encoding: str = "utf-8") -> str:
    """A whole text file as one string, under the rules of `read_lines`."""
    lines: list[str] = []
    size = 0
    for line in read_lines(file, encoding):
        size += len(line)
        if size > MAX_ROW:
            raise too_long(f"{file.label}:1", "Split the file, or set per: line.")
        lines.append(line)
    return "".join(lines)


def too_long(place: str, cure: str = "") -> DataError:
    """The error for a row over `MAX_ROW`."""
    return DataError(
        f"{place}: one row of more than {MAX_ROW // 2**20} MB.",
        cure or "Split it into rows, or take it out; no model reads that much at once.",
    )


def empty(file: Found) -> DataError:
    """The error for a file in which there is nothing."""
    return DataError(
        f"{file.label}: the file is empty.",
        f"Write it again, or change {file.setting}.",
    )


def damaged(file: Found) -> DataError:
    """The error for a packed file that does not unpack."""
    kind = file.path.suffix.lstrip(".")
    return DataError(
        f"{file.label}: damaged, cut short, or no {kind} file.",
        "Copy or download it again; test it with " + ("`gzip -t`." if kind == "gz" else "`xz -t`."),
    )


def unreadable(file: Found, fault: OSError) -> DataError:
    """The error for a file that the system does not let us read."""
    return DataError(
        f"{file.label}: cannot be read ({os.strerror(fault.errno or 0)}).",
        f"Check its permissions, or set {file.setting}.path.",
    )


def _nul(place: str) -> DataError:
    return DataError(
        f"{place}: NUL byte; this is no plain text.",
        "If the file is UTF-16, save it as UTF-8 (iconv -f utf-16 -t utf-8); "
        "else take the bytes out: tr -d '\\000'.",
    )


def _codec(encoding: str, file: Found) -> str:
    try:
        name = codecs.lookup(encoding).name
        io.TextIOWrapper(io.BytesIO(), encoding)  # refuses what makes no text, such as base64
    except (LookupError, ValueError):
        raise DataError(
            f"{file.setting}.encoding: there is no encoding of text of that name.",
            "Usual ones: utf-8, cp1252 (Windows), latin-1, utf-16.",
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


def _wrong_encoding(file: Found, encoding: str) -> DataError:
    """Find the first byte that does not decode, and an encoding in which it would."""
    offset, line, piece = _first_bad_byte(file.path, codecs.lookup(encoding).name)
    likely = _likely_encoding(file.path, piece)
    return DataError(
        f"{file.label}:{line}: not {encoding} text (byte {offset} of the file).",
        f"Save it as UTF-8: iconv -f {likely} -t utf-8 (or, for csv and text, "
        f"set {file.setting}.encoding: {likely}).",
    )


def _first_bad_byte(path: Path, encoding: str) -> tuple[int, int, bytes]:
    """Offset in the (unpacked) file, line number, and the bytes from there on."""
    decoder = codecs.getincrementaldecoder(encoding)()
    fed, line, block = 0, 1, b""
    with open_bytes(path) as data:
        try:
            while block := data.read(_BLOCK):
                line += decoder.decode(block).count("\n")
                fed += len(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as fault:
            # The decoder kept the beginning of a cut character back: its object is longer.
            start = fed + len(block) - len(fault.object) + fault.start
            whole = fault.object[: fault.start].decode(encoding, "ignore")
            return start, line + whole.count("\n"), fault.object[fault.start :]
        except UnicodeError:  # UTF-16 without its mark
            return fed, line, block
    return fed, line, b""


def _likely_encoding(path: Path, piece: bytes) -> str:
    with open_bytes(path) as data:
        if data.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    try:
        piece.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def size_of(value: Any) -> int:
    """Characters in a value of a record, nested ones included."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(size_of(each) for each in cast(dict[Any, Any], value).values())
    if isinstance(value, list | tuple):
        return sum(size_of(each) for each in cast(list[Any], value))
    return 0
