//! The losses and slopes of many rows: eight at a time, in vectors.

use super::{Formula, PointLoss, WithFormula};
use crate::kernel::{EIGHT, Pass, dispatch, sum_pairwise};
use crate::real::Real;

impl PointLoss {
    /// From the scores x·w + b of some rows to their losses (sᵢ/s̄)·ℓ. A loss is NaN where the score is
    /// not finite: no loss hides that.
    ///
    /// One target and one value a row, and one factor sᵢ/s̄, or none where all rows count the same.
    pub fn values<T: Real>(self, scores: &[T], targets: &[T], factors: &[f64], values: &mut [f64]) {
        dispatch(Values { loss: self, scores, targets, factors, values });
    }

    /// From the products x·w of some rows to their slopes (sᵢ/s̄)·∂ℓ/∂z at the scores x·w + b, which take
    /// the place of the products. Slopes, and losses as above, are added to `sums`.
    pub fn slopes<T: Real>(
        self,
        products: &mut [T],
        bias: T,
        targets: &[T],
        factors: &[f64],
        sums: &mut Sums<T>,
    ) {
        self.with(Slopes { formula: self, products, bias, targets, factors, sums });
    }
}

/// Sums of the losses and slopes of rows, those of every eighth row apart: a vector each, without a
/// horizontal addition on the way.
#[derive(Clone, Copy, Debug)]
pub struct Sums<T> {
    values: [f64; EIGHT],
    slopes: [T; EIGHT],
}

impl<T: Real> Sums<T> {
    /// Nothing yet.
    pub fn zero() -> Self {
        Sums { values: [0.0; EIGHT], slopes: [T::zero(); EIGHT] }
    }

    /// The sum of the losses.
    pub fn of_values(&self) -> f64 {
        sum_pairwise(self.values)
    }

    /// The sum of the slopes.
    pub fn of_slopes(&self) -> T {
        sum_pairwise(self.slopes)
    }

    /// The losses and slopes of eight rows are added, times their factors if there are any; returns the
    /// slopes.
    #[inline(always)]
    fn add<F: Formula>(
        &mut self,
        formula: F,
        products: [T; EIGHT],
        bias: T,
        y: [T; EIGHT],
        factors: Option<&[f64; EIGHT]>,
        lanes: usize,
    ) -> [T; EIGHT] {
        let (mut values, mut slopes) = eight(formula, products, bias, y, lanes);
        if let Some(factors) = factors {
            for k in 0..EIGHT {
                values[k] *= factors[k];
                slopes[k] *= T::from_f64(factors[k]);
            }
        }
        for k in 0..EIGHT {
            self.values[k] += values[k];
            self.slopes[k] += slopes[k];
        }
        slopes
    }
}

/// The losses of some rows, compiled for the instruction set at hand.
struct Values<'o, T> {
    loss: PointLoss,
    scores: &'o [T],
    targets: &'o [T],
    factors: &'o [f64],
    values: &'o mut [f64],
}

impl<T: Real> Pass for Values<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.loss.with(self);
    }
}

impl<T: Real> WithFormula for Values<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with<F: Formula>(self, formula: F) {
        let Values { scores, targets, factors, values, .. } = self;
        let (count, lanes) = (scores.len(), lanes::<F>());
        let (targets, values) = (&targets[..count], &mut values[..count]);
        let (eights, rest) = scores.as_chunks::<EIGHT>();
        let (of_eights, of_rest) = targets.as_chunks::<EIGHT>();
        let (to_eights, to_rest) = values.as_chunks_mut::<EIGHT>();
        for ((z, y), value) in eights.iter().zip(of_eights).zip(to_eights) {
            (*value, _) = eight(formula, *z, T::zero(), *y, lanes);
        }
        if !rest.is_empty() {
            let (z, y) = (padded(rest, T::zero()), padded(of_rest, T::zero()));
            let (value, _) = eight(formula, z, T::zero(), y, lanes);
            to_rest.copy_from_slice(&value[..rest.len()]);
        }
        for (value, factor) in values.iter_mut().zip(factors) {
            *value *= factor;
        }
    }
}

/// The slopes of some rows, compiled for each formula and instruction set by itself: beside others, one
/// would have to make room for all that they need.
struct Slopes<'o, T, F> {
    formula: F,
    products: &'o mut [T],
    bias: T,
    targets: &'o [T],
    factors: &'o [f64],
    sums: &'o mut Sums<T>,
}

impl<T: Real> WithFormula for Slopes<'_, T, PointLoss> {
    type Output = ();

    #[inline(always)]
    fn with<F: Formula>(self, formula: F) {
        let Slopes { products, bias, targets, factors, sums, .. } = self;
        dispatch(Slopes { formula, products, bias, targets, factors, sums });
    }
}

impl<T: Real, F: Formula> Pass for Slopes<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Slopes { formula, products, bias, targets, factors, sums: total } = self;
        // In registers.
        let (mut sums, lanes) = (*total, lanes::<F>());
        let (eights, rest) = products.as_chunks_mut::<EIGHT>();
        let (of_eights, of_rest) = targets.as_chunks::<EIGHT>();
        let (factors_of_eights, factors_of_rest) = factors.as_chunks::<EIGHT>();
        if factors.is_empty() {
            for (z, y) in eights.iter_mut().zip(of_eights) {
                *z = sums.add(formula, *z, bias, *y, None, lanes);
            }
        } else {
            for ((z, y), factors) in eights.iter_mut().zip(of_eights).zip(factors_of_eights) {
                *z = sums.add(formula, *z, bias, *y, Some(factors), lanes);
            }
        }
        if !rest.is_empty() {
            // Eight with some that do not count: one by one they would take several times as long.
            let ones = [1.0; EIGHT];
            let factors = if factors.is_empty() { &ones[..rest.len()] } else { factors_of_rest };
            let counts = padded(factors, 0.0);
            // Scores of 0, not of b: where the loss of a large b is infinite, 0 times it is no 0.
            let (z, y) = (padded(rest, -bias), padded(of_rest, T::zero()));
            let slopes = sums.add(formula, z, bias, y, Some(&counts), lanes);
            rest.copy_from_slice(&slopes[..rest.len()]);
        }
        *total = sums;
    }
}

/// Fewer than eight numbers, with others after them.
#[inline(always)]
fn padded<T: Real>(some: &[T], other: T) -> [T; EIGHT] {
    let mut all = [other; EIGHT];
    all[..some.len()].copy_from_slice(some);
    all
}

/// Eight; of a long formula the compiler is not told that it is.
#[inline(always)]
fn lanes<F: Formula>() -> usize {
    if F::IS_LONG { std::hint::black_box(EIGHT) } else { EIGHT }
}

/// Losses and slopes of eight rows, written so that they become vector code.
#[inline(always)]
fn eight<T: Real, F: Formula>(
    formula: F,
    products: [T; EIGHT],
    bias: T,
    y: [T; EIGHT],
    lanes: usize,
) -> ([f64; EIGHT], [T; EIGHT]) {
    let (mut values, mut slopes) = ([0.0; EIGHT], products);
    for k in 0..lanes.min(EIGHT) {
        let z = products[k] + bias;
        let (value, slope) = formula.value_and_slope(z, y[k]);
        // 0·z is 0 for a finite score, and NaN that stays for any other.
        values[k] = value.as_f64() + (z * T::zero()).as_f64();
        slopes[k] = slope;
    }
    (values, slopes)
}
