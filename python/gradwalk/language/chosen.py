"""The language that is set."""

from __future__ import annotations

LANGUAGES = ("en", "ko")

_language = "en"


def set_language(language: str) -> None:
    """Choose the language of pictures, of cards in notebooks and of verdicts.

    Korean in pictures needs a font with Hangul. The helpers look for one on this system; without
    one they warn once and write English, so a picture never shows empty boxes.

    Parameters
    ----------
    language : {"en", "ko"}
        English (the default) or Korean.

    Raises
    ------
    ValueError
        If `language` is neither.

    Examples
    --------
    >>> import gradwalk as gw
    >>> gw.set_language("ko")
    >>> gw.set_language("en")
    """
    global _language
    if language not in LANGUAGES:
        raise ValueError(f'language must be "en" or "ko", got {language!r}')
    _language = language


def chosen_language() -> str:
    """Return the language that was asked for, whether or not Matplotlib has a font for it."""
    return _language
