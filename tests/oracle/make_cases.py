"""Writes cases.json: answers from other libraries, for gradwalk to be held against.

    python tests/oracle/make_cases.py            # compute and write
    python tests/oracle/make_cases.py --check    # compute and compare with the store

Nothing here imports gradwalk. Two kinds of case:

optimum
    The parameters at which scikit-learn or SciPy says the objective is least (for the
    two non-convex losses: stationary), and the objective there.
walk
    The parameters at the end of a walk from zeros, one row after another as they lie.

The objective is sum(s * loss)/sum(s) + l2/2 * |w|**2, s being the sample weights and w
the parameters without the intercept. What other libraries call the strength of their
penalty follows by multiplying through:

    Ridge                 sum(s * r**2) + alpha*|w|**2         alpha = l2*sum(s)/2
                          (for half_mse, half of that          alpha = l2*sum(s))
    LogisticRegression,   C*sum(s * loss) + |w|**2 / 2         C = 1/(l2*sum(s))
    SVC, LinearSVC
"""

import argparse
import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

import autograd
import numpy as np
from scipy.optimize import linprog, minimize
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Perceptron,
    PoissonRegressor,
    Ridge,
)
from sklearn.svm import SVC, LinearSVC

from textbook import CURVATURE, Array, Data, sign

STORE = Path(__file__).with_name("cases.json")
Case = dict[str, Any]

SKLEARN = f"scikit-learn {version('scikit-learn')}"
SCIPY = f"SciPy {version('scipy')}"
AUTOGRAD = f"autograd {version('autograd')}"


def case(
    data: Data, kind: str, name: str, library: str, how: str, params: Any, **extra: Any
) -> Case:
    return {
        "name": f"{data.loss}: {name}",
        "kind": kind,
        "loss": data.loss,
        "library": library,
        "how": how,
        "fit_intercept": data.intercept,
        "l2": data.l2,
        "X": data.X.tolist(),
        "y": data.y.tolist(),
        "sample_weight": None if data.s is None else data.s.tolist(),
        "params": np.asarray(params).tolist(),
        "value": float(data.objective(np.asarray(params))),
        **extra,
    }


# --- Optima -------------------------------------------------------------------------


def optima() -> Iterator[Case]:
    yield from least_squares()
    yield from logistic()
    yield from counts()
    yield from smooth_by_scipy()
    yield from support_vectors()
    yield from linear_programs()


def optimum(data: Data, name: str, library: str, how: str, params: Array, **extra: Any) -> Case:
    """A smooth optimum; autograd confirms that the objective is flat there."""
    slope = np.linalg.norm(autograd.grad(data.objective)(params))
    assert slope < 5e-9, f"{name}: the gradient is {slope:.1e} at the optimum"
    if data.loss in CURVATURE:
        extra["descent"] = {"learning_rate": data.learning_rate(), "epochs": 3000}
    return case(data, "optimum", name, library, how, params, **extra)


def options(weighted: bool, l2: float, intercept: bool) -> str:
    """What a case has, to go behind its name."""
    return ", weights" * weighted + ", l2" * (l2 > 0) + ", intercept" * intercept


def linear_params(data: Data, model: Any) -> Array:
    w = np.ravel(model.coef_)
    return np.concatenate([np.ravel(model.intercept_), w]) if data.intercept else w


def least_squares() -> Iterator[Case]:
    for loss, weighted, intercept in [
        ("mse", True, True),
        ("mse", False, False),
        ("half_mse", True, True),
    ]:
        data = Data(1, loss, (30, 3), intercept=intercept, weighted=weighted)
        model = LinearRegression(fit_intercept=intercept)
        model.fit(data.X, data.y, sample_weight=data.s)
        name = "LinearRegression" + options(weighted, 0, intercept)
        how = "sklearn.linear_model.LinearRegression().fit(X, y, sample_weight)."
        yield optimum(data, name, SKLEARN, how, linear_params(data, model))

    for loss, weighted, intercept in [
        ("mse", True, True),
        ("mse", False, True),
        ("half_mse", True, False),
    ]:
        data = Data(2, loss, (30, 3), intercept=intercept, weighted=weighted, l2=0.4)
        alpha = data.l2 * data.weights.sum() / (2 if loss == "mse" else 1)
        model = Ridge(alpha=alpha, fit_intercept=intercept, solver="cholesky")
        model.fit(data.X, data.y, sample_weight=data.s)
        name = "Ridge" + options(weighted, data.l2, intercept)
        half = "/2" if loss == "mse" else ""
        how = f"sklearn.linear_model.Ridge, Cholesky, alpha = l2*sum(weights){half}."
        yield optimum(data, name, SKLEARN, how, linear_params(data, model))


