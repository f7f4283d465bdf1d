//! Numbers and choices, checked once and named in every complaint.

use pyo3::exceptions::{PyException, PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyString};

use crate::python::exceptions::{describe, instead_of, wrong_type, wrong_value};

/// What an object answered, or nothing if it raised: but the stop button is no answer.
pub fn answer<T>(py: Python<'_>, result: PyResult<T>) -> PyResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_instance_of::<PyException>(py) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether this is True or False, Python's or NumPy's.
pub fn is_boolean(value: &Bound<'_, PyAny>) -> bool {
    let of_numpy = || {
        let is_scalar = value.getattr("ndim")?.extract::<usize>()? == 0;
        Ok::<_, PyErr>(is_scalar && value.getattr("dtype")?.getattr("kind")?.eq("b")?)
    };
    value.is_instance_of::<PyBool>() || of_numpy().unwrap_or(false)
}

/// A whole number from `least` to `most`. True is not one, 3.0 is not one.
pub fn whole_number(
    argument: &str,
    value: &Bound<'_, PyAny>,
    least: u64,
    most: u64,
) -> PyResult<u64> {
    let expected = if most == u64::MAX {
        format!("a whole number of at least {least}")
    } else {
        format!("a whole number from {least} to {most}")
    };
    if is_boolean(value) || value.is_instance_of::<PyString>() {
        return Err(wrong_type(argument, expected, value));
    }
    let Some(index) = answer(value.py(), value.call_method0("__index__"))? else {
        let whole = value.cast::<PyFloat>().ok().map(|float| float.value());
        if let Some(whole) = whole.filter(|float| float.fract() == 0.0 && float.abs() < 1e15) {
            let came = format!("the float {whole:?}: write {whole}");
            return Err(PyTypeError::new_err(format!("{argument} must be {expected}; got {came}")));
        }
        return Err(wrong_type(argument, expected, value));
    };
    match index.extract::<u64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        // Beyond 64 bits on the upper side: say where the end is.
        Err(_) if most == u64::MAX && index.gt(0)? => {
            Err(wrong_value(argument, format!("{expected} and below 2**64"), describe(value)))
        }
        _ => Err(wrong_value(argument, expected, describe(value))),
    }
}

/// A finite real number for which `is_legal` holds.
pub fn real_number(
    argument: &str,
    value: &Bound<'_, PyAny>,
    expected: &str,
    is_legal: impl Fn(f64) -> bool,
) -> PyResult<f64> {
    // Names are read, never formatted: formatting looks at the signals, and loses what it finds.
    let name = value.get_type().name()?;
    let is_complex = name.to_cow().is_ok_and(|name| name.starts_with("complex"));
    let is_array = value.getattr("ndim").and_then(|ndim| ndim.extract::<usize>());
    if is_boolean(value) || is_complex || is_array.is_ok_and(|ndim| ndim > 0) {
        return Err(wrong_type(argument, expected, value));
    }
    let number = match value.extract::<f64>() {
        Ok(number) => number,
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => f64::INFINITY,
        Err(error) if error.is_instance_of::<PyException>(value.py()) => {
            return Err(wrong_type(argument, expected, value));
        }
        // The stop button says nothing about the argument.
        Err(error) => return Err(error),
    };
    if number.is_finite() && is_legal(number) {
        Ok(number)
    } else {
        Err(wrong_value(argument, expected, describe(value)))
    }
}

/// A finite number of at least 0.
pub fn not_negative(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    real_number(argument, value, "a finite number of at least 0", |number| number >= 0.0)
}

/// True or False.
pub fn flag(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if is_boolean(value) {
        value.is_truthy()
    } else {
        Err(wrong_type(argument, "True or False", value))
    }
}

/// The text of a string; wrong if it is none, or not valid Unicode.
pub fn text(argument: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyResult<String> {
    let Ok(word) = value.cast::<PyString>() else {
        return Err(wrong_type(argument, expected, value));
    };
    match word.to_cow() {
        Ok(word) => Ok(word.into_owned()),
        Err(_) => Err(wrong_value(argument, expected, describe(value))),
    }
}

/// A word as a message shows it: in quotes, and cut short.
pub fn quoted(word: &str) -> String {
    let short: String = word.chars().take(60).collect();
    let dots = if short.len() < word.len() { "…" } else { "" };
    format!("{short:?}{dots}")
}

/// One of a few words; `also` names what else is valid, for the message.
pub fn choice<'c, T>(
    argument: &str,
    value: &Bound<'_, PyAny>,
    choices: &'c [(&str, T)],
    also: &str,
) -> PyResult<&'c T> {
    let names: Vec<String> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
    let expected = format!("one of {}{also}", names.join(", "));
    let word = text(argument, value, &expected)?;
    let found = choices.iter().find(|(name, _)| *name == word);
    found.map(|(_, choice)| choice).ok_or_else(|| {
        let came = format!("{}{}", quoted(&word), instead_of(argument, value));
        wrong_value(argument, expected, came)
    })
}
