"""Models in files: ``model.save(path)`` and ``gradwalk.load(path)``.

A file is a NumPy archive, ``.npz``, of plain arrays, numbers and words: ``numpy.load(path)`` shows
them by name, from ``class``, ``arguments`` and ``params`` to ``history_loss``. Nothing in it is
executed. There is no pickle; classes, rules and schedules are looked up by name among those of
gradwalk; and all that a file says is checked before a model comes of it, without an allocation
that is larger than the file.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import math
import operator
import os
import secrets
import shutil
import sys
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gradwalk import rules, schedules
from gradwalk._core import (
    FORMAT_VERSION,
    SGD,
    BatchGD,
    GradientDescent,
    MiniBatchGD,
    __version__,
    _restore_model,
)

__all__ = ["load", "save"]

_CLASSES: dict[str, type[BatchGD] | type[SGD] | type[MiniBatchGD]] = {
    "BatchGD": BatchGD,
    "SGD": SGD,
    "MiniBatchGD": MiniBatchGD,
}
# Rules and schedules, which are written as {name: constants}.
_VALUES: dict[str, type[rules.Rule] | type[schedules.Schedule]] = {
    name: getattr(module, name)
    for module in (rules, schedules)
    for name in module.__all__
    if name not in ("Rule", "Schedule")
}
# Bit generators whose state is whole numbers alone, each of them legal below its bound. The state
# of others has places in buffers, which NumPy believes.
_GENERATORS = {"PCG64": np.random.PCG64, "PCG64DXSM": np.random.PCG64DXSM}
_GENERATOR_STATE = {"state": 1 << 128, "inc": 1 << 128, "has_uint32": 2, "uinteger": 1 << 32}


def save(model: GradientDescent, path: str | os.PathLike[str]) -> None:
    """Write a model to a file: what ``model.save(path)`` does, and told there."""
    name = _name_of(path)
    target = Path(name if name.endswith(".npz") else name + ".npz")
    _write(target, _parts_of(model))


def load(path: str | os.PathLike[str]) -> BatchGD | SGD | MiniBatchGD:
    """Read a model that ``model.save(path)`` wrote.

    It is the same in every bit, and goes on where the other stood: ``partial_fit`` gives what it
    would have given there. Reading executes nothing, so a file may come from anybody.

    Parameters
    ----------
    path : str or path-like
        The file; ".npz" is added if there is none of that name.

    Returns
    -------
    BatchGD, SGD or MiniBatchGD
        Fitted, if the one that was saved was.

    Raises
    ------
    ValueError
        The file is none of gradwalk's, is damaged, or was written by a version that keeps models
        in another format. The message names the file and what is wrong.
    OSError
        The file cannot be read: FileNotFoundError if it is not there.

    See Also
    --------
    BatchGD.save : writes the file.
    """
    name = _name_of(path)
    if not Path(name).exists() and Path(name + ".npz").exists():
        name += ".npz"
    with Path(name).open("rb") as stream:
        try:
            return _model_of(_read(stream))
        except MemoryError:
            raise
        # An archive can be damaged in more ways than zipfile and json have exceptions for; one is
        # a member that begins before the file, which is an OSError of its own.
        except Exception as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            raise ValueError(f"{name!r} cannot be loaded: {_in_words(error)}") from error


def _in_words(error: Exception) -> str:
    if isinstance(error, zipfile.BadZipFile):
        return f"it is not a whole NumPy archive, as model.save writes them ({error})"
    return str(error) or type(error).__name__


def _name_of(path: object) -> str:
    if not isinstance(path, str | bytes | os.PathLike):
        raise TypeError(f"path must be a str or a path-like; got {path!r}")
    return os.fsdecode(path)


# --------------------------------------------------------------------------------------------------
# A model as parts of a file, and back


def _parts_of(model: GradientDescent) -> dict[str, NDArray[Any]]:
    name = type(model).__name__
    if _CLASSES.get(name) is not type(model):
        raise TypeError(
            f"save keeps models of BatchGD, SGD and MiniBatchGD; got one of {name}, a class of "
            "your own, which a file that executes nothing cannot hold. Pickle it, if the class can "
            "be imported where it is read"
        )
    # What a pickle holds, too.
    _, (_, arguments, fitted), *_ = model.__reduce__()
    written = {name: _written(name, value) for name, value in arguments.items()}
    head = {
        "format_version": FORMAT_VERSION,
        "gradwalk_version": __version__,
        "class": name,
        "arguments": json.dumps(written, allow_nan=False),
    }
    return {name: _array_of(value) for name, value in (head | (fitted or {})).items()}


def _array_of(value: object) -> NDArray[Any]:
    if isinstance(value, list):
        return np.asarray(json.dumps(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return np.asarray(value, np.int64 if value < 1 << 63 else np.uint64)
    return np.asarray(value)


def _model_of(parts: dict[str, Any]) -> BatchGD | SGD | MiniBatchGD:
    version = parts.get("format_version")
    if version is None:
        raise ValueError("it has no format_version, as the files of model.save do")
    if version != FORMAT_VERSION:
        raise ValueError(
            f"it is of format {version}, and this version of gradwalk reads format "
            f"{FORMAT_VERSION} alone. Load it with the version that saved it, or a newer one"
        )
    parts.pop("gradwalk_version", None)
    name, arguments = parts.pop("class", None), parts.pop("arguments", None)
    if not isinstance(name, str) or name not in _CLASSES:
        raise ValueError(f"class must be one of {', '.join(_CLASSES)}; got {name!r}")
    if not isinstance(arguments, str):
        raise ValueError(f"arguments must be a text, the arguments in JSON; got {arguments!r}")
    written = json.loads(arguments, parse_constant=_refuse_constant)
    if not isinstance(written, dict):
        raise ValueError(f"arguments must be a JSON object; got {arguments:.60}")
    given = {name: _read_back(value) for name, value in written.items()}
    if "feature_names" in parts:
        parts["feature_names"] = json.loads(str(parts["feature_names"]))
    if isinstance(parts.get("params"), float):  # of a walk over one number
        parts["params"] = np.asarray(parts["params"])
    fitted = parts if len(parts) > 1 else None
    model: BatchGD | SGD | MiniBatchGD = _restore_model(_CLASSES[name], given, fitted)
    return model


def _refuse_constant(word: str) -> None:
    raise ValueError(f"arguments must be finite numbers; got {word}")


def _written(name: str, value: object) -> object:
    """Turn an argument of a constructor, which has checked it, into what JSON can say."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, rules.Rule | schedules.Schedule):
        kind = type(value)
        if _VALUES.get(kind.__name__) is not kind:
            raise TypeError(
                f"{name} is of {kind.__name__}, a class of your own, and save keeps those of "
                "gradwalk.rules and gradwalk.schedules alone. Pickle the model instead"
            )
        names = [field.name for field in dataclasses.fields(value)]  # type: ignore[arg-type]
        return {kind.__name__: {field: _written(name, getattr(value, field)) for field in names}}
    if isinstance(value, np.random.Generator):
        return _written_generator(value)
    if callable(value):
        instead = {
            "loss": "Take a loss by its name, one of gradwalk.LOSSES",
            "learning_rate": "Take a schedule of gradwalk.schedules, or a number",
        }
        raise TypeError(
            f"{name} is a function, {value!r:.80}, which a file that executes nothing cannot hold. "
            f"{instead.get(name, 'Take a value')}, or pickle the model, if the function can be "
            "imported where it is read"
        )
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return float(value)  # type: ignore[arg-type]


