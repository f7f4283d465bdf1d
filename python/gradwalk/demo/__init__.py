"""``python -m gradwalk demo``: the three methods on real data, in two tables and two pictures."""

from .run import run

__all__ = ["run"]
