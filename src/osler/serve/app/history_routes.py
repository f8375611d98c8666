"""Routes of the conversations. Where history is off they say so, and keep nothing."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from osler.errors import UserError
from osler.serve.app.about import About
from osler.serve.app.history import History
from osler.serve.app.told import Id, Off, Text, Told

LONGEST = 200_000
"""Characters of a message, and of a corrected answer."""
MOST_ABOUT = 2_000_000
"""Characters of what is kept beside an answer as JSON: its sources with their text."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Message(_Body):
    """A turn. `about`: of an answer, the model, the prompt's digest, the sources, the sentences.
    `known`: whether something of its conversation was kept before, so that it is not made anew."""

    id: Id
    parent: Id | None = None
    role: Literal["user", "assistant"]
    content: Text = Field(max_length=LONGEST)
    about: About = About()
    known: bool = False


class Title(_Body):
    """A new title."""

    title: Text = Field(min_length=1, max_length=1000)


class Feedback(_Body):
    """What somebody says of an answer."""

    thumb: Literal["up", "down", ""] = ""
    corrected: Text = Field("", max_length=LONGEST)
    reason: Text = Field("", max_length=10_000)


def router(history: History | None) -> APIRouter:
    """The routes; without a history all of them say that it is off."""
    routes = APIRouter(route_class=Told, tags=["history"])

    def kept() -> History:
        if history is None:
            raise Off("Nothing is kept: the server was started with --no-history.")
        return history

    @routes.get("/conversations")
    def conversations(q: Text = "") -> list[dict[str, Any]]:
        return kept().conversations(q[:1000])

    @routes.delete("/conversations", status_code=204, response_class=Response)
    def clear() -> None:
        kept().clear()

    @routes.get("/conversations/{id}")
    def conversation(id: Id) -> dict[str, Any]:
        return kept().conversation(id)

    @routes.patch("/conversations/{id}", status_code=204, response_class=Response)
    def rename(id: Id, body: Title) -> None:
        kept().rename(id, body.title)

    @routes.delete("/conversations/{id}", status_code=204, response_class=Response)
    def delete(id: Id) -> None:
        kept().delete(id)

    @routes.post("/conversations/{id}/messages", status_code=204, response_class=Response)
    def add(id: Id, body: Message) -> None:
        about = body.about.model_dump(exclude_unset=True)
        if len(str(about)) > MOST_ABOUT:
            raise UserError("What is to be kept beside this answer is too long.")
        message = {**body.model_dump(exclude={"about", "known"}), "about": about}
        kept().add(id, message, known=body.known)

    @routes.put("/feedback/{message}", status_code=204, response_class=Response)
    def say(message: Id, body: Feedback) -> None:
        kept().say(message, body.thumb, body.corrected.strip(), body.reason.strip())

    return routes
