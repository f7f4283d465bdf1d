//! Errors and warnings as Python shows them: the argument, what was expected, what came.

use std::convert::Infallible;
use std::ffi::CString;
use std::fmt::Display;

use pyo3::exceptions::{PyMemoryError, PyTypeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFloat, PyType};

use crate::error::{BadValue, OutOfMemory, SavedError, WalkError};
use crate::stop::Divergence;

/// What came, for a message: its value, cut short, and its type.
pub fn describe(value: &Bound<'_, PyAny>) -> String {
    const LONGEST: usize = 60;
    let class = value.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string());
    if value.is_none() {
        return "None".into();
    }
    // A table has as many dtypes as columns, and would be printed over many lines.
    if let Ok(shape) = value.getattr("shape")
        && shape.len().is_ok_and(|ndim| ndim > 0)
    {
        return match value.getattr("dtype") {
            Ok(dtype) => format!("{class} of shape {shape} and dtype {dtype}"),
            Err(_) => format!("{class} of shape {shape}"),
        };
    }
    let text = value.repr().map_or_else(|_| "?".into(), |repr| repr.to_string());
    let short: String = text.chars().take(LONGEST).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{short}{dots} ({class})")
}

/// ": " and what to write instead of `value` as the argument `argument`, where `gradwalk._words` knows.
pub fn instead_of(argument: &str, value: &Bound<'_, PyAny>) -> String {
    let answer = (value.py().import("gradwalk._words.values"))
        .and_then(|values| values.call_method1("value", (argument, value))?.extract());
    // What was wrong is said without it, too.
    answer.unwrap_or_default()
}

/// "`argument` must be `expected`; got `came`", for a value of a right type but out of range.
pub fn wrong_value(argument: &str, expected: impl Display, came: impl Display) -> PyErr {
    PyValueError::new_err(format!("{argument} must be {expected}; got {came}"))
}

/// The same for a value of a type that cannot be right.
pub fn wrong_type(argument: &str, expected: impl Display, came: &Bound<'_, PyAny>) -> PyErr {
    let instead = instead_of(argument, came);
    PyTypeError::new_err(format!("{argument} must be {expected}; got {}{instead}", describe(came)))
}

impl From<OutOfMemory> for PyErr {
    fn from(_: OutOfMemory) -> PyErr {
        PyMemoryError::new_err(
            "there is not enough memory for this walk; record=None keeps neither the path nor \
             the losses of single updates",
        )
    }
}

impl From<SavedError> for PyErr {
    fn from(error: SavedError) -> PyErr {
        match error {
            SavedError::OutOfMemory(error) => error.into(),
            _ => PyValueError::new_err(error.to_string()),
        }
    }
}

impl From<WalkError<Infallible>> for PyErr {
    fn from(error: WalkError<Infallible>) -> PyErr {
        error.map_objective(|never| match never {})
    }
}

impl From<WalkError<PyErr>> for PyErr {
    fn from(error: WalkError<PyErr>) -> PyErr {
        error.map_objective(|error| error)
    }
}

impl<E> WalkError<E> {
    /// As an exception, which `raised` makes of what the objective said.
    fn map_objective(self, raised: impl FnOnce(E) -> PyErr) -> PyErr {
        match self {
            WalkError::Objective(error) => raised(error),
            WalkError::BadData(bad) => bad.into(),
            WalkError::BadValidationData(bad) => {
                let error = PyErr::from(bad);
                Python::attach(|py| {
                    PyValueError::new_err(format!("of the validation data, {}", error.value(py)))
                })
            }
            WalkError::OutOfMemory(error) => error.into(),
        }
    }
}

impl From<BadValue> for PyErr {
    fn from(bad: BadValue) -> PyErr {
        let (place, value) = match bad {
            BadValue::Feature { row, column, value } => (format!("X[{row}, {column}]"), value),
            BadValue::Target { row, value } => (format!("y[{row}]"), value),
        };
        if value.is_finite() {
            return PyValueError::new_err(format!(
                "{place} must be a number that float32 can hold, the dtype of the parameters; got \
                 {value:e}. Scale it, or fit on X.astype(float)"
            ));
        }
        PyValueError::new_err(format!(
            "{} must be a finite number; got {value}. Drop or fill in such rows before fitting",
            place
        ))
    }
}

