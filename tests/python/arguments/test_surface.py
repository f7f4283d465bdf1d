"""Right calls: what a user expects to work does, and says what it is."""

import copy
import doctest
import functools
import inspect
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
import loss_kinds
import stub_of_losses
from gradwalk import _core, reference, table
from gradwalk._core import LOSS_FACTS
from wrong.calls import X, labels, y

METHODS = {"BatchGD": gw.BatchGD, "SGD": gw.SGD, "MiniBatchGD": gw.MiniBatchGD}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def assert_same_walk(model: gw.GradientDescent, other: gw.GradientDescent) -> None:
    np.testing.assert_array_equal(model.history_.path, other.history_.path, strict=True)
    np.testing.assert_array_equal(model.history_.full_loss, other.history_.full_loss)


# --- Settings -------------------------------------------------------------------------------


def test_numpy_scalars_are_numbers_and_words() -> None:
    model = gw.MiniBatchGD(
        np.str_("half_mse"),
        learning_rate=np.float64(0.25),
        epochs=np.int32(3),
        l2=np.float32(0.5),
        fit_intercept=np.False_,
        tol=np.float16(0.125),
        patience=np.uint8(7),
        random_state=np.uint64(2**64 - 1),
        path_bytes=np.int64(4096),
        batch_size=np.int16(2),
        drop_last=np.True_,
    )
    plain = gw.MiniBatchGD(
        "half_mse",
        learning_rate=0.25,
        epochs=3,
        l2=0.5,
        fit_intercept=False,
        tol=0.125,
        patience=7,
        random_state=2**64 - 1,
        path_bytes=4096,
        batch_size=2,
        drop_last=True,
    )
    for name in inspect.signature(gw.MiniBatchGD).parameters:
        assert getattr(model, name) == getattr(plain, name)
        assert type(getattr(model, name)) is type(getattr(plain, name))
    assert_same_walk(model.fit(X, y), plain.fit(X, y))
    assert gw.BatchGD("cross_entropy", n_classes=np.int64(4)).n_classes == 4


def test_numpy_scalars_in_the_table_of_updates() -> None:
    assert gw.schedule_table(np.int64(10), np.uint8(3), np.int32(2)).rows == (
        gw.schedule_table(10, 3, 2).rows
    )
    assert gw.schedule_table(10, 3, drop_last=np.True_).rows == (
        gw.schedule_table(10, 3, drop_last=True).rows
    )


@pytest.mark.parametrize("rate", [1, Fraction(1, 4), Decimal("0.25"), np.array(0.25)])
def test_a_learning_rate_may_be_any_real_number(rate: Any) -> None:
    assert gw.BatchGD(learning_rate=rate).learning_rate == float(rate)


@pytest.mark.parametrize(
    "convert", [np.float64, np.float32, np.float16, float, np.array, Fraction, Decimal]
)
def test_a_learning_rate_function_may_return_any_real_number(convert: Any) -> None:
    model = gw.SGD(learning_rate=lambda t: convert(0.25), epochs=3, random_state=1)
    same = gw.SGD(learning_rate=0.25, epochs=3, random_state=1)
    assert_same_walk(model.fit(X, y), same.fit(X, y))


def test_a_learning_rate_function_may_be_a_partial_or_return_zero() -> None:
    rate = functools.partial(lambda start, t: start * max(0.0, 1 - t / 2), 0.1)
    model = gw.BatchGD(learning_rate=rate, epochs=4).fit(X, y)
    path = model.history_.path
    assert not np.array_equal(path[1], path[2])
    assert np.array_equal(path[2], path[3])
    assert np.array_equal(path[3], path[4])


def test_numbers_may_be_as_large_as_there_are() -> None:
    model = gw.MiniBatchGD(epochs=2**64 - 1, patience=2, tol=1.0, batch_size=2**64 - 1).fit(X, y)
    assert (model.stop_reason_, model.n_updates_) == ("tolerance met", model.n_epochs_)
    assert model.n_epochs_ < 10


@pytest.mark.parametrize(
    "form",
    [
        np.asarray,
        np.ndarray.tolist,
        tuple,
        list,
        lambda order: order.astype(">i2"),
        lambda order: order.astype(np.uint64),
        lambda order: np.asfortranarray(order),
        lambda order: [rows.astype(np.int8) for rows in order],
    ],
)
def test_an_order_in_any_form(form: Callable[[Any], Any]) -> None:
    order = np.array([[0, 5, 2, 2], [1, 1, 4, 3]])
    model = gw.SGD(epochs=2, learning_rate=0.1).fit(X, y, order=form(order))
    expected = reference.sgd(X, y, epochs=2, learning_rate=0.1, order=order)
    np.testing.assert_allclose(model.history_.path, expected.path, rtol=1e-12, atol=1e-14)
    one_more = model.partial_fit(X, y, order=form(order[:1])).params_
    model.fit(X, y, order=form(order)).partial_fit(X, y, order=form(order)[0])
    np.testing.assert_array_equal(model.params_, one_more)


