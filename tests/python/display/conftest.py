"""Where a bar or a curve is shown, and the clock it goes by."""

import io
import sys
import types

import pytest

from gradwalk.progress import meter
from watched_fits import Bar, Notebook


@pytest.fixture
def stream():
    """A file in the place of the standard streams."""
    return io.StringIO()


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes when it is told to."""
    now = types.SimpleNamespace(time=0.0)
    monkeypatch.setattr(meter, "clock", lambda: now.time)
    return now


@pytest.fixture
def notebook(monkeypatch):
    book = Notebook()
    shell = type("ZMQInteractiveShell", (), {"config": {}})()
    package = types.ModuleType("IPython")
    package.version_info = (9, 0)
    package.get_ipython = lambda: shell
    package.display = types.ModuleType("IPython.display")
    package.display.display = book.display
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", package.display)
    return book


@pytest.fixture
def bars(monkeypatch):
    package, auto = types.ModuleType("tqdm"), types.ModuleType("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", package)
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    monkeypatch.setattr(Bar, "made", [])
    return Bar.made
