//! What a callback and the loop over `steps` get to see.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::python::args::keywords::missing_attribute;
use crate::python::arrays::array1;
use crate::python::model::fitted::{Fitted, shaped, with_state};

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
    pub(in crate::python) epoch: u64,
    pub(in crate::python) update: u64,
    pub(in crate::python) loss: f64,
    pub(in crate::python) learning_rate: f64,
    pub(in crate::python) params: Py<PyAny>,
    pub(in crate::python) rows: Option<Py<PyAny>>,
    pub(in crate::python) params_before: Option<Py<PyAny>>,
    pub(in crate::python) grad: Option<Py<PyAny>>,
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
    /// Called for an attribute that a step does not have.
    fn __getattr__<'py>(
        slf: &Bound<'py, Self>,
        word: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        missing_attribute(slf.as_any(), "step", word)
    }

    fn __repr__(&self) -> String {
        format!(
            "<Step: epoch {}, update {}, loss {:.6}, learning rate {}>",
            self.epoch, self.update, self.loss, self.learning_rate
        )
    }
}

/// The rows of an update as `steps` shows them.
pub fn rows_of(indices: impl Iterator<Item = usize>) -> Vec<i64> {
    indices.map(|index| index as i64).collect()
}
