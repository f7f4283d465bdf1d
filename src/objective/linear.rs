//! Losses of one linear score: z = x·w + b, ℓ(z, y).

use super::{Buffers, Penalty, PointLoss, RowSums, SampleWeights};
use crate::error::{BadValue, OutOfMemory};
use crate::kernel::four::{DOUBLES, SINGLES, Sums};
use crate::kernel::narrow::{Chunks, MOST_FEATURES};
use crate::kernel::vector::{dot, step_along, step_along_ridge, sum_pairwise};
use crate::kernel::{Pass, dispatch};
use crate::real::Real;
use crate::rows::{Block, Column, NextRow, RowSet, Rows, Visit, find_bad_value, single_row, visit};

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

    /// (sᵢ/s̄)·ℓ and (sᵢ/s̄)·∂ℓ/∂z of a row with score `z`. The loss is NaN where z is not finite:
    /// no loss hides that.
    #[inline(always)]
    fn value_and_slope(&self, z: T, target: T, factor: f64) -> (f64, T) {
        let (value, slope) = self.loss.value_and_slope(z, target);
        let value = if z.is_finite() { value.as_f64() } else { f64::NAN };
        (value * factor, slope * T::from_f64(factor))
    }

    /// The sum of the losses of some rows; their gradient is added to `grad`.
    #[inline(always)]
    fn sum_with_gradient(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (_, coef) = self.split(params);
        match coef.len() {
            1 => self.sum_narrow::<1>(buffers, params, rows, grad),
            2..4 => self.sum_narrow::<2>(buffers, params, rows, grad),
            4..8 => self.sum_narrow::<4>(buffers, params, rows, grad),
            8..=MOST_FEATURES => self.sum_narrow::<8>(buffers, params, rows, grad),
            _ if size_of::<T>() == size_of::<f32>() => {
                self.sum_wide::<SINGLES>(buffers, params, rows, grad)
            }
            _ => self.sum_wide::<DOUBLES>(buffers, params, rows, grad),
        }
    }

    #[inline(always)]
    fn sum_wide<const N: usize>(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let (grad_bias, grad) = grad.split_at_mut(usize::from(self.fit_intercept));
        let reader = Reader { objective: self, bias, targets, factors };
        let sums = Sums::<T, N>::new(coef, grad);
        let mut pass = Wide { reader, coef, sums, sum: 0.0, slope_sum: T::zero() };
        visit(&self.rows, rows, room, &mut pass);
        let Wide { sums, sum, slope_sum, .. } = pass;
        sums.finish();
        if let [grad_bias] = grad_bias {
            *grad_bias += slope_sum;
        }
        sum
    }

    #[inline(always)]
    fn sum_narrow<const C: usize>(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: &mut [T],
    ) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let mut pass = Narrow::<T, R, L, C> {
            reader: Reader { objective: self, bias, targets, factors },
            coef: Chunks::of_weights(coef),
            grads: [Chunks::zeros(); 2],
            sum: 0.0,
            slope_sum: T::zero(),
        };
        visit(&self.rows, rows, room, &mut pass);
        let (grad_bias, grad) = grad.split_at_mut(usize::from(self.fit_intercept));
        pass.grads.iter().for_each(|sums| sums.add_to(grad));
        if let [grad_bias] = grad_bias {
            *grad_bias += pass.slope_sum;
        }
        pass.sum
    }

    /// The sum of the losses alone.
    #[inline(always)]
    fn sum_of_losses(&self, buffers: &mut Buffers<T>, params: &[T], rows: &RowSet<'_>) -> f64 {
        let (bias, coef) = self.split(params);
        let Buffers { rows: room, targets, factors, .. } = buffers;
        let reader = Reader { objective: self, bias, targets, factors };
        let mut pass = Losses { reader, coef, sum: 0.0 };
        visit(&self.rows, rows, room, &mut pass);
        pass.sum
    }

    #[inline(always)]
    fn take_step(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        row: NextRow,
        eta: T,
        next: &mut [T],
    ) -> f64 {
        let x = single_row(&self.rows, row, &mut buffers.rows);
        let row = row.row;
        let (bias, coef) = self.split(params);
        let (target, factor) = (self.targets.get(row), self.weights.factor(row));
        let (value, slope) = self.value_and_slope(dot(x, coef) + bias, target, factor);
        if value.is_nan() {
            return value;
        }
        let (next_bias, next_coef) = next.split_at_mut(usize::from(self.fit_intercept));
        if self.penalty.l2 == 0.0 {
            step_along(eta, slope, x, coef, next_coef);
        } else {
            step_along_ridge(eta, slope, T::from_f64(self.penalty.l2), x, coef, next_coef);
        }
        if let [next_bias] = next_bias {
            *next_bias = bias - eta * slope;
        }
        value + self.penalty.value(params)
    }
}

