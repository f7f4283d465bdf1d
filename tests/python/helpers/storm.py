"""Sixteen threads at work on models, and one that changes their data, for `test_threads.py`.

    python storm.py 1000

lets each thread do so many operations and prints one line of JSON: how often each came out how, and
what came out otherwise than documented. If nothing moves any more, the stacks of all threads are
its last words.
"""

from __future__ import annotations

import copy
import faulthandler
import json
import pickle
import re
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable

import numpy as np

import gradwalk as gw

N_WORKERS = 16
SILENCE = 60

# What may be said of data that change meanwhile, and of a model that another thread fits.
DOCUMENTED = {
    RuntimeError: r"is being fitted already|was fitted anew meanwhile",
    ValueError: r"\b(X|y|params)\b",
    TypeError: r"\b(X|y)\b",
}


class Data:
    """X and y, and every way to change them under somebody's hands."""

    DTYPES = ("f4", "i8", "u1", ">f8", "c16", "M8[s]", [("a", "f8"), ("b", "f8")])

    def __init__(self, n: int, d: int, seed: int, dtype: str = "f8") -> None:
        self.rng = np.random.default_rng(seed)
        self.n, self.d, self.dtype = n, d, dtype
        X = self.rng.normal(size=(n, d))
        self.X = X.astype(dtype)
        self.y = X @ self.rng.normal(size=d)

    def write(self) -> None:
        self.X[...] = self.rng.normal(size=self.d)
        self.y[:: self.rng.integers(1, 9)] = self.rng.normal()

    def write_nan(self) -> None:
        array = self.X if self.X.dtype.kind == "f" else self.y
        row = self.rng.integers(self.n)
        array[row] = np.nan
        time.sleep(0)
        array[row] = 0.0

    def set_dtype(self) -> None:
        self.X.dtype = self.DTYPES[self.rng.integers(len(self.DTYPES))]
        time.sleep(0)

    def set_dtype_of_y(self) -> None:
        self.y.dtype = ("f4", "i8", "c16")[self.rng.integers(3)]
        time.sleep(0)

    def set_shape(self) -> None:
        self.X.shape = ((-1, self.d // 2), (-1,), (1, -1), (-1, self.d, 1))[self.rng.integers(4)]
        time.sleep(0)

    def resize(self, refcheck: bool, array: np.ndarray) -> None:
        fewer = (max(1, len(array) // int(self.rng.integers(2, 9))), *array.shape[1:])
        array.resize(fewer, refcheck=refcheck)

    CHANGES = (write, write_nan, set_dtype, set_dtype_of_y, set_shape)

    def mend(self) -> bool:
        """As it was, if nobody is using what was cut."""
        self.X.dtype, self.y.dtype = self.dtype, "f8"
        if self.X.size % self.d == 0:
            self.X.shape = (-1, self.d)
        try:
            if self.X.shape != (self.n, self.d):
                self.X.resize((self.n, self.d), refcheck=False)
            if self.y.shape != (self.n,):
                self.y.resize(self.n, refcheck=False)
        except ValueError:
            return False
        return True


class Storm:
    """Models, data, threads, and what came of it."""

    def __init__(self, operations: int) -> None:
        self.operations = operations
        self.small = [Data(4000, 8, seed, dtype) for seed, dtype in enumerate(("f8", "f4", "i4"))]
        # Large enough for a fit of several threads.
        self.large = Data(40_000, 50, seed=4)
        self.calm = Data(500, 8, seed=5)
        self.counts: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.done = [0] * N_WORKERS
        self.is_over = threading.Event()
        self.shared = self.models()
        for model in self.shared:
            model.fit(self.calm.X, self.calm.y)
        self.expected = [model.params_.tobytes() for model in self.shared]

    @staticmethod
    def models() -> list:
        settings = {"learning_rate": 0.01, "epochs": 3, "random_state": 5}
        return [
            gw.BatchGD(**settings),
            gw.BatchGD(**settings, n_threads=2),
            gw.SGD(**settings),
            gw.MiniBatchGD(**settings, batch_size=50),
        ]

    # --- What a thread does -------------------------------------------------------------------

    def fit(self, model, data: Data) -> None:
        model.fit(data.X, data.y)

    def partial_fit(self, model, data: Data) -> None:
        model.partial_fit(data.X, data.y)

    def steps(self, model, data: Data) -> None:
        steps = model.steps(data.X, data.y)
        for _ in range(2):
            # A walk that blew up has no second step.
            next(steps, None)

    def predict(self, model, data: Data) -> None:
        model.predict(data.X)

    def score(self, model, data: Data) -> None:
        model.score(data.X, data.y)

    def loss_and_grad(self, model, data: Data) -> None:
        gw.loss_and_grad(data.X, data.y, np.zeros(data.d + 1))

    def limit(self, model, data: Data) -> None:
        gw.max_learning_rate(data.X, data.y)

    def repr(self, model, data: Data) -> None:
        self.check(repr(model).startswith(type(model).__name__), "repr")

    def history(self, model, data: Data) -> None:
        history = model.history_
        self.check(len(history.path) == len(history.path_update), "a path of another length")
        self.check(len(history.loss) == len(history.seconds), "losses of another number")
        history.to_dict()

    def params(self, model, data: Data) -> None:
        self.check(np.isfinite(model.params_).all(), "parameters that are not finite")

    def pickle(self, model, data: Data) -> None:
        twin = pickle.loads(pickle.dumps(model))
        self.check(np.isfinite(twin.params_).all(), "pickled parameters that are not finite")

    def copy(self, model, data: Data) -> None:
        twin = copy.deepcopy(model)
        self.check(repr(twin) == repr(model), "a copy that reads otherwise")

    OPERATIONS: tuple[Callable, ...] = (
        fit,
        fit,
        fit,
        partial_fit,
        steps,
        predict,
        score,
        loss_and_grad,
        limit,
        repr,
        history,
        params,
        pickle,
        copy,
    )

    def work(self, number: int) -> None:
        rng = np.random.default_rng(100 + number)
        own = self.models()
        for model in own:
            model.fit(self.calm.X, self.calm.y)
        while self.done[number] < self.operations:
            which = rng.integers(len(own))
            if rng.random() < 0.1:
                # Beside the storm: an object and data of one's own have the bits they always have.
                model = own[which].fit(self.calm.X, self.calm.y)
                if model.params_.tobytes() != self.expected[which]:
                    self.wrong.append(f"{model!r} has other bits than alone")
                self.counts["fit alone: done"] += 1
            else:
                is_shared = rng.random() < 0.5
                models = self.shared if is_shared else own
                data = self.large if rng.random() < 0.03 else self.small[rng.integers(3)]
                operation = self.OPERATIONS[rng.integers(len(self.OPERATIONS))]
                self.attempt(operation, models[which], data, is_shared)
            self.done[number] += 1

    def attempt(self, operation: Callable, model, data: Data, is_shared: bool) -> None:
        name = f"{operation.__name__} of {'a shared' if is_shared else 'its own'} model"
        try:
            operation(self, model, data)
            self.counts[f"{name}: done"] += 1
        except tuple(DOCUMENTED) as error:
            self.counts[f"{name}: {type(error).__name__}"] += 1
            pattern = next(p for kind, p in DOCUMENTED.items() if isinstance(error, kind))
            of_two = isinstance(error, RuntimeError)
            if not re.search(pattern, str(error)) or (of_two and not is_shared):
                self.wrong.append(f"{name}: {type(error).__name__}: {error}")
        except BaseException as error:
            self.wrong.append(f"{name}: {type(error).__name__}: {error}")

    def check(self, is_right: bool, otherwise: str) -> None:
        if not is_right:
            self.wrong.append(otherwise)

    # --- What is done to the data -------------------------------------------------------------

    def change(self) -> None:
        rng = np.random.default_rng(99)
        while not self.is_over.is_set():
            data = self.large if rng.random() < 0.1 else self.small[rng.integers(3)]
            if not data.mend():
                self.changes["mending refused"] += 1
                time.sleep(0)
                continue
            if rng.random() < 0.5:
                refcheck = rng.random() < 0.3
                name = f"resize(refcheck={refcheck})"
                try:
                    data.resize(refcheck, data.X if rng.random() < 0.7 else data.y)
                    self.changes[f"{name}: done"] += 1
                except ValueError:
                    self.changes[f"{name}: refused"] += 1
            else:
                change = data.CHANGES[rng.integers(len(data.CHANGES))]
                change(data)
                self.changes[change.__name__] += 1
            # The data are whole for a while, so that something can be done with them.
            if rng.random() < 0.7 and data.mend():
                time.sleep(rng.uniform(0, 0.0005))

    # --- All of them --------------------------------------------------------------------------

    def rage(self) -> dict:
        begin = time.monotonic()
        workers = [threading.Thread(target=self.work, args=(i,)) for i in range(N_WORKERS)]
        changer = threading.Thread(target=self.change)
        for thread in (*workers, changer):
            thread.start()
        before = -1
        while any(worker.is_alive() for worker in workers):
            if sum(self.done) > before:
                before = sum(self.done)
                faulthandler.dump_traceback_later(SILENCE, exit=True)
            time.sleep(0.1)
        self.is_over.set()
        changer.join()
        faulthandler.cancel_dump_traceback_later()
        return {
            "seconds": time.monotonic() - begin,
            "operations": self.done,
            "counts": dict(sorted(self.counts.items())),
            "changes": dict(sorted(self.changes.items())),
            "wrong": self.wrong[:20],
            "n_wrong": len(self.wrong),
        }


def main() -> None:
    faulthandler.enable()
    sys.setswitchinterval(1e-5)
    # Random bits as numbers diverge and overflow; and NumPy would rather that nobody set a dtype.
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    print(json.dumps(Storm(int(sys.argv[1])).rage()), flush=True)


if __name__ == "__main__":
    main()
