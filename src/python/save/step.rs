//! A step taken apart for pickle, and put together again.

use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyTuple};

use super::reduced;
use crate::python::exceptions::wrong_type;
use crate::python::fit::step::Step;

#[pymethods]
impl Step {
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, step) = (slf.py(), slf.get());
        let numbers = (step.epoch, step.update, step.loss, step.learning_rate);
        let arrays = (&step.params, &step.rows, &step.params_before, &step.grad);
        reduced(py, "_restore_step", (numbers, arrays))
    }
}

/// The step with these numbers and arrays, from a pickle. Nothing but getters looks at the arrays.
#[pyfunction]
#[pyo3(name = "_restore_step", signature = (numbers, arrays, /))]
pub fn restore_step(numbers: &Bound<'_, PyAny>, arrays: &Bound<'_, PyAny>) -> PyResult<Step> {
    type Arrays = (Py<PyAny>, Option<Py<PyAny>>, Option<Py<PyAny>>, Option<Py<PyAny>>);
    type Numbers<'py> = (u64, u64, Bound<'py, PyFloat>, Bound<'py, PyFloat>);
    let (epoch, update, loss, learning_rate): Numbers<'_> = numbers
        .extract()
        .map_err(|_| wrong_type("numbers", "two counts and two floats", numbers))?;
    let (loss, learning_rate) = (loss.value(), learning_rate.value());
    let (params, rows, params_before, grad): Arrays =
        arrays.extract().map_err(|_| wrong_type("arrays", "four arrays or None", arrays))?;
    Ok(Step { epoch, update, loss, learning_rate, params, rows, params_before, grad })
}
