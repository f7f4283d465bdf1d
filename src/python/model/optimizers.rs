//! The three classes. All they differ in is their batch size; all they do is in their base.
//!
//! Their docstrings begin with their signatures, as Python reads those of classes that are not its
//! own.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::gradient_descent::GradientDescent;
use crate::batches::Sampling;
use crate::python::args::config::Config;
use crate::python::args::loss_facts;
use crate::python::args::method::{Method, signature_of};
use crate::rule::Rule;

#[doc = concat!("BatchGD(", signature_of!(BatchGD), ")\n--\n")]
// What stands in braces is put in by `document`.
/// Batch gradient descent: every update sees all n rows.
///
///     θ ← θ − η ∇f(θ)
///
/// One update an epoch. Each is as good as the data allow and costs a full pass; the path is
/// smooth. Source: Cauchy, Comptes rendus 25 (1847).
///
/// Parameters
/// ----------
/// loss : str or callable, default "mse"
///     With z = x·w + b, and ỹ the label as −1 or 1:
///
///     {losses}
///
///     Or a function of your own, (params, X_batch, y_batch) -> (loss, grad): then `fit` needs an
///     `init`, the penalties act on all of θ, batches are read-only, and there is nothing to
///     predict.
/// learning_rate : float, schedule or callable, default 0.01
///     η, a schedule of `gradwalk.schedules`, or a function of the update counter t = 0, 1, 2, …, called once an update and in
///     order, possibly some updates ahead within the epoch.
/// epochs : int, default 100
///     Passes over the data at each `fit`.
/// rule : object of gradwalk.rules or callable, optional
///     How θ moves: {rules}; θ ← θ − ηg by default. Or a function of your own, (params, grad,
///     learning_rate, state) -> new params, called once an update: params is a fresh array, grad
///     cannot be written to, and state is a dict that lives as long as the walk, with the count of
///     updates in state["t"] from 0. With l1 by `l1_step="subgradient"` alone.
/// clip_norm : float, optional
///     Scale the gradient of each batch, penalties by l2 included, to at most this norm before the
///     rule: g ← g·min(1, clip_norm/‖g‖₂). ‖∇f‖ on record and in `gtol` stays that of f. Source:
///     Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1.
/// l1 : float, default 0.0
///     Adds l1‖w‖₁ to the objective; the intercept is not penalised.
/// l1_step : {"proximal", "subgradient"}, default "proximal"
///     By soft thresholding after each step, so that zeros are exact (Parikh and Boyd, "Proximal
///     algorithms", 2014); or as courses write it, l1·sign(w) in the gradient, with sign(0) = 0:
///     then w swings about 0 by a step's length.
/// l2 : float, default 0.0
///     Adds (l2/2)‖w‖² to the objective; the intercept is not penalised.
/// fit_intercept : bool, default True
///     Whether θ begins with an intercept b.
/// n_classes : int, optional
///     K of cross_entropy, if the labels of `fit` may not show all the classes.
/// tol : float, optional
///     Stop after `patience` epochs in a row whose loss (that of the validation data, or of all
///     rows, where `fit` was asked for it) did not improve on the best one by more
///     than tol·max(1, |best|). If the loss rises by then, ``stop_reason_`` is "no improvement",
///     else "tolerance met"; ``converged_`` is True only if the verdict agrees.
/// patience : int, default 5
///     See `tol`.
/// gtol : float, optional
///     Stop after an epoch whose full gradient has at most this norm ‖∇f‖₂. BatchGD knows the one
///     before its update; SGD and MiniBatchGD take it at the end of the epoch, which costs a pass.
///     With `l1` it need not vanish.
/// step_tol : float, optional
///     Stop after an epoch over which θ moved by at most so much, ‖θ − θ before it‖₂.
/// max_updates : int, optional
///     Stop after so many updates, inside an epoch, too; of `partial_fit` they are not counted.
/// random_state : None, int or numpy.random.Generator
///     Seed of the order of the rows; drawn afresh if None, and kept in `seed_`.
///     `np.random.seed` has no effect.
/// n_threads : int, optional
///     Threads at the most, for batches large enough to share. By default what the environment
///     variable GRADWALK_NUM_THREADS says, else OMP_NUM_THREADS, else the processors that this
///     process may use. The bits of the result do not depend on it.
/// record : {"auto", "update", "epoch", None} or int, default "auto"
///     What `history_` keeps of θ and the losses of single updates. "auto" keeps every update
///     until they fill `path_bytes`, then every 2nd, 4th, …; first, last and the ends of epochs
///     stay. A number k keeps θ after updates 0, k, 2k, … and at the end.
/// path_bytes : int, default 8 MiB
///     See `record`.
///
/// Examples
/// --------
/// >>> import numpy as np, gradwalk as gw
/// >>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
/// >>> model = gw.BatchGD(learning_rate=0.2, epochs=200).fit(X, y)
/// >>> model.params_.round(6)
/// array([1., 2.])
#[pyclass(frozen, subclass, extends = GradientDescent, module = "gradwalk")]
pub struct BatchGD;

