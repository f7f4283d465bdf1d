"""What an update costs beyond the student's own function.

Every row walks down one function in two ways: by gradwalk, and by a plain loop that does nothing
but call the function as gradwalk calls it. The difference is what an update costs on top. Walks
and loops take turns, and the medians are printed: run it on an idle machine,

    python benches/overhead.py

Promised: at most 3 µs on top of a Python function with up to 10 parameters, 10 features and
batches of up to 32 rows; at most 0.2 µs for a whole update on a landscape with record=None.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

import gradwalk as gw

Case = tuple[str, int, Callable[[], object], Callable[[], object]]


def seconds(work: Callable[[], object]) -> float:
    """Time one run."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def repeated(times: int, call: Callable[[], object]) -> Callable[[], None]:
    """Make a loop that does nothing but call."""

    def loop() -> None:
        for _ in range(times):
            call()

    return loop


def own_functions(updates: int, record: str | None) -> Iterator[Case]:
    """Yield walks down functions of x."""
    for p in (2, 10):
        x, slope = np.ones(p), np.full(p, 1e-3)

        def fun(x: np.ndarray) -> float:
            return 1.0

        def jac(x: np.ndarray, slope: np.ndarray = slope) -> np.ndarray:
            return slope

        def both(x: np.ndarray, slope: np.ndarray = slope) -> tuple[float, np.ndarray]:
            return 1.0, slope

        def model() -> gw.BatchGD:
            return gw.BatchGD(epochs=updates, learning_rate=1e-3, record=record)

        yield (
            f"minimize(jac=True), p = {p}",
            updates,
            lambda x=x, both=both: model().minimize(both, x, jac=True),
            repeated(updates, functools.partial(both, x)),
        )
        yield (
            f"minimize(jac=f), p = {p}",
            updates,
            lambda x=x, fun=fun, jac=jac: model().minimize(fun, x, jac=jac),
            repeated(updates, lambda x=x, fun=fun, jac=jac: (fun(x), jac(x))),
        )

        def terms(x: np.ndarray, rows: np.ndarray, slope: np.ndarray = slope) -> tuple:
            return 1.0, slope

        epochs, rows = updates // 32, np.arange(32)
        yield (
            f"minimize(jac=True, n_terms=1024), batches of 32, p = {p}",
            32 * epochs,
            lambda x=x, terms=terms, epochs=epochs: gw.MiniBatchGD(
                batch_size=32, epochs=epochs, learning_rate=1e-3, record=record
            ).minimize(terms, x, jac=True, n_terms=1024),
            repeated(32 * epochs, functools.partial(terms, x, rows)),
        )


def own_losses(updates: int, record: str | None) -> Iterator[Case]:
    """Yield walks down a loss over data; to take a batch out of X is part of the price."""
    rng = np.random.default_rng(0)
    for d in (2, 10):
        X, y = rng.normal(size=(1024, d)), rng.normal(size=1024)
        slope = np.full(d, 1e-3)

        def loss(params: np.ndarray, X: object, y: object, slope: np.ndarray = slope) -> tuple:
            return 1.0, slope

        methods = {
            "BatchGD": gw.BatchGD(loss, epochs=updates, record=record),
            "SGD": gw.SGD(loss, epochs=updates // 1024, record=record),
            "MiniBatchGD of 32": gw.MiniBatchGD(loss, epochs=updates // 32, record=record),
            "MiniBatchGD of 32, in order": gw.MiniBatchGD(
                loss, epochs=updates // 32, sampling="sequential", record=record
            ),
        }
        for name, model in methods.items():
            params = np.zeros(d)
            model.fit(X, y, init=params)
            made = model.n_updates_
            yield (
                f"loss=f, {name}, d = {d}",
                made,
                lambda model=model, X=X, y=y, params=params: model.fit(X, y, init=params),
                repeated(made, functools.partial(loss, params, X, y)),
            )


def mse(theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Take the loss of a lesson, and its gradient."""
    residual = X @ theta - y
    return residual @ residual / len(y), 2 / len(y) * (X.T @ residual)


def real_losses(updates: int) -> Iterator[Case]:
    """Yield walks down a loss that works: its arrays and ours share the caches."""
    rng = np.random.default_rng(0)
    X, y, theta = rng.normal(size=(1024, 10)), rng.normal(size=1024), np.zeros(10)
    for batch_size in (1, 32):
        model = gw.MiniBatchGD(
            mse, batch_size=batch_size, epochs=max(1, updates * batch_size // 1024)
        )
        model.fit(X, y, init=theta)
        batch = functools.partial(mse, theta, X[:batch_size].copy(), y[:batch_size].copy())
        yield (
            f"loss=mse in NumPy, batches of {batch_size}, d = 10",
            model.n_updates_,
            lambda model=model: model.fit(X, y, init=theta),
            repeated(model.n_updates_, batch),
        )


def landscapes(updates: int) -> Iterator[Case]:
    """Yield walks down surfaces in Rust: nothing of Python is called, so all of it counts."""
    names = [
        "bowl",
        "ravine",
        "rosenbrock",
        "himmelblau",
        "beale",
        "rastrigin",
        "double_well",
        "plateau",
        "saddle",
    ]
    surfaces = {name: getattr(gw.landscapes, name) for name in names}
    for name, surface in {**surfaces, "x_cos()": gw.landscapes.x_cos()}.items():
        model = gw.BatchGD(epochs=updates, learning_rate=1e-6, record=None)
        yield (
            f"landscapes.{name}",
            updates,
            lambda model=model, surface=surface: model.minimize(surface, surface.start),
            lambda: None,
        )


def report(title: str, cases: Iterator[Case], runs: int) -> None:
    """Print the medians of `runs` runs that take turns."""
    print(f"\n{title}: medians of {runs} runs, µs an update")
    print(f"{'':58}{'walk':>8}{'calls':>8}{'on top':>8}")
    for name, updates, walk, loop in cases:
        walk(), loop()
        pairs = [(seconds(walk), seconds(loop)) for _ in range(runs)]
        walked = statistics.median(pair[0] for pair in pairs) / updates * 1e6
        called = statistics.median(pair[1] for pair in pairs) / updates * 1e6
        on_top = statistics.median(pair[0] - pair[1] for pair in pairs) / updates * 1e6
        print(f"{name:58}{walked:8.3f}{called:8.3f}{on_top:8.3f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=20_480, help="updates of a walk")
    parser.add_argument("--runs", type=int, default=15, help="runs of each walk")
    options = parser.parse_args()
    for record in (None, "auto"):
        report(
            f"Functions, record={record!r}", own_functions(options.updates, record), options.runs
        )
        report(f"Losses, record={record!r}", own_losses(options.updates, record), options.runs)
    report("A loss that works, record='auto'", real_losses(options.updates), options.runs)
    if hasattr(gw, "landscapes"):
        report("Landscapes, record=None", landscapes(10 * options.updates), options.runs)


if __name__ == "__main__":
    main()
