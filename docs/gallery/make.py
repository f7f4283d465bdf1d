"""Draw every helper of gradwalk.plot in both languages, and write the page that shows them.

Run it with ``make gallery``, or: python docs/gallery/make.py [helper ...]
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

import recipes
from matplotlib import pyplot as plt
from PIL import Image

from gradwalk import plot
from gradwalk.language.fonts import shown_language

HERE = Path(__file__).parent
LANGUAGES = ("en", "ko")
# Pixels an inch, and colours in a picture: enough for lines and letters, and small files.
DPI, COLORS = 80, 128


def draw(name: str, language: str) -> Path:
    """Draw one helper in one language; return where the picture is."""
    plot.set_language(language)
    if shown_language() != language:
        raise SystemExit("the Korean pictures need a font with Hangul, such as NanumGothic")
    folder = HERE / language
    folder.mkdir(exist_ok=True)
    drawn: Any = getattr(recipes, name)()
    if isinstance(drawn, plot.WalkAnimation):
        path = folder / f"{name}.gif"
        drawn.save(path, dpi=60)
    else:
        path = folder / f"{name}.png"
        buffer = io.BytesIO()
        recipes.axes_of(drawn).figure.savefig(buffer, dpi=DPI)
        with Image.open(buffer) as picture:
            palette = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        palette.save(path, optimize=True)
    plt.close("all")
    return path


def page(names: list[str]) -> str:
    """Write the page: a heading, a sentence and the two pictures of each helper."""
    lines = [
        "# Gallery",
        "",
        'Every helper of `gradwalk.plot`, in English and in Korean (`gw.set_language("ko")`). '
        "The calls are in [recipes.py](recipes.py); `make gallery` draws all of it anew.",
    ]
    for name in names:
        caption = str(getattr(recipes, name).__doc__).strip()
        kind = "gif" if (HERE / "en" / f"{name}.gif").exists() else "png"
        pictures = [
            f'<img src="{language}/{name}.{kind}" width="49%" alt="{name}, {language}">'
            for language in LANGUAGES
        ]
        lines += ["", f"## {name}", "", caption, "", " ".join(pictures)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Draw the helpers that are named, or all of them and the page."""
    names = recipes.helpers()
    chosen = sys.argv[1:] or names
    for name in chosen:
        for language in LANGUAGES:
            path = draw(name, language)
            print(f"{path.relative_to(HERE)}: {path.stat().st_size / 1000:.0f} kB")
    if chosen == names:
        (HERE / "README.md").write_text(page(names), encoding="utf-8")


if __name__ == "__main__":
    main()
