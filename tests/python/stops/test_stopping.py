"""Watching a walk: validation data, tolerance and patience on them, and the best θ."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from finite_sum import every_method, model_of

RNG = np.random.default_rng(31)
N, D = 40, 3
X, NOISE = RNG.normal(size=(N, D)), RNG.normal(size=N)
Y = X @ [1.0, -2.0, 0.5] + 0.3 + NOISE
# θ passes by what suits these on its way to what suits those.
X_NEW = RNG.normal(size=(17, D))
Y_NEW = X_NEW @ [0.5, -1.0, 0.25] + 0.15 + RNG.normal(size=17)

#: Losses, the targets that suit them, and those of the validation data.
LOSSES = {
    "mse": (Y, Y_NEW),
    "huber": (Y, Y_NEW),
    "log_loss": ((Y > 0).astype(int), (Y_NEW > 0).astype(int)),
    "hinge": (np.where(Y > 0, 1, -1), np.where(Y_NEW > 0, 1, -1)),
    "squared_hinge": ((Y > 0).astype(int), (Y_NEW > 0).astype(float)),
    "cross_entropy": (np.digitize(Y, [-1, 1]), np.digitize(Y_NEW, [-1, 1])),
    "tanh_mse": (np.tanh(Y), np.tanh(Y_NEW)),
}


def mean_losses(model, X, y):
    """The mean loss at each epoch's end, with no penalty and no weight."""
    thetas = model.history_.path[1:]
    return [gw.loss_and_grad(X, y, theta, loss=model.loss)[0] for theta in thetas]


# --- Validation data --------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss", LOSSES)
@every_method
def test_validation_loss_is_the_mean_loss_at_each_epochs_end(name, loss, dtype):
    """Without the penalty and the weights of the training, and without a trace in the walk."""
    y, y_new = LOSSES[loss]
    options = {"loss": loss, "epochs": 6, "l2": 0.1, "record": "epoch", "random_state": 5}
    weights = np.arange(1.0, N + 1)
    model = model_of(name, **options)
    given = (X_NEW.astype(dtype), y_new)
    model.fit(X.astype(dtype), y, sample_weight=weights, validation=given)
    assert model.params_.dtype == dtype
    expected = mean_losses(model, X_NEW.astype(dtype), y_new)
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(model.history_.validation_loss, expected, rtol=tolerance)

    plain = model_of(name, **options).fit(X.astype(dtype), y, sample_weight=weights)
    np.testing.assert_array_equal(model.params_, plain.params_)
    np.testing.assert_array_equal(model.history_.loss, plain.history_.loss)
    assert plain.history_.validation_loss.shape == (0,)
    other = model_of(name, **options).fit(
        X.astype(dtype), y, sample_weight=weights, validation=(X_NEW[:3], y_new[:3])
    )
    assert (other.history_.validation_loss != model.history_.validation_loss).all()


def test_validation_data_may_have_fewer_classes_and_one_hot_rows():
    y, y_new = LOSSES["cross_entropy"]
    few = y_new < 2
    model = gw.SGD("cross_entropy", epochs=3, record="epoch", random_state=0)
    model.fit(X, y, validation=(X_NEW[few], y_new[few]))
    expected = mean_losses(model, X_NEW[few], y_new[few])
    np.testing.assert_allclose(model.history_.validation_loss, expected, rtol=1e-12)
    one_hot = gw.SGD("cross_entropy", epochs=3, random_state=0)
    one_hot.fit(X, y, validation=(X_NEW[few], np.eye(3)[y_new[few]]))
    np.testing.assert_array_equal(one_hot.history_.validation_loss, model.history_.validation_loss)


