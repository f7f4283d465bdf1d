"""The loss curve of a walk that still goes on, drawn so fast that it can be watched."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._thinning import thin
from gradwalk.language.pictures import word

from .._data.walks import loss_text, named_walks
from . import canvas, style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradwalk._core import GradientDescent

_WIDTH, _HEIGHT, _DPI = 6.4, 3.2, 100  # inches, and dots an inch
# Losses that are further apart than this have a log axis.
_WIDE = 30.0
# As many as there are dots.
_MOST_POINTS = 1000


class LiveCurve:
    """A figure of its own, whose lines grow.

    `pyplot` has no part in it: the figure is nobody else's, and the walk may go on in any thread.
    Places are fixed by hand, for a layout that is found anew costs more than all the rest.
    """

    def __init__(self, model: GradientDescent) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.model = model
        self.figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI)
        self.canvas: Any = FigureCanvasAgg(self.figure)
        self.figure.subplots_adjust(left=0.13, right=0.98, bottom=0.16, top=0.9)
        self.ax = self.figure.subplots()
        (walk,) = named_walks(model)
        look = walk.look
        (self.loss,) = self.ax.plot([], [], color=look.color, ls=look.linestyle, lw=style.LINE)
        (self.validation,) = self.ax.plot([], [], color=style.INK, **style.VALIDATION)
        self.loss.set_label(walk.name)
        self.validation.set_label(word("validation", name=walk.name))
        self.ax.set_xlabel(word("epoch"))
        self.ax.set_ylabel(word("loss as visited", loss=loss_text([walk])))
        self.ax.set_title("", fontsize="medium")
        canvas.grid(self.ax)
        canvas.whole_numbers(self.ax.xaxis)
        canvas.finish(self.ax)

    def draw(self, title: str) -> tuple[dict[str, str], dict[str, Any]]:
        """Draw the losses up to now; return what a notebook displays, and its size."""
        history = self.model.history_
        loss, validation = history.loss, history.validation_loss
        self._draw_line(self.loss, loss)
        self._draw_line(self.validation, validation)
        if len(validation) > 0 and self.ax.get_legend() is None:
            canvas.legend(self.ax)
            canvas.finish(self.ax)
        self._set_limits(len(loss), np.concatenate([loss, validation]))
        self.ax.set_title(title)
        image = io.BytesIO()
        # Small is not worth the time here.
        self.canvas.print_png(image, pil_kwargs={"compress_level": 1})
        png = base64.b64encode(image.getvalue()).decode()
        size = {"width": round(_WIDTH * _DPI), "height": round(_HEIGHT * _DPI)}
        return {"image/png": png, "text/plain": f"<loss curve, {title}>"}, {"image/png": size}

    def _draw_line(self, line: Any, losses: NDArray[np.float64]) -> None:
        x = np.arange(1.0, len(losses) + 1)
        x, y = thin(x, losses, most=_MOST_POINTS)
        line.set_data(x, y)
        line.set_marker("o" if len(losses) == 1 else "")

    def _set_limits(self, n_epochs: int, losses: NDArray[np.float64]) -> None:
        finite = losses[np.isfinite(losses)]
        if finite.size == 0:
            return
        low, high = float(finite.min()), float(finite.max())
        if 0 < low < high / _WIDE:
            self.ax.set_yscale("log")
            room = (high / low) ** 0.05
            self.ax.set_ylim(low / room, high * room)
        else:
            self.ax.set_yscale("linear")
            room = 0.05 * (high - low) or 0.5 * abs(high) or 1.0
            self.ax.set_ylim(low - room, high + room)
        self.ax.set_xlim(1 - 0.02 * n_epochs, max(n_epochs * 1.02, 2))
