"""gradwalk.load takes nothing on trust: no class, no number, no length that a file tells of."""

from __future__ import annotations

import contextlib
import pickle
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwalk as gw
from saved_models import STATES, go_on, saved, seen


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Any]:
    """The parts of a file, to be changed and written again."""
    model, _ = STATES["Adam 0.05 MiniBatchGD"]()
    with np.load(saved(model, tmp_path / "whole.npz")) as file:
        return dict(file)


def written(parts: dict[str, Any], path: Path) -> Path:
    np.savez(path, **parts)
    return path


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


ARGUMENTS = {
    "[]": "arguments must be a JSON object",
    "{": "Expecting property name",
    '{"epochs": NaN}': "arguments must be finite numbers; got NaN",
    '{"learning_rate": Infinity}': "arguments must be finite numbers; got Infinity",
    '{"epochs": 0}': "epochs must be a whole number",
    '{"epochs": 1e400}': "epochs must be a whole number",
    '{"lr": 1}': 'has no argument "lr"',
    '{"loss": [1]}': "arguments must be numbers, words and objects",
    '{"loss": {"os.system": {"command": "true"}}}': "the name of a rule or a schedule with its",
    '{"rule": {"Adam": {}, "Momentum": {}}}': "the name of a rule or a schedule with its",
    '{"rule": {"Adam": [0.9]}}': "the name of a rule or a schedule with its",
    '{"rule": {"Adam": {"beta1": 2}}}': "beta1 must be a number of at least 0 and below 1",
    '{"rule": {"Adam": {"gamma": 1}}}': "Adam has no argument 'gamma'",
    '{"rule": {"Rule": {}}}': "the name of a rule or a schedule with its",
    '{"learning_rate": {"Warmup": {"updates": 3, "then": 0.1}}}': "then must be a schedule",
    '{"random_state": {"Generator": {}}}': "bit_generator must be one of PCG64",
    '{"random_state": {"Generator": {"bit_generator": "MT19937"}}}': "bit_generator must be one",
    '{"random_state": {"Generator": {"bit_generator": "PCG64", "state": -1}}}': "state of PCG64 mu",
    '{"epochs": ' + "9" * 5000 + "}": "digits",
    '{"rule": ' + '{"Adam": ' * 50_000 + "1" + "}" * 50_000 + "}": "recursion",
}


@pytest.mark.parametrize("text", ARGUMENTS, ids=range(len(ARGUMENTS)))
def test_arguments_are_checked(text: str, parts: Any, tmp_path: Path) -> None:
    parts["arguments"] = np.array(text)
    assert ARGUMENTS[text] in refusal(written(parts, tmp_path / "broken.npz"))


PARTS: list[tuple[str, Any, str]] = [
    ("format_version", None, "it has no format_version"),
    ("format_version", 2, "it is of format 2, and this version of gradwalk reads format 1 alone"),
    ("format_version", "one", "it is of format one"),
    ("class", None, "class must be one of BatchGD, SGD, MiniBatchGD; got None"),
    ("class", "Popen", "class must be one of BatchGD, SGD, MiniBatchGD; got 'Popen'"),
    ("class", 3, "class must be one of"),
    ("arguments", None, "arguments must be a text"),
    ("arguments", 3.0, "arguments must be a text"),
    ("params", None, "none named params"),
    ("params", [1.0, 2.0, np.nan, 3.0], "params must be of finite numbers"),
    ("params", [1.0, 2.0], "history_path must be of 4 points of the shape of params"),
    ("params", 1.0, "history_path must be of 4 points of the shape of params, []"),
    ("params", [1j, 2.0], "params must be of numbers or words; got complex128"),
    ("seed", -1, "seed must be a whole number"),
    ("seed", [1], "seed must be a whole number"),
    ("history_loss", [1, 2, 3], "history_loss must be an array of float64"),
    ("history_loss", np.zeros(2), "history_loss must be of one number for each of the 3 epochs"),
    ("n_updates", 10**18, "history_update_loss must be of one number for each of the 100000000000"),
    ("surplus", 1, 'one that does not belong there: "surplus"'),
]


