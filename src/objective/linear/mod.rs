//! Losses of one linear score: z = x·w + b, ℓ(z, y).

mod losses;
mod narrow;
mod pairs;
mod reader;
mod step;
mod wide;

use reader::Reader;

use super::{Buffers, Penalty, PointLoss, RowSums, Run, SampleWeights};
use crate::error::{BadValue, OutOfMemory};
use crate::kernel::chunked::room_for_many;
use crate::kernel::many::{DOUBLES, SINGLES};
use crate::kernel::{Aligned, LanesPass, Simd, dispatch_lanes};
use crate::real::Real;
use crate::rows::{Column, RowSet, Rows, find_bad_value};

/// A linear model under a point loss. θ is (b, w₁ … w_d), or w alone without an intercept.
#[derive(Clone, Debug)]
pub struct Linear<'a, T, R, L> {
    rows: R,
    targets: Column<'a, T>,
    loss: L,
    weights: SampleWeights<'a>,
    fit_intercept: bool,
    penalty: Penalty,
}

impl<'a, T: Real, R: Rows<T>, L: PointLoss<T>> Linear<'a, T, R, L> {
    /// The mean of `loss` over `rows` and their `targets`, plus the penalty.
    ///
    /// Panics unless there is one target a row.
    pub fn new(
        rows: R,
        targets: Column<'a, T>,
        loss: L,
        weights: SampleWeights<'a>,
        fit_intercept: bool,
        penalty: Penalty,
    ) -> Self {
        assert_eq!(rows.n_rows(), targets.len(), "one target a row");
        Linear { rows, targets, loss, weights, fit_intercept, penalty }
    }

    /// θ as (b, w).
    #[inline(always)]
    fn split<'p>(&self, params: &'p [T]) -> (T, &'p [T]) {
        if self.fit_intercept { (params[0], &params[1..]) } else { (T::zero(), params) }
    }

    /// The sum of the losses of some rows; their gradient is added to `grad`.
    #[inline(always)]
    fn sum_with_gradient<S: Simd>(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (_, coef) = self.split(params);
        let is_single = size_of::<T>() == size_of::<f32>();
        match coef.len() {
            1 => self.sum_narrow::<1>(buffers, params, rows, grad),
            2..4 => self.sum_narrow::<2>(buffers, params, rows, grad),
            4..8 => self.sum_narrow::<4>(buffers, params, rows, grad),
            8..16 if is_single => self.sum_pairs::<S, SINGLES, 1>(buffers, params, rows, grad),
            d if is_single && d <= 2 * SINGLES => {
                self.sum_pairs::<S, SINGLES, 2>(buffers, params, rows, grad)
            }
            d if !is_single && d <= 2 * DOUBLES => {
                self.sum_pairs::<S, DOUBLES, 2>(buffers, params, rows, grad)
            }
            _ if is_single => self.sum_wide::<S, SINGLES>(buffers, params, rows, grad),
            _ => self.sum_wide::<S, DOUBLES>(buffers, params, rows, grad),
        }
    }
}

/// The sums over some rows, compiled for the instruction set at hand.
struct TakeSums<'o, 'a, T, R, L> {
    objective: &'o Linear<'a, T, R, L>,
    buffers: &'o mut Buffers<T>,
    params: &'o [T],
    rows: &'o RowSet<'o>,
    grad: Option<&'o mut [T]>,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> LanesPass for TakeSums<'_, '_, T, R, L> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self) -> f64 {
        let TakeSums { objective, buffers, params, rows, grad } = self;
        match grad {
            Some(grad) => objective.sum_with_gradient::<S>(buffers, params, rows, grad),
            None => objective.sum_of_losses(buffers, params, rows),
        }
    }
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> RowSums<T> for Linear<'_, T, R, L> {
    fn n_params(&self) -> usize {
        self.rows.n_cols() + usize::from(self.fit_intercept)
    }

    fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    fn buffers(&self) -> Result<Buffers<T>, OutOfMemory> {
        let room = room_for_many(self.n_params(), step::longest_chunk::<T>());
        Ok(Buffers { steps: Aligned::zeros(room)?, ..Buffers::for_rows(&self.rows)? })
    }

    fn sum(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
    ) -> f64 {
        dispatch_lanes(TakeSums { objective: self, buffers, params, rows, grad })
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
