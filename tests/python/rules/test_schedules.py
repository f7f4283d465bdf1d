"""Schedules: each is its formula, in Python and in a walk."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import _core
from gradwalk import schedules as s

T = np.arange(1000)
FORMULAS = {
    s.Constant(0.3): np.full(1000, 0.3),
    s.InverseScaling(0.5): 0.5 / (1 + T),
    s.InverseScaling(0.5, tau=40, power=0.6): 0.5 / (1 + T / 40) ** 0.6,
    s.InverseScaling.textbook(5, 50): 5 / (T + 50),
    s.Exponential(0.2, 0.99): 0.2 * 0.99**T,
    s.StepDecay(0.4, factor=0.5, every=150): 0.4 * 0.5 ** (T // 150),
    s.Cosine(0.6, 700, floor=0.01): 0.01
    + 0.59 * (1 + np.cos(np.pi * np.minimum(T, 700) / 700)) / 2,
    s.Linear(0.6, 700, floor=0.01): 0.6 - 0.59 * np.minimum(T, 700) / 700,
    s.Cosine(0.6, 100, 0.01, cycles=3, stretch=2): np.concatenate(
        [0.01 + 0.59 * (1 + np.cos(np.pi * np.arange(k) / k)) / 2 for k in (100, 200, 400)]
        + [np.full(300, 0.01)]
    ),
    s.Cosine(0.6, 100, cycles=2**64 - 1): 0.3 * (1 + np.cos(np.pi * (T % 100) / 100)),
    s.OneCycle(0.6, 700, rise=0.2, divisor=10, final_divisor=50): np.select(
        [T < 140, T < 700],
        [
            0.6 - 0.54 * (1 + np.cos(np.pi * T / 140)) / 2,
            0.0012 + 0.5988 * (1 + np.cos(np.pi * (T - 140) / 560)) / 2,
        ],
        0.0012,
    ),
    s.Warmup(20, s.Exponential(0.2, 0.99)): np.where(
        T < 20, 0.2 * (T + 1) / 20, 0.2 * 0.99 ** np.maximum(T - 20.0, 0)
    ),
}
every_schedule = pytest.mark.parametrize(
    ("schedule", "rates"), FORMULAS.items(), ids=[repr(schedule) for schedule in FORMULAS]
)


def test_every_schedule_has_a_formula_here():
    assert {type(schedule).__name__ for schedule in FORMULAS} == {*_core.SCHEDULES}


@every_schedule
def test_it_is_its_formula(schedule, rates):
    np.testing.assert_allclose(schedule.at(T), rates, rtol=1e-12)
    assert schedule.at(7) == schedule(7) == schedule.at(T)[7]
    assert isinstance(schedule.at(7), float)
    np.testing.assert_array_equal(schedule.at(T.reshape(10, 100)), schedule.at(T).reshape(10, 100))


# A rate of 0.6 is too large for single rows.
@pytest.mark.filterwarnings("ignore:the walk diverges")
@every_schedule
@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_a_walk_goes_by_it_and_goes_on_with_it(schedule, rates, method):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(70, 2)), rng.normal(size=70)
    settings = {"epochs": 4, "random_state": 2}
    native = method(learning_rate=schedule, **settings).fit(X, y)
    function = method(learning_rate=lambda t: schedule.at(t), **settings).fit(X, y)
    np.testing.assert_array_equal(native.history_.path, function.history_.path)
    last = np.cumsum(native.history_.updates_per_epoch) - 1
    np.testing.assert_allclose(native.history_.learning_rate, rates[last], rtol=1e-12)
    parts = method(learning_rate=schedule, random_state=2)
    for _ in range(4):
        parts.partial_fit(X, y)
    np.testing.assert_array_equal(parts.params_, native.params_)
    assert native.learning_rate is schedule
