"""Tables and other things that hold numbers go in as the arrays that they stand for.

pandas, polars and Arrow, lists and tuples, buffers, and whatever speaks an array protocol.
"""

from __future__ import annotations

import array
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import polars
import pyarrow
import pytest

import gradwalk as gw

RNG = np.random.default_rng(50)
# Small whole numbers, the same in every dtype; no column is like another.
NUMBERS = RNG.integers(0, 2, (24, 3)).astype(float)
NUMBERS[:4] = [[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]]
TARGETS = NUMBERS @ [1.0, 2.0, 0.0]
LABELS = TARGETS.astype(int) % 2
NAMES = ["height", "width", "depth"]
FRAME = pandas.DataFrame(NUMBERS, columns=NAMES)
TABLE = polars.DataFrame(NUMBERS, schema=NAMES)


def walk(X: Any, y: Any = TARGETS, **given: Any) -> Any:
    model = gw.MiniBatchGD(learning_rate=0.001, epochs=3, batch_size=5, random_state=1)
    return model.fit(X, y, full_loss=True, **given)


def assert_like(X: Any, numbers: Any = NUMBERS, y: Any = TARGETS, y_numbers: Any = TARGETS) -> None:
    """`X` and `y` give the bits of the arrays that they stand for, in every call."""
    model, expected = walk(X, y), walk(numbers, y_numbers)
    assert model.params_.dtype == expected.params_.dtype
    np.testing.assert_array_equal(model.history_.path, expected.history_.path)
    np.testing.assert_array_equal(model.history_.full_loss, expected.history_.full_loss)
    np.testing.assert_array_equal(model.predict(X), expected.predict(numbers))
    np.testing.assert_array_equal(model.decision_function(X), expected.decision_function(numbers))
    assert model.score(X, y) == expected.score(numbers, y_numbers)
    model.partial_fit(X, y)
    np.testing.assert_array_equal(model.params_, expected.partial_fit(numbers, y_numbers).params_)
    seen = gw.loss_and_grad(X, y, model.params_)
    same = gw.loss_and_grad(numbers, y_numbers, model.params_)
    assert seen[0] == same[0]
    np.testing.assert_array_equal(seen[1], same[1])
    assert gw.max_learning_rate(X, y) == gw.max_learning_rate(numbers, y_numbers)


# --- pandas -----------------------------------------------------------------------------------


def column_by_column() -> Any:
    """A frame that grew a column at a time: each lies somewhere else."""
    frame = pandas.DataFrame(index=range(len(NUMBERS)))
    for name, column in zip(NAMES, NUMBERS.T, strict=True):
        frame[name] = column.copy()
    return frame


def missing(frame: Any) -> Any:
    """`frame` with nothing in row 3 of the column in the middle."""
    frame = frame.copy()
    frame.iloc[3, 1] = pandas.NA
    return frame


