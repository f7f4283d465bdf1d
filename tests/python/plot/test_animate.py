"""Walks in motion: what each picture shows, and the files that come out."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.animation import FFMpegWriter, FuncAnimation
from PIL import Image

import gradwalk as gw
from drawn import diverged, minimized, named_lines, notes, regression, three_walks
from gradwalk import plot
from pictured_walks import PAIRS, data, walk


def head(ax):
    """Where the walks stand."""
    return [line.get_xydata() for line in ax.lines if line.get_label() == "_head"]


def test_the_path_grows_by_an_update_a_picture():
    X, y = regression()
    model = three_walks()["batch"]
    motion = plot.animate(model, X, y, features=(0, 1))
    assert motion.n_frames == 7
    for frame in (0, 3, 6):
        ax = motion.show(frame)
        path = model.history_.path[: frame + 1, 1:]
        np.testing.assert_array_equal(named_lines(ax)["batch"].get_xydata(), path)
        np.testing.assert_array_equal(head(ax)[0], path[-1:])
        assert ax.get_title(loc="left") == f"update {frame}"


def test_walks_of_three_methods_are_in_the_same_epoch():
    X, y = regression()
    motion = plot.animate(three_walks(), X, y, frames=7)
    ax = motion.show(2)
    assert ax.get_title(loc="left") == "epoch 2.0"
    for name, updates in (("batch", 2), ("stochastic", 140), ("mini-batch", 6)):
        path = named_lines(ax)[name].get_xydata()
        np.testing.assert_array_equal(path, three_walks()[name].history_.path[: updates + 1, 1:])


def test_a_falling_loss():
    model = three_walks()["mini-batch"]
    motion = plot.animate(model, kind="loss")
    assert motion.n_frames == 6
    line = named_lines(motion.show(3))["mini-batch (32 rows)"]
    np.testing.assert_array_equal(line.get_ydata(), model.history_.loss[:4])
    full = plot.animate(model, kind="loss", full_loss=True, log=True)
    assert full.ax.get_yscale() == "log"
    assert len(head(full.show(0))[0]) == 1


def test_a_point_on_the_curve_of_a_landscape():
    well = gw.landscapes.double_well
    result = minimized(well, learning_rate=0.02, epochs=40)
    motion = plot.animate(result, fun=well, kind="trace")
    assert motion.n_frames == 41
    place = head(motion.show(10))[0][0]
    np.testing.assert_allclose(place, [result.path[10, 0], well(result.path[10])])


def test_a_fitted_line():
    X, y = regression()
    model = gw.BatchGD("mse", learning_rate=0.1, epochs=12).fit(X[:, :1].copy(), y)
    motion = plot.animate(model, X[:, :1], y, kind="fit", feature_names=["height"])
    assert motion.ax.get_xlabel() == "height"
    for frame in (0, 5, 12):
        line = named_lines(motion.show(frame))["batch"]
        intercept, slope = model.history_.path[frame]
        np.testing.assert_allclose(line.get_ydata(), intercept + slope * line.get_xdata())
    np.testing.assert_array_equal(
        named_lines(motion.ax)["data"].get_xydata(), np.column_stack([X[:, 0], y])
    )


def test_a_fit_of_two_classes_is_a_probability():
    X, y = regression()
    model = gw.BatchGD("log_loss", learning_rate=1.0, epochs=12).fit(X, (y > 0).astype(int))
    line = named_lines(plot.animate(model, X, y > 0, kind="fit").show(12))["batch"]
    b, w0, w1 = model.params_
    z = b + w1 * X[:, 1].mean() + w0 * line.get_xdata()
    np.testing.assert_allclose(line.get_ydata(), 1 / (1 + np.exp(-z)))


def test_a_diverged_walk_stops_at_the_frame_and_then_says_so():
    X, y = regression()
    motion = plot.animate({"calm": three_walks()["batch"], "wild": diverged(X, y)}, X, y)
    assert notes(motion.ax) == ["diverged: leaves the picture\nat update 1"]
    note = next(t for t in motion.ax.texts if t.get_gid() == "gradwalk-note")
    motion.show(0)
    assert not note.get_visible()
    motion.show(motion.n_frames - 1)
    assert note.get_visible()
    # The calm walk is followed to its end, and the blow-up is no reason to go on.
    assert motion.ax.get_title(loc="left") == "update 6"


@pytest.mark.parametrize(("points", "expected"), [(1, 2), (30, 31), (50_000, 60)])
def test_a_sensible_number_of_pictures(points, expected):
    bowl = gw.landscapes.bowl
    motion = plot.animate(minimized(bowl, learning_rate=1e-4, epochs=points), fun=bowl)
    assert motion.n_frames == expected
    assert len(named_lines(motion.show(expected - 1))["batch"].get_xdata()) < 3000


def test_it_is_saved_as_a_gif_and_shown_in_a_notebook(tmp_path):
    X, y = regression()
    motion = plot.animate(three_walks()["batch"], X, y, frames=4, fps=8)
    assert isinstance(motion.animation, FuncAnimation)
    motion.save(tmp_path / "walk.gif", dpi=40)
    with Image.open(tmp_path / "walk.gif") as gif:
        # Equal pictures at the end are one that stays longer.
        durations = []
        for frame in range(gif.n_frames):
            gif.seek(frame)
            durations.append(gif.info["duration"])
    assert gif.n_frames in (4, 8)
    assert sum(durations) == pytest.approx(8 * 1000 / 8, abs=50)
    page = motion._repr_html_()
    assert page.count("data:image/png;base64") == 8
    assert not plt.fignum_exists(motion.ax.figure.number)
    assert repr(motion) == "<WalkAnimation of 4 pictures, 8 a second>"


@pytest.mark.parametrize("suffix", [".webp", ".PNG", ".gif"])
def test_formats_of_pillow_are_written(tmp_path, suffix):
    path = tmp_path / f"walk{suffix}"
    plot.animate(three_walks()["batch"], kind="loss", frames=3, fps=4).save(path, dpi=30)
    with Image.open(path) as picture:
        assert picture.n_frames in (3, 5)


@pytest.mark.parametrize("name", ["walk.xyz", "walk", "walk.html", "walk.npz"])
def test_a_format_that_nothing_writes_is_said(tmp_path, name):
    motion = plot.animate(three_walks()["batch"], kind="loss", frames=3)
    with pytest.raises(ValueError, match=r'as in save\("walk\.gif"\)') as caught:
        motion.save(tmp_path / name)
    assert ("to_jshtml" in str(caught.value)) == (name == "walk.html")
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("suffix", [".mp4", ".MOV", ".webm"])
def test_a_film_needs_ffmpeg(tmp_path, monkeypatch, suffix):
    motion = plot.animate(three_walks()["batch"], kind="loss", frames=3, fps=4)
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    with pytest.raises(ValueError, match=r'ffmpeg, which is not installed: write save\("a\.gif"'):
        motion.save(tmp_path / f"a{suffix}")
    # With it, ffmpeg is what writes, at the same pace.
    written = []
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda cls: True))
    monkeypatch.setattr(
        FuncAnimation,
        "save",
        lambda self, path, writer, dpi: written.append((path.name, type(writer), writer.fps)),
    )
    motion.save(tmp_path / f"a{suffix}")
    assert written == [(f"a{suffix}", FFMpegWriter, 4)]
    motion.show(0)
    motion.animation._draw_was_started = True  # it was not to be drawn here


def test_axes_may_be_the_callers():
    figure, (left, right) = plt.subplots(1, 2)
    motion = plot.animate(three_walks(), kind="loss", ax=left, frames=3)
    assert motion.ax is left
    assert not right.lines
    motion._repr_html_()
    assert plt.fignum_exists(figure.number)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "dance"}, 'kind must be "path", "loss", "trace" or "fit"'),
        ({"frames": 0}, "frames must be a whole number of at least 1"),
        ({"fps": 2.5}, "fps must be a whole number"),
        ({"kind": "fit"}, "hand over X and y"),
        ({}, "hand over X and y"),
    ],
)
def test_what_cannot_be_animated_is_refused(settings, message):
    with pytest.raises((TypeError, ValueError), match=message):
        plot.animate(three_walks(), **settings)


def test_a_fit_needs_one_output_and_a_path():
    X, y = regression()
    classes = gw.BatchGD("cross_entropy", epochs=2).fit(X, (y > 0).astype(int))
    with pytest.raises(ValueError, match="one for each class"):
        plot.animate(classes, X, y > 0, kind="fit")
    silent = gw.BatchGD("mse", epochs=2, record=None).fit(X, y)
    with pytest.raises(ValueError, match="recorded no path"):
        plot.animate(silent, X, y, kind="fit")


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize("kind", ["path", "loss", "trace", "fit"])
@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_kind_of_walk_moves_or_says_why_not(kind, d, task, fate, record):
    model = walk(d, task, fate, record)
    if kind == "fit" and task == "multi-class":
        with pytest.raises(ValueError, match="one for each class"):
            plot.animate(model, *data(d, task), kind=kind)
        return
    motion = plot.animate(model, *data(d, task), kind=kind, frames=3)
    for frame in range(3):
        ax = motion.show(frame)
    assert np.all(np.isfinite([ax.get_xlim(), ax.get_ylim()]))
