//! Rows that lie one after the other (C order): each is a slice of the caller's memory.

use super::Rows;
use crate::real::Real;

/// A borrowed C-ordered matrix of shape (n, d), or some of its rows.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a, T> {
    values: &'a [T],
    n_rows: usize,
    n_cols: usize,
    /// The rows that count, if not all do: row k is row `selected[k]` of the memory.
    selected: Option<&'a [u32]>,
}

impl<'a, T: Real> Dense<'a, T> {
    /// A view of `values` as (`n_rows`, `n_cols`), or `None` if the lengths do not fit.
    pub fn new(values: &'a [T], n_rows: usize, n_cols: usize) -> Option<Self> {
        (n_rows.checked_mul(n_cols) == Some(values.len())).then_some(Dense {
            values,
            n_rows,
            n_cols,
            selected: None,
        })
    }

    /// These rows alone, in this order. An index beyond the rows panics when it is asked for.
    pub fn select(self, selected: &'a [u32]) -> Self {
        Dense { n_rows: selected.len(), selected: Some(selected), ..self }
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
        let index = match self.selected {
            None => index,
            Some(selected) => selected[index] as usize,
        };
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
        let selected = rows.select(&[1, 1, 0]);
        assert_eq!((selected.n_rows(), selected.n_cols()), (3, 3));
        assert_eq!(selected.row(1), [4.0, 5.0, 6.0]);
        assert_eq!(selected.row(2), [1.0, 2.0, 3.0]);
        assert!(Dense::new(&values, 2, 2).is_none());
        assert!(Dense::new(&values, usize::MAX, 3).is_none());
    }
}
