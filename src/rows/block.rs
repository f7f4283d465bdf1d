//! Some rows, one after the other, as slices of one piece of memory, whatever their layout is.

use crate::error::{OutOfMemory, try_filled};
use crate::kernel::{Aligned, EIGHT, RowKernel, prefetch, prefetch_near, prefetch_number};
use crate::real::Real;

/// Rows of a block at the most.
pub const MOST_ROWS: usize = 256;

/// Places after a block up to which the order of the rows is looked at, to prefetch rows.
pub const MOST_AHEAD: usize = 64;

/// Rows by index are prefetched so many places in advance.
pub const AHEAD_IN_ORDER: usize = 32;

/// Bytes of X up to which the second-level cache holds it.
const NEAR: usize = 1 << 19;

/// Bytes of X up to which the last cache of a large processor may hold it.
const MIDDLE: usize = 1 << 26;

/// Bytes of X from which rows in turn come from memory.
const STREAMED: usize = 1 << 24;

/// Rows in turn are prefetched so many places in advance, if they are long.
const AHEAD_IN_TURN: usize = 16;

/// Bytes of a row up to which rows in turn are read through; longer ones are prefetched instead.
const SHORT: usize = 1536;

/// Where rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// A near cache, or nowhere in particular: nothing is done in advance.
    Near,
    /// From memory, short ones next to each other: read through, they are one stream.
    Stream,
    /// From memory, long ones or with gaps between them.
    InTurn,
    /// By index, from the last cache.
    Scattered,
    /// By index, from memory.
    ScatteredFar,
}

impl Access {
    /// Of rows in turn, next to each other or with gaps between them, of an X of so many bytes.
    pub(super) fn in_turn(n_bytes: usize, bytes_of_row: usize, with_gaps: bool) -> Self {
        match n_bytes {
            ..STREAMED => Access::Near,
            _ if with_gaps || bytes_of_row > SHORT => Access::InTurn,
            _ => Access::Stream,
        }
    }

    /// Of rows by index.
    pub(super) fn by_index(n_bytes: usize) -> Self {
        if n_bytes <= NEAR {
            Access::Near
        } else if n_bytes <= MIDDLE {
            Access::Scattered
        } else {
            Access::ScatteredFar
        }
    }
}

/// Where the rows of a block are: loaded rows, and where each begins.
#[derive(Debug)]
pub struct RowBuffer<T> {
    /// Loaded rows; empty if rows are read in place.
    pub(super) values: Aligned<T>,
    /// Where each row of a block begins, and some that come after them.
    pub(super) starts: Vec<usize>,
}

impl<T: Real> RowBuffer<T> {
    /// Room for `length` numbers of loaded rows.
    pub(super) fn new(length: usize) -> Result<Self, OutOfMemory> {
        let starts = try_filled(MOST_ROWS + MOST_AHEAD, 0)?;
        Ok(RowBuffer { values: Aligned::zeros(length)?, starts })
    }

    pub fn n_bytes(&self) -> usize {
        self.values.n_bytes() + self.starts.capacity() * size_of::<usize>()
    }
}

/// Rows of a batch, one after the other, each a slice of d numbers.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a, T> {
    pub(super) values: &'a [T],
    /// Where each row begins, and some that come after them in the order.
    pub(super) starts: &'a [usize],
    pub(super) len: usize,
    pub(super) n_cols: usize,
    pub(super) access: Access,
}

impl<'a, T: Real> Block<'a, T> {
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub fn n_cols(&self) -> usize {
        self.n_cols
    }

    /// The row at this place; also one after the block, if it is known. Panics if there is none.
    #[inline(always)]
    pub fn row(&self, place: usize) -> &'a [T] {
        &self.values[self.starts[place]..][..self.n_cols]
    }

    /// The eight rows from `first` on.
    #[inline(always)]
    pub fn eight(&self, first: usize) -> [&'a [T]; EIGHT] {
        let starts: &[usize; EIGHT] = self.starts[first..].first_chunk().expect("eight rows");
        let mut rows: [&[T]; EIGHT] = [&[]; EIGHT];
        for (row, &start) in rows.iter_mut().zip(starts) {
            *row = &self.values[start..][..self.n_cols];
        }
        rows
    }

    /// The row that comes `ahead` places after `place`, up to [`MOST_AHEAD`], if it is known and worth
    /// prefetching.
    #[inline(always)]
    pub fn ahead(&self, place: usize, ahead: usize) -> Option<&'a [T]> {
        let start = *self.starts.get(place + ahead)?;
        (self.access != Access::Near).then(|| &self.values[start..][..self.n_cols])
    }

    /// Whether it pays to read rows [through](Self::all) before they are computed.
    #[inline(always)]
    pub fn is_stream(&self) -> bool {
        self.access == Access::Stream
    }

    /// The numbers from the row at `first` to the one before `end`, of a stream.
    #[inline(always)]
    pub fn all(&self, first: usize, end: usize) -> &'a [T] {
        &self.values[self.starts[first]..][..(end - first) * self.n_cols]
    }

    /// Where the rows begin that come some places after the eight from `first` on, so that they can be
    /// prefetched; `None` if that does not help.
    #[inline(always)]
    pub fn eight_ahead(&self, first: usize) -> Option<[*const T; EIGHT]> {
        let ahead = match self.access {
            Access::Scattered | Access::ScatteredFar => AHEAD_IN_ORDER,
            Access::InTurn => AHEAD_IN_TURN,
            Access::Stream | Access::Near => return None,
        };
        let mut all = [self.values.as_ptr(); EIGHT];
        for (address, start) in all.iter_mut().zip(self.starts.get(first + ahead..)?) {
            *address = self.values[*start..].as_ptr();
        }
        Some(all)
    }

    /// Prefetches rows that are needed after the one at `place`, when each step waits for the one before.
    #[inline(always)]
    pub fn prefetch_after(&self, place: usize) {
        /// One line of a row is prefetched some places before the others, so that its page is found by
        /// then …
        const PAGE_AHEAD: usize = AHEAD_IN_ORDER + 8;
        /// … and all of them once more shortly before they are wanted, from the second-level cache into
        /// the first: the chain of steps would wait for each line.
        const SOON: usize = 4;
        /// From the last cache straight into the first.
        const AHEAD_IN_CACHE: usize = 8;
        let row = |ahead: usize| self.ahead(place, ahead).unwrap_or_default();
        match self.access {
            Access::ScatteredFar => {
                prefetch_number(row(PAGE_AHEAD), self.n_cols / 2);
                prefetch(row(AHEAD_IN_ORDER));
                prefetch_near(row(SOON));
            }
            Access::Scattered => prefetch_near(row(AHEAD_IN_CACHE)),
            Access::Near | Access::Stream | Access::InTurn => {}
        }
    }
}

/// The products of the rows of a block from `start` on with the weights of a kernel.
#[inline(always)]
pub fn dot<T: Real>(kernel: &impl RowKernel<T>, block: &Block<'_, T>, start: usize, out: &mut [T]) {
    let (eights, rest) = out.as_chunks_mut::<EIGHT>();
    let mut place = start;
    for eight in eights {
        *eight = kernel.dot(block.eight(place), block.eight_ahead(place));
        place += EIGHT;
    }
    if !rest.is_empty() {
        let mut rows: [&[T]; EIGHT] = [&[]; EIGHT];
        for (row, place) in rows.iter_mut().zip(place..block.len()) {
            *row = block.row(place);
        }
        let count = rest.len();
        rest.copy_from_slice(&kernel.dot_of_few(&rows[..count])[..count]);
    }
}
