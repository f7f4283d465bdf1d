//! Data that are valid but probably a mistake: hints that are given once, after the walk.

use pyo3::prelude::*;

use crate::error::try_filled;
use crate::python::arrays::passes::{first_row, in_slices};
use crate::real::Real;
use crate::rows::{Block, Column, MOST_ROWS, RowSet, Rows, Visit, visit};

/// The first column of ones, if there is one and more than one row. Rows are looked at for as long as
/// there may be one: a single block, mostly.
pub fn column_of_ones<T: Real>(py: Python<'_>, rows: &Rows<'_, T>) -> PyResult<Option<usize>> {
    let n_rows = rows.n_rows();
    if n_rows < 2 {
        return Ok(None);
    }
    let mut ones = Ones { columns: (0..rows.n_cols()).collect() };
    let mut buffer = rows.buffer()?;
    in_slices(py, n_rows, MOST_ROWS, |range| {
        for start in range.clone().step_by(MOST_ROWS) {
            if ones.columns.is_empty() {
                break;
            }
            let block = RowSet::Range(start..range.end.min(start + MOST_ROWS));
            visit(rows, &block, &mut buffer, &mut ones);
        }
        Ok::<_, PyErr>(())
    })?;
    Ok(ones.columns.first().copied())
}

/// The columns that held nothing but ones so far.
struct Ones {
    columns: Vec<usize>,
}

impl<T: Real> Visit<T> for Ones {
    fn visit(&mut self, set: &RowSet<'_>, block: Block<'_, T>) {
        for place in 0..set.len() {
            if self.columns.is_empty() {
                return;
            }
            let row = block.row(place);
            self.columns.retain(|&column| row[column] == T::one());
        }
    }
}

/// What to say of a column of ones.
pub fn of_ones(column: usize, class: &str) -> String {
    format!(
        "X[:, {column}] is a column of ones beside the intercept, which is another: each gets a part \
         of what belongs to both. Leave the column out, or write {class}(…, fit_intercept=False)"
    )
}

/// What to say of labels that are all the same, or leave out one of the K classes that were made of
/// them.
pub fn of_labels<T: Real>(
    py: Python<'_>,
    labels: &Column<'_, T>,
    n_classes: Option<usize>,
) -> PyResult<Option<String>> {
    if labels.len() < 2 {
        return Ok(None);
    }
    let first = labels.get(0);
    if first_row(py, labels, |label| label != first)?.is_none() {
        return Ok(Some(format!(
            "y holds one class alone, {first}: there is nothing to tell it from. Look at how y was \
             made (y == '5', say, is False for every number 5)"
        )));
    }
    let Some(n_classes) = n_classes else { return Ok(None) };
    let mut is_seen = try_filled(n_classes, false)?;
    let mut unseen = n_classes;
    first_row(py, labels, |label| {
        if let Some(is_seen) = label.to_usize().and_then(|class| is_seen.get_mut(class)) {
            unseen -= usize::from(!*is_seen);
            *is_seen = true;
        }
        unseen == 0
    })?;
    Ok(is_seen.iter().position(|&is_seen| !is_seen).map(|class| {
        let instead = match class {
            0 => "y - 1 if its labels begin at 1",
            _ => "np.unique(y, return_inverse=True)[1] to number the classes that there are",
        };
        format!(
            "y has no row of class {class}, and its largest label makes {n_classes} classes. Write \
             {instead}, or n_classes={n_classes} in the constructor if it is meant"
        )
    }))
}
