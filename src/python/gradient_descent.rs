//! The base of the three classes: all that they do.

use numpy::PyArray1;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::arguments::describe;
use super::arrays::array1;
use super::config::{Config, FIT_ARGUMENTS, LearningRate, Method, RandomState};
use super::errors::not_fitted;
use super::fitting::{self, Begin, FitArguments, Shared};
use super::history::History;
use super::keywords::{Call, Given};
use super::model::{Fitted, with_state};
use super::predicting::{self, Output};
use crate::history::Record;
use crate::stop::StopReason;

/// What `BatchGD`, `SGD` and `MiniBatchGD` have in common: gradient descent on
///
///     f(θ) = Σᵢ sᵢ ℓ(zᵢ, yᵢ) / Σᵢ sᵢ + (l2/2) ‖w‖²,    zᵢ = xᵢ·w + b,  θ = (b, w)
///
/// by updates θ ← θ − η ∇f_B(θ) on batches B of the rows. Make one of the three; this class is
/// for `isinstance`.
#[pyclass(frozen, subclass, module = "gradwalk")]
pub struct GradientDescent {
    pub(super) config: Config,
    shared: Shared,
}

impl GradientDescent {
    /// The base of a new object of a class.
    pub(super) fn new(
        method: Method,
        loss: &Given<'_>,
        positional: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        if let Ok(first) = positional.get_item(0) {
            let class = method.class_name();
            let is_data = loss.get().is_some_and(|loss| !loss.is_instance_of::<PyString>());
            return Err(PyTypeError::new_err(if is_data {
                format!("{class} takes no data: they go to {class}().fit(X, y)")
            } else {
                format!(
                    "{class} takes only loss without its name; got {} beside it. Write \
                     learning_rate={}, or whichever argument is meant",
                    describe(&first),
                    first.repr()?
                )
            }));
        }
        let config = Config::parse(method, loss.get(), keywords)?;
        Ok(GradientDescent { config, shared: Shared::default() })
    }

