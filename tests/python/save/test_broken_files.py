"""gradwalk.load takes nothing on trust: no class, no number, no length that a file tells of."""

from __future__ import annotations

import pickle
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import saving
from saved_models import STATES, saved, seen


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Any]:
    """The parts of a file, to be changed and written again."""
    model, _ = STATES["Adam 0.05 MiniBatchGD"]()
    with np.load(saved(model, tmp_path / "whole.npz")) as file:
        return dict(file)


def signed(path: Path) -> Path:
    """Give the archive the checksum of what it holds by now."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = saving._checksum(archive)
    return path


def written(parts: dict[str, Any], path: Path) -> Path:
    np.savez(path, **parts)
    return signed(path)


def refusal(path: Path) -> str:
    """What is said of a file, for which no memory may be asked that it does not fill itself."""
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"cannot be loaded: .") as raised:
        gw.load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * path.stat().st_size + (1 << 20)
    text = str(raised.value)
    assert text.startswith(repr(str(path)))
    return text.split("cannot be loaded: ")[1]


def test_parts_that_were_written_again_are_a_model(parts: Any, tmp_path: Path) -> None:
    assert gw.load(written(parts, tmp_path / "again.npz")).n_epochs_ == 3
    # From a machine of the other byte order, and by a version that has another name.
    other = {
        name: part.astype(part.dtype.newbyteorder("S")) if part.ndim else part
        for name, part in parts.items()
    }
    other["gradwalk_version"] = np.array("9.9.9")
    other["history_path"] = np.asfortranarray(other["history_path"])
    model = gw.load(written(other, tmp_path / "swapped.npz"))
    assert seen(model) == seen(gw.load(tmp_path / "again.npz"))


CHANGED = "the file was changed or damaged. Save the model again"


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    model, _ = STATES["thinned"]()
    path = saved(model, tmp_path / "model.npz")
    with np.load(path) as file:
        parts = dict(file)
    np.savez(path, **parts)
    assert refusal(path) == CHANGED
    np.savez(path, **parts | {"params": 2 * parts["params"]})
    assert refusal(path) == CHANGED
    # A version that writes other parts may have another checksum, too.
    np.savez(path, **parts | {"format_version": np.array(2)})
    assert refusal(path).startswith("it is of format 2, and this version of gradwalk reads format")


def test_a_file_that_was_damaged_is_refused(tmp_path: Path) -> None:
    model, _ = STATES["thinned"]()
    path = saved(model, tmp_path / "model.npz")
    content = bytearray(path.read_bytes())
    with np.load(path) as file:
        place = content.index(file["params"].tobytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert CHANGED in refusal(path)


ARGUMENTS = {
    "[]": "no attribute 'items'",
    "{": "Expecting property name",
    '{"epochs": NaN}': "epochs must be a whole number",
    '{"learning_rate": Infinity}': "learning_rate must be",
    '{"lr": 1}': 'has no argument "lr"',
    '{"loss": {"os.system": {"command": "true"}}}': "os.system",
    '{"rule": {"Adam": {}, "Momentum": {}}}': "too many values",
    '{"rule": {"Adam": [0.9]}}': "no attribute 'items'",
    '{"rule": {"Adam": {"beta1": 2}}}': "beta1 must be a number of at least 0 and below 1",
    '{"rule": {"Adam": {"gamma": 1}}}': "Adam has no argument 'gamma'",
    '{"rule": {"Rule": {}}}': "Rule",
    '{"learning_rate": {"Warmup": {"updates": 3, "then": 0.1}}}': "then must be a schedule",
    '{"random_state": {"Generator": {"bit_generator": "MT19937"}}}': "MT19937",
    '{"random_state": {"Generator": {"bit_generator": "PCG64", "state": -1}}}': "",
    '{"epochs": ' + "9" * 5000 + "}": "digits",
    '{"rule": ' + '{"Adam": ' * 50_000 + "1" + "}" * 50_000 + "}": "recursion",
}


PARTS: list[tuple[str, Any, str]] = [
    *(("arguments", text, message) for text, message in ARGUMENTS.items()),
    ("format_version", None, "it has no format_version"),
    ("format_version", 2, "it is of format 2, and this version of gradwalk reads format 1 alone"),
    ("class", None, "class"),
    ("class", "Popen", "Popen"),
    ("arguments", None, "arguments"),
    ("arguments", 3.0, "not float"),
    ("params", None, "none named params"),
    ("params", [1.0, 2.0], "history_path must be of 8 numbers, for 3 epochs and 4 points"),
    ("params", 1.0, "params must be of shape (d + 1,)"),
    ("params", [1j, 2.0], "params must be of numbers or words; got complex128"),
    ("seed", -1, "seed must be a whole number"),
    ("history_loss", [1, 2, 3], "history_loss must be an array of float64"),
]


@pytest.mark.parametrize(("part", "value", "message"), PARTS, ids=range(len(PARTS)))
def test_parts_are_checked(part: str, value: Any, message: str, parts: Any, tmp_path: Path) -> None:
    parts[part] = np.asarray(value)
    if value is None:
        del parts[part]
    assert message in refusal(written(parts, tmp_path / "broken.npz"))


class Bomb:
    """A pickle that tells when it is opened."""

    went_off = False

    def __reduce__(self) -> Any:
        return setattr, (Bomb, "went_off", True)


def test_nothing_is_executed(parts: Any, tmp_path: Path) -> None:
    bomb = np.empty(4, object)
    bomb[:] = Bomb()
    for name in ("params", "class", "arguments", "surplus", "history_path"):
        path = written(parts | {name: bomb}, tmp_path / "bomb.npz")
        assert f"{name} must be of numbers or words; got object" in refusal(path)
    for content in (pickle.dumps(Bomb()), b"\x93NUMPY\x01\x00" + pickle.dumps(Bomb())):
        (tmp_path / "bomb.npz").write_bytes(content)
        assert "not a whole NumPy archive" in refusal(tmp_path / "bomb.npz")
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("params.npy", pickle.dumps(Bomb()))
    refusal(tmp_path / "bomb.npz")
    assert not Bomb.went_off
    pickle.loads(pickle.dumps(Bomb()))
    assert Bomb.went_off


def member(
    shape: str, data: bytes = b"", descr: str = "<f8", version: bytes = b"\x01\x00"
) -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + version + len(header).to_bytes(2, "little") + header + data


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(path: Path, members: dict[str, bytes], **how: Any) -> Path:
    path.unlink(missing_ok=True)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", **how) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of a name that is there twice
        for name, content in members.items():
            archive.writestr(name.rstrip("*"), content)
        archive.comment = saving._checksum(archive)
    return path


def test_lengths_in_a_file_are_not_believed(parts: Any, tmp_path: Path) -> None:
    whole = written(parts, tmp_path / "whole.npz")
    members = members_of(whole)
    path = tmp_path / "broken.npz"
    for shape in ("(10**12,)", "(1000000000000,)", "(99999, 99999, 99999)", "(2, 3)"):
        broken = members | {"params.npy": member(shape, bytes(32))}
        refusal(archive_of(path, broken))
    for descr, shape in (("<f8", "(3,)"), ("<U9999999", "()"), ("|V8", "(4,)"), ("|O", "(4,)")):
        refusal(archive_of(path, members | {"params.npy": member(shape, bytes(32), descr)}))
    refusal(archive_of(path, members | {"params.npy": member("(4,)", version=b"\x03\x00")}))
    assert "compressed" in refusal(archive_of(path, members, compression=zipfile.ZIP_DEFLATED))
    # A few bytes that would be a gigabyte.
    large = members | {"params.npy": member("(1 << 27,)", bytes(1 << 20))}
    assert "compressed" in refusal(archive_of(path, large, compression=zipfile.ZIP_LZMA))
    refusal(archive_of(path, members | {"notes.txt": b"hello"}))
    refusal(archive_of(path, members | {"params.npy*": b""}))
    # The archive's own word for how long its members are.
    content = whole.read_bytes()
    length = len(members["history_path.npy"])
    old = length.to_bytes(4, "little") * 2
    assert content.count(old) == 1  # in the directory at the end
    for new in (2**31, 2**32 - 2):
        path.write_bytes(content.replace(old, new.to_bytes(4, "little") * 2))
        refusal(path)


@pytest.mark.parametrize(
    "content", [b"", b"theta = 1, 2, 3\n", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(40)]
)
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    text = refusal(path)
    assert "not a whole NumPy archive" in text or "no format_version" in text
    np.savez(path, np.zeros(3))
    assert "no format_version" in refusal(path)
    np.save(tmp_path / "other.npy", np.zeros(3))
    refusal(tmp_path / "other.npy")


@pytest.mark.parametrize("name", ["stop_reason", "arguments", "class"])
def test_a_text_of_what_are_no_characters_is_refused(tmp_path: Path, name: str) -> None:
    model, _ = STATES["thinned"]()
    members = members_of(saved(model, tmp_path / "whole.npz"))
    # Of the four bytes of a letter the highest is zero in all characters.
    content = bytearray(members[f"{name}.npy"])
    content[-5] = 0x40
    archive_of(tmp_path / "odd.npz", members | {f"{name}.npy": bytes(content)})
    assert "can't decode" in refusal(tmp_path / "odd.npz")


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    model, _ = STATES["thinned"]()
    content = saved(model, tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "cut.npz"
    for length in [*range(0, len(content), 97), len(content) - 1]:
        path.write_bytes(content[:length])
        refusal(path)
