//! Nesterov's momentum.

use super::{Kept, Memory, Step, Update, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::constants;

constants! {
    /// q ← θ − ηg, θ ← q + β(q − q_before), with q_before = θ at the start: the gradient is that of
    /// the point looked ahead to. At a constant η this is v ← βv + g, θ ← θ − η(g + βv). Source:
    /// Nesterov, Soviet Math. Doklady 27 (1983), with a constant β; with l1 (q ← S(θ − ηg, η·l1))
    /// Beck and Teboulle's FISTA, SIAM J. Imaging Sciences 2(1), 2009.
    #[derive(Copy)]
    Nesterov {
        /// Momentum.
        beta in Share = 0.9;
    }
}

impl Step for Nesterov {
    const KEEPS: [Kept; 2] = [Kept::Point, Kept::Nothing];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let (beta, eta) = (T::from_f64(self.beta), update.eta);
        for (at, before) in update.coordinates().zip(&mut memory.first) {
            let q = soft_threshold(at.param - eta * at.grad, eta * at.l1);
            *at.next = q + beta * (q - *before);
            *before = q;
        }
    }
}
