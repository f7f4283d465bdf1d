"""`history_.verdict` on walks whose kind is fixed by how they are made."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import gradwalk as gw


def data(rng, loss):
    n, d = int(rng.integers(30, 120)), int(rng.integers(2, 6))
    X = rng.normal(size=(n, d))
    y = X @ rng.normal(size=d) + 0.3 * rng.normal(size=n) + rng.normal()
    return X, (y > np.median(y)).astype(float) if loss == "log_loss" else y


def walk(seed, share, epochs, *, both=True, **fit):
    """BatchGD at `share` of 1/L on least squares, or (every second one) on a logistic problem."""
    rng = np.random.default_rng(seed)
    loss = "log_loss" if both and seed % 2 else "mse"
    X, y = data(rng, loss)
    l2 = 0.05 if loss == "log_loss" else 0.0
    rate = share * gw.max_learning_rate(X, y, loss=loss, l2=l2) / 2
    model = gw.BatchGD(loss, learning_rate=rate, epochs=epochs, l2=l2)
    start = rng.normal(size=X.shape[1] + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        return model.fit(X, y, init=start, **fit)


def saturated(seed):
    """A neuron whose scores all lie far out, on the wrong side."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.5, 1.5, size=(50, 2))
    loss = "tanh_mse" if seed % 2 else "sigmoid_mse"
    y = np.full(50, -0.5 if seed % 2 else 0.1)
    model = gw.BatchGD(loss, learning_rate=0.1, epochs=300)
    return model.fit(X, y, init=[5.0, 5.0, 5.0])


KINDS = {
    "converged": lambda seed: walk(seed, 1.0, 3000),
    "still descending": lambda seed: walk(seed, 1e-3, 100),
    "oscillating": lambda seed: walk(seed, 2.0, 300, both=False),
    "diverging": lambda seed: walk(seed, 2.2, 150, both=False, full_loss=True),
    "plateau": saturated,
}


def test_at_most_four_verdicts_of_two_hundred_are_wrong():
    wrong = [
        (kind, seed, str(model.history_.verdict))
        for kind, make in KINDS.items()
        for seed in range(40)
        if (model := make(seed)).history_.verdict.kind != kind
    ]
    print(f"{len(wrong)} of 200 wrong", *wrong, sep="\n")
    assert len(wrong) <= 4, wrong


@pytest.mark.parametrize("kind", KINDS)
def test_a_verdict_is_a_word_and_a_sentence_with_figures(kind):
    verdict = KINDS[kind](7).history_.verdict
    assert str(verdict) == f"{verdict.word}: {verdict.sentence}"
    assert verdict.kind == kind
    assert kind in repr(verdict)
    assert set(verdict.figures) >= {"loss", "steps"}
    assert any(letter.isdigit() for letter in verdict.sentence)
    assert "nan" not in verdict.sentence.lower()
    assert verdict == KINDS[kind](7).history_.verdict
    assert hash(verdict) == hash(KINDS[kind](7).history_.verdict)


@pytest.mark.parametrize("epochs", [1, 2, 3])
@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_a_short_walk_has_a_verdict_too(method, epochs):
    X, y = data(np.random.default_rng(0), "mse")
    for record in ("auto", "epoch", None):
        model = method(epochs=epochs, random_state=0, record=record).fit(X, y)
        verdict = model.history_.verdict
        assert verdict.kind in KINDS
        assert "nan" not in verdict.sentence.lower()


def test_a_loss_of_zero_has_converged():
    X = np.ones((5, 1))
    model = gw.BatchGD(epochs=20, fit_intercept=False).fit(X, np.zeros(5))
    assert model.history_.verdict.kind == "converged"
