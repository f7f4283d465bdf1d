//! Softmax regression: K linear scores a row and the cross-entropy of the softmax.
//!
//! Θ is (d + 1, K) in C order with the K intercepts in its first row (or (d, K) without them), so
//! that z = X_b Θ. For a row of class c, with P = softmax(z):
//!
//! ```text
//! ℓ = −ln P_c = ln Σₖ e^{zₖ} − z_c        ∂ℓ/∂zₖ = Pₖ − [k = c]
//! ```
//!
//! Source: Bishop, *Pattern Recognition and Machine Learning* (2006), section 4.3.4.

mod narrow;
mod wide;

use super::sums::sum_from_zero;
use super::{Buffers, Penalty, RowSums, Run, SampleWeights, add_linear_scores};
use crate::error::{BadValue, OutOfMemory};
use crate::kernel::products::lanes;
use crate::kernel::vector::add;
use crate::kernel::{Pass, dispatch};
use crate::real::Real;
use crate::rows::{Column, NextRow, RowSet, Rows, find_bad_value};
use crate::threads::BlockSums;

/// A linear model with K scores under the cross-entropy loss.
#[derive(Clone, Debug)]
pub struct Softmax<'a, T> {
    rows: Rows<'a, T>,
    /// The class of each row, 0 … K − 1, as a number of type T.
    targets: Column<'a, T>,
    n_classes: usize,
    weights: SampleWeights<'a>,
    fit_intercept: bool,
    penalty: Penalty,
}

impl<'a, T: Real> Softmax<'a, T> {
    /// The mean cross-entropy over `rows` and their classes, plus the penalty.
    ///
    /// Panics unless there is one target a row and at least one class. A target that is no class
    /// number makes the loss NaN.
    pub fn new(
        rows: impl Into<Rows<'a, T>>,
        targets: Column<'a, T>,
        n_classes: usize,
        weights: SampleWeights<'a>,
        fit_intercept: bool,
        penalty: Penalty,
    ) -> Self {
        let rows = rows.into();
        assert_eq!(rows.n_rows(), targets.len(), "one target a row");
        assert!(n_classes > 0, "at least one class");
        Softmax { rows, targets, n_classes, weights, fit_intercept, penalty }
    }

    /// Where W begins in θ.
    #[inline(always)]
    fn coef_start(&self) -> usize {
        if self.fit_intercept { self.n_classes } else { 0 }
    }

    /// Scores to slopes (sᵢ/s̄)(P − Y) in place; returns (sᵢ/s̄)·ℓ, NaN where a score is not finite.
    #[inline(always)]
    fn slopes_in_place(&self, target: T, factor: f64, scores: &mut [T]) -> f64 {
        // All scores finite: 0·z is 0, or NaN that stays.
        let probe = scores.iter().fold(T::zero(), |probe, &z| probe + z * T::zero());
        let class = target.to_usize().filter(|&class| class < scores.len());
        let (Some(class), true) = (class, probe == T::zero()) else {
            return f64::NAN;
        };
        let at_class = scores[class];
        let (largest, log_sum) = softmax_in_place(scores);
        let value = (largest.as_f64() - at_class.as_f64()) + log_sum.as_f64();
        scores[class] -= T::one();
        if factor != 1.0 {
            let factor = T::from_f64(factor);
            for slope in scores {
                *slope *= factor;
            }
        }
        value * factor
    }

    /// Whether rows are long enough for vectors to lie along them; else they lie along the classes.
    fn is_wide(&self) -> bool {
        self.rows.n_cols() >= lanes::<T>()
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
        let n_classes = self.n_classes;
        let (intercepts, coef) = params.split_at(self.coef_start());
        let (next_intercepts, next_coef) = next.split_at_mut(self.coef_start());
        let scores = &mut buffers.scores[..n_classes];
        scores.fill(T::zero());
        scores[..intercepts.len()].copy_from_slice(intercepts);
        let x = self.rows.single(row, &mut buffers.rows);
        let row = row.row;
        add_linear_scores(x, coef, scores);
        let (target, factor) = (self.targets.get(row), self.weights.factor(row));
        let value = self.slopes_in_place(target, factor, scores);
        if value.is_nan() {
            return value;
        }
        for ((next, &param), &slope) in next_intercepts.iter_mut().zip(intercepts).zip(&*scores) {
            *next = param - eta * slope;
        }
        let l2 = T::from_f64(self.penalty.l2);
        let coef = coef.chunks_exact(n_classes);
        for ((next, coef), &x) in next_coef.chunks_exact_mut(n_classes).zip(coef).zip(x) {
            for ((next, &param), &slope) in next.iter_mut().zip(coef).zip(&*scores) {
                *next = param - eta * (slope * x + l2 * param);
            }
        }
        value + self.penalty.value(params)
    }
}

