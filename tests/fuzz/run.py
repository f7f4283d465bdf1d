"""Run a fuzz target: `python tests/fuzz/run.py array_gate --calls 20000`.

Two drivers feed the same function ``test_one_input``: seeded random bytes, which need nothing
beside gradwalk and give the same calls every time, and atheris (libFuzzer), which is guided by what
the bytes reach, in the core too if that was built to be watched (`make fuzz`).

The input at work is kept in a file: if the process dies, it is still there. A file that is named
after the target is run alone: `python tests/fuzz/run.py array_gate target/fuzz/array_gate/input`.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import mmap
import os
import random
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from tally import Tally

TARGETS = ["array_gate", "loaded_state", "public_surface"]
LONGEST = 512


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AsWritten)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("inputs", nargs="*", type=Path, help="files to run, nothing else")
    parser.add_argument("--calls", type=int, help="stop after so many calls")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other calls (0)")
    parser.add_argument("--atheris", action="store_true", help="be guided by coverage")
    parser.add_argument(
        "--folder", type=Path, default=Path("target/fuzz"), help="for what is found"
    )
    given = parser.parse_args()
    faulthandler.enable()
    folder = given.folder / given.target
    folder.mkdir(parents=True, exist_ok=True)
    if given.atheris:
        run_atheris(given.target, folder, given.seconds or 60.0, given.seed)
    # Imported here: atheris has to be there before what it watches.
    test = importlib.import_module(given.target).test_one_input
    tally = Tally()
    if given.inputs:
        for path in given.inputs:
            test(read(path), tally)
    else:
        run_random(test, tally, folder, given.seed, given.calls, given.seconds)
    print(tally.report())


def run_random(
    test: Callable[[bytes, Tally], None],
    tally: Tally,
    folder: Path,
    seed: int,
    calls: int | None,
    seconds: float | None,
) -> None:
    """Feed random bytes until there were `calls` calls or `seconds` went by."""
    keep = Keeper(folder / "input")
    end = time.monotonic() + (seconds if seconds is not None else 1e9)
    most = calls if calls is not None else (10_000 if seconds is None else sys.maxsize)
    while tally.calls < most and time.monotonic() < end:
        data = random_input(seed, tally.inputs)
        keep(data)
        tally.inputs += 1
        try:
            test(data, tally)
        except BaseException:
            print(f"Found by {keep.path}: run it alone to see it again.", file=sys.stderr)
            keep.cut()
            raise


def random_input(seed: int, place: int) -> bytes:
    """One of the inputs of a seed, which can be made without those before it."""
    rng = random.Random(f"{seed}/{place}")
    return rng.randbytes(rng.choice([16, 64, 128, LONGEST]))


class Keeper:
    """Writes each input where it outlives the process, without a system call for each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("wb+") as file:
            file.truncate(LONGEST + 4)
            self.map = mmap.mmap(file.fileno(), LONGEST + 4)

    def __call__(self, data: bytes) -> None:
        self.map[: len(data)] = data
        # The length goes last: a file that was never cut says where its input ends.
        self.map[LONGEST:] = struct.pack("<I", len(data))

    def cut(self) -> None:
        """Leave the input alone in the file."""
        (length,) = struct.unpack("<I", self.map[LONGEST:])
        data = self.map[:length]
        self.map.close()
        self.path.write_bytes(data)


def read(path: Path) -> bytes:
    """The input in a file, if need be of a process that died before it could cut it."""
    data = path.read_bytes()
    if len(data) == LONGEST + 4:
        (length,) = struct.unpack("<I", data[LONGEST:])
        return data[:length]
    return data


def run_atheris(target: str, folder: Path, seconds: float, seed: int) -> NoReturn:
    """Let libFuzzer choose the bytes. What it finds and what it learnt is kept in the folder."""
    import atheris

    with atheris.instrument_imports(include=["gradwalk"]):
        test = importlib.import_module(target).test_one_input
    tally = Tally()
    end = time.monotonic() + seconds

    def one(data: bytes) -> None:
        tally.inputs += 1
        test(data, tally)
        if time.monotonic() > end:
            # libFuzzer ends the process without running what Python has to say at the end.
            print(tally.report(), flush=True)
            os._exit(0)

    corpus = folder / "corpus"
    if not corpus.is_dir():
        # To begin with, calls that are not all of the shortest kind.
        corpus.mkdir()
        for place in range(500):
            (corpus / f"random-{place}").write_bytes(random_input(seed, place))
    options = [
        *(f"-artifact_prefix={folder}/", f"-max_len={LONGEST}", "-len_control=0", "-timeout=60"),
        *(f"-seed={seed + 1}", "-verbosity=0", "-print_funcs=0", "-rss_limit_mb=0", str(corpus)),
    ]
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()
    sys.exit("libFuzzer came back, which it does not")


class _AsWritten(argparse.RawDescriptionHelpFormatter):
    """The text above as it is."""


if __name__ == "__main__":
    main()
