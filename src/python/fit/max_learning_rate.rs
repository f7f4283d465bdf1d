//! `max_learning_rate`, and the limit that a divergence warning quotes.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::loss::PointLoss;
use crate::objective::SampleWeights;
use crate::python::args::config::Loss;
use crate::python::args::keywords::{Call, Given};
use crate::python::args::scalars::{flag, not_negative, whole_number};
use crate::python::args::threads;
use crate::python::arrays::features_as;
use crate::python::arrays::passes::stop_button;
use crate::python::arrays::targets::{self, Targets};
use crate::python::at_exit;
use crate::real::Real;
use crate::rows::{Column, Rows};
use crate::stability::{
    CROSS_ENTROPY_BOUND, HessianBound, max_learning_rate as limit_of, of_batches,
};

/// What a limit is asked of.
pub struct Setting<'a, T> {
    /// X, in double precision.
    pub rows: Rows<'a, f64>,
    /// The rows that count, if not all do.
    pub part: Option<&'a [u32]>,
    /// y.
    pub targets: Column<'a, T>,
    /// The weights of the rows.
    pub weights: SampleWeights<'a>,
    /// The loss.
    pub loss: Loss,
    /// Strength of the ridge penalty.
    pub l2: f64,
    /// Whether θ has an intercept.
    pub fit_intercept: bool,
    /// Rows an update.
    pub batch_size: usize,
    /// Threads at the most.
    pub n_threads: usize,
}

impl<T: Real> Setting<'_, T> {
    /// The bound on ∂²ℓ/∂z², if the loss has one.
    fn point_bound(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        let loss = match self.loss {
            Loss::CrossEntropy => return Ok(Some(CROSS_ENTROPY_BOUND)),
            Loss::Function => return Ok(None),
            Loss::Point(loss) => loss,
        };
        let (lowest, highest) = match loss.curvature_needs_range() {
            true => self.targets.extremes(self.part, &mut || py.check_signals())?,
            false => (f64::INFINITY, f64::NEG_INFINITY),
        };
        Ok(loss.curvature_bound(lowest, highest))
    }

    /// 2/L, or `None` if the loss has no curvature to go by. Looks at the stop button.
    pub fn limit(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        let Some(point_bound) = self.point_bound(py)? else { return Ok(None) };
        let Setting { rows, part, weights, fit_intercept, l2, n_threads, .. } = *self;
        let n_rows = part.map_or(rows.n_rows(), <[u32]>::len);
        let curvature = at_exit::detach(py, || {
            let bound = HessianBound { rows, part, weights, fit_intercept, point_bound, l2 };
            let mean = || bound.largest_eigenvalue(n_threads, stop_button());
            let row = || bound.largest_of_a_row(stop_button());
            match self.batch_size {
                1 if n_rows > 1 => row(),
                size if size >= n_rows => mean(),
                size => Ok(of_batches(mean()?, row()?, n_rows, size)),
            }
        })??;
        Ok(Some(limit_of(curvature)))
    }
}

