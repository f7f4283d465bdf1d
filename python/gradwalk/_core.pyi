"""The compiled core: gradient descent in Rust."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import (
    Any,
    Final,
    Literal,
    NoReturn,
    Self,
    SupportsFloat,
    SupportsIndex,
    TypeAlias,
    final,
    overload,
)

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

from gradwalk.progress import Progress
from gradwalk.result import DescentResult
from gradwalk.rules import Rule
from gradwalk.schedules import Schedule

__all__ = [
    "FORMAT_VERSION",
    "LANDSCAPES",
    "LOSSES",
    "LOSS_FACTS",
    "RULES",
    "SCHEDULES",
    "SGD",
    "BatchGD",
    "GradientDescent",
    "History",
    "Landscape",
    "LandscapeSum",
    "LossFacts",
    "MiniBatchGD",
    "Minimum",
    "Step",
    "Steps",
    "Verdict",
    "__version__",
    "_restore_history",
    "_restore_model",
    "_restore_step",
    "_restore_verdict",
    "check_constants",
    "check_positive",
    "loss_and_grad",
    "max_learning_rate",
    "schedule_at",
    "thread_count",
]

_Kind: TypeAlias = Literal[
    "converged",
    "still descending",
    "narrow valley",
    "oscillating",
    "diverging",
    "plateau",
    "stationary point",
]
_Loss: TypeAlias = Literal[
    "mse",
    "half_mse",
    "mae",
    "huber",
    "log_cosh",
    "poisson",
    "log_loss",
    "hinge",
    "squared_hinge",
    "perceptron",
    "sigmoid_mse",
    "tanh_mse",
    "cross_entropy",
]
_LossFunction: TypeAlias = Callable[[Any, Any, Any], tuple[SupportsFloat, ArrayLike]]
_LearningRate: TypeAlias = SupportsFloat | Schedule | Callable[[int], SupportsFloat]
_Rule: TypeAlias = Rule | Callable[[Any, Any, float, dict[str, Any]], ArrayLike]
_RandomState: TypeAlias = SupportsIndex | np.random.Generator | None
_Record: TypeAlias = Literal["auto", "update", "epoch"] | SupportsIndex | None
_Sampling: TypeAlias = Literal["shuffle", "replace", "sequential"]
_Order: TypeAlias = ArrayLike | Sequence[ArrayLike]
_Params: TypeAlias = ArrayLike | tuple[ArrayLike, ArrayLike]
_Floats: TypeAlias = NDArray[np.float64]

FORMAT_VERSION: Final[int]
LANDSCAPES: Final[dict[str, dict[str, tuple[str, float]]]]
LOSSES: Final[tuple[str, ...]]
LOSS_FACTS: Final[dict[str, LossFacts]]
RULES: Final[dict[str, dict[str, tuple[str, float | str | bool | None]]]]
SCHEDULES: Final[dict[str, dict[str, tuple[str, float | None]]]]
__version__: Final[str]

@final
class LossFacts:
    @property
    def labels(
        self,
    ) -> Literal["real", "not_negative", "zero_one_or_signs", "class_numbers"]: ...
    @property
    def link(self) -> Literal["identity", "logistic", "tanh", "exponential", "softmax"]: ...
    @property
    def formula(self) -> str: ...
    @property
    def has_kink(self) -> bool: ...
    @property
    def has_curvature_bound(self) -> bool: ...
    @property
    def has_probabilities(self) -> bool: ...
    @property
    def factor_of_residual(self) -> float | None: ...
    @property
    def residual_of_bend(self) -> int | None: ...
    @property
    def margin_of_bend(self) -> int | None: ...

@final
class History:
    @property
    def loss(self) -> _Floats: ...
    @property
    def full_loss(self) -> _Floats: ...
    @property
    def grad_norm(self) -> _Floats: ...
    @property
    def learning_rate(self) -> _Floats: ...
    @property
    def seconds(self) -> _Floats: ...
    @property
    def update_loss(self) -> _Floats: ...
    @property
    def update_number(self) -> NDArray[np.int64]: ...
    @property
    def path(self) -> NDArray[Any]: ...
    @property
    def coef_path(self) -> NDArray[Any]: ...
    @property
    def intercept_path(self) -> NDArray[Any]: ...
    @property
    def path_update(self) -> NDArray[np.int64]: ...
    @property
    def updates_per_epoch(self) -> NDArray[np.int64]: ...
    @property
    def validation_loss(self) -> _Floats: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def verdict(self) -> Verdict: ...
    def __getitem__(self, key: Any, /) -> NoReturn: ...
    def __iter__(self) -> NoReturn: ...
    def __len__(self) -> NoReturn: ...
    def __bool__(self) -> Literal[True]: ...
    def to_dict(self) -> dict[str, NDArray[Any]]: ...
    def _repr_html_(self) -> str: ...

@final
class Verdict:
    @property
    def kind(self) -> _Kind: ...
    @property
    def figures(self) -> dict[str, float]: ...
    @property
    def clauses(self) -> tuple[str, ...]: ...
    @property
    def word(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    def _repr_html_(self) -> str: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Step:
    @property
    def epoch(self) -> int: ...
    @property
    def update(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def params(self) -> NDArray[Any]: ...
    @property
    def rows(self) -> NDArray[np.int64] | None: ...
    @property
    def params_before(self) -> NDArray[Any] | None: ...
    @property
    def grad(self) -> NDArray[Any] | None: ...

@final
class Steps:
    def __iter__(self) -> Self: ...
    def __next__(self) -> Step: ...

@disjoint_base
class GradientDescent:
    @property
    def loss(self) -> Any: ...
    @property
    def rule(self) -> Any: ...
    @property
    def clip_norm(self) -> float | None: ...
    @property
    def l1(self) -> float: ...
    @property
    def l1_step(self) -> Literal["proximal", "subgradient"]: ...
    @property
    def learning_rate(self) -> Any: ...
    @property
    def epochs(self) -> int: ...
    @property
    def l2(self) -> float: ...
    @property
    def fit_intercept(self) -> bool: ...
    @property
    def n_classes(self) -> int | None: ...
    @property
    def tol(self) -> float | None: ...
    @property
    def patience(self) -> int: ...
    @property
    def gtol(self) -> float | None: ...
    @property
    def step_tol(self) -> float | None: ...
    @property
    def max_updates(self) -> int | None: ...
    @property
    def random_state(self) -> Any: ...
    @property
    def record(self) -> _Record: ...
    @property
    def path_bytes(self) -> int: ...
    @property
    def n_threads(self) -> int | None: ...
    @property
    def n_threads_(self) -> int: ...
    @property
    def feature_names_in_(self) -> NDArray[np.object_]: ...
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        init: _Params | None = None,
        order: _Order | None = None,
        validation: tuple[ArrayLike, ArrayLike] | SupportsFloat | None = None,
        restore_best: bool = False,
        full_loss: bool = False,
        callback: Callable[[Step], object] | None = None,
        progress: Progress = False,
    ) -> Self: ...
    def steps(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        init: _Params | None = None,
        order: _Order | None = None,
        full_loss: bool = False,
    ) -> Steps: ...
    def minimize(
        self,
        fun: Callable[..., Any],
        x0: ArrayLike,
        *,
        jac: Callable[..., ArrayLike] | bool | None = None,
        n_terms: SupportsIndex | None = None,
        callback: Callable[[Step], object] | None = None,
        progress: Progress = False,
    ) -> DescentResult: ...
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        order: ArrayLike | None = None,
        progress: Progress = False,
    ) -> Self: ...
    def predict(self, X: ArrayLike, *, params: _Params | None = None) -> NDArray[Any]: ...
    def predict_proba(self, X: ArrayLike, *, params: _Params | None = None) -> NDArray[Any]: ...
    def decision_function(self, X: ArrayLike, *, params: _Params | None = None) -> NDArray[Any]: ...
    def score(self, X: ArrayLike, y: ArrayLike, *, params: _Params | None = None) -> float: ...
    def save(self, path: str | os.PathLike[str]) -> None: ...
    def _repr_html_(self) -> str: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    @property
    def params_(self) -> NDArray[Any]: ...
    @property
    def coef_(self) -> NDArray[Any]: ...
    @property
    def intercept_(self) -> Any: ...
    @property
    def classes_(self) -> NDArray[np.int64]: ...
    @property
    def n_epochs_(self) -> int: ...
    @property
    def n_updates_(self) -> int: ...
    @property
    def converged_(self) -> bool: ...
    @property
    def stop_reason_(self) -> str: ...
    @property
    def best_epoch_(self) -> int | None: ...
    @property
    def seed_(self) -> int: ...
    @property
    def history_(self) -> History: ...
    @property
    def memory_(self) -> int: ...

class BatchGD(GradientDescent):
    def __new__(
        cls,
        loss: _Loss | _LossFunction = "mse",
        *,
        learning_rate: _LearningRate = 0.01,
        epochs: SupportsIndex = 100,
        rule: _Rule | None = None,
        clip_norm: SupportsFloat | None = None,
        l1: SupportsFloat = 0.0,
        l1_step: Literal["proximal", "subgradient"] = "proximal",
        l2: SupportsFloat = 0.0,
        fit_intercept: bool = True,
        n_classes: SupportsIndex | None = None,
        tol: SupportsFloat | None = None,
        patience: SupportsIndex = 5,
        gtol: SupportsFloat | None = None,
        step_tol: SupportsFloat | None = None,
        max_updates: SupportsIndex | None = None,
        random_state: _RandomState = None,
        n_threads: SupportsIndex | None = None,
        record: _Record = "auto",
        path_bytes: SupportsIndex = 8388608,
    ) -> Self: ...

class SGD(GradientDescent):
    def __new__(
        cls,
        loss: _Loss | _LossFunction = "mse",
        *,
        learning_rate: _LearningRate = 0.01,
        epochs: SupportsIndex = 100,
        rule: _Rule | None = None,
        clip_norm: SupportsFloat | None = None,
        l1: SupportsFloat = 0.0,
        l1_step: Literal["proximal", "subgradient"] = "proximal",
        l2: SupportsFloat = 0.0,
        fit_intercept: bool = True,
        n_classes: SupportsIndex | None = None,
        tol: SupportsFloat | None = None,
        patience: SupportsIndex = 5,
        gtol: SupportsFloat | None = None,
        step_tol: SupportsFloat | None = None,
        max_updates: SupportsIndex | None = None,
        random_state: _RandomState = None,
        n_threads: SupportsIndex | None = None,
        record: _Record = "auto",
        path_bytes: SupportsIndex = 8388608,
        sampling: _Sampling = "shuffle",
    ) -> Self: ...
    @property
    def sampling(self) -> _Sampling: ...

class MiniBatchGD(GradientDescent):
    def __new__(
        cls,
        loss: _Loss | _LossFunction = "mse",
        *,
        learning_rate: _LearningRate = 0.01,
        epochs: SupportsIndex = 100,
        rule: _Rule | None = None,
        clip_norm: SupportsFloat | None = None,
        l1: SupportsFloat = 0.0,
        l1_step: Literal["proximal", "subgradient"] = "proximal",
        l2: SupportsFloat = 0.0,
        fit_intercept: bool = True,
        n_classes: SupportsIndex | None = None,
        tol: SupportsFloat | None = None,
        patience: SupportsIndex = 5,
        gtol: SupportsFloat | None = None,
        step_tol: SupportsFloat | None = None,
        max_updates: SupportsIndex | None = None,
        random_state: _RandomState = None,
        n_threads: SupportsIndex | None = None,
        record: _Record = "auto",
        path_bytes: SupportsIndex = 8388608,
        batch_size: SupportsIndex = 32,
        sampling: _Sampling = "shuffle",
        drop_last: bool = False,
    ) -> Self: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def sampling(self) -> _Sampling: ...
    @property
    def drop_last(self) -> bool: ...

def loss_and_grad(
    X: ArrayLike,
    y: ArrayLike,
    params: _Params,
    *,
    loss: _Loss = "mse",
    rows: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    l2: SupportsFloat = 0.0,
    fit_intercept: bool = True,
) -> tuple[float, NDArray[Any]]: ...

@final
class Minimum:
    def __new__(cls, point: ArrayLike, value: SupportsFloat, is_global: bool) -> Self: ...
    @property
    def point(self) -> _Floats: ...
    @property
    def value(self) -> float: ...
    @property
    def is_global(self) -> bool: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Landscape:
    def __new__(
        cls,
        name: str,
        parameter: SupportsFloat | None = None,
        n_params: SupportsIndex | None = None,
    ) -> Self: ...
    # One point of shape (p,), or a plain number where p is 1, gives a float.
    @overload
    def __call__(self, x: float | Sequence[float]) -> float: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...
    def grad(self, x: ArrayLike) -> _Floats: ...
    def hessian(self, x: ArrayLike) -> _Floats: ...
    def at_dimension(self, p: SupportsIndex) -> Landscape: ...
    def with_condition(self, condition: SupportsFloat) -> Landscape: ...
    def as_sum(
        self,
        n_terms: SupportsIndex,
        spread: SupportsFloat,
        random_state: _RandomState = None,
    ) -> LandscapeSum: ...
    @property
    def name(self) -> str: ...
    @property
    def parameter(self) -> float | None: ...
    @property
    def n_params(self) -> int | None: ...
    @property
    def formula(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def lesson(self) -> str: ...
    @property
    def minima(self) -> list[Minimum]: ...
    @property
    def bounds(self) -> _Floats: ...
    @property
    def start(self) -> _Floats: ...
    @property
    def learning_rate(self) -> float: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class LandscapeSum:
    def __new__(
        cls,
        landscape: Landscape,
        n_terms: SupportsIndex,
        spread: SupportsFloat,
        random_state: _RandomState = None,
    ) -> Self: ...
    @overload
    def __call__(self, x: float | Sequence[float], rows: ArrayLike | None = None) -> float: ...
    @overload
    def __call__(self, x: ArrayLike, rows: ArrayLike | None = None) -> Any: ...
    def grad(self, x: ArrayLike, rows: ArrayLike | None = None) -> _Floats: ...
    @property
    def landscape(self) -> Landscape: ...
    @property
    def n_terms(self) -> int: ...
    @property
    def n_params(self) -> int: ...
    @property
    def spread(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def tilts(self) -> _Floats: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

def max_learning_rate(
    X: ArrayLike,
    y: ArrayLike,
    *,
    loss: _Loss = "mse",
    batch_size: SupportsIndex | None = None,
    sample_weight: ArrayLike | None = None,
    l2: SupportsFloat = 0.0,
    fit_intercept: bool = True,
) -> float: ...

# What pickles, and files of `save`, are put together by.
def _restore_model(class_: Any, arguments: Any, fitted: Any, /) -> Any: ...
def _restore_history(rule: Any, parts: Any, /) -> History: ...
def _restore_verdict(
    kind: str, clauses: tuple[str, ...], figures: dict[str, float], /
) -> Verdict: ...
def _restore_step(numbers: Any, arrays: Any, /) -> Step: ...
def check_constants(spec: tuple[object, ...], /) -> None: ...
def check_positive(argument: str, value: object, /) -> None: ...
def schedule_at(spec: tuple[object, ...], times: NDArray[np.uint64]) -> _Floats: ...

# What a fit may use where `n_threads` says nothing.
def thread_count() -> int: ...
