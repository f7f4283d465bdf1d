"""What a display is told of a walk."""

from __future__ import annotations

from typing import NamedTuple


class Standing(NamedTuple):
    """Where a walk stands.

    Losses are NaN where there is none yet.
    """

    epoch: int
    """The epoch under way, from 1; between two epochs the last one."""
    epochs: int
    """The epoch that is to be the last."""
    rows: int
    """Rows visited by this call of `fit`, each as often as it was."""
    all_rows: int
    """The same at the end, if nothing stops the walk before."""
    loss: float
    """Of the last epoch, as in ``history_.loss``; within the first the mean up to now."""
    validation_loss: float
    """Of the last epoch, on the validation data."""
    learning_rate: float
    """η of the last update; 0 before the first."""


class Display:
    """What is told of a walk while it goes; a base for displays of your own.

    Both methods run in the thread that fits, between two pieces of the walk. The model may be
    asked for what it knows. An exception ends the display, not the walk; KeyboardInterrupt ends
    the walk, too.
    """

    def show(self, standing: Standing) -> None:
        """Show where the walk stands: at its start, and then about every 100 ms."""

    def close(self, standing: Standing) -> None:
        """Show how the walk ended, for whatever reason; nothing is shown after that."""