@pytest.mark.parametrize(("part", "value", "message"), PARTS)
def test_parts_are_checked(part: str, value: Any, message: str, parts: Any, tmp_path: Path) -> None:
    parts[part] = np.asarray(value)
    if value is None:
        del parts[part]
    text = refusal(written(parts, tmp_path / "broken.npz"))
    assert any(words in text for words in message.split("|")), text


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
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", **how) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of a name that is there twice
        for name, content in members.items():
            archive.writestr(name.rstrip("*"), content)
    return path


def test_lengths_in_a_file_are_not_believed(parts: Any, tmp_path: Path) -> None:
    whole = written(parts, tmp_path / "whole.npz")
    members = members_of(whole)
    path = tmp_path / "broken.npz"
    for shape in ("(10**12,)", "(1000000000000,)", "(99999, 99999, 99999)", "(-1,)", "(2, -2)"):
        broken = members | {"params.npy": member(shape, bytes(32))}
        refusal(archive_of(path, broken))
    for descr, shape in (("<f8", "(3,)"), ("<U9999999", "()"), ("|V8", "(4,)"), ("|O", "(4,)")):
        refusal(archive_of(path, members | {"params.npy": member(shape, bytes(32), descr)}))
    text = refusal(archive_of(path, members | {"params.npy": member("(4,)", version=b"\x03\x00")}))
    assert "params is an array of version (3, 0)" in text
    assert "compressed" in refusal(archive_of(path, members, compression=zipfile.ZIP_DEFLATED))
    # A few bytes that would be a gigabyte.
    large = members | {"params.npy": member("(1 << 27,)", bytes(1 << 20))}
    assert "compressed" in refusal(archive_of(path, large, compression=zipfile.ZIP_LZMA))
    assert "does not belong" in refusal(archive_of(path, members | {"notes.txt": b"hello"}))
    assert "does not belong" in refusal(archive_of(path, members | {"params.npy*": b""}))
    # The archive's own word for how long its members are.
    content = whole.read_bytes()
    length = len(members["history_path.npy"])
    old = length.to_bytes(4, "little") * 2
    assert content.count(old) == 1  # in the directory at the end
    for new in (2**31, 2**32 - 2):
        path.write_bytes(content.replace(old, new.to_bytes(4, "little") * 2))
        assert "longer than the file" in refusal(path)


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
    assert f"{name} must be a text" in refusal(tmp_path / "odd.npz")


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    model, _ = STATES["thinned"]()
    content = saved(model, tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "cut.npz"
    for length in [*range(0, len(content), 97), len(content) - 1]:
        path.write_bytes(content[:length])
        refusal(path)


@settings(max_examples=300)
@given(
    name=st.sampled_from(["thinned", "validation and the best", "diverged", "a generator"]),
    is_packed_anew=st.booleans(),
    draw=st.data(),
)
def test_bytes_that_are_wrong_are_refused_or_make_a_model(
    tmp_path_factory: pytest.TempPathFactory, name: str, is_packed_anew: bool, draw: Any
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    model, data = STATES[name]()
    whole = saved(model, folder / "whole.npz")
    members = members_of(whole)
    # With the sums of the archive set right, or as they were.
    chosen = draw.draw(st.sampled_from(list(members))) if is_packed_anew else None
    content = bytearray(members[chosen] if chosen else whole.read_bytes())
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.integers(0, len(content) - 1))
        content[place] = draw.draw(st.integers(0, 255))
    path = folder / "changed.npz"
    if chosen:
        archive_of(path, members | {chosen: bytes(content)})
    else:
        path.write_bytes(content)
    try:
        other = gw.load(path)
    except (ValueError, MemoryError):
        return
    seen(other)
    # It may be one that has walked down a function now, or has no number of rows like this.
    with contextlib.suppress(ValueError, TypeError):
        go_on(other, data)
