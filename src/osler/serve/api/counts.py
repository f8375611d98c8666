"""What is counted of requests, for Prometheus. No text and nothing of a user's is a label."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from osler.serve.assistant.events import Event, Final, Judged, Piece
from osler.serve.engines.protocol import Engine

SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)


class Counts:
    """The counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "osler_requests_total", "Requests, by route and status.", ["route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.tokens = Counter(
            "osler_tokens_total", "Tokens of prompts (in) and of answers (out).", ["direction"],
            registry=self.registry,
        )  # fmt: skip
        self.refusals = Counter(
            "osler_not_answered_by_the_model_total", "Questions, by what the guard took them for.",
            ["kind"], registry=self.registry,
        )  # fmt: skip
        self.cancelled = Counter(
            "osler_cancelled_total", "Answers whose reader had gone.", registry=self.registry
        )
        self.first_token = Histogram(
            "osler_time_to_first_token_seconds", "From the request to its first characters.",
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.duration = Histogram(
            "osler_answer_seconds", "From the request to the end of its answer.", buckets=SECONDS,
            registry=self.registry,
        )  # fmt: skip

    def watch(self, engine: Engine) -> None:
        """Show what the engine has to do."""
        running = Gauge("osler_running", "Answers being written.", registry=self.registry)
        waiting = Gauge("osler_waiting", "Answers that wait.", registry=self.registry)
        running.set_function(lambda: engine.load.running)
        waiting.set_function(lambda: engine.load.waiting)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class Watch:
    """One answer on its way."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._begun = time.monotonic()
        self._spoken = False

    def gone(self) -> None:
        """Its reader has gone."""
        self._counts.cancelled.inc()

    def note(self, event: Event) -> None:
        """Count what an event tells."""
        seconds = time.monotonic() - self._begun
        if isinstance(event, Judged) and event.kind != "medical":
            self._counts.refusals.labels(event.kind).inc()
        elif isinstance(event, Piece) and not self._spoken:
            self._spoken = True
            self._counts.first_token.observe(seconds)
        elif isinstance(event, Final):
            self._counts.duration.observe(seconds)
            self._counts.tokens.labels("in").inc(event.prompt_tokens)
            self._counts.tokens.labels("out").inc(event.completion_tokens)
