//! Adam.

use super::{Coordinate, Kept, Memory, Step, Update, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::constants;

constants! {
    /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², m̂ = m/(1 − β₁ᵏ), v̂ = v/(1 − β₂ᵏ) at the k-th
    /// step, θ ← θ − ηm̂/(√v̂ + ε), with ε outside the root. Source: Kingma and Ba, ICLR 2015,
    /// algorithm 1.
    #[derive(Copy)]
    Adam {
        /// Share of the mean that is kept.
        beta1 in Share = 0.9;
        /// Share of the mean square that is kept.
        beta2 in Share = 0.999;
        /// Keeps the quotient finite.
        epsilon in Positive = 1e-8;
    }
}

impl Step for Adam {
    const KEEPS: [Kept; 2] = [Kept::Number, Kept::Number];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        self.step_from(memory, update, |at| at.param);
    }
}

impl Adam {
    /// The step, taken from where `from` says instead of from the parameter.
    #[inline(always)]
    pub(super) fn step_from<T: Real>(
        &self,
        memory: &mut Memory<T>,
        update: Update<'_, T>,
        from: impl Fn(&Coordinate<'_, T>) -> T,
    ) {
        memory.steps += 1;
        let k = i32::try_from(memory.steps).unwrap_or(i32::MAX);
        // What is missing from means that began at zero.
        let whole1 = T::from_f64(1.0 - self.beta1.powi(k));
        let whole2 = T::from_f64(1.0 - self.beta2.powi(k));
        let (beta1, beta2) = (T::from_f64(self.beta1), T::from_f64(self.beta2));
        let (epsilon, one, eta) = (T::from_f64(self.epsilon), T::one(), update.eta);
        let buffers = memory.first.iter_mut().zip(&mut memory.second);
        for (at, (m, v)) in update.coordinates().zip(buffers) {
            *m = beta1 * *m + (one - beta1) * at.grad;
            *v = beta2 * *v + (one - beta2) * at.grad * at.grad;
            let scale = (*v / whole2).sqrt() + epsilon;
            let u = from(&at) - eta * (*m / whole1) / scale;
            *at.next = soft_threshold(u, eta * at.l1 / scale);
        }
    }
}