    fn class_name(&self) -> &'static str {
        self.config.method.class_name()
    }

    /// Refuses keywords that `method` does not have.
    fn refuse_unknown(
        &self,
        method: &str,
        arguments: &str,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let class = self.class_name();
        let other =
            Some((&*format!("it in the constructor, {class}("), &*self.config.method.arguments()));
        Call { name: &format!("{class}.{method}"), arguments, other }.refuse_unknown(unknown)
    }

    /// What `read` makes of the fitted model, asked for as `attribute`.
    fn read<T>(
        &self,
        py: Python<'_>,
        attribute: &str,
        read: impl FnOnce(&Fitted) -> PyResult<T>,
    ) -> PyResult<T> {
        match self.shared.lock(py).as_ref() {
            Some(fitted) => read(fitted),
            None => Err(not_fitted(py, self.class_name(), attribute)),
        }
    }

    /// A copy of the fitted model, so that the lock is not held while X is worked on.
    fn snapshot(&self, py: Python<'_>, attribute: &str) -> PyResult<Fitted> {
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

    /// Walks from the start for `epochs` epochs.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features. C-ordered float32 and float64 are read where they lie and never
    ///     copied; anything else is converted by one copy. Don't write to X meanwhile.
    /// y : array_like of shape (n,) or (n, 1)
    ///     Targets. For ``cross_entropy`` class numbers 0 … K−1, or one-hot rows (n, K).
    /// sample_weight : array_like of shape (n,), optional
    ///     Weights sᵢ of at least 0; 1 each by default.
    /// init : array_like of the shape of ``params_``, optional
    ///     θ to start from, intercept first; zeros by default.
    /// order : array_like of int, shape (epochs, k), or a list of 1-D arrays, optional
    ///     The rows of each epoch, to replay what a notebook drew with NumPy; cut into batches in
    ///     turn, repeats allowed. Overrides ``sampling``.
    /// full_loss : bool, default False
    ///     Evaluate f on all rows at the start and after each epoch (``history_.full_loss``).
    ///
    /// Returns
    /// -------
    /// self
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError
    ///     An argument is not what it must be, or X or y has a NaN or an infinity in a row that
    ///     was visited. The message names the argument, what was expected, and what came.
    /// KeyboardInterrupt
    ///     The stop button. What was walked so far is kept.
    ///
    /// Warns
    /// -----
    /// DivergenceWarning
    ///     The loss or θ is not finite any more. ``params_`` is the last finite θ.
    #[pyo3(
        signature = (X, y, *, sample_weight=None, init=None, order=None, full_loss=Given::NOT, **unknown),
        text_signature = "($self, X, y, *, sample_weight=None, init=None, order=None, full_loss=False)"
    )]
    #[allow(non_snake_case, clippy::too_many_arguments)]
    fn fit<'py>(
        slf: Bound<'py, Self>,
        X: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        init: Option<&Bound<'py, PyAny>>,
        order: Option<&Bound<'py, PyAny>>,
        full_loss: Given<'py>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Self>> {
        let this = slf.get();
        this.refuse_unknown("fit", FIT_ARGUMENTS, unknown)?;
        let arguments = FitArguments { sample_weight, init, order, full_loss: full_loss.get() };
        fitting::fit(&this.config, &this.shared, Begin::Anew, X, y, arguments)?;
        Ok(slf)
    }

    /// Walks one more epoch from where the last one ended; a first call starts at zeros.
    ///
    /// Every state goes on: θ, the update counter t, the epoch and with it the order, the history.
    /// Ten calls give the same bits as `fit` with ten epochs.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as before.
    /// y : array_like of shape (n,) or (n, 1)
    ///     Targets.
    /// sample_weight : array_like of shape (n,), optional
    ///     Weights of at least 0.
    /// order : array_like of int, shape (k,) or (1, k), optional
    ///     The rows of this epoch.
    ///
    /// Returns
    /// -------
    /// self
    ///
    /// See Also
    /// --------
    /// fit : from the start; says what is raised and warned of.
    #[pyo3(
        signature = (X, y, *, sample_weight=None, order=None, **unknown),
        text_signature = "($self, X, y, *, sample_weight=None, order=None)"
    )]
    #[allow(non_snake_case)]
    fn partial_fit<'py>(
        slf: Bound<'py, Self>,
        X: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        order: Option<&Bound<'py, PyAny>>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Self>> {
        let this = slf.get();
        this.refuse_unknown("partial_fit", "X, y, sample_weight, order", unknown)?;
        let arguments = FitArguments { sample_weight, init: None, order, full_loss: None };
        fitting::fit(&this.config, &this.shared, Begin::Onward, X, y, arguments)?;
        Ok(slf)
    }

    /// Linear scores z = X w + b.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    ///
    /// Returns
    /// -------
    /// ndarray of shape (n,), or (n, K) for cross_entropy
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X))]
    #[allow(non_snake_case)]
    fn decision_function<'py>(&self, X: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let fitted = self.snapshot(X.py(), "decision_function")?;
        predicting::output(&self.config, &fitted, X, Output::Scores)
    }

    /// Predictions: z for the losses of real targets, σ(z) and tanh z for the one neuron losses,
    /// and for the losses of classes the class, labelled as in `fit`.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    ///
    /// Returns
    /// -------
    /// ndarray of shape (n,), int64 for classes
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X))]
    #[allow(non_snake_case)]
    fn predict<'py>(&self, X: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let fitted = self.snapshot(X.py(), "predict")?;
        predicting::output(&self.config, &fitted, X, Output::Prediction)
    }

    /// Probabilities of the classes in the order of `classes_`: 1 − σ(z) and σ(z) for log_loss, the
    /// softmax of the scores for cross_entropy. Other losses have none: TypeError.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    ///
    /// Returns
    /// -------
    /// ndarray of shape (n, 2), or (n, K) for cross_entropy
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X))]
    #[allow(non_snake_case)]
    fn predict_proba<'py>(&self, X: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let fitted = self.snapshot(X.py(), "predict_proba")?;
        predicting::output(&self.config, &fitted, X, Output::Probabilities)
    }

    /// How well the predictions fit: R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)² for real targets, the share of
    /// right predictions for classes.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features, as many columns as in `fit`.
    /// y : array_like of shape (n,) or (n, 1)
    ///     Targets, as in `fit`.
    ///
    /// Returns
    /// -------
    /// float
    ///
    /// Raises
    /// ------
    /// NotFittedError
    ///     There was no fit yet.
    /// TypeError, ValueError
    ///     X or y is not what it must be, or a row has a NaN or an infinity.
    #[pyo3(signature = (X, y))]
    #[allow(non_snake_case)]
    fn score(&self, X: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>) -> PyResult<f64> {
        let fitted = self.snapshot(X.py(), "score")?;
        predicting::score(&self.config, &fitted, X, y)
    }

    /// θ, intercept first: shape (d + 1,), or (d + 1, K) for cross_entropy; d rows without an
    /// intercept. A copy.
    #[getter]
    fn params_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "params_", |fitted| fitted.params(py))
    }

    /// Weights w of the features: shape (d,), or (K, d) for cross_entropy.
    #[getter]
    fn coef_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "coef_", |fitted| fitted.coef(py, self.config.fit_intercept))
    }

    /// Intercept b: a float, or shape (K,) for cross_entropy; zero with fit_intercept=False.
    #[getter]
    fn intercept_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "intercept_", |fitted| fitted.intercept(py, self.config.fit_intercept))
    }

    /// The classes in the order of their scores; only the losses of classes have them.
    #[getter]
    fn classes_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let classes = self.read(py, "classes_", |fitted| Ok(fitted.classes(self.config.loss)))?;
        classes.map(|classes| array1(py, &classes)).ok_or_else(|| {
            PyAttributeError::new_err(format!(
                "{} predicts numbers and has no classes_",
                self.config.loss.name()
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

    /// Whether the walk stopped because its loss had settled (see ``tol``).
    #[getter]
    fn converged_(&self, py: Python<'_>) -> PyResult<bool> {
        self.read(py, "converged_", |fitted| Ok(fitted.stopped() == Some(StopReason::ToleranceMet)))
    }

    /// Why the walk stopped: "epochs done", "tolerance met", "diverged", "interrupted" or
    /// "failed"; "walking" while it has not.
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
    /// Copies that NumPy made of arrays in another layout or dtype are not in it.
    #[getter]
    fn memory_(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, "memory_", |fitted| {
            let walk = with_state!(&fitted.state, state => state.peak_bytes());
            Ok(walk + fitted.n_bytes_of_pass)
        })
    }

    /// The loss, by name.
    #[getter]
    fn loss(&self) -> &'static str {
        self.config.loss.name()
    }

    /// η: the number or the function that was given.
    #[getter]
    fn learning_rate(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &self.config.learning_rate {
            LearningRate::Constant(rate) => Ok(rate.into_pyobject(py)?.into_any().unbind()),
            LearningRate::Function(function) => Ok(function.clone_ref(py)),
        }
    }

    /// Passes over the data at each `fit`.
    #[getter]
    fn epochs(&self) -> u64 {
        self.config.epochs
    }

    /// Strength of the penalty (l2/2)‖w‖².
    #[getter]
    fn l2(&self) -> f64 {
        self.config.l2
    }

    /// Whether θ has an intercept.
    #[getter]
    fn fit_intercept(&self) -> bool {
        self.config.fit_intercept
    }

    /// K, if it was given.
    #[getter]
    fn n_classes(&self) -> Option<usize> {
        self.config.n_classes
    }

    /// The tolerance, if one was given.
    #[getter]
    fn tol(&self) -> Option<f64> {
        self.config.tol
    }

    /// Idle epochs before the walk stops.
    #[getter]
    fn patience(&self) -> u64 {
        self.config.patience
    }

    /// Where the seed comes from: None, a number, or a Generator.
    #[getter]
    fn random_state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &self.config.random_state {
            RandomState::Fresh => Ok(py.None()),
            RandomState::Seed(seed) => Ok(seed.into_pyobject(py)?.into_any().unbind()),
            RandomState::Generator(generator) => Ok(generator.clone_ref(py)),
        }
    }

    /// What the history keeps: "auto", "update", "epoch" or None.
    #[getter]
    fn record(&self) -> Option<&'static str> {
        match self.config.record {
            Record::Auto { .. } => Some("auto"),
            Record::Update => Some("update"),
            Record::Epoch => Some("epoch"),
            Record::Nothing => None,
        }
    }

    /// Cap in bytes of the path and the losses of updates with ``record="auto"``.
    #[getter]
    fn path_bytes(&self) -> u64 {
        self.config.path_bytes
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("{}({})", slf.get_type().name()?, slf.get().config.given))
    }

    /// Everything is done in `__new__`; this lets a derived class call `super().__init__(…)`.
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn __init__(&self, _arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) {}
}
