"""Cells of notebooks with a training loop and no function around it."""

from cells import (  # noqa: F401 - each enters its cells
    held_out,
    held_out_last,
    held_out_more,
    held_out_plain,
    kinds,
    kinds_of_rows,
    labels,
    linear,
    linear_more,
    mistaken,
    stochastic,
)
from cells.cell import BARE, HELD_OUT, Cell

__all__ = ["BARE", "HELD_OUT", "Cell"]
