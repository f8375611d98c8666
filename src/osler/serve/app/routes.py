"""All routes of the page below /app, from what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from osler.prompts import SystemPrompt
from osler.serve.api.faults import answers
from osler.serve.app import document_routes, history_routes, patient_routes
from osler.serve.app.document_routes import Reader
from osler.serve.app.history import History
from osler.serve.app.run_folder import RunFolder
from osler.serve.app.shelf import Shelf
from osler.serve.app.told import Text, Told
from osler.serve.app.ward import Ward
from osler.serve.app.writing import Writer
from osler.serve.engines.protocol import Engine
from osler.summaries.template import Template, load_template

REPLACED = (
    "The index of the sources was built anew or taken away since this server started. Answers "
    "still come from the one before: start the server again to have them from the new one."
)


@dataclass(frozen=True)
class Desk:
    """What the page works with. Without a history nothing of a conversation is kept."""

    engine: Engine
    assistant: Reader
    prompts: Mapping[str, SystemPrompt]
    history: History | None
    shelf: Shelf
    ward: Ward
    runs: RunFolder
    sources: str = ""
    """What the answers' sources are, in a few words; empty where there are none."""
    emergency_number: str = ""
    starters: tuple[str, ...] = ()
    """Questions to begin with, that the sources answer."""
    sources_replaced: Callable[[], bool] = lambda: False
    """Whether the sources were made anew since they were opened."""
    template: Template = field(default_factory=load_template)


def router(desk: Desk) -> APIRouter:
    """The routes; whoever mounts them asks for the token."""
    routes = APIRouter(
        prefix="/app", route_class=Told, responses=answers(400, 404, 408, 409, 413, 429, 503, 507)
    )

    @routes.get("/state", tags=["page"])
    def state() -> dict[str, Any]:
        models = [
            {"name": one.name, "base": one.base, "context": one.context, "tasks": list(one.tasks)}
            for one in desk.engine.models.values()
        ]
        return {
            "models": models, "tasks": list(desk.prompts), "history": desk.history is not None,
            "sources": desk.sources, "notes": [REPLACED] if desk.sources_replaced() else [],
            "emergency_number": desk.emergency_number,
            "starters": list(desk.starters),
            "longest_file": desk.shelf.most_bytes, "made_up": desk.ward.made_up,
        }  # fmt: skip

    @routes.get("/runs", tags=["runs"])
    def runs() -> list[dict[str, Any]]:
        return desk.runs.all()

    @routes.get("/runs/{name}", tags=["runs"])
    def run(name: Text) -> dict[str, Any]:
        return desk.runs.one(name)

    @routes.get("/runs/{name}/report", tags=["runs"])
    def report(name: Text) -> dict[str, str]:
        return {"html": desk.runs.report(name)}

    routes.include_router(history_routes.router(desk.history))
    routes.include_router(document_routes.router(desk.shelf, desk.assistant, desk.engine.models))
    writer = Writer(desk.engine, desk.ward, desk.template, desk.prompts)
    routes.include_router(patient_routes.router(desk.ward, writer))
    return routes
