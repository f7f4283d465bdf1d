"""The demo: its races are fair, its tables complete, its pictures there and not blank."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import gradwalk as gw
from gradwalk import __main__ as command
from gradwalk import reference
from gradwalk.demo import numpy_loop, pictures, race, real_data, tables

CASES = [(dataset, method) for dataset in real_data.LOSSES for method in real_data.METHODS]
ROWS = {"diabetes": 442, "breast cancer": 569, "digits": 1797}
UPDATES = {
    "BatchGD": dict.fromkeys(ROWS, 1),
    "SGD": ROWS,
    "MiniBatchGD": {"diabetes": 14, "breast cancer": 18, "digits": 57},
}


@pytest.fixture(scope="module")
def results():
    return [race.race(dataset, method, runs=1, epochs=2) for dataset, method in CASES]


def test_both_walks_of_a_race_end_at_the_same_loss(results):
    for result in results:
        assert result.same_loss, result
        assert result.difference < 1e-11


def test_a_race_counts_what_it_did(results):
    for result in results:
        assert result.epochs == 2
        assert result.updates == 2 * UPDATES[result.method][result.dataset]
        assert result.samples_per_second == pytest.approx(2 * ROWS[result.dataset] / result.seconds)
        assert result.ratio == result.numpy_seconds / result.seconds > 0
        assert result.memory > 0
    # The NumPy loop makes a copy of X with a column of ones, gradwalk does not.
    sizes = {dataset: real_data.load(dataset)[0].nbytes for dataset in ROWS}
    for result in results:
        assert result.numpy_memory > sizes[result.dataset]
        assert result.memory < sizes[result.dataset]


@pytest.mark.parametrize("loss", numpy_loop.POINT_LOSSES)
@pytest.mark.parametrize("method", real_data.METHODS)
def test_the_numpy_loop_is_gradient_descent(loss, method):
    """Same parameters and losses as the reference, whose own tests say that it is right."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(23, 3))
    y = {"mse": rng.normal(size=23), "log_loss": rng.integers(0, 2, 23) * 1.0}.get(
        loss, rng.integers(0, 4, 23)
    )
    target = np.eye(4)[y] if loss == "cross_entropy" else y
    order = [rng.permutation(23) for _ in range(3)]
    common = {"loss": loss, "learning_rate": 0.1}
    point_loss = numpy_loop.POINT_LOSSES[loss]
    if method == "BatchGD":
        theta, losses = numpy_loop.batch_gd(X, target, point_loss, learning_rate=0.1, epochs=3)
        walk = reference.batch_gd(X, y, epochs=3, **common)
    elif method == "SGD":
        theta, losses = numpy_loop.sgd(X, target, point_loss, learning_rate=0.1, order=order)
        walk = reference.sgd(X, y, epochs=3, order=order, **common)
    else:
        theta, losses = numpy_loop.mini_batch_gd(
            X, target, point_loss, learning_rate=0.1, batch_size=5, order=order
        )
        walk = reference.mini_batch_gd(X, y, epochs=3, batch_size=5, order=order, **common)
    np.testing.assert_allclose(theta, walk.params, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(losses, walk.loss, rtol=1e-12)


def test_an_unfair_race_is_told(monkeypatch):
    """Were one of the two walks a different one, the table would say so."""
    monkeypatch.setitem(
        numpy_loop.POINT_LOSSES, "mse", lambda z, y: ((z - y) ** 2, 2.001 * (z - y))
    )
    result = race.race("diabetes", "SGD", runs=1, epochs=1)
    assert not result.same_loss
    assert "NO (" in tables.race_table([result])


def test_learning_rates_of_batch_descent_are_stable():
    """Below 2 / L with L from the data, as the settings promise."""
    curvature = {"diabetes": 2.0, "breast cancer": 0.25, "digits": 0.5}
    for dataset, bend in curvature.items():
        X = numpy_loop.with_ones(real_data.standardise(real_data.load(dataset)[0]))
        steepest = bend * np.linalg.eigvalsh(X.T @ X / len(X)).max()
        rate = real_data.SETTINGS[dataset]["BatchGD"]["learning_rate"]
        assert rate < 2 / steepest


def test_race_table_has_every_column_and_a_line_for_each_walk(results):
    text = tables.race_table(results)
    header, rule, *rest = text.split("\n\n\n")[0].split("\n")
    for column in tables.RACE_COLUMNS:
        assert column in header
    assert set(rule) == {"─", " "}
    lines = [line for line in rest if re.match(r"(diabetes|breast cancer|digits) ", line)]
    assert len(lines) == 9
    for result, line in zip(results, lines, strict=True):
        cells = re.split(r"\s{2,}", line)
        assert cells[:2] == [result.dataset, result.method]
        assert cells[2:5] == [f"{result.loss:.6g}", "2", f"{result.updates:,}"]
        assert len(cells) == len(tables.RACE_COLUMNS)
        assert cells[-1] == "yes"
    assert max(map(len, text.split("\n"))) <= 120


def test_held_out_table_says_when_a_promise_is_broken():
    promises = (
        real_data.Promise("digits", "SGD", 0.94),
        real_data.Promise("diabetes", "BatchGD", None),
    )
    good, bad = real_data.HeldOut(0.951, 0.94), real_data.HeldOut(0.4321, 0.48, 0.49)
    text = tables.held_out_table([(promises[0], [good] * 5), (promises[1], [good] * 4 + [bad])])
    first, second = (
        re.split(r"\s{2,}", line)
        for line in text.split("\n")
        if line.startswith(("digits", "diab"))
    )
    assert first == ["digits", "SGD", "accuracy", *["0.951"] * 5, "at least 0.94", "yes"]
    assert second[3:] == [*["0.951"] * 4, "0.432", "within 0.005 of least squares", "NO"]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 "), (999, "999 "), (1234, "1.23 k"), (12.3e6, "12.3 M"), (4e9, "4 G")],
)
def test_short_numbers(results, number, text):
    row = tables.race_table([dataclasses.replace(results[0], memory=number)]).split("\n")[2]
    assert f"  {text}B  " in row


