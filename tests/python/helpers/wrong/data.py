"""Wrong calls of everything that takes data."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse

import gradwalk as gw
from wrong.calls import (
    FLAG,
    NOT_NEGATIVE,
    Call,
    Case,
    Piece,
    X,
    evaluate,
    fit,
    fitted,
    labels,
    partial_fit,
    theta,
    with_entry,
    y,
)


class Unreadable:
    """Something that NumPy fails to make an array of."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("the file is gone")


# name, value, error, expected, came
Row = tuple[str, Any, type[Exception], Piece, Piece]

FEATURES: list[Row] = [
    ("1-D", X[:, 0], ValueError, "Write X.reshape(-1, 1)", "shape (6,)"),
    ("3-D", X[None], ValueError, "two-dimensional", "(1, 6, 2)"),
    ("number", 3.0, ValueError, "two-dimensional", "3.0 (float)"),
    ("no-rows", np.empty((0, 2)), ValueError, "at least one row", "(0, 2)"),
    ("no-columns", np.empty((6, 0)), ValueError, "one column", "(6, 0)"),
    ("empty-list", [[]], ValueError, "at least one row and one column", "[[]] (list)"),
    ("complex", X * 1j, TypeError, "real numbers", "complex128"),
    ("masked", np.ma.array(X, mask=X > 1), TypeError, "X.filled(value)", "masked"),
    ("datetime", X.astype("M8[s]"), TypeError, "Turn times into numbers", "datetime64[s]"),
    ("strings", X.astype(str), TypeError, "Encode words as numbers", "<U"),
    (
        "object",
        np.where(np.arange(12).reshape(6, 2) == 7, "x", X.astype(object)),
        TypeError,
        "np.asarray(X, dtype=float)",
        "dtype object, with 'x' in place [3, 1]",
    ),
    ("structured", np.zeros(6, [("a", float)]), TypeError, "np.column_stack", "('a', '<f8')"),
    ("ragged", [[1.0, 2.0], [3.0]], ValueError, "rows of one length", "[[1.0, 2.0], [3.0]] (list)"),
    ("sparse", scipy.sparse.csr_array(X), TypeError, "Write X.toarray()", "csr_array"),
    ("unreadable", Unreadable(), ValueError, "an array of numbers", "the file is gone"),
    ("None", None, TypeError, "numbers", "None"),
    ("file-name", "data.csv", TypeError, "numbers", "data.csv"),
    ("dict", {"a": [1, 2]}, TypeError, "numbers", "dict"),
    ("generator", (row for row in X), TypeError, "numbers", "generator"),
    ("NaN", with_entry(X, (3, 1), np.nan), ValueError, "X[3, 1] must be a finite number", "NaN"),
    ("inf", with_entry(X, (4, 0), -np.inf), ValueError, "X[4, 0] must be a finite number", "-inf"),
]

TARGETS: list[Row] = [
    ("short", y[:4], ValueError, "each of the 6 rows of X", "4 numbers"),
    ("long", np.tile(y, 2), ValueError, "each of the 6 rows of X", "12 numbers"),
    ("2-D", np.column_stack([y, y]), ValueError, "shape (6,)", "(6, 2)"),
    ("row", y[None], ValueError, "shape (6,)", "(1, 6)"),
    ("number", 1.0, ValueError, "shape (6,)", "1.0 (float)"),
    ("None", None, TypeError, "numbers", "None"),
    ("words", ["cat", "dog"] * 3, TypeError, "Encode words as numbers", re.compile("<U3|'cat'")),
    ("complex", y * 1j, TypeError, "Take np.asarray(y, dtype=complex).real", "complex128"),
    ("masked", np.ma.array(y), TypeError, "y.filled(value)", "masked"),
    ("NaN", with_entry(y, 2, np.nan), ValueError, "y[2] must be a finite number", "NaN"),
    ("inf", with_entry(y, 2, np.inf), ValueError, "y[2] must be a finite number", "inf"),
]

