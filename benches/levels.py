"""Whether every kernel still runs in the instruction set that it was compiled for.

A kernel that the compiler no longer inlines into its entry point for AVX2 or AVX-512 loses the wide
registers there: the numbers stay right, and only the clock tells. So every kind of walk is run with
each instruction set (GRADWALK_SIMD), in processes that take turns, over data that stay in a cache,

    python benches/levels.py

and times are printed beside those of the baseline. Run it on an idle machine. A row that is marked
gains less from wider registers than such rows do (`LEAST`), and the exit code is then 1.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np

import gradwalk as gw

LEVELS = ("baseline", "avx2", "avx512")
ROUNDS = 5
# Times of the baseline as multiples of those of the widest level, at least: full batches gain 1.2
# to 4. Chains of single rows, which wait for themselves, gain nothing; but a call in their midst
# would cost them half.
LEAST = {"BatchGD": 1.15, "MiniBatchGD": 1.1, "SGD": 0.85}
# No level may be so much slower than one below it, either.
MOST = 1.15
# Shorter rows of several classes are worked on one by one.
SHAPES = ((2_000, 16), (2_000, 30), (2_000, 100))
CLASSES = 10


def cases() -> list[tuple[str, str, str, int, int]]:
    """List method, loss, dtype and shape of the walks."""
    return [
        (method, loss, dtype, *shape)
        for method in LEAST
        for loss in gw.LOSSES
        for dtype in ("float64", "float32")
        for shape in SHAPES
    ]


def measure() -> list[float]:
    """Time each case with the instruction set of this process, in seconds an epoch."""
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    times = []
    for method, loss, dtype, n, d in cases():
        X = rng.standard_normal((n, d)).astype(dtype)
        y = rng.integers(0, CLASSES if loss == "cross_entropy" else 2, n)
        epochs = {"BatchGD": 40, "MiniBatchGD": 20, "SGD": 5}[method]
        model = getattr(gw, method)(
            loss, learning_rate=1e-4, epochs=epochs, random_state=0, record=None, n_threads=1
        )
        runs = []
        for _ in range(4):
            begin = time.perf_counter()
            model.fit(X, y)
            runs.append((time.perf_counter() - begin) / epochs)
        times.append(min(runs))
    return times


def main() -> int:
    """Print the table; how many rows are marked decides the exit code."""
    if sys.argv[1:] == ["--measure"]:
        print(json.dumps(measure()))
        return 0
    found: dict[str, list[list[float]]] = {level: [] for level in LEVELS}
    for _ in range(ROUNDS):
        for level in LEVELS:
            done = subprocess.run(
                [sys.executable, *(["-P"] if sys.flags.safe_path else []), __file__, "--measure"],
                env={**os.environ, "GRADWALK_SIMD": level},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                found[level].append(json.loads(done.stdout))
            else:
                print(f"{level}: {done.stderr.strip().splitlines()[-1]}")
                found.pop(level)
                break
        found = {level: runs for level, runs in found.items() if runs}
    medians = {
        level: [statistics.median(times) for times in zip(*runs, strict=True)]
        for level, runs in found.items()
    }
    print(f"{'microseconds an epoch':45}" + "".join(f"{level:>10}" for level in medians) + "  gain")
    n_marked = 0
    for place, (method, loss, dtype, n, d) in enumerate(cases()):
        times = [medians[level][place] for level in medians]
        gain = times[0] / times[-1]
        is_slower = any(wide > MOST * min(times[:k]) for k, wide in enumerate(times) if k)
        is_marked = len(times) > 1 and (gain < LEAST[method] or is_slower)
        n_marked += is_marked
        name = f"{method} {loss} {dtype} {n:,} x {d}"
        row = "".join(f"{1e6 * seconds:10.1f}" for seconds in times)
        print(f"{name:45}{row}{gain:6.2f}{'  <' if is_marked else ''}")
    print(f"{n_marked} of {len(cases())} rows gain less than such rows do")
    return int(n_marked > 0)


if __name__ == "__main__":
    sys.exit(main())
