//! `fit` and `partial_fit`: data in, slices of the walk with the interpreter free, result kept.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use numpy::PyReadonlyArray2;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyFloat;

use super::arguments::{flag, real_number};
use super::arrays::{self, Features, with_features};
use super::config::{Config, LearningRate, Loss};
use super::errors::{warn_of_divergence, wrong_value};
use super::model::{AnyState, Fitted, Precision, with_state};
use super::targets::{self, ParamsShape, Targets};
use crate::batches::Batching;
use crate::descent::{Plan, Progress, State, Walk};
use crate::error::try_filled;
use crate::objective::{Linear, Objective, Softmax};
use crate::rows::Rows;
use crate::schedule::Schedule;
use crate::stop::StopReason;
use crate::with_point_loss;

/// How long a slice should last: short enough for the stop button, long enough to cost nothing.
const SLICE: Duration = Duration::from_millis(40);

/// Rates that a learning rate function is asked for at once.
const RATES_AHEAD: u64 = 256;

/// What `fit` was given beside X and y.
pub struct FitArguments<'a, 'py> {
    /// Weights of the rows.
    pub sample_weight: Option<&'a Bound<'py, PyAny>>,
    /// θ to start from.
    pub init: Option<&'a Bound<'py, PyAny>>,
    /// Rows to replay.
    pub order: Option<&'a Bound<'py, PyAny>>,
    /// Whether to evaluate the objective on all rows.
    pub full_loss: Option<&'a Bound<'py, PyAny>>,
}

/// The result of fits, shared by all threads that hold the object.
#[derive(Default)]
pub struct Shared {
    fitted: Mutex<Option<Fitted>>,
    busy: AtomicBool,
}

impl Shared {
    /// The fitted model, if there is one. Waits for the slice that is being walked, detached.
    pub fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Option<Fitted>> {
        // A slice that panicked left a state that is old but whole.
        self.fitted.lock_py_attached(py).unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes the right to fit; it is given back when the guard is dropped.
    fn begin(&self, class: &str) -> PyResult<Busy<'_>> {
        if self.busy.swap(true, Ordering::Acquire) {
            return Err(PyRuntimeError::new_err(format!(
                "this {class} is being fitted already, in another thread or by a callback. Wait \
                 for it to end, or make a second {class}"
            )));
        }
        Ok(Busy(&self.busy))
    }
}

/// The right to fit.
struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Where a fit begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// At the start, for all the epochs of the constructor: `fit`.
    Anew,
    /// Where the last one ended, for one more epoch: `partial_fit`.
    Onward,
}

/// `fit(X, y, …)` and `partial_fit(X, y, …)`.
pub fn fit<'py>(
    config: &Config,
    shared: &Shared,
    begin: Begin,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    arguments: FitArguments<'_, 'py>,
) -> PyResult<()> {
    let _busy = shared.begin(config.method.class_name())?;
    let before = match begin {
        Begin::Anew => None,
        Begin::Onward => shared.lock(x.py()).as_ref().map(Before::of),
    };
    let x = Features::new(x, before.as_ref().map(|before| before.dtype))?;
    with_features!(x, x => fit_in(config, shared, begin, before, &x, y, &arguments))
}

/// What an earlier fit settled for good.
struct Before {
    dtype: &'static str,
    n_features: usize,
    n_classes: Option<usize>,
}

impl Before {
    fn of(fitted: &Fitted) -> Self {
        let dtype = match fitted.state {
            AnyState::F32(_) => f32::DTYPE,
            AnyState::F64(_) => f64::DTYPE,
        };
        Before { dtype, n_features: fitted.n_features, n_classes: fitted.n_classes }
    }
}

