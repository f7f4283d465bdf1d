"""The pictures of the gallery, held against baseline images.

After a change of a picture that is meant: look at the new one, then draw the baselines anew with

    make test-python PYTEST_ARGS="-k test_picture --mpl-generate-path=tests/python/plot/baseline"

Texts and legends are left out, and the panels stand where they stand without them: another version
of freetype sets letters a little differently, and would move everything by a pixel. What is left is
what was drawn: lines, marks, colours, panels.
"""

from __future__ import annotations

import importlib.util

import pytest
from matplotlib.legend import Legend
from matplotlib.text import Annotation, Text

from gradwalk import plot
from paths import ROOT

GALLERY = ROOT / "docs" / "gallery"
# Pictures of seconds are different every time.
CLOCKED = ("loss_vs_time", "batch_size_sweep", "method_comparison")
# Root of the mean square difference, of 255: a line that is missing or has another colour makes 3
# and more, other hinting of the letters 0.6 at the most.
TOLERANCE = 2.5


def load(name):
    spec = importlib.util.spec_from_file_location(name, GALLERY / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def without_words(figure):
    figure.set_layout_engine("none")
    for words in (*figure.findobj(Legend), *figure.findobj(Text)):
        # An arrow with an empty text is still an arrow.
        if isinstance(words, Annotation):
            words.set_text("")
        else:
            words.set_visible(False)
    return figure


recipes = load("recipes")
PICTURED = [name for name in recipes.helpers() if name not in (*CLOCKED, "animate")]


@pytest.mark.parametrize("name", PICTURED)
@pytest.mark.mpl_image_compare(
    style="default",
    backend="agg",
    remove_text=True,
    tolerance=TOLERANCE,
    savefig_kwargs={"dpi": 50},
)
def test_picture(name):
    return without_words(recipes.axes_of(getattr(recipes, name)()).figure)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_helper_has_its_pictures_on_the_page(language):
    page = (GALLERY / "README.md").read_text(encoding="utf-8")
    for name in recipes.helpers():
        kind = "gif" if name == "animate" else "png"
        picture = GALLERY / language / f"{name}.{kind}"
        assert picture.stat().st_size < 100_000
        assert f'src="{language}/{name}.{kind}"' in page
        assert f"## {name}\n" in page


def test_a_helper_without_a_picture_is_found(monkeypatch):
    monkeypatch.setattr(plot, "new_helper", lambda: None, raising=False)
    monkeypatch.setattr(plot, "__all__", [*plot.__all__, "new_helper"])
    with pytest.raises(LookupError, match="no picture of new_helper: write a function"):
        recipes.helpers()
