"""Wrong calls: every one is refused, and the message says what was wrong."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from wrong import data as wrong_data
from wrong import settings as wrong_settings
from wrong.calls import Case, Piece, X, fitted, labels, theta, y

CASES = [
    *wrong_settings.cases(),
    *wrong_settings.schedule_table_cases(),
    *wrong_data.cases(),
    *wrong_data.cases_of_the_wrong_moment(),
]


def test_the_table_is_long_and_no_name_comes_twice() -> None:
    assert len(CASES) >= 400
    assert len({case.name for case in CASES}) == len(CASES)


def without(piece: Piece, message: str) -> str:
    """The message with `piece`, which must be in it, cut out."""
    found = re.search(re.escape(piece) if isinstance(piece, str) else piece, message)
    assert found, f"{piece!r} is not in the message: {message}"
    return message[: found.start()] + "|" + message[found.end() :]


@pytest.mark.parametrize("case", CASES, ids=[case.name.partition(" at 0x")[0] for case in CASES])
def test_a_wrong_call_is_refused_and_told_why(case: Case) -> None:
    with pytest.raises(case.error) as caught:
        case.call()
    assert type(caught.value) is case.error
    message = str(caught.value)
    assert re.search(rf"(?<!\w){case.argument}(?!\w)", message), message
    # What came must be said apart from what was expected.
    without(case.came, without(case.expected, message))


# --- Anything at all, anywhere --------------------------------------------------------------

ANYTHING: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 0.0, 0.5, -0.5, 3.0,
    1e300, 5e-324, np.nan, np.inf, -np.inf, 1j, "", "a", "mse", "3", "é", "\udcff", b"mse",
    [], [1], [[1.0]], [[]], (), {}, {1}, range(3), slice(3), ..., object(), type, len,
    np.float32(0.5), np.float16(1), np.longdouble(1), np.int8(3), np.uint64(2**63), np.str_("a"),
    np.datetime64("2020"), np.timedelta64(1, "s"), np.array(0.5), np.array(3), np.array("a"),
    np.array(None), np.zeros(0), np.zeros(6), np.zeros((6, 2)), np.zeros((6, 1)), np.zeros((2, 6)),
    np.full((6, 2), np.nan), np.full(6, 1e308), np.zeros((2, 3), int), np.zeros((1, 1, 1)),
    np.zeros(3, complex), np.zeros(6, "M8[s]"), np.zeros(2, "f4,i4"), np.ma.masked,
    np.random.default_rng, np.random.default_rng(0), np.dtype(float), np.float64, Exception("no"),
]  # fmt: skip

SETTINGS = [
    *("loss", "learning_rate", "epochs", "l2", "fit_intercept", "n_classes", "tol", "patience"),
    *("gtol", "step_tol", "max_updates", "l1", "l1_step"),
    *("random_state", "record", "path_bytes", "batch_size", "sampling", "drop_last"),
]
OF_FIT = ["X", "y", "sample_weight", "init", "order", "full_loss"]
OF_PARTIAL_FIT = ["X", "y", "sample_weight", "order"]
OF_LOSS_AND_GRAD = ["X", "y", "params", "loss", "rows", "sample_weight", "l2", "fit_intercept"]
# Whether θ fits is a matter of both: either may be named.
NAMED = {"X": "X|params", "fit_intercept": "fit_intercept|params"}


def complaints(argument: str, calls: Iterable[Callable[[], object]]) -> list[str]:
    """What is wrong with the way in which calls refused an argument, if they did."""
    wrong = []
    for call in calls:
        try:
            call()
        except (TypeError, ValueError) as error:
            names = NAMED.get(argument, argument)
            named = re.search(rf"(?<!\w)({names})(?!\w)", str(error))
            if not named or type(error) not in (TypeError, ValueError):
                wrong.append(repr(error))
    return wrong


@pytest.mark.parametrize("argument", SETTINGS)
def test_a_constructor_takes_or_refuses_anything(argument: str) -> None:
    calls = [partial(gw.MiniBatchGD, **{argument: value}) for value in ANYTHING]
    assert complaints(argument, calls) == []


@pytest.mark.filterwarnings("ignore")  # some of it diverges, and NumPy warns of some conversions
@pytest.mark.parametrize("loss", ["mse", "log_loss", "cross_entropy"])
@pytest.mark.parametrize("argument", OF_FIT)
def test_fit_takes_or_refuses_anything(argument: str, loss: str) -> None:
    model = gw.SGD(loss, epochs=2)
    right = {"X": X, "y": labels}
    calls = [partial(model.fit, **{**right, argument: value}) for value in ANYTHING]
    assert complaints(argument, calls) == []
    # Whatever happened, the object is as good as new.
    assert model.fit(X, labels).stop_reason_ == "epochs done"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("argument", OF_PARTIAL_FIT)
def test_partial_fit_takes_or_refuses_anything(argument: str) -> None:
    model = fitted("cross_entropy")
    right = {"X": X, "y": y}
    calls = [partial(model.partial_fit, **{**right, argument: value}) for value in ANYTHING]
    assert complaints(argument, calls) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("loss", ["mse", "hinge", "cross_entropy"])
def test_predictions_take_or_refuse_anything(loss: str) -> None:
    model = gw.SGD(loss, epochs=2).fit(X, labels)
    calls = [
        partial(method, value)
        for method in (model.predict, model.decision_function, lambda X: model.score(X, labels))
        for value in ANYTHING
    ]
    assert complaints("X", calls) == []
    assert complaints("y", [partial(model.score, X, value) for value in ANYTHING]) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("argument", OF_LOSS_AND_GRAD)
def test_loss_and_grad_takes_or_refuses_anything(argument: str) -> None:
    right = {"X": X, "y": labels, "params": theta}
    calls = [partial(gw.loss_and_grad, **{**right, argument: value}) for value in ANYTHING]
    assert complaints(argument, calls) == []


# --- What a table cannot say ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        (name, argument)
        for name, method in wrong_settings.CLASSES.items()
        for argument in SETTINGS
        if hasattr(method, argument)
    ],
)
def test_the_three_classes_refuse_in_the_same_words(name: str, argument: str) -> None:
    method = wrong_settings.CLASSES[name]
    with pytest.raises(TypeError) as of_this:
        method(**{argument: [object]})
    with pytest.raises(TypeError) as of_mini_batches:
        gw.MiniBatchGD(**{argument: [object]})
    assert str(of_this.value) == str(of_mini_batches.value)


def test_an_argument_by_place_is_told_the_keyword() -> None:
    with pytest.raises(TypeError, match=r"learning_rate ?="):
        gw.BatchGD("mse", 0.1)
    with pytest.raises(TypeError, match=r"\bfit\("):
        gw.BatchGD(X, y)


def test_weights_whose_sum_overflows_are_not_called_zeros() -> None:
    with pytest.raises(ValueError, match="sample_weight") as caught:
        gw.BatchGD(epochs=2).fit(X, y, sample_weight=np.full(6, 1e308))
    assert "zeros" not in str(caught.value)


def test_a_walk_that_starts_beyond_all_numbers_is_not_told_of_an_earlier_loss() -> None:
    with pytest.warns(gw.DivergenceWarning, match="very first loss is not finite") as caught:
        gw.BatchGD(epochs=3).fit(X * 1e200, y, init=[0, 1, 1])
    assert "NaN" not in str(caught[0].message)


def test_a_divergence_shows_numbers_as_python_writes_them() -> None:
    with pytest.warns(gw.DivergenceWarning) as caught:
        gw.BatchGD(learning_rate=1e308, epochs=3).fit(X, y)
    assert "1e+308" in str(caught[0].message)
    assert not re.search(r"\de\d", str(caught[0].message))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_data_frame_as_order_is_read_by_rows_or_refused(library: str) -> None:
    frame = pytest.importorskip(library, reason=f"{library} is not installed").DataFrame
    order = frame({"first": [0, 1], "second": [2, 3]})
    model = gw.SGD(epochs=2)
    expected = gw.SGD(epochs=2).fit(X, y, order=order.to_numpy()).params_
    try:
        model.fit(X, y, order=order)
    except (TypeError, ValueError) as error:
        assert "order" in str(error)  # noqa: PT017
    else:
        np.testing.assert_array_equal(model.params_, expected)


class Angry(Exception):
    """An exception of the user's own."""


