"""What stands in the tables of a card: settings, figures of a walk, parameters, items."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradwalk._core import SGD, BatchGD, MiniBatchGD
from gradwalk._text import argument
from gradwalk.language import state_of, word_of
from gradwalk.language.cards import word

from . import page
from .page import Markup

if TYPE_CHECKING:
    from gradwalk import GradientReport, LoopReport, ScheduleTable, Sweep
    from gradwalk._core import GradientDescent, History

Fact = tuple[str, Markup]

#: Parameters, and classes, that a table shows at the most.
MOST_ROWS, MOST_COLUMNS = 10, 6


def settings(model: GradientDescent) -> list[tuple[str, object, bool]]:
    """Name and value of each argument of the constructor, and whether it is not the default."""
    kinds = (BatchGD, SGD, MiniBatchGD)
    kind = next(kind for kind in kinds if isinstance(model, kind))
    found: list[tuple[str, object, bool]] = []
    for name, parameter in inspect.signature(kind).parameters.items():
        value = getattr(model, name)
        default = parameter.default
        is_default = value is default or (type(value) is type(default) and bool(value == default))
        found.append((name, value, not is_default))
    return found


def figures_of_model(model: GradientDescent, history: History) -> Iterator[Fact]:
    """Yield what a reader asks of a walk first."""
    yield word("epochs"), page.text(page.whole(len(history.loss)))
    yield word("updates"), page.text(page.whole(model.n_updates_))
    yield word("stopped"), page.text(state_of(model.stop_reason_))
    yield from _last_losses(history)
    best = model.best_epoch_
    if best is not None:
        yield word("best epoch"), page.text(page.whole(best))
    yield word("learning rate"), _rates(model.learning_rate, history.learning_rate)
    yield from _time(history)
    yield word("seed"), page.text(model.seed_)


def figures_of_history(history: History) -> Iterator[Fact]:
    """Yield what is on record."""
    losses = history.loss
    yield word("epochs"), page.text(page.whole(len(losses)))
    yield word("updates"), page.text(page.whole(_updates(history)))
    if len(losses) > 1:
        yield word("first loss"), _number(losses[0])
    finite = losses[np.isfinite(losses)]
    if len(losses) > 1 and finite.size:
        yield word("lowest loss"), _number(finite.min())
    yield from _last_losses(history)
    norms = history.grad_norm
    if norms.size and not math.isnan(norms[-1]):
        yield word("gradient norm"), _number(norms[-1])
    if history.learning_rate.size:
        yield word("learning rate"), _rates(None, history.learning_rate)
    yield from _time(history)
    yield word("path"), page.text(page.whole(len(history.path_update)))
    yield word("memory"), page.text(_size(history.nbytes))


def parameters(model: GradientDescent) -> Markup:
    """θ by name: all of it if it is short, else its beginning."""
    params = model.params_
    count = page.whole(params.size)
    told = word("numbers", count=count, type=params.dtype.name, shape=params.shape)
    summary = Markup(f"{page.text(word('parameters'))} {page.dim(told)}")
    if not params.size:
        return page.paragraph(summary)
    of_data = _is_over_data(model)
    table = (
        _by_class(model, params)
        if of_data and params.ndim == 2
        else _in_turn(
            params, lambda place: _name(model, place) if of_data else _place(params.shape, place)
        )
    )
    return page.fold(summary, table, is_open=params.size <= MOST_ROWS)


def items(result: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield the items of a result, in its own words, which are those of SciPy."""
    for name, value in result.items():
        if name == "history":
            continue
        if isinstance(value, np.ndarray):
            yield name, page.code(_short(value))
        elif name == "message" and isinstance(value, str):
            yield name, page.text(state_of(value))
        elif isinstance(value, float):
            yield name, page.text(page.figure(float(value)))
        elif isinstance(value, int | np.integer) and not isinstance(value, bool):
            yield name, page.text(page.whole(int(value)))
        else:
            yield name, page.text(value if isinstance(value, str) else page.shown(value))


def methods(table: ScheduleTable) -> Markup:
    """Lay the three methods below each other, with a column for each figure."""
    columns = table.to_dict()
    names = [str(name) for name in columns.pop("method")]
    rows = (
        (name, [_cell(values[place]) for values in columns.values()])
        for place, name in enumerate(names)
    )
    key = "methods, one epoch" if table.epochs == 1 else "methods"
    caption = word(
        key,
        samples=page.whole(table.n_samples),
        size=page.whole(table.batch_size),
        epochs=page.whole(table.epochs),
    )
    return page.grid(caption, (word("method"), *map(word, columns)), rows)


