"""Routes of the patients. Ids are of the source and may be any text, so they go into queries."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from osler.serve.app.compare import compared
from osler.serve.app.sse import streamed
from osler.serve.app.told import Text, Told, refuse_unknown
from osler.serve.app.ward import NEWEST, Ward, about, day_within
from osler.serve.app.writing import Writer
from osler.summaries.store import DRAFT


class Ask(BaseModel):
    """Whose summary is to be written, for which day, and by what: a model, or `draft`."""

    model_config = ConfigDict(extra="forbid")
    id: Text = Field(max_length=1000)
    model: Text = Field(DRAFT, max_length=200)
    as_of: date | None = None


def router(ward: Ward, writer: Writer) -> APIRouter:
    """The routes."""
    routes = APIRouter(route_class=Told, tags=["patients"])

    @routes.get("/patients")
    def patients(q: Text = "") -> dict[str, Any]:
        people, count = ward.people(q[:200])
        return {
            "people": [about(who) for who in people], "count": count, "made_up": ward.made_up,
            "remarks": [*ward.absent, *ward.remarks],
        }  # fmt: skip

    @routes.get("/patient")
    def patient(id: Text) -> dict[str, Any]:
        record = ward.record(id)
        return {**about(record.person, record), "versions": ward.versions(id)}

    @routes.get("/patient/page")
    def page(id: Text, version: Text = NEWEST) -> dict[str, Any]:
        html, changed = ward.page(id, version)
        return {"html": html, "changed": changed}

    @routes.get("/patient/compare")
    def compare(id: Text, a: Text, b: Text) -> list[dict[str, Any]]:
        return compared(ward.summary(id, a), ward.summary(id, b))

    @routes.post("/patient/summary")
    def write(body: Ask, request: Request) -> Response:
        record = ward.record(body.id)
        refuse_unknown(body.model, (DRAFT, *writer.engine.models))
        events = writer.write(record, day_within(record, body.as_of), body.model)
        return streamed(events, request)

    return routes
