//! Predictions and their score, from one pass over the rows.

use std::sync::{Mutex, PoisonError};

use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::fitted::{Fitted, Precision};
use crate::error::{BadValue, try_filled};
use crate::kernel::softmax::softmax_of_rows;
use crate::kernel::vector::all_finite;
use crate::loss::{Link, exponential, logistic};
use crate::objective::{Scores, accuracy, explained_share};
use crate::python::args::config::{Config, Loss};
use crate::python::args::threads;
use crate::python::arrays::memory::Matrix;
use crate::python::arrays::params::{ParamsShape, joined};
use crate::python::arrays::passes::{first_row, stop_button};
use crate::python::arrays::targets::Targets;
use crate::python::arrays::{Features, with_features};
use crate::python::at_exit;
use crate::python::exceptions::wrong_value;
use crate::real::Real;
use crate::rows::{NextRow, RowSet, Rows, find_bad_value};

/// X for a fitted model: in its precision, with as many columns.
pub fn features<'py>(fitted: &Fitted, x: &Bound<'py, PyAny>) -> PyResult<Features<'py>> {
    let features = Features::new(x, Some(fitted.dtype()))?;
    if let Some(names) = &fitted.feature_names {
        names.check(x)?;
    }
    if features.n_cols() != fitted.n_features {
        let expected = format!("of {} columns, as in fit", fitted.n_features);
        return Err(wrong_value("X", expected, format!("{} columns", features.n_cols())));
    }
    Ok(features)
}

/// What a row's scores are turned into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// z itself.
    Scores,
    /// The prediction: z, σ(z), tanh z, e^z, or a class.
    Prediction,
    /// Probabilities of the classes.
    Probabilities,
}

/// One of the three outputs for every row of `x`, with the model's own θ unless another is given.
pub fn output<'py>(
    config: &Config,
    fitted: &Fitted,
    x: &Bound<'py, PyAny>,
    params: Option<&Bound<'py, PyAny>>,
    output: Output,
) -> PyResult<Bound<'py, PyAny>> {
    if fitted.is_function {
        return Err(nothing_to_predict());
    }
    if output == Output::Probabilities && !config.loss.has_probabilities() {
        let names: Vec<_> =
            Loss::all().filter(|loss| loss.has_probabilities()).map(Loss::name).collect();
        return Err(PyTypeError::new_err(format!(
            "predict_proba needs a loss that has probabilities, {}; this {} has {}",
            names.join(" or "),
            config.method.class_name(),
            config.loss.name()
        )));
    }
    let py = x.py();
    with_features!(features(fitted, x)?, x => output_in(py, config, fitted, &x, params, output))
}

fn nothing_to_predict() -> PyErr {
    PyTypeError::new_err(
        "there is nothing to predict: this model walked down a function, not a loss over data",
    )
}

fn output_in<'py, T: Precision>(
    py: Python<'py>,
    config: &Config,
    fitted: &Fitted,
    x: &Matrix<'py, T>,
    params: Option<&Bound<'py, PyAny>>,
    output: Output,
) -> PyResult<Bound<'py, PyAny>> {
    // Another precision cannot be here: X was converted to the model's.
    let Some(state) = T::view(&fitted.state) else {
        return Err(PyValueError::new_err("the model was fitted again during the call"));
    };
    let shape = ParamsShape {
        rows: fitted.n_features + usize::from(config.fit_intercept),
        n_classes: fitted.n_classes,
    };
    let given = params.map(|params| {
        let joined = joined("params", params, fitted.n_features, config.fit_intercept)?;
        shape.read::<T>("params", &joined)
    });
    let given = given.transpose()?;
    let params = given.as_deref().unwrap_or(state.params());
    let outputs = Outputs { py, x, config, fitted, params, output };
    match (fitted.n_classes, output) {
        (None, Output::Scores) => {
            outputs.all(1, |z: &mut [T], out: &mut [T]| out.copy_from_slice(z))
        }
        (None, Output::Probabilities) => outputs.all(2, |z: &mut [T], out: &mut [T]| {
            for (both, &z) in out.chunks_exact_mut(2).zip(&*z) {
                both.copy_from_slice(&[logistic(-z), logistic(z)]);
            }
        }),
        (None, Output::Prediction) if config.loss.is_classification() => {
            let negative = fitted.negative_label.unwrap_or(0);
            outputs.all(1, |z: &mut [T], out: &mut [i64]| {
                for (class, &z) in out.iter_mut().zip(&*z) {
                    *class = if z > T::zero() { 1 } else { negative };
                }
            })
        }
        (None, Output::Prediction) => {
            let activation = activation(config.loss);
            outputs.all(1, |z: &mut [T], out: &mut [T]| {
                out.iter_mut().zip(&*z).for_each(|(out, &z)| *out = activation(z));
            })
        }
        (Some(k), Output::Scores | Output::Probabilities) => {
            outputs.all(k, |z: &mut [T], out: &mut [T]| out.copy_from_slice(z))
        }
        (Some(k), Output::Prediction) => outputs.all(1, |z: &mut [T], out: &mut [i64]| {
            for (class, scores) in out.iter_mut().zip(z.chunks_exact(k)) {
                *class = largest(scores);
            }
        }),
    }
}

