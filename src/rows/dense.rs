//! Rows that lie one after the other (C order): each is a slice of the caller's memory.

use super::Rows;
use crate::real::Real;

/// A borrowed C-ordered matrix of shape (n, d).
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a, T> {
    values: &'a [T],
    n_rows: usize,
    n_cols: usize,
}

impl<'a, T: Real> Dense<'a, T> {
    /// A view of `values` as (`n_rows`, `n_cols`), or `None` if the lengths do not fit.
    pub fn new(values: &'a [T], n_rows: usize, n_cols: usize) -> Option<Self> {
        (n_rows.checked_mul(n_cols) == Some(values.len())).then_some(Dense {
            values,
            n_rows,
            n_cols,
        })
    }
}

impl<T: Real> Rows<T> for Dense<'_, T> {
    #[inline(always)]
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    #[inline(always)]
    fn n_cols(&self) -> usize {
        self.n_cols
    }

    #[inline(always)]
    fn row(&self, index: usize) -> &[T] {
        let start = index * self.n_cols;
        &self.values[start..start + self.n_cols]
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
}