/// An exception or warning class of `gradwalk.errors`.
fn class_of_ours<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyType>>,
    name: &str,
) -> PyResult<&'py Bound<'py, PyType>> {
    cell.import(py, "gradwalk.errors", name)
}

/// The attribute `attribute` is asked for before there is a fit.
pub fn not_fitted(py: Python<'_>, class: &str, attribute: &str) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    match class_of_ours(py, &CLASS, "NotFittedError") {
        Ok(error) => PyErr::from_type(
            error.clone(),
            format!(
                "this {class} is not fitted yet, so there is no {attribute}: call fit(X, y) first"
            ),
        ),
        Err(error) => error,
    }
}

/// Warns of something about the data that is valid but probably a mistake.
pub fn warn_of_data(py: Python<'_>, hint: String) -> PyResult<()> {
    let hint = CString::new(hint).unwrap_or_default();
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), &hint, 1)
}

/// Warns that the walk diverged. Everything is stored by now: the warning may be an exception.
///
/// `limit` is the largest stable learning rate, where the data tell it.
pub fn warn_of_divergence(
    py: Python<'_>,
    divergence: Divergence,
    limit: Option<f64>,
) -> PyResult<()> {
    let Divergence { epoch, update, last_finite_loss, learning_rate } = divergence;
    let message = if divergence.is_at_start() {
        format!("the walk could not begin: its very first loss is not finite. {AT_THE_START}")
    } else {
        format!(
            "the walk diverged in epoch {epoch}, at update {update}: the loss was {} and is not \
             finite any more. params_ holds the last finite parameters. {}",
            digits(py, last_finite_loss)?,
            advice(py, learning_rate, limit)?
        )
    };
    warn(py, &message)
}

/// What to do about a loss that is beyond all numbers before any step was made.
const AT_THE_START: &str = "No step has been made, so a smaller learning rate changes nothing: start \
                            from other parameters (init, or x0), where the loss is defined, or bring \
                            X and y to a smaller scale, by a change of units, say";

/// A walk that diverges though its numbers are finite.
pub struct Growth {
    /// The loss at first and in the end.
    pub losses: (f64, f64),
    /// η at the end.
    pub learning_rate: f64,
    /// Whether the loss falls without end, instead.
    pub is_a_fall: bool,
}

/// Warns of a walk that diverges though its numbers are finite.
pub fn warn_of_growth(py: Python<'_>, growth: &Growth, limit: Option<f64>) -> PyResult<()> {
    let Growth { losses: (first, last), learning_rate, is_a_fall } = *growth;
    let advice = match is_a_fall {
        true => "It falls faster and faster, and may have no lowest value at all".into(),
        false => advice(py, learning_rate, limit)?,
    };
    let (first, last) = (digits(py, first)?, digits(py, last)?);
    warn(
        py,
        &format!(
            "the walk diverges: the loss was {first} at first and is {last} in the end. {advice}"
        ),
    )
}

/// A number to six digits, as Python writes it.
fn digits(py: Python<'_>, number: f64) -> PyResult<String> {
    PyFloat::new(py, number).call_method1("__format__", (".6g",))?.extract()
}

/// What to do about steps that go too far.
fn advice(py: Python<'_>, learning_rate: f64, limit: Option<f64>) -> PyResult<String> {
    let advice = match limit {
        Some(limit) => format!(
            "max_learning_rate gives {} for these data and this batch size: stay below it, or \
             bring the columns of X to one scale, which raises it",
            digits(py, limit)?
        ),
        None => "try a smaller one, a tenth, say".into(),
    };
    Ok(format!("The learning rate was {}; {advice}", digits(py, learning_rate)?))
}

fn warn(py: Python<'_>, message: &str) -> PyResult<()> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let message = CString::new(message).unwrap_or_default();
    PyErr::warn(py, class_of_ours(py, &CLASS, "DivergenceWarning")?, &message, 1)
}
