"""Files of FHIR R4 resources: bundles, and bulk exports with a resource on each line."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from osler.records import fhir_shapes as shapes
from osler.records.account import Account, Remark
from osler.records.fhir_known import tail
from osler.records.names import one_line

BUNDLES = (".json", ".json.gz")
LINES = (".ndjson", ".ndjson.gz")
"""https://hl7.org/fhir/uv/bulkdata/export.html"""
READ: dict[str, type[shapes.Resource]] = {
    kind.__name__: kind
    for kind in (
        shapes.Patient, shapes.Condition, shapes.MedicationRequest, shapes.MedicationStatement,
        shapes.Medication, shapes.AllergyIntolerance, shapes.Observation, shapes.Immunization,
        shapes.Procedure, shapes.Encounter, shapes.CarePlan, shapes.DocumentReference,
        shapes.DiagnosticReport, shapes.Practitioner, shapes.Organization,
    )
}  # fmt: skip
"""What is read; every other kind is ignored, and counted."""
NAMES = (shapes.Practitioner, shapes.Organization, shapes.Medication)
"""Kinds that belong to no patient."""

BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no JSON, or JSON of another shape."""


class Head(NamedTuple):
    """A resource that is not decoded yet: where it is, of which kind, its bytes, and whose."""

    place: str
    kind: type[shapes.Resource]
    entry: shapes.BundleEntry
    about: shapes.About


Found = tuple[str, shapes.Resource]
"""A place and what is there."""


def has_lines(path: Path) -> bool:
    """Whether a file has a resource on each line, by its name."""
    return path.name.lower().endswith(LINES)


def heads_of(path: Path, account: Account) -> Iterator[Head]:
    """The resources of a file of kinds that are read, not decoded yet; the others are counted.

    A file that cannot be read is refused in the account.
    """
    number = 0
    try:
        if has_lines(path):
            with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    yield from _of_line(line, number, path.name, account)
        else:
            yield from heads_in(_bytes(path), path.name, account)
    except (OSError, EOFError, zlib.error) as fault:
        account.refused.append(Remark(path.name, _unopened(fault, number)))


def _of_line(line: bytes, number: int, file: str, account: Account) -> Iterator[Head]:
    line = line.removeprefix(codecs.BOM_UTF8).strip()
    if line:
        entry = shapes.BundleEntry(resource=msgspec.Raw(line))
        yield from _head(f"{file}:{number}", entry, account, len(line))


def heads_in(content: bytes, file: str, account: Account) -> Iterator[Head]:
    """The entries of a bundle; or the lines of an export that is called .json."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        said = "the whole file is refused, it is UTF-16: save it as UTF-8"
        account.refused.append(Remark(file, said))
        return
    try:
        bundle = msgspec.json.decode(content, type=shapes.Bundle)
    except BROKEN as fault:
        if _is_lines(content):
            for number, line in enumerate(content.splitlines(), 1):
                yield from _of_line(line, number, file, account)
            return
        said = fault_of(fault, len(content))
        account.refused.append(Remark(file, f"the whole file is refused, {said}"))
        return
    if bundle.resource_type != "Bundle":
        what = bundle.resource_type if bundle.resource_type in READ else "not said or unknown"
        said = f"the whole file is refused, it is no Bundle (its resourceType is {what})"
        account.refused.append(Remark(file, said))
        return
    if not bundle.entry:
        account.remarks.append(Remark(file, "a Bundle without entries: nothing is read from it"))
    for number, content in enumerate(bundle.entry, 1):
        place = f"{file}: entry {number}"
        try:
            entry = msgspec.json.decode(content, type=shapes.BundleEntry)
        except BROKEN as fault:
            account.refused.append(Remark(place, fault_of(fault)))
        else:
            yield from _head(place, entry, account)


def _is_lines(content: bytes) -> bool:
    """Whether the first line is a resource by itself, and is not all there is."""
    first, _, rest = content.lstrip().partition(b"\n")
    try:
        head = msgspec.json.decode(first, type=shapes.Resource)
    except BROKEN:
        return False
    return bool(rest.strip()) and head.resource_type not in ("", "Bundle")


