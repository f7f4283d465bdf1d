//! Rows that have to be loaded: any strides, any type of number, either byte order.

use super::{RowSet, Source};
use crate::kernel::many::{Columns, DOUBLES, SINGLES};
use crate::kernel::{LINE, Lanes, LanesPass, Simd, dispatch_lanes, prefetch, prefetch_line};
use crate::number::{Element, Number, with_number};
use crate::real::Real;

/// A borrowed matrix of shape (n, d) whose number (i, j) is at byte
/// `first + i·row_stride + j·col_stride`, aligned or not.
#[derive(Clone, Copy, Debug)]
pub struct Strided<'a> {
    bytes: &'a [u8],
    first: usize,
    n_rows: usize,
    n_cols: usize,
    row_stride: isize,
    col_stride: isize,
    element: Element,
    /// Whether the byte order is the one that this machine does not have.
    swapped: bool,
    /// Who reads the numbers, if they do not lie here.
    source: Option<&'a dyn Source>,
}

/// How the numbers of a [`Strided`] matrix lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Byte of number (0, 0).
    pub first: usize,
    pub shape: [usize; 2],
    /// Bytes from a row to the next, and from a column to the next.
    pub strides: [isize; 2],
    /// The type of the numbers.
    pub element: Element,
    /// Whether the byte order is the one that this machine does not have.
    pub swapped: bool,
}

impl<'a> Strided<'a> {
    /// A view of `bytes`, or `None` if not all of its numbers are inside, or if there are none.
    pub fn new(bytes: &'a [u8], layout: Layout) -> Option<Self> {
        let Layout { first, shape: [n_rows, n_cols], strides, element, swapped } = layout;
        let [row_stride, col_stride] = strides;
        let reach = |stride: isize, count: usize| {
            stride.checked_mul(isize::try_from(count.checked_sub(1)?).ok()?)
        };
        let (down, across) = (reach(row_stride, n_rows)?, reach(col_stride, n_cols)?);
        let lowest = down.min(0).checked_add(across.min(0))?;
        let highest = down.max(0).checked_add(across.max(0))?;
        first.checked_add_signed(lowest)?;
        let end = first.checked_add_signed(highest)?.checked_add(element.size())?;
        (end <= bytes.len()).then_some(Strided {
            bytes,
            first,
            n_rows,
            n_cols,
            row_stride,
            col_stride,
            element,
            swapped,
            source: None,
        })
    }

    /// Rows that `source` reads, of shape (n, d).
    pub fn of_source(source: &'a dyn Source, [n_rows, n_cols]: [usize; 2]) -> Self {
        Strided {
            bytes: &[],
            first: 0,
            n_rows,
            n_cols,
            row_stride: 0,
            col_stride: 0,
            element: Element::Bool,
            swapped: false,
            source: Some(source),
        }
    }

    pub fn shape(&self) -> [usize; 2] {
        [self.n_rows, self.n_cols]
    }

    /// Where row `row` begins. Panics if there is no such row.
    #[inline(always)]
    fn row_start(&self, row: usize) -> isize {
        assert!(row < self.n_rows, "row {row} of {}", self.n_rows);
        self.first as isize + row as isize * self.row_stride
    }

    /// Whether it is in F order, in the type that is worked in.
    #[inline(always)]
    fn is_turned<T: Real>(&self) -> bool {
        let is_native = self.element == T::ELEMENT && !self.swapped;
        is_native && self.row_stride == size_of::<T>() as isize
    }

    /// The number at byte `at`.
    #[inline(always)]
    fn number<T: Real, N: Number, const SWAPPED: bool>(&self, at: isize) -> T {
        T::from_number(N::read::<SWAPPED>(&self.bytes[at as usize..]))
    }

    /// Number (row, column). Panics if there is none.
    pub fn get<T: Real>(&self, row: usize, column: usize) -> T {
        assert!(column < self.n_cols, "column {column} of {}", self.n_cols);
        if let Some(source) = self.source {
            return T::from_f64(source.get(row, column));
        }
        let at = self.row_start(row) + column as isize * self.col_stride;
        with_number!(self.element, N => {
            if self.swapped { self.number::<T, N, true>(at) } else { self.number::<T, N, false>(at) }
        })
    }

