//! The plateau.

use super::{Minimum, Shape, coordinates};

/// The plateau, f(x) = ½(s(x) − s(5))² with the softplus s(x) = ln(1 + eˣ).
///
/// One neuron whose answer should be s(5), started where it is dead. The gradient
/// (s(x) − s(5))·σ(x) has the logistic σ(x) = 1/(1 + e⁻ˣ) as a factor: to the left σ is saturated
/// and f a plateau at ½ s(5)² = 12.53, nearly flat; around x = 0 is its edge; to the right lies a
/// bowl of curvature 1.
///
/// - Minimum: 0 at x = 5, the only one; the gradient there is exactly 0.
/// - Bounds: −14 … 10. Start: −12, where the gradient is −3·10⁻⁵. η = 1.
/// - Source: softplus after Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating second-order
///   functional knowledge for better option pricing" (NIPS 2000); on saturation, Glorot and Bengio,
///   "Understanding the difficulty of training deep feedforward neural networks" (AISTATS 2010).
///
/// # The lesson
///
/// In 4,000 epochs of batch descent at η = 1 momentum 0.9 crosses the plateau and comes to rest in
/// the minimum (it passes it first in epoch 3,320). Plain descent goes less than 0.8 % of the way in
/// that time, and arrives in epoch 32,521. The gradient being proportional to eˣ, nearly all of the
/// time is spent at the start, and there momentum is ten times as fast.
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
    const N_PARAMS: Option<usize> = Some(1);
    const FORMULA: &'static str = "f(x) = ½ (s(x) − s(5))², s(x) = ln(1 + eˣ)";
    const SOURCE: &'static str = "Dugas et al., Incorporating second-order functional knowledge \
                                  for better option pricing, NIPS (2000); Glorot and Bengio, \
                                  Understanding the difficulty of training deep feedforward \
                                  neural networks, AISTATS (2010)";

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
