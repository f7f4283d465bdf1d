"""Loaded state: saved models and records that were tampered with.

Pickles are functions and arguments; those arguments are changed, not the bytes of a pickle, which
may run anything. Files of `save` are changed in their bytes and in their parts. What is loaded is
refused with a documented exception, or is a whole model that can be asked, fitted and saved.
"""

from __future__ import annotations

import io
import math
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import gradwalk as gw
from gradwalk import saving
from odd_values import odd_value
from source import Source
from tally import Tally
from whole import check_model

X = np.arange(12.0).reshape(6, 2) / 10
Y = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
# In memory where that is to be had: a save waits until it is on disk.
SHARED_MEMORY = Path("/dev/shm")
FOLDER = tempfile.TemporaryDirectory(
    prefix="gradwalk-fuzz-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
)
FILE = Path(FOLDER.name) / "model.npz"


def test_one_input(data: bytes, tally: Tally) -> None:
    """One thing that was saved, changed, and loaded."""
    source = Source(data)
    model = saved_model(source.below(len(MODELS)))
    kind = source.below(8)
    if kind < 3:
        loaded = _from_parts(source, tally, model)
    elif kind < 5:
        loaded = _from_file(source, tally, model)
    else:
        loaded = _from_parts(source, tally, source.pick(_others(model)))
    if isinstance(loaded, gw.GradientDescent):
        _use(source, tally, loaded)
    elif loaded is not None:
        tally.call(repr, loaded)
        if isinstance(loaded, gw.History):
            tally.call(loaded.to_dict)
            tally.call(lambda: (loaded.verdict.word, loaded.nbytes))


# --- What is saved --------------------------------------------------------------------------

MODELS: list[Callable[[], gw.GradientDescent]] = [
    lambda: gw.BatchGD(epochs=3, random_state=8).fit(X, Y),
    lambda: gw.SGD("log_loss", epochs=3, random_state=1).fit(X.astype("f4"), Y),
    lambda: gw.MiniBatchGD("cross_entropy", epochs=2, random_state=3).fit(X, Y, full_loss=True),
    lambda: gw.SGD("hinge", rule=gw.rules.Adam(), epochs=2, random_state=2).fit(X, Y * 2 - 1),
    lambda: gw.MiniBatchGD(
        rule=gw.rules.Momentum(0.9), tol=0.0, l1=0.1, epochs=4, path_bytes=100, random_state=4
    ).fit(X, Y, validation=(X, Y), restore_best=True),
    lambda: gw.SGD(epochs=30, path_bytes=200, random_state=0).fit(X, Y),
    lambda: gw.BatchGD(learning_rate=1e200, epochs=9, random_state=9).fit(X, Y),
    lambda: gw.SGD(
        record=None, learning_rate=gw.schedules.Cosine(0.1, 9), epochs=2, random_state=5
    ).fit(X, Y),
    lambda: gw.BatchGD("squared_hinge", record="epoch", l2=0.5, random_state=0),
    lambda: _stepped(gw.SGD(record="update", epochs=2, random_state=6)),
    lambda: _minimized(gw.SGD(epochs=5, learning_rate=0.1, random_state=7)),
]


def _stepped(model: Any) -> Any:
    steps = model.steps(X, Y)
    for _ in range(4):
        next(steps)
    return model


def _minimized(model: Any) -> Any:
    model.minimize(gw.landscapes.himmelblau.as_sum(4, 0.5, 0), [0.5, 1.0])
    return model


