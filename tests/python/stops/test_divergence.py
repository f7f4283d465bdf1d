"""Walks that leave the numbers: each says where, why and what to do, and keeps what it walked.

Two hundred settings of squared losses go beyond the largest learning rate, and so does their
reference. Losses that grow like a straight line, some of which hide a NaN behind a maximum, are
driven there by a learning rate that grows, or by data beyond all measure.
"""

from __future__ import annotations

import linecache
import re
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from array_forms import FAITHFUL, lay
from gradwalk import reference
from loss_kinds import NO_LIMIT
from random_problems import targets
from random_walks import METHODS, Case, reference_walk

# NumPy's, when the reference walks on into infinity.
pytestmark = pytest.mark.filterwarnings("ignore:.*(overflow|invalid value).*:RuntimeWarning")

SQUARED = ("mse", "half_mse", "squared_hinge")
# Slopes that are bounded: only a growing step leaves the numbers.
BOUNDED = ("hinge", "mae", "huber", "log_loss", "cross_entropy")
N_SQUARED, N_BOUNDED = 200, 100

MESSAGE = re.compile(
    r"the walk diverged in epoch (?P<epoch>\d+), at update (?P<update>\d+): "
    r"(?:the loss was (?P<loss>\S+) and is not finite any more|"
    r"its very first loss is not finite)\. "
    r"params_ holds the last finite parameters\. "
    r"The learning rate was (?P<rate>\S+); "
    r"(?:max_learning_rate gives (?P<limit>\S+) for these data .*|try a smaller one.*)"
)


@dataclass
class Told:
    """What a warning said."""

    epoch: int
    update: int
    loss: float | None
    rate: float
    limit: float | None


def told(message: object) -> Told:
    match = MESSAGE.fullmatch(str(message))
    assert match is not None, message
    number = {key: None if text is None else float(text) for key, text in match.groupdict().items()}
    return Told(
        int(match["epoch"]), int(match["update"]), *(number[k] for k in ("loss", "rate", "limit"))
    )


