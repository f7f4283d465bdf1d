//! Rows of fewer features than a register has numbers: all in plain arrays, which fit registers.
//!
//! With d around five, loops of length d cost more than their arithmetic. Here a row is two chunks
//! of a fixed length C, the first C features and the last C, which overlap unless d = 2C:
//!
//! ```text
//! d = 6, C = 4:   x₀ x₁ x₂ x₃ . .
//!                 . . x₂ x₃ x₄ x₅
//! ```
//!
//! The weights of the second chunk are zero where the first has the feature already. Loads are
//! whole and in bounds, nothing depends on d any more, and the gradient stays in two registers.

use super::RowKernel;
use crate::kernel::lanes::{EIGHT, array_from, sum_pairwise};
use crate::kernel::prefetch::prefetch_short;
use crate::real::Real;

/// d numbers as their first C and their last C; C ≤ d ≤ 2C.
#[derive(Clone, Copy, Debug)]
struct Chunks<T, const C: usize> {
    first: [T; C],
    last: [T; C],
}

impl<T: Real, const C: usize> Chunks<T, C> {
    #[inline(always)]
    fn zeros() -> Self {
        Chunks { first: [T::zero(); C], last: [T::zero(); C] }
    }

    /// The chunks of `row`.
    #[inline(always)]
    fn of(row: &[T]) -> Self {
        let first = row.first_chunk().expect("at least C features");
        let last = row.last_chunk().expect("at least C features");
        Chunks { first: *first, last: *last }
    }

    /// The chunks of the weights `w`, each weight once: zero where the chunks overlap.
    #[inline(always)]
    fn of_weights(w: &[T]) -> Self {
        let mut chunks = Self::of(w);
        chunks.last[..2 * C - w.len()].fill(T::zero());
        chunks
    }

    /// x·w, with the weights as [`Chunks::of_weights`] lays them out.
    #[inline(always)]
    fn dot(&self, weights: &Self) -> T {
        sum_pairwise(array_from::<T, C>(|k| {
            self.first[k] * weights.first[k] + self.last[k] * weights.last[k]
        }))
    }

    /// self ← self + a·x, overlap and all.
    #[inline(always)]
    fn axpy(&mut self, a: T, x: &Self) {
        for k in 0..C {
            self.first[k] += a * x.first[k];
            self.last[k] += a * x.last[k];
        }
    }

    /// out ← out + self, each feature once.
    #[inline(always)]
    fn add_to(&self, out: &mut [T]) {
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

/// The weights w, and the gradient in them that is being summed.
pub struct Sums<'a, T, const C: usize> {
    w: Chunks<T, C>,
    /// Of every other row each, so that one addition need not wait for the one before.
    grads: [Chunks<T, C>; 2],
    grad: &'a mut [T],
}

impl<'a, T: Real, const C: usize> Sums<'a, T, C> {
    /// Sums for the weights `w`, C to 2C of them, that are added to `grad`, as long or empty.
    #[inline(always)]
    pub fn new(w: &[T], grad: &'a mut [T]) -> Self {
        Sums { w: Chunks::of_weights(w), grads: [Chunks::zeros(); 2], grad }
    }
}

impl<T: Real, const C: usize> RowKernel<T> for Sums<'_, T, C> {
    #[inline(always)]
    fn dot(&self, rows: [&[T]; EIGHT], ahead: Option<[*const T; EIGHT]>) -> [T; EIGHT] {
        prefetch_short(ahead, rows[0].len());
        let mut products = [T::zero(); EIGHT];
        for (product, row) in products.iter_mut().zip(rows) {
            *product = Chunks::of(row).dot(&self.w);
        }
        products
    }

    #[inline(always)]
    fn dot_of_few(&self, rows: &[&[T]]) -> [T; EIGHT] {
        let mut products = [T::zero(); EIGHT];
        for (product, row) in products.iter_mut().zip(rows) {
            *product = Chunks::of(row).dot(&self.w);
        }
        products
    }

    #[inline(always)]
    fn axpy(&mut self, slopes: [T; EIGHT], rows: [&[T]; EIGHT]) {
        for (place, (&row, slope)) in rows.iter().zip(slopes).enumerate() {
            self.axpy_one(slope, row, place);
        }
    }

    #[inline(always)]
    fn axpy_one(&mut self, slope: T, row: &[T], place: usize) {
        self.grads[place % 2].axpy(slope, &Chunks::of(row));
    }

    #[inline(always)]
    fn finish(self) {
        if !self.grad.is_empty() {
            for sums in &self.grads {
                sums.add_to(self.grad);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whole numbers, so that the order of the sums does not matter.
    fn row_and_weights() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        (1..8usize).prop_flat_map(|d| {
            let numbers = || prop::collection::vec((-20..20i32).prop_map(f64::from), d);
            (numbers(), numbers())
        })
    }

    fn check<const C: usize>(x: &[f64], w: &[f64]) -> Result<(), TestCaseError> {
        let mut out = vec![1.0; x.len()];
        let mut sums = Sums::<f64, C>::new(w, &mut out);
        let naive: f64 = x.iter().zip(w).map(|(x, w)| x * w).sum();
        prop_assert_eq!(sums.dot([x; EIGHT], None), [naive; EIGHT]);
        prop_assert_eq!(sums.dot_of_few(&[x])[0], naive);
        sums.axpy([3.0, 0.0, -2.0, 0.0, 0.0, 1.0, 0.0, 0.0], [x; EIGHT]);
        sums.axpy_one(-1.0, w, 3);
        sums.finish();
        let naive: Vec<f64> = x.iter().zip(w).map(|(x, w)| 1.0 + 2.0 * x - w).collect();
        prop_assert_eq!(out, naive);
        Ok(())
    }

    proptest! {
        #[test]
        fn chunks_are_the_row((x, w) in row_and_weights()) {
            match x.len() {
                1 => check::<1>(&x, &w)?,
                2..4 => check::<2>(&x, &w)?,
                _ => check::<4>(&x, &w)?,
            }
        }
    }
}