TAKES_FEATURES: dict[str, Callable[[Any], object]] = {
    "fit": lambda X: gw.BatchGD(epochs=2).fit(X, y),
    "partial_fit": lambda X: fitted().partial_fit(X, y),
    "predict": lambda X: fitted().predict(X),
    "predict-class": lambda X: fitted("cross_entropy").predict(X),
    "decision_function": lambda X: fitted("hinge").decision_function(X),
    "predict_proba": lambda X: fitted("log_loss").predict_proba(X),
    "score": lambda X: fitted().score(X, y),
    "loss_and_grad": lambda X: gw.loss_and_grad(X, y, theta),
}
TAKES_TARGETS: dict[str, Callable[[Any], object]] = {
    "fit": lambda y: gw.SGD(epochs=2).fit(X, y),
    "partial_fit": lambda y: fitted().partial_fit(X, y),
    "score": lambda y: fitted().score(X, y),
    "loss_and_grad": lambda y: gw.loss_and_grad(X, y, theta),
}

SIGNS = "0 or 1, or all −1 or 1, for"
FINITE = "a finite number"
COUNTS = "numbers of at least 0 for poisson"
NUMBERED = "class numbers"
ONE_HOT = np.eye(3)[y.astype(int)]
# loss, y, expected, came
LABELS: list[tuple[str, Any, Piece, Piece]] = [
    ("log_loss", labels + 1, SIGNS, "2 in row 1"),
    ("log_loss", labels - 1, SIGNS, "0 in row 1"),
    ("log_loss", labels / 2, SIGNS, "0.5 in row 1"),
    ("log_loss", np.where(labels, np.nan, 0), FINITE, "NaN"),
    ("log_loss", np.eye(2)[labels], "shape (6,)", "(6, 2)"),
    ("hinge", labels * 2, SIGNS, "2 in row 1"),
    ("hinge", np.array([-1, 0, 1] * 2), SIGNS, "0 in row 1"),
    ("hinge", np.where(labels, np.nan, -1), FINITE, "NaN"),
    ("squared_hinge", labels / 2, SIGNS, "0.5 in row 1"),
    ("squared_hinge", np.where(labels, np.inf, 0), FINITE, "inf"),
    ("poisson", y - 1.5, COUNTS, "-1.5 in row 0"),
    ("poisson", with_entry(y, 3, -np.inf), FINITE, "-inf"),
    ("poisson", with_entry(y, 3, np.nan), FINITE, "NaN"),
    ("cross_entropy", y - 1, NUMBERED, "-1 in row 0"),
    ("cross_entropy", y / 2, NUMBERED, "0.5 in row 1"),
    ("cross_entropy", with_entry(y, 5, np.nan), FINITE, "NaN"),
    ("cross_entropy", np.full((6, 2), 0.5), "one-hot", "row 0"),
    ("cross_entropy", with_entry(ONE_HOT, (4, 0), np.nan), "one-hot", "row 4"),
    ("cross_entropy", ONE_HOT[:4], "shape (6,)", "(4, 3)"),
]

WEIGHTS: list[Row] = [
    ("negative", [1, 1, -1, 1, 1, 1], ValueError, "finite numbers of at least 0", "-1 in row 2"),
    ("NaN", [1, 1, 1, np.nan, 1, 1], ValueError, "finite numbers of at least 0", "NaN in row 3"),
    ("inf", [np.inf] * 6, ValueError, "finite numbers of at least 0", "inf in row 0"),
    ("short", [1, 1], ValueError, "each of the 6 rows of X", "2 numbers"),
    ("zeros", np.zeros(6), ValueError, "above 0 for at least one row", "zeros alone"),
    ("2-D", np.ones((6, 2)), ValueError, "shape (6,)", "(6, 2)"),
    ("number", 1.0, ValueError, "shape (6,)", "1.0 (float)"),
    ("word", "balanced", TypeError, "numbers", re.compile("<U8|balanced")),
    ("dict", {0: 1.0}, TypeError, "numbers", "dict"),
]

