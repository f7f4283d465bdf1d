//! Rows of many features, eight at a time: w and the gradient are loaded once for all of them.
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

mod columns;

pub use columns::{Columns, LINES};

use super::RowKernel;
use crate::kernel::lanes::{EIGHT, Lanes};
use crate::kernel::prefetch::{LINE, prefetch_line};
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

/// The weights w, and the gradient in them that is being summed.
pub struct Sums<'a, T, V, const N: usize> {
    w: &'a [[T; N]],
    /// The last N weights, each that is in `w` already replaced by zero.
    w_last: V,
    /// Features beyond the whole chunks.
    tail_length: usize,
    grad: &'a mut [[T; N]],
    grad_tail: &'a mut [T],
    /// The gradient in the last N weights.
    grad_last: V,
}

impl<'a, T: Real, V: Lanes<T, N>, const N: usize> Sums<'a, T, V, N> {
    /// Sums for the weights `w`, N at least, that are added to `grad`, as long or empty.
    #[inline(always)]
    pub fn new(w: &'a [T], grad: &'a mut [T]) -> Self {
        let mut w_last = *w.last_chunk().expect("at least N features");
        let (w, tail) = w.as_chunks();
        w_last[..N - tail.len()].fill(T::zero());
        let (grad, grad_tail) = grad.as_chunks_mut();
        let (w_last, grad_last) = (V::load(&w_last), V::splat(T::zero()));
        Sums { w, w_last, tail_length: tail.len(), grad, grad_tail, grad_last }
    }

    /// The products of R rows with w, each as N partial sums: [`Lanes::sums`] adds up those of eight.
    /// Other rows are prefetched between the additions, line by line: a chunk is a cache line long.
    #[inline(always)]
    fn partial_sums<const R: usize>(
        &self,
        rows: [&[T]; R],
        ahead: Option<[*const T; R]>,
    ) -> [V; R] {
        let count = self.w.len();
        let mut chunks = [row_of::<T, N>(rows[0], count); R];
        for r in 1..R {
            chunks[r] = row_of(rows[r], count);
        }
        let rows = chunks;
        let mut sums = [V::splat(T::zero()); R];
        for (k, w) in self.w.iter().enumerate() {
            let w = V::load(w);
            for r in 0..R {
                sums[r] = sums[r].add(V::load(&rows[r].chunks[k]).mul(w));
            }
            if let Some(ahead) = ahead {
                for row in ahead {
                    prefetch_line(row, LINE * k);
                }
            }
        }
        if self.tail_length > 0 {
            for r in 0..R {
                sums[r] = sums[r].add(V::load(rows[r].last).mul(self.w_last));
            }
            if let Some(ahead) = ahead {
                for row in ahead {
                    prefetch_line(row, LINE * count);
                }
            }
        }
        sums
    }
}

impl<T: Real, V: Lanes<T, N>, const N: usize> RowKernel<T> for Sums<'_, T, V, N> {
    /// Each product is summed in N partial sums that are then added pairwise.
    #[inline(always)]
    fn dot(&self, rows: [&[T]; EIGHT], ahead: Option<[*const T; EIGHT]>) -> [T; EIGHT] {
        if V::ROWS >= EIGHT {
            return V::sums(self.partial_sums(rows, ahead));
        }
        let [a, b, c, d, e, f, g, h] = rows;
        let (first, second) = match ahead {
            Some([a, b, c, d, e, f, g, h]) => (Some([a, b, c, d]), Some([e, f, g, h])),
            None => (None, None),
        };
        let [a, b, c, d] = self.partial_sums([a, b, c, d], first);
        let [e, f, g, h] = self.partial_sums([e, f, g, h], second);
        V::sums([a, b, c, d, e, f, g, h])
    }

    #[inline(always)]
    fn dot_of_few(&self, rows: &[&[T]]) -> [T; EIGHT] {
        let mut products = [V::splat(T::zero()); EIGHT];
        for (product, &row) in products.iter_mut().zip(rows) {
            [*product] = self.partial_sums([row], None);
        }
        V::sums(products)
    }

    #[inline(always)]
    fn axpy(&mut self, slopes: [T; EIGHT], rows: [&[T]; EIGHT]) {
        let count = self.grad.len();
        let mut chunks = [row_of::<T, N>(rows[0], count); EIGHT];
        for r in 1..EIGHT {
            chunks[r] = row_of(rows[r], count);
        }
        let rows = chunks;
        let mut splats = [V::splat(slopes[0]); EIGHT];
        for r in 1..EIGHT {
            splats[r] = V::splat(slopes[r]);
        }
        let slopes = splats;
        for (k, grad) in self.grad.iter_mut().enumerate() {
            let mut sum = V::load(grad);
            for r in 0..EIGHT {
                sum = sum.add(V::load(&rows[r].chunks[k]).mul(slopes[r]));
            }
            sum.store(grad);
        }
        if self.tail_length > 0 {
            for r in 0..EIGHT {
                self.grad_last = self.grad_last.add(V::load(rows[r].last).mul(slopes[r]));
            }
        }
    }

    #[inline(always)]
    fn axpy_one(&mut self, slope: T, row: &[T], _place: usize) {
        let row = row_of::<T, N>(row, self.grad.len());
        let slope = V::splat(slope);
        for (grad, chunk) in self.grad.iter_mut().zip(row.chunks) {
            V::load(grad).add(V::load(chunk).mul(slope)).store(grad);
        }
        self.grad_last = self.grad_last.add(V::load(row.last).mul(slope));
    }

    #[inline(always)]
    fn finish(self) {
        let Sums { grad_tail, grad_last, .. } = self;
        let mut last = [T::zero(); N];
        grad_last.store(&mut last);
        let seen = N - grad_tail.len();
        for (grad, &last) in grad_tail.iter_mut().zip(&last[seen..]) {
            *grad += last;
        }
    }

    const TAKES_COLUMNS: bool = true;

    #[inline(always)]
    fn dot_columns(&self, columns: Columns<'_>, out: &mut [T]) {
        self.products_of_columns(columns, out.as_chunks_mut().0);
    }

    #[inline(always)]
    fn axpy_columns(&mut self, slopes: &[T], columns: Columns<'_>) {
        self.add_columns(slopes.as_chunks().0, columns);
    }
}
