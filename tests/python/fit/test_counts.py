"""How many updates an epoch makes: in the walk, in its history, and in the schedule table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradwalk as gw

RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(1005, 3)), RNG.normal(size=1005)
EPOCHS = 3

# n, class, its options, updates an epoch, rows of the last batch
COUNTS = [
    (1000, gw.MiniBatchGD, {"batch_size": 100}, 10, 100),
    (1005, gw.MiniBatchGD, {"batch_size": 100}, 11, 5),
    (1005, gw.MiniBatchGD, {"batch_size": 100, "drop_last": True}, 10, 100),
    (1000, gw.MiniBatchGD, {"batch_size": 100, "drop_last": True}, 10, 100),
    (1000, gw.MiniBatchGD, {}, 32, 8),
    (1000, gw.MiniBatchGD, {"batch_size": 1}, 1000, 1),
    (1000, gw.MiniBatchGD, {"batch_size": 999}, 2, 1),
    (1000, gw.MiniBatchGD, {"batch_size": 1000}, 1, 1000),
    (1000, gw.MiniBatchGD, {"batch_size": 1001}, 1, 1000),
    (1000, gw.MiniBatchGD, {"batch_size": 2**63, "drop_last": True}, 1, 1000),
    (1, gw.MiniBatchGD, {"batch_size": 100, "drop_last": True}, 1, 1),
    (1000, gw.SGD, {}, 1000, 1),
    (1005, gw.SGD, {}, 1005, 1),
    (1, gw.SGD, {}, 1, 1),
    (1000, gw.BatchGD, {}, 1, 1000),
    (1005, gw.BatchGD, {}, 1, 1005),
]


@pytest.mark.parametrize("sampling", ["shuffle", "replace", "sequential"])
@pytest.mark.parametrize(("n", "method", "options", "updates", "last"), COUNTS)
def test_walk_history_and_table_agree(n, method, options, updates, last, sampling):
    if method is not gw.BatchGD:
        options = {**options, "sampling": sampling}
    model = method(epochs=EPOCHS, learning_rate=0.01, random_state=0, **options)
    history = model.fit(X[:n], Y[:n]).history_
    assert model.n_updates_ == EPOCHS * updates
    assert model.n_epochs_ == EPOCHS
    assert history.loss.shape == history.learning_rate.shape == history.seconds.shape == (EPOCHS,)
    np.testing.assert_array_equal(history.update_number, np.arange(1, EPOCHS * updates + 1))
    np.testing.assert_array_equal(history.path_update, np.arange(EPOCHS * updates + 1))
    assert history.path.shape == (EPOCHS * updates + 1, 4)
    size, drop_last = options.get("batch_size", 32), options.get("drop_last", False)
    # The loss of an epoch is the mean over its batches, each weighted by its rows.
    by_epoch = history.update_loss.reshape(EPOCHS, updates)
    rows = np.full(updates, 1 if method is gw.SGD else n if method is gw.BatchGD else size)
    rows[-1] = last
    expected = np.average(by_epoch, axis=1, weights=rows)
    np.testing.assert_allclose(history.loss, expected, rtol=1e-13)

    row = gw.schedule_table(n, size, EPOCHS, drop_last=drop_last)[method.__name__]
    assert row.updates_per_epoch == updates
    assert row.updates == model.n_updates_
    assert row.last_batch == last
    assert row.samples_seen == EPOCHS * (n - (n % size if drop_last and size < n else 0))


def residuals(theta, rows):
    return X[rows] @ theta[1:] + theta[0] - Y[rows]


def test_the_last_batch_of_1005_rows_is_divided_by_5():
    model = gw.MiniBatchGD(batch_size=100, epochs=1, learning_rate=0.1, sampling="sequential")
    history = model.fit(X, Y).history_
    before, after, last = history.path[10], history.path[11], np.arange(1000, 1005)
    r = residuals(before, last)
    assert history.update_loss[10] == pytest.approx((r**2).sum() / 5, rel=1e-13)
    total = 2 * np.r_[r.sum(), X[last].T @ r]
    np.testing.assert_allclose((before - after) / 0.1, total / 5, rtol=1e-11)
    # Not by 100, the size of the others, which would be 20 times less.
    assert np.linalg.norm(before - after) > 15 * 0.1 * np.linalg.norm(total / 100)


@pytest.mark.parametrize("sampling", ["shuffle", "replace", "sequential"])
def test_drop_last_leaves_out_what_comes_last_and_no_more(sampling):
    """The ten updates are the first ten of the walk that keeps the short batch."""
    options = {"batch_size": 100, "epochs": 1, "random_state": 5, "sampling": sampling}
    kept = gw.MiniBatchGD(**options).fit(X, Y).history_
    dropped = gw.MiniBatchGD(**options, drop_last=True).fit(X, Y).history_
    np.testing.assert_array_equal(dropped.path, kept.path[:11])
    np.testing.assert_array_equal(dropped.update_loss, kept.update_loss[:10])


def test_an_order_decides_how_many_batches_there_are():
    order = [np.arange(7), np.arange(4), np.arange(9)]
    model = gw.MiniBatchGD(batch_size=4, epochs=3).fit(X, Y, order=order)
    assert model.n_updates_ == 2 + 1 + 3
    model = gw.MiniBatchGD(batch_size=4, epochs=3, drop_last=True).fit(X, Y, order=order)
    assert model.n_updates_ == 1 + 1 + 2
    assert gw.SGD(epochs=3).fit(X, Y, order=order).n_updates_ == 20
    assert gw.BatchGD(epochs=3).fit(X, Y, order=order).n_updates_ == 3
    with pytest.raises(ValueError, match=r"order\[1\] must be of at least batch_size=5 rows"):
        gw.MiniBatchGD(batch_size=5, epochs=3, drop_last=True).fit(X, Y, order=order)


def test_the_three_methods_are_one_loop():
    """Mini-batches of one row are stochastic descent, one of all rows is batch descent."""
    options = {"epochs": 2, "learning_rate": 0.01}
    pairs = [
        (1, gw.SGD(sampling="sequential", **options)),
        (2000, gw.BatchGD(**options)),
    ]
    for size, other in pairs:
        one = gw.MiniBatchGD(batch_size=size, sampling="sequential", **options).fit(X, Y)
        other.fit(X, Y)
        np.testing.assert_array_equal(one.history_.path, other.history_.path)
        np.testing.assert_array_equal(one.history_.loss, other.history_.loss)


# --- The table itself -------------------------------------------------------------------------


@given(
    n=st.integers(1, 300),
    size=st.integers(1, 400),
    epochs=st.integers(1, 50),
    drop_last=st.booleans(),
)
def test_the_table_counts_as_a_loop_over_slices_does(n, size, epochs, drop_last):
    table = gw.schedule_table(n, size, epochs, drop_last=drop_last)
    assert [row.method for row in table] == ["BatchGD", "MiniBatchGD", "SGD"]
    for row, b in zip(table, (n, min(size, n), 1), strict=True):
        batches = [len(range(n)[start : start + b]) for start in range(0, n, b)]
        if drop_last:
            batches = [length for length in batches if length == b]
        assert row.batch_size == row.rows_in_memory == b
        assert row.updates_per_epoch == len(batches)
        assert row.last_batch == batches[-1]
        assert row.updates == epochs * len(batches)
        assert row.samples_seen == epochs * sum(batches)
        assert table[row.method] is row


def test_the_defaults_are_the_example_of_a_thousand_rows():
    table = gw.schedule_table()
    assert (table.n_samples, table.batch_size, table.epochs) == (1000, 100, 1)
    assert [row.updates_per_epoch for row in table] == [1, 10, 1000]
    with pytest.raises(KeyError, match="Adam"):
        table["Adam"]


def test_columns_by_name():
    columns = gw.schedule_table(1005, 100, 2).to_dict()
    assert columns == {
        "method": ["BatchGD", "MiniBatchGD", "SGD"],
        "batch_size": [1005, 100, 1],
        "updates_per_epoch": [1, 11, 1005],
        "last_batch": [1005, 5, 1],
        "updates": [2, 22, 2010],
        "samples_seen": [2010, 2010, 2010],
        "rows_in_memory": [1005, 100, 1],
    }


def test_the_table_prints_in_columns():
    table = gw.schedule_table(1005, 100, 2)
    text = str(table)
    assert repr(table) == text
    header, rule, *lines = text.split("\n")
    assert header.startswith("method ")
    assert "updates per epoch" in header
    assert set(rule) == {"-", " "}
    assert [line.split() for line in lines] == [
        [str(value) for value in values] for values in zip(*table.to_dict().values(), strict=True)
    ]
    # Numbers end where the names of their columns do.
    for name in ("updates per epoch", "samples seen", "rows in memory"):
        end = header.index(name) + len(name)
        assert all(line[end - 1].isdigit() and line[end : end + 1] in ("", " ") for line in lines)


@pytest.mark.parametrize("argument", ["n_samples", "batch_size", "epochs"])
@pytest.mark.parametrize(
    ("value", "error"),
    [(0, ValueError), (-3, ValueError), (2.0, TypeError), ("7", TypeError), (True, TypeError)],
)
def test_counts_are_whole_numbers_of_at_least_1(argument, value, error):
    expected = f"{argument} must be a whole number of at least 1; got {value!r}"
    with pytest.raises(error) as caught:
        gw.schedule_table(**{argument: value})
    assert str(caught.value) == expected


def test_drop_last_is_a_flag_and_numpy_counts_are_counts():
    with pytest.raises(TypeError, match="drop_last must be True or False; got 1"):
        gw.schedule_table(drop_last=1)
    assert gw.schedule_table(np.int32(1005))["MiniBatchGD"].updates_per_epoch == 11
