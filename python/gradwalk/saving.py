"""Models in files: ``model.save(path)`` and ``gradwalk.load(path)``.

A file is a NumPy archive, ``.npz``, of plain arrays, numbers and words: ``numpy.load(path)`` shows
them by name, from ``class``, ``arguments`` and ``params`` to ``history_loss``. Nothing in it is
executed: there is no pickle, and classes, rules and schedules are looked up by name among those of
gradwalk. The comment of the archive is a checksum of its members. Of a file whose checksum is right
it is still checked what could do harm: kinds, lengths and ranges. Nothing is allocated that is
larger than the file.

Pickles have no checksum: whoever writes one can have anything executed, and every copy of a model
would have to pay for it.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import operator
import os
import secrets
import shutil
import zipfile
import zlib
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
# Bit generators whose state is whole numbers alone, which NumPy checks. That of others has places
# in buffers, which NumPy believes.
_GENERATORS = {"PCG64": np.random.PCG64, "PCG64DXSM": np.random.PCG64DXSM}

_CHANGED = "the file was changed or damaged. Save the model again"


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
        The file is none of gradwalk's, was changed or damaged since, or was written by a version
        that keeps models in another format. The message names the file and what is wrong.
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
        what = f"it is not a whole NumPy archive, as model.save writes them ({error})"
        return f"{what}. If it was one, {_CHANGED}"
    return str(error) if isinstance(error, ValueError | TypeError) else repr(error)


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
    parts.pop("gradwalk_version", None)
    cls, written = _CLASSES[parts.pop("class")], json.loads(parts.pop("arguments"))
    arguments = {name: _read_back(value) for name, value in written.items()}
    if "feature_names" in parts:
        parts["feature_names"] = json.loads(parts["feature_names"])
    if isinstance(parts.get("params"), float):  # of a walk over one number
        parts["params"] = np.asarray(parts["params"])
    model: BatchGD | SGD | MiniBatchGD
    model = _restore_model(cls, arguments, parts if len(parts) > 1 else None)
    return model


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
        constants = vars(value).items()
        return {kind.__name__: {field: _written(name, constant) for field, constant in constants}}
    if isinstance(value, np.random.Generator):
        source = value.bit_generator
        if type(value) is not np.random.Generator or type(source) not in _GENERATORS.values():
            raise TypeError(
                f"random_state is a {type(value).__name__} over {type(source).__name__}, and save "
                "keeps those of numpy.random.default_rng alone. Take one of these, or a number as "
                "the seed, or pickle the model"
            )
        return {"Generator": source.state}
    if callable(value):
        instead = {
            "loss": "Take a loss by its name, one of gradwalk.LOSSES",
            "rule": "Take a rule of gradwalk.rules",
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


def _read_back(value: Any) -> Any:
    """Turn what `_written` wrote into an argument. The constructor checks it."""
    if not isinstance(value, dict):
        return value
    ((name, constants),) = value.items()
    if name == "Generator":
        source = _GENERATORS[constants["bit_generator"]](0)
        source.state = constants
        return np.random.Generator(source)
    return _VALUES[name](**{field: _read_back(c) for field, c in constants.items()})


# --------------------------------------------------------------------------------------------------
# Parts as a file, and back


def _write(target: Path, parts: dict[str, Any]) -> None:
    """Write beside the place, then move there: a file is there whole or not at all."""
    target = target.resolve()  # a link stays one
    temporary = target.parent / f".gradwalk-{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("x+b") as stream:
            np.savez(stream, **parts)
            with zipfile.ZipFile(stream, "a") as archive:
                archive.comment = _checksum(archive)
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


def _checksum(archive: zipfile.ZipFile) -> bytes:
    """CRC-32 over the names of the members, and over the CRC-32 that the archive has of each."""
    members = sorted((member.filename, member.CRC) for member in archive.infolist())
    return f"gradwalk {zlib.crc32(repr(members).encode()):08x}".encode()


def _read(stream: IO[bytes]) -> dict[str, Any]:
    """Read arrays by name, and what has no dimension as a plain number or word."""
    size = stream.seek(0, os.SEEK_END)
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        # They lie one after the other, so that none is longer than the file.
        is_stored = all(member.compress_type == zipfile.ZIP_STORED for member in members)
        if not is_stored or sum(member.file_size for member in members) > size:
            raise ValueError("it is compressed, and model.save does not compress")
        if "format_version.npy" not in archive.namelist():
            raise ValueError("it has no format_version, as the files of model.save do")
        version = _read_array(archive, "format_version")
        if version != FORMAT_VERSION:
            raise ValueError(
                f"it is of format {version}, and this version of gradwalk reads format "
                f"{FORMAT_VERSION} alone. Load it with the version that saved it, or a newer one"
            )
        if archive.comment != _checksum(archive):
            raise ValueError(_CHANGED)
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        return {name: _read_array(archive, name) for name in names}


def _read_array(archive: zipfile.ZipFile, name: str) -> Any:
    content = archive.read(f"{name}.npy")  # which compares the CRC-32 that the archive has of it
    stream = io.BytesIO(content)
    np.lib.format.read_magic(stream)
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind == "U":
        # Not by NumPy, which makes a text of any numbers.
        encoding = "utf-32-le" if dtype.str[0] == "<" else "utf-32-be"
        return content[stream.tell() :].decode(encoding).rstrip("\0")
    if dtype.kind not in "biuf":
        raise ValueError(f"{name} must be of numbers or words; got {dtype}")
    flat = np.frombuffer(content, dtype, offset=stream.tell())
    array = flat.reshape(shape, order="F" if is_fortran else "C")
    if array.ndim == 0:
        return array.item()
    return array if array.dtype.isnative else array.astype(dtype.newbyteorder("="))
