"""Cells of notebooks with a training loop and no function around it."""

from cells import held_out, held_out_more, kinds, labels, linear, mistaken, stochastic  # noqa: F401 - each enters its cells
from cells.cell import BARE, HELD_OUT, Cell

__all__ = ["BARE", "HELD_OUT", "Cell"]
