"""Takes pictures of gradwalk in JupyterLab, light and dark, and looks at what is on them.

    python tests/notebook_screens/take.py FOLDER [--readme docs/images]

FOLDER gets the pictures, the notebook as it was run, and its export to HTML. With --readme the two
pictures of the README are made anew. It needs Chromium and its driver: on Debian
`apt install chromium chromium-driver fonts-nanum`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By

from cells import CARDS, LIVE, cells, write_notebook
from lab import THEMES, chromium, jupyterlab
from looking import complaints

RUN_SECONDS = 600
#: Picture of the README: theme, and the cells whose outputs are on it.
README = {"notebook_repr": ("light", "fitted"), "notebook_live": ("light", "live")}


def expected() -> int:
    """How many cards the notebook shows; `set_language` and `%gd_config` show none."""
    return len((CARDS | LIVE).keys() & cells().keys()) - 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readme", type=Path, help="folder of the two pictures of the README")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        for theme in THEMES:
            wrong += in_jupyterlab(folder, Path(scratch) / theme, theme)
        for theme in THEMES:
            wrong += as_html(folder, Path(scratch), theme)
    if arguments.readme:
        for name, (theme, cell) in README.items():
            source = folder / f"{theme}_{cell}.png"
            if source.exists():
                reduce(source, arguments.readme / f"{name}.png")
    print("\n".join(wrong) or f"all as it should be; the pictures are in {folder}")
    sys.exit(bool(wrong))


def in_jupyterlab(folder: Path, work: Path, theme: str) -> list[str]:
    """Run the notebook in a theme and take a picture of each output."""
    work.mkdir()
    names = write_notebook(work / "cards.ipynb")
    with jupyterlab(work, theme) as address, chromium(work / ".chromium") as driver:
        driver.set_window_size(1100, 900)
        driver.get(f"{address}/doc/tree/cards.ipynb")
        wait_for(driver, "return !!document.querySelector('.jp-Notebook .jp-CodeCell')", "notebook")
        wait_for(driver, "return !!window.jupyterapp", "application")
        wait_for(driver, KERNEL_IS_READY, "kernel")
        run(driver, list(names), folder, theme)
        driver.execute_async_script(SAVE)
        # Tall enough for all of it, or what is below the edge is not painted.
        driver.set_window_size(1100, 900 + driver.execute_script(HEIGHT))
        driver.execute_script("document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
        time.sleep(1)
        wrong = complaints(driver, expected(), f"JupyterLab, {theme}")
        wrong += [f"JupyterLab, {theme}: {text}" for text in driver.execute_script(ERRORS)]
        notebook = driver.find_element(By.CSS_SELECTOR, ".jp-Notebook")
        notebook.screenshot(str(folder / f"{theme}.png"))
        cells = driver.find_elements(By.CSS_SELECTOR, ".jp-CodeCell")
        for name, cell in zip(names, cells, strict=True):
            cell.screenshot(str(folder / f"{theme}_{name}.png"))
    shutil.copy(work / "cards.ipynb", folder / "cards.ipynb")
    return wrong


def run(driver: webdriver.Chrome, names: list[str], folder: Path, theme: str) -> None:
    """Run all cells; of those that can be watched, take a picture half way, too."""
    driver.set_script_timeout(RUN_SECONDS)
    driver.execute_script(RUN_ALL)
    end = time.monotonic() + RUN_SECONDS
    seen: set[str] = set()
    while time.monotonic() < end:
        prompts = driver.execute_script(PROMPTS)
        if all(prompt.strip("[]: ").isdigit() for prompt in prompts):
            return
        for traceback in driver.execute_script(TRACEBACKS):
            raise SystemExit(f"a cell of the notebook raised\n{traceback}")
        for place, (name, prompt) in enumerate(zip(names, prompts, strict=True)):
            if name in LIVE and name not in seen and "*" in prompt:
                cell = driver.find_elements(By.CSS_SELECTOR, ".jp-CodeCell")[place]
                if cell.find_elements(By.CSS_SELECTOR, ".jp-OutputArea-child"):
                    time.sleep(1.5)
                    cell.screenshot(str(folder / f"{theme}_{name}_walking.png"))
                    seen.add(name)
        time.sleep(0.3)
    raise SystemExit(f"the notebook did not end in {RUN_SECONDS} s: {prompts}")


def as_html(folder: Path, scratch: Path, theme: str) -> list[str]:
    """Export the notebook as it was run, and open it where the system has the other theme."""
    export = [sys.executable, "-m", "nbconvert", "--to", "html", "--theme", theme]
    export += ["--output", f"cards_{theme}.html", str(folder / "cards.ipynb")]
    subprocess.run(export, check=True, capture_output=True)
    wrong = []
    for prefers_dark in (False, True):
        profile = scratch / f"profile_{theme}_{prefers_dark}"
        with chromium(profile, prefers_dark=prefers_dark) as driver:
            driver.set_window_size(1100, 900)
            driver.get((folder / f"cards_{theme}.html").as_uri())
            where = f"nbconvert, {theme}, system {'dark' if prefers_dark else 'light'}"
            wrong += complaints(driver, expected(), where)
            height = driver.execute_script("return document.documentElement.scrollHeight")
            driver.set_window_size(1100, height + 100)
            suffix = "_at_night" if prefers_dark else ""
            driver.save_screenshot(str(folder / f"export_{theme}{suffix}.png"))
    return wrong


def reduce(source: Path, target: Path) -> None:
    """Save a picture with a palette of its own, which makes it small."""
    with Image.open(source) as picture:
        # Without the line that marks the cell which is chosen next.
        whole = picture.convert("RGB").crop((0, 0, picture.width, picture.height - 6))
        whole.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


KERNEL_IS_READY = """
const shell = window.jupyterapp.shell;
const panel = [...shell.widgets("main")].find(at => at.sessionContext);
// A page that nobody looks at has no current widget, and commands need one.
if (panel && shell.currentWidget !== panel) shell.activateById(panel.id);
const kernel = panel && panel.sessionContext && panel.sessionContext.session
  && panel.sessionContext.session.kernel;
return !!kernel && kernel.status === "idle";
"""
RUN_ALL = "window.jupyterapp.commands.execute('notebook:run-all-cells'); return 0"
# Not by a command, which would ask whoever looks at the page.
SAVE = """
const panel = [...window.jupyterapp.shell.widgets("main")].find(at => at.sessionContext);
panel.context.save().then(arguments[arguments.length - 1]);
"""
PROMPTS = """
return [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map(at => at.textContent);
"""
HEIGHT = "return document.querySelector('.jp-WindowedPanel-outer').scrollHeight"
ERRORS = """
return [...document.querySelectorAll('[data-mime-type="application/vnd.jupyter.stderr"]')]
  .map(at => at.textContent);
"""
TRACEBACKS = """
return [...document.querySelectorAll('[data-mime-type="application/vnd.jupyter.error"]')]
  .map(at => at.textContent);
"""


def wait_for(driver: webdriver.Chrome, script: str, what: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if driver.execute_script(script):
            return
        time.sleep(0.3)
    raise SystemExit(f"no {what} after {seconds:g} s")


if __name__ == "__main__":
    main()