FRAMES: dict[str, Callable[[], Any]] = {
    "float64": lambda: FRAME,
    "int64": lambda: FRAME.astype("int64"),
    "uint8": lambda: FRAME.astype("uint8"),
    "bool": lambda: FRAME.astype(bool),
    "float32 and float64": lambda: FRAME.astype({"width": "float32"}),
    "int and float": lambda: FRAME.astype({"width": "int8", "depth": "uint16"}),
    "bool and float": lambda: FRAME.astype({"width": bool}),
    "bool and int": lambda: FRAME.astype({"height": "int64", "width": bool, "depth": "uint8"}),
    "column by column": column_by_column,
    "in C order": lambda: pandas.DataFrame(NUMBERS.copy(), columns=NAMES, copy=False),
    "in F order": lambda: pandas.DataFrame(np.asfortranarray(NUMBERS), columns=NAMES, copy=False),
    "every other row": lambda: pandas.DataFrame(np.repeat(NUMBERS, 2, axis=0))[::2],
    "some columns": lambda: pandas.DataFrame(np.hstack([NUMBERS, NUMBERS + 1]))[[0, 1, 2]],
    "odd index": lambda: FRAME.set_index(np.arange(24)[::-1] * 7),
    "index of dates": lambda: FRAME.set_index(pandas.date_range("2024-01-01", periods=24)),
    "columns of columns": lambda: FRAME.set_axis(
        pandas.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)]), axis=1
    ),
    "Float64": lambda: FRAME.astype("Float64"),
    "Float32": lambda: FRAME.astype("Float32"),
    "Int64": lambda: FRAME.astype("Int64"),
    "UInt8": lambda: FRAME.astype("UInt8"),
    "boolean": lambda: FRAME.astype("boolean"),
    "Float64 and float64": lambda: FRAME.astype({"width": "Float64"}),
    "Int64, boolean and float32": lambda: FRAME.astype(
        {"height": "Int64", "width": "boolean", "depth": "float32"}
    ),
    "sparse": lambda: FRAME.astype(pandas.SparseDtype(float)),
}
ARROW_DTYPES = ["double", "float", "int64", "uint8", "bool"]


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_a_frame_gives_the_numbers_of_its_columns(make: Callable[[], Any]) -> None:
    assert_like(make())


@pytest.mark.parametrize("dtype", ARROW_DTYPES)
def test_a_frame_backed_by_arrow_gives_the_numbers_of_its_columns(dtype: str) -> None:
    assert_like(FRAME.astype(f"{dtype}[pyarrow]"))
    assert_like(FRAME.astype({"width": f"{dtype}[pyarrow]"}))


def test_a_frame_of_single_precision_gives_parameters_of_single_precision() -> None:
    single = NUMBERS.astype(np.float32)
    assert_like(FRAME.astype("float32"), single)
    assert_like(TABLE.cast(polars.Float32), single)
    assert walk(FRAME.astype("float32")).params_.dtype == np.float32


SERIES = [
    "float64",
    "float32",
    "int64",
    "uint8",
    "bool",
    "Float64",
    "Int64",
    "boolean",
    "Sparse[float]",
]


@pytest.mark.parametrize("dtype", SERIES)
def test_a_series_gives_targets_and_weights(dtype: str) -> None:
    numbers = LABELS.astype(float)
    series = pandas.Series(numbers, index=np.arange(24)[::-1] + 5, name="label").astype(dtype)
    assert_like(FRAME, NUMBERS, series, numbers)
    assert_like(NUMBERS, NUMBERS, series.to_frame(), numbers)
    model = walk(FRAME, TARGETS, sample_weight=series)
    np.testing.assert_array_equal(
        model.params_, walk(NUMBERS, TARGETS, sample_weight=numbers).params_
    )
    classes = gw.SGD("log_loss", epochs=2, random_state=0)
    expected = classes.fit(NUMBERS, numbers).params_
    np.testing.assert_array_equal(classes.fit(FRAME, series).params_, expected)
    watched = walk(FRAME, TARGETS, validation=(FRAME, series)).history_.validation_loss
    expected = walk(NUMBERS, TARGETS, validation=(NUMBERS, numbers)).history_.validation_loss
    np.testing.assert_array_equal(watched, expected)


@pytest.mark.parametrize("dtype", ARROW_DTYPES)
def test_a_series_backed_by_arrow_gives_targets(dtype: str) -> None:
    numbers = LABELS.astype(float)
    assert_like(FRAME, NUMBERS, pandas.Series(numbers).astype(f"{dtype}[pyarrow]"), numbers)


def test_dummies_of_categories_are_numbers() -> None:
    """What a course does with words: one flag a category."""
    frame = pandas.DataFrame({"size": [3.0, 1.0, 2.0] * 8, "colour": ["red", "green", "blue"] * 8})
    dummies = pandas.get_dummies(frame)
    assert dummies.dtypes.tolist() == [np.dtype(float)] + [np.dtype(bool)] * 3
    assert_like(dummies, dummies.to_numpy(dtype=float))