    /// Writes `rows` to `out`, one every `stride` numbers, which are no less than d. Panics if there is
    /// no such row, or no room for them.
    // A call of its own: there are two dozen loops in it, one for each type and byte order.
    #[inline(never)]
    pub fn load<T: Real>(&self, rows: &RowSet<'_>, out: &mut [T], stride: usize) {
        assert!(out.len() >= rows.len() * stride && stride >= self.n_cols, "room for the rows");
        #[cfg(test)]
        LOADED.set(LOADED.get() + rows.len());
        if let Some(source) = self.source {
            return source.load(rows, &mut |place, column, number| {
                out[place * stride + column] = T::from_f64(number);
            });
        }
        dispatch_lanes(Load { matrix: self, rows, out, stride });
    }

    /// Rows in a run, `lines` cache lines of each column, if columns lie side by side in the type that is
    /// worked in (F order), each after the one before. Panics if there are not so many rows.
    #[inline(always)]
    pub fn columns<T: Real>(&self, start: usize, lines: usize) -> Option<Columns<'_>> {
        let stride = usize::try_from(self.col_stride).ok().filter(|_| self.is_turned::<T>())?;
        let end = start + lines * (LINE / size_of::<T>());
        assert!(end <= self.n_rows, "{end} rows of {}", self.n_rows);
        Some(Columns::new(&self.bytes[self.row_start(start) as usize..], stride, lines))
    }

    /// Whether rows by index have each of their numbers on a cache line of its own.
    pub fn is_scattered(&self) -> bool {
        self.row_stride.unsigned_abs() < self.col_stride.unsigned_abs()
    }
}

