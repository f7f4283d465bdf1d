"""Verdicts against the truth: 500 walks whose kind is known, in whatever units.

And ``converged_``: never of a walk that has got nowhere, always of one that has arrived.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gradwalk as gw
from verdict_makings import MAKINGS, converged, data, diverging, too_small, walked
from verdict_walks import KINKED, METHODS, RULES


def scales(walk, seed):
    """Ways to write the walk in other units, by a power of ten; or a number added to f."""
    rng = np.random.default_rng([9, seed])
    for what in walk.ways():
        power = int(rng.choice([k for k in range(-6, 7) if k]))
        yield what, 10.0 ** (power / 2 if what == "added" else power)


@pytest.mark.parametrize("make", MAKINGS, ids=lambda make: make.__name__)
def test_verdicts_are_true_in_any_units(make):
    """Of the 500, five may be wrong; none may change with the units."""
    wrong, changed = [], []
    for seed in range(MAKINGS[make]):
        walk, model = walked(make, seed)
        verdict = model.history_.verdict
        told = f"{make.__name__}({seed}), {walk.method.__name__} {walk.loss} {walk.rule}: {verdict}"
        if verdict.kind != walk.kind:
            wrong.append(told)
        for what, scale in scales(walk, seed):
            other = walk.scaled(what, scale).run().history_.verdict
            if other.kind != verdict.kind:
                changed.append(f"{told}, but with {what} by {scale:g} {other}")
    allowed = {"converged": 1, "too_few": 2, "valley": 2}
    assert len(wrong) <= allowed.get(make.__name__, 0), "\n".join(wrong)
    assert not changed, "\n".join(changed)


def test_all_methods_losses_and_rules_take_part():
    walks = [make(seed) for make, count in MAKINGS.items() for seed in range(count)]
    assert len(walks) == 500
    assert {walk.loss for walk in walks} == set(gw.LOSSES)
    assert {walk.rule for walk in walks} == set(RULES)
    assert len({walk.method for walk in walks}) == 3
    assert {way for walk in walks for way in walk.ways()} == {"X", "y", "f", "added"}


def with_tolerance(walk, tol, **settings):
    """The same, stopped by a tolerance; of a function by its gradient, too."""
    return replace(walk, settings=walk.settings | {"tol": tol} | settings)


@pytest.mark.parametrize("make", [diverging, too_small], ids=lambda make: make.__name__)
def test_nowhere_is_never_converged(make):
    """Of 200 walks that end above their start, or have made less than 1 % of the way, none."""
    wrong, by_tolerance = [], 0
    for seed in range(100):
        walk = with_tolerance(make(seed), 10.0 ** -(seed % 5 + 2), patience=seed % 4 + 1)
        model = walk.run()
        by_tolerance += model.stop_reason_ in ("tolerance met", "no improvement")
        if model.converged_:
            wrong.append(f"{seed}: {model.history_.verdict}")
    assert by_tolerance >= 50
    assert not wrong, "\n".join(wrong)


def test_where_a_tolerance_has_led_to_the_minimum_it_has_converged():
    """Of 200 walks that a tolerance ended within 1e-6 of the minimum, all."""
    wrong, seen = [], 0
    for seed in range(0, 6000):
        walk = converged(seed)
        # Where slopes do not shrink, the fall is the fastest just before the end: the verdict may
        # take it for one under way.
        if walk.method is not gw.BatchGD or walk.loss in KINKED:
            continue
        walk = with_tolerance(replace(walk, decay=None), 1e-9)
        walk = replace(walk, epochs=40_000)
        model = walk.run()
        if model.stop_reason_ != "tolerance met" or walk.left(model) > 1e-6:
            continue
        seen += 1
        if not model.converged_:
            wrong.append(f"{seed} {walk.loss} {walk.rule}: {model.history_.verdict}")
        if seen == 200:
            break
    assert seen == 200
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("make", MAKINGS, ids=lambda make: make.__name__)
def test_a_verdict_is_a_word_and_a_sentence_with_figures(make):
    walk, model = walked(make, 7)
    verdict = model.history_.verdict
    assert str(verdict) == f"{verdict.word}: {verdict.sentence}"
    assert verdict.kind == walk.kind
    assert walk.kind in repr(verdict)
    assert set(verdict.figures) >= {"loss", "steps"}
    assert any(letter.isdigit() for letter in verdict.sentence)
    assert "nan" not in verdict.sentence.lower()
    again = walk.run().history_.verdict
    assert again == verdict
    assert hash(again) == hash(verdict)


@pytest.mark.parametrize("epochs", [1, 2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_a_short_walk_has_a_verdict_too(method, epochs):
    X, y, _ = data(np.random.default_rng(0), "mse")
    for record in ("auto", "epoch", None):
        model = method(epochs=epochs, random_state=0, record=record).fit(X[:, 1:], y)
        verdict = model.history_.verdict
        assert verdict.kind in {make(0).kind for make in MAKINGS}
        assert "nan" not in verdict.sentence.lower()


def test_a_loss_of_zero_has_converged():
    X = np.ones((5, 1))
    model = gw.BatchGD(epochs=20, fit_intercept=False).fit(X, np.zeros(5))
    assert model.history_.verdict.kind == "converged"