def logistic() -> Iterator[Case]:
    for loss, weighted, intercept, l2 in [
        ("log_loss", False, True, 0.1),
        ("log_loss", True, True, 0.1),
        ("log_loss", True, False, 0.05),
        ("log_loss", True, True, 0.0),
        ("cross_entropy", False, True, 0.1),
        ("cross_entropy", True, True, 0.2),
        ("cross_entropy", True, False, 0.05),
    ]:
        data = Data(3, loss, (40, 3), intercept=intercept, weighted=weighted, l2=l2)
        C = 1 / (l2 * data.weights.sum()) if l2 else np.inf
        solver = "newton-cholesky" if loss == "log_loss" else "newton-cg"
        model = LogisticRegression(
            C=C, fit_intercept=intercept, solver=solver, tol=1e-13, max_iter=1000
        )
        model.fit(data.X, data.y, sample_weight=data.s)
        how = (
            f"sklearn.linear_model.LogisticRegression, {solver}, tol=1e-13, "
            + ("C = 1/(l2*sum(weights))" if l2 else "C = inf")
            + ", which penalises the coefficients and not the intercept."
        )
        if loss == "log_loss":
            params = linear_params(data, model)
        elif intercept:
            # Adding a number to every intercept changes no probability. Descent from
            # zeros keeps their sum at 0, so store the optimum that does too.
            b = model.intercept_ - model.intercept_.mean()
            params = np.vstack([b, model.coef_.T])
            how += " Intercepts shifted to a sum of 0, which the objective cannot see."
        else:
            params = model.coef_.T
        name = "LogisticRegression" + options(weighted, l2, intercept)
        yield optimum(data, name, SKLEARN, how, params)


def counts() -> Iterator[Case]:
    for weighted, intercept, l2 in [(False, True, 0.0), (True, False, 0.0), (True, True, 0.2)]:
        data = Data(9, "poisson", (30, 3), intercept=intercept, weighted=weighted, l2=l2)
        model = PoissonRegressor(
            alpha=l2, fit_intercept=intercept, solver="newton-cholesky", tol=1e-13, max_iter=1000
        )
        model.fit(data.X, data.y, sample_weight=data.s)
        how = "sklearn.linear_model.PoissonRegressor, newton-cholesky, tol=1e-13, alpha = l2."
        name = "PoissonRegressor" + options(weighted, l2, intercept)
        params = linear_params(data, model)
        # No bound on the curvature: from zeros, a step well below 1/L at the optimum.
        steepest = np.linalg.eigvalsh(autograd.hessian(data.objective)(params))[-1]
        descent = {"learning_rate": float(f"{0.3 / steepest:.2g}"), "epochs": 3000}
        score = float(model.score(data.X, data.y))
        yield optimum(data, name, SKLEARN, how, params, descent=descent, score=score)


def smooth_by_scipy() -> Iterator[Case]:
    for loss, weighted, intercept, l2 in [
        ("huber", True, True, 0.2),
        ("huber", False, False, 0.0),
        ("squared_hinge", True, True, 0.1),
        ("sigmoid_mse", True, True, 0.02),
        ("sigmoid_mse", False, False, 0.0),
        ("tanh_mse", True, True, 0.02),
        ("tanh_mse", False, True, 0.0),
    ]:
        data = Data(4, loss, (30, 3), intercept=intercept, weighted=weighted, l2=l2)
        result = minimize(
            data.objective,
            np.zeros(data.X_b.shape[1]),
            jac=autograd.grad(data.objective),
            hess=autograd.hessian(data.objective),
            method="trust-exact",
            options={"gtol": 1e-12, "maxiter": 1000},
        )
        how = (
            "scipy.optimize.minimize, trust-exact from zeros, gtol=1e-12, on the "
            "textbook formula, with the gradient and Hessian of autograd."
        )
        name = "minimize" + options(weighted, l2, intercept)
        yield optimum(data, name, f"{SCIPY} and {AUTOGRAD}", how, result.x)


