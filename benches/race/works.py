"""The works of the race: what is walked, by whom, and which ratio is asked for.

Everything that a reader may want to question is in this file: sizes, learning rates, numbers of
epochs, the ratios, and the times that were measured earlier on another state of the project.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

MS, US = 1e-3, 1e-6


@dataclass(frozen=True)
class Data:
    """The data of a work: see `data.make`."""

    kind: str
    n: int
    d: int
    n_classes: int = 0
    dtype: str = "float64"


@dataclass(frozen=True)
class Entry:
    """Somebody who does the work, in one way.

    `form` is how the names of the forms begin that may be used; the fastest of them is found before
    the race.
    `array` says which version of X is handed over: the data's own, "float32", or "F".
    `epochs` differ for those alone who only read.
    `earlier` is an earlier measurement, in seconds an epoch: from and to.
    """

    name: str
    peer: str
    form: str | None = None
    array: str = "own"
    options: dict[str, Any] = field(default_factory=dict)
    epochs: int | None = None
    turns: int = 1
    earlier: tuple[float, float] | None = None


@dataclass(frozen=True)
class Claim:
    """A ratio that is asked for: at least so many times faster, or at most so many times slower."""

    entry: str
    against: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Work:
    """Some epochs of one method over the same data, done by several entries in turn.

    `reached` says how all are shown to have done the same work: "params" (θ agrees), or "loss"
    (the loss at the end agrees, within `tolerance`). `busy` puts a process on every core beside it.
    """

    title: str
    method: str
    loss: str
    data: Data
    learning_rate: float
    epochs: int
    entries: tuple[Entry, ...]
    claims: tuple[Claim, ...]
    batch_size: int = 0
    reached: str = "loss"
    tolerance: float = 0.05
    busy: bool = False
    is_strained: bool = False
    unit: str = "ms"

    def epochs_of(self, entry: Entry) -> int:
        """Epochs in one run of an entry."""
        return entry.epochs or self.epochs


LARGE = Data("regression", 1_000_000, 100)
MIDDLE = Data("regression", 100_000, 50)
SMALL = Data("regression", 442, 10)
CALLED = Data("regression", 350_000, 100)
LABELS = Data("labels", 500_000, 30)
IMAGES = Data("classes", 60_000, 784, n_classes=10, dtype="float32")


def ours(name: str = "gradwalk", **more: Any) -> Entry:
    """Give gradwalk at its defaults, but for what is named."""
    return Entry(name, "gradwalk", **more)


def against(*names: str, at_least: float) -> tuple[Claim, ...]:
    """Ask for the same of gradwalk against several."""
    return tuple(Claim("gradwalk", name, at_least=at_least) for name in names)


def loaded(work: Work, epochs: int) -> Work:
    """Make the same work with a busy process on each core, and with more threads than cores."""
    return dataclasses.replace(
        work,
        title=work.title + ", busy cores",
        epochs=epochs,
        busy=True,
        is_strained=True,
        entries=(
            ours(),
            ours("n_threads=1", options={"n_threads": 1}),
            ours("n_threads=8", options={"n_threads": 8}),
        ),
        claims=(
            Claim("gradwalk", "n_threads=1", at_most=1.5),
            Claim("n_threads=8", "n_threads=1", at_most=1.5),
        ),
    )


def crowded(work: Work, epochs: int) -> Work:
    """Make the same work with more threads than cores, on an idle machine."""
    return dataclasses.replace(
        loaded(work, epochs),
        title=work.title + ", 8 threads",
        busy=False,
        claims=(Claim("n_threads=8", "n_threads=1", at_most=1.5),),
    )


BATCH_LARGE = Work(
    "BatchGD mse 1,000,000 × 100",
    "batch",
    "mse",
    LARGE,
    0.1,
    10,
    (
        ours(earlier=(31 * MS, 31 * MS)),
        Entry("NumPy", "numpy", form="textbook", earlier=(77 * MS, 77 * MS)),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba", earlier=(54 * MS, 59 * MS)),
        Entry("PyTorch", "torch"),
        Entry("JAX", "jax"),
        Entry("read X, 2 threads", "bandwidth", epochs=1, turns=2, earlier=(27 * MS, 30 * MS)),
        ours("gradwalk float32", array="float32"),
        ours("gradwalk F-ordered", array="F"),
    ),
    (
        *against("NumPy", "NumPy, tuned", at_least=2.2),
        Claim("gradwalk", "read X, 2 threads", at_least=0.8),
        Claim("gradwalk float32", "gradwalk", at_least=1.8),
        Claim("gradwalk F-ordered", "gradwalk", at_most=1.3),
    ),
    reached="params",
)

SGD_LARGE = Work(
    "SGD mse 1,000,000 × 100",
    "sgd",
    "mse",
    LARGE,
    0.0005,
    2,
    (
        ours(earlier=(99 * MS, 99 * MS)),
        Entry("NumPy", "numpy", form="textbook", earlier=(2_500 * MS, 2_500 * MS)),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba", earlier=(217 * MS, 217 * MS)),
        Entry("scikit-learn", "sklearn", earlier=(670 * MS, 670 * MS)),
    ),
    (
        Claim("gradwalk", "scikit-learn", at_least=6),
        Claim("gradwalk", "numba", at_least=2),
    ),
)

MINI_32 = Work(
    "MiniBatch 32 mse 1,000,000 × 100",
    "mini",
    "mse",
    LARGE,
    0.005,
    1,
    (
        ours(earlier=(100 * MS, 100 * MS)),
        Entry("NumPy", "numpy", form="textbook", earlier=(550 * MS, 550 * MS)),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba", earlier=(220 * MS, 220 * MS)),
        Entry("PyTorch", "torch", form="autograd, DataLoader", earlier=(6.3, 6.3)),
        Entry("PyTorch, by hand", "torch", form="by hand"),
        Entry("JAX", "jax"),
    ),
    (
        *against("NumPy", "NumPy, tuned", at_least=5),
        Claim("gradwalk", "numba", at_least=2),
        *against("PyTorch", "PyTorch, by hand", at_least=50),
    ),
    batch_size=32,
)

MINI_256 = Work(
    "MiniBatch 256 mse 1,000,000 × 100",
    "mini",
    "mse",
    LARGE,
    0.02,
    2,
    (
        ours(earlier=(55 * MS, 55 * MS)),
        Entry("NumPy", "numpy", form="textbook", earlier=(232 * MS, 354 * MS)),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba", earlier=(218 * MS, 218 * MS)),
        Entry("PyTorch, by hand", "torch", form="by hand"),
        Entry("JAX", "jax"),
        ours("gradwalk F-ordered", array="F"),
        Entry("NumPy X[idx], F-ordered", "numpy", form="tuned, X[idx]", array="F"),
    ),
    (
        *against("NumPy", "NumPy, tuned", at_least=3.5),
        Claim("gradwalk", "numba", at_least=3),
        Claim("gradwalk F-ordered", "NumPy X[idx], F-ordered", at_least=1.5),
    ),
    batch_size=256,
)

BATCH_MIDDLE = Work(
    "BatchGD mse 100,000 × 50",
    "batch",
    "mse",
    MIDDLE,
    0.1,
    200,
    (
        ours(earlier=(0.9 * MS, 1.4 * MS)),
        Entry("NumPy", "numpy", form="textbook", earlier=(2.9 * MS, 3.6 * MS)),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba", earlier=(1.6 * MS, 2.0 * MS)),
        Entry("PyTorch", "torch"),
        Entry("JAX", "jax"),
    ),
    against("NumPy", "NumPy, tuned", at_least=2.4),
    reached="params",
)

SGD_MIDDLE = Work(
    "SGD mse 100,000 × 50",
    "sgd",
    "mse",
    MIDDLE,
    0.001,
    5,
    (
        ours(earlier=(3.2 * MS, 3.2 * MS)),
        Entry("NumPy", "numpy", form="textbook", earlier=(250 * MS, 400 * MS)),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba", earlier=(7.7 * MS, 7.7 * MS)),
        Entry("scikit-learn", "sklearn", earlier=(35 * MS, 38 * MS)),
        Entry("JAX", "jax"),
    ),
    (
        Claim("gradwalk", "scikit-learn", at_least=8),
        Claim("gradwalk", "numba", at_least=2),
        *against("NumPy", "NumPy, tuned", at_least=60),
    ),
)

BATCH_SMALL = Work(
    "BatchGD mse 442 × 10, 10,000 epochs, history on",
    "batch",
    "mse",
    SMALL,
    0.01,
    10_000,
    (
        ours(earlier=(2 * US, 2 * US)),
        Entry(
            "NumPy, history",
            "numpy",
            form="textbook",
            options={"history": True},
            earlier=(20 * US, 20 * US),
        ),
        Entry("NumPy, history, tuned", "numpy", form="tuned", options={"history": True}),
        Entry("numba", "numba"),
        Entry("PyTorch", "torch"),
        Entry("JAX", "jax"),
    ),
    against("NumPy, history", "NumPy, history, tuned", at_least=5),
    reached="params",
    unit="µs",
)

SGD_SMALL = Work(
    "SGD mse 442 × 10",
    "sgd",
    "mse",
    SMALL,
    0.001,
    1_000,
    (
        ours(),
        Entry("NumPy", "numpy", form="textbook"),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba"),
        Entry("scikit-learn", "sklearn", earlier=(30 * US, 30 * US)),
    ),
    (
        *against("NumPy", "NumPy, tuned", at_least=300),
        Claim("gradwalk", "scikit-learn", at_least=2),
    ),
    unit="µs",
)

BATCH_LABELS = Work(
    "BatchGD log_loss 500,000 × 30",
    "batch",
    "log_loss",
    LABELS,
    0.5,
    20,
    (
        ours(),
        Entry("NumPy", "numpy", form="textbook"),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("numba", "numba"),
        Entry("PyTorch", "torch"),
        Entry("JAX", "jax"),
    ),
    against("NumPy", "NumPy, tuned", at_least=3),
    reached="params",
)

SGD_LABELS = Work(
    "SGD log_loss 500,000 × 30",
    "sgd",
    "log_loss",
    LABELS,
    0.005,
    5,
    (
        ours(),
        Entry("numba", "numba"),
        Entry("scikit-learn", "sklearn"),
    ),
    (Claim("gradwalk", "scikit-learn", at_least=6),),
)

SOFTMAX = Work(
    "cross_entropy f32 60,000 × 784 × 10, batch 128",
    "mini",
    "cross_entropy",
    IMAGES,
    0.02,
    2,
    (
        ours(),
        Entry("NumPy", "numpy", form="textbook", earlier=(93 * MS, 107 * MS)),
        Entry("NumPy, tuned", "numpy", form="tuned"),
        Entry("PyTorch", "torch", form="autograd, DataLoader"),
        Entry("PyTorch, by hand", "torch", form="by hand", earlier=(180 * MS, 180 * MS)),
        Entry("JAX", "jax"),
    ),
    (
        *against("NumPy", "NumPy, tuned", at_least=4),
        *against("PyTorch", "PyTorch, by hand", at_least=7),
    ),
    batch_size=128,
)

CALLBACK = Work(
    "a callback each epoch, 1,000 epochs of 10 ms",
    "batch",
    "mse",
    CALLED,
    0.1,
    1_000,
    (
        ours("without"),
        ours("with a callback", options={"callback": True}),
    ),
    (Claim("with a callback", "without", at_most=1.03),),
    reached="params",
)

# Works over the same data stand together, for the data are made once for all of them.
WORKS = (
    BATCH_SMALL,
    SGD_SMALL,
    loaded(BATCH_SMALL, 10_000),
    crowded(BATCH_SMALL, 10_000),
    BATCH_MIDDLE,
    SGD_MIDDLE,
    loaded(BATCH_MIDDLE, 100),
    crowded(BATCH_MIDDLE, 100),
    BATCH_LABELS,
    SGD_LABELS,
    SOFTMAX,
    loaded(SOFTMAX, 1),
    crowded(SOFTMAX, 1),
    BATCH_LARGE,
    SGD_LARGE,
    MINI_32,
    MINI_256,
    loaded(BATCH_LARGE, 5),
    loaded(MINI_32, 1),
    loaded(MINI_256, 1),
    crowded(MINI_256, 1),
    CALLBACK,
)


def quick(work: Work) -> Work:
    """Make a small version of a work, with which only mistakes are found."""
    data = work.data
    if data.n > 1_000:
        data = dataclasses.replace(data, n=data.n // (40 if data.n > 100_000 else 20))
    shrink = 10 if work.epochs >= 100 else 1
    entries = tuple(
        dataclasses.replace(entry, epochs=max(1, entry.epochs // shrink) if entry.epochs else None)
        for entry in work.entries
    )
    return dataclasses.replace(
        work, data=data, epochs=max(1, work.epochs // shrink), entries=entries, tolerance=0.2
    )
