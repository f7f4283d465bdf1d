"""Is it right? What a student wrote by hand, checked, and the mistake named."""

from .gradient import GradientReport, check_gradient
from .loop import check_loop
from .loop_report import FirstDifference, LoopReport
from .report import Diagnosis

__all__ = [
    "Diagnosis",
    "FirstDifference",
    "GradientReport",
    "LoopReport",
    "check_gradient",
    "check_loop",
]
