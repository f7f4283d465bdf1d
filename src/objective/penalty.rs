//! The penalty on the size of w.

use crate::kernel::vector::squared_norm;
use crate::real::Real;

/// The penalty l1‖w‖₁ + (l2/2)‖w‖², which leaves the first `n_free` parameters (the intercepts)
/// alone. The l1 part is the rule's, by soft thresholding, or is in the gradient as l1·sign(w).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// Strength of ‖w‖₁.
    pub l1: f64,
    /// Whether l1·sign(w) is in the gradient.
    pub by_sign: bool,
    /// Strength of ½‖w‖².
    pub l2: f64,
    /// Parameters that are not penalised.
    pub n_free: usize,
}

impl Penalty {
    /// What the rule has to know.
    pub fn lasso(&self) -> Lasso {
        Lasso { l1: if self.by_sign { 0.0 } else { self.l1 }, n_free: self.n_free }
    }

    /// Whether the gradient has l1·sign(w) in it.
    pub fn has_signs(&self) -> bool {
        self.by_sign && self.l1 != 0.0
    }

    /// l1‖w‖₁ + (l2/2)‖w‖².
    #[inline(always)]
    pub fn value<T: Real>(&self, params: &[T]) -> f64 {
        let mut value = 0.0;
        if self.l2 != 0.0 {
            value += 0.5 * self.l2 * squared_norm(&params[self.n_free..]);
        }
        if self.l1 != 0.0 {
            let norm: f64 = params[self.n_free..].iter().map(|w| w.as_f64().abs()).sum();
            value += self.l1 * norm;
        }
        value
    }

    /// grad ← grad + l2·w, and + l1·sign(w) if that is asked for; sign(0) = 0.
    pub fn add_gradient<T: Real>(&self, params: &[T], grad: &mut [T]) {
        if self.has_signs() {
            let l1 = T::from_f64(self.l1);
            for (grad, &param) in grad.iter_mut().zip(params).skip(self.n_free) {
                *grad += if param == T::zero() { T::zero() } else { l1.copysign(param) };
            }
        }
        if self.l2 == 0.0 {
            return;
        }
        let l2 = T::from_f64(self.l2);
        for (grad, &param) in grad.iter_mut().zip(params).skip(self.n_free) {
            *grad += l2 * param;
        }
    }

    /// Divides the sums by `m` and adds the penalty to both.
    pub fn finish<T: Real>(&self, params: &[T], m: usize, loss_sum: f64, grad: &mut [T]) -> f64 {
        let count = T::from_f64(m as f64);
        if m.is_power_of_two() {
            // Exact, hence the same bits, in a fraction of the time.
            let inverse = T::one() / count;
            grad.iter_mut().for_each(|grad| *grad *= inverse);
        } else {
            grad.iter_mut().for_each(|grad| *grad /= count);
        }
        self.add_gradient(params, grad);
        self.finish_loss(params, m, loss_sum)
    }

    /// The mean loss and the penalty.
    pub fn finish_loss<T: Real>(&self, params: &[T], m: usize, loss_sum: f64) -> f64 {
        loss_sum / m as f64 + self.value(params)
    }
}

/// The l1 penalty, which leaves the first `n_free` parameters (the intercepts) alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lasso {
    /// Its strength.
    pub l1: f64,
    /// Parameters that are not penalised.
    pub n_free: usize,
}

/// S(u, τ): moves u towards 0 by τ, and no further. A NaN stays one.
#[inline(always)]
pub fn soft_threshold<T: Real>(u: T, tau: T) -> T {
    if u.abs() <= tau { T::zero() } else { u - tau.copysign(u) }
}