def _written_generator(generator: np.random.Generator) -> dict[str, Any]:
    source = generator.bit_generator
    name = type(source).__name__
    if type(generator) is not np.random.Generator or _GENERATORS.get(name) is not type(source):
        raise TypeError(
            f"random_state is a {type(generator).__name__} over {name}, and save keeps those of "
            "numpy.random.default_rng alone. Take one of these, or a number as the seed, or "
            "pickle the model"
        )
    state: Any = source.state
    return {"Generator": {"bit_generator": name, **state["state"]} | _last_of(state)}


def _last_of(state: dict[str, Any]) -> dict[str, int]:
    return {name: int(state[name]) for name in ("has_uint32", "uinteger")}


def _read_back(value: Any) -> Any:
    """Turn what `_written` wrote into an argument. The constructor checks it."""
    if isinstance(value, list):
        raise ValueError(f"arguments must be numbers, words and objects; got {value!r:.60}")
    if not isinstance(value, dict):
        return value
    ((name, constants),) = value.items() if len(value) == 1 else (("", None),)
    if not isinstance(constants, dict) or name not in {*_VALUES, "Generator"}:
        raise ValueError(
            "arguments must be numbers, words, or the name of a rule or a schedule with its "
            f"constants; got {value!r:.60}"
        )
    if name == "Generator":
        return _generator_of(constants)
    return _VALUES[name](**{field: _read_back(c) for field, c in constants.items()})


