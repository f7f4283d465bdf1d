"""Small gradients, small steps and a number of updates end a walk, each by its own name."""

import numpy as np
import pytest

import gradwalk as gw
from random_problems import UPDATES, every_method, problem

LOSSES = ("mse", "log_loss", "cross_entropy")


def walk(method, options, loss="mse", epochs=400, **settings):
    X, y, _ = problem(loss, seed=3, n=23)
    model = method(loss, epochs=epochs, learning_rate=0.05, **options, **settings)
    return model.fit(X, y), X, y


@every_method
@pytest.mark.parametrize("loss", LOSSES)
def test_a_small_gradient_ends_a_walk(method, options, loss):
    whole, X, y = walk(method, options, loss, epochs=60, record="epoch", gtol=0.0)
    assert whole.stop_reason_ == "epochs done"
    norms = whole.history_.grad_norm
    is_batch = method is gw.BatchGD
    thetas = whole.history_.path[:-1] if is_batch else whole.history_.path[1:]
    expected = [np.linalg.norm(gw.loss_and_grad(X, y, theta, loss=loss)[1]) for theta in thetas]
    np.testing.assert_allclose(norms, expected, rtol=1e-10)
    gtol = float(norms[25])
    model, _, _ = walk(method, options, loss, epochs=60, gtol=gtol)
    assert model.stop_reason_ == "gradient small"
    assert model.n_epochs_ == 1 + np.flatnonzero(norms <= gtol)[0]


@every_method
@pytest.mark.parametrize("loss", LOSSES)
def test_small_steps_end_a_walk(method, options, loss):
    whole, _, _ = walk(method, options, loss, epochs=60, record="epoch")
    path = whole.history_.path.reshape(61, -1)
    moved = np.linalg.norm(np.diff(path, axis=0), axis=1)
    step_tol = float(moved[30] * (1 + 1e-12))
    model, _, _ = walk(method, options, loss, epochs=60, step_tol=step_tol)
    assert model.stop_reason_ == "steps small"
    assert model.n_epochs_ == 1 + np.flatnonzero(moved <= step_tol)[0]
    np.testing.assert_array_equal(model.params_, whole.history_.path[model.n_epochs_])


def test_a_tolerance_that_is_met_at_the_minimum_is_convergence():
    for tolerance in ("gtol", "step_tol"):
        model, _, _ = walk(gw.BatchGD, {}, epochs=10**6, **{tolerance: 1e-9})
        assert model.converged_
        assert model.n_epochs_ < 10**6


def test_steps_that_are_small_by_the_rate_alone_are_no_convergence():
    X, y, _ = problem("mse", seed=3, n=23)
    model = gw.BatchGD(learning_rate=1e-9, step_tol=1e-6).fit(X, y)
    assert (model.stop_reason_, model.n_epochs_, model.converged_) == ("steps small", 1, False)


@every_method
@pytest.mark.parametrize("most", [1, 4, 5, 23, 46, 50])
def test_a_number_of_updates_ends_a_walk_inside_an_epoch_too(method, options, most):
    whole, X, y = walk(method, options, epochs=60, record="update")
    model, _, _ = walk(method, options, epochs=60, max_updates=most)
    assert (model.stop_reason_, model.n_updates_) == ("updates done", most)
    assert model.n_epochs_ == len(model.history_.loss) == most // UPDATES[method]
    np.testing.assert_array_equal(model.params_, whole.history_.path[most])
    np.testing.assert_array_equal(model.history_.path, whole.history_.path[: most + 1])
    # The epochs are done first, or at the same time.
    short, _, _ = walk(method, options, epochs=1, max_updates=UPDATES[method] + most)
    assert short.stop_reason_ == "epochs done"
    # One more epoch is one more, whatever it was before.
    model.partial_fit(X, y)
    assert model.n_updates_ == most + UPDATES[method]


@every_method
def test_steps_end_where_a_fit_ends(method, options):
    for settings in ({"max_updates": 7}, {"gtol": 0.5}, {"step_tol": 0.05}):
        fitted, X, y = walk(method, options, epochs=30, **settings)
        stepped = method(epochs=30, learning_rate=0.05, **options, **settings)
        count = sum(1 for _ in stepped.steps(X, y))
        assert (count, stepped.stop_reason_) == (fitted.n_updates_, fitted.stop_reason_)
        np.testing.assert_array_equal(stepped.params_, fitted.params_)


@every_method
def test_a_walk_that_stopped_early_says_so_in_its_card_and_bar(method, options, terminal):
    model, X, y = walk(method, options, max_updates=3)
    assert "updates done" in model._repr_html_()
    model.fit(X, y, progress=True)
    assert model.stop_reason_ == "updates done"
