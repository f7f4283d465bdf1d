"""What `import gradwalk` imports, and what only later."""

from __future__ import annotations

import subprocess
import sys


def test_gradwalk_alone_imports_nothing_heavy():
    code = """
import sys
import gradwalk as gw
model = gw.BatchGD(epochs=2).fit([[1.0], [2.0]], [1.0, 2.0])
model._repr_html_(), repr(model)
gw.set_language("ko"), model._repr_html_(), gw.plot, gw.reference, gw.load
print(*sorted(name for name in sys.modules if name.startswith("gradwalk.plot.")))
heavy = {"matplotlib", "tqdm", "IPython", "ipywidgets", "sklearn", "pandas", "scipy"}
print(*sorted(heavy & set(sys.modules)))
"""
    assert run_alone(code) == ""


def test_what_takes_long_to_import_is_imported_when_it_is_asked_for():
    code = """
import sys
import gradwalk as gw
later = {"gradwalk.plot", "gradwalk.reference", "gradwalk.saving", "gradwalk.display", "numpy"}
print(*sorted(later & set(sys.modules)))
assert set(gw.__all__) <= set(dir(gw))
assert all(getattr(gw, name) is not None for name in gw.__all__)
assert gw.plot is sys.modules["gradwalk.plot"] and gw.plot.set_language is gw.set_language
assert gw.load is sys.modules["gradwalk.saving"].load
try:
    gw.nothing
except AttributeError as error:
    assert str(error) == "module 'gradwalk' has no attribute 'nothing'"
else:
    raise AssertionError
from gradwalk import *
"""
    assert run_alone(code) == ""


def test_one_helper_is_imported_without_the_others():
    code = """
import sys
from gradwalk import plot
assert plot.tangents is plot.tangents
helpers = {f"gradwalk.plot.{name}" for name in plot.__all__}
print(*sorted(helpers & set(sys.modules)))
"""
    assert run_alone(code) == "gradwalk.plot.tangents"


def run_alone(code):
    """What a new interpreter prints."""
    run = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()
