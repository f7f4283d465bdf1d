//! A step taken apart for pickle, and put together again.

use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
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

/// The step with these numbers and arrays, from a pickle.
#[pyfunction]
#[pyo3(name = "_restore_step", signature = (numbers, arrays, /))]
pub fn restore_step(
    py: Python<'_>,
    numbers: &Bound<'_, PyAny>,
    arrays: &Bound<'_, PyAny>,
) -> PyResult<Step> {
    let Ok(arrays) = arrays.extract::<[Option<Py<PyAny>>; 4]>() else {
        return Err(wrong_type("arrays", "four arrays, or None for those that are not", arrays));
    };
    for (name, array) in ["params", "rows", "params_before", "grad"].into_iter().zip(&arrays) {
        let array = array.as_ref().map_or(py.None(), |array| array.clone_ref(py)).into_bound(py);
        if !is_array(&array) && (name == "params" || !array.is_none()) {
            return Err(wrong_type(name, "an array of numbers", &array));
        }
    }
    let Ok((epoch, update, loss, learning_rate)) = numbers
        .extract::<(u64, u64, Bound<'_, PyFloat>, Bound<'_, PyFloat>)>()
        .map(|(epoch, update, loss, rate)| (epoch, update, loss.value(), rate.value()))
    else {
        let expected = "two whole numbers of at least 0 and two floats";
        return Err(wrong_type("numbers", expected, numbers));
    };
    let [params, rows, params_before, grad] = arrays;
    let params = params.unwrap_or_else(|| py.None());
    Ok(Step { epoch, update, loss, learning_rate, params, rows, params_before, grad })
}

fn is_array(value: &Bound<'_, PyAny>) -> bool {
    // The parameter of a function of one number is one.
    value.is_instance_of::<PyFloat>()
        || value.cast::<PyUntypedArray>().is_ok_and(|array| b"fiu".contains(&array.dtype().kind()))
}
