//! The copy of strided rows into a buffer of rows that lie side by side.

use super::{RowSet, Strided};
use crate::kernel::many::{DOUBLES, SINGLES};
use crate::kernel::{Lanes, LanesPass, Simd, dispatch_lanes, prefetch, prefetch_line};
use crate::number::{Number, with_number};
use crate::real::Real;

#[cfg(test)]
thread_local! {
    /// Rows that this thread has loaded.
    pub static LOADED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl Strided<'_> {
    /// Writes `rows` to `out`, one every `stride` numbers, which are no less than d. Panics if there is
    /// no such row, or `out` is too short.
    // A call of its own: there are two dozen loops in it, one for each type and byte order.
    #[inline(never)]
    pub fn load<T: Real>(&self, rows: &RowSet<'_>, out: &mut [T], stride: usize) {
        assert!(out.len() >= rows.len() * stride && stride >= self.n_cols, "a buffer for the rows");
        #[cfg(test)]
        LOADED.set(LOADED.get() + rows.len());
        if let Some(source) = self.source {
            return source.load(rows, &mut |place, column, number| {
                out[place * stride + column] = T::from_f64(number);
            });
        }
        dispatch_lanes(Load { matrix: self, rows, out, stride });
    }
}

/// The copy of some rows, compiled for the instruction set at hand.
struct Load<'o, 'a, T> {
    matrix: &'o Strided<'a>,
    rows: &'o RowSet<'o>,
    out: &'o mut [T],
    /// From one row to the next in `out`.
    stride: usize,
}

impl<T: Real> LanesPass for Load<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        if let RowSet::Range(range) = self.rows
            && self.matrix.is_transposed::<T>()
        {
            let start = range.start;
            return if size_of::<T>() == size_of::<f64>() {
                self.transpose_registers::<S::Vector<T, DOUBLES>, DOUBLES>(start);
            } else {
                self.transpose_registers::<S::Vector<T, SINGLES>, SINGLES>(start);
            };
        }
        with_number!(self.matrix.element, N => {
            if self.matrix.swapped { self.copy::<N, true>() } else { self.copy::<N, false>() }
        });
    }
}

impl<T: Real> Load<'_, '_, T> {
    #[inline(always)]
    fn copy<N: Number, const SWAPPED: bool>(self) {
        let matrix = self.matrix;
        match self.rows {
            RowSet::Range(range) if matrix.row_stride == N::SIZE as isize => {
                let start = range.start;
                self.transpose_tiles::<N, SWAPPED>(start);
            }
            RowSet::Range(range) => {
                let start = range.start;
                self.copy_rows::<N, SWAPPED>(|place| start + place);
            }
            RowSet::Indices(indices) if matrix.row_stride == N::SIZE as isize => {
                self.gather::<N, SWAPPED>(indices);
            }
            RowSet::Indices(indices) => {
                self.copy_rows::<N, SWAPPED>(|place| indices[place] as usize);
            }
        }
    }

    /// Copies rows in a run, from `start` on, whose columns lie side by side (F order) and hold numbers
    /// of the type that is wanted: squares of N rows and N columns are transposed in registers.
    #[inline(always)]
    fn transpose_registers<V: Lanes<T, N>, const N: usize>(self, start: usize) {
        let Load { matrix, rows, out, stride } = self;
        let (d, count) = (matrix.n_cols, rows.len());
        let first = matrix.row_start(start);
        let run = |column: usize, row: usize, length: usize| {
            let at = first + column as isize * matrix.col_stride + (row * size_of::<T>()) as isize;
            &matrix.bytes[at as usize..][..length * size_of::<T>()]
        };
        let next = count.min(matrix.n_rows - start - count);
        for first_column in (0..d).step_by(N) {
            // The last square overlaps the one before, if there is one.
            let first_column = first_column.min(d.saturating_sub(N));
            let width = N.min(d);
            (first_column..first_column + width)
                .for_each(|column| prefetch(run(column, count, next)));
            let whole = count - count % N;
            for first_row in (0..whole).step_by(N) {
                // Where there are no N columns, the last of them several times.
                let mut columns: [&[u8]; N] = [&[]; N];
                for (c, column) in columns.iter_mut().enumerate() {
                    *column = run(first_column + c.min(width - 1), first_row, N);
                }
                for (r, row) in V::transpose_bytes(columns).iter().enumerate() {
                    let out = &mut out[(first_row + r) * stride + first_column..][..width];
                    if let Some(out) = out.first_chunk_mut() {
                        row.store(out);
                    } else {
                        let mut numbers = [T::zero(); N];
                        row.store(&mut numbers);
                        out.copy_from_slice(&numbers[..width]);
                    }
                }
            }
            // What is less than a square.
            for column in first_column..first_column + width {
                let numbers = run(column, whole, count - whole).chunks_exact(size_of::<T>());
                for (row, number) in (whole..).zip(numbers) {
                    out[row * stride + column] = T::from_ne_bytes(number);
                }
            }
        }
    }