# --- The objects ----------------------------------------------------------------------------


@every_method
def test_what_fit_learns_is_not_there_before(method: type[gw.GradientDescent]) -> None:
    model = method("log_loss")
    names = [name for name in dir(model) if name.endswith("_") and not name.startswith("_")]
    assert len(names) >= 11
    for name in names:
        assert not hasattr(model, name)
        with pytest.raises(gw.NotFittedError, match=rf"{method.__name__}.*{name}.*fit\(X, y\)"):
            getattr(model, name)
    assert issubclass(gw.NotFittedError, ValueError)
    assert issubclass(gw.NotFittedError, AttributeError)
    model.fit(X, labels)
    # An array's columns have no names.
    assert all(hasattr(model, name) for name in names if name != "feature_names_in_")


@every_method
def test_all_are_gradient_descent(method: type[gw.GradientDescent]) -> None:
    model = method()
    assert isinstance(model, gw.GradientDescent)
    assert model.fit(X, y) is model
    assert model.partial_fit(X, y) is model
    assert method().partial_fit(X, y).n_epochs_ == 1
    assert issubclass(gw.DivergenceWarning, RuntimeWarning)


@every_method
def test_a_model_is_written_as_the_call_that_made_it(method: type[gw.GradientDescent]) -> None:
    assert repr(method()) == f"{method.__name__}()"
    call = f"{method.__name__}(loss='log_loss', learning_rate=0.5, epochs=3, tol=None)"
    model = eval(call, {method.__name__: method})
    assert repr(model) == call
    assert repr(model.fit(X, labels)) == call


def test_a_history_is_written_in_one_line() -> None:
    text = repr(gw.BatchGD(epochs=4).fit(X, y).history_)
    assert re.fullmatch(r"<History of 4 epochs, 5 points of the path, loss \d\.\d+>", text)


