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

use std::convert::Infallible;

use super::{Objective, Penalty, SampleWeights, add_linear_scores};
use crate::error::{BadValue, OutOfMemory, try_filled};
use crate::kernel::{Pass, dispatch, tile, vector::axpy};
use crate::real::Real;
use crate::rows::{RowSet, Rows};
use crate::rule::Lasso;

/// Rows that go through the matrix products together.
const TILE: usize = 4;

/// A linear model with K scores under the cross-entropy loss.
#[derive(Debug)]
pub struct Softmax<'a, T, R> {
    rows: R,
    /// The class of each row, 0 … K − 1, as a number of type T.
    targets: &'a [T],
    n_classes: usize,
    weights: SampleWeights<'a>,
    fit_intercept: bool,
    penalty: Penalty,
    scratch: Scratch<T>,
}

/// Buffers of a pass, with the class dimension padded to `stride`.
#[derive(Debug)]
struct Scratch<T> {
    stride: usize,
    /// W, (d, stride).
    coef: Vec<T>,
    /// The gradient in W, (d, stride).
    grad: Vec<T>,
    /// Scores, then slopes, of the rows of a tile, (TILE, stride).
    scores: Vec<T>,
}

impl<'a, T: Real, R: Rows<T>> Softmax<'a, T, R> {
    /// The mean cross-entropy over `rows` and their classes, plus the penalty.
    ///
    /// Panics unless there is one target a row and at least one class. A target that is no class
    /// number makes the loss NaN.
    pub fn new(
        rows: R,
        targets: &'a [T],
        n_classes: usize,
        weights: SampleWeights<'a>,
        fit_intercept: bool,
        penalty: Penalty,
    ) -> Result<Self, OutOfMemory> {
        assert_eq!(rows.n_rows(), targets.len(), "one target a row");
        assert!(n_classes > 0, "at least one class");
        let stride = tile::padded(n_classes);
        let size = rows.n_cols().checked_mul(stride).ok_or(OutOfMemory)?;
        let scratch = Scratch {
            stride,
            coef: try_filled(size, T::zero())?,
            grad: try_filled(size, T::zero())?,
            scores: try_filled(TILE * stride, T::zero())?,
        };
        Ok(Softmax { rows, targets, n_classes, weights, fit_intercept, penalty, scratch })
    }

    /// Where W begins in θ.
    #[inline(always)]
    fn coef_start(&self) -> usize {
        if self.fit_intercept { self.n_classes } else { 0 }
    }

    /// Bytes of the buffers.
    pub fn n_bytes(&self) -> usize {
        let Scratch { coef, grad, scores, .. } = &self.scratch;
        (coef.capacity() + grad.capacity() + scores.capacity()) * size_of::<T>()
    }

