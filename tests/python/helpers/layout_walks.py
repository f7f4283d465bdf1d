"""Random walks over data of every layout and dtype, held to the reference and to plain copies.

`draw_case` draws one and lets the reference walk it; `check` lets gradwalk.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from array_forms import (
    DTYPES,
    FAITHFUL,
    INTEGERS,
    LAYOUTS,
    SIGNED,
    Array,
    lay,
    plain,
    small_numbers,
)
from gradwalk import reference
from loss_kinds import CLASSES, COUNTS, KINKED, NO_LIMIT, PROBABILITIES, TWO_CLASSES
from random_problems import targets
from random_walks import (
    MARGIN,
    METHODS,
    Case,
    distance_to_jump,
    reference_walk,
    stability_limit,
    walk,
)

PAIRS = [(layout, dtype) for layout in LAYOUTS for dtype in DTYPES]


def in_any_form(values: Array, rng: np.random.Generator, dtypes: tuple[str, ...]) -> Array:
    """`values` in a random one of the dtypes and a random layout that keeps their places."""
    return lay(values.astype(rng.choice(dtypes)), rng.choice(FAITHFUL))


def draw_targets(case: Case, K: int, rng: np.random.Generator) -> None:
    """y in any form that the loss takes."""
    loss, n = case.settings["loss"], len(case.X)
    case.labels = targets(loss, np.zeros((n, K) if loss == "cross_entropy" else n), rng)
    if loss not in CLASSES:
        # Whole numbers beside real ones; not 0, where mae would have its kink at once.
        real = rng.random() < 0.5
        case.labels = np.round(case.labels, 3) if real else rng.integers(1, 5, n)
        case.y = in_any_form(
            case.labels, rng, ("f2", "f4", "f8", ">f8", ">f4") if real else DTYPES[1:]
        )
        case.labels = plain(case.y)
    elif loss == "cross_entropy" and rng.random() < 0.5:
        case.y = in_any_form(np.eye(K)[case.labels], rng, DTYPES)
    elif loss in TWO_CLASSES and rng.random() < 0.5 and case.labels.any():
        case.y = in_any_form(2 * case.labels - 1, rng, SIGNED)
    else:
        case.y = in_any_form(case.labels, rng, DTYPES if case.labels.max() <= 1 else DTYPES[1:])
    if case.y.ndim == 1 and rng.random() < 0.2:
        case.y = case.y[:, None]


def draw_order(n: int, epochs: int, rng: np.random.Generator) -> Any:
    """The rows of each epoch, repeats and all, as an array or a list of arrays in any form."""
    length = int(rng.integers(1, n + 1))
    order = rng.integers(0, n, (epochs, length))
    if rng.random() < 0.5:
        return in_any_form(order, rng, INTEGERS)
    return [in_any_form(rows, rng, INTEGERS) for rows in order]


def draw_once(seed: int, attempt: int) -> Case:
    """Case `seed`, which knows nothing yet about jumps."""
    rng = np.random.default_rng([seed, attempt, 44])
    layout, dtype = PAIRS[seed % len(PAIRS)]
    turn = seed // len(PAIRS)
    loss = gw.LOSSES[(seed + turn) % len(gw.LOSSES)]
    method = list(METHODS)[turn % 3]
    n = int(rng.choice([1, 2, rng.integers(3, 40), rng.integers(3, 40), rng.integers(40, 120)]))
    d = int(rng.choice([1, rng.integers(2, 10), rng.integers(2, 10), rng.integers(10, 24)]))
    # An update is what costs the reference time.
    epochs = int(rng.integers(1, 4)) if method != "SGD" else max(1, min(3, 24 // n))
    X = lay(small_numbers(dtype, (n, d), rng), layout)
    options = {
        "loss": loss,
        "epochs": epochs,
        "fit_intercept": bool(rng.random() < 0.7),
        "l2": float(rng.choice([0.0, 0.1])),
    }
    case = Case(method, X, X, X, options)
    K = int(rng.integers(2, 5))
    draw_targets(case, K, rng)
    if rng.random() < 0.4:
        case.given["sample_weight"] = in_any_form(
            rng.integers(0, 4, n) + (np.arange(n) == 0), rng, DTYPES[1:]
        )
    if rng.random() < 0.5:
        p = d + options["fit_intercept"]
        # Quarters: the same in every dtype of floats.
        init = rng.integers(-8, 9, (p, K) if loss == "cross_entropy" else p) / 4
        init *= loss not in COUNTS  # from elsewhere e^z is large at once
        case.given["init"] = in_any_form(init, rng, ("f2", "f4", "f8", ">f8"))
    if method == "MiniBatchGD":
        case.batching = {"batch_size": int(rng.integers(max(1, n // 5), n + 2))}
    case.given["order"] = draw_order(n, epochs, rng) if rng.random() < 0.4 else None
    case.kind["order"] = "none" if case.given["order"] is None else "replace"
    options["learning_rate"] = float(rng.uniform(0.05, 0.9)) * min(
        stability_limit(plainly(case)), 10
    )
    return case


def draw_case(seed: int) -> tuple[Case, reference.Walk]:
    """Case `seed` and its reference walk, drawn again while a rounding error could decide it."""
    for attempt in range(30):
        case = draw_once(seed, attempt)
        seen = reference_walk(case)
        if case.settings["loss"] not in KINKED:
            return case, seen
        if distance_to_jump(plainly(case), seen) > MARGIN[plain(case.X).dtype.name]:
            return case, seen
    raise AssertionError(f"case {seed} never kept clear of the jumps")


def plainly(case: Case) -> Case:
    """The same case with plain copies of all its arrays."""
    arrays = {
        key: plain(value) for key, value in case.given.items() if key in ("sample_weight", "init")
    }
    order = case.given["order"]
    if order is not None:
        arrays["order"] = [np.array(rows, np.int64) for rows in order]
    return replace(case, X=plain(case.X), y=plain(case.y), given={**case.given, **arrays})


def off(got: Any, expected: Any, scale: float | None = None) -> float:
    """How far the two are apart, relative to the norm of what is expected, or to `scale`."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape
    scale = float(np.linalg.norm(expected)) if scale is None else scale
    distance = float(np.linalg.norm(np.asarray(got, np.float64) - expected))
    return 0.0 if distance == 0 else distance / scale if scale > 0 else np.inf