/// [`fit`], once the precision is known.
fn fit_in<'py, T: Precision>(
    config: &Config,
    shared: &Shared,
    begin: Begin,
    before: Option<Before>,
    x: &PyReadonlyArray2<'py, T>,
    y: &Bound<'py, PyAny>,
    arguments: &FitArguments<'_, 'py>,
) -> PyResult<()> {
    let py = y.py();
    let rows = arrays::rows(x)?;
    let n_rows = rows.n_rows();
    if let Some(before) = before.as_ref().filter(|before| before.n_features != rows.n_cols()) {
        let expected = format!("of {} columns, as in the first fit", before.n_features);
        return Err(wrong_value("X", expected, format!("{} columns", rows.n_cols())));
    }
    let targets = Targets::<T>::new(y, config.loss, n_rows)?;
    let weights = targets::weights(arguments.sample_weight, n_rows)?;
    let init = arguments.init.filter(|init| !init.is_none());
    let n_classes = match (config.loss, &before) {
        (Loss::Point(_), _) => None,
        (Loss::CrossEntropy, Some(before)) => {
            let said = before.n_classes.map(|n| (n, "the first fit"));
            Some(targets.count_classes(said)?)
        }
        (Loss::CrossEntropy, None) => {
            let params_rows = rows.n_cols() + usize::from(config.fit_intercept);
            let said = match config.n_classes {
                Some(n_classes) => Some((n_classes, "n_classes")),
                None => targets::classes_of_init("init", init, params_rows)?.map(|n| (n, "init")),
            };
            Some(targets.count_classes(said)?)
        }
    };
    let epochs = if begin == Begin::Anew { config.epochs } else { 1 };
    let batching = config.batching(n_rows, read_order(begin, arguments.order, n_rows, epochs)?);
    check_batches(&batching)?;

    let point_weights = targets::as_factors(&weights)?;
    let values = targets.values()?;
    let mut n_bytes_of_pass = targets.n_bytes();
    let (intercept, l2) = (config.fit_intercept, config.l2);
    let mut objective: Box<dyn Objective<T, Error = Infallible> + Send + '_> = match config.loss {
        Loss::Point(loss) => with_point_loss!(loss, loss => {
            Box::new(Linear::new(rows, values, loss, point_weights, intercept, l2))
        }),
        Loss::CrossEntropy => {
            let n_classes = n_classes.unwrap_or(1);
            let softmax = Softmax::new(rows, values, n_classes, point_weights, intercept, l2)?;
            n_bytes_of_pass += softmax.n_bytes();
            Box::new(softmax)
        }
    };

    let is_negative = config.loss.is_classification() && targets.has_negative()?;
    let earlier = if before.is_some() { shared.lock(py).take() } else { None };
    // From here to where it is put back nothing may fail on an earlier walk.
    let mut fitted = match earlier {
        Some(mut fitted) => {
            with_state!(&mut fitted.state, state => state.resume());
            fitted
        }
        None => {
            let shape = ParamsShape { rows: rows.n_cols() + usize::from(intercept), n_classes };
            let params = match init {
                Some(init) => shape.read::<T>("init", init)?,
                None => try_filled(shape.len(), T::zero())?,
            };
            Fitted {
                state: T::wrap(State::new(params, config.record)?),
                n_features: rows.n_cols(),
                n_classes,
                negative_label: 0,
                seed: config.random_state.draw(py)?,
                full_loss: arguments
                    .full_loss
                    .map_or(Ok(false), |value| flag("full_loss", value))?,
                n_bytes_of_pass,
            }
        }
    };
    if is_negative {
        fitted.negative_label = -1;
    }
    fitted.n_bytes_of_pass = n_bytes_of_pass;
    let first_epoch = with_state!(&fitted.state, state => state.epochs());
    let plan = Plan {
        batching,
        seed: fitted.seed,
        until_epoch: first_epoch.saturating_add(epochs),
        first_epoch,
        tol: config.tol,
        patience: config.patience,
        full_loss: fitted.full_loss,
    };
    *shared.lock(py) = Some(fitted);
    drive(py, shared, &mut *objective, &plan, &config.learning_rate)
}

fn read_order(
    begin: Begin,
    order: Option<&Bound<'_, PyAny>>,
    n_rows: usize,
    epochs: u64,
) -> PyResult<Option<Vec<Vec<u32>>>> {
    let Some(order) = order.filter(|order| !order.is_none()) else { return Ok(None) };
    let is_one_epoch = begin == Begin::Onward && is_one_dimensional(order);
    if is_one_epoch {
        return Ok(Some(vec![arrays::indices("order", order, n_rows)?]));
    }
    arrays::order(order, n_rows, epochs).map(Some)
}

fn is_one_dimensional(value: &Bound<'_, PyAny>) -> bool {
    match value.getattr("ndim").and_then(|ndim| ndim.extract::<usize>()) {
        Ok(ndim) => ndim == 1,
        // A list: of numbers, or of lists?
        Err(_) => value.get_item(0).is_ok_and(|first| first.len().is_err()),
    }
}