/// What is made of the scores of all rows.
struct Outputs<'o, 'py, T: Precision> {
    py: Python<'py>,
    x: &'o Matrix<'py, T>,
    config: &'o Config,
    fitted: &'o Fitted,
    params: &'o [T],
    output: Output,
}

impl<'py, T: Precision> Outputs<'_, 'py, T> {
    /// An array of `width` places a row, as `finish` fills them from the scores of some rows; of shape
    /// (n,) where that is one for a point loss or a class.
    fn all<O: numpy::Element + Copy + Send + Sync>(
        &self,
        width: usize,
        finish: impl Fn(&mut [T], &mut [O]) + Sync,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Outputs { py, x, config, fitted, params, output } = *self;
        let (rows, k) = (x.rows(), fitted.n_classes.unwrap_or(1));
        // NumPy asks for zeros whose pages come when they are written to, by each thread for itself.
        let length = x.n_rows().saturating_mul(width);
        let array = py.import("numpy")?.call_method1("zeros", (length, numpy::dtype::<O>(py)))?;
        let array = array.cast_into::<PyArray1<O>>()?;
        let mut writable = array.readwrite();
        let out = writable.as_slice_mut()?;
        let n_threads = threads::count(config.n_threads, x.reader().is_some())?;
        let odd_rows = Mutex::new(Vec::new());
        let softmax = output == Output::Probabilities && fitted.n_classes.is_some();
        let scores = Scores::new(rows, params, config.fit_intercept, k, softmax)?;
        let written = at_exit::detach(py, || {
            let finish = |first, scores: &mut [T], out: &mut [O]| {
                if !all_finite(scores) {
                    let is_odd = |row: &usize| !all_finite(&scores[row * k..][..k]);
                    let odd = (0..scores.len() / k).filter(is_odd).map(|row| first + row);
                    odd_rows.lock().unwrap_or_else(PoisonError::into_inner).extend(odd);
                }
                finish(scores, out);
            };
            scores.write(n_threads, width, out, &finish, stop_button())
        })?;
        x.unless_unread(written)?;
        let mut odd_rows = odd_rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        odd_rows.sort_unstable();
        let only_largest = fitted.n_classes.is_some() && output != Output::Scores;
        let mut of_row = try_filled(k, T::zero())?;
        for row in odd_rows {
            refuse_bad_row(&rows, row)?;
            score_again(&rows, row, params, config.fit_intercept, &mut of_row, only_largest)?;
            if softmax {
                softmax_of_rows(&mut of_row, k);
            }
            finish(&mut of_row, &mut out[row * width..][..width]);
            py.check_signals()?;
        }
        drop(writable);
        let is_flat = fitted.n_classes.is_none() && width == 1 || output == Output::Prediction;
        if is_flat {
            Ok(array.into_any())
        } else {
            array.call_method1("reshape", ((x.n_rows(), width),))
        }
    }
}

/// Complains of a NaN or an infinity in a row, if there is one: a score may overflow without.
fn refuse_bad_row<T: Real>(rows: &Rows<'_, T>, row: usize) -> PyResult<()> {
    let row = RowSet::Range(row..row + 1);
    find_bad_value(rows, None, &row).map_or(Ok(()), |bad| Err(bad.into()))
}

