"""How θ moves once the gradient g is known: the update rules.

Each is a value: constants only, no running state; give it as ``rule=`` to any of the three
methods. All products and roots are element by element, η is the learning rate, and what a rule
remembers starts at zero. With an l1 penalty every rule is followed by soft thresholding with
τ = η · l1 · D, where D is the rule's own scale (1, or 1/(√G + ε) and the like), so that all of
them end at the same minimum, zeros exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradwalk._values import Value

__all__ = ["AdaGrad", "Adadelta", "Adam", "AdamW", "Momentum", "Nesterov", "RMSProp", "Rule"]


class Rule(Value):
    """What the rules of this module have in common."""

    _kind = "rule"

    def __init__(self) -> None:
        raise TypeError(
            "Rule is what the rules have in common: make one of them, such as Momentum(0.9)"
        )


if not TYPE_CHECKING:

    def __getattr__(name):
        from gradwalk._words import no_name

        raise no_name(__name__, name, __all__)


@dataclass(frozen=True)
class Momentum(Rule):
    """A ball that rolls: ``v ← beta*v + g``, ``θ ← θ - η*v``.

    With an l1 penalty the velocity is what was moved, ``v ← (θ - θ_next)/η``.

    Parameters
    ----------
    beta : float, default 0.9
        Share of the velocity that is kept, 0 ≤ beta < 1.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR
    Computational Mathematics and Mathematical Physics 4(5), 1964.
    """

    beta: float = 0.9


@dataclass(frozen=True)
class Nesterov(Rule):
    """Momentum that looks ahead: ``q ← θ - η*g``, ``θ ← q + beta*(q - q_before)``.

    q_before is the q of the update before, and the start at first. θ is the point looked ahead
    to, where the gradient is taken. At a constant η this is ``v ← beta*v + g``,
    ``θ ← θ - η*(g + beta*v)``.

    Parameters
    ----------
    beta : float, default 0.9
        Momentum, 0 ≤ beta < 1.

    References
    ----------
    Y. Nesterov, "A method of solving a convex programming problem with convergence rate
    O(1/k²)", Soviet Mathematics Doklady 27, 1983 (here with a constant beta).
    """

    beta: float = 0.9


@dataclass(frozen=True)
class AdaGrad(Rule):
    """Smaller steps where gradients were large: ``G ← G + g²``, ``θ ← θ - η*g/(√G + epsilon)``.

    With ``epsilon_at="inside"`` it is ``θ ← θ - η*g/√(G + epsilon)`` (Dive into Deep Learning).

    Parameters
    ----------
    epsilon : float, default 1e-10
        Keeps the quotient finite.
    epsilon_at : {"outside", "inside"}, default "outside"
        Where epsilon stands: beside the root, or in it.

    References
    ----------
    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", JMLR 12, 2011.
    """

    epsilon: float = 1e-10
    epsilon_at: str = "outside"


@dataclass(frozen=True)
class RMSProp(Rule):
    """AdaGrad that forgets: ``E ← rho*E + (1 - rho)*g²``, ``θ ← θ - η*g/(√E + epsilon)``.

    With ``epsilon_at="inside"`` it is ``θ ← θ - η*g/√(E + epsilon)`` (Dive into Deep Learning).

    Parameters
    ----------
    rho : float, default 0.9
        Share of the mean square that is kept, 0 ≤ rho < 1.
    epsilon : float, default 1e-8
        Keeps the quotient finite.
    epsilon_at : {"outside", "inside"}, default "outside"
        Where epsilon stands: beside the root, or in it.

    References
    ----------
    G. Hinton, "Neural networks for machine learning", lecture 6e, 2012 (without epsilon).
    """

    rho: float = 0.9
    epsilon: float = 1e-8
    epsilon_at: str = "outside"


@dataclass(frozen=True)
class Adadelta(Rule):
    """RMSProp in the units of θ: steps as long as the steps before them.

    ``E ← rho*E + (1 - rho)*g²``, ``Δ = g*√(D + epsilon)/√(E + epsilon)``,
    ``D ← rho*D + (1 - rho)*Δ²``, ``θ ← θ - η*Δ``.

    The learning rate is a factor, 1 in the paper: ``SGD(learning_rate=1.0, rule=Adadelta())``.

    Parameters
    ----------
    rho : float, default 0.9
        Share of the mean squares that is kept, 0 ≤ rho < 1.
    epsilon : float, default 1e-6
        Begins the steps, and keeps the quotient finite; inside the roots.

    References
    ----------
    M. D. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv 1212.5701, 2012, algorithm 1.
    """

    rho: float = 0.9
    epsilon: float = 1e-6


@dataclass(frozen=True)
class Adam(Rule):
    """Momentum and RMSProp, both corrected for their start at zero.

    ``m ← beta1*m + (1 - beta1)*g``, ``v ← beta2*v + (1 - beta2)*g²``, at the k-th update
    ``m̂ = m/(1 - beta1^k)``, ``v̂ = v/(1 - beta2^k)``, ``θ ← θ - η*m̂/(√v̂ + epsilon)``.

    What η*m̂ is divided by, by epsilon_at: "outside" ``√v̂ + epsilon``, "inside" ``√(v̂ + epsilon)``,
    "uncorrected" ``(√v + epsilon)/√(1 - beta2^k)``, which is the corrected rate
    ``η*√(1 - beta2^k)/(1 - beta1^k)`` of Keras and of Deep Learning from Scratch.

    With amsgrad, v̂ comes of the largest v so far: ``u ← max(u, v)``, ``v̂ = u/(1 - beta2^k)``, and
    "uncorrected" takes the root of u; as in PyTorch and Keras. No step grows because a large
    gradient is forgotten.

    Parameters
    ----------
    beta1 : float, default 0.9
        Share of the mean that is kept, 0 ≤ beta1 < 1.
    beta2 : float, default 0.999
        Share of the mean square that is kept, 0 ≤ beta2 < 1.
    epsilon : float, default 1e-8
        Keeps the quotient finite.
    epsilon_at : {"outside", "inside", "uncorrected"}, default "outside"
        Where epsilon stands.
    amsgrad : bool, default False
        Whether to divide by the largest mean square so far.

    References
    ----------
    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1;
    "uncorrected" is the end of its section 2.
    S. J. Reddi, S. Kale and S. Kumar, "On the convergence of Adam and beyond", ICLR 2018,
    algorithm 2 (there without the corrections).
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    epsilon_at: str = "outside"
    amsgrad: bool = False


@dataclass(frozen=True)
class AdamW(Rule):
    """Adam, and weights that decay beside it: ``w ← w - η*weight_decay*w``.

    The decay is no part of the gradient, so that Adam's scale does not touch it, as it does that of
    ``l2``. The intercept does not decay; of a loss of your own, and in ``minimize``, all of θ does.
    With weight_decay 0 it is Adam.

    Parameters
    ----------
    beta1 : float, default 0.9
        Share of the mean that is kept, 0 ≤ beta1 < 1.
    beta2 : float, default 0.999
        Share of the mean square that is kept, 0 ≤ beta2 < 1.
    epsilon : float, default 1e-8
        Keeps the quotient finite.
    weight_decay : float, default 0.01
        What an update takes off w, as a share of it and in units of η; at least 0.
    epsilon_at : {"outside", "inside", "uncorrected"}, default "outside"
        Where epsilon stands, as in `Adam`.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01
    epsilon_at: str = "outside"
