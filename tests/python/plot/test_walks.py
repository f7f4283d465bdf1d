"""What may be handed over, and what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from drawn import diverged, minimized, regression, three_walks
from gradwalk import plot
from gradwalk.language import chosen_language
from gradwalk.plot._data import looks
from gradwalk.plot._data.walks import loss_text, losses, named_walks


def noisy(**settings):
    return minimized(gw.landscapes.bowl.as_sum(12, 1.0), method=gw.SGD, epochs=3, **settings)


def test_a_model_a_history_and_a_result_are_walks():
    model = three_walks()["stochastic"]
    result = minimized(gw.landscapes.bowl, epochs=3)
    first, second, third = named_walks([model, model.history_, result])
    assert (first.model, first.result, first.method) == (model, None, "stochastic")
    assert (second.model, second.result, second.method) == (None, None, "walk")
    assert (third.model, third.result, third.method) == (None, result, "batch")
    assert [w.loss_name for w in (first, second, third)] == ["mse", "", "f"]
    assert [w.stop_reason for w in (first, second, third)] == ["epochs done", "", "epochs done"]
    np.testing.assert_array_equal(first.path, model.history_.path)
    np.testing.assert_array_equal(third.path, result.path)
    assert first.path.dtype == np.float64


def test_a_result_is_one_walk_though_it_is_a_dict():
    result = minimized(gw.landscapes.bowl, epochs=3)
    assert [walk.name for walk in named_walks(result)] == ["batch"]
    assert [walk.name for walk in named_walks({"mine": result})] == ["mine"]


def test_a_bare_history_knows_its_method_only_where_its_updates_tell():
    walks = three_walks()
    methods = [named_walks(walks[name].history_)[0].method for name in walks]
    assert methods == ["batch", "walk", "walk"]
    assert named_walks(noisy())[0].method == "walk"
    drawn = [named_walks(walks[name].history_)[0].look for name in walks]
    assert drawn[0] == looks.METHODS["batch"]
    assert drawn[1] == drawn[2] == looks.WALK


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("SGD", "stochastic"),
        ("stochastic", "stochastic"),
        ("확률적", "stochastic"),
        ("MiniBatchGD", "mini-batch"),
        ("미니배치", "mini-batch"),
        ("batch", "batch"),
        ("my walk", "walk"),
    ],
)
def test_a_name_that_is_a_method_tells_the_method_of_a_record(name, method):
    walk = named_walks({name: noisy()})[0]
    assert (walk.name, walk.method) == (name, method)
    # A model knows better than its name.
    assert named_walks({name: three_walks()["mini-batch"]})[0].method == "mini-batch"


def test_labels_say_how_a_walk_ended():
    X, y = regression()
    wild = diverged(X, y)
    assert named_walks(wild)[0].label == "batch: diverged"
    bare = named_walks(wild.history_)[0]
    assert bare.diverged
    assert bare.label == "batch: diverging"

    def stop(step):
        raise KeyboardInterrupt

    model = gw.BatchGD("mse", epochs=5)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y, callback=stop)
    assert named_walks(model)[0].label == "batch: interrupted"
    result = minimized(gw.landscapes.rosenbrock, learning_rate=1.0, epochs=50)
    assert named_walks(result)[0].stop_reason == "diverged"


def test_a_walk_on_its_way_to_a_blow_up_is_diverging():
    X, y = regression()
    with pytest.warns(gw.DivergenceWarning, match="the loss was"):
        model = gw.BatchGD("mse", learning_rate=2.0, epochs=12).fit(X, y)
    walk = named_walks(model)[0]
    assert walk.stop_reason == "epochs done"
    assert walk.diverged
    assert walk.label == "batch: diverging"


def test_updates_stand_between_the_epochs():
    X, y = regression()
    model = gw.MiniBatchGD("mse", learning_rate=0.01, batch_size=20, epochs=3)
    steps = model.steps(X, y)  # 4 updates an epoch
    for _ in range(4 + 2):
        next(steps)
    walk = named_walks(model)[0]
    assert (walk.n_epochs, walk.n_updates) == (1, 6)
    np.testing.assert_allclose(walk.epoch_of([0, 1, 4, 5, 6]), [0, 0.25, 1, 1.25, 1.5])
    record = named_walks(model.history_)[0]
    assert record.n_updates == 6
    np.testing.assert_allclose(record.epoch_of([6]), [1.5])


def test_what_a_helper_cannot_do_without_is_asked_for():
    X, y = regression()
    silent = gw.BatchGD("mse", epochs=2, record=None).fit(X, y)
    (walk,) = named_walks(silent)
    assert walk.need_model("helper") is silent
    with pytest.raises(ValueError, match=r"helper draws the path, and 'batch' recorded no path"):
        walk.need_path("helper")
    (record,) = named_walks(silent.history_)
    with pytest.raises(ValueError, match="helper needs the fitted model"):
        record.need_model("helper")


def test_paths_of_classes_are_flattened():
    X, y = regression()
    model = gw.BatchGD("cross_entropy", epochs=4).fit(X, (y > 0).astype(int))
    (walk,) = named_walks(model)
    assert walk.path.shape == (5, 3, 2)
    np.testing.assert_array_equal(walk.need_path("helper"), walk.path.reshape(5, 6))


def test_losses_are_named_once_and_not_where_nothing_knows_them():
    X, y = regression()
    huber = gw.BatchGD("huber", epochs=2).fit(X, y)
    walks = named_walks([*three_walks().values(), huber])
    assert losses(walks) == "mse, huber"
    assert loss_text(walks) == " (mse, huber)"
    assert loss_text(named_walks(huber.history_)) == ""


def test_walks_may_come_from_a_generator():
    walks = named_walks(model for model in three_walks().values())
    assert [walk.method for walk in walks] == ["batch", "stochastic", "mini-batch"]


def test_language_is_chosen_at_the_top_too():
    assert gw.set_language is plot.set_language
    gw.set_language("ko")
    assert chosen_language() == "ko"
