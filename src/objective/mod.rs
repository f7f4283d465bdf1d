//! What is minimised: a mean loss over rows of data, plus a penalty.
//!
//! On a batch B of m rows (sᵢ the sample weight, s̄ the mean weight of all n rows):
//!
//! ```text
//! f_B(θ) = (1/m) Σ_{i∈B} (sᵢ/s̄) ℓᵢ(θ) + (l2/2) ‖w‖² + l1 ‖w‖₁
//! ```
//!
//! so that every batch is an unbiased estimate of the objective on all rows. The primitive
//! underneath is the *sum* over a block of rows ([`Objective::accumulate`]): sums can be cut
//! anywhere and added up, means cannot.

mod linear;
mod point_loss;
mod softmax;
mod surface;

pub use linear::Linear;
pub use point_loss::{
    AnyPointLoss, HalfMse, Hinge, Huber, Labels, LogLoss, Mae, Mse, PointLoss, SigmoidMse,
    SquaredHinge, TanhMse, logistic,
};
pub use softmax::{Softmax, softmax_in_place};
pub use surface::Surface;

use crate::error::BadValue;
use crate::kernel::vector::{axpy, dot, squared_norm};
use crate::real::Real;
use crate::rows::{RowSet, Rows};
use crate::rule::Lasso;

/// A function of θ that is a mean over rows.
pub trait Objective<T: Real> {
    /// What can go wrong in it: `Infallible`, or the exception of a student's own function.
    type Error;

    /// Length of θ.
    fn n_params(&self) -> usize;

    /// Number of rows, n.
    fn n_rows(&self) -> usize;

    /// Rows that a pass takes between two looks at the budget: about a million products, and a
    /// multiple of 4. It must not change during a walk, for the bits of a sum depend on its cuts.
    fn block_rows(&self) -> usize {
        ((1 << 20) / self.n_params().max(1)).clamp(4, 256) / 4 * 4
    }

    /// Whether there is a `step_one`.
    fn has_fused_step(&self) -> bool {
        true
    }

    /// Returns Σ (sᵢ/s̄) ℓᵢ(θ) over `rows` and adds Σ (sᵢ/s̄) ∇ℓᵢ(θ) to `grad`.
    ///
    /// The sum is not finite if any xᵢ·w + b of the rows is not.
    fn accumulate(
        &mut self,
        params: &[T],
        rows: RowSet<'_>,
        grad: &mut [T],
    ) -> Result<f64, Self::Error>;

    /// Returns Σ (sᵢ/s̄) ℓᵢ(θ) over `rows`, without the gradient.
    fn accumulate_loss(&mut self, params: &[T], rows: RowSet<'_>) -> Result<f64, Self::Error>;

    /// Turns sums over `m` rows into the objective, which is returned, and its gradient.
    fn finish(&self, params: &[T], m: usize, loss_sum: f64, grad: &mut [T]) -> f64;

    /// The objective on `m` rows, from their sum.
    fn finish_loss(&self, params: &[T], m: usize, loss_sum: f64) -> f64;

    /// One step of stochastic descent: next ← params − η ∇f_{row}(params). Returns f_{row}(params).
    ///
    /// Leaves `next` as it was if xᵢ·w + b is not finite; the value returned is not, either.
    fn step_one(
        &mut self,
        params: &[T],
        row: usize,
        eta: T,
        next: &mut [T],
    ) -> Result<f64, Self::Error>;

    /// The part of the penalty that the rule takes care of.
    fn lasso(&self) -> Lasso;

    /// The first NaN or infinity in the data of `rows`.
    fn find_bad_value(&self, rows: RowSet<'_>) -> Option<BadValue>;
}

/// Sample weights sᵢ, as factors sᵢ/s̄.
#[derive(Clone, Copy, Debug)]
pub struct SampleWeights<'a> {
    weights: Option<&'a [f64]>,
    mean: f64,
}

impl<'a> SampleWeights<'a> {
    /// Every row counts the same.
    pub fn equal() -> Self {
        SampleWeights { weights: None, mean: 1.0 }
    }

    /// One weight a row. `None` unless all are finite, none is negative and one is positive.
    pub fn new(weights: &'a [f64]) -> Option<Self> {
        let legal = weights.iter().all(|&weight| weight >= 0.0 && weight.is_finite());
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        (legal && mean > 0.0 && mean.is_finite())
            .then_some(SampleWeights { weights: Some(weights), mean })
    }

    /// sᵢ/s̄.
    #[inline(always)]
    pub(crate) fn factor(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row] / self.mean)
    }
}

/// The penalty l1‖w‖₁ + (l2/2)‖w‖², which leaves the first `n_free` parameters (the intercepts)
/// alone. The l1 part has no part in gradients: the rule takes it by soft thresholding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// Strength of ‖w‖₁.
    pub l1: f64,
    /// Strength of ½‖w‖².
    pub l2: f64,
    /// Parameters that are not penalised.
    pub n_free: usize,
}

impl Penalty {
    /// What the rule has to know.
    pub fn lasso(&self) -> Lasso {
        Lasso { l1: self.l1, n_free: self.n_free }
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

    /// grad ← grad + l2·w.
    pub fn add_gradient<T: Real>(&self, params: &[T], grad: &mut [T]) {
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
        for grad in grad.iter_mut() {
            *grad /= count;
        }
        self.add_gradient(params, grad);
        self.finish_loss(params, m, loss_sum)
    }

    /// The mean loss and the penalty.
    pub fn finish_loss<T: Real>(&self, params: &[T], m: usize, loss_sum: f64) -> f64 {
        loss_sum / m as f64 + self.value(params)
    }
}

/// The first NaN or infinity among `rows` of the features and the targets.
fn find_bad_value<T: Real>(
    rows: &impl Rows<T>,
    targets: &[T],
    set: RowSet<'_>,
) -> Option<BadValue> {
    set.iter().find_map(|row| {
        let features = rows.row(row);
        let in_features = features.iter().position(|value| !value.is_finite());
        let in_features = in_features.map(|column| BadValue::Feature {
            row,
            column,
            value: features[column].as_f64(),
        });
        in_features.or_else(|| {
            let value = targets[row].as_f64();
            (!value.is_finite()).then_some(BadValue::Target { row, value })
        })
    })
}

/// scores ← scores + x W for one row x of d features; W is (d, K) in C order, K the length of `scores`.
#[inline(always)]
pub fn add_linear_scores<T: Real>(x: &[T], coef: &[T], scores: &mut [T]) {
    if let [score] = scores {
        *score += dot(x, coef);
        return;
    }
    for (&x, coef) in x.iter().zip(coef.chunks_exact(scores.len())) {
        axpy(x, coef, scores);
    }
}
