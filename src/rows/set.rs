//! Which rows a batch is made of.

use std::ops::{Deref, Range};

use super::AHEAD_IN_ORDER;

/// Which rows a batch is made of.
#[derive(Clone, Debug)]
pub enum RowSet<'a> {
    /// A run of rows in the order of the data.
    Range(Range<usize>),
    /// Rows by index, in this order; a row may come more than once. Each index is below n.
    Indices(RowIndices<'a>),
}

/// A batch of one row: two numbers, for a set would cost as much to hand on as a short step.
#[derive(Clone, Copy, Debug)]
pub struct NextRow {
    pub row: usize,
    /// The row some places later, to be prefetched, or the same where none is known.
    pub ahead: usize,
}

impl NextRow {
    /// A row, nothing being known of later ones.
    pub fn alone(row: usize) -> Self {
        NextRow { row, ahead: row }
    }
}

/// Indices that are part of a longer order: what comes after them can be prefetched.
#[derive(Clone, Debug)]
pub struct RowIndices<'a> {
    order: &'a [u32],
    range: Range<usize>,
}

impl RowIndices<'_> {
    /// The index that comes `ahead` places after place `place` of these, if the order goes so far.
    #[inline(always)]
    pub fn ahead(&self, place: usize, ahead: usize) -> Option<usize> {
        self.order.get(self.range.start + place + ahead).map(|&index| index as usize)
    }

    /// These indices and the next ones of the order, `count` at the most.
    pub fn with_next(&self, count: usize) -> &[u32] {
        let end = self.order.len().min(self.range.end.saturating_add(count));
        &self.order[self.range.start..end]
    }

    /// The indices that come as many places after `places` as there are indices here: those of the
    /// next batch, if it is as long. Fewer where the order ends before.
    pub fn following(&self, places: Range<usize>) -> &[u32] {
        let after = &self.order[self.range.end.min(self.order.len())..];
        let end = after.len().min(places.end);
        &after[places.start.min(end)..end]
    }
}

impl Deref for RowIndices<'_> {
    type Target = [u32];

    #[inline(always)]
    fn deref(&self) -> &[u32] {
        &self.order[self.range.clone()]
    }
}

impl<'a> RowSet<'a> {
    /// Rows by index.
    pub fn indices(indices: &'a [u32]) -> Self {
        RowSet::Indices(RowIndices { order: indices, range: 0..indices.len() })
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        match self {
            RowSet::Range(range) => range.len(),
            RowSet::Indices(indices) => indices.range.len(),
        }
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part `range` of these rows.
    #[inline(always)]
    pub fn part(&self, range: Range<usize>) -> RowSet<'a> {
        let within = |all: &Range<usize>| {
            assert!(range.start <= range.end && range.end <= all.len(), "{range:?} of {all:?}");
            all.start + range.start..all.start + range.end
        };
        match self {
            RowSet::Range(all) => RowSet::Range(within(all)),
            RowSet::Indices(indices) => {
                RowSet::Indices(RowIndices { order: indices.order, range: within(&indices.range) })
            }
        }
    }

    /// The row at `place`, as a batch of its own.
    #[inline(always)]
    pub fn single(&self, place: usize) -> NextRow {
        match self {
            RowSet::Range(range) => NextRow::alone(range.start + place),
            RowSet::Indices(indices) => {
                let row = indices[place] as usize;
                NextRow { row, ahead: indices.ahead(place, AHEAD_IN_ORDER).unwrap_or(row) }
            }
        }
    }

    /// The row indices, in order, for work that is not in a hurry.
    pub fn iter(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            RowSet::Range(range) => Box::new(range.clone()),
            RowSet::Indices(indices) => Box::new(indices.iter().map(|&index| index as usize)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_row_set() {
        let range = RowSet::Range(10..20);
        assert_eq!(range.len(), 10);
        assert_eq!(range.part(2..5).iter().collect::<Vec<_>>(), [12, 13, 14]);
        let indices = RowSet::indices(&[7, 7, 3, 1]);
        assert_eq!(indices.part(1..4).iter().collect::<Vec<_>>(), [7, 3, 1]);
        assert_eq!(indices.part(1..4).part(1..2).iter().collect::<Vec<_>>(), [3]);
        assert!(indices.part(2..2).is_empty());
        let RowSet::Indices(part) = indices.part(1..3) else { unreachable!() };
        assert_eq!((part.ahead(0, 2), part.ahead(1, 2)), (Some(1), None));
    }
}
