"""Settings that every Python test shares."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from hypothesis import settings

# No window opens, on a machine with a screen either. Set here and not by MPLBACKEND, which the
# kernels of notebooks would inherit.
matplotlib.use("agg")

# Who is started in the background of a shell inherits that the stop button is ignored: a test that
# presses it would then walk until the memory is full.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The first call of a compiled function or an import takes long: deadlines would fail by chance.
settings.register_profile("local", deadline=None)
# In CI the examples are the same every time: a failure is then one of the change at hand.
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


class Terminal(io.StringIO):
    """A terminal, to be put into the place of a standard stream."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def no_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever imports tqdm finds that it is not installed, and is told so for the first time."""
    for name in ("tqdm", "tqdm.auto", "tqdm.std"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("gradwalk.progress.meter._has_advised", False)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    """An IPython kernel of this very interpreter, and a client of it."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import KernelManager

    folder = tmp_path_factory.mktemp("kernels")
    argv = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "this interpreter", "language": "python"}
    (folder / "this").mkdir()
    (folder / "this" / "kernel.json").write_text(json.dumps(spec))
    specs = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
    manager = KernelManager(kernel_name="this", kernel_spec_manager=specs)
    manager.start_kernel(cwd=str(Path(folder)))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
