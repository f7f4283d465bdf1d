//! `decision_function`, `predict`, `predict_proba` and `score`.

use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::arrays::{Features, array2, with_features};
use super::config::{Config, Loss};
use super::data::transposed;
use super::driving::in_slices;
use super::errors::wrong_value;
use super::memory::Matrix;
use super::model::{Fitted, Precision};
use super::passes::{first_row, sum};
use super::targets::Targets;
use crate::error::{BadValue, try_filled};
use crate::loss::{Link, exponential, half_deviance, logistic};
use crate::objective::{scores, softmax_in_place};
use crate::real::Real;
use crate::rows::{MOST_ROWS, RowSet, Rows, find_bad_value};

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

/// One of the three outputs for every row of `x`.
pub fn output<'py>(
    config: &Config,
    fitted: &Fitted,
    x: &Bound<'py, PyAny>,
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
    with_features!(features(fitted, x)?, x => output_in(py, config, fitted, &x, output))
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
    output: Output,
) -> PyResult<Bound<'py, PyAny>> {
    // Another precision cannot be here: X was converted to the model's.
    let Some(state) = T::view(&fitted.state) else {
        return Err(PyValueError::new_err("the model was fitted again during the call"));
    };
    let (rows, n_rows, width) = (x.rows(), x.n_rows(), fitted.n_classes.unwrap_or(1));
    let scores = all_scores(py, &rows, state.params(), config.fit_intercept, width)?;
    if let Some(place) = scores.iter().position(|score| !score.is_finite()) {
        refuse_bad_row(&rows, place / width)?;
    }
    match (fitted.n_classes, output) {
        (None, Output::Scores) => Ok(PyArray1::from_vec(py, scores).into_any()),
        (None, Output::Probabilities) => {
            let mut both = try_filled(n_rows.saturating_mul(2), T::zero())?;
            for (both, &z) in both.chunks_exact_mut(2).zip(&scores) {
                both.copy_from_slice(&[logistic(-z), logistic(z)]);
            }
            Ok(array2::<T>(py, both, n_rows, 2)?.into_any())
        }
        (None, Output::Prediction) if config.loss.is_classification() => {
            let negative = fitted.negative_label;
            let mut classes = try_filled(n_rows, negative)?;
            for (class, &z) in classes.iter_mut().zip(&scores) {
                if z > T::zero() {
                    *class = 1;
                }
            }
            Ok(PyArray1::from_vec(py, classes).into_any())
        }
        (None, Output::Prediction) => {
            let activation = activation(config.loss);
            let mut predictions = scores;
            predictions.iter_mut().for_each(|z| *z = activation(*z));
            Ok(PyArray1::from_vec(py, predictions).into_any())
        }
        (Some(k), Output::Scores) => Ok(array2(py, scores, n_rows, k)?.into_any()),
        (Some(k), Output::Probabilities) => {
            let mut probabilities = scores;
            for row in probabilities.chunks_exact_mut(k) {
                softmax_in_place(row);
            }
            Ok(array2(py, probabilities, n_rows, k)?.into_any())
        }
        (Some(k), Output::Prediction) => {
            let mut classes = try_filled(n_rows, 0)?;
            for (class, scores) in classes.iter_mut().zip(scores.chunks_exact(k)) {
                *class = largest(scores);
            }
            Ok(PyArray1::from_vec(py, classes).into_any())
        }
    }
}

/// Complains of a NaN or an infinity in a row, if there is one: a score may overflow without.
fn refuse_bad_row<T: Real>(rows: &Rows<'_, T>, row: usize) -> PyResult<()> {
    let row = RowSet::Range(row..row + 1);
    find_bad_value(rows, None, &row).map_or(Ok(()), |bad| Err(bad.into()))
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

/// z of every row: (n, width) in C order.
fn all_scores<T: Real>(
    py: Python<'_>,
    rows: &Rows<'_, T>,
    params: &[T],
    fit_intercept: bool,
    width: usize,
) -> PyResult<Vec<T>> {
    let n_rows = rows.n_rows();
    let mut out = try_filled(n_rows.saturating_mul(width), T::zero())?;
    let mut buffer = rows.buffer()?;
    in_slices(py, n_rows, MOST_ROWS, |range| {
        let out = &mut out[range.start * width..range.end * width];
        scores(rows, &RowSet::Range(range), params, fit_intercept, &mut buffer, out);
        Ok::<_, PyErr>(())
    })?;
    Ok(out)
}

/// R² for real targets, D² for counts, accuracy for classes.
pub fn score<'py>(
    config: &Config,
    fitted: &Fitted,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
) -> PyResult<f64> {
    let py = x.py();
    if fitted.is_function {
        return Err(nothing_to_predict());
    }
    let features = features(fitted, x)?;
    let (n_rows, n_cols) = (features.n_rows(), features.n_cols());
    let predicted = with_features!(features, x => {
        output_in(py, config, fitted, &x, Output::Prediction)
    })?;
    let targets = Targets::<f64>::new(y, config.loss, n_rows)
        .map_err(|error| transposed(error, n_rows, n_cols, y))?;
    let y = targets.column();
    if matches!(targets, Targets::OneHot(..)) {
        // Checked by having been read.
    } else if config.loss == Loss::CrossEntropy {
        // Labels beyond K are misses, not mistakes; what is no label at all is one.
        targets.count_classes(py, Some((super::config::MOST_CLASSES as usize, "fit")))?;
    } else if let Some(row) = first_row(py, &y, |y| !y.is_finite())? {
        return Err(BadValue::Target { row, value: y.get(row) }.into());
    }
    if config.loss.is_classification() {
        let predicted = predicted.cast::<PyArray1<i64>>()?.readonly();
        let predicted = predicted.as_slice()?;
        // A label 0 of the hinge losses is the class that others write −1.
        let is_hit = |class: i64, label: f64| {
            class as f64 == label || (fitted.n_classes.is_none() && class < 1 && label < 1.0)
        };
        let hits = sum(py, n_rows, |row| f64::from(u8::from(is_hit(predicted[row], y.get(row)))))?;
        return Ok(hits / n_rows as f64);
    }
    let predicted = predicted
        .call_method1("astype", (numpy::dtype::<f64>(py),))?
        .cast_into::<PyArray1<f64>>()?;
    let predicted = predicted.readonly();
    let predicted = predicted.as_slice()?;
    let mean = sum(py, n_rows, |row| y.get(row))? / n_rows as f64;
    let deviance = match config.loss.facts().map(|facts| facts.link) {
        Some(Link::Exponential) => half_deviance,
        _ => |y: f64, prediction: f64| (y - prediction).powi(2),
    };
    let residual = sum(py, n_rows, |row| deviance(y.get(row), predicted[row]))?;
    let total = sum(py, n_rows, |row| deviance(y.get(row), mean))?;
    // scikit-learn's r2_score says the same of constant targets.
    Ok(match (residual == 0.0, total == 0.0) {
        (true, true) => 1.0,
        (false, true) => 0.0,
        _ => 1.0 - residual / total,
    })
}
