//! Sums over rows of data: what threads, blocks and slices of a walk are all made of.

use super::{Penalty, Run};
use crate::error::{BadValue, OutOfMemory, try_filled};
use crate::kernel::Aligned;
use crate::real::Real;
use crate::rows::{MOST_ROWS, RowBuffer, RowSet, Rows};
use crate::threads::BlockSums;

/// The sum of a loss over rows of data, and its gradient.
pub trait RowSums<T: Real>: BlockSums<T, Buffers = Buffers<T>> {
    fn n_params(&self) -> usize;

    fn n_rows(&self) -> usize;

    /// Returns Σ (sᵢ/s̄) ℓᵢ(θ) over `rows` and adds Σ (sᵢ/s̄) ∇ℓᵢ(θ) to `grad`, if there is one.
    ///
    /// The sum is not finite if any score of the rows is not.
    fn sum(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
    ) -> f64;

    /// Steps of stochastic descent: see [`Objective::take_steps`](super::Objective::take_steps).
    fn take_steps(&self, buffers: &mut Buffers<T>, run: Run<'_, T>) -> usize;

    /// The penalty that goes with the mean.
    fn penalty(&self) -> &Penalty;

    /// The first NaN or infinity in the data of `rows`.
    fn find_bad_value(&self, rows: &RowSet<'_>) -> Option<BadValue>;
}

/// [`RowSums::sum`], with the gradient written to `grad` instead of added to it.
pub(super) fn sum_from_zero<T: Real>(
    sums: &(impl RowSums<T> + ?Sized),
    buffers: &mut Buffers<T>,
    params: &[T],
    rows: &RowSet<'_>,
    mut grad: Option<&mut [T]>,
) -> f64 {
    if let Some(grad) = &mut grad {
        grad.fill(T::zero());
    }
    sums.sum(buffers, params, rows, grad)
}

/// What one thread needs to take sums: buffers for rows that cannot be read where they lie, and for
/// what comes between the rows and the sums.
#[derive(Debug)]
pub struct Buffers<T> {
    /// Where the rows of a block are.
    pub rows: RowBuffer<T>,
    /// Targets of a block of rows.
    pub targets: Vec<T>,
    /// Factors sᵢ/s̄ of a block of rows.
    pub factors: Vec<f64>,
    /// W, packed for the matrix products; empty for a single score.
    pub coef: Aligned<T>,
    /// The gradient in W, likewise.
    pub grad: Aligned<T>,
    /// Scores of some rows, then their slopes.
    pub scores: Vec<T>,
    /// θ on its way through a run of steps.
    pub steps: Aligned<T>,
}

impl<T: Real> Buffers<T> {
    pub fn for_rows(rows: &Rows<'_, T>) -> Result<Self, OutOfMemory> {
        Ok(Buffers {
            rows: rows.buffer()?,
            // As many as are visited at once; a batch may have more rows than the data, by repeats.
            targets: try_filled(MOST_ROWS, T::zero())?,
            factors: try_filled(MOST_ROWS, 0.0)?,
            coef: Aligned::default(),
            grad: Aligned::default(),
            scores: Vec::new(),
            steps: Aligned::default(),
        })
    }

    pub fn n_bytes(&self) -> usize {
        let Buffers { rows, targets, factors, coef, grad, scores, steps } = self;
        let numbers = targets.capacity() + scores.capacity();
        let aligned = [coef, grad, steps].map(Aligned::n_bytes);
        rows.n_bytes()
            + numbers * size_of::<T>()
            + aligned.iter().sum::<usize>()
            + factors.capacity() * size_of::<f64>()
    }
}
