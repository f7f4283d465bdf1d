"""Norms of the gradient: where they come from, and which stretches are plateaus."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import landscapes, plot
from pictured_walks import LOSSES, PAIRS, data, in_frame, labelled, lines, texts, walk

FLAT = landscapes.plateau


@pytest.fixture(scope="module")
def crossing():
    """Plain descent, which is stuck, and momentum, which gets across."""
    common = {"learning_rate": 1.0, "epochs": 4000}
    return {
        "plain": gw.BatchGD(**common).minimize(FLAT, FLAT.start),
        "momentum": gw.BatchGD(**common, rule=gw.rules.Momentum(0.9)).minimize(FLAT, FLAT.start),
    }


def spans(ax):
    """Ends of the shaded stretches of a lone walk."""
    found = [patch for patch in ax.patches if patch.get_label() == "_plateau"]
    return [(p.get_x(), p.get_x() + p.get_width()) for p in found]


def norms_of(model, X, y, path):
    return [
        np.linalg.norm(gw.loss_and_grad(X, y, theta, loss=model.loss, l2=model.l2)[1])
        for theta in path
    ]


# --- Where the norms come from ---------------------------------------------------------


def test_batch_descent_has_them_on_record():
    X, y = data(2, "regression")
    model = gw.BatchGD("mse", learning_rate=0.05, epochs=9).fit(X, y)
    norm, loss = plot.plateau(model)
    x, height = lines(norm)["batch"].get_xydata().T
    # Each is that of θ before the update of its epoch, like the loss of the epoch.
    np.testing.assert_array_equal(x, np.arange(9))
    np.testing.assert_allclose(height, norms_of(model, X, y, model.history_.path[:-1]))
    np.testing.assert_array_equal(lines(loss)["batch"].get_ydata(), model.history_.loss)
    assert norm.get_yscale() == "log"
    assert norm.get_ylabel() == "norm of the gradient"
    assert (loss.get_xlabel(), loss.get_ylabel()) == ("epoch", "loss (mse)")


def test_the_others_have_them_with_the_full_loss():
    X, y = data(2, "regression")
    model = gw.SGD("mse", learning_rate=0.01, epochs=4, random_state=0)
    model.fit(X, y, full_loss=True)
    norm, loss = plot.plateau(model)
    x, height = lines(norm)["stochastic"].get_xydata().T
    np.testing.assert_array_equal(x, [1, 2, 3, 4])
    np.testing.assert_allclose(height, norms_of(model, X, y, model.history_.path[60::60]))
    x, height = lines(loss)["stochastic"].get_xydata().T
    np.testing.assert_array_equal(x, np.arange(5))
    np.testing.assert_array_equal(height, model.history_.full_loss)


@pytest.mark.parametrize("rule", [None, gw.rules.Adam()])
def test_data_give_the_full_gradient_along_the_path(rule):
    X, y = data(2, "regression")
    model = gw.MiniBatchGD("mse", learning_rate=0.01, epochs=4, batch_size=20, rule=rule)
    model.fit(X, y)
    norm, loss = plot.plateau(model, X, y, against="update")
    x, height = lines(norm)["mini-batch (20 rows)"].get_xydata().T
    np.testing.assert_array_equal(x, np.arange(13))
    np.testing.assert_allclose(height, norms_of(model, X, y, model.history_.path))
    assert loss.get_xlabel() == "update"


@pytest.mark.parametrize(
    "eta",
    [0.01, gw.schedules.InverseScaling(0.02, tau=3), lambda t: 0.01 / (1 + t)],
    ids=["number", "schedule", "function"],
)
def test_steps_of_the_plain_rule_give_the_gradients_of_the_batches(eta):
    X, y = data(2, "regression")
    model = gw.SGD("mse", learning_rate=eta, epochs=1, random_state=0, l2=0.3)
    steps = [(step.rows, step.params_before) for step in model.steps(X, y)]
    norm, loss = plot.plateau(model, against="update")
    x, height = lines(norm)["stochastic"].get_xydata().T
    np.testing.assert_array_equal(x, np.arange(60))
    expected = [
        np.linalg.norm(gw.loss_and_grad(X, y, theta, rows=rows, l2=0.3)[1]) for rows, theta in steps
    ]
    np.testing.assert_allclose(height, expected, rtol=1e-6)
    np.testing.assert_array_equal(lines(loss)["stochastic"].get_ydata(), model.history_.update_loss)
    assert norm.get_ylabel() == "norm of each batch's gradient"


def test_many_batches_are_dots_under_a_line_of_means():
    X, y = data(2, "regression")
    model = gw.SGD("mse", learning_rate=0.001, epochs=20, random_state=0, record="update")
    model.fit(X, y)
    norm, _ = plot.plateau(model)
    (dots,) = labelled(norm, "_batch")
    assert len(dots.get_xdata()) == 1200
    line = lines(norm)["stochastic"].get_ydata()
    assert len(line) == 100
    np.testing.assert_allclose(line, dots.get_ydata().reshape(100, 12).mean(axis=1))


def test_a_function_gives_them_where_they_are_not_on_record():
    terms = landscapes.himmelblau.as_sum(10, 2.0, random_state=0)
    model = gw.SGD(learning_rate=0.001, epochs=2, random_state=0)
    result = model.minimize(terms, [0.0, 0.0])
    expected = np.linalg.norm(landscapes.himmelblau.grad(result.path), axis=1)

    def value(x):
        return float(landscapes.himmelblau(x))

    for settings in (
        {"fun": terms},
        {"fun": landscapes.himmelblau},
        {"fun": value},
        {"fun": value, "jac": landscapes.himmelblau.grad},
        {"fun": lambda x: (value(x), landscapes.himmelblau.grad(x)), "jac": True},
    ):
        norm, loss = plot.plateau({"walk": result}, **settings)
        np.testing.assert_allclose(lines(norm)["walk"].get_ydata(), expected, rtol=1e-5)
        np.testing.assert_allclose(
            lines(loss)["walk"].get_ydata(), landscapes.himmelblau(result.path), rtol=1e-9
        )
    assert loss.get_ylabel() == "f(x)"


def test_an_own_loss_is_called_along_the_path():
    X, y = data(2, "regression")

    def own(theta, X, y):
        error = X @ theta - y
        return np.mean(error**2), 2 * X.T @ error / len(y)

    model = gw.SGD(own, learning_rate=0.005, epochs=1, random_state=0).fit(X, y, init=[0.0, 0.0])
    norm, _ = plot.plateau(model, X, y)
    expected = [np.linalg.norm(own(theta, X, y)[1]) for theta in model.history_.path]
    np.testing.assert_allclose(lines(norm)["stochastic"].get_ydata(), expected)


@pytest.mark.parametrize(
    ("settings", "part", "message"),
    [
        ({"record": None}, "model", r"'stochastic'.*hand over X and y, or fit it again"),
        ({"record": "epoch"}, "model", "every update must be on record"),
        ({"rule": gw.rules.Momentum(0.9)}, "model", "by the plain rule"),
        ({"l1": 0.1}, "model", "without l1"),
        ({}, "history", "hand over the model itself"),
    ],
)
def test_where_none_is_possible_that_is_said(settings, part, message):
    X, y = data(2, "regression")
    model = gw.SGD("mse", learning_rate=0.01, epochs=2, random_state=0, **settings).fit(X, y)
    thing = {"stochastic": model.history_} if part == "history" else model
    with pytest.raises(ValueError, match=message):
        plot.plateau(thing)


def test_results_without_their_function_are_refused():
    terms = landscapes.himmelblau.as_sum(10, 2.0, random_state=0)
    result = gw.SGD(learning_rate=0.001, epochs=2).minimize(terms, [0.0, 0.0])
    with pytest.raises(ValueError, match="hand over fun"):
        plot.plateau(result)
    wide = gw.SGD(learning_rate=0.001, epochs=2).minimize(
        landscapes.bowl.at_dimension(3).as_sum(10, 1.0), [1.0, 1.0, 1.0]
    )
    with pytest.raises(ValueError, match="over 3 coordinates: hand it over as jac"):
        plot.plateau(wide, fun=lambda x: float(np.sum(x**2)))


# --- Which stretches are shaded --------------------------------------------------------


def test_the_plateau_of_a_walk_that_crosses_it_is_shaded(crossing):
    norm, loss = plot.plateau(crossing["momentum"], fun=FLAT)
    ((left, right),) = spans(norm)
    assert spans(loss) == [(left, right)]
    assert left == 0
    path, norms = crossing["momentum"].path[:, 0], crossing["momentum"].history.grad_norm
    place = int(right)
    assert path[place] < 0  # the edge of the plateau lies around 0
    assert norms[place] <= 0.01 * norms.max() < norms[place + 1]
    # At the minimum the norm is far smaller, and the loss with it.
    assert norms[-1] < norms[0]
    assert "plateau: tiny gradient, high loss" in lines(norm)


def test_a_walk_that_is_stuck_is_shaded_by_its_verdict(crossing):
    assert crossing["plain"].history.verdict.kind == "plateau"
    norm, loss = plot.plateau(crossing["plain"])
    ((left, right),) = spans(norm)
    assert (left, right) == (0, 3999)
    # A loss that stays looks as if it stayed, and so does its norm.
    assert loss.get_ylim()[0] <= 0
    low, high = norm.get_ylim()
    assert high / low > 9


def test_plateaus_of_several_walks_lie_along_their_lines(crossing):
    norm, loss = plot.plateau(crossing, fun=FLAT)
    assert spans(norm) == []
    for panel in (norm, loss):
        assert len(labelled(panel, "_plateau")) == 2
    long, short = (line.get_xdata() for line in labelled(norm, "_plateau"))
    assert long[-1] == 3999
    assert short[-1] < 3500


def test_a_walk_into_a_minimum_has_no_plateau():
    X, y = data(2, "regression")
    model = gw.BatchGD("mse", learning_rate=0.05, epochs=400).fit(X, y)
    norm, _ = plot.plateau(model)
    assert model.history_.grad_norm[-1] < 1e-3 * model.history_.grad_norm[0]
    assert spans(norm) == []
    assert "plateau: tiny gradient, high loss" not in lines(norm)


def test_a_saturated_neuron_has_a_vanishing_gradient():
    X = np.linspace(0.5, 2.0, 20)[:, None]
    model = gw.BatchGD("sigmoid_mse", learning_rate=5.0, epochs=3000)
    model.fit(X, np.ones(20), init=[-9.0, -1.0])
    norm, _ = plot.plateau(model)
    ((left, right),) = spans(norm)
    assert left == 0
    assert model.history_.loss[int(right)] > 0.5 > model.history_.loss[-1]


# --- Every kind ------------------------------------------------------------------------


@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_kind_of_model(d, task, fate, record):
    X, y = data(d, task)
    model = walk(d, task, fate, record)
    norm, loss = plot.plateau(model, X, y)
    for panel in (norm, loss):
        assert in_frame(panel) or panel is norm
        assert np.all(np.isfinite([panel.get_xlim(), panel.get_ylim()]))
        assert any("diverged" in text for text in texts(panel)) == (fate == "diverged")
    assert norm.get_xlim() == loss.get_xlim()
    (name,) = (key for key in lines(norm) if key.startswith("mini-batch"))
    if fate == "diverged":
        low, high = loss.get_ylim()
        assert low < gw.loss_and_grad(X, y, model.history_.path[0], loss=LOSSES[task])[0] < high
    if fate == "single point":
        assert len(lines(norm)[name].get_xdata()) == 1
    assert loss.get_ylabel() == f"loss ({LOSSES[task]})"
    norm.figure.canvas.draw()


def test_a_diverged_walk_does_not_stretch_the_picture():
    X, y = data(2, "regression")
    wild = walk(2, "regression", "diverged", "update")
    calm = gw.BatchGD("mse", learning_rate=0.05, epochs=9).fit(X, y)
    norm, loss = plot.plateau({"calm": calm, "wild": wild}, X, y)
    assert norm.get_xlim()[1] < 12
    assert loss.get_ylim()[1] < 10 * calm.history_.loss[0]
    assert spans(norm) == labelled(norm, "_plateau") == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"against": "seconds"}, 'against must be "epoch" or "update"'),
        ({"tiny": 0.0}, "tiny must be a share"),
        ({"high": 1.0}, "high must be a share"),
        ({"ax": "one"}, "this picture has 2 panels"),
        ({"fun": FLAT, "X": [[1.0]]}, "not both"),
    ],
)
def test_wrong_settings_are_refused(crossing, settings, message):
    if settings.get("ax") == "one":
        settings = {"ax": plt.subplots()[1]}
    with pytest.raises(ValueError, match=message):
        plot.plateau(crossing, **settings)


@pytest.mark.usefixtures("korean")
def test_axes_are_the_callers_and_texts_korean(crossing):
    own = plt.subplots(2, 1)[1]
    assert list(plot.plateau(crossing["momentum"], ax=own)) == list(own)
    assert own[0].get_ylabel() == "기울기의 크기"
    assert own[1].get_xlabel() == "에폭"
    assert "고원: 기울기는 거의 0, 손실은 큼" in lines(own[0])
