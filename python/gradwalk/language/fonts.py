"""The language of pictures: English, or Korean where an installed font can show it."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable

from .chosen import chosen_language

#: Families that can write Hangul, the usual one of each system first.
HANGUL_FAMILIES = (
    "NanumGothic",
    "Nanum Gothic",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "NanumBarunGothic",
    "NanumSquare",
    "Noto Sans CJK JP",
    "Source Han Sans KR",
    "Baekmuk Gulim",
    "UnDotum",
)


def shown_language() -> str:
    """Return the chosen language, or English where no installed font can write Korean."""
    language = chosen_language()
    return "en" if language == "ko" and hangul_family() is None else language


def families() -> list[str] | None:
    """Font families for a text with Hangul; None where no installed font can write it.

    The second family fills in for what a Hangul font may lack (the true minus sign, θ, η), so
    ``axes.unicode_minus`` can keep whatever value the reader has given it.
    """
    family = hangul_family()
    return None if family is None else [family, "DejaVu Sans"]


def has_hangul(text: str) -> bool:
    """Whether `text` has a Hangul syllable."""
    return any("가" <= character <= "힣" for character in text)


@functools.cache
def hangul_family() -> str | None:
    """Find an installed font family with Hangul; None, with one warning, if there is none."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    family = _first_known(known)
    if family is None:
        # Matplotlib remembers the fonts of the day it first looked, and misses later ones.
        for path in font_manager.findSystemFonts():
            if "gothic" in path.lower() or "sans" in path.lower() or "nanum" in path.lower():
                try:
                    font_manager.fontManager.addfont(path)
                except (OSError, RuntimeError):
                    continue  # a file that only looks like a font is no reason to draw nothing
        family = _first_known({font.name for font in font_manager.fontManager.ttflist})
    if family is None:
        warnings.warn(
            "no font with Hangul was found, so the pictures are labelled in English. Install one, "
            "for example NanumGothic (Debian and Ubuntu: the package fonts-nanum), then start "
            "Python again",
            UserWarning,
            stacklevel=2,
        )
    return family


def _first_known(known: Iterable[str]) -> str | None:
    known = set(known)
    return next((family for family in HANGUL_FAMILIES if family in known), None)
