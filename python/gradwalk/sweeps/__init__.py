"""The same walk at many settings, side by side: ``gradwalk.sweep``."""

from .grid import sweep
from .table import Sweep, SweepRun

__all__ = ["Sweep", "SweepRun", "sweep"]
