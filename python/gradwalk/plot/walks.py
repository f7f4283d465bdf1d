"""What the caller hands a helper, turned into named walks with a look each."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from . import style
from .language import word

if TYPE_CHECKING:
    from gradwalk import GradientDescent

#: One model, several, or several by name.
Walks: TypeAlias = "GradientDescent | Iterable[GradientDescent] | Mapping[str, GradientDescent]"


@dataclasses.dataclass(frozen=True)
class Walk:
    """One fitted model under the name and the look it has in the picture."""

    name: str
    model: GradientDescent
    method: str
    look: style.Look

    @property
    def label(self) -> str:
        """The name in the legend, which also says when the walk diverged."""
        return word("diverged", name=self.name) if self.diverged else self.name

    @property
    def diverged(self) -> bool:
        """Whether the walk ended in a blow-up."""
        return self.model.stop_reason_ == "diverged"


def named_walks(walks: object) -> list[Walk]:
    """Check `walks`; give each its name (the method's, unless a dict has another) and look.

    Raises
    ------
    TypeError
        If something in `walks` is not a gradwalk model.
    ValueError
        If `walks` is empty, or a model has not been fitted.
    """
    import gradwalk

    names: list[str | None]
    given: list[object]
    if isinstance(walks, Mapping):
        names, given = [str(name) for name in walks], list(walks.values())
    else:
        given = list(walks) if isinstance(walks, Iterable) else [walks]
        names = [None] * len(given)
    models = []
    for model in given:
        if not isinstance(model, gradwalk.GradientDescent):
            raise TypeError(
                "walks must be a fitted BatchGD, SGD or MiniBatchGD, a list of them or a dict "
                f"{{name: model}}, got a {type(model).__name__}"
            )
        models.append(model)
    if not models:
        raise ValueError("walks is empty: hand over at least one fitted model")

    methods = [_method(model) for model in models]
    total, seen = Counter(methods), Counter[str]()
    named = []
    for name, model, method in zip(names, models, methods, strict=True):
        chosen = style.look(method, seen[method], total[method])
        seen[method] += 1
        named.append(
            Walk(name if name is not None else _name(model, method), model, method, chosen)
        )
    return named


def losses(walks: list[Walk]) -> str:
    """Name the walks' loss; their losses, where they differ."""
    return ", ".join(dict.fromkeys(walk.model.loss for walk in walks))


def _method(model: GradientDescent) -> str:
    import gradwalk

    if isinstance(model, gradwalk.BatchGD):
        return "batch"
    return "stochastic" if isinstance(model, gradwalk.SGD) else "mini-batch"


def _name(model: GradientDescent, method: str) -> str:
    return word(method, rows=getattr(model, "batch_size", ""))
