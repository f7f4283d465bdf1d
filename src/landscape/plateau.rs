//! The plateau.

use super::{Dimensions, Facts, Minimum, Shape, coordinates};

/// The plateau. Momentum passes its minimum first in epoch 3,320; plain descent arrives in epoch 32,521.
/// The gradient being proportional to eˣ, nearly all of the time is spent at the start, and there momentum
/// is ten times as fast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plateau;

impl Plateau {
    const MINIMUM: f64 = 5.0;
    /// s(5), as [`softplus`] rounds it.
    const TARGET: f64 = 5.006715348489118;
}

/// ln(1 + eˣ), without overflow.
#[inline(always)]
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// 1/(1 + e⁻ˣ): overflow to infinity gives the right 0.
#[inline(always)]
fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Shape for Plateau {
    const FACTS: Facts = Facts {
        name: "plateau",
        formula: "f(x) = ½ (s(x) − s(5))², s(x) = ln(1 + eˣ)",
        source: "Dugas et al., Incorporating second-order functional knowledge for better option \
                 pricing, NIPS (2000); Glorot and Bengio, Understanding the difficulty of \
                 training deep feedforward neural networks, AISTATS (2010)",
        lesson: "One neuron that should answer s(5) and starts where it is dead. The gradient has \
                 the logistic function of x as a factor, which is saturated to the left: f is a \
                 plateau there, its edge lies around x = 0, and to the right is a bowl of \
                 curvature 1. In 4,000 epochs at η = 1 momentum 0.9 crosses it, and plain descent \
                 goes less than 0.8 % of the way.",
        dimensions: Dimensions::Only(1),
        parameter: None,
    };

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x] = coordinates(x);
        let rest = softplus(x) - Self::TARGET;
        0.5 * rest * rest
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x] = coordinates(x);
        put(0, (softplus(x) - Self::TARGET) * logistic(x));
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [x] = coordinates(x);
        let (rest, slope) = (softplus(x) - Self::TARGET, logistic(x));
        put(0, 0, slope * (slope + rest * logistic(-x)));
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        vec![Minimum::global(&[Self::MINIMUM], 0.0)]
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        vec![(-14.0, 10.0)]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![-12.0]
    }

    fn learning_rate(&self) -> f64 {
        1.0
    }
}