# name, call, error, argument, expected, came
Wrong = tuple[str, Call, type[Exception], str, Piece, Piece]
VECTOR = "of shape (3,), the intercept first"
ROWS = "row indices from 0 to 5"
PER_EPOCH = "one list of row indices for each of the 2 epochs"
BEYOND = np.array([[0], [2**63]], np.uint64)
NO_INTERCEPT = {"fit_intercept": False}
DROP = {"batch_size": 4, "drop_last": True}
SOFTMAX = "cross_entropy"

FIT: list[Wrong] = [
    ("init-short", fit(init=[0, 0]), ValueError, "init", VECTOR, "[0, 0] (list)"),
    ("init-long", fit(init=np.zeros(4)), ValueError, "init", VECTOR, "shape (4,)"),
    ("init-row", fit(init=[[0, 0, 0]]), ValueError, "init", VECTOR, "[[0, 0, 0]]"),
    ("init-number", fit(init=0), ValueError, "init", VECTOR, "0 (int)"),
    ("init-NaN", fit(init=[0, np.nan, 0]), ValueError, "init", "finite", "NaN at place 1"),
    ("init-pair", fit(init=([0, 0, 0], 0)), ValueError, "init", "w of shape (2,)", "[3] and []"),
    ("init-b", fit(settings=NO_INTERCEPT, init=([0, 0], 0)), ValueError, "init", "w alone", "pair"),
    ("init-w", fit(SOFTMAX, init=([[0, 0]] * 3, [0] * 3)), ValueError, "init", "(2, K)", "[3, 2]"),
    ("init-word", fit(init="zeros"), TypeError, "init", "numbers", re.compile("<U5|'zeros'")),
    ("init-complex", fit(init=[0, 0, 1j]), TypeError, "init", "real numbers", "complex128"),
    ("init-p", fit(settings=NO_INTERCEPT, init=theta), ValueError, "init", "(2,)", "(3,)"),
    ("init-d", fit(SOFTMAX, init=np.zeros((2, 3))), ValueError, "init", "(3, 3)", "(2, 3)"),
    ("init-K", fit(SOFTMAX, init=np.zeros((3, 2))), ValueError, "init", "from 0 to 1", "2 in row"),
    ("K", fit(SOFTMAX, {"n_classes": 2}), ValueError, "n_classes", "from 0 to 1", "2 in row 2"),
    ("K-4", fit(SOFTMAX, {"n_classes": 4}, y=ONE_HOT), ValueError, "n_classes", "4", "3 columns"),
    ("label", fit(SOFTMAX, y=y + 2**24), ValueError, "y", NUMBERED, "16777216 in row 0"),
    ("order-short", fit(order=[[0, 1]]), ValueError, "order", PER_EPOCH, "got 1"),
    ("order-long", fit(order=[[0]] * 3), ValueError, "order", PER_EPOCH, "got 3"),
    ("order-beyond", fit(order=[[0], [5, 6]]), ValueError, "order", ROWS, "6 at place 1"),
    ("order-negative", fit(order=[[0], [-1]]), ValueError, "order", ROWS, "-1 at place 0"),
    ("order-unsigned", fit(order=BEYOND), ValueError, "order", ROWS, "got 9223372036854775808"),
    ("order-mask", fit(order=np.ones((2, 6), bool)), TypeError, "order", "flatnonzero", "Booleans"),
    ("order-floats", fit(order=np.zeros((2, 3))), TypeError, "order", "whole numbers", "float64"),
    ("order-1-D", fit(order=np.arange(6)), ValueError, "order", "(epochs, k)", "shape (6,)"),
    ("order-3-D", fit(order=np.zeros((2, 3, 1), int)), ValueError, "order", "(epochs, k)", "3, 1)"),
    ("order-flat", fit(order=[0, 1]), ValueError, "order", "one-dimensional", "0 (int)"),
    ("order-empty", fit(order=[[0], []]), ValueError, "order", "at least one row", "none"),
    ("order-number", fit(order=3), TypeError, "order", "(epochs, k)", "3 (int)"),
    ("order-words", fit(order=[["a"], ["b"]]), TypeError, "order", "numbers", "<U1"),
    (
        "order-iterator",
        fit(order=(r for r in [[0], [1]])),
        TypeError,
        "order",
        "list",
        "generator",
    ),
    ("order-drop", fit(settings=DROP, order=[[0, 1]] * 2), ValueError, "order", "size=4", "2 rows"),
    ("full_loss-1", fit(full_loss=1), TypeError, "full_loss", FLAG, "1 (int)"),
    ("full_loss-word", fit(full_loss="yes"), TypeError, "full_loss", FLAG, "'yes'"),
    ("full_loss-None", fit(full_loss=None), TypeError, "full_loss", FLAG, "None"),
    ("weights", fit(weights=y), TypeError, "weights", "here it is sample_weight", "no argument"),
    ("theta", fit(theta=theta), TypeError, "theta", "here it is init", "no argument"),
    ("callback", fit(callback=3), TypeError, "callback", "a function of one step", "3 (int)"),
    # These are told to the class, not to fit.
    *[
        (word, fit(**{word: 1}), TypeError, word, re.compile(r"GD\(|constructor"), "no argument")
        for word in ("epochs", "learning_rate", "lr", "batch_size", "shuffle")
    ],
    ("y-missing", partial(gw.SGD().fit, X), TypeError, "y", "required", "missing"),
]

