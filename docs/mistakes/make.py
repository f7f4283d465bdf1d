"""Writes the page of published mistakes, in which what the checker says is never typed.

.venv/bin/python -P docs/mistakes/make.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import gradwalk as gw

sys.path.append(str(Path(__file__).parents[2] / "tests/python/helpers"))

from loops import PUBLISHED_AFTER, PUBLISHED_BEFORE
from loops.loop import Loop
from loops.run import start

HERE = Path(__file__).parent
PAGE = HERE / "README.md"
TOLD = (
    "Each of these was in a notebook, a course or a library from which people learn, and was told "
    "there, in the issue or pull request that is named. The loops were written anew for gradwalk's "
    "tests, as they were and as they were mended. Below is what `gw.check_loop` says of the one, "
    "and that it lets the other pass. The page is made by `docs/mistakes/make.py`, and a test "
    "holds it to that."
)
PICTURE = (
    "The report of a loop: the mistake in two lines, the first θ that differs, both paths and the "
    "distance between them"
)
HEAD = f"""\
# Mistakes of published teaching code

{TOLD}

![{PICTURE}](report.png)

| told in | the mistake | update |
|---|---|---|
"""


def checked(loop: Loop) -> gw.LoopReport:
    """Check a loop of the bench."""
    X, y = loop.data.make()
    init = start(loop) if loop.start else None
    return gw.check_loop(loop.student, X, y, loop.optimizer(), init=init, language="en")


def page() -> str:
    """Return the page."""
    rows, parts = [], []
    for before, after in zip(PUBLISHED_BEFORE, PUBLISHED_AFTER, strict=True):
        wrong, right = checked(before), checked(after)
        first = wrong.first_difference
        where = str(first.update) if first else "losses"
        name = wrong.diagnosis[0].name
        rows.append(f"| {before.source} | {name} | {where} |")
        said = "\n".join(f"> {line}  " for line in wrong.diagnosis[0].message.split("\n"))
        verdict = "passes" if right.passed else "does not pass"
        method = f"`{before.method.__name__}`, `{before.loss}`"
        parts.append(
            f"## {name}\n\n{before.source} ({method}). The checker says:\n\n{said}\n\n"
            f"Mended it {verdict}.\n"
        )
    return HEAD + "\n".join(rows) + "\n\n" + "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
