"""What is wrong with a request, in a sentence: which field, and what is taken instead."""

from __future__ import annotations

import re

from fastapi.exceptions import RequestValidationError

from osler.prompts import PROMPTED

_NO_PENALTY = "tokens are neither favoured nor held down; leave it out, or set it to 0"
_NO_LOGPROBS = "probabilities of tokens are not told; leave it out"
_NO_TOOLS = "models here call no tools; leave it out, and ask in words"
_TOKENS = "takes a whole number of tokens, at least 1"
INSTEAD = {
    "model": "takes the name of a model that is served; /v1/models lists them",
    "messages": 'takes a list of messages, at least 1: {"role": "user", "content": "…"}',
    "messages.role": 'takes "system", "developer", "user" or "assistant"',
    "messages.content": 'takes a text, or parts {"type": "text", "text": "…"}; images, sounds and '
    "files are not read in a conversation, documents are at /app/documents",
    "messages.tool_calls": _NO_TOOLS,
    "max_tokens": _TOKENS,
    "max_completion_tokens": _TOKENS,
    "temperature": "takes a number from 0 to 2",
    "top_p": "takes a number above 0, at most 1",
    "seed": "takes a whole number",
    "stop": "takes a text, or a list of at most 4, of 1 to 200 characters each",
    "stream": "takes true or false",
    "stream_options": 'takes {"include_usage": true}',
    "n": "one answer is made for a request; leave it out, or set it to 1, and ask again for more",
    "frequency_penalty": _NO_PENALTY,
    "presence_penalty": _NO_PENALTY,
    "logit_bias": _NO_PENALTY.replace("0", "{}"),
    "logprobs": _NO_LOGPROBS,
    "top_logprobs": _NO_LOGPROBS,
    "tools": _NO_TOOLS,
    "tool_choice": _NO_TOOLS,
    "functions": _NO_TOOLS,
    "function_call": _NO_TOOLS,
    "response_format": 'answers are plain text; leave it out, or send {"type": "text"}, and ask '
    "for another form in words",
    "modalities": 'answers are text; leave it out, or send ["text"]',
    "audio": "answers are text; leave it out",
    "store": "nothing is stored by this route; leave it out, or send false",
    "user": "takes a text of at most 512 characters, and has no effect",
    "osler": 'takes {"task": "…", "sources": true, "guard": true}',
    "osler.task": f"takes one of {', '.join((*PROMPTED, 'refusal'))}",
    "osler.sources": "takes true or false",
    "osler.guard": "takes true or false",
    "input": "takes a text, or a list of texts, none of them empty",
    "encoding_format": 'takes "float" or "base64"',
    "dimensions": "vectors have 384 numbers; leave it out",
}
"""Of a field, without the numbers of items: what is taken."""


def wrong(found: RequestValidationError) -> tuple[str, str]:
    """Where a request is wrong, and a sentence; no word of what was sent but names of fields."""
    place, kind, said = _most_telling(found)
    known = _instead(place)
    if kind == "missing":
        told = f"is missing; it {known}" if known.startswith("takes") else "is missing"
    elif kind == "string_unicode":
        told = "holds half a character; send whole Unicode text"
    elif kind == "value_error":
        told = said.removeprefix("Value error, ")
    elif kind == "extra_forbidden":
        told = INSTEAD.get(_plain(place), "is not known here; leave it out")
    else:
        told = known or said
    return place, f"{place or 'the request'}: {told}."


def _instead(place: str) -> str:
    """What the nearest field takes that is known: of `messages.0.content.1.type` its content."""
    parts = _plain(place).split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((INSTEAD[name] for name in names if name in INSTEAD), "")


def _plain(place: str) -> str:
    """Without the numbers of items."""
    return re.sub(r"\.\d+", "", place)


def _most_telling(found: RequestValidationError) -> tuple[str, str, str]:
    """Place, kind and message: of several ways to be right, the one it came closest to."""
    error = max(
        found.errors(), key=lambda one: (len(one["loc"]), not one["type"].endswith("_type"))
    )
    kind = error["type"]
    if kind == "json_invalid":  # its place is a character of the body
        return "", "", "not JSON"
    if kind == "model_attributes_type" and error["loc"] == ("body",):
        return "", "", "no JSON object; send one, with Content-Type: application/json"
    kinds = ("body", "query", "path", "str", "constrained-str")
    parts = [str(part) for part in error["loc"] if part not in kinds]
    place = ".".join(part for part in parts if "[" not in part)
    # The name of a field is somebody's, too: half a character could not be sent back.
    return place.encode("utf-8", "replace").decode(), kind, error["msg"]
