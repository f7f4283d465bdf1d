//! `minimize` of the three classes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::{MinimizeArguments, minimize};
use crate::python::args::keywords::Given;
use crate::python::fit::progress;
use crate::python::landscapes::LandscapeSum;
use crate::python::model::gradient_descent::GradientDescent;

#[pymethods]
impl GradientDescent {
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
    /// callback : callable, optional
    ///     Called with a `Step` after each epoch; the walk stops if it returns True.
    /// progress : bool or "live", default False
    ///     As in `fit`.
    ///
    /// Returns
    /// -------
    /// DescentResult
    ///     `x`, `fun` (f(x) on all terms), `nit` (updates), `nfev`, `njev`,
    ///     `success`, `status` (0 a tolerance met, 1 epochs or updates done, 2 diverged, also where f ends above
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
        signature = (fun, x0, *others, jac=None, n_terms=None, callback=None, progress=Given::NOT, **unknown),
        text_signature = "($self, fun, x0, *, jac=None, n_terms=None, callback=None, progress=False)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn minimize<'py>(
        slf: &Bound<'py, Self>,
        fun: &Bound<'py, PyAny>,
        x0: &Bound<'py, PyAny>,
        others: &Bound<'py, PyTuple>,
        jac: Option<&Bound<'py, PyAny>>,
        n_terms: Option<&Bound<'py, PyAny>>,
        callback: Option<&Bound<'py, PyAny>>,
        progress: Given<'py>,
        unknown: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let this = slf.get();
        this.refuse_unknown("minimize", unknown)?;
        this.refuse_beside("minimize", ("fun, x0", x0), others)?;
        let has_terms = n_terms.is_some() || fun.is_instance_of::<LandscapeSum>();
        let unit = if has_terms { "terms" } else { "updates" };
        let display = progress::open(slf.as_any(), progress.get(), unit)?;
        let display = display.as_ref();
        let arguments = MinimizeArguments { jac, n_terms, callback, display };
        minimize(this.config(), &this.shared, fun, x0, &arguments)
    }
}