def test_an_exception_of_the_learning_rate_function_comes_out_as_it_is() -> None:
    def rate(t: int) -> float:
        if t == 7:
            raise Angry("no more")
        return 0.1

    model = gw.SGD(learning_rate=rate, epochs=5, random_state=0)
    with pytest.raises(Angry, match="no more"):
        model.fit(X, y)
    # What was walked is kept: one epoch of six updates, and one update of the second.
    assert (model.n_epochs_, model.n_updates_, model.stop_reason_) == (1, 7, "failed")
    same = gw.SGD(learning_rate=0.1, epochs=2, random_state=0, record="update").fit(X, y)
    np.testing.assert_array_equal(model.params_, same.history_.path[7])


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_the_stop_button_during_a_conversion_is_no_bad_input(error: type[BaseException]) -> None:
    class Slow:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise error

    with pytest.raises(error):
        gw.BatchGD().fit(Slow(), y)


@pytest.mark.parametrize(
    "wrong",
    [{"y": y[:3]}, {"sample_weight": -y}, {"init": [0]}, {"order": [[9]] * 2}, {"lr": 0.1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_refused_fit_leaves_the_earlier_one(wrong: dict[str, Any]) -> None:
    model = fitted()
    before = model.params_
    with pytest.raises((TypeError, ValueError)):
        model.fit(**{"X": X, "y": y, **wrong})
    np.testing.assert_array_equal(model.params_, before)
    assert (model.n_epochs_, model.stop_reason_) == (2, "epochs done")


def test_no_attribute_can_be_written() -> None:
    model = fitted()
    for name in ("learning_rate", "epochs", "coef_", "history_"):
        with pytest.raises(AttributeError, match=name):
            setattr(model, name, 1)


def test_the_base_class_and_the_history_are_not_for_making() -> None:
    for name in ("GradientDescent", "History"):
        with pytest.raises(TypeError, match=name):
            getattr(gw, name)()
