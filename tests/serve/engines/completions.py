"""A server that is asked as llama-server and vLLM are: nano, by tokens.

Run with a port and a key.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from osler.recipe import Model
from osler.serve.engines.batch import Batch
from osler.serve.engines.lane import LaneStream
from osler.serve.engines.menu import Weights
from osler.serve.running import Row


def make_app(key: str) -> FastAPI:
    """Its app. /health tells its process and how many answers are being written."""
    engine = Batch([Weights("nano", Model(id="nano"), Path(), "")])
    app = FastAPI()

    @app.get("/health")
    async def health() -> dict[str, int]:
        return {"process": os.getpid(), "running": engine.load.running}

    @app.post("/v1/completions")
    async def completions(request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {key}":
            return JSONResponse({}, 401)
        asked = await request.json()
        row = Row(None, asked["prompt"], asked["max_tokens"])
        stream = engine.lane(asked["model"]).start(row, asked.get("stop", ()))
        return StreamingResponse(lines(stream), media_type="text/event-stream")

    return app


async def lines(stream: LaneStream) -> AsyncGenerator[str, None]:
    """The answer as chunks."""

    def line(text: str, reason: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "text": text, "finish_reason": reason}
        return f"data: {json.dumps({'choices': [choice], **more})}\n\n"

    async with aclosing(stream):
        async for piece in stream:
            yield line(piece)
        end = stream.end
        assert end is not None
        told = {"prompt_tokens": end.prompt_tokens, "completion_tokens": end.completion_tokens}
        yield line("", end.reason, usage=told)
        yield "data: [DONE]\n\n"


if __name__ == "__main__":
    uvicorn.run(make_app(sys.argv[2]), port=int(sys.argv[1]), log_level="warning")