def runs(sweep: Sweep) -> Markup:
    """Lay the runs of a sweep below each other, that of the lowest loss set off."""
    rows, marked, best = [], None, None
    with contextlib.suppress(ValueError):
        best = sweep.best()
    shown = sweep._shown()
    for place, run in enumerate(shown):
        if run is None:
            rows.append(("…", [page.text("…")] * (len(sweep.varied) + 6)))
            continue
        if run is best:
            marked = place
        settings = [page.text(argument(value)) for value in run.parameters.values()]
        cells = (
            page.text(page.figure(run.loss)),
            page.text(page.whole(run.epochs)),
            page.text(page.whole(run.updates)),
            page.text(page.duration(run.seconds)),
            page.text(state_of("failed") if run.verdict == "failed" else word_of(run.verdict)),
            page.text(state_of(run.stop_reason)),
        )
        number = place if None not in shown[:place] else place + len(sweep) - len(shown)
        rows.append((str(number), [*settings, *cells]))
    count = page.whole(len(sweep))
    caption = word("run" if len(sweep) == 1 else "runs", method=sweep.method, count=count)
    words = ("last loss", "epochs", "updates", "time", "verdict", "stopped")
    return page.grid(caption, ("", *sweep.varied, *map(word, words)), rows, marked=marked)


def slopes(report: GradientReport) -> Markup:
    """Lay both slopes of the coordinates that differ most side by side."""
    rows = (
        (f"θ[{place}]", [_number(value) for value in report.figures(place)])
        for place in report.rows()
    )
    return page.grid(report.headline(), report.columns(), rows, is_headed=False)


def thetas(report: LoopReport) -> Markup:
    """Lay both θ of the first update that differs side by side."""
    rows = ((place, [page.text(value) for value in values]) for place, *values in report.rows())
    return page.grid(report.headline(), report.columns(), rows, is_headed=False)


def _cell(value: object) -> Markup:
    return page.text(page.whole(value) if isinstance(value, int) else value)


def _updates(history: History) -> int:
    """Count the updates on record, those of an epoch that was not completed, too."""
    recorded = (history.update_number, history.path_update)
    return max(
        int(history.updates_per_epoch.sum()),
        *(int(numbers[-1]) if numbers.size else 0 for numbers in recorded),
    )


def _last_losses(history: History) -> Iterator[Fact]:
    columns = {
        "loss": history.loss,
        "update loss": history.update_loss[:0] if history.loss.size else history.update_loss,
        "full loss": history.full_loss,
        "validation loss": history.validation_loss,
    }
    for key, losses in columns.items():
        if losses.size:
            yield word(key), _number(losses[-1])


def _rates(given: object, rates: NDArray[np.float64]) -> Markup:
    """η at the first and the last epoch's end, or what was given where there was none."""
    if not rates.size:
        number = isinstance(given, float)
        return _number(given) if number else page.code(page.shown(given))
    first, last = page.figure(float(rates[0])), page.figure(float(rates[-1]))
    return page.text(first if first == last else f"{first} → {last}")


def _time(history: History) -> Iterator[Fact]:
    if history.seconds.size:
        yield word("time"), page.text(page.duration(float(history.seconds[-1])))


def _size(n_bytes: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes} B"


def _number(value: Any) -> Markup:
    return page.text(page.figure(float(value)))


def _is_over_data(model: GradientDescent) -> bool:
    """Whether θ is made of weights of features; a function of the user's may mean anything."""
    try:
        return isinstance(model.loss, str) and model.coef_ is not None
    except AttributeError:
        return False


def _name(model: GradientDescent, place: int) -> str:
    """Name what the parameters in row `place` of θ belong to."""
    feature = place - model.fit_intercept
    if feature < 0:
        return word("intercept")
    try:
        return str(model.feature_names_in_[feature])
    except (AttributeError, IndexError):  # the second if another thread begins anew meanwhile
        return word("feature", number=feature)


def _place(shape: tuple[int, ...], place: int) -> str:
    return f"θ[{', '.join(map(str, np.unravel_index(place, shape)))}]" if shape else "θ"


def _rows_shown(count: int) -> int:
    """How many of `count` rows to show; a last one alone is not worth a row that says so."""
    return MOST_ROWS if count > MOST_ROWS + 1 else count


def _in_turn(params: NDArray[Any], name: Callable[[int], str]) -> Markup:
    """One number in a line, whatever the shape of θ."""
    flat = params.ravel()
    shown = _rows_shown(flat.size)
    rows = [(name(place), [_number(flat[place])]) for place in range(shown)]
    if shown < flat.size:
        rows.append((_left(flat.size - shown), [page.text("…")]))
    heads = (word("parameter"), word("value"))
    return page.grid(word("parameters"), heads, rows, is_headed=False)


def _by_class(model: GradientDescent, params: NDArray[Any]) -> Markup:
    """Give each class a column, as far as there is room."""
    shown = _rows_shown(len(params))
    columns = min(params.shape[1], MOST_COLUMNS)
    more = [page.text("…")] if columns < params.shape[1] else []
    heads = [word("parameter"), *(word("class", label=label) for label in range(columns))]
    heads += [_left(params.shape[1] - columns)] if more else []
    rows = [
        (_name(model, place), [_number(value) for value in params[place, :columns]] + more)
        for place in range(shown)
    ]
    if shown < len(params):
        rows.append((_left(len(params) - shown), [page.text("…")] * (len(heads) - 1)))
    return page.grid(word("parameters"), heads, rows, is_headed=False)


def _left(count: int) -> str:
    return word("numbers left", count=page.whole(count))


def _short(values: NDArray[Any]) -> str:
    return np.array2string(values, threshold=MOST_ROWS, edgeitems=3, precision=6, max_line_width=60)
