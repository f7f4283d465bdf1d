//! The search for a NaN or an infinity in the data, once a loss is not finite.

use super::{Block, Column, MOST_ROWS, RowSet, Rows, Visit, visit};
use crate::error::BadValue;
use crate::real::Real;

/// The first NaN or infinity in the rows of `set`, or in their targets if there are any.
pub fn find_bad_value<T: Real>(
    rows: &Rows<'_, T>,
    targets: Option<&Column<'_, T>>,
    set: &RowSet<'_>,
) -> Option<BadValue> {
    let mut buffer = rows.buffer().ok()?;
    let mut search = Search { rows, targets, found: None };
    for start in (0..set.len()).step_by(MOST_ROWS) {
        let part = set.part(start..set.len().min(start + MOST_ROWS));
        visit(rows, &part, &mut buffer, &mut search);
        if search.found.is_some() {
            break;
        }
    }
    search.found
}

struct Search<'a, T> {
    rows: &'a Rows<'a, T>,
    targets: Option<&'a Column<'a, T>>,
    found: Option<BadValue>,
}

impl<T: Real> Visit<T> for Search<'_, T> {
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        if self.found.is_some() {
            return;
        }
        self.found = set.iter().enumerate().find_map(|(place, row)| {
            let features = block.row(place);
            let in_features = features.iter().position(|value| !value.is_finite());
            let in_features = in_features.map(|column| BadValue::Feature {
                row,
                column,
                // As it was given: it may be too large for a single only.
                value: self.rows.original(row, column),
            });
            in_features.or_else(|| {
                let bad = self.targets.filter(|targets| !targets.get(row).is_finite())?;
                Some(BadValue::Target { row, value: bad.original(row) })
            })
        });
    }
}
