"""The loss without logits is the loss with logits."""

from __future__ import annotations

import pytest
import torch

from osler.engine import loss as engine_loss
from osler.engine.loss import score_tokens
from osler.engine.packing import IGNORED


def sample(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden states [n, 24] and an output layer of 300 pieces."""
    torch.manual_seed(0)
    return torch.randn(len(labels), 24, requires_grad=True), torch.randn(300, 24)


LABELS = {
    "all": torch.arange(600) % 300,
    "one": torch.where(torch.arange(600) == 411, 7, IGNORED),
    "ignored at both ends": torch.where(
        (torch.arange(600) < 5) | (torch.arange(600) > 590), IGNORED, 3
    ),
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("compiled", [False, True])
def test_value_and_gradient_are_those_of_cross_entropy(
    kind: str, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_loss, "LOGITS", 300 * 256)  # several pieces
    labels = LABELS[kind]
    hidden, weight = sample(labels)
    found = -score_tokens(hidden, weight, labels, compiled=compiled).log_probs.sum()
    (slope,) = torch.autograd.grad(found, hidden)
    plain = torch.nn.functional.cross_entropy(hidden @ weight.t(), labels, reduction="sum")
    (expected,) = torch.autograd.grad(plain, hidden)
    torch.testing.assert_close(found, plain, rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(slope, expected, rtol=1e-4, atol=1e-5)


def test_each_token_may_weigh_differently() -> None:
    labels = LABELS["all"]
    hidden, weight = sample(labels)
    weights = torch.rand(600)
    (found,) = torch.autograd.grad(
        (score_tokens(hidden, weight, labels).log_probs * weights).sum(), hidden
    )
    chosen = torch.log_softmax(hidden @ weight.t(), -1).gather(1, labels[:, None])[:, 0]
    (expected,) = torch.autograd.grad((chosen * weights).sum(), hidden)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_without_any_label_the_loss_is_zero_and_so_is_its_gradient() -> None:
    labels = torch.full((600,), IGNORED)
    hidden, weight = sample(labels)
    scores = score_tokens(hidden, weight, labels)
    (slope,) = torch.autograd.grad(scores.log_probs.sum(), hidden)
    assert not scores.log_probs.any()
    assert not slope.any()


def test_entropy_and_the_likeliest_piece_are_those_of_the_prediction() -> None:
    labels = LABELS["all"]
    hidden, weight = sample(labels)
    scores = score_tokens(hidden, weight, labels)
    distribution = torch.distributions.Categorical(logits=hidden @ weight.t())
    torch.testing.assert_close(scores.entropy, distribution.entropy(), rtol=1e-4, atol=1e-5)
    assert torch.equal(scores.is_top1, (distribution.logits.argmax(-1) == labels).float())


def test_an_output_layer_that_is_trained_is_refused() -> None:
    hidden, weight = sample(LABELS["all"])
    with pytest.raises(ValueError, match="is trained"):
        score_tokens(hidden, weight.requires_grad_(), LABELS["all"])
