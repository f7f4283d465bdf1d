"""How far a walk has come, while it goes: what ``fit(X, y, progress=…)`` shows.

``progress=True`` draws a bar with the epoch, the loss, η, samples a second and the time left, as
tqdm draws it; without tqdm it is a line of text. ``progress="live"`` draws the loss curve anew in
the cell of a notebook, a few times a second; elsewhere it is the bar.

The walk calls its display by the clock, about every 100 ms, in the middle of a long epoch too, and
not at every epoch: a display costs the same however short the epochs are. The curve rests until
all its drawings have taken less than a tenth of the time. If a display fails, one warning says so
and the walk goes on without it.

For a display of your own derive a class from `Display` and hand over an object of it:

>>> import numpy as np, gradwalk as gw
>>> class Dots(gw.progress.Display):
...     def show(self, standing):
...         pass  # print(".", end="") for a dot every 100 ms
...     def close(self, standing):
...         print(f"epoch {standing.epoch} of {standing.epochs}, {standing.rows} samples")
>>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
>>> model = gw.SGD(learning_rate=0.1, epochs=200, random_state=0).fit(X, y, progress=Dots())
epoch 200 of 200, 600 samples
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from .bar import Bar
from .live import Live
from .meter import in_notebook
from .standing import Display, Standing

if TYPE_CHECKING:
    from gradwalk._core import GradientDescent

__all__ = ["Display", "Standing"]

#: What ``progress=`` may be.
Progress: TypeAlias = "bool | Literal['live'] | Display"


def _display(progress: object, model: GradientDescent, unit: str) -> Display:
    """Make the display that `progress`, which is not False, asks for."""
    if isinstance(progress, Display):
        return progress
    if isinstance(progress, str) and progress == "live":
        return Live(model, unit) if in_notebook() else Bar(model, unit)
    if isinstance(progress, bool | np.bool_) and progress:
        return Bar(model, unit)
    expected = (
        'progress must be True for a bar, "live" for the loss curve in a notebook, False for '
        "nothing, or an object of a class derived from gradwalk.progress.Display; got "
        f"{progress!r:.60}"
    )
    raise (ValueError if isinstance(progress, str) else TypeError)(expected)
