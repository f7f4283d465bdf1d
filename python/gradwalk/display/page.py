"""Pieces of HTML: escaped text, tables, a card around them.

A piece is of the type `Markup`, made here alone, so that text which was not escaped cannot get
into a page unnoticed by the type checker.
"""

from __future__ import annotations

import html
import math
import types
from collections.abc import Iterable
from typing import NewType

from gradwalk._text import rounded
from gradwalk.language import chosen_language
from gradwalk.language.cards import word

from .style import STYLE, chosen_theme

Markup = NewType("Markup", str)

#: Longest text of a name, or of a value.
LONGEST = 160

NOTHING = Markup("")


def text(value: object, longest: int = LONGEST) -> Markup:
    """`value` as text that no page can take for markup, cut in the middle if it is very long."""
    written = str(value)
    if len(written) > longest:
        half = longest // 2
        written = f"{written[:half]} … {written[-half:]}"
    # Control characters, and halves of surrogate pairs, which no file can hold.
    written = "".join(mark if mark.isprintable() or mark == "\u00a0" else " " for mark in written)
    return Markup(html.escape(written))


def shown(value: object) -> str:
    """`value` as `repr` writes it, whatever that does; of a function its name."""
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType):
        return value.__qualname__
    try:
        return repr(value)
    except Exception as error:  # a repr of somebody else's, which need not work
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def figure(value: float) -> str:
    """Four digits of a number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return rounded(value).replace("-", "−")


def whole(value: int) -> str:
    """Write 1000000 as 1,000,000."""
    return f"{value:,}"


def duration(seconds: float) -> str:
    """Seconds as one would say them."""
    if seconds < 0.9995:
        return word("milliseconds", number=f"{1000 * seconds:.3g}")
    if seconds < 99.95:
        return word("seconds", number=f"{seconds:.3g}")
    minutes, rest = divmod(round(seconds), 60)
    return word("minutes", minutes=whole(minutes), seconds=rest)


def join(pieces: Iterable[Markup]) -> Markup:
    """One piece of several."""
    return Markup("".join(pieces))


def code(value: object) -> Markup:
    """`value` as a line of code shows it."""
    return Markup(f"<code>{text(value)}</code>")


def paragraph(content: Markup) -> Markup:
    """Write a paragraph."""
    return Markup(f"<p>{content}</p>")


def lines(value: str) -> Markup:
    """Write text of several lines."""
    return Markup("<br>".join(text(line, 1000) for line in value.split("\n")))


def badge(label: str, kind: str) -> Markup:
    """Put a word on a tint; `kind` is a class of the sheet, without its prefix."""
    return Markup(f'<span class="gradwalk-badge gradwalk-{kind}">{text(label)}</span>')


def facts(
    name: str,
    rows: Iterable[tuple[str, Markup]],
    *,
    is_headed: bool = True,
    marked: frozenset[str] = frozenset(),
    is_text: bool = False,
) -> Markup:
    """Make a table of names and values, one row each; those in `marked` are set off."""
    kind = ' class="gradwalk-text"' if is_text else ""
    lines = []
    for key, value in rows:
        mark = ' class="gradwalk-set"' if key in marked else ""
        head = f'<th scope="row">{text(key, 48)}</th>'
        lines.append(f"<tr{mark}>{head}<td{kind}>{value}</td></tr>")
    return _table(name, f"<tbody>{''.join(lines)}</tbody>", is_headed=is_headed)


def grid(
    name: str,
    heads: Iterable[str],
    rows: Iterable[tuple[str, Iterable[Markup]]],
    *,
    is_headed: bool = True,
    marked: int | None = None,
) -> Markup:
    """Make a table whose columns have names, too; the first of `heads` is that of the rows'.

    The row of the number `marked` is set off.
    """
    columns = "".join(f'<th scope="col">{text(head, 48)}</th>' for head in heads)
    lines = []
    for place, (key, cells) in enumerate(rows):
        mark = ' class="gradwalk-set"' if place == marked else ""
        values = "".join(f"<td>{cell}</td>" for cell in cells)
        lines.append(f'<tr{mark}><th scope="row">{text(key, 48)}</th>{values}</tr>')
    content = f"<thead><tr>{columns}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return Markup(f'<div class="gradwalk-wide">{_table(name, content, is_headed=is_headed)}</div>')


def _table(name: str, content: str, *, is_headed: bool) -> Markup:
    """Put `name` above a table; or, where a heading says it already, let it only be read out."""
    label, caption = f' aria-label="{text(name)}"', ""
    if is_headed:
        label, caption = "", f"<caption>{text(name)}</caption>"
    return Markup(f'<table class="gradwalk-table"{label}>{caption}{content}</table>')


def fold(summary: Markup, content: Markup, *, is_open: bool = False) -> Markup:
    """Something that is shown when its summary is clicked, without a script."""
    state = " open" if is_open else ""
    return Markup(f"<details{state}><summary>{summary}</summary>{content}</details>")


def side_by_side(*pieces: Markup) -> Markup:
    """Pieces in a row, or below each other where a page is narrow."""
    return Markup(f'<div class="gradwalk-body">{join(pieces)}</div>')


def dim(value: object) -> Markup:
    """Text in grey."""
    return Markup(f'<span class="gradwalk-dim">{text(value)}</span>')


def card(label: str, name: str, *pieces: Markup, mark: Markup = NOTHING) -> str:
    """Draw a frame around `pieces`, headed by `name` and a badge; `label` is what is read out."""
    return (
        f'<div class="gradwalk-card gradwalk-theme-{chosen_theme()}" role="group" '
        f'lang="{chosen_language()}" aria-label="{text(label)}"><style>{STYLE}</style>'
        f'<div class="gradwalk-head"><span class="gradwalk-name">{text(name)}</span> {mark}</div>'
        f"{join(pieces)}</div>"
    )
