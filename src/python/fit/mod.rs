//! `fit` and `partial_fit`: what is walked, from where, for how long.

pub mod callable;
pub mod data;
pub mod drive;
pub mod hints;
pub mod loss_and_grad;
pub mod max_learning_rate;
mod methods;
pub mod progress;
mod ruled;
pub mod run;
pub mod step;
pub mod steps;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use self::callable::{Called, DataFunction};
use self::data::Data;
use self::run::{Begin, FitArguments, Run, is_given};
use crate::batches::Batching;
use crate::descent::State;
use crate::error::try_filled;
use crate::objective::Mean;
use crate::python::args::config::{Config, Loss};
use crate::python::args::threads;
use crate::python::arrays::column_names::ColumnNames;
use crate::python::arrays::memory::Matrix;
use crate::python::arrays::params::{self, ParamsShape};
use crate::python::arrays::{Features, with_features};
use crate::python::at_exit;
use crate::python::exceptions::{
    Growth, warn_of_data, warn_of_divergence, warn_of_growth, wrong_value,
};
use crate::python::model::fitted::{Fitted, Precision};
use crate::python::model::history::History;
use crate::python::model::shared::Shared;
use crate::threads::ThreadPool;

/// `fit(X, y, …)`, `partial_fit(X, y, …)` and the updates of `steps`; how the rows were cut.
pub fn fit<'py>(
    config: &Config,
    shared: &Shared,
    begin: Begin,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    arguments: FitArguments<'_, 'py>,
) -> PyResult<Batching> {
    let _busy = shared.begin(config.method.class_name())?;
    let before = match begin.is_new() {
        true => None,
        false => shared.lock(x.py())?.as_ref().map(Before::of),
    };
    if config.loss == Loss::Function {
        return fit_function(config, shared, begin, before, x, y, &arguments);
    }
    if before.as_ref().is_some_and(|before| before.is_function) {
        let expected = "called after fit; the last walk of this object was down a function";
        return Err(wrong_value("partial_fit", expected, "minimize before it"));
    }
    let features = Features::new(x, before.as_ref().map(|before| before.dtype))?;
    let names = match before.as_ref().and_then(|before| before.feature_names.clone()) {
        Some(names) => {
            names.check(x)?;
            Some(names)
        }
        None => ColumnNames::of(x)?,
    };
    with_features!(features, x => fit_in(config, shared, begin, before, (x, names), y, &arguments))
}

/// What an earlier fit settled for good.
struct Before {
    dtype: &'static str,
    n_features: usize,
    n_classes: Option<usize>,
    feature_names: Option<ColumnNames>,
    is_function: bool,
    negative_label: Option<i64>,
    mean_weight: f64,
}

impl Before {
    fn of(fitted: &Fitted) -> Self {
        let Fitted { n_features, n_classes, is_function, negative_label, mean_weight, .. } =
            *fitted;
        Before {
            dtype: fitted.dtype(),
            n_features,
            n_classes,
            feature_names: fitted.feature_names.clone(),
            is_function,
            negative_label,
            mean_weight,
        }
    }
}

/// [`fit`], once the precision is known.
fn fit_in<'py, T: Precision>(
    config: &Config,
    shared: &Shared,
    begin: Begin,
    before: Option<Before>,
    (x, names): (Matrix<'py, T>, Option<ColumnNames>),
    y: &Bound<'py, PyAny>,
    arguments: &FitArguments<'_, 'py>,
) -> PyResult<Batching> {
    let py = y.py();
    let n_features = x.n_cols();
    if let Some(before) = before.as_ref().filter(|before| before.n_features != n_features) {
        let expected = format!("of {} columns, as in the first fit", before.n_features);
        return Err(wrong_value("X", expected, format!("{n_features} columns")));
    }
    let init = is_given(arguments.init)
        .map(|init| params::joined("init", init, n_features, config.fit_intercept))
        .transpose()?;
    let init = init.as_ref();
    let params_rows = n_features + usize::from(config.fit_intercept);
    let said = match &before {
        Some(before) => before.n_classes.map(|n| (n, "the first fit")),
        None if config.loss != Loss::CrossEntropy => None,
        None => match config.n_classes {
            Some(n_classes) => Some((n_classes, "n_classes")),
            None => params::classes_of_init("init", init, params_rows)?.map(|n| (n, "init")),
        },
    };
    let known_mean = before.as_ref().map(|before| before.mean_weight);
    let is_checked = arguments.batching.is_some();
    let weights = arguments.sample_weight;
    let mut data = Data::new(config, x, y, weights, said, known_mean, is_checked)?;
    let seed = match &before {
        Some(_) => shared.lock(py)?.as_ref().map_or(0, |fitted| fitted.seed),
        None => config.random_state.draw(py)?,
    };
    if let Some(validation) = is_given(arguments.validation) {
        if is_given(arguments.order).is_some() && !validation.is_instance_of::<PyTuple>() {
            let expected = "(X, y) when the rows are given by order";
            return Err(wrong_value("validation", expected, "a share of the rows"));
        }
        data.watch(config, validation, names.as_ref(), seed)?;
    }
    let mean_weight = data.mean_weight(py)?;
    let other_label = match config.loss.has_signs() && !is_checked {
        true => data.other_label(py)?,
        false => None,
    };
    let known_label = before.as_ref().and_then(|before| before.negative_label);
    if let (Some(known), Some((row, label))) = (known_label, other_label)
        && known != label
    {
        return Err(other_labels(known, row, label));
    }
    let hints = match &before {
        Some(_) => Vec::new(),
        None => data.hints(py, config, begin.is_new(), said.is_none())?,
    };
    let run = Run::new(config, begin, data.n_rows(), arguments)?;
    let (sums, part) = data.objective(config);
    let watched = data.validation(config);
    run.check_best(watched.is_some())?;
    let readers = data.readers();
    let n_threads = threads::count(config.n_threads, !readers.is_empty())?;
    let fitted = match &before {
        Some(_) => None,
        None => {
            let shape = ParamsShape { rows: params_rows, n_classes: data.n_classes };
            let params = match init {
                Some(init) => shape.read::<T>("init", init)?,
                None => try_filled(shape.len(), T::zero())?,
            };
            Some(Fitted {
                state: T::wrap(State::new(params, config.record, &config.rule)?),
                n_features,
                feature_names: names,
                n_classes: data.n_classes,
                params_shape: shape.dimensions(),
                is_function: false,
                fit_intercept: config.fit_intercept,
                negative_label: None,
                mean_weight,
                rule: config.moves_by(),
                rule_state: None,
                l1: config.l1,
                shape: config.loss.shape(),
                seed,
                full_loss: run.full_loss,
                n_bytes_of_pass: 0,
                n_threads: 1,
            })
        }
    };
    let plan = run.enter(py, config, shared, begin, fitted, |fitted| {
        fitted.negative_label = fitted.negative_label.or(other_label.map(|(_, label)| label));
    })?;
    let drive = run.drive(py, config, shared, begin, &plan);
    // The threads that help end with this scope.
    let divergence = std::thread::scope(|scope| {
        let mean = |sums, part| {
            let mean = Mean::new(sums, part)?;
            Ok::<_, PyErr>(mean.with_pool(ThreadPool::new(sums, scope, n_threads)))
        };
        let mut objective = mean(&*sums, part)?;
        let mut validation = match &watched {
            Some((sums, part)) => Some(mean(&**sums, *part)?),
            None => None,
        };
        let divergence = drive.core(&mut objective, validation.as_mut(), &readers);
        if let Some(fitted) = shared.lock(py)?.as_mut() {
            fitted.n_threads = objective.n_threads();
            fitted.n_bytes_of_pass = data.n_bytes() + objective.n_bytes();
        }
        divergence
    })?;
    if let Some(divergence) = divergence {
        let limit = if divergence.is_at_start() { None } else { data.limit(py, config)? };
        warn_of_divergence(py, divergence, limit)?;
    } else if let Some(growth) = growth(py, shared, begin)? {
        warn_of_growth(py, &growth, data.limit(py, config)?)?;
    }
    // Everything is stored by now: a warning may be an exception.
    hints.into_iter().try_for_each(|hint| warn_of_data(py, hint))?;
    Ok(run.batching)
}

