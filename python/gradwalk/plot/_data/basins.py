"""Which minimum of a landscape a walk from each of many starts ends in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gradwalk import schedules
from gradwalk._core import SGD, BatchGD, GradientDescent, MiniBatchGD, Minimum
from gradwalk.language.pictures import word

from .runs import divergence_expected
from .walks import method_of, name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradwalk._core import Landscape, LandscapeSum
    from gradwalk._types import Floats

#: Methods by name, as settings of their walks.
Methods: TypeAlias = "GradientDescent | Iterable[GradientDescent] | Mapping[str, GradientDescent]"

#: In place of a group's number: a minimum that is in none of them, and no minimum at all.
OTHER, NOWHERE = -1, -2

_MOST_GROUPS = 6
_SCAN = {1: 401, 2: 51}  # points along each coordinate that are searched for minima
_NEAR = 0.01  # an end this near a minimum, in widths of the landscape, is there
_SETTINGS = {
    "BatchGD": (),
    "SGD": ("sampling",),
    "MiniBatchGD": ("sampling", "batch_size", "drop_last"),
}
_COMMON = ("learning_rate", "epochs", "rule", "l1", "l2", "tol", "patience")


@dataclasses.dataclass(frozen=True)
class Group:
    """Minima that share a colour: one global minimum, or all local ones of one height."""

    points: Floats
    value: float
    is_global: bool


def find_groups(landscape: Landscape) -> list[Group]:
    """Group the minima within the bounds, the lowest first, listed or not."""
    minima = list(landscape.minima)
    listed = np.array([minimum.point for minimum in minima])
    size = float(np.linalg.norm(np.ptp(landscape.bounds, axis=1)))
    for point in _bottoms(landscape):
        if np.linalg.norm(listed - point, axis=1).min() > _NEAR * size:
            listed = np.vstack([listed, point])
            minima.append(_local(point, landscape))
    groups: list[Group] = []
    for minimum in sorted(minima, key=lambda minimum: (not minimum.is_global, minimum.value)):
        last = groups[-1] if groups else None
        same = last is not None and abs(last.value - minimum.value) <= 1e-5 * (1 + abs(last.value))
        if last is not None and same and not minimum.is_global and not last.is_global:
            groups[-1] = dataclasses.replace(last, points=np.vstack([last.points, minimum.point]))
        else:
            groups.append(Group(np.array([minimum.point]), minimum.value, minimum.is_global))
    return groups[:_MOST_GROUPS]


def _local(point: Floats, landscape: Landscape) -> Minimum:
    return Minimum(point, landscape(point), is_global=False)


def _bottoms(landscape: Landscape) -> Floats:
    """Find where small steps from a grid of points within the bounds come to rest in a bowl."""
    side = _SCAN[len(landscape.start)]
    sides = [np.linspace(low, high, side) for low, high in landscape.bounds]
    points = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, len(sides))
    rate = steepest_rate(landscape, 0.25)
    settled = _settle(landscape, points, rate)
    low, high = landscape.bounds.T
    settled = settled[np.all((settled >= low) & (settled <= high), axis=1)]
    settled = settled[_at_rest(landscape, settled, rate)]
    return np.unique(settled.round(6), axis=0)


def find_spread(landscape: Landscape, learning_rate: float) -> float:
    """Choose a noise that climbs the lower barriers between neighbours, and not the higher ones.

    Steps of size η with noise σ walk as if at the temperature ησ²/2, at which a barrier of that
    height is crossed now and then. The temperature is put between the two sides of the usual
    barrier, at half of their geometric mean.
    """
    points = np.concatenate([group.points for group in find_groups(landscape)])
    if len(points) == 1:
        return float(np.sqrt(1.0 / learning_rate))
    heights = []
    for place, point in enumerate(points):
        distance = np.linalg.norm(points - point, axis=1)
        distance[place] = np.inf
        way = point + np.linspace(0, 1, 201)[:, None] * (points[distance.argmin()] - point)
        values = np.asarray(landscape(way))
        heights.append(np.sqrt((values.max() - values[0]) * (values.max() - values[-1])))
    return float(np.sqrt(np.median(heights) / learning_rate))


def steepest_rate(landscape: Landscape, widen: float = 0.0) -> float:
    """Compute 1/L, with L the largest curvature within the bounds, widened by a share."""
    sides = [
        np.linspace(low - widen * (high - low), high + widen * (high - low), 61)
        for low, high in landscape.bounds
    ]
    points = np.stack(np.meshgrid(*sides), axis=-1)
    return float(1.0 / np.abs(np.linalg.eigvalsh(landscape.hessian(points))).max())


def default_methods(rate: float, updates: int, n_terms: int) -> dict[str, GradientDescent]:
    """Make the three methods with so many updates each, and one schedule."""
    rows = min(4, n_terms)
    eta = schedules.InverseScaling(rate, tau=max(1.0, updates / 10))
    return {
        word("batch"): BatchGD(learning_rate=eta, epochs=updates),
        word("stochastic"): SGD(learning_rate=eta, epochs=max(1, updates // n_terms)),
        word("mini-batch", rows=rows): MiniBatchGD(
            learning_rate=eta, epochs=max(1, updates * rows // n_terms), batch_size=rows
        ),
    }


def named_methods(methods: object) -> dict[str, GradientDescent]:
    """Check `methods`, and give each a name of its own."""
    if isinstance(methods, Mapping):
        given = [(str(name), model) for name, model in methods.items()]
    else:
        listed = list(methods) if isinstance(methods, Iterable) else [methods]
        given = [(name_of(model, method_of(model)), model) for model in listed]
    named: dict[str, GradientDescent] = {}
    for name, model in given:
        if not isinstance(model, GradientDescent):
            raise TypeError(
                "methods must be a BatchGD, SGD or MiniBatchGD with the settings of the walks, a "
                f"list of them or a dict {{name: model}}, got a {type(model).__name__}"
            )
        number = 1
        unique = name
        while unique in named:
            number += 1
            unique = f"{name} {number}"
        named[unique] = model
    if not named:
        raise ValueError("methods is empty: hand over at least one model, or leave it out")
    return named


def is_noisy(model: GradientDescent, n_terms: int) -> bool:
    """Whether its walks on a sum of so many terms differ from seed to seed."""
    if isinstance(model, MiniBatchGD):
        return model.batch_size < n_terms or model.sampling == "replace"
    return not isinstance(model, BatchGD)


def reseeded(model: GradientDescent, seed: int) -> GradientDescent:
    """Make a model of the same settings with another seed, which records no path."""
    kind = next(kind for kind in (BatchGD, SGD, MiniBatchGD) if isinstance(model, kind))
    settings = {key: getattr(model, key) for key in (*_COMMON, *_SETTINGS[kind.__name__])}
    return kind(**settings, random_state=seed, record=None)


def ends_of(
    model: GradientDescent, terms: LandscapeSum, starts: Floats, seeds: int, random_state: int
) -> Floats:
    """Walk from each start with each of so many seeds: the ends, shape (starts, seeds, p)."""
    noisy = is_noisy(model, terms.n_terms)
    # A full batch walks on f itself, to the bit.
    objective = terms if noisy else terms.landscape
    rng = np.random.default_rng(random_state)
    drawn = rng.integers(2**63, size=(len(starts), seeds if noisy else 1))
    ends = np.full((*drawn.shape, starts.shape[1]), np.nan)
    with divergence_expected():
        for place in np.ndindex(drawn.shape):
            walker = reseeded(model, int(drawn[place]))
            result = walker.minimize(objective, starts[place[0]])
            if walker.stop_reason_ != "diverged":
                ends[place] = result.x
    return ends


def which_minimum(landscape: Landscape, groups: list[Group], ends: Floats) -> Floats:
    """Return the number of the group in whose basin each end lies, or OTHER or NOWHERE.

    Plain descent in small steps leads each end down to the bottom of its basin.
    """
    low, high = landscape.bounds.T
    width = high - low
    settled = np.array(ends.reshape(-1, len(low)))
    # Noise may leave a walk a little outside.
    near = np.all((settled > low - 0.25 * width) & (settled < high + 0.25 * width), axis=1)
    rate = steepest_rate(landscape, 0.25)
    settled[near] = _settle(landscape, settled[near], rate)
    inside = np.flatnonzero(near & np.all((settled >= low) & (settled <= high), axis=1))
    settled = settled[inside]
    distances = np.array(
        [np.linalg.norm(settled[:, None] - group.points, axis=2).min(axis=1) for group in groups]
    )
    found = np.full(len(near), NOWHERE)
    found[inside[_at_rest(landscape, settled, rate)]] = OTHER
    arrived = distances.min(axis=0) < _NEAR * np.linalg.norm(width)
    found[inside[arrived]] = distances.argmin(axis=0)[arrived]
    return found.reshape(ends.shape[:-1])


def _settle(landscape: Landscape, points: Floats, rate: float) -> Floats:
    for _ in range(3000):
        step = rate * landscape.grad(points)
        points = points - step
        if not points.size or np.abs(step).max() < 1e-9:
            break
    return points


def _at_rest(landscape: Landscape, points: Floats, rate: float) -> NDArray[np.bool_]:
    """Whether each point is the bottom of a bowl, which the flat of a plateau is not."""
    size = float(np.linalg.norm(np.ptp(landscape.bounds, axis=1)))
    bends = np.linalg.eigvalsh(landscape.hessian(points)).min(axis=-1)
    steps = np.linalg.norm(rate * landscape.grad(points), axis=-1)
    return np.asarray((bends > 1e-4 / rate) & (steps < 1e-6 * size))