/// The scores of a row of finite numbers once more, some of which went beyond the largest number on
/// the way: what is too large is an infinity, and what is not is no NaN. If `only_largest` and there are
/// such infinities above, or nothing but infinities, all but the largest scores become −∞.
fn score_again<T: Real>(
    rows: &Rows<'_, T>,
    row: usize,
    params: &[T],
    fit_intercept: bool,
    scores: &mut [T],
    only_largest: bool,
) -> PyResult<()> {
    let mut buffer = rows.buffer()?;
    let x = rows.single(NextRow::alone(row), &mut buffer);
    let width = scores.len();
    let size = |values: &[T]| values.iter().fold(1.0, |most: f64, x| most.max(x.as_f64().abs()));
    // Sums of numbers of at most 1: z is this much larger.
    let (of_x, of_params) = (size(x), size(params));
    let mut largest = f64::NEG_INFINITY;
    let scaled = (0..width).map(|k| {
        let mut params = params.iter().skip(k).step_by(width).map(|p| p.as_f64() / of_params);
        let intercept = if fit_intercept { params.next().unwrap_or(0.0) / of_x } else { 0.0 };
        x.iter().zip(params).fold(intercept, |z, (x, p)| z + x.as_f64() / of_x * p)
    });
    let scaled: Vec<f64> = scaled.collect();
    for (score, &z) in scores.iter_mut().zip(&scaled) {
        *score = T::from_f64(z * of_x * of_params);
        largest = largest.max(z);
    }
    let is_beyond = |z: &T| z.is_infinite();
    if only_largest && (scores.contains(&T::infinity()) || scores.iter().all(is_beyond)) {
        for (score, &z) in scores.iter_mut().zip(&scaled) {
            *score = if z == largest { T::zero() } else { T::neg_infinity() };
        }
    }
    Ok(())
}

/// What the model's output is as a function of z.
fn activation<T: Real>(loss: Loss) -> fn(T) -> T {
    match loss.facts().map(|facts| facts.link) {
        Some(Link::Logistic) => logistic,
        Some(Link::Tanh) => T::tanh,
        Some(Link::Exponential) => exponential,
        Some(Link::Identity | Link::Softmax) | None => |z| z,
    }
}

/// The place of the largest score; the first one of equals.
fn largest<T: Real>(scores: &[T]) -> i64 {
    let mut best = 0;
    for (class, &score) in scores.iter().enumerate() {
        if score > scores[best] {
            best = class;
        }
    }
    best as i64
}

/// R² for real targets, D² for counts, accuracy for classes.
pub fn score<'py>(
    config: &Config,
    fitted: &Fitted,
    (x, y): (&Bound<'py, PyAny>, &Bound<'py, PyAny>),
    params: Option<&Bound<'py, PyAny>>,
) -> PyResult<f64> {
    let py = x.py();
    if fitted.is_function {
        return Err(nothing_to_predict());
    }
    let features = features(fitted, x)?;
    let shape = [features.n_rows(), features.n_cols()];
    let predicted = with_features!(features, x => {
        output_in(py, config, fitted, &x, params, Output::Prediction)
    })?;
    let targets = Targets::<f64>::new(y, config.loss, shape)?;
    let y = targets.column();
    if matches!(targets, Targets::OneHot(..)) {
        // Checked by having been read.
    } else if config.loss == Loss::CrossEntropy {
        // Labels beyond K are misses, not mistakes; what is no label at all is one.
        targets
            .count_classes(py, Some((crate::python::args::config::MOST_CLASSES as usize, "fit")))?;
    } else if let Some(row) = first_row(py, &y, |y| !y.is_finite())? {
        return Err(BadValue::Target { row, value: y.get(row) }.into());
    }
    if config.loss.is_classification() {
        let predicted = predicted.cast::<PyArray1<i64>>()?.readonly();
        let predicted = predicted.as_slice()?;
        return accuracy(&y, predicted, fitted.n_classes.is_none(), &mut || py.check_signals());
    }
    let predicted = predicted
        .call_method1("astype", (numpy::dtype::<f64>(py),))?
        .cast_into::<PyArray1<f64>>()?;
    let predicted = predicted.readonly();
    let predicted = predicted.as_slice()?;
    let link = config.loss.facts().map_or(Link::Identity, |facts| facts.link);
    explained_share(&y, predicted, link, &mut || py.check_signals())
}
