//! Words that students bring from elsewhere, and what to write instead: said by one table, in
//! `gradwalk/_words`.

use pyo3::prelude::*;

/// The table of words that students bring from elsewhere. It is asked only where something is
/// wrong already.
pub fn table(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("gradwalk._words")
}

/// ": " and what to write instead of `value` as the argument `argument`, where the table knows.
pub fn instead_of(argument: &str, value: &Bound<'_, PyAny>) -> String {
    let answer = table(value.py())
        .and_then(|table| table.call_method1("value", (argument, value))?.extract());
    // What was wrong is said without it, too.
    answer.unwrap_or_default()
}
