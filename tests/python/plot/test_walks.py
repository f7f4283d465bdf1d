"""What may be handed over, and what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from drawn import diverged, legend_texts, minimized, named_lines, regression, three_walks
from gradwalk import plot


def noisy():
    return minimized(gw.landscapes.bowl.as_sum(12, 1.0), method=gw.SGD, epochs=3)


def looks_of(walks):
    """The name, colour and dashes of each walk in a picture."""
    lines = named_lines(plot.loss_curve(walks)).items()
    return [(name, line.get_color(), line.get_linestyle()) for name, line in lines]


def test_a_model_a_history_and_a_result_are_walks():
    model, result = three_walks()["stochastic"], minimized(gw.landscapes.bowl, epochs=3)
    given = [model, model.history_, result]
    for walks in (given, (walk for walk in given)):
        lines = named_lines(plot.loss_curve(walks))
        assert list(lines) == ["stochastic", "walk", "batch"]
        losses = [model.history_.loss, model.history_.loss, result.history.loss]
        for line, expected in zip(lines.values(), losses, strict=True):
            np.testing.assert_array_equal(line.get_ydata(), expected)


def test_a_result_is_one_walk_though_it_is_a_dict():
    result = minimized(gw.landscapes.bowl, epochs=3)
    assert legend_texts(plot.loss_curve(result)) == ["batch"]
    assert legend_texts(plot.loss_curve({"mine": result})) == ["mine"]


def test_a_bare_history_knows_its_method_only_where_its_updates_tell():
    models = three_walks()
    drawn = {name: looks_of(model) for name, model in models.items()}
    assert looks_of(models["batch"].history_) == drawn["batch"]
    ((name, *look),) = unknown = looks_of(noisy())
    assert name == "walk"
    assert look not in [list(known[1:]) for ((*known,),) in drawn.values()]
    for name in ("stochastic", "mini-batch"):
        assert looks_of(models[name].history_) == unknown


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("SGD", "stochastic"),
        ("stochastic", "stochastic"),
        ("확률적", "stochastic"),
        ("MiniBatchGD", "mini-batch"),
        ("미니배치", "mini-batch"),
        ("batch", "batch"),
        ("my walk", None),
    ],
)
def test_a_name_that_is_a_method_tells_the_method_of_a_record(name, method):
    models = three_walks()
    ((_, *look),) = looks_of(noisy() if method is None else models[method])
    assert looks_of({name: noisy()}) == [(name, *look)]
    # A model knows better than its name.
    ((_, *look),) = looks_of(models["mini-batch"])
    assert looks_of({name: models["mini-batch"]}) == [(name, *look)]


def test_labels_say_how_a_walk_ended():
    X, y = regression()
    wild = diverged(X, y)
    assert legend_texts(plot.loss_curve(wild)) == ["batch: diverged"]
    assert legend_texts(plot.loss_curve(wild.history_)) == ["batch: diverging"]
    result = minimized(gw.landscapes.rosenbrock, learning_rate=1.0, epochs=50)
    assert legend_texts(plot.loss_curve(result)) == ["batch: diverged"]
    with pytest.warns(gw.DivergenceWarning, match="the loss was"):
        climbs = gw.BatchGD("mse", learning_rate=2.0, epochs=12).fit(X, y)
    assert climbs.stop_reason_ == "epochs done"
    assert legend_texts(plot.loss_curve(climbs)) == ["batch: diverging"]

    def stop(step):
        if step.epoch == 3:
            raise KeyboardInterrupt

    model = gw.BatchGD("mse", epochs=5)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y, callback=stop)
    assert legend_texts(plot.loss_curve(model)) == ["batch: interrupted"]


def test_losses_are_named_once():
    X, y = regression()
    huber = gw.BatchGD("huber", epochs=2).fit(X, y)
    ax = plot.loss_curve([*three_walks().values(), huber])
    assert ax.get_ylabel() == "loss (mse, huber), mean over the epoch"
