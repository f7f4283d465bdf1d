"""How the time of an epoch grows with rows, features, batch size and threads.

It should grow as n · d, without cliffs, at the pace of memory: the limits that are drawn in are one
read of X at the bandwidth that is measured in the same run, and its four operations a number at the
peak that is measured by a product of matrices.

    python benches/race/scaling.py --quick
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import machine
import numpy as np
from peers import bandwidth

import gradwalk as gw

RESULTS = Path(__file__).parent.parent / "results"
# A multiplication and an addition for the score, and the same for the gradient.
OPERATIONS = 4
TYPES = ("float64", "float32")
GB = 1e9


def main() -> None:
    """Measure all series, draw them, and write them down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small data: to find mistakes")
    parser.add_argument("--rounds", type=int, help="runs of each point (5; with --quick 3)")
    parser.add_argument("--gigabytes", type=float, default=6.0, help="memory that may be used")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for what is written")
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 5)
    # What a series holds constant, in numbers of X.
    total = 2_000_000 if options.quick else 50_000_000
    most = min(options.gigabytes, 0.2 if options.quick else options.gigabytes) * GB
    threads = [1] if len(os.sched_getaffinity(0)) == 1 else [1, len(os.sched_getaffinity(0))]

    about = machine.describe()
    print(f"{about['processor']}, {about['cores']} cores, load {about['load']}")
    limits = measure_limits(threads, total)
    for limit in limits:
        print(
            f"{limit['threads']} threads, {limit['dtype']}: "
            f"reads {limit['bandwidth'] / GB:.1f} GB/s ({limit['reader']}), "
            f"computes {limit['peak'] / GB:.0f} Gflop/s"
        )
    points = []
    for point in measure_points(threads, total, most, rounds):
        points.append(point)
        print(
            "{series:9} {dtype} n={n:<9,} d={d:<6,} batch={batch_size:<9,} threads={threads}: "
            "{words}".format(**point, words=f"{point['seconds'] * 1e3:10.4f} ms an epoch"),
            flush=True,
        )
    options.out.mkdir(parents=True, exist_ok=True)
    about |= {"rounds": rounds, "quick": options.quick, "load_at_the_end": machine.load()}
    everything = {"machine": about, "limits": limits, "points": points}
    text = json.dumps(everything, indent=1, ensure_ascii=False)
    (options.out / "scaling.json").write_text(text + "\n", encoding="utf-8")
    draw(everything, options.out / "scaling.png")


def best(times: int, run: Callable[[], object]) -> float:
    """Give the shortest of some runs."""
    return min(seconds(run) for _ in range(times))


