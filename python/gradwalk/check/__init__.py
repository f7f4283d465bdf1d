"""Is it right? What a student wrote by hand, checked, and the mistake named."""

from .gradient import GradientReport, check_gradient
from .report import Diagnosis

__all__ = ["Diagnosis", "GradientReport", "check_gradient"]
