//! The base of the three classes: all that they do.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::fitted::{Fitted, with_state};
use super::shared::Shared;
use crate::python::args::config::Config;
use crate::python::args::keywords::{Call, Given, missing_attribute, table};
use crate::python::args::method::Method;
use crate::python::exceptions::not_fitted;

/// What `BatchGD`, `SGD` and `MiniBatchGD` have in common: gradient descent on
///
///     f(θ) = Σᵢ sᵢ ℓ(zᵢ, yᵢ) / Σᵢ sᵢ + l1 ‖w‖₁ + (l2/2) ‖w‖²,    zᵢ = xᵢ·w + b,  θ = (b, w)
///
/// by updates θ ← θ − η ∇f_B(θ) on batches B of the rows. Make one of the three; this class is
/// for `isinstance`.
#[pyclass(frozen, subclass, module = "gradwalk")]
pub struct GradientDescent {
    method: Method,
    config: PyOnceLock<Config>,
    pub shared: Shared,
}

impl GradientDescent {
    /// The base of a new object of a class, before `__init__`.
    pub fn new(method: Method) -> Self {
        GradientDescent { method, config: PyOnceLock::new(), shared: Shared::default() }
    }

    /// What it was made with: the defaults, if a subclass has left `__init__` uncalled.
    pub fn config(&self) -> &Config {
        Python::attach(|py| {
            let default = || Config::parse(py, self.method, None, None);
            self.config.get_or_init(py, || default().expect("defaults are valid"))
        })
    }

    fn class_name(&self) -> &'static str {
        self.method.class_name()
    }

    /// Refuses keywords that `method` does not have.
    pub fn refuse_unknown(
        &self,
        method: &str,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        if unknown.is_none() {
            return Ok(());
        }
        let class = self.class_name();
        let (name, place) = (&*format!("{class}.{method}"), &*format!("GradientDescent.{method}"));
        let other = Some((&*format!("it in the constructor, {class}("), class));
        Call { name, place, other }.refuse_unknown(unknown, |_| false)
    }

    /// Refuses what was given to `method` by place beside `first`, its arguments that may be.
    pub fn refuse_beside(
        &self,
        method: &str,
        first: (&str, &Bound<'_, PyAny>),
        others: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        let (names, last) = first;
        // A gradient in the place of x0.
        if others.is_empty() && !(names == "fun, x0" && last.is_callable()) {
            return Ok(());
        }
        let call = (self.class_name(), method, names, last, others);
        let answer = table(others.py())?.call_method1("beside", call)?;
        Err(PyTypeError::new_err(answer.extract::<String>()?))
    }

    /// Epochs and updates made so far.
    pub fn progress(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        Ok(self.shared.lock(py)?.as_ref().map_or(
            (0, 0),
            |fitted| with_state!(&fitted.state, state => (state.epochs(), state.updates())),
        ))
    }

    /// What `read` makes of the fitted model, asked for as `attribute`.
    pub fn read<T>(
        &self,
        py: Python<'_>,
        attribute: &str,
        read: impl FnOnce(&Fitted) -> PyResult<T>,
    ) -> PyResult<T> {
        match self.shared.lock(py)?.as_ref() {
            Some(fitted) => read(fitted),
            None => Err(not_fitted(py, self.class_name(), attribute)),
        }
    }

    /// A copy of the fitted model, so that the lock is not held while X is worked on.
    pub fn snapshot(&self, py: Python<'_>, attribute: &str) -> PyResult<Fitted> {
        self.read(py, attribute, |fitted| Ok(fitted.clone()))
    }
}

#[pymethods]
impl GradientDescent {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords), text_signature = "()")]
    fn refuse(
        _arguments: &Bound<'_, PyTuple>,
        _keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        Err(PyTypeError::new_err(
            "GradientDescent is what BatchGD, SGD and MiniBatchGD have in common: make one of them",
        ))
    }

    /// Takes the arguments of the class. Not by `__new__`, so that a subclass may have others.
    #[pyo3(signature = (loss=Given::NOT, *positional, **keywords))]
    fn __init__(
        &self,
        loss: Given<'_>,
        positional: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let (py, class) = (positional.py(), self.class_name());
        if !positional.is_empty() {
            let call = (class, loss.get(), positional);
            let answer = table(py)?.call_method1("by_place", call)?;
            return Err(PyTypeError::new_err(answer.extract::<String>()?));
        }
        let config = Config::parse(py, self.method, loss.get(), keywords)?;
        self.config.set(py, config).map_err(|_| {
            PyTypeError::new_err(format!(
                "this {class} has its arguments already: make another one with the new ones"
            ))
        })
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("{}({})", slf.get_type().name()?, slf.get().config().given))
    }

    /// The model as a notebook shows it.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("gradwalk.display")?.call_method1("model", (slf,))
    }

    /// Called for an attribute that a model does not have.
    fn __getattr__<'py>(
        slf: &Bound<'py, Self>,
        word: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        missing_attribute(slf.as_any(), "model", word)
    }
}
