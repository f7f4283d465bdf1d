"""Seeds: what they fix to the last bit, what they leave alone, and the order they stand for."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwalk as gw

RNG = np.random.default_rng(9)
X = RNG.normal(size=(40, 3))
Y = {
    "mse": RNG.normal(size=40),
    "log_loss": RNG.integers(0, 2, 40),
    "cross_entropy": RNG.integers(0, 3, 40),
}

RANDOM = [
    (gw.SGD, {"sampling": "shuffle"}),
    (gw.SGD, {"sampling": "replace"}),
    (gw.MiniBatchGD, {"batch_size": 7, "sampling": "shuffle"}),
    (gw.MiniBatchGD, {"batch_size": 7, "sampling": "replace", "drop_last": True}),
]
FIXED = [
    (gw.BatchGD, {}),
    (gw.SGD, {"sampling": "sequential"}),
    (gw.MiniBatchGD, {"batch_size": 7, "sampling": "sequential"}),
]


def name(value: Any) -> str | None:
    """Of a class, or of how it samples, for the names of tests."""
    return value.get("sampling", "all") if isinstance(value, dict) else value.__name__


random = pytest.mark.parametrize(("method", "options"), RANDOM, ids=name)
every_way = pytest.mark.parametrize(("method", "options"), RANDOM + FIXED, ids=name)


def record(model: Any) -> dict[str, Any]:
    """All that a walk leaves, but for its seconds."""
    history = model.history_
    names = "loss full_loss grad_norm learning_rate update_loss update_number path path_update"
    kept = {key: getattr(history, key) for key in names.split()}
    return kept | {"params": model.params_}


def assert_same_bits(one: Any, other: Any) -> None:
    first, second = record(one), record(other)
    for key in first:
        assert first[key].tobytes() == second[key].tobytes(), key


# --- What a seed fixes ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", list(Y))
@every_way
def test_the_same_seed_gives_the_same_bits(method, options, loss, dtype):
    walks = [
        method(loss, epochs=4, random_state=11, **options).fit(X.astype(dtype), Y[loss])
        for _ in range(2)
    ]
    assert walks[0].seed_ == walks[1].seed_ == 11
    assert_same_bits(*walks)
    # The same object again, too.
    before = record(walks[0])["path"]
    assert np.array_equal(walks[0].fit(X.astype(dtype), Y[loss]).history_.path, before)


@random
def test_another_seed_gives_another_walk(method, options):
    ends = {
        method(epochs=4, random_state=seed, **options).fit(X, Y["mse"]).params_.tobytes()
        for seed in (0, 1, 2, 3, 2**32, 2**32 + 1, 2**63, 2**64 - 1)
    }
    assert len(ends) == 8


@pytest.mark.parametrize(("method", "options"), FIXED, ids=name)
def test_a_walk_without_chance_does_not_care(method, options):
    walks = [method(epochs=4, random_state=s, **options).fit(X, Y["mse"]) for s in (1, 2)]
    assert_same_bits(*walks)


@random
def test_epochs_of_one_walk_differ_in_their_order(method, options):
    model = method(epochs=2, random_state=1, learning_rate=1e-9, **options).fit(X, Y["mse"])
    first, second = model.history_.update_loss.reshape(2, -1)
    # θ hardly moves, so equal orders would give nearly equal losses.
    assert np.abs(first - second).max() > 0.1


@random
def test_numpys_global_seed_has_no_effect(method, options):
    # The legacy call is what is tested.
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one = method(epochs=2, **options).fit(X, Y["mse"])
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    other = method(epochs=2, **options).fit(X, Y["mse"])
    assert one.seed_ != other.seed_
    assert not np.array_equal(one.params_, other.params_)


@random
def test_none_is_a_fresh_seed_that_is_kept(method, options):
    model = method(epochs=3, **options)
    seeds, ends = set(), set()
    for _ in range(5):
        model.fit(X, Y["mse"])
        seeds.add(model.seed_)
        ends.add(model.params_.tobytes())
        # Kept, the seed replays the walk.
        again = method(epochs=3, random_state=model.seed_, **options).fit(X, Y["mse"])
        assert_same_bits(model, again)
    assert len(seeds) == len(ends) == 5
    assert all(0 <= seed < 2**64 for seed in seeds)
    assert max(seeds) > 2**32, "five seeds of 64 bits"
    assert model.random_state is None


@random
def test_a_generator_gives_one_draw_to_each_fit(method, options):
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    model = method(epochs=3, random_state=rng, **options)
    for _ in range(3):
        model.fit(X, Y["mse"])
        assert model.seed_ == int.from_bytes(twin.bytes(8), "little")
        assert rng.bit_generator.state == twin.bit_generator.state, "more or less than one draw"
        again = method(epochs=3, random_state=model.seed_, **options).fit(X, Y["mse"])
        assert_same_bits(model, again)
        # Going on with the walk draws nothing.
        seed = model.seed_
        model.partial_fit(X, Y["mse"])
        assert model.seed_ == seed
        assert rng.bit_generator.state == twin.bit_generator.state
    assert model.random_state is rng


# --- partial_fit ------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", ["number", "function"])
@pytest.mark.parametrize("loss", list(Y))
@every_way
def test_ten_times_partial_fit_is_fit_with_ten_epochs(method, options, loss, rate):
    eta = 0.05 if rate == "number" else lambda t: 5 / (t + 50)
    options = {**options, "learning_rate": eta, "random_state": 3, "l2": 0.1}
    whole = method(loss, epochs=10, **options).fit(X, Y[loss])
    parts = method(loss, epochs=77, **options)
    for done in range(1, 11):
        parts.partial_fit(X, Y[loss])
        assert parts.n_epochs_ == done
        assert parts.n_updates_ == whole.n_updates_ // 10 * done
    assert_same_bits(whole, parts)
    # fit first, then on: where the walk is cut makes no difference, and `full_loss` goes on.
    whole.fit(X, Y[loss], full_loss=True)
    mixed = method(loss, epochs=4, **options).fit(X, Y[loss], full_loss=True)
    for _ in range(6):
        mixed.partial_fit(X, Y[loss])
    assert_same_bits(whole, mixed)
    assert len(mixed.history_.full_loss) == 11


@random
def test_partial_fit_with_orders_is_fit_with_their_list(method, options):
    del options["sampling"]
    rng = np.random.default_rng(6)
    order = [rng.integers(0, 40, 20) for _ in range(5)]
    whole = method(epochs=5, **options).fit(X, Y["mse"], order=order)
    parts = method(**options)
    for rows in order:
        parts.partial_fit(X, Y["mse"], order=rows)
    assert_same_bits(whole, parts)


def test_the_learning_rate_function_is_called_once_for_each_update_in_order():
    seen: list[int] = []

    def rate(t: int) -> float:
        seen.append(t)
        return 0.01

    model = gw.MiniBatchGD(batch_size=7, epochs=3, learning_rate=rate).fit(X, Y["mse"])
    assert seen == list(range(18))
    model.partial_fit(X, Y["mse"])
    assert seen == list(range(24))
    assert all(type(t) is int for t in seen)
    # A new fit begins at 0 again.
    model.fit(X, Y["mse"])
    assert seen[24:] == list(range(18))


# --- The order itself, against a twin in plain Python ------------------------------------------
# What a seed means is a promise (src/batches.rs): Xoshiro256++ whose four words are those of
# SplitMix64 from the seed, combined with those from the epoch; Lemire's draws below a bound from
# its upper 32 bits; Fisher and Yates's shuffle from the last place down.

BITS = 2**64 - 1


def rotated(word: int, by: int) -> int:
    return (word << by | word >> (64 - by)) & BITS


def split_mix(state: int) -> Iterator[int]:
    """SplitMix64 (Steele, Lea and Flood, 2014)."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & BITS
        z = state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & BITS
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & BITS
        yield z ^ z >> 31