/// Reads the targets and factors of a block of rows, and turns scores into losses and slopes.
struct Reader<'o, 'a, T, R, L> {
    objective: &'o Linear<'a, T, R, L>,
    bias: T,
    targets: &'o mut [T],
    factors: &'o mut [f64],
}

/// Targets and factors of one block.
struct Read<'r, 'a, T, R, L> {
    objective: &'r Linear<'a, T, R, L>,
    bias: T,
    targets: &'r [T],
    factors: &'r [f64],
}

impl<'a, T: Real, R: Rows<T>, L: PointLoss<T>> Reader<'_, 'a, T, R, L> {
    #[inline(always)]
    fn read(&mut self, set: &RowSet<'_>) -> Read<'_, 'a, T, R, L> {
        let objective = self.objective;
        let targets = objective.targets.read(set, self.targets);
        let factors = objective.weights.factors(set, self.factors);
        Read { objective, bias: self.bias, targets: &targets[..set.len()], factors }
    }
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Read<'_, '_, T, R, L> {
    /// The sum of the losses, and the slopes, of M rows from `first` on, from their products x·w. The
    /// loss is NaN where a score is not finite: no loss hides that.
    #[inline(always)]
    fn sum_and_slopes<const M: usize>(&self, products: [T; M], first: usize) -> (f64, [T; M]) {
        let z = products.map(|product| product + self.bias);
        let y: &[T; M] = self.targets[first..].first_chunk().expect("M rows are left");
        let (values, mut slopes) = self.objective.loss.values_and_slopes(z, *y);
        let mut values = std::array::from_fn::<f64, M, _>(|r| {
            if z[r].is_finite() { values[r].as_f64() } else { f64::NAN }
        });
        if !self.factors.is_empty() {
            let factors: &[f64; M] = self.factors[first..].first_chunk().expect("M rows are left");
            for r in 0..M {
                values[r] *= factors[r];
                slopes[r] *= T::from_f64(factors[r]);
            }
        }
        (sum_pairwise(values), slopes)
    }
}

/// Rows of many features: four at a time, each read from memory once.
struct Wide<'o, 'a, T, R, L, const N: usize> {
    reader: Reader<'o, 'a, T, R, L>,
    coef: &'o [T],
    sums: Sums<'o, T, N>,
    sum: f64,
    slope_sum: T,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>, const N: usize> Visit<T> for Wide<'_, '_, T, R, L, N> {
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let Wide { reader, coef, sums, sum, slope_sum } = self;
        let read = reader.read(set);
        let four = |first: usize| -> [&[T]; 4] {
            (first..first + 4).for_each(|place| block.fetch_after(place));
            std::array::from_fn(|r| block.row(first + r))
        };
        let mut place = 0;
        while place + 4 <= set.len() {
            let rows = four(place);
            let mut slopes = sums.dot(rows);
            // One by one: as an array of four they would keep the sums of `dot` in memory.
            for (r, slope) in slopes.iter_mut().enumerate() {
                let (value, [slope_of_row]) = read.sum_and_slopes([*slope], place + r);
                *slope = slope_of_row;
                *slope_sum += slope_of_row;
                *sum += value;
            }
            sums.axpy(slopes, rows);
            place += 4;
        }
        for place in place..set.len() {
            let x = block.row(place);
            let (value, [slope]) = read.sum_and_slopes([dot(x, coef)], place);
            sums.axpy_one(slope, x);
            *sum += value;
            *slope_sum += slope;
        }
    }
}

