"""What every test of a picture leaves behind: no figure, and English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk.plot._data import section


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    gw.set_language("en")
    plt.close("all")


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps are as coarse as those of much data: for tests that look at no height of them."""
    monkeypatch.setattr(section, "_GRID_ROWS", 0.0)
