"""`gw.check_loop`: mistakes are named, and what is right is never accused."""

import pickle
import random
import sys
import time
from functools import partial

import numpy as np
import pytest

import gradwalk as gw
from gradwalk.check import student
from gradwalk.language.loop_checks import LOOP_SENTENCES
from loops import (
    CONVENTIONS,
    HOSTILE,
    PUBLISHED_AFTER,
    PUBLISHED_BEFORE,
    RIGHT,
    TWO_MISTAKES,
    WRONG,
)
from loops.run import start

X = np.random.default_rng(4).standard_normal((30, 2))
Y = X @ [1.0, -2.0] + np.random.default_rng(5).standard_normal(30) + 1


def named(loops):
    return pytest.mark.parametrize("loop", loops, ids=lambda loop: f"{loop.name}-{loop.data.d}")


def checked(loop, **words):
    X, y = loop.data.make()
    init = start(loop) if loop.start else None
    return gw.check_loop(loop.student, X, y, loop.optimizer(), init=init, **words)


def names(report):
    return [seen.name for seen in report.diagnosis]


@named(RIGHT + PUBLISHED_AFTER)
def test_right_loops_pass(loop):
    report = checked(loop)
    assert report.passed, str(report)
    assert (names(report), report.score, report.first_difference) == ([], 1, None)


@named(WRONG + CONVENTIONS + PUBLISHED_BEFORE)
def test_the_mistake_is_named_first(loop):
    report = checked(loop)
    assert not report.passed
    assert names(report)[0] in loop.expected
    assert report.score < 1


@named(TWO_MISTAKES)
def test_two_mistakes_are_unequal_without_a_wrong_diagnosis(loop):
    report = checked(loop)
    assert not report.passed
    assert names(report) == []
    assert report.first_difference.update >= 1
    assert "cause not recognised" in str(report)


@named(HOSTILE)
def test_a_hostile_loop_is_a_report_in_time(loop):
    begin = time.monotonic()
    report = checked(loop, time_limit=2)
    assert time.monotonic() - begin < 3
    assert report.passed == (not loop.expected)
    assert not loop.expected or names(report)[0] in loop.expected


def step(X, y, w, b, lr):
    error = X @ w + b - y
    return w - lr * 2 * X.T @ error / len(y), b - lr * 2 * error.mean()


def right(X, y, w, b, lr, epochs):
    path = []
    for _ in range(epochs):
        w, b = step(X, y, w, b, lr)
        path.append((w, b))
    return path


def stochastic(X, y, w, b, lr, epochs):
    for _ in range(epochs):
        for i in np.random.permutation(len(y)):  # noqa: NPY002
            w, b = step(X[i : i + 1], y[i : i + 1], w, b, lr)
    return w, b


def test_a_path_is_checked_as_it_is():
    path = [np.r_[b, w] for w, b in right(X, Y, np.zeros(2), 0.0, 0.1, 7)]
    optimizer = gw.BatchGD(learning_rate=0.1, epochs=7)
    assert gw.check_loop(path, X, Y, optimizer).passed
    path[4] = path[4] + 0.01
    report = gw.check_loop(np.array(path), X, Y, optimizer)
    assert (report.passed, report.first_difference.update) == (False, 5)
    assert report.first_difference.distance == pytest.approx(0.01)


def test_small_mistakes_are_seen():
    def slightly(X, y, w, b, lr, epochs):
        return right(X, y, w, b, lr * (1 + 1e-7), epochs)

    assert not gw.check_loop(slightly, X, Y, gw.BatchGD(epochs=5)).passed


def test_rows_are_found_by_watching():
    report = gw.check_loop(stochastic, X, Y, gw.SGD(epochs=5))
    assert report.passed
    report = gw.check_loop(stochastic, X, Y, gw.SGD("half_mse", epochs=5))
    assert names(report)[0] == "factor 2"


