//! Adadelta.

use super::{Kept, Memory, Step, Update, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::constants;

constants! {
    /// E ← ρE + (1 − ρ)g², Δ = g·√(D + ε)/√(E + ε), D ← ρD + (1 − ρ)Δ², θ ← θ − ηΔ, element by
    /// element, with E = D = 0 at the start and ε inside the roots. Source: Zeiler, "ADADELTA: an
    /// adaptive learning rate method", arXiv 1212.5701 (2012), algorithm 1 (where η is 1).
    #[derive(Copy)]
    Adadelta {
        /// Share of the mean squares that is kept.
        rho in Share = 0.9;
        /// Begins the steps, and keeps the quotient finite.
        epsilon in Positive = 1e-6;
    }
}

impl Step for Adadelta {
    const KEEPS: [Kept; 2] = [Kept::Number, Kept::Number];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let (rho, epsilon) = (T::from_f64(self.rho), T::from_f64(self.epsilon));
        let (one, eta) = (T::one(), update.eta);
        let buffers = memory.first.iter_mut().zip(&mut memory.second);
        for (at, (of_steps, of_slopes)) in update.coordinates().zip(buffers) {
            *of_slopes = rho * *of_slopes + (one - rho) * at.grad * at.grad;
            let scale = (*of_steps + epsilon).sqrt() / (*of_slopes + epsilon).sqrt();
            let step = scale * at.grad;
            *of_steps = rho * *of_steps + (one - rho) * step * step;
            *at.next = soft_threshold(at.param - eta * step, eta * at.l1 * scale);
        }
    }
}
