//! A ramp.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// η(t) = then(0)·(t + 1)/k for t < k, after that then(t − k). Source: Goyal et al., "Accurate,
    /// large minibatch SGD" (2017), section 2.2.
    Warmup {
        /// k, updates of the ramp.
        updates in Count;
        /// What follows.
        then in Schedule;
    }
}

impl Formula for Warmup {
    fn at(&self, t: u64) -> Option<f64> {
        if t < self.updates {
            return Some(self.then.at(0)? * (t as f64 + 1.0) / self.updates as f64);
        }
        self.then.at(t - self.updates)
    }
}