/// Scores to softmax probabilities in place, shifted by the largest so that nothing overflows;
/// returns the largest, z_max, and ln Σₖ e^{zₖ − z_max}, whose sum would lose digits if z_max is large.
#[inline(always)]
fn softmax_in_place<T: Real>(scores: &mut [T]) -> (T, T) {
    let largest = scores.iter().fold(T::neg_infinity(), |largest, &z| largest.max(z));
    let mut sum = T::zero();
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
    (largest, sum.ln())
}

/// The sums over some short rows, compiled for the instruction set at hand.
struct NarrowSums<'o, 'a, T> {
    objective: &'o Softmax<'a, T>,
    buffers: &'o mut Buffers<T>,
    params: &'o [T],
    rows: &'o RowSet<'o>,
    grad: Option<&'o mut [T]>,
}

impl<T: Real> Pass for NarrowSums<'_, '_, T> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let NarrowSums { objective, buffers, params, rows, grad } = self;
        match grad {
            Some(grad) => narrow::sum::<T, true>(objective, buffers, params, rows, grad),
            None => narrow::sum::<T, false>(objective, buffers, params, rows, &mut []),
        }
    }
}

/// One step along one row, compiled for the instruction set at hand.
struct Step<'o, 'a, T> {
    objective: &'o Softmax<'a, T>,
    buffers: &'o mut Buffers<T>,
    params: &'o [T],
    row: NextRow,
    eta: T,
    next: &'o mut [T],
}

impl<T: Real> Pass for Step<'_, '_, T> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Step { objective, buffers, params, row, eta, next } = self;
        objective.take_step(buffers, params, row, eta, next)
    }
}

impl<T: Real> BlockSums<T> for Softmax<'_, T> {
    type Buffers = Buffers<T>;

    fn buffers(&self) -> Result<Buffers<T>, OutOfMemory> {
        let buffers = Buffers::for_rows(&self.rows)?;
        if self.is_wide() {
            wide::with_buffers(self.rows.n_cols(), self.n_classes, buffers)
        } else {
            narrow::with_buffers(self.rows.n_cols(), self.n_classes, buffers)
        }
    }

    fn packed_length(&self) -> Option<usize> {
        self.is_wide().then(|| wide::packed_length(self))
    }

    fn pack(&self, params: &[T], out: &mut [T]) {
        if self.is_wide() {
            wide::pack(self, params, out);
        } else {
            out.copy_from_slice(params);
        }
    }

    fn sum_block(
        &self,
        buffers: &mut Buffers<T>,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
    ) -> f64 {
        if self.is_wide() {
            wide::sum_block(self, buffers, params, rows, grad)
        } else {
            sum_from_zero(self, buffers, params, rows, grad)
        }
    }

    fn add_packed(&self, packed: &[T], grad: &mut [T]) {
        if self.is_wide() {
            wide::add_packed(self, packed, grad);
        } else {
            add(packed, grad);
        }
    }
}

impl<T: Real> RowSums<T> for Softmax<'_, T> {
    fn n_params(&self) -> usize {
        (self.rows.n_cols() + usize::from(self.fit_intercept)) * self.n_classes
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
        if self.is_wide() {
            wide::sum(self, buffers, params, rows, grad)
        } else {
            dispatch(NarrowSums { objective: self, buffers, params, rows, grad })
        }
    }

    fn take_steps(&self, buffers: &mut Buffers<T>, run: Run<'_, T>) -> usize {
        run.one_by_one(|params, row, eta, next| {
            dispatch(Step { objective: self, buffers, params, row, eta, next })
        })
    }

    fn penalty(&self) -> &Penalty {
        &self.penalty
    }

    fn find_bad_value(&self, rows: &RowSet<'_>) -> Option<BadValue> {
        find_bad_value(&self.rows, Some(&self.targets), rows)
    }
}