@pytest.mark.parametrize("shuffle", [random.shuffle, np.random.default_rng().shuffle])
def test_rows_may_be_drawn_by_any_generator(shuffle):
    def drawn(X, y, w, b, lr, epochs):
        rows = list(range(len(y)))
        for _ in range(epochs):
            shuffle(rows)
            for i in rows:
                w, b = step(X[i : i + 1], y[i : i + 1], w, b, lr)
        return w, b

    assert gw.check_loop(drawn, X, Y, gw.SGD(epochs=5)).passed
    # Each call draws other rows.
    assert gw.check_loop(seeded_by_chance, X, Y, gw.SGD(epochs=5)).passed
    assert (
        names(gw.check_loop(seeded_by_chance, X, Y, gw.SGD("half_mse", epochs=5)))[0] == "factor 2"
    )


def seeded_by_chance(X, y, w, b, lr, epochs):
    rng = np.random.default_rng()
    for _ in range(epochs):
        for i in rng.permutation(len(y)):
            w, b = step(X[i : i + 1], y[i : i + 1], w, b, lr)
    return w, b


def test_rows_are_not_blamed_where_other_rows_lead_to_the_same():
    def by_random_keys(X, y, w, b, lr, epochs, rng):
        for _ in range(epochs):
            for x, t in sorted(zip(X, y, strict=True), key=lambda _: rng.random()):
                s = np.sign(x @ w + b - t)
                w, b = w - lr * s * x, b - lr * s
        return w, b

    assert gw.check_loop(by_random_keys, X, Y, gw.SGD("mae", epochs=3)).passed


@pytest.mark.parametrize(("loss", "passes"), [("mse", True), ("half_mse", False)])
def test_rows_that_cannot_be_seen_are_said_to_be_unknown(loss, passes):
    def hidden(X, y, w, b, lr, epochs):
        X, y, rng = np.array(X), np.array(y), np.random.default_rng(123)
        for _ in range(epochs):
            for i in rng.permutation(len(y)):
                w, b = step(X[i : i + 1], y[i : i + 1], w, b, lr)
        return w, b

    report = gw.check_loop(hidden, X, Y, gw.SGD(loss, epochs=5))
    assert report.passed == passes
    assert any("could not be seen" in note for note in report.notes)


def test_a_loop_that_passes_over_all_rows_for_its_loss():
    def with_losses(X, y, w, b, lr, epochs):
        losses = []
        for _ in range(epochs):
            for i in np.random.permutation(len(y)):  # noqa: NPY002
                w, b = step(X[i : i + 1], y[i : i + 1], w, b, lr)
            losses.append(sum((X[i] @ w + b - y[i]) ** 2 for i in range(len(y))) / len(y))
        return w, b, losses

    assert gw.check_loop(with_losses, X, Y, gw.SGD(epochs=5)).passed


def test_a_rate_above_the_limit_is_noted():
    report = gw.check_loop(right, X, Y, gw.BatchGD(learning_rate=3.0, epochs=500))
    assert report.passed
    assert any("2/L" in note for note in report.notes)


def test_float32_passes_with_a_note():
    def single(X, y, lr, epochs):
        A = np.c_[np.ones(len(X)), X].astype(np.float32)
        y, theta = y.astype(np.float32), np.zeros(3, np.float32)
        for _ in range(epochs):
            theta = theta - np.float32(lr * 2 / len(y)) * A.T @ (A @ theta - y)
        return theta

    report = gw.check_loop(single, X, Y, gw.BatchGD(learning_rate=0.1, epochs=30))
    assert report.passed
    assert any("float32" in note for note in report.notes)


def test_losses_of_no_accepted_length_fail_and_both_lengths_are_told():
    def few(X, y, w, b, lr, epochs):
        path = right(X, y, w, b, lr, epochs)
        return path, [1.0, 2.0]

    report = gw.check_loop(few, X, Y, gw.BatchGD(epochs=7))
    assert not report.passed
    assert any("2" in note and "7" in note for note in report.notes)


