"""Gradient descent in the cells of a notebook, and the magics of ``%load_ext gradwalk``.

``%%gd_check`` checks the loop of a cell, ``%%gd_race`` races it against gradwalk, and
``%gd_config`` says in which language and theme they answer. ``%unload_ext gradwalk`` leaves
nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics: what ``%load_ext gradwalk`` calls."""
    from .magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take them away again: what ``%unload_ext gradwalk`` calls."""
    from .magics import unload

    unload(shell)