PARTIAL_FIT: list[Wrong] = [
    ("order-beyond", partial_fit(order=[7]), ValueError, "order", ROWS, "7 at place 0"),
    ("order-epochs", partial_fit(order=[[0], [1]]), ValueError, "order", "1 epoch", "got 2"),
    ("order-floats", partial_fit(order=[0.0]), TypeError, "order", "whole numbers", "[0.0]"),
    ("order-mask", partial_fit(order=labels == 1), TypeError, "order", "flatnonzero", "Booleans"),
    ("order-empty", partial_fit(order=[]), ValueError, "order", "row", re.compile("got (0|none)")),
    ("init", partial_fit(init=theta), TypeError, "init", "its arguments are X, y", "no argument"),
    (
        "new-class",
        partial(gw.SGD(SOFTMAX, epochs=2).fit(X, labels).partial_fit, X, y),
        ValueError,
        "y",
        "from 0 to 1, as the first fit says",
        "2 in row 2",
    ),
]

LOSS_AND_GRAD: list[Wrong] = [
    ("params-short", evaluate(params=[0, 0]), ValueError, "params", VECTOR, "[0, 0] (list)"),
    ("params-None", evaluate(params=None), TypeError, "params", "numbers", "None"),
    ("params-NaN", evaluate(params=[0, 0, np.nan]), ValueError, "params", "finite", "NaN at"),
    ("params-2-D", evaluate(params=np.zeros((3, 3))), ValueError, "params", VECTOR, "(3, 3)"),
    ("params-1-D", evaluate(SOFTMAX), ValueError, "params", "(3, 3)", re.compile(r"\(3,\)")),
    ("params-K", evaluate(SOFTMAX, np.zeros((3, 2))), ValueError, "params", "from 0 to 1", "2 in"),
    ("loss-other", evaluate("rmse"), ValueError, "loss", "one of mse", '"rmse"'),
    ("loss-None", evaluate(None), TypeError, "loss", "one of mse", "None"),
    ("y-labels", evaluate("log_loss"), ValueError, "y", SIGNS, "2 in row 2"),
    ("rows-beyond", evaluate(rows=[0, 6]), ValueError, "rows", ROWS, "6 at place 1"),
    ("rows-negative", evaluate(rows=[-1]), ValueError, "rows", ROWS, "-1 at place 0"),
    ("rows-empty", evaluate(rows=[]), ValueError, "rows", "at least one row", "none"),
    ("rows-mask", evaluate(rows=labels == 1), TypeError, "rows", "flatnonzero", "Booleans"),
    ("rows-floats", evaluate(rows=[0.0]), TypeError, "rows", "whole numbers", "[0.0]"),
    ("rows-2-D", evaluate(rows=[[0]]), ValueError, "rows", "one-dimensional", "[[0]]"),
    ("rows-number", evaluate(rows=3), ValueError, "rows", "one-dimensional", "3 (int)"),
    ("rows-slice", evaluate(rows=slice(3)), TypeError, "rows", "numbers", "slice"),
    ("l2-negative", evaluate(l2=-1), ValueError, "l2", NOT_NEGATIVE, "-1"),
    ("l2-None", evaluate(l2=None), TypeError, "l2", NOT_NEGATIVE, "None"),
    ("intercept-0", evaluate(fit_intercept=0), TypeError, "fit_intercept", FLAG, "0 (int)"),
    ("intercept-None", evaluate(fit_intercept=None), TypeError, "fit_intercept", FLAG, "None"),
    ("theta", evaluate(theta=theta), TypeError, "theta", "here it is params", "no argument"),
    ("indices", evaluate(indices=[0]), TypeError, "indices", "here it is rows", "no argument"),
    ("lr", evaluate(lr=0.1), TypeError, "lr", "X, y, params, loss, rows", "no argument"),
    ("params-missing", partial(gw.loss_and_grad, X, y), TypeError, "params", "required", "missing"),
]


