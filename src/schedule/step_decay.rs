//! A stair.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// η(t) = η₀ γ^⌊t/s⌋. Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section
    /// 8.3.1.
    StepDecay {
        /// η₀.
        initial in Positive;
        /// γ.
        factor in Decay = 0.5;
        /// s, updates a step.
        every in Count = 1000.0;
    }
}

impl Formula for StepDecay {
    fn at(&self, t: u64) -> Option<f64> {
        Some(self.initial * self.factor.powf((t / self.every) as f64))
    }
}
