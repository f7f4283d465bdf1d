"""The compiled core: gradient descent in Rust."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, Self, SupportsFloat, SupportsIndex, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

__all__ = [
    "LOSSES",
    "SGD",
    "BatchGD",
    "GradientDescent",
    "History",
    "MiniBatchGD",
    "__version__",
    "loss_and_grad",
]

_Loss: TypeAlias = Literal[
    "mse",
    "half_mse",
    "mae",
    "huber",
    "log_loss",
    "hinge",
    "squared_hinge",
    "cross_entropy",
    "sigmoid_mse",
    "tanh_mse",
]
_LearningRate: TypeAlias = SupportsFloat | Callable[[int], SupportsFloat]
_RandomState: TypeAlias = SupportsIndex | np.random.Generator | None
_Record: TypeAlias = Literal["auto", "update", "epoch"] | None
_Sampling: TypeAlias = Literal["shuffle", "replace", "sequential"]
_Order: TypeAlias = ArrayLike | Sequence[ArrayLike]
_Floats: TypeAlias = NDArray[np.float64]

LOSSES: Final[tuple[str, ...]]
__version__: Final[str]

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
    def path_update(self) -> NDArray[np.int64]: ...
    @property
    def nbytes(self) -> int: ...

@disjoint_base
class GradientDescent:
    @property
    def loss(self) -> _Loss: ...
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
    def random_state(self) -> Any: ...
    @property
    def record(self) -> _Record: ...
    @property
    def path_bytes(self) -> int: ...
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        init: ArrayLike | None = None,
        order: _Order | None = None,
        full_loss: bool = False,
    ) -> Self: ...
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        order: ArrayLike | None = None,
    ) -> Self: ...
    def predict(self, X: ArrayLike) -> NDArray[Any]: ...
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]: ...
    def decision_function(self, X: ArrayLike) -> NDArray[Any]: ...
    def score(self, X: ArrayLike, y: ArrayLike) -> float: ...
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
    def seed_(self) -> int: ...
    @property
    def history_(self) -> History: ...
    @property
    def memory_(self) -> int: ...

class BatchGD(GradientDescent):
    def __new__(
        cls,
        loss: _Loss = "mse",
        *,
        learning_rate: _LearningRate = 0.01,
        epochs: SupportsIndex = 100,
        l2: SupportsFloat = 0.0,
        fit_intercept: bool = True,
        n_classes: SupportsIndex | None = None,
        tol: SupportsFloat | None = None,
        patience: SupportsIndex = 5,
        random_state: _RandomState = None,
        record: _Record = "auto",
        path_bytes: SupportsIndex = 8388608,
    ) -> Self: ...

class SGD(GradientDescent):
    def __new__(
        cls,
        loss: _Loss = "mse",
        *,
        learning_rate: _LearningRate = 0.01,
        epochs: SupportsIndex = 100,
        l2: SupportsFloat = 0.0,
        fit_intercept: bool = True,
        n_classes: SupportsIndex | None = None,
        tol: SupportsFloat | None = None,
        patience: SupportsIndex = 5,
        random_state: _RandomState = None,
        record: _Record = "auto",
        path_bytes: SupportsIndex = 8388608,
        sampling: _Sampling = "shuffle",
    ) -> Self: ...
    @property
    def sampling(self) -> _Sampling: ...

class MiniBatchGD(GradientDescent):
    def __new__(
        cls,
        loss: _Loss = "mse",
        *,
        learning_rate: _LearningRate = 0.01,
        epochs: SupportsIndex = 100,
        l2: SupportsFloat = 0.0,
        fit_intercept: bool = True,
        n_classes: SupportsIndex | None = None,
        tol: SupportsFloat | None = None,
        patience: SupportsIndex = 5,
        random_state: _RandomState = None,
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
    params: ArrayLike,
    *,
    loss: _Loss = "mse",
    rows: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    l2: SupportsFloat = 0.0,
    fit_intercept: bool = True,
) -> tuple[float, NDArray[Any]]: ...
