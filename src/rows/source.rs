//! Numbers that somebody else has to read.

use std::fmt::Debug;

use super::RowSet;

/// Whoever reads rows that are no numbers in memory, objects of Python, say.
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
