//! The names of the columns of a table: pandas, polars, Arrow.

use numpy::PyUntypedArray;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

/// The names of the columns that a model was fitted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnNames(Vec<String>);

impl ColumnNames {
    /// The names of the columns of `x`, if it is a table all of whose columns have words for names.
    pub fn of(x: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let has_none = x.cast::<PyUntypedArray>().is_ok()
            || x.is_instance_of::<PyList>()
            || x.is_instance_of::<PyTuple>();
        if has_none {
            return Ok(None);
        }
        // Arrow's `columns` are the columns themselves, so it is asked for its names first.
        let names = match x.getattr_opt("column_names")? {
            Some(names) => Some(names),
            None => x.getattr_opt("columns")?,
        };
        let Some(names) = names.and_then(|names| names.try_iter().ok()) else { return Ok(None) };
        let mut words = Vec::new();
        for name in names {
            match name?.cast::<PyString>() {
                Ok(name) => words.push(name.to_cow()?.into_owned()),
                Err(_) => return Ok(None),
            }
        }
        Ok(Some(ColumnNames(words)))
    }

    /// The names themselves.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Names that were saved.
    pub fn from_words(words: Vec<String>) -> Self {
        ColumnNames(words)
    }

    /// Refuses a table whose columns have other names, or another order. What has no names passes.
    pub fn check(&self, x: &Bound<'_, PyAny>) -> PyResult<()> {
        let Some(other) = ColumnNames::of(x)? else { return Ok(()) };
        if other == *self {
            return Ok(());
        }
        let missing: Vec<&str> = difference(&self.0, &other.0);
        let unknown: Vec<&str> = difference(&other.0, &self.0);
        let mut complaint = Vec::new();
        if !missing.is_empty() {
            complaint.push(format!("{} missing", listed(&missing)));
        }
        if !unknown.is_empty() {
            complaint.push(format!("{} unknown", listed(&unknown)));
        }
        let complaint =
            if complaint.is_empty() { "another order".into() } else { complaint.join(", ") };
        Err(PyValueError::new_err(format!(
            "X must have the columns of the fit, in their order; got {complaint}. Write \
             X[list(model.feature_names_in_)]"
        )))
    }
}

/// What is in `names` but not in `others`.
fn difference<'a>(names: &'a [String], others: &[String]) -> Vec<&'a str> {
    let others: std::collections::HashSet<&str> = others.iter().map(String::as_str).collect();
    names.iter().map(String::as_str).filter(|name| !others.contains(name)).collect()
}

/// A few of the names, and how many more.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("{name:?}")).collect();
    let more = names.len().saturating_sub(MOST);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
