"""What every test of a picture leaves behind: no figure, and English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from matplotlib import pyplot as plt

import gradwalk as gw


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    gw.set_language("en")
    plt.close("all")
