//! Rows of X, wherever and however they lie in the caller's memory.
//!
//! [`Rows`] is the one way in which objectives see the data. There are two layouts:
//!
//! * [`Dense`]: the numbers of a row lie side by side, in the type that is worked in. They are read
//!   where they lie, whatever the distance from one row to the next.
//! * [`Strided`]: everything else, columns first, gaps, other types, the other byte order, or what a
//!   [`Source`] reads. Some rows at a time are loaded into a small buffer, and read there.
//!
//! Either way a [`Block`] of some rows is slices of one piece of memory, and the kernels know nothing
//! else. So what is computed of a row never depends on where it was read, and the same numbers give
//! the same bits in every layout.

mod block;
mod column;
mod dense;
mod load;
mod pieces;
mod search;
mod set;
mod source;
mod strided;
mod visit;

pub use block::{AHEAD_IN_ORDER, Block, MOST_ROWS, RowBuffer, dot};
pub use column::Column;
pub use dense::Dense;
#[cfg(test)]
pub use load::LOADED;
pub use pieces::{PIECE, in_pieces, sum_in_pieces};
pub use search::find_bad_value;
pub use set::{NextRow, RowIndices, RowSet};
pub use source::Source;
pub use strided::{Layout, Strided};
pub use visit::{Visit, visit};

use crate::real::Real;

/// A matrix that can hand out its rows.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a, T> {
    /// Read in place.
    Dense(Dense<'a, T>),
    /// Loaded.
    Strided(Strided<'a>),
}

impl<T: Real> Rows<'_, T> {
    pub fn n_rows(&self) -> usize {
        match self {
            Rows::Dense(rows) => rows.n_rows(),
            Rows::Strided(rows) => rows.shape()[0],
        }
    }

    pub fn n_cols(&self) -> usize {
        match self {
            Rows::Dense(rows) => rows.n_cols(),
            Rows::Strided(rows) => rows.shape()[1],
        }
    }

    /// The number (row, column) before it was converted. Panics if there is none.
    pub fn original(&self, row: usize, column: usize) -> f64 {
        match self {
            Rows::Dense(rows) => rows.row(row)[column].as_f64(),
            Rows::Strided(rows) => rows.get(row, column),
        }
    }
}

impl<'a, T> From<Dense<'a, T>> for Rows<'a, T> {
    fn from(rows: Dense<'a, T>) -> Self {
        Rows::Dense(rows)
    }
}

impl<'a, T> From<Strided<'a>> for Rows<'a, T> {
    fn from(rows: Strided<'a>) -> Self {
        Rows::Strided(rows)
    }
}
