"""A model of its own weights, and the thread that lets it answer many at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any

from osler.serve.engines.protocol import Busy, End, Failed, Load, Reason
from osler.serve.generate import any_length, padding
from osler.serve.running import Row, Running, has_plain_cache
from osler.serve.speech import Speech
from osler.template import stop_token_ids

READ, READ_ON_CPU = 4096, 1024
"""Places of prompts, padding included, that are read between two tokens of those that run: on a CPU
more would make all wait for seconds, and would be read no faster."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many answers are written side by side, and how many more may wait."""

    places: int = 32
    queue: int = 64


Told = str | End | Failed
"""What a stream is told: pieces, then one of the others."""


class LaneStream:
    """An answer of a lane: the side that the event loop sees."""

    def __init__(self, lane: Lane, row: Row, speech: Speech) -> None:
        self.end: End | None = None
        self.row = row
        self.speech = speech
        self.cancelled = False
        self.begun = time.monotonic()
        self.loop = asyncio.get_running_loop()
        self._lane = lane
        self._told: asyncio.Queue[Told] = asyncio.Queue()
        row.of = self

    def __aiter__(self) -> LaneStream:
        return self

    async def __anext__(self) -> str:
        if self.end is not None:
            raise StopAsyncIteration
        told = await self._told.get()
        if isinstance(told, str):
            return told
        self.end = told if isinstance(told, End) else self.ended("cancelled")
        if isinstance(told, Failed):
            raise told
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Stop at the next token."""
        if self.end is None:
            self.end = self.ended("cancelled")
            self.cancelled = True
            self._lane.note_cancelled(self)

    def ended(self, reason: Reason) -> End:
        """The end, as things stand."""
        return End(reason, len(self.row.prompt_ids), len(self.row.spoken))

    def tell(self, told: Told) -> None:
        """In the event loop's thread."""
        self._told.put_nowait(told)