def test_nothing_is_left_behind():
    def rude(X, y, w, b, lr, epochs):
        print("step")
        np.random.seed(1)  # noqa: NPY002
        np.seterr(all="raise")
        X *= 2
        return w, b

    data, state = X.copy(), np.random.get_state()[1].tolist()  # noqa: NPY002
    settings = np.geterr()
    report = gw.check_loop(rude, data, Y, gw.BatchGD(epochs=3))
    assert not report.passed
    assert report.printed == "step\n"
    assert len(report.notes) == 3
    assert np.array_equal(data, X)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    assert np.geterr() == settings


def test_where_there_is_no_fork_a_thread_leaves_nothing_behind(monkeypatch, capsys):
    def sleepy(X, y, w, b, lr, epochs):
        print("asleep")
        time.sleep(3)

    monkeypatch.setattr(student.sys, "platform", "win32")
    state, output = random.getstate(), sys.stdout
    assert gw.check_loop(right, X, Y, gw.BatchGD(epochs=5)).passed
    assert gw.check_loop(stochastic, X, Y, gw.SGD(epochs=5)).passed
    assert names(gw.check_loop(sleepy, X, Y, gw.BatchGD(), time_limit=0.1)) == ["timed out"]
    print("seen")
    assert (random.getstate(), sys.stdout) == (state, output)
    assert capsys.readouterr().out == "seen\n"


def test_a_name_that_cannot_be_filled_is_an_error():
    def odd(X, y, speed):
        return 0

    with pytest.raises(TypeError, match="speed"):
        gw.check_loop(odd, X, Y, gw.BatchGD())


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"optimizer": 3}, TypeError),
        ({"time_limit": 0}, ValueError),
        ({"language": "fr"}, ValueError),
        ({"order": [[0]]}, ValueError),
    ],
)
def test_arguments_are_checked(words, error):
    words = {"optimizer": gw.BatchGD()} | words
    with pytest.raises(error):
        gw.check_loop(right, X, Y, **words)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_reports_are_told_in_words_and_as_a_card(language):
    def uphill(X, y, w, b, lr, epochs):
        return right(X, y, w, b, -lr, epochs)

    report = gw.check_loop(uphill, X, Y, gw.BatchGD(epochs=5), language=language)
    assert names(report)[0] == "wrong sign"
    message = report.diagnosis[0].message
    assert message == LOOP_SENTENCES["loop: wrong sign"][language]
    assert message in str(report)
    card = report._repr_html_()
    assert report.headline() in card
    assert "θ[2]" in card


def test_every_message_has_at_most_three_lines():
    for told in LOOP_SENTENCES.values():
        assert set(told) == {"en", "ko"}
        assert all(text.count("\n") < 3 for text in told.values())


@pytest.mark.alone
def test_checking_adds_less_than_a_second():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((442, 10))
    y = X @ rng.standard_normal(10) + rng.standard_normal(442)

    def by_rows(X, y, w, b, lr, epochs, order):
        path = []
        for rows in order:
            for i in rows:
                error = X[i] @ w + b - y[i]
                w, b = w - lr * 2 * error * X[i], b - lr * 2 * error
                path.append(np.r_[b, w])
        return path

    begin = time.perf_counter()
    report = gw.check_loop(by_rows, X, y, gw.SGD(learning_rate=0.005))
    assert (report.passed, report.compared) == (True, 44_200)
    assert time.perf_counter() - begin - report.seconds < 1


def test_labels_may_be_signs():
    y = np.where(Y > 1, 1, -1)

    def logistic(X, y, w, b, lr, epochs, wrong=False):
        path = []
        for _ in range(epochs):
            p = 1 / (1 + np.exp(-(X @ w + b)))
            slope = p - y if wrong else p - (y > 0)
            w, b = w - lr * X.T @ slope / len(y), b - lr * slope.mean()
            path.append((w, b))
        return path

    optimizer = gw.BatchGD("log_loss", epochs=5)
    assert gw.check_loop(logistic, X, y, optimizer).passed
    wrong = partial(logistic, wrong=True)
    assert names(gw.check_loop(wrong, X, y, optimizer))[0] == "labels −1 and 1"


