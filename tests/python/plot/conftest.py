"""What every test of a picture leaves behind: no figure, and English."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from drawn import regression, three_walks
from gradwalk.language import fonts
from gradwalk.plot._data import section


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    gw.set_language("en")
    plt.close("all")


@pytest.fixture(scope="session")
def data() -> tuple[np.ndarray, np.ndarray]:
    return regression()


@pytest.fixture(scope="session")
def walks() -> dict[str, gw.GradientDescent]:
    """One of each method."""
    return three_walks()


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Korean is set, and DejaVu Sans stands in for a Hangul font; it lacks the glyphs."""
    monkeypatch.setattr(fonts, "hangul_family", lambda: "DejaVu Sans")
    gw.set_language("ko")


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps are as coarse as those of much data: for tests that look at no height of them."""
    monkeypatch.setattr(section, "_GRID_ROWS", 0.0)
