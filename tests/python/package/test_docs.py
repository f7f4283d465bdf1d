"""The pages of docs/ say what gradwalk does."""

import contextlib
import importlib.util
import io
import re

from paths import ROOT


def test_the_page_of_mistakes_is_what_the_checker_says():
    path = ROOT / "docs" / "mistakes" / "make.py"
    spec = importlib.util.spec_from_file_location("make_mistakes", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.page()
    assert page == module.PAGE.read_text(encoding="utf-8")
    assert page.count("Mended it passes.") == page.count("The checker says:") >= 20
    assert (module.HERE / "report.png").stat().st_size < 200_000


def test_the_snippets_of_grading_run_and_print_what_is_shown():
    text = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    names, compared = {"__name__": "grading"}, 0
    for i, (language, code) in enumerate(blocks):
        if language != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "grading.md", "exec"), names)
        if i + 1 < len(blocks) and blocks[i + 1][0] == "text" and printed.getvalue():
            assert printed.getvalue() == blocks[i + 1][1]
            compared += 1
    assert compared == 1
    assert names["points"] == 0
    for test in ("test_the_loop_is_that_of_the_lesson",):
        with contextlib.suppress(AssertionError):
            names[test]()
            raise RuntimeError("a wrong loop passed")
    right = names["student"]

    def mended(X, y, w, b, learning_rate, epochs):
        for _ in range(epochs):
            error = X @ w + b - y
            w = w - learning_rate * 2 * X.T @ error / len(y)
            b = b - learning_rate * 2 * error.mean()
        return w, b

    assert right is not mended
    names["test_loop"](mended)