def seconds(run: Callable[[], object]) -> float:
    """Time one run."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def measure_limits(threads: list[int], total: int) -> list[dict[str, Any]]:
    """Find how fast memory is read, and how fast numbers are multiplied and added."""
    from threadpoolctl import threadpool_limits

    limits = []
    for dtype in TYPES:
        X = np.ones(total, dtype)
        A = np.ones((1_500, 1_500), dtype)
        for count in threads:
            readers = bandwidth.forms(SimpleNamespace(), X, X, {"n_threads": count})
            times = {name: best(10, lambda run=run: run(1, 0)) for name, run in readers.items()}
            reader = min(times, key=times.__getitem__)
            with threadpool_limits(count):
                product = best(10, lambda A=A: A @ A)
            limits.append(
                {
                    "dtype": dtype,
                    "threads": count,
                    "bandwidth": X.nbytes / times[reader],
                    "reader": reader,
                    "peak": 2 * len(A) ** 3 / product,
                }
            )
    return limits


def measure_points(
    threads: list[int], total: int, most: float, rounds: int
) -> Iterator[dict[str, Any]]:
    """Walk through sizes; the same data are shared by as many points as can be."""
    d = 50
    sizes = [10**exponent for exponent in range(3, 8) if 10**exponent * (d + 1) * 8 < most]
    for dtype in TYPES:
        for n in sizes:
            yield from measure("rows", n, d, [n], dtype, threads, rounds)
        for width in (2, 3, 5, 8, 10, 16, 17, 32, 50, 100, 300, 1_000, 3_000, 10_000):
            n = total // width
            yield from measure("features", n, width, [n], dtype, threads, rounds)
        n = total // 100
        batches = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096, 16_384, 65_536]
        batches = [size for size in batches if size < n] + [n]
        yield from measure("batch", n, 100, batches, dtype, threads, rounds)


def measure(
    series: str,
    n: int,
    d: int,
    batches: list[int],
    dtype: str,
    threads: list[int],
    rounds: int,
) -> Iterator[dict[str, Any]]:
    """Time epochs over one X, with points that take turns."""
    gc.collect()
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d), dtype=dtype)
    y = X[:, 0] + rng.standard_normal(n, dtype=dtype)
    # Small enough for a single row of d normal numbers, and so for any batch.
    rate = 0.2 / (d + 10)
    runs = {}
    for batch_size in batches:
        for count in threads:

            def fit(epochs: int, batch_size: int = batch_size, count: int = count) -> None:
                gw.MiniBatchGD(
                    "mse",
                    learning_rate=rate,
                    batch_size=batch_size,
                    epochs=epochs,
                    random_state=0,
                    n_threads=count,
                    # A full batch is BatchGD: no order is drawn.
                    sampling="sequential" if batch_size == n else "shuffle",
                ).fit(X, y)

            fit(1)
            # Long enough to be timed: a tenth of a second.
            epochs = max(1, min(10_000, round(0.1 / max(1e-6, seconds(lambda fit=fit: fit(1))))))
            runs[batch_size, count] = fit, epochs, []
    for _ in range(rounds):
        for fit, epochs, times in runs.values():
            times.append(seconds(lambda fit=fit, epochs=epochs: fit(epochs)) / epochs)
    for (batch_size, count), (_, _, times) in runs.items():
        yield {
            "series": series,
            "dtype": dtype,
            "n": n,
            "d": d,
            "batch_size": batch_size,
            "threads": count,
            "seconds": statistics.median(times),
            "all_seconds": times,
        }


# What each series has along its axis.
SERIES = {
    "rows": ("n", "rows n, with d = {d} features, full batch"),
    "features": ("d", "features d, with n · d = {total:,}, full batch"),
    "batch": ("batch_size", "batch size, with n = {n:,}, d = {d}"),
}
# Dark and light of Okabe and Ito; types differ by line and marker too.
COLOURS = ("#0072B2", "#E69F00")
LINES = {"float64": ("-", "o"), "float32": ("--", "s")}


def draw(everything: dict[str, Any], path: Path) -> None:
    """Draw a panel for each series: nanoseconds for each number of X, with the limits."""
    try:
        import matplotlib as mpl
    except ImportError:
        print("No picture: matplotlib is not installed.")
        return
    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, 3, figsize=(13, 5), layout="constrained", sharey=True)
    for axes, (series, (along, label)) in zip(panels, SERIES.items(), strict=True):
        points = [point for point in everything["points"] if point["series"] == series]
        draw_series(axes, points, along, everything["limits"])
        first = points[0]
        axes.set_xlabel(label.format(total=first["n"] * first["d"], **first))
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("nanoseconds an epoch, for each number of X")
    about = everything["machine"]
    quick = "; small data: for finding mistakes alone" if about["quick"] else ""
    figure.suptitle(f"mse, {about['processor']}, {about['cores']} cores{quick}", fontsize=10)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def draw_series(
    axes: Any, points: list[dict[str, Any]], along: str, limits: list[dict[str, Any]]
) -> None:
    """Draw the lines of one panel, and under them what the machine allows."""
    counts = sorted({point["threads"] for point in points})
    for limit in limits:
        size = np.dtype(limit["dtype"]).itemsize
        line, marker = LINES[limit["dtype"]]
        colour = COLOURS[counts.index(limit["threads"])]
        who = f"{limit['dtype']}, {limit['threads']} thread{'s' * (limit['threads'] > 1)}"
        chosen = [
            point
            for point in points
            if (point["dtype"], point["threads"]) == (limit["dtype"], limit["threads"])
        ]
        axes.plot(
            [point[along] for point in chosen],
            [point["seconds"] / (point["n"] * point["d"]) * 1e9 for point in chosen],
            line,
            marker=marker,
            markersize=4,
            color=colour,
            label=who,
        )
        ends = [min(point[along] for point in chosen), max(point[along] for point in chosen)]
        axes.plot(
            ends,
            [size / limit["bandwidth"] * 1e9] * 2,
            line,
            color=colour,
            linewidth=4,
            alpha=0.35,
            label=f"one read of X: {who}",
        )
        axes.plot(
            ends,
            [OPERATIONS / limit["peak"] * 1e9] * 2,
            ":" if limit["dtype"] == "float64" else "-.",
            color=colour,
            linewidth=1,
            label=f"arithmetic at its peak: {who}",
        )


if __name__ == "__main__":
    main()
