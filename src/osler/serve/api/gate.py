"""What every request passes: its name for the server, its token, its size; and what every
response says to a browser. Nothing of a request's text is logged."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import sys
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from osler.serve.api.faults import fault, where
from osler.serve.api.service import Service, Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""Of content: nothing from elsewhere, and no script in a page's text."""
SAID = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every response that does not say otherwise itself."""


class Gate:
    """Around an app."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        status = [0]

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SAID.items():
                    headers.setdefault(name, value)
            await send(message)
            # So that others get their turn between two pieces of a stream, and the news that its
            # reader has gone is heard before more is written to nobody.
            await asyncio.sleep(0)

        try:
            await self._let_in(scope, receive, noted)
        except Exception as found:  # what it says may be the user's text
            path = _route(scope)
            print(f"osler: fault of ours in {path}: {where(found)}", file=sys.stderr, flush=True)
            if not status[0]:
                await fault(500, "A fault of the server's own.")(scope, receive, noted)
        finally:
            self._service.counts.requests.labels(_route(scope), str(status[0] or 499)).inc()

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(scope)
        if refused is None:
            limits = self._service.settings.limits
            most = limits.upload if scope["path"].startswith("/app/") else limits.body
            try:
                async with asyncio.timeout(limits.seconds_to_send):
                    body = await _read(scope, receive, most)
            except TimeoutError:
                refused = _closing(fault(408, "The request did not arrive in time."))
            else:
                if body is not None:
                    await self._app(scope, _replayed(body, receive), send)
                    return
                said = f"The request has more than {most:,} bytes."
                refused = _closing(fault(413, said, code="request_too_large"))
        await refused(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, service = Headers(scope=scope), self._service
        if not is_our_name(headers.get("host", ""), service.settings):
            return _closing(fault(421, "This server does not have that name."))
        if not (_is_open(scope["path"], service.open_paths) or self._knows_token(headers)):
            said = "Give the server's token: Authorization: Bearer TOKEN."
            wants = {"WWW-Authenticate": "Bearer"}
            return _closing(fault(401, said, code="invalid_api_key", headers=wants))
        if service.draining and scope["path"] not in ("/health", "/metrics"):
            return _closing(
                fault(503, "The server is shutting down.", headers={"Retry-After": "5"})
            )
        return None

    def _knows_token(self, headers: Headers) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        token = self._service.settings.token
        same = hmac.compare_digest(given.strip().encode(), token.encode())
        return same and kind.lower() == "bearer"


def is_our_name(host: str, settings: Settings) -> bool:
    """Whether a Host header names this server. A page elsewhere can let a name of its own lead to
    this machine (DNS rebinding), and then read what is here; addresses cannot be made to lead."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    name = name.strip("[]").lower()
    if name in {"localhost", settings.host.lower(), *settings.names}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_open(path: str, known: frozenset[str]) -> bool:
    below = any(one.endswith("/") and len(one) > 1 and path.startswith(one) for one in known)
    return path in known or below


def _route(scope: Scope) -> str:
    """The pattern that a path met, behind its router's prefix: a path itself may be anything."""
    pattern = str(getattr(scope.get("route"), "path_format", ""))
    met = pattern.format_map(scope.get("path_params", {})) if pattern else ""
    prefix = scope["path"].removesuffix(met) if scope["path"].endswith(met) else ""
    return f"{prefix}{pattern}" if pattern else "other"


async def _read(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The body; None for one that is too large, of which no more is read."""
    told = Headers(scope=scope).get("content-length", "")
    if told.isdecimal() and (len(told) > 15 or int(told) > most):
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body again; after it what comes, which is the news that the other side has gone."""
    parts: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return parts.pop() if parts else await receive()

    return next_message


def _closing(response: Response) -> Response:
    """What is left of the request is not read."""
    response.headers["Connection"] = "close"
    return response