class Lane:
    """One model. `use`: as `Running` has it, for a base with adapters."""

    def __init__(
        self, name: str, model: Any, tokenizer: Any, room: Room,
        use: Callable[[list[str | None]], None] | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.model = model
        self.tokenizer = tokenizer
        self._stops = set(stop_token_ids(tokenizer, model.generation_config))
        self._places = room.places if has_plain_cache(model) else 1
        self._queue = room.queue
        self._most = READ_ON_CPU if model.device.type == "cpu" else READ
        self._use = use
        self._running = self._nobody()
        self._waiting: deque[LaneStream] = deque()
        self._changed = Condition()
        self._closing = False
        self._stopping = False
        self._mean_seconds = 1.0
        """Of an answer, the late ones counting more."""
        self._outbox: dict[Any, list[tuple[LaneStream, Told]]] = defaultdict(list)
        self._thread = Thread(target=self._live, name=f"osler-lane-{name}", daemon=True)
        self._thread.start()

    # -- in the event loop's thread --------------------------------------------------------------

    @property
    def load(self) -> Load:
        """How many have a place, and how many wait."""
        return Load(len(self._running.rows), len(self._waiting))

    def start(self, row: Row, stop: Sequence[str]) -> LaneStream:
        """Queue a prompt. Raises `Busy`."""
        stream = LaneStream(self, row, Speech(self.tokenizer, stop))
        with self._changed:
            if self._closing or len(self._waiting) >= self._queue:
                raise Busy(self._seconds_until_a_place())
            self._waiting.append(stream)
            self._changed.notify()
        return stream

    def note_cancelled(self, stream: LaneStream) -> None:
        """Give its place in the queue to another; one that runs leaves at the next token."""
        with self._changed, contextlib.suppress(ValueError):
            self._waiting.remove(stream)

    def close(self, *, stop: bool) -> None:
        """Take nothing new; `stop`: end what there is at the next token."""
        with self._changed:
            self._closing = True
            self._stopping |= stop
            self._changed.notify()

    def ended(self, within: float) -> bool:
        """Whether the thread has ended, now or within so many seconds."""
        self._thread.join(within)
        return not self._thread.is_alive()

    def _seconds_until_a_place(self) -> int:
        rounds = 1 + len(self._waiting) / self._places
        return max(1, min(60, round(rounds * self._mean_seconds)))

    # -- in the lane's thread --------------------------------------------------------------------

    def _nobody(self) -> Running:
        stops = stop_token_ids(self.tokenizer, self.model.generation_config)
        return Running(self.model, padding(self.tokenizer, stops), self._use)

    def _live(self) -> None:
        with any_length():
            while True:
                with self._changed:
                    while not (self._waiting or self._running.rows or self._closing):
                        self._changed.wait()
                    if self._stopping:
                        self._stop_all()
                    if self._closing and not self._waiting and not self._running.rows:
                        break
                    new = self._next()
                if new:
                    self._read([stream.row for stream in new])
                if self._running.rows:
                    self._step()
                self._hand_out()
        self._hand_out()

    def _next(self) -> list[LaneStream]:
        """Those that get a place now: in the order they came, as many as may be read at once."""
        new: list[LaneStream] = []
        longest = 0
        while self._waiting and len(self._running.rows) + len(new) < self._places:
            longest = max(longest, len(self._waiting[0].row.prompt_ids))
            if new and longest * (len(new) + 1) > self._most:
                break
            new.append(self._waiting.popleft())
            new[-1].begun = time.monotonic()
        return new

    def _read(self, rows: Sequence[Row]) -> None:
        """Let prompts join; where they do not together, one at a time, and who cannot is ended."""
        try:
            self._running.join(rows)
        except Exception as fault:
            if len(rows) == 1:
                self._fail(rows[0], fault)
            else:
                for row in rows:
                    self._read([row])

    def _step(self) -> None:
        """One token for every row."""
        try:
            tokens = self._running.choose()
            staying = [
                place
                for place, (row, token) in enumerate(zip(self._running.rows, tokens, strict=True))
                if self._goes_on(row, token)
            ]
            self._running.keep(staying)
            self._running.advance()
        except Exception as fault:
            self._begin_anew(fault)

    def _goes_on(self, row: Row, token: int) -> bool:
        stream: LaneStream = row.of
        if stream.cancelled:
            return False
        if token in self._stops:
            return self._end(stream, "stop")
        row.say(token)
        self._tell(stream, stream.speech.add(token))
        if stream.speech.stopped:
            return self._end(stream, "stop")
        return row.left > 0 or self._end(stream, "length")

    def _begin_anew(self, fault: Exception) -> None:
        """After a fault: read all rows again, one at a time. Who cannot be read alone is ended; if
        all can, they were too many, and the one that came last is ended."""
        rows = [row for row in self._running.rows if row.left > 0 and not row.of.cancelled]
        self._running = self._nobody()
        for row in rows:
            self._read([row])
        if rows and len(self._running.rows) == len(rows):
            self._running.keep(range(len(rows) - 1))
            self._fail(rows[-1], fault)

    def _stop_all(self) -> None:
        for stream in [row.of for row in self._running.rows] + list(self._waiting):
            self._end(stream, "cancelled")
        self._waiting.clear()
        self._running = self._nobody()

    def _fail(self, row: Row, fault: Exception) -> None:
        row.left = 0
        self._outbox[row.of.loop].append((row.of, Failed(type(fault).__name__)))

    def _end(self, stream: LaneStream, reason: Reason) -> bool:
        """Say how it ended. Always False: the row does not go on."""
        stream.row.left = 0
        self._tell(stream, stream.speech.end())
        self._outbox[stream.loop].append((stream, stream.ended(reason)))
        seconds = time.monotonic() - stream.begun
        self._mean_seconds += 0.1 * (seconds - self._mean_seconds)
        return False

    def _tell(self, stream: LaneStream, piece: str) -> None:
        if piece:
            self._outbox[stream.loop].append((stream, piece))

    def _hand_out(self) -> None:
        """Wake each event loop once for all that it is to be told."""
        for loop, told in self._outbox.items():
            with contextlib.suppress(RuntimeError):  # it was closed: nobody listens
                loop.call_soon_threadsafe(_deliver, told)
        self._outbox = defaultdict(list)


def _deliver(told: Sequence[tuple[LaneStream, Told]]) -> None:
    for stream, one in told:
        stream.tell(one)
