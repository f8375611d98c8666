"""The app: routes, errors and the gate in front of them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from osler.serve.api import chat, models
from osler.serve.api.faults import add_handlers
from osler.serve.api.gate import Gate
from osler.serve.api.service import Service


def make_app(service: Service) -> FastAPI:
    """The server of a service. Its OpenAPI is at /openapi.json, behind the token."""
    # FastAPI could send errors, with their texts, to whatever collector the environment names.
    silent = dict.fromkeys(
        ("tracing", "metrics", "logs", "operation_spans", "auto_configure"), False
    )
    app = FastAPI(
        title="Osler", version=_version(), docs_url=None, redoc_url=None,
        telemetry=silent,  # type: ignore[arg-type]
        description="Questions, documents and patients; OpenAI's API, as far as it is served.",
    )  # fmt: skip
    app.include_router(chat.router(service))
    app.include_router(models.router(service))
    for routes in service.routers:
        app.include_router(routes)
    add_handlers(app)
    app.add_middleware(Gate, service=service)
    service.counts.watch(service.engine)
    return app


def _version() -> str:
    try:
        return version("osler")
    except PackageNotFoundError:
        return "0"
