//! What a model can be asked for: what it was made with, and what a fit has left.

use numpy::PyArray1;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::fitted::with_state;
use super::gradient_descent::GradientDescent;
use super::history::History;
use crate::history::Record;
use crate::python::args::config::LearningRate;
use crate::python::args::random_state::RandomState;
use crate::python::arrays::array1;

#[pymethods]
impl GradientDescent {
    /// θ, intercept first: shape (d + 1,), or (d + 1, K) for cross_entropy; d rows without an
    /// intercept. A copy.
    #[getter]
    fn params_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "params_", |fitted| fitted.params(py))
    }

    /// Weights w of the features: shape (d,), or (K, d) for cross_entropy.
    #[getter]
    fn coef_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "coef_", |fitted| fitted.over_data("coef_")?.coef(py))
    }

    /// Intercept b: a float, or shape (K,) for cross_entropy; zero with fit_intercept=False.
    #[getter]
    fn intercept_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "intercept_", |fitted| fitted.over_data("intercept_")?.intercept(py))
    }

    /// The classes in the order of their scores; only the losses of classes have them.
    #[getter]
    fn classes_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let classes = self.read(py, "classes_", |fitted| {
            Ok(fitted.over_data("classes_")?.classes(self.config().loss))
        })?;
        classes.map(|classes| array1(py, &classes)).ok_or_else(|| {
            PyAttributeError::new_err(format!(
                "{} predicts numbers and has no classes_",
                self.config().loss.name()
            ))
        })
    }

    /// Epochs completed.
    #[getter]
    fn n_epochs_(&self, py: Python<'_>) -> PyResult<u64> {
        self.read(py, "n_epochs_", |fitted| Ok(with_state!(&fitted.state, state => state.epochs())))
    }

    /// Updates of θ made.
    #[getter]
    fn n_updates_(&self, py: Python<'_>) -> PyResult<u64> {
        self.read(py, "n_updates_", |fitted| {
            Ok(with_state!(&fitted.state, state => state.updates()))
        })
    }

    /// Whether the walk has converged: a tolerance was met (``tol``, ``gtol`` or ``step_tol``), and
    /// ``history_.verdict.kind`` is "converged". A loss can settle where nothing is reached yet, at a
    /// learning rate that is too small or in a narrow valley.
    #[getter]
    fn converged_(&self, py: Python<'_>) -> PyResult<bool> {
        let history = self.read(py, "converged_", |fitted| Ok(History::of(fitted)))?;
        Ok(history.has_converged())
    }

    /// Why the walk stopped: "epochs done", "updates done" (``max_updates``), "tolerance met"
    /// (``tol``), "gradient small" (``gtol``), "steps small" (``step_tol``), "no improvement" (for
    /// ``patience`` epochs, and the loss, or that of the validation data, rises), "diverged" (it is
    /// not finite any more), "callback", "interrupted" or "failed"; "walking" while it has not.
    #[getter]
    fn stop_reason_(&self, py: Python<'_>) -> PyResult<&'static str> {
        self.read(py, "stop_reason_", |fitted| {
            Ok(fitted.stopped().map_or("walking", |reason| reason.words()))
        })
    }

    /// The seed that the order of the rows was drawn from.
    #[getter]
    fn seed_(&self, py: Python<'_>) -> PyResult<u64> {
        self.read(py, "seed_", |fitted| Ok(fitted.seed))
    }

    /// The record of the walk, a `History`.
    #[getter]
    fn history_(&self, py: Python<'_>) -> PyResult<History> {
        self.read(py, "history_", |fitted| Ok(History::of(fitted)))
    }

    /// Bytes that the fit took beyond the caller's arrays: θ, gradient, order, record, buffers.
    #[getter]
    fn memory_(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, "memory_", |fitted| {
            let walk = with_state!(&fitted.state, state => state.peak_bytes());
            Ok(walk + fitted.n_bytes_of_pass)
        })
    }

    /// The epoch, from 1, whose θ was gone back to (see ``restore_best``), or None.
    #[getter]
    fn best_epoch_(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        self.read(py, "best_epoch_", |fitted| {
            Ok(with_state!(&fitted.state, state => state.best_epoch()))
        })
    }

    /// The loss: its name, or the function that was given.
    #[getter]
    fn loss(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &self.config().function {
            Some(function) => Ok(function.clone_ref(py)),
            None => Ok(self.config().loss.name().into_pyobject(py)?.into_any().unbind()),
        }
    }

    /// The update rule, an object of gradwalk.rules, or None for the plain one.
    #[getter]
    fn rule(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.config().rule_object.as_ref().map(|rule| rule.clone_ref(py))
    }

    /// The norm that gradients are scaled to at the most before the rule, or None.
    #[getter]
    fn clip_norm(&self) -> Option<f64> {
        self.config().clip_norm
    }

    /// Strength of the penalty l1‖w‖₁.
    #[getter]
    fn l1(&self) -> f64 {
        self.config().l1
    }

    /// How l1 is taken: "proximal" or "subgradient".
    #[getter]
    fn l1_step(&self) -> &'static str {
        if self.config().l1_by_sign { "subgradient" } else { "proximal" }
    }

    /// η: the number or the function that was given.
    #[getter]
    fn learning_rate(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &self.config().learning_rate {
            LearningRate::Constant(rate) => Ok(rate.into_pyobject(py)?.into_any().unbind()),
            LearningRate::Schedule(_, object) | LearningRate::Function(object) => {
                Ok(object.clone_ref(py))
            }
        }
    }

    /// Passes over the data at each `fit`.
    #[getter]
    fn epochs(&self) -> u64 {
        self.config().epochs
    }

    /// Strength of the penalty (l2/2)‖w‖².
    #[getter]
    fn l2(&self) -> f64 {
        self.config().l2
    }

    /// Whether θ has an intercept.
    #[getter]
    fn fit_intercept(&self) -> bool {
        self.config().fit_intercept
    }

    /// K, if it was given.
    #[getter]
    fn n_classes(&self) -> Option<usize> {
        self.config().n_classes
    }

    /// The tolerance, if one was given.
    #[getter]
    fn tol(&self) -> Option<f64> {
        self.config().stop.tol
    }

    /// Idle epochs before the walk stops.
    #[getter]
    fn patience(&self) -> u64 {
        self.config().stop.patience
    }

    /// The norm of the gradient to stop at, if one was given.
    #[getter]
    fn gtol(&self) -> Option<f64> {
        self.config().stop.gtol
    }

    /// How little θ may move over an epoch, if that was given.
    #[getter]
    fn step_tol(&self) -> Option<f64> {
        self.config().stop.step_tol
    }

    /// The most updates of a walk, if they were given.
    #[getter]
    fn max_updates(&self) -> Option<u64> {
        self.config().stop.max_updates
    }

    /// Where the seed comes from: None, a number, or a Generator.
    #[getter]
    fn random_state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &self.config().random_state {
            RandomState::Fresh => Ok(py.None()),
            RandomState::Seed(seed) => Ok(seed.into_pyobject(py)?.into_any().unbind()),
            RandomState::Generator(generator) => Ok(generator.clone_ref(py)),
        }
    }

    /// Threads at the most, if it was given.
    #[getter]
    fn n_threads(&self) -> Option<usize> {
        self.config().n_threads
    }

    /// Threads that worked in the last fit: 1 where the work was too short to share.
    #[getter]
    fn n_threads_(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, "n_threads_", |fitted| Ok(fitted.n_threads))
    }

    /// Names of the columns of X, shape (d,); only a fit on a table whose columns all have words for
    /// names has them.
    #[getter]
    fn feature_names_in_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let names = self.read(py, "feature_names_in_", |fitted| {
            Ok(fitted.feature_names.as_ref().map(|names| names.words().to_vec()))
        })?;
        let Some(names) = names else {
            return Err(PyAttributeError::new_err(
                "the columns of X had no names, so there are no feature_names_in_",
            ));
        };
        let keywords = PyDict::new(py);
        keywords.set_item("dtype", "object")?;
        py.import("numpy")?.call_method("array", (names,), Some(&keywords))
    }

    /// What the history keeps: "auto", "update", a number of updates, "epoch" or None.
    #[getter]
    fn record<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.config().record {
            Record::Auto { .. } => "auto".into_bound_py_any(py),
            Record::Update => "update".into_bound_py_any(py),
            Record::Every(updates) => updates.into_bound_py_any(py),
            Record::Epoch => "epoch".into_bound_py_any(py),
            Record::Nothing => py.None().into_bound_py_any(py),
        }
    }

    /// Cap in bytes of the path and the losses of updates with ``record="auto"``.
    #[getter]
    fn path_bytes(&self) -> u64 {
        self.config().path_bytes
    }
}
