"""model.save and gradwalk.load: what comes back is the same in every bit, and goes on the same."""

from __future__ import annotations

import _thread
import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwalk as gw
from gradwalk import rules, saving, schedules
from saved_models import (
    FUNCTIONS,
    METHODS,
    STATES,
    Noted,
    X,
    Y,
    decaying,
    go_on,
    own_loss,
    saved,
    seen,
)
from value_objects import EVERY

every_state = pytest.mark.parametrize("make", STATES.values(), ids=STATES)


# --- Rules and schedules --------------------------------------------------------------------------


@pytest.mark.parametrize("value", EVERY, ids=lambda value: type(value).__name__)
def test_every_rule_and_schedule_comes_back(value: Any, tmp_path: Path) -> None:
    argument = "rule" if isinstance(value, rules.Rule) else "learning_rate"
    model = gw.SGD(**{argument: value}, epochs=2, random_state=0).fit(X, Y)
    model.save(tmp_path / "walk.npz")
    back = gw.load(tmp_path / "walk.npz")
    assert getattr(back, argument) == value
    np.testing.assert_array_equal(back.partial_fit(X, Y).params_, model.partial_fit(X, Y).params_)


# --- What a file has ------------------------------------------------------------------------------


@every_state
def test_a_loaded_model_is_the_same_in_every_bit(make: Any, tmp_path: Path) -> None:
    model, _ = make()
    other = gw.load(saved(model, tmp_path / "model.npz"))
    assert seen(other) == seen(model)
    assert seen(gw.load(saved(other, tmp_path / "again.npz"))) == seen(model)
    assert (tmp_path / "model.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()


@every_state
def test_a_loaded_model_goes_on_as_the_original_does(make: Any, tmp_path: Path) -> None:
    model, data = make()
    other = gw.load(saved(model, tmp_path / "model.npz"))
    if make in (STATES["a landscape"], STATES["a function of a matrix"]):
        with pytest.raises(ValueError, match=r"last walk .* was down a function"):
            go_on(other, data)
        other.minimize(gw.landscapes.bowl, [1.0, 1.0])
    else:
        assert go_on(other, data) == go_on(model, data)


def test_a_walk_that_was_left_for_a_file_ends_where_one_in_one_go_does(tmp_path: Path) -> None:
    def fresh(epochs: int) -> Any:
        rate = schedules.Cosine(0.05, 200)
        return gw.SGD(learning_rate=rate, rule=rules.Adam(), epochs=epochs, random_state=3)

    whole = fresh(7).fit(X, Y, full_loss=True)
    model: Any = fresh(1).fit(X, Y, full_loss=True)
    for _ in range(6):
        model = gw.load(saved(model, tmp_path / "model.npz")).partial_fit(X, Y)
    aside = ("seconds", "memory_", "repr", "epochs", "nbytes")
    assert seen(model, aside) == seen(whole, aside)


def test_numpy_shows_what_is_in_a_file(tmp_path: Path) -> None:
    model, _ = STATES["all arguments"]()
    with np.load(saved(model, tmp_path / "model.npz"), allow_pickle=False) as file:
        assert file["class"] == "MiniBatchGD"
        assert file["format_version"] == 1
        assert file["gradwalk_version"] == gw.__version__
        arguments = json.loads(file["arguments"].item())
        rule = {"rho": 0.8, "epsilon": 1e-6, "epsilon_at": "outside"}
        assert arguments["rule"] == {"RMSProp": rule}
        assert arguments["random_state"] == 2**64 - 1
        np.testing.assert_array_equal(file["params"], model.params_, strict=True)
        np.testing.assert_array_equal(file["history_path"], model.history_.path, strict=True)
        for name in ("loss", "full_loss", "learning_rate", "updates_per_epoch", "path_update"):
            column = getattr(model.history_, name)
            np.testing.assert_array_equal(file[f"history_{name}"], column, strict=True)
        assert (file["n_epochs"], file["n_updates"]) == (model.n_epochs_, model.n_updates_)
        assert file["stop_reason"] == model.stop_reason_
        assert all(file[name].dtype != object for name in file)


def test_a_model_can_be_saved_in_a_callback(tmp_path: Path) -> None:
    model = gw.SGD(epochs=5, random_state=0)
    model.fit(X, Y, callback=lambda step: model.save(tmp_path / f"{step.epoch}.npz"))
    for epoch in range(1, 5):
        other = gw.load(tmp_path / f"{epoch}.npz")
        assert other.n_epochs_ == epoch
        for _ in range(epoch, 5):
            other.partial_fit(X, Y)
        np.testing.assert_array_equal(other.history_.path, model.history_.path)


def test_an_interrupted_fit_is_saved_as_it_was_left(tmp_path: Path) -> None:
    data = np.tile(X, (5000, 1)), np.tile(Y, 5000)
    model = gw.SGD(epochs=10**9, record="epoch", random_state=0, rule=rules.AdaGrad())
    button = threading.Timer(0.2, _thread.interrupt_main)
    button.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(*data)
    button.join()
    other = gw.load(saved(model, tmp_path / "model.npz"))
    assert (other.stop_reason_, other.n_updates_) == ("interrupted", model.n_updates_)
    assert seen(other) == seen(model)
    assert go_on(other, data, 2) == go_on(model, data, 2)


@settings(max_examples=40)
@given(
    method=st.sampled_from(list(METHODS)),
    rate=st.floats(1e-300, 1e300)
    | st.integers(1, 10**15)
    | st.builds(schedules.StepDecay, st.floats(1e-9, 9), st.floats(1e-9, 1), st.integers(1, 9**9)),
    seed=st.integers(0, 2**64 - 1) | st.none(),
    tol=st.none() | st.floats(0, 1e300),
    path_bytes=st.integers(0, 2**62),
    l2=st.floats(0, 1e300) | st.integers(0, 10**30) | st.sampled_from([np.float32(0.1)]),
    epsilon=st.floats(5e-324, 1e300),
)
def test_arguments_of_any_value_come_back(
    tmp_path_factory: pytest.TempPathFactory,
    method: str,
    rate: Any,
    seed: Any,
    epsilon: float,
    **arguments: Any,
) -> None:
    rule = rules.Adam(epsilon=epsilon)
    model = METHODS[method](learning_rate=rate, random_state=seed, rule=rule, **arguments)
    other = gw.load(saved(model, tmp_path_factory.mktemp("a") / "model.npz"))
    assert seen(other) == seen(model)


# --- What a file cannot hold ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gw.SGD(own_loss), r"^loss is a function, .*Take a loss by its name.*pickle the"),
        (lambda: gw.SGD(learning_rate=decaying), r"^learning_rate is a function.*Take a schedule"),
        (lambda: gw.SGD(learning_rate=lambda t: 0.1), r"lambda.*gradwalk\.schedules"),
        (
            lambda: Noted("mine"),
            r"^save keeps models of BatchGD.*one of Noted, a class of your",
        ),
        (lambda: FUNCTIONS["an old generator"]()[0], r"over MT19937.*default_rng alone.*a number"),
        (lambda: gw.SGD(rule=type("Mine", (rules.Adam,), {})()), r"rule is of Mine, a class of yo"),
    ],
    ids=["loss", "learning_rate", "lambda", "class", "generator", "rule"],
)
def test_what_would_have_to_be_executed_is_refused(make: Any, message: str, tmp_path: Path) -> None:
    path = saved(gw.SGD(epochs=77), tmp_path / "model.npz")
    with pytest.raises(TypeError, match=message):
        make().save(path)
    assert gw.load(path).epochs == 77
    assert [file.name for file in tmp_path.iterdir()] == ["model.npz"]


