//! Losses of one linear score: z = x·w + b, ℓ(z, y).

mod pass;
mod step;

use super::sums::sum_from_zero;
use super::{Buffers, Penalty, RowSums, Run, SampleWeights};
use crate::error::{BadValue, OutOfMemory, try_filled};
use crate::kernel::chunked::room_for_many;
use crate::kernel::{Aligned, dispatch_lanes};
use crate::loss::PointLoss;
use crate::real::Real;
use crate::rows::{Column, MOST_ROWS, RowSet, Rows, find_bad_value};
use crate::threads::BlockSums;

/// A linear model under a point loss. θ is (b, w₁ … w_d), or w alone without an intercept.
#[derive(Clone, Debug)]
pub struct Linear<'a, T> {
    rows: Rows<'a, T>,
    targets: Column<'a, T>,
    loss: PointLoss,
    weights: SampleWeights<'a>,
    fit_intercept: bool,
    penalty: Penalty,
}

impl<'a, T: Real> Linear<'a, T> {
    /// The mean of `loss` over `rows` and their `targets`, plus the penalty.
    ///
    /// Panics unless there is one target a row.
    pub fn new(
        rows: impl Into<Rows<'a, T>>,
        targets: Column<'a, T>,
        loss: PointLoss,
        weights: SampleWeights<'a>,
        fit_intercept: bool,
        penalty: Penalty,
    ) -> Self {
        let rows = rows.into();
        assert_eq!(rows.n_rows(), targets.len(), "one target a row");
        Linear { rows, targets, loss, weights, fit_intercept, penalty }
    }

    /// θ as (b, w).
    #[inline(always)]
    fn split<'p>(&self, params: &'p [T]) -> (T, &'p [T]) {
        if self.fit_intercept { (params[0], &params[1..]) } else { (T::zero(), params) }
    }
}

impl<T: Real> BlockSums<T> for Linear<'_, T> {
    type Buffers = Buffers<T>;

    fn buffers(&self) -> Result<Buffers<T>, OutOfMemory> {
        let room = room_for_many(self.n_params(), step::longest_chunk::<T>());
        Ok(Buffers {
            steps: Aligned::zeros(room)?,
            scores: try_filled(MOST_ROWS, T::zero())?,
            ..Buffers::for_rows(&self.rows)?
        })
    }

    fn sum_block(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
    ) -> f64 {
        sum_from_zero(self, buffers, params, rows, grad)
    }
}

impl<T: Real> RowSums<T> for Linear<'_, T> {
    fn n_params(&self) -> usize {
        self.rows.n_cols() + usize::from(self.fit_intercept)
    }

    fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    fn sum(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
    ) -> f64 {
        dispatch_lanes(pass::Sums { objective: self, buffers, params, rows, grad })
    }

    fn take_steps(&self, buffers: &mut Buffers<T>, run: Run<'_, T>) -> usize {
        self.walk(buffers, run)
    }

    fn penalty(&self) -> &Penalty {
        &self.penalty
    }

    fn find_bad_value(&self, rows: &RowSet<'_>) -> Option<BadValue> {
        find_bad_value(&self.rows, Some(&self.targets), rows)
    }
}
