"""What the caller hands a helper, turned into named walks with a look each."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gradwalk._core import SGD, BatchGD, GradientDescent, History
from gradwalk.language.pictures import word
from gradwalk.result import DescentResult

from . import looks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gradwalk._core import Verdict

#: Anything that has the record of a walk.
OneWalk: TypeAlias = "GradientDescent | History | DescentResult"
#: One walk, several, or several by name.
Walks: TypeAlias = "OneWalk | Iterable[OneWalk] | Mapping[str, OneWalk]"

_STATUS = {
    0: "tolerance met",
    1: "epochs done",
    2: "diverged",
    3: "interrupted",
    4: "callback",
}
# What the caller may call a walk whose record does not tell the method.
_CALLED = {
    "batch": ("batch", "batchgd", "배치"),
    "stochastic": ("stochastic", "sgd", "확률적"),
    "mini-batch": ("mini-batch", "minibatch", "minibatchgd", "미니배치"),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Walk:
    """One walk under the name and the look it has in the picture."""

    name: str
    method: str
    """"batch", "stochastic", "mini-batch", or "walk" where the record does not say."""
    look: looks.Look
    history: History
    model: GradientDescent | None
    result: DescentResult | None
    stop_reason: str
    """As in the model's ``stop_reason_``; "" where nothing tells it."""
    path: NDArray[np.float64]
    """Recorded θ, shape (k, …)."""
    path_update: NDArray[np.int64]

    @property
    def label(self) -> str:
        """The name in the legend, which also says when the walk diverged or was interrupted."""
        if self.diverged:
            return word(
                "diverged" if self.stop_reason == "diverged" else "diverging", name=self.name
            )
        if self.stop_reason == "interrupted":
            return word("interrupted", name=self.name)
        return self.name

    @functools.cached_property
    def verdict(self) -> Verdict:
        """How the walk went."""
        return self.history.verdict

    @property
    def diverged(self) -> bool:
        """Whether the walk ended in a blow-up, or was on its way to one."""
        return self.stop_reason == "diverged" or self.verdict.kind == "diverging"

    @property
    def flat_path(self) -> NDArray[np.float64]:
        """Recorded θ with all its entries in one row, shape (k, p)."""
        return self.path.reshape(len(self.path), -1)

    @property
    def loss_name(self) -> str:
        """The model's loss, "f" for a result of ``minimize``, "" for a bare history."""
        if self.model is not None:
            loss: object = self.model.loss
            return loss if isinstance(loss, str) else getattr(loss, "__name__", "f")
        return "f" if self.result is not None else ""

    @property
    def n_epochs(self) -> int:
        """Epochs completed."""
        return len(self.history.loss)

    @property
    def n_updates(self) -> int:
        """Updates made, as far as the record tells."""
        if self.model is not None:
            return self.model.n_updates_
        ends = [int(self.history.updates_per_epoch.sum())]
        recorded = (self.path_update, self.history.update_number)
        ends += [int(numbers[-1]) for numbers in recorded if len(numbers)]
        return max(ends)

    def epoch_of(self, updates: ArrayLike) -> NDArray[np.float64]:
        """Where update u stands between the epochs: 2.5 is the middle of the third.

        After the last completed epoch the pace of that one goes on; a walk that completed none
        stands within its first, by the updates it made.
        """
        ends = np.concatenate([[0], np.cumsum(self.history.updates_per_epoch)]).astype(np.float64)
        last = float(ends[-1] - ends[-2]) if len(ends) > 1 else float(self.n_updates + 1)
        ends = np.append(ends, ends[-1] + max(last, 1.0))
        where = np.interp(
            np.asarray(updates, dtype=np.float64), ends, np.arange(len(ends), dtype=np.float64)
        )
        return np.asarray(where, dtype=np.float64)

    def need_model(self, helper: str) -> GradientDescent:
        """Return the fitted model, which `helper` cannot do without."""
        if self.model is None:
            raise ValueError(
                f"{helper} needs the fitted model, and {self.name!r} is only its record: hand over "
                "the BatchGD, SGD or MiniBatchGD itself"
            )
        return self.model

    def need_path(self, helper: str) -> NDArray[np.float64]:
        """Return the recorded path, shape (k, p), which `helper` cannot do without."""
        if len(self.path) == 0:
            raise ValueError(
                f"{helper} draws the path, and {self.name!r} recorded no path to draw: make the "
                'model with record="auto" (the default) and fit it again'
            )
        return self.flat_path


