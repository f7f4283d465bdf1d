//! A straight line.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// η(t) = η₀ + (η_min − η₀) t/T up to t = T, then η_min. Source: Goodfellow, Bengio and Courville,
    /// *Deep Learning* (2016), section 8.3.1, equation 8.14.
    Linear {
        /// η₀.
        initial in Positive;
        /// T, updates down to the floor.
        updates in Count;
        /// η_min.
        floor in NotNegative = 0.0;
    }
}

impl Formula for Linear {
    fn at(&self, t: u64) -> Option<f64> {
        let Linear { initial, updates, floor } = *self;
        if t >= updates {
            return Some(floor);
        }
        Some(initial + (floor - initial) * (t as f64 / updates as f64))
    }
}
