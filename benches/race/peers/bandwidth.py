"""How fast this machine reads an array: the limit of everything that reads X once an epoch.

Several readers are tried, and the fastest counts: BLAS and NumPy in a thread for each core, and
loops of numba, without and with prefetching. A reader that is slower than the machine would make
its limit look lower, and us look better.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from peers import Forms

# What a thread's share is cut into: a call for each, so that no thread waits long for another.
PIECE = 1 << 17
LINE = 64


def forms(work: Any, X: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> Forms:
    """Give the readers."""
    flat = X.reshape(-1)
    n_threads = options.get("n_threads") or len(os.sched_getaffinity(0))
    pool = ThreadPoolExecutor(n_threads)
    shares = np.array_split(flat, n_threads)

    def in_threads(read: Callable[[np.ndarray], object]) -> Callable[[int, int], np.ndarray]:
        def share(part: np.ndarray) -> None:
            for start in range(0, len(part), PIECE):
                read(part[start : start + PIECE])

        def run(epochs: int, seed: int) -> np.ndarray:
            with threadpool_limits(1):
                for _ in range(epochs):
                    list(pool.map(share, shares))
            return np.zeros(0)

        return run

    readers = {"np.dot": in_threads(lambda x: np.dot(x, x)), "np.max": in_threads(np.max)}
    try:
        compiled = compile_reader()
    except ImportError:
        return readers

    for lines in (0, 16, 64):
        for step, words in ((1, ""), (8, ", 8 streams")):

            def read_share(part: np.ndarray, lines: int = lines, step: int = step) -> float:
                return compiled(part, lines * LINE // part.itemsize, step)

            def run(epochs: int, seed: int, read_share: Any = read_share) -> np.ndarray:
                for _ in range(epochs):
                    list(pool.map(read_share, shares))
                return np.zeros(0)

            readers[f"numba, prefetching {lines} lines ahead{words}"] = run
    return readers


def compile_reader() -> Callable[[np.ndarray, int, int], float]:
    """Compile a sum that reads every number of a cache line, and prefetches another line."""
    from llvmlite import ir
    from numba import njit
    from numba.core import types
    from numba.extending import intrinsic

    @intrinsic
    def prefetch(typing_context, array, index):
        def generate(context, builder, signature, arguments):
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
            number = ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
            function = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
            # For reading; kept in all caches; data.
            builder.call(function, [place, number(0), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(array, types.intp), generate

    @njit(fastmath=True, nogil=True)
    def read(part, ahead, streams):
        size = LINE // part.itemsize * 4
        rows = part.size // size // streams * streams
        share = rows // streams
        last = part.size - 1
        total = part.dtype.type(0)
        for k in range(share):
            for stream in range(streams):
                start = (stream * share + k) * size
                if ahead:
                    for line in range(4):
                        prefetch(part, min(start + ahead + line * (size // 4), last))
                block = part[start : start + size]
                sum0 = part.dtype.type(0)
                for j in range(size):
                    sum0 += block[j]
                total += sum0
        for j in range(rows * size, part.size):
            total += part[j]
        return total

    return read
