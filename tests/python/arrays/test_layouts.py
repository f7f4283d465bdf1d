"""Any array: every layout and dtype gives the reference's numbers and the bits of a plain copy.

The plain copy is in C order, of float32 where X is float32 in this machine's byte order, else of
float64. Ten thousand random walks go through all pairs of layout and dtype; larger matrices, which
are converted in more than one piece, are compared to their plain copies.
"""

from __future__ import annotations

import weakref
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gradwalk as gw
from array_forms import (
    DTYPES,
    FAITHFUL,
    LAYOUTS,
    NATIVE,
    SIGNED,
    Array,
    any_numbers,
    lay,
    matrices,
    plain,
    small_numbers,
    vectors,
)
from layout_walks import (
    EXTRAS,
    PAIRS,
    assert_same_bits,
    check,
    draw_case,
    draw_once,
    record,
    same_bits,
)
from random_walks import METHODS

N_CASES, N_GROUPS = 10_000, 20

# Data of chance have columns of ones and classes without rows: see test_hints.
pytestmark = [
    pytest.mark.filterwarnings("ignore:X.* is a column of ones"),
    pytest.mark.filterwarnings("ignore:y holds one class alone"),
    pytest.mark.filterwarnings("ignore:y has no row of class"),
    # Some of them end above where they began, a few epochs on: what they reach is the reference's.
    pytest.mark.filterwarnings("ignore:the walk diverges"),
]


# --- Ten thousand random walks ----------------------------------------------------------------


