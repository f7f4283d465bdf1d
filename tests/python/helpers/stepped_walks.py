"""Methods and rules to step through, and when two walks are the same."""

from __future__ import annotations

import numpy as np

import gradwalk as gw

METHODS = [
    (gw.BatchGD, {}),
    (gw.SGD, {"sampling": "shuffle"}),
    (gw.SGD, {"sampling": "replace"}),
    (gw.SGD, {"sampling": "sequential"}),
    (gw.MiniBatchGD, {"batch_size": 8, "sampling": "shuffle"}),
    (gw.MiniBatchGD, {"batch_size": 8, "sampling": "replace", "drop_last": True}),
    (gw.MiniBatchGD, {"batch_size": 8, "sampling": "sequential"}),
]


def same_walk(one, other):
    assert one.n_epochs_ == other.n_epochs_
    assert one.n_updates_ == other.n_updates_
    assert one.stop_reason_ == other.stop_reason_
    for name in ("loss", "update_loss", "learning_rate", "path", "path_update", "full_loss"):
        np.testing.assert_array_equal(
            getattr(one.history_, name), getattr(other.history_, name), err_msg=name
        )
    np.testing.assert_array_equal(one.params_, other.params_)
