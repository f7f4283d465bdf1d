//! Some rows that are wanted one after the other, each only once the one before is done with.

use super::visit::{room, rows_together};
use super::{AHEAD_IN_ORDER, RowSet, Rows};
use crate::kernel::{fetch, fetch_near, fetch_number};
use crate::real::Real;

/// Rows that are handed out together at the most.
pub const MOST_SINGLES: usize = 64;

/// Bytes of X up to which rows are not worth being asked for: the second-level cache holds them.
const NEAR: usize = 1 << 19;

/// Bytes of X up to which a row by index is asked for some places in advance, into the first-level
/// cache: it is not far, in the last cache of a large processor …
const MIDDLE: usize = 1 << 26;

/// … so many places; and of more, which is in memory, [`AHEAD_IN_ORDER`], into the second-level cache,
const AHEAD_IN_CACHE: usize = 8;

/// and once more so many places in advance, from there into the first-level cache: the chain of steps
/// would wait for each line of a row.
const SOON: usize = 4;

/// One line of a row is asked for some places before the others, so that its page is found by then.
const PAGE_AHEAD: usize = AHEAD_IN_ORDER + 8;

/// Rows handed out together, and those that are asked for in advance.
const KNOWN: usize = MOST_SINGLES + PAGE_AHEAD;

/// Rows as slices of one piece of memory, whatever their layout was.
pub struct SingleRows<'a, T> {
    values: &'a [T],
    /// Where each row begins, and some of those that follow.
    starts: [usize; KNOWN],
    count: usize,
    n_cols: usize,
    /// Bytes that the rows lie among, if they have to be asked for at all.
    distance: usize,
}

impl<T> SingleRows<'_, T> {
    /// How many they are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// d.
    #[inline(always)]
    pub fn n_cols(&self) -> usize {
        self.n_cols
    }

    /// The row at `place`.
    #[inline(always)]
    pub fn row(&self, place: usize) -> &[T] {
        &self.values[self.starts[place]..][..self.n_cols]
    }

    /// Asks for the rows that are wanted some places after `place`.
    #[inline(always)]
    pub fn fetch_after(&self, place: usize) {
        if self.distance > MIDDLE {
            fetch_number(self.row(place + PAGE_AHEAD), self.n_cols / 2);
            fetch(self.row(place + AHEAD_IN_ORDER));
            fetch_near(self.row(place + SOON));
        } else if self.distance > NEAR {
            fetch_near(self.row(place + AHEAD_IN_CACHE));
        }
    }
}

/// Rows that [`single_rows`] hands out together.
pub fn singles_together<T: Real, R: Rows<T>>(rows: &R) -> usize {
    if R::IN_PLACE {
        return MOST_SINGLES;
    }
    MOST_SINGLES.min(rows_together(rows, true))
}

/// The rows of `set`, [`singles_together`] at the most. `buffer` is
/// [`buffer_length`](super::buffer_length) long.
#[inline(always)]
pub fn single_rows<'a, T: Real, R: Rows<T>>(
    rows: &'a R,
    set: &RowSet<'_>,
    buffer: &'a mut [T],
) -> SingleRows<'a, T> {
    let (count, n_cols) = (set.len(), rows.n_cols());
    let mut starts = [0; KNOWN];
    if !R::IN_PLACE {
        let (values, stride) = room(buffer, count, n_cols);
        rows.load(set, values, stride);
        for (place, start) in starts[..count].iter_mut().enumerate() {
            *start = place * stride;
        }
        return SingleRows { values, starts, count, n_cols, distance: 0 };
    }
    let values = rows.values();
    let distance = match set {
        // The processor sees by itself what comes next.
        RowSet::Range(range) => {
            for (start, row) in starts.iter_mut().zip(range.clone()) {
                *start = rows.start(row);
            }
            0
        }
        RowSet::Indices(picks) => {
            let distance = size_of_val(values);
            let ahead = if distance > NEAR { PAGE_AHEAD } else { 0 };
            for (start, &row) in starts.iter_mut().zip(picks.with_next(ahead)) {
                *start = rows.start(row as usize);
            }
            distance
        }
    };
    SingleRows { values, starts, count, n_cols, distance }
}
