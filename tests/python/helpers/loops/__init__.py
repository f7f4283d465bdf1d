"""Students' loops, right and wrong, each with the diagnosis that is due to it."""

from loops import (  # noqa: F401 - each enters its loops into the lists below
    conventions,
    held_out,
    hostile,
    published,
    right,
    right_more,
    two_mistakes,
    wrong_classes,
    wrong_draws,
    wrong_full_batch,
    wrong_mini_batch,
    wrong_state,
    wrong_stochastic,
)
from loops.loop import (
    CONVENTIONS,
    HOSTILE,
    PUBLISHED_AFTER,
    PUBLISHED_BEFORE,
    RIGHT,
    TWO_MISTAKES,
    WRONG,
    Data,
    Loop,
)

__all__ = [
    "CONVENTIONS",
    "HOSTILE",
    "PUBLISHED_AFTER",
    "PUBLISHED_BEFORE",
    "RIGHT",
    "TWO_MISTAKES",
    "WRONG",
    "Data",
    "Loop",
]