#[cfg(test)]
thread_local! {
    /// Rows that this thread has loaded.
    pub static LOADED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
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
            && self.matrix.is_turned::<T>()
        {
            let start = range.start;
            return if size_of::<T>() == size_of::<f64>() {
                self.turn::<S::Vector<T, DOUBLES>, DOUBLES>(start);
            } else {
                self.turn::<S::Vector<T, SINGLES>, SINGLES>(start);
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
                self.transpose::<N, SWAPPED>(start);
            }
            RowSet::Range(range) => {
                let start = range.start;
                self.copy_rows::<N, SWAPPED>(|place| start + place);
            }
            RowSet::Indices(picks) if matrix.row_stride == N::SIZE as isize => {
                self.gather::<N, SWAPPED>(picks);
            }
            RowSet::Indices(picks) => {
                self.copy_rows::<N, SWAPPED>(|place| picks[place] as usize);
            }
        }
    }

    /// Copies rows in a run, from `start` on, whose columns lie side by side (F order) and hold numbers
    /// of the type that is wanted: squares of N rows and N columns are turned over in registers.
    #[inline(always)]
    fn turn<V: Lanes<T, N>, const N: usize>(self, start: usize) {
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
    /// columns and 8 rows are turned over in registers.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // r and c are row and column of one square.
    fn transpose<N: Number, const SWAPPED: bool>(self, start: usize) {
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
                // The rows that will be asked for after these.
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
    /// own, which is asked for while the same rows of the column before are read.
    #[inline(always)]
    fn gather<N: Number, const SWAPPED: bool>(self, picks: &[u32]) {
        let Load { matrix, out, stride, .. } = self;
        let (d, length) = (matrix.n_cols, matrix.n_rows * N::SIZE);
        let of_column = |column: usize| {
            let start = matrix.first as isize + column as isize * matrix.col_stride;
            &matrix.bytes[start as usize..][..length]
        };
        for column in 0..d {
            let (numbers, next) = (of_column(column), of_column((column + 1).min(d - 1)));
            for (out, &row) in out.chunks_exact_mut(stride).zip(picks) {
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

/// The row that will be asked for some places after `place`, if there is one.
#[inline(always)]
fn ahead(rows: &RowSet<'_>, n_rows: usize, place: usize) -> Option<usize> {
    const AHEAD: usize = 8;
    match rows {
        RowSet::Range(range) => Some(range.start + place + AHEAD).filter(|&row| row < n_rows),
        RowSet::Indices(picks) => picks.ahead(place, AHEAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ELEMENTS: [Element; 12] = [
        Element::Bool,
        Element::I8,
        Element::I16,
        Element::I32,
        Element::I64,
        Element::U8,
        Element::U16,
        Element::U32,
        Element::U64,
        Element::F16,
        Element::F32,
        Element::F64,
    ];

    /// One number, read and swapped by hand.
    fn naive(bytes: &[u8], at: usize, element: Element, swapped: bool) -> f64 {
        let mut number = bytes[at..at + element.size()].to_vec();
        if swapped != cfg!(target_endian = "big") {
            number.reverse();
        }
        let wide = |negative: bool| {
            let fill = if negative { 0xff } else { 0 };
            let mut wide = [fill; 8];
            wide[..number.len()].copy_from_slice(&number);
            i64::from_le_bytes(wide)
        };
        let is_negative = number.last().is_some_and(|byte| byte & 0x80 != 0);
        match element {
            Element::Bool => f64::from(u8::from(number != [0])),
            Element::I8 | Element::I16 | Element::I32 | Element::I64 => wide(is_negative) as f64,
            Element::U8 | Element::U16 | Element::U32 | Element::U64 => wide(false) as u64 as f64,
            // Tested with every one of them in `number`.
            Element::F16 => crate::number::Half::read::<false>(&number).as_f64(),
            Element::F32 => f64::from(f32::from_bits(wide(false) as u32)),
            Element::F64 => f64::from_bits(wide(false) as u64),
        }
    }

    proptest! {
        #[test]
        fn rows_are_the_naive_ones(
            bytes in prop::collection::vec(any::<u8>(), 1..400),
            first in 0..400usize,
            shape in [1..6usize, 1..6usize],
            strides in [-40..40isize, -40..40isize],
            contiguous in any::<bool>(),
            element in prop::sample::select(&ELEMENTS[..]),
            swapped in any::<bool>(),
            picks in prop::collection::vec(0..100u32, 0..5),
        ) {
            let size = element.size();
            let strides = if contiguous { [strides[0], size as isize] } else { strides };
            let place = |i: usize, j: usize| {
                first as isize + i as isize * strides[0] + j as isize * strides[1]
            };
            let fits = (0..shape[0]).all(|i| (0..shape[1]).all(|j| {
                place(i, j) >= 0 && place(i, j) as usize + size <= bytes.len()
            }));
            let layout = Layout { first, shape, strides, element, swapped };
            let matrix = Strided::new(&bytes, layout);
            prop_assert_eq!(matrix.is_some(), fits);
            let Some(matrix) = matrix else { return Ok(()) };
            let picks: Vec<u32> = picks.iter().map(|pick| pick % shape[0] as u32).collect();
            for rows in [RowSet::Range(0..shape[0]), RowSet::picks(&picks)] {
                let mut out = vec![0.0f64; rows.len() * shape[1]];
                matrix.load(&rows, &mut out, shape[1]);
                let mut single = vec![0.0f32; out.len()];
                matrix.load(&rows, &mut single, shape[1]);
                let expected = rows.iter().flat_map(|i| (0..shape[1]).map(move |j| (i, j)));
                for (k, (i, j)) in expected.enumerate() {
                    let number = naive(&bytes, place(i, j) as usize, element, swapped);
                    for got in [out[k], matrix.get(i, j)] {
                        prop_assert!(got == number || (got.is_nan() && number.is_nan()));
                    }
                    let near = number as f32;
                    prop_assert!(
                        single[k] == near || (near.is_nan() && single[k].is_nan())
                            || (single[k] - near).abs() <= f32::EPSILON * near.abs()
                    );
                }
            }
        }
    }

    #[test]
    fn numbers_outside_are_refused() {
        let bytes = [0; 16];
        let layout = |first, shape, strides| Layout {
            first,
            shape,
            strides,
            element: Element::F64,
            swapped: false,
        };
        for wrong in [
            layout(9, [1, 1], [0, 0]),
            layout(0, [3, 1], [8, 8]),
            layout(0, [2, 1], [-1, 8]),
            layout(0, [usize::MAX, 1], [isize::MAX, 8]),
            layout(usize::MAX, [1, 1], [0, 0]),
            layout(0, [0, 1], [8, 8]),
            layout(0, [1, 0], [8, 8]),
        ] {
            assert!(Strided::new(&bytes, wrong).is_none(), "{wrong:?}");
        }
        assert!(Strided::new(&bytes, layout(8, [usize::MAX >> 1, 9], [0, 0])).is_some());
    }
}
