"""The cards themselves, one function for each kind of object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import History
from gradwalk.language import state_of
from gradwalk.language.cards import word
from gradwalk.language.checks import sentence

from . import page, tables
from .loop_paths import loop_paths
from .page import NOTHING, Markup
from .sparkline import sparkline

if TYPE_CHECKING:
    from gradwalk import GradientReport, LoopReport, ScheduleTable, Sweep
    from gradwalk._core import GradientDescent, History, Verdict, _Kind

# By the kind of a verdict: class of the sheet, and a sign for those who do not see its colour.
_LOOKS: dict[_Kind, tuple[str, str]] = {
    "converged": ("good", "✓"),
    "still descending": ("going", "↘"),
    "oscillating": ("warn", "↯"),
    "diverging": ("bad", "↗"),
    "narrow valley": ("warn", "⇢"),
    "plateau": ("flat", "→"),
    "stationary point": ("flat", "·"),
}


def model(shown: GradientDescent) -> str:
    """Draw the card of a model, fitted or not."""
    name = type(shown).__name__
    settings = tables.settings(shown)
    label = word("model", name=name)
    try:
        record = shown.history_
    except AttributeError:  # NotFittedError is one
        mark = page.badge(word("not fitted"), "none")
        return page.card(label, name, _settings(settings, is_open=True), mark=mark)
    except RuntimeError as error:  # its walk was left behind in another process
        reason = word("lost", reason=error)
        return page.card(label, name, _note(reason), _settings(settings, is_open=True))
    seen = record.verdict
    facts = page.facts(word("the walk"), tables.figures_of_model(shown, record))
    body = page.side_by_side(facts, _curve(record, seen))
    params = tables.parameters(shown)
    return page.card(
        label, name, _sentence(seen), body, params, _settings(settings), mark=_badge(seen)
    )


def history(shown: History) -> str:
    """Draw the card of a record."""
    seen = shown.verdict
    facts = page.facts(word("the walk"), tables.figures_of_history(shown))
    body = page.side_by_side(facts, _curve(shown, seen))
    return page.card("History", "History", _sentence(seen), body, mark=_badge(seen))


def verdict(shown: Verdict) -> str:
    """Draw the card of a verdict."""
    return page.card("Verdict", "Verdict", _sentence(shown), mark=_badge(shown))


def result(shown: Mapping[str, Any]) -> str:
    """Draw the card of what `minimize` returned."""
    name = type(shown).__name__
    pieces, curve = [], NOTHING
    record = shown.get("history")
    if isinstance(record, History):
        seen = record.verdict
        pieces.append(_sentence(seen, with_word=True))
        curve = _curve(record, seen)
    items = page.facts(word("result"), tables.items(shown))
    message, success = shown.get("message"), shown.get("success")
    mark = NOTHING
    if isinstance(success, bool | np.bool_):
        said = word("success" if success else "no success")
        because = f": {state_of(message)}" if isinstance(message, str) else ""
        mark = page.badge(
            f"{'✓' if success else '✗'} {said}{because}", "good" if success else "bad"
        )
    return page.card(word("result"), name, *pieces, page.side_by_side(items, curve), mark=mark)


def schedule_table(shown: ScheduleTable) -> str:
    """Draw the card of the three methods side by side."""
    name = type(shown).__name__
    return page.card(name, name, tables.methods(shown))


def sweep(shown: Sweep) -> str:
    """Draw the card of a sweep: a row for each run, the best set off."""
    name = type(shown).__name__
    return page.card(name, name, tables.runs(shown))


def gradient_report(shown: GradientReport) -> str:
    """Draw the card of a gradient that was checked."""
    name = "check_gradient"
    look, sign = ("good", "✓") if shown.passed else ("bad", "✗")
    said = [*(seen.message for seen in shown.diagnosis[:2]), *shown.notes]
    if not shown.passed and not shown.diagnosis:
        said.insert(0, sentence("cause not recognised", {}, shown.language))
    pieces = [page.paragraph(page.lines(told)) for told in said]
    if shown.first_difference is not None:
        pieces.append(tables.slopes(shown))
    return page.card(name, name, *pieces, mark=page.badge(f"{sign} {shown.headline()}", look))


def loop_report(shown: LoopReport) -> str:
    """Draw the card of a loop that was checked."""
    name = "check_loop"
    look, sign = ("good", "✓") if shown.passed else ("bad", "✗")
    pieces = [page.paragraph(page.lines(told)) for told in shown.lines()]
    if shown.rows():
        pieces.append(tables.thetas(shown))
    if shown.paths is not None:
        pieces.append(page.side_by_side(loop_paths(shown.paths)))
    return page.card(name, name, *pieces, mark=page.badge(f"{sign} {shown.headline()}", look))


def _curve(record: History, seen: Verdict) -> Markup:
    return sparkline(record, has_diverged=seen.kind == "diverging")


def _badge(seen: Verdict) -> Markup:
    look, sign = _LOOKS[seen.kind]
    return page.badge(f"{sign} {seen.word}", look)


def _sentence(seen: Verdict, *, with_word: bool = False) -> Markup:
    """Write the evidence."""
    sentence = seen.sentence
    start = Markup(f"<strong>{page.text(seen.word)}</strong>: ") if with_word else NOTHING
    if not with_word and sentence[:1].isascii():  # θ stays small
        sentence = sentence[:1].upper() + sentence[1:]
    sentence = sentence.replace(" %", "\u00a0%")
    return page.paragraph(Markup(start + page.text(sentence, 1000)))


def _note(note: str) -> Markup:
    return page.paragraph(page.dim(note))


def _settings(settings: list[tuple[str, object, bool]], *, is_open: bool = False) -> Markup:
    rows = [(name, page.code(page.shown(value))) for name, value, _ in settings]
    marked = frozenset(name for name, _, is_own in settings if is_own)
    half = (len(rows) + 1) // 2
    halves = (
        page.facts(word("settings"), part, is_headed=False, marked=marked, is_text=True)
        for part in (rows[:half], rows[half:])
    )
    note = _note(word("defaults")) if marked else NOTHING
    own = ", ".join(f"{name}={page.shown(value)}" for name, value, is_own in settings if is_own)
    summary = Markup(f"{page.text(word('settings'))} {page.code(own) if own else ''}")
    return page.fold(summary, Markup(page.side_by_side(*halves) + note), is_open=is_open)
