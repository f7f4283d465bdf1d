//! Some rows of a matrix, block by block: in place where that is possible, else out of a buffer.

use super::{NextRow, Picks, RowSet, Rows};
use crate::kernel::many::{Columns, LINES};
use crate::kernel::{Ahead, LINE, fetch};
use crate::real::Real;

/// Rows by index are fetched so many places in advance.
pub const AHEAD_IN_ORDER: usize = 32;

/// Rows that are visited together at the most.
pub const MOST_ROWS: usize = 256;

/// Bytes that a buffer for loaded rows holds, unless the least number of rows needs more: they stay in
/// the first-level cache between the load and the pass.
const BUFFERED: usize = 1 << 15;

/// The same for rows by index whose numbers are on a line each: while a column of them is read, that of
/// the next column is on its way, and the more there are, the better.
const SCATTERED: usize = 1 << 18;

/// Bytes of a row, of which those in between stay in the first-level cache until they are wanted.
const SHORT: usize = 1536;

/// Rows of a batch, one after the other, each a slice of d numbers.
pub trait Block<'a, T>: Copy {
    /// The row at this place of the block. Panics if there is none.
    fn row(self, place: usize) -> &'a [T];

    /// Where the rows begin that are wanted some places after those from `first` on, beyond the block
    /// too, so that they can be asked for in advance; `None` if that does not help. There may be
    /// nothing at these addresses.
    fn ahead<const M: usize>(self, first: usize) -> Option<[*const T; M]>;

    /// The same for eight rows.
    #[inline(always)]
    fn ahead_of_eight(self, first: usize) -> Option<Ahead> {
        self.ahead(first).map(Ahead::apart)
    }
}

/// What is done with each block of rows.
pub trait Visit<T: Real> {
    /// Takes in the rows of `set`, which `block` holds in the same order.
    fn visit<'b, B: Block<'b, T>>(&mut self, set: &RowSet<'_>, block: B);

    /// Whether it takes columns, too.
    const COLUMNS: bool = false;

    /// Takes in the rows of `set`, which `columns` holds, if it takes columns.
    fn visit_columns(&mut self, _set: &RowSet<'_>, _columns: Columns<'_>) {
        unreachable!("columns are not taken")
    }
}

/// The length of the buffer that [`visit`] needs: 0 for rows in place.
pub fn buffer_length<T: Real, R: Rows<T>>(rows: &R) -> usize {
    if R::IN_PLACE {
        return 0;
    }
    let most = rows_together(rows, false).max(rows_together(rows, true));
    most * stride::<T>(rows.n_cols())
}

/// Rows that are visited together, by index or in turn: a multiple of 8, so that no tile of rows is
/// cut, and of a cache line in a column.
pub(super) fn rows_together<T: Real, R: Rows<T>>(rows: &R, by_index: bool) -> usize {
    if R::IN_PLACE {
        return MOST_ROWS;
    }
    let bytes = if by_index && rows.is_scattered() { SCATTERED } else { BUFFERED };
    // At least a line of a column is loaded together.
    let least = LINE / size_of::<T>();
    (bytes / size_of::<T>() / rows.n_cols().max(1)).clamp(least, MOST_ROWS) / least * least
}

/// From one loaded row to the next, in numbers: whole cache lines, unless a row is less than one.
fn stride<T>(n_cols: usize) -> usize {
    let line = LINE / size_of::<T>();
    if n_cols < line { n_cols.max(1) } else { n_cols.next_multiple_of(line) }
}

/// Room for `count` rows in a buffer, and from one row to the next.
#[inline(always)]
pub(super) fn room<T>(buffer: &mut [T], count: usize, n_cols: usize) -> (&mut [T], usize) {
    let stride = stride::<T>(n_cols);
    (&mut buffer[..count * stride], stride)
}

/// Shows `visitor` the rows of `set`, in order and in blocks of at most [`MOST_ROWS`], each but the
/// last a multiple of 8.
///
/// `buffer` is [`buffer_length`] long, and had better begin at a cache line.
#[inline(always)]
pub fn visit<T: Real, R: Rows<T>, V: Visit<T>>(
    rows: &R,
    set: &RowSet<'_>,
    buffer: &mut [T],
    visitor: &mut V,
) {
    let set = &if V::COLUMNS { visit_columns(rows, set, visitor) } else { set.clone() };
    let together = rows_together(rows, matches!(set, RowSet::Indices(_)));
    for start in (0..set.len()).step_by(together) {
        let part = set.part(start..set.len().min(start + together));
        if !R::IN_PLACE {
            let n_cols = rows.n_cols();
            let (values, stride) = room(buffer, part.len(), n_cols);
            rows.load(&part, values, stride);
            visitor.visit(&part, Loaded { values, n_cols, stride });
            continue;
        }
        match &part {
            RowSet::Range(range) => visitor.visit(&part, InTurn { rows, start: range.start }),
            RowSet::Indices(picks) => visitor.visit(&part, AtIndices { rows, picks }),
        }
    }
}

/// Shows `visitor` the rows of `set` as columns, as far as that is possible; returns those that are left.
#[inline(always)]
fn visit_columns<'s, T: Real, R: Rows<T>>(
    rows: &R,
    set: &RowSet<'s>,
    visitor: &mut impl Visit<T>,
) -> RowSet<'s> {
    let mut left = set.clone();
    let of_line = LINE / size_of::<T>();
    while let RowSet::Range(range) = &left
        && range.len() >= of_line
        && let lines = LINES.min(range.len() / of_line)
        && let Some(columns) = rows.columns(range.start, lines)
    {
        let count = lines * of_line;
        visitor.visit_columns(&left.part(0..count), columns);
        left = left.part(count..left.len());
    }
    left
}

