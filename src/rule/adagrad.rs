//! AdaGrad.

use super::{Kept, Memory, Step, Update};
use crate::real::Real;
use crate::schedule::constants::{EpsilonAt, constants};

constants! {
    /// G ← G + g², θ ← θ − ηg/(√G + ε) or θ − ηg/√(G + ε), element by element, with G = 0 at the
    /// start. Source: Duchi, Hazan and Singer, JMLR 12 (2011).
    #[derive(Copy)]
    AdaGrad {
        /// Keeps the quotient finite.
        epsilon in Positive = 1e-10;
        /// Where it stands.
        epsilon_at in EpsilonAt = EpsilonAt::Outside;
    }
}

impl Step for AdaGrad {
    const KEEPS: [Kept; 2] = [Kept::Nothing, Kept::Number];

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let epsilon = T::from_f64(self.epsilon);
        let square = |sum: T, grad: T| sum + grad * grad;
        if self.epsilon_at == EpsilonAt::Inside {
            update.divide(&mut memory.second, square, |sum| (sum + epsilon).sqrt());
        } else {
            update.divide(&mut memory.second, square, |sum| sum.sqrt() + epsilon);
        }
    }
}
