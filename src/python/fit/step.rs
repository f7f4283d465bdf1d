//! What a callback and the loop over `steps` get to see.

use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString, PyTuple};

use crate::python::args::keywords::missing_attribute;
use crate::python::arrays::array1;
use crate::python::exceptions::wrong_type;
use crate::python::model::fitted::{Fitted, shaped, with_state};
use crate::python::save::reduced;

/// One epoch, as a callback sees it, or one update, as `steps` yields it.
///
/// Attributes
/// ----------
/// epoch : int
///     The epoch, from 1.
/// update : int
///     Updates made so far.
/// loss : float
///     Of an epoch: the mean of its batches' objectives. Of an update: the objective of its batch,
///     before θ moved.
/// learning_rate : float
///     η of the last update.
/// params : ndarray
///     θ now, a copy.
/// rows : ndarray of int, or None
///     The rows of the update's batch.
/// params_before : ndarray or None
///     θ before the update, where loss and gradient were taken.
/// grad : ndarray or None
///     Gradient of the batch's objective at params_before.
#[pyclass(frozen, get_all, module = "gradwalk")]
pub struct Step {
    epoch: u64,
    update: u64,
    loss: f64,
    learning_rate: f64,
    params: Py<PyAny>,
    rows: Option<Py<PyAny>>,
    params_before: Option<Py<PyAny>>,
    grad: Option<Py<PyAny>>,
}

impl Step {
    /// The epoch that has just ended.
    pub fn of_epoch(py: Python<'_>, fitted: &Fitted) -> PyResult<Step> {
        with_state!(&fitted.state, state => Ok(Step {
            epoch: state.epochs(),
            update: state.updates(),
            loss: state.history().loss.last().copied().unwrap_or(f64::NAN),
            learning_rate: state.last_learning_rate(),
            params: fitted.params(py)?.unbind(),
            rows: None,
            params_before: None,
            grad: None,
        }))
    }

    /// The update that was just made; `grad` is its gradient, `epoch` its epoch from 1, and `rows`
    /// its rows.
    pub fn of_update(
        py: Python<'_>,
        fitted: &Fitted,
        epoch: u64,
        rows: &[i64],
        grad: Bound<'_, PyAny>,
    ) -> PyResult<Step> {
        with_state!(&fitted.state, state => Ok(Step {
            epoch,
            update: state.updates(),
            loss: state.last_loss(),
            learning_rate: state.last_learning_rate(),
            params: fitted.params(py)?.unbind(),
            rows: Some(array1(py, rows).into_any().unbind()),
            params_before: Some(
                shaped(py, state.params_before(), &fitted.params_shape)?.unbind(),
            ),
            grad: Some(grad.unbind()),
        }))
    }
}

#[pymethods]
impl Step {
    /// Asked for what a step has not.
    fn __getattr__<'py>(
        slf: &Bound<'py, Self>,
        word: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        missing_attribute(slf.as_any(), "step", word)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, step) = (slf.py(), slf.get());
        let numbers = (step.epoch, step.update, step.loss, step.learning_rate);
        let arrays = (&step.params, &step.rows, &step.params_before, &step.grad);
        reduced(py, "_restore_step", (numbers, arrays))
    }

    fn __repr__(&self) -> String {
        format!(
            "<Step: epoch {}, update {}, loss {:.6}, learning rate {}>",
            self.epoch, self.update, self.loss, self.learning_rate
        )
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

/// The rows of an update as `steps` shows them.
pub fn rows_of(indices: impl Iterator<Item = usize>) -> Vec<i64> {
    indices.map(|index| index as i64).collect()
}