def named_walks(walks: object) -> list[Walk]:
    """Check `walks`; give each its name (the method's, unless a dict has another) and look."""
    names: list[str | None]
    given: list[object]
    # A result of minimize is a dict as well, and one walk.
    if isinstance(walks, Mapping) and not isinstance(walks, DescentResult):
        names, given = _checked_names(walks), list(walks.values())
    else:
        one = isinstance(walks, DescentResult | History) or not isinstance(walks, Iterable)
        given = [walks] if one else list(walks)  # type: ignore[call-overload]
        names = [None] * len(given)
    if not given:
        raise ValueError("walks is empty: hand over at least one fitted model")
    records = [_record(thing) for thing in given]
    methods = [_method(*record, name) for record, name in zip(records, names, strict=True)]
    total, seen = Counter(methods), Counter[str]()
    named = []
    for name, (model, result, history), method in zip(names, records, methods, strict=True):
        chosen = looks.look(method, seen[method], total[method])
        seen[method] += 1
        named.append(
            Walk(
                name=name_of(model, method) if name is None else name,
                method=method,
                look=chosen,
                history=history,
                model=model,
                result=result,
                stop_reason=_stop_reason(model, result, history),
                path=np.asarray(history.path, dtype=np.float64),
                path_update=np.asarray(history.path_update),
            )
        )
    return named


def _checked_names(walks: Mapping[object, object]) -> list[str | None]:
    """Names of the walks as they stand in legends."""
    names: list[str | None] = []
    for name in walks:
        if isinstance(name, bool) or not isinstance(name, (str, Real, np.number)):
            raise TypeError(
                "the walks in a dict are named by words or numbers, as in "
                f'{{"small steps": model}}, got the name {name!r}'
            )
        text = str(name)
        if not text.strip() or text.startswith("_"):
            # Matplotlib leaves such a label out of its legends.
            raise ValueError(
                'the name of a walk must have letters, and none of "_" in front, or no legend '
                f"shows it, got {name!r}"
            )
        if text in names:
            raise ValueError(f"two walks are named {text!r}: give each a name of its own")
        names.append(text)
    return names


def losses(walks: list[Walk]) -> str:
    """Name the walks' loss; their losses, where they differ."""
    return ", ".join(dict.fromkeys(walk.loss_name for walk in walks if walk.loss_name))


def loss_text(walks: list[Walk]) -> str:
    """Name the walks' loss in brackets, to stand behind a word; nothing where no walk knows it."""
    names = losses(walks)
    return f" ({names})" if names else ""


_Record: TypeAlias = "tuple[GradientDescent | None, DescentResult | None, History]"


def _record(thing: object) -> _Record:
    if isinstance(thing, GradientDescent):
        return thing, None, thing.history_
    if isinstance(thing, DescentResult):
        return None, thing, thing.history
    if isinstance(thing, History):
        return None, None, thing
    array = (
        ". Of an array nobody knows what it holds: hand over the model itself, such as "
        "plot.loss_curve(model), or draw numbers of your own with plt.plot"
    )
    raise TypeError(
        "walks must be a fitted BatchGD, SGD or MiniBatchGD, its history_, a result of minimize, a "
        f"list of them or a dict {{name: walk}}, got a {type(thing).__name__}"
        f"{array if isinstance(thing, np.ndarray | np.generic) else ''}"
    )


def method_of(model: object) -> str:
    """Name the method of a model, as the looks are named."""
    if isinstance(model, BatchGD):
        return "batch"
    return "stochastic" if isinstance(model, SGD) else "mini-batch"


def _method(
    model: GradientDescent | None, result: DescentResult | None, history: History, name: str | None
) -> str:
    if model is not None:
        return method_of(model)
    called = "" if name is None else name.casefold()
    for method, words in _CALLED.items():
        if called in words:
            return method
    # One update an epoch is descent on all terms. More may be of one term each or of several.
    updates = history.updates_per_epoch
    return "batch" if len(updates) and np.all(updates == 1) else "walk"


def _stop_reason(
    model: GradientDescent | None, result: DescentResult | None, history: History
) -> str:
    if model is not None:
        return model.stop_reason_
    if result is not None:
        return _STATUS.get(result.get("status", -1), "")
    return ""


def name_of(model: object, method: str) -> str:
    """Name a walk by its method."""
    rows = getattr(model, "batch_size", None)
    if method == "mini-batch" and rows is None:
        return word("mini-batch of some rows")
    return word(method, rows=rows)
