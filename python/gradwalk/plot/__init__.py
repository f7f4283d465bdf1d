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

import importlib
import sys
import types
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from gradwalk.language import set_language

    from .animate import WalkAnimation, animate
    from .batch_size_sweep import batch_size_sweep
    from .contour_paths import contour_paths
    from .decision_boundary import decision_boundary
    from .escape_map import escape_map
    from .fit_evolution import fit_evolution
    from .gradient_field import gradient_field
    from .gradient_noise import gradient_noise
    from .learning_rate_sweep import learning_rate_sweep
    from .loss_curve import loss_curve
    from .loss_vs_time import loss_vs_time
    from .method_comparison import method_comparison
    from .plateau import plateau
    from .scaling_contours import scaling_contours
    from .surface_path import surface_path
    from .tangents import tangents
    from .trace_1d import trace_1d
else:
    # Each helper is imported when it is first asked for, from the file that has its name; the two
    # names that no file has come from elsewhere.
    _ELSEWHERE = {"WalkAnimation": ".animate", "set_language": "gradwalk.language"}

    class _Helpers(types.ModuleType):
        def __setattr__(self, name, value):
            # Once a file is imported, Python makes it an attribute of its package. The name of a
            # helper's file is to stand for the helper, which answers a keyword that it has not.
            if name in __all__ and isinstance(value, types.ModuleType):
                from gradwalk._words import answering

                value = answering(getattr(value, name))
            super().__setattr__(name, value)

    sys.modules[__name__].__class__ = _Helpers

    def __getattr__(name):
        if name not in __all__:
            from gradwalk._words import no_name

            raise no_name(__name__, name, __all__)
        module = importlib.import_module(_ELSEWHERE.get(name, f".{name}"), __name__)
        if name in _ELSEWHERE:
            globals()[name] = getattr(module, name)
        return globals()[name]

    def __dir__():
        return sorted({*globals(), *__all__})
