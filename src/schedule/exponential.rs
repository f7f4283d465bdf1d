//! A share of the rate before.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// η(t) = η₀ γᵗ. Source: Senior et al., "An empirical study of learning rates in deep neural
    /// networks for speech recognition", ICASSP 2013.
    Exponential {
        /// η₀.
        initial in Positive;
        /// γ.
        decay in Decay = 0.999;
    }
}

impl Formula for Exponential {
    fn at(&self, t: u64) -> Option<f64> {
        Some(self.initial * self.decay.powf(t as f64))
    }
}
