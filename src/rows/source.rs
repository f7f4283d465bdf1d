//! Rows that a callback has to read.

use std::fmt::Debug;

use super::RowSet;

/// A reader of rows that are not numbers in memory: Python objects, for example.
///
/// A matrix of such rows is a [`Strided`](super::Strided) one like any other whose rows are loaded:
/// nothing is compiled anew for it.
pub trait Source: Debug + Sync {
    /// Calls `write` with the place of a row among `rows`, the column and the number, for every number
    /// of them.
    fn load(&self, rows: &RowSet<'_>, write: &mut dyn FnMut(usize, usize, f64));

    /// The number (row, column).
    fn get(&self, row: usize, column: usize) -> f64 {
        let mut found = f64::NAN;
        self.load(&RowSet::Range(row..row + 1), &mut |_, at, number| {
            if at == column {
                found = number;
            }
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Rows, Strided};
    use super::*;

    /// Number (i, j) is 10 i + j.
    #[derive(Debug)]
    struct Tens;

    impl Source for Tens {
        fn load(&self, rows: &RowSet<'_>, write: &mut dyn FnMut(usize, usize, f64)) {
            for (place, row) in rows.iter().enumerate() {
                (0..3).for_each(|column| write(place, column, (10 * row + column) as f64));
            }
        }
    }

    #[test]
    fn rows_of_a_source_are_loaded_like_any_others() {
        let matrix = Strided::of_source(&Tens, [5, 3]);
        assert_eq!(matrix.shape(), [5, 3]);
        assert_eq!(matrix.get::<f32>(4, 2), 42.0);
        assert_eq!(Rows::<f32>::from(matrix).original(3, 1), 31.0);
        assert!(matrix.columns::<f64>(0, 0).is_none());
        let mut out = [0.5; 8];
        matrix.load(&RowSet::indices(&[2, 0]), &mut out, 4);
        assert_eq!(out, [20.0, 21.0, 22.0, 0.5, 0.0, 1.0, 2.0, 0.5]);
        matrix.load(&RowSet::Range(3..5), &mut out, 4);
        assert_eq!(out, [30.0, 31.0, 32.0, 0.5, 40.0, 41.0, 42.0, 0.5]);
    }
}
