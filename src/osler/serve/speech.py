"""The text of an answer while its tokens come, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HALF_CHARACTER = "\ufffd"
"""What decoding gives for bytes that are not yet a whole UTF-8 character."""


class Speech:
    """Pieces that together are `answer_text` of all tokens, up to the first of the stop texts.

    A piece ends between characters, and what may yet become white space at the end or the
    beginning of a stop text is held back. Only the last few tokens are decoded at each step.
    """

    def __init__(self, tokenizer: Any, stop: Sequence[str] = ()) -> None:
        self.stopped = False
        """Whether a stop text has come."""
        self._tokenizer = tokenizer
        self._stop = [text for text in stop if text]
        self._ids: list[int] = []
        self._told = 0
        """So many of the tokens are in the text."""
        self._before = 0
        """From here tokens are decoded: what a token looks like can depend on the one before."""
        self._held = ""
        self._begun = False

    def add(self, token: int) -> str:
        """What can be said now, often nothing."""
        self._ids.append(token)
        new = self._new_text()
        if new.endswith(HALF_CHARACTER):
            return ""
        self._before, self._told = self._told, len(self._ids)
        return self._say(new)

    def end(self) -> str:
        """The rest, once no token follows; half a character is left out."""
        if self.stopped:
            return ""
        piece = self._say(self._new_text().rstrip(HALF_CHARACTER))
        rest = "" if self.stopped else self._held.rstrip(HALF_CHARACTER).rstrip()
        self._held = ""
        return piece + rest

    def _new_text(self) -> str:
        known = self._decoded(self._ids[self._before : self._told])
        return self._decoded(self._ids[self._before :])[len(known) :]

    def _decoded(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(
            list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def _say(self, new: str) -> str:
        self._held += new
        if not self._begun:
            self._held = self._held.lstrip()
            self._begun = bool(self._held)
        places = [at for text in self._stop if (at := self._held.find(text)) >= 0]
        if places:
            self.stopped = True
            return self._held[: min(places)].rstrip()
        sure = len(self._held) - self._could_begin_a_stop()
        piece = self._held[:sure].rstrip().rstrip(HALF_CHARACTER).rstrip()
        self._held = self._held[len(piece) :]
        return piece

    def _could_begin_a_stop(self) -> int:
        """How many characters at the end may be the beginning of a stop text."""
        return max(
            (
                length
                for text in self._stop
                for length in range(1, min(len(text), len(self._held) + 1))
                if self._held.endswith(text[:length])
            ),
            default=0,
        )
