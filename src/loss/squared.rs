//! Squared errors.

use super::{Bend, Facts, Formula, Labels, Link};
use crate::real::Real;

/// Squared error, ℓ = (z − y)², slope 2(z − y). On a batch the gradient is 2/m Xᵀ(z − y), as in
/// Géron, *Hands-On Machine Learning*, chapter 4.
#[derive(Clone, Copy, Debug)]
pub struct Mse;

impl Formula for Mse {
    const FACTS: Facts = Facts {
        name: "mse",
        labels: Labels::Real,
        link: Link::Identity,
        bend: Bend::Nowhere,
        has_kink: false,
        formula: "(z − y)²",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        (residual * residual, residual + residual)
    }

    /// ∂²ℓ/∂z² = 2
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        Some(2.0)
    }
}

/// Half the squared error, ℓ = ½(z − y)², slope z − y. On a batch the gradient is 1/m Xᵀ(z − y),
/// as in Ng's CS229 notes.
#[derive(Clone, Copy, Debug)]
pub struct HalfMse;

impl Formula for HalfMse {
    const FACTS: Facts = Facts {
        name: "half_mse",
        labels: Labels::Real,
        link: Link::Identity,
        bend: Bend::Nowhere,
        has_kink: false,
        formula: "½(z − y)²",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let residual = z - y;
        (T::from_f64(0.5) * residual * residual, residual)
    }

    /// ∂²ℓ/∂z² = 1
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        Some(1.0)
    }
}
