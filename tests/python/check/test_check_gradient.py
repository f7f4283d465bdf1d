"""`gw.check_gradient`: mistakes are named, and what is right is never accused."""

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import reference

ROWS = 40
DRAWS = np.random.default_rng(9)
LOSSES = sorted(set(reference.LOSSES) - {"cross_entropy"})


def problem(d, dtype, seed=0, loss="log_loss", l2=0.25):
    """A linear model with an intercept: f, its gradient, and a place without symmetry."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((ROWS, d - 1)).astype(dtype)
    z = X[:, :3].sum(axis=1) + rng.standard_normal(ROWS)
    y = (z > 0).astype(dtype)
    X_b = np.column_stack([np.ones(ROWS, dtype), X])
    x0 = (rng.uniform(0.3, 1.5, d) * rng.choice([-1, 1], d) / np.sqrt(d)).astype(dtype)

    def losses(t):
        return reference.LOSSES[loss](X_b @ t, y)

    def fun(t):
        return losses(t)[0].mean() + dtype(l2 / 2) * (t[1:] ** 2).sum()

    def grad(t, l2=l2):
        slope = X_b.T @ losses(t)[1] / dtype(ROWS)
        slope[1:] += dtype(l2) * t[1:]
        return slope.astype(dtype)

    return fun, grad, x0


def first_to(slope, value):
    slope = slope.copy()
    slope[0] = value(slope[0])
    return slope


def last_to(slope, value):
    slope = slope.copy()
    slope[-1] = value(slope[-1])
    return slope


def with_term(slope, t, size):
    slope = slope.copy()
    slope[1:] += slope.dtype.type(size) * t[1:]
    return slope


MISTAKES = {
    "half": (lambda grad, t: grad(t) / 2, "factor ½"),
    "twice": (lambda grad, t: 2 * grad(t), "factor 2"),
    "uphill": (lambda grad, t: -grad(t), "factor −1"),
    "sum": (lambda grad, t: ROWS * grad(t), "sum"),
    "divided twice": (lambda grad, t: grad(t) / ROWS, "divided"),
    "uphill and half": (lambda grad, t: -grad(t) / 2, "factor −½"),
    "no penalty": (lambda grad, t: with_term(grad(t), t, -0.25), "l2 missing"),
    "penalty twice": (lambda grad, t: with_term(grad(t), t, 0.25), "l2 too much"),
    "intercept left out": (lambda grad, t: first_to(grad(t), lambda _: 0), "intercept left out"),
    "last coordinate not reached": (lambda grad, t: last_to(grad(t), lambda _: 0), "zero in some"),
    "sign of the intercept": (lambda grad, t: first_to(grad(t), lambda g: -g), "sign in some"),
    "one for all": (lambda grad, t: np.full_like(t, grad(t).mean()), "averaged"),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [2, 11, 1000])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_first(mistake, d, dtype):
    fun, grad, x0 = problem(d, dtype)
    spoil, name = MISTAKES[mistake]
    report = gw.check_gradient(fun, lambda t: spoil(grad, t), x0)
    assert not report.passed
    assert report.diagnosis, report
    assert report.diagnosis[0].name == name, report
    assert report.diagnosis[0].message.count("\n") <= 2
    assert report.first_difference == np.flatnonzero(report.differing)[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("d", [2, 11, 200])
def test_what_is_right_passes(loss, d, dtype):
    for seed in range(3):
        fun, grad, x0 = problem(d, dtype, seed, loss)
        report = gw.check_gradient(fun, grad, x0)
        assert report.passed, report
        assert (report.diagnosis, report.first_difference, report.score) == ((), None, 1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_thousand_coordinates_raise_no_alarm(dtype):
    for seed in range(3):
        fun, grad, x0 = problem(1000, dtype, seed)
        report = gw.check_gradient(fun, grad, x0)
        assert report.passed, report


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "beale", "rastrigin"])
def test_landscapes_pass_at_their_minima_too(name):
    surface = getattr(gw.landscapes, name)
    for x0 in [*(minimum.point for minimum in surface.minima), [0.3, -0.7]]:
        report = gw.check_gradient(surface, surface.grad, x0)
        assert report.passed, report


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_units_do_not_matter(scale):
    rng = np.random.default_rng(1)
    X, y, x0 = scale * rng.standard_normal((30, 4)), rng.standard_normal(30), np.ones(4) / scale
    grad = lambda t: 2 / 30 * X.T @ (X @ t - y)  # noqa: E731
    fun = lambda t: ((X @ t - y) ** 2).mean()  # noqa: E731
    assert gw.check_gradient(fun, grad, x0).passed
    half = gw.check_gradient(fun, lambda t: grad(t) / 2, x0)
    assert half.diagnosis[0].name == "factor ½"


def test_single_precision_inside_raises_no_alarm():
    fun, grad, x0 = problem(11, np.float32)
    x0 = x0.astype(float)
    inside = lambda function: lambda t: np.float64(function(t.astype(np.float32)))  # noqa: E731
    assert gw.check_gradient(inside(fun), inside(grad), x0).passed


def test_both_sides_of_a_kink_are_right():
    for slope in (-1.0, 0.0, 1.0):
        report = gw.check_gradient(np.abs, lambda x, slope=slope: slope, 0.0)
        assert report.passed
        assert "kink" in report.notes[0]
    assert not gw.check_gradient(np.abs, lambda x: 1.5, 0.0).passed


def test_a_matrix_is_checked_by_its_places():
    rng = np.random.default_rng(2)
    X, T, W = (
        rng.standard_normal((20, 3)),
        rng.standard_normal((20, 4)),
        rng.standard_normal((3, 4)),
    )
    fun = lambda W: ((X @ W - T) ** 2).sum() / 20  # noqa: E731
    grad = lambda W: 2 / 20 * X.T @ (X @ W - T)  # noqa: E731
    assert gw.check_gradient(fun, grad, W).passed
    for wrong in (lambda W: grad(W).T, lambda W: grad(W).T.reshape(3, 4)):
        assert gw.check_gradient(fun, wrong, W).diagnosis[0].name == "transposed"
    assert gw.check_gradient(fun, lambda W: grad(W).ravel(), W).diagnosis[0].name == "another shape"


def test_one_function_for_both():
    report = gw.check_gradient(lambda x: ((x**2).sum(), 2 * x), None, [1.0, 2.0])
    assert report.passed
    assert gw.check_gradient(lambda x: (x**2).sum(), None, [1.0]).diagnosis[0].name == "no pair"


def test_right_numbers_in_wrong_places():
    fun, grad, x0 = problem(11, np.float64)
    cases = {
        "intercept first": lambda t: np.roll(grad(t), -1),
        "intercept last": lambda t: np.roll(grad(t), 1),
        "reversed": lambda t: grad(t)[::-1],
        "no sign": lambda t: np.abs(grad(t)),
        "summed": lambda t: np.full(11, grad(t).sum()),
        "constant": lambda t: grad(t) + 0.5,
        "l1 too much": lambda t: grad(t) + 0.1 * np.sign(t),
        "intercept penalised": lambda t: grad(t) + 0.25 * t * (np.arange(11) == 0),
        "factor in some": lambda t: grad(t) * np.where(np.arange(11) > 5, 3, 1),
        "all zero": np.zeros_like,
        "not finite": lambda t: grad(t) / np.where(np.arange(11) == 4, 0, 1),
    }
    for name, wrong in cases.items():
        with np.errstate(all="ignore"):
            report = gw.check_gradient(fun, wrong, x0)
        assert report.diagnosis[0].name == name, report


def test_what_no_single_mistake_explains_says_so():
    fun, grad, x0 = problem(11, np.float64)
    noise = np.random.default_rng(3).standard_normal(11)
    report = gw.check_gradient(fun, lambda t: grad(t) + noise, x0)
    assert (report.passed, report.diagnosis) == (False, ())
    assert "No single mistake" in str(report)
    assert report.score == 0.0


def _raises(_):
    raise RuntimeError("out of order")


@pytest.mark.parametrize(
    ("fun", "grad", "name"),
    [
        (_raises, lambda x: x, "raises"),
        (lambda x: x.sum(), _raises, "raises"),
        (lambda x: x, lambda x: x, "no number"),
        (lambda x: None, lambda x: x, "no number"),
        (lambda x: "3,5", lambda x: x, "no number"),
        (lambda x: np.inf, lambda x: x, "loss not finite"),
        (lambda x: (x**2).sum(), lambda x: 2 * x.sum(), "one number"),
        (lambda x: (x**2).sum(), lambda x: np.ones((2, 2)), "another shape"),
        (lambda x: (x**2).sum(), lambda x: None, "no gradient"),
        (lambda x: (x**2).sum(), lambda x: "no", "no gradient"),
        (lambda x: (x**2).sum() + DRAWS.random(), lambda x: 2 * x, "not repeatable"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_cannot_be_compared_is_a_report(fun, grad, name, language):
    report = gw.check_gradient(fun, grad, [1.0, 2.0], language=language)
    assert (report.passed, report.first_difference, report.score) == (False, None, 0.0)
    assert [seen.name for seen in report.diagnosis] == [name]
    assert str(report)


def test_what_is_handed_over_stays_as_it_is():
    x0 = np.array([1.0, 2.0])

    def fun(x):
        x += 1
        return ((x - 1) ** 2).sum()

    report = gw.check_gradient(fun, lambda x: 2 * x, x0)
    assert report.passed
    assert "writes into" in report.notes[0]
    assert x0.tolist() == [1.0, 2.0]


def test_a_column_is_right_and_noted():
    report = gw.check_gradient(lambda x: (x**2).sum(), lambda x: 2 * x[:, None], [1.0, 2.0])
    assert report.passed
    assert "(2, 1)" in report.notes[0]


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda: gw.check_gradient(3, np.sin, 1.0), TypeError, "fun must be a function"),
        (lambda: gw.check_gradient(np.sin, 3, 1.0), TypeError, "grad must be a function"),
        (lambda: gw.check_gradient(np.sin, np.cos, "a"), TypeError, "x0 must be an array"),
        (lambda: gw.check_gradient(np.sin, np.cos, []), ValueError, "at least one coordinate"),
        (lambda: gw.check_gradient(np.sin, np.cos, np.nan), ValueError, "x0 must be finite"),
        (lambda: gw.check_gradient(np.sin, np.cos, 1.0, language="fr"), ValueError, "language"),
    ],
)
def test_wrong_arguments_are_refused(call, error, told):
    with pytest.raises(error, match=told):
        call()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_report_in_both_languages(language):
    fun, grad, x0 = problem(30, np.float64)
    report = gw.check_gradient(fun, lambda t: grad(t) / 2, x0, language=language)
    told = {"en": "½ × numeric", "ko": "½ × 수치적"}[language]
    assert told in str(report)
    assert told in report._repr_html_()
    assert str(report).count("θ[") == 10


def test_every_sentence_is_there_in_both_languages():
    from string import Formatter

    from gradwalk.language.checks import SENTENCES

    for name, said in SENTENCES.items():
        blanks = [
            {key for _, key, _, _ in Formatter().parse(text) if key} for text in said.values()
        ]
        assert set(said) == {"en", "ko"}, name
        assert blanks[0] == blanks[1], name
        assert all(text.count("\n") <= 2 for text in said.values()), name