def _generator_of(state: dict[str, Any]) -> np.random.Generator:
    name = state.get("bit_generator")
    if not isinstance(name, str) or name not in _GENERATORS:
        raise ValueError(f"bit_generator must be one of {', '.join(_GENERATORS)}; got {name!r:.60}")
    numbers = {key: state.get(key) for key in _GENERATOR_STATE}
    for key, number in numbers.items():
        bound = _GENERATOR_STATE[key]
        if type(number) is not int or not 0 <= number < bound:
            raise ValueError(f"{key} of {name} must be a whole number from 0 to {bound - 1}")
    source = _GENERATORS[name](0)
    inner = {key: numbers[key] for key in ("state", "inc")}
    source.state = {"bit_generator": name, "state": inner, **_last_of(numbers)}
    return np.random.Generator(source)


# --------------------------------------------------------------------------------------------------
# Parts as a file, and back


def _write(target: Path, parts: dict[str, Any]) -> None:
    """Write beside the place, then move there: a file is there whole or not at all."""
    target = target.resolve()  # a link stays one
    temporary = target.parent / f".gradwalk-{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as stream:
            np.savez(stream, **parts)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        # Nobody has asked for the other name.
        raise OSError(error.errno, error.strerror, str(target)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _read(stream: IO[bytes]) -> dict[str, Any]:
    """Read arrays by name, and what has no dimension as a plain number or word."""
    parts: dict[str, Any] = {}
    size = stream.seek(0, os.SEEK_END)
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            if name in parts or name == member.filename:
                raise ValueError(f"it has a member {member.filename!r:.60} that does not belong")
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError("it is compressed, and model.save does not compress")
            # Members lie one after the other. Lengths that are made up would not fit in.
            size -= member.file_size
            if size < 0:
                raise ValueError("its members are longer than the file")
            with archive.open(member) as data:
                parts[name] = _read_array(name, data, member.file_size)
    return parts


def _read_array(name: str, data: IO[bytes], size: int) -> Any:
    version = np.lib.format.read_magic(data)
    if version != (1, 0):
        raise ValueError(f"{name} is an array of version {version}, and model.save writes (1, 0)")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(data)
    if dtype.kind not in "biufU":
        raise ValueError(f"{name} must be of numbers or words; got {dtype}")
    # The header's word for the size is worth nothing.
    if math.prod(shape) * dtype.itemsize != size - data.tell():
        raise ValueError(f"{name} of shape {shape} is not as long as its data")
    values = data.read()
    array = np.ndarray(shape, dtype, buffer=values, order="F" if is_fortran else "C")
    if dtype.kind == "U":
        # NumPy makes a text of any numbers, and what is beyond all characters breaks its readers.
        codes = np.frombuffer(values, np.dtype("u4").newbyteorder(dtype.byteorder))
        if (codes > sys.maxunicode).any():
            raise ValueError(f"{name} must be a text; got codes that are no characters")
    if array.ndim == 0:
        return array.item()
    return array if array.dtype.isnative else array.astype(dtype.newbyteorder("="))
