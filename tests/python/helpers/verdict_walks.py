"""Walks whose kind is known by how they are made, each in any units.

Every walk has its data, its rate and its start; `scaled` writes the same walk in other units. With
a column of ones in X in place of an intercept, X times s asks for θ over s, and the rate follows
the rule. What a walk has reached is held against the closed form, or against a long run of SciPy's.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.optimize

import gradwalk as gw

METHODS = (gw.BatchGD, gw.SGD, gw.MiniBatchGD)
RULES = ("plain", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW", "Adadelta")
# Their steps have no unit of a gradient; those of Adadelta have one of θ by themselves.
ADAPTIVE = ("AdaGrad", "RMSProp", "Adam", "AdamW")
OWN_STEPS = (*ADAPTIVE, "Adadelta")
SQUARES = ("mse", "half_mse")
KINKED = ("mae", "hinge", "perceptron")
LABELS = ("log_loss", "hinge", "squared_hinge", "cross_entropy")
BETA = 0.8


def rule_of(walk: Walk) -> Any:
    """The rule; ε has the unit of a gradient."""
    if walk.rule == "plain":
        return None
    rule = getattr(gw.rules, walk.rule)
    if walk.rule in ("Momentum", "Nesterov"):
        return rule(BETA)
    if walk.rule == "Adadelta":
        return rule(epsilon=1e-6 * walk.epsilon_scale**2)
    if walk.rule == "AdamW":
        # So little that the walk still ends at the minimum of the loss.
        return rule(epsilon=1e-8 * walk.epsilon_scale, weight_decay=1e-4 * walk.decay_scale)
    return rule(epsilon=1e-8 * walk.epsilon_scale)


@dataclass(frozen=True)
class Walk:
    """A walk down a loss of data, or down a function of them."""

    kind: str
    method: Any
    loss: str
    X: Any
    y: Any
    init: Any
    rate: float
    epochs: int
    rule: str = "plain"
    l2: float = 0.0
    decay: float | None = None
    epsilon_scale: float = 1.0
    decay_scale: float = 1.0
    value_scale: float = 1.0
    added: float = 0.0
    is_function: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)

    def run(self) -> Any:
        """Walk, and return the model."""
        rate: Any = self.rate
        if self.decay is not None:
            rate = gw.schedules.Exponential(self.rate, decay=self.decay)
        settings = {
            "learning_rate": rate,
            "epochs": self.epochs,
            "rule": rule_of(self),
            "random_state": 7,
        } | self.settings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", gw.DivergenceWarning)
            if self.is_function:
                model = self.method(**settings)
                model.minimize(self._value, self.init.ravel(), jac=self._grad)
                return model
            settings |= {"fit_intercept": False, "l2": self.l2}
            return self.method(self.loss, **settings).fit(
                self.X, self.y, init=self.init, **self.fit
            )

    def _value(self, theta: Any) -> float:
        value, _ = gw.loss_and_grad(
            self.X, self.y, theta, loss=self.loss, fit_intercept=False, l2=self.l2
        )
        return float(self.value_scale * value + self.added)

    def _grad(self, theta: Any) -> Any:
        _, grad = gw.loss_and_grad(
            self.X, self.y, theta, loss=self.loss, fit_intercept=False, l2=self.l2
        )
        return self.value_scale * grad

    def scaled(self, what: str, s: float) -> Walk:
        """The same walk with X, y or f in other units, or with a number added to f."""
        slow = self.rule in ADAPTIVE
        if what == "X":
            return replace(
                self,
                X=self.X * s,
                init=self.init / s,
                rate=self.rate / (s if slow else s * s),
                epsilon_scale=self.epsilon_scale * s,
                decay_scale=self.decay_scale * s,
                l2=self.l2 * s * s,
            )
        if what == "y":
            is_mae = self.loss == "mae"
            return replace(
                self,
                y=self.y * s,
                init=self.init * s,
                rate=self.rate * (s if slow or is_mae else 1.0),
                epsilon_scale=self.epsilon_scale * (1.0 if is_mae else s),
                decay_scale=self.decay_scale / s,
            )
        if what == "f":
            return replace(
                self,
                value_scale=self.value_scale * s,
                rate=self.rate / (1.0 if slow else s),
                epsilon_scale=self.epsilon_scale * s,
            )
        return replace(self, added=self.added + s)

    def ways(self) -> tuple[str, ...]:
        """What can be scaled so that the walk stays the same."""
        if self.rule == "Adadelta":
            # Its one ε stands beside squares of gradients and beside squares of steps.
            return ("added",) if self.is_function else ("y",) if self.loss in SQUARES else ()
        if self.is_function:
            return ("f", "added")
        return ("X", "y") if self.loss in (*SQUARES, "mae") else ("X",)

    def left(self, model: Any) -> float:
        """Of all that could be gained from the start, the share that the walk has left."""
        start, lowest = self._at(self.init), self.lowest()
        end = self._at(np.atleast_1d(model.params_))
        losses = model.history_.full_loss
        if len(losses) and self.kind == "oscillating":
            end = float(np.mean(losses[-len(losses) // 4 :]))
        return (end - lowest) / (start - lowest)

    def is_as_made(self, model: Any) -> bool:
        """Whether the walk has left what its kind leaves."""
        if self.kind in ("plateau", "diverging"):
            return True
        most = {"converged": 0.01 if self.loss in KINKED else 1e-3}
        least = {"still descending": 0.02, "narrow valley": 5e-4, "oscillating": 5e-3}
        left = self.left(model)
        return least.get(self.kind, -1.0) < left < most.get(self.kind, np.inf)

    def _at(self, theta: Any) -> float:
        theta = np.reshape(theta, np.shape(self.init))
        return gw.loss_and_grad(
            self.X, self.y, theta, loss=self.loss, fit_intercept=False, l2=self.l2
        )[0]

    def lowest(self) -> float:
        """f at the minimum."""
        if self.loss in SQUARES and self.l2 == 0:
            return self._at(np.linalg.lstsq(self.X, self.y, rcond=None)[0])
        if self.loss == "perceptron":
            return 0.0
        if self.loss in ("mae", "hinge"):
            return self._lowest_with_kinks()

        def both(flat: Any) -> tuple[float, Any]:
            value, grad = gw.loss_and_grad(
                self.X,
                self.y,
                flat.reshape(np.shape(self.init)),
                loss=self.loss,
                fit_intercept=False,
                l2=self.l2,
            )
            return value, np.ravel(grad)

        start = np.zeros(np.size(self.init))
        return float(
            scipy.optimize.minimize(
                both, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000}
            ).fun
        )

    def _lowest_with_kinks(self) -> float:
        """A linear program: Σ tᵢ/n with tᵢ ≥ ±rᵢ, or tᵢ ≥ 1 − yᵢzᵢ and tᵢ ≥ 0."""
        n, d = self.X.shape
        cost = np.r_[np.zeros(d), np.full(n, 1 / n)]
        if self.loss == "mae":
            above = np.block([[self.X, -np.eye(n)], [-self.X, -np.eye(n)]])
            bound = np.r_[self.y, -self.y]
            ranges = [(None, None)] * (d + n)
        else:
            signs = np.where(self.y > 0, 1.0, -1.0)[:, None]
            above, bound = np.hstack([-signs * self.X, -np.eye(n)]), -np.ones(n)
            ranges = [(None, None)] * d + [(0, None)] * n
        return float(scipy.optimize.linprog(cost, above, bound, bounds=ranges).fun)