def xoshiro(state: list[int]) -> Iterator[int]:
    """Upper halves of Xoshiro256++ (Blackman and Vigna, 2021)."""
    a, b, c, d = state
    while True:
        yield (rotated((a + d) & BITS, 23) + a & BITS) >> 32
        shifted = (b << 17) & BITS
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotated(d, 45)


def words_of(seed: int, epoch: int) -> Iterator[int]:
    from_seed, from_epoch = split_mix(seed), split_mix(~epoch & BITS)
    return xoshiro([next(from_seed) ^ rotated(next(from_epoch), 32) for _ in range(4)])


def below(bound: int, words: Iterator[int]) -> int:
    """Uniform among 0 … bound - 1 (Lemire, 2019): words that would bias the draw are skipped."""
    while True:
        product = next(words) * bound
        if product % 2**32 >= 2**32 % bound:
            return product >> 32


def visits(sampling: str, n: int, seed: int, epoch: int) -> list[int]:
    """The rows of an epoch."""
    words, rows = words_of(seed, epoch), list(range(n))
    if sampling == "replace":
        return [below(n, words) for _ in rows]
    for last in range(n - 1, 0, -1):
        other = below(last + 1, words)
        rows[last], rows[other] = rows[other], rows[last]
    return rows


def seen_rows(model: Any, n: int) -> np.ndarray:
    """The rows that a walk over n rows visits, one line an epoch.

    With x = 1, y = the number of the row, half the squared error and a learning rate of 1 each
    update is θ - (θ - y) = y: after it, θ is the number of the row.
    """
    with warnings.catch_warnings():
        # The last row may be farther from the others than the first.
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        path = model.fit(np.ones((n, 1)), np.arange(n)).history_.path
    return path[1:, 0].reshape(-1, n).astype(int)


