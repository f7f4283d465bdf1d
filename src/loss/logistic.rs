//! The logistic loss.

use super::{Bend, Facts, Formula, Labels, Link};
use crate::kernel::{exp_of_negative, ln_1p_of_unit};
use crate::real::Real;

/// Logistic loss of a label y in {0, 1}, ℓ = −y ln σ(z) − (1 − y) ln(1 − σ(z)), slope σ(z) − y; −1
/// reads as 0.
///
/// Computed from the signed margin: with ỹ = −1 for y = 0, and 1 for y = 1, ℓ = ln(1 + e^{−ỹz}) and the slope is
/// −ỹ σ(−ỹz), which neither overflows nor cancels.
#[derive(Clone, Copy, Debug)]
pub struct LogLoss;

impl Formula for LogLoss {
    const IS_LONG: bool = true;
    const FACTS: Facts = Facts {
        name: "log_loss",
        labels: Labels::ZeroOneOrSigns,
        link: Link::Logistic,
        bend: Bend::Nowhere,
        has_kink: false,
        formula: "−y ln σ(z) − (1 − y) ln(1 − σ(z))",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let sign = if y > T::zero() { T::one() } else { -T::one() };
        let against = -sign * z;
        // One exponential serves both: e = exp(−|against|) is at most 1.
        let e = exp_of_negative(-against.abs().as_f64());
        let value = against.max(T::zero()) + T::from_f64(ln_1p_of_unit(e));
        let e = T::from_f64(e);
        let numerator = if against >= T::zero() { T::one() } else { e };
        (value, -sign * (numerator / (T::one() + e)))
    }

    /// ∂²ℓ/∂z² = σ(1 − σ)
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        Some(0.25)
    }
}

/// The logistic function σ(z) = 1/(1 + e^{−z}), without overflow.
#[inline(always)]
pub fn logistic<T: Real>(z: T) -> T {
    let e = (-z.abs()).exp();
    if z >= T::zero() { T::one() / (T::one() + e) } else { e / (T::one() + e) }
}