/// What a walk from its start to its end has grown by, if it diverges by its verdict.
pub fn growth(py: Python<'_>, shared: &Shared, begin: Begin) -> PyResult<Option<Growth>> {
    if begin != Begin::Anew {
        return Ok(None);
    }
    let history = shared.lock(py)?.as_ref().map(History::of);
    let Some(history) = history else { return Ok(None) };
    at_exit::detach(py, || history.growth())
}

/// The labels of the other class are not those of the first call.
fn other_labels(known: i64, row: usize, label: i64) -> PyErr {
    let (expected, write) = match known {
        0 => ("0 or 1", "(y > 0).astype(int)"),
        _ => ("−1 or 1", "np.where(y > 0, 1, -1)"),
    };
    PyValueError::new_err(format!(
        "y must hold the labels of the first fit, {expected}; got {label} in row {row}. Write \
         {write}"
    ))
}

/// [`fit`] with a loss that is a function of the user's.
fn fit_function<'py>(
    config: &Config,
    shared: &Shared,
    begin: Begin,
    before: Option<Before>,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    arguments: &FitArguments<'_, 'py>,
) -> PyResult<Batching> {
    let py = x.py();
    let name = config.method.class_name();
    for (argument, value) in
        [("sample_weight", arguments.sample_weight), ("validation", arguments.validation)]
    {
        if is_given(value).is_some() {
            let came = format!("one, and {name} has a loss of your own, which would not see it");
            return Err(wrong_value(argument, "None", came));
        }
    }
    let shape = match &before {
        Some(_) => {
            let guard = shared.lock(py)?;
            guard.as_ref().map(|fitted| fitted.params_shape.clone()).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let fresh = match (&before, is_given(arguments.init)) {
        (Some(_), _) => None,
        (None, Some(init)) => {
            let (params, shape) = params::free_params("init", init)?;
            // A number is an array of one.
            Some((params, if shape.is_empty() { vec![1] } else { shape }))
        }
        (None, None) if begin == Begin::Onward => {
            return Err(PyValueError::new_err(
                "partial_fit goes on from a fit, and a loss of your own needs one for its start: \
                 call fit(X, y, init=…) first",
            ));
        }
        (None, None) => {
            let expected = "given when the loss is a function, to say how many parameters it has";
            return Err(wrong_value("init", expected, "None"));
        }
    };
    let shape = fresh.as_ref().map_or(shape, |(_, shape)| shape.clone());
    let mut function = DataFunction::new(config, x, y, &shape)?;
    let run = Run::new(config, begin, function.n_rows(), arguments)?;
    run.check_best(false)?;
    let fitted = match fresh {
        None => None,
        Some((params, params_shape)) => {
            let seed = config.random_state.draw(py)?;
            Some(Fitted::of_function(config, params, params_shape, seed, run.full_loss)?)
        }
    };
    let plan = run.enter(py, config, shared, begin, fitted, |_| ())?;
    match run.drive(py, config, shared, begin, &plan).called(&mut Called(&mut function))? {
        None => match growth(py, shared, begin)? {
            None => {}
            Some(growth) => warn_of_growth(py, &growth, None)?,
        },
        Some(divergence) => warn_of_divergence(py, divergence, None)?,
    }
    Ok(run.batching)
}
