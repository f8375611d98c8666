"""/v1/models, /v1/embeddings, /health and /metrics."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from osler.encoder import Encoder
from osler.errors import UserError
from osler.serve.api.chat import GONE
from osler.serve.api.faults import answers
from osler.serve.api.service import Service
from osler.serve.engines.batch import UnknownModel, unknown
from osler.serve.engines.protocol import Served

STARTED = int(time.time())
EMBEDDER = "all-MiniLM-L6-v2"
AT_ONCE = 8
"""Texts between two looks at whether somebody still waits for their vectors."""


class ModelCard(BaseModel):
    """A served model. `osler`: its base, context in tokens, tasks, prompts and digest."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "osler"
    osler: dict[str, Any]


class ModelList(BaseModel):
    """All that is served."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class Health(BaseModel):
    """Whether requests are taken."""

    status: Literal["ready", "draining"]


class EmbeddingRequest(BaseModel):
    """Texts whose vectors are wanted."""

    model_config = ConfigDict(extra="forbid")
    model: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    input: (
        Annotated[str, StringConstraints(min_length=1)]
        | Annotated[
            list[Annotated[str, StringConstraints(min_length=1)]],
            Field(min_length=1, max_length=2048),
        ]
    )
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Literal[384] | None = None
    user: Annotated[str, StringConstraints(max_length=512)] | None = None


class Embedding(BaseModel):
    """A vector: numbers, or their bytes (float32, little-endian) in base64."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    """Word pieces that were read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """Vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/v1/models", responses=answers(503))
    async def list_models() -> ModelList:
        """What is served, the base first."""
        return ModelList(data=[_card(one) for one in service.engine.models.values()])

    @routes.get("/v1/models/{model}", responses=answers(404, 503))
    async def retrieve_model(model: str) -> ModelCard:
        """One of the served models."""
        if model not in service.engine.models:
            raise unknown(model, service.engine.models)
        return _card(service.engine.models[model])

    one_at_a_time = asyncio.Semaphore()  # long texts take a while, and chats need the encoder too

    @routes.post(
        "/v1/embeddings", response_model=EmbeddingList, responses=answers(400, 404, 408, 413, 503)
    )
    async def embeddings(asked: EmbeddingRequest, request: Request) -> EmbeddingList | Response:
        """Vectors of texts; of a text the first 256 word pieces are read."""
        encoder, texts = _refuse(asked, service)
        vectors: list[Any] = []
        async with one_at_a_time:
            for start in range(0, len(texts), AT_ONCE):
                if await request.is_disconnected():
                    return Response(status_code=GONE)
                some = texts[start : start + AT_ONCE]
                vectors.extend(await run_in_threadpool(encoder.embed, some))
            read = await run_in_threadpool(encoder.count, texts)
        return _embedded(asked, vectors, read)

    @routes.get(
        "/metrics", response_class=Response,
        responses={200: {"content": {CONTENT_TYPE_LATEST: {}}}, **answers()},
    )  # fmt: skip
    async def metrics() -> Response:
        """Counters, for Prometheus."""
        return Response(service.counts.text(), media_type=CONTENT_TYPE_LATEST)

    return routes


def open_router(service: Service) -> APIRouter:
    """The route that needs no token."""
    routes = APIRouter()

    @routes.get(
        "/health", response_model=Health,
        responses={
            421: answers()[421],
            503: {"model": Health, "description": "It is shutting down."},
        },
    )  # fmt: skip
    async def health() -> Response:
        """Whether requests are taken. Needs no token."""
        status = "draining" if service.draining else "ready"
        return JSONResponse({"status": status}, 503 if service.draining else 200)

    return routes


def _card(one: Served) -> ModelCard:
    told = {
        "base": one.base, "context": one.context, "tasks": list(one.tasks),
        "prompts": dict(one.prompts or {}), "digest": one.digest,
    }  # fmt: skip
    return ModelCard(id=one.name, created=STARTED, osler=told)


def _refuse(asked: EmbeddingRequest, service: Service) -> tuple[Encoder, list[str]]:
    """The encoder and the texts, or UserError."""
    encoder = service.encoder
    if encoder is None or asked.model != EMBEDDER:
        named = f" Vectors: {EMBEDDER}." if encoder is not None else " No vectors are served."
        raise UnknownModel(f"No model for vectors is called {asked.model[:100]}.", named.strip())
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    most = service.settings.limits.inputs
    if len(texts) > most:
        raise UserError(f"{len(texts)} texts; at most {most} in one request.", "Send fewer.")
    return encoder, texts


def _embedded(asked: EmbeddingRequest, vectors: Sequence[Any], read: int) -> EmbeddingList:
    data = [
        Embedding(index=index, embedding=_written(vector, asked.encoding_format))
        for index, vector in enumerate(vectors)
    ]
    usage = EmbeddingUsage(prompt_tokens=read, total_tokens=read)
    return EmbeddingList(data=data, model=EMBEDDER, usage=usage)


def _written(vector: Any, form: str | None) -> list[float] | str:
    if form == "base64":
        return base64.b64encode(vector.astype(np.dtype("<f4")).tobytes()).decode()
    return vector.tolist()