@pytest.mark.parametrize("loss", ["mse", "log_loss", "cross_entropy"])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
@every_method
def test_rows_that_are_held_out_are_never_visited(name, share, loss):
    """A row that matters to the path was walked on; one that does not was held out."""
    y = LOSSES[loss][0]
    options = {"loss": loss, "epochs": 3, "record": "epoch", "random_state": 11}
    model = model_of(name, **options).fit(X, y, validation=share)
    held_out = []
    for row in range(N):
        moved = X.copy()
        moved[row] += 1
        other = model_of(name, **options).fit(moved, y, validation=share)
        if (other.history_.path == model.history_.path).all():
            held_out.append(row)
            assert (other.history_.validation_loss != model.history_.validation_loss).all()
        else:
            assert (other.history_.loss != model.history_.loss).any()
    assert len(held_out) == round(share * N)
    expected = mean_losses(model, X[held_out], y[held_out])
    np.testing.assert_allclose(model.history_.validation_loss, expected, rtol=1e-12)

    # And the walk is that of the rows that are left, where the order is no matter of chance.
    kept = np.setdiff1d(np.arange(N), held_out)
    sizes = {"BatchGD": len(kept), "SGD": 1, "MiniBatchGD": 5}
    per_epoch = -(-len(kept) // sizes[name])
    np.testing.assert_array_equal(model.history_.updates_per_epoch, [per_epoch] * 3)
    if name == "BatchGD":
        n_classes = {"n_classes": 3} if loss == "cross_entropy" else {}
        alone = gw.BatchGD(loss, epochs=3, learning_rate=0.1, record="epoch", **n_classes)
        alone.fit(X[kept], y[kept])
        np.testing.assert_allclose(model.history_.path, alone.history_.path, rtol=1e-12)


def test_the_share_is_drawn_by_the_seed():
    def losses(seed):
        model = gw.BatchGD(epochs=1, random_state=seed).fit(X, Y, validation=0.25)
        return float(model.history_.validation_loss[0])

    assert losses(1) == losses(1)
    assert len({losses(seed) for seed in range(8)}) == 8


def test_weights_go_with_the_rows_that_are_left():
    """Rows of weight zero change nothing, whichever side they fall on."""
    weights = np.r_[np.zeros(N // 2), np.ones(N // 2)]
    spoiled = np.where(weights == 0, 50.0, Y)
    walks = [
        gw.BatchGD(epochs=4, random_state=2).fit(X, y, sample_weight=weights, validation=0.25)
        for y in (Y, spoiled)
    ]
    np.testing.assert_array_equal(walks[0].history_.path, walks[1].history_.path)


# --- Tolerance and patience -------------------------------------------------------------------


def settles_after(losses, tol, patience):
    """The rule as the page words it: the epoch, from 1, or None."""
    best, idle = np.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        idle = 0 if epoch == 1 or best - loss > tol * max(1, abs(best)) else idle + 1
        best = min(best, loss)
        if idle == patience:
            return epoch
    return None


WATCHED = {
    "loss": {},
    "full_loss": {"full_loss": True},
    "validation_loss": {"validation": (X_NEW, Y_NEW)},
    "both": {"validation": (X_NEW, Y_NEW), "full_loss": True},
    "share": {"validation": 0.3},
}


@pytest.mark.parametrize("patience", [1, 4])
@pytest.mark.parametrize("tol", [0.0, 0.01])
@pytest.mark.parametrize("watched", WATCHED)
@every_method
def test_tolerance_goes_by_what_is_watched(name, watched, tol, patience):
    """Validation data first, then f on all rows, then the loss of the epoch."""
    options = {"epochs": 80, "learning_rate": 0.02, "random_state": 3}
    free = model_of(name, **options).fit(X, Y, **WATCHED[watched])
    column = {"both": "validation_loss", "share": "validation_loss"}.get(watched, watched)
    losses = getattr(free.history_, column)[-80:]
    model = model_of(name, tol=tol, patience=patience, **options).fit(X, Y, **WATCHED[watched])
    expected = settles_after(losses, tol, patience)
    assert model.n_epochs_ == (expected or 80)
    reasons = ("tolerance met", "no improvement") if expected else ("epochs done",)
    assert model.stop_reason_ in reasons
    has_converged = model.history_.verdict.kind == "converged"
    assert model.converged_ == (model.stop_reason_ == "tolerance met" and has_converged)
    np.testing.assert_array_equal(
        getattr(model.history_, column)[1:],
        getattr(free.history_, column)[1 : len(getattr(model.history_, column))],
    )


def test_what_is_watched_makes_a_difference():
    """So that the test above can tell one from another."""
    ends = set()
    for watched in ("loss", "full_loss", "validation_loss", "share"):
        model = gw.SGD(epochs=80, learning_rate=0.02, random_state=3, tol=0.0, patience=4)
        ends.add(model.fit(X, Y, **WATCHED[watched]).n_epochs_)
    assert len(ends) >= 3


# --- The best θ -------------------------------------------------------------------------------


@pytest.mark.parametrize("watched", ["full_loss", "validation_loss", "both", "share"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_method
def test_the_best_theta_comes_back(name, dtype, watched):
    options = {"epochs": 40, "learning_rate": 0.05, "record": "epoch", "random_state": 4}
    model = model_of(name, **options)
    model.fit(X.astype(dtype), Y, restore_best=True, **WATCHED[watched])
    history = model.history_
    losses = history.full_loss[1:] if watched == "full_loss" else history.validation_loss
    assert model.best_epoch_ == np.argmin(losses) + 1
    np.testing.assert_array_equal(model.params_, history.path[model.best_epoch_])
    np.testing.assert_array_equal(model.coef_, model.params_[1:])
    assert (model.n_epochs_, len(history.path)) == (40, 41)  # the walk is told to its end
    plain = model_of(name, **options).fit(X.astype(dtype), Y, **WATCHED[watched])
    assert plain.best_epoch_ is None
    np.testing.assert_array_equal(plain.history_.path, history.path)
    np.testing.assert_array_equal(plain.params_, history.path[-1])


def test_the_best_is_not_always_the_last():
    model = gw.BatchGD(epochs=40, learning_rate=0.05).fit(
        X, Y, validation=(X_NEW, Y_NEW), restore_best=True
    )
    assert 1 < model.best_epoch_ < 40


@pytest.mark.parametrize("end", ["no improvement", "diverged", "callback", "failed"])
def test_the_best_theta_comes_back_however_the_walk_ends(end):
    options = {"epochs": 400, "learning_rate": 0.05, "record": "epoch"}
    arguments = {"validation": (X_NEW, Y_NEW), "restore_best": True}
    if end == "no improvement":
        options |= {"tol": 0.0, "patience": 5}
    elif end == "diverged":
        options["learning_rate"] = lambda t: 0.05 if t < 20 else 1e6
    elif end == "callback":
        arguments["callback"] = lambda step: step.epoch == 30
    else:
        options["learning_rate"] = lambda t: 0.05 if t < 30 else 1 / (30 - 30)
    model = gw.BatchGD(**options)
    expected = {"diverged": gw.DivergenceWarning, "failed": ZeroDivisionError}.get(end)
    if end == "diverged":
        with pytest.warns(expected):
            model.fit(X, Y, **arguments)
    elif expected:
        with pytest.raises(expected):
            model.fit(X, Y, **arguments)
    else:
        model.fit(X, Y, **arguments)
    assert model.stop_reason_ == end
    assert model.best_epoch_ == np.argmin(model.history_.validation_loss) + 1 < model.n_epochs_
    np.testing.assert_array_equal(model.params_, model.history_.path[model.best_epoch_])


def test_walking_on_from_the_best_theta():
    """partial_fit begins where params_ is, and what it walks is not taken back."""
    model = gw.BatchGD(epochs=40, learning_rate=0.05, record="epoch")
    model.fit(X, Y, validation=(X_NEW, Y_NEW), restore_best=True)
    start = model.params_
    model.partial_fit(X, Y)
    _, grad = gw.loss_and_grad(X, Y, start)
    np.testing.assert_allclose(model.params_, start - 0.05 * grad, rtol=1e-12)
    np.testing.assert_array_equal(model.params_, model.history_.path[-1])
    assert (model.n_epochs_, model.best_epoch_) == (41, None)
    model.fit(X, Y)
    assert model.best_epoch_ is None


# --- Wrong arguments --------------------------------------------------------------------------

NAN_X, NAN_Y = X_NEW.copy(), Y_NEW.copy()
NAN_X[4, 1], NAN_Y[6] = np.nan, np.inf


@pytest.mark.parametrize(
    ("validation", "error", "words"),
    [
        ([X_NEW, Y_NEW], TypeError, r"(?s)None, \(X, y\), or a share .*; got .*\(list\)"),
        ((X_NEW,), ValueError, r"None, \(X, y\), or a share .*; got 1 item"),
        ((X_NEW, Y_NEW, Y_NEW), ValueError, r"None, \(X, y\), or a share .*; got 3 items"),
        ("0.2", TypeError, r"a share of the rows above 0 and below 1; got '0\.2'"),
        (True, TypeError, r"a share of the rows above 0 and below 1; got True"),
        (0.0, ValueError, r"a share of the rows above 0 and below 1; got 0\.0"),
        (1.0, ValueError, r"a share of the rows above 0 and below 1; got 1\.0"),
        (-0.5, ValueError, r"a share of the rows above 0 and below 1; got -0\.5"),
        (np.nan, ValueError, r"a share of the rows above 0 and below 1; got nan"),
        (0.001, ValueError, r"leaves rows on both sides; got 0\.001, which is 0 of 40 rows"),
        (0.999, ValueError, r"leaves rows on both sides; got 0\.999, which is 40 of 40 rows"),
        ((X_NEW[:, :2], Y_NEW), ValueError, r"3 columns.*got 2 columns"),
        ((X_NEW[:0], Y_NEW[:0]), ValueError, r"at least one row"),
        ((X_NEW, Y_NEW[:5]), ValueError, r"17 rows.*got 5"),
        ((X_NEW[:, 0], Y_NEW), ValueError, r"two dimensions"),
        ((None, Y_NEW), TypeError, r"array of numbers; got None"),
        ((X_NEW, Y_NEW.astype(str)), TypeError, r"real numbers; got dtype <U"),
        ((NAN_X, Y_NEW), ValueError, r"X\[4, 1\] must be a finite number; got NaN"),
        ((X_NEW, NAN_Y), ValueError, r"y\[6\] must be a finite number; got inf"),
    ],
)
def test_wrong_validation_is_named(validation, error, words):
    """The message says that it is the validation data, and not X or y, that are wrong."""
    with pytest.raises(error, match=words) as caught:
        gw.BatchGD(epochs=2).fit(X, Y, validation=validation)
    assert "validation" in str(caught.value)


@pytest.mark.parametrize(
    ("loss", "labels", "words"),
    [
        ("log_loss", np.full(17, 2), r"labels .* for log_loss; got 2"),
        ("hinge", np.full(17, 2), r"labels .* for hinge; got 2"),
        ("cross_entropy", np.full(17, 3), r"class numbers from 0 to 2.*; got 3"),
        ("cross_entropy", np.eye(4)[:3].repeat(6, axis=0)[:17], r"4 columns.*3 classes"),
    ],
)
def test_wrong_labels_of_the_validation_data_are_named(loss, labels, words):
    with pytest.raises(ValueError, match=words) as caught:
        gw.BatchGD(loss, epochs=2).fit(X, LOSSES[loss][0], validation=(X_NEW, labels))
    assert "validation" in str(caught.value)


def test_what_goes_together():
    with pytest.raises(ValueError, match=r"^restore_best must be False without validation"):
        gw.BatchGD().fit(X, Y, restore_best=True)
    with pytest.raises(TypeError, match=r"^restore_best must be True or False; got 1"):
        gw.BatchGD().fit(X, Y, restore_best=1, full_loss=True)
    order = [[0, 1, 2]] * 2
    with pytest.raises(ValueError, match=r"^validation must be \(X, y\) when the rows .* order"):
        gw.SGD(epochs=2).fit(X, Y, validation=0.2, order=order)
    model = gw.SGD(epochs=2).fit(X, Y, validation=(X_NEW, Y_NEW), order=order)
    assert model.history_.validation_loss.shape == (2,)
    with pytest.raises(ValueError, match=r"^sample_weight must be above 0 for some rows"):
        gw.BatchGD(random_state=0).fit(X, Y, validation=0.97, sample_weight=np.eye(N)[0])
