//! What is minimised: a mean loss over rows of data, plus a penalty.
//!
//! On a batch B of m rows (sᵢ the sample weight, s̄ the mean weight of all n rows):
//!
//! ```text
//! f_B(θ) = (1/m) Σ_{i∈B} (sᵢ/s̄) ℓᵢ(θ) + (l2/2) ‖w‖² + l1 ‖w‖₁
//! ```
//!
//! so that every batch is an unbiased estimate of the objective on all rows. The primitive
//! underneath is the *sum* over a block of rows ([`RowSums`]): sums can be cut anywhere, taken by
//! several threads and added up; means cannot. [`Mean`] makes the objective of them.

mod differences;
mod goodness;
mod linear;
mod mean;
mod penalty;
mod run;
mod scores;
mod softmax;
mod sums;
mod surface;
mod weights;

pub use differences::central_differences;
pub use goodness::{accuracy, explained_share};
pub use linear::Linear;
pub use mean::Mean;
#[cfg(test)]
pub use mean::block_rows;
pub use penalty::{Lasso, Penalty, soft_threshold};
pub use run::{Kept, MOST_STEPS, Run};
pub use scores::Scores;
pub use softmax::Softmax;
pub use sums::{Buffers, RowSums};
pub use surface::Surface;
pub use weights::SampleWeights;

use crate::error::BadValue;
use crate::kernel::vector::{axpy, dot};
use crate::real::Real;
use crate::rows::RowSet;

/// A function of θ that is a mean over rows.
pub trait Objective<T: Real> {
    /// What can go wrong in it: `Infallible`, or the exception of a student's own function.
    type Error;

    fn n_params(&self) -> usize;

    fn n_rows(&self) -> usize;

    /// Rows of a batch of `m` that are summed between two looks at the budget. It must not change
    /// during a walk, for the bits of a sum may depend on its cuts.
    fn rows_at_once(&self, m: usize) -> usize;

    /// Whether there is a `take_steps`.
    fn has_fused_step(&self) -> bool {
        true
    }

    /// Returns Σ (sᵢ/s̄) ℓᵢ(θ) over `rows` of a batch of `m` and adds Σ (sᵢ/s̄) ∇ℓᵢ(θ) to `grad`, if
    /// there is one. It is the loss sum so far, `sum`, that is added to and returned.
    ///
    /// The sum is not finite if any score of the rows is not.
    fn accumulate(
        &mut self,
        params: &[T],
        m: usize,
        rows: RowSet<'_>,
        sum: f64,
        grad: Option<&mut [T]>,
    ) -> Result<f64, Self::Error>;

    /// Turns sums over `m` rows into the objective, which is returned, and its gradient.
    fn finish(&self, params: &[T], m: usize, loss_sum: f64, grad: &mut [T]) -> f64;

    /// The objective on `m` rows, from their sum.
    fn finish_loss(&self, params: &[T], m: usize, loss_sum: f64) -> f64;

    /// Steps of stochastic descent, θ ← θ − η ∇f_{row}(θ), along one row after the other, without
    /// the l1 part of the penalty. Returns how many have been taken: all, or those before the first
    /// row on which the objective is not finite. How a walk is cut into runs changes no bit of it.
    fn take_steps(&mut self, run: Run<'_, T>) -> Result<usize, Self::Error>;

    /// Writes the θ that follows `params` into `next`, at the t-th step from 0 of [`Rule::Other`].
    ///
    /// [`Rule::Other`]: crate::rule::Rule::Other
    fn move_on(
        &mut self,
        _t: u64,
        _eta: f64,
        _params: &[T],
        _grad: &[T],
        _next: &mut [T],
    ) -> Result<(), Self::Error> {
        unreachable!("every other rule makes its steps itself")
    }

    /// Ends the threads that help, until they are needed again: a function of the user's is about to be
    /// called, which may fork.
    fn join_threads(&mut self) {}

    /// The part of the penalty that the rule takes care of.
    fn lasso(&self) -> Lasso;

    /// The first NaN or infinity in the data of `rows`.
    fn find_bad_value(&self, rows: RowSet<'_>) -> Option<BadValue>;
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
