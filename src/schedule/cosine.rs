//! Half a wave, once or again and again.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// η(t) = η_min + ½(η₀ − η_min)(1 + cos(π t/T)) up to t = T, then η_min. Source: Loshchilov and
    /// Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017. With `cycles` it
    /// begins again at η₀, each time over `stretch` times as many updates.
    Cosine {
        /// η₀.
        initial in Positive;
        /// T, updates down to the floor.
        updates in Count;
        /// η_min.
        floor in NotNegative = 0.0;
        /// How many times in all.
        cycles in Count = 1.0;
        /// By how much each is longer than the one before.
        stretch in Count = 1.0;
    }
}

impl Formula for Cosine {
    fn at(&self, t: u64) -> Option<f64> {
        let Cosine { initial, updates, floor, cycles, stretch } = *self;
        let (mut t, mut length, mut left) = (t, updates, cycles);
        if stretch == 1 {
            // However many there are.
            left = cycles.saturating_sub(t / length);
            t %= length;
        }
        while left > 0 && t >= length {
            t -= length;
            length = length.saturating_mul(stretch);
            left -= 1;
        }
        if left == 0 {
            return Some(floor);
        }
        let angle = std::f64::consts::PI * t as f64 / length as f64;
        Some(floor + 0.5 * (initial - floor) * (1.0 + angle.cos()))
    }
}
