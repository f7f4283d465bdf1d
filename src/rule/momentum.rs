//! Momentum.

use super::{Kept, Memory, Step, Update, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::constants;

constants! {
    /// v ← βv + g, θ ← θ − ηv, with v = 0 at the start. Source: Polyak, "Some methods of speeding
    /// up the convergence of iteration methods", USSR Comp. Math. and Math. Phys. 4(5), 1964.
    ///
    /// With l1 the velocity is what was moved, v ← (θ − θ_next)/η, so that it dies where the
    /// threshold holds a parameter at zero.
    #[derive(Copy)]
    Momentum {
        /// Share of the velocity that is kept.
        beta in Share = 0.9;
    }
}

impl Step for Momentum {
    const KEEPS: [Kept; 2] = [Kept::Number, Kept::Nothing];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let (beta, eta) = (T::from_f64(self.beta), update.eta);
        for (at, v) in update.coordinates().zip(&mut memory.first) {
            *v = beta * *v + at.grad;
            *at.next = soft_threshold(at.param - eta * *v, eta * at.l1);
            if at.l1 > T::zero() && eta > T::zero() {
                *v = (at.param - *at.next) / eta;
            }
        }
    }
}
