//! Losses of a margin ỹz, where a label ỹ is −1 or 1.

use super::{Bend, Facts, Formula, Labels, Link, sign_of_label};
use crate::real::Real;

/// Hinge loss, ℓ = max(0, 1 − ỹz) with ỹ = −1 or 1 (a label 0 reads as −1), slope −ỹ inside the
/// margin, 0 beyond it. Source: Cortes and Vapnik, "Support-vector networks" (1995).
#[derive(Clone, Copy, Debug)]
pub struct Hinge;

impl Formula for Hinge {
    const FACTS: Facts = Facts {
        name: "hinge",
        labels: Labels::ZeroOneOrSigns,
        link: Link::Identity,
        bend: Bend::Margin(1),
        has_kink: true,
        formula: "max(0, 1 − ỹz)",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let sign = sign_of_label(y);
        let shortfall = T::one() - sign * z;
        // Asked this way round, a NaN falls through instead of turning into 0.
        if shortfall <= T::zero() { (T::zero(), T::zero()) } else { (shortfall, -sign) }
    }

    /// The slope jumps.
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        None
    }
}

/// Perceptron criterion, ℓ = max(0, −ỹz), slope −ỹ where ỹz ≤ 0, else 0; a label 0 reads as −1. At the
/// kink z = 0 the row counts as wrong: SGD with a learning rate of 1 is Rosenblatt's rule, which
/// could not leave θ = 0 otherwise. Source: Rosenblatt, "The perceptron" (1958).
#[derive(Clone, Copy, Debug)]
pub struct Perceptron;

impl Formula for Perceptron {
    const FACTS: Facts = Facts {
        name: "perceptron",
        labels: Labels::ZeroOneOrSigns,
        link: Link::Identity,
        bend: Bend::Margin(0),
        has_kink: true,
        formula: "max(0, −ỹz)",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let sign = sign_of_label(y);
        let margin = sign * z;
        // Asked this way round, a NaN falls through instead of turning into 0.
        if margin > T::zero() { (T::zero(), T::zero()) } else { (-margin, -sign) }
    }

    /// The slope jumps.
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        None
    }
}

/// Squared hinge loss, ℓ = max(0, 1 − ỹz)² (no ½), slope −2ỹ max(0, 1 − ỹz); a label 0 reads as −1.
#[derive(Clone, Copy, Debug)]
pub struct SquaredHinge;

impl Formula for SquaredHinge {
    const FACTS: Facts = Facts {
        name: "squared_hinge",
        labels: Labels::ZeroOneOrSigns,
        link: Link::Identity,
        bend: Bend::Margin(1),
        has_kink: false,
        formula: "max(0, 1 − ỹz)²",
    };

    #[inline(always)]
    fn value_and_slope<T: Real>(self, z: T, y: T) -> (T, T) {
        let sign = sign_of_label(y);
        let shortfall = T::one() - sign * z;
        if shortfall <= T::zero() {
            (T::zero(), T::zero())
        } else {
            (shortfall * shortfall, -(sign + sign) * shortfall)
        }
    }

    /// ∂²ℓ/∂z² is 2 or 0
    fn curvature_bound(self, _lowest: f64, _highest: f64) -> Option<f64> {
        Some(2.0)
    }
}
