"""Faults as answers: a sentence and a status, never a trace, never what was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import AfterValidator, StringConstraints

from osler.errors import OutOfRoom, UserError
from osler.serve.api.faults import fault_body
from osler.serve.api.wrong import wrong
from osler.serve.engines.protocol import Busy

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z_-]{1,64}$")]
"""What names something of ours; the page makes it."""


class NotThere(UserError):
    """What is asked for is not there."""


class Full(UserError):
    """There is no room for more until something is removed."""


class Off(UserError):
    """It is switched off."""


class Unusable(UserError):
    """A file of the server's own cannot be used now; whoever asked did nothing wrong."""


STATUS: dict[type[UserError], int] = {
    NotThere: 404, Full: 409, Off: 409, Unusable: 503, OutOfRoom: 507,
}  # fmt: skip
ROOM = "Free some space on the server's disk, then try again."
"""The cure for a full disk, for whoever reads it in a browser."""


def _whole(text: str) -> str:
    """A text that can be written as UTF-8 and shown: no half characters, no NUL."""
    if "\0" in text:
        raise ValueError("holds a NUL character")
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_whole)]


def refuse_unknown(model: str, models: Collection[str]) -> None:
    """Raise NotThere for a model that is not served."""
    if model not in models:
        raise NotThere("There is no such model.", f"There are: {', '.join(models)}.")


def answer(fault: UserError, status: int = 400, param: str = "") -> JSONResponse:
    """A fault in the shape that OpenAI's clients read, and what to do about it."""
    body = fault_body(status, fault.message, param or None, getattr(fault, "kind", None))
    return JSONResponse({"error": {**body["error"], "cure": fault.cure}}, status)


class Told(APIRoute):
    """A route whose faults are told: see STATUS."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of FastAPI with ours around it."""
        handle = super().get_route_handler()

        async def telling(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as fault:
                place, said = wrong(fault)
                return answer(UserError(said), param=place)
            except Busy as fault:
                told = answer(UserError("Too many requests wait already.", "Try again soon."), 429)
                told.headers["Retry-After"] = str(fault.retry_after)
                return told
            except OutOfRoom as fault:
                return answer(UserError(fault.message, ROOM), STATUS[OutOfRoom])
            except UserError as fault:
                return answer(fault, STATUS.get(type(fault), 400))

        return telling