# --- What a frame must not hold ---------------------------------------------------------------

NULLABLE = ["Float64", "Int64", "boolean"]


@pytest.mark.parametrize("dtype", NULLABLE)
def test_a_missing_value_is_named_by_its_place(dtype: str) -> None:
    for frame in (missing(FRAME.astype(dtype)), missing(FRAME.astype({"width": dtype}))):
        assert_names_the_hole(frame)


@pytest.mark.parametrize("dtype", ["double", "int64", "bool"])
def test_a_missing_value_of_arrow_is_named_by_its_place(dtype: str) -> None:
    assert_names_the_hole(missing(FRAME.astype(f"{dtype}[pyarrow]")))
    hole = pyarrow.table(
        {
            name: pyarrow.array(
                [None if (name, k) == ("width", 3) else float(x) for k, x in enumerate(column)]
            )
            for name, column in zip(NAMES, NUMBERS.T, strict=True)
        }
    )
    assert_names_the_hole(hole)


def assert_names_the_hole(table: Any) -> None:
    """In fit and in predict."""
    model = walk(NUMBERS)
    for call in (walk, model.predict):
        with pytest.raises((TypeError, ValueError), match=r"X\[3, 1\]") as caught:
            call(table)
        assert any(word in str(caught.value) for word in ("missing", "NaN", "NA"))


@pytest.mark.parametrize("dtype", [*NULLABLE, "float64"])
def test_a_missing_target_is_named_by_its_row(dtype: str) -> None:
    series = pandas.Series(LABELS).astype(dtype)
    series[3] = np.nan if dtype == "float64" else pandas.NA
    with pytest.raises((TypeError, ValueError), match=r"y\[3\]|y must .*(row 3|missing)"):
        walk(FRAME, series)
    with pytest.raises((TypeError, ValueError), match=r"y must .*(row 3|missing)|y\[3\]"):
        gw.SGD("log_loss").fit(FRAME, series)


