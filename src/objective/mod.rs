//! What is minimised: a mean loss over rows of data, plus a penalty.
//!
//! On a batch B of m rows (sᵢ the sample weight, s̄ the mean weight of all n rows):
//!
//! ```text
//! f_B(θ) = (1/m) Σ_{i∈B} (sᵢ/s̄) ℓᵢ(θ) + (l2/2) ‖w‖²
//! ```
//!
//! so that every batch is an unbiased estimate of the objective on all rows. The primitive
//! underneath is the *sum* over a block of rows ([`Objective::accumulate`]): sums can be cut
//! anywhere and added up, means cannot.

mod linear;
mod point_loss;
mod softmax;

pub use linear::Linear;
pub use point_loss::{
    AnyPointLoss, HalfMse, Hinge, Huber, Labels, LogLoss, Mae, Mse, PointLoss, SigmoidMse,
    SquaredHinge, TanhMse, logistic,
};
pub use softmax::{Softmax, softmax_in_place};

use crate::error::BadValue;
use crate::kernel::vector::{axpy, dot, squared_norm};
use crate::real::Real;
use crate::rows::{RowSet, Rows};

/// A function of θ that is a mean over rows.
pub trait Objective<T: Real> {
    /// What can go wrong in it: `Infallible`, or the exception of a student's own function.
    type Error;

    /// Length of θ.
    fn n_params(&self) -> usize;

    /// Number of rows, n.
    fn n_rows(&self) -> usize;

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
    fn factor(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row] / self.mean)
    }
}

/// The ridge penalty (l2/2)‖w‖², which leaves the first `n_free` parameters (the intercepts) alone.
#[derive(Clone, Copy, Debug)]
pub struct Ridge<T> {
    l2: T,
    n_free: usize,
}

impl<T: Real> Ridge<T> {
    /// A penalty of strength `l2` on all parameters after the first `n_free`.
    pub fn new(l2: f64, n_free: usize) -> Self {
        Ridge { l2: T::from_f64(l2), n_free }
    }

    #[inline(always)]
    fn is_off(&self) -> bool {
        self.l2 == T::zero()
    }

    /// (l2/2)‖w‖².
    #[inline(always)]
    fn value(&self, params: &[T]) -> f64 {
        if self.is_off() {
            return 0.0;
        }
        0.5 * self.l2.as_f64() * squared_norm(&params[self.n_free..])
    }

    /// grad ← grad + l2·w.
    fn add_gradient(&self, params: &[T], grad: &mut [T]) {
        if self.is_off() {
            return;
        }
        for (grad, &param) in grad.iter_mut().zip(params).skip(self.n_free) {
            *grad += self.l2 * param;
        }
    }

    /// Divides the sums by `m` and adds the penalty to both.
    fn finish(&self, params: &[T], m: usize, loss_sum: f64, grad: &mut [T]) -> f64 {
        let count = T::from_f64(m as f64);
        for grad in grad.iter_mut() {
            *grad /= count;
        }
        self.add_gradient(params, grad);
        self.finish_loss(params, m, loss_sum)
    }

    fn finish_loss(&self, params: &[T], m: usize, loss_sum: f64) -> f64 {
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