def _head(place: str, entry: shapes.BundleEntry, account: Account, size: int = 0) -> Iterator[Head]:
    """A resource of a kind that is read. `size`: bytes of a line, which may be torn."""
    try:
        about = about_of(entry)
    except BROKEN as fault:
        account.refused.append(Remark(place, fault_of(fault, size)))
        return
    kind = READ.get(about.resource_type)
    if kind is None:
        account.ignored[one_line(about.resource_type) or "no resourceType"] += 1
    else:
        yield Head(f"{place} ({kind.__name__})", kind, entry, about)


def about_of(entry: shapes.BundleEntry) -> shapes.About:
    """Of which kind a resource is, its id and whose it is, as far as these can be read."""
    try:
        return msgspec.json.decode(entry.resource, type=shapes.About)
    except msgspec.ValidationError:  # a subject of another shape is told where the whole is read
        head = msgspec.json.decode(entry.resource, type=shapes.Resource)
        return shapes.About(head.resource_type, head.id)


def decoded(head: Head, account: Account) -> Iterator[Found]:
    """A resource; nothing where it is of another shape, and why in the account."""
    place, kind, entry, _ = head
    try:
        resource = msgspec.json.decode(entry.resource, type=kind)
    except BROKEN as fault:
        account.refused.append(Remark(place, fault_of(fault)))
        return
    resource.url = tail(entry.full_url)
    resource.id = resource.id or resource.url
    yield place, resource


def _bytes(path: Path) -> bytes:
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix.lower() == ".gz" else content
    return content.removeprefix(codecs.BOM_UTF8)


def _unopened(fault: Exception, lines: int = 0) -> str:
    """Why the bytes of a file cannot be had, or no more than so many lines of it."""
    where = f"not read behind line {lines:,}" if lines else "the whole file is refused"
    if isinstance(fault, EOFError):
        return f"{where}, the gzip data end early: copy it again"
    if isinstance(fault, (zlib.error, gzip.BadGzipFile)):
        return f"{where}, it is no gzip or is damaged: copy it again"
    return f"cannot be opened ({fault.strerror if isinstance(fault, OSError) else 'fault'})"


def fault_of(fault: Exception, size: int = 0) -> str:
    """What a decoder says, which names types and places and no value.

    `size`: bytes of the file, where the fault is in the file and not in one resource of it.
    """
    if isinstance(fault, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(fault, RecursionError):
        return "nested too deep"
    said = str(fault)
    if "truncated" in said:
        return f"it ends early, after {size:,} bytes: copy it again" if size else "it is empty"
    if isinstance(fault, msgspec.ValidationError):
        return _of_another_kind(said)
    place = re.search(r" \(byte (\d+)\)$", said) if size else None
    return "it is not JSON" + (f" at byte {int(place[1]):,}" if place else "")


KINDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "array": "a list", "object": "an object", "null": "null",
}  # fmt: skip
"""What JSON has, as the decoder and as people call it."""
WRONG_KIND = re.compile(r"Expected `([a-z |]+)`, got `([a-z]+)`(?: - at `\$\.?([\w.\[\]]+)`)?")
TOO_LARGE = re.compile(r"Number out of range - at `\$\.([\w.\[\]]+)`")


def _of_another_kind(said: str) -> str:
    """`valueQuantity.value is text, a number is expected`: the field, never what it says."""
    found = WRONG_KIND.fullmatch(said)
    if found is None and (large := TOO_LARGE.fullmatch(said)):
        return f"{large[1]} is a number too large to be read"
    if found is None:
        return "it is of another shape than FHIR's"
    expected, given, field = found.groups()
    wanted = " or ".join(KINDS.get(one, one) for one in expected.split(" | ") if one != "null")
    return f"{field or 'it'} is {KINDS.get(given, given)}, {wanted} is expected"
