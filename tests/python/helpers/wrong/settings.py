"""Wrong calls of the constructors and of `schedule_table`."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

import gradwalk as gw
from wrong.calls import FLAG, NOT_NEGATIVE, WHOLE, Case, Piece, X, fit

CLASSES = {"BatchGD": gw.BatchGD, "SGD": gw.SGD, "MiniBatchGD": gw.MiniBatchGD}

RATE = (
    "a finite number above 0, a schedule of gradwalk.schedules, or a function of the update counter"
)
# The largest number that is taken, in whatever notation.
LARGEST = re.compile(r"18446744073709551615|2\*\*64|2⁶⁴")
CLASS_COUNT = "a whole number from 1 to 16777216"
BYTES = "a whole number from 0"
LOSS = f"one of {', '.join(gw.LOSSES)}"
RECORD = '"auto", "update", "epoch", a whole number of updates, or None'
SAMPLING = '"shuffle", "replace", "sequential"'

# argument, value, error, expected, came
Row = tuple[str, Any, type[Exception], Piece, Piece]

COUNTS: list[Row] = [
    row
    for argument in ("epochs", "patience", "batch_size")
    for row in [
        (argument, 0, ValueError, WHOLE, "0 (int)"),
        (argument, -1, ValueError, WHOLE, "-1 (int)"),
        (argument, 2**64, ValueError, LARGEST, "18446744073709551616"),
        (argument, 10**30, ValueError, LARGEST, "1000000000000000000000000000000"),
        (argument, True, TypeError, WHOLE, "True (bool)"),
        (argument, np.True_, TypeError, WHOLE, "True"),
        (argument, 3.0, TypeError, WHOLE, "3.0: write 3"),
        (argument, 3.5, TypeError, WHOLE, "3.5 (float)"),
        (argument, np.float64(3), TypeError, WHOLE, "3.0"),
        (argument, "3", TypeError, WHOLE, "'3' (str)"),
        (argument, np.nan, TypeError, WHOLE, "nan"),
        (argument, None, TypeError, WHOLE, "None"),
        (argument, 1j, TypeError, WHOLE, "1j"),
        (argument, [3], TypeError, WHOLE, "[3] (list)"),
        (argument, np.array([3]), TypeError, WHOLE, "shape (1,)"),
    ]
]

STRENGTHS: list[Row] = [
    row
    for argument in ("l2", "tol", "gtol", "step_tol")
    for row in [
        (argument, -1e-9, ValueError, NOT_NEGATIVE, "-1e-09"),
        (argument, np.nan, ValueError, NOT_NEGATIVE, "nan"),
        (argument, np.inf, ValueError, NOT_NEGATIVE, "inf"),
        (argument, True, TypeError, NOT_NEGATIVE, "True"),
        (argument, "1", TypeError, NOT_NEGATIVE, "'1' (str)"),
        (argument, 1j, TypeError, NOT_NEGATIVE, "1j"),
        (argument, [0.1], TypeError, NOT_NEGATIVE, "[0.1] (list)"),
    ]
]

FLAGS: list[Row] = [
    row
    for argument in ("fit_intercept", "drop_last")
    for row in [
        (argument, 1, TypeError, FLAG, "1 (int)"),
        (argument, "no", TypeError, FLAG, "'no' (str)"),
        (argument, None, TypeError, FLAG, "None"),
        (argument, np.array([True]), TypeError, FLAG, "shape (1,)"),
    ]
]

SETTINGS: list[Row] = [
    *COUNTS,
    *STRENGTHS,
    *FLAGS,
    ("learning_rate", 0, ValueError, RATE, "0 (int)"),
    ("learning_rate", -0.5, ValueError, RATE, "-0.5"),
    ("learning_rate", np.nan, ValueError, RATE, "nan"),
    ("learning_rate", np.inf, ValueError, RATE, "inf"),
    ("learning_rate", 10**400, ValueError, RATE, "int"),
    ("learning_rate", True, TypeError, RATE, "True (bool)"),
    ("learning_rate", np.True_, TypeError, RATE, "True"),
    ("learning_rate", np.array(True), TypeError, RATE, "array(True)"),
    ("learning_rate", "fast", TypeError, RATE, "'fast' (str)"),
    ("learning_rate", "0.1", TypeError, RATE, "'0.1' (str)"),
    ("learning_rate", None, TypeError, RATE, "None"),
    ("learning_rate", 1j, TypeError, RATE, "1j (complex)"),
    ("learning_rate", np.complex64(1), TypeError, RATE, "complex64"),
    ("learning_rate", np.array([0.1, 0.2]), TypeError, RATE, "shape (2,)"),
    ("learning_rate", [0.1], TypeError, RATE, "[0.1] (list)"),
    ("l2", None, TypeError, NOT_NEGATIVE, "None"),
    ("n_classes", 0, ValueError, CLASS_COUNT, "got 0 (int)"),
    ("n_classes", -3, ValueError, CLASS_COUNT, "-3"),
    ("n_classes", 2**70, ValueError, CLASS_COUNT, "1180591620717411303424"),
    ("n_classes", 3.0, TypeError, CLASS_COUNT, "3.0: write 3"),
    ("n_classes", "3", TypeError, CLASS_COUNT, "'3'"),
    ("n_classes", True, TypeError, CLASS_COUNT, "True"),
    ("random_state", -1, ValueError, "a whole number", "-1"),
    ("random_state", 2**64, ValueError, LARGEST, "18446744073709551616"),
    ("random_state", 1.0, TypeError, "a whole number", "1.0: write 1"),
    ("random_state", True, TypeError, "a whole number", "True"),
    ("random_state", "0", TypeError, "Generator", "'0' (str)"),
    ("random_state", [1, 2], TypeError, "Generator", "[1, 2] (list)"),
    ("random_state", np.random.RandomState(0), TypeError, "default_rng(seed)", "RandomState("),
    ("clip_norm", 0, ValueError, "a finite number above 0", "0"),
    ("clip_norm", -1.0, ValueError, "a finite number above 0", "-1.0"),
    ("clip_norm", float("inf"), ValueError, "a finite number above 0", "inf"),
    ("clip_norm", "1.0", TypeError, "a finite number above 0", "'1.0'"),
    ("path_bytes", -1, ValueError, BYTES, "-1"),
    ("path_bytes", 2**63, ValueError, BYTES, "9223372036854775808"),
    ("path_bytes", 1e6, TypeError, BYTES, "1000000.0: write 1000000"),
    ("path_bytes", "8 MB", TypeError, BYTES, "'8 MB'"),
    ("path_bytes", None, TypeError, BYTES, "None"),
    ("loss", "least_squares", ValueError, LOSS, '"least_squares"'),
    ("loss", "MSE", ValueError, LOSS, '"MSE"'),
    ("loss", "squared_error", ValueError, 'ours is "mse", and "half_mse" for the ½', '"squared_e'),
    ("loss", "log", ValueError, 'ours is "log_loss"', '"log"'),
    ("loss", "softmax", ValueError, 'ours is "cross_entropy"', '"softmax"'),
    ("loss", None, TypeError, LOSS, "None"),
    ("loss", 3, TypeError, LOSS, "3 (int)"),
    ("loss", ["mse"], TypeError, LOSS, "['mse'] (list)"),
    ("loss", X, TypeError, LOSS, "shape (6, 2)"),
    # Half a character, as a file read in a wrong encoding leaves behind.
    ("loss", "ms\udce9", ValueError, LOSS, "ms"),
    ("record", "all", ValueError, RECORD, '"all"'),
    ("record", True, TypeError, RECORD, "True"),
    ("record", 10.0, TypeError, RECORD, "10.0"),
    ("record", 0, ValueError, "from 1 to", "0"),
    ("record", "all\udce9", ValueError, RECORD, "all"),
    ("l1_step", "sign", ValueError, '"proximal", "subgradient"', '"sign"'),
    ("l1_step", None, TypeError, '"proximal", "subgradient"', "None"),
    ("sampling", "random", ValueError, SAMPLING, '"random"'),
    ("sampling", None, TypeError, SAMPLING, "None"),
    ("sampling", True, TypeError, SAMPLING, "True (bool)"),
]

# Words from elsewhere, and words that belong to another call: class, word, what to write instead.
FOREIGN: list[tuple[str, str, Piece]] = [
    ("MiniBatchGD", "lr", "here it is learning_rate"),
    ("SGD", "eta", "here it is learning_rate"),
    ("SGD", "eta0", "here it is learning_rate"),
    ("BatchGD", "alpha", "l2 if you mean the strength of the penalty"),
    ("BatchGD", "max_iter", "here it is epochs"),
    ("SGD", "n_iter", "here it is epochs"),
    ("MiniBatchGD", "n_epochs", "here it is epochs"),
    ("SGD", "shuffle", "here it is sampling"),
    ("MiniBatchGD", "seed", "here it is random_state"),
    ("MiniBatchGD", "weight_decay", "here it is l2"),
    ("BatchGD", "penalty", "here it is l2"),
    ("SGD", "n_iter_no_change", "here it is patience"),
    ("BatchGD", "bias", "here it is fit_intercept"),
    ("BatchGD", "batch_size", "MiniBatchGD has a batch_size"),
    ("SGD", "batch_size", "MiniBatchGD has a batch_size"),
    ("BatchGD", "sampling", "nothing to sample"),
    ("SGD", "drop_last", "MiniBatchGD has drop_last"),
    ("BatchGD", "momentum", "rule=gw.rules.Momentum(0.9)"),
    ("MiniBatchGD", "learning_rte", "batch_size, sampling, drop_last"),
    ("BatchGD", "sample_weight", re.compile(r"\bfit\b(?!_)")),
    ("BatchGD", "init", re.compile(r"\bfit\b(?!_)")),
    ("BatchGD", "order", re.compile(r"\bfit\b(?!_)")),
    ("BatchGD", "full_loss", re.compile(r"\bfit\b(?!_)")),
]

# What a learning rate function may return that is no learning rate.
RATES: list[tuple[Any, type[Exception], Piece]] = [
    (np.nan, ValueError, "nan"),
    (np.inf, ValueError, "inf"),
    (-0.1, ValueError, "-0.1"),
    ("0.1", TypeError, "'0.1' (str)"),
    (None, TypeError, "None"),
    (np.array([0.1]), TypeError, "shape (1,)"),
    (1j, TypeError, "1j (complex)"),
    (True, TypeError, "True (bool)"),
]


def cases() -> Iterator[Case]:
    for argument, value, error, expected, came in SETTINGS:
        text = ascii(value)
        name = f"{argument}={text if len(text) < 40 else type(value).__name__}"
        call = partial(gw.MiniBatchGD, **{argument: value})
        yield Case(name, call, error, argument, expected, came)
    for name, word, instead in FOREIGN:
        call = partial(CLASSES[name], **{word: 1})
        yield Case(f"{name}-{word}", call, TypeError, word, instead, f'no argument "{word}"')
    for rate, error, came in RATES:
        call = fit(settings={"learning_rate": lambda t, rate=rate: rate})
        name = f"learning_rate(0)-{type(rate).__name__}-{came}"
        yield Case(name, call, error, "learning_rate", f"(0) must be {NOT_NEGATIVE}", came)
    # The fourth update: the second of the second epoch.
    call = fit(settings={"learning_rate": lambda t: 0.1 - 0.04 * t, "batch_size": 3})
    yield Case("learning_rate(3)", call, ValueError, "learning_rate", "(3) must be", "-0.01")


def schedule_table_cases() -> Iterator[Case]:
    values: list[tuple[Any, type[Exception]]] = [
        (0, ValueError),
        (-1, ValueError),
        (True, TypeError),
        (10.0, TypeError),
        ("10", TypeError),
        (None, TypeError),
        ([10], TypeError),
    ]
    for argument in ("n_samples", "batch_size", "epochs"):
        for value, error in values:
            call = partial(gw.schedule_table, **{argument: value})
            name = f"schedule_table-{argument}-{value!r}"
            yield Case(name, call, error, argument, WHOLE, f"got {value!r}")
    for value in (1, "yes", None):
        call = partial(gw.schedule_table, drop_last=value)
        name = f"schedule_table-drop_last-{value!r}"
        yield Case(name, call, TypeError, "drop_last", FLAG, f"got {value!r}")
    call = partial(gw.schedule_table, n_rows=10)
    name = "schedule_table-n_rows"
    yield Case(name, call, TypeError, "n_rows", "unexpected keyword argument", "'n_rows'")
