"""Loops that raise, hang, print, eat memory or return nonsense: listed, run by nobody here."""
# ruff: noqa: NPY002

import time

import numpy as np

from gradwalk import BatchGD
from loops.loop import HOSTILE, Data, loop


def hostile(expected):
    """What is due: a diagnosis, or none where the loop itself is right but ill-mannered."""
    return loop(HOSTILE, expected, BatchGD, "mse", Data())


def right(X, y, theta, lr, epochs):
    A = np.c_[np.ones(len(X)), X]
    for _ in range(epochs):
        theta = theta - lr * 2 / len(y) * A.T @ (A @ theta - y)
    return theta


@hostile("raises")
def divides_by_zero(X, y, theta, lr, epochs):
    return theta / (1 // 0)


@hostile("raises")
def name_missing(X, y, theta, lr, epochs):
    return thetta  # noqa: F821


@hostile("raises")
def shapes_do_not_fit(X, y, theta, lr, epochs):
    return X @ theta


@hostile("raises")
def leaves(X, y, theta, lr, epochs):
    raise SystemExit(3)


@hostile("raises")
def recurses(X, y, theta, lr, epochs):
    return recurses(X, y, theta, lr, epochs)


@hostile("timed out")
def hangs(X, y, theta, lr, epochs):
    while True:
        theta = theta * 1.0


@hostile("timed out")
def sleeps(X, y, theta, lr, epochs):
    time.sleep(10_000)


@hostile("timed out")
def catches_everything(X, y, theta, lr, epochs):
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except BaseException:
            pass


@hostile("no result")
def returns_none(X, y, theta, lr, epochs):
    right(X, y, theta, lr, epochs)


@hostile({"no result", "another shape"})
def returns_words(X, y, theta, lr, epochs):
    return "done"


@hostile({"no result", "another shape"})
def returns_nan(X, y, theta, lr, epochs):
    return theta * np.nan


@hostile("another shape")
def returns_too_much(X, y, theta, lr, epochs):
    return np.zeros(17)


@hostile({"no result", "another shape"})
def returns_ragged(X, y, theta, lr, epochs):
    return [[1.0], [1.0, 2.0], 3.0]


@hostile({"no result", "another shape"})
def returns_nothing_in_a_list(X, y, theta, lr, epochs):
    return []


@hostile("out of memory")
def allocates_five_gigabytes(X, y, theta, lr, epochs):
    return right(X, y, theta, lr, epochs) + np.ones(5 * 2**27).sum() * 0


@hostile("reads input")
def asks(X, y, theta, lr, epochs):
    return right(X, y, theta, float(input("rate? ")), epochs)


@hostile("")
def prints(X, y, theta, lr, epochs):
    for i in range(100_000):
        print("step", i)
    return right(X, y, theta, lr, epochs)


@hostile("")
def mutates_x(X, y, theta, lr, epochs):
    result = right(X, y, theta, lr, epochs)
    X[:], y[:] = 0, 0
    return result


@hostile("")
def reseeds(X, y, theta, lr, epochs):
    np.random.seed(0)
    return right(X, y, theta, lr, epochs)


@hostile("")
def changes_settings(X, y, theta, lr, epochs):
    np.seterr(all="raise")
    np.set_printoptions(precision=1)
    return right(X, y, theta, lr, epochs)
