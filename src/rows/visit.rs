//! Some rows of a matrix, block by block: in place where that is possible, else out of a buffer.

use super::block::{Access, Block, MOST_AHEAD, MOST_ROWS, RowBuffer};
use super::{Dense, NextRow, RowSet, Rows, Strided};
use crate::error::OutOfMemory;
use crate::kernel::many::{Columns, LINES};
use crate::kernel::{LINE, prefetch};
use crate::real::Real;

/// Bytes that a buffer for loaded rows holds, unless the least number of rows needs more: they stay in
/// the first-level cache between the load and the pass.
const BUFFERED: usize = 1 << 15;

/// The same for rows by index whose numbers are on a line each: while a column of them is read, that of
/// the next column is on its way, and the more there are, the better.
const SCATTERED: usize = 1 << 18;

/// What is done with each block of rows.
pub trait Visit<T: Real> {
    /// Takes in the rows of `set`, which `block` holds in the same order.
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>);

    /// Whether it takes columns, too.
    fn takes_columns(&self) -> bool {
        false
    }

    /// Takes in the rows of `set`, which `columns` holds, if it takes columns.
    fn visit_columns(&mut self, _set: &RowSet<'_>, _columns: Columns<'_>) {
        unreachable!("columns are not taken")
    }
}

impl<'a, T: Real> Rows<'a, T> {
    /// The buffer that visits of these rows need.
    pub fn buffer(&self) -> Result<RowBuffer<T>, OutOfMemory> {
        let length = match self {
            Rows::Dense(_) => 0,
            Rows::Strided(rows) => {
                let most = rows_together::<T>(rows, false).max(rows_together::<T>(rows, true));
                most * stride::<T>(rows.shape()[1])
            }
        };
        RowBuffer::new(length)
    }

    /// Rows of a block of `set` at the most: a multiple of 8, so that no tile of rows is cut, and of a
    /// cache line in a column.
    pub fn rows_of_block(&self, set: &RowSet<'_>) -> usize {
        match self {
            Rows::Dense(_) => MOST_ROWS,
            Rows::Strided(rows) => rows_together::<T>(rows, matches!(set, RowSet::Indices(_))),
        }
    }

    /// The rows of `set`, no more than a block of it holds.
    pub fn block<'b>(&'b self, set: &RowSet<'_>, buffer: &'b mut RowBuffer<T>) -> Block<'b, T> {
        let RowBuffer { values, starts } = buffer;
        match self {
            Rows::Dense(rows) => dense_block(rows, set, starts),
            Rows::Strided(rows) => {
                let (len, n_cols) = (set.len(), rows.shape()[1]);
                let stride = stride::<T>(n_cols);
                let values = &mut values[..len * stride];
                rows.load(set, values, stride);
                let starts = &mut starts[..len];
                starts.iter_mut().enumerate().for_each(|(place, start)| *start = place * stride);
                Block { values, starts, len, n_cols, access: Access::Near }
            }
        }
    }

    /// One row, while another is prefetched.
    pub fn single<'b>(&'b self, row: NextRow, buffer: &'b mut RowBuffer<T>) -> &'b [T] {
        match self {
            Rows::Dense(rows) => {
                if row.ahead != row.row {
                    prefetch(rows.row(row.ahead));
                }
                rows.row(row.row)
            }
            Rows::Strided(rows) => {
                let n_cols = rows.shape()[1];
                let values = &mut buffer.values[..n_cols];
                rows.load(&RowSet::Range(row.row..row.row + 1), values, n_cols.max(1));
                values
            }
        }
    }
}

fn dense_block<'b, T: Real>(
    rows: &'b Dense<'_, T>,
    set: &RowSet<'_>,
    starts: &'b mut [usize],
) -> Block<'b, T> {
    let (len, n_bytes) = (set.len(), size_of_val(rows.values()));
    let access = match set {
        RowSet::Range(_) => {
            Access::in_turn(n_bytes, rows.n_cols() * size_of::<T>(), rows.has_gaps())
        }
        RowSet::Indices(_) => Access::by_index(n_bytes),
    };
    let ahead = if access == Access::Near { 0 } else { MOST_AHEAD };
    let known = match set {
        RowSet::Range(range) => {
            let end = rows.n_rows().min(range.end + ahead).max(range.end);
            for (start, row) in starts.iter_mut().zip(range.start..end) {
                *start = rows.start(row);
            }
            end - range.start
        }
        RowSet::Indices(indices) => {
            let indices = indices.with_next(ahead);
            for (start, &row) in starts.iter_mut().zip(indices) {
                *start = rows.start(row as usize);
            }
            indices.len()
        }
    };
    Block { values: rows.values(), starts: &starts[..known], len, n_cols: rows.n_cols(), access }
}

fn rows_together<T>(rows: &Strided<'_>, by_index: bool) -> usize {
    let bytes = if by_index && rows.is_scattered() { SCATTERED } else { BUFFERED };
    // At least a line of a column is loaded together.
    let least = LINE / size_of::<T>();
    (bytes / size_of::<T>() / rows.shape()[1].max(1)).clamp(least, MOST_ROWS) / least * least
}

/// From one loaded row to the next, in numbers: whole cache lines, unless a row is less than one.
fn stride<T>(n_cols: usize) -> usize {
    let line = LINE / size_of::<T>();
    if n_cols < line { n_cols.max(1) } else { n_cols.next_multiple_of(line) }
}

/// Shows `visitor` the rows of `set`, in order and in blocks of at most [`MOST_ROWS`], each but the
/// last a multiple of 8.
#[inline(always)]
pub fn visit<T: Real>(
    rows: &Rows<'_, T>,
    set: &RowSet<'_>,
    buffer: &mut RowBuffer<T>,
    visitor: &mut impl Visit<T>,
) {
    let first = if visitor.takes_columns() { visit_columns(rows, set, visitor) } else { 0 };
    let together = rows.rows_of_block(set);
    for start in (first..set.len()).step_by(together) {
        let part = set.part(start..set.len().min(start + together));
        visitor.visit(&part, rows.block(&part, buffer));
    }
}

/// Shows `visitor` the rows of `set` as columns, as far as that is possible; how many there were.
#[inline(always)]
fn visit_columns<T: Real>(
    rows: &Rows<'_, T>,
    set: &RowSet<'_>,
    visitor: &mut impl Visit<T>,
) -> usize {
    let (Rows::Strided(rows), RowSet::Range(range)) = (rows, set) else { return 0 };
    let of_line = LINE / size_of::<T>();
    let mut done = 0;
    while range.len() - done >= of_line
        && let lines = LINES.min((range.len() - done) / of_line)
        && let Some(columns) = rows.columns::<T>(range.start + done, lines)
    {
        let count = lines * of_line;
        visitor.visit_columns(&set.part(done..done + count), columns);
        done += count;
    }
    done
}