class Doubled(gw.SGD):
    """A class of the user's: its own attribute, its own prediction."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.calls = 0

    def predict(self, X: Any) -> Any:
        self.calls += 1
        return 2 * super().predict(X)


def test_a_class_can_be_derived_from() -> None:
    model = Doubled("mse", epochs=3, random_state=0).fit(X, y)
    assert type(model) is Doubled
    assert isinstance(model, gw.SGD)
    plain = gw.SGD(epochs=3, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), 2 * plain.predict(X))
    assert model.calls == 1


def test_a_derived_class_is_called_by_its_name() -> None:
    assert repr(Doubled(epochs=3)) == "Doubled(epochs=3)"


@every_method
def test_a_derived_class_may_have_arguments_of_its_own(method: Any) -> None:
    class Own(method):  # type: ignore[misc]
        def __init__(self, lr: float = 0.02, *, n: int = 3) -> None:
            super().__init__("half_mse", learning_rate=lr, epochs=n)
            self.lr = lr

    model = Own(lr=0.01)
    assert (model.lr, model.learning_rate, model.loss) == (0.01, 0.01, "half_mse")
    assert model.fit(X, y).n_epochs_ == 3
    copied = copy.deepcopy(model)
    assert (type(copied), copied.lr, repr(copied)) == (Own, 0.01, repr(model))
    np.testing.assert_array_equal(copied.params_, model.params_)
    with pytest.raises(TypeError, match='has no argument "lr": here it is learning_rate'):
        method(lr=0.01)


def test_a_derived_class_that_hands_nothing_on_has_the_defaults() -> None:
    class Silent(gw.MiniBatchGD):
        def __init__(self, lr: float) -> None:
            self.lr = lr

    model = Silent(0.5)
    assert (model.learning_rate, model.batch_size, model.epochs) == (0.01, 32, 100)
    assert Silent(0.5).fit(X, y).n_epochs_ == 100


def test_arguments_are_taken_once() -> None:
    model = gw.SGD(epochs=3)
    with pytest.raises(TypeError, match="has its arguments already: make another one"):
        model.__init__(epochs=5)  # type: ignore[misc]
    assert model.epochs == 3


# --- What help() and an editor show ---------------------------------------------------------


@every_method
def test_the_defaults_of_the_signature_are_the_defaults(method: type[gw.GradientDescent]) -> None:
    parameters = inspect.signature(method).parameters
    assert next(iter(parameters)) == "loss"
    model = method()
    for name, parameter in parameters.items():
        assert getattr(model, name) == parameter.default
        assert (parameter.kind is parameter.KEYWORD_ONLY) == (name != "loss")
    settings = {name for name in dir(model) if not name.endswith("_")}
    settings -= {"fit", "partial_fit", "predict", "predict_proba", "decision_function", "score"}
    settings -= {"steps", "minimize", "save"}
    assert settings == set(parameters)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            gw.GradientDescent.fit,
            "(self, /, X, y, *, sample_weight=None, init=None, order=None, validation=None, "
            "restore_best=False, full_loss=False, callback=None, progress=False)",
        ),
        (
            gw.GradientDescent.steps,
            "(self, /, X, y, *, sample_weight=None, init=None, order=None, full_loss=False)",
        ),
        (
            gw.GradientDescent.minimize,
            "(self, /, fun, x0, *, jac=None, n_terms=None, callback=None, progress=False)",
        ),
        (
            gw.GradientDescent.partial_fit,
            "(self, /, X, y, *, sample_weight=None, order=None, progress=False)",
        ),
        (gw.GradientDescent.predict, "(self, /, X, *, params=None)"),
        (gw.GradientDescent.predict_proba, "(self, /, X, *, params=None)"),
        (gw.GradientDescent.decision_function, "(self, /, X, *, params=None)"),
        (gw.GradientDescent.score, "(self, /, X, y, *, params=None)"),
        (
            gw.loss_and_grad,
            "(X, y, params, *, loss='mse', rows=None, sample_weight=None, l2=0.0, "
            "fit_intercept=True)",
        ),
    ],
)
def test_signatures(function: Any, expected: str) -> None:
    assert str(inspect.signature(function)) == expected


def test_the_stub_names_every_loss() -> None:
    stub = stub_of_losses.STUB.read_text(encoding="utf-8")
    assert f'"{gw.LOSSES[-1]}"' in stub
    assert stub == stub_of_losses.with_the_losses(stub), "run tests/python/helpers/stub_of_losses"


def test_what_is_known_of_a_loss_is_in_one_table() -> None:
    assert tuple(LOSS_FACTS) == gw.LOSSES
    for loss, facts in LOSS_FACTS.items():
        classes = np.array([0, 1, 1])
        model = gw.BatchGD(loss, epochs=1).fit(np.eye(3), classes)
        assert hasattr(model, "classes_") == (loss in loss_kinds.CLASSES)
        if facts.has_probabilities:
            assert model.predict_proba(np.eye(3)).shape == (3, 2)
        else:
            with pytest.raises(TypeError, match="log_loss or cross_entropy"):
                model.predict_proba(np.eye(3))
        if facts.has_curvature_bound:
            assert gw.max_learning_rate(np.eye(3), classes, loss=loss) > 0
        else:
            with pytest.raises(ValueError, match="loss must be one with"):
                gw.max_learning_rate(np.eye(3), classes, loss=loss)
        told = " ".join(str(inspect.getdoc(gw.BatchGD)).split())
        assert f'"{loss}" {facts.formula}' in told


PUBLIC = {
    f"{owner.__name__}.{name}": getattr(owner, name)
    for owner in (gw, table, reference)
    for name in owner.__all__
    if name not in ("LOSSES", "__version__")
}
PUBLIC |= {
    f"{owner.__name__}.{name}": member
    for owner in (*METHODS.values(), gw.GradientDescent, gw.History, gw.ScheduleTable)
    for name, member in vars(owner).items()
    if not name.startswith("_") and name not in getattr(owner, "__dataclass_fields__", {})
}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_has_a_docstring(name: str) -> None:
    documentation = inspect.getdoc(PUBLIC[name])
    assert documentation
    assert len(documentation) >= 10
    assert "\\" not in documentation


def parameters_of(documented: Any) -> list[str]:
    if not callable(documented) or documented in (gw.History, gw.ScheduleTable):
        return []
    if isinstance(documented, type) and not issubclass(documented, gw.GradientDescent):
        return []
    return [name for name in inspect.signature(documented).parameters if name != "self"]


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if "reference" not in name and parameters_of(PUBLIC[name])]
)
def test_every_parameter_is_in_the_docstring(name: str) -> None:
    documentation = str(inspect.getdoc(PUBLIC[name]))
    for parameter in parameters_of(PUBLIC[name]):
        assert re.search(rf"^\**(\w+, )*{parameter}\b(, \w+)*( :|$)", documentation, re.MULTILINE)


def examples(module: ModuleType) -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = finder.find(module, module.__name__)
    # What is compiled, or defined elsewhere, is not found in the module.
    for name in getattr(module, "__all__", []):
        if callable(getattr(module, name)):
            found += finder.find(getattr(module, name), name, module=False, globs={})
    return [test for test in found if test.examples]


@pytest.mark.parametrize(
    "module", [gw, _core, table, reference], ids=lambda module: module.__name__
)
def test_the_examples_of_docstrings_are_right(module: ModuleType) -> None:
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in examples(module):
        runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)


def test_the_classes_and_functions_have_examples() -> None:
    named = {test.name for test in examples(gw)}
    assert named >= {"gradwalk", "BatchGD", "SGD", "MiniBatchGD", "loss_and_grad", "schedule_table"}
