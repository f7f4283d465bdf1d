"""A NaN or an infinity is named by argument, row and column, and looking for it costs nothing.

Nothing is looked through before a walk: whoever visits a few rows reads a few rows. What makes the
loss, or θ, leave the numbers is looked for afterwards, in the rows that were visited.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwalk as gw
from array_forms import FAITHFUL, FLOATS, LAYOUTS, Array, lay, small_numbers
from random_problems import targets
from random_walks import METHODS

N_CASES, N_GROUPS = 1000, 10
BAD = (np.nan, np.inf, -np.inf)
PLACES = ("X", "y", "sample_weight", "init")
# As the messages write it: X[3, 1], y[3], "in row 3", "at place 3".
NAMED = re.compile(
    r"(?P<argument>X|y|sample_weight|init)"
    r"(\[(?P<row>\d+)(, (?P<column>\d+))?\])? must .*; got (?P<value>NaN|-?inf)"
    r"( (in row|at place) (?P<place>\d+))?"
)


def named(error: BaseException) -> tuple[str, tuple[int, ...], str]:
    """Argument, place and value that the message names."""
    match = NAMED.search(str(error))
    assert match is not None, error
    numbers = [match[key] for key in ("row", "column", "place") if match[key] is not None]
    return match["argument"], tuple(map(int, numbers)), match["value"]


def shown(value: float) -> str:
    return "NaN" if np.isnan(value) else str(float(value))


class Draw:
    """Data in a random form, one entry of which is no number."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = np.random.default_rng([seed, 99])
        self.argument = PLACES[seed % 4]
        n_losses = len(gw.LOSSES)
        self.loss = gw.LOSSES[seed // 4 % n_losses]
        self.method = list(METHODS)[seed // (4 * n_losses) % 3]
        self.value = BAD[seed // (12 * n_losses) % 3]
        self.n, self.d = int(rng.integers(1, 60)), int(rng.integers(1, 12))
        self.epochs = int(rng.integers(1, 4))
        n, d = self.n, self.d
        labels = targets(self.loss, np.zeros((n, 3) if self.loss == "cross_entropy" else n), rng)
        p = d + 1
        theta = rng.normal(size=(p, 3) if self.loss == "cross_entropy" else p)
        self.arrays: dict[str, Array] = {
            "X": small_numbers(self.dtype("X"), (n, d), rng),
            "y": labels.astype(self.dtype("y")),
            "sample_weight": rng.uniform(0.5, 2, n).astype(self.dtype("sample_weight")),
            # From zeros an infinity makes 0 · inf; from elsewhere, an infinite score.
            "init": (theta * (rng.random() < 0.5)).astype(self.dtype("init")),
        }
        self.order = self.draw_order()
        visited = np.concatenate(self.order)
        array = self.arrays[self.argument]
        if self.argument == "init":
            self.place = tuple(int(rng.integers(length)) for length in array.shape)
        else:
            self.place = (
                int(rng.choice(visited)),
                *(int(rng.integers(d)) for _ in array.shape[1:]),
            )
        array[self.place] = self.value
        for key, values in self.arrays.items():
            self.arrays[key] = in_a_form(values, rng)
        # A layout that repeats itself takes the value to other places, or loses it.
        X = lay(self.arrays["X"], str(rng.choice(list(LAYOUTS))))
        if self.argument != "X" or not np.isfinite(X[visited].astype(float)).all():
            self.arrays["X"] = X

    def dtype(self, argument: str) -> str:
        return str(self.rng.choice(FLOATS))

    def draw_order(self) -> list[Array]:
        """Some of the rows, in every epoch others."""
        rng, n = self.rng, self.n
        if rng.random() < 0.5:
            return [rng.permutation(n) for _ in range(self.epochs)]
        return [rng.integers(0, n, int(rng.integers(1, n + 1))) for _ in range(self.epochs)]

    def fit(self) -> Any:
        options = {"learning_rate": 1e-3, "epochs": self.epochs}
        if self.method == "MiniBatchGD":
            options["batch_size"] = int(self.rng.integers(1, self.n + 1))
        if self.loss == "cross_entropy":
            options["n_classes"] = 3
        self.model = METHODS[self.method](self.loss, **options)
        X, y, weights, init = (self.arrays[key] for key in PLACES)
        if self.argument != "init" and self.rng.random() < 0.5:
            init = None
        if self.argument != "sample_weight" and self.rng.random() < 0.5:
            weights = None
        return self.model.fit(X, y, sample_weight=weights, init=init, order=self.order)


def in_a_form(values: Array, rng: np.random.Generator) -> Array:
    """In a layout that keeps each value at its place."""
    return lay(values, str(rng.choice(FAITHFUL)))


def check(draw: Draw) -> None:
    with pytest.raises(ValueError, match=draw.argument) as caught:
        draw.fit()
    argument, place, value = named(caught.value)
    assert argument == draw.argument, caught.value
    array = draw.arrays[draw.argument]
    # Of X the row and column, of y and the weights the row; of init the place, θ laid flat or not.
    flat = len(place) == 1 and array.ndim == 2
    found = array.ravel()[place] if flat else array[place]
    assert not np.isfinite(found)
    assert shown(found) == value
    if draw.argument == "X":
        assert place[0] in np.concatenate(draw.order), "a row that nobody visited"
    if np.count_nonzero(~np.isfinite(array.astype(float))) == 1:
        where = np.unravel_index(place[0], array.shape) if flat else place
        assert tuple(int(k) for k in where) == draw.place
    assert_state_is_kept(draw)


def assert_state_is_kept(draw: Draw) -> None:
    """Bad data are noticed on the way: what was walked before is there, and finite."""
    try:
        params = draw.model.params_
    except gw.NotFittedError:
        # The gate noticed: there was no walk.
        assert draw.argument != "X"
        return
    assert np.isfinite(params).all()
    assert draw.model.stop_reason_ == "failed"
    assert np.isfinite(draw.model.history_.path).all()


@pytest.mark.parametrize("group", range(N_GROUPS))
def test_a_thousand_bad_values_are_named_by_their_place(group: int) -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for seed in range(group, N_CASES, N_GROUPS):
        draw = Draw(seed)
        try:
            check(draw)
            counts[draw.argument] += 1
        except Exception as error:
            what = f"{seed} {draw.argument} {draw.loss} {draw.method} {draw.value}"
            wrong.append(f"{what}: {type(error).__name__} {error}"[:300])
    print(f"{sum(counts.values())} named by argument and place, {len(wrong)} wrong: {dict(counts)}")
    assert not wrong, "\n".join(wrong)
    assert sum(counts.values()) == N_CASES // N_GROUPS


def test_every_layout_and_dtype_of_floats_names_row_and_column() -> None:
    """The pairs in turn, with a bad value in the last row and the last column."""
    y, named_ = np.arange(7.0), 0
    for layout in LAYOUTS:
        for dtype in FLOATS:
            for value in BAD:
                X = np.ones((7, 3), dtype)
                X[6, 2] = value
                X = lay(X, layout)
                if np.isfinite(X.astype(float)).all():
                    continue  # a layout that repeats its first row or column
                for method in METHODS.values():
                    with pytest.raises(ValueError, match=r"X\[\d, \d\]") as caught:
                        method(epochs=2).fit(X, y)
                    _, place, told = named(caught.value)
                    assert shown(X[place]) == told == shown(value)
                    named_ += 1
    assert named_ > 3 * len(FLOATS) * 3 * 15


# Each epoch of the order has other rows, and so may have a loss ten times as large.
@pytest.mark.filterwarnings("ignore:the walk diverges")
@settings(max_examples=200)
@given(data=st.data())
def test_a_bad_value_in_a_row_that_is_not_visited_is_no_error(data: Any) -> None:
    n, d = data.draw(st.integers(2, 20)), data.draw(st.integers(1, 5))
    row = data.draw(st.integers(0, n - 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    dtype, layout = data.draw(st.sampled_from(FLOATS)), data.draw(st.sampled_from(sorted(LAYOUTS)))
    good = small_numbers(dtype, (n, d), rng)
    y = small_numbers("f8", n, rng)
    bad, y_bad = lay(good, layout).copy(), y.copy()
    good = bad.copy()
    bad[row, data.draw(st.integers(0, d - 1))] = data.draw(st.sampled_from(BAD))
    y_bad[row] = data.draw(st.sampled_from(BAD))
    others = np.delete(np.arange(n), row)
    order = [rng.choice(others, size=data.draw(st.integers(1, n))) for _ in range(3)]
    method = data.draw(st.sampled_from(list(METHODS.values())))
    options = {"epochs": 3, "learning_rate": 1e-3, "record": "update"}
    model = method(**options).fit(bad, y_bad, order=order)
    twin = method(**options).fit(good, y, order=order)
    assert model.history_.path.tobytes() == twin.history_.path.tobytes()
    # Whoever looks at all rows does meet it.
    with pytest.raises(ValueError, match=rf"(X|y)\[{row}"):
        method(**options).fit(bad, y_bad, order=order, full_loss=True)


@pytest.mark.parametrize("method", METHODS)
def test_a_row_of_weight_zero_that_is_visited_is_looked_at(method: str) -> None:
    """0 · NaN is NaN: the weight does not hide the row, and a shuffle would visit it sooner."""
    X, y = np.ones((5, 2)), np.arange(5.0)
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"X\[3, 1\]"):
        METHODS[method](epochs=2).fit(X, y, sample_weight=[1, 1, 1, 0, 1])


@pytest.mark.parametrize("loss", gw.LOSSES)
@pytest.mark.parametrize("value", BAD)
def test_no_loss_and_no_flat_slope_hides_an_infinity(loss: str, value: float) -> None:
    """An infinite score on the right side of a margin has a loss of 0 and a slope of 0."""
    rng = np.random.default_rng(5)
    for dtype in ("f4", "f8"):
        for method in METHODS.values():
            for sign in (1, -1):
                X = rng.normal(size=(9, 3)).astype(dtype)
                X[4, 2] = value
                y = targets(loss, np.zeros((9, 3) if loss == "cross_entropy" else 9), rng)
                init = np.full((4, 3) if loss == "cross_entropy" else 4, sign * 0.3)
                if loss == "cross_entropy":
                    init = init * [1, 2, 3]
                order = np.arange(9)[None]
                with pytest.raises(ValueError, match=r"X\[4, 2\]"):
                    method(loss, epochs=1).fit(X, y, init=init, order=order)


def test_of_the_validation_data_the_place_is_named_too() -> None:
    X, y = np.ones((6, 2)), np.arange(6.0)
    for layout in ("C", "F", "backwards both", "packed field"):
        for dtype in FLOATS:
            bad, y_bad = np.ones((4, 2), dtype), np.ones(4, dtype)
            bad[2, 1] = np.nan
            with pytest.raises(ValueError, match=r"of the validation data, X\[2, 1\]"):
                gw.SGD(epochs=1).fit(X, y, validation=(lay(bad, layout), y[:4]))
            y_bad[3] = np.inf
            with pytest.raises(ValueError, match=r"of the validation data, y\[3\]"):
                gw.SGD(epochs=1).fit(X, y, validation=(X[:4], lay(y_bad, layout)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_predictions_name_the_place(layout: str) -> None:
    model = gw.BatchGD(epochs=2).fit(np.full((6, 3), 0.5), np.arange(6.0))
    for dtype in FLOATS:
        X = small_numbers(dtype, (5, 3), np.random.default_rng(6))
        X[0, 0] = np.nan
        X = lay(X, layout)
        for call in (model.predict, model.decision_function):
            with pytest.raises(ValueError, match=r"X\[\d, \d\]") as caught:
                call(X)
            assert np.isnan(X[named(caught.value)[1]])


def test_over_threads_the_same_place_is_named() -> None:
    """Whoever met it first: the rows are looked through in their order."""
    rng = np.random.default_rng(7)
    X, y = rng.normal(size=(20_000, 60)), np.zeros(20_000)
    for _ in range(10):
        rows = rng.integers(0, 20_000, 3)
        bad = X.copy()
        bad[rows, rng.integers(0, 60, 3)] = np.nan
        places = set()
        for n_threads in (1, 2, 4):
            model = gw.BatchGD(epochs=3, learning_rate=1e-3, n_threads=n_threads)
            with pytest.raises(ValueError, match=r"X\[\d+, \d+\]") as caught:
                model.fit(bad, y)
            places.add(named(caught.value)[1])
        ((row, column),) = places
        assert np.isnan(bad[row, column])
        assert row == rows.min()


# --- What it costs ----------------------------------------------------------------------------

SMAPS, CLEAR = Path("/proc/self/smaps"), Path("/proc/self/clear_refs")
on_linux = pytest.mark.skipif(
    not (SMAPS.exists() and os.access(CLEAR, os.W_OK)),
    reason="which pages were read is asked of Linux, at /proc",
)


def pages(X: Array, key: str) -> int:
    """Bytes of the mapping that holds X that are resident ("Rss"), or were read ("Referenced")."""
    address, ours = X.__array_interface__["data"][0], False
    for line in SMAPS.read_text().splitlines():
        if span := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            ours = int(span[1], 16) <= address < int(span[2], 16)
        elif ours and line.startswith(key + ":"):
            return 1024 * int(line.split()[1])
    raise AssertionError("no mapping holds X")


@pytest.fixture
def sparse_file(tmp_path: Path) -> Iterator[Path]:
    """64 MB that read as zeros."""
    file = tmp_path / "X"
    with file.open("wb") as sparse:
        sparse.truncate(1 << 26)
    yield file
    file.unlink()


def mapped(file: Path, dtype: str, order: str) -> Array:
    d = 4 if order == "F" else 64
    n = (1 << 26) // np.dtype(dtype).itemsize // d
    return np.memmap(file, dtype, "r", shape=(n, d), order=order)


CODES = ["f8", "f4", ">f8", "f2", "u1", "i4"]
every_form = pytest.mark.parametrize(("order", "dtype"), [(o, c) for o in "CF" for c in CODES])


@on_linux
@every_form
def test_a_walk_over_a_few_rows_touches_their_pages_alone(
    sparse_file: Path, order: str, dtype: str
) -> None:
    """No pass over X goes before a walk, or after it: the pages of the other rows stay unread."""
    X = mapped(sparse_file, dtype, order)
    y, rows = np.zeros(len(X)), np.arange(256)
    assert pages(X, "Rss") == 0
    for method in METHODS.values():
        model = method(epochs=3, learning_rate=1e-3, record=None)
        model.fit(X, y, order=[rows] * 3, init=np.ones(X.shape[1] + 1))
        assert model.n_epochs_ == 3
    touched = pages(X, "Rss")
    print(f"{touched} of {X.nbytes} bytes touched")
    # The system brings in some pages around each one that is asked for.
    assert 0 < touched < X.nbytes // 8
    # And this is how a pass over all of X would look.
    assert np.count_nonzero(X[:: 4096 // X.itemsize // (X.shape[1] if order == "C" else 1)]) == 0
    assert pages(X, "Rss") > X.nbytes // 2


@on_linux
@every_form
def test_nothing_is_read_before_between_and_after_the_epochs(
    sparse_file: Path, order: str, dtype: str
) -> None:
    """The learning rate is asked for right before an update, and the callback comes right after."""
    X = mapped(sparse_file, dtype, order)
    y = np.zeros(len(X))
    read: list[tuple[str, int]] = []

    def note(what: str) -> None:
        read.append((what, pages(X, "Referenced")))
        CLEAR.write_text("1")  # from here on, anew

    def rate(t: int) -> float:
        note("aside")
        return 1e-3

    note("")
    model = gw.BatchGD(epochs=3, learning_rate=rate, record=None)
    model.fit(X, y, callback=lambda step: note("in the epoch"))
    note("aside")
    aside = [n_bytes for what, n_bytes in read if what == "aside"]
    in_epochs = [n_bytes for what, n_bytes in read if what == "in the epoch"]
    print(f"of {X.nbytes} bytes, read in the epochs: {in_epochs}; beside them: {aside}")
    assert (len(aside), len(in_epochs)) == (4, 3)
    assert min(in_epochs) > 0.9 * X.nbytes
    assert max(aside) < 0.05 * X.nbytes
