"""What /openapi.json says is true of what is served."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from tests.serve.api.conftest import BEARER, MakeService, client

from osler.encoder import Encoder
from osler.serve.api.app import make_app


def test_requests_made_from_the_schema_are_answered_as_it_says(service: MakeService) -> None:
    """Right and wrong ones. Half of those with a body are for a model that is there, and short."""
    names = frozenset({"testserver"})
    app = make_app(service(encoder=Encoder("tests", ""), names=names))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=BEARER)
    made = [operation.ok() for operation in schema.get_all_operations()]
    assert len(made) == 6
    for operation in made:
        meets_no_fault(operation)


def meets_no_fault(operation: Any) -> None:
    """Of an operation, with requests that the schema allows and others."""
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @given(case=cases)
    @settings(
        max_examples=40, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: Any) -> None:
        # What no schema says is refused too: that the last message is the user's, for one.
        unknown = [positive_data_acceptance]
        if isinstance(case.body, dict) and len(str(case.body)) % 2:
            unknown.append(negative_data_rejection)  # what was wrong may have been the model
            chat = "messages" in case.body
            case.body |= {"model": "base" if chat else "all-MiniLM-L6-v2"}
            case.body |= {"max_tokens": 3, "max_completion_tokens": 3} if chat else {}
        response = case.call(headers=BEARER)
        assert response.status_code < 500, response.text
        case.validate_response(response, headers=BEARER, excluded_checks=unknown)

    ask()


def test_it_describes_what_is_served(service: MakeService) -> None:
    with client(service()) as asks:
        paths = asks.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/v1/chat/completions", "/v1/models", "/v1/models/{model}", "/v1/embeddings", "/health",
        "/metrics",
    }  # fmt: skip
    completions = paths["/v1/chat/completions"]["post"]
    assert {"200", "400", "401", "404", "413", "429", "503"} <= set(completions["responses"])
    assert completions["security"]
    assert "security" not in paths["/health"]["get"]
