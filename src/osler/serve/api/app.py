"""The app: routes, errors and the gate in front of them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPBearer

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
    bearer = [Depends(HTTPBearer(auto_error=False, description="The server's token."))]
    app.include_router(chat.router(service), dependencies=bearer)
    app.include_router(models.router(service), dependencies=bearer)
    app.include_router(models.open_router(service))
    for routes in service.routers:
        app.include_router(routes, dependencies=bearer)
    app.openapi = lambda: _schema(app)
    add_handlers(app)
    app.add_middleware(Gate, service=service)
    app.state.service = service
    service.counts.watch(service.engine)
    return app


def _schema(app: FastAPI) -> dict[str, Any]:
    """Without FastAPI's own 422: what is no request is answered 400 here."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        for methods in made["paths"].values():
            for operation in methods.values():
                operation["responses"].pop("422", None)
        app.openapi_schema = made
    return app.openapi_schema


def _version() -> str:
    try:
        return version("osler")
    except PackageNotFoundError:
        return "0"
