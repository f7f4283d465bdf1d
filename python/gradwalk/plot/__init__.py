"""Pictures of a walk downhill.

Every helper draws on ``ax=`` (or on new axes), returns the Axes, and takes one fitted model or a
dict that names several::

    import gradwalk as gw
    from gradwalk import plot

    walks = {"batch": gw.BatchGD(...).fit(X, y), "stochastic": gw.SGD(...).fit(X, y)}
    plot.loss_curve(walks, log=True)

Matplotlib (``pip install "gradwalk[plot]"``) is imported when a helper is called, not before.
"""

from .contour import contour_paths
from .curves import loss_curve, loss_vs_time
from .language import set_language

__all__ = ["contour_paths", "loss_curve", "loss_vs_time", "set_language"]
