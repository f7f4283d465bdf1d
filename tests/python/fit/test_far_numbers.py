"""Numbers near the end of what a dtype holds: said as such, and scored without NaN."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradwalk as gw

RNG = np.random.default_rng(2)
X = RNG.normal(size=(40, 2))
Y = X @ [1.0, 2.0]
SINGLE = X.astype(np.float32)

# --- float32 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["f8", ">f8", "O"])
@pytest.mark.parametrize("sign", [1, -1])
def test_what_float32_cannot_hold_is_said_as_such(dtype: str, sign: int) -> None:
    far = sign * 1.3847950541234e300
    y = Y.astype(dtype)
    y[7] = far
    wide = X.astype(dtype)
    wide[3, 1] = far
    model = gw.BatchGD(epochs=1).fit(SINGLE, Y)
    calls = [
        ("y[7]", lambda: gw.BatchGD(epochs=1).fit(SINGLE, y)),
        ("y[7]", lambda: gw.SGD(epochs=1).fit(SINGLE, y)),
        ("y[7]", lambda: gw.loss_and_grad(SINGLE, y, np.zeros(3))),
        ("X[3, 1]", lambda: model.predict(wide)),
        ("X[3, 1]", lambda: model.decision_function(np.asfortranarray(wide))),
        ("X[3, 1]", lambda: model.partial_fit(wide, Y)),
        ("X[3, 1]", lambda: gw.BatchGD(epochs=1).fit(SINGLE, Y, validation=(wide, Y))),
    ]
    for place, call in calls:
        with pytest.raises(ValueError, match=re.escape(place)) as caught:
            call()
        message = str(caught.value)
        assert "float32" in message
        assert f"got {'-' if sign < 0 else ''}1.3847950541234e300" in message
        assert "inf" not in message
        assert len(message) < 250
    # In doubles they are numbers like any other, as far as a walk is concerned.
    assert gw.BatchGD(epochs=1, learning_rate=1e-320).fit(X, np.r_[Y[:-1], 1e100]).n_epochs_ == 1


# --- Scores that overflow ---------------------------------------------------------------------

HUGE = {np.float64: 1.7e308, np.float32: 3.4e38}
DTYPES = list(HUGE)


def fitted(loss: str, dtype: Any, params: Any) -> Any:
    """A model that stands at `params`."""
    params = np.asarray(params, dtype)
    K = params.shape[1] if params.ndim == 2 else 2
    y = np.arange(40) % K if loss == "cross_entropy" else np.arange(40) % 2
    model = gw.BatchGD(loss, learning_rate=lambda t: 0.0, epochs=1)
    return model.fit(X.astype(dtype), y, init=params)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", ["C", "F", "object"])
def test_two_classes_far_out_are_0_or_1(dtype: Any, form: str) -> None:
    h = HUGE[dtype]
    rows = np.array([[h, h], [-h, -h], [h, -h], [-h, h], [h, h / 2], [1, 2]], dtype)
    rows = {"C": rows, "F": np.asfortranarray(rows), "object": rows.astype(object)}[form]
    for loss in ("log_loss", "hinge", "squared_hinge"):
        model = fitted(loss, dtype, [0.5, -7, 3])
        # z = 0.5 − 7a + 3b
        z = np.array([-4, 4, -10, 10, -5.5, -0.5])
        assert model.predict(rows).tolist() == (z > 0).astype(int).tolist()
        scores = model.decision_function(rows)
        assert scores.dtype == dtype
        assert not np.isnan(scores).any()
        np.testing.assert_array_equal(np.sign(scores), np.sign(z))
        assert np.isinf(scores[:5]).all()
        if loss == "log_loss":
            sure = model.predict_proba(rows)
            np.testing.assert_array_equal(sure[:5, 1], (z > 0)[:5].astype(float))
            np.testing.assert_array_equal(sure[:5].sum(axis=1), 1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_that_come_back_are_numbers(dtype: Any) -> None:
    """Where only a sum on the way is beyond, the score is what it is."""
    h = HUGE[dtype]
    model = fitted("mse", dtype, [1, 2, 2])
    rows = np.array([[h, -h], [h / 2, -h / 2], [h * 0.75, -h / 4 * 3]], dtype)
    np.testing.assert_allclose(model.predict(rows), [1, 1, 1], atol=4)
    model = fitted("mse", dtype, [0, 4, -3])
    np.testing.assert_allclose(model.predict([[h / 2, h / 2]]), [h / 2], rtol=1e-5)
    model = fitted("tanh_mse", dtype, [0, 4, -3])
    assert model.predict(np.array([[h, h], [-h, -h]], dtype)).tolist() == [1, -1]
    assert fitted("sigmoid_mse", dtype, [0, 4, -3]).predict([[-h, -h]]).tolist() == [0]
    assert fitted("mse", dtype, [0, 4, 3]).predict([[h, h], [-h, -h]]).tolist() == [np.inf, -np.inf]


@pytest.mark.parametrize("dtype", DTYPES)
def test_several_classes_far_out_go_by_the_largest_score(dtype: Any) -> None:
    h = HUGE[dtype]
    params = [[0, 0, 0, 0], [2, 3, -2, 0], [2, 4, -2, 0]]
    model = fitted("cross_entropy", dtype, params)
    rows = np.array([[h, h], [-h, -h], [h, -h], [-h, h]], dtype)
    # 4h 7h −4h 0; the other way round; 0 −h 0 0; 0 h 0 0
    classes = [1, 2, 0, 1]
    assert model.predict(rows).tolist() == classes
    sure = model.predict_proba(rows)
    assert np.isfinite(sure).all()
    np.testing.assert_allclose(sure.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(sure[:2], np.eye(4)[classes[:2]])
    assert not np.isnan(model.decision_function(rows)).any()
    # Far below alone: the others share what there is.
    low = fitted("cross_entropy", dtype, [[0, 0, np.log(2)], [-2, 0, 0], [-2, 0, 0]])
    np.testing.assert_allclose(low.predict_proba([[h, h]]), [[0, 1 / 3, 2 / 3]], rtol=1e-6)
    below = fitted("cross_entropy", dtype, [[0, 0, 0], [-2, -3, -4], [-2, -3, -4]])
    assert below.predict_proba([[h, h]]).tolist() == [[1, 0, 0]]
    assert below.predict([[h, h]]).tolist() == [0]


def test_a_row_of_no_number_is_found_behind_one_that_is_far_out() -> None:
    model = fitted("mse", np.float64, [0, 2, 2])
    rows = np.array([[1e308, 1e308], [0, 1], [np.nan, 0], [np.inf, 0]])
    for call in (model.predict, model.decision_function):
        with pytest.raises(ValueError, match=r"^X\[2, 0\] must be a finite number; got NaN"):
            call(rows)


@pytest.mark.filterwarnings("ignore::gradwalk.DivergenceWarning")
def test_r2_is_a_number_for_targets_of_any_size() -> None:
    model = fitted("mse", np.float64, [0, 1, 1])
    near = model.score(X, Y)
    for scale in (1e100, 1e160, 1e300):
        big = fitted("mse", np.float64, [0, scale, scale])
        assert big.score(X, Y * scale) == pytest.approx(near, rel=1e-9)
    assert fitted("mse", np.float64, [0, 4, 4]).score(np.clip(X, -1, 1) * 1e308, Y) == -np.inf
