"""Errors as OpenAI's API writes them."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from osler.errors import UserError
from osler.serve.api.wrong import wrong
from osler.serve.assistant.conversation import TooLong as DoesNotFit
from osler.serve.engines.batch import UnknownModel
from osler.serve.engines.protocol import Busy, Failed, TooLong


class Fault(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class FaultBody(BaseModel):
    """An error."""

    error: Fault


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for its OpenAPI."""
    about = {
        400: "The request cannot be carried out; the message says why.",
        401: "No token, or a wrong one.",
        404: "Not there.",
        408: "The request did not arrive in time.",
        409: "There is no room for more, or it is switched off.",
        413: "The request is too large.",
        421: "Asked under a name that is not this server's.",
        429: "No answer can be begun now; Retry-After says in how many seconds to try again.",
        500: "The answer could not be ended.",
        503: "The server is shutting down, or a file of its own cannot be used.",
        507: "The server's disk is full.",
    }
    common = (401, 421)
    return {
        status: {"model": FaultBody, "description": about[status]}
        for status in sorted({*common, *statuses})
    }


def fault(
    status: int, message: str, *, param: str | None = None, code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:  # fmt: skip
    """An error as a response."""
    return JSONResponse(
        fault_body(status, message, param, code), status, headers=dict(headers or {})
    )


def fault_body(
    status: int, message: str, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """An error as JSON."""
    kinds = {401: "authentication_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "invalid_request_error" if status < 500 else "server_error")
    one = Fault(message=message, type=kind, param=param, code=code)
    return FaultBody(error=one).model_dump()


def of_exception(found: Exception) -> JSONResponse:
    """What a request is told of an exception. Raises it again when it is a fault of ours."""
    said = str(found).replace("\n", " ")
    match found:
        case UnknownModel():
            return fault(404, said, param="model", code="model_not_found")
        case TooLong() | DoesNotFit():
            return fault(400, said, param="messages", code="context_length_exceeded")
        case UserError():
            return fault(400, said)
        case Busy():
            wait = {"Retry-After": str(found.retry_after)}
            said = f"No answer can be begun now. Try again in {found.retry_after} s."
            return fault(429, said, code="queue_full", headers=wait)
        case Failed():
            return fault(500, f"The answer could not be ended ({found.kind}).", code=found.kind)
        case _:
            raise found


def where(found: BaseException) -> str:
    """Class and place of a fault, for the log. Its text may be the user's."""
    frames = traceback.extract_tb(found.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(found).__name__}{place}"


def add_handlers(app: FastAPI) -> None:
    """Give all errors of an app that form."""

    async def known(_request: Request, found: Exception) -> JSONResponse:
        return of_exception(found)

    async def http(_request: Request, found: Exception) -> JSONResponse:
        assert isinstance(found, HTTPException)
        return fault(found.status_code, str(found.detail), headers=found.headers)

    async def invalid(_request: Request, found: Exception) -> JSONResponse:
        assert isinstance(found, RequestValidationError)
        place, said = wrong(found)
        return fault(400, said, param=place or None)

    for kind in (UserError, Busy, Failed):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
