"""Cards of HTML, by which notebooks show models, records, verdicts and results.

A card is static: a sheet of styles that concerns nothing but the card, tables, and the loss as a
small SVG curve. There is no script, so an exported notebook shows the same. The classes call these
functions from ``_repr_html_``; the language is that of ``set_language``.
"""

from .cards import (
    gradient_report,
    history,
    loop_report,
    model,
    result,
    schedule_table,
    sweep,
    verdict,
)

__all__ = [
    "gradient_report",
    "history",
    "loop_report",
    "model",
    "result",
    "schedule_table",
    "sweep",
    "verdict",
]
