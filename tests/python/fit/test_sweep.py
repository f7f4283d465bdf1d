"""``gw.sweep``: one row for each setting, whatever happens in it, however many run at once."""

import doctest
import functools
import importlib
import pickle
import threading
import warnings
from contextlib import redirect_stderr

import numpy as np
import pytest

import gradwalk as gw
from cards import read
from gradwalk import _core

X = np.random.default_rng(0).normal(size=(80, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.25
BAD = np.where(np.arange(240).reshape(80, 3) == 100, np.nan, X)


def three(**more):
    model = gw.MiniBatchGD(epochs=5, random_state=3)
    return gw.sweep(model, X, Y, learning_rate=[0.01, 0.1, 1e9], batch_size=(8, 16), **more)


def test_a_row_for_each_combination_in_order():
    table = three()
    assert len(table) == 6
    assert table.method == "MiniBatchGD"
    assert table.varied == ("learning_rate", "batch_size")
    assert [run.parameters for run in table] == [
        {"learning_rate": rate, "batch_size": size} for rate in (0.01, 0.1, 1e9) for size in (8, 16)
    ]
    for run in table[:4]:
        model = gw.MiniBatchGD(epochs=5, random_state=3, **run.parameters).fit(X, Y)
        assert run.model.params_.tobytes() == model.params_.tobytes()
        assert run.loss == model.history_.loss[-1]
        assert (run.epochs, run.updates) == (5, model.n_updates_)
        assert run.verdict == model.history_.verdict.word
        assert run.message == model.history_.verdict.sentence
        assert run.stop_reason == "epochs done"
        assert run.seconds > 0


def test_divergence_is_a_row_and_no_warning():
    table = three()  # warnings are errors here
    for run in table[4:]:
        assert run.stop_reason == "diverged"
        assert run.verdict == "diverging"
        assert run.loss == np.inf
        assert "the walk diverged in epoch" in run.message
    assert table.best().parameters["learning_rate"] == 0.1


def test_other_warnings_and_those_of_other_threads_pass():
    def callback(step):
        if step.epoch == 1:
            warnings.warn("look here", UserWarning, stacklevel=1)
            thread = threading.Thread(target=diverge)
            thread.start()
            thread.join()

    def diverge():
        gw.SGD(learning_rate=1e6).fit(X, Y)

    with pytest.warns() as caught:
        gw.sweep(gw.SGD, X, Y, fit_params={"callback": callback}, epochs=[2], learning_rate=1e-3)
    assert {warning.category for warning in caught} == {UserWarning, gw.DivergenceWarning}


@pytest.mark.parametrize("n_workers", [1, 2, 5])
def test_results_do_not_depend_on_the_workers(n_workers):
    with np.errstate(all="ignore"):
        one, other = three(n_workers=n_workers), three()
    for a, b in zip(one, other, strict=True):
        assert a.parameters == b.parameters
        assert a.model.params_.tobytes() == b.model.params_.tobytes()
        assert a.model.history_.path.tobytes() == b.model.history_.path.tobytes()
        assert (a.loss, a.stop_reason, a.message) == (b.loss, b.stop_reason, b.message)


def test_a_seed_that_is_not_given_is_one_for_all():
    table = gw.sweep(gw.SGD, X, Y, learning_rate=[0.001, 0.01], epochs=2)
    assert table[0].model.seed_ == table[1].model.seed_
    again = gw.sweep(gw.SGD, X, Y, learning_rate=[0.001, 0.01], epochs=2)
    assert again[0].model.seed_ != table[0].model.seed_


def test_a_generator_is_drawn_from_once():
    def seeds(n_workers):
        generator = np.random.default_rng(5)
        table = gw.sweep(
            gw.SGD(random_state=generator), X, Y, n_workers=n_workers, epochs=[1, 2, 3]
        )
        return [run.model.seed_ for run in table]

    assert (
        seeds(1) == seeds(3) == [gw.SGD(random_state=np.random.default_rng(5)).fit(X, Y).seed_] * 3
    )


def test_seeds_may_be_varied():
    table = gw.sweep(gw.SGD(epochs=2), X, Y, random_state=[0, 1, None])
    assert [run.parameters["random_state"] for run in table] == [0, 1, None]
    assert [run.model.seed_ for run in table][:2] == [0, 1]
    assert table[2].model.seed_ > 1


def test_single_values_hold_for_all_and_arrays_are_lists():
    table = gw.sweep(gw.SGD, X, Y, epochs=3, learning_rate=np.array([0.001, 0.01]))
    assert table.varied == ("learning_rate",)
    assert table.to_dict()["epochs"] == [3, 3]
    assert [type(run.parameters["learning_rate"]) for run in table] == [float, float]
    assert all(run.model.n_threads == 1 for run in table)


def test_rules_schedules_and_losses_can_be_varied():
    rules = [None, gw.rules.Adam()]
    schedules = [gw.schedules.Constant(0.01), 0.01]
    table = gw.sweep(
        gw.SGD, X, Y, rule=rules, learning_rate=schedules, loss=["mse", "mae"], epochs=1
    )
    assert len(table) == 8
    assert table[0].parameters == {"rule": None, "learning_rate": schedules[0], "loss": "mse"}
    assert "Adam(" in str(table)


def test_the_model_that_is_handed_over_stays_as_it_is():
    model = gw.SGD(epochs=2, n_threads=2)
    table = gw.sweep(model, X, Y, learning_rate=[0.001])
    assert not hasattr(model, "params_")
    assert table[0].model.n_threads == 2


def test_a_class_derived_from_one_is_kept():
    class Own(gw.SGD):
        pass

    table = gw.sweep(Own(epochs=1), X, Y, learning_rate=[0.001])
    assert type(table[0].model) is Own
    assert table.method == "Own"


def test_arguments_of_fit():
    table = three(fit_params={"validation": (X, Y), "full_loss": True, "restore_best": True})
    for run in table[:4]:
        history = run.model.history_
        assert run.loss == min(history.validation_loss)
    table = three(fit_params={"full_loss": True})
    assert [run.loss for run in table[:4]] == [
        run.model.history_.full_loss[-1] for run in table[:4]
    ]


# --------------------------------------------------------------------------------------------------
# Failures


def test_a_run_that_fails_is_a_row():
    def rate(t):
        raise ZeroDivisionError("no rate")

    table = gw.sweep(gw.BatchGD(epochs=3), X, Y, learning_rate=[0.1, rate])
    assert [run.stop_reason for run in table] == ["epochs done", "failed"]
    failed = table[1]
    assert failed.message == "ZeroDivisionError: no rate"
    assert failed.verdict == "failed"
    assert np.isnan(failed.loss)
    assert table.best() is table[0]


def test_a_run_that_never_begins_is_a_row():
    table = gw.sweep(gw.SGD(epochs=2, learning_rate=1e-3), X, Y % 2 > 1, loss=["mse", own_loss])
    assert [run.stop_reason for run in table] == ["epochs done", "failed"]
    assert table[1].epochs == table[1].updates == 0
    assert "init must be given" in table[1].message
    assert "failed" in str(table)


def own_loss(params, X_batch, y_batch):
    return 0.0, np.zeros_like(params)


def test_if_all_fail_it_is_an_exception():
    with pytest.raises(ValueError, match=r"X\[33, 1\] must be a finite number"):
        gw.sweep(gw.BatchGD, BAD, Y, learning_rate=[0.1, 0.2])
    with pytest.raises(TypeError, match='has no argument "weights": here it is sample_weight'):
        gw.sweep(gw.SGD, X, Y, learning_rate=[0.1], fit_params={"weights": Y})


def test_nothing_runs_if_a_setting_is_wrong():
    called = []
    callback = {"callback": called.append}
    with pytest.raises(ValueError, match="learning_rate must be a finite number above 0"):
        gw.sweep(gw.SGD, X, Y, learning_rate=[0.1, -1.0], fit_params=callback)
    with pytest.raises(TypeError, match="here it is learning_rate"):
        gw.sweep(gw.SGD, X, Y, lr=[0.1], fit_params=callback)
    assert called == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_ends_all_runs(error):
    began = []

    def callback(step):
        began.append(step)
        raise error

    arguments = {"fit_params": {"callback": callback}, "n_workers": 1, "epochs": [1, 2, 3, 4]}
    if error is KeyboardInterrupt:
        with pytest.warns(RuntimeWarning, match="interrupted: 1 of 4 runs had begun"):
            table = gw.sweep(gw.SGD, X, Y, **arguments)
        assert [run.stop_reason for run in table] == ["interrupted"]
    else:
        with pytest.raises(SystemExit):
            gw.sweep(gw.SGD, X, Y, **arguments)
    assert len(began) == 1


def test_the_stop_button_gives_back_what_is_done(monkeypatch):
    """The main thread is interrupted in its wait, once one run is done and another is under way."""
    import concurrent.futures

    under_way = threading.Event()

    def wait(futures, **more):
        assert under_way.wait(60)
        raise KeyboardInterrupt

    def slow(params, X_batch, y_batch):
        if params.size == 3:  # the second run: it is the one that never ends by itself
            under_way.set()
        return 1.0, np.ones_like(params)

    monkeypatch.setattr(concurrent.futures, "wait", wait)
    with pytest.warns(RuntimeWarning, match="2 of 3 runs had begun"):
        table = gw.sweep(
            gw.SGD(slow, record=None, learning_rate=1e-12),
            X,
            Y,
            fit_params={"init": np.zeros(3)},
            n_workers=2,
            epochs=[10**9, 10**9, 10**9],
        )
    assert [run.stop_reason for run in table] == ["interrupted"] * 2
    assert all(run.updates > 0 for run in table)


# --------------------------------------------------------------------------------------------------
# The table


def test_the_table_as_text():
    lines = str(three()).split("\n")
    assert lines[0] == "Sweep of MiniBatchGD: 6 runs"
    assert lines[1].split() == [
        *("learning_rate", "batch_size", "loss", "epochs", "updates", "seconds"),
        *("verdict", "stop", "reason"),
    ]
    assert set(lines[2]) == {"-", " "}
    assert lines[3].split()[:2] == ["0.01", "8"]
    assert lines[-1].split()[:3] == ["1e+09", "16", "inf"]
    assert lines[-1].split()[-2:] == ["diverging", "diverged"]
    assert {line.index("diverging") for line in lines[-2:]} == {lines[1].index("verdict")}


def test_a_long_table_is_cut():
    table = gw.sweep(gw.BatchGD(epochs=1), X, Y, learning_rate=list(np.linspace(0.001, 0.1, 90)))
    assert len(str(table).split("\n")) == 3 + 61
    assert table._repr_html_().count("<tr") == 1 + 61
    assert "…" in str(table)


def test_the_table_in_a_notebook():
    table = three()
    card = read(table)
    head, *rows = card.rows
    assert head[1:3] == ["learning_rate", "batch_size"]
    assert [row[1] for row in rows] == [f"{rate:.4g}" for rate in table.to_dict()["learning_rate"]]
    marked = table._repr_html_().split('class="gradwalk-set"')
    assert len(marked) == 2
    assert marked[1].startswith(f'><th scope="row">{table.runs.index(table.best())}</th>')
    gw.set_language("ko")
    try:
        text = read(table).text
        assert all(word in text for word in ("손실", "판정", "6회", "발산"))
    finally:
        gw.set_language("en")


def test_html_is_escaped():
    table = gw.sweep(gw.BatchGD(epochs=1), X, Y, learning_rate=[functools.partial(max, 0.1)])
    assert "<td>functools.partial(&lt;built-in function max&gt;, 0.1)</td>" in table._repr_html_()


def test_columns_feed_pandas():
    table = three()
    columns = table.to_dict()
    assert list(columns) == [
        *("learning_rate", "batch_size", "loss", "epochs", "updates", "seconds"),
        *("verdict", "stop_reason"),
    ]
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(columns)
    assert frame.shape == (6, 8)
    assert frame.loss.idxmin() == table.runs.index(table.best())


def test_indexing():
    table = three()
    assert table[-1] is table.runs[5]
    assert table[1:3].runs == table.runs[1:3]
    assert len(table[1:3]) == 2
    with pytest.raises(IndexError):
        table[6]


def test_models_by_value():
    table = three()
    assert table.models[(0.1, 8)] is table[2].model
    single = gw.sweep(gw.SGD, X, Y, epochs=[1, 2])
    assert list(single.models) == [1, 2]
    assert single.models[2] is single[1].model


def test_no_best_one():
    table = gw.sweep(gw.SGD, X, Y, learning_rate=[1e6, 1e7])
    with pytest.raises(ValueError, match="no run came to an end without diverging"):
        table.best()
    assert 'gradwalk-set"' not in table._repr_html_().split("</style>")[1]


def test_a_loss_that_only_grows_is_not_the_best():
    table = gw.sweep(gw.BatchGD(epochs=5), X, Y, learning_rate=[2.0, 5.0])
    assert [run.stop_reason for run in table] == ["epochs done"] * 2
    assert [run.diverged for run in table] == [True] * 2
    assert all(np.isfinite(run.loss) for run in table)
    with pytest.raises(ValueError, match="without diverging"):
        table.best()


def test_pickles():
    table = three()
    again = pickle.loads(pickle.dumps(table))
    assert str(again) == str(table)
    assert again.best().model.params_.tobytes() == table.best().model.params_.tobytes()


# --------------------------------------------------------------------------------------------------
# The bar


@pytest.mark.usefixtures("no_tqdm")
def test_one_bar_for_all_runs(terminal):
    with redirect_stderr(terminal):
        table = three(progress=True)
    last = terminal.getvalue().rsplit("\r", 1)[1]
    assert f"sweep run 6/6 100%, lowest loss={table.best().loss:.4g}, " in last
    assert last.rstrip().endswith("runs/s, 2 diverged")


@pytest.mark.usefixtures("no_tqdm")
def test_a_bar_that_fails_loses_nothing(terminal):
    terminal.close()
    with pytest.warns(RuntimeWarning, match="closed file") as caught, redirect_stderr(terminal):
        table = three(progress=True)
    assert len(caught) == 1
    assert len(table) == 6


# --------------------------------------------------------------------------------------------------
# Arguments


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"optimizer": "sgd"}, TypeError, "optimizer must be BatchGD, SGD or MiniBatchGD"),
        ({"optimizer": gw.GradientDescent}, TypeError, "make one of them"),
        ({"learning_rate": []}, ValueError, "learning_rate must have at least one value"),
        ({"learning_rate": np.ones((2, 2))}, ValueError, r"1-D array; got shape \(2, 2\)"),
        ({"n_workers": 0}, ValueError, "n_workers must be a whole number of at least 1"),
        ({"n_workers": True}, TypeError, "n_workers must be a whole number"),
        ({"n_workers": 1.5}, TypeError, "n_workers must be a whole number"),
        ({"fit_params": [1]}, TypeError, "fit_params must be a dict"),
        ({"fit_params": {"progress": True}}, TypeError, r"write sweep\(…, progress=True\)"),
        ({"progress": "live"}, TypeError, "progress must be True or False for a sweep"),
    ],
)
def test_wrong_arguments(arguments, error, words):
    given = {"optimizer": gw.SGD, "learning_rate": [0.1], **arguments}
    with pytest.raises(error, match=words):
        gw.sweep(X=X, y=Y, **given)


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({"GRADWALK_NUM_THREADS": "3", "OMP_NUM_THREADS": "5"}, 3),
        ({"OMP_NUM_THREADS": "5,2"}, 5),
        ({"OMP_NUM_THREADS": "many"}, None),
    ],
)
def test_workers_go_by_the_environment(monkeypatch, variables, count):
    for name in ("GRADWALK_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    default = _core.thread_count()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert _core.thread_count() == (count or default)
    assert default >= 1
    monkeypatch.setenv("GRADWALK_NUM_THREADS", "many")
    with pytest.raises(ValueError, match=r"GRADWALK_NUM_THREADS must be a whole number"):
        gw.sweep(gw.SGD(epochs=1), X, Y)


@pytest.mark.parametrize("module", ["sweeps.grid", "progress"])
def test_examples(module):
    assert doctest.testmod(importlib.import_module(f"gradwalk.{module}")).failed == 0


def test_without_lists_there_is_one_run():
    table = gw.sweep(gw.SGD(epochs=2), X, Y, learning_rate=0.01)
    assert len(table) == 1
    assert table[0].parameters == {}
    assert str(table).startswith("Sweep of SGD: 1 run\n")