@pytest.mark.parametrize("path", [None, 3, 1.5, ["model"], io.BytesIO()])
def test_a_path_must_be_one(path: Any) -> None:
    for call in (gw.SGD().save, gw.load):
        with pytest.raises(TypeError, match="path must be a str or a path-like; got"):
            call(path)


# --- Where a file lies ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, Path, os.fsencode])
def test_the_suffix_is_added_where_it_is_missing(kind: Any, tmp_path: Path) -> None:
    model = gw.SGD(epochs=5)
    for name in ("model", "model.v2", "모형"):
        model.save(kind(tmp_path / name))
        assert (tmp_path / f"{name}.npz").exists()
        assert gw.load(kind(tmp_path / name)).epochs == 5
        assert gw.load(kind(tmp_path / f"{name}.npz")).epochs == 5
    assert len(list(tmp_path.iterdir())) == 3
    # A file of just that name goes first.
    (tmp_path / "model").write_text("notes")
    with pytest.raises(ValueError, match="not a whole NumPy archive"):
        gw.load(kind(tmp_path / "model"))


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(gw.SGD(epochs=5), tmp_path / "model.npz")
    before = path.read_bytes()

    def half(stream: Any, **parts: Any) -> None:
        stream.write(b"half of it")
        raise OSError(28, "No space left on device")

    for failure in (half, lambda stream, **parts: 1 / 0):
        monkeypatch.setattr(np, "savez", failure)
        with pytest.raises((OSError, ZeroDivisionError)) as raised:
            gw.SGD(epochs=6).save(path)
        assert getattr(raised.value, "filename", str(path)) == str(path)
        assert path.read_bytes() == before
        assert [file.name for file in tmp_path.iterdir()] == ["model.npz"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "model.npz"
    with pytest.raises(FileNotFoundError) as raised:
        gw.SGD().save(path)
    assert raised.value.filename == str(path)
    with pytest.raises(FileNotFoundError) as raised:
        gw.load(path)
    assert raised.value.filename == str(path)
    with pytest.raises(OSError, match=r"directory|denied"):
        gw.load(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links and modes are those of POSIX")
def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path: Path) -> None:
    path = saved(gw.SGD(epochs=5), tmp_path / "model.npz")
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    path.chmod(0o640)
    link = tmp_path / "link.npz"
    link.symlink_to(path)
    gw.SGD(epochs=6).save(link)
    assert link.is_symlink()
    assert gw.load(path).epochs == 6
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_functions_are_where_they_are_told_to_be() -> None:
    assert gw.load is saving.load
    assert "numpy.load" in (gw.SGD.save.__doc__ or "")
