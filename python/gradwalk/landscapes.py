"""Landscapes: named surfaces f(x) to look at and to walk on, without any data.

============  =============================================  ======================  ==========
name          f                                              bounds                  start
============  =============================================  ======================  ==========
bowl          ½ Σⱼ xⱼ²                                       ±3                      2 in each
ravine        ½ (x² + κ y²), κ = 100                         ±3 in x, ±1 in y        (2.5, 0.8)
rosenbrock    Σⱼ 100 (xⱼ₊₁ − xⱼ²)² + (1 − xⱼ)²               ±2 in x, −1 … 3 in y    (−1.2, 1)
himmelblau    (x² + y − 11)² + (x + y² − 7)²                 ±5                      (0, 0)
beale         (1.5 − x + xy)² + (2.25 − x + xy²)²            ±4.5                    (1, 1)
              + (2.625 − x + xy³)²
rastrigin     Σⱼ xⱼ² + 10 (1 − cos 2πxⱼ)                     ±5.12                   (0.7, 0.3)
double_well   (x² − 1)² + x                                  ±1.7                    1.2
plateau       ½ (s(x) − s(5))², s(x) = ln(1 + eˣ)            −14 … 10                −12
saddle        x² − y²                                        ±2                      (1.5, 0.001)
x_cos(c)      x cos(c x), c = 0.15π by default               ±4.5π/|c|               1.5π/|c|
============  =============================================  ======================  ==========

============  ===================================================================  ============
name          minima, the global ones with a star                                  source
============  ===================================================================  ============
bowl          0* at 0                                                              [1]_
ravine        0* at (0, 0)                                                         [2]_
rosenbrock    0* at (1, …, 1)                                                      [3]_
himmelblau    0* at (3, 2), (−2.805, 3.131), (−3.779, −3.283), (3.584, −1.848)     [4]_
beale         0* at (3, 0.5)                                                       [5]_
rastrigin     0* at 0; 0.995 at ±0.995 in one coordinate; many more, not listed    [6]_, [7]_
double_well   −1.056* at −1.107; 0.927 at 0.838                                    after [8]_
plateau       0* at 5                                                              [9]_, [10]_
saddle        none                                                                 [11]_
x_cos(c)      five in the bounds; the lowest, −12.606/|c|* at −12.645/|c|          [12]_
============  ===================================================================  ============

All but ``x_cos``, which is a function of c, are objects of class `Landscape`, ready to be called:
``rosenbrock(x)`` for one point x of shape (p,) or for a grid (…, p). ``bowl``, ``rastrigin`` and
``rosenbrock`` take any number of coordinates, p = 2 where none is told (`Landscape.at_dimension`);
``double_well``, ``plateau`` and ``x_cos`` take one, the others two. What `Landscape.minima` says
is known to full precision. ``help(gradwalk.landscapes.beale)`` tells of one surface.

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

References
----------
.. [1] K. A. De Jong, "An analysis of the behavior of a class of genetic adaptive systems", PhD
   thesis, University of Michigan, 1975, F1.
.. [2] S. Boyd and L. Vandenberghe, *Convex Optimization*, 2004, section 9.3.2.
.. [3] H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a
   function", The Computer Journal 3(3), 1960.
.. [4] D. M. Himmelblau, *Applied Nonlinear Programming*, 1972.
.. [5] E. M. L. Beale, "On an iterative method for finding a local minimum of a function of more
   than one variable", Technical Report 25, Princeton, 1958.
.. [6] L. A. Rastrigin, *Systems of Extremal Control* (in Russian), 1974.
.. [7] H. Mühlenbein, M. Schomisch and J. Born, "The parallel genetic algorithm as function
   optimizer", Parallel Computing 17(6-7), 1991.
.. [8] H. A. Kramers, "Brownian motion in a field of force and the diffusion model of chemical
   reactions", Physica 7(4), 1940.
.. [9] C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau and R. Garcia, "Incorporating second-order
   functional knowledge for better option pricing", NIPS 2000, for s, the softplus.
.. [10] X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
   networks", AISTATS 2010, for saturation.
.. [11] Y. N. Dauphin et al., "Identifying and attacking the saddle point problem in
   high-dimensional non-convex optimization", NeurIPS 2014.
.. [12] A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*, 2023, section
   12.3.
"""

from __future__ import annotations

import math
import textwrap
from typing import Final, SupportsFloat

from gradwalk._core import Landscape, LandscapeSum, Minimum

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
    "x_cos",
]