def walk(case: Case, **changes: Any) -> tuple[Any, Told]:
    """The model, and what the one warning of its walk said."""
    sampling = {} if case.method == "BatchGD" else {"sampling": "sequential"}
    options = {"record": "update", **case.settings, **case.batching, **sampling, **changes}
    model = METHODS[case.method](**options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(case.X, case.y, **case.given)
    assert [each.category for each in caught] == [gw.DivergenceWarning]
    return model, told(caught[0].message)


# --- Two hundred squared losses ---------------------------------------------------------------


@cache
def draw_squared(seed: int) -> Case:
    """A squared loss with a learning rate beyond its limit, by a little or by far."""
    rng = np.random.default_rng([seed, 77])
    method = list(METHODS)[seed % 3]
    loss = SQUARED[seed // 3 % 3]
    dtype = ("f8", "f4")[seed // 9 % 2]
    n, d = int(rng.integers(2, 60)), int(rng.integers(1, 12))
    X = lay(rng.normal(size=(n, d)).astype(dtype), str(rng.choice(FAITHFUL)))
    labels = targets(loss, np.zeros(n), rng)
    if loss == "squared_hinge":
        # Both labels at the same place: whatever the step, some rows are on the wrong side.
        X = lay(np.repeat(X[:1], n, axis=0), str(rng.choice(FAITHFUL)))
        labels = np.arange(n) % 2
    given = {"init": rng.normal(size=d + 1)}
    settings = {
        "loss": loss,
        "epochs": 3000,
        "fit_intercept": bool(rng.random() < 0.6),
        "l2": float(rng.choice([0.0, 0.3])),
    }
    case = Case(method, X, labels, labels, settings, given=given, kind={"dtype": dtype})
    given["init"] = given["init"][1 - settings["fit_intercept"] :]
    if rng.random() < 0.4:
        case.given["sample_weight"] = rng.uniform(0.5, 2, n)
    if method == "MiniBatchGD":
        case.batching = {"batch_size": int(rng.integers(1, n + 1))}
    settings["learning_rate"] = float(rng.choice([1.1, 2.0, 10.0, 1e3, 1e6])) * limit(case)
    while not rises(case):
        # Beyond the limit of one batch, and not yet of all of them after each other.
        settings["learning_rate"] *= 3
    return case


def rises(case: Case) -> bool:
    """Whether the reference gets worse, epoch by epoch."""
    longer = replace(case, settings={**case.settings, "epochs": 20})
    losses = reference_walk(longer).loss
    return not np.isfinite(losses).all() or losses[-1] > 10 * losses[9] > 100 * losses[0]


def limit(case: Case) -> float:
    options = {key: case.settings[key] for key in ("loss", "l2", "fit_intercept")}
    size = {"BatchGD": None, "SGD": 1}.get(case.method, case.batching.get("batch_size"))
    weights = case.given.get("sample_weight")
    return gw.max_learning_rate(case.X, case.y, batch_size=size, sample_weight=weights, **options)


def first_not_finite(case: Case, told: Told) -> tuple[int | None, float]:
    """Where the reference leaves the numbers: the update, from 1, and the loss before it.

    That is the first one whose loss, or whose new θ, is not finite.
    """
    # Some epochs more than gradwalk took: the reference walks on whatever happens.
    longer = replace(case, settings={**case.settings, "epochs": told.epoch + 2})
    seen, batches = reference_walk(longer), list(longer.batches())
    finite = np.isfinite(seen.path[1:]).reshape(seen.n_updates, -1).all(axis=1)
    for at in np.flatnonzero(~(np.isfinite(seen.update_loss) & finite)):
        loss = objective(case, seen.path[at], batches[at])
        if not (finite[at] and np.isfinite(loss)):
            return int(at) + 1, loss
    return None, np.nan


def objective(case: Case, theta: Any, rows: Any) -> float:
    """Of a batch, by the losses of the reference, but no larger on the way than at the end.

    The reference squares θ in the precision of X and multiplies by an l2 of 0, halves a square that
    may have overflowed, and takes differences of scores in single precision: it may be NaN or
    infinite where the formula is neither.
    """
    loss, l2, first = (case.settings[key] for key in ("loss", "l2", "fit_intercept"))
    X = np.asarray(case.X)[rows]
    z = X @ theta[int(first) :] + (theta[0] if first else X.dtype.type(0))
    y = case.labels[rows].astype(X.dtype)
    if loss == "cross_entropy":
        losses, _ = reference.cross_entropy(z.astype(np.float64), np.eye(2)[case.labels[rows]])
    elif loss == "half_mse":
        losses = (z - y) / 2 * (z - y)
    else:
        losses, _ = reference.LOSSES[loss](z, y)
    weights = case.given.get("sample_weight", np.ones(len(case.X)))
    data = np.mean((weights / weights.mean())[rows] * losses.astype(np.float64))
    return float(data + (l2 / 2 * np.sum(theta[int(first) :].astype(float) ** 2) if l2 else 0.0))


def assert_tells_the_truth(case: Case, model: Any, told: Told) -> None:
    """The message, the state, the history and the reference tell one story."""
    history, losses = model.history_, model.history_.update_loss
    assert model.stop_reason_ == "diverged"
    assert not model.converged_
    assert np.isfinite(model.params_).all()
    assert np.isfinite(history.path).all()
    np.testing.assert_array_equal(history.path[-1], model.params_)
    assert (model.n_epochs_ + 1, model.n_updates_ + 1) == (told.epoch, told.update)
    assert len(losses) == model.n_updates_
    assert np.isfinite(losses).all()
    update, loss_before = first_not_finite(case, told)
    # Sums in another order overflow a rounding error earlier or later: at most one update.
    assert update is not None
    assert abs(update - told.update) <= 1, (update, told)
    # The last finite loss is the last on record, unless a step out of the numbers was taken back:
    # then it is the one before that step.
    if told.loss is None:
        assert told.update == 1
        assert not np.isfinite(loss_before)
    elif told.update == 1 or f"{told.loss:.6g}" != f"{losses[-1]:.6g}":
        assert told.loss == pytest.approx(loss_before, rel=1e-2)
    rate = case.settings["learning_rate"]
    rate = rate(model.n_updates_) if callable(rate) else rate
    assert f"{rate:.6g}" == f"{told.rate:.6g}"
    assert history.verdict.kind == "diverging"


@pytest.mark.parametrize("group", range(10))
def test_two_hundred_squared_losses_leave_the_numbers_where_their_reference_does(
    group: int,
) -> None:
    seen, wrong = 0, []
    for seed in range(group, N_SQUARED, 10):
        try:
            case = draw_squared(seed)
            model, message = walk(case)
            assert_tells_the_truth(case, model, message)
            assert message.limit is not None
            assert f"{message.limit:.6g}" == f"{limit(case):.6g}"
            losses = model.history_.update_loss
            # The blow-up is on record, to be looked at: many orders of magnitude, up to the end.
            assert losses.max() > 1e8 * (losses[0] + 1) or len(losses) <= 3
            seen += 1
        except Exception as error:
            wrong.append(f"{seed}: {type(error).__name__} {error}"[:400])
    print(f"{seen} warnings that tell epoch, update, loss and limit; {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)
    assert seen == N_SQUARED // 10


def test_the_squared_losses_are_of_every_kind() -> None:
    counts: Counter[Any] = Counter()
    for seed in range(N_SQUARED):
        case = draw_squared(seed)
        counts.update([case.method, case.settings["loss"], case.kind["dtype"]])
        counts["weights"] += "sample_weight" in case.given
        counts["l2"] += case.settings["l2"] > 0
        counts["intercept"] += case.settings["fit_intercept"]
    print(dict(counts))
    assert min(counts.values()) >= 50


# --- Losses whose slopes are bounded ----------------------------------------------------------


def growing(base: float) -> Any:
    return lambda t: base ** min(t + 1, 308)


def draw_bounded(seed: int) -> Case:
    """A loss of bounded slope whose steps grow tenfold, or whose data are huge."""
    rng = np.random.default_rng([seed, 78])
    loss = BOUNDED[seed % 5]
    method = list(METHODS)[seed // 5 % 3]
    dtype = ("f8", "f4")[seed // 15 % 2]
    n, d = int(rng.integers(2, 20)), int(rng.integers(1, 6))
    # The same row each time: every step raises the loss of the other label.
    X = np.repeat(rng.uniform(2, 4, (1, d)), n, axis=0).astype(dtype)
    labels = np.arange(n) % 2 if loss not in ("mae", "huber") else np.arange(n) % 2 * 10.0 - 5
    settings: dict[str, Any] = {"loss": loss, "epochs": 3000, "fit_intercept": bool(seed % 2)}
    settings["l2"] = 0.0
    huge = rng.random() < 0.3
    if huge:
        # Scores overflow at once, and max(0, NaN) is 0: no loss tells of it by itself.
        X = X * np.dtype(dtype).type(1e200 if dtype == "f8" else 1e25)
        settings["learning_rate"] = 1.0
    else:
        settings["learning_rate"] = growing(10.0 if dtype == "f8" else 3.0)
    case = Case(method, lay(X, str(rng.choice(FAITHFUL))), labels, labels, settings)
    case.kind = {"huge": str(huge), "dtype": dtype}
    # One label weighs more: in a batch the two do not cancel.
    case.given["sample_weight"] = np.where(labels > 0, 3.0, 1.0)
    if method == "MiniBatchGD":
        case.batching = {"batch_size": int(rng.integers(1, n + 1))}
    return case


@pytest.mark.parametrize("group", range(10))
def test_a_loss_that_hides_a_NaN_is_not_believed(group: int) -> None:
    seen, wrong = 0, []
    for seed in range(group, N_BOUNDED, 10):
        try:
            case = draw_bounded(seed)
            model, message = walk(case)
            assert_tells_the_truth(case, model, message)
            # A learning rate beyond a limit is to blame only where the loss has one.
            assert (message.limit is None) == (case.settings["loss"] in NO_LIMIT)
            losses = model.history_.update_loss
            if case.kind["huge"] == "False":
                assert losses.max() > 1e8 * (losses[0] + 1)
            seen += 1
        except Exception as error:
            wrong.append(f"{seed}: {type(error).__name__} {error}"[:400])
    print(f"{seen} warnings of bounded slopes; {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)
    assert seen == N_BOUNDED // 10


# --- What a warning is for the caller ---------------------------------------------------------

RNG = np.random.default_rng(79)
X, Y = RNG.normal(size=(30, 3)), RNG.normal(size=30)


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("record", ["auto", "update", "epoch", None])
def test_with_warnings_as_errors_everything_is_stored(method: str, record: str | None) -> None:
    options = {"learning_rate": 5.0, "epochs": 2000, "random_state": 0, "record": record}
    model, twin = METHODS[method](**options), METHODS[method](**options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(gw.DivergenceWarning) as raised:
            model.fit(X, Y, full_loss=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        twin.fit(X, Y, full_loss=True)
    assert str(raised.value) == str(caught[0].message)
    message = told(raised.value)
    assert (message.epoch, message.update) == (model.n_epochs_ + 1, model.n_updates_ + 1)
    assert model.stop_reason_ == "diverged"
    assert np.isfinite(model.params_).all()
    np.testing.assert_array_equal(model.params_, twin.params_)
    for name, kept in twin.history_.to_dict().items():
        if name != "seconds":
            np.testing.assert_array_equal(model.history_.to_dict()[name], kept)
    assert model.predict(X).shape == (30,)
    # And the object is free for another walk.
    model.fit(X, Y * 0, init=np.zeros(4))
    assert model.stop_reason_ == "epochs done"


def here(caught: list[warnings.WarningMessage]) -> str:
    """The one line of this file that the warning points to."""
    # NumPy may warn of an overflow in a function of the user's, too.
    (warning,) = (each for each in caught if each.category is gw.DivergenceWarning)
    assert Path(warning.filename).name == Path(__file__).name
    return linecache.getline(warning.filename, warning.lineno).strip()


@pytest.mark.parametrize("method", list(METHODS))
def test_the_warning_points_to_the_line_of_the_user(method: str) -> None:
    model = METHODS[method](learning_rate=1e200, epochs=50)

    def in_a_function() -> None:
        model.fit(X, Y)  # of a function

    with pytest.warns(gw.DivergenceWarning) as caught:
        in_a_function()
    assert here(list(caught)) == "model.fit(X, Y)  # of a function"
    with pytest.warns(gw.DivergenceWarning) as caught:
        model.partial_fit(X, Y)  # once more
    assert here(list(caught)) == "model.partial_fit(X, Y)  # once more"
    with pytest.warns(gw.DivergenceWarning) as caught:
        for _ in model.steps(X, Y):  # step by step
            pass
    assert here(list(caught)) == "for _ in model.steps(X, Y):  # step by step"
    with pytest.warns(gw.DivergenceWarning) as caught:
        gw.BatchGD(learning_rate=1e200, epochs=9).minimize(
            lambda x: (x @ x, 2 * x), [1.0], jac=True
        )
    assert ".minimize(" in here(list(caught))


def test_each_line_warns_by_itself() -> None:
    """By default Python shows a warning once for each line: two lines, two warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            gw.SGD(learning_rate=1e200, random_state=0).fit(X, Y)
        gw.SGD(learning_rate=1e200, random_state=0).fit(X, Y)
    assert len(caught) == 2


@pytest.mark.parametrize("rule", [gw.rules.Momentum(0.9), gw.rules.Nesterov(0.9)])
def test_no_limit_of_the_plain_rule_is_quoted_for_another(rule: Any) -> None:
    with pytest.warns(gw.DivergenceWarning) as caught:
        gw.BatchGD(learning_rate=50.0, epochs=3000, rule=rule).fit(X, Y)
    assert told(caught[0].message).limit is None


def test_below_the_limit_that_it_quotes_no_walk_diverges() -> None:
    """The advice is good: just below the number in the message the loss falls."""
    advised = 0
    for seed in range(60):
        case = draw_squared(seed)
        if case.method != "BatchGD":
            continue
        _, message = walk(case)
        calm = {**case.settings, "learning_rate": 0.99 * message.limit, "epochs": 50}
        model = METHODS[case.method](**calm).fit(case.X, case.y, **case.given)
        assert model.stop_reason_ == "epochs done"
        assert model.history_.loss[-1] <= model.history_.loss[0]
        advised += 1
    assert advised == 20


def test_a_divergence_is_no_error_of_the_data_and_the_other_way_round() -> None:
    """Bad data make an error and no warning; huge ones make a warning and no error."""
    bad = X.copy()
    bad[4, 1] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"X\[4, 1\]"):
            gw.BatchGD(learning_rate=1e200).fit(bad, Y)
    bad[4, 1] = 1e300
    with pytest.warns(gw.DivergenceWarning):
        gw.BatchGD(learning_rate=1e200).fit(bad, Y)


def test_the_reference_walks_on_to_infinity() -> None:
    """Which is what makes it a judge of where that begins."""
    with np.errstate(all="ignore"):
        seen = reference.batch_gd(X, Y, learning_rate=50.0, epochs=400)
    assert not np.isfinite(seen.params).any()
