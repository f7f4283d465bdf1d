"""Things that are no numbers are refused for what they are, in whatever they come.

And objects that are all real numbers are walked on: the bits are those of the same doubles.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import re
import signal
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from layout_walks import assert_same_bits
from random_walks import METHODS

pandas = pytest.importorskip("pandas", reason="pandas is not installed")
polars = pytest.importorskip("polars", reason="polars is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

RNG = np.random.default_rng(3)
N = 12
NUMBERS = RNG.normal(size=(N, 2)).round(2)
TARGETS = NUMBERS @ [1.0, 2.0]
DAYS = [datetime.date(2024, 1, 1 + k) for k in range(N)]
MOMENTS = [datetime.datetime(2024, 1, 1 + k, 12) for k in range(N)]
ZONED = [moment.replace(tzinfo=datetime.UTC) for moment in MOMENTS]
WORDS = ["setosa", "virginica"] * (N // 2)
SPELLED = ["1_000", " 2 "] * (N // 2)
DECIMALS = [decimal.Decimal("1.5"), decimal.Decimal("-2")] * (N // 2)

# --- What is refused --------------------------------------------------------------------------

WORD = r"Encode words as numbers"
TIME = r"Turn times into numbers"
# what came, what the message calls for
WRONG: dict[str, tuple[Any, str]] = {
    "list of words": (WORDS, WORD),
    "array of words": (np.array(WORDS), WORD),
    "objects of words": (np.array(WORDS, dtype=object), WORD),
    "bytes": (np.array(WORDS).astype(bytes), WORD),
    "Series of words": (pandas.Series(WORDS), WORD),
    "Series of string": (pandas.Series(WORDS, dtype="string"), WORD),
    "Series of objects": (pandas.Series(WORDS, dtype=object), WORD),
    "categories": (pandas.Series(WORDS, dtype="category"), WORD),
    "Categorical": (pandas.Categorical(WORDS), WORD),
    "Index of words": (pandas.Index(WORDS), WORD),
    "CategoricalIndex": (pandas.CategoricalIndex(WORDS), WORD),
    "polars words": (polars.Series(WORDS), WORD),
    "polars categories": (polars.Series(WORDS, dtype=polars.Categorical), WORD),
    "polars Enum": (polars.Series(WORDS, dtype=polars.Enum(["setosa", "virginica"])), WORD),
    "Arrow words": (pyarrow.array(WORDS), WORD),
    "Arrow chunks": (pyarrow.chunked_array([WORDS[:3], WORDS[3:]]), WORD),
    "Arrow dictionary": (pyarrow.array(WORDS).dictionary_encode(), WORD),
    "spelled list": (SPELLED, WORD),
    "spelled objects": (np.array(SPELLED, dtype=object), WORD),
    "spelled Series": (pandas.Series(SPELLED), WORD),
    "spelled categories": (pandas.Series(["0", "1"] * (N // 2), dtype="category"), WORD),
    "spelled polars": (polars.Series(SPELLED), WORD),
    "spelled Arrow": (pyarrow.array(SPELLED), WORD),
    "numbers and a word": ([*range(N - 1), "x"], WORD),
    "dates": (DAYS, TIME),
    "moments": (np.array(MOMENTS, dtype="M8[s]"), TIME),
    "objects of moments": (np.array(ZONED, dtype=object), TIME),
    "Series of dates": (pandas.Series(DAYS), TIME),
    "Series of moments": (pandas.Series(MOMENTS), TIME),
    "Series with a zone": (pandas.Series(ZONED), TIME),
    "Series in Seoul": (pandas.Series(ZONED).dt.tz_convert("Asia/Seoul"), TIME),
    "DatetimeIndex": (pandas.DatetimeIndex(ZONED), TIME),
    "Timestamps": (list(pandas.Series(ZONED)), TIME),
    "missing first": (pandas.Series([pandas.NaT, *ZONED[1:]]), TIME),
    "durations": (pandas.Series(pandas.to_timedelta(range(N), unit="h")), TIME),
    "TimedeltaIndex": (pandas.to_timedelta(range(N), unit="h"), TIME),
    "list of durations": ([datetime.timedelta(k) for k in range(N)], TIME),
    "times of day": ([datetime.time(k) for k in range(N)], TIME),
    "polars moments": (polars.Series(MOMENTS), TIME),
    "polars with a zone": (polars.Series(MOMENTS).dt.replace_time_zone("UTC"), TIME),
    "polars durations": (polars.Series([datetime.timedelta(k) for k in range(N)]), TIME),
    "polars times": (polars.Series([datetime.time(k) for k in range(N)]), TIME),
    "Arrow moments": (pyarrow.array(MOMENTS), TIME),
    "Arrow with a zone": (pyarrow.array(ZONED), TIME),
    "periods": (pandas.period_range("2024-01", periods=N), r"entry\.ordinal for entry in"),
    "Series of periods": (
        pandas.Series(pandas.period_range("2024-01", periods=N)),
        r"entry\.ordinal for entry in",
    ),
    "intervals": (pandas.Series(pandas.interval_range(0, N)), r"entry\.mid for entry in"),
    "complex": (np.arange(N) * 1j, r"Take np\.asarray"),
    "objects of complex": (np.array([1, 2j] * (N // 2), dtype=object), r"Take np\.asarray"),
    "Series of complex": (pandas.Series([1, 2j] * (N // 2), dtype=object), r"Take np\.asarray"),
    "None": (np.array([1.0, None] * (N // 2)), r"Fill in what is missing"),
    "Series with None": (pandas.Series([1.0, None] * (N // 2), dtype=object), r"Fill in"),
    "polars flags with null": (polars.Series([True, None] * (N // 2)), r"Fill in"),
    "polars lists": (polars.Series([[1, 2]] * N), r"what is inside of each entry"),
}


def place_of(value: Any) -> int:
    """The row of the first entry that is no number."""
    return {"numbers and a word": N - 1}.get(value, int(value in HOLED))


HOLED = {
    *("objects of complex", "Series of complex", "None", "Series with None", "missing first"),
    "polars flags with null",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_number_is_told_by_what_it_is(name: str) -> None:
    value, what_to_do = WRONG[name]
    calls = {
        "y": lambda: gw.BatchGD().fit(NUMBERS, value),
        "sample_weight": lambda: gw.SGD().fit(NUMBERS, TARGETS, sample_weight=value),
        "init": lambda: gw.MiniBatchGD().fit(NUMBERS, TARGETS, init=value),
        "x0": lambda: gw.BatchGD().minimize(lambda x: float(x @ x), value),
    }
    for argument, call in calls.items():
        with pytest.raises(TypeError, match=rf"^{argument} must hold real numbers") as caught:
            call()
        message = str(caught.value)
        assert re.search(what_to_do, message), message
        assert f"in row {place_of(name)}. " in message


FRAMES: dict[str, Callable[[list[Any]], Any]] = {
    "pandas": lambda column: pandas.DataFrame({"a": NUMBERS[:, 0], "odd": column}),
    "pandas objects": lambda column: pandas.DataFrame(
        {"a": NUMBERS[:, 0], "odd": pandas.Series(column, dtype=object)}
    ),
    "pandas alone": lambda column: pandas.DataFrame({"odd": column}),
    "polars": lambda column: polars.DataFrame({"a": NUMBERS[:, 0], "odd": column}),
    "Arrow": lambda column: pyarrow.table({"a": NUMBERS[:, 0], "odd": column}),
}
COLUMNS = {
    "words": (WORDS, r"Encode words as numbers.*get_dummies"),
    "spelled": (SPELLED, r"Encode words.*np\.asarray\(X\['odd'\], dtype=float\)"),
    "dates": (DAYS, TIME),
    "moments": (MOMENTS, TIME),
    "with a zone": (ZONED, TIME),
    "durations": ([datetime.timedelta(k) for k in range(N)], TIME),
}


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("name", COLUMNS)
def test_the_column_that_is_no_number_is_told_by_what_it_is(name: str, kind: str) -> None:
    column, what_to_do = COLUMNS[name]
    frame = FRAMES[kind](column)
    model = gw.BatchGD(epochs=1).fit(NUMBERS, TARGETS)
    for call in (lambda: gw.SGD().fit(frame, TARGETS), lambda: model.predict(frame)):
        with pytest.raises(
            TypeError, match=r"^X must hold real numbers.*in column 'odd', row 0"
        ) as e:
            call()
        assert re.search(what_to_do, str(e.value)), e.value


WRITTEN = (
    r"(\(np\.asarray.*?'D'\)|np\.asarray.*?'D'\)|np\.asarray\(y, dtype=complex\)\.real|\[\S+ .*?\])"
)


def test_what_the_messages_say_can_be_followed() -> None:
    """Each sentence is run as it is written."""
    for name, (y, _) in WRONG.items():
        if "None" in name or "null" in name or "missing" in name or "lists" in name:
            continue
        with pytest.raises(TypeError) as caught:
            gw.BatchGD().fit(NUMBERS, y)
        message = str(caught.value).partition(". ")[2]
        if "Encode" in message:
            written = ["np.unique(y, return_inverse=True)[1]"]
            written += ["np.asarray(y, dtype=float)"] if "spelled categories" in name else []
        else:
            written = [re.search(rf"{WRITTEN}(?= are | *$|, or )", message)[0]]  # type: ignore[index]
        assert written, message
        for expression in written:
            assert expression in message
            numbers = eval(expression, {"np": np, "y": y})
            model = gw.BatchGD(learning_rate=1e-12, epochs=1).fit(NUMBERS, numbers)
            assert model.n_updates_ == 1


# --- Objects that are numbers -----------------------------------------------------------------


class Metres(float):
    """A number of another class."""


def mixed(values: Any) -> Any:
    """The same numbers as objects of as many classes as there are."""
    kinds: list[Callable[[Any], Any]] = [
        *(float, fractions.Fraction, decimal.Decimal, np.float64, Metres, np.longdouble),
        lambda x: int(x) if x == int(x) else float(x),
        lambda x: bool(x) if x in (0, 1) else np.float64(x),
        lambda x: np.int8(x) if x == int(x) and abs(x) < 99 else x,
    ]
    flat = [kinds[k % len(kinds)](float(x)) for k, x in enumerate(np.ravel(values))]
    objects = np.empty(len(flat), dtype=object)
    objects[:] = flat
    return objects.reshape(np.shape(values))


WHOLE = RNG.integers(0, 3, (60, 5)).astype(float)
REAL = np.where(WHOLE == 2, RNG.normal(size=WHOLE.shape), WHOLE)
GIVEN = {"sample_weight": np.arange(60.0) % 4 + 1, "validation": (REAL[:9], REAL[:9, 0])}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("loss", ["mse", "cross_entropy", "hinge"])
def test_objects_that_are_numbers_give_the_bits_of_the_same_doubles(method: str, loss: str) -> None:
    y = {"mse": REAL[:, 1], "cross_entropy": WHOLE[:, 2], "hinge": WHOLE[:, 3] > 0}[loss]
    options = {"epochs": 3, "random_state": 4, "record": "update", "n_threads": 2}
    model, twin = (METHODS[method](loss, **options) for _ in range(2))
    weights = GIVEN["sample_weight"]
    held = (REAL[:9], y[:9])
    objects = {"sample_weight": mixed(weights), "validation": (mixed(held[0]), mixed(held[1]))}
    X = mixed(REAL)
    for form in (X, np.asfortranarray(X), X[::-1][::-1], pandas.DataFrame(X), X.tolist()):
        model.fit(form, mixed(y), full_loss=True, **objects)
        twin.fit(REAL, y, sample_weight=weights, validation=held, full_loss=True)
        assert_same_bits(model, twin)
        np.testing.assert_array_equal(model.predict(form), twin.predict(REAL))
        assert model.score(form, mixed(y)) == twin.score(REAL, y)
        model.partial_fit(form, mixed(y))
        assert_same_bits(model, twin.partial_fit(REAL, y))
        got = gw.loss_and_grad(form, mixed(y), model.params_, loss=loss)
        same = gw.loss_and_grad(REAL, y, model.params_, loss=loss)
        assert got[0] == same[0]
        np.testing.assert_array_equal(got[1], same[1])
        if loss == "mse":
            assert gw.max_learning_rate(form, y) == gw.max_learning_rate(REAL, y)
    steps = zip(model.steps(X, y), twin.steps(REAL, y), strict=True)
    for step, same_step in steps:
        np.testing.assert_array_equal(step.grad, same_step.grad)


def test_tables_with_columns_of_objects_are_walked_on() -> None:
    columns = {"a": REAL[:, 0], "flag": WHOLE[:, 1] == 1, "c": REAL[:, 2]}
    numbers = np.column_stack([np.asarray(column, float) for column in columns.values()])
    decimals = [decimal.Decimal(repr(float(x))) for x in numbers[:, 2]]
    fraction = [fractions.Fraction(float(x)) for x in numbers[:, 2]]
    tables = [
        pandas.DataFrame(columns),
        pandas.DataFrame(columns).astype(object),
        pandas.DataFrame(columns | {"c": decimals}),
        pandas.DataFrame(columns | {"c": fraction}),
        pandas.DataFrame(columns | {"c": pandas.Series(fraction).astype(object)}),
    ]
    expected = gw.SGD(epochs=2, random_state=0).fit(numbers, numbers[:, 0])
    for table in tables:
        assert_same_bits(gw.SGD(epochs=2, random_state=0).fit(table, columns["a"]), expected)
    # Of polars and Arrow, decimals have so many digits.
    rounded = [decimal.Decimal(repr(float(x))).quantize(decimal.Decimal("0.001")) for x in decimals]
    near = np.column_stack([numbers[:, :2], np.asarray(rounded, float)])
    expected = gw.SGD(epochs=2, random_state=0).fit(near, numbers[:, 0])
    for make in (polars.DataFrame, pyarrow.table):
        model = gw.SGD(epochs=2, random_state=0).fit(make(columns | {"c": rounded}), numbers[:, 0])
        assert_same_bits(model, expected)


def test_y_weights_and_init_may_be_objects() -> None:
    y = [decimal.Decimal(repr(float(x))) for x in TARGETS]
    weights = [fractions.Fraction(k + 1, 4) for k in range(N)]
    init = [True, 0.5, fractions.Fraction(1, 4)]
    plain = {"sample_weight": (np.arange(N) + 1) / 4, "init": [1, 0.5, 0.25]}
    expected = gw.SGD(epochs=2, random_state=0).fit(NUMBERS, TARGETS, **plain)
    forms = [y, np.array(y), pandas.Series(y), polars.Series(y), pyarrow.array(y)]
    for form in forms:
        model = gw.SGD(epochs=2, random_state=0)
        model.fit(NUMBERS, form, sample_weight=weights, init=init)
        np.testing.assert_allclose(model.params_, expected.params_, rtol=1e-15)
    one_hot = np.eye(2)[[0, 1] * 6]
    models = [
        gw.BatchGD("cross_entropy", epochs=2).fit(NUMBERS, labels)
        for labels in (one_hot, one_hot.astype(object), mixed(one_hot), one_hot.astype(bool))
    ]
    for model in models[1:]:
        assert_same_bits(model, models[0])


def test_numbers_that_no_double_holds_are_named() -> None:
    X = NUMBERS.astype(object)
    X[3, 1] = 10**400
    with pytest.raises(ValueError, match=r"X\[3, 1\] must be a finite number; got inf"):
        gw.BatchGD().fit(X, TARGETS)
    X[3, 1] = decimal.Decimal("NaN")
    with pytest.raises(ValueError, match=r"X\[3, 1\] must be a finite number; got NaN"):
        gw.SGD().fit(X, TARGETS)
    y = [*range(N - 1), -(10**400)]
    with pytest.raises(ValueError, match=rf"y\[{N - 1}\] must be a finite number; got -inf"):
        gw.BatchGD().fit(NUMBERS, y)


def test_an_object_may_ask_the_model_and_change_others_meanwhile() -> None:
    model = gw.SGD(epochs=3, random_state=0).fit(NUMBERS, TARGETS)
    seen: list[Any] = []

    class Asking(fractions.Fraction):
        def __float__(self) -> float:
            seen.append((model.n_updates_, repr(model), len(model.history_.loss)))
            return float(self.numerator) / float(self.denominator)

    X = np.empty(NUMBERS.shape, object)
    X[:] = [[Asking(float(x)) for x in row] for row in NUMBERS]
    model.fit(X, TARGETS)
    assert_same_bits(model, gw.SGD(epochs=3, random_state=0).fit(NUMBERS, TARGETS))
    assert len(seen) >= NUMBERS.size

    class Spoiling(fractions.Fraction):
        def __float__(self) -> float:
            X[5, 1] = "spoilt"
            return 0.5

    X[0, 0] = Spoiling(1, 2)
    with pytest.raises(TypeError, match=r"X\[5, 1\] must be a real number; got 'spoilt' \(str\)"):
        gw.BatchGD(epochs=5).fit(X, TARGETS)
    with pytest.raises(TypeError, match=r"X must hold real numbers.*'spoilt' in place \[5, 1\]"):
        model.predict(X)


def test_the_stop_button_ends_a_walk_over_objects() -> None:
    big = np.empty((20_000, 5), dtype=object)
    big[:] = fractions.Fraction(1, 3)
    big[:, 0] = [fractions.Fraction(k % 7, 7) for k in range(len(big))]
    model = gw.BatchGD(epochs=10_000, learning_rate=1e-3)
    timer = threading.Timer(0.8, signal.raise_signal, [signal.SIGINT])
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.fit(big, np.asarray(big[:, 0], float))
    timer.join()
    assert time.monotonic() - began < 10
    assert model.stop_reason_ == "interrupted"
    assert np.isfinite(model.history_.loss).all()
    assert np.isfinite(model.params_).all()


def test_objects_are_not_copied_whole() -> None:
    big = np.empty((60_000, 10), dtype=object)
    big[:] = 0.25
    big[::2, 3] = 1
    y = np.zeros(len(big))
    model = gw.MiniBatchGD(epochs=1, record=None, random_state=0).fit(big[:64], y[:64])
    frame = pandas.DataFrame(big, copy=False)
    for form in (big, np.asfortranarray(big), big[::-1], frame):
        for call in (lambda form=form: model.fit(form, y), lambda form=form: model.predict(form)):
            tracemalloc.start()
            call()
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            print(f"{peak} bytes beside {big.size * 8}")
            # The predictions are Python's, 8 bytes a row.
            assert peak < 1_600_000


# --- A loss of one's own ----------------------------------------------------------------------


def own(params: Any, X: Any, y: Any) -> tuple[float, Any]:
    for array in (X, y):
        assert array.dtype.kind in "fiub"
        assert not array.flags.writeable
    r = X @ params - y
    return float((r**2).mean()), 2 * X.T @ r / len(y)


def test_a_loss_of_ones_own_gets_numbers_whatever_X_is() -> None:
    columns = {"size": REAL[:, 0], "red": WHOLE[:, 1] == 1, "blue": WHOLE[:, 1] == 2}
    numbers = np.column_stack([np.asarray(column, float) for column in columns.values()])
    frame = pandas.DataFrame(columns)
    forms = [
        frame,
        frame.astype({"red": "boolean", "size": "Float64"}),
        frame.astype(object),
        polars.DataFrame(columns),
        pyarrow.table(columns),
        mixed(numbers),
    ]
    targets = [frame["size"], frame["size"].astype("Float64"), mixed(numbers[:, 0])]
    options = {"learning_rate": 0.1, "epochs": 3, "random_state": 0}
    for method in METHODS:
        expected = METHODS[method](own, **options).fit(numbers, numbers[:, 0], init=np.zeros(3))
        for form in forms:
            for y in targets:
                model = METHODS[method](own, **options).fit(form, y, init=np.zeros(3))
                np.testing.assert_allclose(model.params_, expected.params_, rtol=1e-12)
    with pytest.raises(TypeError, match=r"^X must hold real numbers.*column 'size'.*Encode words"):
        gw.BatchGD(own).fit(frame.assign(size="large"), frame["red"], init=np.zeros(3))
    with pytest.raises(TypeError, match=r"^y must hold real numbers.*Turn times"):
        gw.BatchGD(own).fit(frame, pandas.Series(ZONED * 5), init=np.zeros(3))


# --- Advice -----------------------------------------------------------------------------------


def test_the_reshape_to_write_is_one_that_is_there() -> None:
    series = pandas.Series(TARGETS)
    for X in (TARGETS, series, polars.Series(TARGETS), TARGETS.tolist(), pyarrow.array(TARGETS)):
        with pytest.raises(ValueError, match=r"X must have two dimensions") as caught:
            gw.BatchGD().fit(X, TARGETS)
        written = re.findall(r"[\w.()]+\.reshape\(\S+ \S+?\)", str(caught.value))
        assert len(written) == 2
        shapes = [eval(words, {"np": np, "X": X}).shape for words in written]
        assert shapes == [(N, 1), (1, N)]


@pytest.mark.parametrize(
    "table",
    [
        pandas.DataFrame(NUMBERS),
        polars.DataFrame(NUMBERS),
        pandas.DataFrame({"a": []}),
        pyarrow.table({"a": TARGETS, "b": TARGETS}),
    ],
    ids=["pandas", "polars", "empty", "Arrow"],
)
def test_a_table_is_not_printed_into_a_message(table: Any) -> None:
    with pytest.raises(ValueError, match=r"^y must be ") as caught:
        gw.BatchGD().fit(NUMBERS, table)
    message = str(caught.value)
    assert "\n" not in message
    assert (f"got {type(table).__name__} of shape" if len(table) else "got 0 numbers") in message