bowl: Final = Landscape("bowl")
ravine: Final = Landscape("ravine")
rosenbrock: Final = Landscape("rosenbrock")
himmelblau: Final = Landscape("himmelblau")
beale: Final = Landscape("beale")
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


_LESSONS = {
    "bowl": """
        Descent as it should be. The gradient is x itself: from anywhere η = 1 is at the minimum
        in one step, η < 1 goes straight to it, 1 < η < 2 jumps from side to side and still
        arrives, η > 2 diverges. For any number of coordinates.""",
    "ravine": """
        A quadratic of condition number κ: 100, or chosen by with_condition. Plain descent needs
        η < 2/κ for the steep y and then takes about κ steps to get anywhere along the flat x,
        while it zig-zags across. Momentum takes about √κ.""",
    "rosenbrock": """
        A curved valley. Descent falls into it, to y = x², in a few steps, and then creeps along
        it. For two coordinates or more; from p = 4 on it has local minima near (−1, 1, …, 1),
        which are not listed.""",
    "himmelblau": """
        Four minima, all equally low: where a walk starts decides where it ends.""",
    "beale": """
        A flat basin between walls that rise to 10⁵ in the corners of its bounds: an η that suits
        the basin diverges on the walls.""",
    "rastrigin": """
        A bowl with ripples: near each point of whole numbers, as far as 31 from 0, lies a local
        minimum, and descent stops in the nearest. Only the lowest minima are listed: the global
        one and, for p ≤ 100, the 2p next to it. For any number of coordinates.""",
    "double_well": """
        Two wells, one deeper than the other, and a barrier between them at x = 0.269594, only
        0.20 above the local minimum and 2.19 above the global one. From the right of it plain
        descent ends in the local minimum. The noise of stochastic descent carries a walk over it:
        on as_sum(100, 5.5), with 200 epochs at InverseScaling(0.05, tau=1000), SGD ends near the
        global minimum nearly always, MiniBatchGD with batch_size=4 about every other time, and
        BatchGD never.""",
    "plateau": """
        One neuron that should answer s(5) and starts where it is dead. The gradient has the
        logistic function of x as a factor, which is saturated to the left: f is a plateau there,
        its edge lies around x = 0, and to the right is a bowl of curvature 1. In 4,000 epochs at
        η = 1 momentum 0.9 crosses it, and plain descent goes less than 0.8 % of the way.""",
    "saddle": """
        The gradient is zero at (0, 0), which is no minimum. From the start, a hair off the ridge
        y = 0, plain descent first comes within 0.04 of that point, as if it were one, and then
        falls down one side, without end. From y = 0 exactly it stays.""",
    "x_cos": """
        Waves that grow with |x|. A small η ends in the minimum next to the start, a large one
        jumps over hills. The minimum called global is the lowest within the bounds; f has deeper
        ones further out, without end.""",
}


def _few(words: list[str], separator: str) -> str:
    """Join the first five; nobody reads the hundredth."""
    return separator.join(words if len(words) <= 5 else [*words[:5], "…"])


def _point(coordinates: list[float]) -> str:
    numbers = _few([f"{number:.6g}" for number in coordinates], ", ")
    return numbers if len(coordinates) == 1 else f"({numbers})"


def _page(landscape: Landscape) -> str:
    """Tell what there is to know of one landscape, with facts that come from the core."""
    minima = [
        f"{minimum.value:.6g} at {_point(minimum.point.tolist())}"
        + (", global" if minimum.is_global else "")
        for minimum in landscape.minima
    ]
    bounds = [f"{low:.6g} … {high:.6g}" for low, high in landscape.bounds.tolist()]
    start = landscape.start.tolist()
    facts = f"""
        {landscape!r}, with p = {len(start)}

        - Minima: {_few(minima, "; ") or "none"}
        - Bounds: {_few(bounds, "; ")}
        - Start: {_point(start)}, with learning_rate = {landscape.learning_rate:.6g}
        - Source: {landscape.source}
        """
    lesson = textwrap.dedent(_LESSONS[landscape.name])
    return f"{landscape.formula}\n{lesson}\n{textwrap.dedent(facts)}"


class _Documentation:
    """The ``__doc__`` of `Landscape`: of the class its own, of a landscape the page on it.

    So ``help(gradwalk.landscapes.beale)`` tells of Beale's function.
    """

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, landscape: Landscape | None, owner: type | None = None) -> str | None:
        return self.of_class if landscape is None else _page(landscape)


Landscape.__doc__ = _Documentation(Landscape.__doc__)  # type: ignore[assignment]
