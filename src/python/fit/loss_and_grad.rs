//! Functions of the module.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::data::Sums;
use crate::error::try_filled;
use crate::objective::{Mean, Objective, Penalty};
use crate::python::args::config::Loss;
use crate::python::args::keywords::{Call, Given};
use crate::python::args::scalars::{flag, not_negative};
use crate::python::args::threads;
use crate::python::arrays::memory::Matrix;
use crate::python::arrays::params::{self, ParamsShape};
use crate::python::arrays::passes::in_slices;
use crate::python::arrays::targets::{self, Targets};
use crate::python::arrays::{Features, row_indices, with_features};
use crate::python::model::fitted::{Precision, shaped};
use crate::rows::{MOST_ROWS, RowSet};
use crate::threads::ThreadPool;

/// The objective and its gradient on some rows, at given parameters.
///
///     f_B(θ) = (1/m) Σ_{i∈B} (sᵢ/s̄) ℓᵢ(θ) + (l2/2) ‖w‖²
///
/// with s̄ the mean weight of all rows of X, so that all rows together give Σ sᵢℓᵢ / Σ sᵢ + penalty.
///
/// Parameters
/// ----------
/// X : array_like of shape (n, d)
///     Rows of features.
/// y : array_like of shape (n,) or (n, 1)
///     Targets.
/// params : array_like of shape (d + 1,), or (d + 1, K) for cross_entropy
///     θ, intercept first; without it if fit_intercept is False. Or a pair (w, b).
/// loss : str, default "mse"
///     As in `BatchGD`.
/// rows : array_like of int, optional
///     The rows of the batch, repeats allowed; all by default.
/// sample_weight : array_like of shape (n,), optional
///     Weights sᵢ of at least 0.
/// l2 : float, default 0.0
///     Strength of the penalty.
/// fit_intercept : bool, default True
///     Whether θ begins with an intercept.
///
/// Returns
/// -------
/// loss : float
///     f_B(θ); not finite where it overflows.
/// grad : ndarray of the shape of params
///     ∇f_B(θ).
///
/// Raises
/// ------
/// TypeError, ValueError
///     An argument is not what it must be.
///
/// Examples
/// --------
/// >>> import numpy as np, gradwalk as gw
/// >>> X = np.array([[1.0], [2.0]]); y = np.array([1.0, 2.0])
/// >>> loss, grad = gw.loss_and_grad(X, y, [0.0, 0.0])
/// >>> loss, grad.tolist()
/// (2.5, [-3.0, -5.0])
#[pyfunction]
#[pyo3(
    signature = (X, y, params, *, loss=Given::NOT, rows=None, sample_weight=None, l2=Given::NOT, fit_intercept=Given::NOT, **unknown),
    text_signature = "(X, y, params, *, loss=\"mse\", rows=None, sample_weight=None, l2=0.0, fit_intercept=True)"
)]
#[allow(non_snake_case, clippy::too_many_arguments)]
pub fn loss_and_grad<'py>(
    X: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    params: &Bound<'py, PyAny>,
    loss: Given<'py>,
    rows: Option<&Bound<'py, PyAny>>,
    sample_weight: Option<&Bound<'py, PyAny>>,
    l2: Given<'py>,
    fit_intercept: Given<'py>,
    unknown: Option<&Bound<'py, PyDict>>,
) -> PyResult<(f64, Bound<'py, PyAny>)> {
    let name = "loss_and_grad";
    Call { name, place: name, other: None }.refuse_unknown(unknown, |_| false)?;
    let setting = Setting {
        loss: loss.get().map_or(Ok(Loss::Point(crate::loss::PointLoss::Mse)), Loss::parse)?,
        l2: l2.get().map_or(Ok(0.0), |value| not_negative("l2", value))?,
        fit_intercept: fit_intercept
            .get()
            .map_or(Ok(true), |value| flag("fit_intercept", value))?,
        rows: rows.filter(|rows| !rows.is_none()),
        sample_weight,
    };
    with_features!(Features::new(X, None)?, x => evaluate(&x, y, params, &setting))
}

struct Setting<'a, 'py> {
    loss: Loss,
    l2: f64,
    fit_intercept: bool,
    rows: Option<&'a Bound<'py, PyAny>>,
    sample_weight: Option<&'a Bound<'py, PyAny>>,
}

fn evaluate<'py, T: Precision>(
    x: &Matrix<'py, T>,
    y: &Bound<'py, PyAny>,
    params: &Bound<'py, PyAny>,
    setting: &Setting<'_, 'py>,
) -> PyResult<(f64, Bound<'py, PyAny>)> {
    let py = y.py();
    let (n_rows, n_cols) = (x.n_rows(), x.n_cols());
    let targets = Targets::<T>::new(y, setting.loss, [n_rows, n_cols])?;
    let weights = targets::weights(setting.sample_weight, n_rows, false)?;
    let factors = targets::factors(&weights, n_rows, targets::mean_weight(py, &weights, None)?);
    let indices = match setting.rows {
        Some(value) => Some(row_indices::indices("rows", value, n_rows)?),
        None => None,
    };
    if indices.as_ref().is_some_and(Vec::is_empty) {
        return Err(crate::python::exceptions::wrong_value("rows", "of at least one row", "none"));
    }
    let batch = match &indices {
        Some(indices) => RowSet::indices(indices),
        None => RowSet::Range(0..n_rows),
    };
    let Setting { loss, l2, fit_intercept, .. } = *setting;
    let params_rows = n_cols + usize::from(fit_intercept);
    let params = &params::joined("params", params, n_cols, fit_intercept)?;
    let n_classes = match loss {
        Loss::Point(_) | Loss::Function => None,
        Loss::CrossEntropy => {
            let said = params::classes_of_init("params", Some(params), params_rows)?;
            Some(targets.count_classes(py, said.map(|n| (n, "params")))?)
        }
    };
    let shape = ParamsShape { rows: params_rows, n_classes };
    let params = shape.read::<T>("params", params)?;
    let mut grad = try_filled(params.len(), T::zero())?;
    let n_free = if fit_intercept { n_classes.unwrap_or(1) } else { 0 };
    let penalty = Penalty { l1: 0.0, by_sign: false, l2, n_free };
    let sums = Sums { loss, fit_intercept, n_classes, penalty };
    let sums = sums.over(x.rows(), targets.column(), factors);
    let n_threads = threads::count(None, x.reader().is_some())?;
    let m = batch.len();
    let value = std::thread::scope(|scope| {
        let pool = ThreadPool::new(&*sums, scope, n_threads);
        let (mut mean, mut sum) = (Mean::new(&*sums, None)?.with_pool(pool), 0.0);
        x.unless_unread(in_slices(py, m, mean.rows_at_once(m), |range| {
            sum = mean.accumulate(&params, m, batch.part(range), sum, Some(&mut grad))?;
            Ok::<_, PyErr>(())
        }))?;
        Ok::<_, PyErr>(mean.finish(&params, m, sum, &mut grad))
    })?;
    if !value.is_finite() {
        let sums = &*sums;
        in_slices(py, m, MOST_ROWS, move |range| {
            sums.find_bad_value(&batch.part(range)).map_or(Ok(()), |bad| Err(PyErr::from(bad)))
        })?;
    }
    Ok((value, shaped(py, &grad, &shape.dimensions())?))
}

/// Starts a new count of Rust's allocations if `reset`, and returns the peak of the last, in bytes.
#[cfg(feature = "count-allocations")]
#[pyfunction]
pub fn allocation_peak(reset: bool) -> usize {
    if reset {
        crate::allocations::reset();
    }
    crate::allocations::peak()
}
