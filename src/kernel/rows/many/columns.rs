//! The same sums over rows whose columns lie side by side (F order), read where they are.
//!
//! The products with w need no transposing: a register holds N rows of one column, and the partial sums
//! of a row are those that it would have in a register of its own, one below the other. The gradient is
//! summed in the order of the rows, so for that the columns are transposed, in registers. Either way
//! each number is rounded as in C order, and has the same bits.

use super::Sums;
use crate::kernel::lanes::Lanes;
use crate::kernel::{LINE, prefetch_line};
use crate::real::Real;

/// Lines of a column that are worked on together: read one after the other, as memory likes it, and of all
/// columns still in the second-level cache when the gradient takes them once more.
pub const LINES: usize = 8;

/// Some rows of a matrix in F order, at most [`LINES`] lines of each column.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// From the first number on.
    bytes: &'a [u8],
    /// From a column to the next, in bytes.
    stride: usize,
    /// Of each column.
    lines: usize,
}

impl<'a> Columns<'a> {
    /// Columns that begin `stride` bytes after each other, the first with `bytes`.
    pub fn new(bytes: &'a [u8], stride: usize, lines: usize) -> Self {
        assert!(lines <= LINES, "{lines} lines of a column");
        Columns { bytes, stride, lines }
    }

    /// Column `column`. Panics if there is none.
    #[inline(always)]
    fn column(self, column: usize) -> &'a [[u8; LINE]] {
        self.bytes[column * self.stride..][..self.lines * LINE].as_chunks().0
    }
}

/// Partial sums of the rows of each line: a register for each of N columns, as a chunk of a row has them.
type Partial<T, const N: usize> = [[[T; N]; N]; LINES];

/// Adds the products of N columns from `first` on with the weights `w`.
#[inline(always)]
fn add_products<T: Real, V: Lanes<T, N>, const N: usize>(
    columns: Columns<'_>,
    first: usize,
    w: &[T; N],
    sums: &mut Partial<T, N>,
) {
    for (lane, &w) in w.iter().enumerate() {
        let w = V::splat(w);
        for (sums, x) in sums.iter_mut().zip(columns.column(first + lane)) {
            let sum = V::load(&sums[lane]).add(V::load_bytes(x).mul(w));
            sum.store(&mut sums[lane]);
            // Where lines are cut, the one that the last number is on.
            prefetch_line(x.as_ptr(), LINES * LINE + LINE - 1);
        }
    }
}

/// The gradient in N columns from `first` on, which is `sum` before.
#[inline(always)]
fn add_slopes<T: Real, V: Lanes<T, N>, const N: usize>(
    columns: Columns<'_>,
    first: usize,
    slopes: &[[T; N]],
    mut sum: V,
) -> V {
    let mut x: [&[[u8; LINE]]; N] = [&[]; N];
    for (lane, x) in x.iter_mut().enumerate() {
        *x = columns.column(first + lane);
    }
    for (line, slopes) in slopes[..columns.lines].iter().enumerate() {
        let mut square: [&[u8]; N] = [&[]; N];
        for (square, x) in square.iter_mut().zip(x) {
            *square = &x[line];
        }
        let rows = V::transpose_bytes(square);
        for r in 0..N {
            sum = sum.add(rows[r].mul(V::splat(slopes[r])));
        }
    }
    sum
}

impl<T: Real, V: Lanes<T, N>, const N: usize> Sums<'_, T, V, N> {
    /// The products of the rows with w: see [`RowKernel::dot`](crate::kernel::RowKernel::dot).
    #[inline(always)]
    pub(super) fn products_of_columns(&self, columns: Columns<'_>, out: &mut [[T; N]]) {
        let mut sums: Partial<T, N> = [[[T::zero(); N]; N]; LINES];
        for (chunk, w) in self.w.iter().enumerate() {
            add_products::<T, V, N>(columns, chunk * N, w, &mut sums);
        }
        if self.tail_length > 0 {
            let mut w = [T::zero(); N];
            self.w_last.store(&mut w);
            add_products::<T, V, N>(columns, self.last(), &w, &mut sums);
        }
        for (sums, out) in sums.iter().zip(out) {
            let mut of_lanes = [V::splat(T::zero()); N];
            for lane in 0..N {
                of_lanes[lane] = V::load(&sums[lane]);
            }
            let mut width = N / 2;
            while width > 0 {
                for lane in 0..width {
                    of_lanes[lane] = of_lanes[lane].add(of_lanes[lane + width]);
                }
                width /= 2;
            }
            of_lanes[0].store(out);
        }
    }

    /// Adds Σᵣ slopeᵣ·xᵣ over the rows, in turn, to the gradient: see [`RowKernel::axpy`](crate::kernel::RowKernel::axpy).
    #[inline(always)]
    pub(super) fn add_columns(&mut self, slopes: &[[T; N]], columns: Columns<'_>) {
        for (chunk, grad) in self.grad.iter_mut().enumerate() {
            add_slopes(columns, chunk * N, slopes, V::load(grad)).store(grad);
        }
        if self.tail_length > 0 {
            self.grad_last = add_slopes(columns, self.last(), slopes, self.grad_last);
        }
    }

    /// Where the last N features begin.
    #[inline(always)]
    fn last(&self) -> usize {
        (self.w.len() - 1) * N + self.tail_length
    }
}
