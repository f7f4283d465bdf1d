//! Rows that have to be loaded: any strides, any type of number, either byte order.

use super::Source;
use crate::kernel::LINE;
use crate::kernel::many::Columns;
use crate::number::{Element, Number, with_number};
use crate::real::Real;

/// A borrowed matrix of shape (n, d) whose number (i, j) is at byte
/// `first + i·row_stride + j·col_stride`, aligned or not.
#[derive(Clone, Copy, Debug)]
pub struct Strided<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) first: usize,
    pub(super) n_rows: usize,
    pub(super) n_cols: usize,
    pub(super) row_stride: isize,
    pub(super) col_stride: isize,
    pub(super) element: Element,
    /// Whether the byte order is the one that this machine does not have.
    pub(super) swapped: bool,
    /// The reader of the numbers, if they do not lie here.
    pub(super) source: Option<&'a dyn Source>,
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
    pub(super) fn row_start(&self, row: usize) -> isize {
        assert!(row < self.n_rows, "row {row} of {}", self.n_rows);
        self.first as isize + row as isize * self.row_stride
    }

    /// Whether it is in F order, in the type that is worked in.
    #[inline(always)]
    pub(super) fn is_transposed<T: Real>(&self) -> bool {
        let is_native = self.element == T::ELEMENT && !self.swapped;
        is_native && self.row_stride == size_of::<T>() as isize
    }

    /// The number at byte `at`.
    #[inline(always)]
    pub(super) fn number<T: Real, N: Number, const SWAPPED: bool>(&self, at: isize) -> T {
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

    /// Rows in a run, `lines` cache lines of each column, if columns lie side by side in the type that is
    /// worked in (F order), each after the one before. Panics if there are not so many rows.
    #[inline(always)]
    pub fn columns<T: Real>(&self, start: usize, lines: usize) -> Option<Columns<'_>> {
        let stride = usize::try_from(self.col_stride).ok().filter(|_| self.is_transposed::<T>())?;
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
mod tests {
    use super::*;
    use crate::rows::RowSet;
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
            indices in prop::collection::vec(0..100u32, 0..5),
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
            let indices: Vec<u32> = indices.iter().map(|pick| pick % shape[0] as u32).collect();
            for rows in [RowSet::Range(0..shape[0]), RowSet::indices(&indices)] {
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
