//! Up, and then down for longer.

use super::Formula;
use crate::schedule::constants::constants;

constants! {
    /// From η_max/a up to η_max over the first rT updates and down to η_max/(ab) at t = T, each by half
    /// a wave of the cosine; after that it stays. Source: L. N. Smith and N. Topin, "Super-convergence:
    /// very fast training of neural networks using large learning rates" (2018).
    OneCycle {
        /// η_max.
        peak in Positive;
        /// T, updates of the whole.
        updates in Count;
        /// r, the share of the way up.
        rise in Share = 0.3;
        /// a, how many times the start is below the peak.
        divisor in Positive = 25.0;
        /// b, how many times the end is below the start.
        final_divisor in Positive = 1e4;
    }
}

impl Formula for OneCycle {
    fn at(&self, t: u64) -> Option<f64> {
        let OneCycle { peak, updates, rise, divisor, final_divisor } = *self;
        let (initial, floor) = (peak / divisor, peak / divisor / final_divisor);
        let (top, end, t) = (rise * updates as f64, updates as f64, t as f64);
        let half_wave = |from: f64, to: f64, share: f64| {
            to + 0.5 * (from - to) * (1.0 + (std::f64::consts::PI * share).cos())
        };
        Some(match t {
            t if t < top => half_wave(initial, peak, t / top),
            t if t < end => half_wave(peak, floor, (t - top) / (end - top)),
            _ => floor,
        })
    }
}
