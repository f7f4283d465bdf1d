//! A power of t.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// η(t) = η₀ / (1 + t/τ)^p. With p = 1 this is t₀/(t + t₁) for η₀ = t₀/t₁ and τ = t₁. Source:
    /// Bottou, "Stochastic gradient descent tricks" (2012), section 5.2; Géron, *Hands-On Machine
    /// Learning*, chapter 4, for the second form.
    InverseScaling {
        /// η₀.
        initial in Positive;
        /// τ, in updates: where η has fallen to η₀/2ᵖ.
        tau in Positive = 1.0;
        /// p.
        power in NotNegative = 1.0;
    }
}

impl Formula for InverseScaling {
    fn at(&self, t: u64) -> Option<f64> {
        Some(self.initial / (1.0 + t as f64 / self.tau).powf(self.power))
    }
}
