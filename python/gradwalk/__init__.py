"""Gradient descent you can watch.

Three classes walk down a loss function over NumPy arrays, in Rust and without copying them:
`BatchGD` (all rows at every update), `SGD` (one row) and `MiniBatchGD` (a few).

>>> import numpy as np, gradwalk as gw
>>> X = np.array([[0.0], [1.0], [2.0]])
>>> y = np.array([1.0, 3.0, 5.0])
>>> model = gw.BatchGD(learning_rate=0.2, epochs=200).fit(X, y)
>>> model.params_.round(6)  # intercept, slope
array([1., 2.])
>>> model.history_.loss.shape  # the loss of every epoch is on record, and θ after every update
(200,)

`gradwalk.reference` has the same three methods as plain NumPy, to read and to compare with.
"""

from typing import TYPE_CHECKING

from gradwalk._core import (
    LOSSES,
    SGD,
    BatchGD,
    GradientDescent,
    History,
    MiniBatchGD,
    Step,
    Verdict,
    __version__,
    loss_and_grad,
    max_learning_rate,
)
from gradwalk.errors import DivergenceWarning, NotFittedError

if TYPE_CHECKING:
    from gradwalk import landscapes, plot, progress, reference, rules, schedules
    from gradwalk.check import GradientReport, LoopReport, check_gradient, check_loop
    from gradwalk.language import set_language
    from gradwalk.result import DescentResult
    from gradwalk.saving import load
    from gradwalk.sweeps import Sweep, SweepRun, sweep
    from gradwalk.table import ScheduleTable, schedule_table
else:
    # Imported when they are first asked for: they would more than double the time of the import.
    _LATER = {
        "DescentResult": "result",
        "GradientReport": "check",
        "LoopReport": "check",
        "ScheduleTable": "table",
        "Sweep": "sweeps",
        "SweepRun": "sweeps",
        "check_gradient": "check",
        "check_loop": "check",
        "landscapes": None,
        "load": "saving",
        "load_ipython_extension": "notebook",
        "plot": None,
        "progress": None,
        "reference": None,
        "rules": None,
        "schedule_table": "table",
        "schedules": None,
        "set_language": "language",
        "sweep": "sweeps",
        "unload_ipython_extension": "notebook",
    }

    def __getattr__(name):
        import importlib

        if name not in _LATER:
            # Not from the package, which would ask this function for it.
            from gradwalk._words import no_name
            from gradwalk._words.values import name_in_package

            raise no_name(__name__, name, __all__, name_in_package)
        module = importlib.import_module(f"{__name__}.{_LATER[name] or name}")
        found = globals()[name] = getattr(module, name) if _LATER[name] else module
        return found

    def __dir__():
        return sorted({*globals(), *_LATER})


__all__ = [
    "LOSSES",
    "SGD",
    "BatchGD",
    "DescentResult",
    "DivergenceWarning",
    "GradientDescent",
    "GradientReport",
    "History",
    "LoopReport",
    "MiniBatchGD",
    "NotFittedError",
    "ScheduleTable",
    "Step",
    "Sweep",
    "SweepRun",
    "Verdict",
    "__version__",
    "check_gradient",
    "check_loop",
    "landscapes",
    "load",
    "loss_and_grad",
    "max_learning_rate",
    "plot",
    "progress",
    "reference",
    "rules",
    "schedule_table",
    "schedules",
    "set_language",
    "sweep",
]