    /// Scores to slopes (sᵢ/s̄)(P − Y) in place; returns (sᵢ/s̄)·ℓ, NaN where a score is not finite.
    #[inline(always)]
    fn slopes_in_place(&self, row: usize, scores: &mut [T]) -> f64 {
        // All scores finite: 0·z is 0, or NaN that stays.
        let probe = scores.iter().fold(T::zero(), |probe, &z| probe + z * T::zero());
        let class = self.targets[row].to_usize().filter(|&class| class < scores.len());
        let (Some(class), true) = (class, probe == T::zero()) else {
            return f64::NAN;
        };
        let at_class = scores[class];
        let (largest, log_sum) = softmax_in_place(scores);
        let factor = self.weights.factor(row);
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

    /// The sums over M rows: scores, slopes and (`WITH_GRADIENT`) their outer products.
    #[inline(always)]
    fn add_tile<const M: usize, const WITH_GRADIENT: bool>(
        &self,
        at: [usize; M],
        params: &[T],
        grad: &mut [T],
        scratch: &mut Scratch<T>,
    ) -> f64 {
        let Scratch { stride, coef, grad: grad_coef, scores } = scratch;
        let (stride, n_classes) = (*stride, self.n_classes);
        let scores = &mut scores[..M * stride];
        for scores in scores.chunks_exact_mut(stride) {
            scores.fill(T::zero());
            scores[..self.coef_start()].copy_from_slice(&params[..self.coef_start()]);
        }
        let x: [&[T]; M] = std::array::from_fn(|r| self.rows.row(at[r]));
        tile::add_scores(x, coef, stride, scores);
        let mut sum = 0.0;
        for (r, scores) in scores.chunks_exact_mut(stride).enumerate() {
            sum += self.slopes_in_place(at[r], &mut scores[..n_classes]);
            if WITH_GRADIENT && self.fit_intercept {
                axpy(T::one(), &scores[..n_classes], &mut grad[..n_classes]);
            }
        }
        if WITH_GRADIENT {
            tile::add_outer(x, scores, stride, grad_coef);
        }
        sum
    }

    #[inline(always)]
    fn add_rows<const WITH_GRADIENT: bool>(
        &self,
        rows: &RowSet<'_>,
        params: &[T],
        grad: &mut [T],
        scratch: &mut Scratch<T>,
    ) -> f64 {
        let row = |place: usize| match rows {
            RowSet::Range(range) => range.start + place,
            RowSet::Indices(indices) => indices[place] as usize,
        };
        let whole = rows.len() - rows.len() % TILE;
        let mut sum = 0.0;
        for first in (0..whole).step_by(TILE) {
            let at: [usize; TILE] = std::array::from_fn(|r| row(first + r));
            sum += self.add_tile::<TILE, WITH_GRADIENT>(at, params, grad, scratch);
        }
        for place in whole..rows.len() {
            sum += self.add_tile::<1, WITH_GRADIENT>([row(place)], params, grad, scratch);
        }
        sum
    }

    #[inline(always)]
    fn sums(
        &self,
        params: &[T],
        rows: &RowSet<'_>,
        grad: Option<&mut [T]>,
        scratch: &mut Scratch<T>,
    ) -> f64 {
        let start = self.coef_start();
        tile::pad_into(&params[start..], self.n_classes, scratch.stride, &mut scratch.coef);
        let Some(grad) = grad else {
            return self.add_rows::<false>(rows, params, &mut [], scratch);
        };
        scratch.grad.fill(T::zero());
        let sum = self.add_rows::<true>(rows, params, grad, scratch);
        tile::add_unpadded(&scratch.grad, scratch.stride, self.n_classes, &mut grad[start..]);
        sum
    }

    #[inline(always)]
    fn step(
        &self,
        params: &[T],
        row: usize,
        eta: T,
        next: &mut [T],
        scratch: &mut Scratch<T>,
    ) -> f64 {
        let n_classes = self.n_classes;
        let (intercepts, coef) = params.split_at(self.coef_start());
        let (next_intercepts, next_coef) = next.split_at_mut(self.coef_start());
        let scores = &mut scratch.scores[..n_classes];
        scores.fill(T::zero());
        scores[..intercepts.len()].copy_from_slice(intercepts);
        let x = self.rows.row(row);
        add_linear_scores(x, coef, scores);
        let value = self.slopes_in_place(row, scores);
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

    /// Runs `pass` with the scratch taken out, so that it can borrow the rest.
    fn with_scratch<O>(&mut self, pass: impl FnOnce(&Self, &mut Scratch<T>) -> O) -> O {
        let empty = Scratch { stride: 0, coef: Vec::new(), grad: Vec::new(), scores: Vec::new() };
        let mut scratch = std::mem::replace(&mut self.scratch, empty);
        let output = pass(self, &mut scratch);
        self.scratch = scratch;
        output
    }
}

/// Scores to softmax probabilities in place, shifted by the largest so that nothing overflows;
/// returns the largest, z_max, and ln Σₖ e^{zₖ − z_max}, whose sum would lose digits if z_max is large.
#[inline(always)]
pub fn softmax_in_place<T: Real>(scores: &mut [T]) -> (T, T) {
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

/// The sums over a block of rows, compiled for the instruction set at hand.
struct Sums<'o, 'a, T, R> {
    objective: &'o Softmax<'a, T, R>,
    scratch: &'o mut Scratch<T>,
    params: &'o [T],
    rows: RowSet<'o>,
    grad: Option<&'o mut [T]>,
}

impl<T: Real, R: Rows<T>> Pass for Sums<'_, '_, T, R> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        self.objective.sums(self.params, &self.rows, self.grad, self.scratch)
    }
}

/// One step along one row, compiled for the instruction set at hand.
struct Step<'o, 'a, T, R> {
    objective: &'o Softmax<'a, T, R>,
    scratch: &'o mut Scratch<T>,
    params: &'o [T],
    row: usize,
    eta: T,
    next: &'o mut [T],
}

impl<T: Real, R: Rows<T>> Pass for Step<'_, '_, T, R> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        self.objective.step(self.params, self.row, self.eta, self.next, self.scratch)
    }
}

impl<T: Real, R: Rows<T>> Objective<T> for Softmax<'_, T, R> {
    type Error = Infallible;

    fn n_params(&self) -> usize {
        (self.rows.n_cols() + usize::from(self.fit_intercept)) * self.n_classes
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
        Ok(self.with_scratch(|objective, scratch| {
            dispatch(Sums { objective, scratch, params, rows, grad: Some(grad) })
        }))
    }

    fn accumulate_loss(&mut self, params: &[T], rows: RowSet<'_>) -> Result<f64, Infallible> {
        Ok(self.with_scratch(|objective, scratch| {
            dispatch(Sums { objective, scratch, params, rows, grad: None })
        }))
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
        Ok(self.with_scratch(|objective, scratch| {
            dispatch(Step { objective, scratch, params, row, eta, next })
        }))
    }

    fn lasso(&self) -> Lasso {
        self.penalty.lasso()
    }

    fn find_bad_value(&self, rows: RowSet<'_>) -> Option<BadValue> {
        super::find_bad_value(&self.rows, self.targets, rows)
    }
}