REVEALING = {"loss": "half_mse", "learning_rate": 1.0, "fit_intercept": False}
REVEALING["record"] = "update"


@pytest.mark.parametrize("sampling", ["shuffle", "replace"])
@pytest.mark.parametrize("seed", [0, 1, 42, 2**32, 2**63 + 12345, 2**64 - 1])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 1000])
def test_rows_that_sgd_visits_are_those_of_the_twin(n, seed, sampling):
    model = gw.SGD(epochs=5, random_state=seed, sampling=sampling, **REVEALING)
    expected = [visits(sampling, n, seed, epoch) for epoch in range(5)]
    np.testing.assert_array_equal(seen_rows(model, n), expected)


@settings(max_examples=200)
@given(
    n=st.integers(1, 60),
    seed=st.integers(0, 2**64 - 1),
    epochs=st.integers(1, 6),
    sampling=st.sampled_from(["shuffle", "replace"]),
)
def test_any_seed_any_number_of_rows(n, seed, epochs, sampling):
    model = gw.SGD(epochs=epochs, random_state=seed, sampling=sampling, **REVEALING)
    expected = [visits(sampling, n, seed, epoch) for epoch in range(epochs)]
    np.testing.assert_array_equal(seen_rows(model, n), expected)


def test_words_that_would_bias_a_draw_are_skipped():
    """Among 100,000 rows it happens about once an epoch: 2^32 is no multiple of their number."""
    n, seed = 100_000, 4
    words = list(itertools.islice(words_of(seed, 0), n))
    skipped = sum(word * n % 2**32 < 2**32 % n for word in words)
    assert skipped > 0, "choose another seed"
    model = gw.SGD(epochs=1, random_state=seed, sampling="replace", **REVEALING)
    rows = seen_rows(model, n)[0]
    np.testing.assert_array_equal(rows, visits("replace", n, seed, 0))
    biased = [word * n >> 32 for word in words]
    assert not np.array_equal(rows, biased)


@pytest.mark.parametrize("sampling", ["shuffle", "replace"])
def test_mini_batches_are_cut_from_the_same_order(sampling):
    """Batches of 4 rows whose targets are powers of 5: the sum tells how often each was there."""
    n, seed = 14, 8
    y = 5.0 ** np.arange(n)
    options = {"batch_size": 4, "epochs": 3, "random_state": seed, "sampling": sampling}
    model = gw.MiniBatchGD(**options, **REVEALING).fit(np.ones((n, 1)), y)
    means = model.history_.path[1:, 0].reshape(3, 4)
    for epoch in range(3):
        rows = visits(sampling, n, seed, epoch)
        for mean, start in zip(means[epoch], range(0, n, 4), strict=True):
            batch = rows[start : start + 4]
            assert round(mean * len(batch)) == sum(5**row for row in batch)


def test_a_shuffle_visits_each_row_once_and_draws_repeat_some():
    shuffled = seen_rows(gw.SGD(epochs=3, sampling="shuffle", random_state=2, **REVEALING), 200)
    assert np.array_equal(np.sort(shuffled, axis=1), np.tile(np.arange(200), (3, 1)))
    drawn = seen_rows(gw.SGD(epochs=3, sampling="replace", random_state=2, **REVEALING), 200)
    # n draws meet about 1 - 1/e of the rows.
    assert all(100 < len(np.unique(rows)) < 150 for rows in drawn)
    in_order = seen_rows(gw.SGD(epochs=3, sampling="sequential", random_state=2, **REVEALING), 200)
    assert np.array_equal(in_order, np.tile(np.arange(200), (3, 1)))