@pytest.mark.parametrize("group", range(N_GROUPS))
def test_ten_thousand_walks_over_every_layout_and_dtype(group):
    seen, wrong = Counter(), []
    for seed in range(group, N_CASES, N_GROUPS):
        try:
            case, walked = draw_case(seed)
            seen[check(case, walked, seed // N_GROUPS)] += 1
        except Exception as error:
            wrong.append(
                f"{seed}, {PAIRS[seed % len(PAIRS)]}: {type(error).__name__} {error}"[:300]
            )
    print(f"{sum(seen.values())} walks as the reference and as the plain copy, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong[:10])
    assert sum(seen.values()) == N_CASES // N_GROUPS
    assert min(seen[name] for name, _ in EXTRAS) >= 50


def test_the_cases_are_of_every_kind():
    """What the ten thousand promise to cover, counted on every tenth."""
    counts: Counter[Any] = Counter()
    pairs: Counter[Any] = Counter(PAIRS[seed % len(PAIRS)] for seed in range(N_CASES))
    assert len(pairs) == len(PAIRS) == len(LAYOUTS) * len(DTYPES)
    assert min(pairs.values()) >= 15
    for seed in range(0, N_CASES, 10):
        case = draw_once(seed, 0)
        n, d = case.X.shape
        counts["one row"] += n == 1
        counts["one column"] += d == 1
        counts["one-hot"] += case.y.ndim == 2 and case.y.shape[1] > 1
        counts["column"] += case.y.shape == (n, 1)
        counts["weights"] += "sample_weight" in case.given
        counts["init"] += "init" in case.given
        counts["order"] += case.given["order"] is not None
        counts["method", case.method] += 1
        counts["loss", case.settings["loss"]] += 1
        counts["single"] += plain(case.X).dtype == np.float32
    print(dict(counts))
    assert min(counts.values()) >= 20


def test_a_reader_of_wrong_places_would_be_noticed(monkeypatch):
    """Were X read in the order of its memory, F-ordered cases would come out wrong."""
    fit = gw.BatchGD.fit

    class Careless(gw.BatchGD):
        def fit(self, X, y, **given):
            X = np.asarray(X)
            if X.flags.f_contiguous:
                X = X.ravel("K").reshape(X.shape)
            return fit(self, X, y, **given)

    monkeypatch.setitem(METHODS, "BatchGD", Careless)
    noticed = 0
    for seed in range(PAIRS.index(("F", "f8")), N_CASES, len(PAIRS)):
        case, walked = draw_case(seed)
        if case.method == "BatchGD" and min(case.X.shape) > 1:
            with pytest.raises(AssertionError):
                check(case, walked, 2)
            noticed += 1
    assert noticed >= 3


# --- What hypothesis thinks of ----------------------------------------------------------------


@settings(max_examples=300)
@given(data=st.data(), X=matrices(), method=st.sampled_from(list(METHODS)))
def test_any_matrix_gives_the_bits_of_its_plain_copy(data, X, method):
    n = len(X)
    y = data.draw(vectors(n, largest=100))
    weights = data.draw(st.none() | vectors(n, lowest=0))
    assume(weights is None or plain(weights).max() > 1e-3)
    loss = data.draw(st.sampled_from(["mse", "mae", "huber", "sigmoid_mse", "tanh_mse"]))
    # No learning rate is too large for numbers of up to a thousand: the walk is a short one.
    options = {"learning_rate": 1e-9, "epochs": 3, "random_state": 1, "record": "update"}
    model = METHODS[method](loss, **options).fit(X, y, sample_weight=weights)
    copies = {"sample_weight": None if weights is None else plain(weights)}
    twin = METHODS[method](loss, **options).fit(plain(X), plain(y), **copies)
    assert_same_bits(model, twin)
    assert same_bits(model.predict(X), twin.predict(plain(X)))


@settings(max_examples=200)
@given(data=st.data(), X=matrices(), K=st.integers(2, 4))
def test_any_form_of_classes_gives_the_bits_of_class_numbers(data, X, K):
    n = len(X)
    labels = np.array(data.draw(st.lists(st.integers(0, K - 1), min_size=n, max_size=n)))
    dtype, layout = data.draw(st.sampled_from(DTYPES)), data.draw(st.sampled_from(FAITHFUL))
    options = {"learning_rate": 1e-7, "epochs": 2, "random_state": 1, "n_classes": K}
    model = gw.MiniBatchGD("cross_entropy", batch_size=3, **options)
    expected = record(model.fit(plain(X), labels))
    model.fit(X, lay(np.eye(K)[labels].astype(dtype), layout))
    assert all(same_bits(value, expected[name]) for name, value in record(model).items())
    if dtype != "?":
        model.fit(X, lay(labels.astype(dtype), layout))
        assert all(same_bits(value, expected[name]) for name, value in record(model).items())


# --- The numbers as the core reads them -------------------------------------------------------


def reader(d: int, dtype: Any = np.float64) -> gw.GradientDescent:
    """A model whose scores are the features themselves: softmax weights that are the identity."""
    # A learning rate function may say 0, and nothing moves.
    model = gw.BatchGD("cross_entropy", learning_rate=lambda t: 0.0, epochs=1, fit_intercept=False)
    return model.fit(np.ones((1, d), dtype), [0], init=np.eye(d))


def as_read(dtype: str) -> Array:
    """Every number that the dtype can hold, or a hundred thousand of them, its ends included."""
    kind = np.dtype(dtype)
    if kind.itemsize == 1:
        return (
            np.arange(256, dtype=np.uint8).view(kind)
            if kind.kind != "b"
            else np.array([False, True])
        )
    if kind.itemsize == 2:
        values = np.arange(2**16, dtype=np.uint16).view(kind.newbyteorder("=")).astype(kind)
        return values[np.isfinite(values)]
    return any_numbers(kind, 100_000, np.random.default_rng(7))


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_number_of_a_dtype_is_read_as_numpy_reads_it(dtype):
    values = as_read(dtype)
    exact = values.astype(np.float64)
    np.testing.assert_array_equal(reader(1).decision_function(values[:, None])[:, 0], exact)
    # y: with half the squared error, x = 1 and a learning rate of 1, θ moves onto each target.
    model = gw.SGD(
        "half_mse",
        learning_rate=1.0,
        epochs=1,
        fit_intercept=False,
        sampling="sequential",
        record="update",
    )
    few = values[:: max(1, len(values) // 2000)]
    few = few[np.abs(few.astype(np.float64)) < 1e150]
    # Zeros between them: there and back again, each step is exact.
    y = lay(np.stack([np.zeros_like(few), few], axis=1).ravel(), "backwards rows")
    path = model.fit(np.ones((len(y), 1)), y).history_.path
    np.testing.assert_array_equal(path[1:, 0], y.astype(np.float64))


@pytest.mark.parametrize("code", "bBhHiIlLqQefd?")
def test_a_dtype_goes_by_any_of_its_names(code):
    """C has more names than sizes: both "l" and "q" may be of eight bytes."""
    values = small_numbers(code, (20, 3), np.random.default_rng(14))
    described = values.astype(np.dtype(code, metadata={"unit": "m"}))
    for X in (values, described, described[::-1][:, ::2]):
        y = X[:, 0]
        model = gw.SGD(epochs=2, random_state=0).fit(X, y, sample_weight=abs(y.astype("i8")) + 1)
        copied = plain(y.astype(np.float64))
        twin = gw.SGD(epochs=2, random_state=0)
        twin.fit(plain(X), copied, sample_weight=abs(y.astype("i8")) + 1.0)
        assert_same_bits(model, twin)


def test_any_byte_but_0_is_true():
    """A view of bytes as flags may hold more than 0 and 1."""
    bytes_ = np.random.default_rng(15).integers(0, 4, (50, 3), np.uint8) * 85
    assert set(np.unique(bytes_)) == {0, 85, 170, 255}
    flags, numbers = bytes_.view(bool), (bytes_ > 0).astype(float)
    for loss in ("mse", "log_loss", "hinge"):
        model = gw.SGD(loss, epochs=2, random_state=0)
        expected = record(model.fit(numbers, numbers[:, 1], sample_weight=numbers[:, 0]))
        for form in (flags, np.asfortranarray(flags)):
            model.fit(form, form[:, 1], sample_weight=form[:, 0])
            kept = record(model)
            assert all(same_bits(value, kept[name]) for name, value in expected.items())
    one_hot = np.zeros((50, 3), np.uint8)
    one_hot[np.arange(50), bytes_[:, 0] // 85 % 3] = 200
    model = gw.SGD("cross_entropy", epochs=2, random_state=0)
    expected = record(model.fit(numbers, (one_hot > 0).astype(float)))
    kept = record(model.fit(flags, one_hot.view(bool)))
    assert all(same_bits(value, kept[name]) for name, value in expected.items())


SHAPES = [(1500, 40), (40, 1500), (2, 12_000), (12_000, 3)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_matrices_of_many_pieces_are_read_whole(shape):
    """Larger than any buffer that a conversion fills at once."""
    rng = np.random.default_rng(8)
    n, d = shape
    rows = rng.integers(0, n, 64)
    ones = np.ones(n)
    columns = np.unique(np.r_[0, d - 1, rng.integers(0, d, 4)])
    checked = 0
    # Weights that pick some columns: all of them would be a large product.
    pick = np.zeros((d, len(columns)))
    pick[columns, np.arange(len(columns))] = 1
    for dtype in DTYPES:
        precision = np.float32 if np.dtype(dtype) == np.float32 else np.float64
        model = gw.BatchGD(
            "cross_entropy", learning_rate=lambda t: 0.0, epochs=1, fit_intercept=False
        )
        model.fit(np.ones((1, d), precision), [0], init=pick)
        values = any_numbers(dtype, shape, rng)
        # No sum of the others overflows, nor hides the one that is picked.
        values = np.where(np.abs(values.astype(np.float64)) < 1e30, values, 1).astype(dtype)

        def slopes(X):
            # At θ = 0 and with targets of 1 the slope of mae is −1 in each row.
            for batch in (None, rows):
                value, grad = gw.loss_and_grad(X, ones, np.zeros(d + 1), loss="mae", rows=batch)
                assert value == 1.0
                assert np.isfinite(grad).all()
                yield grad

        as_they_are = plain(values), [*slopes(plain(values))]
        for layout in LAYOUTS:
            X = lay(values, layout)
            copy, expected = as_they_are
            if layout not in FAITHFUL:
                copy = plain(X)
                expected = slopes(copy)
            got = model.decision_function(X)
            assert np.array_equal(got, copy[:, columns]), (dtype, layout)
            same = [same_bits(*both) for both in zip(slopes(X), expected, strict=True)]
            assert all(same), (dtype, layout)
            checked += 1
    print(f"{checked} matrices of {n} x {d} read as they are")
    assert checked == len(PAIRS)


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_larger_walks_have_the_bits_of_the_plain_copy(loss, method):
    def fitted(X, y):
        return METHODS[method](loss, **options).fit(X, y, full_loss=True)

    rng = np.random.default_rng(9)
    options = {"epochs": 2, "learning_rate": 1e-4, "random_state": 3, "record": "update"}
    options |= {"batch_size": 700} if method == "MiniBatchGD" else {}
    part = list(METHODS).index(method) + (loss == "mse")
    drawn = {}
    for number, (layout, dtype) in enumerate(PAIRS):
        # A third of the pairs for each method, all of them for each loss.
        if (number + number // len(DTYPES)) % 3 != part % 3:
            continue
        n, d = [(3000, 33), (60, 1700)][number % 2]
        if (n, dtype) not in drawn:
            y = rng.integers(0, 3, n) if loss == "cross_entropy" else rng.integers(-3, 4, n)
            values = small_numbers(dtype, (n, d), rng)
            drawn[n, dtype] = values, y, fitted(plain(values), y.astype(float))
        values, y, twin = drawn[n, dtype]
        X = lay(values, layout)
        if layout not in FAITHFUL:
            twin = fitted(plain(X), y.astype(float))
        form = lay(y.astype(rng.choice(SIGNED)), rng.choice(FAITHFUL))
        assert_same_bits(fitted(X, form), twin)


@pytest.mark.parametrize(
    "dtype", [code for code in DTYPES if np.dtype(code).itemsize <= 2 or code[-2] == "f"]
)
def test_a_model_of_single_precision_reads_any_array_in_single_precision(dtype):
    rng = np.random.default_rng(10)
    values = small_numbers(dtype, (50, 3), rng)
    X = small_numbers("f4", (50, 3), rng)
    options = {"epochs": 2, "random_state": 1, "record": "update"}
    for layout in LAYOUTS:
        form = lay(values, layout)
        model, twin = (gw.SGD(**options).fit(X, X[:, 0]) for _ in range(2))
        same = np.array(form, np.float32, order="C")
        assert same_bits(model.predict(form), twin.predict(same))
        model.partial_fit(form, form[:, 0])
        twin.partial_fit(same, same[:, 0])
        assert_same_bits(model, twin)


# --- Whose memory it is -----------------------------------------------------------------------


def test_one_array_may_be_all_arguments_at_once():
    X = np.abs(np.random.default_rng(12).normal(size=(20, 20))) / 10
    given = {"sample_weight": X[:, 1], "init": X[2], "validation": (X, X[3]), "full_loss": True}
    copies = {"sample_weight": X[:, 1].copy(), "init": X[2].copy(), "full_loss": True}
    copies["validation"] = (X.copy(), X[3].copy())
    options = {"epochs": 3, "random_state": 0, "fit_intercept": False}
    model = gw.SGD(**options).fit(X, X[:, 0], **given)
    assert_same_bits(model, gw.SGD(**options).fit(X.copy(), X[:, 0].copy(), **copies))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_model_keeps_no_array_alive(layout):
    for dtype in NATIVE:
        X = lay(small_numbers(dtype, (8, 3), np.random.default_rng(13)), layout)
        y = lay(np.arange(8.0), layout)
        gone = [weakref.ref(X), weakref.ref(y)]
        model = gw.SGD(epochs=1, learning_rate=1e-3).fit(
            X, y, sample_weight=y + 1, validation=(X, y)
        )
        model.predict(X)
        del X, y
        assert [ref() for ref in gone] == [None, None]
        assert model.n_updates_ == 8


def test_arrays_can_be_resized_and_written_after_a_fit():
    X, y = np.ones((8, 3)), np.arange(8.0)
    model = gw.SGD(epochs=1).fit(X, y, validation=(X, y))
    model.predict(X)
    X[:] = 2
    X.resize((4, 6))
    y.resize(4)
    assert model.n_updates_ == 8
