//! RMSProp.

use super::{Kept, Memory, Step, Update, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::constants;

constants! {
    /// E ← ρE + (1 − ρ)g², θ ← θ − ηg/(√E + ε), element by element, with E = 0 at the start and ε
    /// outside the root. Source: Hinton, "Neural networks for machine learning", lecture 6e, 2012
    /// (which has no ε).
    #[derive(Copy)]
    RMSProp {
        /// Share of the mean square that is kept.
        rho in Share = 0.9;
        /// Keeps the quotient finite.
        epsilon in Positive = 1e-8;
    }
}

impl Step for RMSProp {
    const KEEPS: [Kept; 2] = [Kept::Nothing, Kept::Number];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let (rho, epsilon) = (T::from_f64(self.rho), T::from_f64(self.epsilon));
        let (one, eta) = (T::one(), update.eta);
        for (at, mean) in update.coordinates().zip(&mut memory.second) {
            *mean = rho * *mean + (one - rho) * at.grad * at.grad;
            let scale = mean.sqrt() + epsilon;
            *at.next = soft_threshold(at.param - eta * at.grad / scale, eta * at.l1 / scale);
        }
    }
}
