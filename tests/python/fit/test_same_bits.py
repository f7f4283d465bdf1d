"""The same data and seed give the same bits: over any number of threads, with any instruction set.

Every walk says how many threads worked (`n_threads_`). On a busy machine a helper may come too late
for all of a walk: it is then walked again, with the same bits, until one did come in time. So no
test here is passed by walks of which all were made by one thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from array_forms import lay, plain
from hashed_walks import (
    BATCH,
    FORMS,
    METHODS,
    MOST_WALKS,
    SEEDS,
    THREADS,
    N,
    data,
    digest,
    walk,
)
from paths import HELPERS

# --- Threads ----------------------------------------------------------------------------------

# With one processor a helper comes in time by chance alone.
two_processors = pytest.mark.skipif(
    len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    < 2,
    reason="this process may use one processor only",
)


def hashes_over_threads(threads: Any, *walked: Any, **options: Any) -> tuple[set[str], list[int]]:
    """The hashes of a walk with so many threads each, and how many of them worked."""
    hashes, worked = set(), []
    for n_threads in threads:
        for _ in range(MOST_WALKS):
            model = walk(*walked, n_threads=n_threads, **options)
            hashes.add(digest(model))
            assert 1 <= model.n_threads_ <= n_threads
            if n_threads == 1 or model.n_threads_ > 1:
                break
        worked.append(model.n_threads_)
    return hashes, worked


@two_processors
@pytest.mark.parametrize(("layout", "dtype"), FORMS)
@pytest.mark.parametrize("method", METHODS)
def test_any_number_of_threads_gives_the_same_bits(method: str, layout: str, dtype: str) -> None:
    X, y, _ = data("mse", dtype)
    X = lay(X, layout)
    # Columns that lie apart take longer to read.
    threads = THREADS if layout == "C" else (1, 2, 3, 8)
    found = [hashes_over_threads(threads, method, "mse", X, y, seed) for seed in SEEDS]
    most = [max(worked) for _, worked in found]
    print(f"{len(found)} seeds over {[*threads]} threads, of which up to {most} worked")
    assert all(len(hashes) == 1 for hashes, _ in found)
    assert len(set.union(*(hashes for hashes, _ in found))) == len(SEEDS)
    for _, worked in found:
        assert worked[0] == 1
        assert min(worked[1:]) >= 2


@two_processors
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("loss", gw.LOSSES)
def test_every_loss_gives_the_same_bits_over_threads(loss: str, method: str) -> None:
    X, y, weights = data(loss, "f8")
    hashes, worked = hashes_over_threads(THREADS, method, loss, X, y, 0, sample_weight=weights)
    assert len(hashes) == 1
    assert min(worked[1:]) >= 2


@two_processors
@pytest.mark.parametrize(
    "form", [("C", "u1"), ("every other column", "i4"), ("packed field", "f8")]
)
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_converted_data_give_the_same_bits_over_threads(loss: str, form: tuple[str, str]) -> None:
    layout, dtype = form
    X, y, _ = data(loss, "f8")
    X = lay((np.abs(X) * 2).astype(dtype), layout)
    for method in METHODS:
        hashes, worked = hashes_over_threads((1, 2, 8), method, loss, X, y, 3)
        of_the_copy, _ = hashes_over_threads((2,), method, loss, plain(X), y, 3)
        assert len(hashes | of_the_copy) == 1
        assert min(worked[1:]) >= 2


def test_the_number_of_threads_may_differ_between_two_epochs() -> None:
    X, y, _ = data("mse", "f8")
    options = {"learning_rate": 0.05, "batch_size": BATCH, "random_state": 5, "record": "update"}
    whole = gw.MiniBatchGD(epochs=3, n_threads=1, **options).fit(X, y)
    assert whole.n_threads_ == 1
    parts = gw.MiniBatchGD(epochs=3, n_threads=3, **options)
    for part in range(3):
        parts.partial_fit(X, y)
        assert digest_of_path(parts, part + 1) == digest_of_path(whole, part + 1)


def digest_of_path(model: Any, epochs: int = 3) -> bytes:
    updates = epochs * (N // BATCH)
    return bytes(model.history_.path[: updates + 1].tobytes())


@pytest.mark.parametrize("method", ["BatchGD", "SGD", "MiniBatchGD"])
def test_data_too_small_for_a_second_thread_are_walked_by_one(method: str) -> None:
    X, y, _ = data("mse", "f8")
    models = [getattr(gw, method)(epochs=2, n_threads=n).fit(X[:50, :3], y[:50]) for n in (1, 8)]
    assert [model.n_threads_ for model in models] == [1, 1]
    assert [model.n_threads for model in models] == [1, 8]


# --- Instruction sets -------------------------------------------------------------------------

ALL_LEVELS = """
import json, sys
from hashed_walks import LINEAR, METHODS, SEEDS, FORMS, data, digest, walk
from array_forms import lay

hashes, most = {}, {}
for loss in LINEAR:
    for layout, dtype in FORMS:
        X, y, weights = data(loss, dtype)
        X = lay(X, layout)
        if loss == "mse":
            for method in METHODS:
                for seed in SEEDS[:5]:
                    model = walk(method, loss, X, y, seed, n_threads=2)
                    hashes[f"{loss} {layout} {dtype} {method} seed {seed}"] = digest(model)
                    most[method] = max(most.get(method, 0), model.n_threads_)
        X, y, weights = X[:500], y[:500], weights[:500]
        # Widths that leave a rest beside whole vectors; few features have passes of their own, and
        # SGD has a step of its own.
        for width in (1, 2, 3, 5, 8, 13, 16, 31, 64, 97):
            for method in ("BatchGD", "SGD", "MiniBatchGD"):
                model = walk(method, loss, X[:, :width], y, 0, sample_weight=weights)
                hashes[f"{loss} {layout} {dtype} {method} of {width}"] = digest(model)
print(json.dumps([hashes, most]))
"""


def features_of_the_processor() -> set[str]:
    info = Path("/proc/cpuinfo")
    words = info.read_text().split() if info.exists() else []
    return set(words)


def at_level(level: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", ALL_LEVELS],
        env={**os.environ, "GRADWALK_SIMD": level, "PYTHONPATH": str(HELPERS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    hashes, most = json.loads(done.stdout)
    assert most == dict.fromkeys(METHODS, 2), "a second thread worked in some of the walks of each"
    return dict(hashes)


@two_processors
def test_any_instruction_set_gives_the_same_bits() -> None:
    there = features_of_the_processor()
    levels = [name for name, needs in (("avx2", "avx2"), ("avx512", "avx512f")) if needs in there]
    if not levels:
        pytest.skip("this processor has no avx2, or does not say so at /proc/cpuinfo")
    baseline = at_level("baseline")
    for level in levels:
        hashes = at_level(level)
        differ = [name for name, found in hashes.items() if found != baseline[name]]
        print(f"{len(hashes)} walks at {level} and at baseline, {len(differ)} differ")
        assert hashes.keys() == baseline.keys()
        assert not differ
    assert sum("seed" in name for name in baseline) == 5 * len(FORMS) * len(METHODS)
    # The hash sees what there is to see: all differ, but for the two layouts of the same numbers.
    assert all(found == baseline[name.replace(" F ", " C ")] for name, found in baseline.items())
    assert len(set(baseline.values())) == len(baseline) // 2