def check_picture(file, width):
    with Image.open(file) as image:
        assert image.format == "PNG"
        assert image.width == width
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    # White paper, and ink on a visible part of it.
    ink = np.mean(np.any(pixels < 250, axis=1))
    assert 0.03 < ink < 0.9
    assert len(np.unique(pixels, axis=0)) > 20
    assert file.stat().st_size < 150_000


@pytest.mark.parametrize(
    ("draw", "width"),
    [(pictures.three_paths, 840), (pictures.loss_against_epochs_and_seconds, 1320)],
)
def test_pictures_are_there_small_and_not_blank(draw, width, tmp_path):
    draw(tmp_path / "picture.png")
    check_picture(tmp_path / "picture.png", width)


def test_three_paths_start_together_and_end_near_the_minimum():
    """What the picture is for: three walks, one valley."""
    X, y = pictures.cholesterol()
    exact = np.linalg.lstsq(X, y, rcond=None)[0]
    start = np.linalg.norm(np.asarray(pictures.START) - exact)
    for walk in pictures.walks_in_one_valley(X, y):
        np.testing.assert_array_equal(walk.history_.path[0], pictures.START)
        assert np.linalg.norm(walk.params_ - exact) < 0.2 * start
        loss, _ = gw.loss_and_grad(X, y, walk.params_, loss="mse", fit_intercept=False)
        lowest, _ = gw.loss_and_grad(X, y, exact, loss="mse", fit_intercept=False)
        assert loss < 1.02 * lowest


def test_without_a_command_it_prints_help(capsys):
    assert command.main([]) == 0
    assert "demo" in capsys.readouterr().out


def test_missing_packages_are_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert command.main(["demo", "--out", str(tmp_path / "out")]) == 1
    assert 'needs sklearn, which is not installed: pip install "gradwalk[demo]"' in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()


def test_the_demo_itself(tmp_path):
    """The real thing, in a process of its own: two tables, two pictures, within a minute."""
    begin = time.monotonic()
    demo = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-m", "gradwalk", "demo", "--out", "pictures"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=170,
        check=False,
    )
    assert demo.returncode == 0, demo.stderr
    assert demo.stderr == ""
    assert time.monotonic() - begin < 60
    assert demo.stdout.count(" yes") == len(CASES) + len(real_data.PROMISES)
    assert "NO" not in demo.stdout
    for name, width in (("three_paths.png", 840), ("loss.png", 1320)):
        file = tmp_path / "pictures" / name
        assert str(file) in demo.stdout
        check_picture(file, width)
