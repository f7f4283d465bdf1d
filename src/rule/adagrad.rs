//! AdaGrad.

use super::{Kept, Memory, Step, Update, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::constants;

constants! {
    /// G ← G + g², θ ← θ − ηg/(√G + ε), element by element, with G = 0 at the start and ε outside
    /// the root. Source: Duchi, Hazan and Singer, JMLR 12 (2011).
    #[derive(Copy)]
    AdaGrad {
        /// Keeps the quotient finite.
        epsilon in Positive = 1e-10;
    }
}

impl Step for AdaGrad {
    const KEEPS: [Kept; 2] = [Kept::Nothing, Kept::Number];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let (epsilon, eta) = (T::from_f64(self.epsilon), update.eta);
        for (at, sum) in update.coordinates().zip(&mut memory.second) {
            *sum += at.grad * at.grad;
            let scale = sum.sqrt() + epsilon;
            *at.next = soft_threshold(at.param - eta * at.grad / scale, eta * at.l1 / scale);
        }
    }
}
