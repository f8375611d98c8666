"""From a raw record, whatever its shape, to rows: one row teaches one assistant turn.

Shapes read: mapped columns, prompt and completion (texts or lists of messages), question and
answer, messages, Alpaca (instruction, input, output), ShareGPT (conversations), text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from osler.data.layout import Layout
from osler.rows import Dropped, Message, Row, content_id

_RUN = re.compile(r"[ \t]{2,}")
_MANY_BLANK_LINES = re.compile(r"\n{4,}")
_BREAKS = str.maketrans({"\f": "\n", "\v": "\n", "\r": "\n"})
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

ROLES = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
}
"""Role as a file spells it (ShareGPT's `human` and `gpt` too) -> role of ours."""


class Unusable(ValueError):
    """A record that cannot become an example. Says why, and never shows its text."""


# -- cleaning ---------------------------------------------------------------------------------


def clean(text: str) -> str:
    """The text with white space that carries nothing taken out. Pure, and idempotent.

    Line ends (also form feeds) become LF, trailing blanks go, runs of spaces and tabs inside a
    line become one space, more than two blank lines become two, the ends are stripped. What
    indents a line stays: lists, code and JSON are read by it.
    """
    lines = text.replace("\r\n", "\n").translate(_BREAKS).split("\n")
    tidy = "\n".join(_clean_line(line) for line in lines)
    return _MANY_BLANK_LINES.sub("\n\n\n", tidy).strip()


def _clean_line(line: str) -> str:
    line = line.rstrip()
    body = line.lstrip(" \t")
    if "  " not in body and "\t" not in body:
        return line
    return line[: len(line) - len(body)] + _RUN.sub(" ", body)


def clean_row(row: Row) -> Row:
    """The row with every text cleaned; the same object when there was nothing to clean."""
    prompt, completion = _clean_messages(row.prompt), _clean_messages(row.completion)
    text = None if row.text is None else clean(row.text)
    if (prompt, completion, text) == (row.prompt, row.completion, row.text):
        return row
    return replace(row, prompt=prompt, completion=completion, text=text)


def _clean_messages(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(Message(role=m["role"], content=clean(m["content"])) for m in messages)


# -- records ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """One input row as its file holds it, with where it stands."""

    values: Mapping[str, Any]
    source: str
    place: str
    header: str = ""
    """Where the columns are named, when that is not the record itself."""


def shape_rows(record: Record, layout: Layout) -> Iterator[Row | Dropped]:
    """Rows of one record, not yet cleaned; or one `Dropped` that says why there is none.

    A row without an id of its own gets one made from its cleaned content; a dropped one, whose
    content may be empty, from its place.
    """
    given = label(record.values.get(layout.id)) if layout.id else ""
    try:
        if layout.text is not None:
            yield _text_row(record, layout, given)
        elif layout.messages is not None:
            yield from _conversation_rows(record, layout, given)
        else:
            yield _pair_row(record, layout, given)
    except Unusable as fault:
        name = given or content_id(record.source, record.place)
        yield Dropped(name, record.source, record.place, str(fault))


def _text_row(record: Record, layout: Layout, given: str) -> Row:
    text = usable(to_text(record.values.get(layout.text or ""), "text"), "text")
    return _row(record, layout, given or content_id(clean(text)), text=text)


def _pair_row(record: Record, layout: Layout, given: str) -> Row:
    prompt = _prompt(record, layout)
    answer = _answer(record.values.get(layout.completion or ""))
    completion = (Message(role="assistant", content=usable(answer, "answer")),)
    own = given or content_id(*(clean(m["content"]) for m in (*prompt, *completion)))
    return _row(record, layout, own, prompt=prompt, completion=completion)


def _prompt(record: Record, layout: Layout) -> tuple[Message, ...]:
    value = record.values.get(layout.prompt or "")
    if isinstance(value, list):
        messages = to_messages(cast(list[Any], value))
    else:
        question = to_text(value, "prompt")
        more = to_text(record.values.get(layout.input), "input") if layout.input else ""
        whole = f"{question}\n\n{more}" if question.strip() and more.strip() else question or more
        messages = [Message(role="user", content=whole)]
    messages = _with_system(messages, record, layout)
    check_order(messages)
    if not messages or messages[-1]["role"] != "user":
        raise Unusable(
            "empty prompt" if not messages else "the prompt does not end with a user turn"
        )
    for message in messages:
        usable(message["content"], "prompt")
    return tuple(messages)


def _answer(value: Any) -> str:
    if not isinstance(value, list):
        return to_text(value, "answer")
    messages = to_messages(cast(list[Any], value))
    if not messages:
        return ""
    if [m["role"] for m in messages] != ["assistant"]:
        raise Unusable("the completion is not one assistant turn")
    return messages[0]["content"]


def _conversation_rows(record: Record, layout: Layout, given: str) -> Iterator[Row | Dropped]:
    """A row for each assistant turn, the turns before it as prompt.

    Without an id, the conversation's is made from its content. A turn that cannot be used also
    spoils those after it, for they would be answered with a hole in their prompt.
    """
    messages = to_messages(_as_list(record.values.get(layout.messages or "")))
    messages = _with_system(messages, record, layout)
    if not any(m["role"] == "assistant" for m in messages):
        raise Unusable("no assistant turn")
    check_order(messages)
    own = given or content_id(*(clean(m["content"]) for m in messages))
    turn, fault = 0, ""
    for at, message in enumerate(messages):
        answer = message["role"] == "assistant"
        try:
            usable(message["content"], "answer" if answer else "prompt")
        except Unusable as found:
            fault = fault or str(found)
        if not answer:
            continue
        turn += 1
        if fault:
            yield Dropped(f"{own}#{turn}", record.source, record.place, fault)
        else:
            row = _row(record, layout, own, prompt=tuple(messages[:at]), completion=(message,))
            yield replace(row, id=f"{own}#{turn}")


def _row(record: Record, layout: Layout, own: str, **fields: Any) -> Row:
    group = label(record.values.get(layout.group)) if layout.group else ""
    used = layout.used()
    extra = {str(key): value for key, value in record.values.items() if key not in used}
    return Row(own, group or own, record.source, record.place, extra=plain(extra), **fields)


def _with_system(messages: list[Message], record: Record, layout: Layout) -> list[Message]:
    """The messages with the row's own system message first; an empty one counts as none."""
    if messages and messages[0]["role"] == "system":
        return messages if messages[0]["content"].strip() else messages[1:]
    system = to_text(record.values.get(layout.system), "system message") if layout.system else ""
    return [Message(role="system", content=system), *messages] if system.strip() else messages


# -- values -----------------------------------------------------------------------------------


def to_text(value: Any, what: str) -> str:
    """A cell as text: None and NaN are empty, numbers are written out. Raises `Unusable`."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise Unusable(f"{what} is neither text nor a number")


def usable(text: str, what: str) -> str:
    """The text itself. Raises `Unusable` when it is empty or no text could be trained from it."""
    if not text.strip():
        raise Unusable(f"empty {what}")
    if bad := _CONTROL.search(text):
        raise Unusable(f"control character U+{ord(bad[0]):04X} in the {what}")
    if _SURROGATE.search(text):
        raise Unusable(f"half a character (lone surrogate) in the {what}")
    return text


def to_messages(items: Sequence[Any]) -> list[Message]:
    """Messages of {role, content} or ShareGPT's {from, value}. Raises `Unusable`."""
    messages: list[Message] = []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, Mapping):
            raise Unusable(f"message {number} is no object with role and content")
        fields = cast(Mapping[str, Any], item)
        role = ROLES.get(str(fields.get("role") or fields.get("from") or "").lower())
        if role is None:
            raise Unusable(f"message {number} has a role other than system, user, assistant")
        content = fields.get("content", fields.get("value"))
        messages.append(Message(role=role, content=_content(content, f"message {number}")))
    return messages


def _content(value: Any, what: str) -> str:
    """Content is a text, or a list of parts of type text."""
    if not isinstance(value, list):
        return to_text(value, what)
    parts: list[str] = []
    for part in cast(list[Any], value):
        if not isinstance(part, Mapping) or "text" not in part:
            raise Unusable(f"{what} holds something other than text")
        parts.append(to_text(cast(Mapping[str, Any], part)["text"], what))
    return "".join(parts)


def _as_list(value: Any) -> list[Any]:
    """A list of messages, also when a CSV cell holds it as JSON."""
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise Unusable("messages are not a valid JSON list") from None
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise Unusable("messages are not a list")
    return cast(list[Any], value)


def check_order(messages: Sequence[Message]) -> None:
    """Raise `Unusable` unless turns are: perhaps system, then user and assistant in turn."""
    start = 1 if messages and messages[0]["role"] == "system" else 0
    for at, message in enumerate(messages[start:]):
        if message["role"] != ("user", "assistant")[at % 2]:
            raise Unusable(f"roles out of order at message {start + at + 1}")


def label(value: Any) -> str:
    """An id or group as one printable line: numbers become text (`3.0` is `3`), none is empty."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or value != value:
        return ""
    text = " ".join(str(value).split())
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else "?" for mark in text)


def plain(extra: dict[str, Any]) -> dict[str, Any]:
    """Columns that are not ours, such that JSON can hold them; empty cells left out."""
    kept = {key: value for key, value in extra.items() if value is not None}
    if all(isinstance(value, str | int) for value in kept.values()):
        texts = (text for pair in kept.items() for text in pair if isinstance(text, str))
        if not any(map(_SURROGATE.search, texts)):
            return kept
    text = json.dumps(kept, ensure_ascii=False, skipkeys=True, default=_written)
    return cast(dict[str, Any], json.loads(text.encode("utf-8", "replace")))


def _written(value: Any) -> str:
    """Dates and decimals are written out; bytes (pictures) are only named."""
    return "<bytes>" if isinstance(value, bytes | bytearray) else str(value)