/// `drop_last` must leave something.
fn check_batches(batching: &Batching) -> PyResult<()> {
    let crate::batches::Sampling::Replay(order) = &batching.sampling else { return Ok(()) };
    let short = order.iter().position(|rows| rows.len() < batching.batch_size);
    match short.filter(|_| batching.drop_last) {
        None => Ok(()),
        Some(epoch) => Err(wrong_value(
            &format!("order[{epoch}]"),
            format!("of at least batch_size={} rows with drop_last=True", batching.batch_size),
            format!("{} rows", order[epoch].len()),
        )),
    }
}

/// Walks in slices with the interpreter free, until the walk stops by itself or by the user.
fn drive<T: Precision>(
    py: Python<'_>,
    shared: &Shared,
    objective: &mut (dyn Objective<T, Error = Infallible> + Send),
    plan: &Plan,
    learning_rate: &LearningRate,
) -> PyResult<()> {
    let mut schedule = match learning_rate {
        LearningRate::Constant(rate) => Schedule::Constant(*rate),
        LearningRate::Function(_) => Schedule::Window { first: 0, rates: Vec::new() },
    };
    // An exception of the learning rate function waits until the walk has got that far.
    let mut waiting: Option<PyErr> = None;
    let mut budget = 1 << 16;
    loop {
        let (progress, took) = py.detach(|| {
            let start = Instant::now();
            let mut guard = shared.fitted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let state = guard.as_mut().and_then(|fitted| T::of(&mut fitted.state));
            let Some(state) = state else {
                unreachable!("only the busy thread replaces the state")
            };
            let progress = Walk { objective, plan, schedule: &schedule, state }.advance(budget);
            (progress, start.elapsed())
        });
        match progress {
            Ok(Progress::Stopped(StopReason::Diverged(divergence))) => {
                return warn_of_divergence(py, divergence);
            }
            Ok(Progress::Stopped(_)) => return waiting.map_or(Ok(()), Err),
            Ok(Progress::Paused) if took < SLICE / 2 => budget = budget.saturating_mul(2),
            Ok(Progress::Paused) if took > SLICE * 2 => budget = (budget / 2).max(1),
            Ok(Progress::Paused) => {}
            Ok(Progress::NeedsRates { update, left_in_epoch }) => {
                if let Some(error) = waiting.take() {
                    let is_stop_button = error.is_instance_of::<PyKeyboardInterrupt>(py);
                    let reason =
                        if is_stop_button { StopReason::Interrupted } else { StopReason::Failed };
                    return fail(py, shared, reason, error);
                }
                let (rates, error) = ask_for_rates(py, learning_rate, update, left_in_epoch);
                schedule = Schedule::Window { first: update, rates };
                waiting = error;
            }
            Err(error) => return fail(py, shared, StopReason::Failed, error.into()),
        }
        if let Err(interrupt) = py.check_signals() {
            return fail(py, shared, StopReason::Interrupted, interrupt);
        }
    }
}

/// Ends the walk where it stands and raises `error`.
fn fail(py: Python<'_>, shared: &Shared, reason: StopReason, error: PyErr) -> PyResult<()> {
    if let Some(fitted) = shared.lock(py).as_mut() {
        with_state!(&mut fitted.state, state => state.stop(reason)?);
    }
    Err(error)
}

/// η of the next updates, up to the end of the epoch; and what came instead of one, if it did.
fn ask_for_rates(
    py: Python<'_>,
    learning_rate: &LearningRate,
    update: u64,
    left_in_epoch: u64,
) -> (Vec<f64>, Option<PyErr>) {
    let LearningRate::Function(function) = learning_rate else { return (Vec::new(), None) };
    let expected = "a finite number of at least 0";
    let is_legal = |rate: f64| rate >= 0.0 && rate.is_finite();
    let mut rates = Vec::new();
    for t in update..update + left_in_epoch.min(RATES_AHEAD) {
        let rate =
            function.bind(py).call1((t,)).and_then(|rate| match rate.cast_exact::<PyFloat>() {
                Ok(rate) if is_legal(rate.value()) => Ok(rate.value()),
                _ => real_number(&format!("learning_rate({t})"), &rate, expected, is_legal),
            });
        match rate {
            Ok(rate) => rates.push(rate),
            Err(error) => return (rates, Some(error)),
        }
    }
    (rates, None)
}