def same_bits(one: Any, other: Any) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    return (
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )


def record(model: Any) -> dict[str, Any]:
    """All that a walk leaves, but for its seconds."""
    names = "loss full_loss grad_norm validation_loss update_loss path path_update"
    kept = {name: getattr(model.history_, name) for name in names.split()}
    return kept | {"params": model.params_}


def assert_same_bits(model: Any, other: Any) -> None:
    kept = record(other)
    for name, value in record(model).items():
        assert same_bits(value, kept[name]), name


def check(case: Case, seen: reference.Walk, extra: int) -> str:
    """Hold gradwalk's walk of `case` to the reference and to the bits of the plain copy.

    `extra` chooses which of the other functions looks at the same arrays too; its name returns.
    """
    tolerance = 1e-4 if case.X.dtype == np.float32 else 1e-10
    copy, X_before = plainly(case), np.array(case.X)
    model, twin = walk(case), walk(copy)
    assert_same_bits(model, twin)
    assert model.params_.dtype == copy.X.dtype
    largest = max(1e-3, *(float(np.linalg.norm(theta)) for theta in seen.path))
    assert off(model.params_, seen.params, largest) <= tolerance
    losses = seen.update_loss
    assert off(model.history_.update_loss, losses, max(np.linalg.norm(losses), 1e-3)) <= tolerance
    name, function = EXTRAS[extra % len(EXTRAS)]
    function(case, copy, model, twin, tolerance)
    assert same_bits(case.X, X_before), "X was written to"
    return name


def scores(X: Array, params: Array, fit_intercept: bool) -> Array:
    X_b = np.column_stack([np.ones(len(X))] * fit_intercept + [X.astype(np.float64)])
    return X_b @ params.astype(np.float64)


