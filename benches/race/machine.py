"""What the race was run on: without it no figure means anything."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

PACKAGES = ("gradwalk", "numpy", "numba", "scikit-learn", "torch", "jax", "jaxlib", "scipy")


def describe() -> dict[str, Any]:
    """Tell processor, caches, versions, and how busy the machine is."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "caches": caches(),
        "huge_pages": read("/sys/kernel/mm/transparent_hugepage/enabled"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": versions,
        "load": load(),
    }


def load() -> float:
    """Tell how many processes wanted to run, on average over the last minute."""
    return round(os.getloadavg()[0], 2)


def read(path: str) -> str:
    """Read a small file, if there is one."""
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def processor() -> str:
    """Name the processor."""
    for line in read("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def caches() -> dict[str, str]:
    """Tell the caches of the first core."""
    folders = sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"))
    return {
        f"L{read(f'{folder}/level')} {read(f'{folder}/type')}": read(f"{folder}/size")
        for folder in folders
    }


def core_seconds() -> float:
    """Give the seconds that all cores together have computed, for whatever process (Linux)."""
    words = read("/proc/stat").partition("\n")[0].split()[1:9]
    if len(words) < 8:
        return 0.0
    user, nice, system, _idle, _waiting, hard, soft, stolen = map(int, words)
    return (user + nice + system + hard + soft + stolen) / os.sysconf("SC_CLK_TCK")
