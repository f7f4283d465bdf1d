//! Losses of one linear score: z = x·w + b, ℓ(z, y).

use std::convert::Infallible;

use super::{Objective, Penalty, PointLoss, SampleWeights};
use crate::error::BadValue;
use crate::kernel::narrow::{Chunks, MOST_FEATURES};
use crate::kernel::vector::{axpy, axpy_each, dot, dot_each, step_along, step_along_ridge};
use crate::kernel::{Pass, dispatch};
use crate::real::Real;
use crate::rows::{RowSet, Rows};
use crate::rule::Lasso;

/// Rows that a pass over wide rows works on together: w and the gradient are loaded once for all.
const ROWS: usize = 4;

/// A linear model under a point loss. θ is (b, w₁ … w_d), or w alone without an intercept.
#[derive(Clone, Debug)]
pub struct Linear<'a, T, R, L> {
    rows: R,
    targets: &'a [T],
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
        targets: &'a [T],
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

    /// (sᵢ/s̄)·ℓ and (sᵢ/s̄)·∂ℓ/∂z of a row with score `z`. The loss is NaN where z is not finite:
    /// no loss hides that.
    #[inline(always)]
    fn value_and_slope(&self, z: T, row: usize) -> (f64, T) {
        let (value, slope) = self.loss.value_and_slope(z, self.targets[row]);
        let value = if z.is_finite() { value.as_f64() } else { f64::NAN };
        let factor = self.weights.factor(row);
        (value * factor, slope * T::from_f64(factor))
    }

    /// The sums over `count` rows, `row_at(0)`, `row_at(1)`, …; the gradient is added to `grad`.
    #[inline(always)]
    fn sum_with_gradient(
        &self,
        params: &[T],
        count: usize,
        row_at: impl Fn(usize) -> usize,
        grad: &mut [T],
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let (grad_bias, grad_coef) =
            if self.fit_intercept { grad.split_at_mut(1) } else { (&mut [][..], grad) };
        let (sum, slope_sum) = match coef.len() {
            1 => self.sum_narrow::<1>(bias, coef, count, row_at, grad_coef),
            2..4 => self.sum_narrow::<2>(bias, coef, count, row_at, grad_coef),
            4..8 => self.sum_narrow::<4>(bias, coef, count, row_at, grad_coef),
            8..=MOST_FEATURES => self.sum_narrow::<8>(bias, coef, count, row_at, grad_coef),
            _ => self.sum_wide(bias, coef, count, row_at, grad_coef),
        };
        if let [grad_bias] = grad_bias {
            *grad_bias += slope_sum;
        }
        sum
    }

    /// Rows of many features: four at a time, each read from memory once.
    #[inline(always)]
    fn sum_wide(
        &self,
        bias: T,
        coef: &[T],
        count: usize,
        row_at: impl Fn(usize) -> usize,
        grad: &mut [T],
    ) -> (f64, T) {
        let mut sum = 0.0;
        let mut slope_sum = T::zero();
        let whole = count - count % ROWS;
        for first in (0..whole).step_by(ROWS) {
            let at: [usize; ROWS] = std::array::from_fn(|r| row_at(first + r));
            let rows = at.map(|row| self.rows.row(row));
            let mut slopes = dot_each(rows, coef);
            for (slope, row) in slopes.iter_mut().zip(at) {
                let value;
                (value, *slope) = self.value_and_slope(*slope + bias, row);
                slope_sum += *slope;
                sum += value;
            }
            axpy_each(slopes, rows, grad);
        }
        for row in (whole..count).map(row_at) {
            let x = self.rows.row(row);
            let (value, slope) = self.value_and_slope(dot(x, coef) + bias, row);
            axpy(slope, x, grad);
            slope_sum += slope;
            sum += value;
        }
        (sum, slope_sum)
    }

    /// Rows of few features, C ≤ d ≤ 2C: see [`narrow`](crate::kernel::narrow).
    #[inline(always)]
    fn sum_narrow<const C: usize>(
        &self,
        bias: T,
        coef: &[T],
        count: usize,
        row_at: impl Fn(usize) -> usize,
        grad: &mut [T],
    ) -> (f64, T) {
        let coef = Chunks::<T, C>::of_weights(coef);
        let mut grad_sums = Chunks::zeros();
        let mut sum = 0.0;
        let mut slope_sum = T::zero();
        for row in (0..count).map(row_at) {
            let x = Chunks::of(self.rows.row(row));
            let (value, slope) = self.value_and_slope(x.dot(&coef) + bias, row);
            grad_sums.axpy(slope, &x);
            slope_sum += slope;
            sum += value;
        }
        grad_sums.add_to(grad);
        (sum, slope_sum)
    }

    /// The sum of the losses alone.
    #[inline(always)]
    fn sum(&self, params: &[T], rows: impl Iterator<Item = usize>) -> f64 {
        let (bias, coef) = self.split(params);
        rows.map(|row| self.value_and_slope(dot(self.rows.row(row), coef) + bias, row).0).sum()
    }

    #[inline(always)]
    fn step(&self, params: &[T], row: usize, eta: T, next: &mut [T]) -> f64 {
        let (bias, coef) = self.split(params);
        let (value, slope) = self.value_and_slope(dot(self.rows.row(row), coef) + bias, row);
        if value.is_nan() {
            return value;
        }
        let coef_start = usize::from(self.fit_intercept);
        let next_coef = &mut next[coef_start..];
        if self.penalty.l2 == 0.0 {
            step_along(eta, slope, self.rows.row(row), coef, next_coef);
        } else {
            step_along_ridge(
                eta,
                slope,
                T::from_f64(self.penalty.l2),
                self.rows.row(row),
                coef,
                next_coef,
            );
        }
        if self.fit_intercept {
            next[0] = bias - eta * slope;
        }
        value + self.penalty.value(params)
    }
}

