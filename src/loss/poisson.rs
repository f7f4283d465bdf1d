//! Poisson regression: counts, whose expected number is e^z.

use super::{Bend, Facts, Formula, Labels, Link};
use crate::kernel::exp_of_negative;
use crate::real::Real;

/// Poisson loss, ℓ = e^z − y·z of a count y ≥ 0, slope e^z − y: −ln of the probability of y with the
/// mean e^z, without the ln y! that no θ changes. Beyond z = 708 (88 in single precision) it is
/// infinite, so a walk that comes there has diverged. Source: McCullagh and Nelder, *Generalized
/// Linear Models* (1989), chapter 6.
#[derive(Clone, Copy, Debug)]
pub struct Poisson;

impl Formula for Poisson {
    const IS_LONG: bool = true;
    const FACTS: Facts = Facts {
        name: "poisson",
        labels: Labels::NotNegative,
        link: Link::Exponential,
        bend: Bend::Nowhere,
        has_kink: false,
        formula: "e^z − y·z",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let mean = exponential(z);
        (mean - y * z, mean - y)
    }

    /// ∂²ℓ/∂z² = e^z
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        None
    }
}

/// e^z; infinite beyond 708.
#[inline(always)]
pub fn exponential<T: Real>(z: T) -> T {
    let e = exp_of_negative(-z.abs().as_f64());
    T::from_f64(if z > T::zero() { 1.0 / e } else { e })
}

/// Half the deviance of a count y from its mean μ, y ln(y/μ) − y + μ: 0 where they are equal.
pub fn half_deviance(y: f64, mean: f64) -> f64 {
    if mean.is_infinite() {
        return f64::INFINITY;
    }
    let surprise = if y > 0.0 { y * (y / mean).ln() } else { 0.0 };
    surprise - y + mean
}
