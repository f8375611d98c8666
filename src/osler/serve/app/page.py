"""The page itself: a fixed table of files of the package, and what a browser may do with them."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types osler"
)
"""Content Security Policy Level 3: nothing from elsewhere, no script or style but our files. And
Trusted Types: no text becomes markup but by the one policy in frame.js."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def files() -> dict[str, tuple[bytes, str]]:
    """The files under /static/ by name: content and type."""
    assets = resources.files("osler") / "assets"
    found: dict[str, tuple[bytes, str]] = {}
    for file in [*(assets / "page").iterdir(), assets / "pages" / "base.css"]:
        kind = _type(file)
        if kind:
            found[file.name] = (file.read_bytes(), kind)
    return found


def _type(file: Traversable) -> str:
    return TYPES.get(file.name.rpartition(".")[2], "")


def page_router() -> APIRouter:
    """The routes that need no token: the page and its files, which hold nothing of anybody."""
    table = files()
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def index() -> Response:
        content, kind = table["index.html"]
        return Response(content, media_type=kind, headers=HEADERS)

    @routes.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in table:
            return PlainTextResponse("not found", 404, headers=HEADERS)
        content, kind = table[name]
        return Response(content, media_type=kind, headers=HEADERS)

    return routes
