"""The Rust core and its NumPy twin walk the same walks.

Rounding differs between the two (they add in different orders), so they agree to a tolerance.
Where the slope of a loss jumps, at the kinks of mae and hinge, a rounding error could pick the
other side and the walks would part by a whole step, both of them right. Random walks that come
that near to a kink are drawn again (`random_walks.MARGIN`); what happens *on* a kink is tested
on numbers that leave nothing to round.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import gradwalk as gw
from gradwalk import reference
from loss_kinds import COUNTS, KINKED, TWO_CLASSES
from random_walks import (
    METHODS,
    ORDERS,
    RATES,
    Case,
    distance_to_jump,
    draw_case,
    learning_rate,
    reference_walk,
    stability_limit,
    walk,
)

N_CASES = 5 * 2 * 3 * len(gw.LOSSES)  # every loss, precision and method

# Data of chance have classes without rows: see test_hints.
pytestmark = [
    pytest.mark.filterwarnings("ignore:y holds one class alone"),
    pytest.mark.filterwarnings("ignore:y has no row of class"),
]


def assert_close(got: Any, expected: Any, tolerance: float, scale: float | None = None) -> None:
    """To `tolerance` of the norm of what is expected, or of `scale`."""
    assert got.shape == expected.shape
    scale = np.linalg.norm(expected) if scale is None else scale
    assert np.linalg.norm(got - expected) <= tolerance * scale


def assert_same_walk(model: Any, seen: reference.Walk, case: Case, scale: float = 0.0) -> None:
    """Parameters, path and losses agree, relative to their size or to `scale` if that is more."""
    tolerance, history = case.tolerance, model.history_
    assert model.params_.dtype == case.X.dtype == seen.params.dtype
    assert model.n_updates_ == seen.n_updates == len(history.update_loss)
    assert model.n_epochs_ == case.settings["epochs"]
    np.testing.assert_array_equal(history.path_update, np.arange(seen.n_updates + 1))
    largest = np.linalg.norm(seen.params)
    assert_close(model.params_, seen.params, tolerance, max(largest, scale))
    # On its way theta may be much smaller than the steps it makes: the longest one so far is
    # what each is compared to.
    largest = scale
    for got, expected in zip(history.path, seen.path, strict=True):
        largest = max(largest, float(np.linalg.norm(expected)))
        assert_close(got, expected, tolerance, largest)
    # Losses are means of terms of one sign: relative to the largest, for some are nearly 0.
    for got, expected in ((history.update_loss, seen.update_loss), (history.loss, seen.loss)):
        assert got.dtype == np.float64
        floor = tolerance * max(float(expected.max()), scale)
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=floor)


@pytest.mark.parametrize("seed", range(N_CASES))
def test_random_walks_agree(seed):
    case, seen = draw_case(seed)
    assert np.isfinite(seen.params).all()
    assert_same_walk(walk(case), seen, case)


def test_the_random_walks_are_of_every_kind():
    """What the 300 cases promise to cover, counted."""
    cases = [draw_case(seed)[0] for seed in range(N_CASES)]
    kinds = Counter((case.settings["loss"], case.X.dtype.name, case.method) for case in cases)
    assert len(kinds) == len(gw.LOSSES) * 2 * 3
    assert set(kinds.values()) == {5}
    counts: Counter[Any] = Counter()
    for case in cases:
        n, d = case.X.shape
        assert 1 <= n <= 500
        assert 1 <= d <= 40
        order = case.given["order"]
        counts["order", case.kind["order"]] += 1
        counts["order is", type(order).__name__] += 1
        counts["rate", case.kind["rate"]] += 1
        counts["intercept", case.settings["fit_intercept"]] += 1
        counts["weights", "sample_weight" in case.given] += 1
        counts["l2", case.settings["l2"] > 0] += 1
        counts["init", "init" in case.given] += 1
        counts["drop_last", case.batching.get("drop_last")] += 1
        counts["epochs", case.settings["epochs"] > 1] += 1
        counts["y", case.y.ndim] += 1
        counts["signs", set(np.unique(case.y)) == {-1, 1}] += 1
    for key in [("order", kind) for kind in ORDERS] + [("rate", kind) for kind in RATES]:
        assert counts[key] >= 20, key
    for key in ("intercept", "weights", "l2", "init"):
        assert min(counts[key, True], counts[key, False]) >= 60, key
    assert counts["order is", "ndarray"] >= 40
    assert counts["order is", "list"] >= 40
    assert min(counts["drop_last", True], counts["drop_last", False]) >= 20
    assert counts["epochs", True] >= 200
    assert min(counts["y", 2], counts["signs", True]) >= 10


def test_a_wrong_reference_would_be_noticed(monkeypatch):
    """A slope that is off by one in a million is found, in every case of that loss."""
    monkeypatch.setitem(
        reference.LOSSES, "half_mse", lambda z, y: ((z - y) ** 2 / 2, (z - y) * (1 + 1e-6))
    )
    turn = 2 * len(gw.LOSSES)
    in_double = [seed for seed in range(N_CASES) if seed % turn == gw.LOSSES.index("half_mse")]
    assert len(in_double) >= N_CASES // turn
    for seed in in_double:
        case, seen = draw_case(seed)
        assert case.settings["loss"] == "half_mse"
        with pytest.raises(AssertionError):
            assert_same_walk(walk(case), seen, case)


numbers = st.floats(-3, 3, allow_subnormal=False, width=32)


@st.composite
def small_cases(draw: Any) -> Case:
    """A walk over a handful of rows, all of it in sight."""
    loss, method = draw(st.sampled_from(gw.LOSSES)), draw(st.sampled_from(list(METHODS)))
    n, d = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    epochs = draw(st.integers(1, 5))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    X = draw(arrays(dtype, (n, d), elements=numbers))
    case = Case(method, X, X[:, 0], X[:, 0], {"loss": loss, "epochs": epochs})
    case.settings["fit_intercept"] = draw(st.booleans())
    case.settings["l2"] = draw(st.sampled_from([0.0, 0.25]))
    if loss == "cross_entropy":
        case.settings["n_classes"] = 3
        case.labels = draw(arrays(np.int64, n, elements=st.integers(0, 2)))
    elif loss in TWO_CLASSES:
        case.labels = draw(arrays(np.int64, n, elements=st.integers(0, 1)))
    else:
        case.labels = draw(arrays(np.float64, n, elements=numbers))
    if loss in COUNTS:
        case.labels = np.abs(case.labels)
    case.y = case.labels
    if draw(st.booleans()):
        weights = st.floats(0, 4, allow_subnormal=False)
        case.given["sample_weight"] = draw(arrays(np.float64, n, elements=weights))
        assume(case.given["sample_weight"].max() > 0.1)
    if method == "MiniBatchGD":
        case.batching = {"batch_size": draw(st.integers(1, 9)), "drop_last": draw(st.booleans())}
    least = min(case.batching.get("batch_size", 1), n)
    rows = st.lists(st.integers(0, n - 1), min_size=least, max_size=10)
    case.given["order"] = draw(st.none() | st.lists(rows, min_size=epochs, max_size=epochs))
    case.kind["order"] = "none" if case.given["order"] is None else "ragged"
    eta = draw(st.floats(0.05, 0.95)) * min(stability_limit(case), 10.0)
    case.settings["learning_rate"] = learning_rate(draw(st.sampled_from(RATES)), eta)
    return case


@pytest.mark.filterwarnings("ignore::gradwalk.DivergenceWarning")
@settings(max_examples=300)
@given(case=small_cases())
def test_small_walks_agree(case):
    seen = reference_walk(case)
    assume(distance_to_jump(case, seen) > 1e-4)
    # Such data cancel by chance, to the last digit in the one and not in the other: theta is
    # compared to the data, which are of order 1, where it is smaller.
    assert_same_walk(walk(case), seen, case, scale=1.0)


@settings(max_examples=150)
@given(case=small_cases(), data=st.data())
def test_loss_and_grad_agrees(case, data):
    """One evaluation, at parameters and on rows of any kind."""
    loss, n = case.settings["loss"], len(case.X)
    p = case.X.shape[1] + case.settings["fit_intercept"]
    shape = (p, 3) if loss == "cross_entropy" else (p,)
    params = data.draw(arrays(case.X.dtype, shape, elements=numbers))
    rows = data.draw(st.none() | st.lists(st.integers(0, n - 1), min_size=1, max_size=12))
    options = {key: case.settings[key] for key in ("loss", "l2", "fit_intercept")}
    options |= {"rows": rows, "sample_weight": case.given.get("sample_weight")}
    here = Case("BatchGD", case.X, case.y, case.labels, case.settings)
    path = np.array([params, params])
    here.given["order"] = [np.arange(n)]
    seen = reference.Walk(params, path, np.zeros(1), np.zeros(1), 1)
    assume(distance_to_jump(here, seen) > 1e-4)
    value, grad = gw.loss_and_grad(case.X, case.y, params, **options)
    expected, slope = reference.loss_and_grad(case.X, case.y, params, **options)
    tolerance = 2e-6 if case.X.dtype == np.float32 else 1e-14
    # The terms of the sums, which may cancel: a score, its distance to a target of at most 3,
    # their square, or that distance times a row.
    far = 3 + float(np.abs(np.column_stack([np.ones(n), case.X])).sum(axis=1).max() * 3)
    weights = case.given.get("sample_weight")
    heaviest = 1.0 if weights is None else float(weights.max() / weights.mean())
    scale = 2 * heaviest * far**2
    if loss in COUNTS:  # an error of z is one of e^z, as a share of it
        columns = [np.ones(n), case.X] if case.settings["fit_intercept"] else [case.X]
        scale *= max(1.0, float(np.exp(np.column_stack(columns) @ params).max()))
    assert value == pytest.approx(expected, rel=0, abs=tolerance * scale)
    assert grad.dtype == case.X.dtype
    assert_close(grad, slope, tolerance, scale)


@pytest.mark.filterwarnings("ignore::gradwalk.DivergenceWarning")
@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("loss", KINKED)
def test_on_a_kink_both_take_the_same_slope(loss, method):
    """Small whole numbers over powers of two: every sum is exact, and walks do meet kinks."""
    met = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = rng.integers(-2, 3, (8, 2)) * 1.0
        labels = rng.integers(-2, 3, 8) * 0.5 if loss == "mae" else rng.integers(0, 2, 8)
        case = Case(method, X, labels, labels, {"loss": loss, "epochs": 6, "learning_rate": 0.25})
        case.settings |= {"fit_intercept": bool(seed % 2), "l2": 0.0}
        case.given["order"] = [rng.permutation(8) for _ in range(6)]
        if method == "MiniBatchGD":
            case.batching = {"batch_size": (2, 4)[seed % 2]}
        seen = reference_walk(case)
        model = walk(case)
        np.testing.assert_array_equal(model.history_.path, seen.path)
        np.testing.assert_array_equal(model.history_.update_loss, seen.update_loss)
        met += distance_to_jump(case, seen) == 0
    assert met >= 10


@pytest.mark.parametrize("method", ["SGD", "MiniBatchGD"])
def test_sequential_sampling_is_the_order_of_the_rows(method):
    """Without an order the same bits come out as with one that says the same."""
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(23, 3)), rng.normal(size=23)
    make = METHODS[method]
    plain = make(epochs=4, sampling="sequential").fit(X, y)
    replayed = make(epochs=4).fit(X, y, order=[np.arange(23)] * 4)
    np.testing.assert_array_equal(plain.history_.path, replayed.history_.path)
    np.testing.assert_array_equal(plain.history_.loss, replayed.history_.loss)


@pytest.mark.parametrize("flat", [False, True])
def test_init_says_how_many_classes_there_are(flat):
    """K comes from init where n_classes does not say it: flat, its length over the rows of θ."""
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(12, 2)), rng.integers(0, 2, 12)
    init = rng.normal(size=(3, 4))
    given = {"init": init.ravel() if flat else init}
    settings = {"loss": "cross_entropy", "epochs": 3, "learning_rate": 0.1}
    seen = reference.batch_gd(X, y, **settings, **given)
    model = gw.BatchGD(**settings).fit(X, y, **given)
    assert model.params_.shape == (3, 4)
    assert_close(model.params_, seen.params, 1e-12)
    value, grad = gw.loss_and_grad(X, y, given["init"], loss="cross_entropy")
    expected, slope = reference.loss_and_grad(X, y, given["init"], loss="cross_entropy")
    assert value == pytest.approx(expected, rel=1e-13)
    assert_close(grad, slope, 1e-13)
