"""A file as it was sent: the body itself, or the one file of a form (RFC 7578).

Read here, in memory, for what usually reads forms writes long files to the disk, where documents
must never be.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

from osler.errors import UserError

MOST_PARTS = 20
LONGEST_HEAD = 4_000
"""Bytes of the headers of a part."""
CURE = "Send one file: curl --data-binary @FILE -H 'X-Document-Name: FILE', or curl -F file=@FILE."


class Sent(NamedTuple):
    """A file; its name may be empty."""

    name: str
    data: bytes


class _Part(NamedTuple):
    name: str | None
    """None for what is no file."""
    data: bytes


def file_of(content_type: str, body: bytes) -> Sent:
    """The file of a request. Raises UserError for a form without a file, or with several."""
    try:
        return _file_of(_header("Content-Type", content_type), body)
    except (UnicodeError, LookupError):  # a parameter in an encoding of its own (RFC 2231)
        raise UserError("A name or a mark in this form has letters that are none.", CURE) from None


def _file_of(header: Message, body: bytes) -> Sent:
    plain = header.get_content_type() == "application/x-www-form-urlencoded"
    if plain and body.startswith((b"%PDF", b"PK")) and not any(b in body for b in b"\r\n\0"):
        raise UserError("The line ends of this file were lost on the way, as curl -d does.", CURE)
    if header.get_content_type() != "multipart/form-data":
        return Sent("", body)
    boundary = header.get_boundary()
    if not boundary:
        raise UserError("This form does not say how its parts are parted.", CURE)
    files = [Sent(one.name, one.data) for one in _parts(body, boundary.encode())
             if one.name is not None]  # fmt: skip
    if len(files) != 1:
        raise UserError(f"This form has {len(files) or 'no'} files.", CURE)
    return files[0]


def _parts(body: bytes, boundary: bytes) -> Iterator[_Part]:
    """Between the marks, to the one that is the last."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_PARTS + 1)[1:]
    if len(pieces) > MOST_PARTS:
        raise UserError(f"This form has more than {MOST_PARTS} parts.", CURE)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise UserError("This form was cut off on its way.", CURE)
    for piece in pieces[:-1]:
        head, found, data = piece.partition(b"\r\n\r\n")
        if not found or len(head) > LONGEST_HEAD:
            raise UserError("A part of this form has no headers that can be read.", CURE)
        yield _Part(_name(head.decode("utf-8", "replace")), data)


def _name(head: str) -> str | None:
    for line in head.split("\r\n"):
        field, _, value = line.partition(":")
        if field.strip().lower() == "content-disposition":
            return _header("Content-Disposition", value.strip()).get_filename()
    return None


def _header(field: str, value: str) -> Message:
    """One header, whose parameters the standard library reads."""
    message = Message()
    message[field] = value.replace("\r", " ").replace("\n", " ")
    return message
