//! Rows of few features, eight at a time and side by side.
//!
//! With d around ten a dot product is too short to fill a vector, and adding up its lanes costs
//! more than the products. So eight rows are laid into columns, and it is the rows that are the
//! lanes: eight scores grow together, eight slopes are known together, and the sums over lanes
//! are left to the end of the pass.

use super::vector::sum_pairwise;
use crate::real::Real;

/// Rows side by side.
pub const ROWS: usize = 8;

/// The most features that this pays for.
pub const MOST_FEATURES: usize = 16;

/// Up to [`ROWS`] rows of up to [`MOST_FEATURES`] features, as columns; the rest is zero.
pub struct Columns<T>([[T; ROWS]; MOST_FEATURES]);

impl<T: Real> Columns<T> {
    /// All zeros.
    #[inline(always)]
    pub fn zeros() -> Self {
        Columns([[T::zero(); ROWS]; MOST_FEATURES])
    }

    /// Lays `row` into place `lane`.
    #[inline(always)]
    pub fn set(&mut self, lane: usize, row: &[T]) {
        for (column, &value) in self.0.iter_mut().zip(row) {
            column[lane] = value;
        }
    }

    /// x·w + b of every row.
    #[inline(always)]
    pub fn scores(&self, w: &[T], bias: T) -> [T; ROWS] {
        let mut scores = [bias; ROWS];
        for (column, &w) in self.0.iter().zip(w) {
            for lane in 0..ROWS {
                scores[lane] += column[lane] * w;
            }
        }
        scores
    }

    /// sumsⱼ ← sumsⱼ + slope·xⱼ, lane by lane, for the first `d` features.
    #[inline(always)]
    pub fn add_products(&self, slopes: &[T; ROWS], d: usize, sums: &mut Columns<T>) {
        for (sums, column) in sums.0.iter_mut().zip(&self.0).take(d) {
            for lane in 0..ROWS {
                sums[lane] += slopes[lane] * column[lane];
            }
        }
    }

    /// outⱼ ← outⱼ + the sum over the lanes of feature j.
    #[inline(always)]
    pub fn add_lane_sums(&self, out: &mut [T]) {
        for (out, &column) in out.iter_mut().zip(&self.0) {
            *out += sum_pairwise(column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_rows_one_after_the_other(
            (d, x, w) in (1..=MOST_FEATURES).prop_flat_map(|d| {
                let numbers = |n| prop::collection::vec((-20..20i32).prop_map(f64::from), n);
                (Just(d), numbers(d * ROWS), numbers(d))
            }),
            bias in -5i32..5,
        ) {
            let mut columns = Columns::zeros();
            for (lane, row) in x.chunks(d).enumerate() {
                columns.set(lane, row);
            }
            let scores = columns.scores(&w, f64::from(bias));
            let mut sums = Columns::zeros();
            columns.add_products(&scores, d, &mut sums);
            let mut grad = vec![1.0; d];
            sums.add_lane_sums(&mut grad);
            let mut naive_grad = vec![1.0; d];
            for (row, score) in x.chunks(d).zip(scores) {
                let naive = f64::from(bias) + row.iter().zip(&w).map(|(x, w)| x * w).sum::<f64>();
                prop_assert_eq!(score, naive);
                for (grad, x) in naive_grad.iter_mut().zip(row) {
                    *grad += naive * x;
                }
            }
            prop_assert_eq!(grad, naive_grad);
        }
    }
}
