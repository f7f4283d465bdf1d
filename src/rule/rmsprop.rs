//! RMSProp.

use super::{Kept, Memory, Step, Update};
use crate::real::Real;
use crate::schedule::constants::{EpsilonAt, constants};

constants! {
    /// E ← ρE + (1 − ρ)g², θ ← θ − ηg/(√E + ε) or θ − ηg/√(E + ε), element by element, with E = 0 at
    /// the start. Source: Hinton, "Neural networks for machine learning", lecture 6e, 2012
    /// (which has no ε).
    #[derive(Copy)]
    RMSProp {
        /// Share of the mean square that is kept.
        rho in Share = 0.9;
        /// Keeps the quotient finite.
        epsilon in Positive = 1e-8;
        /// Where it stands.
        epsilon_at in EpsilonAt = EpsilonAt::Outside;
    }
}

impl Step for RMSProp {
    const KEEPS: [Kept; 2] = [Kept::Nothing, Kept::Number];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let (rho, epsilon) = (T::from_f64(self.rho), T::from_f64(self.epsilon));
        let square = |mean: T, grad: T| rho * mean + (T::one() - rho) * grad * grad;
        if self.epsilon_at == EpsilonAt::Inside {
            update.divide(&mut memory.second, square, |mean| (mean + epsilon).sqrt());
        } else {
            update.divide(&mut memory.second, square, |mean| mean.sqrt() + epsilon);
        }
    }
}
