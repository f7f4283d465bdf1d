//! Rows of few features: all in registers.
//!
//! With d around ten, loops of length d cost more than their arithmetic. Here a row is two chunks
//! of a fixed length C, the first C features and the last C, which overlap unless d = 2C:
//!
//! ```text
//! d = 10, C = 8:   x₀ x₁ x₂ x₃ x₄ x₅ x₆ x₇ . .
//!                  . . x₂ x₃ x₄ x₅ x₆ x₇ x₈ x₉
//! ```
//!
//! The weights of the second chunk are zero where the first has the feature already. Loads are
//! whole and in bounds, nothing depends on d any more, and the gradient stays in two registers.

use super::vector::sum_pairwise;
use crate::real::Real;

/// The most features that two chunks can hold.
pub const MOST_FEATURES: usize = 16;

/// d numbers as their first C and their last C; C ≤ d ≤ 2C.
#[derive(Clone, Copy, Debug)]
pub struct Chunks<T, const C: usize> {
    first: [T; C],
    last: [T; C],
}

impl<T: Real, const C: usize> Chunks<T, C> {
    /// All zeros.
    #[inline(always)]
    pub fn zeros() -> Self {
        Chunks { first: [T::zero(); C], last: [T::zero(); C] }
    }

    /// The chunks of `row`.
    #[inline(always)]
    pub fn of(row: &[T]) -> Self {
        let first = row.first_chunk().expect("at least C features");
        let last = row.last_chunk().expect("at least C features");
        Chunks { first: *first, last: *last }
    }

    /// The chunks of the weights `w`, each weight once: zero where the chunks overlap.
    #[inline(always)]
    pub fn of_weights(w: &[T]) -> Self {
        let mut chunks = Self::of(w);
        chunks.last[..2 * C - w.len()].fill(T::zero());
        chunks
    }

    /// x·w, with the weights as [`Chunks::of_weights`] lays them out.
    #[inline(always)]
    pub fn dot(&self, weights: &Self) -> T {
        sum_pairwise(std::array::from_fn::<T, C, _>(|k| {
            self.first[k] * weights.first[k] + self.last[k] * weights.last[k]
        }))
    }

    /// self ← self + a·x, overlap and all.
    #[inline(always)]
    pub fn axpy(&mut self, a: T, x: &Self) {
        for k in 0..C {
            self.first[k] += a * x.first[k];
            self.last[k] += a * x.last[k];
        }
    }

    /// out ← out + self, each feature once.
    #[inline(always)]
    pub fn add_to(&self, out: &mut [T]) {
        let overlap = 2 * C - out.len();
        let (head, tail) = out.split_at_mut(C);
        for (out, &value) in head.iter_mut().zip(&self.first) {
            *out += value;
        }
        for (out, &value) in tail.iter_mut().zip(&self.last[overlap..]) {
            *out += value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whole numbers, so that the order of the sums does not matter.
    fn row_and_weights() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        (1..=MOST_FEATURES).prop_flat_map(|d| {
            let numbers = || prop::collection::vec((-20..20i32).prop_map(f64::from), d);
            (numbers(), numbers())
        })
    }

    fn check<const C: usize>(x: &[f64], w: &[f64]) -> Result<(), TestCaseError> {
        let row = Chunks::<f64, C>::of(x);
        let naive: f64 = x.iter().zip(w).map(|(x, w)| x * w).sum();
        prop_assert_eq!(row.dot(&Chunks::of_weights(w)), naive);
        let mut sums = Chunks::zeros();
        sums.axpy(3.0, &row);
        sums.axpy(-1.0, &Chunks::of(w));
        let mut out = vec![1.0; x.len()];
        sums.add_to(&mut out);
        let naive: Vec<f64> = x.iter().zip(w).map(|(x, w)| 1.0 + 3.0 * x - w).collect();
        prop_assert_eq!(out, naive);
        Ok(())
    }

    proptest! {
        #[test]
        fn chunks_are_the_row((x, w) in row_and_weights()) {
            match x.len() {
                1 => check::<1>(&x, &w)?,
                2..4 => check::<2>(&x, &w)?,
                4..8 => check::<4>(&x, &w)?,
                _ => check::<8>(&x, &w)?,
            }
        }
    }
}