def support_vectors() -> Iterator[Case]:
    signed: dict[str, Any] = {
        "intercept": False,
        "weighted": True,
        "l2": 0.1,
        "low": -1,
    }
    data = Data(5, "squared_hinge", (40, 3), **signed)
    model = LinearSVC(
        C=1 / (data.l2 * data.weights.sum()),
        dual=False,
        fit_intercept=False,
        tol=1e-13,
        max_iter=100_000,
    )
    model.fit(data.X, data.y, sample_weight=data.s)
    how = (
        "sklearn.svm.LinearSVC (squared hinge), primal, tol=1e-13, "
        "C = 1/(l2*sum(weights)); without intercept, which LinearSVC would penalise."
    )
    name = "LinearSVC, weights, l2"
    yield optimum(data, name, SKLEARN, how, linear_params(data, model))

    data = Data(6, "hinge", (40, 3), weighted=True, l2=0.1)
    C = 1 / (data.l2 * data.weights.sum())
    svc = SVC(C=C, kernel="linear", tol=1e-12)
    # libsvm drops rows without weight, and numbers its support vectors without them.
    used = np.flatnonzero(data.weights)
    svc.fit(data.X[used], data.y[used], sample_weight=data.weights[used])
    # The dual variable of a row is C*s times the slope of its loss, sign turned round.
    pull = np.zeros(len(data.X))
    pull[used[svc.support_]] = svc.dual_coef_[0]
    slopes = -pull / np.where(data.weights > 0, C * data.weights, 1)
    how = (
        "sklearn.svm.SVC(kernel='linear'), tol=1e-12, C = 1/(l2*sum(weights)). The "
        "slopes of the rows on the kink are its dual variables."
    )
    params = linear_params(data, svc)
    yield kinked(data, "SVC, weights, l2, intercept", SKLEARN, how, params, slopes)


def linear_programs() -> Iterator[Case]:
    """mae and hinge without penalty are linear programs: exact, with exact duals."""
    for loss, weighted, intercept in [
        ("mae", True, True),
        ("mae", False, False),
        ("hinge", True, True),
        ("hinge", False, False),
    ]:
        data = Data(7, loss, (25, 3), intercept=intercept, weighted=weighted)
        n, p = data.X_b.shape
        share = data.weights / data.weights.sum()
        eye, free, positive = np.eye(n), [(None, None)] * p, [(0, None)]
        if loss == "mae":  # z + under - over = y
            result = linprog(
                np.concatenate([np.zeros(p), share, share]),
                A_eq=np.hstack([data.X_b, eye, -eye]),
                b_eq=data.y,
                bounds=free + positive * 2 * n,
                method="highs-ds",
            )
            multipliers = -result.eqlin.marginals
        else:  # short >= 1 - s*z, short >= 0
            s = sign(data.y)
            result = linprog(
                np.concatenate([np.zeros(p), share]),
                A_ub=np.hstack([-s[:, None] * data.X_b, -eye]),
                b_ub=-np.ones(n),
                bounds=free + positive * n,
                method="highs-ds",
            )
            multipliers = s * result.ineqlin.marginals
        slopes = multipliers / np.where(share > 0, share, 1)
        how = (
            "scipy.optimize.linprog, dual simplex of HiGHS, on the linear program with "
            "a slack variable for each kink. The slopes of the rows on the kink are its "
            "dual variables."
        )
        name = "linprog" + options(weighted, 0, intercept)
        yield kinked(data, name, SCIPY, how, result.x[:p], slopes)