/// One row, and the one to be asked for in advance. `buffer` as for [`visit`].
#[inline(always)]
pub fn single_row<'a, T: Real, R: Rows<T>>(
    rows: &'a R,
    row: NextRow,
    buffer: &'a mut [T],
) -> &'a [T] {
    if R::IN_PLACE {
        if row.ahead != row.row {
            fetch(rows.row(row.ahead));
        }
        return rows.row(row.row);
    }
    let n_cols = rows.n_cols();
    let room = &mut buffer[..n_cols];
    rows.load(&RowSet::Range(row.row..row.row + 1), room, n_cols.max(1));
    room
}

/// `row(0)`, `row(1)`, … in an array.
#[inline(always)]
fn addresses<T, const M: usize>(row: impl Fn(usize) -> *const T) -> [*const T; M] {
    let mut all = [std::ptr::null(); M];
    for (r, address) in all.iter_mut().enumerate() {
        *address = row(r);
    }
    all
}

/// Rows in place, in the order of the data.
struct InTurn<'a, R> {
    rows: &'a R,
    start: usize,
}

/// Rows in place, by index.
struct AtIndices<'a, R> {
    rows: &'a R,
    picks: &'a Picks<'a>,
}

/// Rows in the buffer.
struct Loaded<'a, T> {
    values: &'a [T],
    n_cols: usize,
    stride: usize,
}

// By hand, for the derived ones ask the same of R and T.
impl<R> Clone for InTurn<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<R> Copy for InTurn<'_, R> {}
impl<R> Clone for AtIndices<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<R> Copy for AtIndices<'_, R> {}
impl<T> Clone for Loaded<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Loaded<'_, T> {}

impl<'a, T: Real, R: Rows<T>> Block<'a, T> for InTurn<'a, R> {
    #[inline(always)]
    fn row(self, place: usize) -> &'a [T] {
        self.rows.row(self.start + place)
    }

    #[inline(always)]
    fn ahead<const M: usize>(self, first: usize) -> Option<[*const T; M]> {
        let ahead = self.rows.ahead();
        let row = |r| self.row(first + r).as_ptr().wrapping_offset(ahead);
        (ahead != 0).then(|| addresses(row))
    }

    #[inline(always)]
    fn ahead_of_eight(self, first: usize) -> Option<Ahead> {
        let (row, next) = (self.row(first), self.row(first + 1));
        if row.as_ptr_range().end != next.as_ptr() || size_of_val(row) > SHORT {
            return self.ahead(first).map(Ahead::apart);
        }
        let ahead = self.rows.ahead();
        (ahead != 0).then(|| Ahead::InTurn(row.as_ptr().wrapping_offset(ahead).cast()))
    }
}

impl<'a, T: Real, R: Rows<T>> Block<'a, T> for AtIndices<'a, R> {
    #[inline(always)]
    fn row(self, place: usize) -> &'a [T] {
        self.rows.row(self.picks[place] as usize)
    }

    #[inline(always)]
    fn ahead<const M: usize>(self, first: usize) -> Option<[*const T; M]> {
        let row = |r| {
            let place = first + r;
            let row = self.picks.ahead(place, AHEAD_IN_ORDER).unwrap_or(self.picks[place] as usize);
            self.rows.row(row).as_ptr()
        };
        (self.rows.ahead() != 0).then(|| addresses(row))
    }
}

impl<'a, T: Real> Block<'a, T> for Loaded<'a, T> {
    #[inline(always)]
    fn row(self, place: usize) -> &'a [T] {
        &self.values[place * self.stride..][..self.n_cols]
    }

    #[inline(always)]
    fn ahead<const M: usize>(self, _first: usize) -> Option<[*const T; M]> {
        None
    }
}
