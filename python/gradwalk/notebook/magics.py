"""The magics of ``%load_ext gradwalk``, and their coming and going."""

from __future__ import annotations

import ast
import shlex
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.display import display

from gradwalk import SGD, BatchGD, GradientDescent, MiniBatchGD, check_loop, rules
from gradwalk.check import LoopReport
from gradwalk.check.student import MEANING
from gradwalk.display import page
from gradwalk.display.style import THEMES, chosen_theme, set_theme
from gradwalk.language import set_language
from gradwalk.language.chosen import LANGUAGES, chosen_language
from gradwalk.language.magics import told as say

from .cells import CellError, read_and_check, read_cell
from .race import Race, best_of_three, race_cell, walk_of

SETTINGS: dict[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "theme": THEMES,
    "live": ("on", "off"),
}


@magics_class
class GradwalkMagics(Magics):
    """``%%gd_check``, ``%%gd_race`` and ``%gd_config``."""

    shell: InteractiveShell
    live = "off"

    @cell_magic
    def gd_check(self, line: str, cell: str) -> LoopReport | None:
        """Check the gradient-descent loop of this cell, update by update, and name its mistake.

        ``%%gd_check [name=value …]``

        The loop is found in the cell, and its names are read: θ (or w and b), X, y, the rate, the
        epochs, the batches. A name that is not found can be told, in any order::

            %%gd_check theta=t lr=a X=A
            %%gd_check loss=half_mse time_limit=60 language=ko

        What may be told: theta, w, b, X, y, lr, epochs, batch_size, loss, l2, momentum, losses,
        sampling; time_limit in seconds (20 by default); language, en or ko.

        A cell that defines one function instead, with arguments of the usual names, is checked as
        `gradwalk.check_loop` does it, on X and y of the notebook::

            %%gd_check lr=0.1 epochs=50 batch_size=16 loss=log_loss

        The cell is checked first, in a process of its own that changes nothing; then it runs once,
        as it would without the magic, and the report follows what it prints. If it raises, the
        report comes first and the error is that of the cell.
        """
        __tracebackhide__ = True  # the error of a cell is that of the cell
        told, options = self._told(line)
        try:
            report, ours = self._check(cell, told, options)
        except CellError as error:
            print(error)
            self._run(cell)
            return None
        begin = time.perf_counter()
        try:
            self._run(cell)
        except BaseException:
            display(report)
            raise
        if ours is None:
            return report
        its_own = max(report.seconds, time.perf_counter() - begin)
        times = {"cell": page.duration(its_own), "ours": page.duration(ours)}
        return replace(report, notes=(*report.notes, say("times", options["language"], **times)))

    @cell_magic
    def gd_race(self, line: str, cell: str) -> Race | None:
        """Time the loop of this cell beside gradwalk, on the same work.

        ``%%gd_race [name=value …]``, with names as for ``%%gd_check``.

        The loop is checked first: where the two do not make the same walk, there is no race. What
        comes before the loop and after it is not timed, nor what it prints and draws; of both the
        best of up to five runs counts. The cell's names are not set: run it without the magic.
        """
        told, options = self._told(line)
        try:
            race = race_cell(cell, self.shell.user_ns, told, **options)
        except CellError as error:
            print(error)
            return None
        if self.live == "on" and race.ratio is not None:
            found = read_cell(cell, self.shell.user_ns, told, **options)
            order: dict[str, Any] = {} if found.order is None else {"order": found.order}
            found.optimizer.fit(found.X, found.y, init=found.start, progress="live", **order)
        return race

    @line_magic
    def gd_config(self, line: str) -> None:
        """Say how gradwalk answers in this notebook.

        ``%gd_config [language=en|ko] [theme=auto|light|dark] [live=on|off]``

        language : of reports, cards and pictures.
        theme : of reports and cards; auto is that of the page.
        live : whether ``%%gd_race`` shows gradwalk's walk once more, its loss drawn while it goes.

        Without a setting it says what is set. ``%unload_ext gradwalk`` takes all of it back.
        """
        chosen = _pairs(line, "language=ko")
        for name, value in chosen.items():
            known = SETTINGS.get(name, ())
            if value not in known:
                what, got = (name, value) if known else ("setting", name)
                choices = " ".join(known or SETTINGS)
                raise UsageError(say("setting", name=what, known=choices, got=got))
        if "language" in chosen:
            set_language(chosen["language"])
        if "theme" in chosen:
            set_theme(chosen["theme"])
        self.live = chosen.get("live", self.live)
        if not chosen:
            print(say("config", language=chosen_language(), theme=chosen_theme(), live=self.live))

    def _told(self, line: str) -> tuple[dict[str, str], dict[str, Any]]:
        """Part what is told of the cell from the options of the check."""
        told = _pairs(line, "theta=t")
        limit, language = told.pop("time_limit", "20"), told.pop("language", None)
        if language not in (None, *LANGUAGES):
            known = " ".join(LANGUAGES)
            raise UsageError(say("setting", name="language", known=known, got=language))
        try:
            seconds = float(limit)
        except ValueError:
            seconds = 0.0
        if not seconds > 0:
            raise UsageError(say("setting", name="time_limit", known="1, 20, 60 …", got=limit))
        return told, {"time_limit": seconds, "language": language}

    def _check(
        self, cell: str, told: dict[str, str], options: dict[str, Any]
    ) -> tuple[LoopReport, float | None]:
        """Check the cell; and time gradwalk's walk, if its own is right."""
        source = self.shell.transform_cell(cell)
        function = _only_function(source)
        if function is not None:
            return self._check_function(source, function, told, options)
        report, found = read_and_check(source, self.shell.user_ns, told, **options)
        if found is None or not report.passed:
            return report, None
        return report, best_of_three(walk_of(found))

    def _check_function(
        self, source: str, name: str, told: dict[str, str], options: dict[str, Any]
    ) -> tuple[LoopReport, float | None]:
        """Check the function that a cell defines."""
        names: dict[str, Any] = dict(self.shell.user_ns)
        exec(compile(source, "<cell>", "exec", dont_inherit=True), names)
        meant = {MEANING.get(key, key): value for key, value in told.items()}
        data = {}
        for key in ("X", "y"):
            value = meant.pop(key, key)
            if value not in names:
                raise CellError(key, say("needs", options["language"], name=name))
            data[key] = names[value]
        optimizer = _optimizer(meant, names)
        report = check_loop(names[name], **data, optimizer=optimizer, **options)
        return report, best_of_three(lambda: optimizer.fit(**data)) if report.passed else None

    def _run(self, cell: str) -> None:
        """Run the cell in the notebook's names, as it would without the magic."""
        __tracebackhide__ = True
        shell = self.shell
        code = shell.transform_cell(cell)
        name = shell.compile.cache(code, shell.execution_count, cell)
        tree = shell.transform_ast(shell.compile.ast_parse(code, filename=name))
        last = tree.body[-1:] if tree.body and isinstance(tree.body[-1], ast.Expr) else []
        whole = ast.Module(tree.body[: len(tree.body) - len(last)], tree.type_ignores)
        exec(compile(whole, name, "exec"), shell.user_global_ns, shell.user_ns)
        if last:
            exec(
                compile(ast.Interactive(last), name, "single"),
                shell.user_global_ns, shell.user_ns,
            )  # fmt: skip


