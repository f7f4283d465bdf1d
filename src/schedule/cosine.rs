//! Half a wave.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// η(t) = η_min + ½(η₀ − η_min)(1 + cos(π t/T)) up to t = T, then η_min. Source: Loshchilov and
    /// Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017 (one period).
    Cosine {
        /// η₀.
        initial in Positive;
        /// T, updates down to the floor.
        updates in Count;
        /// η_min.
        floor in NotNegative = 0.0;
    }
}

impl Formula for Cosine {
    fn at(&self, t: u64) -> Option<f64> {
        let Cosine { initial, updates, floor } = *self;
        if t >= updates {
            return Some(floor);
        }
        let angle = std::f64::consts::PI * t as f64 / updates as f64;
        Some(floor + 0.5 * (initial - floor) * (1.0 + angle.cos()))
    }
}
