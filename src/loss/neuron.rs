//! One neuron with squared error: not convex, and flat where the neuron saturates.

use super::{Bend, Facts, Formula, Labels, Link};
use crate::kernel::exp_of_negative;
use crate::real::Real;

/// One sigmoid neuron with squared error, ℓ = (σ(z) − y)², slope 2(σ − y)σ(1 − σ): not convex,
/// flat where the neuron saturates.
#[derive(Clone, Copy, Debug)]
pub struct SigmoidMse;

impl Formula for SigmoidMse {
    const IS_LONG: bool = true;
    const FACTS: Facts = Facts {
        name: "sigmoid_mse",
        labels: Labels::Real,
        link: Link::Logistic,
        bend: Bend::Nowhere,
        has_kink: false,
        formula: "(σ(z) − y)²",
    };
    const CURVATURE_NEEDS_RANGE: bool = true;

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let e = T::from_f64(exp_of_negative(-z.abs().as_f64()));
        let sum = T::one() + e;
        let sigma = if z >= T::zero() { T::one() } else { e } / sum;
        let residual = sigma - y;
        // σ(1 − σ) = e/(1 + e)², which keeps its digits where σ rounds to 1.
        let derivative = e / (sum * sum);
        (residual * residual, (residual + residual) * derivative)
    }

    /// ∂²ℓ/∂z² = 2σ(1 − σ)(2σ − 3σ² − y(1 − 2σ)): its maximum over σ, found numerically.
    fn curvature_bound(self, lowest: f64, highest: f64) -> Option<f64> {
        Some(sigmoid_curvature(lowest, highest))
    }
}

/// One tanh neuron with squared error, ℓ = (tanh z − y)², slope 2(tanh z − y)(1 − tanh² z): not
/// convex, flat where the neuron saturates.
#[derive(Clone, Copy, Debug)]
pub struct TanhMse;

impl Formula for TanhMse {
    const IS_LONG: bool = true;
    const FACTS: Facts = Facts {
        name: "tanh_mse",
        labels: Labels::Real,
        link: Link::Tanh,
        bend: Bend::Nowhere,
        has_kink: false,
        formula: "(tanh z − y)²",
    };
    const CURVATURE_NEEDS_RANGE: bool = true;

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let t = z.tanh();
        let residual = t - y;
        // 1 − tanh² z = 4e/(1 + e)² with e = exp(−2|z|), which keeps its digits where tanh z rounds to ±1.
        let e = (-(z.abs() + z.abs())).exp();
        let sum = T::one() + e;
        let derivative = T::from_f64(4.0) * e / (sum * sum);
        (residual * residual, (residual + residual) * derivative)
    }

    /// tanh z = 2σ(2z) − 1, so it is 16 times that of `sigmoid_mse` at 2z and ½(1 + y).
    fn curvature_bound(self, lowest: f64, highest: f64) -> Option<f64> {
        Some(16.0 * sigmoid_curvature(0.5 * (1.0 + lowest), 0.5 * (1.0 + highest)))
    }
}

/// The largest ∂²ℓ/∂z² of (σ(z) − y)² over all z and the targets from `lowest` to `highest`.
///
/// It is linear in y, so that the largest is at one of the two ends, and as a function of σ a
/// polynomial of degree 4: the best of a thousand places is improved between its neighbours.
fn sigmoid_curvature(lowest: f64, highest: f64) -> f64 {
    const PLACES: u32 = 1000;
    let at = |s: f64, y: f64| 2.0 * s * (1.0 - s) * (s * (2.0 - 3.0 * s) - y * (1.0 - 2.0 * s));
    let curvature = |s: f64| at(s, lowest).max(at(s, highest));
    let places = (0..=PLACES).map(|place| f64::from(place) / f64::from(PLACES));
    let best = places.max_by(|&a, &b| curvature(a).total_cmp(&curvature(b))).unwrap_or(0.5);
    let step = 1.0 / f64::from(PLACES);
    let (mut left, mut right) = ((best - step).max(0.0), (best + step).min(1.0));
    for _ in 0..60 {
        let third = (right - left) / 3.0;
        if curvature(left + third) < curvature(right - third) {
            left += third;
        } else {
            right -= third;
        }
    }
    curvature(0.5 * (left + right)).max(curvature(best))
}
