//! The base of the three classes: all that they do.

use numpy::PyArray1;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::fitted::{Fitted, with_state};
use super::history::History;
use super::predictions::{self, Output};
use super::shared::Shared;
use crate::history::Record;
use crate::python::args::config::{Config, FIT_ARGUMENTS, LearningRate, Method, RandomState};
use crate::python::args::keywords::{Call, Given, missing_attribute, table};
use crate::python::arrays::array1;
use crate::python::exceptions::not_fitted;
use crate::python::fit::progress;
use crate::python::fit::steps::Steps;
use crate::python::fit::{self, Begin, FitArguments};
use crate::python::landscapes::LandscapeSum;
use crate::python::minimize::{self, MinimizeArguments};
use crate::python::save;

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
    pub(in crate::python) shared: Shared,
}

impl GradientDescent {
    /// The base of a new object of a class, before `__init__`.
    pub(in crate::python) fn new(method: Method) -> Self {
        GradientDescent { method, config: PyOnceLock::new(), shared: Shared::default() }
    }

    /// What it was made with: the defaults, if a subclass has left `__init__` uncalled.
    pub(in crate::python) fn config(&self) -> &Config {
        Python::attach(|py| {
            let default = || Config::parse(py, self.method, None, None);
            self.config.get_or_init(py, || default().expect("defaults are valid"))
        })
    }

