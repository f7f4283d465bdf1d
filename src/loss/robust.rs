//! Losses that grow with the residual and no faster, so that a wild target counts for little.

use super::{Bend, Facts, Formula, Labels, Link};
use crate::kernel::{exp_of_negative, ln_1p_of_unit};
use crate::real::Real;

/// Absolute error, ℓ = |z − y|, slope sign(z − y), 0 at the kink.
#[derive(Clone, Copy, Debug)]
pub struct Mae;

impl Formula for Mae {
    const FACTS: Facts = Facts {
        name: "mae",
        labels: Labels::Real,
        link: Link::Identity,
        bend: Bend::Residual(0),
        has_kink: true,
        formula: "|z − y|",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        let slope = if residual == T::zero() { T::zero() } else { residual.signum() };
        (residual.abs(), slope)
    }

    /// The slope jumps.
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        None
    }
}

/// Huber's loss with threshold 1: for r = z − y, ℓ = ½r² if |r| ≤ 1, else |r| − ½; slope r cut to
/// −1…1. Source: Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964).
#[derive(Clone, Copy, Debug)]
pub struct Huber;

impl Formula for Huber {
    const FACTS: Facts = Facts {
        name: "huber",
        labels: Labels::Real,
        link: Link::Identity,
        bend: Bend::Residual(1),
        has_kink: false,
        formula: "½r² if |r| ≤ 1, else |r| − ½, for r = z − y",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        let size = residual.abs();
        if size <= T::one() {
            (T::from_f64(0.5) * residual * residual, residual)
        } else {
            (size - T::from_f64(0.5), residual.signum())
        }
    }

    /// ∂²ℓ/∂z² is 1 or 0
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        Some(1.0)
    }
}

/// ℓ = ln cosh(z − y), slope tanh(z − y): about ½r² near the target and |r| − ln 2 far from it, with
/// no place where it bends. Computed as |r| + ln(1 + e^{−2|r|}) − ln 2, which does not overflow.
/// Source: Green, "Bayesian reconstructions from emission tomography data using a modified EM
/// algorithm", IEEE Trans. Medical Imaging 9 (1990).
#[derive(Clone, Copy, Debug)]
pub struct LogCosh;

impl Formula for LogCosh {
    const IS_LONG: bool = true;
    const FACTS: Facts = Facts {
        name: "log_cosh",
        labels: Labels::Real,
        link: Link::Identity,
        bend: Bend::Nowhere,
        has_kink: false,
        formula: "ln cosh(z − y)",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        let size = residual.abs().as_f64();
        // One exponential serves both: e^{−2|r|} is at most 1, and tanh |r| = (1 − e)/(1 + e).
        let e = exp_of_negative(-2.0 * size);
        let value = size + (ln_1p_of_unit(e) - std::f64::consts::LN_2);
        let slope = T::from_f64((1.0 - e) / (1.0 + e));
        (T::from_f64(value), if residual < T::zero() { -slope } else { slope })
    }

    /// ∂²ℓ/∂z² = 1 − tanh²
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        Some(1.0)
    }
}
