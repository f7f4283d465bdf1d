"""The lessons: the same code in both languages, no outputs, cells that keep their names.

``make test`` also executes them (pytest --nbmake).
"""

from __future__ import annotations

import json
import re

import pytest

from paths import ROOT

NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(path.name for path in (NOTEBOOKS / "en").glob("*.ipynb"))


def read(language, lesson):
    return json.loads((NOTEBOOKS / language / lesson).read_text(encoding="utf-8"))


def source(cell):
    return "".join(cell["source"])


def test_both_languages_have_the_same_lessons():
    assert "01_three_methods.ipynb" in LESSONS
    assert sorted(path.name for path in (NOTEBOOKS / "ko").glob("*.ipynb")) == LESSONS


@pytest.mark.parametrize("lesson", LESSONS)
def test_code_cells_are_the_same_byte_for_byte(lesson):
    english, korean = (read(language, lesson)["cells"] for language in ("en", "ko"))
    assert [cell["cell_type"] for cell in english] == [cell["cell_type"] for cell in korean]
    for ours, theirs in zip(english, korean, strict=True):
        if ours["cell_type"] == "code":
            assert source(ours) == source(theirs)
            assert source(ours).strip()
    assert sum(cell["cell_type"] == "code" for cell in english) >= 5


@pytest.mark.parametrize("lesson", LESSONS)
def test_cells_have_the_same_lasting_names(lesson):
    """A name says what the cell is for; the random ones that editors make up would differ."""
    english, korean = (
        [cell["id"] for cell in read(language, lesson)["cells"]] for language in ("en", "ko")
    )
    assert english == korean
    assert len(set(english)) == len(english)
    for name in english:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_outputs_are_stripped(lesson, language):
    notebook = read(language, lesson)
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("lesson", LESSONS)
def test_prose_is_in_its_language(lesson):
    for language, expected in (("en", False), ("ko", True)):
        for cell in read(language, lesson)["cells"]:
            if cell["cell_type"] == "markdown":
                hangul = re.search("[가-힣]", source(cell)) is not None
                assert hangul == expected, source(cell)[:80]


@pytest.mark.parametrize("lesson", LESSONS)
def test_both_languages_tell_the_same_formulas_and_figures(lesson):
    """Displayed formulas agree, and so do the headings and the names in `code`."""

    def facts(language):
        text = "\n".join(
            source(cell)
            for cell in read(language, lesson)["cells"]
            if cell["cell_type"] == "markdown"
        )
        return {
            "formulas": re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL),
            "headings": re.findall(r"^(#+ (?:\d+)?)", text, re.MULTILINE),
            "names": sorted(set(re.findall(r"`([^`]+)`", text))),
        }

    assert facts("en") == facts("ko")