@cache
def saved_model(place: int) -> Any:
    """One of the models, made once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        return MODELS[place]()


@cache
def _others(model: Any) -> list[Any]:
    """What else of it, or beside it, can be pickled."""
    found: list[Any] = [gw.landscapes.ravine, gw.landscapes.bowl.minima[0]]
    found.append(gw.landscapes.beale.as_sum(3, 0.5, 1))
    step = next(gw.SGD(epochs=1, random_state=0).steps(X, Y))
    return [*found, step, *([model.history_, model.history_.verdict] if _is_fitted(model) else [])]


def _is_fitted(model: Any) -> bool:
    return hasattr(model, "history_")


# --- Parts ----------------------------------------------------------------------------------


def _from_parts(source: Source, tally: Tally, saved: Any) -> Any:
    """Put together again from parts, some of them changed."""
    restore, arguments, *_ = saved.__reduce__()
    for _ in range(source.between(1, 3)):
        arguments = changed(source, arguments)
    if type(arguments) is not tuple:
        return None
    return tally.call(restore, *arguments).value


NUMBERS: list[Any] = [
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    -1,
    2**31,
    2**61,
    2**62,
    2**62 + 1,
    2**63,
    2**64 - 1,
    2**64,
]
REALS: list[Any] = [0.0, -0.0, 0.5, -1.0, math.nan, math.inf, -math.inf, 1e308, 5e-324, 1]
WORDS: list[Any] = [
    "",
    "walking",
    "diverged",
    "epochs done",
    "tolerance met",
    "updates done",
    "gradient small",
    "steps small",
    "é",
    "a\0",
    "mse",
    b"mse",
]


CLASSES = (gw.BatchGD, gw.SGD, gw.MiniBatchGD)


def changed(source: Source, part: Any) -> Any:
    """`part`, or something in it, as it was not."""
    if source.once_in(16):
        return odd_value(source)
    kind = type(part)  # not isinstance, which believes what an odd value says of itself
    if kind is dict and part:
        return _changed_dict(source, part)
    if kind in (tuple, list) and part:
        place = source.below(min(len(part), 256))
        inner = list(part)
        inner[place] = changed(source, inner[place])
        if source.once_in(16):
            del inner[place]
        return kind(inner)
    if kind in (bool, np.bool_):
        return source.pick([not part, 1, None, np.bool_(not part)])
    if kind is int:
        return source.pick([part + 1, part - 1, *NUMBERS])
    if kind in (float, np.float64):
        return source.pick([-part, *REALS])
    if kind is str:
        return source.pick(WORDS)
    if kind is np.ndarray:
        return changed_array(source, part)
    if kind is type(gw.SGD) and part in CLASSES:
        return source.pick([*CLASSES, gw.GradientDescent, Derived, object])
    return odd_value(source)


class Derived(gw.SGD):
    """A class of the user's, with something of its own."""


def _changed_dict(source: Source, parts: dict[Any, Any]) -> dict[Any, Any]:
    parts = dict(parts)
    # Names are not many more than a byte can tell apart.
    name = source.pick([*parts][:256])
    kind = source.below(12)
    if kind == 0:
        del parts[name]
    elif kind == 1:
        parts[source.pick(["", "n_epochs", "best_epoch", "diverged_epoch", "é", 3, None])] = 1
    elif kind == 2:
        other = source.pick([*parts][:256])
        parts[name], parts[other] = parts[other], parts[name]
    elif kind == 3:
        parts[name] = parts[source.pick([*parts][:256])]
    else:
        parts[name] = changed(source, parts[name])
    return parts


def changed_array(source: Source, array: np.ndarray[Any, Any]) -> Any:
    """Another array: of other numbers, another length, shape, dtype or layout."""
    if array.size > 1000 or array.ndim == 0:
        return source.pick([np.zeros(1), -1, None])
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return source.pick(CHANGES)(source, array)
        except (TypeError, ValueError, OverflowError):
            return array  # NumPy cannot change it so


def _other_number(source: Source, array: np.ndarray[Any, Any]) -> Any:
    array = array.copy()
    numbers = REALS if array.dtype.kind == "f" else [-1, 0, 1, 3, 2**62, -(2**63)]
    if array.size:
        array.flat[source.below(min(array.size, 256))] = source.pick(numbers)
    return array


def _other_dtype(source: Source, array: np.ndarray[Any, Any]) -> Any:
    names = ["f4", "f8", ">f8", "i8", "u8", "i4", "c16", "O", "S3", "U2", "?", "M8[s]"]
    return array.astype(source.pick(names))


def _other_shape(source: Source, array: np.ndarray[Any, Any]) -> Any:
    return array.reshape(source.pick([(-1,), (1, *array.shape), (*array.shape, 1)]))


def _one_for_many(source: Source, array: np.ndarray[Any, Any]) -> Any:
    return np.broadcast_to(array.ravel()[:1], (source.pick([0, 1, 4, 2**45]),))


CHANGES: list[Callable[[Source, np.ndarray[Any, Any]], Any]] = [
    *(_other_number, _other_number, _other_number, _other_dtype, _other_shape, _one_for_many),
    lambda source, array: array[: source.below(min(len(array) + 1, 256))],
    lambda source, array: np.concatenate([array, array]),
    lambda source, array: np.repeat(array, 2, axis=-1)[..., ::2],
    lambda source, array: array.T,
    lambda source, array: source.pick([array.tolist(), np.ma.masked_array(array), None]),
]


