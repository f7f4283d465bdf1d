//! The tilted double well.

use super::{Dimensions, Facts, Minimum, Shape, coordinates};

/// The tilted double well: a local minimum, a barrier, a global minimum. By the source noise gets over a
/// barrier ΔE at a rate of about e^(−ΔE/T), here with T ≈ ησ²/(2b) for a gradient noise of standard
/// deviation σ a term, in batches of b.
///
/// # The lesson
///
/// The three methods on the same sum of 100 tilted terms with a spread of 5.5
/// ([`Surface::as_sum`](crate::objective::Surface::as_sum)), for 200 epochs in shuffled order, with
/// η(t) = 0.05/(1 + t/1000), t the update counter:
///
/// | method | batch size | of 100 walks from the local minimum, so many end near the global one |
/// |---|---|---|
/// | batch | 100 | 0 |
/// | mini-batch | 4 | about 40 |
/// | stochastic | 1 | 98 or more |
///
/// "Near" is within 0.1. Of 100 walks that start in the global minimum 98 or more end near it, with
/// each method. The decreasing η makes the noise fade, so that a walk that has crossed settles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DoubleWell;

impl DoubleWell {
    // The zeros of 4x³ − 4x + 1, by Newton's method in 30 digits.
    const GLOBAL: (f64, f64) = (-1.1071598716887676, -1.056172885244464);
    const LOCAL: (f64, f64) = (0.8375654352833231, 0.9266582180811499);
}

impl Shape for DoubleWell {
    const FACTS: Facts = Facts {
        name: "double_well",
        formula: "f(x) = (x² − 1)² + x",
        source: "after Kramers, Brownian motion in a field of force and the diffusion model of \
                 chemical reactions, Physica 7(4) (1940)",
        lesson: "Two wells, one deeper than the other, and a barrier between them at x = \
                 0.269594, only 0.20 above the local minimum and 2.19 above the global one. From \
                 the right of it plain descent ends in the local minimum. The noise of stochastic \
                 descent carries a walk over it: on as_sum(100, 5.5), with 200 epochs at \
                 InverseScaling(0.05, tau=1000), SGD ends near the global minimum nearly always, \
                 MiniBatchGD with batch_size=4 about every other time, and BatchGD never.",
        dimensions: Dimensions::Only(1),
        parameter: None,
    };

    #[inline(always)]
    fn value(&self, x: &[f64]) -> f64 {
        let [x] = coordinates(x);
        let well = x * x - 1.0;
        well * well + x
    }

    #[inline(always)]
    fn gradient(&self, x: &[f64], mut put: impl FnMut(usize, f64)) {
        let [x] = coordinates(x);
        put(0, 4.0 * x * (x * x - 1.0) + 1.0);
    }

    fn hessian(&self, x: &[f64], mut put: impl FnMut(usize, usize, f64)) {
        let [x] = coordinates(x);
        put(0, 0, 12.0 * x * x - 4.0);
    }

    fn minima(&self, _: usize) -> Vec<Minimum> {
        vec![
            Minimum::global(&[Self::GLOBAL.0], Self::GLOBAL.1),
            Minimum::local(&[Self::LOCAL.0], Self::LOCAL.1),
        ]
    }

    fn bounds(&self, _: usize) -> Vec<(f64, f64)> {
        vec![(-1.7, 1.7)]
    }

    fn start(&self, _: usize) -> Vec<f64> {
        vec![1.2]
    }

    fn learning_rate(&self) -> f64 {
        0.05
    }
}
