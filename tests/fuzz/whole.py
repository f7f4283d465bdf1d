"""What holds of a model whatever was done to it."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradwalk as gw
from tally import Tally


def check_model(tally: Tally, model: Any) -> None:
    """A model that was fitted is whole: its numbers are there, finite, and agree."""
    try:
        history = model.history_
    except gw.NotFittedError:
        return
    tally.check(len(history.loss) == model.n_epochs_, "not one loss for each epoch")
    # Between two updates of `steps`, θ may be the one that the next update finds infinite.
    is_finite = bool(np.isfinite(model.params_).all()) or model.stop_reason_ == "walking"
    tally.check(is_finite, f"params_ is {model.params_} after a stop: {model.stop_reason_}")
    updates = history.path_update.tolist()
    tally.check(updates == sorted(set(updates)), "the updates of the path are not in order")
    tally.check(len(history.path) == len(updates), "the path has points of no update")
    tally.check(sum(history.updates_per_epoch) <= model.n_updates_, "more updates than were made")
