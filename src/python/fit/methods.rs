//! `fit`, `partial_fit` and `steps` of the three classes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::run::{Begin, FitArguments};
use super::steps::Steps;
use super::{fit, progress};
use crate::python::args::keywords::Given;
use crate::python::model::gradient_descent::GradientDescent;

#[pymethods]
impl GradientDescent {
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
    ///     θ to start from, intercept first; zeros by default. Or a pair (w, b) with w of shape
    ///     (d,), or (d, K) beside K numbers b.
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
    ///     The loss or θ is not finite any more, and ``params_`` is the last finite θ; or, of `fit`
    ///     alone, the walk diverges by its verdict though all is finite. (The losses of `partial_fit`
    ///     may be those of other data each time.)
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
        this.refuse_unknown("fit", unknown)?;
        this.refuse_beside("fit", ("X, y", y), others)?;
        let (restore_best, full_loss) = (restore_best.get(), full_loss.get());
        let display = progress::open(slf.as_any(), progress.get(), "samples")?;
        let arguments = FitArguments {
            sample_weight,
            init,
            order,
            batching: None,
            validation,
            restore_best,
            full_loss,
            callback,
            display: display.as_ref(),
        };
        fit(this.config(), &this.shared, Begin::Anew, X, y, arguments)?;
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
        this.refuse_unknown("partial_fit", unknown)?;
        this.refuse_beside("partial_fit", ("X, y", y), others)?;
        let display = progress::open(slf.as_any(), progress.get(), "samples")?;
        let display = display.as_ref();
        let arguments = FitArguments { sample_weight, order, display, ..Default::default() };
        fit(this.config(), &this.shared, Begin::Onward, X, y, arguments)?;
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
        slf.get().refuse_unknown("steps", unknown)?;
        slf.get().refuse_beside("steps", ("X, y", y), others)?;
        let full_loss = full_loss.get();
        let arguments =
            FitArguments { sample_weight, init, order, full_loss, ..Default::default() };
        Steps::begin(&slf, X, y, arguments)
    }
}