#[pymethods]
impl BatchGD {
    #[new]
    #[pyo3(signature = (*_positional, **_keywords), text_signature = None)]
    fn new(
        _positional: &Bound<'_, PyTuple>,
        _keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        let base = GradientDescent::new(Method::Batch);
        PyClassInitializer::from(base).add_subclass(BatchGD)
    }
}

#[doc = concat!("SGD(", signature_of!(SGD), ")\n--\n")]
/// Stochastic gradient descent: every update sees one row.
///
///     θ ← θ − η ∇fᵢ(θ)
///
/// n updates an epoch. Each is cheap and noisy; the path zig-zags, which helps to leave a local
/// minimum and keeps the walk from settling at a constant η. Source: Robbins and Monro, "A
/// stochastic approximation method", Ann. Math. Statist. 22 (1951).
///
/// Parameters
/// ----------
/// loss, learning_rate, epochs, rule, clip_norm, l1, l1_step, l2, fit_intercept, n_classes, tol
///     As in `BatchGD`.
/// patience, gtol, step_tol, max_updates, random_state, n_threads, record, path_bytes
///     As in `BatchGD`.
/// sampling : {"shuffle", "replace", "sequential"}, default "shuffle"
///     A fresh permutation of the rows each epoch, n independent draws, or the order of the data.
///
/// Examples
/// --------
/// >>> import numpy as np, gradwalk as gw
/// >>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
/// >>> model = gw.SGD(learning_rate=0.1, epochs=200, random_state=0).fit(X, y)
/// >>> model.n_updates_
/// 600
#[pyclass(frozen, subclass, extends = GradientDescent, module = "gradwalk")]
#[allow(clippy::upper_case_acronyms)]
pub struct SGD;

#[pymethods]
impl SGD {
    #[new]
    #[pyo3(signature = (*_positional, **_keywords), text_signature = None)]
    fn new(
        _positional: &Bound<'_, PyTuple>,
        _keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        let base = GradientDescent::new(Method::Stochastic);
        PyClassInitializer::from(base).add_subclass(SGD)
    }

    /// How the rows of an epoch are chosen.
    #[getter]
    fn sampling(slf: PyRef<'_, Self>) -> &'static str {
        sampling(slf.as_super().config())
    }
}

#[doc = concat!("MiniBatchGD(", signature_of!(MiniBatchGD), ")\n--\n")]
/// Mini-batch gradient descent: every update sees `batch_size` rows.
///
///     θ ← θ − η ∇f_B(θ)
///
/// ⌈n / batch_size⌉ updates an epoch: 1000 rows at batch size 100 make 10. Source: Bottou, Curtis
/// and Nocedal, SIAM Review 60(2), 2018, section 3.
///
/// Parameters
/// ----------
/// loss, learning_rate, epochs, rule, clip_norm, l1, l1_step, l2, fit_intercept, n_classes, tol
///     As in `BatchGD`.
/// patience, gtol, step_tol, max_updates, random_state, n_threads, record, path_bytes
///     As in `BatchGD`.
/// batch_size : int, default 32
///     Rows an update; one larger than n is n. A short last batch is divided by its own count.
/// sampling : {"shuffle", "replace", "sequential"}, default "shuffle"
///     As in `SGD`.
/// drop_last : bool, default False
///     Leave out a last batch that is shorter than the others.
///
/// Examples
/// --------
/// >>> import numpy as np, gradwalk as gw
/// >>> X = np.arange(10.0).reshape(-1, 1) / 10; y = 1 + 2 * X[:, 0]
/// >>> model = gw.MiniBatchGD(learning_rate=0.5, epochs=3, batch_size=4).fit(X, y)
/// >>> model.n_updates_
/// 9
#[pyclass(frozen, subclass, extends = GradientDescent, module = "gradwalk")]
pub struct MiniBatchGD;

#[pymethods]
impl MiniBatchGD {
    #[new]
    #[pyo3(signature = (*_positional, **_keywords), text_signature = None)]
    fn new(
        _positional: &Bound<'_, PyTuple>,
        _keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        let base = GradientDescent::new(Method::MiniBatch);
        PyClassInitializer::from(base).add_subclass(MiniBatchGD)
    }

    /// Rows an update.
    #[getter]
    fn batch_size(slf: PyRef<'_, Self>) -> usize {
        slf.as_super().config().batch_size
    }

    /// How the rows of an epoch are chosen.
    #[getter]
    fn sampling(slf: PyRef<'_, Self>) -> &'static str {
        sampling(slf.as_super().config())
    }

    /// Whether a short last batch is left out.
    #[getter]
    fn drop_last(slf: PyRef<'_, Self>) -> bool {
        slf.as_super().config().drop_last
    }
}

fn sampling(config: &Config) -> &'static str {
    match config.sampling {
        Sampling::Replace => "replace",
        Sampling::Sequential => "sequential",
        Sampling::Shuffle | Sampling::Replay(_) => "shuffle",
    }
}

/// Puts the tables of losses and rules into the documentation of `BatchGD`.
pub fn document(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<BatchGD>();
    let text: String = class.getattr("__doc__")?.extract()?;
    let rules: Vec<_> = Rule::TABLE.iter().map(|(name, _)| format!("`{name}`")).collect();
    let text = text.replace("{losses}", &loss_facts::documentation());
    class.setattr("__doc__", text.replace("{rules}", &rules.join(", ")))
}