    /// Copies rows in a run, from `start` on, whose columns lie side by side (F order): tiles of 8
    /// columns and 8 rows are transposed.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // r and c are row and column of one square.
    fn transpose_tiles<N: Number, const SWAPPED: bool>(self, start: usize) {
        const TILE: usize = 8;
        let Load { matrix, rows, out, stride } = self;
        let (d, count) = (matrix.n_cols, rows.len());
        let first = matrix.row_start(start);
        // Where the run of a column begins, and how far it may reach.
        let run = |column: usize, row: usize, length: usize| {
            let at = first + column as isize * matrix.col_stride + (row * N::SIZE) as isize;
            &matrix.bytes[at as usize..][..length * N::SIZE]
        };
        let next = count.min(matrix.n_rows - start - count);
        for first_column in (0..d).step_by(TILE) {
            let columns = first_column..d.min(first_column + TILE);
            for column in columns.clone() {
                // The rows that will be read after these.
                prefetch(run(column, count, next));
            }
            for first_row in (0..count).step_by(TILE) {
                let height = TILE.min(count - first_row);
                if columns.len() == TILE && height == TILE {
                    let mut tile = [[T::zero(); TILE]; TILE];
                    for c in 0..TILE {
                        let run = run(first_column + c, first_row, TILE);
                        for r in 0..TILE {
                            tile[r][c] = T::from_number(N::read::<SWAPPED>(&run[r * N::SIZE..]));
                        }
                    }
                    for (r, tile) in tile.iter().enumerate() {
                        out[(first_row + r) * stride + first_column..][..TILE]
                            .copy_from_slice(tile);
                    }
                    continue;
                }
                for column in columns.clone() {
                    let numbers = run(column, first_row, height).chunks_exact(N::SIZE);
                    for (row, number) in (first_row..).zip(numbers) {
                        out[row * stride + column] = T::from_number(N::read::<SWAPPED>(number));
                    }
                }
            }
        }
    }

    /// Copies rows by index whose columns lie side by side (F order): each number is on a line of its
    /// own, which is prefetched while the same rows of the column before are read.
    #[inline(always)]
    fn gather<N: Number, const SWAPPED: bool>(self, indices: &[u32]) {
        let Load { matrix, out, stride, .. } = self;
        let (d, length) = (matrix.n_cols, matrix.n_rows * N::SIZE);
        let of_column = |column: usize| {
            let start = matrix.first as isize + column as isize * matrix.col_stride;
            &matrix.bytes[start as usize..][..length]
        };
        for column in 0..d {
            let (numbers, next) = (of_column(column), of_column((column + 1).min(d - 1)));
            for (out, &row) in out.chunks_exact_mut(stride).zip(indices) {
                let at = row as usize * N::SIZE;
                prefetch_line(next.as_ptr(), at);
                out[column] = T::from_number(N::read::<SWAPPED>(&numbers[at..][..N::SIZE]));
            }
        }
    }

    /// Copies row `row_at(0)`, `row_at(1)`, … along whichever axis has the shorter stride, so that
    /// memory is read in order.
    #[inline(always)]
    fn copy_rows<N: Number, const SWAPPED: bool>(self, row_at: impl Fn(usize) -> usize) {
        let Load { matrix, rows, out, stride } = self;
        let (d, count) = (matrix.n_cols, rows.len());
        if matrix.col_stride == N::SIZE as isize {
            let row = |row: usize| &matrix.bytes[matrix.row_start(row) as usize..][..d * N::SIZE];
            for (place, out) in out.chunks_exact_mut(stride).take(count).enumerate() {
                if let Some(ahead) = ahead(rows, matrix.n_rows, place) {
                    prefetch(row(ahead));
                }
                let numbers = row(row_at(place)).chunks_exact(N::SIZE);
                for (out, number) in out.iter_mut().zip(numbers) {
                    *out = T::from_number(N::read::<SWAPPED>(number));
                }
            }
        } else if matrix.row_stride.unsigned_abs() < matrix.col_stride.unsigned_abs() {
            for column in 0..d {
                let offset = column as isize * matrix.col_stride;
                for place in 0..count {
                    let at = matrix.row_start(row_at(place)) + offset;
                    out[place * stride + column] = matrix.number::<T, N, SWAPPED>(at);
                }
            }
        } else {
            for (place, out) in out.chunks_exact_mut(stride).take(count).enumerate() {
                let start = matrix.row_start(row_at(place));
                for (column, out) in out[..d].iter_mut().enumerate() {
                    let at = start + column as isize * matrix.col_stride;
                    *out = matrix.number::<T, N, SWAPPED>(at);
                }
            }
        }
    }
}

/// The row to prefetch, some places after `place`, if there is one.
#[inline(always)]
fn ahead(rows: &RowSet<'_>, n_rows: usize, place: usize) -> Option<usize> {
    const AHEAD: usize = 8;
    match rows {
        RowSet::Range(range) => Some(range.start + place + AHEAD).filter(|&row| row < n_rows),
        RowSet::Indices(indices) => indices.ahead(place, AHEAD),
    }
}
