"""Pictures of a walk downhill.

Every helper draws on ``ax=`` (or on new axes), returns the Axes, and takes one fitted model, its
``history_``, a result of ``minimize``, a list of these, or a dict that names several::

    import gradwalk as gw
    from gradwalk import plot

    walks = {"batch": gw.BatchGD(...).fit(X, y), "stochastic": gw.SGD(...).fit(X, y)}
    plot.loss_curve(walks, log=True)

A helper with several panels takes an array of axes and returns that array. Matplotlib
(``pip install "gradwalk[plot]"``) is imported when a helper is called, not before.
"""

import types
from typing import TYPE_CHECKING

from .animation import WalkAnimation, animate
from .batch_sizes import batch_size_sweep
from .boundary import decision_boundary
from .comparison import method_comparison
from .contour import contour_paths
from .curves import loss_curve, loss_vs_time
from .escape import escape_map
from .field import gradient_field
from .fits import fit_evolution
from .language import set_language
from .learning_rates import learning_rate_sweep
from .noise import gradient_noise
from .plateaus import plateau
from .scaling import scaling_contours
from .slopes import tangents
from .surface import surface_path
from .trace import trace_1d

__all__ = [
    "WalkAnimation",
    "animate",
    "batch_size_sweep",
    "contour_paths",
    "decision_boundary",
    "escape_map",
    "fit_evolution",
    "gradient_field",
    "gradient_noise",
    "learning_rate_sweep",
    "loss_curve",
    "loss_vs_time",
    "method_comparison",
    "plateau",
    "scaling_contours",
    "set_language",
    "surface_path",
    "tangents",
    "trace_1d",
]

if not TYPE_CHECKING:
    from gradwalk._words import answering

    # A keyword that a helper has not is answered with what to write instead. The modules that the
    # helpers live in are words that users guess (plot.contour, plot.surface), and no helpers: as
    # attributes they go, so that they are answered, too. To import them is as ever.
    for _name, _value in list(globals().items()):
        if isinstance(_value, types.FunctionType) and _value is not set_language:
            globals()[_name] = answering(_value)
        elif isinstance(_value, types.ModuleType) and _value.__name__.startswith(__name__):
            del globals()[_name]
    del _name, _value, answering, types

    def __getattr__(name):
        from gradwalk._words import no_name

        raise no_name(__name__, name, __all__)
