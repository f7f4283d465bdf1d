"""A walk in motion: on the map, on the curve, as a falling loss or as a fitted line."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._values import check_whole
from gradwalk.language.pictures import word

from ._data.find_terrain import find_terrain
from ._data.walks import Walk, Walks, named_walks
from ._draw import canvas, scenes, style

if TYPE_CHECKING:
    import os

    from matplotlib.animation import AbstractMovieWriter, FuncAnimation
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

# Frames of a long walk: at 15 a second four seconds, which a notebook can hold.
_FRAMES = 60
_KINDS = ("path", "loss", "trace", "fit")
# What is left to ffmpeg.
_FILMS = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm")


def animate(
    walks: Walks,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    kind: str = "path",
    ax: Axes | None = None,
    fun: Any = None,
    jac: Any = None,
    features: Any = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    others: ArrayLike | str = "end",
    log: bool = False,
    full_loss: bool = False,
    frames: int | None = None,
    fps: int = 15,
) -> WalkAnimation:
    """Show walks in motion, all of them in the same epoch at the same time.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these
    X : array of shape (n, d), optional
    y : array of shape (n,), or (n, K) one-hot, optional
        The data; not needed for kind="loss", nor with `fun`.
    kind : {"path", "loss", "trace", "fit"}, default "path"
        The path on the contour lines of `contour_paths`; the loss against epochs of `loss_curve`;
        a point on the curve of f over one parameter, as in `trace_1d`; or the model's prediction
        over one feature, the others at their means, among the data.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    fun, jac, features, feature_names, sample_weight, others
        As in `contour_paths` and `trace_1d`; for kind="trace" and "fit" `features` is a single
        one.
    log, full_loss : bool, default False
        For kind="loss", as in `loss_curve`.
    frames : int, optional
        Pictures. By default as many as the longest walk has points, and at most 60 evenly over
        the epochs; the last one then stays for half a second.
    fps : int, default 15
        Pictures a second.

    Returns
    -------
    WalkAnimation
        Shows itself in a notebook; ``.save("walk.gif")`` writes a GIF; ``.ax`` are the axes, and
        ``.animation`` is the ``matplotlib.animation.FuncAnimation``.

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than walks, or lacks what `kind` needs: a recorded path,
        the model, data, or one output to draw.

    Notes
    -----
    Nothing but Matplotlib and the Pillow that comes with it is needed, unless a film is saved.

    Examples
    --------
    >>> import gradwalk as gw
    >>> well = gw.landscapes.double_well
    >>> walk = gw.BatchGD(learning_rate=0.05, epochs=30).minimize(well, well.start)
    >>> gw.plot.animate(walk, fun=well, kind="trace").n_frames
    31
    """
    if kind not in _KINDS:
        raise ValueError(f'kind must be "path", "loss", "trace" or "fit", got {kind!r}')
    for name, value in (("frames", frames), ("fps", fps)):
        if value is not None:
            check_whole(name, value)
    named = named_walks(walks)
    own = ax is None
    ax = canvas.new_axes(ax, width=6.0, height=5.0 if kind == "path" else 4.0)
    if kind in ("path", "trace"):
        for walk in named:
            walk.need_path(f'animate(kind="{kind}")')
        asked = (fun, jac, features, feature_names, sample_weight, others)
        terrain = find_terrain(named, X, y, *asked, axes=2 if kind == "path" else 1)
        set_up = scenes.on_map if kind == "path" else scenes.on_curve
        artists = set_up(ax, named, terrain)
    elif kind == "loss":
        artists = scenes.on_loss(ax, named, log=log, full_loss=full_loss)
    else:
        artists = scenes.on_data(ax, named, X, y, features, feature_names)
    canvas.finish(ax)
    ends = min(artist.start for artist in artists), max(artist.end for artist in artists)
    points = max(artist.points for artist in artists)
    count = int(frames) if frames is not None else max(1, min(points, _FRAMES))
    return WalkAnimation(
        ax,
        named,
        artists,
        np.linspace(*ends, count) if count > 1 else np.array(ends[1:]),
        int(fps),
        own=own,
    )


class WalkAnimation:
    """An animation of walks: displayed by a notebook, or saved as a GIF.

    Attributes
    ----------
    ax : matplotlib.axes.Axes
        The axes.
    n_frames : int
        Pictures, without the repeated last one.
    fps : int
        Pictures a second.
    """

    def __init__(
        self,
        ax: Axes,
        walks: list[Walk],
        artists: list[scenes.MovingArtist],
        times: Any,
        fps: int,
        *,
        own: bool,
    ) -> None:
        self.ax, self.fps = ax, fps
        self.n_frames = len(times)
        self._times, self._actors, self._own = times, artists, own
        # Where every epoch is one update, epochs need not be spoken of.
        self._by_update = all(np.all(w.history.updates_per_epoch <= 1) for w in walks)
        self._animation: FuncAnimation | None = None
        self.show(self.n_frames - 1)
        if own:
            # Lay the picture out once: it must not shake.
            figure: Any = ax.figure
            figure.draw_without_rendering()
            figure.set_layout_engine("none")

    def show(self, frame: int) -> Axes:
        """Draw one picture, 0 to n_frames − 1, on the axes."""
        time = float(self._times[frame])
        for artist in self._actors:
            artist.show(time)
        text = (
            word("moment in updates", number=f"{time:,.0f}")
            if self._by_update
            else word("moment in epochs", number=f"{time:,.1f}")
        )
        self.ax.set_title(text, loc="left", fontsize="medium", color=style.INK)
        return canvas.finish(self.ax)

    @property
    def animation(self) -> FuncAnimation:
        """The animation as Matplotlib has it."""
        from matplotlib.animation import FuncAnimation

        if self._animation is None:
            figure: Any = self.ax.figure
            self._animation = FuncAnimation(
                figure,
                self._draw,
                frames=self._order,
                interval=1000.0 / self.fps,
                blit=False,
                cache_frame_data=False,
                save_count=self.n_frames + self.fps // 2,
            )
        return self._animation

    def _order(self) -> Generator[int, None, None]:
        yield from range(self.n_frames)
        for _ in range(self.fps // 2):
            yield self.n_frames - 1

    def _draw(self, frame: int) -> list[Any]:
        self.show(frame)
        return []

    def save(self, path: str | os.PathLike[str], *, dpi: float = 80.0) -> None:
        """Write the animation to a GIF, or to another format that Pillow or ffmpeg can write.

        Parameters
        ----------
        path : str or path-like
            Where to, as in ``"walk.gif"``. Films (``.mp4``, ``.mov``, ``.webm`` …) need the program
            ffmpeg, which Matplotlib calls.
        dpi : float, default 80
            Dots an inch.

        Raises
        ------
        ValueError
            Nothing here writes the format that the name ends in.
        """
        path = Path(path)
        writer = _writer(path, self.fps)
        self.animation.save(path, writer=writer, dpi=dpi)

    def to_jshtml(self) -> str:
        """Write the animation as a page with buttons, all pictures inside."""
        from matplotlib import rc_context

        # A hundred quiet pictures stay far below this; a notebook with more has asked for it.
        with rc_context({"animation.embed_limit": 100.0, "savefig.dpi": 80.0}):
            return str(self.animation.to_jshtml(fps=self.fps, default_mode="once"))

    def _repr_html_(self) -> str:
        from matplotlib import pyplot

        page = self.to_jshtml()
        if self._own:
            # Else the notebook shows the last picture once more below.
            pyplot.close(self.ax.figure)  # type: ignore[arg-type]
        return page

    def __repr__(self) -> str:
        return f"<WalkAnimation of {self.n_frames} pictures, {self.fps} a second>"


def _writer(path: Path, fps: int) -> AbstractMovieWriter:
    """Choose what writes the format that the name ends in."""
    from matplotlib.animation import FFMpegWriter, PillowWriter
    from PIL import Image

    Image.init()  # until then Pillow does not know what it can write
    kind = path.suffix.lower()
    if Image.EXTENSION.get(kind) in Image.SAVE_ALL:
        return PillowWriter(fps=fps)
    if kind not in _FILMS:
        raise ValueError(
            "an animation is saved as a GIF, as in "
            f'save("{path.stem or "walk"}.gif"), as .webp or, with ffmpeg installed, as '
            f".mp4; got {path.name!r}"
            + (". to_jshtml() gives a page as text" if kind.startswith(".htm") else "")
        )
    if not FFMpegWriter.isAvailable():
        raise ValueError(
            f"a film such as {path.name!r} is written by the program ffmpeg, which is not "
            f'installed: write save("{path.stem}.gif"), or install ffmpeg'
        )
    return FFMpegWriter(fps=fps)