# --- Files ----------------------------------------------------------------------------------


@cache
def _file_of(place: int) -> bytes:
    saved_model(place).save(FILE)
    return FILE.read_bytes()


def _from_file(source: Source, tally: Tally, model: Any) -> Any:
    """Loaded from a file that was changed, in its bytes or in its parts."""
    place = next(i for i in range(len(MODELS)) if saved_model(i) is model)
    content = _file_of(place)
    kind = source.below(4)
    content = _changed_bytes(source, content) if kind == 0 else _changed_members(source, content)
    FILE.write_bytes(content)
    return tally.call(gw.load, FILE).value


def _changed_bytes(source: Source, content: bytes) -> bytes:
    """Some bytes changed, left out or doubled, anywhere in the file."""
    changed = bytearray(content)
    for _ in range(source.between(1, 4)):
        place = int.from_bytes(source.bytes(3), "little") % len(changed)
        kind = source.below(4)
        if kind == 0:
            changed[place] ^= 1 << source.below(8)
        elif kind == 1:
            changed[place] = source.below(256)
        elif kind == 2:
            del changed[place : place + source.between(1, 64)]
        else:
            changed[place:place] = changed[place : place + source.between(1, 64)]
        if not changed:
            break
    return bytes(changed)


# Headers of arrays that promise what does not follow, or that are none.
HEADERS = [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,), }",
    "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 9223372036854775807), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (True,), }",
    "{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f8'}",
    "[]",
    "(" * 300,
    "{'descr': '<f8', 'fortran_order': False, 'shape': 3, }",
    "__import__('sys').exit(3)",
    "é",
]


def _changed_members(source: Source, content: bytes) -> bytes:
    """The parts of the file changed as those of a pickle are, or their headers."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        parts: Any = dict(file)
    for _ in range(source.between(1, 3)):
        parts = changed(source, parts)
    out = io.BytesIO()
    with zipfile.ZipFile(
        out, "w", source.pick([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    ) as packed:
        for name, part in parts.items() if type(parts) is dict else []:
            member = io.BytesIO()
            try:
                # An array of 2**45 numbers is not written down; a pickle in it is.
                np.lib.format.write_array(
                    member, np.asarray(part)[:1000] if np.ndim(part) else np.asarray(part)
                )
            except Exception:
                member.write(b"\x93NUMPY")
            inside = member.getvalue()
            if source.once_in(20):
                header = source.pick(HEADERS).encode("latin1").ljust(117) + b"\n"
                inside = (
                    b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(32)
                )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of names that come twice
                packed.writestr(f"{name}.npy".replace("\0", ""), inside)
                if source.once_in(40):
                    packed.writestr(f"{name}.npy".replace("\0", ""), inside)
        # Else it would be the checksum that is fuzzed.
        packed.comment = saving._checksum(packed)
    return out.getvalue()


# --- What is loaded is used -----------------------------------------------------------------


def _use(source: Source, tally: Tally, model: Any) -> None:
    """Ask it, go on with it, and save it again."""
    check_model(tally, model)
    tally.call(repr, model)
    for name in (
        "params_",
        "coef_",
        "intercept_",
        "stop_reason_",
        "best_epoch_",
        "memory_",
        "seed_",
    ):
        try:
            getattr(model, name)
        except AttributeError:
            tally.check(not hasattr(model, "n_epochs_") or name != "params_", "there is no params_")
    if _is_fitted(model):
        tally.call(model.history_.to_dict)
        tally.call(lambda: model.history_.verdict.sentence)
    tally.call(model.predict, X)
    reduced = tally.call(model.__reduce__).value
    if reduced is not None:
        again = tally.call(reduced[0], *reduced[1])
        tally.check(again.value is not None, f"what was reduced is refused: {again.error}")
    if model.epochs > 100:
        return
    for _ in range(source.below(3)):
        tally.call(model.partial_fit, X, Y)
        check_model(tally, model)
    if tally.call(model.save, FILE).error is not None:
        return  # it is of a class or a function that a file cannot hold
    loaded = tally.call(gw.load, FILE)
    again = loaded.value
    if str(2**62) in str(loaded.error):
        return  # a count was set to the highest that is taken, and the walk has gone on from there
    tally.check(again is not None, f"what was saved cannot be loaded: {loaded.error}")
    if _is_fitted(model):
        same = again.params_.tobytes() == model.params_.tobytes()
        tally.check(same, "what was saved is not what was loaded")