def cases() -> Iterator[Case]:
    for method, call in TAKES_FEATURES.items():
        for kind, value, error, expected, came in FEATURES:
            yield Case(f"{method}-X-{kind}", partial(call, value), error, "X", expected, came)
        if method not in ("fit", "loss_and_grad"):
            wide = partial(call, np.ones((6, 3)))
            yield Case(f"{method}-X-wide", wide, ValueError, "X", "2 columns", "3 columns")
    for method, call in TAKES_TARGETS.items():
        for kind, value, error, expected, came in TARGETS:
            yield Case(f"{method}-y-{kind}", partial(call, value), error, "y", expected, came)
    for loss, value, expected, came in LABELS:
        calls = {"fit": fit(loss, y=value), "score": partial(fitted(loss).score, X, value)}
        for method, call in calls.items():
            yield Case(f"{method}-{loss}-{came}", call, ValueError, "y", expected, came)
    for kind, value, error, expected, came in WEIGHTS:
        # Later rows are weighed against those of the first call.
        calls = (fit, evaluate) if kind == "zeros" else (fit, partial_fit, evaluate)
        for call in calls:
            name = f"{call.__name__}-weight-{kind}"
            yield Case(name, call(sample_weight=value), error, "sample_weight", expected, came)
    tables = {"fit": FIT, "partial_fit": PARTIAL_FIT, "loss_and_grad": LOSS_AND_GRAD}
    for method, table in tables.items():
        for kind, *rest in table:
            yield Case(f"{method}-{kind}", *rest)


def cases_of_the_wrong_moment() -> Iterator[Case]:
    """Before fit, or with a loss that has no such thing."""
    model = gw.SGD("log_loss")
    calls: dict[str, Call] = {
        "predict": lambda: model.predict(X),
        "predict_proba": lambda: model.predict_proba(X),
        "decision_function": lambda: model.decision_function(X),
        "score": lambda: model.score(X, labels),
        "coef_": lambda: model.coef_,
        "history_": lambda: model.history_,
        "classes_": lambda: model.classes_,
    }
    for name, call in calls.items():
        yield Case(f"early-{name}", call, gw.NotFittedError, name, "call fit(X, y)", "SGD")
    for loss in ("mse", "hinge", "sigmoid_mse"):
        call = partial(fitted(loss).predict_proba, X)
        needed = "log_loss or cross_entropy"
        yield Case(f"proba-{loss}", call, TypeError, "predict_proba", needed, f"has {loss}")
    call = partial(getattr, fitted("huber"), "classes_")
    yield Case("classes-huber", call, AttributeError, "classes_", "predicts numbers", "huber")
