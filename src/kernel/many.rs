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

use super::fetch::Ahead;
use super::lanes::{Lanes, TOGETHER};
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
    grad: &'a mut [[T; N]],
    grad_tail: &'a mut [T],
    /// The gradient in the last N weights.
    grad_last: V,
}

impl<'a, T: Real, V: Lanes<T, N>, const N: usize> Sums<'a, T, V, N> {
    /// Sums that are added to `grad`, as long as `w`, which is N at least.
    #[inline(always)]
    pub fn new(w: &'a [T], grad: &'a mut [T]) -> Self {
        let mut w_last = *w.last_chunk().expect("at least N features");
        let (w, tail) = w.as_chunks();
        w_last[..N - tail.len()].fill(T::zero());
        let (grad, grad_tail) = grad.as_chunks_mut();
        let (w_last, grad_last) = (V::load(&w_last), V::splat(T::zero()));
        Sums { w, w_last, grad, grad_tail, grad_last }
    }

    /// The products of eight rows with w, each summed in N partial sums that are then added pairwise.
    #[inline(always)]
    pub fn dot(&self, rows: [&[T]; TOGETHER], ahead: Option<Ahead>) -> [T; TOGETHER] {
        let [a, b, c, d, e, f, g, h] = rows;
        if V::ROWS >= TOGETHER {
            return V::sums(self.partial_sums(rows, ahead, 0));
        }
        let [a, b, c, d] = self.partial_sums([a, b, c, d], ahead, 0);
        let [e, f, g, h] = self.partial_sums([e, f, g, h], ahead, TOGETHER / 2);
        V::sums([a, b, c, d, e, f, g, h])
    }

    /// The product of one row with w, as N partial sums: [`Lanes::sums`] adds up those of eight rows.
    #[inline(always)]
    pub fn dot_one(&self, row: &[T]) -> V {
        let [sums] = self.partial_sums([row], None, 0);
        sums
    }

    /// The sums of R rows, the first of which is row `first` of the eight.
    #[inline(always)]
    fn partial_sums<const R: usize>(
        &self,
        rows: [&[T]; R],
        ahead: Option<Ahead>,
        first: usize,
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
            // A chunk is a cache line long.
            if let Some(ahead) = ahead {
                ahead.ask::<R>(k, first);
            }
        }
        if !self.grad_tail.is_empty() {
            for r in 0..R {
                sums[r] = sums[r].add(V::load(rows[r].last).mul(self.w_last));
            }
            if let Some(ahead) = ahead {
                ahead.ask::<R>(count, first);
            }
        }
        sums
    }

    /// Adds Σᵣ slopeᵣ·xᵣ over eight rows, in turn, to the gradient.
    #[inline(always)]
    pub fn axpy(&mut self, slopes: [T; TOGETHER], rows: [&[T]; TOGETHER]) {
        let count = self.grad.len();
        let mut chunks = [row_of::<T, N>(rows[0], count); TOGETHER];
        for r in 1..TOGETHER {
            chunks[r] = row_of(rows[r], count);
        }
        let rows = chunks;
        let mut splats = [V::splat(slopes[0]); TOGETHER];
        for r in 1..TOGETHER {
            splats[r] = V::splat(slopes[r]);
        }
        let slopes = splats;
        for (k, grad) in self.grad.iter_mut().enumerate() {
            let mut sum = V::load(grad);
            for r in 0..TOGETHER {
                sum = sum.add(V::load(&rows[r].chunks[k]).mul(slopes[r]));
            }
            sum.store(grad);
        }
        if !self.grad_tail.is_empty() {
            for r in 0..TOGETHER {
                self.grad_last = self.grad_last.add(V::load(rows[r].last).mul(slopes[r]));
            }
        }
    }

    /// The same for one row.
    #[inline(always)]
    pub fn axpy_one(&mut self, slope: T, row: &[T]) {
        let row = row_of::<T, N>(row, self.grad.len());
        let slope = V::splat(slope);
        for (grad, chunk) in self.grad.iter_mut().zip(row.chunks) {
            V::load(grad).add(V::load(chunk).mul(slope)).store(grad);
        }
        self.grad_last = self.grad_last.add(V::load(row.last).mul(slope));
    }

    /// Adds what is summed apart.
    #[inline(always)]
    pub fn finish(self) {
        let Sums { grad_tail, grad_last, .. } = self;
        let mut last = [T::zero(); N];
        grad_last.store(&mut last);
        let seen = N - grad_tail.len();
        for (grad, &last) in grad_tail.iter_mut().zip(&last[seen..]) {
            *grad += last;
        }
    }
}