def kinked(data: Data, name: str, library: str, how: str, params: Array, slopes: Array) -> Case:
    """An optimum where rows lie on the kink, and theta is held by their subgradients.

    For those rows the case stores the slope, between the two slopes that meet at the
    kink, with which the gradient is 0: proof that no other theta is better.
    """
    z = data.X_b @ params
    if data.loss == "mae":
        distance = z - data.y
        off_kink = np.sign(distance)
    else:
        distance = 1 - sign(data.y) * z
        off_kink = np.where(distance > 0, -sign(data.y), 0)
    on_kink = np.abs(distance) < 1e-7
    used = np.where(on_kink, slopes, off_kink)
    share = data.weights / data.weights.sum()
    gradient = data.X_b.T @ (share * used)
    gradient[int(data.intercept) :] += data.l2 * params[int(data.intercept) :]
    assert np.linalg.norm(gradient) < 5e-9, (name, gradient)
    kinks = {str(row): float(slopes[row]) for row in np.flatnonzero(on_kink)}
    assert kinks, f"{name}: no row on the kink"
    return case(data, "optimum", name, library, how, params, kinks=kinks)


# --- Walks --------------------------------------------------------------------------


def walks() -> Iterator[Case]:
    """Rosenblatt's rule: the perceptron criterion is least at zero, so no optimum tells of it."""
    for weighted, intercept, eta in [(False, True, 1.0), (True, False, 0.5)]:
        data = Data(8, "perceptron", (40, 3), intercept=intercept, weighted=weighted, low=-1)
        settings: dict[str, Any] = {"learning_rate": eta, "epochs": 7}
        model = Perceptron(
            penalty=None, shuffle=False, tol=None, eta0=eta, max_iter=7, fit_intercept=intercept
        )
        model.fit(data.X, data.y, sample_weight=data.weights / data.weights.mean())
        how = (
            "sklearn.linear_model.Perceptron, penalty=None, shuffle=False, tol=None, weights "
            "divided by their mean."
        )
        name, params = "Perceptron" + options(weighted, 0, intercept), linear_params(data, model)
        yield case(data, "walk", name, SKLEARN, how, params, walk=settings)


# --- The file -----------------------------------------------------------------------


def dump(cases: list[Case]) -> str:
    """JSON with a line for each number or short list, and for each row of a matrix."""

    def value(item: Any) -> str:
        if isinstance(item, list) and item and isinstance(item[0], list):
            return "[\n   " + ",\n   ".join(json.dumps(row) for row in item) + "]"
        return json.dumps(item)

    def text(case: Case) -> str:
        return ",\n".join(f"  {json.dumps(key)}: {value(case[key])}" for key in case)

    return "[\n" + ",\n".join(f" {{\n{text(case)}}}" for case in cases) + "\n]\n"


def differences(stored: Any, made: Any, where: str) -> Iterator[str]:
    """Where two JSON values differ: numbers by more than 1e-7, the rest at all."""
    if where.endswith(".library"):
        return  # a newer version may well give the same answer
    if isinstance(stored, dict) and isinstance(made, dict):
        for key in stored.keys() | made.keys():
            yield from differences(stored.get(key), made.get(key), f"{where}.{key}")
    elif isinstance(stored, list) and isinstance(made, list):
        for index, (old, new) in enumerate(zip_longest(stored, made)):
            yield from differences(old, new, f"{where}[{index}]")
    elif isinstance(stored, float) and isinstance(made, float):
        if abs(stored - made) > 1e-7 * max(1, abs(stored)):
            yield f"{where}: stored {stored!r}, computed {made!r}"
    elif stored != made:
        yield f"{where}: stored {stored!r}, computed {made!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    cases = [*optima(), *walks()]
    if not check:
        STORE.write_text(dump(cases), encoding="utf-8")
        print(f"{len(cases)} cases written to {STORE.name}")
        return
    stored = json.loads(STORE.read_text(encoding="utf-8"))
    wrong = list(differences(stored, json.loads(dump(cases)), "cases"))
    print("\n".join(wrong) or f"{len(cases)} cases are as stored")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
