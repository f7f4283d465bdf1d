"""`rule=function`: a student's own rule, with every loss, method and way of walking."""

from __future__ import annotations

import copy
import pickle
import re
import threading

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import rules
from loss_kinds import COUNTS, TWO_CLASSES
from written_rules import RULES, formula

RNG = np.random.default_rng(6)
X = RNG.normal(size=(40, 3))
Y = X @ [1.0, -2.0, 0.5] + 1 + 0.1 * RNG.normal(size=40)
KIND = (Y > 1).astype(int)
METHODS = [gw.BatchGD, gw.SGD, gw.MiniBatchGD]
every_method = pytest.mark.parametrize("method", METHODS)


def plain(params, grad, learning_rate, state):
    return params - learning_rate * grad


def adam(params, grad, learning_rate, state):
    """In the style of a course: keys in the state, the count from it."""
    t = state["t"] + 1
    m = state["m"] = 0.9 * state.get("m", 0) + 0.1 * grad
    v = state["v"] = 0.999 * state.get("v", 0) + 0.001 * grad**2
    return params - learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


def in_place(params, grad, learning_rate, state):
    """Momentum whose arrays are changed where they lie, and that gives back what it was given."""
    v = state.setdefault("v", np.zeros_like(params))
    v *= 0.9
    v += grad
    params -= learning_rate * v
    return params


def labels_of(loss):
    if loss == "cross_entropy":
        return RNG.integers(0, 3, 40)
    return KIND if loss in (*TWO_CLASSES, *COUNTS) else Y


