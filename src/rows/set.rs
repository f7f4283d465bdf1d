//! Which rows a batch is made of.

use std::ops::Range;

/// Which rows a batch is made of.
#[derive(Clone, Debug)]
pub enum RowSet<'a> {
    /// A run of rows in the order of the data.
    Range(Range<usize>),
    /// Rows by index, in this order; a row may come more than once. Each index is below n.
    Indices(&'a [u32]),
}

impl RowSet<'_> {
    /// Number of rows, m.
    #[inline(always)]
    pub fn len(&self) -> usize {
        match self {
            RowSet::Range(range) => range.len(),
            RowSet::Indices(indices) => indices.len(),
        }
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part `range` of these rows.
    #[inline(always)]
    pub fn part(&self, range: Range<usize>) -> RowSet<'_> {
        match self {
            RowSet::Range(all) => RowSet::Range(all.start + range.start..all.start + range.end),
            RowSet::Indices(indices) => RowSet::Indices(&indices[range]),
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
        let indices = RowSet::Indices(&[7, 7, 3, 1]);
        assert_eq!(indices.part(1..4).iter().collect::<Vec<_>>(), [7, 3, 1]);
        assert!(indices.part(2..2).is_empty());
    }
}
