//! Rows of X, wherever and however they lie in the caller's memory.
//!
//! [`Rows`] is the one way in which objectives see the data; each layout is a type of its own, so
//! the loop over the rows is compiled for it (static dispatch). There are two:
//!
//! * [`Dense`]: the numbers of a row lie side by side, in the type that is worked in. They are read
//!   where they lie, whatever the distance from one row to the next.
//! * [`Strided`]: everything else, columns first, gaps, other types, the other byte order, or what a
//!   [`Source`] reads. Some rows at a time are loaded into a small buffer, and read there.
//!
//! [`visit()`] hides the difference. What is computed of a row never depends on where it was read, so
//! the same numbers give the same bits in every layout.

mod column;
mod dense;
mod number;
mod search;
mod set;
mod single;
mod source;
mod strided;
mod visit;

pub use column::Column;
pub use dense::Dense;
pub use number::{Element, Number};
pub use search::find_bad_value;
pub use set::{NextRow, Picks, RowSet};
pub use single::{MOST_SINGLES, SingleRows, single_rows, singles_together};
pub use source::Source;
pub use strided::{Layout, Strided};
pub use visit::{AHEAD_IN_ORDER, Block, MOST_ROWS, Visit, buffer_length, single_row, visit};

use crate::kernel::many::Columns;
use crate::real::Real;

/// A matrix that can hand out its rows.
pub trait Rows<T: Real>: Copy + Sync {
    /// Whether rows are slices of the caller's memory ([`row`](Self::row)); if not, they have to be
    /// loaded ([`load`](Self::load)).
    const IN_PLACE: bool;
    /// Number of rows, n.
    fn n_rows(&self) -> usize;
    /// Number of columns (features), d.
    fn n_cols(&self) -> usize;
    /// Row `index`, of length d. Panics if there is no such row, or if rows have to be loaded.
    fn row(&self, index: usize) -> &[T];
    /// The number (row, column) before it was converted. Panics if there is none.
    fn original(&self, row: usize, column: usize) -> f64 {
        self.row(row)[column].as_f64()
    }
    /// What the rows are slices of. Panics if rows have to be loaded.
    fn values(&self) -> &[T] {
        unreachable!("rows that have to be loaded")
    }
    /// Where row `index` begins in [`values`](Self::values).
    fn start(&self, _index: usize) -> usize {
        unreachable!("rows that have to be loaded")
    }
    /// From a row to one that should be asked for in advance while rows are read in turn, in numbers;
    /// 0 if that does not help. It may be beyond the last row.
    fn ahead(&self) -> isize {
        0
    }
    /// Rows in a run, `lines` cache lines of each column, if columns lie side by side in the type that is
    /// worked in (F order), each after the one before. Panics if there are not so many rows.
    fn columns(&self, _start: usize, _lines: usize) -> Option<Columns<'_>> {
        None
    }
    /// Whether rows by index have each of their numbers on a cache line of its own.
    fn is_scattered(&self) -> bool {
        false
    }
    /// Writes `rows` to `out`, one every `stride` numbers, which are no less than d. Panics if there is
    /// no such row, or no room for them.
    fn load(&self, rows: &RowSet<'_>, out: &mut [T], stride: usize);
}

/// A matrix in either layout: an enum outside the loop over the rows, a type inside.
#[derive(Clone, Copy, Debug)]
pub enum AnyRows<'a, T> {
    /// Read in place.
    Dense(Dense<'a, T>),
    /// Loaded.
    Strided(Strided<'a>),
}

/// Evaluates `$body` with `$rows` bound to the rows inside, once for each layout.
#[macro_export]
macro_rules! with_rows {
    ($any:expr, $rows:ident => $body:expr) => {
        match $any {
            $crate::rows::AnyRows::Dense($rows) => $body,
            $crate::rows::AnyRows::Strided($rows) => $body,
        }
    };
}

impl<T: Real> AnyRows<'_, T> {
    /// Number of rows, n.
    pub fn n_rows(&self) -> usize {
        with_rows!(self, rows => Rows::<T>::n_rows(rows))
    }

    /// Number of columns, d.
    pub fn n_cols(&self) -> usize {
        with_rows!(self, rows => Rows::<T>::n_cols(rows))
    }
}