    fn class_name(&self) -> &'static str {
        self.method.class_name()
    }

    /// Refuses keywords that `method` does not have.
    fn refuse_unknown(
        &self,
        method: &str,
        arguments: &str,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let class = self.class_name();
        let other = Some((&*format!("it in the constructor, {class}("), &*self.method.arguments()));
        Call { name: &format!("{class}.{method}"), arguments, other }.refuse_unknown(unknown)
    }

    /// Refuses what was given to `method` by place beside `first`, its arguments that may be.
    fn refuse_beside(
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
    pub(in crate::python) fn progress(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        Ok(self.shared.lock(py)?.as_ref().map_or(
            (0, 0),
            |fitted| with_state!(&fitted.state, state => (state.epochs(), state.updates())),
        ))
    }

    /// What `read` makes of the fitted model, asked for as `attribute`.
    fn read<T>(
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

    /// Walks from the start for `epochs` epochs.
    ///
    /// Parameters
    /// ----------
    /// X : array_like of shape (n, d)
    ///     Rows of features. They are read where they lie and never copied, in whatever order,
    ///     float32 and float64 in place and any other real numbers some rows at a time, objects
    ///     (`Decimal`, `Fraction`, mixed ones) too, which are read on one thread. Tables of
    ///     pandas, polars and Arrow go in as `numpy.asarray` sees them, those whose columns have
    ///     no common dtype as doubles; the names of their columns are kept. Don't write to X
    ///     meanwhile: the walk would see other numbers.
    /// y : array_like of shape (n,) or (n, 1)
    ///     Targets. For ``cross_entropy`` class numbers 0 … K−1, or one-hot rows (n, K). Objects
    ///     that are numbers become doubles, here and in what follows.
    /// sample_weight : array_like of shape (n,), optional
    ///     Weights sᵢ of at least 0; 1 each by default.
    /// init : array_like of the shape of ``params_``, optional
    ///     θ to start from, intercept first; zeros by default.
    /// order : array_like of int, shape (epochs, k), or a list of 1-D arrays, optional
    ///     The rows of each epoch, to replay what a notebook drew with NumPy; cut into batches in
    ///     turn, repeats allowed. Overrides ``sampling``.
    /// validation : (X, y) or float, optional
    ///     Data to watch the walk on: their mean loss after each epoch is
    ///     ``history_.validation_loss``, and `tol` goes by it. A number above 0 and below 1 holds
    ///     that share of the rows out, drawn by the seed.
    /// restore_best : bool, default False
    ///     Go back, at the end, to the θ whose validation loss (or full loss) was the lowest.
    /// full_loss : bool, default False
    ///     Evaluate f on all rows at the start and after each epoch (``history_.full_loss``).
    ///     Without validation data `tol` goes by it.
    /// callback : callable, optional
    ///     Called with a `Step` after each epoch; the walk stops if it returns True.
    /// progress : bool or "live", default False
    ///     True draws a bar with the epoch, the loss, η, samples a second and the time left: that of
    ///     tqdm where it is installed, else a line of text. "live" draws the loss curve anew in the
    ///     cell of a notebook, and the bar elsewhere. The result has the same bits. See
    ///     `gradwalk.progress`, for displays of your own, too.
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
    /// UserWarning
    ///     X has a column of ones beside the intercept, y has one class alone, or a class that was
    ///     inferred from its largest label has no rows. The message says what to write.
    /// RuntimeWarning
    ///     The display of progress failed. The walk went on without it.
    #[pyo3(
        signature = (X, y, *others, sample_weight=None, init=None, order=None, validation=None, restore_best=Given::NOT, full_loss=Given::NOT, callback=None, progress=Given::NOT, **unknown),
        text_signature = "($self, X, y, *, sample_weight=None, init=None, order=None, validation=None, restore_best=False, full_loss=False, callback=None, progress=False)"
    )]
    #[allow(non_snake_case, clippy::too_many_arguments)]
    fn fit<'py>(
        slf: Bound<'py, Self>,
        X: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        others: &Bound<'py, PyTuple>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        init: Option<&Bound<'py, PyAny>>,
        order: Option<&Bound<'py, PyAny>>,
        validation: Option<&Bound<'py, PyAny>>,
        restore_best: Given<'py>,
        full_loss: Given<'py>,
        callback: Option<&Bound<'py, PyAny>>,
        progress: Given<'py>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Self>> {
        let this = slf.get();
        this.refuse_unknown("fit", FIT_ARGUMENTS, unknown)?;
        this.refuse_beside("fit", ("X, y", y), others)?;
        let (restore_best, full_loss) = (restore_best.get(), full_loss.get());
        let display = progress::open(slf.as_any(), progress.get(), "samples")?;
        let arguments = FitArguments {
            sample_weight,
            init,
            order,
            validation,
            restore_best,
            full_loss,
            callback,
            display: display.as_ref(),
        };
        fit::fit(this.config(), &this.shared, Begin::Anew, X, y, arguments)?;
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
    ///     Targets, with labels as in the first call.
    /// sample_weight : array_like of shape (n,), optional
    ///     Weights of at least 0; 1 each by default. They are divided by the mean weight of the
    ///     first call, so that later rows weigh against the first ones.
    /// order : array_like of int, shape (k,) or (1, k), optional
    ///     The rows of this epoch.
    /// progress : bool or "live", default False
    ///     As in `fit`, for this epoch.
    ///
    /// Returns
    /// -------
    /// self
    ///
    /// See Also
    /// --------
    /// fit : from the start; says what is raised and warned of.
    #[pyo3(
        signature = (X, y, *others, sample_weight=None, order=None, progress=Given::NOT, **unknown),
        text_signature = "($self, X, y, *, sample_weight=None, order=None, progress=False)"
    )]
    #[allow(non_snake_case, clippy::too_many_arguments)]
    fn partial_fit<'py>(
        slf: Bound<'py, Self>,
        X: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        others: &Bound<'py, PyTuple>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        order: Option<&Bound<'py, PyAny>>,
        progress: Given<'py>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Self>> {
        let this = slf.get();
        this.refuse_unknown("partial_fit", "X, y, sample_weight, order, progress", unknown)?;
        this.refuse_beside("partial_fit", ("X, y", y), others)?;
        let display = progress::open(slf.as_any(), progress.get(), "samples")?;
        let display = display.as_ref();
        let arguments = FitArguments { sample_weight, order, display, ..Default::default() };
        fit::fit(this.config(), &this.shared, Begin::Onward, X, y, arguments)?;
        Ok(slf)
    }

    /// Walks from the start, update by update: an iterator over `Step`.
    ///
    /// Each step says what was drawn, its loss and gradient, η, and θ before and after. It has the
    /// bits of `fit`. Leave the loop when you like: the model stands where the walk stood, and the
    /// same iterator goes on from there.
    ///
    /// Parameters
    /// ----------
    /// X, y, sample_weight, init, order, full_loss
    ///     As in `fit`.
    ///
    /// Returns
    /// -------
    /// Iterator of Step
    ///     `.epoch .update .rows .loss .learning_rate .params_before .params .grad`
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, gradwalk as gw
    /// >>> X = np.array([[1.0], [2.0]]); y = np.array([2.0, 4.0])
    /// >>> model = gw.BatchGD(learning_rate=0.1, epochs=2, fit_intercept=False)
    /// >>> [(step.update, round(step.loss, 3)) for step in model.steps(X, y)]
    /// [(1, 10.0), (2, 2.5)]
    #[pyo3(
        signature = (X, y, *others, sample_weight=None, init=None, order=None, full_loss=Given::NOT, **unknown),
        text_signature = "($self, X, y, *, sample_weight=None, init=None, order=None, full_loss=False)"
    )]
    #[allow(non_snake_case, clippy::too_many_arguments)]
    fn steps<'py>(
        slf: Bound<'py, Self>,
        X: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        others: &Bound<'py, PyTuple>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        init: Option<&Bound<'py, PyAny>>,
        order: Option<&Bound<'py, PyAny>>,
        full_loss: Given<'py>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Steps> {
        let known = "X, y, sample_weight, init, order, full_loss";
        slf.get().refuse_unknown("steps", known, unknown)?;
        slf.get().refuse_beside("steps", ("X, y", y), others)?;
        let full_loss = full_loss.get();
        let arguments =
            FitArguments { sample_weight, init, order, full_loss, ..Default::default() };
        Steps::begin(&slf, X, y, arguments)
    }

    /// Walks down a function of the user's, or a landscape, in SciPy's words.
    ///
    /// Parameters
    /// ----------
    /// fun : callable or landscape
    ///     f(x) -> float, with x an ndarray of the shape of x0, or a number where x0 is one; or one
    ///     of `gradwalk.landscapes`, which is walked in Rust. With `n_terms` fun(x, rows) -> float,
    ///     the mean of these terms.
    /// x0 : array_like or float
    ///     Where to start. Of a number `x` and `path` are numbers, too.
    /// jac : callable, True or None
    ///     The gradient, of the shape of x: a function (called like fun), True if fun returns
    ///     (value, gradient), or None for central differences (2p more calls of fun an update).
    /// n_terms : int, optional
    ///     Terms of a finite sum, the part of the rows: SGD takes one at every update, MiniBatchGD
    ///     batch_size, BatchGD all. Without it f is one term, and the three methods are the same.
    /// gtol : float, optional
    ///     Stop after an epoch whose full gradient has at most this (Euclidean) norm.
    /// callback : callable, optional
    ///     Called with a `Step` after each epoch; the walk stops if it returns True.
    /// progress : bool or "live", default False
    ///     As in `fit`.
    ///
    /// Returns
    /// -------
    /// DescentResult
    ///     `x`, `fun` (f(x) on all terms), `nit` (updates), `nfev`, `njev`,
    ///     `success`, `status` (0 tolerance met, 1 epochs done, 2 diverged, also where f ends above
    ///     f(x0), 4 stopped by the callback), `message`, `path`, `history`. `success` is True where
    ///     a tolerance was met and the verdict is "converged", or where none was given and all epochs
    ///     are done. Penalties l1 and l2 act on all of x.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError
    ///     An argument, or what a function returned, is not what it must be. Exceptions of the
    ///     functions themselves surface unchanged; the walk so far is kept in the model.
    ///
    /// Examples
    /// --------
    /// >>> import gradwalk as gw
    /// >>> gd = gw.BatchGD(learning_rate=0.1, epochs=100)
    /// >>> result = gd.minimize(lambda x: (x - 3) ** 2, 0.0, jac=lambda x: 2 * (x - 3))
    /// >>> round(result.x, 6)
    /// 3.0
    /// >>> result = gd.minimize(lambda x: x[0] ** 2 + (x[1] - 1) ** 2, [5.0, 5.0])
    /// >>> result.x.round(6)
    /// array([0., 1.])
    #[pyo3(
        signature = (fun, x0, *others, jac=None, n_terms=None, gtol=None, callback=None, progress=Given::NOT, **unknown),
        text_signature = "($self, fun, x0, *, jac=None, n_terms=None, gtol=None, callback=None, progress=False)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn minimize<'py>(
        slf: &Bound<'py, Self>,
        fun: &Bound<'py, PyAny>,
        x0: &Bound<'py, PyAny>,
        others: &Bound<'py, PyTuple>,
        jac: Option<&Bound<'py, PyAny>>,
        n_terms: Option<&Bound<'py, PyAny>>,
        gtol: Option<&Bound<'py, PyAny>>,
        callback: Option<&Bound<'py, PyAny>>,
        progress: Given<'py>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let this = slf.get();
        let known = "fun, x0, jac, n_terms, gtol, callback, progress";
        this.refuse_unknown("minimize", known, unknown)?;
        this.refuse_beside("minimize", ("fun, x0", x0), others)?;
        let has_terms = n_terms.is_some() || fun.is_instance_of::<LandscapeSum>();
        let unit = if has_terms { "terms" } else { "updates" };
        let display = progress::open(slf.as_any(), progress.get(), unit)?;
        let display = display.as_ref();
        let arguments = MinimizeArguments { jac, n_terms, gtol, callback, display };
        minimize::minimize(this.config(), &this.shared, fun, x0, &arguments)
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
    #[pyo3(signature = (X, **unknown), text_signature = "($self, X)")]
    #[allow(non_snake_case)]
    fn decision_function<'py>(
        &self,
        X: &Bound<'py, PyAny>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unknown("decision_function", "X", unknown)?;
        let fitted = self.snapshot(X.py(), "decision_function")?;
        predictions::output(self.config(), &fitted, X, Output::Scores)
    }

    /// Predictions: what `BatchGD` says of the loss, such as z, or the class, labelled as in `fit`.
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
    #[pyo3(signature = (X, **unknown), text_signature = "($self, X)")]
    #[allow(non_snake_case)]
    fn predict<'py>(
        &self,
        X: &Bound<'py, PyAny>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unknown("predict", "X", unknown)?;
        let fitted = self.snapshot(X.py(), "predict")?;
        predictions::output(self.config(), &fitted, X, Output::Prediction)
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
    #[pyo3(signature = (X, **unknown), text_signature = "($self, X)")]
    #[allow(non_snake_case)]
    fn predict_proba<'py>(
        &self,
        X: &Bound<'py, PyAny>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unknown("predict_proba", "X", unknown)?;
        let fitted = self.snapshot(X.py(), "predict_proba")?;
        predictions::output(self.config(), &fitted, X, Output::Probabilities)
    }

    /// How well the predictions fit: R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)² for real targets, where ŷ is e^z
    /// the same of deviances, D² = 1 − D(y, ŷ)/D(y, ȳ) with D = Σ y ln(y/ŷ) − y + ŷ, the share of
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
    #[pyo3(signature = (X, y, **unknown), text_signature = "($self, X, y)")]
    #[allow(non_snake_case)]
    fn score(
        &self,
        X: &Bound<'_, PyAny>,
        y: &Bound<'_, PyAny>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<f64> {
        self.refuse_unknown("score", "X, y", unknown)?;
        let fitted = self.snapshot(X.py(), "score")?;
        predictions::score(self.config(), &fitted, X, y)
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
        self.read(py, "coef_", |fitted| {
            fitted.over_data("coef_")?.coef(py, self.config().fit_intercept)
        })
    }

    /// Intercept b: a float, or shape (K,) for cross_entropy; zero with fit_intercept=False.
    #[getter]
    fn intercept_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "intercept_", |fitted| {
            fitted.over_data("intercept_")?.intercept(py, self.config().fit_intercept)
        })
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

    /// Whether the walk has converged: a tolerance was met (see ``tol``), and
    /// ``history_.verdict.kind`` is "converged". A loss can settle where nothing is reached yet, at a
    /// learning rate that is too small or in a narrow valley.
    #[getter]
    fn converged_(&self, py: Python<'_>) -> PyResult<bool> {
        let history = self.read(py, "converged_", |fitted| Ok(History::of(fitted)))?;
        Ok(history.has_converged())
    }

    /// Why the walk stopped: "epochs done", "tolerance met", "no improvement" (for ``patience``
    /// epochs, and the loss, or that of the validation data, rises), "diverged" (it is not finite
    /// any more), "callback", "interrupted" or "failed"; "walking" while it has not.
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

    /// Strength of the penalty l1‖w‖₁.
    #[getter]
    fn l1(&self) -> f64 {
        self.config().l1
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
        self.config().tol
    }

    /// Idle epochs before the walk stops.
    #[getter]
    fn patience(&self) -> u64 {
        self.config().patience
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

    /// What the history keeps: "auto", "update", "epoch" or None.
    #[getter]
    fn record(&self) -> Option<&'static str> {
        match self.config().record {
            Record::Auto { .. } => Some("auto"),
            Record::Update => Some("update"),
            Record::Epoch => Some("epoch"),
            Record::Nothing => None,
        }
    }

    /// Cap in bytes of the path and the losses of updates with ``record="auto"``.
    #[getter]
    fn path_bytes(&self) -> u64 {
        self.config().path_bytes
    }

    /// Writes the model to a file, to be read by `gradwalk.load`.
    ///
    /// Everything is kept, to the last bit: the arguments, θ, the counts, the record, and what
    /// `partial_fit` goes on with. The file is a NumPy archive of plain arrays and numbers, whose
    /// names `numpy.load` shows, and reading it executes nothing.
    ///
    /// Parameters
    /// ----------
    /// path : str or path-like
    ///     Where to; ".npz" is added where it is missing. The file is written beside the place and
    ///     then moved there: one that was there stays as it is if that fails.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     The loss or the learning rate is a function, or the class is one of your own: a file
    ///     that executes nothing cannot hold them. Pickle keeps those that can be imported.
    /// OSError
    ///     The file cannot be written.
    ///
    /// See Also
    /// --------
    /// gradwalk.load : reads the file.
    ///
    /// Examples
    /// --------
    /// >>> import os, tempfile, numpy as np, gradwalk as gw
    /// >>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
    /// >>> model = gw.BatchGD(learning_rate=0.2, epochs=200).fit(X, y)
    /// >>> path = os.path.join(tempfile.mkdtemp(), "line.npz")
    /// >>> model.save(path)
    /// >>> gw.load(path).partial_fit(X, y).n_epochs_
    /// 201
    #[pyo3(signature = (path))]
    fn save(slf: &Bound<'_, Self>, path: &Bound<'_, PyAny>) -> PyResult<()> {
        slf.py().import("gradwalk.saving")?.call_method1("save", (slf, path))?;
        Ok(())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        save::reduce_model(slf)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("{}({})", slf.get_type().name()?, slf.get().config().given))
    }

    /// The model as a notebook shows it.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("gradwalk.display")?.call_method1("model", (slf,))
    }

    /// Asked for what a model has not.
    fn __getattr__<'py>(
        slf: &Bound<'py, Self>,
        word: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        missing_attribute(slf.as_any(), "model", word)
    }
}