/// The sums over a block of rows, compiled for the instruction set at hand.
struct Sums<'o, 'a, T, R, L> {
    objective: &'o Linear<'a, T, R, L>,
    params: &'o [T],
    rows: RowSet<'o>,
    grad: Option<&'o mut [T]>,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Pass for Sums<'_, '_, T, R, L> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Sums { objective, params, rows, grad } = self;
        let by_index = |&index: &u32| index as usize;
        match (rows, grad) {
            (RowSet::Range(rows), Some(grad)) => {
                let start = rows.start;
                objective.sum_with_gradient(params, rows.len(), |place| start + place, grad)
            }
            (RowSet::Indices(rows), Some(grad)) => {
                objective.sum_with_gradient(params, rows.len(), |place| rows[place] as usize, grad)
            }
            (RowSet::Range(rows), None) => objective.sum(params, rows),
            (RowSet::Indices(rows), None) => objective.sum(params, rows.iter().map(by_index)),
        }
    }
}

/// One fused step, compiled for the instruction set at hand.
struct Step<'o, 'a, T, R, L> {
    objective: &'o Linear<'a, T, R, L>,
    params: &'o [T],
    row: usize,
    eta: T,
    next: &'o mut [T],
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Pass for Step<'_, '_, T, R, L> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        self.objective.step(self.params, self.row, self.eta, self.next)
    }
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Objective<T> for Linear<'_, T, R, L> {
    type Error = Infallible;

    fn n_params(&self) -> usize {
        self.rows.n_cols() + usize::from(self.fit_intercept)
    }

    fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    fn accumulate(
        &mut self,
        params: &[T],
        rows: RowSet<'_>,
        grad: &mut [T],
    ) -> Result<f64, Infallible> {
        Ok(dispatch(Sums { objective: self, params, rows, grad: Some(grad) }))
    }

    fn accumulate_loss(&mut self, params: &[T], rows: RowSet<'_>) -> Result<f64, Infallible> {
        Ok(dispatch(Sums { objective: self, params, rows, grad: None }))
    }

    fn finish(&self, params: &[T], m: usize, loss_sum: f64, grad: &mut [T]) -> f64 {
        self.penalty.finish(params, m, loss_sum, grad)
    }

    fn finish_loss(&self, params: &[T], m: usize, loss_sum: f64) -> f64 {
        self.penalty.finish_loss(params, m, loss_sum)
    }

    fn step_one(
        &mut self,
        params: &[T],
        row: usize,
        eta: T,
        next: &mut [T],
    ) -> Result<f64, Infallible> {
        Ok(dispatch(Step { objective: self, params, row, eta, next }))
    }

    fn lasso(&self) -> Lasso {
        self.penalty.lasso()
    }

    fn find_bad_value(&self, rows: RowSet<'_>) -> Option<BadValue> {
        super::find_bad_value(&self.rows, self.targets, rows)
    }
}
