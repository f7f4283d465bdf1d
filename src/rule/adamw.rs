//! Adam with weights that decay.

use super::{Adam, Kept, Memory, Step, Update};
use crate::real::Real;
use crate::schedule::constants::{EpsilonAt, constants};

constants! {
    /// The step of [`Adam`], and beside it w ← w − ηλw: a decay of the weights, in which the rule's
    /// own scale has no part, as it has where (λ/2)‖w‖² is added to the loss. The intercept does not
    /// decay. With l1, soft thresholding follows both. Source: Loshchilov and Hutter, "Decoupled
    /// weight decay regularization", ICLR 2019, algorithm 2.
    #[derive(Copy)]
    AdamW {
        /// Share of the mean that is kept.
        beta1 in Share = 0.9;
        /// Share of the mean square that is kept.
        beta2 in Share = 0.999;
        /// Keeps the quotient finite.
        epsilon in Positive = 1e-8;
        /// λ.
        weight_decay in NotNegative = 0.01;
        /// Where ε stands.
        epsilon_at in CorrectedEpsilonAt = EpsilonAt::Outside;
    }
}

impl Step for AdamW {
    const KEEPS: [Kept; 2] = Adam::KEEPS;

    fn step<T: Real>(&self, memory: &mut Memory<T>, update: Update<'_, T>) {
        let AdamW { beta1, beta2, epsilon, weight_decay, epsilon_at } = *self;
        let decay = update.eta * T::from_f64(weight_decay);
        let adam = Adam { beta1, beta2, epsilon, epsilon_at, amsgrad: false };
        adam.step_from(memory, update, |at| {
            if at.is_free { at.param } else { at.param - decay * at.param }
        });
    }
}
