"""Settings that every Python test shares."""

from __future__ import annotations

import os

import matplotlib
from hypothesis import settings

# No window opens, on a machine with a screen either. Set here and not by MPLBACKEND, which the
# kernels of notebooks would inherit.
matplotlib.use("agg")

# The first call of a compiled function or an import takes long: deadlines would fail by chance.
settings.register_profile("local", deadline=None)
# In CI the examples are the same every time: a failure is then one of the change at hand.
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")