@pytest.mark.parametrize("name", ["bowl", "ravine", "beale"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_on_a_landscape_a_rule_written_as_a_function_is_the_rule(rule, name):
    surface = getattr(gw.landscapes, name)
    ours = gw.BatchGD(learning_rate=0.005, epochs=60, rule=rule).minimize(surface, surface.start)
    step = formula(rule, np.array(surface.start, float))
    model = gw.BatchGD(learning_rate=0.005, epochs=60, rule=lambda p, g, eta, s: step(eta, g))
    path = model.minimize(surface, surface.start).path
    assert np.abs(path - ours.path).max() <= 1e-12 * max(1, np.abs(path).max())


# That of a perceptron may rise by what its rows happen to be.
@pytest.mark.filterwarnings("ignore:the walk diverges")
@every_method
@pytest.mark.parametrize("loss", gw.LOSSES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_loss_takes_a_function(method, loss, dtype):
    y = labels_of(loss)
    settings = {"learning_rate": 0.01, "epochs": 4, "l2": 0.1, "random_state": 2}
    known = {plain: None, adam: rules.Adam(), in_place: rules.Momentum(0.9)}
    for function, rule in known.items():
        own = method(loss, rule=function, **settings).fit(X.astype(dtype), y)
        ours = method(loss, rule=rule, **settings).fit(X.astype(dtype), y)
        assert own.params_.dtype == dtype
        assert own.n_updates_ == ours.n_updates_
        tolerance = 1e-12 if dtype == np.float64 else 1e-4
        np.testing.assert_allclose(own.history_.path, ours.history_.path, atol=tolerance)
        np.testing.assert_allclose(own.history_.loss, ours.history_.loss, rtol=10 * tolerance)


@every_method
@pytest.mark.parametrize("function", [adam, in_place])
def test_steps_fit_partial_fit_and_copies_have_the_same_bits(method, function):
    settings = {"learning_rate": 0.02, "random_state": 1, "rule": function, "clip_norm": 3.0}
    whole = method(epochs=10, **settings).fit(X, Y)
    parts, others = method(**settings), []
    for epoch in range(10):
        parts.partial_fit(X, Y)
        if epoch == 4:
            others = [pickle.loads(pickle.dumps(parts)), copy.copy(parts), copy.deepcopy(parts)]
    for other in others:
        for _ in range(5):
            other.partial_fit(X, Y)
    walk = method(epochs=10, **settings)
    for _ in walk.steps(X, Y):
        pass
    for model in (parts, walk, *others):
        np.testing.assert_array_equal(model.history_.path, whole.history_.path)
        np.testing.assert_array_equal(model.params_, whole.params_)
    # A walk that begins again begins with an empty state.
    np.testing.assert_array_equal(parts.fit(X, Y, init=np.zeros(4)).params_[:0], [])
    np.testing.assert_array_equal(whole.fit(X, Y).history_.path, walk.history_.path)


def test_what_the_function_gets():
    seen = []

    def rule(params, grad, learning_rate, state):
        seen.append((params, grad, learning_rate, state, state["t"]))
        with pytest.raises(ValueError, match="read-only"):
            grad[0] = 0
        params[:] -= learning_rate * grad
        return params

    model = gw.MiniBatchGD(
        learning_rate=lambda t: 0.1 / (1 + t), epochs=2, batch_size=16, rule=rule, random_state=0
    ).fit(X, Y)
    assert [call[4] for call in seen] == [*range(6)] == [*range(model.n_updates_)]
    assert [call[2] for call in seen] == [0.1 / (1 + t) for t in range(6)]
    assert all(type(call[2]) is float for call in seen)
    assert len({id(call[0]) for call in seen}) == 6
    assert {id(call[3]) for call in seen} == {id(seen[0][3])}
    np.testing.assert_array_equal([call[0] for call in seen], model.history_.path[1:])
    # Of several classes θ is (d + 1, K), and of one number it is a number.
    gw.BatchGD("cross_entropy", epochs=1, rule=rule).fit(X, RNG.integers(0, 3, 40))
    assert seen[-1][0].shape == seen[-1][1].shape == (4, 3)
    number = gw.BatchGD(learning_rate=0.1, epochs=5, rule=lambda p, g, eta, s: p - eta * g)
    result = number.minimize(lambda x: (x - 3) ** 2, 0.0, jac=lambda x: 2 * (x - 3))
    assert result.x == pytest.approx(3 - 3 * 0.8**5)
    sums = gw.MiniBatchGD(learning_rate=0.1, epochs=3, batch_size=2, rule=plain, random_state=0)
    fun = lambda x, rows: ((x - rows) ** 2).mean()  # noqa: E731
    jac = lambda x, rows: 2 * (x - rows.mean())  # noqa: E731
    own = sums.minimize(fun, [0.0], jac=jac, n_terms=5).path
    sums = gw.MiniBatchGD(learning_rate=0.1, epochs=3, batch_size=2, random_state=0)
    np.testing.assert_array_equal(own, sums.minimize(fun, [0.0], jac=jac, n_terms=5).path)


def test_a_loss_of_ones_own_takes_one_too():
    def loss(params, X, y):
        error = X @ params - y
        return error @ error / len(y), 2 * X.T @ error / len(y)

    settings = {"learning_rate": 0.05, "epochs": 5, "batch_size": 8, "random_state": 0}
    own = gw.MiniBatchGD(loss, rule=plain, **settings).fit(X, Y, init=np.zeros(3))
    ours = gw.MiniBatchGD(loss, **settings).fit(X, Y, init=np.zeros(3))
    np.testing.assert_array_equal(own.history_.path, ours.history_.path)


def test_restore_best_begins_with_an_empty_state():
    states = []

    def rule(params, grad, learning_rate, state):
        states.append(dict(state))
        state["kept"] = True
        # Up the slope in the end.
        return params - learning_rate * grad * (1 if len(states) < 5 else -1)

    model = gw.BatchGD(learning_rate=0.1, epochs=8, rule=rule)
    model.fit(X, Y, full_loss=True, restore_best=True)
    assert model.best_epoch_ < 8
    model.partial_fit(X, Y)
    assert states[0] == states[8] == {"t": 0}
    assert states[7] == {"t": 7, "kept": True}


WRONG = [
    (lambda p, g, eta, s: None, TypeError, "got None: end it with return"),
    (lambda p, g, eta, s: "theta", TypeError, "what rule returns must be .*got"),
    (lambda p, g, eta, s: p > 0, TypeError, "an array of real numbers; got"),
    (lambda p, g, eta, s: p[:2], ValueError, r"of the shape of params, \(4,\); got .*\(2,\)"),
    (lambda p, g, eta, s: p[:, None], ValueError, r"of the shape of params, \(4,\); got"),
    (lambda p, g, eta, s: 3.0, ValueError, r"of the shape of params, \(4,\); got"),
    (lambda p, g, eta, s: p * np.nan, ValueError, "finite numbers.*NaN at place 0, at t = 0"),
    (lambda p, g, eta, s: p + np.array([0, 0, np.inf, 0]), ValueError, "inf at place 2, at t = 0"),
    (lambda p, g, eta, s: p + 1j, TypeError, "what rule returns"),
    (lambda p, g: p, TypeError, r"rule must be a function \(params, grad, learning_rate, state\)"),
    (lambda p, g, eta, s: 1 / 0, ZeroDivisionError, "division"),
]


@every_method
@pytest.mark.parametrize(("rule", "kind", "message"), WRONG)
def test_what_a_function_does_wrong_is_said_and_the_walk_so_far_stays(method, rule, kind, message):
    model = method(rule=rule)
    with pytest.raises(kind, match=f"(?i){message}"):
        model.fit(X, Y)
    np.testing.assert_array_equal(model.params_, np.zeros(4))
    assert model.n_updates_ == 0
    assert model.stop_reason_ == "failed"
    with pytest.raises(kind):
        next(iter(model.steps(X, Y)))
    with pytest.raises(kind):
        method(rule=rule).minimize(lambda x: x @ x, np.ones(4))


def test_lists_and_other_numbers_are_taken():
    path = gw.BatchGD(epochs=3, rule=plain).fit(X, Y).history_.path
    for change in (list, tuple, lambda p: np.asfortranarray(p)[::-1][::-1], lambda p: p[None][0]):
        rule = lambda p, g, eta, s, change=change: change(p - eta * g)  # noqa: E731
        np.testing.assert_array_equal(gw.BatchGD(epochs=3, rule=rule).fit(X, Y).history_.path, path)
    single = gw.BatchGD(epochs=3, rule=lambda p, g, eta, s: (p - eta * g).astype(np.float32))
    np.testing.assert_allclose(single.fit(X, Y).history_.path, path, rtol=1e-5)


def test_an_exception_in_the_middle_leaves_what_was_walked():
    def rule(params, grad, learning_rate, state):
        if state["t"] == 7:
            raise KeyboardInterrupt
        return params - learning_rate * grad

    model = gw.SGD(learning_rate=0.01, rule=rule, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    assert (model.n_updates_, model.stop_reason_) == (7, "interrupted")
    whole = gw.SGD(learning_rate=0.01, random_state=0).fit(X, Y)
    np.testing.assert_allclose(model.history_.path, whole.history_.path[:8], rtol=1e-13)


@every_method
def test_a_function_that_turns_back_to_its_model_is_answered(method):
    seen = []

    def rule(params, grad, learning_rate, state):
        seen.append((model.params_, model.n_updates_, model.history_.loss))
        with pytest.raises(RuntimeError, match="fit"):
            model.fit(X, Y)
        pickle.dumps(model.history_)
        state.clear()
        state["t"] = "nonsense"
        return params - learning_rate * grad

    model = method(rule=rule, epochs=2, random_state=0)
    model.fit(X, Y)
    assert len(seen) == model.n_updates_
    # The steps of SGD are rounded once where a product is added.
    whole = method(epochs=2, random_state=0).fit(X, Y)
    np.testing.assert_allclose(model.params_, whole.params_, rtol=1e-13)


def test_other_threads_go_on():
    event = threading.Event()

    def rule(params, grad, learning_rate, state):
        if state["t"] == 3:
            threading.Thread(target=lambda: (model.params_, event.set())).start()
            assert event.wait(20)
        return params - learning_rate * grad

    model = gw.BatchGD(rule=rule, epochs=10)
    assert model.fit(X, Y).n_updates_ == 10


@every_method
def test_settings_that_it_cannot_go_with_are_refused(method):
    with pytest.raises(ValueError, match=r"^l1 must be 0 with a rule that is a function.*got 0\.1"):
        method(rule=plain, l1=0.1)
    by_sign = {"l1": 0.1, "l1_step": "subgradient", "epochs": 5, "random_state": 0}
    own, ours = method(rule=plain, **by_sign).fit(X, Y), method(**by_sign).fit(X, Y)
    np.testing.assert_allclose(own.history_.path, ours.history_.path, atol=1e-13)
    for wrong in (gw.rules.Adam, gw.schedules.Cosine(0.1, 9), "adam", 3, dict):
        with pytest.raises(TypeError, match=r"^rule must be None, an object of gradwalk\.rules"):
            method(rule=wrong)
    model = method(rule=plain)
    assert model.rule is plain
    assert re.search(r"rule=<function plain", repr(model))
    assert "rule" in model._repr_html_()


def test_a_file_cannot_hold_it_and_the_loop_checker_does_not_know_it(tmp_path):
    model = gw.BatchGD(rule=plain, epochs=3).fit(X, Y)
    with pytest.raises(TypeError, match="rule is a function"):
        model.save(tmp_path / "model.npz")
    with pytest.raises(TypeError, match=r"check_loop needs a rule of gradwalk\.rules"):
        gw.check_loop(lambda X, y: None, X, Y, model)
    assert isinstance(str(pickle.loads(pickle.dumps(model.history_)).verdict), str)
