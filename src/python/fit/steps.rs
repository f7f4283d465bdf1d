//! `steps`: a fit that pauses after each update.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::fit;
use super::run::{Begin, FitArguments};
use super::step::{Step, rows_of};
use crate::batches::Batching;
use crate::python::model::fitted::{shaped, with_state};
use crate::python::model::gradient_descent::GradientDescent;

/// The updates of a walk, one at a time; see `GradientDescent.steps`.
#[pyclass(frozen, module = "gradwalk")]
pub struct Steps {
    model: Py<GradientDescent>,
    x: Py<PyAny>,
    y: Py<PyAny>,
    sample_weight: Option<Py<PyAny>>,
    /// How the rows are cut, `order` included.
    batching: Batching,
    walk: u64,
}

impl Steps {
    /// Begins a walk, without an update yet.
    pub fn begin<'py>(
        model: &Bound<'py, GradientDescent>,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        arguments: FitArguments<'_, 'py>,
    ) -> PyResult<Steps> {
        let this = model.get();
        let batching = fit(this.config(), &this.shared, Begin::Still, x, y, arguments)?;
        Ok(Steps {
            model: model.clone().unbind(),
            x: x.clone().unbind(),
            y: y.clone().unbind(),
            sample_weight: arguments.sample_weight.map(|weights| weights.clone().unbind()),
            batching,
            walk: this.shared.walk_number(),
        })
    }
}

#[pymethods]
impl Steps {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Step>> {
        let model = self.model.get();
        if model.shared.walk_number() != self.walk {
            return Err(PyRuntimeError::new_err(
                "the model was fitted anew meanwhile, or taken further by partial_fit, and this \
                 walk is gone: call steps(X, y) again",
            ));
        }
        let (x, y) = (self.x.bind(py), self.y.bind(py));
        let sample_weight = self.sample_weight.as_ref().map(|weights| weights.bind(py));
        let (epoch, before) = model.progress(py)?;
        let arguments =
            FitArguments { sample_weight, batching: Some(&self.batching), ..Default::default() };
        fit(model.config(), &model.shared, Begin::OneUpdate, x, y, arguments)?;
        if model.progress(py)?.1 <= before {
            return Ok(None);
        }
        let guard = model.shared.lock(py)?;
        let Some(fitted) = guard.as_ref() else { return Ok(None) };
        let fitted = fitted.clone();
        drop(guard);
        let rows = with_state!(&fitted.state, state => rows_of(state.last_batch().iter()));
        let grad = with_state!(&fitted.state, state => {
            shaped(py, state.last_grad(), &fitted.params_shape)?
        });
        Step::of_update(py, &fitted, epoch + 1, &rows, grad).map(Some)
    }
}