WRONG: dict[str, Callable[[], Any]] = {
    "words": lambda: FRAME.assign(width=["red", "green"] * 12),
    "categories": lambda: FRAME.assign(width=pandas.Categorical(["red", "green"] * 12)),
    "categories alone": lambda: FRAME.astype(int).astype(str).astype("category"),
    "dates": lambda: FRAME.assign(width=pandas.date_range("2024-01-01", periods=24)),
    "dates alone": lambda: pandas.DataFrame({"d": pandas.date_range("2024-01-01", periods=24)}),
    "durations": lambda: FRAME.assign(width=pandas.to_timedelta(np.arange(24), unit="h")),
    "objects": lambda: FRAME.assign(width=pandas.Series([0.5, "red"] * 12, dtype=object)),
    "complex": lambda: FRAME.assign(width=1j),
    "polars words": lambda: TABLE.with_columns(polars.lit("red").alias("width")),
    "polars categories": lambda: TABLE.with_columns(
        polars.lit("red").cast(polars.Categorical).alias("width")
    ),
    "polars dates": lambda: TABLE.with_columns(polars.date(2024, 1, 1).alias("width")),
    "polars durations": lambda: TABLE.with_columns(polars.duration(hours=1).alias("width")),
    "polars lists": lambda: TABLE.with_columns(polars.concat_list("height").alias("width")),
    "polars lazy": lambda: TABLE.lazy(),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_a_table_of_anything_but_numbers_is_refused(make: Callable[[], Any]) -> None:
    model = walk(NUMBERS)
    for call in (walk, model.predict, lambda X: model.partial_fit(X, TARGETS)):
        with pytest.raises(TypeError, match=r"^X must "):
            call(make())


@pytest.mark.parametrize("name", ["words", "categories", "dates", "durations", "polars dates"])
def test_the_column_that_is_no_number_is_named(name: str) -> None:
    """Among thirty columns of numbers, "dtype object" tells nobody which one is not."""
    with pytest.raises(TypeError, match=r"X must .*width"):
        walk(WRONG[name]())


def test_of_categories_that_are_numbers_nobody_takes_the_codes() -> None:
    tens = pandas.Series([10, 20] * 12).astype("category")
    assert tens.cat.codes.tolist() == [0, 1] * 12
    frame = pandas.DataFrame({"a": NUMBERS[:, 0], "tens": tens})
    numbers = pandas.DataFrame({"a": NUMBERS[:, 0], "tens": [10.0, 20.0] * 12})
    np.testing.assert_array_equal(walk(frame).params_, walk(numbers).params_)


# --- polars and Arrow -------------------------------------------------------------------------

POLARS: dict[str, Callable[[], Any]] = {
    "Float64": lambda: TABLE,
    "Int64": lambda: TABLE.cast(polars.Int64),
    "UInt8": lambda: TABLE.cast(polars.UInt8),
    "Boolean": lambda: TABLE.cast(polars.Boolean),
    "Float32 and Float64": lambda: TABLE.with_columns(polars.col("width").cast(polars.Float32)),
    "Int8 and Float64": lambda: TABLE.with_columns(polars.col("width").cast(polars.Int8)),
    "Boolean and Float64": lambda: TABLE.with_columns(polars.col("width").cast(polars.Boolean)),
    "UInt64 and Int64": lambda: TABLE.cast(polars.Int64).with_columns(
        polars.col("width").cast(polars.UInt64)
    ),
    "two chunks": lambda: polars.concat([TABLE[:7], TABLE[7:]], rechunk=False),
    "every other row": lambda: polars.DataFrame(np.repeat(NUMBERS, 2, axis=0), schema=NAMES)[::2],
    "of an F-ordered array": lambda: polars.DataFrame(np.asfortranarray(NUMBERS), schema=NAMES),
    "column by column": lambda: polars.DataFrame(
        {name: column.copy() for name, column in zip(NAMES, NUMBERS.T, strict=True)}
    ),
}


@pytest.mark.parametrize("make", POLARS.values(), ids=POLARS)
def test_a_polars_frame_gives_the_numbers_of_its_columns(make: Callable[[], Any]) -> None:
    assert_like(make())


@pytest.mark.parametrize("dtype", ["Float64", "Float32", "Int64", "UInt8", "Boolean"])
def test_a_polars_series_gives_targets(dtype: str) -> None:
    numbers = LABELS.astype(float)
    series = polars.Series("y", LABELS).cast(getattr(polars, dtype))
    chunks = polars.concat([series[:5], series[5:]], rechunk=False)
    assert chunks.n_chunks() == 2
    for y in (series, chunks, series.to_frame()):
        assert_like(TABLE, NUMBERS, y, numbers)


def test_a_null_of_polars_is_named_by_its_place() -> None:
    row = polars.int_range(polars.len())
    hole = polars.when(row == 3).then(None).otherwise(polars.col("width")).alias("width")
    assert_names_the_hole(TABLE.with_columns(hole))
    assert_names_the_hole(TABLE.cast(polars.Int64).with_columns(hole))
    with pytest.raises(ValueError, match=r"y\[3\]"):
        walk(TABLE, TABLE.with_columns(hole)["width"])


def test_arrow_tables_give_the_numbers_of_their_columns() -> None:
    columns = dict(zip(NAMES, NUMBERS.T, strict=True))
    table = pyarrow.table(columns)
    flags = pyarrow.table({name: column > 0 for name, column in columns.items()})
    mixed = table.set_column(1, "width", table["width"].cast(pyarrow.int8()))
    chunks = pyarrow.concat_tables([table.slice(0, 9), table.slice(9)])
    assert chunks["width"].num_chunks == 2
    for X in (table, flags, mixed, chunks, table.to_batches()[0]):
        assert_like(X)
    numbers = LABELS.astype(float)
    for y in (pyarrow.array(LABELS), pyarrow.chunked_array([LABELS[:5], LABELS[5:]])):
        assert_like(table, NUMBERS, y, numbers)
    with pytest.raises(TypeError, match=r"^X must "):
        walk(table.set_column(1, "width", pyarrow.array(["red"] * 24)))


# --- Whatever else holds numbers --------------------------------------------------------------


class Speaks:
    """An object that says what it holds by one of NumPy's protocols, and nothing else."""

    def __init__(self, protocol: str, values: Any) -> None:
        self.values = values
        setattr(self, protocol, getattr(values, protocol))


class Converts:
    """An object with `__array__`, which counts how often it is asked."""

    def __init__(self, values: Any) -> None:
        self.values, self.asked = values, 0

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        self.asked += 1
        return self.values if dtype is None else self.values.astype(dtype)


class Labelled(np.ndarray):
    """An array of another class, whose own arithmetic is nobody's business."""

    def __getitem__(self, key: Any) -> Any:
        raise AssertionError("gradwalk reads the memory, not the items")


OTHERS: dict[str, Callable[[Any], Any]] = {
    "list of lists": lambda a: a.tolist(),
    "list of tuples": lambda a: [tuple(row) for row in a.tolist()],
    "tuple of lists": lambda a: tuple(a.tolist()),
    "list of arrays": list,
    "list of whole numbers": lambda a: a.astype(int).tolist(),
    "list of flags": lambda a: (a > 0).tolist(),
    "list of buffers": lambda a: [array.array("d", row) for row in a],
    "list of Series": lambda a: [pandas.Series(row) for row in a],
    "memoryview": memoryview,
    "memoryview in F order": lambda a: memoryview(np.asfortranarray(a)),
    "memoryview of flags": lambda a: memoryview(a > 0),
    "__array__": Converts,
    "__array_interface__": lambda a: Speaks("__array_interface__", a),
    "__array_struct__": lambda a: Speaks("__array_struct__", a),
    "subclass": lambda a: a.view(Labelled),
}


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_whatever_holds_numbers_goes_in(make: Callable[[Any], Any]) -> None:
    assert_like(make(NUMBERS))


def test_columns_of_every_kind_go_in() -> None:
    counts = np.arange(24.0) / 8
    forms = [
        counts.tolist(),
        tuple(counts),
        [[count] for count in counts],
        array.array("d", counts),
        array.array("f", counts),
        memoryview(counts),
        Converts(counts),
        Speaks("__array_interface__", counts),
        pandas.Index(counts),
    ]
    for y in forms:
        assert_like(NUMBERS, NUMBERS, y, counts)
    assert_like(
        [range(2, 5)] * 24, np.tile(np.arange(2.0, 5.0), (24, 1)), range(24), np.arange(24.0)
    )
    assert_like(NUMBERS, NUMBERS, bytearray(range(24)), np.arange(24.0))


def test_an_object_is_asked_for_its_array_once() -> None:
    """Whoever answers may read a file for it."""
    X, y = Converts(NUMBERS), Converts(TARGETS)
    walk(X, y)
    assert (X.asked, y.asked) == (1, 1)
    model = walk(NUMBERS)
    for call in (model.predict, model.decision_function):
        X.asked = 0
        call(X)
        assert X.asked == 1


def test_a_frame_of_pandas_is_not_copied() -> None:
    big = np.zeros((100_000, 20))
    big[:, 3] = 2
    frame, series = pandas.DataFrame(big, copy=False), pandas.Series(np.ones(100_000))
    model = gw.MiniBatchGD(epochs=1, record=None).fit(frame[:64], series[:64])
    for form in (frame, frame[::-1], frame.iloc[:, 2:12]):
        tracemalloc.start()
        model.fit(form, series)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"{peak} bytes beside a frame of {form.size * 8}")
        assert peak < 1_000_000
