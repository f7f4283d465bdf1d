//! Adam.

use super::{Coordinate, Kept, Memory, Step, Update, soft_threshold};
use crate::real::Real;
use crate::schedule::constants::{EpsilonAt, constants};

constants! {
    /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², m̂ = m/(1 − β₁ᵏ), v̂ = v/(1 − β₂ᵏ) at the k-th
    /// step, θ ← θ − ηm̂/(√v̂ + ε). Source: Kingma and Ba, ICLR 2015, algorithm 1.
    ///
    /// Inside, ε makes it √(v̂ + ε); uncorrected, (√v + ε)/√(1 − β₂ᵏ), as in the paper's section 2,
    /// "at the expense of clarity". With AMSGrad, v̂ is the largest v so far over 1 − β₂ᵏ: Reddi,
    /// Kale and Kumar, "On the convergence of Adam and beyond", ICLR 2018 (without the correction).
    #[derive(Copy)]
    Adam {
        /// Share of the mean that is kept.
        beta1 in Share = 0.9;
        /// Share of the mean square that is kept.
        beta2 in Share = 0.999;
        /// Keeps the quotient finite.
        epsilon in Positive = 1e-8;
        /// Where it stands.
        epsilon_at in CorrectedEpsilonAt = EpsilonAt::Outside;
        /// Divide by the largest mean square so far.
        amsgrad in Flag = false;
    }
}

impl Step for Adam {
    const KEEPS: [Kept; 2] = [Kept::Number, Kept::Number];

    fn keeps_largest(&self) -> bool {
        self.amsgrad
    }

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
        let epsilon = T::from_f64(self.epsilon);
        match self.epsilon_at {
            EpsilonAt::Outside => {
                self.step_by(memory, update, from, whole1, |v| (v / whole2).sqrt() + epsilon);
            }
            EpsilonAt::Inside => {
                self.step_by(memory, update, from, whole1, |v| (v / whole2 + epsilon).sqrt());
            }
            EpsilonAt::Uncorrected => {
                let root = whole2.sqrt();
                self.step_by(memory, update, from, whole1, |v| (v.sqrt() + epsilon) / root);
            }
        }
    }

    /// The step with the quotient that `scale` makes of v.
    #[inline(always)]
    fn step_by<T: Real>(
        &self,
        memory: &mut Memory<T>,
        update: Update<'_, T>,
        from: impl Fn(&Coordinate<'_, T>) -> T,
        whole1: T,
        scale: impl Fn(T) -> T,
    ) {
        let (beta1, beta2) = (T::from_f64(self.beta1), T::from_f64(self.beta2));
        let (one, eta) = (T::one(), update.eta);
        let Memory { first, second, largest, .. } = memory;
        let gather = |at: &Coordinate<'_, T>, m: &mut T, v: &mut T| {
            *m = beta1 * *m + (one - beta1) * at.grad;
            *v = beta2 * *v + (one - beta2) * at.grad * at.grad;
        };
        let go = |at: Coordinate<'_, T>, m: T, scale: T| {
            let u = from(&at) - eta * (m / whole1) / scale;
            *at.next = soft_threshold(u, eta * at.l1 / scale);
        };
        let buffers = first.iter_mut().zip(second);
        if !self.amsgrad {
            for (at, (m, v)) in update.coordinates().zip(buffers) {
                gather(&at, m, v);
                go(at, *m, scale(*v));
            }
            return;
        }
        for (at, ((m, v), largest)) in update.coordinates().zip(buffers.zip(largest)) {
            gather(&at, m, v);
            *largest = if *v > *largest { *v } else { *largest };
            go(at, *m, scale(*largest));
        }
    }
}