@pytest.mark.parametrize("l1_step", ["subgradient", "proximal"])
def test_l1_is_taken_as_the_optimizer_takes_it(l1_step):
    def lasso(X, y, w, b, lr, epochs):
        path, losses = [], []
        for _ in range(epochs):
            error = X @ w + b - y
            slope = 2 * X.T @ error / len(y) + 0.1 * np.sign(w)
            w, b = w - lr * slope, b - lr * 2 * error.mean()
            path.append((w, b))
            losses.append(((X @ w + b - y) ** 2).mean() + 0.1 * np.abs(w).sum())
        return path, losses

    optimizer = gw.BatchGD(learning_rate=0.1, epochs=60, l1=0.1, l1_step=l1_step)
    assert gw.check_loop(lasso, X, Y, optimizer).passed == (l1_step == "subgradient")


# --- The picture ------------------------------------------------------------------------------


def halved(X, y, w, b, lr, epochs):
    path = []
    for _ in range(epochs):
        w, b = step(X, y, w, b, lr / 2)
        path.append((w, b))
    return path


def test_the_report_has_both_paths():
    report = gw.check_loop(halved, X, Y, gw.BatchGD(learning_rate=0.1, epochs=20))
    paths = report.paths
    np.testing.assert_array_equal(paths.updates, np.arange(21))
    model = gw.BatchGD(learning_rate=0.1, epochs=20).fit(X, Y)
    np.testing.assert_allclose(paths.reference, model.history_.path, rtol=1e-12)
    own = gw.BatchGD(learning_rate=0.05, epochs=20).fit(X, Y)
    np.testing.assert_allclose(paths.loop, own.history_.path, rtol=1e-12)
    expected = np.abs(own.history_.path - model.history_.path).max(axis=1)
    np.testing.assert_allclose(paths.distances, expected, rtol=1e-9)
    again = pickle.loads(pickle.dumps(report))
    np.testing.assert_array_equal(again.paths.loop, paths.loop)


def test_a_loop_that_returns_the_end_alone_has_few_points():
    def end(X, y, w, b, lr, epochs):
        return halved(X, y, w, b, lr, epochs)[-1]

    report = gw.check_loop(end, X, Y, gw.BatchGD(learning_rate=0.1, epochs=20))
    assert report.paths.updates.tolist() == [0, 1, 2, 3, 20]


def test_a_long_walk_is_shown_in_part_and_soon():
    def long(X, y, w, b, lr, epochs, order):
        path = []
        for rows in order:
            for i in rows:
                w, b = step(X[i : i + 1], y[i : i + 1], w, b, lr)
                path.append(np.r_[b, w])
        return path

    report = gw.check_loop(long, X, Y, gw.SGD(learning_rate=0.01, epochs=200))
    assert report.passed
    assert 2 <= len(report.paths.updates) <= 210
    assert len(report._repr_html_()) < 60_000


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_card_shows_both_paths_and_leaves_out_what_is_not_finite(language):
    def uphill(X, y, w, b, lr, epochs):
        return right(X, y, w, b, -1e3 * lr, epochs)

    optimizer = gw.BatchGD(learning_rate=0.1, epochs=200)
    gw.set_language(language)
    try:
        card = gw.check_loop(uphill, X, Y, optimizer)._repr_html_()
    finally:
        gw.set_language("en")
    assert card.count("<svg") == card.count("<desc>") == 2
    assert "gradwalk-own" in card
    for word in ("nan", "inf,", ",inf"):
        assert word not in card.split("<svg", 1)[1]
    assert ("거리" in card) == (language == "ko")


def test_one_parameter_is_drawn_against_the_update():
    def alone(X, y, theta, lr, epochs):
        path = []
        for _ in range(epochs):
            theta = theta - lr * 2 * X.T @ (X @ theta - y) / len(y)
            path.append(theta)
        return path

    optimizer = gw.BatchGD(learning_rate=0.1, epochs=9, fit_intercept=False)
    report = gw.check_loop(alone, X[:, :1], Y, optimizer)
    assert report.passed
    assert report._repr_html_().count("<svg") == 2