/// The largest learning rate at which plain descent is stable: 2/L.
///
/// L is the largest eigenvalue of (c/n) Σᵢ (sᵢ/s̄) x̃ᵢx̃ᵢᵀ + l2·I, with x̃ᵢ = (1, xᵢ) and c a bound on
/// ∂²ℓ/∂z² over all z: 2 for mse, ¼ for log_loss. Batch descent on mse or half_mse diverges above
/// 2/L from almost every start, and descends below it; for the other losses 2/L is safe. With `batch_size=1` it is 2/maxᵢ Lᵢ, below which no step of SGD raises the loss of
/// its own row; in between, the limit of the mean square distance on a quadratic loss.
///
/// Parameters
/// ----------
/// X : array_like of shape (n, d)
///     Rows of features, of any layout and type of number. Not copied.
/// y : array_like of shape (n,) or (n, 1)
///     Targets.
/// loss : str, default "mse"
///     As in `BatchGD`; a loss with a kink, as mae, has no limit, nor one whose curvature nothing
///     bounds, as poisson.
/// batch_size : int, optional
///     Rows an update; all by default.
/// sample_weight : array_like of shape (n,), optional
///     Weights sᵢ of at least 0.
/// l2 : float, default 0.0
///     Strength of the penalty.
/// fit_intercept : bool, default True
///     Whether θ begins with an intercept.
///
/// Returns
/// -------
/// float
///     2/L; infinite if nothing is curved at all.
///
/// Raises
/// ------
/// TypeError, ValueError
///     An argument is not what it must be, or the loss has no curvature.
///
/// References
/// ----------
/// Y. Nesterov, *Lectures on Convex Optimization*, 2018, section 2.1.5; R. M. Gower et al., "SGD:
/// general analysis and improved rates", ICML 2019, for batches.
///
/// Examples
/// --------
/// >>> import numpy as np, gradwalk as gw
/// >>> X = np.array([[1.0], [-1.0]]); y = np.array([3.0, 1.0])
/// >>> round(gw.max_learning_rate(X, y), 9)
/// 1.0
#[pyfunction]
#[pyo3(
    signature = (X, y, *, loss=Given::NOT, batch_size=None, sample_weight=None, l2=Given::NOT, fit_intercept=Given::NOT, **unknown),
    text_signature = "(X, y, *, loss=\"mse\", batch_size=None, sample_weight=None, l2=0.0, fit_intercept=True)"
)]
#[allow(non_snake_case, clippy::too_many_arguments)]
pub fn max_learning_rate<'py>(
    X: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    loss: Given<'py>,
    batch_size: Option<&Bound<'py, PyAny>>,
    sample_weight: Option<&Bound<'py, PyAny>>,
    l2: Given<'py>,
    fit_intercept: Given<'py>,
    unknown: Option<&Bound<'py, PyDict>>,
) -> PyResult<f64> {
    let name = "max_learning_rate";
    Call { name, place: name, other: None }.refuse_unknown(unknown, |_| false)?;
    let loss = loss.get().map_or(Ok(Loss::Point(PointLoss::Mse)), Loss::parse)?;
    let l2 = l2.get().map_or(Ok(0.0), |value| not_negative("l2", value))?;
    let fit_intercept =
        fit_intercept.get().map_or(Ok(true), |value| flag("fit_intercept", value))?;
    let batch_size = batch_size
        .map(|value| whole_number("batch_size", value, 1, u64::MAX))
        .transpose()?
        .map_or(usize::MAX, |size| usize::try_from(size).unwrap_or(usize::MAX));
    let x = features_as::<f64>(X)?;
    let n_rows = x.n_rows();
    let targets = Targets::<f64>::new(y, loss, [n_rows, x.n_cols()])?;
    let weights = targets::weights(sample_weight, n_rows, false)?;
    let mean = targets::mean_weight(y.py(), &weights, None)?;
    let weights = targets::factors(&weights, n_rows, mean);
    if loss == Loss::CrossEntropy {
        targets.count_classes(y.py(), None)?;
    }
    let n_threads = threads::count(None, x.reader().is_some())?;
    let (rows, part, targets) = (x.rows(), None, targets.column());
    let setting =
        Setting { rows, part, targets, weights, loss, l2, fit_intercept, batch_size, n_threads };
    let limit = x.unless_unread(setting.limit(y.py()))?;
    limit.ok_or_else(|| {
        let why = if loss.facts().is_some_and(|facts| facts.has_kink) {
            "has a kink instead: no learning rate makes it diverge, and only a decreasing one makes \
             it settle"
        } else {
            "bends without bound: a learning rate that is small enough at one θ is too large at \
             another. Begin with a small one, as 0.01, and standardised features"
        };
        PyValueError::new_err(format!(
            "loss must be one with a bound on its curvature; got {:?}, which {why}",
            loss.name()
        ))
    })
}
