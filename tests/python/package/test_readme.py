"""The README's code runs, and prints what the README says that it prints."""

from __future__ import annotations

import contextlib
import io
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt

from paths import ROOT

README = ROOT / "README.md"
NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e[+-]?\d+)?")


def blocks():
    """Each Python block of the page, with the output shown under it (or None)."""
    found = re.findall(
        r"^```(\w*)\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    for i, (language, text) in enumerate(found):
        if language == "python":
            follows = found[i + 1] if i + 1 < len(found) else ("", "")
            yield text, follows[1] if follows[0] == "text" else None


def test_code_prints_the_digits_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    compared = 0
    for code, expected in blocks():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "README.md", "exec"), names)
        if expected is None:
            continue
        got, want = printed.getvalue().split(), expected.split()
        assert NUMBER.sub("#", " ".join(got)) == NUMBER.sub("#", " ".join(want))
        for ours, shown in zip(
            NUMBER.findall(" ".join(got)), NUMBER.findall(" ".join(want)), strict=True
        ):
            # Another processor may round the last digit shown the other way.
            assert float(ours) == pytest.approx(float(shown), rel=1e-6)
            compared += 1
    plt.close("all")
    assert compared >= 8
    assert (tmp_path / "paths.png").stat().st_size > 10_000


def test_before_and_after_print_the_same_digits():
    """The NumPy loop and gradwalk: two outputs, the same text."""
    outputs = [expected for _, expected in blocks() if expected is not None]
    assert outputs[0].split("\n")[0] == outputs[1].split("\n")[0]


def test_links_and_pictures_are_there():
    text = README.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    assert "docs/images/three_paths.png" in targets
    for target in targets:
        if not target.startswith("http"):
            assert (README.parent / target).exists(), target
    assert (README.parent / "docs/images/three_paths.png").stat().st_size < 150_000


def test_promised_numbers_are_the_tested_ones():
    from gradwalk.demo.real_data import PROMISES

    text = README.read_text(encoding="utf-8")
    for least in {promise.least for promise in PROMISES} - {None}:
        assert f"{least}" in text
    assert np.isclose(0.005, next(p.within for p in PROMISES if p.least is None))
    assert "0.005" in text