def check_predictions(case: Case, copy: Case, model: Any, twin: Any, tolerance: float) -> None:
    loss = case.settings["loss"]
    z = scores(copy.X, model.params_, case.settings["fit_intercept"])
    got = model.decision_function(case.X)
    assert off(got, z, np.linalg.norm(z) + np.linalg.norm(model.params_)) <= tolerance
    assert same_bits(got, twin.decision_function(copy.X))
    assert same_bits(model.predict(case.X), twin.predict(copy.X))
    assert model.score(case.X, case.y) == twin.score(copy.X, copy.y)
    if loss in PROBABILITIES:
        assert same_bits(model.predict_proba(case.X), twin.predict_proba(copy.X))


def check_loss_and_grad(case: Case, copy: Case, model: Any, twin: Any, tolerance: float) -> None:
    options = {key: case.settings[key] for key in ("loss", "l2", "fit_intercept")}
    weights, copied = (each.given.get("sample_weight") for each in (case, copy))
    order = case.given["order"]
    rows, copied_rows = (None, None) if order is None else (order[0], np.array(order[0], np.int64))
    params = lay(np.atleast_2d(model.params_.T).T, "every third of both")
    params = params.reshape(model.params_.shape)
    value, grad = gw.loss_and_grad(
        case.X, case.y, params, rows=rows, sample_weight=weights, **options
    )
    same_value, same_grad = gw.loss_and_grad(
        copy.X, copy.y, model.params_, rows=copied_rows, sample_weight=copied, **options
    )
    assert value == same_value
    assert same_bits(grad, same_grad)
    expected, slope = reference.loss_and_grad(
        case.X, case.y, model.params_, rows=rows, sample_weight=weights, **options
    )
    assert value == pytest.approx(expected, rel=tolerance, abs=tolerance)
    if case.settings["loss"] not in KINKED:
        # At the end of a walk the gradient is small: a sum of terms that are not.
        assert off(grad, slope, np.linalg.norm(slope) + np.abs(copy.X).max() + 1) <= tolerance


def check_limit(case: Case, copy: Case, model: Any, twin: Any, tolerance: float) -> None:
    if case.settings["loss"] in NO_LIMIT:
        return
    options = {key: case.settings[key] for key in ("loss", "l2", "fit_intercept")}
    for size in (None, 1, 3):
        limits = [
            gw.max_learning_rate(
                each.X,
                each.y,
                sample_weight=each.given.get("sample_weight"),
                batch_size=size,
                **options,
            )
            for each in (case, copy)
        ]
        assert limits[0] == limits[1]


def check_partial_fit(case: Case, copy: Case, model: Any, twin: Any, tolerance: float) -> None:
    for each, its in ((model, case), (twin, copy)):
        options = {"sample_weight": its.given.get("sample_weight")}
        if its.given["order"] is not None:
            options["order"] = its.given["order"][0]
        each.partial_fit(its.X, its.y, **options)
    assert_same_bits(model, twin)
    longer = replace(case, settings={**case.settings, "epochs": case.settings["epochs"] + 1})
    if case.given["order"] is not None:
        order = [*case.given["order"], case.given["order"][0]]
        longer.given = {**case.given, "order": order}
    seen = reference_walk(longer)
    if distance_to_jump(plainly(longer), seen) > MARGIN[copy.X.dtype.name]:
        largest = max(1e-3, *(float(np.linalg.norm(theta)) for theta in seen.path))
        assert off(model.params_, seen.params, largest) <= tolerance


def check_validation(case: Case, copy: Case, model: Any, twin: Any, tolerance: float) -> None:
    given = {"validation": (case.X[::-1], case.y[::-1]), "full_loss": True}
    model = walk(replace(case, given={**case.given, **given}))
    same = {"validation": (plain(case.X[::-1]), plain(case.y[::-1])), "full_loss": True}
    assert_same_bits(model, walk(replace(copy, given={**copy.given, **same})))
    loss, intercept = case.settings["loss"], case.settings["fit_intercept"]
    value, _ = reference.loss_and_grad(
        case.X, case.y, model.params_, loss=loss, fit_intercept=intercept
    )
    got = model.history_.validation_loss[-1]
    assert got == pytest.approx(value, rel=tolerance, abs=tolerance)


EXTRAS = [
    ("predictions", check_predictions),
    ("loss_and_grad", check_loss_and_grad),
    ("max_learning_rate", check_limit),
    ("partial_fit", check_partial_fit),
    ("validation", check_validation),
]
