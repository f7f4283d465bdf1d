//! Rows whose numbers lie side by side: each is a slice of the caller's memory.

use crate::real::Real;

/// A borrowed matrix of shape (n, d) whose rows are contiguous, at any distance from each other:
/// C order, every other row, rows in reverse, one row again and again, some columns of a wider
/// matrix.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a, T> {
    values: &'a [T],
    /// Where row 0 begins.
    first: usize,
    /// From the beginning of one row to that of the next, in numbers.
    row_stride: isize,
    n_rows: usize,
    n_cols: usize,
}

impl<'a, T: Real> Dense<'a, T> {
    /// A view of `values` as (`n_rows`, `n_cols`) in C order, or `None` if the lengths do not fit.
    #[cfg(any(test, feature = "bench"))]
    pub fn new(values: &'a [T], n_rows: usize, n_cols: usize) -> Option<Self> {
        let fits = n_rows.checked_mul(n_cols) == Some(values.len());
        Self::strided(values, 0, n_cols as isize, n_rows, n_cols).filter(|_| fits)
    }

    /// A view whose row i begins at `values[first + i·row_stride]`, or `None` if not all of its rows
    /// are inside `values`.
    pub fn strided(
        values: &'a [T],
        first: usize,
        row_stride: isize,
        n_rows: usize,
        n_cols: usize,
    ) -> Option<Self> {
        let last_row = isize::try_from(n_rows.checked_sub(1)?).ok()?;
        let last = first.checked_add_signed(row_stride.checked_mul(last_row)?)?;
        let end = first.max(last).checked_add(n_cols)?;
        (end <= values.len()).then_some(Dense { values, first, row_stride, n_rows, n_cols })
    }

    #[inline(always)]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    #[inline(always)]
    pub fn n_cols(&self) -> usize {
        self.n_cols
    }

    /// Whether a row does not begin where the one before ends.
    pub fn has_gaps(&self) -> bool {
        self.row_stride.unsigned_abs() != self.n_cols || self.row_stride < 0
    }

    /// Row `index`, of length d. Panics if there is no such row.
    #[inline(always)]
    pub fn row(&self, index: usize) -> &'a [T] {
        &self.values[self.start(index)..][..self.n_cols]
    }

    /// What the rows are slices of.
    #[inline(always)]
    pub fn values(&self) -> &'a [T] {
        self.values
    }

    /// Where row `index` begins in [`values`](Self::values).
    #[inline(always)]
    pub fn start(&self, index: usize) -> usize {
        (self.first as isize + index as isize * self.row_stride) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_matrix() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let rows = Dense::new(&values, 2, 3).unwrap();
        assert_eq!(rows.row(0), [1.0, 2.0, 3.0]);
        assert_eq!(rows.row(1), [4.0, 5.0, 6.0]);
        assert!(Dense::new(&values, 2, 2).is_none());
        assert!(Dense::new(&values, usize::MAX, 3).is_none());
    }

    #[test]
    fn rows_at_any_distance() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let reversed = Dense::strided(&values, 4, -2, 3, 2).unwrap();
        assert_eq!(reversed.row(0), [4.0, 5.0]);
        assert_eq!(reversed.row(2), [0.0, 1.0]);
        let repeated = Dense::strided(&values, 3, 0, 9, 3).unwrap();
        assert_eq!(repeated.row(8), [3.0, 4.0, 5.0]);
        for (first, row_stride, n_rows, n_cols) in
            [(0, 2, 4, 1), (0, 2, 3, 3), (0, -1, 2, 1), (5, 0, 1, 2), (0, isize::MAX, 3, 1)]
        {
            assert!(Dense::strided(&values, first, row_stride, n_rows, n_cols).is_none());
        }
        assert!(Dense::strided(&values, 0, 1, 0, 1).is_none());
    }
}
