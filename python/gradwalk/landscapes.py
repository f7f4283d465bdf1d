"""Landscapes: named surfaces f(x) to look at and to walk on, without any data.

All but ``x_cos``, which is a function of c, are objects of class `Landscape`, ready to be called:
``rosenbrock(x)`` for one point x of shape (p,) or for a grid (…, p). ``bowl``, ``rastrigin`` and
``rosenbrock`` take any number of coordinates, p = 2 where none is told (`Landscape.at_dimension`);
the others take one or two. What `Landscape.minima` says is known to full precision.
``help(gradwalk.landscapes.beale)`` tells of one surface.

Examples
--------
>>> import numpy as np, gradwalk as gw
>>> rosenbrock = gw.landscapes.rosenbrock
>>> rosenbrock([0.0, 0.0]), rosenbrock.grad([0.0, 0.0]).tolist()
(1.0, [-2.0, 0.0])
>>> x, y = (np.linspace(*ends, 200) for ends in rosenbrock.bounds)
>>> grid = np.stack(np.meshgrid(x, y), axis=-1)
>>> rosenbrock(grid).shape  # for contour(x, y, rosenbrock(grid))
(200, 200)
>>> gw.landscapes.ravine.with_condition(1000.0).grad([1.0, 1.0])
array([   1., 1000.])
"""

from __future__ import annotations

import math
import textwrap
from typing import Final, SupportsFloat

from gradwalk._core import LANDSCAPES, Landscape, LandscapeSum, Minimum

__all__ = [
    "Landscape",
    "LandscapeSum",
    "Minimum",
    "beale",
    "bowl",
    "double_well",
    "himmelblau",
    "plateau",
    "rastrigin",
    "ravine",
    "rosenbrock",
    "saddle",
    "three_hump_camel",
    "x_cos",
]

bowl: Final = Landscape("bowl")
ravine: Final = Landscape("ravine")
rosenbrock: Final = Landscape("rosenbrock")
himmelblau: Final = Landscape("himmelblau")
beale: Final = Landscape("beale")
three_hump_camel: Final = Landscape("three_hump_camel")
rastrigin: Final = Landscape("rastrigin")
double_well: Final = Landscape("double_well")
plateau: Final = Landscape("plateau")
saddle: Final = Landscape("saddle")


def x_cos(c: SupportsFloat = 0.15 * math.pi) -> Landscape:
    """Make the landscape f(x) = x cos(c x), with waves that grow with ``|x|``.

    A small learning rate ends in the minimum next to the start, a large one jumps over hills and
    may end in a better minimum or in a worse one. The formula of the source has the default c;
    there, and from ``start``, η = 0.25/|c| ends in the nearest minimum and η = 2 in the poorest.

    With u = |c|x the minima within the bounds lie at u = −12.645, −6.437, −0.860, 3.426 and 9.529,
    where u tan u = 1, with the values (u cos u)/|c|. The first is the lowest of the five and
    called the global one, though f has deeper ones further out, without end.

    Parameters
    ----------
    c : float, default 0.15π
        How narrow the waves are, 1e-6 ≤ |c| ≤ 1e6.

    Returns
    -------
    Landscape
        For points of one coordinate.

    References
    ----------
    A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*, 2023, section 12.3.
    """
    if c is None:  # which would mean the default
        raise TypeError("c must be a number with |c| from 1e-6 to 1e6; got None")
    return Landscape("x_cos", c)


def _few(words: list[str], separator: str) -> str:
    """Join the first five; nobody reads the hundredth."""
    return separator.join(words if len(words) <= 5 else [*words[:5], "…"])


def _point(coordinates: list[float]) -> str:
    numbers = _few([f"{number:.6g}" for number in coordinates], ", ")
    return numbers if len(coordinates) == 1 else f"({numbers})"


def _facts(landscape: Landscape) -> str:
    """List what the core knows of a landscape."""
    minima = [
        f"{minimum.value:.6g} at {_point(minimum.point.tolist())}"
        + (", global" if minimum.is_global else "")
        for minimum in landscape.minima
    ]
    bounds = [f"{low:.6g} … {high:.6g}" for low, high in landscape.bounds.tolist()]
    start = _point(landscape.start.tolist())
    return f"""\
- Minima: {_few(minima, "; ") or "none"}
- Bounds: {_few(bounds, "; ")}
- Start: {start}, with learning_rate = {landscape.learning_rate:.6g}
- Source: {landscape.source}
"""


def _page(landscape: Landscape) -> str:
    """Tell what there is to know of one landscape."""
    about = f"{landscape!r}, with p = {len(landscape.start)}"
    lesson = textwrap.fill(landscape.lesson, 88)
    return f"{landscape.formula}\n\n{lesson}\n\n{about}\n\n{_facts(landscape)}"


class _Documentation:
    """The ``__doc__`` of `Landscape`: of the class its own, of a landscape the page on it.

    So ``help(gradwalk.landscapes.beale)`` tells of Beale's function.
    """

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, landscape: Landscape | None, owner: type | None = None) -> str | None:
        return self.of_class if landscape is None else _page(landscape)


Landscape.__doc__ = _Documentation(Landscape.__doc__)  # type: ignore[assignment]

if __doc__:  # which python -OO takes away
    __doc__ += "\nLandscapes\n----------\n" + "".join(
        f"{name} : {landscape.formula}\n{textwrap.indent(_facts(landscape), '    ')}"
        for name, landscape in ((name, Landscape(name)) for name in LANDSCAPES)
    )