/// Rows of few features, C ≤ d ≤ 2C: see [`narrow`](crate::kernel::narrow).
struct Narrow<'o, 'a, T, R, L, const C: usize> {
    reader: Reader<'o, 'a, T, R, L>,
    coef: Chunks<T, C>,
    /// Of every other row each, so that one addition need not wait for the one before.
    grads: [Chunks<T, C>; 2],
    sum: f64,
    slope_sum: T,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>, const C: usize> Visit<T> for Narrow<'_, '_, T, R, L, C> {
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        const ROWS: usize = 8;
        let read = self.reader.read(set);
        // In registers for the block.
        let (coef, [mut even, mut odd]) = (self.coef, self.grads);
        let (mut sum, mut slope_sum) = (self.sum, self.slope_sum);
        let whole = set.len() - set.len() % ROWS;
        for first in (0..whole).step_by(ROWS) {
            // Loaded twice rather than kept: eight rows are more than the registers hold.
            let row = |r: usize| Chunks::<T, C>::of(block.row(first + r));
            let mut products = [T::zero(); ROWS];
            for (r, product) in products.iter_mut().enumerate() {
                *product = row(r).dot(&coef);
            }
            let (values, slopes) = read.sum_and_slopes::<ROWS>(products, first);
            for r in (0..ROWS).step_by(2) {
                even.axpy(slopes[r], &row(r));
                odd.axpy(slopes[r + 1], &row(r + 1));
            }
            sum += values;
            slope_sum += sum_pairwise(slopes);
        }
        for place in whole..set.len() {
            let x = Chunks::of(block.row(place));
            let (value, [slope]) = read.sum_and_slopes([x.dot(&coef)], place);
            even.axpy(slope, &x);
            sum += value;
            slope_sum += slope;
        }
        (self.grads, self.sum, self.slope_sum) = ([even, odd], sum, slope_sum);
    }
}

/// The losses alone, without slopes.
struct Losses<'o, 'a, T, R, L> {
    reader: Reader<'o, 'a, T, R, L>,
    coef: &'o [T],
    sum: f64,
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Visit<T> for Losses<'_, '_, T, R, L> {
    #[inline(always)]
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B) {
        let read = self.reader.read(set);
        let mut place = 0;
        while place + 8 <= set.len() {
            let products = std::array::from_fn(|r| dot(block.row(place + r), self.coef));
            self.sum += read.sum_and_slopes::<8>(products, place).0;
            place += 8;
        }
        for place in place..set.len() {
            self.sum += read.sum_and_slopes([dot(block.row(place), self.coef)], place).0;
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

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Pass for TakeSums<'_, '_, T, R, L> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let TakeSums { objective, buffers, params, rows, grad } = self;
        match grad {
            Some(grad) => objective.sum_with_gradient(buffers, params, rows, grad),
            None => objective.sum_of_losses(buffers, params, rows),
        }
    }
}

/// One fused step, compiled for the instruction set at hand.
struct Step<'o, 'a, T, R, L> {
    objective: &'o Linear<'a, T, R, L>,
    buffers: &'o mut Buffers<T>,
    params: &'o [T],
    row: NextRow,
    eta: T,
    next: &'o mut [T],
}

impl<T: Real, R: Rows<T>, L: PointLoss<T>> Pass for Step<'_, '_, T, R, L> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Step { objective, buffers, params, row, eta, next } = self;
        objective.take_step(buffers, params, row, eta, next)
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
        Buffers::for_rows(&self.rows)
    }

    fn sum(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
    ) -> f64 {
        dispatch(TakeSums { objective: self, buffers, params, rows, grad })
    }

    fn step(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        row: NextRow,
        eta: T,
        next: &mut [T],
    ) -> f64 {
        dispatch(Step { objective: self, buffers, params, row, eta, next })
    }

    fn penalty(&self) -> &Penalty {
        &self.penalty
    }

    fn find_bad_value(&self, rows: &RowSet<'_>) -> Option<BadValue> {
        find_bad_value(&self.rows, Some(&self.targets), rows)
    }
}