def _pairs(line: str, example: str) -> dict[str, str]:
    """Read ``name=value`` pairs."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = [line]
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (equals and name.isidentifier() and value):
            raise UsageError(say("pairs", example=example, got=word))
        pairs[name] = value
    return pairs


def _only_function(source: str) -> str | None:
    """Return the name of the function, where a cell defines one and has no loop outside."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    has_loop = any(isinstance(node, ast.For | ast.While) for node in body)
    return functions[-1] if functions and not has_loop else None


def _optimizer(meant: Mapping[str, str], names: dict[str, Any]) -> GradientDescent:
    """Return what a function is to do, by what was told."""
    settings: dict[str, Any] = {}
    for key, value in meant.items():
        if key in ("loss", "sampling"):
            settings[key] = value
        elif key == "momentum":
            settings["rule"] = rules.Momentum(eval(value, names))
        else:
            settings[key] = eval(value, names)
    size = settings.pop("batch_size", None)
    loss = settings.pop("loss", "mse")
    if size is None:
        return BatchGD(loss, **settings)
    return SGD(loss, **settings) if size == 1 else MiniBatchGD(loss, batch_size=size, **settings)


# --- Coming and going ----------------------------------------------------------------------

_KINDS = {"gd_check": "cell", "gd_race": "cell", "gd_config": "line"}


class _Loaded:
    """What there was before."""

    def __init__(self, shell: InteractiveShell, magics: GradwalkMagics) -> None:
        registered = shell.magics_manager.magics
        self.magics = magics
        self.before = {name: registered[kind].get(name) for name, kind in _KINDS.items()}
        self.language, self.theme = chosen_language(), chosen_theme()


_loaded: dict[int, _Loaded] = {}


def load(shell: InteractiveShell) -> None:
    """Register the magics; those that had their names come back with `unload`."""
    if id(shell) in _loaded:
        return
    magics = GradwalkMagics(shell=shell)
    _loaded[id(shell)] = _Loaded(shell, magics)
    shell.register_magics(magics)


def unload(shell: InteractiveShell) -> None:
    """Leave the shell as it was."""
    loaded = _loaded.pop(id(shell), None)
    if loaded is None:
        return
    manager = shell.magics_manager
    for name, kind in _KINDS.items():
        before = loaded.before[name]
        if before is not None:
            manager.magics[kind][name] = before
        else:
            manager.magics[kind].pop(name, None)
    manager.registry.pop(GradwalkMagics.__name__, None)
    configurables: list[Any] = shell.configurables
    configurables.remove(loaded.magics)
    set_language(loaded.language)
    set_theme(loaded.theme)
