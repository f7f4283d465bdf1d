//! Rows of many features, four at a time: w and the gradient are loaded once for all of them.
//!
//! A row is whole chunks of a fixed length N and its last N features, which overlap the chunks before
//! unless N divides d:
//!
//! ```text
//! d = 20, N = 8:   x₀ … x₇   x₈ … x₁₅
//!                             x₁₂ … x₁₉
//! ```
//!
//! In the last chunk the weights are zero where the feature has been already, and so nothing is left
//! that would need a loop of another length: all loads are whole and in bounds.
//!
//! The four rows are written out: arrays of arrays stay in memory, and what is done to them is not
//! turned into vector code.

use super::vector::sum_pairwise;
use crate::real::Real;

/// Chunks of 64 bytes: 8 doubles.
pub const DOUBLES: usize = 8;
/// Chunks of 64 bytes: 16 singles.
pub const SINGLES: usize = 16;

/// A row as whole chunks and its last N features.
#[derive(Clone, Copy)]
struct Row<'a, T, const N: usize> {
    chunks: &'a [[T; N]],
    last: &'a [T; N],
}

/// The d features of a row, of which `count` chunks are whole; d ≥ N.
#[inline(always)]
fn row_of<T, const N: usize>(row: &[T], count: usize) -> Row<'_, T, N> {
    Row {
        chunks: &row.as_chunks().0[..count],
        last: row.last_chunk().expect("at least N features"),
    }
}

/// sumsₖ ← sumsₖ + aₖ bₖ.
#[inline(always)]
fn add<T: Real, const N: usize>(sums: &mut [T; N], a: &[T; N], b: &[T; N]) {
    *sums = std::array::from_fn(|k| sums[k] + a[k] * b[k]);
}

/// The weights w, and the gradient in them that is being summed.
pub struct Sums<'a, T, const N: usize> {
    w: &'a [[T; N]],
    /// The last N weights, each that is in `w` already replaced by zero.
    w_last: [T; N],
    grad: &'a mut [[T; N]],
    grad_tail: &'a mut [T],
    /// The gradient in the last N weights.
    grad_last: [T; N],
}

impl<'a, T: Real, const N: usize> Sums<'a, T, N> {
    /// Sums that are added to `grad`, as long as `w`, which is N at least.
    #[inline(always)]
    pub fn new(w: &'a [T], grad: &'a mut [T]) -> Self {
        let mut w_last = *w.last_chunk().expect("at least N features");
        let (w, tail) = w.as_chunks();
        w_last[..N - tail.len()].fill(T::zero());
        let (grad, grad_tail) = grad.as_chunks_mut();
        Sums { w, w_last, grad, grad_tail, grad_last: [T::zero(); N] }
    }

    /// The products of four rows with w, each summed in N partial sums that are then added pairwise.
    #[inline(always)]
    pub fn dot(&self, rows: [&[T]; 4]) -> [T; 4] {
        let count = self.w.len();
        let [a, b, c, d] = rows.map(|row| row_of::<T, N>(row, count));
        let mut sums = [[T::zero(); N]; 4];
        let [sum_a, sum_b, sum_c, sum_d] = &mut sums;
        for (k, w) in self.w.iter().enumerate() {
            add(sum_a, &a.chunks[k], w);
            add(sum_b, &b.chunks[k], w);
            add(sum_c, &c.chunks[k], w);
            add(sum_d, &d.chunks[k], w);
        }
        if !self.grad_tail.is_empty() {
            add(sum_a, a.last, &self.w_last);
            add(sum_b, b.last, &self.w_last);
            add(sum_c, c.last, &self.w_last);
            add(sum_d, d.last, &self.w_last);
        }
        sums.map(sum_pairwise)
    }

    /// Adds Σᵣ slopeᵣ·xᵣ over four rows, in turn, to the gradient.
    #[inline(always)]
    pub fn axpy(&mut self, slopes: [T; 4], rows: [&[T]; 4]) {
        let count = self.grad.len();
        let [a, b, c, d] = rows.map(|row| row_of::<T, N>(row, count));
        let [of_a, of_b, of_c, of_d] = slopes.map(|slope| [slope; N]);
        for (k, grad) in self.grad.iter_mut().enumerate() {
            let mut sums = *grad;
            add(&mut sums, &a.chunks[k], &of_a);
            add(&mut sums, &b.chunks[k], &of_b);
            add(&mut sums, &c.chunks[k], &of_c);
            add(&mut sums, &d.chunks[k], &of_d);
            *grad = sums;
        }
        if !self.grad_tail.is_empty() {
            add(&mut self.grad_last, a.last, &of_a);
            add(&mut self.grad_last, b.last, &of_b);
            add(&mut self.grad_last, c.last, &of_c);
            add(&mut self.grad_last, d.last, &of_d);
        }
    }

    /// The same for one row.
    #[inline(always)]
    pub fn axpy_one(&mut self, slope: T, row: &[T]) {
        let row = row_of::<T, N>(row, self.grad.len());
        let slope = [slope; N];
        for (grad, chunk) in self.grad.iter_mut().zip(row.chunks) {
            add(grad, chunk, &slope);
        }
        add(&mut self.grad_last, row.last, &slope);
    }

    /// Adds what is summed apart.
    #[inline(always)]
    pub fn finish(self) {
        let Sums { grad_tail, grad_last, .. } = self;
        let seen = N - grad_tail.len();
        for (grad, &last) in grad_tail.iter_mut().zip(&grad_last[seen..]) {
            *grad += last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::vector::{axpy, dot};
    use proptest::prelude::*;

    fn check<T: Real, const N: usize>(x: &[f64], w: &[f64], a: [f64; 4]) {
        let convert = |v: &[f64]| v.iter().map(|&x| T::from_f64(x)).collect::<Vec<T>>();
        let (x, w, a, d) = (convert(x), convert(w), a.map(T::from_f64), w.len());
        let rows: [&[T]; 4] = std::array::from_fn(|r| &x[r * d..(r + 1) * d]);
        let mut grad = w.clone();
        let mut sums = Sums::<T, N>::new(&w, &mut grad);
        let dots = sums.dot(rows);
        sums.axpy(a, rows);
        sums.axpy_one(a[0], rows[1]);
        sums.finish();
        let mut naive = w.clone();
        for r in 0..4 {
            assert_eq!(dots[r], dot(rows[r], &w));
            axpy(a[r], rows[r], &mut naive);
        }
        axpy(a[0], rows[1], &mut naive);
        assert_eq!(grad, naive);
    }

    proptest! {
        // Small whole numbers, so that the order of the sums does not matter.
        #[test]
        fn four_rows_are_as_one_after_the_other(
            (x, w) in (16..80usize).prop_flat_map(|d| {
                let numbers = |n| prop::collection::vec((-20..20i32).prop_map(f64::from), n);
                (numbers(4 * d), numbers(d))
            }),
            a in [-9..9i32, -9..9i32, -9..9i32, -9..9i32],
        ) {
            let a = a.map(f64::from);
            check::<f64, DOUBLES>(&x, &w, a);
            check::<f32, SINGLES>(&x, &w, a);
        }
    }
}
