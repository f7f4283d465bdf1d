//! Row indices: the rows of a batch, and an order to replay.

use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::as_numbers;
use super::memory::{Memory, Numbers};
use super::passes::in_pieces;
use crate::error::OutOfMemory;
use crate::python::args::scalars::answer;
use crate::python::exceptions::{describe, wrong_type, wrong_value};

/// Row indices, each from 0 to `n_rows` − 1.
pub fn indices(argument: &str, value: &Bound<'_, PyAny>, n_rows: usize) -> PyResult<Vec<u32>> {
    let array = as_integers(argument, value)?;
    if array.ndim() != 1 {
        return Err(wrong_value(argument, "one-dimensional", describe(value)));
    }
    if array.len() == 0 {
        return Ok(Vec::new());
    }
    // A double holds every valid index, and rounds no other number to one.
    let numbers = Numbers::<f64>::new(Memory::of(argument, &array)?);
    let column = numbers.column();
    let mut rows = Vec::new();
    rows.try_reserve_exact(column.len()).map_err(|_| OutOfMemory)?;
    in_pieces(value.py(), column.len(), |places| {
        for place in places {
            let index = column.get(place);
            if !(index >= 0.0 && index < n_rows as f64) {
                return Err(PyValueError::new_err(format!(
                    "{argument} must hold row indices from 0 to {}; got {} at place {place}",
                    n_rows - 1,
                    array.get_item(place)?
                )));
            }
            rows.push(index as u32);
        }
        Ok(())
    })?;
    Ok(rows)
}

/// An array of whole numbers (no Booleans: an index is meant, not a mask). No rows at all is valid.
fn as_integers<'py>(
    argument: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let array = as_numbers(argument, value)?;
    match array.dtype().kind() {
        b'i' | b'u' => Ok(array),
        _ if array.len() == 0 => Ok(array),
        b'b' => Err(PyTypeError::new_err(format!(
            "{argument} must hold row indices; got Booleans. Write np.flatnonzero(mask)"
        ))),
        _ => Err(wrong_type(argument, "an array of whole numbers, the row indices", value)),
    }
}

/// An order to replay: an array (epochs, k), or a list of one array an epoch.
pub fn order(value: &Bound<'_, PyAny>, n_rows: usize, epochs: u64) -> PyResult<Vec<Vec<u32>>> {
    // A list holds one array an epoch, of any length each. Anything else is one array, whatever it
    // iterates over by itself (a data frame over its columns).
    let expected = "an array of row indices (epochs, k), or a list of one array an epoch";
    let epoch_by_epoch = if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        value.clone()
    } else if answer(value.py(), value.len())?.is_none() {
        return Err(wrong_type("order", expected, value));
    } else {
        let array = as_integers("order", value)?;
        if array.ndim() != 2 {
            return Err(wrong_value("order", expected, describe(value)));
        }
        array.into_any()
    };
    let length = epoch_by_epoch.len()?;
    if length as u64 != epochs {
        let expected = format!("one list of row indices for each of the {epochs} epochs");
        return Err(wrong_value("order", expected, format!("{length}")));
    }
    let mut order = Vec::new();
    for (epoch, rows) in epoch_by_epoch.try_iter()?.enumerate() {
        let rows = indices(&format!("order[{epoch}]"), &rows?, n_rows)?;
        if rows.is_empty() {
            return Err(wrong_value(&format!("order[{epoch}]"), "of at least one row", "none"));
        }
        order.push(rows);
    }
    Ok(order)
}

/// Whether this is the order of one epoch: an array of one dimension, or a list of numbers.
pub fn is_one_dimensional(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    let ndim = value.getattr("ndim").and_then(|ndim| ndim.extract::<usize>());
    if let Some(ndim) = answer(py, ndim)? {
        return Ok(ndim == 1);
    }
    match answer(py, value.get_item(0))? {
        Some(first) => Ok(answer(py, first.len())?.is_none()),
        None => Ok(false),
    }
}
